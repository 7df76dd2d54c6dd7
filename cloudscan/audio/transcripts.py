"""Transcripts by their shape: the keys of a recogniser's JSON, in a head and tail that are cut anywhere.

Nothing is parsed, since a head is rarely whole JSON, and no text is kept: the scanner yields keys only. A
shape demands keys that belong together, each where it stands in such a document; brothers may come in any order.
A schema, a template or an API's description that names the same keys has them in other places.

Shapes: the output examples of the Amazon Transcribe and Amazon Connect guides (Transcribe Medical writes the standard
shape, with `entities`: "Identifying PHI in an audio file"), the references of Google Cloud Speech-to-Text v1 and v2,
Azure Speech "Get batch transcription results" and "Fast transcription", openai/whisper and whisper.cpp, the API
references of Deepgram, AssemblyAI, Rev AI and Speechmatics; what Vosk and its transcriber write.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.json_keys import LOCATION, Keys
from cloudscan.audio.media import Claim
from cloudscan.audio.untold import may_be_said, may_be_sound
from cloudscan.model import MediaClass

_TEXT_SAMPLE: Final = 4096
_WRAPPERS: Final = ("response", "result", "data", "output")
"""Keys under which a saved answer of an API may lie, whole: Google's operations have it under ``response``."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Keys that belong together: paths from the root that must all be there, and names of which ``least`` must be.

    A name that ends in ``#`` counts only where its value is a number: a schema of the same document has none.
    """

    format: str
    producer: str | None
    paths: tuple[tuple[str, ...], ...]
    beside: frozenset[str]
    least: int

    def fits(self, keys: Keys) -> bool:
        """Whether a document with these keys in sight has this shape."""
        held = sum(name[:-1] in keys.numbers if name.endswith("#") else name in keys.names for name in self.beside)
        return held >= self.least and any(
            all((*root, *path) in keys.paths for path in self.paths)
            for root in ((), *((wrapper,) for wrapper in _WRAPPERS))
        )


def _shape(name: str, producer: str | None, paths: str, beside: str = "", least: int = 1) -> _Shape:
    return _Shape(
        name,
        producer,
        tuple(tuple(path.split(".")) for path in paths.split()),
        frozenset(beside.split()),
        least if beside else 0,
    )


_AWS, _GOOGLE, _AZURE = "amazon-transcribe", "google-speech-to-text", "azure-speech"
_WHISPER_NUMBERS: Final = "seek# avg_logprob# no_speech_prob# compression_ratio#"
_GOOGLE_WORDS: Final = (
    "languageCode resultEndTime resultEndOffset startTime startOffset channelTag speakerTag speakerLabel"
    " totalBilledTime totalBilledDuration requestId"
)

# The first that fits is taken.
_SHAPES: Final = (
    _shape("transcribe-json", _AWS, "results.transcripts.transcript", "jobName accountId isRedacted alternatives"),
    # Where keys are sorted the items come first and fill the head.
    _shape("transcribe-json", _AWS, "results.items.alternatives.content", "jobName accountId transcripts", 2),
    # A chat has no offsets in milliseconds.
    _shape(
        "contact-lens-json",
        "amazon-connect",
        "Participants",
        "BeginOffsetMillis# Version CustomerMetadata ContentMetadata",
        3,
    ),
    _shape("call-analytics-json", _AWS, "Transcript", "LoudnessScores BeginOffsetMillis# OverallSentiment", 2),
    _shape(
        "healthscribe-json",
        _AWS,
        "Conversation.ConversationId",
        "JobName JobType TranscriptItems TranscriptSegments ClinicalInsights",
        2,
    ),
    _shape("healthscribe-note-json", _AWS, "ClinicalDocumentation.Sections.Summary", "EvidenceLinks SummarizedSegment"),
    _shape(
        "azure-batch-json",
        _AZURE,
        "combinedRecognizedPhrases",
        "recognizedPhrases durationInTicks# nBest display",
    ),
    _shape("azure-batch-v2-json", _AZURE, "AudioFileResults", "SegmentResults CombinedResults AudioFileName"),
    _shape("azure-fast-json", _AZURE, "combinedPhrases", "durationMilliseconds# phrases"),
    _shape(
        "deepgram-json",
        "deepgram",
        "results.channels.alternatives",
        "transaction_key request_id sha256 transcript",
    ),
    _shape("google-batch-json", _GOOGLE, f"results.{LOCATION}.transcript.results"),
    _shape("google-batch-json", _GOOGLE, f"results.{LOCATION}.inlineResult.transcript"),
    _shape("google-json", _GOOGLE, "results.alternatives.transcript", _GOOGLE_WORDS),
    # What Google's has in common with others, where the head ends before the keys that tell them apart.
    _shape("recogniser-json", None, "results.alternatives.transcript"),
    _shape("openai-json", "whisper", "task duration text", "segments words"),
    # The text comes first and may fill the head: what the tail shows of the segments must do.
    _shape("whisper-json", "whisper", "segments", _WHISPER_NUMBERS, 2),
    _shape("whisper-json", "whisper", "text", _WHISPER_NUMBERS, 2),
    _shape("whisper-json", "whisper", "transcription.timestamps", "systeminfo params offsets"),
    _shape("whisperx-json", "whisper", "segments.words.word segments.words.score", "word_segments start#"),
    _shape(
        "assemblyai-json",
        "assemblyai",
        "audio_url text",
        "acoustic_model language_model words utterances audio_duration",
        2,
    ),
    _shape("assemblyai-json", "assemblyai", "audio_url acoustic_model", "words utterances text", 2),
    _shape("rev-json", "rev-ai", "monologues.elements.type", "ts# end_ts# value", 2),
    # What a recogniser of Vosk answers, with its words; with alternatives; and what vosk-transcriber writes.
    _shape("vosk-json", "vosk", "result.word result.conf", "conf# start# end#", 3),
    _shape("vosk-json", "vosk", "alternatives.result.word", "confidence# start# end#", 3),
    _shape("vosk-json", "vosk", "monologues.terms.text monologues.terms.type", "confidence# start# end#", 3),
    # Batch ("json-v2") and real time ("AddTranscript"); a long vocabulary may fill the head.
    _shape(
        "speechmatics-json",
        "speechmatics",
        "results.alternatives.content",
        "format job metadata transcription_config start_time# end_time#",
        4,
    ),
    _shape("speechmatics-json", "speechmatics", "job.data_name metadata.transcription_config", "results alternatives"),
)
_PRODUCERS: Final = MappingProxyType({shape.format: shape.producer for shape in _SHAPES} | {"whisper-tsv": "whisper"})
_FIRST_WORDS: Final = frozenset(path[0] for shape in _SHAPES for path in shape.paths) | set(_WRAPPERS)

_SRT: Final = re.compile(
    rb"\s*+\d{1,6}[ \t]*+\r?\n\d{1,3}:\d\d:\d\d[,.]\d{3}[ \t]*+-->[ \t]*+\d{1,3}:\d\d:\d\d[,.]\d{3}"
)
_TSV: Final = re.compile(rb"start\tend\ttext\r?\n")
"""The head of what openai/whisper writes as a table ("WriteTSV")."""
_VTT: Final = re.compile(rb"WEBVTT(?:[ \t\r\n]|\Z)")
# Text begins with brackets, too: "[00:01] Agent: ..." and "[server]".
_JSON: Final = re.compile(
    rb"\s*+(?:\{\s*+(?:[\"}/]|\Z)|\[\s*+(?:[\"{\[\]/]|(?:true|false|null|-?\d[\d.eE+-]*+)\s*+(?:[,\]]|\Z)|\Z))"
)
_PREVIEWS: Final = re.compile(rb"#xywh=\d")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_FIELD: Final = re.compile(rb"[A-Za-z-]{2,40}:[ \t]")
_PARTS: Final = re.compile(rb"^content-type:[ \t]*+(?:multipart/|audio/)", re.IGNORECASE | re.MULTILINE)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")

# Amazon Transcribe says so in the document, Amazon Connect in ContentMetadata, AssemblyAI by what was asked of it.
_SAYS_REDACTED: Final = re.compile(rb'"(?:isRedacted|redact_pii)"\s*+:\s*+true|"Output"\s*+:\s*+"Redacted"')
_SAYS_RAW: Final = re.compile(rb'"(?:isRedacted|redact_pii)"\s*+:\s*+false|"Output"\s*+:\s*+"Raw"')


def read_transcript(excerpt: Excerpt) -> Claim | None:
    """A transcript whose shape is known, by the bytes that were read."""
    head = excerpt.head.removeprefix(_BYTE_ORDER_MARK)
    if _VTT.match(head):
        # Players show preview pictures by the same format.
        pictures = _PREVIEWS.search(head)
        return Claim(MediaClass.OTHER, "vtt-previews") if pictures else Claim(MediaClass.TRANSCRIPT, "vtt")
    if _SRT.match(head):
        return Claim(MediaClass.TRANSCRIPT, "srt")
    if _TSV.match(head):
        return Claim(MediaClass.TRANSCRIPT, "whisper-tsv")
    if not _looks_like_json(head):
        return None
    keys = Keys.of(Excerpt(head, excerpt.tail, excerpt.size and excerpt.size - (len(excerpt.head) - len(head))))
    found = next((shape for shape in _SHAPES if shape.fits(keys)), None)
    return Claim(MediaClass.TRANSCRIPT, found.format) if found else None


def producer_of(transcript_format: str | None) -> str | None:
    """The recogniser that writes this format; None where several do, or people."""
    return _PRODUCERS.get(transcript_format or "")


def shows_more_at_its_end(excerpt: Excerpt) -> bool:
    """Whether the end may show a transcript that the head does not: JSON of no known shape that begins like one."""
    if excerpt.size is None or excerpt.size <= len(excerpt.head):
        return False
    head = excerpt.head.removeprefix(_BYTE_ORDER_MARK)
    if not _looks_like_json(head) or read_transcript(excerpt) is not None:
        return False
    return any(path[0] in _FIRST_WORDS for path in Keys.of(excerpt).paths)


def read_text(excerpt: Excerpt) -> Claim | None:
    """Text of no known shape. It is not sound; it is no transcript where its words are plainly of another sort."""
    sample = excerpt.head[:_TEXT_SAMPLE]
    # Silence in G.711 is one byte over and over, and that byte may be a letter.
    if len(set(sample)) < 3 or _CONTROL.search(sample):
        return None
    if sample.startswith((b"-----BEGIN PGP MESSAGE", b"age-encryption.org/")):
        return None  # what is inside may be anything
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 3:  # else the sample ends inside a character
            return None
    if _FIELD.match(sample) and _PARTS.search(sample):  # RFC 2045: a voice message may be among them
        return Claim(MediaClass.UNSETTLED, "mail", sure=False)
    json = _looks_like_json(sample.removeprefix(_BYTE_ORDER_MARK))
    if may_be_sound(excerpt):
        return Claim(MediaClass.UNSETTLED, "json" if json else "text", "base64", sure=False)
    media = MediaClass.UNSETTLED if may_be_said(excerpt, sample, json=json) else MediaClass.OTHER
    return Claim(media, "json" if json else "text", sure=False)


def redaction(name: str, excerpt: Excerpt) -> bool | None:
    """Whether a transcript is redacted: by its own word, by marks in its text, by the name it was given.

    Amazon Transcribe prefixes redacted output with `redacted-` and writes `[PII]` ("Redacting PII in your
    batch job"); Amazon Connect has `_analysis_redacted_` in the name. False only where the document itself
    says that it is raw. That marks were not seen proves nothing.
    """
    base = name[-1024:].rpartition("/")[2]
    parts = (excerpt.head, excerpt.tail)
    if base.startswith("redacted-") or "_analysis_redacted_" in base:
        return True
    if any(b"[PII]" in part or _SAYS_REDACTED.search(part) for part in parts):
        return True
    return False if any(_SAYS_RAW.search(part) for part in parts) else None


def _looks_like_json(head: bytes) -> bool:
    return _JSON.match(head) is not None
