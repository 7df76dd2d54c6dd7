"""Whoever has a secret that opens blobs to everybody who shows it: a key of an account, a signature by a stored policy.

A key of a Speech account has the account read recordings for whoever has it, as the identity that the account has.

From "Manage storage account access keys": whoever has a key of an account reads everything in it, whatever roles say.
From "Define a stored access policy": a signature that goes by one gives what the policy says, and ends with it; what
the policy leaves open the signature itself says, and nobody sees that but its holder. Pure: reads only the estate.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from functools import partial

from cloudscan.access import Decision, Edge, Effect, Grant, Reason, both
from cloudscan.access.alike import OfClass, Party, Questions
from cloudscan.access.conditions import ALWAYS, Unseen
from cloudscan.access.keyspace import KeyClass
from cloudscan.model import Action, Answer, Step, Store, Workload
from cloudscan.provider import Bearer, Facet
from cloudscan.undoing import stopping
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import BLOBS, PROVIDER, account_of
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.operations import GET_BLOB
from cloudscan_azure.policy.sas import SERVICE, Sas, StoredPolicy
from cloudscan_azure.reads import SHARED_KEY, Reads
from cloudscan_azure.resources import container_name
from cloudscan_azure.steps.making import type_of
from cloudscan_azure.steps.services import BY_RESOURCE

SPEECH = BY_RESOURCE["microsoft.cognitiveservices/accounts"]
_TRANSCRIBE = "Microsoft.CognitiveServices/accounts/SpeechServices/speechrest/transcriptions/write"
_UNREAD = "that was not read"
_KEYS = ("key1", "key2")
"""The keys that every account has ("Manage storage account access keys")."""


def bearers(facts: Facts) -> list[Bearer]:
    """Return everybody of that sort whom the containers of an estate know."""
    held = [one for _, one in sorted(facts.estate.stores.items()) if _is_container(one)]
    accounts = {account_of(one.id): one for one in held}
    found = [_with_key(account, store) for account, store in accounts.items()]
    found += _with_speech_keys(facts, {account.rpartition("/")[2] for account in accounts})
    for store in held:
        found += [_with_signature(store, name) for name in sorted(stored(facts, store)) if name != _UNREAD]
    return found


def _is_container(store: Store) -> bool:
    return store.provider == PROVIDER and store.kind == "container"


def _with_key(account: str, store: Store) -> Bearer:
    name = account.rpartition("/")[2]
    told = (f"{name} key", *(f"{name}/{key}" for key in _KEYS), *(f"{account}/keys/{key}" for key in _KEYS))
    off = store.controls.get(SHARED_KEY, Answer.UNKNOWN) is Answer.NO
    says = (f"{name} takes nothing that its keys sign",) if off else ()
    return Bearer(holding_key(account).name, told, says, stopping("account-key", shlex.quote(name), ""))


def _with_speech_keys(facts: Facts, taken: Collection[str]) -> Iterator[Bearer]:
    """Yield whoever has a key of a Speech account; ``taken`` are names by which keys of others are asked about."""
    for one in {one.id.partition("#")[0]: one for one in _speech(facts)}.values():
        account = one.id.partition("#")[0]
        name, group = account.rpartition("/")[2], account.split("/")[4]
        asked = (f"{name} key",) if name not in taken else ()
        told = (*asked, *(f"{account}/keys/{key}" for key in _KEYS))
        says = (f"{name} takes no key any more",) if one.keys_in_settings is Answer.NO else ()
        ends = stopping("speech-key", *map(shlex.quote, (name, account, group)))
        yield Bearer(holding_speech_key(account), told, says, ends)


def _speech(facts: Facts) -> list[Workload]:
    """Return the Speech accounts, once for each identity that they have."""
    every = (one for _, one in sorted(facts.estate.workloads.items()) if one.provider == PROVIDER and one.principal)
    return [one for one in every if type_of(one.id.partition("#")[0]) == SPEECH.resource]


def holding_speech_key(account: str) -> str:
    """Return whoever has a key of a Speech account, by its id: its name may be another one's, too."""
    return f"holder of a key of {account}"


def _by_speech_key(one: Workload) -> Edge:
    """Return that a Speech account reads recordings for whoever has a key of it, as its identity."""
    account, identity = one.id.partition("#")[0], one.principal or ""
    unread = Unseen(f"whether {account} takes its keys was not read")

    def prove(holder: str, target: str) -> tuple[Step, ...]:
        does = f"a key of {account} lets whoever has it {SPEECH.does} it, which acts as {target} ({SPEECH.source})"
        return (Step(holder, _TRANSCRIBE, target, does),)

    return Edge(
        sources=(holding_speech_key(account),),
        targets=(identity,),
        kind=_TRANSCRIBE,
        decision=Decision(ALWAYS if one.keys_in_settings is Answer.YES else unread),
        prove=prove,
        reads_only=True,
        media=SPEECH.media,
    )


def _with_signature(store: Store, policy: str) -> Bearer:
    account, name = account_of(store.id).rpartition("/")[2], container_name(store)
    ends = stopping("signature", *map(shlex.quote, (account, policy, name)))
    return Bearer(holding_signature(store, policy).name, (f"{store.name} signature {policy}",), ends=ends)


def holding_key(account: str) -> Caller:
    """Return whoever has a key of an account. Names of storage accounts are no other's ("Storage account name")."""
    return Caller(f"holder of a key of {account.rpartition('/')[2]}")


def holding_signature(store: Store, policy: str) -> Caller:
    """Return whoever holds a signature by a stored access policy of a container."""
    return Caller(f"holder of a signature by the stored access policy {policy} of {store.id}")


def stored(facts: Facts, store: Store) -> Mapping[str, StoredPolicy]:
    """Return the stored access policies of a container by name; where they were not read, one that may be there."""
    told = facts.documents.stored_policies(store.id)
    if told is None and facts.estate.gaps_on(store.id, Facet.CREDENTIALS):
        return {_UNREAD: StoredPolicy(_UNREAD, "r", expiry="?")}  # and it is not known what it gives
    return told or {}


def is_whole(policy: StoredPolicy) -> bool:
    """Whether a stored access policy says all that a signature by it may do, and until when."""
    return bool(policy.permissions and policy.expiry)


def shown(facts: Facts, bearer: str, stores: Collection[str] | None) -> Iterator[Grant | Edge]:
    """Yield what one of them may read of some containers, supposing that somebody has the secret."""
    for one in _speech(facts):
        if holding_speech_key(one.id.partition("#")[0]) == bearer and one.keys_in_settings is not Answer.NO:
            yield _by_speech_key(one)
    recorded = {corpus.store for corpus in facts.estate.corpora}
    for store in sorted(facts.estate.stores.values(), key=lambda one: one.id):
        asked = (stores is None or store.id in stores) and store.id in recorded
        reads = Reads(facts, store) if asked and _is_container(store) else None
        for caller, ask in answers(reads) if reads else ():
            if reads and caller.name == bearer:
                classes = facts.space(store.id, reads.patterns(())).classes(reads.patterns(()))
                about = Questions(store.id, f"{store.id}{BLOBS}", _party)
                yield from about.of_objects(Action.READ, classes, caller, partial(iter, (caller,)), ask)


def _party(caller: Caller) -> Party:
    return Party(caller.name, caller.tenant, outside=False)


def answers(reads: Reads) -> Iterator[tuple[Caller, OfClass[Caller]]]:
    """Yield who has a secret that is about a container, each with how they are answered about its blobs."""
    yield holding_key(reads.account), partial(_by_key, reads)
    for name, policy in sorted(stored(reads.facts, reads.store).items()):
        yield holding_signature(reads.store, name), partial(by_policy, reads, name, policy)


def _by_key(reads: Reads, held: KeyClass, _: Caller) -> Decision:
    words = f"a key of {reads.account} opens all that lies in it, whatever roles and lists say"
    return both([Decision(ALWAYS, (Reason(Effect.ALLOWS, words),)), reads.by_key(GET_BLOB, held)])


def by_policy(reads: Reads, name: str, policy: StoredPolicy, held: KeyClass, _: Caller) -> Decision:
    """Say what a signature by a stored access policy gives its holder."""
    signed = Sas(SERVICE, container=container_name(reads.store), policy=name, key_current=Answer.YES)
    if is_whole(policy) or (policy.permissions and not set(policy.permissions) & set(GET_BLOB.letters)):
        return reads.by_sas(signed, GET_BLOB, held)
    words = f"what a signature says beside the stored access policy {name}, which leaves some open, cannot be seen"
    return both([Decision(Unseen(words)), reads.by_key(GET_BLOB, held)])
