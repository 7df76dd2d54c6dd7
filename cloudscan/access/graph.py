"""Who may do what: the grants that providers derived, indexed for the questions that checks ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from cloudscan.access.grants import Edge, Grant
from cloudscan.model import Action, MediaClass


class AccessGraph:
    """The derived grants and edges of an estate, in a stable order."""

    def __init__(self, derived: Iterable[Grant | Edge]) -> None:
        derived = list(derived)
        self.edges: Sequence[Edge] = sorted(
            (edge for edge in derived if isinstance(edge, Edge)),
            key=lambda edge: (edge.kind, edge.sources, edge.targets),
        )
        self._on: dict[str, list[Grant]] = defaultdict(list)
        ordered = sorted(
            (grant for grant in derived if isinstance(grant, Grant)),
            key=lambda grant: (
                grant.store,
                grant.principal,
                grant.action,
                grant.by,
                grant.media or "",
                grant.example or "",
            ),
        )
        for grant in ordered:
            self._on[grant.store].append(grant)
        self.grants: Sequence[Grant] = ordered

    def on(
        self,
        store: str,
        action: Action,
        *,
        media: MediaClass | None = None,
        principal: str | None = None,
    ) -> list[Grant]:
        """Return the direct grants of an action on a store, narrowed to a class of objects or a principal."""
        return [
            grant
            for grant in self._on.get(store, ())
            if grant.action is action
            and not grant.by
            and (media is None or grant.media is media)
            and (principal is None or grant.principal == principal)
        ]
