"""A WSGI layer over moto that stands in for the operations moto lacks, and mends the answers it cuts short.

A call is answered by the first of: a fault, if one is set; the payload that a test or the demo's estate
gave; what a fresh account would answer, where moto lacks the operation; moto. Successful answers then pass
through the patches.

An operation that none of these knows is answered as AWS answers an operation that it does not know itself:
UnknownOperationException (JSON services), InvalidAction (query services and EC2), NotImplemented (S3). Real
AWS knows every operation in botocore's models, so this error only ever shows a hole in the emulation.
botocore raises it at once, where it would retry or misread the bare 500 and 404 pages of moto.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from moto.iam.models import get_account_id_from
from werkzeug.wrappers import Response

from cloudscan_aws.demo.faults import Faults
from cloudscan_aws.demo.fresh import FRESH
from cloudscan_aws.demo.wire import (
    AwsError,
    Call,
    Environ,
    Payload,
    check,
    identify,
    read,
    refuse,
    rewind,
    write,
)

Params = Mapping[str, Any]
Answer = Callable[[Call, Params], Payload]
Change = Callable[[Call, Params, dict[str, Any]], Payload]
Application = Callable[[Environ, Any], Iterable[bytes]]

_NO_SUCH_OPERATION = {
    "ec2": AwsError("InvalidAction", "The action is not valid for this web service."),
    "json": AwsError("UnknownOperationException", "The operation is not known."),
    "query": AwsError("InvalidAction", "The action is not valid."),
    "rest-json": AwsError("UnknownOperationException", "The operation is not known.", status=404),
    "rest-xml": AwsError("NotImplemented", "The operation is not implemented.", status=501),
}

_F = TypeVar("_F")


@dataclass(frozen=True, slots=True)
class _Row(Generic[_F]):
    function: _F
    region: str | None
    account: str | None

    def covers(self, call: Call) -> bool:
        return self.region in {None, call.region} and self.account in {None, account_of(call)}


class _Register(Generic[_F]):
    """Functions by service and operation, in the order in which they were given."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[_Row[_F]]] = {}

    def put(self, service: str, operation: str, row: _Row[_F]) -> None:
        self._rows.setdefault((service, operation), []).append(row)

    def covering(self, call: Call) -> list[_F]:
        rows = self._rows.get((call.service, call.operation_name), ())
        return [row.function for row in rows if row.covers(call)]


def account_of(call: Call) -> str:
    """The account that the call's access key belongs to; moto's default account for a key it never issued."""
    return get_account_id_from(call.access_key)


class StandIn:
    """The WSGI application in front of moto."""

    def __init__(self, moto: Application) -> None:
        self.requests: Counter[str] = Counter()
        self.faults = Faults()
        self._moto = moto
        self._answers: _Register[Answer] = _Register()
        self._mends: _Register[Change] = _Register()
        self._changes: _Register[Change] = _Register()
        self._lock = threading.Lock()

    def answer(
        self,
        service: str,
        operation: str,
        function: Answer,
        *,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Answer the operation from a function of the call; the latest that covers a call wins."""
        self._answers.put(service, operation, _Row(function, region, account))

    def mend(self, service: str, operation: str, function: Change) -> None:
        """Pass moto's own successful answers through a function."""
        self._mends.put(service, operation, _Row(function, None, None))

    def patch(
        self,
        service: str,
        operation: str,
        function: Change,
        *,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Pass the operation's successful answers through a function; patches add up in their order."""
        self._changes.put(service, operation, _Row(function, region, account))

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        call = identify(environ)
        with self._lock:
            self.requests[call.name if call else f"?:{_asked_for(environ)}"] += 1
        if call is None:
            response = self._ask_moto(environ, "", _protocol_of(environ))
        else:
            try:
                response = self._respond(call)
            except AwsError as error:
                response = refuse(call.protocol, call.service, error)
        return response(environ, start_response)

    def _respond(self, call: Call) -> Response:
        fault = self.faults.strike(call)
        if fault is not None:
            raise fault
        answers = self._answers.covering(call)
        changes = self._changes.covering(call)
        if not answers:
            changes = self._mends.covering(call) + changes
        fresh = None if answers else FRESH.get((call.service, call.operation_name))
        if isinstance(fresh, AwsError):
            raise fresh
        params = call.params() if answers or changes else {}
        if answers:
            response = _written(call, answers[-1](call, params))
        elif fresh is not None:
            response = write(call, fresh)
        else:
            response = self._ask_moto(call.environ, call.service, call.protocol)
        if changes and response.status_code < 300:
            payload = read(call, response)
            for change in changes:
                payload = dict(change(call, params, payload))
            response = _written(call, payload)
        return response

    def _ask_moto(self, environ: Environ, service: str, protocol: str) -> Response:
        """Moto's answer, or the error of an unknown operation where moto shows one of its own pages."""
        rewind(environ)
        try:
            response = Response.from_app(self._moto, environ)
        except NotImplementedError:
            return refuse(protocol, service, _NO_SUCH_OPERATION[protocol])
        if service == "s3" or response.status_code not in {404, 405}:
            return response
        if response.mimetype != "text/html" and response.get_data():
            return response
        response.close()
        return refuse(protocol, service, _NO_SUCH_OPERATION[protocol])


def _written(call: Call, payload: Payload) -> Response:
    check(call.service, call.operation_name, payload)
    return write(call, payload)


def _asked_for(environ: Environ) -> str:
    """What is to be seen of the operation when botocore's models do not know the request."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    return target.rpartition(".")[2] or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def _protocol_of(environ: Environ) -> str:
    if "HTTP_X_AMZ_TARGET" in environ:
        return "json"
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    return "query" if form else "rest-json"
