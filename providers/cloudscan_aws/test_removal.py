from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import AccessGraph, Cut
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Principal, Record
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, speech, store
from cloudscan_aws import AwsProvider
from cloudscan_aws.removal import without

CALLS = "arn:aws:s3:::calls"
ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{CALLS}/*"}


def _document(
    name: str, kind: str, target: str, *statements: dict[str, Any], text: str | None = None
) -> PolicyDocument:
    body = json.dumps({"Version": "2012-10-17", "Statement": statements}) if text is None else text
    return PolicyDocument(name, "aws", ACCOUNT, kind, (target,), body)


def _estate(*documents: PolicyDocument, **facts: Any) -> Estate:
    held = tuple(each.id for each in documents if ANA in each.attached_to and each.kind == "identity")
    records: list[Record] = [
        Account(ACCOUNT, "aws", organization=""),
        store("calls", has_policy=Answer.YES, acl=(), ownership="BucketOwnerEnforced", **facts),
        Principal(ANA, "aws", ACCOUNT, "user", "ana", policies=held, boundary=""),
        *documents,
    ]
    return Estate.of(records, objects=ObjectTable(rows=[speech("calls", "a.wav", encryption_mode="provider")]))


def _reading(estate: Estate) -> set[str]:
    return {reader.principal for reader in AccessGraph(AwsProvider().grants(estate)).readers(CALLS)}


OWN = _document("own", "identity", ANA, {"Sid": "Other", **READ, "Action": "s3:ListBucket"}, READ)
SHARED = _document("shared", "resource", CALLS, {**READ, "Principal": {"AWS": ANA}, "Sid": "Ana"})
BUCKET = "bucket policy of calls, statement 1 (Ana)"


def test_of_two_statements_that_allow_the_same_both_must_go() -> None:
    estate = _estate(OWN, SHARED)
    assert ANA in _reading(estate)
    assert ANA in _reading(without(estate, ["own, statement 2"]))
    assert ANA in _reading(without(estate, [BUCKET]))
    assert ANA not in _reading(without(estate, [BUCKET, "own, statement 2"]))


def test_other_statements_keep_their_names() -> None:
    estate = without(_estate(OWN, SHARED), ["own, statement 1 (Other)", BUCKET])
    (reader,) = (each for each in AccessGraph(AwsProvider().grants(estate)).readers(CALLS) if each.principal == ANA)
    assert {step.statement for step in reader.best.steps} == {"own, statement 2"}


def test_only_what_is_named_changes() -> None:
    estate = _estate(OWN, SHARED)
    left = without(estate, ["own, statement 9", "something else", ""])
    assert left.policies == estate.policies
    gone = without(estate, [BUCKET])
    assert gone.policies["own"] == estate.policies["own"]
    assert gone.objects is estate.objects


def test_a_deny_that_goes_lets_somebody_in() -> None:
    deny = {"Sid": "Not", "Effect": "Deny", "Action": "s3:*", "Resource": f"{CALLS}/*"}
    estate = _estate(_document("own", "identity", ANA, READ, deny), _document("shared", "resource", CALLS))
    assert ANA not in _reading(estate)
    assert ANA in _reading(without(estate, ["own, statement 2 (Not)"]))


@pytest.mark.parametrize(
    "text",
    [
        "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D"
    ],
)
def test_a_document_may_be_encoded_and_hold_one_statement_that_is_no_list(text: str) -> None:
    estate = _estate(_document("own", "identity", ANA, text=text), _document("shared", "resource", CALLS))
    assert ANA in _reading(estate)
    assert ANA not in _reading(without(estate, ["own, statement 1"]))


@pytest.mark.parametrize(
    "text", ["", "not JSON", "[]", '{"Statement": 3}', '{"Statement": ["x"]}', '{"Statement": [{"Effect": "?"}]}']
)
def test_what_cannot_be_read_stays_or_goes_without_harm(text: str) -> None:
    estate = _estate(_document("own", "identity", ANA, text=text), _document("shared", "resource", CALLS))
    for name in ("own", "own, statement 1"):
        assert set(without(estate, [name]).policies) == {"own", "shared"}
    assert isinstance(_reading(without(estate, ["own, statement 1"])), set)


def test_what_a_boundary_allows_is_no_right_to_take_away() -> None:
    limit = _document("limit", "boundary", ANA, READ)
    estate = _estate(OWN, limit)
    assert without(estate, ["limit, statement 1"]).policies == estate.policies


def _cut(estate: Estate, *keep: str) -> Cut:
    provider = AwsProvider()

    def again(statements: frozenset[str]) -> AccessGraph:
        return AccessGraph(provider.grants(provider.without(estate, statements)))

    removable = provider.statements(estate)
    return AccessGraph(provider.grants(estate)).cut(CALLS, keep, again=again, removable=removable)


def test_a_cut_takes_both_of_two_statements_that_allow_the_same_and_one_where_one_is_enough() -> None:
    root = f"arn:aws:iam::{ACCOUNT}:root"
    both = _cut(_estate(OWN, SHARED), root)
    assert {removal.statement for removal in both.removals} == {BUCKET, "own, statement 2"}
    alone = _cut(_estate(OWN, _document("shared", "resource", CALLS)), root)
    assert [removal.statement for removal in alone.removals] == ["own, statement 2"]
    assert [removal.readers_gone for removal in alone.removals] == [1]
    assert (both.left, alone.left, both.fewest, alone.fewest) == ((), (), True, True)


def test_a_cut_never_takes_away_what_limits_everybody() -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    estate = _estate(OWN, _document("limit", "boundary", ANA, everything), _document("shared", "resource", CALLS))
    limited = replace(estate.principals[ANA], boundary="limit")
    estate = replace(estate, principals={**estate.principals, ANA: limited})
    cut = _cut(estate, f"arn:aws:iam::{ACCOUNT}:root")
    assert [removal.statement for removal in cut.removals] == ["own, statement 2"]
