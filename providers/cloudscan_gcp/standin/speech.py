"""Speech-to-Text v2 over gRPC, with the message types of google-cloud-speech.

What has a discovery document is answered by :mod:`cloudscan_gcp.standin.server`; this API has none. Messages are
Google's own types, so a test can give no answer that Google's cannot be; fields that a request's type does not have,
names of another shape than Google's and a missing routing header are refused.
"""

from __future__ import annotations

import base64
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

import grpc
from google.cloud.location import locations_pb2
from google.cloud.speech_v2 import types
from google.longrunning import operations_pb2
from google.protobuf import any_pb2, unknown_fields
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from cloudscan_gcp.standin.errors import STATUSES, GoogleError
from cloudscan_gcp.standin.faults import MALFORMED, Faults

_LOOPBACK = "127.0.0.1"
_LOCATION = r"projects/[^/]+/locations/[^/]+"
_DEFAULT_PAGE, _LARGEST_PAGE = 5, 100
"""The API's own ("Method: projects.locations.recognizers.list", pageSize)."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A method: its types, the field of the request that names a resource, and what such a name looks like.

    ``listed`` is the field of the answer that holds a list, empty for a single resource.
    """

    request: Any
    response: Any
    field: str
    shape: str
    listed: str = ""


def _list(of: str, listed: str) -> _Call:
    return _Call(
        getattr(types, f"List{of}Request").pb(), getattr(types, f"List{of}Response").pb(), "parent", _LOCATION, listed
    )


def _get(of: str, shape: str) -> _Call:
    return _Call(getattr(types, f"Get{of}Request").pb(), getattr(types, of).pb(), "name", shape)


_SERVICES: dict[str, dict[str, _Call]] = {
    "google.cloud.speech.v2.Speech": {
        "ListRecognizers": _list("Recognizers", "recognizers"),
        "ListPhraseSets": _list("PhraseSets", "phrase_sets"),
        "ListCustomClasses": _list("CustomClasses", "custom_classes"),
        "GetRecognizer": _get("Recognizer", _LOCATION + "/recognizers/[^/]+"),
        "GetPhraseSet": _get("PhraseSet", _LOCATION + "/phraseSets/[^/]+"),
        "GetCustomClass": _get("CustomClass", _LOCATION + "/customClasses/[^/]+"),
        "GetConfig": _get("Config", _LOCATION + "/config"),
    },
    "google.longrunning.Operations": {
        "ListOperations": _Call(
            operations_pb2.ListOperationsRequest, operations_pb2.ListOperationsResponse, "name", _LOCATION, "operations"
        ),
        "GetOperation": _Call(
            operations_pb2.GetOperationRequest, operations_pb2.Operation, "name", _LOCATION + "/operations/[^/]+"
        ),
    },
    "google.cloud.location.Locations": {
        "ListLocations": _Call(
            locations_pb2.ListLocationsRequest,
            locations_pb2.ListLocationsResponse,
            "name",
            "projects/[^/]+",
            "locations",
        ),
        "GetLocation": _Call(locations_pb2.GetLocationRequest, locations_pb2.Location, "name", _LOCATION),
    },
}
_CALLS = {name: call for calls in _SERVICES.values() for name, call in calls.items()}
_SHAPES = {call.response.DESCRIPTOR.full_name: call.shape for name, call in _CALLS.items() if name.startswith("Get")}
"""What the names of resources look like, by the full name of their type."""


def operation(name: str, metadata: types.OperationMetadata, result: types.BatchRecognizeResponse | None = None) -> Any:
    """Return a long-running operation, its metadata packed; it is done when it has a result."""
    made = operations_pb2.Operation(name=name, done=result is not None)
    made.metadata.Pack(types.OperationMetadata.pb(metadata))
    if result is not None:
        made.response.Pack(types.BatchRecognizeResponse.pb(result))
    return made


class SpeechServer:
    """Speech-to-Text v2 on a loopback port, from ``with`` to the end of its block.

    ``target`` is what a channel takes (``127.0.0.1:PORT``). ``requests`` counts what was asked, as
    ``speech.ListRecognizers``; ``refused`` says what was asked wrongly, ``unanswered`` what lies in locations that
    nobody opened, and ``crashes`` what broke. Faults name methods as ``requests`` does.
    """

    def __init__(self) -> None:
        self.target = ""
        self.requests: Counter[str] = Counter()
        self.refused: list[str] = []
        self.unanswered: list[str] = []
        self.crashes: list[str] = []
        self.faults = Faults({f"speech.{name}" for name in _CALLS})
        self.largest = _LARGEST_PAGE
        """A page holds no more than this, whatever is asked for."""
        self._kept: dict[str, dict[str, Any]] = {}
        self._opened: set[str] = set()
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(4))
        for service, calls in _SERVICES.items():
            handlers = {name: self._handler(name, call) for name, call in calls.items()}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))

    def __enter__(self) -> Self:
        """Start to serve."""
        port = self._server.add_insecure_port(f"{_LOOPBACK}:0")
        self._server.start()
        self.target = f"{_LOOPBACK}:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(None).wait()

    def open(self, project: str, *locations: str) -> None:
        """Have a project know these locations; what nobody put there is an empty list."""
        self._opened.add(f"projects/{project}")
        for name in locations:
            place = f"projects/{project}/locations/{name}"
            self._opened.add(place)
            self.put(locations_pb2.Location(name=place, location_id=name))
            self.put(types.Config(name=f"{place}/config"))

    def put(self, *messages: Any) -> None:
        """Keep resources of Google's own types under their names.

        Raises TypeError for what is no resource of this API, ValueError for a name of another shape.
        """
        for message in messages:
            plain = type(message).pb(message) if hasattr(type(message), "pb") else message
            kind = getattr(getattr(plain, "DESCRIPTOR", None), "full_name", type(message).__name__)
            if kind not in _SHAPES:
                raise TypeError(f"{kind} is no resource of Speech-to-Text")
            if not re.fullmatch(_SHAPES[kind], plain.name):
                raise ValueError(f"{plain.name!r} is no name of a {kind}")
            self._kept.setdefault(kind, {})[plain.name] = plain

    def _handler(self, name: str, call: _Call) -> grpc.RpcMethodHandler[Any, bytes]:
        def handle(request: Any, context: grpc.ServicerContext) -> bytes:
            try:
                return self._answer(name, call, request, context)
            except GoogleError as error:
                context.abort_with_status(rpc_status.to_status(_status(error)))
                raise  # abort_with_status has raised

        serialize: Callable[[bytes], bytes] = bytes
        return grpc.unary_unary_rpc_method_handler(handle, call.request.FromString, serialize)

    def _answer(self, name: str, call: _Call, request: Any, context: grpc.ServicerContext) -> bytes:
        resource = getattr(request, call.field)
        with self._lock:
            self.requests[f"speech.{name}"] += 1
        if wrong := _wrong(call, request, context):
            self.refused.append(f"{name} {resource}: {wrong}")
            raise GoogleError(400, wrong)
        struck = self.faults.strike(f"speech.{name}", "speech", resource)
        if isinstance(struck, GoogleError):
            raise struck
        if struck is not None:
            return MALFORMED
        if resource not in self._opened and "/".join(resource.split("/")[:4]) not in self._opened:
            self.unanswered.append(f"{name} {resource}")
            raise GoogleError(501, f"nobody opened {resource}")
        answer = self._page(call, request, resource) if call.listed else self._one(call, resource)
        content: bytes = answer.SerializeToString()
        return content

    def _one(self, call: _Call, name: str) -> Any:
        kept = self._kept.get(call.response.DESCRIPTOR.full_name, {})
        if name not in kept:
            raise GoogleError(404, f"Unable to find {name}.")
        return kept[name]

    def _page(self, call: _Call, request: Any, parent: str) -> Any:
        kind = call.response.DESCRIPTOR.fields_by_name[call.listed].message_type.full_name
        every = [each for name, each in sorted(self._kept.get(kind, {}).items()) if name.startswith(f"{parent}/")]
        start = _offset(request.page_token, f"{kind} {parent}")
        end = start + min(request.page_size or _DEFAULT_PAGE, _LARGEST_PAGE, self.largest)
        page = call.response()
        getattr(page, call.listed).extend(every[start:end])
        if end < len(every):
            page.next_page_token = base64.urlsafe_b64encode(f"{end} {kind} {parent}".encode()).decode()
        return page


def _wrong(call: _Call, request: Any, context: grpc.ServicerContext) -> str:
    """Why Google would refuse a request, or nothing."""
    resource = getattr(request, call.field)
    if len(unknown_fields.UnknownFieldSet(request)):
        return f"fields that {request.DESCRIPTOR.full_name} does not have"
    if not re.fullmatch(call.shape, resource):
        return f"{call.field} {resource!r} is not of the form {call.shape}"
    if call.listed and request.page_size < 0:
        return "page_size is negative"
    headers = dict(_pairs(context.invocation_metadata()))
    routed = parse_qs(headers.get("x-goog-request-params", "")).get(call.field)
    return "" if routed == [resource] else f"the header x-goog-request-params does not name the {call.field}"


def _pairs(metadata: Sequence[Any]) -> list[tuple[str, str]]:
    return [(str(each[0]), each[1] if isinstance(each[1], str) else "") for each in metadata]


def _offset(token: str, question: str) -> int:
    if not token:
        return 0
    try:
        start, _, asked = base64.urlsafe_b64decode(token).decode().partition(" ")
        if asked == question:
            return int(start)
    except ValueError:
        pass
    raise GoogleError(400, "Invalid page token.")


def _status(error: GoogleError) -> status_pb2.Status:
    """An error as google.rpc.Status, its reason and delay packed ("google/rpc/error_details.proto")."""
    code = grpc.StatusCode[STATUSES[error.code]].value[0]
    made = status_pb2.Status(code=code, message=error.message)
    if error.reason:
        info = error_details_pb2.ErrorInfo(reason=error.reason, domain=error.domain, metadata=dict(error.metadata))
        made.details.append(_packed(info))
    if error.retry_after is not None:
        delay = error_details_pb2.RetryInfo()
        delay.retry_delay.seconds = error.retry_after
        made.details.append(_packed(delay))
    return made


def _packed(message: Any) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
