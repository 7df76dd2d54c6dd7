"""Headers that state what their bytes cannot hold, or what the frames behind them deny."""

import struct

import pytest

from cloudscan.audio.media import Recognition
from cloudscan.audio.test_containers import SOUND_STREAM, VIDEO_STREAM, answer, asf
from cloudscan.audio.test_cut import flac
from cloudscan.model import DurationMethod, MediaClass

HEADER, ESTIMATE = DurationMethod.HEADER, DurationMethod.ESTIMATE


def ends(data: bytes, most: int = 4096) -> Recognition:
    return answer(data[:most], len(data), data[-most:])


def wma(hours: float) -> bytes:
    """Of 150 kB, at 128 kbit/s by its stream."""
    data = bytearray(asf(SOUND_STREAM, rate=16_000)).ljust(150_000, b"\0")
    data[94:102] = struct.pack("<Q", int(hours * 36_000_000_000) + 30_000_000)
    return bytes(data)


def test_asf_that_cannot_hold_what_it_states_is_timed_by_its_rate() -> None:
    assert (ends(wma(0.05)).seconds, ends(wma(0.05)).seconds_by) == (180.0, HEADER)
    lie = ends(wma(5))
    assert lie.seconds_by is ESTIMATE
    assert lie.seconds == pytest.approx(150_000 / 16_000, rel=0.02)


def test_film_in_asf_is_held_against_the_same_rate() -> None:
    data = bytearray(asf(SOUND_STREAM, VIDEO_STREAM)).ljust(150_000, b"\0")
    data[94:102] = struct.pack("<Q", 5 * 36_000_000_000)
    assert ends(bytes(data)).media is MediaClass.VIDEO
    assert ends(bytes(data)).seconds_by is not HEADER


def wavpack(stated: int, blocks: int = 10, length: int = 10_000) -> bytes:
    """Blocks of a second each, and so many samples by the first."""
    return b"".join(
        b"wvpk"
        + struct.pack("<IHBBIIIII", 24 + length, 0x407, 0, 0, stated, 8000 * each, 8000, 1 << 23, 0)
        + bytes(length)
        for each in range(blocks)
    )


def test_wavpack_whose_blocks_cannot_be_so_many_is_timed_by_the_first() -> None:
    assert (ends(wavpack(80_000)).seconds, ends(wavpack(80_000)).seconds_by) == (10.0, HEADER)
    lie = ends(wavpack(8000 * 7200))
    assert (lie.seconds, lie.seconds_by) == (10.0, ESTIMATE)


def test_wavpack_that_falls_silent_is_exact_where_its_end_shows_that_it_goes_on() -> None:
    quiet = (
        b"wvpk" + struct.pack("<IHBBIIIII", 32, 0x407, 0, 0, 1 << 30, 8000 * at, 8000, 1 << 23, 0) + bytes(8)
        for at in range(1, 2000)
    )
    data = (wavpack(1 << 30, 1, 100_000) + b"".join(quiet)).replace(
        struct.pack("<I", 1 << 30), struct.pack("<I", 8000 * 2000)
    )
    assert (ends(data).seconds, ends(data).seconds_by) == (2000.0, HEADER)


def restated(data: bytes, samples: int) -> bytes:
    """The same FLAC, whose first block states so many samples."""
    packed = int.from_bytes(data[18:26], "big") & ~0xFFFFFFFFF | samples
    return data[:18] + packed.to_bytes(8, "big") + data[26:]


@pytest.mark.parametrize("stated", [100, 1000, 40_000])
def test_flac_whose_frames_go_on_plays_as_long_as_they(stated: int) -> None:
    seen = ends(restated(flac(), stated))
    assert (seen.seconds, seen.seconds_by) == (10.016, ESTIMATE)


def test_flac_that_is_cut_out_of_the_middle_plays_from_its_first_frame_on() -> None:
    whole = flac()
    head = whole[: whole.index(b"\xff\xf8\x64")]
    at = whole.index(b"\xff\xf8\x64\x08" + chr(157).encode())
    piece = head + whole[at:]
    seen = ends(piece)
    assert (seen.seconds, seen.seconds_by) == (round((313 - 157) * 256 / 8000, 3), ESTIMATE)
    assert ends(whole).seconds_by is HEADER


def test_flac_that_is_larger_than_what_it_states_would_be_unpacked_is_not_exact() -> None:
    """Its frames are out of sight, behind room for tags; where it says that they begin, they cannot be so few."""
    head = flac()[:42] + b"\x81" + (8000).to_bytes(3, "big") + bytes(8000)
    for samples, exact in ((60_000, True), (3000, False)):
        seen = ends(restated(head + bytes(100_000), samples))
        assert (seen.seconds_by is HEADER) is exact
