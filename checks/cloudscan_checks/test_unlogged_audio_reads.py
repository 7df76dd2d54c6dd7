"""What unlogged_audio_reads must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Action,
    Answer,
    Coverage,
    LogSource,
    MediaClass,
    Store,
    Verdict,
    Why,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, findings, gap, grant, principal, speech, transcript, world
from cloudscan_checks._readers import IDENTITIES
from cloudscan_checks.unlogged_audio_reads import unlogged_audio_reads

AUDIO = [speech("calls", "raw/a.wav"), speech("calls", "\u202ekept/b.wav", seconds=3600)]
ASKED = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (Facet.FEDERATIONS, Facet.LOG_SOURCES)]


def trail(reads: Answer = Answer.YES, scope: str = "") -> LogSource:
    return LogSource("arn:aws:s3:::calls", "aws", ACCOUNT, "cloudtrail", "arn:aws:cloudtrail:trail/t", reads, scope)


def test_a_store_that_nothing_watches_is_found(calls: Store) -> None:
    (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *ASKED))
    assert found.verdict is Verdict.FAIL
    assert found.message == "reads of all 2 recordings (1.0 h) are recorded nowhere"


def test_a_trail_that_records_writes_alone_is_no_record(calls: Store) -> None:
    (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *ASKED, trail(Answer.NO)))
    assert found.verdict is Verdict.FAIL


def test_a_trail_over_the_whole_store_passes_whatever_else_is_not_known(calls: Store) -> None:
    things = (trail(), trail(Answer.UNKNOWN), gap(calls.id, Facet.LOGGING), gap(calls.id, Facet.OBJECTS, Why.LIMIT))
    (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *things))
    assert found.verdict is Verdict.PASS


def test_whoever_every_record_leaves_out_and_can_read_is_found(calls: Store) -> None:
    ben, eve = principal("ben"), principal("eve")
    spared = replace(trail(), exempt=(ben.id,))
    lines = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (*IDENTITIES, Facet.LOG_SOURCES)]
    read = grant(ben.id, Action.READ, "calls", media=MediaClass.SPEECH, objects=2, seconds=3600)
    (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, ben, eve, *lines, spared, read))
    assert (found.verdict, found.path) == (Verdict.FAIL, read.steps)
    assert found.message == "reads of all 2 recordings (1.0 h) by role ben are recorded nowhere"
    other = replace(read, principal=eve.id)
    (passed,) = findings(unlogged_audio_reads, world(calls, *AUDIO, ben, eve, *lines, spared, other))
    assert passed.verdict is Verdict.PASS
    (both,) = findings(unlogged_audio_reads, world(calls, *AUDIO, ben, eve, *lines, spared, trail(), read))
    assert both.verdict is Verdict.PASS
    (unsure,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *ASKED, spared))
    assert unsure.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("public", "told"), [(ANYONE, "anyone on the Internet"), (ANYONE_SIGNED_IN, "anyone with an account at the cloud")]
)
def test_what_everybody_reads_and_no_record_tells_of_is_found(calls: Store, public: str, told: str) -> None:
    bucket = replace(calls, has_policy=Answer.YES, acl=())
    spared = replace(trail(), exempt=(ANYONE, ANYONE_SIGNED_IN))
    opened = grant(public, Action.READ, "calls", media=MediaClass.SPEECH, objects=1, seconds=3600)
    (found,) = findings(unlogged_audio_reads, world(bucket, *AUDIO, *ASKED, spared, opened))
    assert (found.verdict, found.path) == (Verdict.FAIL, opened.steps)
    assert found.message == f"reads of 1 of 2 recordings (1.0 h) by {told} are recorded nowhere"
    assert found.evidence["objects"] == 1
    text = replace(opened, media=MediaClass.TRANSCRIPT)
    (closed,) = findings(unlogged_audio_reads, world(bucket, *AUDIO, *ASKED, spared, text))
    assert closed.verdict is Verdict.PASS
    (unsure,) = findings(unlogged_audio_reads, world(replace(bucket, acl=None), *AUDIO, *ASKED, spared))
    assert unsure.verdict is Verdict.UNKNOWN
    (kept,) = findings(unlogged_audio_reads, world(bucket, *AUDIO, *ASKED, spared, trail(), opened))
    assert kept.verdict is Verdict.PASS


def test_recordings_beside_the_watched_part_are_counted(calls: Store) -> None:
    (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *ASKED, trail(scope="raw/")))
    assert found.verdict is Verdict.FAIL
    assert found.message == "reads of 1 of 2 recordings (1.0 h) are recorded nowhere"


def test_only_current_recordings_count_as_unwatched(calls: Store) -> None:
    gone = speech("calls", "elsewhere/c.wav", current=False, version="1")
    marker = speech("calls", "elsewhere/d.wav", delete_marker=True, version="2")
    (found,) = findings(unlogged_audio_reads, world(calls, AUDIO[0], gone, marker, *ASKED, trail(scope="raw/")))
    assert found.verdict is Verdict.PASS


def test_parts_that_cover_every_recording_pass(calls: Store) -> None:
    things: tuple[Coverage | LogSource, ...] = (*ASKED, trail(scope="raw/"), trail(scope="\u202ekept/"))
    (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *things))
    assert found.verdict is Verdict.PASS
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    (open_,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *things, limited))
    assert open_.verdict is Verdict.UNKNOWN


def test_a_denied_question_is_unknown_and_names_the_permission(calls: Store) -> None:
    for denied in (
        gap(calls.id, Facet.LOGGING, permission="s3:GetBucketLogging"),
        gap(ACCOUNT, Facet.LOG_SOURCES, permission="cloudtrail:DescribeTrails"),
    ):
        (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *ASKED, denied))
        assert found.verdict is Verdict.UNKNOWN
        assert found.evidence["permissions"] == [denied.permission]


def test_a_trail_that_could_not_be_read_is_unknown(calls: Store) -> None:
    (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *ASKED, trail(Answer.UNKNOWN)))
    assert found.verdict is Verdict.UNKNOWN


def test_what_was_never_asked_is_unknown(calls: Store) -> None:
    elsewhere = Coverage("aws", "222222222222", Facet.LOG_SOURCES, asked=1, answered=1)
    nothing = Coverage("aws", ACCOUNT, Facet.LOG_SOURCES, asked=0, answered=0)
    for things in ((), (elsewhere,), (nothing,)):
        (found,) = findings(unlogged_audio_reads, world(calls, *AUDIO, *things))
        assert found.verdict is Verdict.UNKNOWN


def test_a_store_without_recordings_is_no_concern(calls: Store) -> None:
    assert findings(unlogged_audio_reads, world(calls, transcript("calls", "a.json"), *ASKED)) == []
