"""Objects that were cut short, by a broken upload or a full disk: what their header states is not what they play."""

import struct
import zlib
from collections.abc import Callable
from typing import Final

import pytest

from cloudscan.audio import Recognition, recognise
from cloudscan.audio.test_containers import (
    OPUS,
    OPUS_HEAD,
    OPUS_SECOND,
    SOUND,
    SOUND_STREAM,
    asf,
    box,
    element,
    ftyp,
    moov,
    page,
)
from cloudscan.audio.test_frames import mp3_frame
from cloudscan.audio.test_streams import AAC, PAT, pes, pmt, tag
from cloudscan.audio.test_streams import avi as avi_of
from cloudscan.model import DurationMethod, MediaClass

HEADER, ESTIMATE = DurationMethod.HEADER, DurationMethod.ESTIMATE
RATE: Final = struct.pack(">HQ", 16383 + 12, 8000 << 51)


def answer(data: bytes, size: int | None = None) -> Recognition:
    """An object of which both ends of 4 KiB were read, and that is `size` bytes of `data`."""
    data = data[:size]
    return recognise("x", content_type=None, size=len(data), head=data[:4096], tail=data[-4096:])


@pytest.mark.parametrize(
    "name", ["hold.aiff", "invoice.m4a", "invoice.mp3", "invoice.ogg", "invoice.opus", "invoice.webm"]
)
@pytest.mark.parametrize("share", [0.4, 0.7])
def test_cut_clip_is_never_said_to_play_as_long_as_the_whole(
    clips: dict[str, bytes], decoded_seconds: dict[str, float], name: str, share: float
) -> None:
    seen = answer(clips[name], int(len(clips[name]) * share))
    assert seen.media is MediaClass.SPEECH
    assert seen.seconds is None or seen.seconds < (share + 0.1) * decoded_seconds[name]


def test_whole_clip_is_exact(clips: dict[str, bytes], decoded_seconds: dict[str, float]) -> None:
    for name, seconds in decoded_seconds.items():
        seen = answer(clips[name])
        assert seen.seconds_by is HEADER, name
        assert seen.seconds == pytest.approx(seconds, abs=0.15), name


def aiff() -> bytes:
    comm = struct.pack(">hIh", 1, 80_000, 8) + RATE + b"ulaw"
    sound = struct.pack(">II", 0, 0) + bytes(80_000)
    parts = b"COMM" + struct.pack(">I", len(comm)) + comm + b"SSND" + struct.pack(">I", len(sound)) + sound
    return b"FORM" + struct.pack(">I", 4 + len(parts)) + b"AIFC" + parts


def caf(*, packets: bool) -> bytes:
    desc = struct.pack(">d4s5I", 8000.0, b"aac " if packets else b"lpcm", 0, *((0, 1024) if packets else (2, 1)), 1, 16)
    table = struct.pack(">qqii", 80, 80_000, 96, 96)
    head = b"caff\0\1\0\0desc" + struct.pack(">q", len(desc)) + desc
    if packets:
        head += b"pakt" + struct.pack(">q", len(table)) + table
    return head + b"data" + struct.pack(">qI", 160_004, 0) + bytes(160_000)


def sphere() -> bytes:
    fields = ("sample_count -i 80000", "sample_rate -i 8000", "channel_count -i 1", "sample_n_bytes -i 2")
    return "\n".join(("NIST_1A", "   1024", *fields, "end_head", "")).encode().ljust(1024) + bytes(160_000)


def dsf() -> bytes:
    form = b"fmt " + struct.pack("<Q6IQII", 52, 1, 0, 1, 1, 2_822_400, 1, 28_224_000, 4096, 0)
    body = form + b"data" + struct.pack("<Q", 12 + 3_528_000) + bytes(3_528_000)
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body


def tta() -> bytes:
    header = b"TTA1" + struct.pack("<HHHII", 1, 1, 16, 8000, 80_000)
    frames = -(-80_000 // (256 * 8000 // 245))
    table = struct.pack("<I", 9000) * frames
    parts = (header, struct.pack("<I", zlib.crc32(header)), table, struct.pack("<I", zlib.crc32(table)))
    return b"".join(parts) + bytes(9000 * frames)


def wavpack() -> bytes:
    def block(index: int) -> bytes:
        return b"wvpk" + struct.pack("<IHBBIIIII", 2024, 0x407, 0, 0, 80_000, index, 800, 1 << 23, 0) + bytes(2000)

    return b"".join(block(800 * number) for number in range(100))


def mp4() -> bytes:
    return ftyp() + moov(SOUND, seconds=10) + box(b"mdat", bytes(100_000))


def mkv() -> bytes:
    info = element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40"), element(0x4489, struct.pack(">d", 10_000.0)))
    cluster = element(0x1F43B675, element(0xE7, b"\0"), element(0xA3, b"\x81\0\0\x80" + bytes(100_000)))
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    return head + element(0x18538067, info, element(0x1654AE6B, OPUS), cluster)


def wma() -> bytes:
    data = bytearray(asf(SOUND_STREAM))
    data += bytes(100_000)
    data[70:78] = struct.pack("<Q", len(data))  # the size of the file, among its properties
    data[94:102] = struct.pack("<Q", 130_000_000)
    return bytes(data)


def avi() -> bytes:
    data = avi_of(b"auds").replace(struct.pack("<4I", 1, 8000, 0, 24_000), struct.pack("<4I", 1, 8000, 0, 80_000))
    return data[:4] + struct.pack("<I", len(data) + 100_000 - 8) + data[8:] + bytes(100_000)


def flv() -> bytes:
    size = 100_000
    known = b"\x08duration\0" + struct.pack(">d", 10.0) + b"\0\x08filesize\0" + struct.pack(">d", size)
    data = b"FLV\1\4\0\0\0\x09" + bytes(4) + tag(18, b"\2\0\x0aonMetaData\x08\0\0\0\2\0" + known) + tag(8, bytes(90))
    return data.ljust(size, b"\0")


def mp3(mark: bytes) -> bytes:
    first, frames = bytearray(mp3_frame(8)), 139
    total = (frames + 1) * len(first)
    if mark == b"VBRI":
        first[36:54] = b"VBRI" + bytes(6) + struct.pack(">II", total, frames)
    else:
        first[13:29] = mark + struct.pack(">III", 3, frames, total)
    return bytes(first) + mp3_frame(8) * frames


def flac() -> bytes:
    def coded(value: int) -> bytes:
        return chr(value).encode()

    def frame(number: int) -> bytes:
        header = (
            b"\xff\xf8" + bytes([0x64, 0x08]) + coded(number) + b"\xff"
        )  # 256 samples, 8 kHz's rate is told elsewhere
        crc = 0
        for byte in header:
            crc ^= byte
            for _ in range(8):
                crc = (crc << 1 ^ (0x07 if crc & 0x80 else 0)) & 0xFF
        return header + bytes([crc]) + bytes(200)

    header = bytes.fromhex("664c614300000022") + struct.pack(">HH", 256, 256) + bytes(6)
    packed = 8000 << 44 | 15 << 36 | 80_128
    head = header + packed.to_bytes(8, "big") + bytes(16) + b"\x81\0\0\x04\0\0\0\0"
    return head + b"".join(frame(number) for number in range(313))


WHOLE = {
    "aiff": aiff(),
    "caf of samples": caf(packets=False),
    "caf of packets": caf(packets=True),
    "sphere": sphere(),
    "dsf": dsf(),
    "tta": tta(),
    "wavpack": wavpack(),
    "mp4": mp4(),
    "mkv": mkv(),
    "wma": wma(),
    "avi": avi(),
    "flv": flv(),
    "mp3 with Xing": mp3(b"Xing"),
    "mp3 with Info": mp3(b"Info"),
    "mp3 with VBRI": mp3(b"VBRI"),
    "flac": flac(),
}


@pytest.mark.parametrize("name", WHOLE)
def test_time_of_the_header_is_exact_only_where_the_object_is_whole(name: str) -> None:
    whole = WHOLE[name]
    assert answer(whole).seconds_by is HEADER
    assert answer(whole).seconds == pytest.approx(10.0, abs=0.1)
    cut = answer(whole, len(whole) // 2)
    assert cut.seconds_by is ESTIMATE
    assert cut.seconds == pytest.approx(5.0, rel=0.1)
    # What follows the sound (a tag, a table of contents) is nothing that is missing.
    assert answer(whole + bytes(500)).seconds_by is HEADER


def test_recording_of_which_only_the_header_arrived_plays_nothing_that_is_known() -> None:
    bare = ftyp() + moov(SOUND, seconds=10) + box(b"mdat", bytes(100_000))[:8]
    assert answer(bare).seconds_by is not HEADER


def test_only_block_of_wavpack_that_is_cut_plays_its_share() -> None:
    block = b"wvpk" + struct.pack("<IHBBIIIII", 20_024, 0x407, 0, 0, 8000, 0, 8000, 1 << 23, 0) + bytes(20_000)
    assert (answer(block).seconds, answer(block).seconds_by) == (1.0, HEADER)
    assert answer(block, 10_000).seconds == pytest.approx(0.5, abs=0.01)


def test_ogg_plays_to_its_last_whole_page() -> None:
    first = page(OPUS_HEAD, 1, flags=2) + page(b"OpusTags" + bytes(20), 1)
    pages = [page(OPUS_SECOND, 1, position=312 + 48_000 * number, number=1 + number) for number in range(1, 11)]
    whole = first + b"".join(pages)
    assert (answer(whole).seconds, answer(whole).seconds_by) == (10.0, HEADER)
    assert (answer(whole, len(whole) - 100).seconds, answer(whole, len(whole) - 100).seconds_by) == (9.0, HEADER)


def test_opus_of_long_pages_is_estimated_by_those_whose_header_was_read() -> None:
    """A page may hold 64 KiB: neither end of 4 KiB has one whole."""
    first = page(OPUS_HEAD, 1, flags=2) + page(b"OpusTags" + bytes(20), 1)
    pages = [page(b"\x5b\x32" + bytes(20_000), 1, position=312 + 144_000 * number) for number in range(1, 7)]
    seen = answer(first + b"".join(pages))
    assert seen.seconds_by is ESTIMATE
    assert seen.seconds == pytest.approx(18.0, rel=0.01)


def test_stream_that_was_joined_late_plays_from_there() -> None:
    first = page(OPUS_HEAD, 1, flags=2) + page(b"OpusTags" + bytes(20), 1)
    pages = [page(OPUS_SECOND, 1, position=48_000 * (100_000 + number)) for number in range(1, 11)]
    seen = answer(first + b"".join(pages))
    assert seen.seconds_by is ESTIMATE
    assert seen.seconds == pytest.approx(10.0, abs=1.1)


def test_transport_stream_plays_to_its_last_stamp_however_it_was_cut() -> None:
    stream = PAT + pmt(AAC) + b"".join(pes(0x101, 0xC0, 900_000 + step * 9_000) for step in range(101))
    assert answer(stream).seconds == pytest.approx(10.1)
    assert answer(stream, len(stream) // 2 + 50).seconds == pytest.approx(5.0, abs=0.2)


def wav(seconds: int = 10, more: bytes = b"") -> bytes:
    layout = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16)
    body = b"WAVE" + layout + b"data" + struct.pack("<I", seconds * 16_000) + bytes(seconds * 16_000) + more
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_samples_that_begin_out_of_sight_are_estimated_by_the_rate_that_was_read() -> None:
    whole = wav()
    late = whole[:36] + b"LIST" + struct.pack("<I", 9000) + bytes(9000) + whole[36:]
    seen = answer(late)
    assert seen.seconds_by is ESTIMATE
    assert seen.seconds == pytest.approx(10.0, abs=0.01)
    assert recognise("x", content_type=None, size=None, head=late[:4096]).seconds is None


def test_cut_samples_are_an_estimate() -> None:
    seen = answer(wav(), 80_044)
    assert (seen.seconds, seen.seconds_by) == (5.0, ESTIMATE)


@pytest.mark.parametrize("make", [wav, aiff])
def test_header_that_accounts_for_half_of_the_bytes_is_not_exact(make: Callable[[], bytes]) -> None:
    whole, double = answer(make()), answer(make() * 2)
    assert (whole.seconds, whole.seconds_by) == (10.0, HEADER)
    assert double.seconds == pytest.approx(20.0, rel=0.01)
    assert double.seconds_by is ESTIMATE


def test_chunks_behind_the_samples_and_a_tag_behind_all_leave_the_time_exact() -> None:
    notes = b"LIST" + struct.pack("<I", 50_000) + bytes(50_000)
    assert answer(wav(more=notes)).seconds_by is HEADER
    assert answer(wav() + b"TAG" + bytes(125)).seconds_by is HEADER


def joined(data: bytes, head: int = 4096, tail: int = 4096) -> Recognition:
    """The same recording twice, one behind the other; both ends were read."""
    twice = data + data
    return recognise("x", content_type=None, size=len(twice), head=twice[:head], tail=twice[-tail:])


@pytest.mark.parametrize("mark", [b"Xing", b"VBRI"])
def test_mp3_joined_behind_another_is_no_longer_exact(mark: bytes) -> None:
    whole, seen = answer(mp3(mark)), joined(mp3(mark))
    assert (whole.seconds_by, seen.seconds_by) == (HEADER, ESTIMATE)
    assert seen.seconds == pytest.approx(2 * (whole.seconds or 0), rel=0.02)


@pytest.mark.parametrize("tail", [4096, 70_000])
def test_flac_joined_behind_another_is_no_longer_exact(tail: int) -> None:
    """The frames are too large to be those of the first, or the second begins in sight."""
    data = bytearray(flac())
    if tail == 4096:
        data[15:18] = (len(data) // 313 + 1).to_bytes(3, "big")  # the largest frame, in STREAMINFO
    whole, seen = answer(bytes(data)), joined(bytes(data), tail=tail)
    assert (whole.seconds_by, seen.seconds_by) == (HEADER, ESTIMATE)
    assert seen.seconds == pytest.approx(2 * (whole.seconds or 0), rel=0.05)


@pytest.mark.parametrize(("head", "factor"), [(30_000, 2), (4096, 1)])
def test_mp4_joined_behind_another_is_no_longer_exact(head: int, factor: int) -> None:
    """Where the second begins is in sight, or there is more than what is in sight accounts for."""
    one = ftyp() + moov(SOUND, seconds=10) + box(b"mdat", bytes(20_000))
    assert answer(one).seconds_by is HEADER
    seen = joined(one, head, tail=100)
    assert seen.seconds_by is ESTIMATE
    assert seen.seconds == pytest.approx(10 * factor, rel=0.02)
