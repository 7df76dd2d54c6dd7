"""What lists of a subscription that were not read may hide: compute that runs as somebody who reads, and vaults.

Who has the right to steer such compute, or to read secrets of such vaults, may come to read by it: of them it is not
known. Places in the subscription at which somebody is given the right count, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access import NEVER, Decision
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Part, Way, best
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.ids import PROVIDER
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.evaluate import Matter
from cloudscan_azure.policy.scopes import subscription
from cloudscan_azure.steps import changes
from cloudscan_azure.steps.making import can_hold
from cloudscan_azure.steps.scene import Goal, Scene
from cloudscan_azure.steps.secrets import ADMITS, READ
from cloudscan_azure.steps.services import BY_RESOURCE, Uses
from cloudscan_azure.workloads import SORTS

_COMPUTE = {sort.operation: sort.type for sort in SORTS}
_VAULTS, _VAULT = "Vaults_ListBySubscription", "microsoft.keyvault/vaults"
_ADMITS: tuple[Uses, ...] = tuple((each,) for each in ADMITS)


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What a list that was not read may hide: one of ``options`` suffices to use it."""

    words: str
    options: tuple[tuple[Goal, ...], ...]


@dataclass(frozen=True)
class Hidden:
    """The lists of an estate that were not read and may hide a way to recordings."""

    scene: Scene

    @cached_property
    def lists(self) -> Sequence[Unlisted]:
        """Each of them once."""
        found = {}
        for gap in self.scene.facts.estate.gaps:
            if gap.provider == PROVIDER and (told := self._of(gap.operation, gap.resource)) is not None:
                found[told.words] = told
        return list(found.values())

    def _of(self, operation: str, name: str) -> Unlisted | None:
        if operation == _VAULTS:
            options = (*self._at(name, _ADMITS, _VAULT), *self._at(name, ((READ,),), _VAULT, f"{_VAULT}/secrets"))
            return Unlisted(f"the vaults of {name} were not read", options)
        if operation not in _COMPUTE:
            return None
        kind = _COMPUTE[operation]
        service = BY_RESOURCE[kind.lower()]
        ways = (*service.steers, *(uses for uses, _ in service.perhaps))
        return Unlisted(f"the {kind} of {name} were not read", self._at(name, ways, kind.lower()))

    def _at(self, name: str, ways: Sequence[Uses], *kinds: str) -> tuple[tuple[Goal, ...], ...]:
        """Return what suffices, at a subscription and at each place in it where somebody is given anything."""
        top = subscription(name)
        below = [each for each in self.scene.facts.documents.assigned_below(top) if can_hold(each, *kinds)]
        places = (top, *below)
        return tuple(tuple((one, self.scene.place(place, one)) for one in uses) for place in places for uses in ways)

    @cached_property
    def matters(self) -> Sequence[Matter]:
        """All that decides who may use what they hide."""
        goals = [goal for one in self.lists for option in one.options for goal in option]
        return list(dict.fromkeys((*self.scene.matters(goals), *changes.matters(self.scene, goals))))

    def ways(self, caller: Caller) -> Iterator[Way]:
        """Yield how somebody may use what each list hides."""
        if caller is UNNAMED or not caller.signs:
            return
        for one in self.lists:
            hidden = Part("", one.words, Decision(Unseen(one.words)))
            tried = (way for option in one.options for way, _ in changes.ways(self.scene, caller, option))
            condition, ways = best(tried)
            if condition is not NEVER:
                yield from ((*way, hidden) for way in ways)
