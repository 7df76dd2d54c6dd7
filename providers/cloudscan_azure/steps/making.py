"""Where somebody may make something that runs as an identity, or change what is there: found once for each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property

from cloudscan.access.parts import Way, best
from cloudscan_azure.policy.callers import EVERYBODY, Caller
from cloudscan_azure.policy.scopes import subscription, subscription_of
from cloudscan_azure.steps.changes import used
from cloudscan_azure.steps.scene import Scene
from cloudscan_azure.steps.services import Service


class Making:
    """The scopes at which somebody is given what making something of a service takes first."""

    def __init__(self, scene: Scene, service: Service) -> None:
        self._scene, self._service = scene, service
        self._ways: dict[Caller, Sequence[Way]] = {}

    @cached_property
    def _given(self) -> Mapping[str, Sequence[tuple[str, str, str]]]:
        """Where each object id is given it: scope, role and condition."""
        found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        documents, roles = self._scene.facts.documents, self._scene.facts.roles
        for scope in documents.assigned_scopes:
            if not can_hold(scope, self._service.resource):
                continue
            for one in documents.assignments(scope):
                given = roles.gives(one.role, self._service.makes[0])
                if given is None or given:
                    found[one.principal].append((scope, one.role, one.expression))
        return found

    def sign(self, caller: Caller) -> Hashable:
        """Return what makes callers alike."""
        return tuple(sorted(each for own in self._ids(caller) for each in self._given[own]))

    def _ids(self, caller: Caller) -> Iterator[str]:
        yield from sorted(own for own in (*caller.ids, EVERYBODY) if own in self._given)
        yield from (own for own in self._unsure if own not in caller.ids and caller.perhaps(own))

    @cached_property
    def _unsure(self) -> Sequence[str]:
        """The ids that may be groups of which not all members were read."""
        known = self._scene.facts.people.known
        others = (own for own in sorted(self._given) if own != EVERYBODY)
        return [own for own in others if any(_perhaps(own, each) for each in known)]

    def ways(self, caller: Caller) -> Sequence[Way]:
        """Return the ways in which somebody makes something, the sure one alone if any is."""
        if caller not in self._ways:
            scopes = dict.fromkeys(scope for own in self._ids(caller) for scope, _, _ in self._given[own])
            places = dict.fromkeys(place for scope in scopes for place in self._below(scope))
            tried = ([(each, self._scene.place(place, each)) for each in self._service.makes] for place in places)
            self._ways[caller] = best(used(self._scene, caller, goals) for goals in tried)[1]
        return self._ways[caller]

    def _below(self, scope: str) -> Iterator[str]:
        """Yield a place in a subscription at or below a scope."""
        if subscription_of(scope):
            yield scope
            return
        first = self._service.makes[0]
        inside = (subscription(name) for name in sorted(self._scene.facts.resources.subscriptions))
        yield from [each for each in inside if scope in self._scene.facts.place(each, first).scopes][:1]


def _perhaps(own: str, caller: Caller) -> bool:
    return bool(caller.signs and own not in caller.ids and caller.perhaps(own))


def can_hold(scope: str, *kinds: str) -> bool:
    """Say whether a resource of one of some types, in small letters, can lie at a scope, or below it."""
    inside = subscription_of(scope)
    return not inside or "/providers/" not in scope or type_of(scope) in kinds


def type_of(name: str) -> str:
    """Return the type of a resource by its id in small letters, "" for what is none."""
    parts = name.rpartition("/providers/")[2].split("/")
    return "/".join((parts[0], *parts[1::2])) if len(parts) > 2 and len(parts) % 2 else ""
