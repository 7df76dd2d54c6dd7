"""What the metadata of a transcript tells of its recording: the job, where the recording lay, how long it played.

Only values of known keys are taken, and only in the form that an identifier, an address or a number has; nothing that
was said can come along. Addresses lose their query, which may hold a signature, and their user.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cloudscan.audio.excerpt import Excerpt

_MOST_SOURCES: Final = 8
"""Recordings of one transcript that are told: a batch has one result for many."""
_LONGEST: Final = 366 * 86_400

# A job's name as Amazon Transcribe allows it ("StartTranscriptionJob", API reference).
_JOB: Final = rb'"\s*+:\s*+"([0-9A-Za-z._-]{1,200})"'
_ADDRESS: Final = rb'((?:https?|s3|gs):\\?/\\?/[^"\s<>{}|^`]{1,1024})"'
_NUMBER: Final = rb'"\s*+:\s*+"?(\d{1,15}(?:\.\d{1,9})?)[",\s}]'


@dataclass(frozen=True, slots=True)
class _Telling:
    """The keys of one producer. ``per_second`` turns the length's unit into seconds."""

    job: re.Pattern[bytes] | None = None
    source: re.Pattern[bytes] | None = None
    length: re.Pattern[bytes] | None = None
    per_second: float = 1.0


def _telling(job: str = "", source: str = "", length: str = "", per_second: float = 1.0) -> _Telling:
    def pattern(key: str, value: bytes) -> re.Pattern[bytes] | None:
        return re.compile(b'"' + key.encode() + value) if key else None

    return _Telling(
        pattern(job, _JOB), pattern(source, rb'"\s*+:\s*+"' + _ADDRESS), pattern(length, _NUMBER), per_second
    )


_TELLINGS: Final = MappingProxyType(
    {
        "transcribe-json": _telling(job="jobName"),
        "call-analytics-json": _telling(job="JobName", length="TotalConversationDurationMillis", per_second=1000),
        "contact-lens-json": _telling(length="TotalConversationDurationMillis", per_second=1000),
        "healthscribe-json": _telling(job="JobName"),
        "azure-batch-json": _telling(source="source", length="durationInTicks", per_second=10_000_000),
        "azure-batch-v2-json": _telling(source="AudioFileUrl", length="AudioLengthInSeconds"),
        "azure-fast-json": _telling(length="durationMilliseconds", per_second=1000),
        "deepgram-json": _telling(length="duration"),
        "assemblyai-json": _telling(source="audio_url", length="audio_duration"),
        "openai-json": _telling(length="duration"),
        "speechmatics-json": _telling(length="duration"),
        "google-batch-json": _Telling(source=re.compile(b'"' + _ADDRESS + rb"\s*+:\s*+\{")),
    }
)
"""By format. Google writes no name of a recording into a result of its own, and bills rounded lengths."""


def tell(transcript_format: str | None, excerpt: Excerpt) -> str | None:
    """Return JSON text of ``job``, ``sources`` and ``seconds``, as far as they are in sight; None when none is."""
    telling = _TELLINGS.get(transcript_format or "")
    if telling is None:
        return None
    parts = (excerpt.head,) if excerpt.size == len(excerpt.head) else (excerpt.head, excerpt.tail)
    told: dict[str, object] = {}
    if job := next(_found(telling.job, parts), None):
        told["job"] = job.decode("ascii")
    if sources := list(dict.fromkeys(_addresses(_found(telling.source, parts)))):
        told["sources"] = sources[:_MOST_SOURCES]
    if length := next(_found(telling.length, parts), None):
        seconds = float(length) / telling.per_second
        if math.isfinite(seconds) and seconds <= _LONGEST:
            told["seconds"] = round(seconds, 3)
    return json.dumps(told, sort_keys=True) if told else None


def _found(pattern: re.Pattern[bytes] | None, parts: Iterable[bytes]) -> Iterator[bytes]:
    if pattern is not None:
        for part in parts:
            yield from (match[1] for match in pattern.finditer(part))


def _addresses(found: Iterable[bytes]) -> Iterator[str]:
    for raw in found:
        address = re.split(r"[?#]", raw.decode("utf-8", "replace").replace("\\/", "/"))[0]
        scheme, _, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        host = host.rpartition("@")[2]
        if host and "\\" not in address:
            yield f"{scheme}://{host}{slash}{path}"
