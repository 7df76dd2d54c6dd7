"""Transcripts by their shape: the keys of a recogniser's JSON, in a head and tail that are cut anywhere.

Nothing is parsed, since a head is rarely whole JSON, and no text is kept: the scanner yields keys only. A
shape demands keys that belong together, a parent before its child; brothers may come in any order.

Shapes: the output examples of the Amazon Transcribe and Amazon Connect guides, the references of Google Cloud
Speech-to-Text v1 and v2, Azure Speech "Get batch transcription results" and "Fast transcription",
openai/whisper and whisper.cpp, the API references of Deepgram, AssemblyAI and Rev AI.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass

_MAX_KEYS: Final = 4096
_TEXT_SAMPLE: Final = 4096


@dataclass(frozen=True, slots=True)
class _Shape:
    """Keys that must follow each other, and keys of which `least` must be about, anywhere."""

    format: str
    path: tuple[str, ...]
    beside: frozenset[str]
    least: int = 1


def _shape(name: str, path: str, beside: str, least: int = 1) -> _Shape:
    return _Shape(name, tuple(path.split()), frozenset(beside.split()), least)


# The first that fits is taken.
_SHAPES: Final = (
    _shape("transcribe-json", "results transcripts transcript", "jobName accountId isRedacted items"),
    # A chat has no offsets in milliseconds.
    _shape("contact-lens-json", "BeginOffsetMillis", "Version CustomerMetadata ContentMetadata Participants", 3),
    _shape("call-analytics-json", "Transcript", "LoudnessScores BeginOffsetMillis OverallSentiment", 2),
    _shape("azure-batch-json", "combinedRecognizedPhrases", "recognizedPhrases durationInTicks nBest display"),
    _shape("azure-batch-json", "AudioFileResults", "SegmentResults CombinedResults AudioFileName"),
    _shape("azure-fast-json", "combinedPhrases", "durationMilliseconds phrases"),
    _shape("deepgram-json", "results channels alternatives", "transaction_key request_id sha256 transcript"),
    _shape(
        "google-json",
        "results alternatives transcript",
        "languageCode resultEndTime resultEndOffset startTime startOffset channelTag speakerTag speakerLabel "
        "totalBilledTime totalBilledDuration requestId",
    ),
    # What Google's has in common with others, where the head ends before the keys that tell them apart.
    _shape("recogniser-json", "results alternatives transcript", "", 0),
    # The text comes first and may fill the head: what the tail shows of the segments must do.
    _shape("whisper-json", "", "seek avg_logprob no_speech_prob compression_ratio", 2),
    _shape("whisper-json", "transcription timestamps", "systeminfo params offsets"),
    _shape("assemblyai-json", "audio_url", "acoustic_model language_model speech_model words utterances", 2),
    _shape("assemblyai-json", "acoustic_model", "language_model audio_duration words utterances", 2),
    _shape("rev-json", "monologues elements", "ts end_ts value"),
)

# A string of JSON with what follows it if that makes it a key. It always takes the whole string, also one
# that the end of the head cuts off, so that a scan is one pass and text is never mistaken for keys.
_STRING: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"(\s*+:)?|\\?\Z)', re.DOTALL)
# In a tail nobody knows whether the first quote opens or closes; a word and a colon is good enough.
_KEY_IN_TAIL: Final = re.compile(rb'"(\w{2,40})"\s*+:')
_KEY: Final = re.compile(rb"\w{2,40}")

_SRT: Final = re.compile(
    rb"\s*+\d{1,6}[ \t]*+\r?\n\d{1,3}:\d\d:\d\d[,.]\d{3}[ \t]*+-->[ \t]*+\d{1,3}:\d\d:\d\d[,.]\d{3}"
)
_VTT: Final = re.compile(rb"WEBVTT(?:[ \t\r\n]|\Z)")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")

# Amazon Transcribe says so in the document; Amazon Connect in ContentMetadata.
_SAYS_REDACTED: Final = re.compile(rb'"isRedacted"\s*+:\s*+true|"Output"\s*+:\s*+"Redacted"')
_SAYS_RAW: Final = re.compile(rb'"isRedacted"\s*+:\s*+false|"Output"\s*+:\s*+"Raw"')


def read_transcript(excerpt: Excerpt) -> Claim | None:
    """A transcript whose shape is known, by the bytes that were read."""
    head = excerpt.head.removeprefix(_BYTE_ORDER_MARK)
    if _VTT.match(head):
        return Claim(MediaClass.TRANSCRIPT, "vtt")
    if _SRT.match(head):
        return Claim(MediaClass.TRANSCRIPT, "srt")
    if not _looks_like_json(head):
        return None
    keys = tuple(_keys(excerpt))
    present = frozenset(keys)
    for shape in _SHAPES:
        if len(shape.beside & present) >= shape.least and _in_order(shape.path, keys):
            return Claim(MediaClass.TRANSCRIPT, shape.format)
    return None


def read_text(excerpt: Excerpt) -> Claim | None:
    """Text of no known shape. It is not sound, but whether it is a transcript is left to the name."""
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
    json = _looks_like_json(sample.removeprefix(_BYTE_ORDER_MARK))
    return Claim(MediaClass.OTHER, "json" if json else "text", sure=False)


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
    return head.lstrip()[:1] in (b"{", b"[")


def _keys(excerpt: Excerpt) -> Iterator[str]:
    in_head = (match[1] for match in _STRING.finditer(excerpt.head) if match[2] and _KEY.fullmatch(match[1]))
    apart = b"" if excerpt.size == len(excerpt.head) else excerpt.tail
    in_tail = (match[1] for match in _KEY_IN_TAIL.finditer(apart))
    for key in chain(islice(in_head, _MAX_KEYS), islice(in_tail, _MAX_KEYS)):
        yield key.decode("ascii")


def _in_order(path: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    rest = iter(keys)
    return all(key in rest for key in path)
