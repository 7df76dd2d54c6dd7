"""For which accounts a secret counts of which only the name is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Answer, Credential, MediaClass, MediaObject
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    RESOURCES,
    assigned,
    container,
    document,
    estate,
    network,
    recording,
    role,
)
from cloudscan_azure.steps.test_support import openings

VAULT = f"{RESOURCES}/providers/microsoft.keyvault/vaults/acme"


def opened(secret: str, other: str) -> set[str]:
    """The accounts that who reads a secret comes to read: calls, and another."""
    account = ACCOUNT.replace("/calls", f"/{other}")
    store = replace(container(), id=container().id.replace(ACCOUNT, account))
    closed = replace(network(), id="other", attached_to=(account,))
    held = Credential(f"{VAULT}/secrets/{secret}", "azure", "sub-1", "", "stored-secret", enabled=Answer.YES)
    roles = document("resource", VAULT, {"properties": {"enableRbacAuthorization": True}}, f"{VAULT}#access")
    reads = role("secrets", dataActions=["Microsoft.KeyVault/vaults/secrets/getSecret/action"])
    more = MediaObject(store.id, "a.wav", size=10, media=MediaClass.SPEECH, seconds=1.0, encryption_mode="provider")
    records = (container(), store, closed, held, roles, reads, assigned(VAULT, "secrets", ANA))
    found = openings(estate(*records, objects=[recording(), more]))
    return {one.store.partition("/blobservices")[0].rpartition("/")[2] for one in found if one.principal == ANA}


@pytest.mark.parametrize(
    ("secret", "other", "accounts"),
    [
        ("clips-connectionstring", "clips", {"clips"}),
        ("Clips-Key", "clips", {"clips"}),
        ("calls-clips-key", "clips", {"calls", "clips"}),
        ("storage-key", "clips", {"calls", "clips"}),
        ("storage-key", "storage", {"calls", "storage"}),
        ("connstr-callsprod", "clips", {"calls", "clips"}),
        ("password", "clips", set()),
    ],
)
def test_a_secret_that_names_an_account_is_no_other_accounts(secret: str, other: str, accounts: set[str]) -> None:
    assert opened(secret, other) == accounts
