"""The outside parties that the documents of a bucket speak of: in principals, in conditions, in lists, by service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeGuard

from cloudscan.access import Context, Ruling
from cloudscan.model import ANYONE_SIGNED_IN
from cloudscan_aws.askers import OVER_TLS, Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy import callers
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.kms import KeyFacts
from cloudscan_aws.policy.s3 import evaluate_object_request
from cloudscan_aws.policy.s3_facts import BucketFacts, ObjectFacts, Ownership

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>\d{12}):.*", re.DOTALL)
_CANONICAL = re.compile(r"[0-9a-f]{64}")
_SESSION = re.compile(r"arn:(?P<partition>[^:]+):sts::\d{12}:assumed-role/(?P<role>[^/]+)/(?P<name>.+)")
_OPEN_SERVICES = ("cloudfront.amazonaws.com",)
"""Services that hand objects on to whoever asks, for a resource that any account can make."""
_OF_ACCOUNTS = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourceaccount",
    "aws:sourcearn",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
}


def named(bucket: BucketFacts, policies: Iterable[Policy], facts: Facts) -> Iterator[Asker]:
    """Yield every outside party that is named, each once, in a stable order."""
    statements = [each for policy in policies for each in policy.document.statements if _allows(each)]
    found = {asker.principal: asker for asker in _all(bucket, statements, facts)}
    yield from (found[principal] for principal in sorted(found))


def _all(bucket: BucketFacts, statements: list[Statement], facts: Facts) -> Iterator[Asker]:
    names = [name for statement in statements if statement.principals for name in statement.principals.names]
    values = [
        (clause.key.casefold(), value)
        for statement in statements
        for clause in statement.condition
        for value in clause.values
    ]
    written = [name for kind, name in names if kind == "AWS"]
    written += [value for key, value in values if key in _OF_ACCOUNTS]
    written += [entry.grantee for entry in bucket.acl or () if entry.grantee.isdigit()]
    for name in written:
        if (asker := _account(name, facts)) is not None:
            yield asker
    yield from _by_canonical_id(bucket, [name for kind, name in names if kind == "CanonicalUser"], facts)
    for kind, name in names:
        if kind == "Service" and name in _OPEN_SERVICES:
            yield from _through_service(name, bucket, values, facts)
    for key, value in values:
        if key == "s3:dataaccesspointaccount" and _ACCOUNT.fullmatch(value) and value not in facts.estate.accounts:
            yield _through_point(value)
        ours = facts.organization.id if facts.organization else ""
        if key == "aws:principalorgid" and value.startswith("o-") and value != ours and "*" not in value:
            caller = replace(callers.somebody_in(callers.NOBODYS_ACCOUNT), claims={"aws:PrincipalOrgID": (value,)})
            yield Asker(f"organization {value}", caller, value, outside=True)


def _by_canonical_id(bucket: BucketFacts, named: list[str], facts: Facts) -> Iterator[Asker]:
    """Yield the accounts of which a policy or a list says the canonical id, and nothing else is known.

    From the "Amazon S3 User Guide", access control list (ACL) overview: an id that is none of the estate's accounts'
    is another account's, and no call tells whose.
    """
    written = list(named)
    if bucket.ownership is not Ownership.BUCKET_OWNER_ENFORCED:
        entries = [*(bucket.acl or ()), *facts.listed(bucket.arn)]
        written += [entry.grantee for entry in entries if _CANONICAL.fullmatch(entry.grantee)]
    for name in dict.fromkeys(written):
        if name not in facts.owners:
            caller = replace(callers.somebody_in(callers.NOBODYS_ACCOUNT), canonical_id=name)
            yield Asker(f"another account, canonical id {name}", caller, name, outside=True)


def named_by_key(key: KeyFacts, facts: Facts) -> Iterator[Asker]:
    """Yield every outside party that a key's policy or one of its grants names, each once, in a stable order."""
    document = key.policy.document if key.policy else None
    allowing = [each for each in document.statements if _allows(each)] if document else []
    written = [name for each in allowing if each.principals for kind, name in each.principals.names if kind == "AWS"]
    told = [clause for each in allowing for clause in each.condition]
    written += [value for clause in told if clause.key.casefold() in _OF_ACCOUNTS for value in clause.values]
    written += [grant.grantee for grant in key.grants or ()]
    found = {asker.principal: asker for name in written if (asker := _account(name, facts)) is not None}
    yield from (found[principal] for principal in sorted(found))


def _allows(item: Statement | Malformed) -> TypeGuard[Statement]:
    return isinstance(item, Statement) and item.effect == "Allow"


def _account(name: str, facts: Facts) -> Asker | None:
    """Make the asker of an account number or an ARN; None for one of the estate's own and for what names no account."""
    arn = _ARN.match(name)
    account = arn["account"] if arn else name if _ACCOUNT.fullmatch(name) else None
    if account is None or account in facts.estate.accounts:
        return None
    exact = arn is not None and not re.search(r"[*?$]|:root$", name)
    if exact and (session := _SESSION.match(name)):
        role = f"arn:{session['partition']}:iam::{account}:role/{session['role']}"
        return Asker(name, replace(callers.somebody_in(account, role), session=session["name"]), account, outside=True)
    identity = name if exact and ":iam::" in name else ""
    principal = identity or f"arn:aws:iam::{account}:root"
    return Asker(principal, callers.somebody_in(account, identity), account, outside=True)


def _through_point(account: str) -> Asker:
    """Make the asker of an account that comes through an access point of its own."""
    through = {"s3:DataAccessPointAccount": account, "s3:AccessPointNetworkOrigin": "Internet"}
    told = Context.of({"aws:SecureTransport": "true", **through})
    principal = f"access points of {account}"
    return Asker(principal, callers.somebody_in(account), account, outside=True, told=told)


def _through_service(name: str, bucket: BucketFacts, values: list[tuple[str, str]], facts: Facts) -> Iterator[Asker]:
    """Yield anyone signed in when a service may read for a resource of any account, else the accounts it is told."""
    service = callers.service(name)
    decision = evaluate_object_request(
        service,
        "s3:GetObject",
        bucket,
        "any",
        ObjectFacts(),
        keys=facts.keys,
        organization=facts.organization,
        context=OVER_TLS,
    )
    if decision.ruling is Ruling.YES:
        yield Asker(ANYONE_SIGNED_IN, service)
        yield Asker(name, service, name, outside=True)
    for key, value in values:
        arn = _ARN.match(value)
        account = arn["account"] if arn else value
        if (
            key in ("aws:sourcearn", "aws:sourceaccount")
            and _ACCOUNT.fullmatch(account)
            and account not in facts.estate.accounts
        ):
            caller = replace(
                service, claims={"aws:SourceArn": (value,) if arn else (), "aws:SourceAccount": (account,)}
            )
            yield Asker(f"{name} for {account}", caller, account, outside=True)
