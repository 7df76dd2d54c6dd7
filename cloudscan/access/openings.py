"""Reads that somebody opens by a step first: what is told of them, for all clouds, and how each is proved.

Who could take such a step, and what can be read then, the provider of a cloud knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cloudscan.access.answers import Decision
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, all_of, unsourced
from cloudscan.access.keyspace import Held, KeyClass, together
from cloudscan.access.parts import Part, Way, called, is_detour, needed
from cloudscan.access.sentences import only_if
from cloudscan.model import Action, Step


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody uses to open a read, and the read that is possible then, by ``who`` if that is not themselves."""

    way: Way
    read: Decision
    who: str = ""

    @property
    def by(self) -> str:
        """What is used, as a grant tells it."""
        return called(self.way)

    @property
    def condition(self) -> Condition:
        """What must hold for all of it, side by side."""
        return all_of((needed(self.way), self.read.condition))


@dataclass(frozen=True, slots=True)
class Opened:
    """What is read of a store by one kind of opening under one condition. ``about`` is a class of keys to prove it."""

    by: str
    condition: Condition
    held: Held
    about: KeyClass


def opened(
    classes: Iterable[KeyClass],
    plain: Callable[[KeyClass], Condition],
    openings: Callable[[KeyClass], Iterable[Opening]],
    is_told: Callable[[Condition], bool],
) -> Iterator[Opened]:
    """Yield what somebody reads by an opening and does not surely read anyhow.

    ``plain`` is what must hold for a read of a class of keys as it is, ``openings`` what opens one; ``is_told`` says
    whether an answer is worth telling. An opening that uses more than a sure one is none.
    """
    found: dict[tuple[str, Condition], list[KeyClass]] = defaultdict(list)
    for each in classes:
        anyhow = plain(each)
        if anyhow is ALWAYS:
            continue
        told: dict[str, Condition] = {}
        sure: list[Way] = []
        for opening in openings(each):
            helps = opening.condition != anyhow and is_told(opening.condition)
            if helps and not is_detour(opening.way, sure) and told.get(opening.by) is not ALWAYS:
                told[opening.by] = unsourced(opening.condition)
            if opening.condition is ALWAYS:
                sure.append(opening.way)
        for key in told.items():
            found[key].append(each)
    for (by, condition), meant in found.items():
        for held in together(meant):
            about = next(each for each in meant if any(one.media is held.media for one in each.held))
            yield Opened(by, condition, held, replace(about, example=held.example))


def proof(
    source: str,
    by: str,
    target: str,
    openings: Iterable[Opening],
    reason: Callable[[str], str],
    steps: Callable[[str, Part], Iterator[Step]],
) -> tuple[Step, ...]:
    """Prove what is opened by one kind of opening: by the surest of those that there are, none where there are none.

    ``reason`` says in a sentence how it is opened for who then reads, and ``steps`` prove one use of a right.
    """
    possible = [one for one in openings if one.by == by and one.condition is not NEVER]
    if not possible:
        return ()
    opening = min(possible, key=lambda one: one.condition is not ALWAYS)
    read = Part(Action.READ, target, opening.read, who=opening.who)
    used: Sequence[Part] = (*opening.way, read)
    first = Step(source, by, target, reason(opening.who or source), only_if(opening.condition))
    return (first, *(step for part in used for step in steps(source, part)))
