"""Who may do what: the grants that providers derived, indexed for the questions that checks ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from cloudscan.access.grants import Grant
from cloudscan.model import Action, MediaClass


class AccessGraph:
    """The derived grants of an estate, in a stable order."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._on: dict[str, list[Grant]] = defaultdict(list)
        ordered = sorted(
            grants,
            key=lambda grant: (grant.store, grant.principal, grant.action, grant.media or "", grant.example or ""),
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
        """Return the grants of an action on a store, narrowed to a class of objects or a principal."""
        return [
            grant
            for grant in self._on.get(store, ())
            if grant.action is action
            and (media is None or grant.media is media)
            and (principal is None or grant.principal == principal)
        ]
