"""Parties outside the estate: how each is told of, and its ways to speech that are no step into an identity of ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from cloudscan.access import AccessGraph, Grant, Ruling
from cloudscan.access.paths import Path
from cloudscan.check import World
from cloudscan_checks._exposure import WHO
from cloudscan_checks._readers import SPOKEN, anyone_reads


def party_of(world: World, account: str, name: str) -> str:
    """Return what tells a party: its account, and itself where that is not told or is our own directory.

    A guest's record lies in our directory, which is the home of everybody of ours: to trust that is to trust all.
    """
    ours = {each for one in world.estate.accounts.values() for each in (one.id, one.organization) if each}
    return name if not account or account in ours else account


def party_called(world: World, party: str) -> str:
    """Name a party; of one that our own directory holds it is not told where it comes from."""
    known = world.estate.principals.get(party)
    return f"{known.kind} {known.name}, whose home is not told" if known else party


def own_ways(world: World, store: str) -> Mapping[str, Sequence[Path]]:
    """Return the ways of parties outside to the speech of a store that take a step of their own, by party.

    It ends in a key, a signature or a change, or in rights or an identity of which the estate has no record. Steps into
    identities that it has are the matter of outside_party_reach, rights that take no step of unknown_party_access
    itself. Left out is what anyone reads, and what is the right of another party outside, which is told of that.
    """
    if world.access not in _FOUND:
        _FOUND[world.access] = _find(world)
    return _FOUND[world.access].get(store, {})


def unsure_steps(world: World, store: str) -> Sequence[Grant]:
    """Return reads of a store that take a step, of nobody who is known to be outside, and hang on something unseen."""
    if world.access not in _UNSURE:
        found: dict[str, list[Grant]] = defaultdict(list)
        for grant in world.access.grants:
            if grant.by and not grant.outside and grant.decision.ruling is Ruling.UNKNOWN:
                found[grant.store].append(grant)
        _UNSURE[world.access] = found
    return _UNSURE[world.access].get(store, ())


_Ways = Mapping[str, Mapping[str, Sequence[Path]]]
_FOUND: WeakKeyDictionary[AccessGraph, _Ways] = WeakKeyDictionary()
_UNSURE: WeakKeyDictionary[AccessGraph, Mapping[str, Sequence[Grant]]] = WeakKeyDictionary()


def _find(world: World) -> _Ways:
    found: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))

    def add(path: Path, account: str) -> None:
        usable = path.media in SPOKEN and path.principal not in WHO and path.grant.decision.ruling is not Ruling.NO
        if usable and not anyone_reads(world, path):
            found[path.store][party_of(world, account, path.principal)].append(path)

    for grant in world.access.grants:
        if grant.outside and grant.by:
            add(Path((grant,), (grant.principal,)), grant.account)
    for edge in world.access.edges:
        if not edge.outside or edge.decision.ruling is Ruling.NO:
            continue
        for target in edge.targets:
            if target not in world.estate.principals:
                for path in world.access.reached(target):
                    for source in () if path.grant.outside else edge.sources:
                        if source not in path.nodes:
                            add(Path((edge, *path.links), (source, *path.nodes)), edge.account)
    return found
