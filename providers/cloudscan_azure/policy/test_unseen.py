"""What was not read makes an answer unknown, and never a no or a yes that is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Effect, Ruling, keys
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Answer, Encryption
from cloudscan_azure.ids import person
from cloudscan_azure.policy.operations import LIST_BLOBS
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    ASR,
    BO,
    GROUP,
    KEY,
    PUBLIC,
    STAFF,
    SUB,
    SUBSCRIPTION,
    TEAM,
    assigned,
    container,
    denied,
    document,
    estate,
    gap,
    key,
    may,
    someone,
)

READER = assigned(ACCOUNT, "reader", ANA)


def test_role_assignments_that_were_refused_may_give_to_anybody_who_signs_in() -> None:
    for resource in (SUBSCRIPTION, SUB):
        held = estate(READER, gaps=[gap(resource, "Microsoft.Authorization/roleAssignments/read")])
        assert may(held, ANA).ruling is Ruling.YES
        assert may(held, BO).ruling is Ruling.UNKNOWN
        assert may(held, ANYONE).ruling is Ruling.NO


def test_eligible_assignments_that_were_refused_may_be_activated() -> None:
    held = estate(gaps=[gap(SUBSCRIPTION, "Microsoft.Authorization/roleEligibilityScheduleInstances/read")])
    answer = may(held, BO)
    assert answer.ruling is Ruling.UNKNOWN
    assert keys(answer.condition) == {"pim:activation"}
    assert may(held, BO, known={}).ruling is Ruling.NO


def test_deny_assignments_and_locks_that_were_refused_are_an_assumption() -> None:
    held = estate(READER, gaps=[gap(SUBSCRIPTION, "Microsoft.Authorization/denyAssignments/read")])
    answer = may(held, ANA)
    assert answer.ruling is Ruling.YES
    assert [one.sentence for one in answer.proof if one.effect is Effect.ASSUMES] == [
        f"the deny assignments of {SUBSCRIPTION} were not read: taken to refuse nothing"
    ]
    assert not any(one.effect is Effect.ASSUMES for one in may(held, BO).proof)


def test_management_groups_that_were_not_read_may_lie_above() -> None:
    held = estate(assigned(GROUP, "reader", ANA), assigned("/", "reader", BO), parents=None)
    assert may(held, ANA).ruling is Ruling.UNKNOWN
    assert may(held, BO).ruling is Ruling.YES
    assert may(held, ASR).ruling is Ruling.NO
    elsewhere = estate(assigned(f"{GROUP}2", "reader", ANA))
    assert may(elsewhere, ANA).ruling is Ruling.NO


def test_a_role_that_was_not_read_may_permit_it() -> None:
    answer = may(estate(assigned(ACCOUNT, "nobody-knows", ANA)), ANA)
    assert answer.ruling is Ruling.UNKNOWN
    assert "nobody-knows" in answer.unseen[0]
    assert may(estate(assigned(ACCOUNT, "nobody-knows", ANA)), BO).ruling is Ruling.NO


def test_a_role_that_does_not_tell_what_it_permits_may_permit_it() -> None:
    silent = document("role", None, {"properties": {"roleName": "silent"}}, "/roledefinitions/silent")
    held = estate(silent, assigned(ACCOUNT, "silent", ANA))
    assert may(held, ANA).ruling is Ruling.UNKNOWN
    assert may(held, BO).ruling is Ruling.NO


@pytest.mark.parametrize(("left_out", "ruling"), [("dataActions", Ruling.UNKNOWN), ("actions", Ruling.NO)])
def test_a_role_that_leaves_out_a_list_of_actions_may_permit_them(left_out: str, ruling: Ruling) -> None:
    lists: dict[str, list[str]] = {name: [] for name in ("actions", "dataActions") if name != left_out}
    content = {"properties": {"roleName": "half", "permissions": [lists]}}
    held = estate(document("role", None, content, "/roledefinitions/half"), assigned(ACCOUNT, "half", ANA))
    assert may(held, ANA).ruling is ruling


def test_a_group_whose_members_were_not_read_may_hold_anybody() -> None:
    assignment = assigned(ACCOUNT, "reader", TEAM)
    unread = estate(assignment, someone(TEAM, members=None), someone(ANA))
    assert may(unread, ANA).ruling is Ruling.UNKNOWN
    assert may(unread, TEAM).ruling is Ruling.YES
    refused = estate(assignment, gaps=[gap(TEAM, "groups/members", "principals")])
    assert may(refused, BO).ruling is Ruling.UNKNOWN
    assert may(refused, ANA).ruling is Ruling.YES
    unknown = Estate.of(one for one in _records(estate(assignment)) if getattr(one, "id", "") not in (TEAM, STAFF))
    assert may(unknown, BO).ruling is Ruling.UNKNOWN


def test_who_is_no_group_by_what_an_assignment_tells_holds_nobody_else() -> None:
    for kind, ruling in (("Device", Ruling.NO), ("User", Ruling.NO), ("ForeignGroup", Ruling.UNKNOWN)):
        held = estate(assigned(ACCOUNT, "reader", person("unknown"), principalType=kind))
        assert may(held, BO).ruling is ruling, kind
        assert may(held, person("unknown")).ruling is Ruling.YES


def _records(held: Estate) -> list[Any]:
    return [*held.accounts.values(), *held.stores.values(), *held.principals.values(), *held.policies.values()]


def test_a_deny_for_a_group_that_was_not_read_may_refuse() -> None:
    held = estate(READER, denied(ACCOUNT, TEAM), someone(TEAM, members=None), someone(ANA))
    assert may(held, ANA).ruling is Ruling.UNKNOWN
    malformed = estate(READER, replace(denied(ACCOUNT), document="{}"))
    assert may(malformed, ANA).ruling is Ruling.UNKNOWN
    assert may(malformed, BO).ruling is Ruling.NO


@pytest.mark.parametrize("left_out", ["excludePrincipals", "doNotApplyToChildScopes"])
def test_a_deny_that_does_not_tell_whom_it_spares_may_refuse(left_out: str) -> None:
    told = denied(ACCOUNT)
    content = json.loads(told.document)
    del content["properties"][left_out]
    assert may(estate(READER, told), ANA).ruling is Ruling.NO
    held = estate(READER, replace(told, document=json.dumps(content)))
    assert may(held, ANA).ruling is Ruling.UNKNOWN
    assert may(held, BO).ruling is Ruling.NO


def test_a_condition_of_another_version_is_not_understood() -> None:
    held = estate(assigned(ACCOUNT, "reader", ANA, when="x", conditionVersion="3.0"))
    assert may(held, ANA).ruling is Ruling.UNKNOWN


def test_switches_that_were_not_read() -> None:
    assert may(estate(container(acl=PUBLIC, controls={"allowBlobPublicAccess": Answer.UNKNOWN})), ANYONE).ruling is (
        Ruling.UNKNOWN
    )
    open_to_all = {"allowBlobPublicAccess": Answer.YES}
    assert may(estate(container(acl=None, controls=open_to_all)), ANYONE).ruling is Ruling.UNKNOWN
    assert may(estate(container(acl=None)), ANYONE).ruling is Ruling.NO
    assert may(estate(container(acl=PUBLIC, controls=open_to_all)), ANYONE, LIST_BLOBS).ruling is Ruling.YES


def test_network_rules_that_were_not_read() -> None:
    held = estate(READER, unread=["network"])
    assert may(held, ANA).ruling is Ruling.UNKNOWN
    assert may(held, BO).ruling is Ruling.NO
    odd = estate(READER, document("network", ACCOUNT, {"publicNetworkAccess": "Perhaps"}, "network"))
    assert may(odd, ANA).ruling is Ruling.UNKNOWN
    silent = estate(READER, document("network", ACCOUNT, {}, "network"))
    assert may(silent, ANA).ruling is Ruling.UNKNOWN


def test_secure_transfer_that_was_not_read_matters_in_the_clear_only() -> None:
    held = estate(READER, container(tls_required=Answer.UNKNOWN))
    assert may(held, ANA).ruling is Ruling.YES
    assert may(held, ANA, known={"protocol": "http"}).ruling is Ruling.UNKNOWN


def test_keys_and_encryption_that_were_not_read() -> None:
    held = estate(READER, container(encryption=Encryption("customer", KEY)))
    under: dict[str, Any] = {"encryption_mode": "customer", "key_id": KEY}
    assert may(held, ANA, **under).ruling is Ruling.UNKNOWN
    assert may(estate(READER, key()), ANA, **under).ruling is Ruling.YES
    assert may(estate(READER, key(state=None)), ANA, **under).ruling is Ruling.UNKNOWN
    assert may(estate(READER, key(state="disabled")), ANA, **under).ruling is Ruling.NO
    assert may(estate(READER), ANA, encryption_mode=None).ruling is Ruling.UNKNOWN
    assert may(estate(READER), ANA, encryption_mode="customer").ruling is Ruling.UNKNOWN
