"""A small estate for the tests of the steps: people and roles of one account as records, and a bucket of calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cloudscan import testing
from cloudscan.access import Edge, Grant
from cloudscan.estate import Estate
from cloudscan.model import Account, Action, Answer, PolicyDocument, Principal, Record, Store
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, speech, store
from cloudscan_aws import AwsProvider
from cloudscan_aws.policy.test_support import allow, deny

__all__ = ["ACCOUNT", "PARTNER", "allow", "deny"]
PARTNER = "222222222222"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
CALLS = "arn:aws:s3:::calls"
READS = allow("s3:GetObject", f"{CALLS}/*")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def arn(kind: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(principal: Any, condition: Any = None, action: str = "sts:AssumeRole") -> Any:
    given = {"Effect": "Allow", "Principal": {"AWS": principal} if isinstance(principal, str) else principal}
    return {**given, "Action": action, **({"Condition": condition} if condition else {})}


def identity(
    kind: str, name: str, *statements: Any, trust: Any = None, bounds: Any = None, **facts: Any
) -> list[Record]:
    """A user, role or group with an inline policy, a role's trust and a boundary, as the collection writes them."""
    account = facts.pop("account", ACCOUNT)
    me = arn(kind, name, account)
    records: list[Record] = []

    def written(suffix: str, of: str, text: str) -> str:
        records.append(PolicyDocument(f"{me}#{suffix}", "aws", account, of, (me,), text))
        return f"{me}#{suffix}"

    given: dict[str, Any] = {"boundary": "", "labels": {}, "password": Answer.NO, "policies": ()}
    if statements:
        given["policies"] = (written("inline/own", "identity", document(*statements)),)
    if bounds:
        given["boundary"] = written("bounds", "boundary", document(bounds))
    if kind == "role":
        given["trust"] = None if trust is None else written("trust", "trust", document(*_several(trust)))
    return [Principal(me, "aws", account, kind, name, **{**given, **facts}), *records]


def _several(statements: Any) -> Sequence[Any]:
    return statements if isinstance(statements, tuple) else (statements,)


def estate(*records: Record | list[Record], **of_store: Any) -> Estate:
    """An account of no organization with those records, and a bucket with one recording."""
    kept: list[Record] = [one for each in records for one in (each if isinstance(each, list) else [each])]
    if not any(isinstance(one, Account) for one in kept):
        kept.append(Account(ACCOUNT, "aws", organization=""))
    if not any(isinstance(one, Store) for one in kept):
        kept.append(calls(**of_store))
    return Estate.of(
        kept, objects=ObjectTable(rows=[speech("calls", "raw/a.wav", encryption_mode="provider", acl="[]")])
    )


def calls(**facts: Any) -> Store:
    """The bucket: nothing about it is unknown, and nobody is let in."""
    from cloudscan.model import Encryption

    given = {
        "encryption": Encryption("provider"),
        "has_policy": Answer.NO,
        "acl": (),
        "ownership": "BucketOwnerEnforced",
        "versioning": "disabled",
        "controls": {"IgnorePublicAcls": Answer.NO, "RestrictPublicBuckets": Answer.NO},
    }
    return store("calls", **{**given, **facts})


def derived(held: Estate) -> tuple[Sequence[Edge], Sequence[Grant]]:
    """Everything that the provider derives, edges and reads apart."""
    every = list(AwsProvider().grants(held))
    edges = [one for one in every if isinstance(one, Edge)]
    return edges, [one for one in every if isinstance(one, Grant) and one.action is Action.READ]


def steps(held: Estate, *kinds: str) -> list[Edge]:
    """The edges of some kinds."""
    edges, _ = derived(held)
    return [edge for edge in edges if edge.kind in kinds]


def pairs(edges: Iterable[Edge]) -> Iterator[tuple[str, str]]:
    """Who becomes whom, by their names alone; to become oneself is no step."""
    yield from ((_name(source), _name(target)) for source, target in testing.pairs(edges))


def _name(principal: str) -> str:
    return principal.replace(f"arn:aws:iam::{ACCOUNT}:", "")
