"""Who may use an operation: what the worked cases do not show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Effect, Ruling
from cloudscan.access.keyspace import KeyClass
from cloudscan.model import ANYONE, Answer
from cloudscan_azure.facts import Facts
from cloudscan_azure.policy.locks import Lock
from cloudscan_azure.policy.operations import ASSIGN_ROLES, DELEGATE, GET_BLOB, LIST_BLOBS, PUT_BLOB, managing
from cloudscan_azure.policy.places import Supposed
from cloudscan_azure.policy.scopes import down_to
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    ASR,
    BLOB,
    BO,
    GROUP,
    PATH,
    RESOURCES,
    STAFF,
    STORE,
    SUB,
    SUBSCRIPTION,
    TEAM,
    assigned,
    denied,
    estate,
    lock,
    may,
    network,
    role,
    someone,
)
from cloudscan_azure.reads import Reads

KEYS = managing("Microsoft.Storage/storageAccounts/listKeys/action")


def test_scopes_from_the_root_down() -> None:
    assert down_to(RESOURCES, (GROUP,)) == (
        "/",
        GROUP,
        "/subscriptions",
        SUBSCRIPTION,
        f"{SUBSCRIPTION}/resourcegroups",
        RESOURCES,
    )
    assert down_to("/") == ("/",)


def test_the_proof_names_the_assignment_and_what_denies() -> None:
    held = estate(assigned(ACCOUNT, "reader", TEAM), denied(SUBSCRIPTION, BO))
    (yes,) = may(held, ANA).proof
    assert (yes.effect, yes.statement) == (Effect.ALLOWS, f"{ACCOUNT}#hierarchy reader {TEAM}")
    assert "the role reader, assigned at" in yes.sentence
    refused = may(estate(assigned(ACCOUNT, "reader", ANA), denied(SUBSCRIPTION)), ANA)
    assert {reason.statement for reason in refused.proof if reason.effect is Effect.DENIES} == {f"{SUBSCRIPTION}#deny"}
    assert [reason.effect for reason in may(held, BO).proof] == [Effect.DENIES, Effect.LACKS]
    assert [reason.effect for reason in may(held, ASR).proof] == [Effect.LACKS]


def test_a_role_is_known_by_the_last_part_of_its_id_wherever_it_was_listed() -> None:
    held = estate(assigned(f"{SUBSCRIPTION}", "READER", ANA))
    assert may(held, ANA).ruling is Ruling.YES


def test_permissions_of_a_role_add_up_and_each_has_its_own_condition() -> None:
    read = {"dataActions": [f"{BLOB}/read"], "condition": f"{PATH} StringLike 'x/*'"}
    both = role("two")
    text = both.document.replace(
        '[{"actions": [], "dataActions": []}]', str([read, {"dataActions": [f"{BLOB}/write"]}]).replace("'", '"')
    )
    text = text.replace('StringLike "x/*"', "StringLike 'x/*'")
    held = estate(replace(both, document=text), assigned(ACCOUNT, "two", ANA))
    assert may(held, ANA, PUT_BLOB).ruling is Ruling.YES
    assert may(held, ANA).ruling is Ruling.NO
    assert may(held, ANA, path="x/a.wav").ruling is Ruling.YES


def test_a_container_is_the_lowest_scope_but_a_blob_may_be_named() -> None:
    held = estate(assigned(f"{STORE}/blobs/raw/a.wav", "reader", ANA), assigned(f"{STORE}/blobs/raw", "reader", BO))
    assert may(held, ANA, path="raw/a.wav").ruling is Ruling.YES
    assert may(held, ANA, path="raw/a.wav.bak").ruling is Ruling.NO
    assert may(held, BO, path="raw/a.wav").ruling is Ruling.UNKNOWN
    assert may(held, BO, path="rawer/a.wav").ruling is Ruling.NO


@pytest.mark.parametrize(
    ("action", "level", "refused"),
    [
        ("Microsoft.Storage/storageAccounts/write", "readonly", True),
        ("Microsoft.Storage/storageAccounts/read", "readonly", False),
        ("Microsoft.Storage/storageAccounts/listKeys/action", "cannotdelete", False),
        ("Microsoft.Storage/storageAccounts/DELETE", "cannotdelete", True),
        ("Microsoft.Authorization/locks/delete", "readonly", False),
        ("Microsoft.Storage/storageAccounts/write", "", True),
    ],
)
def test_what_a_lock_refuses(action: str, level: str, refused: bool) -> None:
    assert Lock("lock", level).refuses(managing(action)) is refused


def test_a_lock_stops_no_request_for_data_and_no_key_for_delegation() -> None:
    held = Facts(estate(assigned(SUBSCRIPTION, "owner", ANA), lock(RESOURCES)))
    assert held.decide(ANA, KEYS, ACCOUNT).ruling is Ruling.NO
    assert held.decide(ANA, DELEGATE, ACCOUNT).ruling is Ruling.YES
    assert held.decide(ANA, ASSIGN_ROLES, SUBSCRIPTION).ruling is Ruling.YES
    assert (
        held.decide(ANA, KEYS, ACCOUNT, supposed=Supposed(lifted=frozenset({f"{RESOURCES}#lock"}))).ruling is Ruling.YES
    )


def test_a_malformed_lock_may_refuse() -> None:
    odd = replace(lock(RESOURCES), document="[]")
    assert Facts(estate(assigned("/", "owner", ANA), odd)).decide(ANA, KEYS, ACCOUNT).ruling is Ruling.UNKNOWN


def test_what_a_step_would_change_is_supposed() -> None:
    facts = Facts(estate(assigned(ACCOUNT, "manager", ANA), denied(ACCOUNT, BO)))
    assert facts.decide(ANA, GET_BLOB, f"{STORE}/blobs/a").ruling is Ruling.NO
    granted = Supposed(granted=frozenset({RESOURCES}))
    assert facts.decide(ANA, GET_BLOB, f"{STORE}/blobs/a", supposed=granted).ruling is Ruling.YES
    assert facts.decide(ANA, GET_BLOB, "/subscriptions/other", supposed=granted).ruling is Ruling.NO
    widened = Supposed(widened=frozenset({"manager"}))
    assert facts.decide(ANA, GET_BLOB, f"{STORE}/blobs/a", supposed=widened).ruling is Ruling.YES
    assert facts.decide(BO, GET_BLOB, f"{STORE}/blobs/a", supposed=widened).ruling is Ruling.NO
    denied_too = Supposed(granted=frozenset({RESOURCES}), lifted=frozenset())
    assert facts.decide(BO, GET_BLOB, f"{STORE}/blobs/a", supposed=denied_too).ruling is Ruling.NO
    lifted = Supposed(granted=frozenset({RESOURCES}), lifted=frozenset({f"{ACCOUNT}#deny"}))
    assert facts.decide(BO, GET_BLOB, f"{STORE}/blobs/a", supposed=lifted).ruling is Ruling.YES


def test_what_a_step_would_open_is_supposed() -> None:
    world = estate(network(publicNetworkAccess="Disabled"))
    reads, row = Reads(Facts(world), world.stores[STORE]), KeyClass("provider", None, None, None, "a.wav", ())
    anyone = reads.facts.caller(ANYONE)
    published = Supposed(published=frozenset({STORE}))
    both = Supposed(published=frozenset({STORE}), opened=frozenset({ACCOUNT}))
    assert reads.decide(anyone, GET_BLOB, row, supposed=published).ruling is Ruling.NO
    assert reads.decide(anyone, GET_BLOB, row, supposed=both).ruling is Ruling.YES
    assert reads.decide(anyone, PUT_BLOB, row, supposed=both).ruling is Ruling.NO
    assert reads.on_itself(anyone, LIST_BLOBS, supposed=both).ruling is Ruling.YES


def test_who_holds_a_permission_is_found_from_assignments() -> None:
    held = estate(
        assigned(SUBSCRIPTION, "owner", TEAM), assigned(ACCOUNT, "reader", ASR), assigned(f"{ACCOUNT}2", "owner", BO)
    )
    facts = Facts(held)
    assert [one.name for one in facts.holders(KEYS, ACCOUNT)] == [ANA, TEAM]
    assert [one.name for one in facts.holders(GET_BLOB, STORE)] == [ASR]
    assert [one.name for one in facts.meant_by(["staff"])] == [ANA, STAFF, TEAM]


def test_somebody_of_another_tenant_and_somebody_who_is_disabled() -> None:
    role_of = assigned(ACCOUNT, "reader", BO)
    assert may(estate(role_of, someone(BO, account="tenant-2")), BO).ruling is Ruling.NO
    assert may(estate(role_of, someone(BO, account="")), BO).ruling is Ruling.YES
    assert may(estate(role_of, someone(BO, enabled=Answer.NO)), BO).ruling is Ruling.NO
    application = someone(ASR, account="tenant-2")
    assert may(estate(assigned(ACCOUNT, "reader", ASR), application), ASR).ruling is Ruling.YES


def test_a_management_group_is_asked_about_like_any_scope() -> None:
    facts = Facts(estate(assigned("/", "owner", ANA), assigned(GROUP, "owner", BO), parents=(GROUP, f"{GROUP}-eu")))
    for scope, who, ruling in (
        (GROUP, ANA, Ruling.YES),
        (f"{GROUP}-eu", BO, Ruling.YES),
        ("/", BO, Ruling.NO),
        (f"/subscriptions/{SUB}".upper(), BO, Ruling.YES),
    ):
        assert facts.decide(who, ASSIGN_ROLES, scope).ruling is ruling, scope


def test_a_role_of_a_group_is_told_with_the_way_into_it() -> None:
    def says(who: str, to: str) -> list[str]:
        return [one.sentence for one in may(estate(assigned(STORE, "reader", to)), who).proof]

    given = f"the role reader, assigned at {STORE}"
    assert says(ANA, ANA) == [f"{given}, gives Get Blob"]
    assert says(ANA, TEAM) == [f"{given} to {TEAM}, which {ANA} is in, gives Get Blob"]
    assert says(ANA, STAFF) == [f"{given} to {STAFF}, which {ANA} is in through {TEAM}, gives Get Blob"]
    assert says(TEAM, STAFF) == [f"{given} to {STAFF}, which {TEAM} is in, gives Get Blob"]


def test_a_role_whose_condition_leaves_a_blob_out_is_told_for_why_not() -> None:
    within = f"(@Resource[{BLOB}:path] StringLike 'raw/*')"
    held = estate(assigned(STORE, "reader", TEAM, when=within))
    first, second = may(held, ANA, path="ivr/a.wav").proof
    assert (first.effect, second.effect) == (Effect.LACKS, Effect.LACKS)
    assert f"to {TEAM}, which {ANA} is in, leaves {STORE}/blobs/ivr/a.wav out of what it gives" in first.sentence
    assert first.statement == next(one.id for one in held.policies.values() if one.kind == "hierarchy")
    assert [one.effect for one in may(held, BO, path="ivr/a.wav").proof] == [Effect.LACKS]
