from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan_gcp.locations import location


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("gs://calls/2026/a b.wav", "gs://calls/2026/a b.wav"),
        ("gs://calls/what?.wav", "gs://calls/what?.wav"),
        ("gs://calls/a.wav?X-Goog-Signature=abc", "gs://calls/a.wav"),
        ("https://storage.googleapis.com/calls/a%20b.wav?X-Goog-Signature=abc", "gs://calls/a b.wav"),
        ("https://storage.cloud.google.com/calls/a.wav#t", "gs://calls/a.wav"),
        ("https://calls.storage.googleapis.com/x/a.wav", "gs://calls/x/a.wav"),
        ("https://www.googleapis.com/download/storage/v1/b/calls/o/x%2Fa.wav?alt=media", "gs://calls/x/a.wav"),
        ("https://storage.googleapis.com/storage/v1/b/calls", "gs://calls"),
        ("https://user:secret@example.com:8443/a.wav?token=abc", "https://example.com/a.wav"),
        ("file.wav?sig=abc", "file.wav"),
    ],
)
def test_a_place_is_named_as_records_do(told: str, place: str) -> None:
    assert location(told) == place


@given(st.text(max_size=40), st.sampled_from(["gs://b/", "https://storage.googleapis.com/b/", "https://e.com/", ""]))
def test_no_signature_is_kept_and_nothing_raises(name: str, before: str) -> None:
    assert "Signature=s3cret" not in location(f"{before}{name}?X-Goog-Signature=s3cret")
