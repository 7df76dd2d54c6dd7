"""What Amazon S3 calls a public policy. From "The meaning of public"."""

from __future__ import annotations

import ipaddress
import re

from tests.oracle.matching import many
from tests.oracle.verdict import Json, Undocumented

_FIXED = {
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "aws:principalorgid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalservicename",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
}
_POSITIVE = {"StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "IpAddress"}


def is_public(policy: Json, *, of_access_point: bool) -> bool:
    """Whether a policy is public: one statement that is makes it so."""
    statements = policy["Statement"]
    return any(
        statement["Effect"] == "Allow" and not _is_fixed(statement, of_access_point=of_access_point)
        for statement in (statements if isinstance(statements, list) else [statements])
    )


def _is_fixed(statement: Json, *, of_access_point: bool) -> bool:
    fixing = [
        operator
        for operator, tests in statement.get("Condition", {}).items()
        for key, values in tests.items()
        if operator.removeprefix("ForAnyValue:") in _POSITIVE
        and _is_fixed_key(key, [str(value) for value in many(values)], of_access_point)
    ]
    if _names_fixed_principals(statement) or any(operator in _POSITIVE for operator in fixing):
        return True
    if fixing:
        raise Undocumented("whether ForAnyValue makes a public policy one for fixed values")
    return False


def _names_fixed_principals(statement: Json) -> bool:
    principal = statement.get("Principal")
    return isinstance(principal, dict) and all(
        kind in ("AWS", "Service") and "*" not in str(name) for kind, names in principal.items() for name in many(names)
    )


def _is_fixed_key(key: str, values: list[str], of_access_point: bool) -> bool:
    key = key.lower()
    if key not in _FIXED:
        return False
    if key == "s3:dataaccesspointarn":
        return not of_access_point and all(
            re.fullmatch(r"arn:aws:s3:[^:*?]+:\d{12}:accesspoint/[^$]*", value) for value in values
        )
    if key == "aws:sourceip":
        return all(_is_narrow(value) for value in values)
    return not any(re.search(r"[*?]|\$\{", value) for value in values)


def _is_narrow(block: str) -> bool:
    network = ipaddress.ip_network(block)
    return network.prefixlen >= (8 if network.version == 4 else 32)
