"""An estate without some bindings."""

from __future__ import annotations

from cloudscan.access import Ruling
from cloudscan_gcp.policy.test_support import (
    ANA,
    ASR,
    BO,
    EVERYBODY,
    ORGANIZATION,
    PROJECT,
    STORE,
    TEAM,
    VIEWER,
    allow,
    binding,
    deny,
    document,
    estate,
    may,
    role,
    rule,
)
from cloudscan_gcp.removal import says, statements, upkeep, without

WHEN = "request.time < timestamp('2030-01-01T00:00:00Z')"


def test_one_member_goes_and_the_others_keep_their_roles_and_names() -> None:
    held = estate(allow(STORE, binding(VIEWER, ANA, BO), binding(VIEWER, ANA, when=WHEN)))
    plain, dated = f"{STORE}#iam: {VIEWER} for {ANA}", f"{STORE}#iam: {VIEWER} for {ANA} if {WHEN}"
    assert {plain, dated, f"{STORE}#iam: {VIEWER} for {BO}"} <= statements(held)
    left = without(held, [plain])
    assert may(left, BO).ruling is Ruling.YES
    assert may(left, ANA).ruling is Ruling.IF
    assert statements(left) == statements(held) - {plain}
    gone = without(held, [plain, dated])
    assert may(gone, ANA).ruling is Ruling.NO
    assert may(held, ANA).ruling is Ruling.YES


def test_what_may_be_had_on_request_goes_as_what_one_has() -> None:
    name = f"{PROJECT}/locations/global/entitlements/read"
    held = estate(document("entitlement", PROJECT, {"bindings": [binding(VIEWER, ANA)]}, name))
    (statement,) = statements(held)
    assert statement == f"{name}: {VIEWER} for {ANA}"
    assert says(held, [statement]) == {statement: f"allows {VIEWER} on {PROJECT} to {ANA} on request"}
    assert may(held, ANA).ruling is Ruling.IF
    assert may(without(held, [statement]), ANA).ruling is Ruling.NO


def test_what_denies_and_what_makes_no_sense_stays() -> None:
    odd = document("resource", STORE, {"bindings": [None, binding(VIEWER, ANA), {"members": [BO]}]})
    held = estate(odd, deny(PROJECT, rule(EVERYBODY)))
    (name,) = statements(held)
    left = without(held, [name, "deny: rule 1", "no such statement"])
    assert left.policies["deny"] is held.policies["deny"]
    assert "null" in left.policies[f"{STORE}#iam"].document
    assert may(left, BO).ruling is Ruling.NO
    assert without(held, []).policies == held.policies
    assert statements(estate(document("resource", STORE, "{"))) == set()


def test_what_a_statement_says() -> None:
    held = estate(allow(STORE, binding(VIEWER, TEAM, when=WHEN)), allow(ASR, binding("roles/owner", BO)))
    conditional, plain = f"{STORE}#iam: {VIEWER} for {TEAM} if {WHEN}", f"{ASR}#iam: roles/owner for {BO}"
    assert says(held, [conditional, plain, "none"]) == {
        conditional: f"allows {VIEWER} on {STORE} to {TEAM} under a condition",
        plain: f"allows roles/owner on {ASR} to {BO}",
    }


def test_who_administers_the_top_is_none_to_take_away() -> None:
    admin = role("roles/resourcemanager.organizationAdmin", "resourcemanager.organizations.setIamPolicy")
    top = allow(ORGANIZATION, binding(admin.id, ANA), binding(VIEWER, BO))
    owner = allow(PROJECT, binding("roles/owner", BO))
    assert upkeep(estate(admin, top, owner)) == {f"{ORGANIZATION}#iam: {admin.id} for {ANA}"}
    assert upkeep(estate(owner, parents=())) == {f"{PROJECT}#iam: roles/owner for {BO}"}
