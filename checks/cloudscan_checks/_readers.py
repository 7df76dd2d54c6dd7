"""Who comes to read speech, how they are called, and what was not seen of those who may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cloudscan.access import AccessGraph, Edge, Grant, Ruling, sentence
from cloudscan.access.paths import Path, Way
from cloudscan.check import World
from cloudscan.estate import Estate
from cloudscan.model import Action, Answer, Gap, MediaClass, Store
from cloudscan.provider import Facet
from cloudscan_checks._exposure import ACCESS, WHO, closed_doors, exposure
from cloudscan_checks._facts import EXAMPLES, Amount, amount, counted, listed, unlisted, unread
from cloudscan_checks._strangers import open_way

SPOKEN = (MediaClass.SPEECH, MediaClass.TRANSCRIPT)
"""The classes of objects whose readers are judged."""
SURE = (Ruling.YES, Ruling.IF)
"""The rulings that do not hang on a fact that was not seen."""

IDENTITIES = (Facet.PRINCIPALS, Facet.WORKLOADS, Facet.FEDERATIONS)
"""The questions whose answers tell who there is, what runs as whom, and who comes in from elsewhere as whom."""
READING = (Facet.OBJECTS, *ACCESS, *IDENTITIES, Facet.PASSWORDS)
"""The questions whose answers decide who of the estate's own identities comes to read, by steps too.

A password that was not read leaves single steps open, and says so there: it hides nobody.
"""


def called(world: World, principals: Sequence[str]) -> str:
    """Name one principal as people do ("role call-export"), or say how many there are."""
    if len(principals) > 1:
        return counted(len(principals), "principal", "principals")
    known = world.estate.principals.get(principals[0])
    door = world.estate.federations.get(principals[0])
    if known is None:
        return principals[0] if door is None else f"whoever comes through {door.name}"
    several = len(world.estate.accounts) > 1
    name = known.name if known.name == known.kind else f"{known.kind} {known.name}"
    return f"{name} of {known.account}" if several and known.account else name


def examples(principals: Iterable[str]) -> dict[str, object]:
    """Return principals as evidence: how many, and the first few."""
    ordered = sorted(set(principals))
    return {"principals": len(ordered), "examples": ordered[:EXAMPLES]}


@dataclass(frozen=True, slots=True)
class Readers:
    """Who comes to read speech or transcripts of a store: the best paths of each, by name.

    Left out is who reads no more than anyone can. ``open`` says that anyone can read something, and ``restricted``
    what anyone would have to meet who comes in another way, or may have to.
    """

    paths: Mapping[str, Sequence[Path]]
    open: bool
    restricted: Sequence[str]


def readers(world: World, store: Store) -> Readers:
    """Find the readers of a store."""
    found: dict[str, list[Path]] = {}
    restricted: set[str] = set()
    is_open = False
    for media in SPOKEN:
        every = world.access.readers(store.id, media)
        strangers = [path for reader in every if reader.principal in WHO for path in reader.paths]
        met = [path for path in strangers if open_way(world, path) is Answer.YES]
        restricted |= {path.condition for path in strangers if path not in met}
        is_open |= bool(met)
        own = _own_objects(world, store, media)
        anyones = max((_objects(path, own) for path in met), default=-1)
        for reader in every:
            paths = [path for path in reader.paths if _objects(path, own) > anyones]
            if paths and reader.principal not in WHO:
                found.setdefault(reader.principal, []).extend(paths)
    return Readers(found, is_open, sorted(restricted))


def _own_objects(world: World, store: Store, media: MediaClass) -> Mapping[str, int]:
    """Return how many objects each principal reads by its own rights."""
    counts: dict[str, int] = defaultdict(int)
    for grant in world.access.on(store.id, Action.READ, media=media):
        counts[grant.principal] += grant.objects
    return counts


def _objects(path: Path, own: Mapping[str, int]) -> int:
    return path.grant.objects if path.grant.by else own[path.nodes[-1]]


def anyone_reads(world: World, path: Path) -> bool:
    """Say whether anyone reads as much of a store as whoever a path ends with, without being anybody."""
    media = path.media or MediaClass.SPEECH
    mine = [path.grant]
    if not path.grant.by:
        mine = world.access.on(path.store, Action.READ, media=media, principal=path.nodes[-1])
    seen = exposure(world, path.store, [Action.READ], media)
    return bool(seen.open) and seen.amount(media).objects >= sum(grant.objects for grant in mine)


def simplest(paths: Iterable[Path]) -> Way | None:
    """Return the simplest way of which it is known that it leads there, be it under a condition."""
    known = {path.way for path in paths if path.ruling in SURE}
    return next((way for way in Way if way in known), None)


def whole(world: World, store: Store) -> str:
    """Say what a store holds: "25 recordings (1.0 h) and 4 transcripts"."""
    held = [amount(world.estate, store, media) for media in SPOKEN]
    return " and ".join(str(one) for one in held if one.objects) or "what it holds in old versions"


def read_by(world: World, grants: Sequence[Grant]) -> str:
    """Say what grants open, and where: "25 recordings (1.0 h) in acme-calls-raw", "4 transcripts in 2 stores"."""
    opened = []
    for media in SPOKEN:
        part = [grant for grant in grants if grant.media is media]
        objects = sum(grant.objects for grant in part)
        opened += [str(Amount(media, objects, sum(grant.seconds for grant in part)))] if part else []
    stores = sorted({grant.store for grant in grants})
    known = world.estate.stores.get(stores[0])
    place = (known.name if known else stores[0]) if len(stores) == 1 else f"{len(stores):,} stores"
    return f"{' and '.join(opened)} in {place}"


def opened(grants: Sequence[Grant]) -> dict[str, object]:
    """Return what grants open as evidence. Hours are of speech whose length is known."""
    stores = sorted({grant.store for grant in grants})
    hours = sum(grant.seconds for grant in grants if grant.media is MediaClass.SPEECH) / 3600
    return {"stores": stores, "objects": sum(grant.objects for grant in grants), "hours": round(hours, 2)}


def unseen_readers(world: World, store: Store) -> tuple[list[str], tuple[Gap, ...]]:
    """Say why there may be readers of a store of whom nothing is known; nothing when all of it was seen."""
    doors, closed = closed_doors(world, store)
    words, gaps = unseen_identities(world, store.provider, store.account, spared=_without_a_way(world, store))
    rest = unlisted(world.estate, store)
    more = [unread("the rest of its objects", rest)] if rest else []
    return [one for one in (doors, words, *more) if one], (*closed, *gaps, *rest)


def perhaps(world: World, store: Store) -> list[str]:
    """Say on what not seen it hangs whether more come to read speech of a store, by rights of their own or by steps.

    Left out is who only makes a key serve again, and steps of those who read by rights of their own already.
    """
    unseen: dict[str, None] = {}
    for media in SPOKEN:
        for grant in world.access.on(store.id, Action.READ, media=media):
            unseen |= dict.fromkeys(grant.decision.unseen if grant.decision.ruling is Ruling.UNKNOWN else ())
        for reader in world.access.readers(store.id, media):
            if not any(path.direct and path.ruling in SURE for path in reader.paths):
                ways = [path for path in reader.paths if path.ruling is Ruling.UNKNOWN and not path.grant.restores]
                unseen |= dict.fromkeys(why for path in ways for why in path.unseen)
    return list(unseen)


def nameless(world: World, provider: str) -> str:
    """Say on what was not read it hangs whether somebody of whom there is no record reads speech, "" if on nothing."""
    if not any(gap.provider == provider and gap.facet in ACCESS for gap in world.estate.gaps):
        return ""
    known = {*WHO, *world.estate.principals}
    stores = [store for store in world.estate.stores_with(*SPOKEN) if store.provider == provider]
    grants = (grant for store in stores for grant in world.access.on(store.id, Action.READ))
    perhaps = [one for one in grants if one.decision.ruling is Ruling.UNKNOWN and one.principal not in known]
    why = listed(dict.fromkeys(reason for one in perhaps if not one.outside for reason in one.decision.unseen))
    return why and f"whether further identities read is not known: {why}"


def _without_a_way(world: World, store: Store) -> Collection[str]:
    """Return the groups of which not all members were read that have no way to a store, whoever is in them.

    None of them has where anything that may lead there is in doubt: it may hang on who is in one.
    """
    if not world.unread_groups:
        return ()
    if world.access not in _UNSURE:
        grants = (one for one in world.access.grants if one.action is Action.READ and _unsure(one))
        _UNSURE[world.access] = {one.store for one in grants}, [edge for edge in world.access.edges if _unsure(edge)]
    stores, edges = _UNSURE[world.access]
    reading = {reader.principal for reader in world.access.readers(store.id)}
    reading |= {one.principal for one in world.access.on(store.id, Action.READ)}
    if store.id in stores or any(edge.guise or not reading.isdisjoint(edge.targets) for edge in edges):
        return ()
    return frozenset(world.unread_groups) - reading


def _unsure(link: Grant | Edge) -> bool:
    return link.decision.ruling is Ruling.UNKNOWN


_UNSURE: WeakKeyDictionary[AccessGraph, tuple[Collection[str], Sequence[Edge]]] = WeakKeyDictionary()
"""The stores that somebody perhaps reads and the steps that somebody perhaps takes, in the worlds that are judged."""


def unseen_identities(
    world: World, provider: str, account: str, *facets: Facet, spared: Collection[str] = ()
) -> tuple[str, tuple[Gap, ...]]:
    """Say why not every identity that may reach something in an account is known, "" when all are.

    Identities of all accounts of a cloud count, since a policy can let in those of another one. Where a cloud keeps
    identities for a whole organization, those are the account's. Gaps on those ``spared`` are of no matter.
    """
    asked = facets or IDENTITIES
    every = (gap for gap in world.estate.gaps if gap.provider == provider and gap.facet in asked)
    gaps = tuple(gap for gap in every if gap.facet != Facet.PRINCIPALS or gap.resource not in spared)
    if gaps:
        return unread("every identity and what runs as it", gaps), gaps
    known = world.estate.accounts.get(account)
    homes = {account, known.organization if known else None}
    if not any(one.account in homes for one in world.estate.principals.values()):
        return f"no identity of account {account} is known", ()
    if never := _never_asked(world, provider, account, asked):
        return f"it was never asked for {never}", ()
    return "", ()


def scanned(estate: Estate) -> frozenset[str]:
    """Return the accounts that a collection looked at. Identities that belong to no account are in none of them."""
    return frozenset(estate.accounts) | {store.account for store in estate.stores.values()}


def _never_asked(world: World, provider: str, account: str, facets: Sequence[Facet]) -> str:
    """Say which questions about identities the collection left out, of an account or of one whose identities it has.

    Of an organization they are asked in its accounts.
    """
    accounts = {one.account for one in world.estate.principals.values() if one.provider == provider}
    below = {name for name, one in world.estate.accounts.items() if one.organization == account}
    accounts = accounts & scanned(world.estate) | (below or {account})
    left = {facet for each in sorted(accounts) for facet in world.estate.unasked(provider, each, *facets)}
    return listed(facet for facet in facets if facet in left)


def terms(grants: Iterable[Grant]) -> list[str]:
    """Return the conditions of grants that hang on the request, in words."""
    return sorted({sentence(one.decision.condition) for one in grants if one.decision.ruling is Ruling.IF})
