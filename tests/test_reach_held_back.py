"""Why steps fail that somebody is given the rights for: what holds each of them back, in all clouds."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from jsonschema import validate

from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Principal, Record, Workload
from cloudscan.policy.file import Policy
from cloudscan.provider import Provider
from cloudscan.reach.answers import Asked, Between
from cloudscan.reach.questions import Questions
from cloudscan.reach_reports import renderer
from cloudscan.report import ReportOptions
from cloudscan.schemas import schema
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT as AWS
from cloudscan.testing import speech, store
from cloudscan_aws import AwsProvider
from cloudscan_azure import AzureProvider
from cloudscan_azure.policy import test_support as azure
from cloudscan_azure.policy.test_support import ACCOUNT, ANA, ASR, BO, STORE, SUBSCRIPTION
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


PLACE = f"{SUBSCRIPTION}/resourcegroups/audio/providers/microsoft.compute/virtualmachines/vm1"
MACHINE = Workload(PLACE, "azure", azure.SUB, "westeurope", "instance", "vm1", principal=ASR)
RUNS = azure.role("runner", actions=["Microsoft.Compute/virtualMachines/runCommand/action"])


@pytest.mark.parametrize("reads", [True, False])
def test_a_lock_on_what_runs_as_somebody_who_reads_is_named(*, reads: bool) -> None:
    shut = azure.lock(PLACE)
    given: list[Record] = [MACHINE, RUNS, azure.assigned(PLACE, "runner", ANA)]
    given += [azure.assigned(ACCOUNT, "reader", ASR)] if reads else []
    told = {(action, one.resource) for one in in_azure(*given, shut).held_back for action in one.actions}
    assert told == ({("Microsoft.Compute/virtualMachines/runCommand/action", PLACE)} if reads else set())
    assert bool(in_azure(*given).paths) is reads


def test_reports_tell_what_holds_steps_back() -> None:
    answer, out = in_azure(OPERATOR, LOCK), io.StringIO()
    renderer("json").render(answer, out, ReportOptions())
    told = json.loads(out.getvalue())
    validate(told, schema("reach-1"))
    (one,) = told["held_back"]
    assert (one["actions"], one["on"]) == (["Microsoft.Storage/storageAccounts/listKeys/action"], ACCOUNT)
    assert one["reasons"][0]["statement"] == LOCK.id
    text = written(answer)
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


def test_a_deny_policy_that_refuses_tokens_of_an_account_that_reads_is_named() -> None:
    maker = gcp.role("roles/custom.maker", "iam.serviceAccounts.getAccessToken")
    reader = gcp.role("roles/custom.reader", "storage.objects.get")
    given: list[Record] = [
        *(maker, reader, gcp.person(gcp.ASR)),
        gcp.allow(gcp.STORE, gcp.binding("roles/custom.reader", gcp.ASR)),
        gcp.allow(gcp.PROJECT, gcp.binding("roles/custom.maker", gcp.ANA)),
    ]
    permission = "iam.googleapis.com/serviceAccounts.getAccessToken"
    no = gcp.deny(gcp.PROJECT, gcp.rule("principal://goog/subject/ana@acme.example", permissions=[permission]))
    (one,) = in_gcp(*given, no).held_back
    assert (one.actions, one.resource) == (("iam.serviceAccounts.getAccessToken",), gcp.ASR)
    assert in_gcp(*given).paths


BUCKET, USER = "arn:aws:s3:::calls", f"arn:aws:iam::{AWS}:user/ana"


def statement(effect: str, action: str, resource: str = BUCKET) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def document(name: str, *held: dict[str, Any], kind: str = "identity", to: str = "") -> PolicyDocument:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(held)})
    return PolicyDocument(name, "aws", AWS, kind, (to or USER,), text)


def in_aws(*statements: dict[str, Any], boundary: dict[str, Any] | None = None, more: Sequence[Record] = ()) -> Between:
    own, limit = f"{USER}#inline/own", f"arn:aws:iam::{AWS}:policy/limit"
    records: list[Record] = [
        Account(AWS, "aws", organization=""),
        store("calls", has_policy=Answer.NO, ownership="BucketOwnerEnforced"),
        document(own, *statements),
        Principal(USER, "aws", AWS, "user", "ana", policies=(own,), boundary=limit if boundary else "", labels={}),
    ]
    records += [document(limit, boundary), *more] if boundary else list(more)
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


def agents(*names: str) -> Iterator[Record]:
    """Roles that read and trust the user."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": USER}}
    for name in names:
        role = f"arn:aws:iam::{AWS}:role/{name}"
        read, who = f"{role}#inline/read", f"{role}#trust"
        yield document(read, statement("Allow", "s3:GetObject", f"{BUCKET}/*"), to=role)
        yield document(who, trust, kind="trust", to=role)
        yield Principal(role, "aws", AWS, "role", name, policies=(read,), trust=who, boundary="", labels={})


def test_a_deny_that_stops_assuming_a_role_that_reads_is_named() -> None:
    agent = list(agents("agent"))
    answer = in_aws(statement("Deny", "sts:AssumeRole", "*"), more=agent)
    (one,) = answer.held_back
    assert (list(answer.paths), one.actions) == ([], ("sts:AssumeRole",))
    assert one.resource == f"arn:aws:iam::{AWS}:role/agent"
    assert [reason.statement for reason in one.reasons] == [f"{USER}#inline/own, statement 1"]
    assert in_aws(more=agent).paths


def test_of_many_steps_the_first_are_written_and_the_rest_counted() -> None:
    many = list(agents(*(f"agent{number}" for number in range(12))))
    answer = in_aws(statement("Deny", "sts:AssumeRole", "*"), more=many)
    assert "and 2 more steps: --all writes out every one" in written(answer)
    assert "more steps" not in written(answer, every=True)


def written(answer: Between, **options: bool) -> str:
    out = io.StringIO()
    renderer("terminal").render(answer, out, ReportOptions(**options))
    return " ".join(out.getvalue().split())
