"""How guests and delegates that come to speech on Azure are told, from records to findings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from cloudscan.check import Check, World
from cloudscan.model import Account, Answer, Finding, PolicyDocument, Record, Verdict
from cloudscan.testing import findings, world
from cloudscan_azure import AzureProvider
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    BO,
    GUS,
    SUB,
    TENANT,
    assigned,
    container,
    estate,
    role,
)
from cloudscan_checks.unknown_party_access import unknown_party_access

KEYS = role("keys", actions=["Microsoft.Storage/storageAccounts/listKeys/action"])
WRITES = role("writes", actions=["Microsoft.Storage/storageAccounts/*"])
OURS = Account(SUB, "azure", organization=TENANT)


def judged(check: Check, *records: Record, policy: Mapping[str, object] | None = None) -> list[Finding]:
    held = estate(OURS, container(has_policy=Answer.NO), *records)
    decided = world(policy=dict(policy or {})).policy
    return findings(check, World(held, decided, datetime(2026, 1, 1, tzinfo=UTC), lambda: AzureProvider().grants(held)))


@pytest.mark.parametrize("given", [KEYS, WRITES])
def test_a_guest_that_takes_the_account_key_or_opens_the_account_is_told(given: PolicyDocument) -> None:
    name = "keys" if given is KEYS else "writes"
    found = judged(unknown_party_access, given, assigned(ACCOUNT, name, GUS))
    assert [(one.verdict, one.locator) for one in found] == [(Verdict.FAIL, GUS)]
    assert "can read by " in found[0].message


def test_the_same_right_of_one_of_ours_is_no_matter_of_parties_outside() -> None:
    (found,) = judged(unknown_party_access, KEYS, assigned(ACCOUNT, "keys", BO))
    assert found.verdict is Verdict.PASS
