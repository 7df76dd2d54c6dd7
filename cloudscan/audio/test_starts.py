"""Recordings whose time stamps begin late, as pieces of a longer one do, and headers that contradict each other."""

import struct
from typing import Final

import pytest

from cloudscan.audio.test_containers import OPUS, answer, box, element, ftyp, full_box, moov, trak
from cloudscan.model import DurationMethod, MediaClass

HEADER, ESTIMATE = DurationMethod.HEADER, DurationMethod.ESTIMATE
RATE: Final = 8000


def sound(seconds: float, *, idle: float = 0, samples: tuple[tuple[int, int], ...] = ()) -> bytes:
    """A track of sound by its own header, after so many seconds of nothing, and by the runs of its samples."""
    track = trak(b"soun", b"alac")
    header = full_box(b"mdhd", 0, 0, 0, RATE, int(seconds * RATE), 0)
    whole = box(b"mdia", header, box(b"hdlr", bytes(8), b"soun", bytes(13)), box(b"minf", _table(track, samples)))
    edits = [(int(idle * 1000), 0xFFFFFFFF, 0x10000)] if idle else []
    edits.append((int(seconds * 1000), 0, 0x10000))
    words = (word for edit in edits for word in edit)
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"edts", full_box(b"elst", 0, len(edits), *words)), whole)


def _table(track: bytes, samples: tuple[tuple[int, int], ...]) -> bytes:
    at = track.index(b"stsd") - 4
    stsd = track[at : at + int.from_bytes(track[at : at + 4], "big")]
    times = full_box(b"stts", 0, len(samples), *(word for run in samples for word in run))
    return box(b"stbl", stsd, times)


def played(*traks: bytes, seconds: int) -> tuple[float | None, DurationMethod]:
    seen = answer(ftyp() + moov(*traks, seconds=seconds) + box(b"mdat", bytes(200_000)))
    assert seen.media is MediaClass.SPEECH
    return seen.seconds, seen.seconds_by


def test_piece_of_mp4_does_not_play_what_came_before_it() -> None:
    assert played(sound(3, idle=3600), seconds=3603) == (3.0, HEADER)


@pytest.mark.parametrize("stated", [600, 1])
def test_header_of_the_movie_that_all_tracks_contradict_is_not_exact(stated: int) -> None:
    assert played(sound(9), seconds=stated) == (9.0, ESTIMATE)


def test_two_of_three_headers_are_believed() -> None:
    assert played(sound(3600, samples=((70, 1024), (1, 320))), seconds=9) == (9.0, HEADER)
    assert played(sound(9, samples=((70, 1024), (1, 320))), seconds=3600) == (9.0, ESTIMATE)


def test_movie_that_states_no_time_plays_as_long_as_its_track() -> None:
    assert played(sound(9), seconds=0) == (9.0, ESTIMATE)


def fragment(begin: int) -> bytes:
    parts = full_box(b"tfhd", 0x20000, 1), full_box(b"tfdt", 0, begin), full_box(b"trun", 0x1, 4, 0)
    return box(b"moof", box(b"traf", *parts)) + box(b"mdat", bytes(500))


def fragmented(*fragments: bytes) -> bytes:
    extended = box(b"mvex", full_box(b"trex", 0, 1, 1, 1024, 0, 0))
    return ftyp() + moov(sound(0), extended, seconds=0, next_track=2) + b"".join(fragments)


def test_fragments_play_from_the_first_on() -> None:
    pieces = [fragment(RATE * 3600 + 4096 * number) for number in range(20)]
    data = fragmented(*pieces)
    seen = answer(data[:4096], len(data), data[-1500:])
    assert (seen.seconds, seen.seconds_by) == (20 * 4096 / RATE, HEADER)


def test_fragments_whose_first_is_out_of_sight_are_not_exact() -> None:
    data = fragmented(box(b"free", bytes(5000)), fragment(0), fragment(4096))
    seen = answer(data[:4096], len(data), data[-700:])
    assert (seen.seconds, seen.seconds_by) == (2 * 4096 / RATE, ESTIMATE)


def clusters(*begins: int, duration: float | None, private: int = 0) -> bytes:
    info = element(0x1549A966, element(0x4489, struct.pack(">d", duration))) if duration else b""
    tracks = element(0x1654AE6B, OPUS, element(0xEC, bytes(private)))
    block = element(0xA3, b"\x81" + struct.pack(">h", 980) + b"\x80" + bytes(1000))
    bodies = [element(0x1F43B675, element(0xE7, struct.pack(">I", begin)), block) for begin in begins]
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, info, tracks, *bodies)


@pytest.mark.parametrize(
    ("begin", "duration", "seconds", "method"),
    [
        (0, 10_000.0, 10.0, HEADER),
        (200, 10_200.0, 10.2, HEADER),  # as good as nothing
        (3_600_000, 3_610_000.0, 10.0, HEADER),  # the last stamp, as some write it
        (3_600_000, 10_000.0, 10.0, HEADER),  # the time between first and last, as others do
        (3_600_000, 7_200_000.0, 9.98, ESTIMATE),
    ],
)
def test_matroska_plays_from_its_first_cluster_on(
    begin: int, duration: float, seconds: float, method: DurationMethod
) -> None:
    data = clusters(*range(begin, begin + 10_000, 1000), duration=duration)
    seen = answer(data[:4096], len(data), data[-4096:])
    assert seen.media is MediaClass.SPEECH
    assert (seen.seconds, seen.seconds_by) == (seconds, method)


def test_matroska_that_begins_late_is_an_estimate_without_its_end() -> None:
    data = clusters(*range(3_600_000, 3_610_000, 1000), duration=3_610_000.0)
    seen = answer(data[:4096], len(data))
    assert (seen.seconds, seen.seconds_by) == (10.0, ESTIMATE)


def test_matroska_whose_first_cluster_is_out_of_sight_is_an_estimate() -> None:
    data = clusters(*range(0, 10_000, 1000), duration=10_000.0, private=5000)
    seen = answer(data[:4096], len(data), data[-2000:])
    assert (seen.seconds, seen.seconds_by) == (10.0, ESTIMATE)


def test_live_matroska_plays_from_its_first_cluster_on() -> None:
    data = clusters(*range(3_600_000, 3_610_000, 1000), duration=None)
    seen = answer(data[:4096], len(data), data[-4096:])
    assert (seen.seconds, seen.seconds_by) == (9.98, HEADER)
