"""Why steps fail that somebody is given the rights for: what holds each of them back, in all clouds."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from jsonschema import validate

from cloudscan.answers import Asked, Between
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Principal, Record
from cloudscan.objects import ObjectTable
from cloudscan.policy import Policy
from cloudscan.provider import Provider
from cloudscan.reach import Questions
from cloudscan.reach_reports import renderer
from cloudscan.report import ReportOptions
from cloudscan.schemas import schema
from cloudscan.testing import ACCOUNT as AWS
from cloudscan.testing import speech, store
from cloudscan_aws import AwsProvider
from cloudscan_azure import AzureProvider
from cloudscan_azure.policy import test_support as azure
from cloudscan_azure.policy.test_support import ACCOUNT, ANA, BO, STORE, SUBSCRIPTION
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.policy import test_support as gcp

LISTS = azure.role("key operator", actions=["Microsoft.Storage/storageAccounts/listKeys/action"])
OPERATOR = azure.assigned(ACCOUNT, "key operator", ANA)
ADMIN = azure.assigned(SUBSCRIPTION, "owner", ANA)
LOCK = azure.lock(ACCOUNT)


def between(held: Estate, who: str = ANA, place: str = STORE, provider: Provider | None = None) -> Between:
    asked = Asked(held, Policy())
    return Questions(asked, [provider or AzureProvider()]).between(who, place, max_steps=5, limit=100)


def stops(answer: Between) -> dict[str, set[str]]:
    """By what each action is stopped."""
    return {
        action.rpartition("Accounts/")[2]: {reason.statement or reason.sentence for reason in one.reasons}
        for one in answer.held_back
        for action in one.actions
    }


def in_azure(*records: Record) -> Between:
    return between(azure.estate(LISTS, *records))


def test_a_lock_that_refuses_to_list_keys_is_named() -> None:
    answer = in_azure(OPERATOR, LOCK)
    assert (list(answer.paths), stops(answer)) == ([], {"listKeys/action": {LOCK.id}})
    (one,) = answer.held_back
    assert one.resource == ACCOUNT
    assert [reason.sentence for reason in one.reasons] == [
        f"the lock {LOCK.id} refuses Microsoft.Storage/storageAccounts/listKeys/action"
    ]


def test_nothing_holds_back_what_nobody_gives_or_what_succeeds() -> None:
    assert between(azure.estate(LISTS, OPERATOR, LOCK), BO).held_back == []
    assert in_azure(LOCK).held_back == []
    surely = in_azure(OPERATOR)
    assert (bool(surely.paths), surely.held_back) == (True, ())


def test_a_deny_assignment_that_refuses_to_assign_roles_is_named() -> None:
    writes = azure.role("role admin", actions=["Microsoft.Authorization/roleAssignments/write"])
    given = azure.assigned(SUBSCRIPTION, "role admin", ANA)
    no = azure.denied(SUBSCRIPTION, ANA, actions=["Microsoft.Authorization/*"], data=[])
    answer = in_azure(writes, given, no)
    assert list(answer.paths) == []
    assert stops(answer) == {"Microsoft.Authorization/roleAssignments/write": {no.id}}
    assert in_azure(writes, given).paths


def test_a_read_that_is_refused_after_the_step_is_told_with_what_refuses_it() -> None:
    off = azure.container(controls={"allowSharedKeyAccess": Answer.NO})
    answer = in_azure(off, OPERATOR)
    (one,) = answer.held_back
    assert one.actions == ("Microsoft.Storage/storageAccounts/listKeys/action",)
    assert one.resource == f"{STORE}/blobs/raw/a.wav"
    assert [reason.sentence for reason in one.reasons] == [f"{ACCOUNT} takes nothing that its keys sign"]


def test_everything_that_stops_a_step_is_told() -> None:
    no = azure.denied(ACCOUNT, ANA, actions=["Microsoft.Storage/storageAccounts/*"], data=[])
    assert stops(in_azure(OPERATOR, LOCK, no)) == {"listKeys/action": {LOCK.id, no.id}}


def test_what_an_owner_may_not_do_is_told_once_for_all_that_is_stopped_alike() -> None:
    no = azure.denied(SUBSCRIPTION, ANA, actions=["*"], data=[f"{azure.BLOB}/*"])
    answer = in_azure(ADMIN, no)
    assert list(answer.paths) == []
    assert {"listKeys/action", "regenerateKey/action", "write"} <= stops(answer).keys()
    on_account = [one for one in answer.held_back if one.resource == ACCOUNT]
    assert sum("Microsoft.Storage/storageAccounts/listKeys/action" in one.actions for one in on_account) == 1


@pytest.mark.parametrize("form", ["terminal", "json"])
def test_reports_tell_what_holds_steps_back(form: str) -> None:
    out = io.StringIO()
    renderer(form).render(in_azure(OPERATOR, LOCK), out, ReportOptions())
    if form == "json":
        told = json.loads(out.getvalue())
        validate(told, schema("reach-1"))
        (one,) = told["held_back"]
        assert (one["actions"], one["on"]) == (["Microsoft.Storage/storageAccounts/listKeys/action"], ACCOUNT)
        assert one["reasons"][0]["statement"] == LOCK.id
    else:
        text = " ".join(out.getvalue().split())
        assert "What holds back the steps that it has rights for" in text
        assert "the lock" in text


def in_gcp(*records: Record) -> Between:
    return between(gcp.estate(gcp.person(gcp.ANA), *records), gcp.ANA, gcp.STORE, GcpProvider())


ADMINISTERS = gcp.role("roles/custom.admin", "storage.buckets.setIamPolicy")
BOUND = gcp.allow(gcp.STORE, gcp.binding("roles/custom.admin", gcp.ANA))


def test_a_deny_policy_that_refuses_to_write_the_policy_is_named() -> None:
    whom = "principal://goog/subject/ana@acme.example"
    permission = "storage.googleapis.com/buckets.setIamPolicy"
    no = gcp.deny(gcp.PROJECT, gcp.rule(whom, permissions=[permission]))
    answer = in_gcp(ADMINISTERS, BOUND, no)
    assert list(answer.paths) == []
    (one,) = answer.held_back
    assert (one.actions, one.resource) == (("storage.buckets.setIamPolicy",), gcp.STORE)
    assert [reason.effect for reason in one.reasons] == ["denies"]
    assert in_gcp(ADMINISTERS, BOUND).paths
    assert in_gcp(ADMINISTERS, no).held_back == []


def test_what_refuses_the_read_once_the_policy_is_written_is_named() -> None:
    whom = "principal://goog/subject/ana@acme.example"
    everybody = gcp.deny(gcp.PROJECT, gcp.rule(whom, gcp.EVERYBODY))
    answer = in_gcp(ADMINISTERS, BOUND, everybody)
    (one,) = answer.held_back
    assert (one.actions, one.resource) == (("storage.buckets.setIamPolicy",), f"{gcp.STORE}/raw/a.wav")
    assert "refuses storage.objects.get" in one.reasons[0].sentence


BUCKET, USER = "arn:aws:s3:::calls", f"arn:aws:iam::{AWS}:user/ana"


def statement(effect: str, action: str, resource: str = BUCKET) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def in_aws(*statements: dict[str, Any], boundary: dict[str, Any] | None = None) -> Between:
    def document(name: str, *held: dict[str, Any]) -> PolicyDocument:
        text = json.dumps({"Version": "2012-10-17", "Statement": list(held)})
        return PolicyDocument(name, "aws", AWS, "identity", (USER,), text)

    own, limit = f"{USER}#inline/own", f"arn:aws:iam::{AWS}:policy/limit"
    records: list[Record] = [
        Account(AWS, "aws", organization=""),
        store("calls", has_policy=Answer.NO, ownership="BucketOwnerEnforced"),
        document(own, *statements),
        Principal(USER, "aws", AWS, "user", "ana", policies=(own,), boundary=limit if boundary else "", labels={}),
    ]
    records += [document(limit, boundary)] if boundary else []
    rows = ObjectTable(rows=[speech("calls", "a.wav", encryption_mode="provider")])
    return between(Estate.of(records, objects=rows), USER, "calls", AwsProvider())


def test_a_deny_that_stops_writing_the_bucket_policy_is_named() -> None:
    allow, deny = statement("Allow", "s3:PutBucketPolicy"), statement("Deny", "s3:*BucketPolicy")
    answer = in_aws(allow, deny)
    (one,) = answer.held_back
    assert (list(answer.paths), one.actions, one.resource) == ([], ("s3:PutBucketPolicy",), BUCKET)
    assert [reason.statement for reason in one.reasons] == [f"{USER}#inline/own, statement 2"]
    assert in_aws(allow).paths
    assert in_aws(deny).held_back == []


def test_a_boundary_that_does_not_allow_it_is_named() -> None:
    limit = statement("Allow", "s3:GetObject", f"{BUCKET}/*")
    (one,) = in_aws(statement("Allow", "s3:PutBucketPolicy"), boundary=limit).held_back
    assert one.actions == ("s3:PutBucketPolicy",)
    assert {reason.effect for reason in one.reasons} == {"lacks"}
    assert "policy/limit does not allow s3:PutBucketPolicy" in one.reasons[0].sentence
