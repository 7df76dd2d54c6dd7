"""Open the reading of a container by a change, by a key of its account, or by a copy: grants that take a step first.

From "Manage storage account access keys" and the Azure Storage REST references: whoever may list or renew the keys of
an account, or have a shared access signature made with one, reads what is in it. From "Prevent Shared Key
authorization", "Azure Storage firewall and virtual network rules" and "Configure anonymous read access for containers
and blobs": who may write the account has it take keys, lets in every network, and allows public access; a container's
level is one of its own. From "Object replication for block blobs": a policy copies blobs to an account of another
tenant where the source allows that, and takes versions. From "About Azure Key Vault secrets": a secret may hold a key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Grant
from cloudscan.access.alike import grant_of
from cloudscan.access.conditions import Unseen, all_of
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.openings import Opened, Opening, opened, proof
from cloudscan.access.remainders import Pieces
from cloudscan.model import ANYONE, Action, Answer, Step
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.ids import BLOBS
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.evaluate import Matter
from cloudscan_azure.policy.operations import GET_BLOB, Operation, managing
from cloudscan_azure.policy.places import AS_READ, Supposed
from cloudscan_azure.reads import PUBLIC, Reads
from cloudscan_azure.resources import HNS
from cloudscan_azure.steps import changes
from cloudscan_azure.steps.hidden import Hidden
from cloudscan_azure.steps.parts import alters, steps
from cloudscan_azure.steps.restoring import ENABLES, Restorings
from cloudscan_azure.steps.scene import Goal, Scene, worth_telling
from cloudscan_azure.steps.secrets import Secrets

_ACCOUNT = "Microsoft.Storage/storageAccounts"
KEYS = tuple(
    managing(f"{_ACCOUNT}/{verb}/action") for verb in ("listKeys", "listAccountSas", "listServiceSas", "regenerateKey")
)
WRITE = managing(f"{_ACCOUNT}/write")
PUBLISH = managing(f"{_ACCOUNT}/blobServices/containers/write")
REPLICATE, VERSIONS = (managing(f"{_ACCOUNT}/{verb}/write") for verb in ("objectReplicationPolicies", "blobServices"))
ABROAD = "allowCrossTenantReplication"
Read = Callable[[Supposed], Decision]


@dataclass(frozen=True)
class Openings:
    """The steps that open one container."""

    scene: Scene
    reads: Reads
    secrets: Secrets
    hidden: Hidden

    @cached_property
    def _restorings(self) -> Restorings:
        return Restorings(self.scene, self.reads)

    def grants(self) -> Iterator[Grant]:
        """Yield what everybody who may take such a step reads by it and does not surely read anyhow."""
        taking = self._matters()
        besides = (*self.secrets.readers, *self._restorings.people)
        crowds = self.scene.crowds([*self.reads.matters, *taking], taking, besides)
        every = [(crowd, self.reads.patterns(crowd.offers)) for crowd in crowds]
        told = frozenset[Pieces]().union(*(patterns for _, patterns in every))
        space = self.scene.facts.space(self.reads.store.id, told)
        for crowd, patterns in every:
            yield from self._of(crowd.callers, space.classes(patterns))

    def _matters(self) -> list[Matter]:
        goals = [self._on_account(each) for each in (*KEYS, WRITE, REPLICATE, VERSIONS)]
        goals += [self._on_container(PUBLISH), self._on_container(GET_BLOB)]
        found = [*self.scene.matters(goals[:-1]), *changes.matters(self.scene, goals)]
        return list(dict.fromkeys((*found, *self.secrets.matters, *self.hidden.matters, *self._restorings.matters)))

    def _on_account(self, operation: Operation) -> Goal:
        return operation, self.scene.place(self.reads.account, operation)

    def _on_container(self, operation: Operation) -> Goal:
        return operation, self.scene.place(self.reads.store.id, operation)

    def _of(self, callers: Sequence[Caller], classes: Sequence[KeyClass]) -> Iterator[Grant]:
        one = callers[0]

        def plain(held: KeyClass) -> Condition:
            return self.reads.decide(one, GET_BLOB, held, alike=True).condition

        for each in opened(classes, plain, partial(self.opened, one), partial(worth_telling, one)):
            yield from (self._grant(caller, each) for caller in callers)

    def _grant(self, caller: Caller, opened: Opened) -> Grant:
        by, party, decision = opened.by, self.scene.party(caller), Decision(opened.condition)
        prove = partial(self._prove, caller, by, opened.about)
        store, held, restores = self.reads.store.id, opened.held, by == ENABLES.action
        return grant_of(party, Action.READ, store, decision, prove, held, by=by, changes=alters(by), restores=restores)

    def _prove(self, caller: Caller, by: str, about: KeyClass) -> tuple[Step, ...]:
        def reason(who: str) -> str:
            return f"{caller.name} takes what opens it, and {who} reads"

        target = f"{self.reads.store.id}{BLOBS}{about.example}"
        return proof(caller.name, by, target, self.opened(caller, about), reason, steps)

    def opened(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield the steps by which somebody comes to read a class of keys."""
        yield from self._by_key(caller, held)
        yield from self._by_role(caller, held)
        yield from self._in_public(caller, held)
        yield from self._by_copy(caller, held)
        yield from self._restorings.openings(caller, held)
        for way in self.secrets.ways(caller, self.reads.account):
            yield Opening(way, self.reads.by_key(GET_BLOB, held), "whoever has the key")
        for way in self.hidden.ways(caller):
            yield Opening(
                way, self.reads.by_key(GET_BLOB, held, None, self._rewritten(AS_READ)), "what that list hides"
            )

    def _by_key(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield getting a key, or what one signs; of several calls that do it, the first that does it surely."""
        read = partial(self.reads.by_key, GET_BLOB, held, None)
        who = "whoever has the key"
        for operation in KEYS:
            goal = self._on_account(operation)
            last = None
            for last in self._ways(caller, [goal], read, who):
                yield last
            if last is not None and last.condition is ALWAYS:
                return

    def _ways(self, caller: Caller, goals: Sequence[Goal], read: Read, who: str) -> Iterator[Opening]:
        """Yield using some goals, and the same with the account rewritten where its keys or networks are in the way."""
        last = None
        for way, supposed in changes.ways(self.scene, caller, goals):
            last = Opening(way, read(supposed), who)
            yield last
        if caller is UNNAMED or (last is not None and last.condition is ALWAYS) or not self._stands_in_the_way(read):
            return
        for way, supposed in changes.ways(self.scene, caller, [self._on_account(WRITE), *goals]):
            yield Opening(way, read(self._rewritten(supposed)), who)

    def _stands_in_the_way(self, read: Read) -> bool:
        """Say whether rewriting the account makes a difference to a read."""
        return read(AS_READ).condition != read(self._rewritten(AS_READ)).condition

    def _rewritten(self, supposed: Supposed) -> Supposed:
        """Suppose that the account takes keys and is open to all networks."""
        account = frozenset({self.reads.account})
        return replace(supposed, opened=supposed.opened | account, keyed=supposed.keyed | account)

    def _by_role(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield giving oneself a role, and letting one's network in, before or after that."""
        if caller is UNNAMED:
            return  # what was not read may let somebody who is not named read as well, which is told as that
        place = self.reads.facts.resources.on_blob(self.reads.store, held.example, GET_BLOB, held.acl, alike=True)
        read: Read = partial(self.reads.decide, caller, GET_BLOB, held, None, alike=True)
        goal = (GET_BLOB, place)
        for change in changes.changes(self.scene, caller, [goal]):
            yield Opening(change.way, read(change.supposed))
        if not self._closed:
            return
        goals = [self._on_account(WRITE)]
        for way, supposed in changes.ways(self.scene, caller, goals):
            yield Opening(way, read(self._rewritten(supposed)))
        for change in changes.changes(self.scene, caller, [*goals, goal]):
            way = (*change.way, *changes.used(self.scene, caller, goals, change.supposed))
            yield Opening(way, read(self._rewritten(change.supposed)))

    @property
    def _closed(self) -> bool:
        return self.reads.facts.documents.rules(self.reads.account).admits(None) is not ALWAYS

    def _in_public(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield setting the container's level, for anyone, and the account's switch, as far as they are not set."""
        store = self.reads.store
        goals = [] if any(one.grantee == ANYONE for one in store.acl or ()) else [self._on_container(PUBLISH)]
        rewrites = store.controls.get(PUBLIC, Answer.UNKNOWN) is not Answer.YES or self._closed
        if rewrites:
            goals.insert(0, self._on_account(WRITE))
        published = frozenset({store.id})

        def read(supposed: Supposed) -> Decision:
            made = replace(supposed, published=published)
            made = self._rewritten(made) if rewrites else made
            return self.reads.decide(self.scene.facts.caller(ANYONE), GET_BLOB, held, None, made)

        if not goals or read(AS_READ).condition is NEVER:
            return
        for way, supposed in changes.ways(self.scene, caller, goals):
            yield Opening(way, read(supposed), ANYONE)

    def _by_copy(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield having the container copied to an account of one's own, which no network rule keeps from."""
        store = self.reads.store
        supported = store.controls.get(HNS, Answer.UNKNOWN)
        if supported is Answer.YES or held.encryption_mode == "customer-supplied":
            return
        goals = [self._on_account(REPLICATE)]
        if store.versioning != "enabled":
            goals.insert(0, self._on_account(VERSIONS))
        if store.controls.get(ABROAD, Answer.UNKNOWN) is not Answer.YES:
            goals.insert(0, self._on_account(WRITE))
        unread = Unseen(f"whether {store.id} has a hierarchical namespace was not read")
        kept = self.reads.by_key(GET_BLOB, held, None, self._rewritten(AS_READ))
        read = replace(kept, condition=all_of((kept.condition, ALWAYS if supported is Answer.NO else unread)))
        for way, _ in changes.ways(self.scene, caller, goals):
            yield Opening(way, replace(read, proof=()), "whoever has the copy")
