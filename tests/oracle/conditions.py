"""Condition operators over a request of which everything is known.

From "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or values" and
"Set operators for multivalued context keys".
"""

from __future__ import annotations

import base64
import ipaddress
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from tests.oracle.matching import Context, Unresolved, literal, many, matches, text
from tests.oracle.verdict import Json, Undocumented

NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
FOR_ALL, FOR_ANY = "ForAllValues:", "ForAnyValue:"


def holds(block: Json, context: Context, version: str) -> bool:
    """Whether every operator of a condition block holds for every one of its keys."""
    try:
        return all(
            _holds(operator, key, [text(value) for value in many(values)], context, version)
            for operator, tests in block.items()
            for key, values in tests.items()
        )
    except Unresolved:  # "any attempt to match it fails and causes the statement to be invalid"
        return False


def _holds(operator: str, key: str, wanted: list[str], context: Context, version: str) -> bool:
    values = context.get(key.lower())
    if operator == "Null":
        if values == [""]:
            raise Undocumented("whether an empty value is null")
        return (values is None) == (wanted[0].lower() == "true")
    name, optional = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    every, some = name.startswith(FOR_ALL), name.startswith(FOR_ANY)
    name = name.removeprefix(FOR_ALL).removeprefix(FOR_ANY)
    if values is None:
        _resolve(wanted, context, version)
        return optional or every or (name in NEGATED and not some)
    if (every or some) and values in ([], [""]):
        return every
    if every:
        return all(_fits(name, value, wanted, context, version) for value in values)
    if some:
        return any(_fits(name, value, wanted, context, version) for value in values)
    if len(values) != 1:
        raise Undocumented("a key of many values without a set operator")
    return _fits(name, values[0], wanted, context, version)


def _resolve(wanted: list[str], context: Context, version: str) -> None:
    """Insist that variables have values: which rule wins without the key and without the variable is not written."""
    for each in wanted:
        try:
            literal(each, context, version)
        except Unresolved as missing:
            raise Undocumented("neither the key nor the variable has a value") from missing


def _fits(name: str, value: str, wanted: list[str], context: Context, version: str) -> bool:
    """Whether one value of a request fits the values of a policy: any of them, or for a negated operator none."""
    compare = NEGATED.get(name, name)
    fits, unresolved = False, False
    for each in wanted:
        try:
            fits |= _compare(compare, value, each, context, version)
        except Unresolved:
            unresolved = True
    if unresolved:
        if fits:
            raise Undocumented("a variable without a value beside a value that matches")
        raise Unresolved
    return fits != (name in NEGATED)


def _compare(name: str, value: str, wanted: str, context: Context, version: str) -> bool:
    match name:
        case "StringEquals":
            return value == literal(wanted, context, version)
        case "StringEqualsIgnoreCase":
            return value.lower() == literal(wanted, context, version).lower()
        case "StringLike":
            return matches(wanted, value, context, version)
        case "ArnEquals" | "ArnLike":
            return _arn(value, wanted, context, version)
        case "Bool":
            return _boolean(value) == _boolean(wanted)
        case "BinaryEquals":
            return base64.b64decode(value) == base64.b64decode(wanted)
        case "IpAddress":
            return _address(value, wanted)
    if name.startswith("Numeric"):
        return _ordered(name.removeprefix("Numeric"), _number(value), _number(wanted))
    return _ordered(name.removeprefix("Date"), _time(value), _time(wanted))


def _arn(value: str, pattern: str, context: Context, version: str) -> bool:
    """Compare ARNs: each of the six parts between colons for itself."""
    wanted, given = _parts(pattern), value.split(":", 5)
    if len(wanted) != 6:
        raise Undocumented("a pattern that is no ARN")
    return len(given) == 6 and all(
        matches(part, found, context, version) for part, found in zip(wanted, given, strict=True)
    )


def _parts(pattern: str) -> list[str]:
    """Split a pattern at its first five colons outside of variables."""
    parts, depth = [""], 0
    for character in pattern:
        depth += (character == "{") - (character == "}")
        if character == ":" and not depth and len(parts) < 6:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _boolean(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise Undocumented("no truth value")
    return value.lower() == "true"


def _address(value: str, wanted: str) -> bool:
    try:
        address, network = ipaddress.ip_address(value), ipaddress.ip_network(wanted)
    except ValueError as error:
        raise Undocumented("no address") from error
    return address in network


def _number(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise Undocumented("no number") from error


def _time(value: str) -> Decimal:
    """Return seconds since 1970: dates are written in ISO 8601 or as such seconds."""
    if value.isdigit():
        return Decimal(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise Undocumented("no date") from error
    return Decimal((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _ordered(name: str, value: Decimal, wanted: Decimal) -> bool:
    return {
        "Equals": value == wanted,
        "LessThan": value < wanted,
        "LessThanEquals": value <= wanted,
        "GreaterThan": value > wanted,
        "GreaterThanEquals": value >= wanted,
    }[name]
