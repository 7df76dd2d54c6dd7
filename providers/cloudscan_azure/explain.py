"""Why somebody may, or may not, read a blob, and which keys keep everybody out. Pure: reads only the estate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cloudscan.access import NEVER, Decision, Effect, Reason
from cloudscan.access.held_back import HeldBack
from cloudscan.access.keyspace import KeyClass, lies
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, MediaClass
from cloudscan.provider import StoppedKey
from cloudscan_azure.bearers import answers, bearers
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import PROVIDER
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.operations import GET_BLOB
from cloudscan_azure.reads import Reads
from cloudscan_azure.steps import weighed


def explain(estate: Estate, principal: str, store: str, key: str) -> Decision:
    """Answer with every reason, for the blob as the table holds it: one that is not there is as its container is."""
    reads = _reads(estate, store)
    found = lies(estate.objects, reads.store, key)
    if any(bearer.id == principal for bearer in bearers(reads.facts)):
        decision = _with_secret(principal, reads, found)
    else:
        decision = reads.decide(_caller(principal, reads.facts), GET_BLOB, found)
    return replace(decision, proof=tuple(dict.fromkeys(decision.proof)))


def held_back(estate: Estate, principal: str, store: str, key: str) -> Sequence[HeldBack]:
    """Tell which steps towards a blob somebody is given and something stops."""
    reads = _reads(estate, store)
    try:
        caller = _caller(principal, reads.facts)
    except UsageError:
        return ()
    return weighed.held_back(reads, caller, lies(estate.objects, reads.store, key))


def _with_secret(bearer: str, reads: Reads, found: KeyClass) -> Decision:
    """Answer of whoever has a secret that no principal owns."""
    about = (ask(found, caller) for caller, ask in answers(reads) if caller.name == bearer)
    lacks = Reason(Effect.LACKS, f"the {bearer} has nothing that opens {reads.store.id}")
    return next(about, Decision(NEVER, (lacks,)))


def stopped_keys(estate: Estate, store: str, media: MediaClass | None = None) -> list[StoppedKey]:
    """Tell the keys under which recordings of a container, or a class of them, lie and which serve no request."""
    _reads(estate, store)
    under = estate.under_keys(store, media)
    return [StoppedKey(estate.keys[name], under[name]) for name in sorted(under) if estate.keys[name].is_off]


def _reads(estate: Estate, store: str) -> Reads:
    held = estate.stores.get(store)
    if held is None or held.provider != PROVIDER or held.kind != "container":
        raise UsageError(f"{store} is no container of this snapshot")
    return Reads(Facts(estate), held)


def _caller(principal: str, facts: Facts) -> Caller:
    """Return who is asked about: one of the estate, one whom an assignment or list names, or anyone."""
    if principal != ANYONE and principal not in {caller.name for caller in facts.people.known}:
        raise UsageError(f"{principal} is no principal of this snapshot, and no role is assigned to it")
    return facts.caller(principal)
