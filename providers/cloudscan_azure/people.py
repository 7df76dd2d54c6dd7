"""Everybody who may ask for something, and whom the ids of assignments mean of them. Pure: reads only the estate.

Who is in a group is read where the group is a principal of the estate whose members are known, from it or from them,
without a gap. A group that may hold somebody for all that was read is told by :attr:`Caller.perhaps`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, partial

from cloudscan.access.conditions import ALWAYS, NEVER, Condition
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Answer, Principal
from cloudscan.provider import Facet
from cloudscan_azure.documents import Documents
from cloudscan_azure.ids import PROVIDER, object_id, person
from cloudscan_azure.policy.callers import EVERYBODY, Caller, means


class People:
    """Those who ask."""

    def __init__(self, estate: Estate, documents: Documents) -> None:
        self.estate, self.documents = estate, documents
        self._callers: dict[str, Caller] = {}
        self._meanings: dict[str, Sequence[tuple[Caller, Condition]]] = {}

    def caller(self, name: str) -> Caller:
        """Return somebody as one who asks: by a principal's id, or ANYONE."""
        if name not in self._callers:
            self._callers[name] = self._caller(name)
        return self._callers[name]

    def _caller(self, name: str) -> Caller:
        if name == ANYONE:
            return Caller(ANYONE)
        own = object_id(name)
        record = self._records.get(own)
        return Caller(
            name,
            own,
            frozenset({own, *self._groups_of(own)}),
            kind=record.kind if record else self._told_kinds.get(own, ""),
            perhaps=self._unread,
            stopped=f"{name} is disabled" if record is not None and record.enabled is Answer.NO else "",
            attributes=record.labels if record else None,
            tenant=record.account if record else "",
            through=partial(self._chain, own),
        )

    @cached_property
    def _records(self) -> Mapping[str, Principal]:
        records = (one for one in self.estate.principals.values() if one.provider == PROVIDER)
        return {object_id(one.id): one for one in records if one.id == person(object_id(one.id))}

    @cached_property
    def _told_kinds(self) -> Mapping[str, str]:
        """The kinds of those whom assignments name, as these tell them."""
        kinds = {"user": "user", "serviceprincipal": "service-account", "group": "group", "foreigngroup": "group"}
        kinds |= {"device": "device"}
        told = [(one.principal, one.kind) for _, one in self.documents.every_assignment if one]
        told += [pair for deny in self.documents.every_deny for pair in deny.kinds]
        return {name: kinds[kind] for name, kind in told if kind in kinds}

    @cached_property
    def _holding(self) -> Mapping[str, frozenset[str]]:
        """The groups that hold each principal directly, as the groups tell it, or the members do."""
        found: dict[str, set[str]] = defaultdict(set)
        for own, one in self._records.items():
            found[own].update(map(object_id, one.groups))
            for member in one.members or ():
                found[object_id(member)].add(own)
        return {name: frozenset(groups) for name, groups in found.items()}

    def _groups_of(self, own: str) -> frozenset[str]:
        """Return the groups that hold somebody, directly or through others."""
        found: set[str] = set()
        todo = [own]
        while todo:
            for group in self._holding.get(todo.pop(), frozenset()) - found:
                found.add(group)
                todo.append(group)
        return frozenset(found)

    def _chain(self, own: str, group: str) -> Sequence[str]:
        """Return by which groups somebody is in one, the fewest that lead to it; () where none do."""
        ways: dict[str, tuple[str, ...]] = {own: ()}
        todo = [own]
        for one in todo:
            for above in sorted(self._holding.get(one, frozenset()) - ways.keys()):
                ways[above] = (*ways[one], person(above))
                todo.append(above)
        return ways.get(group, ())

    def _unread(self, own: str) -> str:
        """Say why the members of a group are not known, or those of a group in it; "" where they are, or it is none."""
        if own == EVERYBODY:
            return ""
        if own in self._unread_groups:
            return self._unread_groups[own]
        if own in self._records or self._told_kinds.get(own, "group") != "group":
            return ""
        return f"who is in {person(own)} was not read"

    @cached_property
    def _unread_groups(self) -> Mapping[str, str]:
        """What of the members of each group was not read; groups of which nothing is missing are not among them."""
        told = {group for groups in self._holding.values() for group in groups}
        groups = {own: one for own, one in self._records.items() if one.kind == "group"}
        unread = {group for group in told if group not in groups}
        for own, one in groups.items():
            if (one.members is None and own not in told) or self.estate.gaps_on(one.id, Facet.PRINCIPALS):
                unread.add(own)
        found: dict[str, str] = {}
        for own in sorted(unread):
            reason = f"who is in {person(own)} was not read"
            found |= {above: reason for above in sorted({own, *self._groups_of(own)}) if above not in found}
        return found

    @cached_property
    def known(self) -> Sequence[Caller]:
        """Everybody of the estate, and everybody whom an assignment or a list names, by id."""
        named = {one.principal for _, one in self.documents.every_assignment if one}
        for deny in self.documents.every_deny:
            named |= {*deny.principals, *deny.excluded}
        for store in self.estate.stores.values():
            for acl in self.documents.acls(store.id).values() if store.provider == PROVIDER else ():
                named |= acl.named if acl else set()
        named |= self._records.keys()
        return [self.caller(person(own)) for own in sorted(named - {EVERYBODY, ""})]

    def meant(self, own: str) -> Sequence[tuple[Caller, Condition]]:
        """Return everybody known whom an id means or may mean, each once, and under which condition."""
        if own not in self._meanings:
            if own == EVERYBODY or self._unread(own):
                asked = ((caller, means(own, caller)) for caller in self.known)
                self._meanings[own] = [(caller, meant) for caller, meant in asked if meant is not NEVER]
            else:
                self._meanings[own] = [(caller, ALWAYS) for caller in self._by_id.get(own, ())]
        return self._meanings[own]

    @cached_property
    def _by_id(self) -> Mapping[str, Sequence[Caller]]:
        found: dict[str, list[Caller]] = defaultdict(list)
        for caller in self.known:
            for own in caller.ids:
                found[own].append(caller)
        return found

    def is_outside(self, caller: Caller) -> bool:
        """Whether somebody is known to be none of the estate's: a guest, or one whose home is another tenant."""
        abroad = bool(caller.tenant) and bool(self._tenants) and caller.tenant not in self._tenants
        return caller.kind == "guest" or abroad

    @cached_property
    def _tenants(self) -> frozenset[str]:
        """The tenants of the estate's subscriptions."""
        own = (one.organization for one in self.estate.accounts.values() if one.provider == PROVIDER)
        return frozenset(tenant for tenant in own if tenant)
