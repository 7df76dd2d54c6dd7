"""What world_writable_audio_store must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access.conditions import Unseen
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import failed, findings, gap, grant, passed, speech, unknown, world
from cloudscan_checks.world_writable_audio_store import world_writable_audio_store

AUDIO = speech("calls", "a\n=1.wav")


@pytest.mark.parametrize("action", [Action.WRITE, Action.DELETE, Action.ADMINISTER])
@pytest.mark.parametrize("principal", [ANYONE, ANYONE_SIGNED_IN])
def test_a_store_that_anyone_can_change_is_found(calls: Store, action: Action, principal: str) -> None:
    opened = grant(principal, action, "calls")
    (found,) = findings(world_writable_audio_store, world(calls, AUDIO, opened))
    assert found.verdict is Verdict.FAIL
    assert found.path == opened.steps
    assert found.evidence["actions"] == [action]


def test_what_anyone_can_do_is_said_in_words(calls: Store) -> None:
    both = [grant(ANYONE, Action.WRITE, "calls"), grant(ANYONE, Action.DELETE, "calls")]
    (found,) = findings(world_writable_audio_store, world(calls, AUDIO, *both))
    assert found.message == "anyone on the Internet can delete from, write into a store of 1 recording (1 min)"


def test_readers_and_named_writers_are_silent(calls: Store) -> None:
    grants = [grant(ANYONE, Action.READ, "calls"), grant("arn:aws:iam::111111111111:role/app", Action.WRITE, "calls")]
    assert passed(findings(world_writable_audio_store, world(calls, AUDIO, *grants))) == [calls.id]


def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store) -> None:
    hanging = grant(ANYONE, Action.WRITE, "calls", condition=Unseen("the policy could not be read whole"))
    (found,) = findings(world_writable_audio_store, world(calls, AUDIO, hanging))
    assert found.verdict is Verdict.UNKNOWN
    assert "the policy could not be read whole" in found.message


def test_an_unread_list_is_unknown(calls: Store) -> None:
    assert unknown(findings(world_writable_audio_store, world(replace(calls, acl=None), AUDIO))) == [calls.id]
    assert unknown(findings(world_writable_audio_store, world(calls, AUDIO, gap(calls.id, Facet.POLICY)))) == [calls.id]


def test_a_store_without_recordings_is_no_concern(calls: Store) -> None:
    opened = grant(ANYONE, Action.WRITE, "calls")
    assert failed(findings(world_writable_audio_store, world(calls, opened))) == []


def test_a_pass_says_what_was_judged_and_no_more(calls: Store) -> None:
    partner = grant("partner", Action.WRITE, "calls", outside=True)
    (found,) = findings(world_writable_audio_store, world(calls, AUDIO, partner))
    assert (found.verdict, found.message) == (Verdict.PASS, "no stranger can change a store of 1 recording (1 min)")
