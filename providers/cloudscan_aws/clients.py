"""Sessions and clients of botocore: one session an account, one client a service and region, made once."""

from __future__ import annotations

import ipaddress
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from cloudscan.errors import MissingExtra, UsageError
from cloudscan.provider import Scope
from cloudscan.providing.questions import Pace
from cloudscan_aws.codes import partition_of

ATTEMPTS = 6
"""How often a request is made before its question is given up, unless the user says otherwise."""


_KEPT = 64
"""Clients that are kept: more than a scan has workers."""


class Limits:
    """What all accounts of a scan share, so that it stays small however many they are.

    One pace a service; the threads on which large buckets are listed (not those that run the units, which wait
    for them); and the clients that were used last, since each takes up to a megabyte.
    """

    def __init__(self, scope: Scope) -> None:
        self.listers = ThreadPoolExecutor(max_workers=scope.workers, thread_name_prefix="list")
        self._per_second = scope.max_rps
        self._paces: dict[str, Pace] = {}
        self._clients: OrderedDict[tuple[Clients, str, str], Any] = OrderedDict()
        # Making a client may ask for credentials, and so for another client, in the same thread.
        self._lock = threading.RLock()

    def pace(self, service: str) -> Pace:
        """Return the pace of a service."""
        with self._lock:
            return self._paces.setdefault(service, Pace(self._per_second))

    def client(self, of: Clients, service: str, region: str, make: Callable[[str, str], Any]) -> Any:
        """Return a client, made if it is not among those used last. Making one is not safe on two threads."""
        with self._lock:
            key = of, service, region
            client = self._clients.pop(key, None) or make(service, region)
            self._clients[key] = client
            if len(self._clients) > _KEPT:
                self._clients.popitem(last=False)
            return client


class Clients:
    """The session of one account, its clients, and a count of the requests sent.

    A client may be used on several threads at once.
    """

    def __init__(self, session: Any, account: str, scope: Scope, limits: Limits) -> None:
        self.session = session
        self.account = account
        self.limits = limits
        self.sent: Counter[str] = Counter()
        self._scope = scope
        self._counting = threading.Lock()

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region."""
        return self.limits.client(self, service, region, self._make)

    def offered(self, service: str, region: str) -> bool:
        """Say whether AWS offers the service there, by the endpoint data that botocore ships.

        With an endpoint of the user's own everything is asked.
        """
        if self._endpoint:
            return True
        partition = partition_of(region)
        if region not in self.session.get_available_regions("s3", partition_name=partition):
            return True  # younger than the endpoint data, which therefore proves nothing
        regions = self.session.get_available_regions(service, partition_name=partition)
        return not regions or region in regions

    @property
    def _endpoint(self) -> str | None:
        """The endpoint that the user named, by option or by the SDK's variable; None for AWS's own."""
        return self._scope.endpoint_url or os.environ.get("AWS_ENDPOINT_URL")

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

        endpoint = self._endpoint
        config = Config(
            retries={
                "mode": "adaptive",
                "total_max_attempts": int(str(self._scope.options.get("max-attempts") or ATTEMPTS)),
            },
            max_pool_connections=max(10, 2 * self._scope.workers),
            connect_timeout=10,
            read_timeout=60,
            user_agent_appid="cloudscan",
            s3={"addressing_style": "path"} if endpoint else {"addressing_style": "auto"},
        )
        client = self.session.create_client(service, region_name=region, endpoint_url=endpoint, config=config)
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


def open_session(profile: str | None) -> Any:
    """Open the caller's session. Raises :class:`MissingExtra` without an SDK, UsageError for an unknown profile."""
    try:
        from botocore.exceptions import ProfileNotFound
        from botocore.session import Session
    except ImportError as error:
        raise MissingExtra("aws", "boto3") from error
    session = Session(profile=profile)
    try:
        session.get_scoped_config()
    except ProfileNotFound as error:
        raise UsageError(str(error)) from error
    return session


def assumed_session(caller: Any, refresh: Callable[[], dict[str, str]]) -> Any:
    """Open a session under a role. ``refresh`` fetches its credentials, now and again before they end.

    It shares the caller's loader: each service's model is read from disk once for all accounts.
    """
    from botocore import credentials
    from botocore.session import Session

    class Assumed(credentials.CredentialProvider):  # type: ignore[misc] # botocore ships no types
        METHOD = "sts-assume-role"

        def load(self) -> Any:
            return credentials.RefreshableCredentials.create_from_metadata(
                metadata=refresh(), refresh_using=refresh, method=self.METHOD
            )

    session = Session(profile=caller.get_config_variable("profile"))
    session.register_component("data_loader", caller.get_component("data_loader"))
    session.register_component("credential_provider", credentials.CredentialResolver([Assumed()]))
    return session


def _is_address(url: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True
