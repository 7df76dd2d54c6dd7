"""What key_usable_by_anyone must find, must let pass, and cannot tell."""

from __future__ import annotations

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, Answer, Key, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import findings, gap, grant, key, speech, transcript, unknown, world
from cloudscan_checks.key_usable_by_anyone import key_usable_by_anyone

KEY = key("speech", manager="customer", has_policy=Answer.YES, aliases=("alias/speech",))
AUDIO = speech("calls", "a.wav")


def opens(principal: str = ANYONE_SIGNED_IN, condition: Condition = ALWAYS, target: Key = KEY) -> Grant:
    return grant(principal, Action.DECRYPT, target.id, condition=condition)


@pytest.mark.parametrize("principal", [ANYONE, ANYONE_SIGNED_IN])
def test_a_key_that_anyone_can_use_is_found(calls: Store, principal: str) -> None:
    opened = opens(principal)
    (found,) = findings(key_usable_by_anyone, world(calls, AUDIO, KEY, opened))
    assert (found.verdict, found.resource, found.path) == (Verdict.FAIL, KEY.id, opened.steps)
    assert found.evidence["stores"] == [calls.id]
    assert f"--key-id {KEY.id}" in found.remediation


def test_a_key_that_only_an_object_names_is_found(calls: Store) -> None:
    former = key("former", manager="customer", has_policy=Answer.YES)
    read = speech("calls", "\u202e=.wav", encryption_mode="customer", key_id=former.id)
    found = findings(key_usable_by_anyone, world(calls, read, KEY, former, opens(target=former)))
    assert [(one.resource, one.verdict) for one in found] == [(former.id, Verdict.FAIL), (KEY.id, Verdict.PASS)]


def test_a_key_for_its_own_account_passes_and_the_condition_is_named(calls: Store) -> None:
    own = Test("kms:CallerAccount", Operator.EQUALS, (glob("111111111111"),))
    (found,) = findings(
        key_usable_by_anyone, world(calls, AUDIO, KEY, opens(condition=own), strangers={own: Answer.NO})
    )
    assert found.verdict is Verdict.PASS
    assert found.evidence["restricted_by"] == ["kms:CallerAccount is 111111111111"]


def test_a_condition_that_anyone_can_meet_is_no_barrier(calls: Store) -> None:
    via = Test("kms:ViaService", Operator.EQUALS, (glob("s3.eu-central-1.amazonaws.com"),))
    (found,) = findings(
        key_usable_by_anyone, world(calls, AUDIO, KEY, opens(condition=via), strangers={via: Answer.YES})
    )
    assert found.verdict is Verdict.FAIL


def test_a_policy_that_was_not_read_is_unknown(calls: Store) -> None:
    unread = key("speech", manager="customer")
    assert unknown(findings(key_usable_by_anyone, world(calls, AUDIO, unread))) == [KEY.id]
    assert unknown(findings(key_usable_by_anyone, world(calls, AUDIO, KEY, gap(KEY.id, Facet.KEYS)))) == [KEY.id]
    hanging = opens(condition=Unseen("a statement could not be read"))
    assert unknown(findings(key_usable_by_anyone, world(calls, AUDIO, KEY, hanging))) == [KEY.id]


def test_a_key_that_the_estate_does_not_hold_is_unknown_at_its_store(calls: Store) -> None:
    (found,) = findings(key_usable_by_anyone, world(calls, AUDIO))
    assert (found.verdict, found.resource, found.locator) == (Verdict.UNKNOWN, calls.id, KEY.id)


def test_keys_of_the_cloud_and_of_other_data_are_no_concern(calls: Store) -> None:
    own = key("speech", manager="provider")
    assert findings(key_usable_by_anyone, world(calls, AUDIO, own, opens())) == []
    assert findings(key_usable_by_anyone, world(calls, transcript("calls", "t.json"), KEY, opens())) == []
