"""Derive who may do what to recordings in S3 and to the keys that protect them. Pure: reads only the estate.

The estate's own identities are asked in crowds (:mod:`cloudscan_aws.alike`): those that no document tells apart share
one decision, and each proves its own grant when it is asked to. Everybody else is asked one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from cloudscan.access import (
    Context,
    Decision,
    Edge,
    Grant,
    Hands,
    Reason,
    Ruling,
)
from cloudscan.access.alike import Questions, tells
from cloudscan.access.keyspace import KeyClass, KeySpace
from cloudscan.access.remainders import Pieces
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action
from cloudscan_aws import outsiders
from cloudscan_aws.alike import Askers, Crowd
from cloudscan_aws.askers import UNNAMED, Asker, inside, states_of
from cloudscan_aws.buckets import READ_CALLS, Bucket
from cloudscan_aws.contents import Matter
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy import callers
from cloudscan_aws.policy.callers import STRANGER
from cloudscan_aws.policy.documents import Malformed
from cloudscan_aws.policy.kms import KeyFacts, evaluate_key_use
from cloudscan_aws.policy.s3_facts import Ownership
from cloudscan_aws.session import PROVIDER
from cloudscan_aws.steps import steps_of
from cloudscan_aws.steps.rewrites import Rewriters

_ON_OBJECTS: Mapping[Action, tuple[str, ...]] = {
    Action.READ: READ_CALLS,
    Action.WRITE: ("s3:PutObject",),
    Action.DELETE: ("s3:DeleteObject", "s3:DeleteObjectVersion"),
}
_ON_BUCKET = {Action.LIST: ("s3:ListBucket",), Action.ADMINISTER: ("s3:PutBucketPolicy", "s3:PutBucketAcl")}
_ALONE = Context.of({}, absent=["kms:ViaService"])
"""A call to a key that no other service makes for the caller ("kms:ViaService", AWS KMS Developer Guide)."""


def derive(
    estate: Estate, stores: Collection[str] | None = None, sessions: Iterable[Asker] = ()
) -> Iterator[Grant | Edge]:
    """Yield what anyone, outside accounts and the estate's own identities may do, and who may become whom.

    ``stores`` narrows the grants to stores in question; ``sessions`` are asked about beside the estate's identities.
    """
    facts = Facts(estate)
    insiders = [*inside(facts), *sessions]
    taken = steps_of(facts, insiders)
    yield from taken.edges
    askers = Askers([*insiders, *taken.guises], facts.organization)
    rewriters = Rewriters(askers, facts, taken.copiers, Hands(taken.edges, states_of(askers)))
    held = {corpus.store for corpus in estate.corpora}
    used: set[str] = set()
    for store in sorted(estate.stores.values(), key=lambda one: one.id):
        asked = stores is None or store.id in stores
        if asked and store.provider == PROVIDER and store.kind == "bucket" and store.id in held:
            bucket = Bucket(facts, store)
            used |= {key.arn for key in bucket.used_keys}
            crowds = bucket.crowds(askers)
            yield from (direct := list(_of_bucket(bucket, crowds)))
            yield from rewriters.grants(bucket, crowds, direct)
    yield from _of_keys(facts, askers, used)


def _questions(name: str) -> Questions[Asker]:
    return Questions(name, f"{name}/", attrgetter("party"), _is_told)


def _is_told(reason: Reason) -> bool:
    """Whether a reason is a step of a proof; of what is only supposed of a caller nothing is told."""
    return tells(reason) and not reason.statement.startswith(callers.EVERYTHING.name)


def _of_bucket(bucket: Bucket, crowds: Sequence[Crowd]) -> Iterator[Grant]:
    """Yield every grant on a bucket and its objects. ``crowds`` are the estate's identities, as they read it."""
    others = list(_outsiders(bucket))
    asked = {id(crowd): bucket.patterns(crowd.one, crowd) for crowd in crowds}
    asked |= {id(asker): bucket.patterns(asker) for asker in others}
    every: frozenset[Pieces] = frozenset().union(*asked.values())
    space = KeySpace(bucket.facts.estate.objects, bucket.store.id, every)
    for asker in others:
        classes = space.classes(asked[id(asker)])
        found = [*_on_objects(bucket, asker, classes, _object_calls(bucket)), *_on_bucket(bucket, asker)]
        # Of somebody whom nothing names, only what is not known is worth telling.
        unsure = asker.principal == UNNAMED
        yield from (grant for grant in found if not unsure or grant.decision.ruling is Ruling.UNKNOWN)
    for crowd in crowds:
        yield from _on_objects(bucket, crowd, space.classes(asked[id(crowd)]), {Action.READ: READ_CALLS})


def _object_calls(bucket: Bucket) -> Mapping[Action, tuple[str, ...]]:
    """Return what is asked about objects; their lists can be rewritten only where lists have effect."""
    if bucket.held.ownership is Ownership.BUCKET_OWNER_ENFORCED:
        return _ON_OBJECTS
    return {**_ON_OBJECTS, Action.ADMINISTER: ("s3:PutObjectAcl", "s3:PutObjectVersionAcl")}


def _outsiders(bucket: Bucket) -> Iterator[Asker]:
    """Yield anyone, anyone signed in, the outside parties that a document names, and one whom it may name."""
    yield Asker(ANYONE, callers.ANYONE)
    yield Asker(ANYONE_SIGNED_IN, STRANGER)
    yield from outsiders.named(bucket.held, bucket.policies, bucket.facts)
    if _may_name_others(bucket):
        unnamed = replace(callers.somebody_in(callers.NOBODYS_ACCOUNT), canonical_id="")  # no list that was read has it
        yield Asker(UNNAMED, unnamed, UNNAMED, outside=True)


def _may_name_others(bucket: Bucket) -> bool:
    """Whether something that was not read, or that is malformed, may admit an account that nothing else names."""
    if bucket.held.policy is None or any(door is not None and door.policy is None for door in bucket.doors):
        return True
    statements = (each for policy in bucket.policies for each in policy.document.statements)
    heeds_lists = bucket.held.ownership is not Ownership.BUCKET_OWNER_ENFORCED
    return heeds_lists or any(isinstance(each, Malformed) for each in statements)


def _on_objects(
    bucket: Bucket, askers: Crowd | Asker, classes: Sequence[KeyClass], actions: Mapping[Action, tuple[str, ...]]
) -> Iterator[Grant]:
    """Yield what callers who are alike may do to objects."""
    about = _questions(bucket.store.id)
    for action, calls in actions.items():
        ask = partial(_of_class, bucket, calls)
        if isinstance(askers, Asker):
            yield from about.of_objects(action, classes, askers, partial(iter, (askers,)), ask)
        else:
            briefly = partial(_of_class, bucket, askers.differing(calls))
            yield from about.of_objects(action, classes, askers.one, partial(_members, askers), ask, briefly)


def _members(crowd: Crowd) -> Iterator[Asker]:
    return crowd.askers


def _of_class(bucket: Bucket, calls: Collection[str], classed: KeyClass, asker: Asker) -> Decision:
    return bucket.decide(asker, calls, classed)


def _on_bucket(bucket: Bucket, asker: Asker) -> Iterator[Grant]:
    for action, calls in _ON_BUCKET.items():
        ask = partial(_on_itself, bucket, calls)
        yield from _questions(bucket.store.id).of_itself(action, asker, lambda: (asker,), ask)


def _on_itself(bucket: Bucket, calls: Collection[str], asker: Asker) -> Decision:
    return bucket.decide_on_itself(asker, calls)


def _of_keys(facts: Facts, askers: Askers, used: Collection[str]) -> Iterator[Grant]:
    """Yield who may decrypt with the customer keys: outside parties, and the estate's own with those that are used.

    Strangers are asked about in whatever way they come. Of everybody else a call of their own is meant: on the way
    through another service a key opens nothing to those whom that service refuses.
    """
    for name, key in sorted(facts.keys.items()):
        if key.managed_by_aws:
            continue
        decrypting = partial(_questions(name).of_itself, Action.DECRYPT)
        somehow, alone = partial(_with_key, facts, key, Context()), partial(_with_key, facts, key, _ALONE)
        stranger = Asker(ANYONE_SIGNED_IN, STRANGER)
        yield from decrypting(stranger, partial(iter, (stranger,)), somehow)
        for asker in outsiders.named_by_key(key, facts):
            yield from decrypting(asker, partial(iter, (asker,)), alone)
        for crowd in _users(key, askers) if name in used else ():
            yield from decrypting(crowd.one, partial(_members, crowd), alone)


def _users(key: KeyFacts, askers: Askers) -> list[Crowd]:
    grantees = [(number, grant.grantee) for number, grant in enumerate(key.grants or ())]
    matter = Matter(frozenset({"kms:decrypt"}), exactly=(key.arn,))
    return askers.crowds(matter, speakers=[key.policy] if key.policy else [], grantees=grantees)


def _with_key(facts: Facts, key: KeyFacts, told: Context, asker: Asker) -> Decision:
    """Ask about the key, and not about what it protects. KMS serves no unsigned request."""
    context = told.over(asker.told)
    return evaluate_key_use(asker.caller, "Decrypt", key, organization=facts.organization, context=context)
