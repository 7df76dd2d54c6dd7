"""Azure in a process of its own, the stand-in of the tests, with so many accounts; it ends when its input does.

    python bench/azure_standin.py [ACCOUNTS [CONTAINERS]]

prints what a client needs, as JSON, when it serves. To each further line of input it answers with a line of JSON: how
often which operation was asked for since the line before. Each account has so many containers, none of which holds a
blob or a stored access policy: these answers are composed here, all others by the stand-in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from cloudscan.standin.listener import Reply
from cloudscan_azure.standin.azurite import Azurite
from cloudscan_azure.standin.blobs import LIST, PREFIX, Blobs
from cloudscan_azure.standin.bodies import account, account_path, container, entity, subscription
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin


class Empty(Blobs):
    """Accounts of which every container is empty."""

    def reply(self, verb: str, target: str, headers: Mapping[str, str]) -> Reply:
        """Answer with an empty list."""
        content = _BLOBS if self.operation(verb, target) == LIST else b"<SignedIdentifiers/>"
        return 200, {"Content-Type": "application/xml"}, b'<?xml version="1.0" encoding="utf-8"?>' + content


_BLOBS = b"<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"


def tell(azure: Standin, accounts: int, containers: int) -> None:
    """Give the subscription so many accounts, of so many containers each."""
    azure.fresh("/subscriptions", "/providers")
    azure.pages("/subscriptions", [subscription()])
    entities = [entity(TENANT, None), entity(SUBSCRIPTION, TENANT, kind="subscription")]
    azure.pages("POST /providers/Microsoft.Management/getEntities", entities)
    names = [f"acme{each:03}" for each in range(accounts)]
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts"
    azure.pages(path, [account(name, f"{azure.url}{PREFIX}{name}/") for name in names])
    for name in names:
        blobs = f"{account_path(name)}/blobServices/default"
        azure.answer(blobs, {"properties": {"isVersioningEnabled": False}})
        azure.pages(f"{blobs}/containers", [container(f"c-{each:02}", name) for each in range(containers)])


def main(accounts: str = "100", containers: str = "20") -> None:
    with Standin(held=False) as azure:
        azure.blobs = Empty(Azurite(azure.url, {}), azure.certificate)
        tell(azure, int(accounts), int(containers))
        print(json.dumps({"url": azure.url, "environment": azure.environment()}), flush=True)
        for _ in sys.stdin:
            wrong = [*azure.crashes, *azure.refused, *azure.forbidden, *azure.unanswered]
            if wrong:
                raise RuntimeError(wrong[0])
            print(json.dumps(azure.requests), flush=True)
            azure.requests.clear()


if __name__ == "__main__":
    main(*sys.argv[1:])
