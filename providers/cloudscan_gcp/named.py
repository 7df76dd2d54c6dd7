"""What policies name and no list of a project tells of: predefined roles, roles of elsewhere, and groups.

Each is asked for once in a collection, by whichever unit is the first to yield a policy that names it. A unit is
written whole or not at all, so what one has taken on is asked for again when it has to be run again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from cloudscan.model import Gap, PolicyDocument, Principal, Store, Why
from cloudscan.provider import Collected, Facet, ObjectRows, Scope, Unit
from cloudscan.providing.questions import named
from cloudscan_gcp.clients import Clients
from cloudscan_gcp.documents import ALLOWING
from cloudscan_gcp.groups import Groups
from cloudscan_gcp.hierarchy import document
from cloudscan_gcp.policy.apis import roles_to_change
from cloudscan_gcp.policy.bindings import read_policy
from cloudscan_gcp.policy.deny import read_deny_policy
from cloudscan_gcp.policy.members import normal
from cloudscan_gcp.resources import acl_of
from cloudscan_gcp.session import PROVIDER, Asker

T = TypeVar("T")
_ROLE = re.compile(r"(?:(?P<kind>projects|organizations)/(?P<owner>[^/]+)/)?roles/(?P<id>[\w.-]+)")


@dataclass(slots=True)
class Once:
    """Names that were taken on, over all threads."""

    _taken: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, names: Iterable[str]) -> list[str]:
        """Take on those that nobody else has, in order."""
        with self._lock:
            new = sorted(set(names) - self._taken)
            self._taken.update(new)
        return new


class Named:
    """Adds to units what their policies name. ``listed`` are the levels whose own roles are listed anyway."""

    def __init__(self, clients: Clients, scope: Scope, listed: Collection[str]) -> None:
        self.clients, self.scope, self.listed = clients, scope, listed
        self._roles, self._groups = Once(), Once()
        self._cloud = Groups(clients)

    def added(self, unit: Unit) -> Unit:
        """Return a unit that tells at its end of what its policies name."""
        return replace(unit, run=partial(self._run, unit))

    def _run(self, unit: Unit) -> Iterator[Collected]:
        roles: set[str] = set()
        groups: set[str] = set()
        for item in unit.run():
            yield item
            if isinstance(item, PolicyDocument):
                roles |= roles_in(item)
                groups |= groups_in(item)
            elif isinstance(item, Store):
                groups |= _groups_among(entry.grantee for entry in item.acl or ())
            elif isinstance(item, ObjectRows):
                groups |= groups_listed(item)
        asker = Asker(self.clients, "")
        if Facet.POLICY in self.scope.facets:
            yield from self._told(asker, roles)
        if Facet.PRINCIPALS in self.scope.facets:
            yield from self._members(asker, groups)
        yield from asker.coverage()

    def _told(self, asker: Asker, roles: Iterable[str]) -> Iterator[PolicyDocument | Gap]:
        return self._each(partial(_role, asker), self._roles.take(role for role in roles if not self._is_listed(role)))

    def _each(self, ask: Callable[[str], Iterable[T]], names: Sequence[str]) -> Iterator[T]:
        """Ask for each on threads, and tell of them in order; the first alone, which may tell that a service is off."""
        pool = ThreadPoolExecutor(self.scope.workers, thread_name_prefix="named")
        try:
            for name in names[:1]:
                yield from ask(name)
            for found in pool.map(lambda name: list(ask(name)), names[1:]):
                yield from found
        finally:
            pool.shutdown(cancel_futures=True)

    def _is_listed(self, role: str) -> bool:
        return role.partition("/roles/")[0] in self.listed

    def _members(self, asker: Asker, groups: Iterable[str]) -> Iterator[Principal | Gap]:
        todo = self._groups.take(groups)
        while todo:
            found = list(self._each(partial(self._cloud.fetch, asker), todo))
            yield from found
            held = (one for item in found if isinstance(item, Principal) for one in item.members or ())
            todo = self._groups.take(one for one in held if _is_group(one))


def _role(asker: Asker, name: str) -> Iterator[PolicyDocument | Gap]:
    """Ask for a role, and yield it or the Gap that stands for it."""
    found = _ROLE.fullmatch(name)
    if found is None:
        yield asker.gap(Facet.POLICY, name, Why.MALFORMED, "iam.roles.get", "no name of a role")
        return
    owner = named("{}/{}/", found["kind"], found["owner"]) if found["kind"] else ""
    reply = asker.ask(
        f"iam.{found['kind']}.roles.get" if owner else "iam.roles.get",
        f"v1/{owner}{named('roles/{}', found['id'])}",
        facet=Facet.POLICY,
        resource=name,
        permission="iam.roles.get",
    )
    if isinstance(reply, dict):
        yield document(asker, "role", name, reply)
    elif isinstance(reply, Gap):
        yield reply


def roles_in(policy: PolicyDocument) -> set[str]:
    """Return the roles that an allow policy gives, and those to which a condition of it limits who gives roles."""
    if policy.provider != PROVIDER or policy.kind not in ALLOWING:
        return set()
    bindings = read_policy(policy.id, policy.document).bindings
    limits = {role for each in {binding.expression for binding in bindings} for role in roles_to_change(each)}
    return {binding.role for binding in bindings} | set(filter(_ROLE.fullmatch, limits))


def groups_in(policy: PolicyDocument) -> set[str]:
    """Return the groups that an allow or deny policy names."""
    if policy.kind == "deny":
        rules = read_deny_policy(policy.id, policy.document).rules
        members = [member for rule in rules for member in (*rule.principals, *rule.exceptions)]
    elif policy.kind in ALLOWING:
        members = [binding.member for binding in read_policy(policy.id, policy.document).bindings]
    else:
        return set()
    return _groups_among(members)


def groups_listed(objects: ObjectRows) -> set[str]:
    """Return the groups that the access control lists of objects name."""
    entries = (entry for row in objects.rows for entry in acl_of(row.acl) or ())
    return _groups_among(entry.grantee for entry in entries)


def _groups_among(members: Iterable[str]) -> set[str]:
    return {name for name in map(normal, members) if _is_group(name)}


def _is_group(member: str) -> bool:
    return member.startswith("group:")
