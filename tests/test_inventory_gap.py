"""A bucket that was read from an inventory: what changed since is not known, and what does not hang on that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cloudscan.model import (
    Action,
    Answer,
    Coverage,
    Encryption,
    Finding,
    LogSource,
    MediaClass,
    RetentionLock,
    Verdict,
    Why,
)
from cloudscan.provider import Facet
from cloudscan.testing import (
    ACCOUNT,
    expire,
    findings,
    gap,
    grant,
    job,
    key,
    principal,
    speech,
    store,
    transcript,
    world,
)
from cloudscan_checks.catalog import CHECKS

SAID = "read from the inventory of 2023-11-14T22:13:20Z: what changed since is not in it"
HANGS_ON_NEWER_OBJECTS = {
    "audio-outliving-maximum-age",
    "audio-outside-approved-key",
    "audio-past-maximum-age",
    "audio-without-recorded-encryption",
    "outside-party-reach",
    "reader-by-escalation",
    "redacted-transcript-beside-raw",
    "single-role-opens-most",
    "too-many-readers",
    "transcript-read-by-more-than-audio",
    "transcript-without-audio",
    "unknown-party-access",
    "unredacted-transcript",
    "world-readable-audio",
    "world-readable-transcript",
}
"""Ages and keys of objects, what lies beside what, and whom a policy or a list of one object's own lets in."""
OF_THE_BUCKET = {
    "audio-never-deleted",
    "contradictory-audio-retention",
    "disabled-audio-key",
    "key-usable-by-anyone",
    "key-wider-than-data",
    "old-audio-versions-never-deleted",
    "plaintext-transport-allowed",
    "unlogged-audio-reads",
    "unrotated-audio-key",
    "world-writable-audio-store",
}
"""What the settings of the bucket and its keys decide, for whatever lies in it."""
DECIDED: dict[str, object] = {
    "retention": [{"max_days": 90}],
    "keys": {"require_customer_key": True},
    "access": {"max_readers": 5, "max_share": 0.9},
}


def things(sound: Answer = Answer.YES) -> list[Any]:
    """Return a bucket of recordings and one of their transcripts, with all settings right, or all wrong."""
    right = sound is Answer.YES
    used = key(
        "speech",
        manager="customer",
        state="enabled" if right else "disabled",
        has_policy=Answer.YES,
        aliases=("alias/speech",),
        rotates=sound,
        rotation_possible=Answer.YES,
    )
    settings = {
        "owner": "owner-id",
        "encryption": Encryption("customer", used.id),
        "has_policy": Answer.NO,
        "acl": (),
        "ownership": "BucketOwnerEnforced",
        "tls_required": sound,
        "versioning": "disabled",
        "lifecycle": (expire(30),) if right else (),
        "lock": RetentionLock(Answer.NO),
        "replication": (),
    }
    calls, texts, anna = store("calls", **settings), store("texts", **settings), principal("anna")
    mode: dict[str, Any] = {"encryption_mode": "customer", "key_id": used.id}
    return [
        used,
        calls,
        texts,
        anna,
        speech("calls", "a.wav", days=3, **mode),
        transcript("texts", "a.json", days=3, redacted=True, **mode),
        job("j", inputs=(f"{calls.id}/a.wav",), outputs=(f"{texts.id}/a.json",)),
        grant(anna.id, Action.READ, calls.id, media=MediaClass.SPEECH, objects=1, example="a.wav"),
        *(Coverage("aws", ACCOUNT, facet, asked=1, answered=1) for facet in Facet),
        LogSource(calls.id, "aws", ACCOUNT, "cloudtrail", "trail", sound),
    ]


DATED = [
    gap(store(name).id, Facet.OBJECTS, Why.LIMIT, operation="s3:get_object", detail=SAID) for name in ("calls", "texts")
]


def judged(*seen: Any) -> dict[str, Sequence[Finding]]:
    """Run every check."""
    held = world(*seen, policy=DECIDED)
    return {check.id: findings(check, held) for check in CHECKS}


def test_what_the_settings_of_a_bucket_decide_is_not_touched_by_an_inventory() -> None:
    for sound in (Answer.YES, Answer.NO):
        whole, dated = judged(*things(sound)), judged(*things(sound), *DATED)
        assert {check: dated[check] for check in OF_THE_BUCKET} == {check: whole[check] for check in OF_THE_BUCKET}
    right = judged(*things(), *DATED)
    assert {found.verdict for check in OF_THE_BUCKET for found in right[check]} == {Verdict.PASS}
    assert all(right[check] for check in OF_THE_BUCKET)


def test_what_hangs_on_newer_objects_is_never_a_pass_and_says_of_when_the_inventory_is() -> None:
    whole, dated = judged(*things()), judged(*things(), *DATED)
    assert {check for check in whole if whole[check] != dated[check]} == HANGS_ON_NEWER_OBJECTS
    changed = [found for check in HANGS_ON_NEWER_OBJECTS for found in dated[check] if found not in whole[check]]
    assert {found.verdict for found in changed} == {Verdict.UNKNOWN}
    spoken = [found for found in changed if "2023-11-14T22:13:20Z" in found.message]
    assert {found.check for found in changed} - {found.check for found in spoken} == {"audio-outside-approved-key"}


def test_what_is_wrong_stays_wrong() -> None:
    whole, dated = judged(*things(Answer.NO)), judged(*things(Answer.NO), *DATED)
    for check, found in whole.items():
        wrong = {one.fingerprint for one in found if one.verdict is Verdict.FAIL}
        assert wrong <= {one.fingerprint for one in dated[check] if one.verdict is Verdict.FAIL}
    assert any(one.verdict is Verdict.FAIL for found in dated.values() for one in found)
