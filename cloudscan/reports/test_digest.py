from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cloudscan.check import Check, World, check
from cloudscan.model import Account, Coverage, Finding, Severity, Why
from cloudscan.provider import Facet
from cloudscan.report import ScanResult
from cloudscan.reports import digest
from cloudscan.testing import ACCOUNT, gap, speech, store, world
from cloudscan.wording import UNMET, count

Analyzed = Callable[..., ScanResult]
_UNREAD = "the rules could not be read"


@check(severity=Severity.MEDIUM, needs=(Facet.LIFECYCLE,), remediation={"aws": "Mend it."})
def unseen_rules(self: Check, seen: World) -> Iterator[Finding]:
    """Stores whose rules were not seen.

    For tests only.
    """
    for held in seen.estate.stores.values():
        yield self.unknown(held, {"odd": "the rules are odd", "if": f"if x, {UNMET}"}.get(held.name, _UNREAD))


@check(severity=Severity.MEDIUM, needs=(Facet.LIFECYCLE, Facet.ORGANIZATION), remediation={"aws": "Mend it."})
def unseen_above(self: Check, seen: World) -> Iterator[Finding]:
    """Stores of which it was not seen what holds for their account.

    For tests only.
    """
    yield from (self.unknown(held, _UNREAD) for held in seen.estate.stores.values())


@pytest.mark.parametrize(
    ("answered", "asked", "share"),
    [(0, 0, None), (0, 3, 0.0), (3, 3, 100.0), (2, 3, 66.66), (99_999, 100_000, 99.99), (5, 3, 100.0)],
)
def test_share_is_rounded_down(answered: int, asked: int, share: float | None) -> None:
    assert digest.percent(answered, asked) == share


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "0.0 hours"),
        (1234.5, "1,234 hours"),
        (8.25, "8.2 hours"),
        (0.7, "42 minutes"),
        (1 / 60, "1 minute"),
        (0.005, "18 seconds"),
    ],
)
def test_length_is_said_in_the_unit_that_fits(hours: float, words: str) -> None:
    assert digest.length(hours) == words


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [(1, "store", "1 store"), (1200, "store", "1,200 stores"), (0, "list of objects", "0 lists of objects")],
)
def test_numbers_agree_with_their_noun(number: int, noun: str, words: str) -> None:
    assert count(number, noun) == words


def test_only_a_denied_question_is_answered_by_a_permission() -> None:
    denied = gap("a", Facet.POLICY, permission="s3:GetBucketPolicy")
    throttled = gap("a", Facet.POLICY, Why.THROTTLED, permission="s3:GetBucketPolicy")
    assert digest.cure(denied) == "grant s3:GetBucketPolicy"
    assert digest.cure(throttled) == "scan again with a lower --max-rps"


def test_objects_that_a_limit_or_the_date_of_an_inventory_left_out_come_with_a_whole_list() -> None:
    dated = gap("a", Facet.OBJECTS, Why.LIMIT, detail="read from the inventory of 2024")
    assert digest.cure(dated) == "list all objects: without --max-objects and --inventory"
    assert digest.cure(gap("a", Facet.HEADS, Why.LIMIT)) == "raise the limit of the scan"


@pytest.mark.parametrize("why", list(Why))
def test_every_gap_has_a_next_step(why: Why) -> None:
    assert digest.cure(gap("a", Facet.POLICY, why))


def test_of_a_service_that_is_off_it_is_said_what_to_do() -> None:
    assert digest.cure(gap("a", Facet.JOBS, Why.DISABLED)) == "turn it on there"


def test_of_what_is_not_there_it_is_not_claimed_that_it_ever_was() -> None:
    assert digest.cure(gap("a", Facet.ACCOUNTS, Why.VANISHED)) == "scan again: it was deleted meanwhile, or never there"


def test_unknowns_of_one_check_are_one_group_with_the_commonest_reason_and_cure(analyzed: Analyzed) -> None:
    names = ["one", "two", "three"]
    things = [store(name) for name in (*names, "odd")]
    gaps = [gap(f"arn:aws:s3:::{name}", Facet.LIFECYCLE, permission="s3:GetLifecycleConfiguration") for name in names]
    other = gap("arn:aws:s3:::one", Facet.POLICY, permission="s3:GetBucketPolicy")
    (group,) = digest.unknown_groups(analyzed(world(*things, *gaps, other), unseen_rules))
    assert group == digest.UnknownGroup(
        check="unseen-rules",
        severity=Severity.MEDIUM,
        findings=4,
        resources=4,
        reason="the rules could not be read",
        other_reasons=1,
        cure="grant s3:GetLifecycleConfiguration",
        curable=3,
    )


def test_gap_of_the_account_explains_an_unknown_of_its_stores(analyzed: Analyzed) -> None:
    seen = world(store("one"), gap(ACCOUNT, Facet.LIFECYCLE, Why.EXPIRED))
    (group,) = digest.unknown_groups(analyzed(seen, unseen_rules))
    assert group.cure == "renew the credentials and scan again"


def test_all_that_would_show_it_is_told_and_what_is_not_known_above_the_account_too(analyzed: Analyzed) -> None:
    held = Account(ACCOUNT, "azure", organization="tenant", parents=("group",))
    gaps = [
        gap(ACCOUNT, Facet.LIFECYCLE, permission="b/read"),
        gap("tenant", Facet.LIFECYCLE, Why.EXPIRED),
        gap("/", Facet.LIFECYCLE, permission="a/read", account="tenant"),
        gap("group", Facet.LIFECYCLE, permission="c/read", account="group"),
        gap("other", Facet.LIFECYCLE, permission="d/read", account="other"),
        gap("tenant", Facet.POLICY, permission="e/read"),
    ]
    (group,) = digest.unknown_groups(analyzed(world(held, store("one"), *gaps), unseen_rules))
    assert group.cure == "grant a/read, b/read and c/read; renew the credentials and scan again"
    assert group.curable == 1


def test_what_holds_for_a_whole_account_is_told_however_the_cloud_calls_the_account(analyzed: Analyzed) -> None:
    gaps = [
        gap(f"/subscriptions/{ACCOUNT}", Facet.ORGANIZATION, permission="a/read"),
        gap("/subscriptions/other", Facet.ORGANIZATION, permission="b/read", account="other"),
        gap("another store", Facet.LIFECYCLE, permission="c/read"),
    ]
    (group,) = digest.unknown_groups(analyzed(world(Account(ACCOUNT, "azure"), store("one"), *gaps), unseen_above))
    assert group.cure == "grant a/read"


def test_of_much_that_would_show_it_the_first_is_told_and_the_rest_counted(analyzed: Analyzed) -> None:
    gaps = [gap(ACCOUNT, Facet.LIFECYCLE, permission=f"p{each}", operation=f"o{each}") for each in range(6)]
    (group,) = digest.unknown_groups(analyzed(world(store("one"), *gaps), unseen_rules))
    assert group.cure == "grant p0, p1, p2 and p3, and 2 more (see the gaps)"


def test_what_hangs_on_a_condition_alone_is_shown_by_no_permission(analyzed: Analyzed) -> None:
    seen = world(store("if"), gap(ACCOUNT, Facet.LIFECYCLE, permission="a/read"))
    (group,) = digest.unknown_groups(analyzed(seen, unseen_rules))
    assert (group.cure, group.curable) == ("", 0)


def test_unknown_without_a_gap_has_no_cure(analyzed: Analyzed) -> None:
    (group,) = digest.unknown_groups(analyzed(world(store("one")), unseen_rules))
    assert group.cure == ""


def test_limit_of_the_user_is_no_cure_for_what_hangs_on_something_else(analyzed: Analyzed) -> None:
    seen = world(store("one"), gap("arn:aws:s3:::one", Facet.LIFECYCLE, Why.LIMIT))
    (group,) = digest.unknown_groups(analyzed(seen, unseen_rules))
    assert (group.cure, group.curable) == ("", 0)


def test_gaps_of_one_reason_and_operation_are_one_group_the_largest_first(analyzed: Analyzed) -> None:
    gaps = [gap(f"s{number}", Facet.POLICY, operation="GetBucketPolicy", permission="p:Q") for number in (2, 1, 3)]
    lone = gap("s9", Facet.ACL, Why.ERROR, operation="GetBucketAcl", detail="ConnectTimeoutError")
    first, second = digest.gap_groups(analyzed(world(lone, *gaps)))
    assert (first.count, first.resources, first.cure) == (3, ["s1", "s2", "s3"], "grant p:Q")
    assert (second.why, second.detail) == (Why.ERROR, "ConnectTimeoutError")


def test_fully_seen_estate_leaves_no_doubt(analyzed: Analyzed) -> None:
    facets = (Facet.STORES, Facet.OBJECTS, Facet.POLICY)
    seen = world(store("a"), speech("a", "a.wav"), *(Coverage("aws", ACCOUNT, facet, 1, 1) for facet in facets))
    assert digest.doubts(analyzed(seen)) == digest.Doubts([], [], *[["no principals were collected"]] * 2)


def test_a_name_that_transcripts_have_leaves_stores_in_doubt_and_no_hours(analyzed: Analyzed) -> None:
    named = speech("a", "b.json", media="other", format=None, settled_by="name", seconds=None)
    doubts = digest.doubts(analyzed(world(store("a"), named)))
    assert doubts.stores[-1] == "1 object under names that transcripts and packed recordings have, too"
    assert not any("names" in why for why in doubts.hours)


@pytest.mark.parametrize(
    ("thing", "doubt"),
    [
        (speech("a", "b.wav", seconds=None), "1 recording of unknown length"),
        (Coverage("aws", "2", Facet.OBJECTS, 5, 5, 2), "2 lists of objects not seen in full"),
        (Coverage("aws", "2", Facet.STORES, 2, 1), "1 list of stores not seen in full"),
        (gap("arn:aws:s3:::a", Facet.OBJECTS), "1 list of objects not seen in full"),
        (gap("222222222222", Facet.ACCOUNTS), "1 account not seen in full"),
    ],
)
def test_whatever_could_add_hours_is_named(analyzed: Analyzed, thing: object, doubt: str) -> None:
    whole = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (Facet.STORES, Facet.OBJECTS)]
    result = analyzed(world(store("a"), speech("a", "a.wav"), *whole, thing))  # type: ignore[arg-type]
    assert list(digest.doubts(result).hours) == [doubt]


def test_failures_are_grouped_by_resource_the_worst_first(analyzed: Analyzed) -> None:
    def graded(name: str, severity: Severity) -> Check:
        def fails(self: Check, seen: World) -> Iterator[Finding]:
            """Everything fails."""
            for held in seen.estate.stores.values():
                if severity in (held.labels or {}):
                    yield self.fail(held, "bad")

        fails.__name__ = name
        return check(severity=severity, needs=(), remediation={})(fails)

    stores = [
        store("a", labels={"medium": ""}),
        store("b", labels={"high": "", "medium": ""}),
        store("c", labels={"critical": ""}),
    ]
    result = analyzed(
        world(*stores), graded("m", Severity.MEDIUM), graded("h", Severity.HIGH), graded("c", Severity.CRITICAL)
    )
    groups = [(resource, [found.check for found in group]) for resource, group in digest.failures_by_resource(result)]
    assert groups == [("arn:aws:s3:::c", ["c"]), ("arn:aws:s3:::b", ["h", "m"]), ("arn:aws:s3:::a", ["m"])]
