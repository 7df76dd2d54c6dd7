"""The one way to ask AWS a question.

Every question goes through :meth:`Asker.ask`: an answer is a payload, "not configured" is a fact that the
caller named beforehand, and whatever else comes back becomes a Gap. Only the end of the caller's credentials
stops a collection, since every later question would fail for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cloudscan.errors import CredentialsExpired
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet
from cloudscan.questions import Absent, Reply, Tally
from cloudscan_aws.clients import Clients
from cloudscan_aws.codes import why_of

PROVIDER = "aws"
T = TypeVar("T")


@dataclass
class Asker:
    """Asks one account questions for one unit of collection, and keeps count of what was answered."""

    clients: Clients
    region: str
    _tally: Tally = field(default_factory=Tally)

    @property
    def account(self) -> str:
        """The account that is asked."""
        return self.clients.account

    def ask(
        self,
        service: str,
        method: str,
        *,
        facet: Facet,
        resource: str,
        region: str | None = None,
        absent: Iterable[str] = (),
        permission: str | None = None,
        **parameters: Any,
    ) -> Reply:
        """Call one boto3 method. ``absent`` are the error codes that mean "not configured" here.

        Returns the payload, an :class:`Absent`, or a Gap. Raises :class:`CredentialsExpired`.
        """
        return self.run(
            lambda: getattr(self.clients.client(service, region or self.region), method)(**parameters),
            facet=facet,
            resource=resource,
            operation=f"{service}:{method}",
            region=region,
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
        region: str | None = None,
        absent: Iterable[str] = (),
        permission: str | None = None,
        limit: int | None = None,
        **parameters: Any,
    ) -> tuple[list[Any], Gap | Absent | None]:
        """Page through a list by botocore's paginator, or by NextToken where botocore has none.

        Returns the items under ``key`` of every page that came, at most ``limit`` of them, and the Gap that ended
        it early, if any. The whole list counts as one question; what a limit left out is for the caller to count.
        """
        items: list[Any] = []

        def collect() -> dict[str, Any]:
            client = self.clients.client(service, region or self.region)
            for page in _paged(client, method, parameters):
                items.extend(page.get(key) or ())
                if limit is not None and len(items) > limit:
                    break
            return {}

        reply = self.run(
            collect,
            facet=facet,
            resource=resource,
            operation=f"{service}:{method}",
            region=region,
            absent=absent,
            permission=permission,
        )
        if limit is not None and len(items) > limit:
            del items[limit:]
            detail = f"only {limit} were asked for"
            return items, self.gap(facet, resource, Why.LIMIT, f"{service}:{method}", detail, permission, region)
        return items, reply if isinstance(reply, Gap | Absent) else None

    def run(
        self,
        call: Callable[[], dict[str, Any]],
        *,
        facet: Facet,
        resource: str,
        operation: str,
        region: str | None = None,
        absent: Iterable[str] = (),
        permission: str | None = None,
    ) -> Reply:
        """Run a call and turn what botocore raises into a Reply."""
        try:
            payload = call()
        except _troubles() as error:
            return self._refused(error, facet, resource, operation, absent, permission, region)
        self.count(facet, answered=True)
        return payload

    def stream(
        self,
        pages: Iterable[T],
        *,
        facet: Facet,
        resource: str,
        operation: str,
        region: str | None = None,
        permission: str | None = None,
    ) -> Iterator[T | Gap]:
        """Pass the pages of a list on as they come; a Gap is the last where the list ends early.

        A failure is counted here, an answer by the caller, who knows whether a limit cut it short.
        """
        try:
            yield from pages
        except _troubles() as error:
            refused = self._refused(error, facet, resource, operation, (), permission, region)
            if isinstance(refused, Gap):
                yield refused

    def _refused(
        self,
        error: Exception,
        facet: Facet,
        resource: str,
        operation: str,
        absent: Iterable[str],
        permission: str | None,
        region: str | None,
    ) -> Absent | Gap:
        """Sort what botocore raised. Raises :class:`CredentialsExpired`."""
        from botocore import exceptions, parsers

        if isinstance(error, exceptions.ClientError):
            code = str(error.response.get("Error", {}).get("Code") or "")
            if code in set(absent):
                self.count(facet, answered=True)
                return Absent(code)
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
            why, detail = why_of(code, status), code or f"HTTP {status}"
        else:
            ended = (
                exceptions.NoCredentialsError,
                exceptions.CredentialRetrievalError,
                exceptions.TokenRetrievalError,
                exceptions.SSOError,
            )
            malformed = isinstance(error, parsers.ResponseParserError)
            why = Why.EXPIRED if isinstance(error, ended) else Why.MALFORMED if malformed else Why.ERROR
            detail = type(error).__name__
        if why is Why.EXPIRED:
            whose = f"credentials for account {self.account}" if self.account else "AWS credentials"
            raise CredentialsExpired(f"the {whose} are no longer valid ({detail})") from error
        self.count(facet, answered=False)
        return self.gap(facet, resource, why, operation, detail, permission, region)

    def gap(
        self,
        facet: Facet,
        resource: str,
        why: Why,
        operation: str,
        detail: str = "",
        permission: str | None = None,
        region: str | None = None,
    ) -> Gap:
        """Make a Gap of this account; the permission is derived from the operation unless given."""
        service, _, method = operation.partition(":")
        name, needed = self.clients.names(service, region or self.region, method)
        return Gap(
            provider=PROVIDER,
            account=self.account,
            region=region or self.region,
            facet=facet,
            resource=resource,
            why=why,
            operation=name,
            detail=detail,
            permission=permission or needed,
        )

    def count(self, facet: Facet, *, answered: bool, limited: bool = False) -> None:
        """Count one question; ``limited`` marks one that the user's own limit cut short."""
        self._tally.count(facet, answered=answered, limited=limited)

    def coverage(self) -> Iterator[Coverage]:
        """Yield what was asked and answered; yield it last in a unit."""
        yield from self._tally.coverage(PROVIDER, self.account)


def _paged(client: Any, method: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
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


def _troubles() -> tuple[type[Exception], ...]:
    """Return what botocore raises for a question that got no answer."""
    from botocore import exceptions, parsers

    return (
        exceptions.ClientError,
        exceptions.BotoCoreError,
        exceptions.HTTPClientError,
        parsers.ResponseParserError,
    )
