"""What too_many_readers must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.groups import everybody_of
from cloudscan.model import ANYONE, Account, Action, Finding, Gap, MediaClass, Principal, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, edge, findings, gap, grant, principal, speech, transcript, world
from cloudscan_checks.too_many_readers import too_many_readers

AUDIO = speech("calls", "a.wav")
REVIEW, EXPORT, BEN, EVE = principal("review"), principal("export"), principal("ben", "user"), principal("eve", "user")
TAKES = edge(BEN.id, "assume-role", EXPORT.id)
OFFICE = Test("aws:SourceIp", Operator.IN_NETWORK, (glob("203.0.113.0/24"),))


def reads(who: Principal | str, condition: Condition = ALWAYS, media: MediaClass = MediaClass.SPEECH) -> Grant:
    name = who if isinstance(who, str) else who.id
    return grant(name, Action.READ, "calls", condition=condition, media=media, objects=1)


def judged(most: int | None, *things: object) -> list[Finding]:
    policy: dict[str, object] = {} if most is None else {"access": {"max_readers": most}}
    return findings(too_many_readers, world(*things, policy=policy))  # type: ignore[arg-type]


def test_without_a_decision_nothing_is_judged(calls: Store) -> None:
    assert judged(None, calls, AUDIO, REVIEW, reads(REVIEW)) == []


def test_more_readers_than_decided_are_found_by_the_way_they_come(calls: Store) -> None:
    rewrites = grant(EVE.id, Action.READ, "calls", media=MediaClass.SPEECH, by="s3:PutBucketPolicy", changes=True)
    (found,) = judged(2, calls, AUDIO, REVIEW, EXPORT, BEN, EVE, reads(REVIEW), reads(EXPORT), TAKES, rewrites)
    assert (found.verdict, found.resource) == (Verdict.FAIL, calls.id)
    assert found.message == (
        "3 principals can read 1 recording (1 min), where 2 may: 2 by their own rights, 1 through another identity;"
        " 1 more by changing the cloud"
    )
    assert found.path
    assert found.evidence["examples"] == sorted([BEN.id, EXPORT.id, REVIEW.id])


def test_as_many_readers_as_decided_pass_and_changes_do_not_count(calls: Store) -> None:
    rewrites = grant(EVE.id, Action.READ, "calls", media=MediaClass.SPEECH, by="s3:PutBucketPolicy", changes=True)
    (found,) = judged(3, calls, AUDIO, REVIEW, EXPORT, BEN, EVE, reads(REVIEW), reads(EXPORT), TAKES, rewrites)
    assert found.verdict is Verdict.PASS
    assert found.evidence["by_changing_the_cloud"] == 1


def test_readers_of_recordings_and_of_transcripts_count_once(calls: Store) -> None:
    text = reads(REVIEW, media=MediaClass.TRANSCRIPT)
    (found,) = judged(1, calls, AUDIO, transcript("calls", "a.json"), REVIEW, reads(REVIEW), text)
    assert found.verdict is Verdict.PASS
    assert found.message == "1 principal can read 1 recording (1 min) and 1 transcript, where 1 may"


def test_nobody_may_be_a_decision(calls: Store) -> None:
    (found,) = judged(0, calls, AUDIO, REVIEW, reads(REVIEW))
    assert found.verdict is Verdict.FAIL


def test_readers_of_whom_it_is_not_known_may_be_too_many(calls: Store) -> None:
    hanging = reads(EXPORT, Unseen("its boundary could not be read"))
    (found,) = judged(1, calls, AUDIO, REVIEW, EXPORT, reads(REVIEW), hanging)
    assert found.verdict is Verdict.UNKNOWN
    assert "1 more perhaps can: its boundary could not be read" in found.message
    (enough,) = judged(2, calls, AUDIO, REVIEW, EXPORT, reads(REVIEW), hanging)
    assert enough.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "more",
    [
        (),
        (REVIEW, gap(ACCOUNT, Facet.PRINCIPALS)),
        (REVIEW, gap(ACCOUNT, Facet.WORKLOADS)),
        (REVIEW, gap(ACCOUNT, Facet.FEDERATIONS)),
        (REVIEW, gap("arn:aws:s3:::calls", Facet.POLICY)),
        (REVIEW, gap("arn:aws:s3:::calls", Facet.OBJECTS)),
        (REVIEW, reads(ANYONE, OFFICE)),
    ],
)
def test_what_may_hide_readers_is_unknown(calls: Store, more: tuple[Principal | Gap | Grant, ...]) -> None:
    (found,) = judged(1, calls, AUDIO, *more)
    assert found.verdict is Verdict.UNKNOWN


def test_too_many_are_too_many_whatever_is_hidden(calls: Store) -> None:
    (found,) = judged(0, calls, AUDIO, REVIEW, reads(REVIEW), gap(ACCOUNT, Facet.PRINCIPALS))
    assert found.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "opened",
    [(reads(ANYONE),), (edge(ANYONE, "cognito-guest", "guests of p", guise=True), reads("guests of p"))],
)
def test_what_anyone_can_read_is_another_checks_matter(calls: Store, opened: tuple[Grant, ...]) -> None:
    things = (calls, AUDIO, REVIEW, reads(REVIEW), *opened)
    assert judged(1, *things) == []
    assert judged(0, *things) == []
    more = replace(reads(EXPORT), objects=2)
    assert judged(1, *things, EXPORT, more) == []
    (found,) = judged(0, *things, EXPORT, more)
    assert found.message.startswith("1 principal can read")
    assert found.evidence["examples"] == [EXPORT.id]


PARTY = "arn:aws:iam::222222222222:root"


@pytest.mark.parametrize(
    ("opened", "who"),
    [
        ((replace(reads(PARTY), outside=True),), PARTY),
        ((edge(PARTY, "assume-role", EXPORT.id, outside=True), reads(EXPORT)), PARTY),
        ((replace(principal("staff", "group"), id="group:staff"), reads("group:staff")), "group:staff"),
    ],
)
def test_behind_one_name_there_may_be_many(calls: Store, opened: tuple[Principal | Grant, ...], who: str) -> None:
    (found,) = judged(2, calls, AUDIO, EXPORT, *opened)
    assert found.verdict is Verdict.UNKNOWN
    assert found.message.startswith("at least ")
    assert f"how many come as {who} is not known" in found.message
    (enough,) = judged(0, calls, AUDIO, EXPORT, *opened)
    assert enough.verdict is Verdict.FAIL
    assert enough.message.startswith("at least ")


def test_who_is_in_a_group_counts_one_by_one_where_it_was_read(calls: Store) -> None:
    group = replace(principal("staff", "group"), members=(REVIEW.id,))
    (found,) = judged(2, calls, AUDIO, REVIEW, group, reads(group), reads(REVIEW))
    assert found.verdict is Verdict.PASS


def test_a_group_counts_as_whoever_is_in_it_through_others_too(calls: Store) -> None:
    held = {"inner": (REVIEW.id, "group:outer"), "outer": ("group:inner", BEN.id, "user:kim"), "empty": ()}
    groups = [replace(principal(name, "group", members=names), id=f"group:{name}") for name, names in held.items()]
    inner, outer, empty = groups
    people = (REVIEW, BEN, *groups)  # of Ben it is known that he reads nothing, of Kim there is no record
    (found,) = judged(1, calls, AUDIO, *people, *map(reads, (REVIEW, inner, outer, empty)))
    assert found.message.startswith("2 principals can read")
    assert found.evidence["examples"] == sorted([REVIEW.id, "user:kim"])
    (none,) = judged(0, calls, AUDIO, REVIEW, empty, reads(empty))
    assert none.verdict is Verdict.PASS


def test_a_group_of_which_some_members_were_not_read_may_hold_more(calls: Store) -> None:
    group = replace(principal("staff", "group"), id="group:staff", members=(REVIEW.id,))
    partly = gap(group.id, Facet.PRINCIPALS)
    things = (calls, AUDIO, REVIEW, group, reads(group), reads(REVIEW), partly)
    (found,) = judged(1, *things)
    assert found.verdict is Verdict.UNKNOWN
    assert found.message.startswith("at least 1 principal can read")
    assert "how many come as group:staff is not known" in found.message


def test_of_somebody_who_is_not_named_there_may_be_many(calls: Store) -> None:
    hidden = reads("somebody who is not named", Unseen("the policy of the folder was not read"))
    (found,) = judged(9, calls, AUDIO, REVIEW, reads(REVIEW), hidden)
    assert found.verdict is Verdict.UNKNOWN
    assert "more perhaps can, nobody knows how many: the policy of the folder was not read" in found.message


def test_identities_of_the_organization_are_those_of_its_accounts(calls: Store) -> None:
    own = Account(id=calls.account, provider="aws", organization="tenant")
    (found,) = judged(2, own, calls, AUDIO, replace(REVIEW, account="tenant"), reads(REVIEW))
    assert found.verdict is Verdict.PASS
    (found,) = judged(2, calls, AUDIO, replace(REVIEW, account="tenant"), reads(REVIEW))
    assert found.verdict is Verdict.UNKNOWN


def test_everybody_of_a_directory_is_at_least_one_and_is_named(calls: Store) -> None:
    ours = Account(ACCOUNT, "aws", organization="our-tenant")
    every = reads(everybody_of("our-tenant"))
    (passing,) = judged(2, ours, calls, AUDIO, REVIEW, reads(REVIEW), every)
    assert passing.verdict is Verdict.UNKNOWN
    assert passing.message == (
        "at least 2 principals (everybody of our-tenant among them) can read 1 recording (1 min), where 2 may, but how"
        " many come as everybody of our-tenant is not known"
    )
    (more,) = judged(1, ours, calls, AUDIO, REVIEW, reads(REVIEW), every)
    assert more.verdict is Verdict.FAIL
    assert "everybody of our-tenant among them" in more.message
