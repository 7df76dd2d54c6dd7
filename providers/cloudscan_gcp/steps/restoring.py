"""Make a key of Cloud KMS serve again, under which somebody's own rights suffice to read: grants that restore.

From the Cloud KMS documentation, "Key version states": who may update a version enables one that is disabled; one that
is scheduled for destruction is restored first, and is disabled then. From "Customer-managed encryption keys" (Cloud
Storage documentation): the project's service agent decrypts, so that who may set the policy of the key, or of what
lies above it, may let it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Grant, only_if
from cloudscan.access.alike import grant_of
from cloudscan.access.conditions import all_of, unsourced
from cloudscan.access.keyspace import Held, KeyClass, KeySpace, together
from cloudscan.access.parts import Way, called, needed
from cloudscan.model import Action, Step
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.facts import DECRYPT
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.reads import READ, Reads
from cloudscan_gcp.steps.changes import changes, matters, widenable
from cloudscan_gcp.steps.parts import steps
from cloudscan_gcp.steps.scene import Scene

ENABLES, RESTORES = "cloudkms.cryptoKeyVersions.update", "cloudkms.cryptoKeyVersions.restore"
_CALLS = {
    "disabled": (ENABLES,),
    "destroy_scheduled": (RESTORES, ENABLES),
    "pending-deletion": (RESTORES, ENABLES),
}
"""What makes a key work again, by its state."""


class _Working(Reads):
    """Reads of a bucket whose keys all serve."""

    def usable(self, name: str) -> Decision:
        return Decision(ALWAYS)


@dataclass(frozen=True)
class Restorings:
    """The ways to make the keys of one bucket serve again."""

    scene: Scene
    reads: Reads

    @cached_property
    def _stopped(self) -> Sequence[str]:
        return [name for name in sorted(self.reads.used_keys) if self.reads.usable(name).condition is NEVER]

    @cached_property
    def _working(self) -> Reads:
        return _Working(self.reads.facts, self.reads.store)

    def grants(self) -> Iterator[Grant]:
        """Yield what everybody who may make a key serve again reads then by rights of their own."""
        for name in self._stopped:
            place = self.scene.facts.place(name)
            calls = [self.scene.facts.matter(each, place.nodes) for each in (ENABLES, RESTORES)]
            calls += matters(self.scene, place.nodes, (DECRYPT,))
            marks = widenable(self.scene, place.nodes)
            space = KeySpace(self.scene.facts.estate.objects, self.reads.store.id)
            for crowd in self.scene.crowds([*self.reads.matters, *calls], calls, self.reads.entries, marks):
                if crowd.one is not UNNAMED:
                    classes = [one for one in space.classes(self.reads.patterns(crowd.offers)) if one.key_id == name]
                    yield from self._of(crowd.callers, classes, name)

    def _of(self, callers: Sequence[Caller], classes: Sequence[KeyClass], key: str) -> Iterator[Grant]:
        found: dict[tuple[str, Condition], list[KeyClass]] = defaultdict(list)
        for way in self._ways(callers[0], key):
            for each in classes:
                read = self._working.decide(callers[0], READ, each)
                if (condition := unsourced(all_of((needed(way), read.condition)))) is not NEVER:
                    found[called(way), condition].append(each)
        for (by, condition), meant in found.items():
            for held in together(meant):
                about = next(each for each in meant if any(one.media is held.media for one in each.held))
                shown = replace(about, example=held.example)
                yield from (self._grant(caller, by, condition, held, shown) for caller in callers)

    def _ways(self, caller: Caller, key: str) -> Iterator[Way]:
        """Yield what somebody uses to make a key serve."""
        facts, place = self.scene.facts, self.scene.facts.place(key)
        held = facts.estate.key(key)
        state = held.state.casefold() if held is not None and held.state else ""
        agent = self.reads.agent
        decrypts = NEVER if agent is None else facts.decide(agent, DECRYPT, place).condition
        if (calls := _CALLS.get(state)) and decrypts is not NEVER:
            way = tuple(self.scene.ask(caller, call, place) for call in calls)
            if needed(way) is not NEVER:
                yield way
        if state != "enabled" or agent is None:
            return
        for change in changes(self.scene, caller, place, (DECRYPT,)):
            let = facts.decide(agent, DECRYPT, place, supposed=change.supposed)
            if change.supposed.granted and all_of((needed(change.way), let.condition)) is not NEVER:
                yield change.way

    def _grant(self, caller: Caller, by: str, condition: Condition, held: Held, about: KeyClass) -> Grant:
        prove = partial(self._prove, caller, by, condition, about)
        party, decision = self.scene.homes.party(caller), Decision(condition)
        return grant_of(
            party, Action.READ, self.reads.store.id, decision, prove, held, by=by, changes=True, restores=True
        )

    def _prove(self, caller: Caller, by: str, condition: Condition, about: KeyClass) -> tuple[Step, ...]:
        key, target = about.key_id or "", f"{self.reads.store.id}/{about.example}"
        reason = f"{caller.name} makes the key {key} serve again, and reads by rights of its own"
        told = Step(caller.name, by, target, reason, only_if(condition))
        ways = [way for way in self._ways(caller, key) if called(way) == by][:1]
        used = (step for way in ways for part in way for step in steps(caller.name, part))
        read = self.scene.ask(caller, READ, self.scene.facts.resources.on_object(self.reads.store.id, about.example))
        return (told, *used, *steps(caller.name, replace(read, action=Action.READ)))
