"""What disabled_audio_key must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Encryption, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import NOW, findings, gap, key, speech, transcript, world
from cloudscan_checks.disabled_audio_key import disabled_audio_key

AUDIO = speech("calls", "a.wav")
STATES = {
    "enabled": Verdict.PASS,
    "disabled": Verdict.FAIL,
    "pending-deletion": Verdict.FAIL,
    "Unavailable": Verdict.UNKNOWN,
    None: Verdict.UNKNOWN,
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_verdict(calls: Store, state: str | None) -> None:
    own = key("speech", manager="customer", state=state)
    (found,) = findings(disabled_audio_key, world(calls, AUDIO, own, gap(own.id, Facet.KEYS)))
    assert (found.verdict, found.resource) == (STATES[state], own.id)


def test_the_day_of_deletion_is_told(calls: Store) -> None:
    going = key("speech", state="pending-deletion", deletion_date=NOW)
    (found,) = findings(disabled_audio_key, world(calls, AUDIO, going))
    assert "about to be deleted on 2026-11-01" in found.message


def test_a_key_named_by_its_alias_is_one_key(calls: Store) -> None:
    own = key("speech", state="enabled", aliases=("alias/speech", "arn:aws:kms:eu-central-1:1:alias/speech"))
    bucket = replace(calls, encryption=Encryption("customer", own.aliases[1] if own.aliases else None))
    read = speech("calls", "\n=.wav", encryption_mode="customer", key_id=own.id)
    (found,) = findings(disabled_audio_key, world(bucket, read, own))
    assert found.evidence["recordings_looked_at"] == 1


def test_a_key_that_the_estate_does_not_hold_is_unknown_at_its_store(calls: Store) -> None:
    (found,) = findings(disabled_audio_key, world(calls, AUDIO))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)


def test_keys_of_other_data_are_no_concern(calls: Store) -> None:
    assert findings(disabled_audio_key, world(calls, transcript("calls", "t"), key("speech", state="disabled"))) == []
    plain = replace(calls, encryption=Encryption("provider"))
    assert findings(disabled_audio_key, world(plain, AUDIO, key("speech", state="disabled"))) == []


def test_a_version_is_named_by_its_full_name_which_tells_ring_and_location(calls: Store) -> None:
    name = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
    bucket = replace(calls, provider="gcp", encryption=Encryption("customer", name))
    own = replace(key("k", provider="gcp", state="disabled"), id=name)
    (found,) = findings(disabled_audio_key, world(bucket, AUDIO, own))
    assert f"gcloud kms keys versions restore {name}/cryptoKeyVersions/VERSION`" in found.remediation
