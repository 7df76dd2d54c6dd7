"""Who may decrypt with the keys that recordings lie under. Pure: reads only the estate.

From "Provide access to Key Vault keys, certificates, and secrets with Azure RBAC" and "Assign a Key Vault access
policy": either roles at the key or above it decide, or the vault's own policies, never both. Unwrapping is what Azure
Storage asks of a key, and whoever decrypts with it can unwrap just as well. The identity as which a storage account
itself does so is told with the account ("Customer-managed keys for Azure Storage encryption"), and does it for those
who may read, so that it is nobody of its own here, unless something else runs as it, too. Network rules of vaults are
not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial

import msgspec

from cloudscan.access import NEVER, Context, Decision, Effect, Grant, Reason, Ruling, both, either
from cloudscan.access.alike import Questions
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Test, Unseen, all_of, any_of
from cloudscan.access.patterns import Pattern
from cloudscan.model import Action, Key, Store
from cloudscan_azure.crowds import UNNAMED, crowds
from cloudscan_azure.ids import PROVIDER, account_of, lowered, object_id, person
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.policy.operations import on_data
from cloudscan_azure.steps.scene import Scene
from cloudscan_azure.steps.tenant import Vault, path_of

_KEYS = "Microsoft.KeyVault/vaults/keys"
DECRYPTING = (on_data(f"{_KEYS}/unwrap/action"), on_data(f"{_KEYS}/decrypt/action"))
APPLICATION = "vault:application"
"""The application through which somebody asks a vault, where an access policy names one."""


class Keys:
    """The keys of an estate, and who may use them."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.facts = scene, scene.facts

    def grants(self, stores: Collection[Store]) -> Iterator[Grant]:
        """Yield who may decrypt with the keys of some containers, but for their storage accounts."""
        for name, accounts in sorted(self._used(stores).items()):
            key = self.facts.estate.key(name)
            if key is not None and key.provider == PROVIDER and key.manager == "customer":
                yield from self._of_key(key, accounts)

    def _used(self, stores: Collection[Store]) -> Mapping[str, frozenset[str]]:
        """The keys under which recordings lie, or would, each with the storage accounts that use it."""
        sql = "SELECT DISTINCT store, key_id FROM objects WHERE key_id IS NOT NULL ORDER BY ALL"
        held = self.facts.estate.objects.by_store(sql)
        found: dict[str, set[str]] = {}
        for store in stores:
            default = store.encryption.key if store.encryption else None
            for name in filter(None, (default, *(own for (own,) in held.get(store.id, ())))):
                key = self.facts.estate.key(name)
                found.setdefault(key.id if key else name, set()).add(account_of(store.id))
        return {name: frozenset(accounts) for name, accounts in found.items()}

    def _of_key(self, key: Key, accounts: frozenset[str]) -> Iterator[Grant]:
        about = Questions(key.id, "", self.scene.party)
        unread = accounts - self._identities.keys()
        ask = partial(self._decide, key, unread)
        for callers in self._asked(key):
            meant = [one for one in callers if not any(self._serves(one, each) for each in accounts)]
            # Why it is not known of one that may be the storage account names that one.
            apart = [one for one in meant if unread and _may_serve(one)]
            people = [one for one in meant if not (unread and _may_serve(one))]
            for alike in filter(None, (people, *([one] for one in apart))):
                told = list(about.of_itself(Action.DECRYPT, alike[0], alike.__iter__, ask))
                # What is not known of whoever is not named is told once, for somebody who is not.
                once = alike[0] is UNNAMED
                yield from (one for one in told if not once or one.decision.ruling is Ruling.UNKNOWN)

    def _asked(self, key: Key) -> Iterator[Sequence[Caller]]:
        """Yield everybody who may have a right to the key, those together who are alike."""
        yield (UNNAMED,)
        vault = self._vault(key)
        if vault is None or not vault.told:
            return
        if vault.decrypters is None:
            places = [(each, self.facts.place(path_of(key), each)) for each in DECRYPTING]
            every = crowds(self.facts, [self.facts.matter(each, place) for each, place in places])
            yield from (crowd.callers for crowd in every)
            return
        ids = [own for own, _ in vault.decrypters]
        named = {one.name: one for one in (*map(self._own, ids), *self.facts.meant_by(ids))}
        yield from ((named[name],) for name in sorted(named))

    def _own(self, own: str) -> Caller:
        return self.facts.caller(person(own))

    def _decide(self, key: Key, unread: frozenset[str], caller: Caller) -> Decision:
        return both([self._usable(key), self._given(key, caller), *self._doubts(caller, unread)])

    def _given(self, key: Key, caller: Caller) -> Decision:
        vault = self._vault(key)
        if vault is None or not vault.told:
            return Decision(Unseen(f"how the vault of {key.id} is opened was not read"))
        if vault.decrypters is None:
            return either(self.facts.decide(caller, each, path_of(key), Context()) for each in DECRYPTING)
        if caller.stopped:
            return Decision(NEVER, (Reason(Effect.DENIES, caller.stopped),))
        given = any_of(_through(own, application, caller) for own, application in vault.decrypters)
        words = f"an access policy of {vault.id} lets {caller.name} decrypt with its keys"
        return Decision(given, (Reason(Effect.ALLOWS, words, vault.document, given),) if given is not NEVER else ())

    def _vault(self, key: Key) -> Vault | None:
        return self.scene.tenant.vault(path_of(key).partition("/keys/")[0]) if path_of(key) else None

    def _usable(self, key: Key) -> Decision:
        if key.state is None:
            return Decision(Unseen(f"whether the key {key.id} is enabled was not read"))
        off = (Reason(Effect.DENIES, f"the key {key.id} is {key.state}, and serves nobody"),)
        return Decision(NEVER, off) if key.is_off else both(())

    def _serves(self, caller: Caller, account: str) -> bool:
        """Whether somebody is a storage account, and nothing else: it decrypts for whoever may read."""
        record = self.facts.estate.principals.get(caller.name)
        if record is not None and record.path and lowered(record.path) == account:
            return True
        return caller.own in self._identities.get(account, ()) and caller.name not in self._running

    def _doubts(self, caller: Caller, unread: frozenset[str]) -> Iterator[Decision]:
        """Yield what is not known of somebody, where it was not read as whom some storage accounts use the key."""
        if _may_serve(caller) and caller is not UNNAMED:
            for account in sorted(unread):
                yield Decision(Unseen(f"whether {caller.name} is what {account} itself decrypts as was not read"))

    @cached_property
    def _identities(self) -> Mapping[str, frozenset[str]]:
        """The object ids as which storage accounts use their keys, of those of which that was read."""
        found: dict[str, frozenset[str]] = {}
        for account in {account_of(one.id) for one in self.facts.estate.stores.values() if one.provider == PROVIDER}:
            for document in self.facts.estate.policies_on(account, "resource"):
                if (own := _identity(document.document)) is not None:
                    found[account] = frozenset({own})
        return found

    @cached_property
    def _running(self) -> frozenset[str]:
        """The principals as which compute runs."""
        return frozenset(one.principal for one in self.facts.estate.workloads.values() if one.principal)


def _may_serve(caller: Caller) -> bool:
    """Whether somebody may be what a storage account acts as."""
    return caller.may_be_a_service and caller.kind != "group"


def _through(own: str, application: str, caller: Caller) -> Condition:
    asked = Test(APPLICATION, Operator.EQUALS_IGNORING_CASE, (Pattern((application,)),))
    return all_of((means(own, caller), asked)) if application else means(own, caller)


class _Held(msgspec.Struct, rename="camel"):
    principal_id: str | None = None


class _Identity(msgspec.Struct, rename="camel"):
    principal_id: str | None = None
    user_assigned_identities: dict[str, _Held] | None = None


class _Chosen(msgspec.Struct, rename="camel"):
    user_assigned_identity: str | None = None
    federated_identity_client_id: str | None = None


class _Encryption(msgspec.Struct):
    identity: _Chosen | None = None


class _Account(msgspec.Struct):
    identity: _Identity
    encryption: _Encryption


def _identity(text: str) -> str | None:
    """Return as whom an account uses its key: the identity that it was given for it, else its own.

    None where that was not told, makes no sense, or is an application that stands for it in another tenant.
    """
    try:
        told = msgspec.json.decode(text, type=_Account)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    chooses = told.encryption.identity or _Chosen()
    if chooses.federated_identity_client_id:
        return None
    chosen = chooses.user_assigned_identity
    if not chosen:
        return object_id(told.identity.principal_id) if told.identity.principal_id else None
    held = {lowered(name): one for name, one in (told.identity.user_assigned_identities or {}).items()}
    one = held.get(lowered(chosen))
    return object_id(one.principal_id) if one is not None and one.principal_id else None
