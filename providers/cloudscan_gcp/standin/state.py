"""What a test gave: resource paths and what is answered there, lists in pages, and projects that are fresh."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from cloudscan_gcp.standin.documents import Method, find
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.schemas import check_answer, properties

Payload = Mapping[str, Any]
_SIZES, _TOKEN = ("maxResults", "pageSize"), "pageToken"
_DEFAULT_PAGE, LARGEST_PAGE = 100, 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, understood: ``path`` holds the path's parameters, ``query`` those of the query (the last of each).

    ``target`` is the path with its query, as it was sent; the headers' names are in lower case.
    """

    method: Method
    target: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def parameter(self, name: str) -> str | None:
        """A parameter of the query, or of the body where a list is asked for by POST."""
        value = self.query.get(name, (self.body or {}).get(name))
        return None if value is None else str(value)


Give = Callable[[Asked], Payload | bytes]


@dataclass(frozen=True, slots=True)
class _Given:
    order: int
    method: str
    segments: tuple[str, ...]
    query: Mapping[str, str]
    checked: bool
    give: Give

    def covers(self, asked: Asked, segments: Sequence[str]) -> bool:
        return (
            self.method == asked.method.id
            and len(segments) == len(self.segments)
            and all(_covers(mine, theirs) for mine, theirs in zip(self.segments, segments, strict=True))
            and all(asked.query.get(name) == value for name, value in self.query.items())
        )


def _place(method: str, segments: Sequence[str]) -> str:
    """Where answers to one path are kept; those with wildcards are kept by the method alone."""
    return " ".join((method, *segments))


def _covers(mine: str, theirs: str) -> bool:
    """Whether a segment is another one; "*" is any, also before a verb."""
    return mine == theirs or (mine.startswith("*") and theirs.endswith(mine[1:]))


class State:
    """Answers by path. The latest that covers a request wins."""

    def __init__(self) -> None:
        self._given: dict[str, list[_Given]] = defaultdict(list)
        self._order = itertools.count()
        self._fresh: list[str] = []

    def answer(self, path: str, payload: Payload | bytes | GoogleError | Give, api: str | None, query: Payload) -> None:
        """Give an answer; see :meth:`cloudscan_gcp.standin.server.Endpoint.answer`."""
        method, segments = _method(path, api)
        if callable(payload):
            self._add(method, segments, query, payload, checked=False)
        elif isinstance(payload, GoogleError):
            error = payload

            def refuse(_: Asked) -> Payload:
                raise error

            self._add(method, segments, query, refuse, checked=True)
        else:
            if not isinstance(payload, bytes):
                check_answer(method, payload)
            fixed = payload
            self._add(method, segments, query, lambda _: fixed, checked=True)

    def pages(
        self, path: str, items: Sequence[Any], api: str | None, query: Payload, name: str | None, largest: int
    ) -> None:
        """Give a list; see :meth:`cloudscan_gcp.standin.server.Endpoint.pages`."""
        method, segments = _method(path, api)
        listed = name or _list_name(method)
        check_answer(method, {listed: list(items)})
        self._add(method, segments, query, lambda asked: page(asked, listed, items, largest), checked=True)

    def fresh(self, names: Sequence[str]) -> None:
        """Have lists that nobody gave below these resources be empty."""
        self._fresh += names

    def find(self, candidates: Sequence[Asked], segments: Sequence[str]) -> tuple[Asked, Give, bool] | None:
        """Return what a request means, its answer, and whether that was held to the schema already."""
        plain = [unquote(segment) for segment in segments]
        covering = (
            (given.order, asked, given)
            for asked in candidates
            for given in (*self._given[_place(asked.method.id, plain)], *self._given[asked.method.id])
            if given.covers(asked, plain)
        )
        latest = max(covering, key=lambda each: each[0], default=None)
        if latest is not None:
            return latest[1], latest[2].give, latest[2].checked
        for asked in candidates:
            if self._is_fresh(asked, plain):
                return asked, lambda asked: page(asked, "", (), LARGEST_PAGE), True
        return None

    def _is_fresh(self, asked: Asked, segments: Sequence[str]) -> bool:
        verb = asked.method.id.rpartition(".")[2].lower()
        if "list" not in verb and "search" not in verb:
            return False
        path = "/" + "/".join(segments) + "/"
        parents = {f"projects/{asked.query.get('project')}", asked.query.get("parent")}
        return any(f"/{name}/" in path or name in parents for name in self._fresh)

    def _add(self, method: Method, segments: Sequence[str], query: Payload, give: Give, *, checked: bool) -> None:
        plain = tuple(unquote(segment) for segment in segments)
        narrowed = {name: str(each) for name, each in query.items()}
        made = _Given(next(self._order), method.id, plain, narrowed, checked, give)
        wild = any(each.startswith("*") for each in plain)
        self._given[method.id if wild else _place(method.id, plain)].append(made)


def _method(path: str, api: str | None) -> tuple[Method, list[str]]:
    """The one method that a path means; a reading one unless the path says otherwise ("PATCH /storage/...")."""
    http, _, rest = path.rpartition(" ")
    segments = rest.strip("/").split("/")
    for verb in (http,) if http else ("GET", "POST"):
        found = find(verb, segments, api)
        if len({each.document for each in found}) > 1:
            raise ValueError(f"{path} is a path of {', '.join(each.id for each in found)}; name the api")
        if found:
            return found[0], segments
    raise ValueError(f"no method of Google's has the path {path}")


def _list_name(method: Method) -> str:
    """The member of a method's answer that holds the list; ValueError if none does, or several may."""
    members = properties(method.document, method.response) if method.response else {}
    lists = [name for name, each in members.items() if each.get("type") == "array" and "$ref" in each["items"]]
    if len(lists) != 1:
        raise ValueError(f"{method.id} answers the lists {lists}; name the one that is paged")
    return lists[0]


def page(asked: Asked, listed: str, items: Sequence[Any], largest: int = LARGEST_PAGE) -> Payload:
    """One page: as many items as were asked for and no more than the largest page; Google leaves empty lists out.

    A method without page tokens answers everything.
    Raises GoogleError for a page token of another request.
    """
    method = asked.method
    members = properties(method.document, method.response or "")
    start, end = 0, len(items)
    if "nextPageToken" in members:
        start = _offset(asked)
        end = start + min(_size(asked), largest)
    made: dict[str, Any] = {}
    if kind := members.get("kind", {}).get("default"):
        made["kind"] = kind
    if items[start:end]:
        made[listed] = list(items[start:end])
    if end < len(items):
        made["nextPageToken"] = base64.urlsafe_b64encode(f"{end}:{_question(asked)}".encode()).decode()
    return made


def _size(asked: Asked) -> int:
    for name in _SIZES:
        default = asked.method.parameters.get(name, {}).get("default")
        if asked_for := int(asked.parameter(name) or default or 0):
            return min(asked_for, LARGEST_PAGE)
    return _DEFAULT_PAGE


def _offset(asked: Asked) -> int:
    token = asked.parameter(_TOKEN)
    if not token:
        return 0
    try:
        start, _, question = base64.urlsafe_b64decode(token).decode().partition(":")
        if question == _question(asked):
            return int(start)
    except ValueError:
        pass
    raise GoogleError(400, "The page token is invalid, or was given to another request.")


def _question(asked: Asked) -> str:
    """What a page token stands for: the request without what may differ between pages."""
    free = {_TOKEN, *_SIZES}
    parts = [asked.method.id, dict(asked.path)]
    parts += [
        {name: value for name, value in part.items() if name not in free} for part in (asked.query, asked.body or {})
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
