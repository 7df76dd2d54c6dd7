"""What single_role_opens_most must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Decision, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.grants import Part
from cloudscan.access.patterns import glob
from cloudscan.model import (
    UNNAMED,
    Action,
    Answer,
    Confidence,
    Finding,
    MediaClass,
    Principal,
    Severity,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, edge, findings, gap, grant, principal, speech, transcript, world
from cloudscan_checks.single_role_opens_most import single_role_opens_most

AUDIO = (speech("calls", "a.wav", seconds=7200), speech("calls", "b.wav", seconds=3600))
EXPORT, REVIEW, BEN = principal("export"), principal("review"), principal("ben", "user")
PARTS = {"a.wav": 7200, "b.wav": 3600}
OFFICE = Test("aws:SourceIp", Operator.IN_NETWORK, (glob("203.0.113.0/24"),))
WIDER = f"{BEN.id} with widened rights"


def reads(who: Principal | str, example: str = "a.wav", condition: Condition = ALWAYS) -> Grant:
    name = who if isinstance(who, str) else who.id
    facts = {"media": MediaClass.SPEECH, "objects": 1, "seconds": PARTS[example], "example": example}
    return grant(name, Action.READ, "calls", condition=condition, **facts)


def judged(*things: object, most: float | None = 0.5) -> list[Finding]:
    policy: dict[str, object] = {} if most is None else {"access": {"max_share": most}}
    return findings(single_role_opens_most, world(*things, policy=policy))  # type: ignore[arg-type]


def test_without_a_decision_nothing_is_judged(calls: Store) -> None:
    assert judged(calls, *AUDIO, EXPORT, reads(EXPORT), most=None) == []


def test_a_principal_that_opens_more_than_decided_is_found(calls: Store) -> None:
    (found,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT))
    assert (found.verdict, found.resource, found.severity) == (Verdict.FAIL, EXPORT.id, Severity.MEDIUM)
    assert found.message == (
        "role export opens 2.0 of 3.0 hours of speech (67 %), of which 50 % is the most for one: 2.0 by its own rights"
    )
    assert found.path == reads(EXPORT).steps


def test_one_that_opens_less_passes_and_one_that_opens_nothing_is_no_concern(calls: Store) -> None:
    (found,) = judged(calls, *AUDIO, EXPORT, REVIEW, reads(EXPORT, "b.wav"))
    assert (found.verdict, found.resource) == (Verdict.PASS, EXPORT.id)
    (exactly,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT), most=2 / 3)
    assert exactly.verdict is Verdict.PASS


def test_what_is_opened_by_steps_counts_and_is_told_apart(calls: Store) -> None:
    takes = edge(BEN.id, "assume-role", EXPORT.id)
    other = replace(calls, id="arn:aws:s3:::other", name="other")
    heard = speech("other", "c.wav", seconds=3600)
    read = grant(BEN.id, Action.READ, "other", media=MediaClass.SPEECH, objects=1, seconds=3600, example="c.wav")
    found = judged(calls, other, *AUDIO, heard, EXPORT, BEN, reads(EXPORT), read, takes)
    ben = next(one for one in found if one.resource == BEN.id)
    assert "opens 3.0 of 4.0 hours of speech (75 %)" in ben.message
    assert ben.message.endswith("1.0 by its own rights, 2.0 through another identity")
    assert ben.evidence["ways"] == [
        ["by its own rights", 1.0, [step.reason for step in read.steps]],
        ["through another identity", 2.0, [takes.prove(BEN.id, EXPORT.id)[0].reason, reads(EXPORT).steps[0].reason]],
    ]


def test_what_is_opened_in_two_ways_counts_once_and_may_be_more(calls: Store) -> None:
    takes = edge(BEN.id, "assume-role", EXPORT.id)
    every = grant(EXPORT.id, Action.READ, "calls", media=MediaClass.SPEECH, objects=2, seconds=10800, example="a.wav")
    found = judged(calls, *AUDIO, EXPORT, BEN, every, reads(BEN, "b.wav", OFFICE), takes)
    ben = next(one for one in found if one.resource == BEN.id)
    assert "opens 3.0 of 3.0 hours of speech (100 %)" in ben.message
    apart = judged(calls, *AUDIO, EXPORT, BEN, reads(EXPORT, "b.wav"), reads(BEN, "a.wav", OFFICE), takes, most=0.8)
    ben = next(one for one in apart if one.resource == BEN.id)
    assert (ben.verdict, ben.evidence["hours"]) == (Verdict.UNKNOWN, 2.0)
    assert "in different ways may be different recordings" in ben.message


def test_grants_that_tell_their_objects_are_added_up_exactly(calls: Store) -> None:
    """What is opened in two ways is another recording, or the same: the parts of the grants say which."""
    takes = edge(BEN.id, "assume-role", EXPORT.id)

    def told(key: str) -> Grant:
        return replace(reads(EXPORT, key), apart=lambda: (Part(key, 1, PARTS[key]),))

    one, other = map(told, PARTS)
    his, hers = replace(other, principal=BEN.id), one
    found = judged(calls, *AUDIO, EXPORT, BEN, his, hers, takes, most=0.8)
    ben = next(each for each in found if each.resource == BEN.id)
    assert (ben.verdict, ben.evidence["hours"]) == (Verdict.FAIL, 3.0)
    assert ben.message.endswith("1.0 by its own rights, 2.0 through another identity")
    same = judged(calls, *AUDIO, EXPORT, BEN, replace(one, principal=BEN.id), one, takes, most=0.8)
    assert {(each.resource, each.verdict, each.evidence["hours"]) for each in same} == {
        (BEN.id, Verdict.PASS, 2.0),
        (EXPORT.id, Verdict.PASS, 2.0),
    }
    perhaps = replace(his, decision=Decision(OFFICE))
    found = judged(calls, *AUDIO, EXPORT, BEN, perhaps, hers, takes, most=0.8)
    assert next(each for each in found if each.resource == BEN.id).confidence is Confidence.MEDIUM


def test_members_that_only_policies_name_are_judged_as_well(calls: Store) -> None:
    """Of people, and of whoever is outside, a cloud keeps no record that a scan could read."""
    ana, lee = "user:ana@acme.example", "user:lee@elsewhere.example"
    takes = edge(lee, "act-as", EXPORT.id)
    found = judged(calls, *AUDIO, EXPORT, reads(EXPORT), reads(ana), takes, reads("anyone"))
    assert [(each.verdict, each.resource) for each in found] == [
        (Verdict.FAIL, EXPORT.id),
        (Verdict.FAIL, ana),
        (Verdict.FAIL, lee),
    ]
    assert {(each.provider, each.account) for each in found} == {(calls.provider, calls.account)}
    assert found[1].message.startswith(f"{ana} opens 2.0 of 3.0 hours of speech (67 %)")
    (small,) = judged(calls, *AUDIO, reads(ana, "b.wav"), EXPORT)
    assert (small.verdict, small.resource) == (Verdict.PASS, ana)


def test_an_administrator_is_told_apart_and_graded_lower(calls: Store) -> None:
    widens = edge(BEN.id, "iam:PutUserPolicy", WIDER, changes=True, guise=True)
    (found,) = judged(calls, *AUDIO, BEN, widens, reads(WIDER))
    assert (found.verdict, found.severity) == (Verdict.FAIL, Severity.LOW)
    assert found.message.startswith("user ben, an administrator, opens 2.0 of 3.0 hours")
    assert found.message.endswith("2.0 by changing the cloud")


def test_whoever_can_take_the_place_of_everybody_else_is_an_administrator(calls: Store) -> None:
    takes = [edge(BEN.id, "iam:UpdateAssumeRolePolicy", one.id, changes=True) for one in (EXPORT, REVIEW)]
    things = (*AUDIO, EXPORT, REVIEW, BEN, reads(BEN))
    (some,) = judged(calls, *things, takes[0])
    assert (some.severity, some.evidence["administrator"]) == (Severity.MEDIUM, False)
    (every,) = judged(calls, *things, *takes)
    assert (every.severity, every.evidence["administrator"]) == (Severity.LOW, True)


def test_a_condition_lowers_the_confidence(calls: Store) -> None:
    (found,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT, condition=OFFICE))
    assert (found.verdict, found.confidence) == (Verdict.FAIL, Confidence.MEDIUM)
    (sure,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT), reads(EXPORT, "b.wav", OFFICE))
    assert sure.confidence is Confidence.HIGH


def test_what_hangs_on_an_unseen_fact_is_unknown_if_it_matters(calls: Store) -> None:
    hanging = reads(EXPORT, condition=Unseen("its boundary was not read"))
    (found,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT, "b.wav"), hanging)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, EXPORT.id)
    assert "its boundary was not read" in found.message
    (small,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT, "b.wav", Unseen("its boundary was not read")))
    assert small.verdict is Verdict.PASS


def test_recordings_of_unknown_length_are_unknown_to_whom_opens_them(calls: Store) -> None:
    other = replace(calls, id="arn:aws:s3:::other", name="other")
    unmeasured = speech("other", "c.wav", seconds=None)
    read = grant(EXPORT.id, Action.READ, "other", media=MediaClass.SPEECH, objects=1, example="c.wav")
    found = judged(
        calls, other, *AUDIO, unmeasured, EXPORT, REVIEW, read, reads(EXPORT, "b.wav"), reads(REVIEW, "b.wav")
    )
    assert [(one.resource, one.verdict) for one in found] == [
        (EXPORT.id, Verdict.UNKNOWN),
        (REVIEW.id, Verdict.PASS),
    ]
    assert "recordings in other are of unknown length" in found[0].message


@pytest.mark.parametrize("facet", [Facet.PRINCIPALS, Facet.WORKLOADS])
def test_identities_that_were_not_seen_are_unknown_at_their_account(calls: Store, facet: Facet) -> None:
    (found,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT, "b.wav"), gap(ACCOUNT, facet))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)


def test_a_listing_with_an_end_hides_how_much_is_all(calls: Store) -> None:
    (found,) = judged(calls, *AUDIO, EXPORT, reads(EXPORT, "b.wav"), gap(calls.id, Facet.OBJECTS))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)


def test_speech_of_which_no_length_is_known_is_unknown(calls: Store) -> None:
    read = grant(EXPORT.id, Action.READ, "calls", media=MediaClass.SPEECH, objects=1, example="a.wav")
    (found,) = judged(calls, speech("calls", "a.wav", seconds=None), EXPORT, read)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)


def test_transcripts_have_no_hours(calls: Store) -> None:
    assert judged(calls, transcript("calls", "a.json"), EXPORT) == []


def test_speech_in_a_store_that_was_not_listed_at_all_is_not_counted_in_silence(calls: Store) -> None:
    other = replace(calls, id="arn:aws:s3:::other", name="other")
    found = judged(calls, *AUDIO, other, EXPORT, reads(EXPORT, "b.wav"), gap(other.id, Facet.OBJECTS))
    assert (Verdict.UNKNOWN, ACCOUNT) in {(one.verdict, one.resource) for one in found}


def test_who_may_open_more_by_a_policy_that_was_not_read_does_not_pass(calls: Store) -> None:
    other = replace(calls, id="arn:aws:s3:::other", name="other", has_policy=Answer.UNKNOWN)
    heard = speech("other", "c.wav", seconds=3600)
    closed = gap(other.id, Facet.POLICY, operation="s3:GetBucketPolicy", permission="s3:GetBucketPolicy")
    things = (calls, other, *AUDIO, heard, EXPORT, REVIEW, BEN, reads(EXPORT), reads(REVIEW, "b.wav"))
    found = {one.resource: one for one in judged(*things, closed)}
    assert {name: one.verdict for name, one in found.items()} == {
        EXPORT.id: Verdict.UNKNOWN,  # it opens 2 of 4 hours, and perhaps 3
        REVIEW.id: Verdict.PASS,  # of it, 2 are the most that may be
    }
    assert found[EXPORT.id].message.endswith(
        "and perhaps opens more: of other, could not read what may open the store (denied: s3:GetBucketPolicy)"
    )
    assert found[EXPORT.id].evidence["permissions"] == ["s3:GetBucketPolicy"]
    whole = replace(other, has_policy=Answer.NO)
    assert {one.verdict for one in judged(*things[2:], calls, whole)} == {Verdict.PASS}


def test_what_somebody_opens_of_a_store_anyhow_is_not_counted_again(calls: Store) -> None:
    unread = replace(calls, has_policy=Answer.UNKNOWN)
    (found,) = judged(unread, *AUDIO, EXPORT, reads(EXPORT), reads(EXPORT, "b.wav"), most=1.0)
    assert found.verdict is Verdict.PASS


def test_what_anybody_may_open_by_what_was_not_read_is_unknown_at_the_account(calls: Store) -> None:
    closed = gap(calls.id, Facet.POLICY)
    found = judged(replace(calls, has_policy=Answer.UNKNOWN), *AUDIO, EXPORT, reads(EXPORT, "b.wav"), closed)
    assert {(one.resource, one.verdict) for one in found} == {
        (ACCOUNT, Verdict.UNKNOWN),
        (EXPORT.id, Verdict.UNKNOWN),
    }
    assert all("could not read what may open the store (denied: Get)" in one.message for one in found)
    unmeasured = speech("calls", "c.wav", seconds=None)
    found = judged(replace(calls, has_policy=Answer.UNKNOWN), *AUDIO, unmeasured, EXPORT, closed, most=1.0)
    assert [(one.resource, one.verdict) for one in found] == [(ACCOUNT, Verdict.UNKNOWN)]


def test_of_whom_there_is_no_record_and_nothing_is_known_nobody_passes(calls: Store) -> None:
    perhaps = reads("somebody", "b.wav", Unseen("a role was not read"))
    assert judged(calls, *AUDIO, EXPORT, perhaps) == []
    (much,) = judged(calls, *AUDIO, EXPORT, reads("somebody", "a.wav", Unseen("a role was not read")))
    assert much.verdict is Verdict.UNKNOWN


def test_whom_what_was_not_read_may_mean_nobody_passes_beside(calls: Store) -> None:
    """Somebody who is not named may be anybody: whoever is known to open little may open what is told of them."""
    hidden = Unseen("the role assignments were not read and may give")
    things = (calls, *AUDIO, EXPORT, BEN, reads(EXPORT, "b.wav"), reads(BEN, "b.wav", hidden))
    somebody = reads(UNNAMED, "a.wav", hidden)
    found = {one.resource: one for one in judged(*things, somebody)}
    assert {name: one.verdict for name, one in found.items()} == dict.fromkeys(
        (ACCOUNT, EXPORT.id, BEN.id, UNNAMED), Verdict.UNKNOWN
    )
    assert found[EXPORT.id].message.endswith(
        "and perhaps opens more: of calls, who opens it is not known: the role assignments were not read and may give"
    )
    little = judged(*things, reads(UNNAMED, "b.wav", hidden), most=0.7)
    assert {(one.resource, one.verdict) for one in little} == {(EXPORT.id, Verdict.PASS), (BEN.id, Verdict.PASS)}
    stepping = (edge(UNNAMED, "act-as", REVIEW.id, condition=hidden), REVIEW, reads(REVIEW))
    found = {one.resource: one for one in judged(*things, *stepping, most=0.7)}
    assert found[EXPORT.id].verdict is Verdict.UNKNOWN
