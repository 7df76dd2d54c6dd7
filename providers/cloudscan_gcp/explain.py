"""Why somebody may, or may not, read an object, and which keys keep everybody out. Pure: reads only the estate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cloudscan.access import NEVER, Decision
from cloudscan.access.held_back import HeldBack
from cloudscan.access.keyspace import lies
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, MediaClass
from cloudscan.provider import StoppedKey
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.policy.members import Caller, normal
from cloudscan_gcp.reads import READ, Reads
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps import weighed


def explain(estate: Estate, principal: str, store: str, key: str) -> Decision:
    """Answer with every reason, for the object as the table holds it: one that it does not hold is as its bucket is."""
    reads = _reads(estate, store)
    decision = reads.decide(_caller(principal, reads.facts), READ, lies(estate.objects, reads.store, key))
    return replace(decision, proof=tuple(dict.fromkeys(decision.proof)))


def held_back(estate: Estate, principal: str, store: str, key: str) -> Sequence[HeldBack]:
    """Tell which steps towards an object somebody is given and something stops."""
    reads = _reads(estate, store)
    try:
        caller = _caller(principal, reads.facts)
    except UsageError:
        return ()
    return weighed.held_back(reads, caller, lies(estate.objects, reads.store, key))


def stopped_keys(estate: Estate, store: str, media: MediaClass | None = None) -> list[StoppedKey]:
    """Tell the keys under which recordings of a bucket, or a class of them, lie that are known to serve no request.

    They are off, or the project's service agent may not use them ("Customer-managed encryption keys").
    """
    reads = _reads(estate, store)
    return [
        StoppedKey(estate.keys[name], objects, barred=barred)
        for name, objects in sorted(estate.under_keys(store, media).items())
        for barred in ([""] if estate.keys[name].is_off else _barred(reads, name))
    ]


def _barred(reads: Reads, key: str) -> list[str]:
    """Return the service agent where it is known that it may not use a key."""
    agent = reads.agent
    return [agent.name] if agent is not None and reads.usable(key).condition is NEVER else []


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
