"""Count the requests that collecting storage accounts of an Azure subscription takes, on the stand-in of the tests.

``python bench/azure_counts.py [ACCOUNTS [CONTAINERS]]`` prints one JSON object: each operation and how often it was
asked. Blobs are not among them: each container takes one request for its stored access policies and one for each 5,000
blobs.
"""

from __future__ import annotations

import json
import os
import sys

from cloudscan.provider import STORE_FACETS, Facet, Scope
from cloudscan.testing import run_units
from cloudscan_azure import storage
from cloudscan_azure.discovery import Session, find
from cloudscan_azure.standin.bodies import account, account_path, container, entity, subscription
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin

_BLOBS = {Facet.OBJECTS, Facet.HEADS, Facet.DELETED, Facet.POLICY, Facet.ACL, Facet.UPLOADS}


def tell(azure: Standin, accounts: int, containers: int) -> None:
    """Give the subscription so many accounts, of so many containers each."""
    azure.fresh("/subscriptions", "/providers")
    azure.pages("/subscriptions", [subscription()])
    entities = [entity(TENANT, None), entity(SUBSCRIPTION, TENANT, kind="subscription")]
    azure.pages("POST /providers/Microsoft.Management/getEntities", entities)
    names = [f"acme{each:03}" for each in range(accounts)]
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts"
    azure.pages(path, [account(name, f"{azure.url}/{name}/") for name in names])
    for name in names:
        blobs = f"{account_path(name)}/blobServices/default"
        azure.answer(blobs, {"properties": {"isVersioningEnabled": False}})
        azure.pages(f"{blobs}/containers", [container(f"c-{each:02}", name) for each in range(containers)])


def main(accounts: str = "100", containers: str = "20") -> None:
    with Standin(held=False) as azure:
        os.environ |= azure.environment()
        tell(azure, int(accounts), int(containers))
        scope = Scope(frozenset(STORE_FACETS - _BLOBS), endpoint_url=azure.url, options={"deadline": "0"})
        (found, *_), _ = find(Session.open(scope))
        assert found.subscription is not None
        run_units(list(storage.units(found.subscription)))
        print(json.dumps(dict(sorted(azure.requests.items()))))


if __name__ == "__main__":
    main(*sys.argv[1:])
