"""Google's discovery documents: which method a request asks for, and what its parameters may be."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

APIS: Mapping[str, str] = {
    "storage": "v1",
    "cloudresourcemanager": "v3",
    "cloudresourcemanager.v1": "v1",
    "iam": "v1",
    "iam.v2": "v2",
    "iamcredentials": "v1",
    "cloudidentity": "v1",
    "cloudasset": "v1",
    "orgpolicy": "v2",
    "accesscontextmanager": "v1",
    "serviceusage": "v1",
    "cloudkms": "v1",
    "logging": "v2",
    "storagetransfer": "v1",
    "speech": "v1",
    "contactcenterinsights": "v1",
    "dialogflow": "v3",
    "dialogflow.v2": "v2",
    "firebaserules": "v1",
    "firebasestorage": "v1beta",
    "compute": "v1",
    "cloudfunctions": "v2",
    "cloudfunctions.v1": "v1",
    "run": "v2",
    "run.v1": "v1",
    "cloudbuild": "v1",
    "cloudscheduler": "v1",
    "batch": "v1",
    "sts": "v1",
    "oauth2": "v2",
}
"""The documents that are served: API, with its version where it has two, and version."""

_PLACEHOLDER = re.compile(r"\{\+?([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API, as its document describes it. ``document`` names the document in :data:`APIS`."""

    document: str
    id: str
    http: str
    template: tuple[str, ...]
    path: str
    parameters: Mapping[str, Mapping[str, Any]]
    request: str | None
    response: str | None
    media: bool

    @property
    def api(self) -> str:
        """The API's name, as in ``storage``."""
        return self.document.partition(".")[0]

    def takes(self, segments: Sequence[str]) -> bool:
        """Whether a path, in segments that are still percent-encoded, is one of this method's."""
        return len(segments) == len(self.template) and all(
            self._fits(pattern, given) for pattern, given in zip(self.template, segments, strict=True)
        )

    def _fits(self, pattern: str, given: str) -> bool:
        if not pattern.startswith("{"):
            return pattern == given
        verb = pattern.partition("}")[2]
        said = given[given.rfind(":") :] if ":" in given else ""
        return (said == verb if verb or said in _verbs() else True) and len(given) > len(verb)

    def values(self, segments: Sequence[str]) -> dict[str, str]:
        """Return the parameters that the path holds, decoded.

        Raises ValueError for one that its pattern does not allow.
        """
        matched = _matcher(self.path).fullmatch("/".join(segments))
        if matched is None:
            raise ValueError(f"the path is none of {self.id}")
        names = _PLACEHOLDER.findall(self.path)
        found = dict(zip(names, (unquote(value) for value in matched.groups()), strict=True))
        for name, value in found.items():
            pattern = self.parameters.get(name, {}).get("pattern")
            if pattern and "%2F" not in matched.group(0) and not re.search(pattern, value):
                raise ValueError(f"{name}={value!r} does not match {pattern}")
        return found


@functools.cache
def document(name: str) -> dict[str, Any]:
    """Return the discovery document of an API of :data:`APIS`; KeyError for another."""
    place = files("googleapiclient.discovery_cache").joinpath("documents")
    found: dict[str, Any] = json.loads(place.joinpath(f"{name.partition('.')[0]}.{APIS[name]}.json").read_bytes())
    return found


@functools.cache
def methods() -> Mapping[tuple[str, int], Sequence[Method]]:
    """Return every method, by its HTTP method and the number of segments of its path."""
    found: dict[tuple[str, int], list[Method]] = {}
    for name in APIS:
        for method in _methods(name):
            found.setdefault((method.http, len(method.template)), []).append(method)
    return found


def find(http: str, segments: Sequence[str], api: str | None = None) -> list[Method]:
    """Return the methods that a request may mean, of this API or of any; more literal paths first."""
    fitting = [each for each in methods().get((http, len(segments)), ()) if each.takes(segments)]
    named = [each for each in fitting if api is None or each.api == api]
    return sorted(named, key=lambda each: sum(segment.startswith("{") for segment in each.template))


@functools.cache
def ids() -> frozenset[str]:
    """Return the ids of every method, such as ``storage.buckets.list``."""
    return frozenset(each.id for several in methods().values() for each in several)


def _methods(name: str) -> Iterator[Method]:
    described = document(name)
    for each in _walk(described):
        template = described["servicePath"] + each.get("flatPath", each["path"])
        yield Method(
            document=name,
            id=each["id"],
            http=each["httpMethod"],
            template=tuple(template.split("/")),
            path=described["servicePath"] + each["path"],
            parameters=described["parameters"] | each.get("parameters", {}),
            request=each.get("request", {}).get("$ref"),
            response=each.get("response", {}).get("$ref"),
            media=each.get("supportsMediaDownload", False),
        )


@functools.cache
def _verbs() -> frozenset[str]:
    """The verbs of all APIs (``:getIamPolicy``): no name ends with one."""
    paths = (each["path"].rpartition(":") for name in APIS for each in _walk(document(name)))
    return frozenset(":" + verb for _, colon, verb in paths if colon and "}" not in verb)


def _walk(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from node.get("methods", {}).values()
    for below in node.get("resources", {}).values():
        yield from _walk(below)


@functools.cache
def _matcher(path: str) -> re.Pattern[str]:
    """A pattern of a method's path with a group for every parameter; ``{+name}`` may hold slashes."""
    text, at = "", 0
    for placeholder in _PLACEHOLDER.finditer(path):
        text += re.escape(path[at : placeholder.start()])
        text += "(.+)" if placeholder.group().startswith("{+") else "([^/]+)"
        at = placeholder.end()
    return re.compile(text + re.escape(path[at:]))
