"""From doors, by which somebody comes to be an identity, to edges: who shares one, and how each is proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Edge, stepping
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Part, Way, best, needed
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import ANYONE, MediaClass
from cloudscan_azure.crowds import Crowd
from cloudscan_azure.ids import PROVIDER
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.places import AS_READ
from cloudscan_azure.steps import changes
from cloudscan_azure.steps.making import Making
from cloudscan_azure.steps.parts import alters, steps
from cloudscan_azure.steps.scene import Goal, Scene, worth_telling

Explain = Callable[[str, str], tuple[str, Sequence[Way]]]
"""Says in a sentence how a source becomes a target, and which rights, in which ways, it uses."""


@dataclass(frozen=True, slots=True)
class Door:
    """Something by which whoever uses it comes to be an identity.

    Each of ``options`` suffices: goals that are all needed. ``hangs_on`` says what nobody reads that it takes besides.
    ``does`` completes the sentence "SOMEBODY may ...". Where ``made`` is told, what the first option takes after its
    first goal may be done at other places, too.
    """

    target: str
    options: tuple[tuple[Goal, ...], ...]
    does: str
    hangs_on: str = ""
    reads_only: bool = False
    media: tuple[MediaClass, ...] = ()
    made: Making | None = None

    @property
    def sign(self) -> Hashable:
        """What makes doors alike for everybody who is asked about them."""
        asked = (
            tuple((operation, place.scopes, place.above, place.tenant) for operation, place in option)
            for option in self.options
        )
        return (tuple(asked), self.hangs_on, self.reads_only, self.media, self.made)


def through(scene: Scene, doors: Iterable[Door]) -> Iterator[Edge]:
    """Yield the edges of everybody who may use some doors; doors that are alike are asked about once."""
    alike: dict[Hashable, list[Door]] = defaultdict(list)
    for door in doors:
        alike[door.sign].append(door)
    found: dict[Sort, list[Found]] = defaultdict(list)
    held: dict[tuple[Sort, str], list[Door]] = defaultdict(list)
    for same in alike.values():
        targets = tuple(dict.fromkeys(door.target for door in same))
        for crowd in _crowds(scene, same[0]):
            for kind, condition in _kinds(scene, crowd.one, same[0]).items():
                sort = Sort(kind, alters(kind), same[0].reads_only, same[0].media)
                found[sort].append(Found(tuple(one.name for one in crowd.callers), targets, condition))
                for door in same:
                    held[sort, door.target].append(door)
    for sort in sorted(found, key=lambda one: (one.kind, one.reads_only)):
        yield from edges(sort, found[sort], scene, _explaining(scene, sort, held))


def _crowds(scene: Scene, door: Door) -> Iterator[Crowd]:
    """Yield those who may use a door, told apart also by where else they may make something."""
    goals = [goal for option in door.options for goal in option]
    first = [option[0] for option in door.options]
    matters = list(dict.fromkeys((*scene.matters(goals), *changes.matters(scene, goals))))
    for crowd in scene.crowds(matters, [*scene.matters(first), *changes.matters(scene, goals)]):
        if door.made is None:
            yield crowd
            continue
        alike: dict[Hashable, list[Caller]] = defaultdict(list)
        for caller in crowd.callers:
            alike[door.made.sign(caller)].append(caller)
        yield from (replace(crowd, callers=callers) for callers in alike.values())


def _kinds(scene: Scene, caller: Caller, door: Door) -> dict[str, Condition]:
    """Return what must hold for each kind of way through a door."""
    found = {}
    for kind, ways in changes.kinds(_ways(scene, caller, door)).items():
        condition, _ = best(ways)
        if worth_telling(caller, condition):
            found[kind] = condition
    return found


def _ways(scene: Scene, caller: Caller, door: Door) -> Iterator[Way]:
    """Yield the ways through a door; by a change only where none is sure without."""
    besides = (Part("", door.target, Decision(Unseen(door.hangs_on))),) if door.hangs_on else ()
    condition, plain = best(_plain(scene, caller, door))
    yield from ((*way, *besides) for way in plain)
    if condition is ALWAYS:
        return
    for option in door.options:
        for way, supposed in changes.ways(scene, caller, option):
            if supposed is not AS_READ:
                yield (*way, *besides)
                if needed(way) is ALWAYS:
                    return


def _plain(scene: Scene, caller: Caller, door: Door) -> Iterator[Way]:
    yield from (changes.used(scene, caller, option) for option in door.options)
    if door.made is not None:
        first = changes.used(scene, caller, door.options[0][:1])
        if needed(first) is not NEVER:
            yield from ((*first, *way) for way in door.made.ways(caller))


def _explaining(scene: Scene, sort: Sort, held: dict[tuple[Sort, str], list[Door]]) -> Explain:
    def explain(source: str, target: str) -> tuple[str, Sequence[Way]]:
        caller = scene.caller(source)
        told = [(door, changes.kinds(_ways(scene, caller, door)).get(sort.kind, [])) for door in held[sort, target]]
        tried = [(door, best(ways)) for door, ways in told]
        door, (_, ways) = min(tried, key=lambda one: (one[1][0] is NEVER, one[1][0] is not ALWAYS))
        return f"{source} may {door.does}", ways

    return explain


def edges(sort: Sort, found: Iterable[Found], scene: Scene, explain: Explain) -> Iterator[Edge]:
    """Yield as few edges as say it all, those of the estate apart from parties outside of it."""
    yield from stepping.edges(sort, found, explain, steps, partial(_outside, scene))


def _outside(scene: Scene, name: str) -> str | None:
    """Say whose a party outside of the estate is; None for one of the estate, and one of another cloud's."""
    principals = scene.facts.estate.principals
    foreign = name in principals and principals[name].provider != PROVIDER
    party = scene.party(scene.caller(name))
    outside = not foreign and name != ANYONE and (party.outside or name in scene.strangers)
    return party.account if outside else None
