"""Everybody who may ask for something, and whom the members of policies mean of them. Pure: reads only the estate.

Members of a group are read where the group is a principal of the estate that tells them, without a gap. A member that
may mean somebody for all that was read is told by :attr:`Caller.perhaps`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from cloudscan.access.conditions import ALWAYS, NEVER, Condition
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Answer, Principal
from cloudscan.provider import Facet
from cloudscan_gcp import pools
from cloudscan_gcp.documents import Documents
from cloudscan_gcp.policy.bindings import Binding
from cloudscan_gcp.policy.members import (
    PUBLIC,
    Caller,
    anyone,
    anyone_signed_in,
    is_deleted,
    means,
    normal,
    own_members,
    pool_of,
)
from cloudscan_gcp.resources import Resources
from cloudscan_gcp.session import PROVIDER

_BASIC = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}
"""The basic role that a convenience value stands for ("Cloud Storage IAM": convenience values)."""
_GROUPED = ("user:", "serviceAccount:", "group:", "domain:", "principalSet://goog/cloudIdentityCustomerId/")
"""Who can be a member of a group, or has people who can."""


class People:
    """Those who ask."""

    def __init__(self, estate: Estate, documents: Documents, resources: Resources) -> None:
        self.estate, self.documents, self.resources = estate, documents, resources
        self._callers: dict[str, Caller] = {}
        self._meanings: dict[str, Sequence[tuple[Caller, Condition]]] = {}

    def caller(self, name: str) -> Caller:
        """Return somebody as one who asks: by a principal's id, ANYONE, ANYONE_SIGNED_IN, or any member of policies."""
        if name not in self._callers:
            self._callers[name] = self._caller(name)
        return self._callers[name]

    def _caller(self, name: str) -> Caller:
        if name in (ANYONE, ANYONE_SIGNED_IN):
            return anyone(ANYONE) if name == ANYONE else anyone_signed_in(ANYONE_SIGNED_IN)
        record = self.estate.principals.get(name)
        members = own_members(name) | self._groups_of(name) | frozenset(self._homes_of(record))
        members |= frozenset(self.customers[member] for member in members & self.customers.keys())
        members |= frozenset(value for member in members for value in self._values.get(member, ()))
        off = f"{name} is disabled" if record is not None and record.enabled is Answer.NO else ""
        stopped, taken = off or pools.stopped(self.estate, name), pools.taken(self.estate, name)
        grouped = normal(name).startswith(_GROUPED)
        return Caller(name, members, self._perhaps if grouped else self._perhaps_by_value, stopped, taken)

    def _groups_of(self, name: str) -> frozenset[str]:
        """Return the groups that hold somebody, directly or through others, as members."""
        found: dict[str, None] = {}
        todo = [normal(name)]
        while todo:
            for group in self._holding.get(todo.pop(), ()):
                if group not in found:
                    found[group] = None
                    todo.append(group)
        return frozenset(found)

    @cached_property
    def _groups(self) -> Mapping[str, Principal]:
        records = self.estate.principals.values()
        return {normal(one.id): one for one in records if one.provider == PROVIDER and one.kind == "group"}

    @cached_property
    def _holding(self) -> Mapping[str, Sequence[str]]:
        """The groups that hold each member directly, as the groups tell it, or the members do."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, group in self._groups.items():
            for member in group.members or ():
                found[normal(member)].append(name)
        for one in self.estate.principals.values():
            found[normal(one.id)] += map(normal, one.groups if one.provider == PROVIDER else ())
        return found

    @cached_property
    def customers(self) -> Mapping[str, str]:
        """The set of a customer's users by the domain that is known to be its own ("Principal identifiers")."""
        sets = "principalSet://goog/cloudIdentityCustomerId/"
        own = (one for one in self.estate.principals.values() if one.kind == "domain" and one.unique_id)
        return {normal(one.id): f"{sets}{one.unique_id}" for one in own}

    def _homes_of(self, record: Principal | None) -> Iterator[str]:
        """Yield the sets that a service account is in by where its project lies ("Principal identifiers")."""
        account = self.resources.project(record.account) if record and record.kind == "service-account" else None
        if account is None:
            return
        for node in (*(account.parents or ()), f"projects/{account.unique_id}"):
            yield f"principalSet://cloudresourcemanager.googleapis.com/{node}"
            yield f"principalSet://cloudresourcemanager.googleapis.com/{node}/type/ServiceAccount"

    @cached_property
    def _basic(self) -> Mapping[str, Sequence[Binding]]:
        """The bindings of basic roles by the convenience value that means those who hold them.

        From "Cloud Storage IAM" (convenience values): a value means who has the basic role for the project. A role
        that is inherited is taken to be one for the project, as it is everywhere else in IAM. The public has none,
        since no policy of a project names it ("Method: projects.setIamPolicy").
        """
        found: dict[str, list[Binding]] = {}
        for project, account in self.resources.projects.items():
            bindings = [one for node in self.resources.down_to(project) for one in self.documents.bindings(node)]
            for value, role in _BASIC.items():
                held = [one for one in bindings if one.role == role and not one.eligible and _is_somebody(one.member)]
                found[f"{value}:{project}"] = found[f"{value}:{account.unique_id}"] = held
        return found

    @cached_property
    def _values(self) -> Mapping[str, Sequence[str]]:
        """The convenience values that mean whom a member means."""
        found: dict[str, list[str]] = defaultdict(list)
        for value, bindings in self._basic.items():
            for binding in bindings:
                found[normal(binding.member)].append(value)
        return found

    def basis(self, member: str, caller: Caller) -> Sequence[str]:
        """Name the statements by which a convenience value means somebody; none for any other member."""
        bound = self._basic.get(member, ())
        return [binding.statement for binding in bound if normal(binding.member) in caller.members]

    def _perhaps(self, member: str) -> str:
        """Say why it is not known whether a member means a user, a service account or a group, "" if it does not."""
        return self._unread_groups(member) if member.startswith("group:") else self._perhaps_by_value(member)

    def _perhaps_by_value(self, member: str) -> str:
        value, _, project = member.partition(":")
        if value not in _BASIC:
            return ""
        account = self.resources.project(project)
        if account is None or account.parents is None:
            return f"who has {_BASIC[value]} on project {project} was not read"
        unread = (node for node in self.resources.down_to(project) if self.documents.allow(node) is None)
        if (node := next(unread, None)) is not None:
            return f"who has {_BASIC[value]} on {node} was not read"
        bound = (normal(binding.member) for binding in self._basic[member])
        groups = (self._unread_groups(one) for one in bound if one.startswith("group:"))
        return next((reason for reason in groups if reason), "")

    def _unread_groups(self, group: str) -> str:
        """Say why the members of a group are not known, or those of a group in it; "" where they are."""
        if group not in self._groups_read:
            return f"the members of {group} were not read"
        return self._groups_read[group]

    @cached_property
    def _groups_read(self) -> Mapping[str, str]:
        """Every group of which a record was made, and what of its members was not read, "" where nothing is missing."""
        found = dict.fromkeys(self._groups, "")
        told = {group for groups in self._holding.values() for group in groups}
        unread = {name for name in self._holding if name.startswith("group:") and name not in self._groups}
        for name, group in self._groups.items():
            untold = group.members is None and name not in told
            if untold or self.estate.gaps_on(group.id, Facet.PRINCIPALS):
                unread.add(name)
        for name in sorted(unread):
            reason = f"the members of {name} were not read"
            found |= {above: reason for above in (name, *self._groups_of(name)) if not found.get(above)}
        return found

    @cached_property
    def known(self) -> Sequence[Caller]:
        """Everybody of the estate, and everybody in particular whom a policy or a bucket's list names, by id."""
        held = {member for group in self._groups.values() for member in group.members or ()}
        names = {normal(member): member for member in sorted(self.documents.named | held) if _is_somebody(member)}
        names |= {normal(one.id): one.id for one in self.estate.principals.values() if one.provider == PROVIDER}
        return [self.caller(names[name]) for name in sorted(names)]

    def meant(self, member: str) -> Sequence[tuple[Caller, Condition]]:
        """Return everybody known whom a member means or may mean, each once, and under which condition."""
        name = normal(member)
        if name not in self._meanings:
            self._meanings[name] = self._find_meant(name)
        return self._meanings[name]

    def _find_meant(self, member: str) -> Sequence[tuple[Caller, Condition]]:
        pool, customer = pool_of(member), member.startswith("principalSet://goog/cloudIdentityCustomerId/")
        if self._perhaps(member) or customer or (pool and pool != member):
            asked = ((caller, means(member, caller)) for caller in self.known)
            return [(caller, meant) for caller, meant in asked if meant is not NEVER]
        return [(caller, ALWAYS) for caller in self._by_member.get(member, ())]

    @cached_property
    def _by_member(self) -> Mapping[str, Sequence[Caller]]:
        found: dict[str, list[Caller]] = defaultdict(list)
        for caller in self.known:
            for member in caller.members:
                found[member].append(caller)
        return found


def _is_somebody(member: str) -> bool:
    """Whether a member is somebody in particular, and no set of people whom other members are in."""
    sets = member in PUBLIC or member in (ANYONE, ANYONE_SIGNED_IN) or member.partition(":")[0] in _BASIC
    return not sets and not is_deleted(member)
