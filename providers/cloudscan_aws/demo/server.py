"""A local endpoint that answers as AWS does: moto's own WSGI server behind our stand-in.

What a test against it proves: that we speak AWS's wire formats, as the service models that botocore ships
have them, through an unmodified boto3, over HTTP. What moto implements (S3, IAM, KMS and more) behaves as
moto's authors found AWS to behave. What a test does not prove: that AWS behaves so where the stand-in
answers. There the format is held to botocore's model, and the behaviour is ours. Permissions, throttling
and expiry are never real here: they are the faults that a test sets. Signatures are not verified. S3
Control clients need their account prefix taken off the host name, since an address has no subdomains.

Moto's state is global to the process, so one endpoint may be open at a time. Of moto's limits these stay:
an object key with a line break is not found (give a list of such keys as an answer), GetObjectRetention
answers the object itself (HeadObject has the lock), AWS's managed policies are absent, and permissions are
not evaluated but for anonymous reads.
"""

import contextlib
import socket
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.test import Client

from cloudscan.standin.listener import LOOPBACK, POLL_SECONDS, Draining
from cloudscan_aws.demo import state
from cloudscan_aws.demo.faults import Faults
from cloudscan_aws.demo.kept import Owners, Uploads, keep
from cloudscan_aws.demo.standin import StandIn
from cloudscan_aws.demo.wire import Payload, check, operation_model

_moto_in_use = threading.Lock()


class Endpoint:
    """AWS on a loopback port, from ``with`` to the end of its block; moto's state is fresh on entry.

    ``url`` is what boto3 takes as ``endpoint_url``. ``requests`` counts what was asked, as
    ``service:Operation`` (``?:...`` where botocore's models know no such request). ``crashes`` holds the
    tracebacks of handlers that broke, moto's or those given to ``answer`` and ``patch``; such a request is
    answered with a bare 500. The list is complete when the block is left.
    """

    def __init__(self, port: int = 0) -> None:
        self.url = ""
        self.crashes: list[str] = []
        self._port = port
        self._moto = _Moto()
        self._standin = StandIn(self._moto)
        self._owners = Owners()
        self._uploads = Uploads()
        self._open = contextlib.ExitStack()
        keep(self._standin)
        self._uploads.keep(self._standin)

    def __enter__(self) -> Self:
        """Start to serve; RuntimeError if another endpoint is open, OSError if the port is taken."""
        if not _moto_in_use.acquire(blocking=False):
            raise RuntimeError("another endpoint is open; moto's state is global to the process")
        with contextlib.ExitStack() as opening:
            opening.callback(_moto_in_use.release)
            self._reset()
            opening.callback(self._reset)  # closes the files of moto's objects
            with socket.create_server((LOOPBACK, self._port)) as listening:
                server = _Server(self._standin, listening, self.crashes)
            thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
            thread.start()
            opening.callback(thread.join)
            opening.callback(server.shutdown)
            self.url = f"http://{LOOPBACK}:{server.port}"
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _reset(self) -> None:
        Client(self._moto).post("/moto-api/reset").close()

    def client(self, service: str, region: str = "us-east-1", **options: Any) -> Any:
        """A boto3 client of this endpoint, which signs as moto's default account and does not retry.

        ``options`` are boto3's own and go before these. For S3 Control the account is taken off the host
        name.
        """
        import boto3
        from botocore.config import Config

        defaults = {
            "endpoint_url": self.url,
            "region_name": region,
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
            "config": Config(retries={"total_max_attempts": 1}),
        }
        client = boto3.client(service, **{**defaults, **options})
        client.meta.events.register("before-call.s3-control", _take_account_off_host)
        return client

    @property
    def requests(self) -> Counter[str]:
        """How often each operation was asked for."""
        return self._standin.requests

    @property
    def faults(self) -> Faults:
        """The faults in force."""
        return self._standin.faults

    def answer(
        self,
        service: str,
        operation: str,
        payload: Payload | Callable[[Mapping[str, Any]], Payload],
        *,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Answer the operation with a payload, or with what a function makes of the request's parameters.

        Names are botocore's (``"lexv2-models"``, ``"ListBots"``). The latest answer that covers a call's
        Region and account wins. A payload is checked here, what a function returns when it returns. A
        function may raise ``AwsError``. Raises botocore's ParamValidationError for a payload that its model
        does not allow, its UnknownServiceError or OperationNotFoundError for a name, and ValueError for an
        operation that streams.
        """
        _refuse_streams(service, operation)
        if callable(payload):
            function = payload
            self._standin.answer(service, operation, lambda _, params: function(params), region=region, account=account)
        else:
            fixed = payload
            check(service, operation, fixed)
            self._standin.answer(service, operation, lambda *_: fixed, region=region, account=account)

    def patch(
        self,
        service: str,
        operation: str,
        change: Callable[[Mapping[str, Any], dict[str, Any]], Payload],
        *,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Pass successful answers to the operation through a function of the parameters and the payload.

        The payload is as botocore parses it, before boto3's conveniences: keys of an S3 list may still be
        URL-encoded. Patches add up. Raises as ``answer`` does.
        """
        _refuse_streams(service, operation)
        self._standin.patch(
            service,
            operation,
            lambda _, params, payload: change(params, payload),
            region=region,
            account=account,
        )

    def set_last_modified(self, bucket: str, key: str, when: datetime, version_id: str | None = None) -> None:
        """Set the stored date of an object, of its latest version unless one is named.

        Raises KeyError if there is none, ValueError for a date without a time zone.
        """
        state.set_last_modified(bucket, key, when, version_id)

    def set_upload_begun(self, upload_id: str, when: datetime) -> None:
        """Set when an upload in parts was begun.

        Raises KeyError if none is called so, ValueError for a date without a time zone.
        """
        self._uploads.set(upload_id, when)

    def set_object_owner(self, bucket: str, key: str, owner_id: str) -> None:
        """Set the canonical user id that owns an object, as lists, version lists and GetObjectAcl show it."""
        self._owners.set(self._standin, bucket, key, owner_id)

    def set_transcription_times(
        self,
        name: str,
        *,
        region: str,
        created: datetime,
        completed: datetime | None = None,
        account: str = DEFAULT_ACCOUNT_ID,
    ) -> None:
        """Set when a transcription job was created and, given that date, completed.

        Raises KeyError if there is no such job, ValueError for a date without a time zone.
        """
        state.set_transcription_times(name, account=account, region=region, created=created, completed=completed)


class _Moto(DomainDispatcherApplication):
    """Moto's application; a service that it lacks is an error here, and no line on stdout."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backends: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """The name of moto's backend for a host; None for None."""
        if host not in self._backends:
            patterns = (pattern for _, pattern in self.backend_url_patterns)
            if host and "amazonaws.com" in host and not any(each.match(f"http://{host}") for each in patterns):
                raise NotImplementedError(f"moto has no backend for {host}")
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


class _Server(Draining, ThreadedWSGIServer):
    """A server that says nothing, keeps tracebacks, and leaves no thread and no socket behind."""

    def __init__(self, app: StandIn, listening: socket.socket, crashes: list[str]) -> None:
        self._crashes = crashes
        host, port = listening.getsockname()
        super().__init__(host, port, app, handler=_Handler, fd=listening.fileno())

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Keep the traceback that werkzeug would log."""
        self._crashes.append(message)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep the traceback that socketserver would print."""
        self._crashes.append(traceback.format_exc())


class _Handler(MotoRequestHandler):
    """A handler without log lines."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def _take_account_off_host(params: dict[str, Any], **_: Any) -> None:
    account = params["headers"].get("x-amz-account-id", "")
    params["url"] = params["url"].replace(f"://{account}.", "://", 1)


def _refuse_streams(service: str, operation: str) -> None:
    if operation_model(service, operation).has_streaming_output:
        raise ValueError(f"{service}:{operation} answers a stream; put the object into moto instead")
