"""What a test gave: paths and what is answered there, lists in pages, and scopes below which nothing is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cloudscan_azure.standin.errors import AzureError, Refused
from cloudscan_azure.standin.operations import Operation, find
from cloudscan_azure.standin.schemas import check

Payload = Mapping[str, Any]
LARGEST = 1000
"""How many entries a page has at most, unless the test says otherwise."""
_TOKENS = {"arm": "$skiptoken", "graph": "$skiptoken", "vault": "$skiptoken", "speech": "skip"}
_SIZES = {"arm": "$top", "graph": "$top", "vault": "maxresults", "speech": "top"}
_DEFAULTS = {"arm": LARGEST, "graph": 100, "vault": 25, "speech": 100}
_LINKS = {"arm": "nextLink", "graph": "@odata.nextLink", "vault": "nextLink", "speech": "@nextLink"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, understood. ``path`` is as it was sent, without the query; the headers' names are in lower case."""

    operation: Operation
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    """The address of the stand-in."""


Give = Callable[[Asked], Payload]


class State:
    """Answers by path, which are compared without case; the latest wins."""

    def __init__(self, *, held: bool) -> None:
        """``held`` is whether answers are held to the schemas of Azure's libraries."""
        self._held = held
        self._given: dict[str, Give] = {}
        self._fresh: list[str] = []

    def answer(self, path: str, payload: Payload | AzureError | Give) -> None:
        """Give an answer; see :meth:`cloudscan_azure.standin.server.Standin.answer`."""
        operation, key = _operation(path)
        if isinstance(payload, AzureError):
            error = payload

            def refuse(_: Asked) -> Payload:
                raise error

            self._given[key] = refuse
        elif callable(payload):
            give = payload

            def checked(asked: Asked) -> Payload:
                made = give(asked)
                self._check(operation, made)
                return made

            self._given[key] = checked
        else:
            fixed = payload
            self._check(operation, fixed)
            self._given[key] = lambda _: fixed

    def pages(self, path: str, items: Sequence[Any], largest: int) -> None:
        """Give a list; see :meth:`cloudscan_azure.standin.server.Standin.pages`."""
        operation, key = _operation(path)
        if not operation.listed:
            raise ValueError(f"{operation.id} answers no list")
        self._check(operation, {operation.listed: list(items)})
        self._given[key] = lambda asked: page(asked, items, largest)

    def replay(self, path: str, pages: Mapping[str, Payload]) -> None:
        """Give what Azure answered; see :meth:`cloudscan_azure.standin.server.Standin.replay`."""
        self._given[_operation(path)[1]] = lambda asked: _replayed(asked, pages)

    def fresh(self, paths: Sequence[str]) -> None:
        """Have nothing be below these paths, but for what is given."""
        self._fresh += [f"{path.rstrip('/').lower()}/" for path in paths]

    def find(self, asked: Asked) -> Give | None:
        """Return the answer to a request."""
        key = _key(asked.operation.verb, asked.path)
        if key in self._given:
            return self._given[key]
        if any(f"{asked.path.lower()}/".startswith(each) for each in self._fresh):
            return _nothing
        return None

    def _check(self, operation: Operation, payload: Payload) -> None:
        if self._held:
            check(operation, payload)


def page(asked: Asked, items: Sequence[Any], largest: int = LARGEST) -> Payload:
    """Return one page, with the absolute address of the next one on the stand-in's own host.

    Raises Refused for a token of another request.
    """
    service = asked.operation.service
    start = _offset(asked, _TOKENS[service])
    size = min(int(asked.query.get(_SIZES[service]) or _DEFAULTS[service]), largest)
    made: dict[str, Any] = {asked.operation.listed: list(items[start : start + size])}
    if service == "graph":
        made["@odata.context"] = f"https://graph.microsoft.com/v1.0/$metadata#{asked.operation.id.partition('_')[0]}"
    if start + size < len(items):
        made[_LINKS[service]] = _next(asked, start + size)
    elif service == "vault":
        made["nextLink"] = None  # a vault tells that there is no more
    return made


def recorded_token(token: str) -> str:
    """Return a skip token as recordings have it: what made them left single slashes of double ones in addresses."""
    return re.sub("/+", "/", token)


def _replayed(asked: Asked, pages: Mapping[str, Payload]) -> Payload:
    """A page as it was recorded, but that the next one is on this host."""
    token = recorded_token(asked.query.get(_TOKENS["arm"], ""))
    if token not in pages:
        raise Refused(400, "InvalidSkipToken", "The skip token was not recorded.")
    told = dict(pages[token])
    if link := told.get("nextLink"):
        place = urlsplit(link)
        told["nextLink"] = f"{asked.url}{place.path}?{place.query}"
    return told


def _next(asked: Asked, start: int) -> str:
    service = asked.operation.service
    token = str(start)
    if service != "speech":
        token = base64.urlsafe_b64encode(f"{start}:{_question(asked)}".encode()).decode()
    query = {**asked.query, _TOKENS[service]: token}
    return f"{asked.url}{quote(asked.path, safe='/%:()$,')}?{urlencode(query, safe='$')}"


def _offset(asked: Asked, name: str) -> int:
    told = asked.query.get(name, "")
    if not told:
        return 0
    if asked.operation.service == "speech" and told.isdigit():
        return int(told)
    try:
        start, _, question = base64.urlsafe_b64decode(told).decode().partition(":")
        if question == _question(asked):
            return int(start)
    except ValueError:
        pass
    raise Refused(400, "InvalidSkipToken", "The skip token is invalid, or was given to another request.")


def _question(asked: Asked) -> str:
    """What a token stands for: the request without the token."""
    rest = {name: value for name, value in asked.query.items() if name not in _TOKENS.values()}
    return hashlib.sha256(json.dumps([asked.path.lower(), rest, asked.body], sort_keys=True).encode()).hexdigest()[:16]


def _operation(path: str) -> tuple[Operation, str]:
    verb, _, rest = path.rpartition(" ")
    operation = find(verb or "GET", rest)
    if operation is None:
        raise ValueError(f"no operation that is known here has the path {path}")
    return operation, _key(operation.verb, rest)


def _key(verb: str, path: str) -> str:
    return f"{verb} /{path.strip('/').lower()}"


def _nothing(asked: Asked) -> Payload:
    if asked.operation.listed:
        return page(asked, ())
    raise AzureError(404, "ResourceNotFound", f"The Resource '{asked.path}' was not found.")
