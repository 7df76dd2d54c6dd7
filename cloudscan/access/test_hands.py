"""Several identities in one hand: who holds them, by which ways, and who is told for all."""

from __future__ import annotations

from dataclasses import replace

from cloudscan.access import Decision, Edge, Hand, Hands, Need, States, Test
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Condition, Unseen
from cloudscan.model import MediaClass, Step

MFA: Condition = Test("mfa", Operator.PRESENT)


def edge(
    sources: str, targets: str, condition: Condition = ALWAYS, *, changes: bool = False, media: MediaClass | None = None
) -> Edge:
    def prove(source: str, target: str) -> tuple[Step, ...]:
        return (Step(source, "become", target, f"{source} may become {target}"),)

    reads = (media,) if media else ()
    return Edge(
        tuple(sources),
        tuple(targets),
        "become",
        Decision(condition),
        prove,
        changes=changes,
        reads_only=media is not None,
        media=reads,
    )


def told(hands: Hands, *needs: str) -> list[Hand]:
    return list(hands.holding([Need(frozenset(names)) for names in needs]))


def test_who_can_become_both_holds_both_and_whoever_can_become_it_is_not_told() -> None:
    (hand,) = told(Hands([edge("a", "b"), edge("b", "x"), edge("b", "y")]), "x", "y")
    assert (hand.principals, hand.ends("b")) == (("b",), ("x", "y"))
    assert [step.reason for step in hand.prove("b", 1)] == ["b may become y"]


def test_one_of_the_identities_may_be_the_principal_itself() -> None:
    (hand,) = told(Hands([edge("a", "x")]), "x", "a")
    assert (hand.principals, hand.ends("a"), hand.legs[1]) == (("a",), ("x", "a"), ())


def test_nobody_holds_what_two_principals_reach() -> None:
    assert told(Hands([edge("a", "x"), edge("b", "y")]), "x", "y") == []


def test_one_of_several_alike_is_enough() -> None:
    (hand,) = told(Hands([edge("a", "wx"), edge("a", "z")]), "vx", "z")
    assert hand.ends("a") == ("x", "z")


def test_who_is_alike_shares_a_hand() -> None:
    (hand,) = told(Hands([edge("abc", "xy")]), "x", "y")
    assert hand.principals == ("a", "b", "c")


def test_of_a_circle_one_is_told() -> None:
    (hand,) = told(Hands([edge("a", "b"), edge("b", "a"), edge("b", "x"), edge("a", "y")]), "x", "y")
    assert len(hand.principals) == 1


def test_a_sure_way_comes_before_one_under_a_condition() -> None:
    sure, open_ = told(Hands([edge("a", "xy"), edge("b", "x"), edge("b", "y", MFA)]), "x", "y")
    assert (sure.principals, sure.condition) == (("a",), ALWAYS)
    assert (open_.principals, open_.condition) == (("b",), MFA)


def test_the_surest_way_is_taken_not_the_shortest() -> None:
    hand, *_ = told(
        Hands([edge("a", "x", Unseen("something")), edge("a", "m", changes=True), edge("m", "x")]), "x", "a"
    )
    assert [leg.target for leg in hand.legs[0]] == ["m", "x"]
    assert hand.changes


def test_who_gains_nothing_is_left_out_by_how_sure_a_way_is() -> None:
    hands = Hands([edge("a", "xy"), edge("b", "x"), edge("b", "y", MFA)])
    needs = [Need(frozenset("x")), Need(frozenset("y"))]
    but = [0, hands.among("b"), hands.among("b")]
    assert [hand.principals for hand in hands.holding(needs, but)] == [("a",)]


def test_to_read_as_somebody_is_no_way_on_and_is_of_its_classes_only() -> None:
    hands = Hands([edge("a", "x"), edge("a", "j", media=MediaClass.SPEECH), edge("j", "z")])
    speech, text = (Need(frozenset("j"), media) for media in (MediaClass.SPEECH, MediaClass.TRANSCRIPT))
    (hand,) = hands.holding([Need(frozenset("x")), speech])
    assert hand.ends("a") == ("x", "j")
    assert not list(hands.holding([Need(frozenset("x")), text]))
    assert not list(hands.holding([Need(frozenset("x")), Need(frozenset("j"))]))
    assert not list(hands.holding([Need(frozenset("x")), Need(frozenset("z"))]))


STATES = States({"g": ("x", "g"), "h": ("x", "g", "h")})
READS, WRITES = Need(frozenset("xhr"), after=True), Need(frozenset("g"))


def ends(*edges: Edge, at_once: bool = False) -> set[tuple[str, tuple[str, ...]]]:
    found = Hands(edges, STATES).holding([WRITES, READS], at_once=at_once)
    return {(principal, hand.ends(principal)) for hand in found for principal in hand.principals}


def test_who_is_changed_for_one_need_meets_no_later_one_as_it_was() -> None:
    assert ends(edge("x", "g")) == set()
    assert ends(edge("x", "g"), edge("a", "x")) == set()


def test_who_is_changed_back_meets_it() -> None:
    assert ends(edge("x", "g"), edge("g", "h")) == {("g", ("g", "h"))}


def test_another_than_the_nearest_meets_it() -> None:
    assert ends(edge("x", "gr")) == {("x", ("g", "r"))}
    assert ends(edge("x", "g"), edge("a", "xr")) == {("a", ("g", "r"))}


def test_a_step_leaves_changed_whom_it_passes() -> None:
    passing = replace(edge("a", "w"), passing=("g",))
    hands = Hands([passing, edge("a", "xr")], STATES)
    (hand,) = hands.holding([Need(frozenset("w")), Need(frozenset("xr"), after=True)])
    assert (hand.ends("a"), hand.passing) == (("w", "r"), ("g", "w", "r"))
    assert not list(hands.holding([Need(frozenset("w")), Need(frozenset("x"), after=True)]))


def test_what_is_needed_at_once_is_one_state() -> None:
    assert ends(edge("a", "gh"), at_once=False) == {("a", ("g", "h"))}
    assert ends(edge("a", "gh"), at_once=True) == set()


def test_one_who_is_needed_itself_stays_as_it_is() -> None:
    (hand,) = Hands([edge("x", "w")], STATES).itself(Need(frozenset("w")), "x")
    assert hand.ends("x") == ("w", "x")
    assert not list(Hands([edge("x", "g"), edge("g", "w")], STATES).itself(Need(frozenset("w")), "x"))
