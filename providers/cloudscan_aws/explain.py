"""Why somebody may, or may not, read an object, and what of a read is missing. Pure: reads only the estate."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from cloudscan.access import Decision, Effect, Reason, Ruling
from cloudscan.access.held_back import HeldBack
from cloudscan.access.keyspace import KeyClass, KeySpace
from cloudscan.errors import UsageError
from cloudscan.estate import RECORDED, Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, MediaClass
from cloudscan.provider import Halfway, StoppedKey
from cloudscan_aws import outsiders
from cloudscan_aws.alike import Askers
from cloudscan_aws.askers import Asker, inside
from cloudscan_aws.buckets import READ_CALLS, Bucket
from cloudscan_aws.facts import Facts, encryption
from cloudscan_aws.policy import callers
from cloudscan_aws.policy.kms import works
from cloudscan_aws.policy.s3_key import key_named
from cloudscan_aws.session import PROVIDER
from cloudscan_aws.steps import weighed

_UNDER_KEYS = ("SSE-KMS", "DSSE-KMS")


def explain(estate: Estate, principal: str, store: str, key: str) -> Decision:
    """Answer with every reason, for the object as the table holds it: one that it does not hold is as its bucket is.

    Where the object is to be had and not its key, a no tells by what, and what is missing of the key.
    """
    bucket = _bucket(estate, store)
    asker, found = _asker(principal, bucket), _as_held(bucket, key)
    decision = bucket.decide(asker, READ_CALLS, found)
    half = _had(bucket, asker, found) if decision.ruling is Ruling.NO else None
    if half is None:
        return replace(decision, proof=tuple(dict.fromkeys(decision.proof)))
    call, had = half
    proof = bucket.ask(asker, call, found).proof
    return replace(decision, proof=tuple(dict.fromkeys((*filter(_is_missing, proof), *had.proof))))


def held_back(estate: Estate, principal: str, store: str, key: str) -> Sequence[HeldBack]:
    """Tell which steps towards an object somebody is allowed and something stops."""
    bucket = _bucket(estate, store)
    try:
        asker = _asker(principal, bucket)
    except UsageError:
        return ()
    return weighed.held_back(bucket, asker, _as_held(bucket, key))


def _had(bucket: Bucket, asker: Asker, found: KeyClass) -> tuple[str, Decision] | None:
    """Return the call by which somebody may get objects as they lie there, whatever key they are under."""
    plain = replace(found, encryption_mode="provider", key_id=None)
    asked = ((call, bucket.ask(asker, call, plain)) for call in READ_CALLS)
    return next(((call, decision) for call, decision in asked if decision.ruling is not Ruling.NO), None)


def _is_missing(reason: Reason) -> bool:
    return reason.effect in (Effect.LACKS, Effect.DENIES)


def halfway(estate: Estate, store: str, media: MediaClass | None = None) -> list[Halfway]:
    """Tell who may get recordings of a bucket, or a class of them, and may not decrypt them, most principals first.

    The same for all of a crowd but for their names, so that one of each is asked, first about the object alone.
    """
    bucket = _bucket(estate, store)
    if not bucket.used_keys:
        return []
    found: dict[tuple[str, ...], list[tuple[str, str, tuple[Reason, ...]]]] = defaultdict(list)
    for principals, each, reasons in _half(bucket, media):
        name, arn = principals[0], f"{bucket.held.arn}/{each.example}"
        alike = tuple(_of_it(reason.sentence, name).replace(arn, "") for reason in reasons)
        found[alike] += ((principal, each.example, reasons) for principal in principals)
    told = []
    for held in found.values():
        _, example, reasons = held[0]
        told.append(Halfway(list(dict.fromkeys(principal for principal, _, _ in held)), example, reasons))
    return sorted(told, key=lambda one: (-len(one.principals), one.principals[0]))


def _of_it(sentence: str, name: str) -> str:
    """Say a sentence of no one by name; a statement of a document keeps the name of whose it is."""
    return re.sub(rf"{re.escape(name)}(?![\w/#:+=,.@-])", "it", sentence)


def _half(bucket: Bucket, media: MediaClass | None) -> Iterator[tuple[list[str], KeyClass, tuple[Reason, ...]]]:
    """Yield those who are alike, a class of keys that they may get and not decrypt, and what one of them lacks."""
    crowds = bucket.crowds(Askers(inside(bucket.facts), bucket.facts.organization))
    asked = [(list(crowd.askers), bucket.patterns(crowd.one, crowd)) for crowd in crowds]
    asked += [([asker], bucket.patterns(asker)) for asker in _outsiders(bucket)]
    every = frozenset().union(*(patterns for _, patterns in asked))
    space = KeySpace(bucket.facts.estate.objects, bucket.store.id, every)
    for askers, patterns in asked:
        for each in _of_class(space.classes(patterns), media):
            if reasons := _undecrypted(bucket, askers[0], each):
                yield [asker.principal for asker in askers], each, reasons


def _of_class(found: Iterable[KeyClass], media: MediaClass | None) -> Iterator[KeyClass]:
    """Yield classes of keys as far as they hold objects of a class, all for None."""
    for each in found:
        for held in each.held if media else ():
            if held.media is media:
                yield replace(each, example=held.example, held=(held,))
        if media is None:
            yield each


def _undecrypted(bucket: Bucket, asker: Asker, found: KeyClass) -> tuple[Reason, ...]:
    """Return what is missing for a read where the object alone is to be had, nothing where it is not, or all is."""
    half = _had(bucket, asker, found)
    if half is None or bucket.decide(asker, READ_CALLS, found).ruling is not Ruling.NO:
        return ()
    return tuple(dict.fromkeys(filter(_is_missing, bucket.ask(asker, half[0], found).proof)))


def stopped_keys(estate: Estate, store: str, media: MediaClass | None = None) -> list[StoppedKey]:
    """Tell the keys under which recordings of a bucket, or a class of them, lie that are known to serve no request."""
    bucket = _bucket(estate, store)
    recorded = ", ".join(f"'{each}'" for each in ([media] if media else RECORDED))
    sql = f"""
        SELECT encryption_mode, key_id, count(*) FROM objects
        WHERE store = ? AND current AND NOT delete_marker AND media IN ({recorded}) GROUP BY ALL
    """  # noqa: S608 - our own names
    under, perhaps = Counter[str](), Counter[str]()
    for mode, key_id, objects in estate.objects.query(sql, [store]):
        read = encryption(mode, key_id)
        how = read or bucket.held.encryption
        if how is not None and how.mode in _UNDER_KEYS:
            key = key_named(how.key, bucket.held, bucket.keys)
            if not works(key):
                (under if read else perhaps)[key.arn] += objects
    return [StoppedKey(estate.keys[arn], under[arn], perhaps[arn]) for arn in sorted({*under, *perhaps})]


def _bucket(estate: Estate, store: str) -> Bucket:
    held = estate.stores.get(store)
    if held is None or held.provider != PROVIDER or held.kind != "bucket":
        raise UsageError(f"{store} is no bucket of this snapshot")
    return Bucket(Facts(estate), held)


def _outsiders(bucket: Bucket) -> Iterable[Asker]:
    yield Asker(ANYONE, callers.ANYONE)
    yield Asker(ANYONE_SIGNED_IN, callers.STRANGER)
    yield from outsiders.named(bucket.held, bucket.policies, bucket.facts)


def _asker(principal: str, bucket: Bucket) -> Asker:
    for asker in chain(_outsiders(bucket), inside(bucket.facts)):
        if asker.principal == principal:
            return asker
    raise UsageError(f"{principal} is no principal of this snapshot, and {bucket.store.name} names it nowhere")


def _as_held(bucket: Bucket, key: str) -> KeyClass:
    """Return what is known of the current version of an object."""
    sql = "SELECT encryption_mode, key_id, owner, acl FROM objects WHERE store = ? AND key = ? AND current LIMIT 1"
    row = next(bucket.facts.estate.objects.query(sql, [bucket.store.id, key]), None)
    mode, key_id, owner, acl = row or (None, None, None, None)
    return KeyClass(mode, key_id, owner, acl, key, ())
