"""What lists of a hierarchical namespace that were not read leave open in the checks, from records to findings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloudscan.check import Check, World
from cloudscan.groups import everybody_of
from cloudscan.model import Account, Answer, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import findings, world
from cloudscan_azure import AzureProvider
from cloudscan_azure.ids import lists_of
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    STORE,
    SUB,
    TENANT,
    assigned,
    container,
    estate,
    gap,
    listed,
)
from cloudscan_checks.reader_outside_approved import reader_outside_approved
from cloudscan_checks.too_many_readers import too_many_readers
from cloudscan_checks.unknown_party_access import unknown_party_access
from cloudscan_checks.world_readable_audio import world_readable_audio
from cloudscan_checks.world_writable_audio_store import world_writable_audio_store


@pytest.mark.parametrize(
    ("check", "verdict", "says"),
    [
        (world_readable_audio, Verdict.PASS, "no stranger can read"),
        (world_writable_audio_store, Verdict.PASS, ""),
        (too_many_readers, Verdict.UNKNOWN, f"the access control list of {STORE}"),
        (unknown_party_access, Verdict.UNKNOWN, f"the access control list of {STORE}"),
    ],
)
def test_lists_that_were_not_read_open_nothing_to_anyone(check: Check, verdict: Verdict, says: str) -> None:
    folders = container(controls={"isHnsEnabled": Answer.YES}, has_policy=Answer.NO)
    unread = gap(lists_of(STORE), "Path_GetProperties", Facet.ACL)
    held = estate(assigned(ACCOUNT, "reader", ANA), folders, gaps=[unread])
    policy = world(policy={"access": {"max_readers": 3}}).policy
    seen = World(held, policy, datetime(2026, 1, 1, tzinfo=UTC), lambda: AzureProvider().grants(held))
    (found,) = findings(check, seen)
    assert found.verdict is verdict
    assert says in found.message


@pytest.mark.parametrize("entry", ["other::r-x", "other::--x"])
def test_what_a_list_gives_to_all_others_is_everybodys_of_the_tenant(entry: str) -> None:
    ours = Account(SUB, "azure", organization=TENANT)
    folders = container(controls={"isHnsEnabled": Answer.YES}, has_policy=Answer.NO)
    lists = (listed("", "other::--x"), listed("raw", "other::--x"), listed("raw/a.wav", entry))
    held = estate(ours, folders, *lists)
    policy = world(policy={"access": {"max_readers": 99, "approved_readers": [{"principals": ["entra:*"]}]}}).policy
    seen = World(held, policy, datetime(2026, 1, 1, tzinfo=UTC), lambda: AzureProvider().grants(held))
    every = everybody_of(TENANT)
    readers = [reader.principal for reader in seen.access.readers(STORE)]
    assert (every in readers) is (entry == "other::r-x")
    if every in readers:
        (many,) = findings(too_many_readers, seen)
        assert many.verdict is Verdict.UNKNOWN
        assert f"how many come as {every} is not known" in many.message
        (unapproved,) = findings(reader_outside_approved, seen)
        assert (unapproved.verdict, unapproved.locator) == (Verdict.FAIL, every)
