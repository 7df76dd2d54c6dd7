"""From what callers are asked to their grants, who may be many that no document tells apart.

Such callers share one decision, that of one of them, and each proves its own grant when somebody asks for it. How a
caller is answered, and whose it is, its cloud's provider knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from cloudscan.access.answers import Decision, Effect, Reason, Ruling, either
from cloudscan.access.conditions import Condition, unsourced
from cloudscan.access.grants import Grant, Proof
from cloudscan.access.keyspace import Held, KeyClass, together
from cloudscan.access.sentences import only_if
from cloudscan.model import Action, MediaClass, Step

C = TypeVar("C")
Everyone = Callable[[], Iterable[C]]
"""Those who are alike, as often as somebody goes through them."""
OfClass = Callable[[KeyClass, C], Decision]
"""How a caller is answered about the objects of a class of keys."""


class Party(NamedTuple):
    """Whose a grant is, as a :class:`Grant` says it."""

    principal: str
    account: str
    outside: bool


def grant_of(
    party: Party,
    action: Action,
    store: str,
    decision: Decision,
    prove: Proof,
    held: Held | None = None,
    *,
    by: str = "",
    changes: bool = False,
    restores: bool = False,
) -> Grant:
    """Make the grant of one caller on the objects that a class of keys holds, or on none."""
    return Grant(
        principal=party.principal,
        action=action,
        store=store,
        decision=decision,
        prove=prove,
        media=held.media if held else None,
        objects=held.objects if held else 0,
        bytes=held.bytes if held else 0,
        seconds=held.seconds if held else 0.0,
        example=held.example if held else None,
        account=party.account,
        outside=party.outside,
        by=by,
        changes=changes,
        restores=restores,
        apart=held.apart if held else tuple,
    )


def tells(reason: Reason) -> bool:
    """Say whether a reason is a step of the proof that something is allowed."""
    return reason.effect in (Effect.ALLOWS, Effect.ASSUMES)


@dataclass(frozen=True, slots=True)
class Questions(Generic[C]):
    """What is asked about one store, or about a key. ``start`` stands before the key of an object in its name."""

    store: str
    start: str
    party: Callable[[C], Party]
    tells: Callable[[Reason], bool] = tells

    def of_objects(
        self,
        action: Action,
        classes: Iterable[KeyClass],
        one: C,
        everyone: Everyone[C],
        ask: OfClass[C],
        briefly: OfClass[C] | None = None,
    ) -> Iterator[Grant]:
        """Yield what callers who are alike may do to objects: one grant each for what one decision is about.

        ``briefly`` asks for no more than what decides, where ``ask`` also gives what only the proof needs.
        """
        for condition, meant in _decided(briefly or ask, classes, one).items():
            decision = Decision(condition)
            for held in together(meant):
                about = tuple(each for each in meant if any(one.media is held.media for one in each.held))
                proved = partial(self._of_classes, ask, about, held.media)
                question = _Question(self, action, f"{self.start}{held.example}", proved)
                yield from (question.grant(caller, decision, held) for caller in everyone())

    def of_itself(self, action: Action, one: C, everyone: Everyone[C], ask: Callable[[C], Decision]) -> Iterator[Grant]:
        """Yield what callers who are alike may do to the store, or with the key, itself."""
        decision = ask(one)
        if decision.ruling is not Ruling.NO:
            shared = Decision(unsourced(decision.condition))
            question = _Question(self, action, self.store, ask)
            yield from (question.grant(caller, shared) for caller in everyone())

    def _of_classes(self, ask: OfClass[C], classes: Sequence[KeyClass], media: MediaClass, caller: C) -> Decision:
        """Answer for several classes of keys that have the same answer, with the proof of each.

        The first of their keys is what a grant shows: what is told of others only, names one of these.
        """
        apart = [replace(each, example=held.example) for each in classes for held in each.held if held.media is media]
        told: dict[Reason, Reason] = {}
        decisions = []
        for number, each in enumerate(sorted(apart, key=lambda one: one.example)):
            decisions.append(ask(each, caller))
            for reason in decisions[-1].proof:
                elsewhere = f"{reason.sentence}, for {self.start}{each.example}" if number else reason.sentence
                told.setdefault(reason, replace(reason, sentence=elsewhere))
        return replace(either(decisions), proof=tuple(told.values()))


def _decided(ask: OfClass[C], classes: Iterable[KeyClass], one: C) -> Mapping[Condition, Sequence[KeyClass]]:
    """Tell what must hold for which keys; for each media class by itself where an answer names its example."""
    found: dict[Condition, list[KeyClass]] = defaultdict(list)
    for classed in classes:
        parts = [(decision := ask(classed, one), classed)]
        if decision.unseen:
            apart = [replace(classed, example=held.example, held=(held,)) for held in classed.held]
            parts = [(ask(each, one), each) for each in apart]
        for each, part in parts:
            if each.ruling is not Ruling.NO:
                found[unsourced(each.condition)].append(part)
    return found


@dataclass(frozen=True, slots=True)
class _Question(Generic[C]):
    """What callers are asked about alike, and how the answer of one of them is found with its proof."""

    about: Questions[C]
    action: Action
    target: str
    ask: Callable[[C], Decision]

    def grant(self, caller: C, decision: Decision, held: Held | None = None) -> Grant:
        """Make the grant of one caller."""
        party = self.about.party(caller)
        return grant_of(party, self.action, self.about.store, decision, _Proof(self, caller), held)

    def prove(self, caller: C) -> tuple[Step, ...]:
        """Turn the proof of one caller's answer into the steps of a finding's path."""
        principal = self.about.party(caller).principal
        said = dict.fromkeys(filter(self.about.tells, self.ask(caller).proof))
        return tuple(
            Step(principal, self.action, self.target, each.sentence, only_if(each.condition), each.statement)
            for each in said
        )


class _Proof(Generic[C]):
    """The proof of one caller's grant, found when it is asked for. There are very many, so it holds no more."""

    __slots__ = ("_caller", "_question")

    def __init__(self, question: _Question[C], caller: C) -> None:
        self._question, self._caller = question, caller

    def __call__(self) -> tuple[Step, ...]:
        return self._question.prove(self._caller)
