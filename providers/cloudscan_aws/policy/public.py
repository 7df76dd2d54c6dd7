"""Whether a bucket or access point policy is "public" in Amazon S3's own sense.

From "Blocking public access to your Amazon S3 storage: The meaning of public". It is a question about the
text of the policy, not about who may read: S3 starts from "public" and calls a policy non-public only if every
allow is for fixed values (without wildcard or variable) of one of the listed keys or principals. It decides
what the RestrictPublicBuckets switch cuts off, and nothing else.
"""

from __future__ import annotations

from functools import lru_cache

from cloudscan.access.strangers import is_narrow
from cloudscan_aws.policy.documents import Clause, Document, Malformed, Statement

_FIXING_KEYS = frozenset(
    key.casefold()
    for key in (
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceName",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceIp",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:SourceOwner",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:userid",
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    )
)
_FIXING_OPERATORS = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}
)


@lru_cache(maxsize=65536)
def is_public(document: Document, *, of_access_point: bool = False) -> bool | None:
    """Say whether S3 calls a policy public. None when a malformed part could make it so."""
    verdicts = [_admits_public(item, of_access_point=of_access_point) for item in document.statements]
    if any(verdicts):
        return True
    return None if None in verdicts else False


def _admits_public(item: Statement | Malformed, *, of_access_point: bool) -> bool | None:
    if isinstance(item, Malformed):
        return None
    if item.effect == "Deny":
        return False
    if item.faults:
        return None
    if item.principals is not None and all(_is_fixed_name(kind, name) for kind, name in item.principals.names):
        return False
    return not any(_fixes(clause, of_access_point=of_access_point) for clause in item.condition)


def _is_fixed_name(kind: str, name: str) -> bool:
    """A named account, user, role or service is fixed; everybody, or a web identity provider, is not."""
    return kind != "Federated" and "*" not in name


def _fixes(clause: Clause, *, of_access_point: bool) -> bool:
    """Say whether a clause holds a request to fixed values."""
    operator = clause.operator.lower().removeprefix("foranyvalue:")
    key = clause.key.casefold()
    if operator not in _FIXING_OPERATORS or key not in _FIXING_KEYS or not clause.values:
        return False
    if key == "aws:sourceip":
        return all(is_narrow(value) for value in clause.values)
    if key == "s3:dataaccesspointarn":
        return not of_access_point and all(_names_account(value) for value in clause.values)
    if key == "aws:userid" and any(
        value.upper().startswith("AROA") and value.endswith(":*") for value in clause.values
    ):
        return False
    return all(_is_fixed(value) for value in clause.values)


def _is_fixed(value: str) -> bool:
    return not any(mark in value for mark in ("*", "?", "${"))


def _names_account(value: str) -> bool:
    """An access point's ARN may leave its name open, as long as the account is fixed."""
    parts = value.split(":", 5)
    return len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit()
