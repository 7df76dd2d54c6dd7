"""Uploads that were not finished, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import pytest

from cloudscan.model import Coverage, Gap, MediaClass, Upload, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import s3, uploads
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.demo.wire import AwsError

REGION = "eu-central-1"
CALLS = Bucket("calls", REGION)
BEGUN = datetime(2024, 2, 3, tzinfo=UTC)

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


@pytest.fixture
def calls(client: Make) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION})
    return made


def collect(account: Accounts, *facets: Facet) -> tuple[list[Upload], list[Gap], list[Coverage]]:
    records, _, _ = run_units(list(s3.units(account(*(facets or (Facet.UPLOADS,)), buckets=(CALLS,)))))
    found: list[Any] = [[record for record in records if isinstance(record, kind)] for kind in (Upload, Gap, Coverage)]
    return found[0], found[1], found[2]


def paged(endpoint: Endpoint, keys: list[str], size: int, **more: Any) -> None:
    """Answer in pages as S3 does: names encoded for a URL where that was asked for, the markers too."""

    def page(asked: Mapping[str, Any]) -> dict[str, Any]:
        told = quote_plus if asked.get("EncodingType") == "url" else str
        first = keys.index(asked["KeyMarker"]) + 1 if asked.get("KeyMarker") else 0
        listed = [
            {"Key": told(key), "UploadId": f"u-{keys.index(key)}", "Initiated": BEGUN}
            for key in keys[first : first + size]
        ]
        rest = first + size < len(keys)
        markers = {"NextKeyMarker": listed[-1]["Key"], "NextUploadIdMarker": listed[-1]["UploadId"]} if rest else {}
        encoded = {"EncodingType": "url"} if asked.get("EncodingType") == "url" else {}
        return {"Uploads": listed, "IsTruncated": rest} | markers | encoded | more

    endpoint.answer("s3", "ListMultipartUploads", page)


def test_an_upload_is_a_record_with_when_it_was_begun(calls: Any, account: Accounts) -> None:
    told = calls.create_multipart_upload(Bucket="calls", Key="a/b.wav")
    calls.upload_part(Bucket="calls", Key="a/b.wav", UploadId=told["UploadId"], PartNumber=1, Body=b"x")
    (found,), gaps, (coverage,) = collect(account)
    assert (found.id, found.store, found.key) == (told["UploadId"], "arn:aws:s3:::calls", "a/b.wav")
    assert found.begun is not None
    assert found.begun.tzinfo is not None
    assert (found.media, gaps) == (MediaClass.SPEECH, [])
    assert (coverage.facet, coverage.asked, coverage.answered) == (Facet.UPLOADS, 1, 1)
    calls.abort_multipart_upload(Bucket="calls", Key="a/b.wav", UploadId=told["UploadId"])
    assert collect(account)[0] == []


def test_uploads_are_not_asked_for_where_nobody_wants_them(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    collect(account, Facet.OBJECTS, Facet.VERSIONING)
    assert endpoint.requests["s3:ListMultipartUploads"] == 0


def test_names_tell_the_class_and_leave_it_open(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    paged(endpoint, ["a.mp4", "b", "c.pdf", "d.mp3"], 4)
    found, _, _ = collect(account)
    told = [MediaClass.VIDEO, MediaClass.UNSETTLED, MediaClass.OTHER, MediaClass.SPEECH]
    assert [one.media for one in found] == told


def test_pages_are_all_read_whatever_the_keys_are(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    keys = ["=cmd()", "<b>.wav", "a b+c%41.wav", "a\u202egpj.wav", "a\x1b[31m.wav", "calls//x.wav", "\ufffd"]
    paged(endpoint, keys, 2)
    found, gaps, (coverage,) = collect(account)
    assert [one.key for one in found] == keys
    assert gaps == []
    assert endpoint.requests["s3:ListMultipartUploads"] == 4
    assert (coverage.asked, coverage.answered, coverage.limited) == (1, 1, 0)


def test_two_uploads_of_one_key_are_two(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    for _ in range(2):
        calls.create_multipart_upload(Bucket="calls", Key="a.wav")
    found, _, _ = collect(account)
    assert [one.key for one in found] == ["a.wav", "a.wav"]
    assert len({one.id for one in found}) == 2


def test_more_than_are_kept_in_mind_is_a_gap(
    endpoint: Endpoint, calls: Any, account: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST", 5)
    paged(endpoint, [f"{number}.wav" for number in range(9)], 2)
    found, (gap,), (coverage,) = collect(account)
    assert len(found) == 5
    assert (gap.why, gap.facet, gap.detail) == (Why.LIMIT, Facet.UPLOADS, "only 5 uploads are read of each bucket")
    assert (coverage.asked, coverage.answered, coverage.limited) == (1, 1, 1)
    assert endpoint.requests["s3:ListMultipartUploads"] == 3


@pytest.mark.parametrize(("fault", "why"), [("deny", Why.DENIED), ("http-500", Why.ERROR), ("throttle", Why.THROTTLED)])
def test_no_answer_is_a_gap_that_names_the_permission(
    endpoint: Endpoint, calls: Any, account: Accounts, fault: Any, why: Why
) -> None:
    endpoint.faults.add(fault, "s3", "ListMultipartUploads")
    found, (gap,), (coverage,) = collect(account)
    assert found == []
    assert (gap.why, gap.facet, gap.resource) == (why, Facet.UPLOADS, "arn:aws:s3:::calls")
    assert (gap.operation, gap.permission) == ("s3:ListMultipartUploads", "s3:ListBucketMultipartUploads")
    assert (coverage.asked, coverage.answered) == (1, 0)


def test_what_came_before_a_page_that_failed_stays(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    def page(asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked.get("KeyMarker"):
            raise AwsError("AccessDenied", "no", status=403)
        listed = [{"Key": "a.wav", "UploadId": "u", "Initiated": BEGUN}]
        return {"Uploads": listed, "IsTruncated": True, "NextKeyMarker": "a.wav", "NextUploadIdMarker": "u"}

    endpoint.answer("s3", "ListMultipartUploads", page)
    found, (gap,), _ = collect(account)
    assert [one.key for one in found] == ["a.wav"]
    assert gap.why is Why.DENIED


@pytest.mark.parametrize("markers", [{}, {"NextKeyMarker": "0.wav", "NextUploadIdMarker": "u-0"}])
def test_a_list_that_does_not_go_on_is_malformed_and_no_loop(
    endpoint: Endpoint, calls: Any, account: Accounts, markers: dict[str, str]
) -> None:
    listed = [{"Key": "0.wav", "UploadId": "u-0", "Initiated": BEGUN}]
    endpoint.answer("s3", "ListMultipartUploads", {"Uploads": listed, "IsTruncated": True} | markers)
    _, (gap,), _ = collect(account)
    assert (gap.why, gap.facet) == (Why.MALFORMED, Facet.UPLOADS)
    assert endpoint.requests["s3:ListMultipartUploads"] <= 2
