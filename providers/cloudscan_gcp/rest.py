"""Google's REST APIs over one HTTP session: paging, retries, one explicit deadline. No SDK knows more than this."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import requests
from google.api_core import exceptions

from cloudscan.model import Why
from cloudscan.providing.questions import Malformed, Turned, parsed
from cloudscan_gcp.codes import fault_of
from cloudscan_gcp.http import TIMEOUT, Http

LOCATION = re.compile(r"[a-z0-9-]+", re.IGNORECASE | re.ASCII)
"""How locations are called: Google tells them, and a token goes to the host that is called like one."""
_RETRIED = {408, 429, 500, 502, 503, 504}
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 32.0
"""Seconds, doubled from the one to the other ("Retry strategy", Cloud Storage documentation)."""


class Rest:
    """Asks Google's REST APIs.

    With an ``endpoint`` of the user's own, everything goes there, and the ``Host`` header names the service that is
    meant. ``deadline`` is for how many seconds a request is tried again; with 0 it is made once.
    """

    def __init__(self, http: Http, endpoint: str | None, deadline: float) -> None:
        self._http, self._endpoint, self._deadline = http, endpoint, deadline

    def call(
        self,
        service: str,
        path: str,
        *,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        location: str = "",
        payer: str = "",
    ) -> dict[str, Any]:
        """Make one request and return its answer.

        ``service`` is the first word of the API's host, ``location`` the one of a regional endpoint. ``payer`` is the
        project that the request counts against, where the credentials name none.
        Raises google.api_core's GoogleAPICallError, what requests and google-auth raise, and :class:`Malformed`.
        """
        response = self._answered(method, service, path, query, body, location, payer)
        payload = parsed(response.content)
        if isinstance(payload.get("error"), dict):  # no resource that is asked for by itself has one
            raise Malformed("an error in place of an answer")
        return payload

    def text(self, service: str, path: str, query: Mapping[str, Any]) -> bytes:
        """Make one request and return what was answered, as it came. Raises as :meth:`call` does."""
        content: bytes = self._answered("GET", service, path, query, None).content
        return content

    def pages(
        self,
        service: str,
        path: str,
        *,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        location: str = "",
        payer: str = "",
    ) -> Iterator[dict[str, Any]]:
        """Yield the pages of a list, by ``nextPageToken``. Raises as :meth:`call` does.

        A list that names a page twice would go on for ever: it is :class:`Malformed`.
        """
        token, turned = "", Turned()
        while True:
            turn = {"pageToken": token} if token else {}
            asked = (
                {"query": query, "body": {**body, **turn}} if body is not None else {"query": {**(query or {}), **turn}}
            )
            page = self.call(service, path, method=method, location=location, payer=payer, **asked)
            yield page
            further = page.get("nextPageToken")
            if not further:
                return
            token = turned.to(further)

    def _answered(
        self,
        method: str,
        service: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        location: str = "",
        payer: str = "",
    ) -> requests.Response:
        """Make a request until it is answered, or refused for good, or the deadline is over."""
        if location and not LOCATION.fullmatch(location):
            raise Malformed("its location has no name that one can have")
        host = f"{location}-{service}.googleapis.com" if location else f"{service}.googleapis.com"
        url = f"{self._endpoint.rstrip('/') if self._endpoint else f'https://{host}'}/{path}"
        headers = {"Host": host} if self._endpoint else {}
        headers |= {"X-Goog-User-Project": payer} if payer else {}
        until, pause = time.monotonic() + self._deadline, _FIRST_PAUSE
        while True:
            wait = pause * (0.5 + random.random() / 2)  # noqa: S311 - it spreads requests, and guards nothing
            try:
                response = self._http.request(method, url, params=query, json=body, headers=headers, timeout=TIMEOUT)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                if time.monotonic() + wait > until:
                    raise
            else:
                if response.ok:
                    return response
                told = response.headers.get("Retry-After", "")
                wait = max(wait, float(told)) if told.isdecimal() else wait
                if not _again(response) or time.monotonic() + wait > until:
                    raise exceptions.from_http_response(response)  # type: ignore[no-untyped-call]
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _again(response: requests.Response) -> bool:
    """Say whether a refusal may pass: some services tell of a quota by 403."""
    if response.status_code in _RETRIED:
        return True
    return response.status_code == requests.codes.forbidden and fault_of(403, body_of(response)).why is Why.THROTTLED


def body_of(response: requests.Response) -> object:
    """Return what an error answer holds, None if that is no JSON."""
    try:
        body: object = response.json()
    except (ValueError, RecursionError):
        return None
    return body
