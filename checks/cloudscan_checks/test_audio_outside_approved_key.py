"""What audio_outside_approved_key must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Encryption, Finding, Key, MediaObject, Store, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import failed, findings, gap, key, passed, speech, transcript, unknown, world
from cloudscan_checks.audio_outside_approved_key import audio_outside_approved_key

SPEECH_KEY = key("speech", manager="customer", aliases=("alias/speech",))
AWS_KEY = key("aws", manager="provider", aliases=("alias/aws/s3",))
APPROVED: dict[str, object] = {"keys": {"approved": ["alias/speech*"]}}
CUSTOMER: dict[str, object] = {"keys": {"require_customer_key": True}}


def judged(bucket: Store, *things: Key | MediaObject, policy: dict[str, object] = APPROVED) -> dict[str, Finding]:
    found = findings(audio_outside_approved_key, world(bucket, *things, policy=policy))
    return {one.locator: one for one in found}


def read(name: str, mode: str, used: Key | None = None) -> MediaObject:
    return speech("calls", name, encryption_mode=mode, key_id=used.id if used else None)


def test_without_a_decision_nothing_is_judged(calls: Store) -> None:
    assert judged(calls, speech("calls", "a.wav"), policy={}) == {}


def test_an_approved_key_passes_by_its_alias(calls: Store) -> None:
    found = judged(calls, SPEECH_KEY, read("a.wav", "customer", SPEECH_KEY))
    assert [one.verdict for one in found.values()] == [Verdict.PASS, Verdict.PASS]


@pytest.mark.parametrize("policy", [APPROVED, CUSTOMER])
@pytest.mark.parametrize(
    "default",
    [Encryption("provider"), Encryption("provider-kms"), Encryption("customer", AWS_KEY.id), Encryption("none")],
)
def test_a_default_that_the_cloud_manages_fails(calls: Store, default: Encryption, policy: dict[str, object]) -> None:
    found = judged(replace(calls, encryption=default), AWS_KEY, speech("calls", "a.wav"), policy=policy)
    assert found["default"].verdict is Verdict.FAIL


def test_a_customer_key_that_is_not_named_fails_only_if_keys_are_named(calls: Store) -> None:
    other = key("other", manager="customer", aliases=("alias/other",))
    bucket, object_ = replace(calls, encryption=Encryption("customer", other.id)), read("a.wav", "customer", other)
    assert failed(judged(bucket, other, object_).values()) == [calls.id, calls.id]
    assert passed(judged(bucket, other, object_, policy=CUSTOMER).values()) == [calls.id, calls.id]


def test_a_key_that_the_estate_does_not_hold_is_unknown_unless_its_id_is_approved(calls: Store) -> None:
    foreign = "arn:aws:kms:eu-central-1:222222222222:key/foreign"
    bucket = replace(calls, encryption=Encryption("customer", foreign))
    for policy in (APPROVED, CUSTOMER):
        assert judged(bucket, speech("calls", "a.wav"), policy=policy)["default"].verdict is Verdict.UNKNOWN
    named: dict[str, object] = {"keys": {"approved": ["*:222222222222:key/*"]}}
    assert judged(bucket, speech("calls", "a.wav"), policy=named)["default"].verdict is Verdict.PASS


def test_an_old_recording_under_a_former_key_fails_under_a_good_default(calls: Store) -> None:
    found = judged(calls, SPEECH_KEY, read("new.wav", "customer", SPEECH_KEY), read("old\n.wav", "provider"))
    assert found["default"].verdict is Verdict.PASS
    assert found["objects"].verdict is Verdict.FAIL
    assert found["objects"].evidence["example"] == "old\n.wav"
    assert found["objects"].message.startswith("1 recording of 2 looked at: a key that the cloud alone holds")


def test_old_versions_and_delete_markers_are_not_judged(calls: Store) -> None:
    old = speech("calls", "a.wav", encryption_mode="provider", current=False, version="1")
    marker = speech("calls", "b.wav", encryption_mode="provider", delete_marker=True, version="2")
    found = judged(calls, SPEECH_KEY, read("a.wav", "customer", SPEECH_KEY), old, marker)
    assert found["objects"].verdict is Verdict.PASS


def test_recordings_that_nobody_looked_at_are_unknown(calls: Store) -> None:
    found = judged(calls, SPEECH_KEY, speech("calls", "a.wav"))
    assert found["objects"].verdict is Verdict.UNKNOWN
    assert "0 of 1 recording" in found["objects"].message
    assert "--heads" in found["objects"].message
    some = judged(calls, SPEECH_KEY, speech("calls", "a.wav"), read("b.wav", "customer", SPEECH_KEY))
    assert some["objects"].verdict is Verdict.UNKNOWN
    assert "1 of 2 recordings" in some["objects"].message


def test_a_limited_listing_is_unknown(calls: Store) -> None:
    seen = world(
        calls,
        SPEECH_KEY,
        read("b.wav", "customer", SPEECH_KEY),
        gap(calls.id, Facet.OBJECTS, Why.LIMIT),
        policy=APPROVED,
    )
    assert unknown(findings(audio_outside_approved_key, seen)) == [calls.id]


def test_an_unread_default_is_unknown(calls: Store) -> None:
    found = judged(replace(calls, encryption=None), SPEECH_KEY, speech("calls", "a.wav"))
    assert found["default"].verdict is Verdict.UNKNOWN


def test_a_recording_under_a_key_that_is_not_known_is_unknown(calls: Store) -> None:
    found = judged(calls, SPEECH_KEY, read("a.wav", "customer", key("gone")))
    assert found["objects"].verdict is Verdict.UNKNOWN
    assert "its aliases are not known" in found["objects"].message


def test_key_bytes_that_the_caller_holds_are_a_customers(calls: Store) -> None:
    found = judged(calls, SPEECH_KEY, read("a.wav", "customer-supplied"), policy=CUSTOMER)
    assert found["objects"].verdict is Verdict.PASS


def test_a_store_without_recordings_is_no_concern(calls: Store) -> None:
    assert judged(calls, transcript("calls", "a.json")) == {}
