"""Derive who may do what to recordings in Cloud Storage and to the keys that protect them. Pure: reads only the estate.

Those whom policies name are asked in crowds (:mod:`cloudscan_gcp.crowds`): who is told apart by no policy shares one
decision, and each proves its own grant when it is asked to. Anyone, anyone signed in and somebody who is not named are
asked one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cloudscan.access import Condition, Decision, Edge, Effect, Grant, Reason, Ruling, either, only_if
from cloudscan.access.conditions import unsourced
from cloudscan.access.keyspace import Held, KeyClass, KeySpace, together
from cloudscan.access.remainders import Pieces
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, MediaClass, Step
from cloudscan_gcp.apps import Apps
from cloudscan_gcp.crowds import UNNAMED, Crowd, crowds
from cloudscan_gcp.facts import DECRYPT, Facts
from cloudscan_gcp.homes import Homes, serves
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.reads import ON_BUCKET, ON_OBJECTS, Reads
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps import steps_of
from cloudscan_gcp.steps.opening import Openings
from cloudscan_gcp.steps.restoring import Restorings
from cloudscan_gcp.steps.scene import Scene


def derive(estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
    """Yield what anyone, parties outside and the estate's own identities may do.

    ``stores`` narrows the grants to stores in question.
    """
    facts = Facts(estate)
    scene = Scene(facts)
    homes = scene.homes
    yield from steps_of(scene)
    held = {corpus.store for corpus in estate.corpora}
    used: set[str] = set()
    for store in sorted(estate.stores.values(), key=lambda one: one.id):
        asked = stores is None or store.id in stores
        if asked and store.provider == PROVIDER and store.kind == "bucket" and store.id in held:
            reads = Reads(facts, store)
            used |= reads.used_keys
            yield from _of_store(reads, homes)
            yield from Apps(reads).derive()
            yield from Openings(scene, reads).grants()
            yield from Restorings(scene, reads).grants()
    yield from _of_keys(facts, homes, used)


@dataclass(frozen=True, slots=True)
class _Question:
    """What callers are asked about alike, and how the answer of one of them is found with its proof."""

    action: Action
    store: str
    target: str
    ask: Callable[[Caller], Decision]
    homes: Homes

    def grant(self, caller: Caller, decision: Decision, held: Held | None = None) -> Grant:
        """Make the grant of one caller."""
        anyone = caller.name in (ANYONE, ANYONE_SIGNED_IN)
        return Grant(
            principal=caller.name,
            action=self.action,
            store=self.store,
            decision=decision,
            prove=_Proof(self, caller),
            media=held.media if held else None,
            objects=held.objects if held else 0,
            bytes=held.bytes if held else 0,
            seconds=held.seconds if held else 0.0,
            example=held.example if held else None,
            parts=held.parts if held else (),
            account="" if anyone else self.homes.account(caller),
            outside=not anyone and self.homes.is_outside(caller),
        )


class _Proof:
    """The proof of one caller's grant, found when it is asked for. There are very many, so it holds no more."""

    __slots__ = ("_caller", "_question")

    def __init__(self, question: _Question, caller: Caller) -> None:
        self._question, self._caller = question, caller

    def __call__(self) -> tuple[Step, ...]:
        question, caller = self._question, self._caller
        return steps(caller.name, question.action, question.target, question.ask(caller))


def _of_store(reads: Reads, homes: Homes) -> Iterator[Grant]:
    """Yield every grant on a bucket and its objects."""
    every = [Crowd((reads.facts.caller(name),), reads.offers) for name in (ANYONE, ANYONE_SIGNED_IN)]
    every += [Crowd((UNNAMED,), ()), *_told(crowds(reads.facts, reads.matters, reads.entries), homes)]
    asked = {id(crowd): reads.patterns(crowd.offers) for crowd in every}
    space = KeySpace(reads.facts.estate.objects, reads.store.id, frozenset[Pieces]().union(*asked.values()))
    for crowd in every:
        found = [*_on_objects(reads, homes, crowd, space.classes(asked[id(crowd)])), *_on_bucket(reads, homes, crowd)]
        # Of somebody whom nothing names, only what is not known is worth telling.
        unsure = crowd.one is UNNAMED
        yield from (grant for grant in found if not unsure or grant.decision.ruling is Ruling.UNKNOWN)


def _told(every: Iterable[Crowd], homes: Homes) -> Iterator[Crowd]:
    """Leave out parties outside that nothing names here: what everybody may do is told of anyone."""
    for crowd in every:
        callers = [one for one in crowd.callers if crowd.named or not homes.is_outside(one)]
        if callers:
            yield replace(crowd, callers=callers)


def _on_objects(reads: Reads, homes: Homes, crowd: Crowd, classes: Sequence[KeyClass]) -> Iterator[Grant]:
    """Yield what callers who are alike may do to objects: one grant each for what one decision is about."""
    for action, permission in ON_OBJECTS.items():
        if action is Action.ADMINISTER and not reads.heeds_lists:
            continue
        decided: dict[Condition, list[KeyClass]] = defaultdict(list)
        for each in classes:
            for condition, part in _decided(reads, crowd.one, permission, each):
                decided[condition].append(part)
        for condition, meant in decided.items():
            decision = Decision(condition)
            for held in together(meant):
                about = tuple(each for each in meant if any(one.media is held.media for one in each.held))
                ask = partial(_on_classes, reads, permission, about, held.media)
                question = _Question(action, reads.store.id, f"{reads.store.id}/{held.example}", ask, homes)
                yield from (question.grant(caller, decision, held) for caller in crowd.callers)


def _decided(reads: Reads, caller: Caller, permission: str, classed: KeyClass) -> Iterator[tuple[Condition, KeyClass]]:
    """Yield what must hold for a class of keys; for each media class by itself where an answer names its example."""
    decision = reads.decide(caller, permission, classed)
    parts = [(decision, classed)]
    if decision.unseen:
        apart = [replace(classed, example=held.example, held=(held,)) for held in classed.held]
        parts = [(reads.decide(caller, permission, each), each) for each in apart]
    yield from ((unsourced(each.condition), part) for each, part in parts if each.ruling is not Ruling.NO)


def _on_classes(
    reads: Reads, permission: str, classes: Sequence[KeyClass], media: MediaClass, caller: Caller
) -> Decision:
    """Answer for several classes of keys that have the same answer, with the proof of each.

    The first of their keys is what a grant shows: what is told of others only, names one of these.
    """
    apart = [replace(each, example=held.example) for each in classes for held in each.held if held.media is media]
    told: dict[Reason, Reason] = {}
    decisions = []
    for number, each in enumerate(sorted(apart, key=lambda one: one.example)):
        decisions.append(reads.decide(caller, permission, each))
        for reason in decisions[-1].proof:
            elsewhere = f"{reason.sentence}, for {reads.store.id}/{each.example}" if number else reason.sentence
            told.setdefault(reason, replace(reason, sentence=elsewhere))
    return replace(either(decisions), proof=tuple(told.values()))


def _on_bucket(reads: Reads, homes: Homes, crowd: Crowd) -> Iterator[Grant]:
    for action, permission in ON_BUCKET.items():
        ask = partial(_on_itself, reads, permission)
        question = _Question(action, reads.store.id, reads.store.id, ask, homes)
        yield from _shared(question, crowd)


def _on_itself(reads: Reads, permission: str, caller: Caller) -> Decision:
    return reads.on_itself(caller, permission)


def _shared(question: _Question, crowd: Crowd) -> Iterator[Grant]:
    decision = question.ask(crowd.one)
    if decision.ruling is not Ruling.NO:
        shared = Decision(unsourced(decision.condition))
        yield from (question.grant(caller, shared) for caller in crowd.callers)


def _of_keys(facts: Facts, homes: Homes, used: Collection[str]) -> Iterator[Grant]:
    """Yield who may decrypt with the customer keys: parties outside, and the estate's own with those that are used."""
    for name, key in sorted(facts.estate.keys.items()):
        if key.provider != PROVIDER or key.manager != "customer":
            continue
        matter = facts.matter(DECRYPT, facts.place(name).nodes)
        question = _Question(Action.DECRYPT, name, name, partial(_with_key, facts, name), homes)
        for caller in (facts.caller(ANYONE), facts.caller(ANYONE_SIGNED_IN)):
            yield from _shared(question, Crowd((caller,), ()))
        for crowd in _told(crowds(facts, [matter]), homes):
            meant = [one for one in crowd.callers if (name in used or homes.is_outside(one)) and not serves(one)]
            if meant:
                yield from _shared(question, replace(crowd, callers=meant))


def _with_key(facts: Facts, name: str, caller: Caller) -> Decision:
    """Ask about the key, and not about what it protects: a key that is off opens nothing to anybody."""
    return facts.decrypts(caller, name)


def steps(principal: str, action: Action, target: str, decision: Decision) -> tuple[Step, ...]:
    """Turn the proof of a decision into the steps of a finding's path."""
    said = (reason for reason in decision.proof if reason.effect in (Effect.ALLOWS, Effect.ASSUMES))
    return tuple(
        Step(principal, action, target, reason.sentence, _condition(reason), reason.statement)
        for reason in dict.fromkeys(said)
    )


def _condition(reason: Reason) -> str:
    return only_if(reason.condition)
