from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote_plus

import pytest

from cloudscan.model import Coverage, Gap, MediaClass, Upload, Why
from cloudscan.provider import Collected, Facet
from cloudscan_gcp import uploads
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint

Projects = Callable[..., ProjectScope]
SPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def page(keys: list[str], following: str = "") -> bytes:
    entries = "".join(
        f"<Upload><Key>{quote_plus(key)}</Key><UploadId>id-{number}</UploadId>"
        "<Initiated>2026-01-02T03:04:05.678Z</Initiated></Upload>"
        for number, key in enumerate(keys)
    )
    more = f"<NextKeyMarker>{quote_plus(following)}</NextKeyMarker><NextUploadIdMarker>m</NextUploadIdMarker>"
    return (
        f'<?xml version="1.0"?><ListMultipartUploadsResult xmlns="{SPACE}"><EncodingType>url</EncodingType>'
        f"<IsTruncated>{'true' if following else 'false'}</IsTruncated>{more if following else ''}{entries}"
        "</ListMultipartUploadsResult>"
    ).encode()


def collected(project: ProjectScope, payer: str | None = None) -> list[Collected]:
    asker = project.asker()
    return [*uploads.collect(asker, Bucket("calls", {}), payer), *asker.coverage()]


def test_uploads_that_were_begun_over_all_pages(google: Endpoint, project: Projects) -> None:
    def tell(query: Mapping[str, str]) -> bytes:
        return page(["b/\x0bü.json"]) if query.get("key-marker") == "a b.wav" else page(["a b.wav"], "a b.wav")

    google.undocumented("/calls", tell)
    first, second, line = collected(project(Facet.UPLOADS))
    assert first == Upload(
        id="id-0",
        provider="gcp",
        account="acme-calls",
        store="gs://calls",
        key="a b.wav",
        begun=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        media=MediaClass.SPEECH,
    )
    assert isinstance(second, Upload)
    assert second.key == "b/\x0bü.json"
    assert line == Coverage("gcp", "acme-calls", Facet.UPLOADS, 1, 1, 0)


def test_no_uploads_are_an_answer(google: Endpoint, project: Projects) -> None:
    google.undocumented("/calls", lambda _: page([]))
    assert collected(project(Facet.UPLOADS)) == [Coverage("gcp", "acme-calls", Facet.UPLOADS, 1, 1, 0)]


def test_who_pays_is_named(google: Endpoint, project: Projects) -> None:
    asked: list[str | None] = []

    def tell(query: Mapping[str, str]) -> bytes:
        asked.append(query.get("userProject"))
        return page([])

    google.undocumented("/calls", tell)
    collected(project(Facet.UPLOADS), "acme-billing")
    assert asked == ["acme-billing"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (b"<html>", Why.MALFORMED),
        (b"<Error/>", Why.MALFORMED),
        (page(["a"], "a"), Why.MALFORMED),
    ],
)
def test_what_makes_no_sense_is_a_gap(google: Endpoint, project: Projects, told: bytes, why: Why) -> None:
    google.undocumented("/calls", lambda _: told)
    (gap,) = [item for item in collected(project(Facet.UPLOADS)) if isinstance(item, Gap)]
    assert (gap.facet, gap.why, gap.permission) == (Facet.UPLOADS, why, "storage.multipartUploads.list")


def test_what_is_denied_names_the_permission(google: Endpoint, project: Projects) -> None:
    google.undocumented("/calls", GoogleError(403))
    (gap,) = [item for item in collected(project(Facet.UPLOADS)) if isinstance(item, Gap)]
    assert gap.why is Why.DENIED
    assert gap.detail.endswith("--add-permissions=storage.multipartUploads.list")
