"""What names and content types claim."""

import pytest

from cloudscan.audio import UNSURE_EXTENSIONS, recognise, settled_by_name
from cloudscan.audio.content_types import by_content_type
from cloudscan.audio.names import by_name
from cloudscan.model import MediaClass


def media(name: str) -> MediaClass | None:
    claim = by_name(name)
    return claim.media if claim else None


@pytest.mark.parametrize(
    "extension",
    ["wav", "mp3", "FLAC", "m4a", "opus", "amr", "wma", "aif", "gsm", "g722", "g729", "ulaw", "alaw", "sln"],
)
def test_extension_of_sound_is_speech(extension: str) -> None:
    assert media(f"2024/calls/a.b.{extension}") is MediaClass.SPEECH


@pytest.mark.parametrize("extension", ["ts", "mts", "raw", "pcm", "vox", "dts", "bin", "dat"])
def test_ambiguous_extension_settles_nothing(extension: str) -> None:
    assert media(f"x.{extension}") is MediaClass.UNSETTLED
    assert not settled_by_name(f"x.{extension}")


@pytest.mark.parametrize("extension", ["png", "py", "csv", "mid", "m3u8", "log", "sql"])
def test_extension_of_something_else_is_other(extension: str) -> None:
    assert media(f"calls/x.{extension}") is MediaClass.OTHER
    assert settled_by_name(f"calls/x.{extension}")


@pytest.mark.parametrize("extension", ["gz", "tgz", "bz2", "txz", "zip", "tar", "parquet", "tfrecord"])
def test_what_may_hold_recordings_is_other_until_it_was_looked_at(extension: str) -> None:
    assert media(f"calls/x.{extension}") is MediaClass.OTHER
    assert not settled_by_name(f"calls/x.{extension}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.wav.gz", MediaClass.UNSETTLED),
        ("x.MP3.ZST", MediaClass.UNSETTLED),
        ("x.srt.gz", MediaClass.UNSETTLED),
        ("x.csv.gz", MediaClass.OTHER),
        ("wav.gz", MediaClass.OTHER),
        ("calls.wav/x.gz", MediaClass.OTHER),
    ],
)
def test_compressed_recording_is_not_settled_by_its_name(name: str, expected: MediaClass) -> None:
    assert media(name) is expected
    assert expected is MediaClass.OTHER or not settled_by_name(name)


@pytest.mark.parametrize(
    "name",
    ["calls/1", "wav", ".wav", "calls.wav/1", "a.wav/", "x.", "x.unknownextension", "x.wäv", "x.wav ", ""],
)
def test_name_without_a_known_extension_claims_nothing(name: str) -> None:
    assert by_name(name) is None
    assert not settled_by_name(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("transcripts/1.json", MediaClass.TRANSCRIPT),
        ("Transcription/1.txt", MediaClass.TRANSCRIPT),
        ("out/call_transcript_1.json", MediaClass.TRANSCRIPT),
        ("a/1.srt", MediaClass.TRANSCRIPT),
        ("a/1.vtt", MediaClass.TRANSCRIPT),
        ("transcribe-output/1.json", MediaClass.UNSETTLED),
        ("asr/1.json", MediaClass.UNSETTLED),
        ("data/stt_1.txt", MediaClass.UNSETTLED),
        ("whisper/1.json", MediaClass.UNSETTLED),
        ("transcriptome/1.json", MediaClass.OTHER),
        ("transcriptomics/1.txt", MediaClass.OTHER),
        ("laser/1.json", MediaClass.OTHER),
        ("config.json", MediaClass.OTHER),
        ("transcripts/1.png", MediaClass.OTHER),
    ],
)
def test_text_is_a_transcript_where_its_path_says_so(name: str, expected: MediaClass) -> None:
    assert media(name) is expected


@pytest.mark.parametrize("name", ["1.json", "transcripts/1.json", "1.mp4", "1.webm", "asr/1.txt", "1"])
def test_name_that_a_head_often_overturns_is_not_settled(name: str) -> None:
    assert not settled_by_name(name)


@pytest.mark.parametrize("name", ["1.wav", "1.mp3", "1.avi", "1.vtt", "notes.txt", "transcripts/1.txt"])
def test_name_that_a_head_hardly_overturns_is_settled(name: str) -> None:
    assert settled_by_name(name)


@pytest.mark.parametrize(
    "content_type",
    [None, "", "application/octet-stream", "binary/octet-stream", "video/mp2t", "audio", "x" * 10_000, "\0/\n"],
)
def test_content_type_that_says_nothing_claims_nothing(content_type: str | None) -> None:
    assert by_content_type(content_type) is None


def test_unknown_subtype_claims_the_class_without_a_format() -> None:
    claim = by_content_type("audio/vnd.example")
    assert claim is not None
    assert (claim.media, claim.format) == (MediaClass.SPEECH, None)


@pytest.mark.parametrize("extension", ["7z", "rar", "zst", "lz4", "iso", "eml", "msg", "sqlite", "avro", "npy", "h5"])
def test_names_of_what_may_carry_recordings_settle_nothing(extension: str) -> None:
    name = f"calls.{extension}"
    assert not settled_by_name(name)
    assert extension in UNSURE_EXTENSIONS
    unread = recognise(name, content_type=None, size=900, head=None)
    read = recognise(name, content_type=None, size=900, head=bytes(range(128, 256)) * 4)
    assert (unread.media, read.media) == (MediaClass.OTHER, MediaClass.UNSETTLED)


@pytest.mark.parametrize(
    "magic", [b"SQLite format 3\0", b"\x89HDF\r\n\x1a\n", b"Obj\x01", b"ORC", b"ARROW1\0\0", b"\x93NUMPY\1\0"]
)
def test_values_of_a_table_that_is_not_opened_may_be_recordings(magic: bytes) -> None:
    assert recognise("x", content_type=None, size=900, head=magic + bytes(200)).media is MediaClass.UNSETTLED


def test_lz4_is_known_by_its_magic() -> None:
    seen = recognise("x", content_type=None, size=900, head=b"\x04\x22\x4d\x18" + bytes(200))
    assert (seen.media, seen.format) == (MediaClass.UNSETTLED, "lz4")
