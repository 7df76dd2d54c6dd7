"""Derive who may do what to recordings in Blob Storage and to the keys that protect them. Pure: reads only the estate.

Those whom assignments and lists name are asked in crowds (:mod:`cloudscan_azure.crowds`): who is told apart by no
policy shares one decision, and each proves its own grant when it is asked to. Anyone and somebody who is not named are
asked one by one. Whoever holds a signature that goes by a stored access policy may use it, and nobody can see who that
is: what such a policy would give is told as not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from cloudscan.access import Decision, Edge, Grant, Ruling, both
from cloudscan.access.alike import Party, Questions
from cloudscan.access.conditions import Unseen
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.remainders import Pieces
from cloudscan.estate import Estate
from cloudscan.groups import everybody_of
from cloudscan.model import ANYONE, Action
from cloudscan_azure.bearers import by_policy, holding_signature, is_whole, stored
from cloudscan_azure.crowds import UNNAMED, Crowd, crowds
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import BLOBS, PROVIDER
from cloudscan_azure.keys import Keys
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.operations import Operation
from cloudscan_azure.policy.sas import StoredPolicy
from cloudscan_azure.reads import ON_CONTAINER, ON_OBJECTS, Reads
from cloudscan_azure.steps import steps_of
from cloudscan_azure.steps.hidden import Hidden
from cloudscan_azure.steps.opening import Openings
from cloudscan_azure.steps.scene import Scene
from cloudscan_azure.steps.secrets import Secrets


def derive(estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
    """Yield what anyone, parties outside and the estate's own identities may do.

    ``stores`` narrows the grants to stores in question.
    """
    facts = Facts(estate)
    scene = Scene(facts)
    yield from steps_of(scene)
    secrets, hidden = Secrets(scene), Hidden(scene)
    held = {corpus.store for corpus in estate.corpora}
    protected = []
    for store in sorted(estate.stores.values(), key=lambda one: one.id):
        asked = stores is None or store.id in stores
        if asked and store.provider == PROVIDER and store.kind == "container" and store.id in held:
            protected.append(store)
            reads = Reads(facts, store)
            yield from _of_store(reads)
            yield from Openings(scene, reads, secrets, hidden).grants()
    yield from Keys(scene).grants(protected)


def _of_store(reads: Reads) -> Iterator[Grant]:
    """Yield every grant on a container and its blobs."""
    facts, store = reads.facts, reads.store
    lists = [acl for acl in facts.documents.acls(store.id).values() if acl is not None]
    every = [Crowd((facts.caller(ANYONE),)), Crowd((UNNAMED,), named=False), *crowds(facts, reads.matters, lists)]
    asked = {id(crowd): reads.patterns(crowd.offers) for crowd in every}
    space = facts.space(store.id, frozenset[Pieces]().union(*asked.values()))
    about = Questions(store.id, f"{store.id}{BLOBS}", partial(_party, facts))
    for crowd in every:
        found = list(_of_crowd(reads, about, crowd, space.classes(asked[id(crowd)])))
        # What is not known of whoever is not named is told once, for somebody who is not.
        once = crowd.one is UNNAMED
        yield from (one for one in found if crowd.named or (one.decision.ruling is Ruling.UNKNOWN) is once)
    if lists:
        every_other = Crowd((_everybody(reads),))
        found = list(_of_crowd(reads, about, every_other, space.classes(reads.patterns(()))))
        yield from (one for one in found if one.decision.ruling is not Ruling.UNKNOWN)
    for name, policy in sorted(stored(facts, store).items()):
        yield from _by_policy(reads, about, name, policy, space.classes(reads.patterns(())))


def _everybody(reads: Reads) -> Caller:
    """Return who stands for all of the tenant, to whom a list gives what all others have.

    From "Access control model in Azure Data Lake Storage": others are all who are no owner and in no entry.
    """
    account = reads.facts.estate.accounts.get(reads.store.account)
    home = (account.organization if account else None) or reads.store.account
    return replace(UNNAMED, name=everybody_of(home), tenant=home)


def _party(facts: Facts, caller: Caller) -> Party:
    return Party(caller.name, caller.tenant, facts.people.is_outside(caller))


def _of_crowd(reads: Reads, about: Questions[Caller], crowd: Crowd, classes: Sequence[KeyClass]) -> Iterator[Grant]:
    """Yield what callers who are alike may do to blobs and to their container."""
    for action, operation in ON_OBJECTS.items():
        ask = partial(_of_class, reads, operation)
        yield from about.of_objects(action, classes, crowd.one, lambda: crowd.callers, ask)
    for action, operation in ON_CONTAINER.items():
        yield from about.of_itself(action, crowd.one, lambda: crowd.callers, partial(_on_itself, reads, operation))


def _of_class(reads: Reads, operation: Operation, classed: KeyClass, caller: Caller) -> Decision:
    return reads.decide(caller, operation, classed, alike=True)


def _on_itself(reads: Reads, operation: Operation, caller: Caller) -> Decision:
    return reads.on_itself(caller, operation)


def _by_policy(
    reads: Reads, about: Questions[Caller], name: str, policy: StoredPolicy, classes: Sequence[KeyClass]
) -> Iterator[Grant]:
    """Yield what whoever holds a signature by a stored access policy may read, if there is one."""
    if not is_whole(policy):
        return  # the token itself would say the rest, and nobody sees it
    holder = holding_signature(reads.store, name)
    ask = partial(_of_holder, reads, name, policy)
    yield from about.of_objects(Action.READ, classes, holder, lambda: (holder,), ask)


def _of_holder(reads: Reads, name: str, policy: StoredPolicy, classed: KeyClass, holder: Caller) -> Decision:
    words = (
        f"whether somebody holds a signature by the stored access policy {name} cannot be seen: whoever does may use it"
    )
    return both([Decision(Unseen(words)), by_policy(reads, name, policy, classed, holder)])
