"""The one way to ask AWS a question.

Every question goes through :meth:`Asker.ask`: an answer is a payload, "not configured" is a fact that the
caller named beforehand, and whatever else comes back becomes a Gap. Only the end of the caller's credentials
stops a collection, since every later question would fail for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cloudscan.model import Gap, Why
from cloudscan.provider import Facet
from cloudscan.providing.questions import Absent, Asking, Fault, Reply, Tally
from cloudscan_aws.clients import Clients
from cloudscan_aws.codes import why_of

PROVIDER = "aws"


@dataclass
class Asker(Asking[Fault]):
    """Asks one account questions for one unit of collection, and keeps count of what was answered."""

    clients: Clients
    region: str
    _tally: Tally = field(default_factory=Tally)
    provider = PROVIDER
    account: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the account from the clients, which are of one."""
        self.account = self.clients.account

    def ask(
        self,
        service: str,
        method: str,
        *,
        facet: Facet,
        resource: str,
        region: str = "",
        absent: Iterable[str] = (),
        permission: str = "",
        **parameters: Any,
    ) -> Reply:
        """Call one boto3 method. ``absent`` are the error codes that mean "not configured" here.

        Returns the payload, an :class:`Absent`, or a Gap. Raises :class:`cloudscan.errors.CredentialsExpired`.
        """
        there = self._in(region)
        return there.run(
            lambda: getattr(there.clients.client(service, there.region), method)(**parameters),
            facet=facet,
            resource=resource,
            operation=f"{service}:{method}",
            absent=absent,
            permission=permission,
        )

    def pages(
        self,
        service: str,
        method: str,
        key: str,
        *,
        facet: Facet,
        resource: str,
        region: str = "",
        absent: Iterable[str] = (),
        permission: str = "",
        limit: int | None = None,
        **parameters: Any,
    ) -> tuple[list[Any], Gap | Absent | None]:
        """Page through a list by botocore's paginator, or by NextToken where botocore has none.

        Returns the items under ``key`` of every page that came, at most ``limit`` of them, and the Gap that ended
        it early, if any. The whole list counts as one question; what a limit left out is for the caller to count.
        """
        there = self._in(region)
        return there.gather(
            _paged(there.clients, service, there.region, method, parameters),
            key,
            facet=facet,
            resource=resource,
            operation=f"{service}:{method}",
            absent=absent,
            permission=permission,
            limit=limit,
        )

    def _in(self, region: str) -> Asker:
        """Return who asks in another region and counts here."""
        return replace(self, region=region) if region else self

    def items(self, page: Mapping[str, Any], key: str) -> list[Any]:
        """Return the items of a page, of which botocore has seen that they are a list."""
        return list(page.get(key) or ())

    def troubles(self) -> tuple[type[Exception], ...]:
        """Return what botocore raises."""
        from botocore import exceptions, parsers

        return (
            exceptions.ClientError,
            exceptions.BotoCoreError,
            exceptions.HTTPClientError,
            parsers.ResponseParserError,
        )

    def read(self, error: Exception) -> Fault:
        """Sort what it raises."""
        from botocore import exceptions, parsers

        if isinstance(error, exceptions.ClientError):
            code = str(error.response.get("Error", {}).get("Code") or "")
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
            return Fault(status, code or f"HTTP {status}", why_of(code, status))
        ended = (
            exceptions.NoCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.TokenRetrievalError,
            exceptions.SSOError,
        )
        malformed = isinstance(error, parsers.ResponseParserError)
        why = Why.EXPIRED if isinstance(error, ended) else Why.MALFORMED if malformed else Why.ERROR
        return Fault(0, type(error).__name__, why)

    def ended(self, fault: Fault) -> str:
        """Say that the credentials ended, and of which account where that is known."""
        whose = f"credentials for account {self.account}" if self.account else "AWS credentials"
        return f"the {whose} are no longer valid ({fault.code})"

    def detail(self, fault: Fault, permission: str) -> str:
        """Say what stood in the way: the code, and no free text."""
        return fault.code

    def gap(
        self, facet: Facet, resource: str, why: Why, operation: str, detail: str = "", permission: str | None = None
    ) -> Gap:
        """Make a Gap of this account; the permission is derived from the operation unless given."""
        service, _, method = operation.partition(":")
        name, needed = self.clients.names(service, self.region, method)
        return super().gap(facet, resource, why, name, detail, permission or needed)


def _paged(
    clients: Clients, service: str, region: str, method: str, parameters: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    client = clients.client(service, region)
    if client.can_paginate(method):
        yield from client.get_paginator(method).paginate(**parameters)
        return
    token: str | None = None
    while True:
        page = getattr(client, method)(**parameters, **({"NextToken": token} if token else {}))
        yield page
        token = page.get("NextToken")
        if not token:
            return
