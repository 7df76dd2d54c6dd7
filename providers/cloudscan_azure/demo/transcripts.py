"""Transcripts in the shape of batch transcription ("Get batch transcription results")."""

from __future__ import annotations

import json


def transcript(source: str, text: str) -> bytes:
    """Return a result file of an invented sentence."""
    ticks = 4_000_000 * len(text.split())
    heard = {"channel": 0, "lexical": text.lower(), "itn": text, "maskedITN": text, "display": f"{text}."}
    phrase = {
        "recognitionStatus": "Success",
        "channel": 0,
        "offsetInTicks": 0,
        "durationInTicks": ticks,
        "nBest": [{"confidence": 0.94, "lexical": text.lower(), "itn": text, "maskedITN": text, "display": f"{text}."}],
    }
    whole = {
        "source": source,
        "timestamp": "2026-11-01T10:00:00Z",
        "durationInTicks": ticks,
        "combinedRecognizedPhrases": [heard],
        "recognizedPhrases": [phrase],
    }
    return json.dumps(whole).encode()
