"""AWS's wire formats: which operation a request asks for, its parameters, and an answer or an error to it.

Everything here is read from the service models that botocore ships. Requests are routed and read, and answers
written, by moto's own protocol code (``moto.core.routing``, ``.parse``, ``.serialize``; moto 5.2.5 or later);
answers are read back by botocore's parsers and checked against botocore's output shapes.
"""

import functools
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import ParamValidationError, UnknownServiceError
from botocore.parsers import create_parser
from botocore.session import get_session
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from werkzeug.wsgi import get_input_stream

Environ = dict[str, Any]
Payload = Mapping[str, Any]

REQUEST_ID = "00000000-0000-4000-8000-000000000000"

_BODY = "cloudscan.body"
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")

# Services whose signing name is not their name in botocore. Where several share one, the first with a
# matching route is taken; the paths of those listed do not overlap for reading calls.
_SIGNED_AS = {
    "access-analyzer": ("accessanalyzer",),
    "chime": ("chime-sdk-media-pipelines", "chime-sdk-voice"),
    "lex": ("lex-models", "lexv2-models"),
}


class AwsError(Exception):
    """An error that the service answers; a handler raises it to refuse a call.

    The status matters to botocore only for its retries (500, 502, 503, 504 are retried).
    """

    def __init__(self, code: str, message: str = "", *, status: int = 400) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """One request, understood: the operation, the Region, the access key ("" when unsigned)."""

    service: str
    operation: OperationModel
    protocol: str
    region: str
    access_key: str
    environ: Environ = field(repr=False)
    labels: Mapping[str, Any] = field(repr=False)

    @property
    def operation_name(self) -> str:
        """The operation's name, as in ``ListBuckets``."""
        return str(self.operation.name)

    @property
    def name(self) -> str:
        """``service:Operation``."""
        return f"{self.service}:{self.operation_name}"

    def contains(self, text: str) -> bool:
        """Whether the path, the query or the body holds the text."""
        places = (self.environ["PATH_INFO"], self.environ.get("RAW_URI", ""), self.environ["QUERY_STRING"])
        return any(text in place for place in places) or text.encode() in body(self.environ)

    def params(self) -> dict[str, Any]:
        """The request's parameters, named as boto3 names them; dates are aware."""
        content = body(self.environ)
        request = Request(self.environ, populate_request=False)
        parser = PROTOCOL_PARSERS[self.protocol](self.operation, timestamp_parser=parse_timestamp)
        parsed: dict[str, Any] = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": content,
                "url_path": request.path,
                "url_params": dict(self.labels),
            }
        )
        return parsed


def body(environ: Environ) -> bytes:
    """The request's body, read once and kept, with the input stream at its start."""
    if _BODY not in environ:
        environ[_BODY] = get_input_stream(environ).read()
        environ["CONTENT_LENGTH"] = str(len(environ[_BODY]))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("wsgi.input_terminated", None)
    rewind(environ)
    content: bytes = environ[_BODY]
    return content


def rewind(environ: Environ) -> None:
    """Set the input stream back to its start; a body that nobody read stays a stream."""
    if _BODY in environ:
        environ["wsgi.input"] = io.BytesIO(environ[_BODY])


def identify(environ: Environ) -> Call | None:
    """Name the operation that a request asks for, or None where botocore's models know none.

    The service is read from the credential scope of the signature (header or presigned query). An unsigned
    request without a target or a form is S3's, as a browser would send it.
    """
    signed = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "")) or _CREDENTIAL.search(_presigned(environ))
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if signed:
        access_key, region, signing_name = signed.groups()
    elif form or "HTTP_X_AMZ_TARGET" in environ:
        return None
    else:
        access_key, region, signing_name = "", "us-east-1", "s3"
    for service in _candidates(signing_name, environ["PATH_INFO"]):
        if form:
            body(environ)
        request = Request(environ, populate_request=False)
        try:
            router = get_service_router(service)
            operation, labels = router.match(request)
            protocol = determine_request_protocol(operation.service_model, request.content_type)
        except (NotFound, NotImplementedError, UnknownServiceError):
            continue
        return Call(service, operation, protocol, region, access_key, environ, labels)
    return None


def _presigned(environ: Environ) -> str:
    """The credential of a presigned URL, spelled as the header spells it."""
    value = Request(environ, populate_request=False).args.get("X-Amz-Credential", "")
    return f"Credential={value}" if value else ""


def _candidates(signing_name: str, path: str) -> tuple[str, ...]:
    if signing_name == "s3":
        return ("s3control",) if path.startswith("/v20180820/") else ("s3",)
    return _SIGNED_AS.get(signing_name, (signing_name,))


@functools.cache
def operation_model(service: str, operation: str) -> Any:
    """Botocore's own model of an operation.

    Raises botocore's UnknownServiceError or OperationNotFoundError for names that botocore does not know.
    """
    return get_session().get_service_model(service).operation_model(operation)


def check(service: str, operation: str, payload: Payload) -> None:
    """Hold a payload to botocore's output shape; raises botocore's ParamValidationError.

    Members that the shape lacks, wrong types, missing required members and values outside an enumeration
    are errors. (botocore itself accepts any value for an enumeration; a typing error in a test must not
    pass.)
    """
    shape = operation_model(service, operation).output_shape
    if shape is None:
        if payload:
            raise ParamValidationError(report=f"{service}:{operation} answers no payload")
        return
    report = ParamValidator().validate(payload, shape)
    if report.has_errors():
        raise ParamValidationError(report=f"{service}:{operation}: {report.generate_report()}")
    _check_enumerations(payload, shape, f"{service}:{operation}")


def _check_enumerations(value: Any, shape: Any, where: str) -> None:
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                _check_enumerations(member, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list":
        for member in value:
            _check_enumerations(member, shape.member, f"{where}[]")
    elif shape.type_name == "map":
        for name, member in value.items():
            _check_enumerations(name, shape.key, where)
            _check_enumerations(member, shape.value, f"{where}.{name}")
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        raise ParamValidationError(report=f"{where}: {value!r} is none of {', '.join(shape.enum)}")


def write(call: Call, payload: Payload) -> Response:
    """Write a successful answer in the call's protocol."""
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=call.operation)
    written = serializer.serialize(payload)
    return Response(written["body"], written["status_code"], dict(written["headers"]))


def read(call: Call, response: Response) -> dict[str, Any]:
    """Read a successful answer back as botocore does, before boto3's own conveniences."""
    shape = operation_model(call.service, call.operation_name).output_shape
    headers = {name.lower(): value for name, value in response.headers.items()}
    raw = {"status_code": response.status_code, "headers": headers, "body": response.get_data()}
    parsed: dict[str, Any] = create_parser(call.protocol).parse(raw, shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def refuse(protocol: str, service: str, error: AwsError) -> Response:
    """Write an error as the protocol has it; the request id is a constant."""
    if protocol in {"json", "rest-json"}:
        content = json.dumps({"__type": error.code, "message": error.message})
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
        return Response(content, error.status, {**headers, "x-amzn-RequestId": REQUEST_ID})
    cause = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if service == "s3":
        content = f"<Error>{cause}<RequestId>{REQUEST_ID}</RequestId></Error>"
    elif protocol == "ec2":
        errors = f"<Errors><Error>{cause}</Error></Errors>"
        content = f"<Response>{errors}<RequestID>{REQUEST_ID}</RequestID></Response>"
    else:
        cause = f"<Error><Type>Sender</Type>{cause}</Error>"
        content = f"<ErrorResponse>{cause}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    return Response(content, error.status, {"Content-Type": "application/xml"})
