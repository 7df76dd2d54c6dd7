"""The doors to speech: steps after which somebody reads what their own rights do not let them read.

A step that only uses the cloud is told by the principal that it leads into and by its kind: there it can be closed,
for everybody who comes through. Steps that change the cloud are told by who can take them, all in one: whoever can
rewrite policies has many ways into everything, and what is to be mended is that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from cloudscan.access import AccessGraph, Edge, Grant, Ruling
from cloudscan.access.paths import RULINGS, Path
from cloudscan.check import Check, World
from cloudscan.model import Account, Action, Confidence, Finding, MediaClass, Principal, Severity
from cloudscan_checks._exposure import WHO
from cloudscan_checks._facts import amount, listed
from cloudscan_checks._jobs import account_of
from cloudscan_checks._readers import SPOKEN, SURE, called, examples, opened, read_by

Place = tuple[str, MediaClass]
"""A store and a class of the objects in it."""
_CHANGES = "changes"
_RANKS = {ruling: rank for rank, ruling in enumerate(RULINGS)}
_UNSEEN = _RANKS[Ruling.UNKNOWN]


@dataclass(frozen=True, slots=True)
class Part:
    """What one principal reads of a place, each grant with how sure it is: its place in the order of rulings.

    ``objects`` are those that it surely reads, ``told`` how these grants tell of them, ``most`` all that it may read,
    and ``whole`` all that there are. ``unseen`` are the facts on which others hang.
    """

    name: str
    whole: int
    grants: tuple[tuple[int, Grant], ...]
    objects: int
    most: int
    told: frozenset[tuple[str | None, int]]
    every: frozenset[tuple[str | None, int]]
    unseen: tuple[str, ...]

    @classmethod
    def of(cls, grants: Sequence[Grant], name: str, whole: int) -> Part:
        """Make it of its grants."""
        sure = [grant for grant in grants if grant.decision.ruling in SURE]
        return cls(
            name,
            whole,
            tuple((_RANKS[grant.decision.ruling], grant) for grant in grants),
            _objects(sure),
            _objects(grants),
            frozenset((grant.example, grant.objects) for grant in sure),
            frozenset((grant.example, grant.objects) for grant in grants),
            tuple(dict.fromkeys(why for grant in grants for why in grant.decision.unseen)),
        )

    def beyond(self, own: Part) -> tuple[str, ...] | None:
        """Say why it is in doubt that this goes beyond what is one's own; None if it does not.

        Grants tell how many objects they are about, and not which. So only numbers settle it: that one's own is all
        that there is, or just the same, or less.
        """
        if not own.told:
            return own.unseen
        if own.objects >= own.whole or self.every <= own.told:
            return None
        return () if own.objects < self.most else (f"which part of {own.name} is read anyway",)


Rights = Mapping[Place, Part]
"""What one principal reads, by place."""


@dataclass(frozen=True, slots=True)
class Door:
    """A step into the owner (``entered``), or the changes that the owner can make to read more.

    ``kinds`` are the steps. ``open`` says whether somebody is known to come through, be it under a condition. Where
    somebody is, ``users``, ``kinds`` and ``reads`` name those, and what one of them surely reads; else those who
    perhaps do, for the ``unseen`` reasons. ``best`` is the surest path, of equally sure ones that to the most.
    """

    owner: str
    entered: bool
    kinds: tuple[str, ...]
    reads_only: bool
    open: bool
    users: tuple[str, ...]
    reads: tuple[Grant, ...]
    best: Path
    unseen: tuple[str, ...]

    @property
    def locator(self) -> str:
        """What tells it from other doors of its owner."""
        return self.kinds[0] if self.entered else _CHANGES


def doors(world: World) -> list[Door]:
    """Return the doors through which the estate's own identities come, in a stable order.

    Those of whom the cloud keeps no record, as of people that a directory holds, are named by documents alone. Left out
    are guests and users of apps, parties outside, and whoever reads as much by its own rights, be it under another
    condition, or would do so if a key served again: they gain nothing. Left out is, too, who has no record and perhaps
    takes a step: of such there may be one at every door.
    """
    if world.access not in _FOUND:
        _FOUND[world.access] = _find(world)
    return _FOUND[world.access]


_FOUND: WeakKeyDictionary[AccessGraph, list[Door]] = WeakKeyDictionary()
"""The doors of the worlds that are judged: more than one check asks for them."""


def _find(world: World) -> list[Door]:
    found: dict[tuple[str, str], _Passages] = defaultdict(_Passages)
    own = _rights(world, (grant for grant in world.access.grants if not grant.by))
    strange = _strange(world)
    for edge in world.access.edges:
        _enter(found, world, own, edge, _inside(world, strange, edge))
    after: dict[tuple[str, str], list[Grant]] = defaultdict(list)
    for grant in world.access.grants:
        if grant.by and not grant.restores and _is_inside(world, strange, grant.principal, grant):
            after[grant.principal, grant.by].append(grant)
    for (user, by), grants in after.items():
        for reads in _rights(world, grants).values():
            found[user, _CHANGES].gain(_Way(user, by, None, user), reads, own.get(user, {}))
    return [passages.door(*name) for name, passages in sorted(found.items()) if passages]


def _strange(world: World) -> frozenset[str]:
    """Return the names of those who are no identities of the estate's own: anyone, doors for others, and guises."""
    return frozenset({*WHO, *world.estate.federations, *world.access.guises} - world.estate.principals.keys())


def _inside(world: World, strange: Collection[str], edge: Edge) -> tuple[str, ...]:
    return tuple(one for one in edge.sources if _is_inside(world, strange, one, edge))


def _is_inside(world: World, strange: Collection[str], name: str, link: Edge | Grant) -> bool:
    """Say whether somebody who takes a step is one of the estate's own."""
    if name in world.estate.principals:
        return not link.outside
    return name not in strange and not link.outside and link.decision.ruling in SURE


def unrecorded(world: World, role: str) -> list[str]:
    """Say on what it hangs whether somebody of whom there is no record comes into a role without changing the cloud."""
    strange = _strange(world)
    steps = [edge for edge in world.access.edges if role in edge.targets and not (edge.changes or edge.outside)]
    perhaps = [edge for edge in steps if edge.decision.ruling is Ruling.UNKNOWN]
    known = strange | world.estate.principals.keys()
    return list(dict.fromkeys(why for edge in perhaps if set(edge.sources) - known for why in edge.decision.unseen))


def judged(
    check: Check, world: World, door: Door, way: str, verb: str = "read", severity: Severity | None = None
) -> Finding:
    """Make the finding of a door: who can ``verb`` what, and by which ``way``."""
    what, who = read_by(world, door.reads), called(world, door.users)
    evidence = {
        "steps": list(door.kinds),
        "changes_the_cloud": door.best.changes,
        **examples(door.users),
        **opened(door.reads),
    }
    facts: dict[str, Any] = {
        "locator": door.locator,
        "evidence": evidence,
        "severity": severity,
        "names": {"step": listed(door.kinds, 3), "user": door.users[0]},
    }
    holder: Principal | Account | None = world.estate.principals.get(door.owner)
    if holder is None:
        store = world.estate.stores[door.best.store]
        holder = account_of(world.estate, store.provider, store.account)
        facts["locator"] = f"{door.owner} {door.locator}"
    if not door.open:
        return check.unknown(
            holder, f"whether {who} can {verb} {what} {way} is not known: {listed(door.unseen, 3)}", **facts
        )
    terms = f", if {door.best.condition}" if door.best.condition else ""
    whose = "its" if len(door.users) == 1 else "their"
    return check.fail(
        holder,
        f"{who} can {verb} {what} {way}, more than {whose} own rights allow{terms}",
        path=door.best.steps,
        confidence=Confidence.MEDIUM if terms else Confidence.HIGH,
        **facts,
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """One step of one user: an edge to a target, or a step that the grants themselves name."""

    user: str
    kind: str
    edge: Edge | None
    target: str

    def path(self, grant: Grant) -> Path:
        if self.edge is None:
            return Path((grant,), (self.user,))
        return Path((self.edge, grant), (self.user, self.target))


def _enter(
    found: Mapping[tuple[str, str], _Passages],
    world: World,
    own: Mapping[str, Rights],
    edge: Edge,
    inside: Sequence[str],
) -> None:
    """Add the passages of the estate's own over an edge."""
    known = world.estate.principals
    for target in edge.targets if inside else ():
        if target not in own or not (edge.guise or target in known):
            continue
        reads = {place: part for place, part in own[target].items() if not edge.media or place[1] in edge.media}
        for user in inside:
            if user != target:
                name = (user, _CHANGES) if edge.changes or edge.guise else (target, edge.kind)
                found[name].gain(_Way(user, edge.kind, edge, target), reads, own.get(user, {}))


class _Passages:
    """Those who come through one door so far, and one way to everything that they gain."""

    def __init__(self) -> None:
        self._ways: dict[bool, dict[int, tuple[int, _Way, Grant]]] = {True: {}, False: {}}
        self._users: dict[bool, set[str]] = {True: set(), False: set()}
        self._kinds: dict[bool, set[str]] = {True: set(), False: set()}
        self._unseen: dict[str, None] = {}

    def __bool__(self) -> bool:
        return any(self._users.values())

    def gain(self, way: _Way, reads: Rights, own: Rights) -> None:
        """Add what a user reads in addition to what it reads already. What is in doubt is kept apart."""
        over = _RANKS[way.edge.decision.ruling] if way.edge is not None else 0
        for place, part in reads.items():
            mine = own.get(place)
            doubts = part.beyond(mine) if mine is not None else ()
            for rank, grant in part.grants if doubts is not None else ():
                self._add(max(rank, over), way, grant, doubts or ())

    def _add(self, rank: int, way: _Way, grant: Grant, doubts: Iterable[str]) -> None:
        sure = not doubts and rank < _UNSEEN
        self._users[sure].add(way.user)
        self._kinds[sure].add(way.kind)
        held = self._ways[sure].get(id(grant))
        if held is None or (rank, way.user) < (held[0], held[1].user):
            self._ways[sure][id(grant)] = rank, way, grant
        if not sure:
            links: list[Edge | Grant] = [*([way.edge] if way.edge else []), grant]
            unseen = [*doubts, *(why for link in links for why in link.decision.unseen)]
            self._unseen.update(dict.fromkeys(unseen))

    def door(self, owner: str, kind: str) -> Door:
        """Close the list."""
        is_open = bool(self._users[True])
        ways = sorted(self._ways[is_open].values(), key=lambda one: (one[0] > 0, -one[2].seconds, -one[2].objects))
        _, way, grant = ways[0]
        return Door(
            owner=owner,
            entered=kind != _CHANGES,
            kinds=tuple(sorted(self._kinds[is_open])),
            reads_only=all(one.edge is not None and one.edge.reads_only for _, one, _ in ways),
            open=is_open,
            users=tuple(sorted(self._users[is_open])),
            reads=tuple(_widest(held for _, _, held in ways)),
            best=way.path(grant),
            unseen=tuple(self._unseen),
        )


def _widest(grants: Iterable[Grant]) -> list[Grant]:
    """Keep of every place what is read in the one way that opens most of it.

    What several read, or one after several steps, may be the same objects.
    """
    held: dict[tuple[str, MediaClass | None], dict[tuple[str, str], list[Grant]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for grant in grants:
        held[grant.store, grant.media][grant.principal, grant.by].append(grant)
    return [grant for ways in held.values() for grant in max(ways.values(), key=_objects)]


def _objects(grants: Iterable[Grant]) -> int:
    return sum(grant.objects for grant in grants)


def _rights(world: World, grants: Iterable[Grant]) -> dict[str, dict[Place, Part]]:
    """Sort grants to read by principal and place. None of them is a plain no."""
    wholes = {
        (store.id, media): (store.name, amount(world.estate, store, media).objects)
        for media in SPOKEN
        for store in world.estate.stores_with(media)
    }
    found: dict[str, dict[Place, list[Grant]]] = {}
    for grant in grants:
        if grant.action is Action.READ and grant.media in SPOKEN and grant.decision.ruling is not Ruling.NO:
            found.setdefault(grant.principal, {}).setdefault((grant.store, grant.media), []).append(grant)
    return {
        principal: {place: Part.of(every, *wholes.get(place, (place[0], 0))) for place, every in places.items()}
        for principal, places in found.items()
    }
