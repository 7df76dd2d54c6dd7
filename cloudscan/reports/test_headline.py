"""The headline of lineage and of what was not looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cloudscan.model import Coverage, DurationMethod, Evidence, MediaClass, MediaObject
from cloudscan.provider import Facet
from cloudscan.report import ScanResult
from cloudscan.reports.headline import lines
from cloudscan.testing import ACCOUNT, NOW, job, speech, store, transcript, world

CALLS, TEXTS = store("calls"), store("texts")


Said = Callable[..., list[str]]


@pytest.fixture
def said(analyzed: Callable[..., ScanResult]) -> Said:
    """Return a function that gives the words under one label of a world's headline."""

    def words(*things: Any, label: str) -> list[str]:
        every = list(lines(analyzed(world(CALLS, TEXTS, *things))))
        (start,) = [place for place, line in enumerate(every) if line.label == label] or [len(every)]
        rest = [place for place in range(start + 1, len(every)) if every[place].label] or [len(every)]
        return [line.words for line in every[start : rest[0]]]

    return words


def blank(key: str) -> MediaObject:
    return speech("calls", key, media=MediaClass.UNSETTLED, format=None, settled_by=Evidence.NONE, seconds=None)


def looked(key: str) -> MediaObject:
    return speech("calls", key, settled_by=Evidence.SIGNATURE, looked=4096)


def test_what_was_looked_at_is_told_apart_from_what_may_be(said: Said) -> None:
    held = (
        [looked(f"r/{n}") for n in range(10)],
        [blank(f"r/b{n}") for n in range(90)],
        [blank(f"s/{n}") for n in range(7)],
    )
    first, second, third = said(*(row for rows in held for row in rows), label="Looked")
    assert first == "at 10 of 107 objects that their names leave open: 10 recordings and 0 transcripts"
    assert second.startswith("estimated, and in no figure here: ")
    assert "among 100 of them (1 group, 95% each, exact hypergeometric" in second
    assert third == "nothing is known of the other 7"


def test_what_its_name_alone_calls_no_speech_is_said(said: Said) -> None:
    other: dict[str, Any] = {"media": MediaClass.OTHER, "format": None, "seconds": None}
    held = [speech("calls", f"{n}.png", settled_by=Evidence.NAME, **other) for n in range(4)]
    read = [speech("calls", "read.png", settled_by=Evidence.SIGNATURE, looked=4096, **other)]
    words = "{} of {} count as no speech by name or type alone"
    assert words.format("4", "6 objects") in said(*held, *read, speech("calls", "a.wav"), label="Speech")
    assert words.format("4", "5 objects") in said(*held, *read, label="Speech")
    assert "1 of 2 objects counts as no speech by name or type alone" in said(held[0], *read, label="Speech")
    assert not [words for words in said(*read, label="Speech") if "alone" in words]


def test_headline_counts_nothing_that_was_not_seen(said: Said) -> None:
    held = [looked(f"r/{n}") for n in range(10)]
    rest = [blank(f"r/b{n}") for n in range(90)]
    assert (
        said(*held, *rest, label="Speech")[0]
        == said(*held, label="Speech")[0]
        == "at least 10 minutes in 10 recordings"
    )


def test_nothing_is_said_of_looks_where_all_or_none_were_taken(said: Said) -> None:
    assert said(looked("r/1"), label="Looked") == []
    assert said(blank("r/1"), label="Looked") == []


def test_lineage_is_told_where_there_are_transcripts(said: Said) -> None:
    made = NOW - timedelta(days=10)
    wrote = job(
        "j",
        inputs=(f"{CALLS.id}/a.wav",),
        outputs=(f"{TEXTS.id}/1.json",),
        created=made,
        listed_until=made + timedelta(days=90),
    )
    gone = transcript("texts", "b.wav.json"), transcript("texts", "c.json")
    held = wrote, speech("calls", "a.wav"), speech("calls", "z.wav"), transcript("texts", "1.json"), *gone
    assert said(*held, label="Lineage") == [
        "the recording of 1 of 3 transcripts is there, 1 gone, 1 not known",
        "transcribed: 1 of 2 recordings and videos; at most 1 not",
    ]
    assert said(*held[:-1], label="Lineage")[1] == "transcribed: 1 of 2 recordings and videos; 1 surely not"
    only = said(wrote, speech("calls", "a.wav"), transcript("texts", "1.json"), label="Lineage")
    assert only[1] == "transcribed: 1 of 1 recording or video"
    assert said(speech("calls", "a.wav"), label="Lineage") == []


def test_lineage_leaves_no_recording_unsaid(said: Said) -> None:
    sent = job("s", inputs=(f"{CALLS.id}/s.wav",), outputs=(), created=NOW, listed_until=NOW + timedelta(days=90))
    held = (
        sent,
        *(speech("calls", f"{name}.wav", days=200) for name in ("s", "a", "b", "c")),
        transcript("calls", "a.json"),
    )
    assert said(*held, label="Lineage")[1] == "transcribed: 1 of 4 recordings and videos; 1 only sent, 2 not known"


def test_what_is_only_suspected_is_told_with_the_hours(said: Said) -> None:
    doubtful = [speech("calls", f"{n}.gsm", settled_by=Evidence.SUSPICION) for n in range(3)]
    assert "3 recordings are only suspected: nothing in such bytes says so" in said(
        speech("calls", "a.wav"), *doubtful, label="Speech"
    )
    assert "1 recording is only suspected: nothing in such bytes says so" in said(doubtful[0], label="Speech")
    assert not any("suspected" in words for words in said(speech("calls", "a.wav"), label="Speech"))
    document = transcript("texts", "transcript.docx", settled_by=Evidence.SUSPICION)
    assert "1 transcript is only suspected: documents that their names call so" in said(document, label="Speech")


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        ([DurationMethod.HEADER], "all of it exact, from headers"),
        ([DurationMethod.ESTIMATE], "all of it estimated, from codec and size"),
        (
            [DurationMethod.TYPICAL_RATE],
            "all of it guessed, from a usual rate: 30 minutes to 2.0 hours by what is common",
        ),
        (
            [DurationMethod.HEADER, DurationMethod.ESTIMATE, DurationMethod.TYPICAL_RATE],
            (
                "1.0 hours exact, from headers; 1.0 hours estimated, from codec and size;"
                " 1.0 hours guessed, from a usual rate: 30 minutes to 2.0 hours by what is common"
            ),
        ),
    ],
)
def test_hours_say_how_they_are_known(said: Said, methods: list[DurationMethod], words: str) -> None:
    rows = [speech("calls", f"{n}.wav", seconds=3600, seconds_by=method) for n, method in enumerate(methods)]
    assert said(*rows, label="Speech")[1] == words


def test_first_line_says_how_much_of_the_hours_is_guessed(said: Said) -> None:
    known = speech("calls", "a.wav", seconds=3600, seconds_by=DurationMethod.HEADER)
    guess = speech("calls", "b.amr", seconds=1800, seconds_by=DurationMethod.TYPICAL_RATE, format="amr")
    assert said(known, guess, label="Speech")[0] == "at least 1.5 hours in 2 recordings, 30 minutes of it guessed"
    assert "guessed" not in said(known, label="Speech")[0]
    assert said(known, guess, label="Speech")[1].endswith(": 30 minutes to 1.2 hours by what is common")


def test_stores_are_a_lower_bound_where_not_all_was_looked_at(said: Said) -> None:
    asked = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (Facet.STORES, Facet.OBJECTS)]
    heard = speech("calls", "a.wav")
    assert said(*asked, heard, label="Stores") == ["1 of 2 stores with audio, 0 with transcripts"]
    least = "at least 1 of 2 stores with audio, at least 0 with transcripts"
    assert said(*asked, heard, blank("b"), label="Stores") == [least]
    named = speech("texts", "b.json", media="other", format=None, settled_by="name", seconds=None)
    assert said(*asked, heard, named, label="Stores") == [
        least,
        "not counted: 1 object under names that transcripts and packed recordings have, too",
    ]


def test_an_interval_of_next_to_nothing_is_said_in_words_that_say_something(said: Said) -> None:
    seen: dict[str, Any] = {"looked": 4096, "size": 400}
    held = [speech("calls", f"r/{n}", settled_by=Evidence.SIGNATURE, seconds=1, **seen) for n in range(99)]
    tiny = speech("calls", "r/b", media=MediaClass.UNSETTLED, settled_by=Evidence.NONE, seconds=None, size=400)
    (_, second, *_) = said(*held, tiny, label="Looked")
    assert "2 minutes of speech" in second
    assert "0.0" not in second
    none = [speech("calls", f"r/{n}", media=MediaClass.OTHER, seconds=None, **seen) for n in range(3)]
    (_, second, *_) = said(*none, blank("r/x"), label="Looked")
    assert "0.0 to" not in second
