"""Make a customer's key that is off serve again: what somebody takes for it, and what they read then.

From "About keys" and "Update Key" (Azure Key Vault documentation): who may update a key enables it, by a role or by the
vault's own policies, and who may write those lets themselves in. Azure Resource Manager makes keys and changes none.
Where it was not read how a vault is opened, anybody who reads otherwise may be able to. The network rules of vaults are
not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cloudscan.access import ALWAYS, NEVER, Decision, Effect, Reason
from cloudscan.access.conditions import Unseen, any_of
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.openings import Opening
from cloudscan.access.parts import Part, Way
from cloudscan.model import Key
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.policy.evaluate import Matter
from cloudscan_azure.policy.operations import GET_BLOB, managing, on_data
from cloudscan_azure.policy.places import AS_READ, Supposed
from cloudscan_azure.reads import Reads
from cloudscan_azure.steps import changes
from cloudscan_azure.steps.scene import Goal, Scene
from cloudscan_azure.steps.secrets import ADMITS
from cloudscan_azure.steps.tenant import Vault, path_of

ENABLES = on_data("Microsoft.KeyVault/vaults/keys/update/action")
KEYS = managing("Microsoft.Storage/storageAccounts/listKeys/action")
_Asked = tuple[tuple[Goal, ...], Way]
"""Goals that are used, and what is done then besides."""


@dataclass(frozen=True)
class Restorings:
    """The ways to make the keys of one container serve again."""

    scene: Scene
    reads: Reads

    @cached_property
    def _stopped(self) -> Sequence[Key]:
        estate = self.scene.facts.estate
        if not any(key.is_off for key in estate.keys.values()):
            return []
        sql = "SELECT DISTINCT key_id FROM objects WHERE store = ? AND encryption_mode = 'customer' ORDER BY ALL"
        found = (estate.key(name) for (name,) in estate.objects.query(sql, [self.reads.store.id]))
        return list(dict.fromkeys(key for key in found if key is not None and key.is_off))

    @cached_property
    def matters(self) -> Sequence[Matter]:
        """All that decides who makes them serve."""
        goals = [goal for key in self._stopped for option in self._options(key) for goal in option]
        found = [*self.scene.matters(goals), *changes.matters(self.scene, goals)]
        # Where it was not read how a vault is opened, whoever reads may do it, for all that is known.
        found += self.reads.matters if any(self._vault(key) is None for key in self._stopped) else ()
        return list(dict.fromkeys(found))

    @cached_property
    def people(self) -> Sequence[Caller]:
        """Those whom the vaults' own policies let update keys."""
        opened = filter(None, map(self._vault, self._stopped))
        return self.scene.facts.meant_by(each for one in opened for each in one.updaters or ())

    def _vault(self, key: Key) -> Vault | None:
        path = path_of(key)
        held = self.scene.tenant.vault(path.partition("/keys/")[0]) if path else None
        return held if held is not None and held.told else None

    def _options(self, key: Key) -> list[tuple[Goal, ...]]:
        """Return what suffices: where roles decide to update the key, else to rewrite the vault's policies."""
        vault = self._vault(key)
        if vault is None:
            return []
        asked = [(ENABLES, path_of(key))] if vault.updaters is None else [(each, vault.id) for each in ADMITS]
        return [((each, self.scene.place(where, each)),) for each, where in asked]

    def openings(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield making the key of blobs serve, and reading then: by rights of one's own, or by a key of the account."""
        key = self.scene.facts.estate.key(held.key_id) if held.encryption_mode == "customer" else None
        if key is None or not key.is_off or caller is UNNAMED or not caller.signs:
            return
        for goals, besides in self._asked(caller, key):
            yield from self._reading(caller, held, key, goals, besides)

    def _asked(self, caller: Caller, key: Key) -> Iterator[_Asked]:
        vault = self._vault(key)
        if vault is None:
            unread = Unseen(f"how the vault of {key.id} is opened was not read")
            yield (), (Part(ENABLES.action, key.id, Decision(unread)),)
            return
        if vault.updaters is None:
            yield from ((option, ()) for option in self._options(key))
            return
        meant = any_of(means(each, caller) for each in vault.updaters)
        if meant is not NEVER and not caller.stopped:
            words = f"an access policy of {vault.id} lets {caller.name} update its keys"
            given = Decision(meant, (Reason(Effect.ALLOWS, words, vault.document, meant),))
            yield (), (Part(ENABLES.action, key.id, given),)
        if meant is not ALWAYS:
            then = Part(ENABLES.action, key.id, Decision(ALWAYS))
            yield from ((option, (then,)) for option in self._options(key))

    def _reading(
        self, caller: Caller, held: KeyClass, key: Key, goals: Sequence[Goal], besides: Way
    ) -> Iterator[Opening]:
        scene, reads = self.scene, self.reads

        def working(made: Supposed) -> Supposed:
            return replace(made, working=frozenset({key.id}))

        plain = (*changes.used(scene, caller, goals), *besides)
        yield Opening(plain, reads.decide(caller, GET_BLOB, held, None, working(AS_READ), alike=True))
        blob = reads.facts.resources.on_blob(reads.store, held.example, GET_BLOB, held.acl, alike=True)
        for change in changes.changes(scene, caller, [*goals, (GET_BLOB, blob)]):
            way = (*change.way, *changes.used(scene, caller, goals, change.supposed), *besides)
            yield Opening(way, reads.decide(caller, GET_BLOB, held, None, working(change.supposed), alike=True))
        lists = (KEYS, scene.place(reads.account, KEYS))
        for way, supposed in changes.ways(scene, caller, [*goals, lists]):
            yield Opening(
                (*way, *besides), reads.by_key(GET_BLOB, held, None, working(supposed)), "whoever has the key"
            )
