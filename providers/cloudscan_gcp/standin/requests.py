"""Read a request as Google's documents describe it, and refuse what they do not allow."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from cloudscan_gcp.standin import masks
from cloudscan_gcp.standin.documents import Method, find
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.schemas import NotAllowed, check_request, parameter
from cloudscan_gcp.standin.state import Asked

_HOST = re.compile(
    r"^(?:(?P<before>[a-z]+(?:-[a-z]+\d*)?)-)?(?P<api>[a-z0-9]+)(?:\.(?P<after>[\w-]+)\.rep)?\.googleapis\.com(?::\d+)?$"
)
_REGIONAL = {"dialogflow": ("global", "-")}
"""APIs that tell of resources at the endpoint of their location only, but for these ("Regionalization", Dialogflow)."""
_SYSTEM = {"$alt", "$prettyPrint", "$fields"}
"""Query parameters that every Google API takes under a second name ("Cloud APIs: System parameters")."""


def understand(
    http: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[Sequence[Asked], Sequence[str]]:
    """Return what a request may mean, one reading for each API that has its path, and the path's segments.

    An API that the host or the first segment names is the only one. Raises GoogleError for a request that no method of
    Google's allows.
    """
    path, _, query = target.partition("?")
    segments = path.strip("/").split("/")
    named = _HOST.match(headers.get("host", ""))
    if first := _HOST.match(segments[0]):
        named, segments = first, segments[1:]
    if wrong := _misplaced(named, path):
        raise GoogleError(400, wrong)
    media = segments[0] == "download"  # where media lie ("useMediaDownloadService")
    segments = segments[1:] if media else segments
    readings: list[Asked] = []
    problem: str = f"no method of Google's is {http} {path}"
    code = 404
    for method in find(http, segments, named["api"] if named else None):
        if media and not method.media:
            continue
        try:
            readings.append(_reading(method, target, segments, query, headers, body))
        except ValueError as error:
            code, problem = 400, f"{method.id}: {error}"
    if not readings:
        raise GoogleError(code, problem)
    return readings, segments


def _misplaced(named: re.Match[str] | None, path: str) -> str:
    """Why an endpoint does not hold what a path names, or nothing."""
    place = re.search(r"/locations/([^/:?]+)", path)
    if named is None or place is None:
        return ""
    endpoint = named["before"] or named["after"]
    if endpoint and place[1] not in (endpoint, "-"):
        return f"{named[0]} holds nothing of {place[1]}"
    if not endpoint and place[1] not in _REGIONAL.get(named["api"], (place[1],)):
        return f"{place[1]} has an endpoint of its own, and {named[0]} does not answer for it"
    return ""


def _reading(
    method: Method, target: str, segments: Sequence[str], query: str, headers: Mapping[str, str], body: bytes
) -> Asked:
    path = method.values(segments)
    given = parse_qsl(query, keep_blank_values=True)
    _check_query(method, given)
    read: Any = None
    if body:
        try:
            read = json.loads(body)
        except ValueError as error:
            raise NotAllowed(f"the body is no JSON: {error}") from error
    check_request(method, read)
    if mask := dict(given).get("fields"):
        masks.read(mask)
    return Asked(method, target, path, dict(given), read, dict(headers))


def _check_query(method: Method, given: Sequence[tuple[str, str]]) -> None:
    """Raise NotAllowed for an unknown, a missing, a repeated or a malformed parameter of the query."""
    seen: set[str] = set()
    for name, value in given:
        if name in _SYSTEM:
            continue
        described = method.parameters.get(name)
        if described is None or described["location"] != "query":
            raise NotAllowed(f"unknown query parameter {name!r}")
        if name in seen and not described.get("repeated"):
            raise NotAllowed(f"query parameter {name!r} is given twice")
        seen.add(name)
        if problem := next(parameter(described).iter_errors(value), None):
            raise NotAllowed(f"query parameter {name!r}: {problem.message}")
    for name, described in method.parameters.items():
        if described.get("required") and described["location"] == "query" and name not in seen:
            raise NotAllowed(f"query parameter {name!r} is required")
