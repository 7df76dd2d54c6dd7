"""Transport and program streams, Flash video and AVI: sound told from video by what they announce."""

import struct

import pytest

from cloudscan.audio import Recognition, recognise
from cloudscan.model import DurationMethod, MediaClass


def answer(head: bytes, size: int | None = None, tail: bytes | None = None) -> Recognition:
    return recognise("x", content_type=None, size=len(head) if size is None else size, head=head, tail=tail)


def packet(pid: int, body: bytes, *, start: bool = True) -> bytes:
    """A packet of a transport stream; an adaptation field fills what the body leaves."""
    spare = 184 - len(body)
    field = b"" if not spare else bytes([spare - 1]) + (b"\0" + b"\xff" * (spare - 2) if spare > 1 else b"")
    control = 0x30 if spare else 0x10
    return bytes([0x47, (0x40 if start else 0) | pid >> 8, pid & 0xFF, control]) + field + body


def section(table: int, body: bytes) -> bytes:
    rest = bytes([0, 1, 0xC1, 0, 0]) + body + bytes(4)
    return b"\0" + bytes([table]) + struct.pack(">H", 0xB000 | len(rest)) + rest


PAT = packet(0, section(0, struct.pack(">HH", 1, 0xE000 | 0x100)))


def pmt(*streams: tuple[int, int, bytes]) -> bytes:
    body = struct.pack(">HH", 0xE101, 0xF000)
    for kind, pid, described in streams:
        body += bytes([kind]) + struct.pack(">HH", 0xE000 | pid, 0xF000 | len(described)) + described
    return packet(0x100, section(2, body))


def pes(pid: int, stream: int, stamp: int) -> bytes:
    coded = bytes(
        [0x21 | stamp >> 29 & 0xE, stamp >> 22 & 0xFF, stamp >> 14 & 0xFE | 1, stamp >> 7 & 0xFF, stamp << 1 & 0xFE | 1]
    )
    return packet(pid, b"\0\0\1" + bytes([stream, 0, 0, 0x80, 0x80, 5]) + coded)


FILLING = packet(0x1FFF, b"", start=False)
AAC, H264, PRIVATE = (0x0F, 0x101, b""), (0x1B, 0x102, b""), (0x06, 0x103, b"")


@pytest.mark.parametrize(
    ("streams", "media", "codec"),
    [
        ((AAC,), MediaClass.SPEECH, "aac"),
        ((AAC, H264), MediaClass.VIDEO, None),
        ((H264,), MediaClass.VIDEO, None),
        (((0x06, 0x101, b"\x6a\x01\0"),), MediaClass.SPEECH, "ac3"),
        (((0x06, 0x101, b"\x05\x04Opus"),), MediaClass.SPEECH, "opus"),
        (((0x15, 0x101, b""),), MediaClass.OTHER, None),
        ((AAC, PRIVATE), MediaClass.UNSETTLED, None),
    ],
)
def test_transport_stream_is_told_by_its_program(
    streams: tuple[tuple[int, int, bytes], ...], media: MediaClass, codec: str | None
) -> None:
    seen = answer(PAT + pmt(*streams) + FILLING * 3)
    assert seen.media is media
    assert media is not MediaClass.SPEECH or (seen.format, seen.codec) == ("mpeg-ts-audio", codec)


@pytest.mark.parametrize(("stream", "media"), [(0xC0, MediaClass.SPEECH), (0xE0, MediaClass.VIDEO)])
def test_private_stream_is_told_by_its_first_packet(stream: int, media: MediaClass) -> None:
    assert answer(PAT + pmt(PRIVATE) + pes(0x103, stream, 0) + FILLING).media is media


def test_transport_stream_whose_program_is_out_of_sight_is_not_settled() -> None:
    assert answer(PAT + FILLING * 3, 10**6).media is MediaClass.UNSETTLED


def test_transport_stream_of_a_camcorder_has_longer_packets() -> None:
    packets = (PAT, pmt(AAC), FILLING, FILLING)
    assert answer(b"".join(bytes(4) + each for each in packets)).format == "mpeg-ts-audio"


def test_transport_stream_plays_from_its_first_stamp_to_its_last() -> None:
    stamps = [900_000 + step * 9_000 for step in range(31)]
    data = PAT + pmt(AAC) + b"".join(pes(0x101, 0xC0, stamp) for stamp in stamps)
    whole = answer(data)
    assert (whole.seconds, whole.seconds_by) == (3.1, DurationMethod.ESTIMATE)
    wrapped = PAT + pmt(AAC) + pes(0x101, 0xC0, (1 << 33) - 9_000) + pes(0x101, 0xC0, 0) + pes(0x101, 0xC0, 9_000)
    assert answer(wrapped).seconds == pytest.approx(0.3)
    part = answer(data[: 188 * 12], len(data))
    assert part.seconds_by is DurationMethod.ESTIMATE
    assert part.seconds == pytest.approx(3.1, rel=0.1)


def pack(clock: int) -> bytes:
    bits = (
        0x21 << 40 | (clock >> 30 & 7) << 41 | (clock >> 15 & 0x7FFF) << 25 | 1 << 24 | (clock & 0x7FFF) << 9 | 1 << 8
    )
    return b"\0\0\1\xba" + bits.to_bytes(6, "big") + b"\0\1"


def system_header(pictures: int) -> bytes:
    return b"\0\0\1\xbb" + struct.pack(">H", 9) + bytes([0x80, 0, 1, 4, pictures, 0xFF, 0xC0, 0xC0, 0x20])


def test_program_stream_without_pictures_is_sound() -> None:
    sound = b"\0\0\1\xc0" + struct.pack(">H", 100) + bytes(100)
    data = pack(0) + system_header(0) + sound * 20 + pack(90_000 * 2)
    seen = answer(data)
    assert (seen.media, seen.format, seen.seconds) == (MediaClass.SPEECH, "mpeg-ps-audio", 2.0)
    assert seen.seconds_by is DurationMethod.ESTIMATE
    assert answer(pack(0) + system_header(1) + sound).media is MediaClass.VIDEO
    film = b"\0\0\1\xe0" + struct.pack(">H", 100) + bytes(100)
    assert answer(pack(0) + system_header(0) + sound + film).media is MediaClass.VIDEO
    assert answer(pack(0) + bytes(40)).media is MediaClass.VIDEO


def tag(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + bytes(7) + body + struct.pack(">I", 11 + len(body))


def test_flash_video_is_told_by_its_tags() -> None:
    script = tag(18, b"\2\0\x0aonMetaData\x08\0\0\0\1\0\x08duration\0" + struct.pack(">d", 1.5))
    header = b"FLV\1\4\0\0\0\x09" + bytes(4)
    seen = answer(header + script + tag(8, bytes(90)))
    assert (seen.media, seen.format, seen.seconds) == (MediaClass.SPEECH, "flv-audio", 1.5)
    assert answer(header + script + tag(8, bytes(90)) + tag(9, bytes(90))).media is MediaClass.VIDEO
    assert answer(b"FLV\1\5\0\0\0\x09" + bytes(4)).media is MediaClass.VIDEO


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def avi(*kinds: bytes, promised: int | None = None) -> bytes:
    main = bytes(24) + struct.pack("<I", len(kinds) if promised is None else promised) + bytes(28)
    lists = b"".join(
        chunk(
            b"LIST",
            b"strl"
            + chunk(b"strh", kind + bytes(16) + struct.pack("<4I", 1, 8000, 0, 24_000) + bytes(20))
            + chunk(b"strf", struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)),
        )
        for kind in kinds
    )
    body = chunk(b"LIST", b"hdrl" + chunk(b"avih", main) + lists) + chunk(b"LIST", b"movi" + bytes(500))
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"AVI " + body


def test_avi_is_told_by_its_streams() -> None:
    seen = answer(avi(b"auds"))
    assert (seen.media, seen.format, seen.codec, seen.seconds) == (MediaClass.SPEECH, "avi-audio", "mulaw", 3.0)
    assert answer(avi(b"vids", b"auds")).media is MediaClass.VIDEO
    assert answer(avi(b"auds", b"vids")).media is MediaClass.VIDEO
    assert answer(b"RIFF\x10\0\0\0AVI LIST" + bytes(100)).media is MediaClass.UNSETTLED
    assert answer(avi(b"auds", promised=2)).media is MediaClass.UNSETTLED
    assert answer(avi(b"auds", b"vids")[:200], 10_000).media is MediaClass.UNSETTLED


def test_realmedia_is_not_settled_by_its_magic() -> None:
    assert answer(b".RMF\0\0\0\x12\0\1" + bytes(100)).media is MediaClass.UNSETTLED
    assert recognise("a.rm", content_type=None, size=99, head=b".RMF\0\0\0\x12").media is MediaClass.VIDEO
    assert answer(b".ra\xfd\0\4" + bytes(100)).media is MediaClass.SPEECH
