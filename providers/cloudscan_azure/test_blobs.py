"""What the list of a container's blobs answers beside its blobs: what was deleted, and what was begun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.model import Coverage, Gap, MediaClass, Upload, Why
from cloudscan.provider import Facet, ObjectRows
from cloudscan_azure.accounts import Container, StorageAccount, SubscriptionScope
from cloudscan_azure.blobs import Listing
from cloudscan_azure.ids import container_id
from cloudscan_azure.standin.azurite import Azurite
from cloudscan_azure.standin.blobs import Blobs
from cloudscan_azure.standin.bodies import account, account_path, container
from cloudscan_azure.standin.server import Standin

Subscriptions = Callable[..., SubscriptionScope]
CALLS = container_id(account_path("acmecalls").lower(), "calls")
ALL = (Facet.OBJECTS, Facet.DELETED, Facet.UPLOADS)


@pytest.fixture
def told(azure: Standin, blobs: Azurite) -> Blobs:
    """A container ``calls`` with one recording, and another that was begun and not finished."""
    with blobs.owner("acmecalls") as holder:
        there = holder.create_container("calls")
        there.upload_blob("a/1.wav", b"RIFF")
        there.get_blob_client("a/2.wav").stage_block("MDA=", b"RIFF")
    azure.blobs = Blobs(blobs, azure.certificate)
    azure.blobs.begun("acmecalls", "calls", "a/2.wav")
    return azure.blobs


def listing(azure: Standin, one: SubscriptionScope, **properties: Any) -> Listing:
    there = Container(CALLS, "calls", container("calls", "acmecalls"))
    held = StorageAccount(account("acmecalls", f"{azure.url}/blob/acmecalls/", **properties), (there,))
    return Listing(one, held, there, one.asker())


def run(asked: Listing) -> tuple[list[Any], list[str]]:
    found = [*asked.collect(), *asked.asker.coverage()]
    return found, [row.key for item in found if isinstance(item, ObjectRows) for row in item.rows]


def of(records: list[Any], kind: type) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def test_what_was_begun_and_not_finished_is_no_blob(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    records, keys = run(listing(azure, subscription(*ALL)))
    assert (keys, of(records, Gap)) == (["a/1.wav"], [])
    (upload,) = of(records, Upload)
    assert (upload.store, upload.key, upload.media, upload.begun) == (CALLS, "a/2.wav", MediaClass.SPEECH, None)
    assert {(line.facet, line.asked, line.answered) for line in of(records, Coverage)} == {(one, 1, 1) for one in ALL}
    records, keys = run(listing(azure, subscription(Facet.OBJECTS)))
    assert (keys, of(records, Upload)) == (["a/1.wav"], [])


def test_a_list_that_ends_early_answers_none_of_its_questions(
    azure: Standin, told: Blobs, subscription: Subscriptions
) -> None:
    azure.faults.add("denied", "Container_ListBlobFlatSegment")
    records, _ = run(listing(azure, subscription(*ALL)))
    assert {(gap.facet, gap.why, gap.resource) for gap in of(records, Gap)} == {(one, Why.DENIED, CALLS) for one in ALL}
    assert {(line.facet, line.asked, line.answered) for line in of(records, Coverage)} == {(one, 1, 0) for one in ALL}


def test_a_limit_cuts_all_that_a_list_answers(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    records, keys = run(listing(azure, subscription(*ALL, max_objects=1)))
    assert keys == ["a/1.wav"]
    assert {(gap.facet, gap.why) for gap in of(records, Gap)} == {(one, Why.LIMIT) for one in ALL}
    assert {(line.facet, line.limited) for line in of(records, Coverage)} == {(one, 1) for one in ALL}


def test_what_an_inventory_cannot_tell_is_a_gap(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    asked = listing(azure, subscription(*ALL))
    gaps = {(gap.facet, gap.why) for gap in asked.beside() if isinstance(gap, Gap)}
    assert gaps == {(Facet.DELETED, Why.LIMIT), (Facet.UPLOADS, Why.LIMIT)}
