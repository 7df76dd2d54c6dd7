"""The endpoint: Google's REST APIs, and Speech-to-Text v2 over gRPC, on one loopback port."""

from __future__ import annotations

import contextlib
import http.client
import json
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from cloudscan.standin.listener import Reply, serving
from cloudscan.standin.passing import pass_on
from cloudscan_gcp.standin import masks
from cloudscan_gcp.standin.credentials import exchange
from cloudscan_gcp.standin.documents import ids
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.faults import Faults
from cloudscan_gcp.standin.listener import Listener
from cloudscan_gcp.standin.requests import understand
from cloudscan_gcp.standin.schemas import NotAllowed, check_answer
from cloudscan_gcp.standin.state import LARGEST_PAGE, Asked, Give, Payload, State

Change = Callable[[Asked, dict[str, Any]], Payload]

Xml = Callable[[Mapping[str, str]], bytes]


class Endpoint:
    """Google Cloud on a loopback port, from ``with`` to the end of its block.

    ``url`` is what clients take as their endpoint. ``requests`` counts what was asked, by the method's id.
    ``refused`` says which requests Google's documents do not allow, ``unanswered`` which nobody gave an answer for
    (501), and ``crashes`` holds the tracebacks of answers that broke or that Google's schemas do not allow (500).
    ``storage`` is the address of an emulator of Cloud Storage that is asked for what nobody gave an answer for;
    ``grpc`` that of a gRPC server which the same port passes on to.
    """

    def __init__(self, *, storage: str = "", grpc: str = "") -> None:
        self.url = ""
        self.requests: Counter[str] = Counter()
        self.refused: list[str] = []
        self.unanswered: list[str] = []
        self.crashes: list[str] = []
        self.faults = Faults(ids())
        self.storage = storage
        self.grpc = grpc
        self._state = State()
        self._changes: dict[str, list[Change]] = {}
        self._undocumented: dict[str, Payload | GoogleError | Xml] = {}
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start to serve."""
        self.url = self._open.enter_context(serving(Listener(self)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def answer(
        self, path: str, payload: Payload | bytes | GoogleError | Give, *, api: str | None = None, **query: object
    ) -> None:
        """Answer requests for a path with a payload, an error, media, or what a function makes of the request.

        The path is the API's own, percent-encoded, such as ``/v3/projects/acme:getIamPolicy``; a segment ``*`` stands
        for any, and a first word for another HTTP method than that of the reading one (``PATCH /storage/v1/b/x``).
        ``query`` narrows to requests with these parameters. The latest answer that covers a request wins. A payload is
        checked here, what a function returns when it returns; it may raise
        :class:`~cloudscan_gcp.standin.errors.GoogleError`.
        Raises :class:`~cloudscan_gcp.standin.schemas.NotAllowed` for a payload that Google's schema does not allow,
        ValueError for a path that none of Google's methods has, or that several APIs have while ``api`` names none.
        """
        self._state.answer(path, payload, api, query)

    def pages(
        self,
        path: str,
        items: Sequence[Any],
        *,
        api: str | None = None,
        name: str | None = None,
        largest: int = LARGEST_PAGE,
        **query: object,
    ) -> None:
        """Answer requests for a list, in pages of the size that is asked for and never more than ``largest``.

        A page token stands for the request that it was given to; with another it is refused. ``name`` is the member
        that holds the list, where the schema leaves a choice. Raises as :meth:`answer` does.
        """
        self._state.pages(path, items, api, query, name, largest)

    def patch(self, method: str, change: Change) -> None:
        """Pass what the emulator of Cloud Storage answers to a method through a function of request and payload.

        Patches add up, the latest first.
        """
        self._changes.setdefault(method, []).insert(0, change)

    def undocumented(self, path: str, payload: Payload | GoogleError | Xml) -> None:
        """Answer GET of a path whose API has no discovery document; nothing is held to a schema.

        So have IAM v3, Privileged Access Manager and Cloud Storage's XML API, whose answer is a function of the query.
        ``requests`` counts it by its path.
        """
        self._undocumented[path.strip("/")] = payload

    def fresh(self, *names: str) -> None:
        """Have lists below these resources (``projects/acme``) be empty unless somebody gave them."""
        self._state.fresh(names)
        for name in names:
            self._undocumented.setdefault(f"v1/{name}/locations/global/entitlements", {})

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request, whose headers have names in lower case; what breaks is a crash and a 500."""
        try:
            return self._reply(verb, target, headers, body)
        except GoogleError as error:
            self.refused.append(f"{verb} {target}: {error.message}")
            return _refusal(error, target.strip("/").partition("/")[0])
        except Exception:  # noqa: BLE001 - whatever a test's function raises
            self.crashes.append(traceback.format_exc())
            return _refusal(GoogleError(500, "the stand-in broke"), "")

    def _reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if (verb, target) == ("POST", "/token"):
            self.requests["token"] += 1
            return 200, {"Content-Type": "application/json"}, json.dumps(exchange(body)).encode()
        if self.storage and target.startswith(("/upload/", "/batch/")):
            return pass_on(self.storage, verb, target, headers, body)
        path = target.partition("?")[0].strip("/")
        if verb == "GET" and path in self._undocumented:
            self.requests[path] += 1
            told = self._undocumented[path]
            if isinstance(told, GoogleError):
                return _refusal(told, "")
            if callable(told):
                return 200, {"Content-Type": "application/xml"}, told(dict(parse_qsl(target.partition("?")[2])))
            return 200, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(told).encode()
        readings, segments = understand(verb, target, headers, body)
        found = self._state.find(readings, segments)
        asked = found[0] if found else readings[0]
        self.requests[asked.method.id] += 1
        struck = self.faults.strike(asked.method.id, asked.method.api, target)
        if isinstance(struck, GoogleError):
            return _refusal(struck, asked.method.api)
        if struck is not None:
            return 200, {"Content-Type": "text/html"}, struck
        if found:
            return _give(asked, found[1], checked=found[2])
        if self.storage and asked.method.api == "storage":
            return self._emulated(asked, verb, headers, body)
        self.unanswered.append(f"{verb} {target}")
        return _refusal(GoogleError(501, f"nobody gave an answer for {verb} {target}"), asked.method.api)

    def _emulated(self, asked: Asked, verb: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """What the emulator answers, with the change that somebody wants."""
        status, told, content = pass_on(self.storage, verb, asked.target, headers, body)
        changes = self._changes.get(asked.method.id, ())
        if not changes or status != http.client.OK or asked.query.get("alt") == "media":
            return status, told, content

        def changed(asked: Asked) -> Payload:
            payload: Payload = json.loads(content)
            for change in changes:
                payload = change(asked, dict(payload))
            return payload

        return _give(asked, changed, checked=False)


def _give(asked: Asked, give: Give, *, checked: bool) -> Reply:
    try:
        payload = give(asked)
        if isinstance(payload, bytes):
            return _media(asked, payload)
        if not checked:
            check_answer(asked.method, payload)
    except GoogleError as error:
        return _refusal(error, asked.method.api)
    if mask := asked.query.get("fields"):
        payload = masks.apply(masks.read(mask), payload)
    return 200, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(payload).encode()


def _media(asked: Asked, content: bytes) -> Reply:
    """An object's bytes, or the range of them that is asked for."""
    if not asked.method.media or asked.query.get("alt") != "media":
        raise NotAllowed(f"{asked.method.id} was given media, and is asked for {asked.query.get('alt', 'JSON')}")
    kind = {"Content-Type": "application/octet-stream"}
    first, dash, last = asked.headers.get("range", "").removeprefix("bytes=").partition("-")
    if not dash:
        return 200, kind, content
    start = int(first) if first else max(0, len(content) - int(last))
    end = min(int(last) + 1, len(content)) if first and last else len(content)
    if start >= len(content):
        return 416, kind | {"Content-Range": f"bytes */{len(content)}"}, b""
    return 206, kind | {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}, content[start:end]


def _refusal(error: GoogleError, api: str) -> Reply:
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return error.code, headers, json.dumps(error.body(api)).encode()
