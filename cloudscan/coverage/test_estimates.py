"""What is told of objects that were not looked at, and what is not."""

from __future__ import annotations

import hashlib
import random
from typing import Any

import pytest

from cloudscan.coverage.estimates import Sample, estimate
from cloudscan.model import Evidence, MediaClass, MediaObject, Why
from cloudscan.provider import Facet
from cloudscan.testing import gap, speech, store, transcript, world

CALLS = store("calls")


def blank(key: str, **facts: Any) -> MediaObject:
    given: dict[str, Any] = {"media": MediaClass.UNSETTLED, "format": None, "settled_by": Evidence.NONE} | facts
    return speech("calls", key, seconds=None, **given)


def found(key: str, **facts: Any) -> MediaObject:
    return speech("calls", key, settled_by=Evidence.SIGNATURE, looked=4096, **facts)


def other(key: str) -> MediaObject:
    return blank(key, media=MediaClass.OTHER, settled_by=Evidence.SIGNATURE, looked=4096)


def sampled(*things: Any) -> Sample:
    sample = estimate(world(CALLS, *things).estate)
    assert sample is not None
    return sample


def of(sample: Sample, media: MediaClass) -> tuple[int, int, int]:
    (one,) = (each for each in sample.estimates if each.media is media)
    return one.seen, one.least, one.most


def test_nothing_is_told_where_nothing_was_looked_at() -> None:
    assert estimate(world(CALLS, *(blank(f"r/{n}") for n in range(9))).estate) is None
    assert estimate(world(CALLS, speech("calls", "a.wav")).estate) is None


def test_what_was_seen_and_what_may_be_are_told_apart() -> None:
    rest = [blank(f"r/{n}") for n in range(80)]
    sample = sampled(*rest, *(found(f"r/f{n}") for n in range(10)), *(other(f"r/o{n}") for n in range(10)))
    assert (sample.left_open, sample.looked, sample.groups, sample.told_of, sample.untold) == (100, 20, 1, 100, 0)
    seen, least, most = of(sample, MediaClass.SPEECH)
    assert seen == 10
    assert 20 < least < 50 < most < 80
    assert of(sample, MediaClass.TRANSCRIPT)[:2] == (0, 0)
    assert sample.hours is not None
    assert sample.hours.seen == pytest.approx(10 / 60)
    assert sample.hours.least < 50 / 60 < sample.hours.most


def test_where_everything_was_looked_at_nothing_is_estimated() -> None:
    sample = sampled(found("r/1"), other("r/2"), blank("r/3", looked=4096))
    assert sample.whole
    assert of(sample, MediaClass.SPEECH) == (1, 1, 1)


def test_groups_of_which_nothing_was_looked_at_are_not_told_of() -> None:
    sample = sampled(found("r/1"), *(blank(f"r/b{n}") for n in range(4)), *(blank(f"s/{n}") for n in range(70)))
    assert (sample.told_of, sample.untold, sample.groups) == (5, 70, 1)
    assert of(sample, MediaClass.SPEECH)[2] == 5


@pytest.mark.parametrize("where", [CALLS.id, CALLS.account])
def test_refused_looks_tell_nothing(where: str) -> None:
    held = found("r/1"), *(blank(f"r/b{n}") for n in range(4))
    sample = sampled(*held, gap(where, Facet.HEADS))
    assert (sample.told_of, sample.untold) == (0, 5)
    assert of(sample, MediaClass.SPEECH) == (0, 0, 0)
    assert sampled(*held, gap(where, Facet.HEADS, Why.LIMIT)).told_of == 5


def test_groups_are_those_by_which_the_looks_were_dealt_out() -> None:
    texts = [transcript("calls", f"t/{n}.json", settled_by=Evidence.SIGNATURE, looked=9) for n in range(3)]
    weak = [blank(f"t/{n}.json", media=MediaClass.OTHER, settled_by=Evidence.NAME) for n in range(10, 20)]
    screen = blank("t/a.mp4", media=MediaClass.VIDEO, settled_by=Evidence.CONTENT_TYPE)
    sure = speech("calls", "t/a.wav"), transcript("calls", "t/x.vtt", settled_by=Evidence.NAME)
    sample = sampled(*texts, *weak, screen, *sure)
    assert (sample.left_open, sample.looked, sample.told_of, sample.untold) == (14, 3, 13, 1)


def test_what_is_only_suspected_is_not_seen() -> None:
    doubtful = speech("calls", "r/2", settled_by=Evidence.SUSPICION, looked=4096)
    assert of(sampled(found("r/1"), doubtful, *(blank(f"r/b{n}") for n in range(4))), MediaClass.SPEECH)[0] == 1


def test_recordings_whose_length_was_sought_are_no_sample_of_what_names_leave_open() -> None:
    timed = [found(f"r/{n}.wav") for n in range(5)]
    sample = sampled(found("r/1"), blank("r/2"), *timed, speech("calls", "r/9.wav"))
    assert (sample.left_open, sample.looked) == (2, 1)
    assert estimate(world(CALLS, *timed).estate) is None


def test_old_versions_and_empty_objects_are_no_part_of_it() -> None:
    gone = blank("r/2", current=False), blank("r/3", delete_marker=True), blank("r/4", size=0)
    assert sampled(found("r/1"), *gone).left_open == 1


def test_unread_length_widens_the_hours() -> None:
    rest = [blank(f"r/{n}") for n in range(80)]
    known = sampled(*rest, *(found(f"r/f{n}") for n in range(20))).hours
    unread = sampled(*rest, *(found(f"r/f{n}", seconds=None) for n in range(20))).hours
    assert known is not None
    assert unread is not None
    assert (unread.seen, unread.least) == (0, 0)
    assert unread.most > known.most


def test_recording_that_breaks_the_rule_of_the_bound_has_no_hours() -> None:
    assert sampled(blank("r/1"), found("r/2", size=100, seconds=3000.0), found("r/3", size=90)).hours is None


def test_intervals_hold_the_truth_of_a_drawn_store() -> None:
    """Looks are taken as a scan takes them, by the order of the keys' MD5; keys and contents are drawn."""
    drawn, misses = random.Random(7), 0  # noqa: S311 - a drawn population, no secret
    for _ in range(30):
        keys = [f"r/{drawn.getrandbits(40):x}" for _ in range(120)]
        speaking = {key for key in keys if drawn.random() < 0.3}
        looked = sorted(keys, key=lambda key: hashlib.md5(key.encode(), usedforsecurity=False).hexdigest())[:30]
        rows = [(found(key) if key in speaking else other(key)) if key in looked else blank(key) for key in keys]
        _, least, most = of(sampled(*rows), MediaClass.SPEECH)
        misses += not least <= len(speaking) <= most
    assert misses <= 7  # of 30 at 95 %: more come once in ten thousand runs
