"""Publish rules of an app that let anyone read, of a bucket that serves one: grants that take a step first.

From "Manage and deploy Firebase Security Rules": rules are a set that is created, and a release that is updated to
name it. What apps read a service agent reads for them, so that who publishes needs no right on the bucket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from cloudscan.access import NEVER, Condition, Decision, Grant
from cloudscan.access.alike import grant_of
from cloudscan.access.conditions import all_of, any_of, unsourced
from cloudscan.access.keyspace import KeyClass, KeySpace
from cloudscan.access.openings import Opened, Opening, opened, proof
from cloudscan.access.parts import needed
from cloudscan.model import Action, Step
from cloudscan_gcp.apps import Apps
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.reads import READ, Reads
from cloudscan_gcp.steps.parts import steps
from cloudscan_gcp.steps.scene import Scene

CALLS = ("firebaserules.rulesets.create", "firebaserules.releases.update")


@dataclass(frozen=True)
class Publishings:
    """The rules of apps that somebody may publish for one bucket."""

    scene: Scene
    reads: Reads

    @cached_property
    def _apps(self) -> Apps:
        return Apps(self.reads)

    @cached_property
    def _served(self) -> Condition:
        """Whether the bucket serves an app."""
        return any_of(self._apps.serves(door) for door in self._apps.doors)

    def grants(self) -> Iterator[Grant]:
        """Yield what everybody who may publish rules reads by them and does not surely read anyhow."""
        if not self._apps.doors:
            return
        project = self.scene.on_project(self.reads.store.account)
        calls = [self.scene.facts.matter(each, project.nodes) for each in CALLS]
        space = KeySpace(self.scene.facts.estate.objects, self.reads.store.id)
        classes = list(space.classes(self.reads.patterns(self.reads.offers)))
        for crowd in self.scene.crowds([*self.reads.matters, *calls], calls, self.reads.entries):
            one = crowd.one
            if one is UNNAMED:
                continue
            plain = partial(self._plain, one)
            for each in opened(classes, plain, partial(self._openings, one), lambda condition: condition is not NEVER):
                yield from (self._grant(caller, each) for caller in crowd.callers)

    def _plain(self, caller: Caller, held: KeyClass) -> Condition:
        return self.reads.decide(caller, READ, held).condition

    def _openings(self, caller: Caller, held: KeyClass) -> Iterator[Opening]:
        place = self.scene.on_project(self.reads.store.account)
        way = tuple(self.scene.ask(caller, call, place) for call in CALLS)
        if needed(way) is not NEVER:
            read = unsourced(self._apps.by_agent(held).condition)
            yield Opening(way, Decision(all_of((self._served, read))))

    def _grant(self, caller: Caller, told: Opened) -> Grant:
        party, decision = self.scene.homes.party(caller), Decision(told.condition)
        prove = partial(self._prove, caller, told.by, told.about)
        return grant_of(party, Action.READ, self.reads.store.id, decision, prove, told.held, by=told.by, changes=True)

    def _prove(self, caller: Caller, by: str, about: KeyClass) -> tuple[Step, ...]:
        def reason(who: str) -> str:
            return f"{who} publishes rules for the apps of {self.reads.store.id} that let anyone read"

        target = f"{self.reads.store.id}/{about.example}"
        return proof(caller.name, by, target, self._openings(caller, about), reason, steps)
