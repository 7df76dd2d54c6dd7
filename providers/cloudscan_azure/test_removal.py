"""An estate without some role assignments."""

from __future__ import annotations

from cloudscan.access import Ruling
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    BO,
    GROUP,
    SUBSCRIPTION,
    TEAM,
    assigned,
    denied,
    document,
    estate,
    may,
)
from cloudscan_azure.removal import says, statements, upkeep, without


def test_one_assignment_goes_and_the_others_keep_their_names() -> None:
    direct, grouped = assigned(ACCOUNT, "reader", ANA), assigned(SUBSCRIPTION, "reader", TEAM)
    held = estate(direct, grouped, denied(ACCOUNT, BO))
    assert statements(held) == {direct.id, grouped.id}
    left = without(held, [direct.id])
    assert may(left, ANA).ruling is Ruling.YES
    assert statements(left) == {grouped.id}
    assert may(without(held, [direct.id, grouped.id]), ANA).ruling is Ruling.NO
    assert may(held, ANA).ruling is Ruling.YES


def test_what_denies_and_what_makes_no_sense_stays() -> None:
    odd = document("hierarchy", ACCOUNT, "{", "odd")
    held = estate(odd, denied(ACCOUNT))
    assert statements(held) == set()
    left = without(held, [f"{ACCOUNT}#deny", "no such statement"])
    assert left.policies == held.policies


def test_what_a_statement_says() -> None:
    plain = assigned(ACCOUNT, "reader", ANA, when="x")
    eligible = assigned(SUBSCRIPTION, "owner", BO, eligible=True)
    assert says(estate(plain, eligible), [plain.id, eligible.id, "none"]) == {
        plain.id: f"assigns reader at {ACCOUNT} to entra:ana under a condition",
        eligible.id: f"lets owner at {SUBSCRIPTION} be activated by entra:bo",
    }


def test_who_administers_the_top_is_none_to_take_away() -> None:
    top, low = assigned(GROUP, "owner", ANA), assigned(SUBSCRIPTION, "owner", BO)
    root, reader = assigned("/", "owner", BO), assigned(GROUP, "reader", BO)
    waiting = assigned(GROUP, "owner", BO, eligible=True)
    assert upkeep(estate(top, low, root, reader, waiting)) == {top.id, root.id}
    assert upkeep(estate(low, parents=())) == {low.id}
    assert upkeep(estate(low, parents=None)) == {low.id}
