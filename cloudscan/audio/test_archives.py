"""Recordings inside of archives and of tables."""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from types import ModuleType

import pytest

from cloudscan.audio import Recognition, further, recognise
from cloudscan.model import DurationMethod, Evidence, MediaClass

WAV = b"RIFF" + struct.pack("<I", 36 + 16_000) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16)
WAV += b"data" + struct.pack("<I", 16_000) + bytes(range(250)) * 64
FILM = b"FLV\1\5\0\0\0\x09" + bytes(2000)
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"
NOTE = b"day;calls;17\n" * 20


def answer(head: bytes, size: int | None = None, tail: bytes | None = None, name: str = "x") -> Recognition:
    return recognise(name, content_type=None, size=len(head) if size is None else size, head=head, tail=tail)


def tar(*members: bytes, form: int = tarfile.USTAR_FORMAT) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        for number, member in enumerate(members):
            entry = tarfile.TarInfo(f"calls/{number}")
            entry.size = len(member)
            archive.addfile(entry, io.BytesIO(member))
    return held.getvalue()


def zipped(*members: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"calls/{number}", member)
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "media", "media_format"),
    [
        (gzip.compress(WAV), MediaClass.SPEECH, "gzip/wav"),
        (gzip.compress(NOTE), MediaClass.OTHER, "gzip"),
        (gzip.compress(CAPTIONS), MediaClass.TRANSCRIPT, "gzip/vtt"),
        (zipped(NOTE, WAV), MediaClass.SPEECH, "zip/wav"),
        (zipped(WAV, method=zipfile.ZIP_STORED), MediaClass.SPEECH, "zip/wav"),
        (zipped(NOTE, NOTE), MediaClass.OTHER, "zip"),
        (zipped(CAPTIONS, FILM), MediaClass.VIDEO, "zip/flv"),
        (zipped(NOTE * 5000, NOTE * 5000, WAV), MediaClass.SPEECH, "zip/wav"),
        (tar(WAV), MediaClass.SPEECH, "tar/wav"),
        (tar(NOTE, FILM, WAV), MediaClass.SPEECH, "tar/wav"),
        (tar(NOTE, WAV, form=tarfile.PAX_FORMAT), MediaClass.SPEECH, "tar/wav"),
        (tar(NOTE), MediaClass.OTHER, "tar"),
        (gzip.compress(tar(NOTE, WAV)), MediaClass.SPEECH, "gzip/tar/wav"),
        (bz2.compress(WAV), MediaClass.SPEECH, "bzip2/wav"),
        (bz2.compress(CAPTIONS), MediaClass.TRANSCRIPT, "bzip2/vtt"),
        (bz2.compress(NOTE), MediaClass.OTHER, "bzip2"),
        (bz2.compress(tar(NOTE, WAV)), MediaClass.SPEECH, "bzip2/tar/wav"),
        (lzma.compress(WAV), MediaClass.SPEECH, "xz/wav"),
        (lzma.compress(NOTE), MediaClass.OTHER, "xz"),
        (lzma.compress(tar(NOTE, WAV)), MediaClass.SPEECH, "xz/tar/wav"),
    ],
    ids=lambda value: "bytes" if isinstance(value, bytes) else str(value),  # archives hold the time of their making
)
def test_archives_are_what_they_hold(data: bytes, media: MediaClass, media_format: str) -> None:
    seen = answer(data)
    assert (seen.media, seen.format, seen.by) == (media, media_format, Evidence.SIGNATURE)


MP4 = b"\0\0\0\x10ftypisom" + bytes(4) + b"\0\0\xff\xffmdat" + bytes(500)


@pytest.mark.parametrize("data", [gzip.compress(MP4), zipped(NOTE, MP4), tar(MP4, NOTE)], ids=["gzip", "zip", "tar"])
def test_member_whose_tracks_are_out_of_sight_leaves_the_archive_open(data: bytes) -> None:
    seen = answer(data)
    assert (seen.media, seen.by) == (MediaClass.UNSETTLED, Evidence.NONE)
    assert (seen.format or "").endswith("/mp4")


def test_only_what_was_read_of_an_archive_counts() -> None:
    assert answer(tar(NOTE, WAV)[:900], 20_000).media is MediaClass.UNSETTLED
    assert answer(gzip.compress(WAV)[:200], 9_000).media is MediaClass.SPEECH


def test_gzip_of_a_recording_tells_its_time_by_the_size_at_its_end() -> None:
    streamed = WAV[:4] + b"\xff" * 4 + WAV[8:40] + b"\xff" * 4 + WAV[44:]
    data = gzip.compress(streamed, 0)
    assert answer(data[:512], len(data), data[-64:]).seconds == 1.0
    # A size that is too small for what was seen, or than the packed bytes, is not believed.
    assert answer(data[:512], len(data), data[-8:-4] + b"\1\0\0\0").seconds_by is DurationMethod.UNKNOWN


PACKERS = pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
JOB = b'{"jobName": "call-1", "accountId": "1", "results": {"transcripts": [{"transcript": "Please hold."}]}}'


@PACKERS
def test_streams_behind_the_first_are_looked_at(pack: Callable[[bytes], bytes]) -> None:
    """A log is shipped by appending streams, and whoever unpacks it gets all of them."""
    assert answer(pack(NOTE) + pack(WAV)).media is MediaClass.SPEECH
    assert answer(pack(b"") + pack(WAV)).media is MediaClass.SPEECH
    assert answer(pack(WAV[:30]) + pack(WAV[30:])).media is MediaClass.SPEECH
    assert answer(pack(b"header\n") + pack(JOB)).media is MediaClass.TRANSCRIPT
    assert answer(pack(NOTE * 9000) + pack(WAV)).media is MediaClass.SPEECH
    assert answer(pack(NOTE) + pack(NOTE) + bytes(512)).media is MediaClass.OTHER


@PACKERS
def test_what_is_behind_the_end_of_a_stream_has_to_be_seen(pack: Callable[[bytes], bytes]) -> None:
    one, two = pack(NOTE), pack(NOTE) + pack(WAV)
    for seen in (
        answer(two[: len(one)], len(two)),
        answer(two[: len(one) + 20], len(two)),
        answer(one + b"RIFF and no stream"),
        answer(one * 300),
    ):
        assert (seen.media, seen.by) == (MediaClass.UNSETTLED, Evidence.NONE)


@pytest.mark.parametrize("pack", [gzip.compress, zipped, tar], ids=["gzip", "zip", "tar"])
def test_running_text_leaves_an_archive_open(pack: Callable[[bytes], bytes]) -> None:
    assert answer(pack(b"Agent: Please hold the line.\n")).media is MediaClass.UNSETTLED


def named_zip(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, member in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), member)
    return held.getvalue()


def test_document_in_an_archive_is_suspected_by_its_name_as_outside_of_one() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(50)
    for member in (b"hi", gzip.compress(NOTE), bytes(range(256))):
        seen = answer(named_zip(a_png=picture, transcript_docx=member))
        assert (seen.media, seen.format, seen.by) == (MediaClass.TRANSCRIPT, "zip/docx", Evidence.SUSPICION)
    assert answer(named_zip(a_png=picture, transcripts__1=b"%PDF-1.7")).by is Evidence.SUSPICION
    assert answer(named_zip(a_png=picture, transcript_docx=picture)).media is MediaClass.OTHER
    assert (
        answer(named_zip(README_txt=b"Please hold the line, it says.\n", a_py=b"# hold the line\n")).media
        is MediaClass.OTHER
    )


def test_archive_that_is_called_transcripts_is_not_settled_by_documents_in_it() -> None:
    held = named_zip(a_png=b"\x89PNG\r\n\x1a\n" + bytes(50), call_docx=named_zip(word__document_xml=b"<w>hi</w>"))
    assert answer(held, name="out/call.zip").media is MediaClass.OTHER
    assert answer(held, name="out/transcripts.zip").media is MediaClass.UNSETTLED


def test_what_unpacks_to_more_than_is_unpacked_is_not_settled() -> None:
    assert answer(gzip.compress(NOTE * 20_000) + gzip.compress(WAV)).media is MediaClass.UNSETTLED


@PACKERS
def test_time_is_exact_only_where_all_was_unpacked(pack: Callable[[bytes], bytes]) -> None:
    """The end of a cut file is no size, and of two files in one the size at the end is that of the last."""
    chance = random.Random(1)  # noqa: S311 - no secret, the same bytes each time
    noise = WAV[:40] + struct.pack("<I", 64_000) + chance.randbytes(64_000)
    short = WAV[:40] + struct.pack("<I", 8000) + chance.randbytes(8000)
    whole, long = pack(short), pack(noise)
    assert (answer(whole).seconds, answer(whole).seconds_by) == (0.5, DurationMethod.HEADER)
    assert answer(long[:4096], len(long), long[-4096:]).seconds_by is not DurationMethod.HEADER
    cut = long[: len(long) // 2]
    assert answer(cut[:4096], len(cut), cut[-4096:]).seconds_by is not DurationMethod.HEADER
    assert answer(whole + whole).seconds_by is not DurationMethod.HEADER


@pytest.mark.parametrize("magic", [b"BZh9", b"\xfd7zXZ\0"])
def test_what_of_an_archive_does_not_unpack_leaves_it_open(magic: bytes) -> None:
    """A block of bzip2 comes out whole or not at all, and holds up to 900 kB."""
    packed = (bz2 if magic[0] == 0x42 else lzma).compress(random.Random(1).randbytes(200_000))  # noqa: S311
    seen = answer(packed[: 4096 if magic[0] == 0x42 else 24], len(packed))
    assert packed.startswith(magic)
    assert (seen.media, seen.by) == (MediaClass.UNSETTLED, Evidence.NONE)
    assert answer(packed[:24], len(packed), name="calls.wav." + ("bz2" if magic[0] == 0x42 else "xz")).format


def test_archives_that_are_not_opened_are_not_settled() -> None:
    for magic in (b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\0"):
        seen = answer(magic + bytes(100))
        assert (seen.media, seen.by) == (MediaClass.UNSETTLED, Evidence.NONE)


def test_memory_of_xz_is_bounded() -> None:
    """Its header may ask for a window of 4 GiB."""
    huge = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 << 20}]
    assert answer(lzma.compress(WAV, filters=huge)).media is MediaClass.UNSETTLED


def test_time_of_several_members_is_not_guessed_from_one() -> None:
    assert answer(tar(WAV, WAV)).seconds is None


def test_a_bomb_is_unpacked_to_the_limit_only() -> None:
    for module in (gzip, bz2, lzma):
        bomb = module.compress(module.compress(bytes(50_000_000)))
        begun = time.process_time()
        assert answer(bomb).media in (MediaClass.OTHER, MediaClass.UNSETTLED)
        assert time.process_time() - begun < 1.0


@pytest.mark.parametrize("broken", [b"\x1f\x8b\x08\0garbage" * 9, b"PK\3\4" + b"\xff" * 60, b"PK\3\4" + bytes(26)])
def test_broken_archives_are_not_settled(broken: bytes) -> None:
    assert answer(broken).media is MediaClass.UNSETTLED


@pytest.mark.parametrize("module", [gzip, lzma])
def test_archive_that_lies_too_deep_is_not_settled(module: ModuleType) -> None:
    seen = answer(module.compress(module.compress(module.compress(WAV))))
    assert (seen.media, seen.by) == (MediaClass.UNSETTLED, Evidence.NONE)


def test_bytes_that_say_nothing_leave_what_is_packed_open() -> None:
    assert answer(gzip.compress(random.Random(1).randbytes(500))).media is MediaClass.UNSETTLED  # noqa: S311


def test_encrypted_members_are_not_read() -> None:
    data = bytearray(zipped(WAV, method=zipfile.ZIP_STORED))
    data[6] |= 1
    assert answer(bytes(data)).media is MediaClass.UNSETTLED


PICTURE = b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(90_000)  # noqa: S311


def named(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, member in members:
            archive.writestr(name, member)
    return held.getvalue()


@pytest.mark.parametrize(
    ("members", "media", "media_format", "by"),
    [
        ([("a.png", PICTURE), ("b.jpg", PICTURE)], MediaClass.OTHER, "zip", Evidence.SIGNATURE),
        ([("a.png", PICTURE), ("a/", b""), ("b.txt", b"")], MediaClass.OTHER, "zip", Evidence.SIGNATURE),
        ([("a.png", PICTURE), ("b.wav", PICTURE), ("c.png", PICTURE)], MediaClass.SPEECH, "zip/wav", "suspicion"),
        ([("a.png", PICTURE), ("b.wav", WAV[:2000])], MediaClass.SPEECH, "zip/wav", Evidence.SIGNATURE),
        ([("a.png", PICTURE), ("b.srt", PICTURE), ("c.png", PICTURE)], MediaClass.TRANSCRIPT, "zip/srt", "suspicion"),
        ([("a.png", PICTURE), ("b.mp4", PICTURE), ("c.png", PICTURE)], MediaClass.VIDEO, "zip/mp4", "suspicion"),
        ([("a.png", PICTURE), ("b.zip", PICTURE), ("c.png", PICTURE)], MediaClass.UNSETTLED, "zip", Evidence.NONE),
        ([("a.png", PICTURE), ("b", PICTURE), ("c.png", PICTURE)], MediaClass.UNSETTLED, "zip", Evidence.NONE),
    ],
)
def test_directory_of_zip_tells_of_members_that_were_not_read(
    members: list[tuple[str, bytes]], media: MediaClass, media_format: str, by: str
) -> None:
    data = named(*members)
    assert further(size=len(data), head=data[:4096], most=4096) == (len(data) - 4096, 4096)
    seen = answer(data[:4096], len(data), data[-4096:])
    assert (seen.media, seen.format, seen.by) == (media, media_format, by)
    assert answer(data[:4096], len(data)).media is MediaClass.UNSETTLED


def test_zip_whose_directory_was_not_read_whole_is_not_settled() -> None:
    data = named(("a.png", PICTURE), *((f"{number}.png", NOTE) for number in range(90)))
    assert answer(data[:4096], len(data), data[-4096:]).media is MediaClass.UNSETTLED
    assert answer(data[:4096], len(data), data[-8192:]).media is MediaClass.OTHER


def test_zip_with_bytes_that_its_directory_does_not_explain_is_not_settled() -> None:
    data = named(("a.png", PICTURE), ("b.png", PICTURE))
    end = data.rindex(b"PK\5\6")
    start = int.from_bytes(data[end + 16 : end + 20], "little")
    grown = data[:start] + WAV + data[start:end] + data[end : end + 16] + (start + len(WAV)).to_bytes(4, "little")
    assert answer(grown[:4096], len(grown) + 2, grown[-4096:] + b"\0\0").media is MediaClass.UNSETTLED
    shifted = data[:start] + WAV + data[start:]
    assert answer(shifted[:4096], len(shifted), shifted[-4096:]).media is MediaClass.UNSETTLED


def test_encrypted_recording_in_a_zip_is_suspected_by_its_name() -> None:
    data = bytearray(named(("a.wav", PICTURE)))
    for at in (6, data.rindex(b"PK\1\2") + 8):
        data[at] |= 1
    seen = answer(bytes(data[:4096]), len(data), bytes(data[-4096:]))
    assert (seen.media, seen.format, seen.by) == (MediaClass.SPEECH, "zip/wav", Evidence.SUSPICION)


def test_tar_is_settled_only_where_its_end_was_read() -> None:
    data = tar(PICTURE, WAV)
    assert answer(data[:4096], len(data)).media is MediaClass.UNSETTLED
    assert answer(data[:4096], len(data), data[-30_000:]).format == "tar/wav"
    whole = tar(NOTE, NOTE)
    assert answer(whole).media is MediaClass.OTHER
    assert answer(whole[:4096], len(whole) + 90_000).media is MediaClass.UNSETTLED
    assert answer(gzip.compress(tar(NOTE, *[PICTURE] * 2))).format == "gzip/tar"


def test_parquet_with_recordings_in_a_column() -> None:
    table = b"PAR1\x15\0\x15\x80" + WAV + bytes(200)
    assert answer(table, 10**6).format == "parquet/wav"
    footer = (
        b'huggingface\x18\x90{"info": {"features": {"call": {"_type": "Audio"}}}}' + struct.pack("<I", 90) + b"PAR1"
    )
    seen = answer(b"PAR1" + bytes(400), 10**6, footer)
    assert (seen.media, seen.format) == (MediaClass.SPEECH, "parquet")
    assert answer(b"PAR1" + bytes(400), 10**6, footer.replace(b"Audio", b"Image")).media is MediaClass.OTHER
    assert answer(b"PAR1" + bytes(400), 10**6).media is MediaClass.OTHER


def test_tfrecord_with_recordings() -> None:
    header = bytes.fromhex("6400000000000000")
    record = header + struct.pack("<I", masked(header)) + b"\x0a\x60" + WAV[:98] + bytes(4)
    assert (answer(record).media, answer(record).format) == (MediaClass.SPEECH, "tfrecord/wav")
    assert answer(header + struct.pack("<I", masked(header)) + bytes(104)).format == "tfrecord"
    assert answer(header + bytes(4) + WAV[:100] + bytes(4)).media is MediaClass.UNSETTLED


def masked(data: bytes) -> int:
    """CRC-32C by polynomial division, bit by bit from the left, with TFRecord's mask."""
    bits = int(f"{int.from_bytes(bytes(int(f'{byte:08b}'[::-1], 2) for byte in data), 'big'):064b}", 2) << 32
    bits ^= 0xFFFFFFFF << 64
    for at in range(95, 31, -1):
        if bits >> at & 1:
            bits ^= 0x11EDC6F41 << (at - 32)
    crc = int(f"{bits ^ 0xFFFFFFFF:032b}"[::-1], 2)
    return ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF


def test_checksum_is_castagnolis() -> None:
    from cloudscan.audio.datasets import _masked_checksum

    assert _masked_checksum(b"12345678") == masked(b"12345678")
    # RFC 3720, appendix B.4: 32 bytes of zeros have 8A9136AA.
    assert _masked_checksum(bytes(32)) == ((0x8A9136AA >> 15 | 0x8A9136AA << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF
