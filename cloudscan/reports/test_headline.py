"""The headline of lineage and of what was not looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cloudscan.model import Evidence, MediaClass, MediaObject
from cloudscan.report import ScanResult
from cloudscan.reports.headline import lines
from cloudscan.testing import NOW, job, speech, store, transcript, world

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
    made = NOW - timedelta(days=3)
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
        "1 of 2 recordings and videos have a transcript in sight, 1 surely none",
    ]
    assert said(speech("calls", "a.wav"), label="Lineage") == []
