"""Derive who may do what in a drawn estate of Azure.

``python bench/azure_reach.py [--people N] [--groups N] [--machines N] [--accounts N] [--containers N]``

One subscription below two management groups; the accounts lie in a resource group for every ten, the machines in ten
others, each with an identity of its own that reads some container. A third of the people are assigned something
themselves, the others are in groups, some of which are nested; of the assignments some hang above the subscription,
most at accounts and containers, some are eligible only, and some go by the path. A few people manage all, or all
machines; an account in twenty is locked. ``--containers`` is of each account. Every run draws the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]  # it is run by its path

from bench.deriving import sizes, tell  # noqa: E402
from cloudscan.estate import Estate  # noqa: E402
from cloudscan.model import (  # noqa: E402
    Account,
    Answer,
    Encryption,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
    Store,
    Workload,
)
from cloudscan.tables.objects import ObjectTable  # noqa: E402
from cloudscan_azure import AzureProvider  # noqa: E402
from cloudscan_azure.ids import container_id, person  # noqa: E402

TENANT, SUBSCRIPTION = "tenant-1", "/subscriptions/sub-1"
ABOVE = tuple(f"/providers/microsoft.management/managementgroups/{name}" for name in ("acme", "speech"))
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
ROLES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "blob-reader": {"dataActions": [f"{BLOBS}/read"]},
    "blob-contributor": {"dataActions": [f"{BLOBS}/*"]},
    "owner": {"actions": ["*"]},
    "contributor": {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]},
    "reader": {"actions": ["*/read"]},
    "account-contributor": {"actions": ["Microsoft.Storage/storageAccounts/*"]},
    "machine-contributor": {"actions": ["Microsoft.Compute/virtualMachines/*"]},
}
_DATA = ("blob-reader", "blob-contributor")
_SWITCHES = {"allowBlobPublicAccess": Answer.NO, "allowSharedKeyAccess": Answer.YES, "isHnsEnabled": Answer.NO}
_OPEN = {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}}


def estate_of(people: int, groups: int, machines: int, accounts: int, containers: int) -> Estate:
    """Draw an estate."""
    draw = _Draw(people, groups, machines, accounts, containers)
    rows = [
        MediaObject(store, f"{'raw' if each % 2 else 'out'}/{each}.wav", size=10, media=MediaClass.SPEECH)
        for store in draw.stores
        for each in range(20)
    ]
    rows = [row._replace(encryption_mode="provider", seconds=3.0) for row in rows]
    return Estate.of(draw.records(), objects=ObjectTable(rows=rows))


class _Draw:
    def __init__(self, people: int, groups: int, machines: int, accounts: int, containers: int) -> None:
        self.random = Random(7)
        self.people = [person(f"user-{at}") for at in range(people)]
        self.groups = [person(f"group-{at}") for at in range(groups)]
        self.machines = [
            f"{_group(f'batch{at % 10}')}/microsoft.compute/virtualmachines/m{at}" for at in range(machines)
        ]
        storage = "microsoft.storage/storageaccounts"
        self.accounts = [f"{_group(f'calls{at // 10}')}/{storage}/acme{at:03}" for at in range(accounts)]
        self.stores = [container_id(one, f"c-{at:02}") for one in self.accounts for at in range(containers)]
        self.numbers = iter(range(1 << 30))

    def records(self) -> Iterator[Record]:
        """Yield every record."""
        yield Account("sub-1", "azure", organization=TENANT, parents=ABOVE)
        for name, permission in ROLES.items():
            content = {
                "properties": {"roleName": name, "permissions": [{"actions": [], "dataActions": [], **permission}]}
            }
            yield _document(f"{SUBSCRIPTION}/providers/roledefinitions/{name}", "role", (), content)
        yield from self._identities()
        yield from self._storage()
        yield from self._above()
        yield from self._direct()

    def _identities(self) -> Iterator[Record]:
        yield from (Principal(one, "azure", TENANT, "user", one, labels={}) for one in self.people)
        share = len(self.people) // max(len(self.groups), 1)
        for at, group in enumerate(self.groups):
            held = (*self._some(self.people, share * 2), *self._some(self.groups[at + 1 :], at % 5 == 0))
            yield Principal(group, "azure", TENANT, "group", group, members=held)
        for at, machine in enumerate(self.machines):
            own = person(f"machine-{at}")
            yield Principal(own, "azure", TENANT, "service-account", f"m{at}", labels={}, path=machine)
            yield Workload(machine, "azure", "sub-1", "westeurope", "instance", f"m{at}", own)
            yield self._assigned(self.random.choice(self.stores), "blob-reader", own, kind="ServicePrincipal")

    def _storage(self) -> Iterator[Record]:
        plain = Encryption("provider")
        for at, account in enumerate(self.accounts):
            yield _document(f"{account}#network", "network", (account,), _OPEN)
            if at % 20 == 0:
                yield _document(f"{account}#lock", "lock", (account,), {"properties": {"level": "ReadOnly"}})
        for store in self.stores:
            name = "/".join(store.split("/")[-5::4])
            yield Store(
                store,
                "azure",
                "sub-1",
                "westeurope",
                name,
                kind="container",
                encryption=plain,
                controls=_SWITCHES,
                acl=(),
                tls_required=Answer.YES,
            )
            yield _document(f"{store}#stored", "resource", (store,), {"signedIdentifiers": []})

    def _above(self) -> Iterator[PolicyDocument]:
        for scope, role, share in (
            (ABOVE[0], "owner", 2),
            (ABOVE[1], "reader", 10),
            (SUBSCRIPTION, "contributor", 3),
            (SUBSCRIPTION, "machine-contributor", 5),
            (SUBSCRIPTION, "blob-reader", 2),
        ):
            for who in self._some(self.people, share):
                yield self._assigned(scope, role, who)
        for who in self._some(self.groups, 2):
            yield self._assigned(ABOVE[1], "blob-reader", who, kind="Group")

    def _direct(self) -> Iterator[PolicyDocument]:
        path = f"@Resource[{BLOBS}:path]"
        for group in self.groups:
            for scope in (self.random.choice(self.accounts), *self._some(self.stores, 3)):
                yield self._assigned(scope, self.random.choice(_DATA), group, kind="Group")
        for at, who in enumerate(self._some(self.people, len(self.people) // 3)):
            scope = self.random.choice(self.accounts if at % 4 == 0 else self.stores)
            role = "account-contributor" if at % 12 == 0 else self.random.choice(_DATA)
            when = f"{path} StringLike 'raw/*'" if at % 3 == 1 else ""
            yield self._assigned(scope, role, who, when=when, sort="eligible" if at % 7 == 0 else "hierarchy")

    def _assigned(
        self, scope: str, role: str, who: str, *, kind: str = "User", when: str = "", sort: str = "hierarchy"
    ) -> PolicyDocument:
        told: dict[str, Any] = {"scope": scope, "roleDefinitionId": role, "principalId": who.partition(":")[2]}
        told |= {"principalType": kind, "condition": when or None, "conditionVersion": "2.0" if when else None}
        return _document(f"assignment-{next(self.numbers)}", sort, (scope,), {"properties": told})

    def _some(self, names: Sequence[str], count: int) -> list[str]:
        return self.random.sample(names, min(count, len(names)))


def _group(name: str) -> str:
    return f"{SUBSCRIPTION}/resourcegroups/{name}/providers"


def _document(name: str, kind: str, on: tuple[str, ...], content: Mapping[str, Any]) -> PolicyDocument:
    return PolicyDocument(name, "azure", "sub-1", kind, on, json.dumps(content))


def main(arguments: Sequence[str] | None = None) -> None:
    asked = sizes(__doc__, arguments, people=500, groups=50, machines=500, accounts=100, containers=20)
    tell(AzureProvider(), estate_of, asked)


if __name__ == "__main__":
    main()
