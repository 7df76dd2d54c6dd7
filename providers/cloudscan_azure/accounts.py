"""The nouns of planning: a subscription as it will be collected, what lies above it, its storage accounts.

Every service module has ``units(subscription: SubscriptionScope) -> Iterator[Unit]``, and one that asks management
groups and tenants ``units_above(node: Node) -> Iterator[Unit]``; neither asks anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloudscan.provider import Scope
from cloudscan.providing.bases import Wanting
from cloudscan.providing.parts import part
from cloudscan_azure.ids import lowered
from cloudscan_azure.session import Asker

if TYPE_CHECKING:
    from cloudscan_azure.clients import Clients


@dataclass(frozen=True, slots=True)
class Container:
    """A container as "Blob Containers - List" tells of it: ``told`` is the whole resource, as JSON has it."""

    id: str
    name: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """A storage account as "Storage Accounts - List" tells of it, and its containers that are in the scope."""

    told: Mapping[str, Any]
    containers: tuple[Container, ...] = ()

    @property
    def id(self) -> str:
        """Its id in small letters."""
        return lowered(str(self.told.get("id") or ""))

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.told.get("name") or self.id.rpartition("/")[2])

    @property
    def region(self) -> str:
        """The region in which it lies."""
        return str(self.told.get("location") or "").lower()

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its settings."""
        return part(self.told, "properties")

    @property
    def hierarchical(self) -> bool:
        """Whether it has folders and access control lists, which is so "if sets to true", when it is made."""
        return self.properties.get("isHnsEnabled") is True

    def endpoint(self, service: str) -> str:
        """Return where its ``blob`` or ``dfs`` service answers, "" where that is not told."""
        return str(part(self.properties, "primaryEndpoints").get(service) or "")


@dataclass(frozen=True, slots=True)
class Node(Wanting):
    """A management group at or above the subscriptions of a scan, or the root of their tenant, whose id is ``/``.

    ``parents`` are the management groups above it, root first, None where they could not be read.
    """

    id: str
    tenant: str
    clients: Clients
    scope: Scope
    parents: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """What its units are called by."""
        return f"{self.tenant}{self.id.rstrip('/')}"

    def asker(self) -> Asker:
        """Return a new asker for one unit, with its own counts."""
        return Asker(self.clients, self.id)


@dataclass(frozen=True, slots=True)
class SubscriptionScope(Wanting):
    """One subscription as it will be collected.

    ``parents`` are the management groups above it, root first, None where they could not be read.
    """

    id: str
    tenant: str
    clients: Clients
    scope: Scope
    name: str = ""
    parents: tuple[str, ...] | None = None
    storage: tuple[StorageAccount, ...] = ()

    @property
    def path(self) -> str:
        """Its scope, with which the paths of its lists begin."""
        return f"/subscriptions/{self.id}"

    @property
    def key(self) -> str:
        """What its units are called by."""
        return self.id

    def asker(self, region: str = "") -> Asker:
        """Return a new asker for one unit, with its own counts."""
        return Asker(self.clients, self.id, region)
