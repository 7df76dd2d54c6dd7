"""What of a read is missing: why somebody does not read an object, who has only a part of it, which keys stand still.

Providers that can explain are asked; of the clouds of all others nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cloudscan.access import AccessGraph, Decision, Effect, Grant, Reason, Ruling
from cloudscan.access.conditions import NEVER
from cloudscan.access.held_back import HeldBack
from cloudscan.errors import UsageError
from cloudscan.estate import RECORDED, Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, MediaClass
from cloudscan.provider import Explaining, Halfway, HoldingBack, Provider, StoppedKey
from cloudscan.reach.lookup import Target


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a principal does not read one object of a store by rights of its own: a no, with what it lacks."""

    key: str
    decision: Decision


class Explanations:
    """What the provider of a store can explain of it; nothing if it cannot."""

    def __init__(self, estate: Estate, providers: Iterable[Provider], found: Target) -> None:
        self._estate, self._store, self._found = estate, found.store.id, found.found
        able = (each for each in providers if each.name == found.store.provider and isinstance(each, Explaining))
        self._provider = next(able, None)

    def missing(self, graph: AccessGraph, principal: str, media: MediaClass | None) -> Missing | None:
        """Say why somebody does not read: an object that it has no right of its own to, the first that is found."""
        key = None if self._provider is None else self._unread(graph, principal, media)
        if self._provider is None or key is None:
            return None
        try:
            decision = self._provider.explain(self._estate, principal, self._store, key)
        except UsageError as error:  # nothing of the store speaks of it
            decision = Decision(NEVER, (Reason(Effect.LACKS, self._foreign(principal) or str(error)),))
        return Missing(key, decision) if decision.ruling is Ruling.NO else None

    def held_back(self, principal: str, media: MediaClass | None, key: str | None) -> Sequence[HeldBack]:
        """Say which steps towards an object somebody is given and something stops, of the first one if none is told."""
        told = key or (self._found.key if self._found else self._first(media))
        if told is None or not isinstance(self._provider, HoldingBack):
            return ()
        return self._provider.held_back(self._estate, principal, self._store, told)

    def _foreign(self, principal: str) -> str:
        """Say of an identity of another cloud than the store's that nothing here names it; "" of all others."""
        known = self._estate.principals.get(principal) or self._estate.federations.get(principal)
        cloud = self._estate.stores[self._store].provider
        if known is None or known.provider == cloud:
            return ""
        return f"{principal} is an identity of {known.provider}, and nothing that was read of {cloud} names it"

    def _unread(self, graph: AccessGraph, principal: str, media: MediaClass | None) -> str | None:
        """Return the key of an object that somebody has no right of its own to read, None if there is none.

        What anyone surely reads, whoever comes may read, too, named or not.
        """
        own = set(_keys(graph.on(self._store, Action.READ, media=media, principal=principal)))
        for everybody in (ANYONE, ANYONE_SIGNED_IN) if principal != ANYONE else ():
            granted = graph.on(self._store, Action.READ, media=media, principal=everybody)
            own.update(_keys(each for each in granted if each.decision.ruling is Ruling.YES))
        if self._found:
            return None if own else self._found.key
        others = (key for key in _keys(graph.on(self._store, Action.READ, media=media)) if key not in own)
        return next(others, None if own else self._first(media))

    def _first(self, media: MediaClass | None) -> str | None:
        classes = ", ".join(f"'{each}'" for each in ([media] if media else RECORDED))
        sql = f"""
            SELECT key FROM objects WHERE store = ? AND current AND NOT delete_marker AND media IN ({classes})
            ORDER BY key LIMIT 1
        """  # noqa: S608 - our own names
        return next((row[0] for row in self._estate.objects.query(sql, [self._store])), None)

    def halfway(self, media: MediaClass | None) -> Sequence[Halfway]:
        """Return who may get objects of a class, or of any, and may not decrypt them."""
        return self._provider.halfway(self._estate, self._store, media) if self._provider else ()

    def stopped(self, media: MediaClass | None) -> Sequence[StoppedKey]:
        """Return the keys of objects of a class, or of any, that serve no request."""
        return self._provider.stopped_keys(self._estate, self._store, media) if self._provider else ()


def _keys(grants: Iterable[Grant]) -> Iterator[str]:
    """Yield keys of the objects that grants are about, of each sort one."""
    for grant in grants:
        if grant.example is not None:
            yield grant.example
        yield from (part.example for part in grant.parts)


def working(estate: Estate, stopped: Iterable[StoppedKey]) -> Estate:
    """Return the estate as if these keys served requests again."""
    return replace(estate, keys={**estate.keys, **{one.key.id: replace(one.key, state="enabled") for one in stopped}})
