"""Lineage: links and their evidence, orphans both ways, raw beside redacted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cloudscan.lineage.links import Evidence, Lineage, Link
from cloudscan.model import Answer, Confidence, Coverage, MediaClass, Why
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, NOW, gap, job, speech, store, transcript, world

CALLS, TEXTS = "arn:aws:s3:::calls", "arn:aws:s3:::texts"
CONTACT = "0f8fad5b-d9cb-469f-a165-70867728950e"


def lineage(*things: Any) -> Lineage:
    held = [store("calls"), store("texts"), *things]
    return Lineage(world(*held).estate, NOW)


def only(found: Lineage) -> Link:
    (link,) = found.links()
    return link


def run(name: str = "j", audio: str = f"{CALLS}/a.wav", text: str = f"{TEXTS}/out/1.json", **facts: Any) -> Any:
    made = NOW - timedelta(days=facts.pop("days", 10))
    given: dict[str, Any] = {"created": made, "listed_until": made + timedelta(days=90), "outputs": (text,)}
    return job(name, inputs=(audio,), **(given | facts))


def test_job_that_names_both_links_them() -> None:
    made = run()
    link = only(lineage(made, speech("calls", "a.wav"), transcript("texts", "out/1.json")))
    assert link == Link(f"{TEXTS}/out/1.json", f"{CALLS}/a.wav", made.id, Evidence.JOB, there=True, gone=False)
    assert link.evidence.confidence is Confidence.HIGH


def test_source_in_the_transcript_links_without_a_job() -> None:
    told = json.dumps({"sources": [f"{CALLS}/a.wav"]})
    link = only(lineage(speech("calls", "a.wav"), transcript("texts", "1.json", told=told)))
    assert (link.audio, link.evidence, link.there) == (f"{CALLS}/a.wav", Evidence.SOURCE, True)


def test_job_that_the_transcript_names_links_where_its_output_was_moved() -> None:
    held = speech("calls", "a.wav"), transcript("texts", "moved/1.json", told='{"job": "j"}')
    link = only(lineage(run(), *held))
    assert (link.transcript, link.evidence) == (f"{TEXTS}/moved/1.json", Evidence.NAMED_JOB)


def test_transcript_called_like_a_job_is_likely_its_own() -> None:
    link = only(lineage(run("nightly-7", text=""), speech("calls", "a.wav"), transcript("texts", "x/nightly-7.json")))
    assert (link.evidence, link.evidence.confidence) == (Evidence.JOB_NAME, Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("audio", "text"),
    [
        ("in/0001.wav", "in/0001.json"),
        ("in/0001.wav", "in/0001.wav.json"),
        ("in/0001.wav", "in/redacted-0001.json"),
        ("in/0001.mp3", "in/0001.words.json"),
        ("in/0001.mp3", "in/0001_transcript.vtt"),
        ("0001.mp3", "0001.srt"),
        ("in/0001.wav", "in/0001_transcript_64f1-22.json"),
        (f"in/{CONTACT}_20261101T10:00_UTC.wav", f"in/{CONTACT}_analysis_2026-11-01T10_00_00Z.json"),
        ("in/a\nb.wav", "in/a\nb.json"),
    ],
)
def test_one_name_in_one_folder_links(audio: str, text: str) -> None:
    link = only(lineage(speech("calls", audio), transcript("calls", text)))
    assert (link.audio, link.evidence, link.there) == (f"{CALLS}/{audio}", Evidence.BESIDE, True)


def test_what_belongs_to_one_contact_links_wherever_it_lies() -> None:
    spoken = speech("calls", f"CallRecordings/2026/{CONTACT}_20261101T10:00_UTC.wav")
    masked = speech("calls", f"Redacted/{CONTACT}_call_recording_redacted_20261101T10:00.wav")
    texts = [
        transcript("texts", f"Voice/{CONTACT}_analysis_2026-11-01T10_00_00Z.json"),
        transcript("texts", f"Redacted/{CONTACT}_analysis_redacted_2026-11-01T10_00_00Z.json", redacted=True),
    ]
    found = lineage(spoken, masked, *texts)
    assert {link.evidence for link in found.links()} == {Evidence.BESIDE}
    assert (found.pairs[TEXTS].redacted, found.pairs[TEXTS].likely) == (1, 1)
    assert (found.unmasked[CALLS].redacted, found.unmasked[CALLS].example) == (1, spoken.key)


def test_long_name_that_no_other_recording_has_links_across_stores() -> None:
    text = transcript("texts", "out/call-20261101-7.json")
    link = only(lineage(speech("calls", "in/call-20261101-7.wav"), text))
    assert (link.evidence, link.evidence.confidence) == (Evidence.ELSEWHERE, Confidence.LOW)
    twice = speech("calls", "in/call-20261101-7.wav"), speech("calls", "old/call-20261101-7.wav")
    assert list(lineage(*twice, text).links()) == []


@pytest.mark.parametrize(("audio", "text"), [("in/0001.wav", "out/0001.json"), ("in/a.wav", "in/b.json")])
def test_other_names_link_nothing(audio: str, text: str) -> None:
    assert list(lineage(speech("calls", audio), transcript("calls", text)).links()) == []


def test_best_evidence_of_a_recording_that_is_there_is_taken() -> None:
    moved = run(audio=f"{CALLS}/was/a.wav", text=f"{CALLS}/in/a.json")
    link = only(lineage(moved, speech("calls", "in/a.wav"), transcript("calls", "in/a.json")))
    assert (link.audio, link.evidence, link.there) == (f"{CALLS}/in/a.wav", Evidence.BESIDE, True)


def test_transcript_whose_recording_is_gone_is_an_orphan() -> None:
    found = lineage(run(), transcript("texts", "out/1.json"))
    assert only(found).gone
    texts = found.texts[TEXTS]
    assert (texts.orphans, texts.traced, texts.example) == (1, 0, "out/1.json")
    assert (texts.example_audio, texts.evidence) == (f"{CALLS}/a.wav", Evidence.JOB)


def test_name_after_a_recording_that_is_gone_makes_an_orphan() -> None:
    found = lineage(transcript("texts", "in/a.wav.json"), transcript("texts", "in/b.json"))
    assert (found.texts[TEXTS].orphans, found.texts[TEXTS].transcripts) == (1, 2)
    assert only(found).evidence is Evidence.NAMED_AFTER


@pytest.mark.parametrize("why", [Why.LIMIT, Why.DENIED])
def test_nothing_is_gone_where_not_everything_was_listed(why: Why) -> None:
    missing = gap(CALLS, Facet.OBJECTS, why)
    link = only(lineage(run(), transcript("texts", "out/1.json"), missing))
    assert (link.there, link.gone) == (False, False)
    assert list(lineage(transcript("calls", "a.wav.json"), missing).links()) == []


def test_recording_outside_the_estate_is_not_gone() -> None:
    link = only(lineage(run(audio="arn:aws:s3:::elsewhere/a.wav"), transcript("texts", "out/1.json")))
    assert (link.there, link.gone) == (False, False)


def test_recording_that_was_not_known_as_one_is_there() -> None:
    held = speech("calls", "a", media=MediaClass.UNSETTLED, seconds=None)
    assert only(lineage(run(audio=f"{CALLS}/a"), held, transcript("texts", "out/1.json"))).there


REWRITTEN = [
    ([run(days=60, completed=NOW - timedelta(days=59))], transcript("texts", "out/1.json", days=1), 2),
    ([run(days=60)], transcript("texts", "out/1.json", days=59), 58),
    ([], transcript("texts", "1.json", days=59, told=json.dumps({"sources": [f"{CALLS}/a.wav"]})), 58),
    ([run("j", text="", days=60)], transcript("texts", "moved/1.json", days=59, told='{"job": "j"}'), 58),
    ([run("1", text="", days=60)], transcript("texts", "1.json", days=59), 58),
    ([], transcript("calls", "a.json", days=300), 1),
]


@pytest.mark.parametrize(("jobs", "text", "days"), REWRITTEN)
def test_recording_that_was_written_after_its_transcript_may_be_another(jobs: list[Any], text: Any, days: int) -> None:
    found = lineage(*jobs, speech("calls", "a.wav", days=days), text)
    link = only(found)
    assert (link.audio, link.there, link.gone) == (f"{CALLS}/a.wav", False, False)
    assert (found.texts[text.store].untraced, found.texts[text.store].orphans) == (1, 0)
    assert found.flows == ()
    sounds = found.sounds[CALLS]
    assert (sounds.recordings, sounds.transcribed, sounds.sent, sounds.untranscribed) == (1, 0, 0, 0)
    before = only(lineage(*jobs, speech("calls", "a.wav", days=301), text))
    assert (before.there, before.gone) == (True, False)


def test_recording_that_was_sent_again_is_sent() -> None:
    again = run("again", text="", days=1)
    text = transcript("texts", "out/1.json", days=20)
    sounds = lineage(run(days=20), again, speech("calls", "a.wav", days=2), text).sounds[CALLS]
    assert (sounds.transcribed, sounds.sent, sounds.untranscribed) == (0, 1, 0)


def test_the_last_job_that_wrote_a_transcript_links_it() -> None:
    jobs = run("j", days=10), run("k", audio=f"{CALLS}/b.wav", days=5)
    heard = speech("calls", "a.wav", days=20), speech("calls", "b.wav", days=20)
    assert only(lineage(*jobs, *heard, transcript("texts", "out/1.json", days=5))).audio == f"{CALLS}/b.wav"
    assert only(lineage(*jobs, *heard, transcript("texts", "out/1.json", days=7))).audio == f"{CALLS}/a.wav"
    gone = lineage(*jobs, heard[0], transcript("texts", "out/1.json", days=5))
    assert (only(gone).audio, only(gone).gone) == (f"{CALLS}/b.wav", True)
    assert gone.texts[TEXTS].example_audio == f"{CALLS}/b.wav"


@pytest.mark.parametrize("told", [{"sources": [f"{CALLS}/b.wav"]}, {"job": "k"}])
def test_what_a_transcript_says_goes_before_the_record_of_a_job_that_says_otherwise(told: dict[str, Any]) -> None:
    jobs = run("j"), run("k", audio=f"{CALLS}/b.wav", text=f"{TEXTS}/elsewhere.json")
    heard = speech("calls", "a.wav"), speech("calls", "b.wav")
    text = transcript("texts", "out/1.json", told=json.dumps(told))
    assert only(lineage(*jobs, *heard, text)).audio == f"{CALLS}/b.wav"
    lost = only(lineage(*jobs, heard[0], text))
    assert (lost.audio, lost.gone) == (f"{CALLS}/b.wav", True)
    outside = transcript("texts", "out/1.json", told='{"sources": ["https://example.org/b.wav"]}')
    assert only(lineage(*jobs, *heard, outside)).audio == f"{CALLS}/a.wav"


def test_job_that_failed_or_began_later_wrote_no_transcript() -> None:
    text = transcript("texts", "out/1.json")
    for made in run(status="FAILED"), run(status="Failed"), run(days=9):
        assert list(lineage(made, speech("calls", "a.wav"), text).links()) == []
    named = transcript("texts", "x/j.json", told='{"job": "j"}')
    assert list(lineage(run(status="FAILED"), speech("calls", "a.wav"), named).links()) == []


@pytest.mark.parametrize(
    ("text", "audio", "other"),
    [
        ("redacted-a.json", "redacted-a.wav", "a.wav"),
        ("a.json", "a.wav", "redacted-a.wav"),
        ("a_transcript.json", "a_transcript.wav", "a.wav"),
        ("a.words.json", "a.words.wav", "a.wav"),
        ("a.wav.json", "a.wav", "a.mp3"),
    ],
)
def test_the_whole_name_goes_before_a_part_of_it(text: str, audio: str, other: str) -> None:
    both = speech("calls", audio), speech("calls", other)
    assert only(lineage(*both, transcript("calls", text))).audio == f"{CALLS}/{audio}"
    assert only(lineage(both[1], transcript("calls", text))).audio == f"{CALLS}/{other}"


def test_word_that_belongs_to_a_recordings_name_is_no_addition() -> None:
    both = speech("calls", "a_transcript.wav", days=10), speech("calls", "a.wav", days=10)
    found = lineage(run("x", audio=f"{CALLS}/x", text=""), *both, transcript("calls", "a_transcript.json", days=10))
    assert (found.sounds[CALLS].transcribed, found.sounds[CALLS].untranscribed) == (1, 1)


def test_of_recordings_of_one_name_the_last_before_the_transcript_is_its_own() -> None:
    held = speech("calls", "a.mp3", days=300), speech("calls", "a.wav", days=3), speech("calls", "a.ogg", days=1)
    assert only(lineage(*held, transcript("calls", "a.json", days=3))).audio == f"{CALLS}/a.wav"


@pytest.mark.parametrize("name", ["recording", "greeting", "2024-01-01", "20240101"])
def test_common_words_and_dates_link_nothing_across_folders(name: str) -> None:
    assert list(lineage(speech("calls", f"a/{name}.wav"), transcript("texts", f"b/{name}.json")).links()) == []


def test_old_versions_and_delete_markers_are_not_there() -> None:
    old = speech("calls", "a.wav", current=False, version="1")
    marker = speech("calls", "a.wav", delete_marker=True, version="2")
    assert only(lineage(run(), old, marker, transcript("texts", "out/1.json"))).gone


def test_recordings_by_what_became_of_them() -> None:
    held = [speech("calls", f"{name}.wav", days=days) for name, days in (("a", 3), ("b", 3), ("c", 3), ("d", 200))]
    jobs = run(days=3), run("k", audio=f"{CALLS}/b.wav", text="", days=3)
    sounds = lineage(*jobs, *held, transcript("texts", "out/1.json", days=3)).sounds[CALLS]
    assert (sounds.recordings, sounds.transcribed, sounds.sent, sounds.untranscribed) == (4, 1, 1, 1)


@pytest.mark.parametrize(
    "doubt",
    [
        gap(ACCOUNT, Facet.JOBS),
        gap(ACCOUNT, Facet.JOBS, Why.LIMIT),
        gap(TEXTS, Facet.OBJECTS),
        Coverage(provider="aws", account=ACCOUNT, facet=Facet.OBJECTS, asked=1, answered=1),
    ],
)
def test_never_transcribed_is_said_only_where_all_jobs_were_listed(doubt: Any) -> None:
    assert lineage(run(), speech("calls", "c.wav", days=3)).sounds[CALLS].untranscribed == 1
    assert lineage(run(), speech("calls", "c.wav", days=3), doubt).sounds[CALLS].untranscribed == 0


def test_never_transcribed_is_not_said_where_nobody_knows_how_long_jobs_are_listed() -> None:
    assert lineage(speech("calls", "c.wav", days=3)).sounds[CALLS].untranscribed == 0


def test_raw_transcript_beside_a_redacted_one() -> None:
    redacted = transcript("texts", "out/redacted-1.json", redacted=True)
    named = lineage(redacted, transcript("texts", "out/1.json")).pairs[TEXTS]
    assert (named.redacted, named.sure, named.likely, named.example) == (1, 0, 1, "out/1.json")
    said = lineage(redacted, transcript("texts", "out/1.json", redacted=False)).pairs[TEXTS]
    assert (said.sure, said.likely) == (1, 0)
    captions = lineage(redacted, transcript("texts", "out/1.vtt")).pairs[TEXTS]
    assert (captions.redacted, captions.sure, captions.likely) == (1, 0, 0)


def test_raw_transcript_of_the_same_job_is_found_elsewhere() -> None:
    texts = transcript("texts", "red/1.json", redacted=True), transcript("calls", "raw/1.json")
    made = run(outputs=(f"{TEXTS}/red/1.json", f"{CALLS}/raw/1.json"), keeps_unredacted=Answer.YES)
    found = lineage(made, *texts)
    assert (found.pairs[CALLS].sure, found.pairs[CALLS].example) == (1, "raw/1.json")
    assert TEXTS not in found.pairs


def test_raw_transcript_that_its_job_kept_is_surely_one() -> None:
    texts = transcript("texts", "out/redacted-1.json", redacted=True), transcript("texts", "out/1.json")
    found = lineage(run(keeps_unredacted=Answer.YES), *texts)
    assert (found.pairs[TEXTS].sure, found.pairs[TEXTS].likely) == (1, 0)


def test_two_redacted_transcripts_are_no_pair() -> None:
    two = [transcript("texts", f"out/{name}.json", redacted=True) for name in ("redacted-1", "1")]
    assert lineage(*two).pairs == {}


def test_recordings_as_spoken_whose_transcript_is_redacted() -> None:
    text = transcript("texts", "out/1.json", redacted=True)
    found = lineage(run(), speech("calls", "a.wav"), text).unmasked[CALLS]
    assert (found.recordings, found.redacted, found.sure, found.example) == (1, 1, 1, "a.wav")
    raw = lineage(speech("calls", "a.wav"), transcript("calls", "a.json", redacted=False)).unmasked[CALLS]
    assert (raw.redacted, raw.not_known) == (0, 0)
    both = transcript("calls", "redacted-a.json", redacted=True), transcript("calls", "a.json")
    assert lineage(speech("calls", "a.wav"), *both).unmasked[CALLS].redacted == 1
    untold = lineage(speech("calls", "a.wav"), transcript("calls", "a.json")).unmasked[CALLS]
    assert (untold.redacted, untold.not_known) == (0, 1)
    masked = run(audio=f"{CALLS}/redacted-a.wav")
    assert lineage(masked, speech("calls", "redacted-a.wav"), text).unmasked == {}


def test_flows_between_stores() -> None:
    held = speech("calls", "a.wav"), transcript("texts", "out/1.json"), transcript("calls", "a.json")
    flows = {(flow.source, flow.target): (flow.transcripts, flow.sure) for flow in lineage(run(), *held).flows}
    assert flows == {(CALLS, TEXTS): (1, 1), (CALLS, CALLS): (1, 0)}


@pytest.mark.parametrize("told", ["", "[", "[]", '{"sources": 7, "job": []}', '{"sources": [7, null]}'])
def test_what_a_snapshot_tells_may_be_anything(told: str) -> None:
    assert list(lineage(transcript("texts", "1.json", told=told)).links()) == []


def test_counts_add_up_and_nothing_is_counted_twice() -> None:
    held = [
        run(),
        speech("calls", "a.wav"),
        transcript("texts", "out/1.json", told=json.dumps({"sources": [f"{CALLS}/a.wav"]})),
        speech("calls", "b.wav"),
        speech("calls", "b.mp3"),
        transcript("calls", "b.json"),
        transcript("texts", "x.json"),
    ]
    found = lineage(*held)
    texts = found.texts[TEXTS]
    assert (texts.transcripts, texts.traced, texts.by_job, texts.by_metadata, texts.by_name) == (2, 1, 1, 0, 0)
    assert found.texts[CALLS].by_name == 1
    assert found.sounds[CALLS].transcribed == 3


def test_names_that_no_text_can_hold_link_nothing_and_harm_nothing() -> None:
    odd = run("\udc80", audio=f"{CALLS}/\udc80", text=f"{TEXTS}/\udc80", keeps_unredacted=Answer.YES)
    found = lineage(odd, store("\udc80"), run("k"), speech("calls", "a.wav"), transcript("texts", "out/1.json"))
    assert only(found).evidence is Evidence.JOB
    assert found.sounds[CALLS].recordings == 1
    assert found.pairs == {}
