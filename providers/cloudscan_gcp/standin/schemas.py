"""What Google's discovery documents say of bodies, held to with jsonschema.

An object holds what its schema names and nothing else; 64-bit integers are strings; times are RFC 3339; bytes are
Base64. A document's word "readOnly" is no rule here: Google's servers ignore such members of a request.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from cloudscan_gcp.standin.documents import Method, document

_TEXTS = {
    "int64": r"^-?\d{1,19}$",
    "uint64": r"^\d{1,20}$",
    "byte": r"^[A-Za-z0-9+/_-]*={0,2}$",
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "date-time": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$",
    "google-datetime": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$",
    "google-duration": r"^-?\d+(\.\d{1,9})?s$",
    "google-fieldmask": r"^[\w.,]*$",
}
_NUMBERS = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


class NotAllowed(ValueError):
    """A body that Google's schema does not allow; the message names the place."""


def check(name: str, schema: str, body: object) -> None:
    """Hold a body to a schema of a document of :data:`~cloudscan_gcp.standin.documents.APIS`.

    Raises :class:`NotAllowed`.
    """
    error = next(iter(_validator(name, schema).iter_errors(body)), None)
    if error is not None:
        place = "/".join(str(step) for step in error.absolute_path)
        raise NotAllowed(f"{schema}{'/' if place else ''}{place}: {error.message}")


def check_answer(method: Method, body: object) -> None:
    """Hold the answer to a method to its schema; raises :class:`NotAllowed`."""
    if method.response is None:
        if body not in (None, {}):
            raise NotAllowed(f"{method.id} answers nothing")
        return
    check(method.document, method.response, body)


def check_request(method: Method, body: object) -> None:
    """Hold the body of a request to its schema; raises :class:`NotAllowed`."""
    if method.request is None:
        if body is not None:
            raise NotAllowed(f"{method.id} takes no body")
        return
    check(method.document, method.request, {} if body is None else body)
    for name, member in properties(method.document, method.request).items():
        needed = method.id in member.get("annotations", {}).get("required", ())
        if needed and name not in (body if isinstance(body, dict) else {}):
            raise NotAllowed(f"{method.request}/{name} is required by {method.id}")


def properties(name: str, schema: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the members of a schema, as its document describes them."""
    found: Mapping[str, Mapping[str, Any]] = document(name)["schemas"][schema].get("properties", {})
    return found


def parameter(described: Mapping[str, Any]) -> Draft202012Validator:
    """Return what a single value of a parameter, spelled as in a query, is held to."""
    if described["type"] == "boolean":
        return Draft202012Validator({"enum": ["true", "false", "True", "False", "1", "0"]})
    if described["type"] == "integer":
        return Draft202012Validator({"type": "string", "pattern": r"^-?\d{1,10}$"})
    return Draft202012Validator(_converted({**described, "type": "string"}))


@functools.cache
def _validator(name: str, schema: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": _definitions(name)})


@functools.cache
def _definitions(name: str) -> dict[str, Any]:
    return {title: _converted(each) for title, each in document(name)["schemas"].items()}


def _converted(described: Mapping[str, Any]) -> dict[str, Any]:
    """One of a document's schemas as a JSON schema."""
    if "$ref" in described:
        return {"$ref": f"#/$defs/{described['$ref']}"}
    kind, spelled = described.get("type", "any"), described.get("format", "")
    if kind == "any":
        return {}
    if kind == "array":
        return {"type": "array", "items": _converted(described["items"])}
    if kind == "object":
        rest = described.get("additionalProperties")
        members = {name: _converted(each) for name, each in described.get("properties", {}).items()}
        return {
            "type": "object",
            "properties": members,
            "additionalProperties": False if rest is None else _converted(rest),
        }
    converted: dict[str, Any] = {"type": kind}
    if "enum" in described:
        converted["enum"] = described["enum"]
    if kind == "string" and (pattern := _TEXTS.get(spelled) or described.get("pattern")):
        converted["pattern"] = pattern
    if spelled in _NUMBERS and kind == "integer":
        converted["minimum"], converted["maximum"] = _NUMBERS[spelled]
    return converted
