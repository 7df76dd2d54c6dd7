"""Formats whose header states everything: what they state, and what they leave out."""

import struct
import zlib

import pytest

from cloudscan.audio import Recognition, further, recognise
from cloudscan.model import DurationMethod, MediaClass

UNSTATED = 0xFFFFFFFF


def answer(head: bytes, size: int | None = None) -> Recognition:
    return recognise("x", content_type=None, size=len(head) if size is None else size, head=head)


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def fmt(tag: int, rate: int, byte_rate: int, bits: int, channels: int = 1) -> bytes:
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, byte_rate, 2, bits))


def wav(*chunks: bytes, magic: bytes = b"RIFF") -> bytes:
    return magic + struct.pack("<I", UNSTATED) + b"WAVE" + b"".join(chunks)


@pytest.mark.parametrize("stated", [0, UNSTATED])
def test_streamed_wav_is_timed_by_the_true_size(stated: int) -> None:
    head = wav(fmt(1, 8000, 16_000, 16), chunk(b"data", bytes(500), stated))
    recognition = answer(head, size=44 + 160_000)
    assert (recognition.seconds, recognition.seconds_by) == (10.0, DurationMethod.HEADER)


def test_wav_cut_short_is_timed_by_what_is_there() -> None:
    head = wav(fmt(1, 8000, 16_000, 16), chunk(b"data", bytes(500), 1_600_000))
    assert answer(head, size=44 + 160_000).seconds == 10.0


def test_wav_without_its_data_in_sight_is_estimated_by_its_own_rate() -> None:
    head = wav(fmt(1, 8000, 16_000, 16), chunk(b"LIST", bytes(100), 100_000))
    recognition = answer(head, size=160_000)
    assert (recognition.codec, recognition.seconds_by) == ("pcm", DurationMethod.ESTIMATE)
    assert recognition.seconds == pytest.approx(60_000 / 16_000, abs=0.01)
    assert answer(wav(chunk(b"LIST", bytes(100), 100_000)), size=160_000).seconds_by is DurationMethod.TYPICAL_RATE


def test_compressed_wav_is_exact_by_its_fact_chunk_and_else_an_estimate() -> None:
    data = chunk(b"data", bytes(1625))
    exact = answer(wav(fmt(0x31, 8000, 1625, 0), chunk(b"fact", struct.pack("<I", 8000)), data))
    assert (exact.codec, exact.seconds, exact.seconds_by) == ("gsm", 1.0, DurationMethod.HEADER)
    rough = answer(wav(fmt(0x31, 8000, 1625, 0), data))
    assert (rough.seconds, rough.seconds_by) == (1.0, DurationMethod.ESTIMATE)


def test_lying_byte_rate_of_pcm_is_not_believed() -> None:
    head = wav(fmt(1, 8000, 1, 16), chunk(b"data", bytes(16_000)))
    assert answer(head).seconds == 1.0


def test_extensible_wav_tells_its_codec_in_the_sub_format() -> None:
    body = struct.pack("<HHIIHHHHIH", 0xFFFE, 1, 8000, 8000, 1, 8, 22, 8, 4, 7) + bytes(14)
    assert answer(wav(chunk(b"fmt ", body), chunk(b"data", bytes(8000)))).codec == "mulaw"


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_long_wav_is_timed_by_its_64_bit_size(magic: bytes) -> None:
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 6_000_000_000, 5_760_000_000, 2_880_000_000, 0))
    head = wav(ds64, fmt(1, 8000, 16_000, 16), chunk(b"data", bytes(100), UNSTATED), magic=magic)
    recognition = answer(head, size=6_000_000_000)
    assert (recognition.format, recognition.seconds) == ("wav", 360_000.0)


def test_wave64_is_timed_by_its_header() -> None:
    tail_of_ids = bytes.fromhex("F3ACD3118CD100C04F8EDB8A")

    def w64_chunk(name: bytes, body: bytes) -> bytes:
        return name + tail_of_ids + struct.pack("<Q", 24 + len(body)) + body

    body = struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 2, 16)
    magic = bytes.fromhex("726966662E91CF11A5D628DB04C10000")
    head = magic + struct.pack("<Q", 0) + b"wave" + tail_of_ids + w64_chunk(b"fmt ", body)
    recognition = answer(head + w64_chunk(b"data", bytes(16_000)))
    assert (recognition.format, recognition.codec, recognition.seconds) == ("w64", "pcm", 1.0)


@pytest.mark.parametrize("form", [b"WEBP", b"RMID", b"ACON"])
def test_riff_that_is_not_sound_is_other(form: bytes) -> None:
    assert answer(b"RIFF\x10\0\0\0" + form + bytes(100)).media is MediaClass.OTHER


def test_aiff_c_is_timed_by_its_frames() -> None:
    rate = struct.pack(">HQ", 16383 + 12, 8000 << 51)
    comm = struct.pack(">hIh", 1, 24_000, 8) + rate + b"ulaw"
    head = b"FORM\0\0\0\0AIFCFVER\0\0\0\x04\0\0\0\0COMM" + struct.pack(">I", len(comm)) + comm
    recognition = answer(head, size=25_000)
    assert (recognition.format, recognition.codec, recognition.seconds) == ("aiff", "mulaw", 3.0)


def test_caf_of_pcm_is_timed_to_the_end_of_the_object() -> None:
    desc = struct.pack(">d4s5I", 8000.0, b"lpcm", 0, 2, 1, 1, 16)
    head = b"caff\0\1\0\0desc" + struct.pack(">q", len(desc)) + desc + b"data" + struct.pack(">qI", -1, 0)
    recognition = answer(head + bytes(100), size=len(head) + 16_000)
    assert (recognition.format, recognition.codec, recognition.seconds) == ("caf", "pcm", 1.0)


def test_caf_of_packets_is_timed_by_its_packet_table() -> None:
    desc = struct.pack(">d4s5I", 8000.0, b"aac ", 0, 0, 1024, 1, 0)
    pakt = struct.pack(">qqii", 8, 8000, 96, 96)
    head = b"caff\0\1\0\0desc" + struct.pack(">q", len(desc)) + desc
    head += b"pakt" + struct.pack(">q", len(pakt)) + pakt
    assert answer(head, size=2000).seconds == 1.0


def test_caf_whose_packet_table_comes_last_is_read_there() -> None:
    desc = struct.pack(">d4s5I", 8000.0, b"alac", 0, 0, 4096, 1, 16)
    pakt = struct.pack(">qqii", 8, 80_000, 0, 96) + bytes(9000)
    data = b"caff\0\1\0\0desc" + struct.pack(">q", len(desc)) + desc
    data += b"data" + struct.pack(">qI", 50_004, 0) + bytes(50_000) + b"pakt" + struct.pack(">q", len(pakt)) + pakt
    place = further(size=len(data), head=data[:4096], most=4096)
    assert place == (len(data) - len(pakt) - 12, 4096)
    part = data[place[0] : sum(place)]
    seen = recognise("x", content_type=None, size=len(data), head=data[:4096], tail=part, tail_start=place[0])
    assert (seen.codec, seen.seconds, seen.seconds_by) == ("alac", 10.0, DurationMethod.HEADER)
    assert further(size=30_000, head=data[:4096], most=4096) is None


def test_au_without_a_size_is_timed_by_the_object() -> None:
    head = b".snd" + struct.pack(">5I", 24, UNSTATED, 1, 8000, 1) + bytes(100)
    assert answer(head, size=24 + 8000).seconds == 1.0


def test_au_that_makes_no_sense_is_not_sound() -> None:
    assert answer(b".snd" + struct.pack(">5I", 24, 100, 99, 8000, 1) + bytes(100)).media is MediaClass.UNSETTLED


def test_voc_is_estimated_from_its_first_block() -> None:
    head = b"Creative Voice File\x1a" + struct.pack("<HHH", 26, 0x010A, 0x1129)
    head += b"\x01" + (8002).to_bytes(3, "little") + bytes([256 - 125, 0])
    recognition = answer(head + bytes(100), size=32 + 8000)
    assert (recognition.format, recognition.codec, recognition.seconds) == ("voc", "pcm", 1.0)
    assert recognition.seconds_by is DurationMethod.ESTIMATE


def flac(samples: int) -> bytes:
    packed = 8000 << 44 | 15 << 36 | samples
    return b"fLaC\0\0\0\x22" + bytes(10) + packed.to_bytes(8, "big") + bytes(16)


def test_flac_that_was_streamed_gets_a_guess() -> None:
    assert answer(flac(16_000), size=20_000).seconds == 2.0
    assert answer(flac(0), size=20_000).seconds_by is DurationMethod.TYPICAL_RATE


def test_flac_without_its_first_block_is_not_sound() -> None:
    assert answer(b"fLaC" + b"\x99" * 100).media is MediaClass.UNSETTLED


def test_few_bytes_cannot_play_for_years() -> None:
    recognition = answer(flac((1 << 36) - 1), size=1000)
    assert recognition.seconds_by is DurationMethod.TYPICAL_RATE
    assert recognition.seconds is not None
    assert recognition.seconds < 1


def test_nothing_plays_longer_than_a_year() -> None:
    head = b".snd" + struct.pack(">5I", 24, UNSTATED - 1, 1, 1, 1) + bytes(100)  # a sample a second
    assert recognise("x", content_type=None, size=None, head=head).seconds is None
    assert recognise("x", content_type=None, size=1 << 30, head=head).seconds_by is DurationMethod.TYPICAL_RATE
    assert recognise("x.wav", content_type=None, size=1 << 62, head=None).seconds is None


def wavpack(total: int = 24_000, version: int = 0x407, flags: int = 1 << 23) -> bytes:
    return b"wvpk" + struct.pack("<IHBBIIIII", 200, version, 0, 0, total, 0, 8000, flags, 0) + bytes(176)


def tta(samples: int) -> bytes:
    header = b"TTA1" + struct.pack("<HHHII", 1, 1, 16, 8000, samples)
    return header + struct.pack("<I", zlib.crc32(header)) + bytes(100)


def sphere(*lines: str) -> bytes:
    text = "\n".join(("NIST_1A", "   1024", *lines, "end_head", ""))
    return text.encode().ljust(1024) + bytes(1000)


def dsf(samples: int) -> bytes:
    form = b"fmt " + struct.pack("<Q6IQII", 52, 1, 0, 1, 1, 2_822_400, 1, samples, 4096, 0)
    return b"DSD " + struct.pack("<QQQ", 28, 9000, 0) + form + b"data" + bytes(9000)


SPHERE_FIELDS = ("sample_count -i 24000", "sample_rate -i 8000", "sample_coding -s4 ulaw")


@pytest.mark.parametrize(
    ("data", "media_format", "codec", "seconds"),
    [
        (wavpack(), "wavpack", "wavpack", 3.0),
        (tta(24_000), "tta", "tta", 3.0),
        (sphere(*SPHERE_FIELDS), "sph", "mulaw", 3.0),
        (sphere("sample_rate -i 8000"), "sph", "pcm", None),
        (dsf(282_240), "dsf", "dsd", 0.1),
        (wavpack(UNSTATED), "wavpack", "wavpack", None),
        (wavpack(flags=15 << 23), "wavpack", "wavpack", None),
    ],
)
def test_lossless_formats_state_their_time(data: bytes, media_format: str, codec: str, seconds: float | None) -> None:
    recognition = answer(data, 60_000)
    assert (recognition.media, recognition.format, recognition.codec) == (MediaClass.SPEECH, media_format, codec)
    assert recognition.seconds == seconds


@pytest.mark.parametrize("data", [wavpack(version=0x9999), tta(1)[:18] + bytes(200), dsf(1).replace(b"fmt ", b"none")])
def test_magic_of_a_lossless_format_alone_proves_nothing(data: bytes) -> None:
    assert answer(data).media is MediaClass.UNSETTLED
