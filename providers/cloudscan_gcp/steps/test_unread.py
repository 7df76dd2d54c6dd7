"""What was not read is told of a step as unknown, and never as a yes or a no."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling
from cloudscan.model import Account, Answer, Encryption
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.policy.test_support import (
    ANA,
    ASR,
    EVERYBODY,
    FOLDER,
    KEY,
    ORGANIZATION,
    PROJECT,
    STORE,
    VIEWER,
    allow,
    binding,
    bucket,
    deny,
    estate,
    kms_key,
    person,
    recording,
    role,
    rule,
)
from cloudscan_gcp.steps.impersonating import MAKES_KEY
from cloudscan_gcp.steps.machines import REQUIRED, SETS, SIGNS_IN
from cloudscan_gcp.steps.test_support import account, machine, openings, steps

MINE = "projects/calls/roles/mine"
PROJECT_OF_KEYS = ("iam.disableServiceAccountKeyCreation", "iam.disableServiceAccountKeyUpload")


def rulings(*records: Any, kind: str) -> dict[str, Ruling]:
    edges = steps(estate(*records), kind)
    return {source: edge.decision.ruling for edge in edges for source in edge.sources}


def test_of_an_account_whose_policy_was_not_read_somebody_may_have_tokens() -> None:
    found = rulings(person(ASR, enabled=Answer.YES), kind="impersonate")
    assert found == {UNNAMED.name: Ruling.UNKNOWN}


@pytest.mark.parametrize(
    ("controls", "ruling"),
    [
        ({}, Ruling.UNKNOWN),
        (dict.fromkeys(PROJECT_OF_KEYS, Answer.NO), Ruling.YES),
        ({PROJECT_OF_KEYS[0]: Answer.YES}, Ruling.UNKNOWN),
        (dict.fromkeys(PROJECT_OF_KEYS, Answer.YES), None),
    ],
)
def test_whether_keys_are_forbidden_may_be_unread(controls: dict[str, Answer], ruling: Ruling | None) -> None:
    project = Account("calls", "gcp", parents=(ORGANIZATION, FOLDER), unique_id="1001", tags={}, controls=controls)
    makes = role(MINE, MAKES_KEY)
    found = rulings(project, makes, person(ANA), *account("asr", binding(MINE, ANA)), kind=MAKES_KEY)
    assert found.get(ANA) is ruling


@pytest.mark.parametrize(
    ("facts", "ruling"),
    [
        ({}, Ruling.YES),
        ({"reachable": Answer.UNKNOWN}, Ruling.UNKNOWN),
        ({"addressed": Answer.UNKNOWN}, Ruling.UNKNOWN),
        ({"keys_in_settings": Answer.UNKNOWN}, Ruling.UNKNOWN),
        ({"reachable": Answer.NO}, None),
        ({"scopes": None}, Ruling.YES),
        ({"scopes": ()}, None),
    ],
)
def test_what_of_a_machine_was_not_read(facts: dict[str, Any], ruling: Ruling | None) -> None:
    may = role(MINE, SETS, "iam.serviceAccounts.actAs")
    records = (may, allow(PROJECT, binding(MINE, ANA)), person(ANA), *account("asr"), machine("vm", ASR, **facts))
    assert rulings(*records, kind=SETS).get(ANA) is ruling


def test_whether_a_machine_takes_keys_or_roles_decides_how_one_signs_in() -> None:
    may = role(MINE, "compute.instances.osLogin", SETS, "iam.serviceAccounts.actAs")
    told = (may, allow(PROJECT, binding(MINE, ANA)), person(ANA), *account("asr"))
    by_roles = machine("vm", ASR, keys_in_settings=Answer.NO)
    assert rulings(*told, by_roles, kind=SIGNS_IN) == {ANA: Ruling.YES}
    assert rulings(*told, by_roles, kind=SETS) == {ANA: Ruling.UNKNOWN}
    project = Account("calls", "gcp", parents=(), unique_id="1001", tags={}, controls={REQUIRED: Answer.YES})
    assert rulings(project, *told, by_roles, kind=SETS) == {}
    by_keys = machine("vm", ASR)
    assert rulings(*told, by_keys, kind=SIGNS_IN) == {}
    assert rulings(*told, by_keys, kind=SETS) == {ANA: Ruling.YES}


def test_a_role_that_was_not_read_may_give_a_step() -> None:
    found = rulings(person(ANA), *account("asr", binding("roles/unread", ANA)), kind="impersonate")
    assert found == {ANA: Ruling.UNKNOWN}


def test_a_deny_policy_that_makes_no_sense_may_refuse_its_own_end() -> None:
    lifts = role(MINE, "iam.denypolicies.delete")
    told = (person(ANA), lifts, allow(PROJECT, binding(MINE, ANA)), allow(STORE, binding(VIEWER, ANA)))
    (grant,) = openings(estate(*told, deny(PROJECT, rule(EVERYBODY))))
    assert (grant.principal, grant.by, grant.decision.ruling) == (ANA, "iam.denypolicies.delete", Ruling.YES)
    assert openings(estate(*told, deny(PROJECT, "no rule"))) == []


def test_a_key_that_serves_again_gives_no_right() -> None:
    enables = role(MINE, "cloudkms.cryptoKeyVersions.update")
    told = (person(ANA), enables, allow(PROJECT, binding(MINE, ANA)), *kms_key(state="disabled"))
    mine = bucket(encryption=Encryption("customer", KEY))
    objects = [recording(encryption_mode="customer", key_id=KEY)]
    assert openings(estate(*told, mine, objects=objects)) == []
    (grant,) = openings(estate(*told, mine, allow(STORE, binding(VIEWER, ANA)), objects=objects))
    assert (grant.principal, grant.restores, grant.decision.ruling) == (ANA, True, Ruling.YES)
    assert {step.action for step in grant.steps} == {"cloudkms.cryptoKeyVersions.update", "read"}


def test_who_surely_reads_anyhow_is_told_of_no_change() -> None:
    sets = role(MINE, "storage.buckets.setIamPolicy")
    held = estate(person(ANA), sets, allow(STORE, binding(VIEWER, ANA), binding(MINE, ANA)))
    assert openings(held) == []


def test_nobody_who_is_refused_the_change_makes_it() -> None:
    sets = role(MINE, "storage.buckets.setIamPolicy")
    told = (person(ANA), sets, allow(STORE, binding(MINE, ANA)))
    refused = deny(PROJECT, rule(EVERYBODY, permissions=["storage.googleapis.com/buckets.setIamPolicy"]))
    assert [grant.principal for grant in openings(estate(*told))] == [ANA]
    assert openings(estate(*told, refused)) == []
