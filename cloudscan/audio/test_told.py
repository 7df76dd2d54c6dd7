"""What transcripts tell of their recordings. All names are invented."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.test_transcripts import (
    AZURE_BATCH,
    AZURE_V2,
    CALL_ANALYTICS,
    DEEPGRAM,
    GOOGLE_MAP,
    OPENAI,
    TRANSCRIBE,
    TRANSCRIBE_MEDICAL,
    WHISPER,
    answer,
)
from cloudscan.audio.told import tell


def told(document: dict[str, Any], **form: Any) -> dict[str, Any] | None:
    text = answer(json.dumps(document, **form).encode()).told
    return None if text is None else dict(json.loads(text))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (TRANSCRIBE, {"job": "call-1"}),
        (TRANSCRIBE_MEDICAL, {"job": "visit-1"}),
        (CALL_ANALYTICS | {"JobName": "calls_7"}, {"job": "calls_7", "seconds": 32.11}),
        (AZURE_BATCH, {"sources": ["https://example.invalid/1.wav"], "seconds": 4.12}),
        (AZURE_V2, {"sources": ["https://example.invalid/a.wav"], "seconds": 4.5}),
        (DEEPGRAM, {"seconds": 4.1}),
        (OPENAI, {"seconds": 8.47}),
        (GOOGLE_MAP, {"sources": ["gs://calls/a.wav"]}),
        (WHISPER, None),
    ],
)
@pytest.mark.parametrize("form", [{}, {"indent": 2}, {"separators": (",", ":")}, {"sort_keys": True}])
def test_job_source_and_length_are_told(
    document: dict[str, Any], expected: dict[str, Any] | None, form: dict[str, Any]
) -> None:
    assert told(document, **form) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://example.invalid/a.wav?sv=2024&sig=s3cret", "https://example.invalid/a.wav"),
        ("https://user:s3cret@example.invalid/a.wav#t=1", "https://example.invalid/a.wav"),
        ("s3://calls/in/a%20b.wav", "s3://calls/in/a%20b.wav"),
        ("https://example.invalid", "https://example.invalid"),
    ],
)
def test_address_loses_what_may_be_secret(source: str, expected: str) -> None:
    text = told(AZURE_BATCH | {"source": source})
    assert text == {"sources": [expected], "seconds": 4.12}
    assert "s3cret" not in repr(text)


def test_slashes_behind_backslashes_are_slashes() -> None:
    text = json.dumps(AZURE_BATCH).replace("/", "\\/").encode()
    assert "https://example.invalid/1.wav" in str(answer(text).told)


@pytest.mark.parametrize(
    "change",
    [
        {"source": "please hold the line"},
        {"source": "https://example.invalid/" + "x" * 2000},
        {"source": "ftp://example.invalid/a.wav"},
        {"source": None},
    ],
)
def test_what_is_no_address_is_not_told(change: dict[str, Any]) -> None:
    assert told(AZURE_BATCH | change) == {"seconds": 4.12}


def test_length_that_nothing_plays_is_not_told() -> None:
    assert told(DEEPGRAM | {"metadata": {"request_id": "1", "duration": 10**12}}) is None


def test_recordings_of_one_batch_are_told_up_to_a_bound() -> None:
    names = [f"gs://calls/{number}.wav" for number in range(20)]
    one = next(iter(GOOGLE_MAP["results"].values()))
    assert told({"results": dict.fromkeys(names, one)}) == {"sources": names[:8]}


@given(st.binary(max_size=400), st.binary(max_size=400), st.integers(0, 2000))
def test_telling_is_total_and_bounded(head: bytes, tail: bytes, more: int) -> None:
    excerpt = Excerpt.of(head, tail, len(head) + more)
    for name in ("transcribe-json", "azure-batch-json", "google-batch-json", "deepgram-json", None):
        text = tell(name, excerpt)
        assert text is None or len(text) < 10_000
