"""Ogg whose last page is not to be believed, or is not the only one that ends something."""

import struct

from cloudscan.audio.media import Recognition
from cloudscan.audio.test_containers import OPUS_HEAD, OPUS_SECOND, answer, checksum, page
from cloudscan.model import DurationMethod

HEADER, ESTIMATE = DurationMethod.HEADER, DurationMethod.ESTIMATE


def opus(seconds: int, stream: int = 1, last: bytes = b"") -> bytes:
    """So many seconds, a page each."""
    start = page(OPUS_HEAD, stream, flags=2) + page(b"OpusTags" + bytes(20), stream, number=1)
    body = (page(OPUS_SECOND, stream, position=312 + 48_000 * each, number=1 + each) for each in range(1, seconds + 1))
    return start + b"".join(body) + last


def ends(data: bytes) -> Recognition:
    """By both ends of 4 KiB."""
    return answer(data[:4096], len(data), data[-4096:])


def test_page_with_a_wrong_checksum_is_not_believed() -> None:
    lie = bytearray(page(OPUS_SECOND, 1, position=312 + 48_000 * 3600, number=22))
    lie[30] ^= 1
    seen = ends(opus(20, last=bytes(lie)))
    assert (seen.seconds, seen.seconds_by) == (20.0, ESTIMATE)


def test_chain_is_an_estimate_whatever_its_streams_are_called() -> None:
    for stream in (1, 2):
        seen = ends(opus(20) + opus(20, stream))
        assert seen.seconds_by is ESTIMATE
        assert seen.seconds is not None
        assert 36 < seen.seconds < 44


def test_chain_whose_second_link_begins_in_sight_is_an_estimate() -> None:
    seen = ends(opus(20) + opus(2))
    assert seen.seconds_by is ESTIMATE
    assert seen.seconds is not None
    assert 20 < seen.seconds < 24


def test_stream_that_is_alone_is_exact() -> None:
    assert (ends(opus(20)).seconds, ends(opus(20)).seconds_by) == (20.0, HEADER)
    whole = opus(2)
    assert (answer(whole, tail=whole).seconds, answer(whole, tail=whole).seconds_by) == (2.0, HEADER)


def piece(begin: int, packets: int = 50) -> bytes:
    """Ten seconds of Opus from so many seconds on, by packets of 20 ms, a second of them a page."""
    packet = b"\x4b\x01" + bytes(18)  # SILK of 20 ms, and one frame
    data = opus(0)
    for each in range(1, 11):
        body = packet * packets
        header = b"OggS\0\0" + struct.pack("<QII", 312 + 48_000 * (begin + each), 1, each + 1)
        lengths = bytes([packets]) + bytes([len(packet)]) * packets
        data += header + struct.pack("<I", checksum(header + bytes(4) + lengths + body)) + lengths + body
    return data


def test_piece_of_opus_plays_from_its_first_packet_on() -> None:
    assert (ends(piece(0)).seconds, ends(piece(0)).seconds_by) == (10.0, HEADER)
    for begin in (3, 3600):
        seen = ends(piece(begin))
        assert seen.seconds_by is ESTIMATE
        assert seen.seconds is not None
        assert 9.9 < seen.seconds < 10.1


def test_rate_of_the_first_link_is_that_of_a_chain_in_sight() -> None:
    seen = answer(opus(20) + opus(20), tail=opus(20) + opus(20))
    assert seen.seconds is not None
    assert 36 < seen.seconds < 44
