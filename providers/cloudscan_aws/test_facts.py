"""What the records tell reaches the evaluator."""

from __future__ import annotations

import json

import pytest

from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Account, AclGrant, Answer, Key, KeyGrant, Principal
from cloudscan.testing import store
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy import callers
from cloudscan_aws.policy.s3_facts import AclEntry

OWN = "123456789012"
ANA = f"arn:aws:iam::{OWN}:user/ana"


@pytest.mark.parametrize(("told", "known"), [("AIDAEXAMPLE", ("AIDAEXAMPLE",)), (None, None)])
def test_a_user_asks_under_the_id_that_nobody_has_again(told: str | None, known: tuple[str, ...] | None) -> None:
    ana = Principal(ANA, "aws", OWN, "user", "ana", policies=(), boundary="", labels={}, unique_id=told)
    ((_, caller),) = Facts(Estate.of([ana])).callers()
    assert caller.unique_id == told
    assert callers.facts(caller).values("aws:userid") == known


OURS, SISTERS, FOREIGN = "a" * 64, "b" * 64, "c" * 64
LISTED = (
    (AclGrant(OURS, "FULL_CONTROL"), AclEntry(OWN, "FULL_CONTROL")),
    (AclGrant(SISTERS, "READ"), AclEntry("210987654321", "READ")),
    (AclGrant(FOREIGN, "READ"), AclEntry(FOREIGN, "READ")),
    (AclGrant(ANYONE, "READ"), AclEntry("AllUsers", "READ")),
    (AclGrant(ANYONE_SIGNED_IN, "READ_ACP"), AclEntry("AuthenticatedUsers", "READ_ACP")),
)


def test_lists_name_the_estates_accounts_by_canonical_ids() -> None:
    calls = store("calls", account=OWN, owner=OURS, acl=tuple(told for told, _ in LISTED))
    facts = Facts(Estate.of([calls, store("sister", account="210987654321", owner=SISTERS)]))
    meant = tuple(entry for _, entry in LISTED)
    assert facts.bucket(calls).acl == meant
    assert facts.object_acl(json.dumps([[told.grantee, told.permission] for told, _ in LISTED])) == meant


@pytest.mark.parametrize("text", [None, "", "{}", "[[1, 2]]", '[["anyone"]]', '[["anyone", "READ", "x"]]'])
def test_list_of_an_object_that_makes_no_sense_was_not_read(text: str | None) -> None:
    assert Facts(Estate.of([])).object_acl(text) is None


def test_an_account_of_no_organization_stands_beside_those_of_one() -> None:
    member = Account(OWN, "aws", organization="o-1", management=Answer.NO, parents=())
    head = Account("333333333333", "aws", organization="o-1", management=Answer.YES, parents=())
    alone = Account("210987654321", "aws", organization="")
    ben = Principal("arn:aws:iam::210987654321:user/ben", "aws", "210987654321", "user", "ben", policies=())
    facts = Facts(Estate.of([member, head, alone, ben]))
    assert facts.organization is not None
    assert [facts.organization.has(account.id) for account in (member, head, alone)] == [True, True, False]
    ((_, caller),) = facts.callers()
    assert caller.organization == ""


@pytest.mark.parametrize("other", [None, "o-2"])
def test_an_organization_that_was_not_read_or_is_one_of_several_is_unknown(other: str | None) -> None:
    accounts = [Account(OWN, "aws", organization="o-1"), Account("210987654321", "aws", organization=other)]
    assert Facts(Estate.of(accounts)).organization is None


@pytest.mark.parametrize(
    "text", ["[]", "3", "{", '{"EncryptionContextSubset": 3}', '{"EncryptionContextEquals": {"a": 1}}']
)
def test_constraints_of_a_grant_that_make_no_sense_were_not_read(text: str) -> None:
    grants = (KeyGrant(ANA, ("Decrypt",)), KeyGrant(ANA, ("Decrypt",), text))
    assert Facts(Estate.of([])).key(Key("k", "aws", OWN, "eu-central-1", grants=grants)).grants is None
    assert Facts(Estate.of([])).key(Key("k", "aws", OWN, "eu-central-1", grants=grants[:1])).grants is not None
