"""Why one principal may, or may not, read one object. Pure: reads only the estate."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from cloudscan.access import Decision
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan_aws import outsiders
from cloudscan_aws.askers import Asker, inside
from cloudscan_aws.buckets import READ_CALLS, Bucket
from cloudscan_aws.facts import Facts
from cloudscan_aws.keyspace import KeyClass
from cloudscan_aws.policy import callers
from cloudscan_aws.session import PROVIDER


def explain(estate: Estate, principal: str, store: str, key: str) -> Decision:
    """Answer with every reason, for the object as the table holds it: one that it does not hold is as its bucket is."""
    held = estate.stores.get(store)
    if held is None or held.provider != PROVIDER or held.kind != "bucket":
        raise UsageError(f"{store} is no bucket of this snapshot")
    bucket = Bucket(Facts(estate), held)
    asker = _asker(principal, bucket)
    decision = bucket.decide(asker, READ_CALLS, _as_held(bucket, key))
    return replace(decision, proof=tuple(dict.fromkeys(decision.proof)))


def _asker(principal: str, bucket: Bucket) -> Asker:
    anybody = (Asker(ANYONE, callers.ANYONE), Asker(ANYONE_SIGNED_IN, callers.STRANGER))
    parties = outsiders.named(bucket.held, bucket.policies, bucket.facts)
    for asker in chain(anybody, inside(bucket.facts), parties):
        if asker.principal == principal:
            return asker
    raise UsageError(f"{principal} is no principal of this snapshot, and {bucket.store.name} names it nowhere")


def _as_held(bucket: Bucket, key: str) -> KeyClass:
    """Return what is known of the current version of an object."""
    sql = "SELECT encryption_mode, key_id, owner, acl FROM objects WHERE store = ? AND key = ? AND current LIMIT 1"
    row = next(bucket.facts.estate.objects.query(sql, [bucket.store.id, key]), None)
    mode, key_id, owner, acl = row or (None, None, None, None)
    return KeyClass(mode, key_id, owner, acl, key, ())
