"""Covers and pictures of chapters, which a recording may have, told from films whose frames are still pictures."""

import struct

import pytest

from cloudscan.audio.test_containers import COVER, SOUND, answer, box, ftyp, full_box, moov, trak
from cloudscan.model import MediaClass


def stills(coding: bytes, *runs: int, number: int = 2) -> bytes:
    """A track of still pictures: how many in each run of the same duration."""
    stts = full_box(b"stts", 0, len(runs), *(word for count in runs for word in (count, 512)))
    track = (
        trak(b"vide", coding)
        .replace(box(b"stts"), stts)
        .replace(bytes(84), bytes(12) + struct.pack(">I", number) + bytes(68))
    )
    return _resized(track)


def _resized(track: bytes) -> bytes:
    """The same track with a size for each box around the table that grew."""
    for name in (b"trak", b"mdia", b"minf", b"stbl"):
        at = track.index(name) - 4
        track = track[:at] + struct.pack(">I", len(track) - at) + track[at + 4 :]
    return track


def chaptered(number: int) -> bytes:
    """A track of sound whose chapters have their pictures in the track of that number."""
    return _outer(box(b"tref", full_box(b"chap", number)))


def _outer(more: bytes) -> bytes:
    return box(b"trak", SOUND[8:], more)


@pytest.mark.parametrize("coding", [b"jpeg", b"png ", b"mjpa"])
@pytest.mark.parametrize("runs", [(75,), (1, 2), (2,)])
def test_film_of_still_pictures_is_a_film(coding: bytes, runs: tuple[int, ...]) -> None:
    for traks in ((stills(coding, *runs), SOUND), (SOUND, stills(coding, *runs))):
        seen = answer(ftyp(b"qt  ") + moov(*traks) + box(b"mdat", bytes(100)))
        assert (seen.media, seen.format, seen.sound) == (MediaClass.VIDEO, "mov", True)


def test_film_of_still_pictures_without_sound_is_a_film() -> None:
    seen = answer(ftyp(b"qt  ") + moov(stills(b"jpeg", 75)) + box(b"mdat", bytes(100)))
    assert (seen.media, seen.sound) == (MediaClass.VIDEO, False)


def test_single_picture_is_a_cover() -> None:
    assert answer(ftyp() + moov(SOUND, stills(b"jpeg", 1))).media is MediaClass.SPEECH


def test_pictures_of_chapters_make_no_film() -> None:
    assert answer(ftyp() + moov(chaptered(2), stills(b"jpeg", 30))).media is MediaClass.SPEECH
    assert answer(ftyp() + moov(chaptered(3), stills(b"jpeg", 30))).media is MediaClass.VIDEO


def test_pictures_that_were_not_counted_leave_it_open() -> None:
    """The brand of a recording settles it."""
    assert answer(ftyp() + moov(SOUND, COVER)).media is MediaClass.UNSETTLED
    assert answer(ftyp(b"M4A ") + moov(SOUND, COVER)).media is MediaClass.SPEECH
