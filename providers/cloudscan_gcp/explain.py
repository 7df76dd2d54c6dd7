"""Why somebody may, or may not, read an object, and which keys keep everybody out. Pure: reads only the estate."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from cloudscan.access import Decision
from cloudscan.access.keyspace import KeyClass
from cloudscan.errors import UsageError
from cloudscan.estate import RECORDED, Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, MediaClass
from cloudscan.provider import StoppedKey
from cloudscan_gcp.facts import Facts, is_off
from cloudscan_gcp.policy.members import Caller, normal
from cloudscan_gcp.reads import READ, Reads
from cloudscan_gcp.session import PROVIDER


def explain(estate: Estate, principal: str, store: str, key: str) -> Decision:
    """Answer with every reason, for the object as the table holds it: one that it does not hold is as its bucket is."""
    reads = _reads(estate, store)
    decision = reads.decide(_caller(principal, reads.facts), READ, as_held(reads, key))
    return replace(decision, proof=tuple(dict.fromkeys(decision.proof)))


def stopped_keys(estate: Estate, store: str, media: MediaClass | None = None) -> list[StoppedKey]:
    """Tell the keys under which recordings of a bucket, or a class of them, lie that are known to serve no request.

    That the project's service agent may not use one that works is told by what explains a read.
    """
    _reads(estate, store)
    recorded = ", ".join(f"'{each}'" for each in ([media] if media else RECORDED))
    sql = f"""
        SELECT key_id, count(*) FROM objects WHERE store = ? AND key_id IS NOT NULL AND encryption_mode = 'customer'
            AND current AND NOT delete_marker AND media IN ({recorded}) GROUP BY ALL
    """  # noqa: S608 - our own names
    under: Counter[str] = Counter()
    for name, objects in estate.objects.query(sql, [store]):
        key = estate.key(name)
        if key is not None and is_off(key):
            under[key.id] += objects
    return [StoppedKey(estate.keys[name], under[name]) for name in sorted(under)]


def _reads(estate: Estate, store: str) -> Reads:
    held = estate.stores.get(store)
    if held is None or held.provider != PROVIDER or held.kind != "bucket":
        raise UsageError(f"{store} is no bucket of this snapshot")
    return Reads(Facts(estate), held)


def _caller(principal: str, facts: Facts) -> Caller:
    """Return who is asked about: one of the estate, one whom a policy names, or anyone."""
    known = {normal(caller.name) for caller in facts.people.known}
    if principal not in (ANYONE, ANYONE_SIGNED_IN) and normal(principal) not in known:
        raise UsageError(f"{principal} is no principal of this snapshot, and no policy names it")
    return facts.caller(principal)


def as_held(reads: Reads, key: str) -> KeyClass:
    """Return what is known of the current version of an object; a new one would lie under the bucket's default key."""
    sql = "SELECT encryption_mode, key_id, owner, acl FROM objects WHERE store = ? AND key = ? AND current LIMIT 1"
    row = next(reads.facts.estate.objects.query(sql, [reads.store.id, key]), None)
    default = reads.store.encryption
    new = (default.mode, default.key, None, None) if default else (None, None, None, None)
    mode, key_id, owner, acl = row or new
    return KeyClass(mode, key_id, owner, acl, key, ())
