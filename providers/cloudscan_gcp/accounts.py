"""The nouns of planning: a project as it will be collected, what lies above it, and its buckets.

Every service module has ``units(project: ProjectScope) -> Iterator[Unit]``, and one that asks folders and organizations
``units_above(node: Node) -> Iterator[Unit]``; neither asks anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cloudscan.model import Answer
from cloudscan.provider import Scope
from cloudscan.providing.bases import Wanting
from cloudscan_gcp.session import Asker

if TYPE_CHECKING:
    from cloudscan_gcp.clients import Clients


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as ``storage.buckets.list`` tells of it: ``told`` is the whole resource, as JSON has it."""

    name: str
    told: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The store's id."""
        return f"gs://{self.name}"

    @property
    def region(self) -> str:
        """Its location: a region, or two or more under one name, such as ``eu``."""
        return str(self.told.get("location") or "").lower()


@dataclass(frozen=True, slots=True)
class Node(Wanting):
    """A folder or organization at or above the projects of a scan: ``folders/N`` or ``organizations/N``.

    ``parents`` runs from the organization down to the direct parent, None where that could not be read.
    """

    id: str
    clients: Clients
    scope: Scope
    parents: tuple[str, ...] | None = None

    def asker(self) -> Asker:
        """Return a new asker for one unit, with its own counts."""
        return Asker(self.clients, self.id, above=self.parents[0] if self.parents else "")


@dataclass(frozen=True, slots=True)
class ProjectScope(Wanting):
    """One project as it will be collected.

    ``parents`` are the nodes above it, root first: None where they could not be read, () for a project without an
    organization. ``constraints`` are the organization policies in force, by :mod:`cloudscan_gcp.org_policies`.
    ``tags`` are its effective tags, by namespaced key, None where they were not read.
    """

    id: str
    number: str
    clients: Clients
    scope: Scope
    name: str = ""
    parents: tuple[str, ...] | None = None
    constraints: Mapping[str, Answer] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None
    buckets: tuple[Bucket, ...] = ()

    @property
    def organization(self) -> str | None:
        """The organization that it lies in, None where there is none or that is not known."""
        root = self.parents[0] if self.parents else ""
        return root if root.startswith("organizations/") else None

    def asker(self, region: str = "global") -> Asker:
        """Return a new asker for one unit, with its own counts."""
        return Asker(self.clients, self.id, self.number, region)
