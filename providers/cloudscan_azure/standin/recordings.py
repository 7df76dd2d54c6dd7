"""What Azure Resource Manager really answered: the recordings in source distributions of Microsoft's older libraries.

They are of 2020 and 2021, with ids and names replaced by their authors, and know nothing of properties that came later:
what reads them has to say of these that they are not known. ``make test`` fetches them; they are not part of this
project.
"""

from __future__ import annotations

import functools
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from cloudscan_azure.standin.operations import find
from cloudscan_azure.standin.state import recorded_token

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
"""The id that all recordings have for their subscription."""
_FOLDER = Path(__file__).parents[3] / "build" / "recordings"
_OK = 200
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Pages = Mapping[str, Mapping[str, Any]]
"""What was answered to one path: the body by the skip token of its request, "" for the first page."""


def missing() -> str:
    """Say why there are no recordings here, and what to do; "" where there are."""
    wanted = (Path(__file__).with_name("recordings.txt")).read_text(encoding="utf-8").splitlines()
    names = [line.partition("==") for line in wanted if not line.startswith("#")]
    absent = [f"{name} {version}" for name, _, version in names if not (_FOLDER / f"{name}-{version}.zip").exists()]
    if absent:
        return f"the recordings of {', '.join(absent)} are not there; `make test` fetches them where it can"
    return ""


@functools.cache
def recorded() -> Mapping[str, Pages]:
    """Return what was answered with success to requests that the stand-in knows, by path in small letters.

    Of several answers to one request, the one is kept whose next page was recorded too, else that which says most: what
    was asked before all was made says least.
    """
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for request, body in _answers():
        path = unquote(urlsplit(request).path).lower()
        if find("GET", path) is not None:
            found.setdefault(path, {}).setdefault(_token(request), []).append(body)
    return {path: {token: _best(bodies, pages) for token, bodies in pages.items()} for path, pages in found.items()}


def _token(link: str) -> str:
    query = {name.lower(): value for name, value in parse_qsl(urlsplit(link).query)}
    return recorded_token(query.get("$skiptoken", ""))


def _best(bodies: Sequence[Mapping[str, Any]], pages: Collection[str]) -> Mapping[str, Any]:
    def worth(body: Mapping[str, Any]) -> tuple[bool, int]:
        return _token(body.get("nextLink") or "") in {"", *pages}, len(str(body))

    return max(bodies, key=worth)


def _answers() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for archive in sorted(_FOLDER.glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            for name in sorted(opened.namelist()):
                if "/recordings/" in name and name.endswith(".yaml"):
                    yield from _read(opened.read(name))


def _read(cassette: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in yaml.load(cassette, _LOADER)["interactions"]:  # noqa: S506 - both loaders are safe ones
        asked, told = each["request"], each["response"]
        if asked["method"] == "GET" and told["status"]["code"] == _OK:
            yield asked["uri"], json.loads(told["body"]["string"])
