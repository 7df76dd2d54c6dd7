"""Sessions, clients and the one way to ask AWS a question.

Every question goes through :meth:`Asker.ask`: an answer is a payload, "not configured" is a fact that the
caller named beforehand, and whatever else comes back becomes a Gap. Only the end of the caller's credentials
stops a collection, since every later question would fail for the same reason.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cloudscan.errors import CredentialsExpired, MissingExtra
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet, Scope

PROVIDER = "aws"
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "403",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
}
_THROTTLED = {
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_DISABLED = {
    "AWSOrganizationsNotInUseException",
    "InvalidClientTokenId",
    "NotSignedUp",
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnrecognizedClientException",
}
_UNSUPPORTED = {
    "InvalidAction",
    "MethodNotAllowed",
    "NotImplemented",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
}
_VANISHED = {"NoSuchBucket", "NoSuchKey", "NoSuchVersion", "ResourceNotFoundException", "NotFoundException", "404"}


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


class Clients:
    """The boto3 session of one account, its clients (made once each) and a count of the requests sent.

    A client is safe to share between threads; making one is slow and is not safe, hence the lock.
    """

    def __init__(self, session: Any, account: str, scope: Scope, paces: Callable[[str], Pace]) -> None:
        self.session = session
        self.account = account
        self.sent: Counter[str] = Counter()
        self._scope = scope
        self._paces = paces
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

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
        if self._scope.endpoint_url or service in {"s3control"}:
            return True
        regions = self.session.get_available_regions(service, partition_name=partition_of(region))
        return not regions or region in regions

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config

        custom = self._scope.endpoint_url is not None
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": self._scope.options.get("max_attempts") or 6},
            max_pool_connections=max(10, self._scope.workers + 4),
            connect_timeout=10,
            read_timeout=60,
            user_agent_appid="cloudscan",
            # A custom endpoint is one host: account numbers and bucket names cannot be put before its name.
            inject_host_prefix=not custom,
            s3={"addressing_style": "path"} if custom else {"addressing_style": "auto"},
        )
        client = self.session.client(service, region_name=region, endpoint_url=self._scope.endpoint_url, config=config)
        pace = self._paces(service)

        def before_send(**event: Any) -> None:
            pace.wait()
            self.sent[event.get("event_name", "").removeprefix("before-send.").replace(".", ":", 1)] += 1

        client.meta.events.register("before-send", before_send)
        return client


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
        from botocore import exceptions

        try:
            payload = call()
        except exceptions.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code") or "")
            if code in set(absent):
                self.count(facet, answered=True)
                return Absent(code)
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
            why = why_of(code, status)
            if why is Why.EXPIRED:
                raise CredentialsExpired(f"the credentials for account {self.account} have expired ({code})") from error
            detail = code or f"HTTP {status}"
        except (exceptions.NoCredentialsError, exceptions.TokenRetrievalError, exceptions.SSOError) as error:
            raise CredentialsExpired(f"no valid credentials for account {self.account}: {type(error).__name__}") from error
        except exceptions.EndpointConnectionError as error:
            why, detail = Why.ERROR, type(error).__name__
        except (exceptions.BotoCoreError, exceptions.HTTPClientError) as error:
            why, detail = Why.ERROR, type(error).__name__
        else:
            self.count(facet, answered=True)
            return payload
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
        return Gap(
            provider=PROVIDER,
            account=self.account,
            region=region or self.region,
            facet=facet,
            resource=resource,
            why=why,
            operation=_operation(service, method),
            detail=detail,
            permission=permission or _operation(service, method),
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


def why_of(code: str, status: int) -> Why:
    """Sort an error of AWS by its code, else by the HTTP status."""
    table = ((_EXPIRED, Why.EXPIRED), (_DENIED, Why.DENIED), (_THROTTLED, Why.THROTTLED), (_DISABLED, Why.DISABLED))
    for codes, why in (*table, (_UNSUPPORTED, Why.UNSUPPORTED), (_VANISHED, Why.VANISHED)):
        if code in codes:
            return why
    by_status = {403: Why.DENIED, 401: Why.DENIED, 404: Why.VANISHED, 429: Why.THROTTLED, 501: Why.UNSUPPORTED}
    return by_status.get(status, Why.ERROR)


def partition_of(region: str) -> str:
    """Return the partition of a region: China and GovCloud are worlds of their own."""
    for prefix, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso"), ("us-isob-", "aws-iso-b")):
        if region.startswith(prefix):
            return partition
    return "aws"


def boto3_session(profile: str | None) -> Any:
    """Open the caller's session. Raises :class:`MissingExtra` when boto3 is not installed."""
    try:
        import boto3
    except ImportError as error:
        raise MissingExtra("aws", "boto3") from error
    return boto3.Session(profile_name=profile)


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


def _operation(service: str, method: str) -> str:
    """Name an operation as AWS does: ``s3:get_bucket_policy`` is ``s3:GetBucketPolicy``."""
    return f"{service}:{''.join(part.capitalize() for part in method.split('_'))}"
