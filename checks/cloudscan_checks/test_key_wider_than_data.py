"""What key_wider_than_data must find, must let pass, and cannot tell."""

from __future__ import annotations

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Action,
    Answer,
    Confidence,
    Gap,
    Key,
    MediaClass,
    Principal,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, findings, gap, grant, key, principal, speech, transcript, unknown, world
from cloudscan_checks.key_wider_than_data import key_wider_than_data

KEY = key("speech", manager="customer", has_policy=Answer.YES)
AUDIO = speech("calls", "a.wav")
REVIEW, BACKUP = principal("review"), principal("backup")


def opens(who: Principal, condition: Condition = ALWAYS, target: Key = KEY) -> Grant:
    return grant(who.id, Action.DECRYPT, target.id, condition=condition)


def reads(who: Principal, media: MediaClass = MediaClass.SPEECH, condition: Condition = ALWAYS) -> Grant:
    return grant(who.id, Action.READ, "calls", media=media, condition=condition, objects=1)


def test_whoever_decrypts_and_may_not_read_is_found(calls: Store) -> None:
    opened = opens(BACKUP)
    things = (REVIEW, BACKUP, opens(REVIEW), reads(REVIEW), opened)
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, KEY, *things))
    assert (found.verdict, found.resource, found.path) == (Verdict.FAIL, KEY.id, opened.steps)
    assert found.message == "role backup can decrypt with the key of recordings in calls, and read none of them"
    assert found.evidence["examples"] == [BACKUP.id]
    assert found.confidence is Confidence.HIGH


def test_several_are_one_finding_that_counts_them(calls: Store) -> None:
    things = (REVIEW, BACKUP, opens(REVIEW), opens(BACKUP))
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, KEY, *things))
    assert found.message.startswith("2 principals can decrypt")
    assert found.evidence["principals"] == 2


def test_a_key_that_only_readers_hold_passes(calls: Store) -> None:
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, KEY, REVIEW, BACKUP, opens(REVIEW), reads(REVIEW)))
    assert (found.verdict, found.resource) == (Verdict.PASS, KEY.id)


def test_whoever_reads_the_transcripts_beside_them_needs_the_key(calls: Store) -> None:
    things = (REVIEW, opens(REVIEW), reads(REVIEW, MediaClass.TRANSCRIPT))
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, transcript("calls", "a.json"), KEY, *things))
    assert found.verdict is Verdict.PASS


def test_a_condition_is_named_and_lowers_the_confidence(calls: Store) -> None:
    office = Test("aws:SourceIp", Operator.IN_NETWORK, (glob("203.0.113.0/24"),))
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, KEY, BACKUP, opens(BACKUP, office)))
    assert (found.verdict, found.confidence) == (Verdict.FAIL, Confidence.MEDIUM)
    assert "aws:SourceIp is in 203.0.113.0/24" in found.message


@pytest.mark.parametrize("who", [ANYONE, ANYONE_SIGNED_IN])
def test_a_key_that_anyone_can_use_is_another_checks_matter(calls: Store, who: str) -> None:
    things = (KEY, BACKUP, opens(BACKUP), grant(who, Action.DECRYPT, KEY.id))
    assert findings(key_wider_than_data, world(calls, AUDIO, *things)) == []


def test_anyone_who_is_held_off_does_not_count(calls: Store) -> None:
    own = Test("kms:CallerAccount", Operator.EQUALS, (glob("111111111111"),))
    held_off = grant(ANYONE_SIGNED_IN, Action.DECRYPT, KEY.id, condition=own)
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, KEY, REVIEW, held_off, strangers={own: Answer.NO}))
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "more",
    [
        [],
        [REVIEW, gap(ACCOUNT, Facet.PRINCIPALS)],
        [REVIEW, gap("222222222222", Facet.PRINCIPALS, account="222222222222")],
        [REVIEW, gap(KEY.id, Facet.KEYS)],
        [BACKUP, opens(BACKUP, Unseen("a boundary could not be read"))],
        [principal("elsewhere", account="222222222222")],
    ],
)
def test_what_may_hide_a_holder_is_unknown(calls: Store, more: list[Principal | Grant | Gap]) -> None:
    assert unknown(findings(key_wider_than_data, world(calls, AUDIO, KEY, *more))) == [KEY.id]


def test_whether_somebody_reads_may_be_unknown_too(calls: Store) -> None:
    hanging = reads(BACKUP, condition=Unseen("the policy could not be read"))
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, KEY, BACKUP, opens(BACKUP), hanging))
    assert found.verdict is Verdict.UNKNOWN
    assert "the policy could not be read" in found.message


def test_a_policy_of_the_key_that_is_not_known_is_unknown(calls: Store) -> None:
    unread = key("speech", manager="customer")
    assert unknown(findings(key_wider_than_data, world(calls, AUDIO, unread, REVIEW))) == [KEY.id]


def test_a_key_that_the_estate_does_not_hold_is_unknown_at_its_store(calls: Store) -> None:
    (found,) = findings(key_wider_than_data, world(calls, AUDIO, REVIEW))
    assert (found.verdict, found.resource, found.locator) == (Verdict.UNKNOWN, calls.id, KEY.id)


def test_keys_of_the_cloud_and_of_other_data_are_no_concern(calls: Store) -> None:
    own = key("speech", manager="provider")
    assert findings(key_wider_than_data, world(calls, AUDIO, own, BACKUP, opens(BACKUP))) == []
    assert findings(key_wider_than_data, world(calls, KEY, BACKUP, opens(BACKUP))) == []
