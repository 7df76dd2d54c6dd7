"""What users of an app read of a bucket through Firebase: grants, and the step by which somebody becomes such a user.

A service agent of Firebase's reads for them, so that what it cannot read they cannot either; the app's rules say for
whom it does ("Use Firebase Security Rules with Cloud Storage"). Guests need nothing at all: what they read is anyone's.
Pure: reads only the estate.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Edge, Grant, either, only_if
from cloudscan.access.alike import Party, grant_of
from cloudscan.access.conditions import Unseen, all_of, unsourced
from cloudscan.access.keyspace import Held, KeyClass, KeySpace, together
from cloudscan.coverage.unseen import why
from cloudscan.model import ANYONE, Action, Answer, Federation, Step
from cloudscan.provider import Facet
from cloudscan_gcp.policy.app_rules import KIND, AppReaders, readers
from cloudscan_gcp.reads import READ, Reads
from cloudscan_gcp.session import PROVIDER

RELEASES = "firebaserules.projects.releases.list"
"""The question whose answer names the apps of a project."""
SIGN_IN = "firebase-sign-in"
_OLD_AGENT = "firebase-storage@system.gserviceaccount.com"
"""The agent of all projects, before each got its own ("Cloud Storage for Firebase: service account migration")."""


@dataclass(frozen=True)
class Apps:
    """The apps that read one bucket."""

    reads: Reads

    @property
    def doors(self) -> list[Federation]:
        """The releases of rules for the bucket, but not where it surely serves no app."""
        store = self.reads.store
        every = sorted(self.reads.facts.estate.federations.items())
        named = [door for _, door in every if (door.provider, door.kind) == (PROVIDER, KIND)]
        return [door for door in named if f"gs://{door.name}" == store.id and door.enabled is not Answer.NO]

    def derive(self) -> Iterator[Grant | Edge]:
        """Yield what guests and signed-in users of each app read. What guests surely read is not told twice.

        Where not every app of the project is known, another one may let anyone read.
        """
        if unlisted := self._unlisted:
            yield from self._grants(ANYONE, self.reads.store.account, unlisted)
        for door in self.doors:
            able = self._able(door)
            yield from self._grants(ANYONE, door.id, self._admits(door, able.guests, "guests"))
            if able.guests is not Answer.YES and able.signed_in is not Answer.NO:
                user = f"signed-in users of {door.id}"
                yield self._enter(door, user, self._admits(door, able.signed_in, "signed-in users"))
                yield from self._grants(user, door.id, ALWAYS)

    @property
    def _unlisted(self) -> Condition | None:
        """Say what is not known where the apps of the project were not all told; None where they were."""
        store = self.reads.store
        gaps = [
            gap
            for gap in self.reads.facts.estate.gaps_on(store.account, Facet.FEDERATIONS)
            if (gap.provider, gap.operation) == (PROVIDER, RELEASES)
        ]
        if not gaps:
            return None
        return Unseen(f"whether the rules of an app let anyone read {store.id} was not read ({why(gaps[0])})")

    def _able(self, door: Federation) -> AppReaders:
        """Read the rules again; where they were not told, nothing is known of anybody."""
        held = self.reads.facts.estate.policies.get(f"{door.id}#rules")
        if held is None:
            return AppReaders(Answer.UNKNOWN, Answer.UNKNOWN)
        return readers(str(json.loads(held.document)["rules"]), door.name)

    def _admits(self, door: Federation, answer: Answer, who: str) -> Condition:
        """Say when the rules let somebody in."""
        unread = Unseen(f"whether {door.id} lets {who} read is not known: its rules say more than is read here")
        rules = {Answer.YES: ALWAYS, Answer.NO: NEVER}.get(answer, unread)
        return all_of((rules, self.serves(door)))

    def serves(self, door: Federation) -> Condition:
        """Say whether the bucket serves apps."""
        unread = Unseen(f"whether {self.reads.store.id} serves apps was not read")
        return ALWAYS if door.enabled is Answer.YES else unread

    @cached_property
    def _classes(self) -> list[tuple[KeyClass, Condition]]:
        """The objects of the bucket, and what must hold for Firebase to read them."""
        space = KeySpace(self.reads.facts.estate.objects, self.reads.store.id)
        every = space.classes(self.reads.patterns(self.reads.offers))
        return [(each, unsourced(self.by_agent(each).condition)) for each in every]

    def by_agent(self, held: KeyClass) -> Decision:
        """Say whether Firebase reads objects for its apps."""
        project = self.reads.facts.resources.project(self.reads.store.account)
        if project is None or not project.unique_id:
            return Decision(Unseen(f"which service agent of Firebase's reads {self.reads.store.id} was not read"))
        own = f"service-{project.unique_id}@gcp-sa-firebasestorage.iam.gserviceaccount.com"
        callers = [self.reads.facts.caller(f"serviceAccount:{name}") for name in (own, _OLD_AGENT)]
        return either([self.reads.decide(caller, READ, held) for caller in callers])

    def _grants(self, principal: str, door: str, admits: Condition) -> Iterator[Grant]:
        found: dict[Condition, list[KeyClass]] = defaultdict(list)
        for each, reads in self._classes:
            if (condition := all_of((admits, reads))) is not NEVER:
                found[condition].append(each)
        for condition, meant in found.items():
            yield from (self._grant(principal, door, condition, held) for held in together(meant))

    def _grant(self, principal: str, door: str, condition: Condition, held: Held) -> Grant:
        store = self.reads.store
        because = f"the rules of {door} let {'anyone' if principal == ANYONE else 'whoever signed in'} read"
        step = Step(principal, Action.READ, f"{store.id}/{held.example}", because, only_if(condition))
        party = Party(principal, "" if principal == ANYONE else store.account, outside=False)
        return grant_of(party, Action.READ, store.id, Decision(condition), partial(_proved, step), held)

    def _enter(self, door: Federation, user: str, admits: Condition) -> Edge:
        told = only_if(admits)
        step = Step(door.id, SIGN_IN, user, f"whoever has an account with the app of {door.name} signs in", told)
        return Edge(
            sources=(door.id,),
            targets=(user,),
            kind=SIGN_IN,
            decision=Decision(admits),
            prove=lambda _, __: (step,),
            guise=True,
            account=self.reads.store.account,
        )


def _proved(step: Step) -> tuple[Step, ...]:
    return (step,)
