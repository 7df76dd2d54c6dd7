"""Fragmented MP4 of which no end of 4 KiB shows the last fragment, and films whose samples begin out of sight."""

import struct

import pytest

from cloudscan.audio import Recognition, further, recognise
from cloudscan.audio.test_containers import SOUND, box, ftyp, full_box, moov, trak
from cloudscan.model import DurationMethod, MediaClass

HEADER, ESTIMATE = DurationMethod.HEADER, DurationMethod.ESTIMATE


def sniffed(data: bytes, most: int = 4096) -> Recognition:
    """What a scan makes of it: by its first bytes, and as many more where these leave it open."""
    head, place = data[:most], further(size=len(data), head=data[:most], most=most)
    tail = data[place[0] : place[0] + place[1]] if place else None
    start = place[0] if place else None
    return recognise("x", content_type=None, size=len(data), head=head, tail=tail, tail_start=start)


def fragmented(fragments: int, *, index: bool, large: int = 8000) -> bytes:
    """Fragments of one second, 8,000 units each, as ffmpeg and browsers write them."""
    track = trak(b"soun", b"alac").replace(box(b"mdhd", bytes(24)), full_box(b"mdhd", 0, 0, 0, 8000, 0, 0))
    data = ftyp() + moov(track, box(b"mvex", full_box(b"trex", 0, 1, 1, 1000, 0, 0)), seconds=0, next_track=2)
    places = []
    for number in range(fragments):
        places.append((8000 * number, len(data)))
        parts = full_box(b"tfhd", 0x20000, 1), full_box(b"tfdt", 0, 8000 * number), full_box(b"trun", 0x1, 8, 0)
        data += box(b"moof", box(b"traf", *parts)) + box(b"mdat", bytes(large))
    if index:
        entries = b"".join(struct.pack(">QQ3B", *place, 1, 1, 1) for place in places)
        table = box(b"tfra", b"\1\0\0\0", struct.pack(">3I", 1, 0, len(places)), entries)
        data += box(b"mfra", table, full_box(b"mfro", 0, len(table) + 24))
    return data


@pytest.mark.parametrize("index", [True, False])
def test_fragments_whose_last_is_out_of_sight_are_estimated_by_what_is_in_sight(*, index: bool) -> None:
    seen = sniffed(fragmented(30, index=index))
    assert (seen.media, seen.format, seen.seconds_by) == (MediaClass.SPEECH, "m4a", ESTIMATE)
    assert seen.seconds == pytest.approx(30.0, rel=0.03)
    cut = sniffed(fragmented(30, index=index)[:120_000])
    assert cut.seconds_by is ESTIMATE
    assert cut.seconds == pytest.approx(14.8, rel=0.03)


def test_one_fragment_whose_samples_are_cut_plays_its_share() -> None:
    whole = fragmented(1, index=False, large=80_000)
    assert sniffed(whole[: len(whole) // 2]).seconds == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("damage", [b"\xff" * 4, bytes(4)])
def test_index_that_contradicts_itself_is_not_believed(damage: bytes) -> None:
    data = fragmented(30, index=True)
    at = data.rfind(b"tfra") + 16
    seen = sniffed(data[:at] + damage + data[at + 4 :])
    assert seen.seconds == pytest.approx(30.0, rel=0.03)


def faststart(size: int = 100_000) -> bytes:
    """A recording whose tracks come first and fill the head."""
    return ftyp() + moov(SOUND + box(b"free", bytes(5000)), seconds=10, next_track=2) + box(b"mdat", bytes(size))


def test_samples_whose_header_is_out_of_sight_are_sought_there() -> None:
    data = faststart()
    assert further(size=len(data), head=data[:4096], most=4096) == (data.index(b"mdat") - 4, 4096)
    assert (sniffed(data).seconds, sniffed(data).seconds_by) == (10.0, HEADER)
    cut = sniffed(data[:50_000])
    assert cut.seconds_by is ESTIMATE
    assert cut.seconds == pytest.approx(4.5, abs=0.1)


def test_time_is_no_exact_one_where_the_samples_were_not_seen() -> None:
    data = faststart()
    for tail in (None, data[-4096:]):
        seen = recognise("x", content_type=None, size=len(data), head=data[:4096], tail=tail)
        assert (seen.seconds, seen.seconds_by) == (10.0, ESTIMATE)
    assert sniffed(ftyp() + moov(SOUND, seconds=10)).seconds_by is not HEADER
