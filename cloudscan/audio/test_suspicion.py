"""Sound without a header is suspected, and never said to be a recording."""

import gzip
import random

import pytest

from cloudscan.audio import Recognition, recognise
from cloudscan.model import DurationMethod, Evidence, MediaClass

_CHANCE = random.Random(6)  # noqa: S311 - no secret, the same bytes each time
GSM = b"".join(bytes([0xD0 | _CHANCE.randrange(16)]) + _CHANCE.randbytes(32) for _ in range(100))
NOISE = _CHANCE.randbytes(3300)


def answer(
    name: str, size: int = 3300, head: bytes | None = None, content_type: str | None = None, near: tuple[str, ...] = ()
) -> Recognition:
    return recognise(name, content_type=content_type, size=size, head=head, neighbours=near)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("a.gsm", 2.0), ("a.ulaw", 0.412), ("a.alaw", 0.412), ("a.g722", 0.412), ("a.g729", 3.3), ("a.sln", 0.206)],
)
def test_name_of_telephony_is_a_suspicion(name: str, seconds: float) -> None:
    seen = answer(name)
    assert (seen.media, seen.by) == (MediaClass.SPEECH, Evidence.SUSPICION)
    assert seen.seconds == pytest.approx(seconds, abs=0.001)
    assert seen.seconds_by is DurationMethod.ESTIMATE


def test_type_of_telephony_is_a_suspicion() -> None:
    assert answer("a", content_type="audio/pcmu").by is Evidence.SUSPICION


def test_name_of_a_format_with_a_header_is_none() -> None:
    assert answer("a.wav").by is Evidence.NAME


@pytest.mark.parametrize(("name", "size"), [("a.gsm", 3301), ("a.sln", 3301), ("a.g729", 33)])
def test_size_that_no_recording_has_speaks_against_it(name: str, size: int) -> None:
    assert (answer(name, size).media, answer(name, size).by) == (MediaClass.UNSETTLED, Evidence.NONE)


def test_bytes_that_are_no_gsm_speak_against_it() -> None:
    assert answer("a.gsm", head=NOISE).media is MediaClass.UNSETTLED
    assert answer("a.gsm", head=GSM).by is Evidence.SUSPICION
    assert answer("a.gsm", head=b"day;calls;17\n" * 66).media is MediaClass.OTHER
    assert answer("a.gsm", head=b"notes on the call\n" * 66).media is MediaClass.UNSETTLED


def test_a_picture_is_no_telephony_whatever_its_name() -> None:
    assert answer("a.ulaw", head=b"\x89PNG\r\n\x1a\n" + bytes(3000)).media is MediaClass.OTHER


def test_mark_of_gsm_is_a_suspicion_under_any_name() -> None:
    seen = answer("call-4711", head=GSM)
    assert (seen.media, seen.format, seen.by, seen.seconds) == (MediaClass.SPEECH, "gsm", Evidence.SUSPICION, 2.0)
    assert answer("call-4711", head=GSM[:330]).media is MediaClass.UNSETTLED
    assert answer("call-4711", head=b"\xd0" * 3300).media is MediaClass.UNSETTLED


@pytest.mark.parametrize(
    ("name", "near", "media"),
    [
        ("a.raw", ("b.wav",), MediaClass.SPEECH),
        ("a.vox", ("b.txt", "b.mp3"), MediaClass.SPEECH),
        ("a.raw", ("b.jpg", "b.dng"), MediaClass.UNSETTLED),
        ("a.raw", (), MediaClass.UNSETTLED),
        ("a.bin", ("b.wav",), MediaClass.UNSETTLED),
    ],
)
def test_neighbours_make_a_common_name_suspect(name: str, near: tuple[str, ...], media: MediaClass) -> None:
    seen = answer(name, near=near)
    assert seen.media is media
    assert seen.by is (Evidence.SUSPICION if media is MediaClass.SPEECH else Evidence.NONE)


DOCUMENT = b"%PDF-1.7\n" + NOISE
OFFICE = b"PK\3\4" + NOISE


@pytest.mark.parametrize(
    "name",
    [
        "d/transcript.docx", "call_transcript.docx", "transcripts/call-1.docx", "Transcription of 7 May.PDF",
        "d/transcript.odt", "d/transcript.rtf", "d/transcript.html", "d/transcript.csv", "d/transcript.md",
        "d/transcript.xlsx", "CallTranscript.doc", "Transkript-3.docx", "transcripci\u00f3n.pdf", "transcripts/a.eml",
        "transcripts/calls.csv.gz", "transcri\u00e7\u00f5es/a.docx", "transcric\u0327a\u0303o.pdf",
        "Transcripties/a.docx", "transkrypcja.odt", "transskriptioner/a.docx", "transcripci\u00f3.pdf",
        "transcripts/a.rst",
    ],
)  # fmt: skip
def test_document_that_is_called_a_transcript_is_suspected(name: str) -> None:
    seen = answer(name)
    assert (seen.media, seen.by, seen.seconds) == (MediaClass.TRANSCRIPT, Evidence.SUSPICION, None)
    assert seen.format == name.lower().removesuffix(".gz").rpartition(".")[2]


@pytest.mark.parametrize(
    "name",
    [
        "transcript-of-records.pdf", "academic_transcript.pdf", "University Transcripts/2024.pdf", "report.docx",
        "official transcript.pdf", "transcriptome.csv", "transcriptomics/genes.xlsx", "manuscript.docx",
        "transcript.png", "transcripts/a.exe", "school/transcripts of grades.docx",
    ],
)  # fmt: skip
def test_grades_genes_and_other_documents_are_not(name: str) -> None:
    assert answer(name).media is MediaClass.OTHER


def test_bytes_of_a_document_neither_confirm_nor_refute_that_it_is_a_transcript() -> None:
    for name, head in (
        ("transcript.pdf", DOCUMENT),
        ("transcript.docx", OFFICE),
        ("transcript.csv", b"a,b\nc,d\n" * 9),
    ):
        assert answer(name, head=head).by is Evidence.SUSPICION
    assert answer("transcript.doc", content_type="application/pdf").by is Evidence.SUSPICION


def test_log_that_is_called_a_transcript_is_not_settled_by_its_name() -> None:
    seen = answer("transcripts/a.log")
    assert (seen.media, seen.by) == (MediaClass.UNSETTLED, Evidence.NONE)
    assert answer("transcripts/a.log", head=b"Agent: Please hold the line.\n").media is MediaClass.UNSETTLED
    assert (
        answer("transcription/a.log", head=b"2026-01-01 12:00:00 INFO worker=3 took 12 ms\n").media is MediaClass.OTHER
    )
    assert answer("calls/a.log").media is MediaClass.OTHER


def test_name_without_extension_that_says_transcript_is_suspected_where_the_bytes_are_text() -> None:
    for head in (b"Agent: Please hold the line.\n", b"{}\n\n", DOCUMENT):
        assert answer("transcripts/a", head=head).by is Evidence.SUSPICION
    assert answer("transcripts/a").media is MediaClass.UNSETTLED
    assert answer("transcripts/a", head=NOISE).media is MediaClass.UNSETTLED
    assert answer("academic/transcripts of records/a", head=DOCUMENT).media is MediaClass.OTHER


def test_bytes_of_something_else_refute_it() -> None:
    picture, sound = b"\x89PNG\r\n\x1a\n" + NOISE, b"RIFF\0\0\0\0WAVE" + NOISE
    assert answer("transcript.pdf", head=picture).media is MediaClass.OTHER
    assert answer("transcript.docx", head=sound).media is MediaClass.SPEECH
    assert answer("transcript.docx", size=0).media is MediaClass.OTHER


def test_packed_text_that_is_called_a_transcript_is_one_as_if_it_were_not_packed() -> None:
    packed = gzip.compress(b"what was said\n" * 50)
    for head in (None, packed):
        assert answer("transcripts/a.txt.gz", len(packed), head).media is MediaClass.TRANSCRIPT
    assert answer("notes/a.txt.gz", len(packed), packed).media is MediaClass.UNSETTLED


@pytest.mark.parametrize("kind", ["multipart/mixed; boundary=b", "audio/wav; name=vm.wav"])
def test_mail_with_parts_may_carry_a_voice_message(kind: str) -> None:
    mail = f"From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\nUklGRg==\r\n".encode()
    assert answer("voicemail/vm.eml", len(mail), mail).media is MediaClass.UNSETTLED
    plain = mail.replace(kind.encode(), b"text/plain")
    assert answer("voicemail/vm.eml", len(plain), plain).media is MediaClass.OTHER
