"""What audio_past_maximum_age must find, must let pass, and cannot tell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cloudscan.model import Answer, Coverage, Finding, MediaObject, Store, Upload, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, NOW, findings, gap, speech, transcript, world
from cloudscan_checks.audio_past_maximum_age import audio_past_maximum_age

NINETY: dict[str, object] = {"retention": [{"media": "speech", "max_days": 90}]}


def judged(bucket: Store, *objects: MediaObject, policy: dict[str, object] = NINETY) -> list[Finding]:
    return findings(audio_past_maximum_age, world(bucket, *objects, policy=policy))


def test_what_lies_too_long_is_counted(calls: Store) -> None:
    objects = [speech("calls", f"{days}.wav", days=days, seconds=3600) for days in (10, 95, 400)]
    (found,) = judged(calls, *objects)
    assert found.verdict is Verdict.FAIL
    assert found.message == "older than 90 days: 2 of 3 recordings (2.0 h); the oldest is 400 days old"
    assert found.evidence["examples"] == ["400.wav", "95.wav"]
    assert found.evidence["hours"] == 2.0


def test_the_last_allowed_day_is_allowed(calls: Store) -> None:
    (found,) = judged(calls, speech("calls", "a.wav", days=90.99))
    assert found.verdict is Verdict.PASS
    (late,) = judged(calls, speech("calls", "a.wav", days=91))
    assert late.verdict is Verdict.FAIL


def test_examples_are_the_five_oldest(calls: Store) -> None:
    (found,) = judged(calls, *(speech("calls", f"\u202e{days}\n.wav", days=days) for days in range(100, 120)))
    assert found.evidence["examples"] == [f"\u202e{days}\n.wav" for days in (119, 118, 117, 116, 115)]


def test_old_versions_count(calls: Store) -> None:
    old = speech("calls", "a.wav", days=100, current=False, version="1")
    (found,) = judged(replace(calls, versioning="enabled"), old, speech("calls", "b.wav", version="2"))
    assert found.verdict is Verdict.FAIL
    assert "1 of them as old versions" in found.message
    (told,) = judged(replace(calls, versioning="enabled", provider="azure"), old)
    assert "1 of them as old versions or snapshots" in told.message


def test_a_delete_marker_is_no_recording(calls: Store) -> None:
    marker = speech("calls", "a.wav", days=400, delete_marker=True, version="2")
    (found,) = judged(calls, speech("calls", "b.wav"), marker)
    assert found.verdict is Verdict.PASS


def test_without_a_rule_for_the_store_nothing_is_judged(calls: Store) -> None:
    assert judged(calls, speech("calls", "a.wav", days=9000), policy={}) == []
    other: dict[str, object] = {"retention": [{"stores": "other*", "max_days": 1}]}
    assert judged(calls, speech("calls", "a.wav", days=9000), policy=other) == []
    least: dict[str, object] = {"retention": [{"min_days": 1}]}
    assert judged(calls, speech("calls", "a.wav", days=9000), policy=least) == []


def test_transcripts_are_judged_by_their_own_rule(calls: Store) -> None:
    policy: dict[str, object] = {
        "retention": [{"media": "speech", "max_days": 30}, {"media": "transcript", "max_days": 365}]
    }
    found = judged(calls, speech("calls", "a.wav", days=60), transcript("calls", "a.json", days=60), policy=policy)
    assert [(one.locator, one.verdict) for one in found] == [("speech", Verdict.FAIL), ("transcript", Verdict.PASS)]


def test_stores_under_one_rule_are_judged_each_by_itself(calls: Store) -> None:
    other = replace(calls, id="arn:aws:s3:::other", name="other")
    found = findings(
        audio_past_maximum_age,
        world(calls, other, speech("calls", "a.wav", days=100), speech("other", "b.wav"), policy=NINETY),
    )
    assert [one.verdict for one in found] == [Verdict.FAIL, Verdict.PASS]


def test_versions_that_were_not_listed_are_unknown(calls: Store) -> None:
    for versioning in ("enabled", "suspended", "off", None):
        (found,) = judged(replace(calls, versioning=versioning), speech("calls", "a.wav"))
        assert found.verdict is Verdict.UNKNOWN
        assert "--versions" in found.message
    named = speech("calls", "a.wav", version="1")  # some clouds tell the version of what is current in every list
    (unlisted,) = judged(replace(calls, versioning="off"), named)
    assert unlisted.verdict is Verdict.UNKNOWN
    (listed,) = judged(replace(calls, versioning="off"), named, named._replace(version="0", current=False))
    assert listed.verdict is Verdict.PASS


def lost(key: str, days: float, back: float, **facts: Any) -> MediaObject:
    """Make a recording that was deleted, and can be got back for so many days."""
    until = NOW + timedelta(days=back)
    return speech("calls", key, days=days, current=False, restorable_until=until, **facts)


DELETED_ASKED = Coverage("aws", ACCOUNT, Facet.DELETED, 1, 1)


def test_what_was_deleted_and_can_be_got_back_counts(calls: Store) -> None:
    soft = replace(calls, soft_delete_days=90, keeps_deleted=Answer.YES)
    gone = lost("\u202eb.wav", 400, 88, seconds=3600), lost("c.wav", 95, 3), lost("d.wav", 500, -1), lost("e.wav", 9, 9)
    (found,) = findings(
        audio_past_maximum_age, world(soft, speech("calls", "a.wav"), *gone, DELETED_ASKED, policy=NINETY)
    )
    assert found.verdict is Verdict.FAIL
    day = f"{NOW + timedelta(days=88):%Y-%m-%d}"
    assert found.message == (
        f"older than 90 days: 2 recordings (1.0 h) that were deleted and can be got back until {day};"
        " the oldest is 400 days old"
    )
    assert (found.evidence["deleted"], found.evidence["examples"]) == (2, ["c.wav"])
    alone = findings(audio_past_maximum_age, world(soft, gone[0], DELETED_ASKED, policy=NINETY))
    assert [one.verdict for one in alone] == [Verdict.FAIL]


def test_deleted_objects_that_were_not_listed_are_unknown(calls: Store) -> None:
    young = speech("calls", "a.wav")
    for days, kept in ((90, Answer.YES), (0, Answer.UNKNOWN), (None, Answer.UNKNOWN)):
        soft = replace(calls, soft_delete_days=days, keeps_deleted=kept)
        (found,) = judged(soft, young)
        assert found.verdict is Verdict.UNKNOWN
        assert "deleted" in found.message
        assert "--versions" in found.message
        (listed,) = findings(audio_past_maximum_age, world(soft, young, DELETED_ASKED, policy=NINETY))
        assert listed.verdict is Verdict.PASS
        refused = gap(calls.id, Facet.DELETED)
        (denied,) = findings(audio_past_maximum_age, world(soft, young, DELETED_ASKED, refused, policy=NINETY))
        assert denied.verdict is Verdict.UNKNOWN


def test_a_limited_listing_passes_nothing_and_still_fails_what_was_seen(calls: Store) -> None:
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    (young,) = findings(audio_past_maximum_age, world(calls, speech("calls", "a.wav"), limited, policy=NINETY))
    assert young.verdict is Verdict.UNKNOWN
    (old,) = findings(audio_past_maximum_age, world(calls, speech("calls", "a.wav", days=99), limited, policy=NINETY))
    assert old.verdict is Verdict.FAIL


def test_a_recording_without_a_date_is_unknown(calls: Store) -> None:
    (found,) = judged(calls, speech("calls", "a.wav", modified=None))
    assert found.verdict is Verdict.UNKNOWN


def upload(key: str, days: float | None, **facts: Any) -> Upload:
    begun = None if days is None else NOW - timedelta(days=days)
    return Upload(f"{key}-{days}", "aws", ACCOUNT, "arn:aws:s3:::calls", key, begun, **({"media": "speech"} | facts))


def test_an_upload_that_was_never_finished_counts(calls: Store) -> None:
    others = upload("v.mp4", 400, media="video"), upload("b.wav", 90.9), upload("c.wav", None)
    (found,) = findings(
        audio_past_maximum_age,
        world(
            calls, speech("calls", "a.wav"), upload("\u202eu.wav", 120.5), upload("w.wav", 99), *others, policy=NINETY
        ),
    )
    assert found.verdict is Verdict.FAIL
    assert found.message == "older than 90 days: 2 unfinished uploads of recordings, the oldest begun 120 days ago"
    assert (found.evidence["unfinished_uploads"], found.evidence["examples"]) == (2, ["\u202eu.wav", "w.wav"])
    (found,) = findings(
        audio_past_maximum_age,
        world(calls, speech("calls", "a.wav", days=95.5, seconds=3600), upload("u.wav", 120.5), policy=NINETY),
    )
    assert found.message == (
        "older than 90 days: 1 recording (1.0 h); the oldest is 95 days old;"
        " 1 unfinished upload of recordings, the oldest begun 120 days ago"
    )
    assert found.evidence["examples"] == ["a.wav", "u.wav"]


def test_a_store_of_nothing_but_uploads_is_judged(calls: Store) -> None:
    (found,) = findings(audio_past_maximum_age, world(calls, upload("u.wav", 120), policy=NINETY))
    assert found.verdict is Verdict.FAIL
    (found,) = findings(audio_past_maximum_age, world(calls, upload("u.wav", 12), policy=NINETY))
    assert found.verdict is Verdict.PASS


def test_an_upload_without_a_date_is_a_doubt(calls: Store) -> None:
    (found,) = findings(audio_past_maximum_age, world(calls, upload("u.wav", None), policy=NINETY))
    assert found.verdict is Verdict.UNKNOWN
    assert "the age of 1 unfinished upload is not known" in found.message


def test_the_remedy_of_google_cloud_shows_the_rule_and_what_it_leaves_behind(calls: Store) -> None:
    bucket = replace(calls, provider="gcp", soft_delete_days=7)
    (found,) = findings(audio_past_maximum_age, world(bucket, speech("calls", "a.wav", days=95), policy=NINETY))
    rule = found.remediation.partition("as in `")[2].partition("`")[0]
    assert json.loads(rule) == {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 83}}]}
    assert "What it deletes can be restored for as long as soft delete keeps it." in found.remediation


FOLDERS: dict[str, object] = {
    "retention": [
        {"prefix": "100%/", "max_days": 30},
        {"prefix": ["a_b/", "it's/"], "min_days": 1},
        {"prefix": "gone/", "max_days": 1},
        {"media": "speech", "max_days": 365},
    ]
}
IN_FOLDERS = (
    speech("calls", "100%/old.wav", days=60, seconds=3600),
    speech("calls", "100%/new.wav", days=10),
    speech("calls", "100x/a.wav", days=60),
    speech("calls", "a_b/a.wav", days=9000),
    speech("calls", "it's/a.wav", days=9000),
    speech("calls", "axb/a.wav", days=400),
)


def test_each_folder_is_judged_by_the_rule_that_is_about_it(calls: Store) -> None:
    rest, vip = judged(calls, *IN_FOLDERS, policy=FOLDERS)
    words = "under 100%/: older than 30 days: 1 of 2 recordings (1.0 h); the oldest is 60 days old"
    assert (vip.verdict, vip.message, vip.locator) == (Verdict.FAIL, words, "speech under '100%/'")
    assert (vip.evidence["prefixes"], vip.evidence["examples"]) == (["100%/"], ["100%/old.wav"])
    assert (rest.verdict, rest.locator) == (Verdict.FAIL, "speech")
    assert rest.message.startswith("outside 100%/, a_b/, gone/, it's/: older than 365 days: 1 of 2 recordings")
    assert rest.evidence["examples"] == ["axb/a.wav"]
    assert rest.fingerprint == judged(calls, *IN_FOLDERS)[0].fingerprint != vip.fingerprint


def test_a_folder_without_objects_is_judged_where_some_may_not_have_been_seen(calls: Store) -> None:
    hidden = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    found = findings(audio_past_maximum_age, world(calls, *IN_FOLDERS, hidden, policy=FOLDERS))
    assert [(one.locator, one.verdict) for one in found] == [
        ("speech", Verdict.FAIL),
        ("speech under '100%/'", Verdict.FAIL),
        ("speech under 'gone/'", Verdict.UNKNOWN),
    ]
    versioned = replace(calls, versioning="enabled")
    assert "speech under 'gone/'" in {one.locator for one in judged(versioned, *IN_FOLDERS, policy=FOLDERS)}
    old = speech("calls", "100x/b.wav", version="1", current=False)
    assert "speech under 'gone/'" not in {one.locator for one in judged(versioned, *IN_FOLDERS, old, policy=FOLDERS)}


def test_an_upload_counts_in_its_folder(calls: Store) -> None:
    things = upload("gone/u.wav", 99), upload("100%/u.wav", 20)
    found = findings(audio_past_maximum_age, world(calls, speech("calls", "x/a.wav"), *things, policy=FOLDERS))
    assert [(one.locator, one.verdict) for one in found] == [
        ("speech", Verdict.PASS),
        ("speech under 'gone/'", Verdict.FAIL),
    ]
