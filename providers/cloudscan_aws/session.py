"""Sessions, clients and the one way to ask AWS a question.

Every question goes through :meth:`Asker.ask`: an answer is a payload, "not configured" is a fact that the
caller named beforehand, and whatever else comes back becomes a Gap. Only the end of the caller's credentials
stops a collection, since every later question would fail for the same reason.
"""

from __future__ import annotations

import ipaddress
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cloudscan.errors import CredentialsExpired, MissingExtra, UsageError
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet, Scope
from cloudscan_aws.codes import partition_of, why_of

PROVIDER = "aws"
T = TypeVar("T")


class Absent:
    """The answer "not configured": a fact, by the error code that the caller expected."""

    def __init__(self, code: str) -> None:
        self.code = code


Reply = dict[str, Any] | Absent | Gap


class Pace:
    """At most so many requests a second, over all threads. None sets no limit."""

    def __init__(self, per_second: float | None) -> None:
        self._step = 1.0 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until the next request may go out."""
        if not self._step:
            return
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self._step
        time.sleep(max(0.0, at - now))


class Limits:
    """What all accounts of a scan share: one pace a service, and the threads on which large buckets are listed.

    Those threads are not the ones that run the units, which wait for them.
    """

    def __init__(self, scope: Scope) -> None:
        self.listers = ThreadPoolExecutor(max_workers=scope.workers, thread_name_prefix="list")
        self._per_second = scope.max_rps
        self._paces: dict[str, Pace] = {}
        self._lock = threading.Lock()

    def pace(self, service: str) -> Pace:
        """Return the pace of a service."""
        with self._lock:
            return self._paces.setdefault(service, Pace(self._per_second))


class Clients:
    """The boto3 session of one account, its clients (made once each) and a count of the requests sent.

    A client is safe to share between threads; making one is slow and is not safe, hence the lock.
    """

    def __init__(self, session: Any, account: str, scope: Scope, limits: Limits) -> None:
        self.session = session
        self.account = account
        self.limits = limits
        self.sent: Counter[str] = Counter()
        self._scope = scope
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._counting = threading.Lock()

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region."""
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self._make(service, region)
            return self._made[service, region]

    def offered(self, service: str, region: str) -> bool:
        """Say whether AWS offers the service there, by the endpoint data that botocore ships.

        With an endpoint of the user's own everything is asked.
        """
        if self._scope.endpoint_url or os.environ.get("AWS_ENDPOINT_URL"):
            return True
        partition = partition_of(region)
        if region not in self.session.get_available_regions("s3", partition_name=partition):
            return True  # younger than the endpoint data, which therefore proves nothing
        regions = self.session.get_available_regions(service, partition_name=partition)
        return not regions or region in regions

    def names(self, service: str, region: str, method: str) -> tuple[str, str]:
        """Return an operation and the permission for it as AWS writes them, for the name of a boto3 method.

        The permission is a rule of thumb that holds for most services: the signing name and the operation.
        """
        from botocore.exceptions import BotoCoreError

        try:
            meta = self.client(service, region).meta
        except BotoCoreError:  # this boto3 is too old for the service, which is why there is a Gap to name
            return f"{service}:{method}", f"{service}:{method}"
        operation = meta.method_to_api_mapping.get(method, method)
        return f"{service}:{operation}", f"{meta.service_model.signing_name}:{operation}"

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config

        endpoint = self._scope.endpoint_url
        config = Config(
            retries={
                "mode": "adaptive",
                "total_max_attempts": int(str(self._scope.options.get("max-attempts") or 6)),
            },
            max_pool_connections=max(10, 2 * self._scope.workers),
            connect_timeout=10,
            read_timeout=60,
            user_agent_appid="cloudscan",
            s3={"addressing_style": "path"} if endpoint else {"addressing_style": "auto"},
        )
        client = self.session.client(service, region_name=region, endpoint_url=endpoint, config=config)
        pace = self.limits.pace(service)

        def before_send(event_name: str, **_: Any) -> None:
            pace.wait()
            operation = event_name.removeprefix("before-send.").replace(".", ":", 1)
            with self._counting:
                self.sent[operation] += 1

        client.meta.events.register("before-send", before_send)
        if service == "s3control" and _is_address(client.meta.endpoint_url):
            client.meta.events.register("before-call.s3-control", self._without_account)
        return client

    def _without_account(self, params: dict[str, Any], **_: Any) -> None:
        """Take off the account that botocore puts before the host: an address has no subdomains."""
        params["url"] = params["url"].replace(f"://{self.account}.", "://", 1)


@dataclass
class Asker:
    """Asks one account questions for one unit of collection, and keeps count of what was answered."""

    clients: Clients
    region: str
    _counts: dict[Facet, list[int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

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
        **parameters: Any,
    ) -> tuple[list[Any], Gap | Absent | None]:
        """Page through a list by botocore's paginator, or by NextToken where botocore has none.

        Returns the items under ``key`` of every page that came, and the Gap that ended it early, if any.
        The whole list counts as one question.
        """
        items: list[Any] = []

        def collect() -> dict[str, Any]:
            client = self.clients.client(service, region or self.region)
            for page in _paged(client, method, parameters):
                items.extend(page.get(key) or ())
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
            raise CredentialsExpired(
                f"the credentials for account {self.account} are no longer valid ({detail})"
            ) from error
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
        with self._lock:
            counts = self._counts.setdefault(facet, [0, 0, 0])
            counts[0] += 1
            counts[1] += answered
            counts[2] += limited

    def coverage(self) -> Iterator[Coverage]:
        """Yield what was asked and answered; yield it last in a unit."""
        for facet, (asked, answered, limited) in sorted(self._counts.items()):
            yield Coverage(PROVIDER, self.account, facet, asked, answered, limited)


def boto3_session(profile: str | None) -> Any:
    """Open the caller's session. Raises :class:`MissingExtra` without boto3, UsageError for an unknown profile."""
    try:
        import boto3
        from botocore.exceptions import ProfileNotFound
    except ImportError as error:
        raise MissingExtra("aws", "boto3") from error
    try:
        return boto3.Session(profile_name=profile)
    except ProfileNotFound as error:
        raise UsageError(f"there is no profile named {profile!r} in the AWS configuration") from error


def assumed_session(caller: Any, refresh: Callable[[], dict[str, str]]) -> Any:
    """Open a session under a role. ``refresh`` fetches its credentials, now and again before they end.

    It shares the caller's loader: each service's model is read from disk once for all accounts.
    """
    import boto3
    from botocore import credentials
    from botocore.session import Session

    class Assumed(credentials.CredentialProvider):  # type: ignore[misc] # botocore ships no types
        METHOD = "sts-assume-role"

        def load(self) -> Any:
            return credentials.RefreshableCredentials.create_from_metadata(
                metadata=refresh(), refresh_using=refresh, method=self.METHOD
            )

    session = Session()
    session.register_component("data_loader", caller.get_component("data_loader"))
    session.register_component("credential_provider", credentials.CredentialResolver([Assumed()]))
    return boto3.Session(botocore_session=session, region_name=caller.get_config_variable("region"))


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


def _is_address(url: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True
