"""Open a bucket by a change, or make its key serve again, and read then: grants that take a step first.

Of policies, roles and deny policies see :mod:`cloudscan_gcp.steps.changes`. From the Cloud Storage documentation:
"Managed folders" have policies of their own, and are made where uniform bucket-level access is on; "Access control
lists (ACLs)" are written by who may update an object and set its policy, where they count; "Uniform bucket-level
access" can be turned off for 90 days after it was turned on. From the Cloud KMS documentation, "Key version states": a
version that is disabled is enabled again, one that is scheduled for destruction restored first.

Whoever is refused a read by name may let an account of their own in that nobody knows. What would only let the public
in is never needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Grant, both
from cloudscan.access.alike import grant_of
from cloudscan.access.conditions import Unseen, all_of
from cloudscan.access.keyspace import KeyClass, KeySpace
from cloudscan.access.openings import Opened, Opening, opened, proof
from cloudscan.access.parts import Part, needed
from cloudscan.access.patterns import MANY
from cloudscan.access.remainders import Pieces
from cloudscan.model import AclGrant, Action, Answer, Step
from cloudscan_gcp.buckets_read import UNIFORM
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.policy.members import Caller, own_members
from cloudscan_gcp.policy.places import Lists, Place
from cloudscan_gcp.policy.supposed import Bound, Supposed
from cloudscan_gcp.reads import READ, Reads
from cloudscan_gcp.resources import acl_of
from cloudscan_gcp.steps.changes import FOLDER_SETTER, Change, changes, matters, more_changes, told_apart, widenable
from cloudscan_gcp.steps.parts import steps
from cloudscan_gcp.steps.scene import Scene

OBJECT_SETTER, UPDATES = "storage.objects.setIamPolicy", "storage.objects.update"
UPDATES_BUCKET = "storage.buckets.update"
MAKES_FOLDER = "storage.managedFolders.create"
_ON_OBJECT = (OBJECT_SETTER, UPDATES)
_ON_BUCKET = (*_ON_OBJECT, UPDATES_BUCKET, MAKES_FOLDER, FOLDER_SETTER)
_LISTABLE = ("user:", "serviceAccount:", "group:", "domain:")
"""Whom an access control list can name, in particular."""
_DOMAINS = "iam.allowedPolicyMemberDomains"
_OWN = Caller("an account of their own", own_members("user:somebody@gmail.com") | {"an account of their own"})
"""Somebody whom nobody in the estate knows, and who is the same person."""


@dataclass(frozen=True)
class Openings:
    """The changes that open one bucket."""

    scene: Scene
    reads: Reads

    def grants(self) -> Iterator[Grant]:
        """Yield what everybody who may change something reads by it and does not surely read anyhow."""
        facts, store = self.scene.facts, self.reads.store
        nodes = (*facts.place(store.id).nodes, *facts.resources.folders_in.get(store.id, ()))
        changing = matters(self.scene, nodes, (READ,))
        changing += [facts.matter(each, nodes) for each in _ON_BUCKET]
        folders = frozenset((node.removeprefix(f"{store.id}/"), MANY) for node in nodes if node.endswith("/"))
        deciding = [*self.reads.matters, *changing, *told_apart(self.scene, nodes, (READ,))]
        every = self.scene.crowds(deciding, changing, self.reads.entries, widenable(self.scene, nodes))
        # What was not read may let somebody who is not named read as well, which is told as that.
        asked = [(crowd, self.reads.patterns(crowd.offers) | folders) for crowd in every if crowd.one is not UNNAMED]
        space = KeySpace(facts.estate.objects, store.id, frozenset[Pieces]().union(*(each for _, each in asked)))
        for crowd, patterns in asked:
            yield from self._of(crowd.callers, space.classes(patterns))

    def _of(self, callers: Sequence[Caller], classes: Sequence[KeyClass]) -> Iterator[Grant]:
        one = callers[0]

        def plain(held: KeyClass) -> Condition:
            return self.reads.decide(one, READ, held).condition

        for each in opened(classes, plain, partial(self.opened, one), lambda condition: condition is not NEVER):
            yield from (self._grant(caller, each) for caller in callers)

    def _grant(self, caller: Caller, opened: Opened) -> Grant:
        party, decision = self.scene.homes.party(caller), Decision(opened.condition)
        prove = partial(self._prove, caller, opened.by, opened.about)
        return grant_of(
            party, Action.READ, self.reads.store.id, decision, prove, opened.held, by=opened.by, changes=True
        )

    def _prove(self, caller: Caller, by: str, about: KeyClass) -> tuple[Step, ...]:
        def reason(who: str) -> str:
            return f"{caller.name} changes what stands in the way, and lets {who} read"

        target = f"{self.reads.store.id}/{about.example}"
        return proof(caller.name, by, target, self.opened(caller, about), reason, steps)

    def opened(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield the changes by which somebody comes to read a class of keys."""
        scene, reads = self.scene, self.reads
        place = scene.facts.resources.on_object(reads.store.id, held.example, READ)
        sure = False
        for change in changes(scene, caller, place, (READ,)):
            opening = Opening(change.way, reads.decide(caller, READ, held, supposed=change.supposed))
            sure |= opening.condition is ALWAYS
            yield opening
            if change.supposed.granted and not change.supposed.lifted:
                yield from self._for_another(change, held)
        for change in () if sure else more_changes(scene, caller, place, (READ,)):
            yield Opening(change.way, reads.decide(caller, READ, held, supposed=change.supposed))
        yield from self._by_folder(caller, held)
        yield from self._by_list(caller, held)

    def _for_another(self, change: Change, held: KeyClass) -> Iterator[Opening]:
        """Yield letting an account of one's own in, which no rule names that refuses oneself.

        From "Restrict identities by domain" (Organization Policy documentation): a policy may keep strangers out.
        """
        unread = Unseen(f"whether {_DOMAINS} keeps strangers out of {self.reads.store.account} was not read")
        kept = {Answer.YES: NEVER, Answer.NO: ALWAYS}.get(
            self.scene.control(self.reads.store.account, _DOMAINS), unread
        )
        read = self.reads.decide(_OWN, READ, held, supposed=change.supposed)
        if all_of((kept, read.condition)) is not NEVER:
            yield Opening(change.way, replace(read, condition=all_of((kept, read.condition))), _OWN.name)

    def _by_folder(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        store = self.reads.store
        if "/" not in held.example or store.controls.get(UNIFORM, Answer.UNKNOWN) is Answer.NO:
            return
        on = self.scene.facts.resources.on_bucket(store.id)
        way = tuple(self.scene.ask(caller, call, on) for call in (MAKES_FOLDER, FOLDER_SETTER))
        if needed(way) is not NEVER:
            yield Opening(way, self.reads.decide(caller, READ, held, supposed=Supposed(frozenset({Bound(store.id)}))))

    def _by_list(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        """Yield writing the list of an object, where lists count or can be made to."""
        scene, store, resources = self.scene, self.reads.store, self.scene.facts.resources
        if not caller.name.startswith(_LISTABLE):
            return
        acl, key = acl_of(held.acl), held.example
        way = tuple(
            scene.ask(caller, call, resources.on_object(store.id, key, call, acl, held.owner)) for call in _ON_OBJECT
        )
        if (uniform := store.controls.get(UNIFORM, Answer.UNKNOWN)) is not Answer.NO:
            may = scene.ask(caller, UPDATES_BUCKET, resources.on_bucket(store.id)).decision
            words = "can be turned off still" if uniform is Answer.YES else "is on"
            open_yet = Unseen(f"whether uniform bucket-level access of {store.id} {words} was not read")
            way = (Part(UPDATES_BUCKET, store.id, replace(may, condition=all_of((may.condition, open_yet)))), *way)
        if needed(way) is not NEVER:
            place = resources.on_object(store.id, key, READ)
            listed = replace(place, lists=Lists(Answer.NO, (AclGrant(caller.name, "READER"),), of_object=True))
            yield Opening(way, both([scene.facts.decide(caller, READ, listed), self._besides(caller, held, place)]))

    def _besides(self, caller: Caller, held: KeyClass, place: Place) -> Decision:
        """Ask what a read takes beside the permission: as it is for somebody whom every policy gives everything."""
        refusing = (policy.name for node in place.nodes for policy in self.scene.facts.denies(node))
        supposed = Supposed(granted=frozenset({Bound(self.reads.store.id)}), lifted=frozenset(refusing))
        return replace(self.reads.decide(caller, READ, held, supposed=supposed), proof=())
