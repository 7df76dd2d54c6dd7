"""Reach across clouds, from one snapshot: a role of AWS that comes through an identity pool of Google Cloud, or with a
token as an application of Azure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cloudscan.access import AccessGraph, Ruling, Way
from cloudscan.estate import Estate
from cloudscan.model import Answer, Federation, Record
from cloudscan.policy.file import Policy
from cloudscan.reach.answers import Asked
from cloudscan.reach.questions import Questions
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, speech
from cloudscan_aws import AwsProvider
from cloudscan_aws.policy.test_support import allow as permits
from cloudscan_aws.steps.test_support import arn, calls, identity, trusting
from cloudscan_azure import AzureProvider
from cloudscan_azure.policy.test_support import STORE as CONTAINER
from cloudscan_azure.policy.test_support import assigned, container
from cloudscan_azure.policy.test_support import estate as azure_estate
from cloudscan_azure.policy.test_support import recording as blob
from cloudscan_azure.steps.test_support import APP, door, service
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.policy.test_support import STORE, VIEWER, allow, binding, bucket, estate, recording, role
from cloudscan_gcp.steps.test_support import account

POOL = "projects/1001/locations/global/workloadIdentityPools/aws"
USER = "roles/iam.workloadIdentityUser"
READER = "serviceAccount:asr@calls.iam.gserviceaccount.com"


def of_both(condition: str = "", **facts: Any) -> Estate:
    """Ana may assume a role of AWS; the role comes through a pool as a service account that reads the bucket."""
    ana = identity("user", "ana", permits("sts:AssumeRole", "*"))
    worker = identity("role", "worker", trust=trusting(f"arn:aws:iam::{ACCOUNT}:root"))
    told: dict[str, Any] = {"trusted_account": ACCOUNT, "mapping": {}, "enabled": Answer.YES}
    door = Federation(f"{POOL}/providers/aws", "gcp", "calls", "", "aws", "aws", condition=condition, **(told | facts))
    comes_as = f"principalSet://iam.googleapis.com/{POOL}/attribute.aws_role/"
    member = f"{comes_as}arn:aws:sts::{ACCOUNT}:assumed-role/worker"
    google = [
        role(USER, "iam.serviceAccounts.getAccessToken"),
        *account("asr", binding(USER, member)),
        allow(STORE, binding(VIEWER, READER)),
        bucket(),
    ]
    one = estate(*google, door)
    rows = [recording(), speech("calls", "raw/a.wav", encryption_mode="provider", acl="[]")]
    records: list[Record] = [
        *one.accounts.values(),
        *one.policies.values(),
        *one.principals.values(),
        *one.stores.values(),
    ]
    return Estate.of([*records, door, *ana, *worker, calls()], (), ObjectTable(rows=rows))


def graph(held: Estate) -> AccessGraph:
    return AccessGraph([*AwsProvider().grants(held), *GcpProvider().grants(held)])


def test_a_user_of_aws_reads_in_google_cloud() -> None:
    readers = {one.principal: one for one in graph(of_both()).readers(STORE)}
    ana = readers[arn("user", "ana")]
    assert (ana.verdict, ana.way) == (Ruling.YES, Way.STEPS)
    kinds = [link.kind for link in ana.best.links[:-1]]  # type: ignore[union-attr]
    assert kinds == ["assume-role", "federate", "impersonate"]
    assert ana.best.nodes[1] == arn("role", "worker")
    assert ana.best.steps[0].source == arn("user", "ana")


def test_a_pool_that_takes_another_account_lets_nobody_of_this_one_in() -> None:
    readers = {one.principal for one in graph(of_both(trusted_account="222222222222")).readers(STORE)}
    assert arn("user", "ana") not in readers
    assert READER in readers


def test_the_attribute_condition_of_the_provider_is_asked_on_the_way() -> None:
    readers = {one.principal: one for one in graph(of_both("assertion.userid == 'AROA:nightly'")).readers(STORE)}
    ana = readers[arn("user", "ana")]
    assert ana.verdict is Ruling.IF
    assert "assertion.userid" in ana.best.condition


def test_why_an_identity_of_another_cloud_does_not_read_says_whose_it_is() -> None:
    questions = Questions(Asked(of_both(), Policy()), [AwsProvider(), GcpProvider()])
    missing = questions.between(arn("role", "worker"), STORE, max_steps=5, limit=5).missing
    assert missing is not None
    told = f"{arn('role', 'worker')} is an identity of aws, and nothing that was read of gcp names it"
    assert [one.sentence for one in missing.decision.proof] == [told]


def test_a_user_of_aws_reads_in_azure_with_a_token_of_the_role() -> None:
    ana = identity("user", "ana", permits("sts:AssumeRole", "*"))
    worker = identity("role", "worker", trust=trusting(f"arn:aws:iam::{ACCOUNT}:root"))
    let_in = door("https://a1b2.tokens.sts.global.api.aws", arn("role", "worker"), APP)
    aws = [*ana, *worker, calls()]
    azure = azure_estate(container(), service(APP), assigned(CONTAINER, "reader", APP), let_in, *aws)
    held = replace(azure, objects=ObjectTable(rows=[blob(), speech("calls", "raw/a.wav", encryption_mode="provider")]))
    found = AccessGraph([*AwsProvider().grants(held), *AzureProvider().grants(held)])
    reader = {one.principal: one for one in found.readers(CONTAINER)}[arn("user", "ana")]
    assert reader.verdict is Ruling.YES
    assert [link.kind for link in reader.best.links[:-1]] == ["assume-role", "federate"]  # type: ignore[union-attr]
