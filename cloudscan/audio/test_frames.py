"""Runs of frames: two are demanded before anything is said."""

import random

import pytest

from cloudscan.audio import Recognition, further, recognise
from cloudscan.model import DurationMethod, MediaClass

SYNC_WORDS = [bytes([0xFF, second]) for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xFD, 0xFF, 0xF1, 0xF9, 0xF0)]


def answer(head: bytes, size: int | None = None, name: str = "x") -> Recognition:
    return recognise(name, content_type=None, size=len(head) if size is None else size, head=head)


def mp3_frame(bit_rate_index: int = 2, fill: bytes = b"\0") -> bytes:
    """MPEG 2.5 layer III at 8 kHz: 72 bytes for each 8 kbit/s, 72 ms."""
    return bytes([0xFF, 0xE3, bit_rate_index << 4 | 8, 0xC0]) + fill * (72 * bit_rate_index - 4)


def adts_frame(length: int) -> bytes:
    """AAC LC at 8 kHz mono: 128 ms."""
    return bytes([0xFF, 0xF1, 0x6C, 0x40 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5, 0]) + bytes(length - 7)


@pytest.mark.parametrize("sync", SYNC_WORDS)
def test_random_bytes_behind_a_sync_word_are_not_sound(sync: bytes) -> None:
    chance = random.Random(sync)  # noqa: S311 - no secret, the same bytes each time
    heads = (sync + chance.randbytes(4094) for _ in range(60))
    assert {answer(head).media for head in heads} == {MediaClass.UNSETTLED}


def test_one_frame_is_no_proof() -> None:
    assert answer(mp3_frame() + b"\x55" * 400).media is MediaClass.UNSETTLED
    assert answer(adts_frame(100) + b"\x55" * 400).media is MediaClass.UNSETTLED


def test_frames_of_different_make_are_no_proof() -> None:
    at_44_khz = bytes([0xFF, 0xFB, 0x90, 0x64]) + bytes(413)
    assert answer(mp3_frame() + at_44_khz).media is MediaClass.UNSETTLED


def test_two_frames_are_proof() -> None:
    recognition = answer(mp3_frame() * 2, size=72 * 2 * 100)
    assert (recognition.media, recognition.format) == (MediaClass.SPEECH, "mp3")
    assert (recognition.seconds, recognition.seconds_by) == (7.2, DurationMethod.ESTIMATE)


def test_run_seen_to_its_end_is_exact() -> None:
    recognition = answer(adts_frame(100) * 3 + adts_frame(50))
    assert (recognition.format, recognition.seconds) == ("aac", 0.512)
    assert recognition.seconds_by is DurationMethod.HEADER


def test_xing_header_counts_the_frames_of_a_variable_rate() -> None:
    first = bytearray(mp3_frame(8))
    first[13:25] = b"Xing" + (1).to_bytes(4, "big") + (1000).to_bytes(4, "big")
    recognition = answer(bytes(first) + mp3_frame(), size=200_000)
    assert (recognition.seconds, recognition.seconds_by) == (72.0, DurationMethod.HEADER)


def test_vbri_header_counts_the_frames_of_a_variable_rate() -> None:
    first = bytearray(mp3_frame(8))
    first[36:54] = b"VBRI" + bytes(10) + (500).to_bytes(4, "big")
    assert answer(bytes(first) + mp3_frame(), size=200_000).seconds == 36.0


def id3(length: int) -> bytes:
    return b"ID3\x04\0\0" + bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))


def test_id3_tag_that_fits_is_skipped() -> None:
    assert answer(id3(200) + bytes(200) + mp3_frame() * 2).codec == "mp3"
    assert answer(id3(200) + bytes(200) + adts_frame(90) * 2).format == "aac"


def test_id3_tag_with_a_picture_is_speech_by_itself() -> None:
    recognition = answer(id3(90_000) + b"APIC" + bytes(4000), size=500_000)
    assert (recognition.media, recognition.format, recognition.codec) == (MediaClass.SPEECH, "mp3", None)
    assert recognition.seconds_by is DurationMethod.TYPICAL_RATE


def test_id3_tag_longer_than_the_object_is_a_lie() -> None:
    assert answer(id3(90_000) + bytes(4000), size=5000).media is MediaClass.UNSETTLED


def test_id3_tag_before_something_else_proves_nothing() -> None:
    assert answer(id3(20) + bytes(20) + b"\x55" * 400).media is MediaClass.UNSETTLED


@pytest.mark.parametrize("magic", [b"#!AMR\n", b"#!AMR-WB\n"])
@pytest.mark.parametrize("body", [b"", b"a script that begins so\n" * 20, b"\x3c" + bytes(range(128, 256)) * 9])
def test_magic_of_amr_without_frames_behind_it_says_nothing(magic: bytes, body: bytes) -> None:
    assert answer(magic + body).media is not MediaClass.SPEECH


def test_single_frame_of_amr_is_enough_where_it_is_all() -> None:
    assert answer(b"#!AMR\n\x3c" + bytes(31)).seconds == 0.02


def test_amr_is_timed_by_its_frame_types() -> None:
    narrow = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50
    wide = b"#!AMR-WB\n" + (b"\x14" + bytes(32)) * 50
    assert (answer(narrow).format, answer(narrow).seconds) == ("amr", 1.0)
    assert (answer(wide).format, answer(wide).seconds) == ("amr-wb", 1.0)
    assert answer(narrow, size=6 + 32 * 500).seconds == 10.0


@pytest.mark.parametrize("magic", [b"#!SILK_V3", b"\x02#!SILK_V3"])
def test_silk_is_timed_by_its_packets(magic: bytes) -> None:
    recognition = answer(magic + (b"\x1e\0" + bytes(30)) * 50)
    assert (recognition.format, recognition.codec, recognition.seconds) == ("silk", "silk", 1.0)


@pytest.mark.parametrize("junk", [bytes(2048), b"\xff" * 300, b"\xff\xe3\x28\xc0" + bytes(61)])
def test_frames_behind_junk_are_found(junk: bytes) -> None:
    recognition = answer(junk + mp3_frame(fill=b"\x55") * 20)
    assert (recognition.media, recognition.format) == (MediaClass.SPEECH, "mp3")
    assert recognition.seconds == 20 * 0.072
    assert answer(junk + adts_frame(100) * 20).format == "aac"


def test_two_frames_behind_junk_are_no_proof() -> None:
    assert answer(bytes(2048) + mp3_frame() * 2 + b"\x55" * 400).media is MediaClass.UNSETTLED
    assert answer(bytes(2048) + mp3_frame() * 5 + b"\x55" * 400).media is MediaClass.UNSETTLED


def test_junk_has_an_end() -> None:
    assert answer(b"\x01" * 9000 + mp3_frame() * 20).media is MediaClass.UNSETTLED


def test_frames_behind_a_picture_out_of_sight_are_timed_by_the_tail() -> None:
    data = id3(90_000) + bytes(90_000) + mp3_frame() * 1000
    recognition = recognise("x", content_type=None, size=len(data), head=data[:4096], tail=data[-20_000:])
    assert (recognition.format, recognition.codec) == ("mp3", "mp3")
    assert recognition.seconds == pytest.approx(72.0, rel=0.01)
    assert recognition.seconds_by is DurationMethod.ESTIMATE


def test_frames_behind_a_picture_out_of_sight_are_read_where_they_begin() -> None:
    first = bytearray(mp3_frame(8))
    first[13:25] = b"Xing" + (1).to_bytes(4, "big") + (1000).to_bytes(4, "big")
    data = id3(90_000) + bytes(90_000) + bytes(first) + mp3_frame() * 1000
    place = further(size=len(data), head=data[:4096], most=4096)
    assert place == (90_010, 4096)
    part = data[place[0] : sum(place)]
    seen = recognise("x", content_type=None, size=len(data), head=data[:4096], tail=part, tail_start=place[0])
    assert (seen.codec, seen.seconds, seen.seconds_by) == ("mp3", 72.0, DurationMethod.HEADER)
    assert further(size=90_010, head=data[:4096], most=4096) is None


def loas(mux: bytes) -> bytes:
    """A frame of LOAS around AAC in LATM."""
    return bytes([0x56, 0xE0 | len(mux) >> 8, len(mux) & 0xFF]) + mux


def test_latm_is_timed_by_its_setup() -> None:
    # A setup of AAC LC (2) at 8 kHz (11), in one program of one layer, one frame each; then frames that keep to it.
    setup = int("0010_0000_0000_0000_0001_0101_1000_1000".replace("_", ""), 2).to_bytes(4, "big") + bytes(40)
    data = loas(setup) + loas(b"\x80" + bytes(50)) * 9
    recognition = answer(data)
    assert (recognition.media, recognition.format, recognition.codec) == (MediaClass.SPEECH, "latm", "aac")
    assert recognition.seconds == 1.28
    assert answer(loas(b"\x80" + bytes(50)) * 2 + bytes(90)).media is MediaClass.UNSETTLED


def ac3(code: int) -> bytes:
    """AC-3 at 48 kHz, 32 ms: 128 bytes for each 32 kbit/s."""
    return b"\x0b\x77\0\0" + bytes([code, 8 << 3]) + bytes((32, 32, 40, 40, 48, 48)[code] * 4 - 6)


def eac3(blocks: int, kind: int = 0) -> bytes:
    return b"\x0b\x77" + bytes([kind << 6, 49, blocks << 4, 16 << 3]) + bytes(94)


def dts(swap: bool = False) -> bytes:
    """A DTS core frame at 48 kHz: 16 blocks of 32 samples, 200 bytes."""
    fields = 1 << 47 | 31 << 42 | 15 << 34 | 199 << 20 | 2 << 14 | 13 << 10
    frame = b"\x7f\xfe\x80\x01" + fields.to_bytes(6, "big") + bytes(190)
    return bytes(byte for at in range(0, 200, 2) for byte in (frame[at + 1], frame[at])) if swap else frame


@pytest.mark.parametrize(
    ("data", "media_format", "seconds"),
    [
        (ac3(0) * 10, "ac3", 0.32),
        (ac3(2) + ac3(4) * 3, "ac3", 0.128),
        (eac3(3) * 10, "eac3", 0.32),
        (eac3(0) * 6, "eac3", 0.032),
        ((eac3(3) + eac3(3, kind=1)) * 5, "eac3", 0.16),
        (dts() * 30, "dts", 0.32),
        (dts(swap=True) * 30, "dts", 0.32),
    ],
)
def test_surround_sound_is_timed_by_its_frames(data: bytes, media_format: str, seconds: float) -> None:
    recognition = answer(data)
    assert (recognition.media, recognition.format) == (MediaClass.SPEECH, media_format)
    assert (recognition.seconds, recognition.seconds_by) == (seconds, DurationMethod.HEADER)


@pytest.mark.parametrize("frame", [ac3(0), eac3(3), dts(), dts(swap=True)])
def test_one_frame_of_surround_sound_is_no_proof(frame: bytes) -> None:
    assert answer(frame + b"\x55" * 300).media is MediaClass.UNSETTLED
