"""Change what compute runs that is there, and as whom.

From "Attach service accounts to resources" (IAM documentation): an update of what runs as an account takes ``actAs`` on
the account that it runs as afterwards, as making it does. From "Service identity" (Cloud Run) and "Function identity"
(Cloud Run functions): whoever updates one may name another account for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cloudscan.access import NEVER, Condition, Edge
from cloudscan.access.parts import Way, best
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import Workload
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps.acting import ACTS
from cloudscan_gcp.steps.edges import edges
from cloudscan_gcp.steps.scene import Scene, worth_telling
from cloudscan_gcp.steps.services import UPDATES, Update


def updated(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may change what compute runs, to the accounts that it can run as."""
    for update in UPDATES:
        changed = _Changed(scene, update)
        sort = Sort("+".join(update.calls), changes=True)
        yield from edges(sort, changed.found(), scene, changed.explain)


def changed(
    update: Update, scene: Scene, caller: Caller, account: Place, project: str, supposed: Supposed = AS_READ
) -> Iterator[Way]:
    """Yield having compute of a project run other code as a service account."""
    return _Changed(scene, update).ways(caller, account, project, supposed)


@dataclass(frozen=True)
class _Changed:
    """The compute of one sort."""

    scene: Scene
    update: Update

    @cached_property
    def running(self) -> Mapping[str, Sequence[Workload]]:
        """The compute of each project, whatever it runs as."""
        held: dict[str, list[Workload]] = defaultdict(list)
        for _, one in sorted(self.scene.facts.estate.workloads.items()):
            if one.provider == PROVIDER and one.kind == self.update.kind and self.update.holds in one.id:
                held[one.account].append(one)
        return held

    def found(self) -> Iterator[Found]:
        """Yield who may have compute run as accounts of its project, and as those of others that it has."""
        for project, held in self.running.items():
            for asked in self.scene.asked(project, [ACTS], self.update.calls):
                condition, _ = best(self.ways(asked.callers[0], asked.place, project))
                yield from self._of(asked.callers, asked.accounts, condition)
            own = self.scene.accounts.get(project, ())
            foreign = [one for one in self.scene.workloads.get(project, ()) if one in held and one.principal not in own]
            for one in self.scene.alike(foreign, self.update.calls):
                account = self.scene.facts.place(one.principal or "")
                for crowd in self.scene.steering(one, [ACTS], self.update.calls):
                    condition, _ = best(self._ways(crowd.one, account, [one]))
                    yield from self._of(crowd.callers, [account.name], condition)

    def ways(self, caller: Caller, account: Place, project: str, supposed: Supposed = AS_READ) -> Iterator[Way]:
        """Yield using one of each sort of compute of a project for an account of the same."""
        held = [replace(one, principal=None) for one in self.running.get(project, ())]
        return self._ways(caller, account, self.scene.alike(held, self.update.calls), supposed)

    def _of(self, callers: Sequence[Caller], accounts: Sequence[str], condition: Condition) -> Iterator[Found]:
        if worth_telling(callers[0], condition):
            yield Found(tuple(each.name for each in callers), tuple(accounts), condition)

    def _ways(
        self, caller: Caller, account: Place, held: Iterable[Workload], supposed: Supposed = AS_READ
    ) -> Iterator[Way]:
        acts = self.scene.ask(caller, ACTS, account, supposed=supposed)
        if acts.decision.condition is not NEVER:
            for place in map(self.scene.on_machine, held):
                yield (acts, *(self.scene.ask(caller, call, place, supposed=supposed) for call in self.update.calls))

    def explain(self, source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        """Say how somebody has compute run as an account: that which does already, where there is any."""
        caller, place = self.scene.caller(source), self.scene.facts.place(target)
        every = [one for held in self.running.values() for one in held if one.principal == target]
        every += self.running.get(self.scene.homes.account(self.scene.caller(target)), ())
        tried = [(one, best(self._ways(caller, place, [one]))) for one in every]
        one, (_, told) = next(((one, met) for one, met in tried if met[0] is not NEVER), tried[0])
        return f"{source} {self.update.does} {one.id}, and have it run as {target}", told
