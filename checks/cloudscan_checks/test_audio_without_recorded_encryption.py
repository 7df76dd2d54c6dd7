"""What audio_without_recorded_encryption must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

from cloudscan.model import Encryption, Store, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import failed, findings, gap, passed, speech, transcript, unknown, world
from cloudscan_checks.audio_without_recorded_encryption import audio_without_recorded_encryption

CHECK = audio_without_recorded_encryption
BEFORE = 4_000
"""Days before the date of the tests: long before every cloud encrypted everything."""


def test_a_head_without_encryption_is_found(calls: Store) -> None:
    bare = speech("calls", "=old\u202e.wav", days=BEFORE, encryption_mode="none")
    (found,) = findings(CHECK, world(calls, bare, speech("calls", "new.wav")))
    assert found.verdict is Verdict.FAIL
    assert found.evidence["example"] == "=old\u202e.wav"
    assert found.message == "1 recording: the cloud records no encryption at rest"


def test_an_old_version_without_encryption_is_found(calls: Store) -> None:
    bare = speech("calls", "a.wav", days=BEFORE, encryption_mode="none", current=False, version="1")
    assert failed(findings(CHECK, world(calls, bare, speech("calls", "a.wav")))) == [calls.id]


def test_a_store_without_a_default_is_found(calls: Store) -> None:
    bucket = replace(calls, encryption=Encryption("none"))
    assert failed(findings(CHECK, world(bucket, speech("calls", "a.wav")))) == [calls.id]


def test_recordings_from_after_encryption_by_default_pass_unread(calls: Store) -> None:
    assert passed(findings(CHECK, world(calls, speech("calls", "a.wav")))) == [calls.id]


def test_an_old_recording_whose_head_shows_a_key_passes(calls: Store) -> None:
    read = speech("calls", "a.wav", days=BEFORE, encryption_mode="provider")
    assert passed(findings(CHECK, world(calls, read))) == [calls.id]


def test_an_old_recording_that_nobody_looked_at_is_unknown(calls: Store) -> None:
    (found,) = findings(CHECK, world(calls, speech("calls", "a.wav", days=BEFORE)))
    assert found.verdict is Verdict.UNKNOWN
    assert "--heads" in found.message


def test_a_recording_without_a_date_is_unknown(calls: Store) -> None:
    assert unknown(findings(CHECK, world(calls, speech("calls", "a.wav", modified=None)))) == [calls.id]


def test_an_unread_default_is_unknown(calls: Store) -> None:
    bucket = replace(calls, encryption=None)
    (found,) = findings(CHECK, world(bucket, speech("calls", "a.wav"), gap(calls.id, Facet.ENCRYPTION)))
    assert found.verdict is Verdict.UNKNOWN
    assert "denied" in found.message


def test_a_limited_listing_is_unknown(calls: Store) -> None:
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    assert unknown(findings(CHECK, world(calls, speech("calls", "a.wav"), limited))) == [calls.id]


def test_a_store_without_recordings_is_no_concern(calls: Store) -> None:
    assert findings(CHECK, world(calls, transcript("calls", "a.json"))) == []


def test_a_delete_marker_is_no_recording(calls: Store) -> None:
    marker = speech("calls", "a.wav", days=BEFORE, delete_marker=True, version="1")
    assert passed(findings(CHECK, world(calls, speech("calls", "a.wav"), marker))) == [calls.id]


def test_nothing_is_called_unencrypted(calls: Store) -> None:
    bare = speech("calls", "a.wav", days=BEFORE, encryption_mode="none")
    (found,) = findings(CHECK, world(calls, bare))
    assert "unencrypted" not in (found.message + found.remediation + CHECK.text).lower()
