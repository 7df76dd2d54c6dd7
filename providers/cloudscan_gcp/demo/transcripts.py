"""Transcripts in the shape of Speech-to-Text v2 ("Method: projects.locations.recognizers.batchRecognize")."""

from __future__ import annotations

import json


def transcript(text: str) -> bytes:
    """Return a result file of an invented sentence."""
    words = [{"word": word, "startOffset": f"{place * 0.4:.1f}s"} for place, word in enumerate(text.split())]
    heard = {"alternatives": [{"transcript": text, "confidence": 0.94, "words": words}], "languageCode": "en-us"}
    return json.dumps({"results": [heard], "metadata": {"totalBilledDuration": "3s"}}).encode()
