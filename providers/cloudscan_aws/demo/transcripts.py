"""Transcripts in the shape of Amazon Transcribe."""

from __future__ import annotations

import json


def transcript(job: str, text: str, **more: object) -> bytes:
    """Return a transcript as Amazon Transcribe writes it, of an invented sentence."""
    items = [
        {"type": "pronunciation", "alternatives": [{"confidence": "0.99", "content": word}]} for word in text.split()
    ]
    results = {"transcripts": [{"transcript": text}], "items": items}
    head = {"jobName": job, "accountId": "123456789012", **more}
    return json.dumps(head | {"status": "COMPLETED", "results": results}).encode()
