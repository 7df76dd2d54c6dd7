"""First bytes of objects: Google's client against an emulator that nobody here wrote, and against faults."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cloudscan.demo import clip
from cloudscan.model import Coverage, DurationMethod, Evidence, Gap, MediaClass, Why
from cloudscan.provider import Collected, Facet, HeadRow, HeadWish, Scope
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.discovery import Session
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked

Scopes = Callable[..., Scope]
Put = Callable[[str, bytes], HeadWish]
WISH = HeadWish("gs://calls", "acme-calls", "eu", "a.wav", None, 1000, 512)


@pytest.fixture
def put(emulated: Endpoint, scope: Scopes) -> Put:
    """Put an object into the bucket ``calls``, and return the wish to read of it."""
    storage = Session.open(scope()).clients.storage
    bucket = storage.create_bucket("calls", project="acme-calls")

    def store(name: str, content: bytes) -> HeadWish:
        blob = bucket.blob(name)
        blob.upload_from_string(content, content_type="application/octet-stream")
        emulated.requests.clear()
        return replace(WISH, key=name, size=len(content), read=4096, tail=4096)

    return store


def look(scope: Scope, *wishes: HeadWish) -> list[Collected]:
    return [item for unit in GcpProvider().heads(scope, wishes) for item in unit.run()]


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_first_bytes_tell_what_a_name_does_not(put: Put, scope: Scopes, emulated: Endpoint) -> None:
    wish = put("calls/4711 ü", clip("hold.wav"))
    (row,) = of(look(scope(), wish), HeadRow)
    assert (row.media, row.format, row.settled_by) == (MediaClass.SPEECH, "wav", Evidence.SIGNATURE)
    assert (row.store, row.key, row.looked) == ("gs://calls", "calls/4711 ü", 4096)
    assert row.seconds
    assert emulated.requests["storage.objects.get"] == 1


def test_no_more_is_read_than_was_wished(put: Put, scope: Scopes) -> None:
    wish = replace(put("a.wav", clip("hold.wav")), read=512, tail=0)
    (row,) = of(look(scope(), wish), HeadRow)
    assert row.looked == 512


def test_the_end_is_read_where_the_beginning_leaves_it_open(put: Put, scope: Scopes, emulated: Endpoint) -> None:
    content = clip("invoice-moov-last.m4a")
    (row,) = of(look(scope(), replace(put("a.m4a", content), read=512, tail=4096)), HeadRow)
    assert (row.media, row.format) == (MediaClass.SPEECH, "m4a")
    assert row.seconds_by == DurationMethod.HEADER
    assert row.looked
    assert 512 < row.looked <= len(content)
    assert emulated.requests["storage.objects.get"] == 2


def test_what_is_stored_packed_is_read_packed(put: Put, scope: Scopes) -> None:
    (row,) = of(look(scope(), put("a.wav.gz", gzip.compress(clip("hold.wav")))), HeadRow)
    assert row.media == MediaClass.SPEECH
    assert str(row.format).startswith("gzip")


def test_a_server_that_ignores_ranges_is_read_no_further(google: Endpoint, scope: Scopes) -> None:
    recording = clip("hold.wav") * 50

    def ignore(asked: Asked) -> bytes:
        asked.headers.clear()  # type: ignore[attr-defined]
        return recording

    google.answer("/storage/v1/b/calls/o/a.wav", ignore)
    wish = replace(WISH, size=len(recording), tail=512)
    (row,) = of(look(scope(), wish), HeadRow)
    assert row.looked == 512


def test_nothing_is_asked_of_what_the_listing_told(scope: Scopes, google: Endpoint) -> None:
    wishes = [replace(WISH, read=0, acl=True), replace(WISH, size=0)]
    assert GcpProvider().heads(scope(), wishes) == []
    assert google.requests == {}


class _Cut(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self) -> None:
        self.send_response(206)
        self.send_header("Content-Length", "512")
        self.end_headers()
        self.wfile.write(b"RIFF")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


def test_an_answer_that_breaks_off_is_a_gap(scope: Scopes, monkeypatch: pytest.MonkeyPatch) -> None:
    given = scope()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Cut) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
        items = look(given, WISH)
        server.shutdown()
        thread.join()
    assert of(items, HeadRow) == []
    assert [gap.why for gap in of(items, Gap)] == [Why.ERROR]


def test_a_denied_answer_holds_for_the_bucket(put: Put, scope: Scopes, emulated: Endpoint) -> None:
    wishes = [put(f"{number}.wav", clip("hold.wav")) for number in range(3)]
    emulated.faults.add("denied", "storage.objects.get")
    items = look(scope(), *wishes)
    (gap,) = of(items, Gap)
    assert (gap.facet, gap.why, gap.permission) == (Facet.HEADS, Why.DENIED, "storage.objects.get")
    assert gap.detail.endswith(": 3 objects")
    assert emulated.requests["storage.objects.get"] == 1
    assert [(each.asked, each.answered) for each in of(items, Coverage)] == [(3, 0)]


def test_readers_who_pay_name_a_project_once_it_is_known(google: Endpoint, scope: Scopes) -> None:
    paid = GoogleError(400, "Bucket is a requester pays bucket but no user project provided.", older="required")

    def pay(asked: Asked) -> bytes:
        if asked.query.get("userProject") != "acme-calls":
            raise paid
        return clip("hold.wav")

    google.answer("/storage/v1/b/calls/o/a.wav", pay)
    google.answer("/storage/v1/b/calls/o/b.wav", pay)
    items = look(scope(), WISH, replace(WISH, key="b.wav"))
    assert len(of(items, HeadRow)) == 2
    assert of(items, Gap) == []
    assert google.requests["storage.objects.get"] == 3


def test_an_object_under_a_key_that_only_its_owner_has_is_a_gap(google: Endpoint, scope: Scopes) -> None:
    older = "resourceIsEncryptedWithCustomerEncryptionKey"
    sealed = GoogleError(400, "The target object is encrypted by a customer-supplied encryption key.", older=older)
    google.answer("/storage/v1/b/calls/o/a.wav", sealed)
    (gap,) = of(look(scope(), WISH), Gap)
    assert gap.why is Why.UNSUPPORTED
