"""Derive who may do what to recordings in Blob Storage. Pure: reads only the estate.

Those whom assignments and lists name are asked in crowds (:mod:`cloudscan_azure.crowds`): who is told apart by no
policy shares one decision, and each proves its own grant when it is asked to. Anyone and somebody who is not named are
asked one by one. Whoever holds a signature that goes by a stored access policy may use it, and nobody can see who that
is: what such a policy would give is told as not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cloudscan.access import Condition, Decision, Edge, Effect, Grant, Reason, Ruling, either, only_if
from cloudscan.access.answers import both
from cloudscan.access.conditions import Unseen, unsourced
from cloudscan.access.keyspace import Held, KeyClass, KeySpace, together
from cloudscan.access.remainders import Pieces
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Action, Answer, MediaClass, Step
from cloudscan_azure.crowds import UNNAMED, Crowd, crowds
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import BLOBS, PROVIDER
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.operations import GET_BLOB, Operation
from cloudscan_azure.policy.sas import SERVICE, Sas, StoredPolicy
from cloudscan_azure.reads import ON_CONTAINER, ON_OBJECTS, Reads
from cloudscan_azure.resources import container_name


def derive(estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
    """Yield what anyone, parties outside and the estate's own identities may do.

    ``stores`` narrows the grants to stores in question.
    """
    facts = Facts(estate)
    held = {corpus.store for corpus in estate.corpora}
    for store in sorted(estate.stores.values(), key=lambda one: one.id):
        asked = stores is None or store.id in stores
        if asked and store.provider == PROVIDER and store.kind == "container" and store.id in held:
            yield from _of_store(Reads(facts, store))


@dataclass(frozen=True, slots=True)
class _Question:
    """What callers are asked about alike, and how the answer of one of them is found with its proof."""

    action: Action
    store: str
    target: str
    ask: Callable[[Caller], Decision]
    facts: Facts

    def grant(self, caller: Caller, decision: Decision, held: Held | None = None) -> Grant:
        """Make the grant of one caller."""
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
            account=caller.tenant,
            outside=self.facts.people.is_outside(caller),
        )


class _Proof:
    """The proof of one caller's grant, found when it is asked for. There are very many, so it holds no more."""

    __slots__ = ("_caller", "_question")

    def __init__(self, question: _Question, caller: Caller) -> None:
        self._question, self._caller = question, caller

    def __call__(self) -> tuple[Step, ...]:
        question, caller = self._question, self._caller
        return steps(caller.name, question.action, question.target, question.ask(caller))


def _of_store(reads: Reads) -> Iterator[Grant]:
    """Yield every grant on a container and its blobs."""
    facts, store = reads.facts, reads.store
    lists = [acl for acl in facts.documents.acls(store.id).values() if acl is not None]
    every = [Crowd((facts.caller(ANYONE),)), Crowd((UNNAMED,), named=False), *crowds(facts, reads.matters, lists)]
    asked = {id(crowd): reads.patterns(crowd.offers) for crowd in every}
    space = KeySpace(facts.estate.objects, store.id, frozenset[Pieces]().union(*asked.values()))
    for crowd in every:
        found = [*_on_objects(reads, crowd, space.classes(asked[id(crowd)])), *_on_container(reads, crowd)]
        # What is not known of whoever is not named is told once, for somebody who is not.
        once = crowd.one is UNNAMED
        yield from (one for one in found if crowd.named or (one.decision.ruling is Ruling.UNKNOWN) is once)
    for name, policy in sorted((facts.documents.stored_policies(store.id) or {}).items()):
        yield from _by_policy(reads, name, policy, space.classes(reads.patterns(())))


def _on_objects(reads: Reads, crowd: Crowd, classes: Sequence[KeyClass]) -> Iterator[Grant]:
    """Yield what callers who are alike may do to blobs: one grant each for what one decision is about."""
    for action, operation in ON_OBJECTS.items():
        decided: dict[Condition, list[KeyClass]] = defaultdict(list)
        ask = partial(_of_class, reads, operation)
        for each in classes:
            for condition, part in _decided(ask, crowd.one, each):
                decided[condition].append(part)
        yield from _told(reads, action, decided, crowd.callers, ask)


def _of_class(reads: Reads, operation: Operation, classed: KeyClass, caller: Caller) -> Decision:
    return reads.decide(caller, operation, classed, alike=True)


_OfClass = Callable[[KeyClass, Caller], Decision]


def _decided(ask: _OfClass, caller: Caller, classed: KeyClass) -> Iterator[tuple[Condition, KeyClass]]:
    """Yield what must hold for a class of keys; for each media class by itself where an answer names its example."""
    decision = ask(classed, caller)
    parts = [(decision, classed)]
    if decision.unseen:
        apart = [replace(classed, example=held.example, held=(held,)) for held in classed.held]
        parts = [(ask(each, caller), each) for each in apart]
    yield from ((unsourced(each.condition), part) for each, part in parts if each.ruling is not Ruling.NO)


def _told(
    reads: Reads,
    action: Action,
    decided: dict[Condition, list[KeyClass]],
    callers: Sequence[Caller],
    ask: _OfClass,
) -> Iterator[Grant]:
    for condition, meant in decided.items():
        decision = Decision(condition)
        for held in together(meant):
            about = tuple(each for each in meant if any(one.media is held.media for one in each.held))
            asked = partial(_on_classes, reads, about, held.media, ask)
            target = f"{reads.store.id}{BLOBS}{held.example}"
            question = _Question(action, reads.store.id, target, asked, reads.facts)
            yield from (question.grant(caller, decision, held) for caller in callers)


def _on_classes(
    reads: Reads, classes: Sequence[KeyClass], media: MediaClass, ask: _OfClass, caller: Caller
) -> Decision:
    """Answer for several classes of keys that have the same answer, with the proof of each.

    The first of their keys is what a grant shows: what is told of others only, names one of these.
    """
    apart = [replace(each, example=held.example) for each in classes for held in each.held if held.media is media]
    told: dict[Reason, Reason] = {}
    decisions = []
    for number, each in enumerate(sorted(apart, key=lambda one: one.example)):
        decisions.append(ask(each, caller))
        for reason in decisions[-1].proof:
            elsewhere = f"{reason.sentence}, for {reads.store.id}{BLOBS}{each.example}" if number else reason.sentence
            told.setdefault(reason, replace(reason, sentence=elsewhere))
    return replace(either(decisions), proof=tuple(told.values()))


def _on_container(reads: Reads, crowd: Crowd) -> Iterator[Grant]:
    for action, operation in ON_CONTAINER.items():
        ask = partial(_on_itself, reads, operation)
        decision = ask(crowd.one)
        if decision.ruling is not Ruling.NO:
            shared = Decision(unsourced(decision.condition))
            question = _Question(action, reads.store.id, reads.store.id, ask, reads.facts)
            yield from (question.grant(caller, shared) for caller in crowd.callers)


def _on_itself(reads: Reads, operation: Operation, caller: Caller) -> Decision:
    return reads.on_itself(caller, operation)


def _by_policy(reads: Reads, name: str, policy: StoredPolicy, classes: Sequence[KeyClass]) -> Iterator[Grant]:
    """Yield what whoever holds a signature by a stored access policy may read, if there is one."""
    if not policy.permissions or not policy.expiry:
        return  # the token itself would say the rest, and nobody sees it
    holder = Caller(f"holder of a signature by the stored access policy {name} of {reads.store.id}")
    signed = Sas(SERVICE, container=container_name(reads.store), policy=name, key_current=Answer.YES)
    ask = partial(_of_holder, reads, signed, name)
    decided: dict[Condition, list[KeyClass]] = defaultdict(list)
    for each in classes:
        for condition, part in _decided(ask, holder, each):
            decided[condition].append(part)
    yield from _told(reads, Action.READ, decided, [holder], ask)


def _of_holder(reads: Reads, signed: Sas, name: str, classed: KeyClass, _: Caller) -> Decision:
    there = Unseen(f"whether somebody holds a signature by the stored access policy {name} cannot be seen")
    return both([Decision(there), reads.by_sas(signed, GET_BLOB, classed)])


def steps(principal: str, action: Action, target: str, decision: Decision) -> tuple[Step, ...]:
    """Turn the proof of a decision into the steps of a finding's path."""
    said = (reason for reason in decision.proof if reason.effect in (Effect.ALLOWS, Effect.ASSUMES))
    return tuple(
        Step(principal, action, target, reason.sentence, _condition(reason), reason.statement)
        for reason in dict.fromkeys(said)
    )


def _condition(reason: Reason) -> str:
    return only_if(reason.condition)
