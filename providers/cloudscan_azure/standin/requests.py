"""Read a request as Azure's references describe it, and refuse what they do not allow or what a scanner may not ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from cloudscan_azure.standin.errors import Forbidden, Refused
from cloudscan_azure.standin.operations import Operation, find
from cloudscan_azure.standin.state import Asked

_ODATA = "$filter $top $skiptoken $expand $select $search"
_QUERY: Mapping[str, frozenset[str]] = {
    service: frozenset(names.split())
    for service, names in {
        "arm": f"api-version {_ODATA} $maxpagesize $include $recurse $view $expandregistrationdefinition",
        "graph": f"{_ODATA} $count $orderby",
        "speech": "api-version skip top filter sasvalidityinseconds saslifetimeminutes",
        "vault": "api-version maxresults $skiptoken",
    }.items()
}
"""The parameters of the query that each service takes, in small letters."""


def understand(verb: str, target: str, headers: Mapping[str, str], body: bytes, url: str) -> Asked:
    """Return what a request means.

    Raises Refused for one that Azure does not have or not so, and Forbidden for one that does more than read.
    """
    path, _, query = target.partition("?")
    path = unquote(path)
    operation = find(verb, path)
    if operation is None:
        if verb != "GET" or "/secrets/" in path:
            raise Forbidden(403, "ReadOnly", f"a scanner does not ask {verb} {path}")
        raise Refused(404, "InvalidResourceType", f"no operation that is known here is {verb} {path}")
    given = parse_qsl(query, keep_blank_values=True)
    names = [name.lower() for name, _ in given]
    if wrong := sorted({name for name in names if name not in _QUERY[operation.service] or names.count(name) > 1}):
        raise Refused(400, "InvalidQueryParameter", f"{operation.id}: {', '.join(wrong)} is unknown or repeated")
    # System parameters of OData are compared without case; nextLinks of Azure spell them both ways.
    asked = {name.lower(): value for name, value in given}
    _check_version(operation, asked.get("api-version"))
    return Asked(operation, path, asked, _body(operation, body), dict(headers), url)


def _check_version(operation: Operation, told: str | None) -> None:
    if not operation.versions:
        if told is not None:
            raise Refused(400, "InvalidQueryParameter", f"{operation.id} takes no api-version")
    elif told is None:
        said = "The api-version query parameter (?api-version=) is required for all requests."
        raise Refused(400, "MissingApiVersionParameter", said)
    elif told not in operation.versions:
        known = ", ".join(sorted(operation.versions))
        said = f"The api-version '{told}' is invalid for {operation.id}. The supported versions are '{known}'."
        raise Refused(400, "InvalidApiVersionParameter", said)


def _body(operation: Operation, body: bytes) -> Mapping[str, Any] | None:
    if operation.verb == "GET" and body:
        raise Refused(400, "InvalidRequestContent", f"{operation.id} takes no body")
    try:
        read = json.loads(body) if body else None
    except ValueError as error:
        raise Refused(400, "InvalidRequestContent", f"the body is no JSON: {error}") from error
    if read is not None and not isinstance(read, dict):
        raise Refused(400, "InvalidRequestContent", "the body is no object")
    return read
