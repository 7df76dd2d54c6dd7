"""Transcripts by shape. All texts are invented."""

import json
from typing import Any

import pytest

from cloudscan.audio import Recognition, further, recognise
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
TRANSCRIBE_MEDICAL: dict[str, Any] = {
    "jobName": "visit-1",
    "accountId": "111122223333",
    "results": {
        "transcripts": [{"transcript": "The name is Ada."}],
        "items": [
            {
                "start_time": "0.0",
                "end_time": "0.37",
                "alternatives": [{"confidence": "0.9993", "content": "The"}],
                "type": "pronunciation",
            }
        ],
        "entities": [
            {"content": "Ada", "category": "PHI*-Personal*", "startTime": 0.92, "endTime": 1.2, "confidence": 0.99}
        ],
    },
    "status": "COMPLETED",
}
"""The keys of the example in "Identifying PHI in an audio file", Amazon Transcribe Developer Guide."""
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
HEALTHSCRIBE = {
    "Conversation": {
        "ConversationId": "0b6a5f0e",
        "JobName": "visit-7",
        "JobType": "ASYNC",
        "LanguageCode": "en-US",
        "ClinicalInsights": [],
        "TranscriptSegments": [{"Content": "Please hold.", "BeginAudioTime": 0.4}],
    }
}
HEALTHSCRIBE_NOTE = {
    "ClinicalDocumentation": {
        "Sections": [
            {
                "SectionName": "ASSESSMENT",
                "Summary": [{"EvidenceLinks": [{"SegmentId": "1"}], "SummarizedSegment": "Please hold."}],
            }
        ]
    }
}
GOOGLE_MAP: dict[str, Any] = {
    "results": {
        "gs://calls/a.wav": {
            "transcript": {"results": [{"alternatives": [{"transcript": "Please hold."}]}]},
            "metadata": {"totalBilledDuration": "3s"},
        }
    },
    "totalBilledDuration": "3s",
}
GOOGLE_INLINE: dict[str, Any] = {"results": {"gs://calls/a.wav": {"inlineResult": {"transcript": {"results": []}}}}}
AZURE_V2: dict[str, Any] = {
    "AudioFileResults": [
        {
            "AudioFileName": "a.wav",
            "AudioFileUrl": "https://example.invalid/a.wav?sv=1&sig=abc",
            "AudioLengthInSeconds": 4.5,
            "CombinedResults": [{"Display": "Please hold."}],
        }
    ]
}
AZURE_FAST = {"durationMilliseconds": 4120, "combinedPhrases": [{"text": "Please hold."}], "phrases": []}
OPENAI: dict[str, Any] = {
    "task": "transcribe",
    "language": "english",
    "duration": 8.47,
    "text": "Please hold.",
    "words": [{"word": "Please", "start": 0.0, "end": 0.3}],
}
WORDS: dict[str, Any] = {
    "text": " Please hold.",
    "segments": [
        {
            "id": 0,
            "seek": 0,
            "start": 0.0,
            "temperature": 0.0,
            "avg_logprob": -0.3,
            "compression_ratio": 1.1,
            "no_speech_prob": 0.1,
            "words": [{"text": "Please", "start": 0.1, "end": 0.4, "confidence": 0.9}],
        }
    ],
    "language": "en",
}
WHISPERX = {
    "segments": [
        {"start": 0.0, "text": "Please hold.", "words": [{"word": "Please", "start": 0.0, "end": 0.2, "score": 0.8}]}
    ],
    "word_segments": [{"word": "Please", "start": 0.0, "end": 0.2, "score": 0.8}],
    "language": "en",
}
WHISPER_CPP = {
    "systeminfo": "AVX = 1",
    "params": {"model": "base"},
    "transcription": [{"timestamps": {"from": "00:00:00,000"}, "text": " Please hold."}],
}
VOSK: dict[str, Any] = {
    "result": [{"conf": 0.98, "end": 1.02, "start": 0.51, "word": "please"}],
    "text": "Please hold the line.",
}
VOSK_ALTERNATIVES: dict[str, Any] = {
    "alternatives": [
        {
            "confidence": 212.5,
            "result": [{"end": 1.02, "start": 0.51, "word": "please"}],
            "text": "Please hold the line.",
        }
    ]
}
VOSK_TRANSCRIBER: dict[str, Any] = {
    "schemaVersion": "2.0",
    "monologues": [
        {
            "speaker": {"id": "unknown", "name": None},
            "start": 0.51,
            "end": 1.02,
            "terms": [{"confidence": 0.98, "start": 0.51, "end": 1.02, "text": "please", "type": "WORD"}],
        }
    ],
    "text": ["Please hold the line."],
}
SPEECHMATICS: dict[str, Any] = {
    "format": "2.9",
    "job": {"created_at": "2026-06-12T00:00:00Z", "data_name": "call.wav", "duration": 275, "id": "ckbonlvdsc"},
    "metadata": {
        "created_at": "2026-06-12T00:05:00Z",
        "type": "transcription",
        "transcription_config": {"language": "en", "diarization": "speaker"},
    },
    "results": [
        {
            "alternatives": [{"confidence": 0.99, "content": "Please", "language": "en", "speaker": "S1"}],
            "end_time": 1.02,
            "start_time": 0.51,
            "type": "word",
        }
    ],
}
"""The keys of "Output", Speechmatics documentation, Batch."""
SPEECHMATICS_LIVE: dict[str, Any] = {
    "message": "AddTranscript",
    "format": "2.9",
    "metadata": {"start_time": 0.51, "end_time": 1.02, "transcript": "Please hold the line."},
    "results": SPEECHMATICS["results"],
}
SHAPES: dict[str, list[dict[str, Any]]] = {
    "transcribe-json": [TRANSCRIBE, TRANSCRIBE_MEDICAL],
    "call-analytics-json": [CALL_ANALYTICS],
    "contact-lens-json": [CONTACT_LENS],
    "healthscribe-json": [HEALTHSCRIBE],
    "healthscribe-note-json": [HEALTHSCRIBE_NOTE],
    "google-json": [GOOGLE_V1, GOOGLE_V2, {"name": "1", "done": True, "response": GOOGLE_V2}],
    "google-batch-json": [GOOGLE_MAP, GOOGLE_INLINE],
    "azure-batch-json": [AZURE_BATCH],
    "azure-batch-v2-json": [AZURE_V2],
    "azure-fast-json": [AZURE_FAST],
    "whisper-json": [WHISPER, WORDS, WHISPER_CPP],
    "whisperx-json": [WHISPERX],
    "openai-json": [OPENAI],
    "deepgram-json": [DEEPGRAM],
    "assemblyai-json": [ASSEMBLYAI],
    "rev-json": [REV],
    "vosk-json": [VOSK, VOSK_ALTERNATIVES, VOSK_TRANSCRIBER],
    "speechmatics-json": [SPEECHMATICS, SPEECHMATICS_LIVE],
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


TSV = b"start\tend\ttext\n0\t2000\tPlease hold the line.\n"


@pytest.mark.parametrize(("data", "name"), [(SRT, "srt"), (VTT, "vtt"), (b"WEBVTT", "vtt"), (TSV, "whisper-tsv")])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_captions_are_known_by_their_first_line(data: bytes, name: str, mark: bytes) -> None:
    assert (answer(mark + data).media, answer(mark + data).format) == (MediaClass.TRANSCRIPT, name)


def test_whisper_whose_text_fills_the_head_is_known_by_its_tail() -> None:
    text = json.dumps(WHISPER | {"text": "please hold " * 2000}).encode()
    assert answer(text[:4096], size=len(text)).media is MediaClass.UNSETTLED
    recognition = answer(text[:4096], size=len(text), tail=text[-200:])
    assert (recognition.media, recognition.format) == (MediaClass.TRANSCRIPT, "whisper-json")


def test_speechmatics_whose_vocabulary_fills_the_head_is_known_by_both_ends() -> None:
    config = {"language": "en", "additional_vocab": [{"content": f"word {number}"} for number in range(400)]}
    long = SPEECHMATICS | {"metadata": SPEECHMATICS["metadata"] | {"transcription_config": config}}
    text = json.dumps(long).encode()
    seen = answer(text[:4096], size=len(text), tail=text[-4096:])
    assert (seen.format, json.loads(seen.told or "{}")) == ("speechmatics-json", {"seconds": 275})


@pytest.mark.parametrize(
    "document",
    [
        {"job": {"config": {"transcription_config": {"language": "en"}}, "data_name": "a.wav", "status": "done"}},
        {"result": [{"word": "total", "conf": 96.1, "left": 3, "top": 4}], "text": "total"},
    ],
    ids=["the state of a job", "words of a picture"],
)
def test_what_has_some_of_the_same_keys_is_no_transcript_by_its_shape(document: dict[str, Any]) -> None:
    assert answer(json.dumps(document).encode()).format == "json"


def test_words_that_look_like_keys_inside_a_text_prove_nothing() -> None:
    spoken = 'say "jobName": then "results": then "transcripts": then "transcript": and "items":'
    assert answer(json.dumps({"text": spoken}).encode()).media is MediaClass.UNSETTLED


def grown(sample: object) -> object:
    """The document of a call that took long: texts and lists as long as such a call makes them."""
    if isinstance(sample, dict):
        return {key: grown(value) for key, value in sample.items()}
    if isinstance(sample, list):
        return [grown(value) for value in sample for _ in range(12 if isinstance(value, dict) else 1)]
    return sample * 60 if isinstance(sample, str) and "Please" in sample else sample


FORMS: list[dict[str, Any]] = [
    {},
    {"separators": (",", ":")},
    {"indent": 2},
    {"sort_keys": True},
    {"sort_keys": True, "indent": 4},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_both_ends_of_a_long_document_tell_what_it_is(name: str, sample: dict[str, Any], form: dict[str, Any]) -> None:
    text = json.dumps(grown(sample), **form).encode()
    assert answer(text[:4096], size=len(text), tail=text[-4096:]).format == name
    alone = answer(text[:4096], size=len(text))
    assert alone.media is MediaClass.TRANSCRIPT or further(size=len(text), head=text[:4096], most=4096)


def schema_of(sample: object) -> dict[str, Any]:
    """The JSON schema of a document, which names all of its keys."""
    if isinstance(sample, dict):
        return {"type": "object", "properties": {key: schema_of(value) for key, value in sample.items()}}
    if isinstance(sample, list):
        return {"type": "array", "items": schema_of(sample[0]) if sample else {}}
    return {"type": "string", "description": "text"}


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_description_of_an_api_is_no_transcript(name: str, sample: dict[str, Any]) -> None:
    schema = schema_of(sample)
    spec = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": {name: schema}}}
    for document in (schema, spec):
        assert answer(json.dumps(document).encode()).media is MediaClass.OTHER


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_producer_is_told_by_the_shape(name: str, sample: dict[str, Any]) -> None:
    seen = answer(json.dumps(sample).encode()).producer
    assert seen is not None
    assert seen.partition("-")[0] in {
        "amazon",
        "google",
        "azure",
        "whisper",
        "deepgram",
        "assemblyai",
        "rev",
        "vosk",
        "speechmatics",
    }


def test_what_several_write_has_no_producer() -> None:
    seen = answer(b'{"results": [{"alternatives": [{"transcript": "x"}]}]}')
    assert (seen.media, seen.format, seen.producer) == (MediaClass.TRANSCRIPT, "recogniser-json", None)
    assert answer(SRT).producer is None


def test_tail_of_sorted_keys_settles_what_the_head_begins() -> None:
    item = {"type": "pronunciation", "alternatives": [{"confidence": "0.9", "content": "x"}]}
    results = TRANSCRIBE["results"] | {"items": [item] * 200}
    text = json.dumps(TRANSCRIBE | {"results": results}, sort_keys=True).encode()
    recognition = answer(text[:4096], size=len(text), tail=text[-4096:])
    assert (recognition.format, recognition.producer) == ("transcribe-json", "amazon-transcribe")


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        (WHISPER | {"text": "please hold " * 900}, True),
        ({"results": [{"id": number} for number in range(900)]}, True),
        ({"type": "FeatureCollection", "features": [{"id": number} for number in range(900)]}, False),
        (TRANSCRIBE | {"more": "x" * 9000}, False),
    ],
)
def test_tail_is_wanted_only_where_it_may_settle(document: dict[str, Any], *, wanted: bool) -> None:
    text = json.dumps(document).encode()
    expected = (len(text) - 100, 100) if wanted else None
    assert further(size=len(text), head=text[:4096], most=100) == expected
    assert further(size=len(text), head=text, most=100) is None


@pytest.mark.parametrize(
    "document",
    [
        {"results": [{"id": 1, "name": "x"}], "items": [], "status": "ok"},
        {"segments": [{"id": 1, "start": 0}], "language": "en", "text": "x"},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]},
        {"transcript": "x", "jobName": "y"},
        ["transcripts", "results"],
        {"type": "FeatureCollection", "features": [{"geometry": {"type": "Point"}, "properties": {"text": "x"}}]},
        {"text": "x", "language": "en", "entities": [{"start": 0, "end": 4, "confidence": 0.9, "word": "x"}]},
        {"compression_ratio_threshold": 2.4, "no_speech_threshold": 0.6, "language": "en", "task": "transcribe"},
        {"audio_url": "https://example.invalid/a.wav", "speech_model": "best", "language_code": "en"},
        {"results": {"transcripts": {"type": "array"}, "items": []}, "jobName": "x"},
        {"results": {"transcripts": [{"transcript": "ENST0001", "gene": "A1"}], "items": []}, "status": "ok"},
        {"results": {"gs://calls/a.wav": {"cloudStorageResult": {"uri": "gs://calls/a.json"}}}},
    ],
)
def test_other_json_is_other(document: object) -> None:
    recognition = answer(json.dumps(document).encode())
    assert (recognition.media, recognition.format) == (MediaClass.OTHER, "json")


@pytest.mark.parametrize(
    "text",
    [
        b"12\n12:30:11,123 INFO --> started\n",
        b"1\n2024-01-01 00:00:01,123 --> 2024-01-01 00:00:02,123\n",
        b"00:00:01.000 --> 00:00:02.000 slow query\n",
        b"WEBVTTX 1\n",
        b"WEBVTT\n\n00:00.000 --> 00:10.000\npreviews.jpg#xywh=0,0,160,90\n",
    ],
)
def test_logs_and_previews_are_no_captions(text: bytes) -> None:
    assert answer(text).media is (MediaClass.UNSETTLED if text.endswith(b"slow query\n") else MediaClass.OTHER)


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
    assert (plain.media, plain.format, plain.by) == (MediaClass.UNSETTLED, "json", Evidence.NONE)


def test_plain_text_is_a_transcript_by_its_path_and_else_unsettled() -> None:
    head = b"AGENT: Please hold the line.\n"
    assert answer(head, "transcripts/1.txt").media is MediaClass.TRANSCRIPT
    assert answer(head, "notes/1.txt").media is MediaClass.UNSETTLED
    assert answer(head, "notes/1.py").media is MediaClass.OTHER


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
        (ASSEMBLYAI | {"redact_pii": True}, "1.json", True),
        (ASSEMBLYAI | {"redact_pii": False}, "1.json", False),
    ],
)
def test_redaction_is_told_only_by_marks(document: dict[str, Any], name: str, expected: bool | None) -> None:
    assert answer(json.dumps(document).encode(), name).redacted is expected


def test_redaction_speaks_of_transcripts_only() -> None:
    assert recognise("redacted-1.wav", content_type=None, size=9, head=None).redacted is None


def spoken(sample: object, word: str) -> object:
    """The document with every value that is text replaced by text that was said; names and addresses stay."""
    if isinstance(sample, dict):
        kept = {"jobName", "JobName", "source", "AudioFileUrl", "audio_url"}
        return {key: value if key in kept else spoken(value, word) for key, value in sample.items()}
    if isinstance(sample, list):
        return [spoken(value, word) for value in sample]
    return f'{word} "jobName": "{word}", "source": "https://{word}.invalid/"' if isinstance(sample, str) else sample


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
@pytest.mark.parametrize("cut", [40, 150, 400, 100_000])
def test_answer_never_holds_what_was_said(name: str, sample: dict[str, Any], cut: int) -> None:
    word = "zebrafinch"
    text = json.dumps(spoken(sample, word) | {word: 1}).encode()  # type: ignore[operator]
    recognition = answer(text[:cut], size=len(text), tail=text[-cut:])
    assert word not in repr(recognition)
    assert word in text.decode(), name
