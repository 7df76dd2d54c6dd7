"""Derive who may do what to recordings in Cloud Storage and to the keys that protect them. Pure: reads only the estate.

Those whom policies name are asked in crowds (:mod:`cloudscan_gcp.crowds`): who is told apart by no policy shares one
decision, and each proves its own grant when it is asked to. Anyone, anyone signed in and somebody who is not named are
asked one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from cloudscan.access import Decision, Edge, Grant, Ruling
from cloudscan.access.alike import Questions
from cloudscan.access.keyspace import KeyClass, KeySpace
from cloudscan.access.remainders import Pieces
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action
from cloudscan_gcp.apps import Apps
from cloudscan_gcp.crowds import UNNAMED, Crowd, crowds
from cloudscan_gcp.facts import DECRYPT, Facts
from cloudscan_gcp.homes import Homes, serves
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.reads import ON_BUCKET, ON_OBJECTS, Reads
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps import steps_of
from cloudscan_gcp.steps.opening import Openings
from cloudscan_gcp.steps.publishing import Publishings
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
            yield from Publishings(scene, reads).grants()
            yield from Restorings(scene, reads).grants()
    yield from _of_keys(facts, homes, used)


def _of_store(reads: Reads, homes: Homes) -> Iterator[Grant]:
    """Yield every grant on a bucket and its objects."""
    every = [Crowd((reads.facts.caller(name),), reads.offers) for name in (ANYONE, ANYONE_SIGNED_IN)]
    every += [Crowd((UNNAMED,), ()), *_told(crowds(reads.facts, reads.matters, reads.entries), homes)]
    asked = {id(crowd): reads.patterns(crowd.offers) for crowd in every}
    space = KeySpace(reads.facts.estate.objects, reads.store.id, frozenset[Pieces]().union(*asked.values()))
    about = Questions(reads.store.id, f"{reads.store.id}/", homes.party)
    for crowd in every:
        found = list(_of_crowd(reads, about, crowd, space.classes(asked[id(crowd)])))
        # Of somebody whom nothing names, only what is not known is worth telling.
        unsure = crowd.one is UNNAMED
        yield from (grant for grant in found if not unsure or grant.decision.ruling is Ruling.UNKNOWN)


def _told(every: Iterable[Crowd], homes: Homes) -> Iterator[Crowd]:
    """Leave out parties outside that nothing names here: what everybody may do is told of anyone."""
    for crowd in every:
        callers = [one for one in crowd.callers if crowd.named or not homes.is_outside(one)]
        if callers:
            yield replace(crowd, callers=callers)


def _of_crowd(reads: Reads, about: Questions[Caller], crowd: Crowd, classes: Sequence[KeyClass]) -> Iterator[Grant]:
    """Yield what callers who are alike may do to objects and to their bucket."""
    for action, permission in ON_OBJECTS.items():
        if action is not Action.ADMINISTER or reads.heeds_lists:
            ask = partial(_of_class, reads, permission)
            yield from about.of_objects(action, classes, crowd.one, lambda: crowd.callers, ask)
    for action, permission in ON_BUCKET.items():
        yield from about.of_itself(action, crowd.one, lambda: crowd.callers, partial(_on_itself, reads, permission))


def _of_class(reads: Reads, permission: str, classed: KeyClass, caller: Caller) -> Decision:
    return reads.decide(caller, permission, classed)


def _on_itself(reads: Reads, permission: str, caller: Caller) -> Decision:
    return reads.on_itself(caller, permission)


def _of_keys(facts: Facts, homes: Homes, used: Collection[str]) -> Iterator[Grant]:
    """Yield who may decrypt with the customer keys: parties outside, and the estate's own with those that are used."""
    for name, key in sorted(facts.estate.keys.items()):
        if key.provider != PROVIDER or key.manager != "customer":
            continue
        matter = facts.matter(DECRYPT, facts.place(name).nodes)
        about, ask = Questions(name, "", homes.party), partial(_with_key, facts, name)
        strangers = [[facts.caller(ANYONE)], [facts.caller(ANYONE_SIGNED_IN)]]
        others = (
            [one for one in crowd.callers if (name in used or homes.is_outside(one)) and not serves(one)]
            for crowd in _told(crowds(facts, [matter]), homes)
        )
        for meant in filter(None, (*strangers, *others)):
            yield from about.of_itself(Action.DECRYPT, meant[0], meant.__iter__, ask)


def _with_key(facts: Facts, name: str, caller: Caller) -> Decision:
    """Ask about the key, and not about what it protects: a key that is off opens nothing to anybody."""
    return facts.decrypts(caller, name)
