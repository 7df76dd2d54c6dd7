"""What is supposed beside what was read, for a step that would make it so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloudscan.access.conditions import ALWAYS, Condition, any_of
from cloudscan_gcp.policy.bindings import Binding
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.roles import Roles


@dataclass(frozen=True, slots=True)
class Bound:
    """Roles that the caller has on a node by bindings that a step would write; every role where none are named."""

    node: str
    roles: tuple[str, ...] = ()

    @property
    def binding(self) -> str:
        """The name of what would be written, which stands in no policy yet."""
        return f"a binding on {self.node}"

    def as_binding(self, member: str) -> Binding:
        """Return it as policies would tell of it."""
        return Binding(self.binding, " or ".join(self.roles) or "a role", member)

    def gives(self, roles: Roles, permission: str) -> Condition:
        """Say whether one of the roles permits something."""
        return any_of(roles.gives(role, permission) for role in self.roles) if self.roles else ALWAYS


@dataclass(frozen=True, slots=True)
class Moved:
    """A project that lies elsewhere, below the nodes ``above`` it from the organization down."""

    project: str
    above: tuple[str, ...]

    def place(self, place: Place) -> Place:
        """Return a resource as it lies then. Which tags it inherits there was not read."""
        if self.project not in place.nodes:
            return place
        below = place.nodes[place.nodes.index(self.project) :]
        return replace(place, nodes=(*self.above, *below), subject=replace(place.subject, tags=None), above=True)


@dataclass(frozen=True, slots=True)
class Supposed:
    """Roles that the caller gives itself, that permit everything, deny policies that are gone, where a project lies."""

    granted: frozenset[Bound] = frozenset()
    widened: frozenset[str] = frozenset()
    lifted: frozenset[str] = frozenset()
    moved: Moved | None = None

    def place(self, place: Place) -> Place:
        """Return a resource as it lies then."""
        return self.moved.place(place) if self.moved else place


AS_READ = Supposed()
