"""Azure's REST APIs (ARM, Microsoft Graph, Speech, key vaults, access control lists) over azure-core: paging, retries,
one explicit deadline. No SDK knows more than this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import IO, Any
from urllib.parse import quote, urlsplit

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, ProxyPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest

from cloudscan.providing.questions import Malformed, Turned, parsed
from cloudscan_azure.cloud import ARM, GRAPH, SPEECH, STORAGE, VAULT, Cloud
from cloudscan_azure.transport import Patience, Signer, Transport

_NEXT = ("nextLink", "@odata.nextLink", "@nextLink")


def path_of(resource: str, *more: str) -> str:
    """Return the path of a resource by its id, whatever its names hold, and of what lies below it."""
    parts = [part for each in (resource, *more) for part in each.split("/") if part]
    return "/" + "/".join(quote(part, safe="$") for part in parts)


class Rest:
    """Asks Azure's REST APIs. ``deadline`` is for how many seconds a request is tried again; with 0 it is made once."""

    def __init__(self, cloud: Cloud, transport: Transport, signer: Signer, deadline: float) -> None:
        self._cloud = cloud
        self._clients: dict[str, PipelineClient[Any, Any]] = {
            service: PipelineClient(
                cloud.arm,
                policies=[
                    UserAgentPolicy(base_user_agent="cloudscan"),
                    ProxyPolicy(),
                    Patience(deadline),
                    BearerTokenCredentialPolicy(signer, cloud.scope_of(service)),
                ],
                transport=transport,
            )
            for service in (ARM, GRAPH, STORAGE, SPEECH, VAULT)
        }

    def call(
        self,
        service: str,
        path: str,
        *,
        method: str = "GET",
        api: str = "",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Make one request and return its answer.

        ``service`` is ``arm``, ``graph``, or an absolute URL; ``path`` begins with a slash and has its names encoded.
        ``api`` is the API version. Raises azure-core's AzureError, :class:`Malformed` and
        :class:`cloudscan_azure.transport.Unsigned`.
        """
        url, given = self._url(service, path), _query(api, query)
        return _payload(self._answered(HttpRequest(method, url, params=given, json=body, headers=dict(headers or {}))))

    def headers(
        self, service: str, path: str, *, query: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, str]:
        """Ask for the headers of an answer alone; their names are in small letters. Raises as :meth:`call` does."""
        return _named(self._asked("HEAD", service, path, query, headers))

    def text(self, service: str, path: str, *, query: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
        """Make one request and return what was answered, as it came. Raises as :meth:`call` does."""
        content: bytes = self._asked("GET", service, path, query, headers).content
        return content

    def part(
        self, service: str, path: str, most: int, *, query: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[bytes, bool, dict[str, str]]:
        """Return the first bytes of an answer, at most so many however much is sent, whether that is all of it, and its
        headers. What is stored packed stays packed. Raises as :meth:`call` does.
        """
        held = bytearray()
        with closing(self._asked("GET", service, path, query, headers, stream=True)) as response:
            for chunk in response.iter_raw():
                held += chunk
                if len(held) > most:
                    break
        return bytes(held[:most]), len(held) <= most, _named(response)

    def pour(
        self, service: str, path: str, into: IO[bytes], *, query: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        """Write an answer into a file, as it came. Raises as :meth:`call` does, where it breaks off, too."""
        with closing(self._asked("GET", service, path, query, headers, stream=True)) as response:
            for chunk in response.iter_raw():
                into.write(chunk)

    def pages(
        self,
        service: str,
        path: str,
        *,
        method: str = "GET",
        api: str = "",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the pages of a list, by the link to the next one. Raises as :meth:`call` does.

        A link to another host than was asked is not followed, and a list that names a page twice would go on for ever:
        both are :class:`Malformed`.
        """
        url = self._url(service, path)
        page = self.call(service, path, method=method, api=api, query=query, body=body)
        turned = Turned()
        while True:
            yield page
            link = next((page[name] for name in _NEXT if page.get(name)), None)
            if link is None:
                return
            further = turned.to(_same_place(link, url))
            page = _payload(self._answered(HttpRequest("GET", further)))

    def _url(self, service: str, path: str) -> str:
        """Return an address. Raises :class:`Malformed` for one that is none, or is not Azure's."""
        url = f"{self._cloud.base(service)}{path}"
        if not self._cloud.service_of(url):
            raise Malformed("it is at a host that is not Azure's")
        return url

    def _asked(
        self,
        method: str,
        service: str,
        path: str,
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        *,
        stream: bool = False,
    ) -> Any:
        request = HttpRequest(method, self._url(service, path), params=_query("", query), headers=dict(headers))
        return self._answered(request, stream=stream)

    def _answered(self, request: HttpRequest, *, stream: bool = False) -> Any:
        service = self._cloud.service_of(request.url)
        if not service:
            raise Malformed("it is at a host that is not Azure's")
        response = self._clients[service].send_request(request, stream=stream)
        if not 200 <= response.status_code < 300:
            if stream:
                response.read()
            raise HttpResponseError(response=response)
        return response


def _query(api: str, query: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**(query or {}), **({"api-version": api} if api else {})}


def _same_place(link: object, url: str) -> str:
    """Return a link as it is, if it is to the host that was asked."""
    try:
        there, here = urlsplit(link if isinstance(link, str) else ""), urlsplit(url)
        same = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError:
        same = False
    if not same or there.username:
        raise Malformed("its next page is at another host")
    return str(link)


def _named(response: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _payload(response: Any) -> dict[str, Any]:
    """Read an answer. An error that was sent as a success is told as such: it holds nothing of what was asked for."""
    payload = parsed(response.content)
    if payload.get("error"):
        raise Malformed("an error in place of an answer")
    return payload
