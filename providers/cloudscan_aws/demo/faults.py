"""Faults that a test asks for: calls that are denied, throttled, broken, or too late.

Codes and statuses are those of each protocol's front end: "Error responses" (Amazon S3 API reference),
"Common errors" (IAM, KMS and the other API references), "Error codes for the Amazon EC2 API".
"""

import threading
from dataclasses import dataclass
from typing import Literal, get_args

from cloudscan_aws.demo.wire import AwsError, Call, operation_model

Kind = Literal["deny", "throttle", "http-500", "expired-token", "vanish"]

_ANY = "*"

# kind -> protocol -> (code, status). Of the services in the models' REST-XML protocol we speak only to S3's.
# A throttling error that the operation's own model lists goes before.
_ERRORS = {
    "deny": {
        "rest-xml": ("AccessDenied", 403),
        "query": ("AccessDenied", 403),
        "ec2": ("UnauthorizedOperation", 403),
        "json": ("AccessDeniedException", 400),
        "rest-json": ("AccessDeniedException", 403),
    },
    "throttle": {
        "rest-xml": ("SlowDown", 503),
        "query": ("Throttling", 400),
        "ec2": ("RequestLimitExceeded", 503),
        "json": ("ThrottlingException", 400),
        "rest-json": ("ThrottlingException", 429),
    },
    "http-500": {
        "rest-xml": ("InternalError", 500),
        "query": ("InternalFailure", 500),
        "ec2": ("InternalError", 500),
        "json": ("InternalFailure", 500),
        "rest-json": ("InternalFailure", 500),
    },
    "expired-token": {
        "rest-xml": ("ExpiredToken", 400),
        "query": ("ExpiredToken", 403),
        "ec2": ("RequestExpired", 400),
        "json": ("ExpiredTokenException", 400),
        "rest-json": ("ExpiredTokenException", 403),
    },
}


@dataclass(slots=True)
class _Fault:
    kind: Kind
    service: str
    operation: str
    containing: str | None
    region: str | None
    passes: int
    strikes: int | None

    def aims_at(self, call: Call) -> bool:
        return (
            self.service in {_ANY, call.service}
            and self.operation in {_ANY, call.operation_name}
            and self.region in {None, call.region}
            and (self.containing is None or call.contains(self.containing))
        )


class Faults:
    """The faults in force; the first that aims at a call and is not used up strikes."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: Kind,
        service: str = _ANY,
        operation: str = _ANY,
        *,
        first: int | None = None,
        after: int = 0,
        containing: str | None = None,
        region: str | None = None,
    ) -> None:
        """Make calls fail.

        ``vanish`` means NoSuchBucket of S3, and elsewhere the not-found error that botocore's model lists
        for the operation. Of the calls that match, the first ``after`` are answered as ever and then
        ``first`` are struck (all, if None). ``containing`` looks at the path, the query and the body.

        Raises ValueError for an unknown kind, or where ``vanish`` names an operation that cannot answer it,
        and botocore's own errors for a service or an operation that it does not know.
        """
        if kind not in get_args(Kind):
            raise ValueError(f"{kind!r} is no fault; known are {', '.join(get_args(Kind))}")
        if operation != _ANY:
            operation_model(service, operation)
        if kind == "vanish" and service != "s3":
            _not_found(service, operation)
        with self._lock:
            self._faults.append(_Fault(kind, service, operation, containing, region, after, first))

    def clear(self) -> None:
        """Let every call through again."""
        with self._lock:
            self._faults.clear()

    def strike(self, call: Call) -> AwsError | None:
        """The error that the call is to be answered with, if any; counts the call."""
        with self._lock:
            for fault in self._faults:
                if fault.strikes == 0 or not fault.aims_at(call):
                    continue
                if fault.passes:
                    fault.passes -= 1
                    continue
                if fault.strikes is not None:
                    fault.strikes -= 1
                return _error(fault.kind, call)
        return None


def _error(kind: Kind, call: Call) -> AwsError:
    code, status = _ERRORS[kind][call.protocol] if kind != "vanish" else ("NoSuchBucket", 404)
    if kind == "throttle":
        code, status = _modelled(call.service, call.operation_name, "Throttl", "TooManyRequests") or (
            code,
            status,
        )
    elif kind == "vanish" and call.service != "s3":
        code, status = _not_found(call.service, call.operation_name)
    return AwsError(code, f"Injected for {call.name}.", status=status)


def _not_found(service: str, operation: str) -> tuple[str, int]:
    if _ANY in {service, operation}:
        raise ValueError("outside S3 a fault 'vanish' names its service and its operation")
    error = _modelled(service, operation, "NotFound", "NoSuch")
    if error is None:
        raise ValueError(f"botocore's model lists no not-found error for {service}:{operation}")
    return error


def _modelled(service: str, operation: str, *words: str) -> tuple[str, int] | None:
    """Code and status of the first error in the operation's model whose name holds one of the words."""
    for shape in operation_model(service, operation).error_shapes:
        if any(word in shape.name for word in words):
            return shape.error_code, shape.metadata.get("error", {}).get("httpStatusCode", 400)
    return None
