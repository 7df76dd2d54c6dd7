"""The emulator of objects behind the endpoint: an unmodified client, and what the endpoint adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import Forbidden
from google.cloud.storage import Client

from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked

HOSTILE = "calls/é <x>&amp;\u202e 'q'.wav"
KEY = "projects/acme/locations/eu/keyRings/voice/cryptoKeys/speech"


@pytest.fixture
def client(emulated: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    made = Client(project="acme", client_options=ClientOptions(api_endpoint=emulated.url))
    bucket = made.create_bucket("acme-calls")
    for name in (HOSTILE, "b.wav", "c.wav"):
        bucket.blob(name).upload_from_string(b"RIFFdata", content_type="audio/wav")
    yield made
    made.close()


def test_objects_are_the_emulators(client: Any) -> None:
    blobs = {blob.name: blob for blob in client.list_blobs("acme-calls")}
    assert sorted(blobs) == sorted([HOSTILE, "b.wav", "c.wav"])
    assert (blobs[HOSTILE].size, blobs[HOSTILE].content_type) == (8, "audio/wav")
    assert blobs[HOSTILE].download_as_bytes(start=4, end=7) == b"data"


def test_faults_strike_before_the_emulator(client: Any, emulated: Endpoint) -> None:
    emulated.faults.add("denied", "storage.objects.get", containing="b.wav")
    bucket = client.bucket("acme-calls")
    assert bucket.blob("c.wav").download_as_bytes() == b"RIFFdata"
    with pytest.raises(Forbidden):
        bucket.blob("b.wav").download_as_bytes()


def test_a_patch_adds_what_the_emulator_loses_and_is_held_to_the_schema(client: Any, emulated: Endpoint) -> None:
    def keyed(asked: Asked, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**payload, "items": [row | {"kmsKeyName": KEY} for row in payload["items"]]}

    emulated.patch("storage.objects.list", keyed)
    pages = [list(each) for each in client.list_blobs("acme-calls", page_size=2).pages]
    assert [len(each) for each in pages] == [2, 1]
    assert {blob.kms_key_name for each in pages for blob in each} == {KEY}
    emulated.patch("storage.objects.list", lambda _, payload: {**payload, "items": [{"key": KEY, "name": "a"}]})
    with pytest.raises(Exception, match="the stand-in broke"):
        list(client.list_blobs("acme-calls", retry=None))
    assert "'key' was unexpected" in emulated.crashes.pop()
