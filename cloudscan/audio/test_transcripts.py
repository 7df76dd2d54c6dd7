"""Transcripts by shape. All texts are invented."""

import json
from typing import Any

import pytest

from cloudscan.audio import Recognition, recognise
from cloudscan.model import Evidence, MediaClass

TRANSCRIBE: dict[str, Any] = {
    "jobName": "call-1",
    "accountId": "111122223333",
    "status": "COMPLETED",
    "results": {
        "transcripts": [{"transcript": "Please hold the line."}],
        "items": [{"type": "pronunciation", "alternatives": [{"confidence": "0.9", "content": "Please"}]}],
    },
}
CALL_ANALYTICS = {
    "JobStatus": "COMPLETED",
    "LanguageCode": "en-US",
    "Transcript": [
        {
            "LoudnessScores": [78.6, 78.4],
            "Content": "Please hold the line.",
            "Items": [{"Content": "Please", "Confidence": "1.0", "BeginOffsetMillis": 440}],
            "ParticipantRole": "AGENT",
        }
    ],
    "ConversationCharacteristics": {"TotalConversationDurationMillis": 32110},
}
CONTACT_LENS: dict[str, Any] = {
    "Version": "1.1.0",
    "AccountId": "111122223333",
    "Channel": "VOICE",
    "ContentMetadata": {"Output": "Raw"},
    "JobStatus": "COMPLETED",
    "Participants": [{"ParticipantId": "1", "ParticipantRole": "CUSTOMER"}],
    "ConversationCharacteristics": {
        "Sentiment": {"SentimentByPeriod": {"QUARTER": {"AGENT": [{"BeginOffsetMillis": 0}]}}}
    },
}
GOOGLE_V1 = {
    "results": [
        {
            "alternatives": [{"transcript": "Please hold the line.", "confidence": 0.9}],
            "resultEndTime": "2.1s",
            "languageCode": "en-us",
        }
    ]
}
GOOGLE_V2 = {
    "results": [{"alternatives": [{"transcript": "Please hold."}], "resultEndOffset": "2.1s"}],
    "metadata": {"totalBilledDuration": "3s"},
}
AZURE_BATCH = {
    "source": "https://example.invalid/1.wav",
    "timestamp": "2024-06-16T09:30:21Z",
    "durationInTicks": 41200000,
    "duration": "PT4.12S",
    "combinedRecognizedPhrases": [{"channel": 0, "display": "Please hold."}],
    "recognizedPhrases": [{"recognitionStatus": "Success", "nBest": [{"confidence": 0.9}]}],
}
WHISPER: dict[str, Any] = {
    "text": " Please hold the line.",
    "segments": [{"id": 0, "seek": 0, "start": 0.0, "tokens": [50364], "avg_logprob": -0.3, "no_speech_prob": 0.1}],
    "language": "en",
}
DEEPGRAM = {
    "metadata": {"transaction_key": "deprecated", "request_id": "1", "sha256": "0", "duration": 4.1},
    "results": {"channels": [{"alternatives": [{"transcript": "please hold", "confidence": 0.9}]}]},
}
ASSEMBLYAI = {
    "id": "1",
    "language_model": "assemblyai_default",
    "acoustic_model": "assemblyai_default",
    "status": "completed",
    "audio_url": "https://example.invalid/1.wav",
    "text": "Please hold.",
    "words": [],
}
REV = {
    "monologues": [
        {"speaker": 0, "elements": [{"type": "text", "value": "Please", "ts": 0.1, "end_ts": 0.4}]},
    ]
}
SHAPES: dict[str, list[dict[str, Any]]] = {
    "transcribe-json": [TRANSCRIBE],
    "call-analytics-json": [CALL_ANALYTICS],
    "contact-lens-json": [CONTACT_LENS],
    "google-json": [GOOGLE_V1, GOOGLE_V2],
    "azure-batch-json": [AZURE_BATCH],
    "whisper-json": [WHISPER],
    "deepgram-json": [DEEPGRAM],
    "assemblyai-json": [ASSEMBLYAI],
    "rev-json": [REV],
}
SAMPLES = [(name, sample) for name, samples in SHAPES.items() for sample in samples]
SRT = b"1\r\n00:00:00,000 --> 00:00:02,100\r\nPlease hold the line.\r\n"
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.100\nPlease hold the line.\n"


def answer(head: bytes, name: str = "x", size: int | None = None, tail: bytes | None = None) -> Recognition:
    return recognise(name, content_type=None, size=size or len(head), head=head, tail=tail)


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
@pytest.mark.parametrize("indent", [None, 2])
def test_recogniser_output_is_known_by_its_keys(name: str, sample: dict[str, Any], indent: int | None) -> None:
    recognition = answer(json.dumps(sample, indent=indent).encode())
    assert (recognition.media, recognition.format) == (MediaClass.TRANSCRIPT, name)
    assert recognition.by is Evidence.SIGNATURE


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_order_of_brothers_does_not_matter(name: str, sample: dict[str, Any]) -> None:
    assert answer(json.dumps(sample, sort_keys=True).encode()).format == name


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_output_cut_anywhere_is_never_taken_for_sound(name: str, sample: dict[str, Any]) -> None:
    text = json.dumps(sample).encode()
    seen = {answer(text[:cut], size=len(text)).media for cut in range(1, len(text))}
    assert seen <= {MediaClass.TRANSCRIPT, MediaClass.OTHER, MediaClass.UNSETTLED}


@pytest.mark.parametrize(("data", "name"), [(SRT, "srt"), (VTT, "vtt"), (b"WEBVTT", "vtt")])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_captions_are_known_by_their_first_line(data: bytes, name: str, mark: bytes) -> None:
    assert (answer(mark + data).media, answer(mark + data).format) == (MediaClass.TRANSCRIPT, name)


def test_whisper_whose_text_fills_the_head_is_known_by_its_tail() -> None:
    text = json.dumps(WHISPER | {"text": "please hold " * 2000}).encode()
    assert answer(text[:4096], size=len(text)).media is MediaClass.OTHER
    recognition = answer(text[:4096], size=len(text), tail=text[-200:])
    assert (recognition.media, recognition.format) == (MediaClass.TRANSCRIPT, "whisper-json")


def test_words_that_look_like_keys_inside_a_text_prove_nothing() -> None:
    spoken = 'say "jobName": then "results": then "transcripts": then "transcript": and "items":'
    assert answer(json.dumps({"text": spoken}).encode()).media is MediaClass.OTHER


@pytest.mark.parametrize(
    "document",
    [
        {"results": [{"id": 1, "name": "x"}], "items": [], "status": "ok"},
        {"segments": [{"id": 1, "start": 0}], "language": "en", "text": "x"},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]},
        {"transcript": "x", "jobName": "y"},
        ["transcripts", "results"],
    ],
)
def test_other_json_is_other(document: object) -> None:
    recognition = answer(json.dumps(document).encode())
    assert (recognition.media, recognition.format) == (MediaClass.OTHER, "json")


def test_chat_analysed_by_the_same_service_is_no_transcript_of_speech() -> None:
    chat = {
        "AccountId": "111122223333",
        "Channel": "CHAT",
        "ContentMetadata": {"Output": "Raw"},
        "Participants": [{"ParticipantId": "1", "ParticipantRole": "CUSTOMER"}],
        "Transcript": [{"Content": "Hello", "ParticipantId": "1", "Type": "MESSAGE"}],
        "Version": "CHAT-2022-11-30",
    }
    assert answer(json.dumps(chat).encode()).media is MediaClass.OTHER


def test_json_of_no_known_shape_is_left_to_its_name() -> None:
    head = b'{"text": "Please hold the line.", "lang": "en"}'
    named = answer(head, "transcripts/1.json")
    assert (named.media, named.format, named.by) == (MediaClass.TRANSCRIPT, "json", Evidence.NAME)
    hinted = answer(head, "whisper/1.json")
    assert (hinted.media, hinted.by) == (MediaClass.UNSETTLED, Evidence.NONE)
    plain = answer(head, "data/1.json")
    assert (plain.media, plain.by) == (MediaClass.OTHER, Evidence.SIGNATURE)


def test_plain_text_is_a_transcript_by_its_path_only() -> None:
    head = b"AGENT: Please hold the line.\n"
    assert answer(head, "transcripts/1.txt").media is MediaClass.TRANSCRIPT
    assert answer(head, "notes/1.txt").media is MediaClass.OTHER


@pytest.mark.parametrize(
    ("document", "name", "expected"),
    [
        (TRANSCRIBE, "call-1.json", None),
        (TRANSCRIBE, "out/redacted-call-1.json", True),
        (TRANSCRIBE, "unredacted-call-1.json", None),
        (TRANSCRIBE | {"isRedacted": True}, "call-1.json", True),
        (TRANSCRIBE | {"isRedacted": False}, "call-1.json", False),
        (TRANSCRIBE | {"results": {"transcripts": [{"transcript": "I am [PII]."}]}}, "call-1.json", True),
        (CONTACT_LENS, "1_analysis_2024-01-01.json", False),
        (CONTACT_LENS | {"ContentMetadata": {"Output": "Redacted"}}, "1.json", True),
        (CONTACT_LENS | {"ContentMetadata": {}}, "1_analysis_redacted_2024-01-01.json", True),
        (WHISPER, "1.json", None),
    ],
)
def test_redaction_is_told_only_by_marks(document: dict[str, Any], name: str, expected: bool | None) -> None:
    assert answer(json.dumps(document).encode(), name).redacted is expected


def test_redaction_speaks_of_transcripts_only() -> None:
    assert recognise("redacted-1.wav", content_type=None, size=9, head=None).redacted is None


def test_answer_never_holds_text() -> None:
    secret = "zebrafinch"
    document = TRANSCRIBE | {"results": {"transcripts": [{"transcript": secret}]}, secret: 1}
    assert secret not in repr(answer(json.dumps(document).encode()))
