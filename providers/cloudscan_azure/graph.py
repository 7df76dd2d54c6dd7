"""Identities of Microsoft Entra that count for the subscriptions of a tenant, as Microsoft Graph tells them.

A tenant may have hundreds of thousands of identities. Asked about are those whom assignments and access policies name,
those with a role in the directory, who is in their groups, and who owns them: nobody else can have a right. That is
one unit for all subscriptions of a tenant, so that nobody is asked about, or told, twice.

Graph has permissions of its own. Where one is lacking, groups are of unknown size, which the evaluator says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

from cloudscan.model import Gap, Principal, Record, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import named
from cloudscan_azure import applications, entra_roles, federation, federation_read, graph_read, rbac, rbac_read, vaults
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.cloud import GRAPH_BETA
from cloudscan_azure.graph_read import Told
from cloudscan_azure.ids import PROVIDER, object_id, person
from cloudscan_azure.policy.callers import EVERYBODY
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, listing

T = TypeVar("T")
_FACETS = (Facet.PRINCIPALS, Facet.CREDENTIALS, Facet.FEDERATIONS)
_FACET = Facet.PRINCIPALS
_AT_ONCE = 1000
"""The most ids that one request asks about ("directoryObject: getByIds")."""
_SELECTED = (
    "id,displayName,mail,userPrincipalName,userType,accountEnabled,createdDateTime,appId,servicePrincipalType,"
    "appOwnerOrganizationId,alternativeNames,isAssignableToRole,groupTypes,onPremisesSyncEnabled,visibility"
)
_READS = "Directory.Read.All"
_HIDDEN = "HiddenMembership"
"""Who is in such a group takes a permission of its own to be told ("List group members")."""
_OF_ATTRIBUTES = "@principal"
"""What a condition says that goes by custom security attributes."""


def units_of(subscriptions: Sequence[SubscriptionScope]) -> Iterator[Unit]:
    """Yield the one unit of each tenant that asks about identities."""
    for tenant in sorted({each.tenant for each in subscriptions if each.wants(*_FACETS)}):
        own = [each for each in subscriptions if each.tenant == tenant]
        key, name = f"{PROVIDER}/{tenant}/identities", f"{tenant} identities"
        yield Unit(key, name, partial(collect, tenant, own), 4 + len(own))


def collect(tenant: str, subscriptions: Sequence[SubscriptionScope]) -> Iterator[Collected]:
    """Yield who is named, who is in their groups, who owns them, and what of them somebody else could use."""
    walk = Walk(tenant, subscriptions)
    if other := _other_tenant(tenant, walk.asker):
        yield other
    else:
        walk.named()
        walk.around()
        walk.attributes()
    walk.managed()
    yield from walk.told()


def collect_listed(tenant: str, subscriptions: Sequence[SubscriptionScope], ids: Iterable[str]) -> Iterator[Collected]:
    """Yield those whom access control lists name, as others are told whom assignments name."""
    walk = Walk(tenant, subscriptions)
    if other := _other_tenant(tenant, walk.asker):
        yield other
    else:
        walk.listed(ids)
        walk.around()
        walk.attributes()
        walk.managed(met=True)
    yield from walk.told()


def _other_tenant(tenant: str, asker: Asker) -> Gap | None:
    """Say so where the credentials are of another tenant: Graph would tell of the wrong one."""
    own = asker.clients.sign_in().get("tid", "")
    if not own or not tenant or own.lower() == tenant.lower():
        return None
    asker.count(_FACET, answered=False)
    words = f"the credentials are those of tenant {own}: sign in to {tenant}"
    return asker.gap(_FACET, tenant, Why.UNSUPPORTED, "directoryObjects_getByIds", words, _READS)


class Walk:
    """The way from those who are named to those who count; ``records`` are who was met, by object id."""

    def __init__(self, tenant: str, subscriptions: Sequence[SubscriptionScope]) -> None:
        self.tenant = tenant
        self.subscriptions = [(each, each.asker()) for each in subscriptions]
        self.asker = Asker(subscriptions[0].clients, tenant)
        self.wants = subscriptions[0].wants
        self.records: dict[str, Principal] = {}
        self.collected: list[Record | Gap] = []
        self._told: dict[str, Told] = {}
        self._new: list[str] = []
        self._activates, self._workers = True, max(1, subscriptions[0].scope.workers)
        self._lists = [one for each, asker in self.subscriptions for one in _naming(each, asker)]
        if not self.wants(Facet.ORGANIZATION):  # or they are told where these lists are collected
            self.collected += [gap for one in self._lists for gap in one.gaps]

    def _meet(self, told: Iterable[Told]) -> None:
        for each in told:
            record = graph_read.principal(each, self.tenant)
            if record and (own := object_id(record.id)) not in self.records:
                self.records[own], self._told[own] = record, each
                self._new.append(own)

    def named(self) -> None:
        """Meet those whom assignments, deny assignments, access policies and roles of the directory name."""
        roles = entra_roles.roles(self.tenant, self.asker)
        self.collected += roles.collected
        ids = {own for listing in self._lists for each in listing.items for own, _ in rbac_read.principals(each)}
        ids |= {own for each, asker in self.subscriptions for own in vaults.named_by(each, asker, _FACET)}
        self._activates = roles.managed
        self._look_up(ids | roles.holders)

    def listed(self, ids: Iterable[str]) -> None:
        """Meet those who have these object ids."""
        self._look_up(ids)

    def told(self) -> Iterator[Collected]:
        """Yield what was met and what was not answered, with the counts of it."""
        yield from self.collected
        yield from sorted(self.records.values(), key=lambda one: one.id)
        for asker in (self.asker, *(asker for _, asker in self.subscriptions)):
            yield from asker.coverage()

    def _look_up(self, ids: Iterable[str]) -> None:
        asked = sorted({*ids} - {EVERYBODY, ""} - self.records.keys())
        for start in range(0, len(asked), _AT_ONCE):
            told = self._by_ids(asked[start : start + _AT_ONCE])
            self._meet(told.items)
            self.collected += told.gaps

    def around(self) -> None:
        """Meet who is in groups, and who owns groups, service principals and their applications."""
        apps: dict[str, str] = {}
        while self._new:
            new, self._new = self._new, []
            groups = [own for own in new if self.records[own].kind == "group"]
            self._members(groups)
            self._eligible(groups)
            self._owners(new)
            own_apps = {self._app(own): person(own) for own in new if self._app(own)}
            self._applications({app: who for app, who in own_apps.items() if app not in apps})
            apps |= own_apps

    def _each(self, things: Sequence[T], ask: Callable[[T], Listing]) -> list[tuple[T, Listing]]:
        """Ask about things, some at a time, and return the answers in the order of the things."""
        with ThreadPoolExecutor(self._workers) as pool:
            return [*zip(things, pool.map(ask, things), strict=True)]

    def _app(self, own: str) -> str:
        """Return the id of the application of a service principal, "" where the tenant has none of it."""
        record, told = self.records[own], self._told[own]
        foreign = graph_read.is_managed(told) or record.account.lower() != self.tenant.lower()
        return "" if record.kind != "service-account" or foreign else record.unique_id or ""

    def _members(self, groups: Sequence[str]) -> None:
        for own, told in self._each(groups, lambda own: self._beside("groups", own, "members")):
            self._meet(told.items)
            self.collected += told.gaps
            members = tuple(sorted(person(str(each["id"])) for each in told.items if each.get("id")))
            hidden = told.told and not told.items and self._told[own].get("visibility") == _HIDDEN
            if hidden:
                words, needed = "none told of a hidden membership", "Member.Read.Hidden"
                self.collected.append(self.asker.gap(_FACET, person(own), Why.DENIED, "groups_members", words, needed))
            self.records[own] = replace(self.records[own], members=members if told.told and not hidden else None)

    def _eligible(self, groups: Sequence[str]) -> None:
        """Ask who may activate to be in groups. Where that is refused of one, it would be of every other, too."""
        for some in (groups[:1], groups[1:]):
            asked = (
                self._each(some, lambda own: entra_roles.eligible_members(own, self.asker)) if self._activates else ()
            )
            for _, told in asked:
                kept = (graph_read.eligible_member(each, self.tenant) for each in told.items)
                self.collected += [*told.gaps, *(one for one in kept if one is not None)]
                self._look_up(entra_roles.holders(told.items))
                self._activates = self._activates and told.gap is None and not told.absent

    def _owners(self, new: Sequence[str]) -> None:
        nouns = {"group": "groups", "service-account": "servicePrincipals"}
        owned = [own for own in new if self.records[own].kind in nouns and not graph_read.is_managed(self._told[own])]
        for own, told in self._each(owned, lambda own: self._beside(nouns[self.records[own].kind], own, "owners")):
            self._owned(told, self._told[own], self.records[own].id)

    def _owned(self, told: Listing, owned: Told, name: str) -> None:
        self._meet(told.items)
        self.collected += told.gaps
        if told.told:
            self.collected.append(graph_read.owners(told.items, owned, name, self.tenant))

    def _applications(self, wanted: dict[str, str]) -> None:
        """Ask about applications by their ids, each with its service principal."""
        found: list[Told] = []
        for _, listed in self._each([*applications.batches(sorted(wanted))], self._by_apps):
            found += (one for one in listed.items if one.get("id") and graph_read.app_of(one) in wanted)
            self.collected += listed.gaps
        self._of_applications(found, wanted)
        if self.wants(Facet.CREDENTIALS):
            for some in applications.batches(sorted(map(object_id, wanted.values()))):
                secrets, listed = applications.own_secrets(self.asker, some, self.tenant)
                self.collected += [*secrets, *listed.gaps]

    def _by_apps(self, some: Sequence[str]) -> Listing:
        return applications.applications(self.asker, some, self.tenant)

    def _of_applications(self, found: Sequence[Told], wanted: Mapping[str, str]) -> None:
        """Tell applications with who owns them, their secrets, and whose tokens make somebody them."""
        for one, told in self._each(found, lambda one: applications.owners(self.asker, one, _SELECTED)):
            record = graph_read.application(one, self.tenant)
            self.collected.append(record)
            self._owned(told, {}, record.id)
            if self.wants(Facet.CREDENTIALS):
                becomes = wanted[graph_read.app_of(one)]
                self.collected += graph_read.credentials(one, record.id, becomes, self.tenant)
        doors = self._each(found if self.wants(Facet.FEDERATIONS) else (), self._federated)
        for one, told in doors:
            own = graph_read.app_of(one)
            read = partial(
                federation_read.of_application, app=graph_read.app(own), account=self.tenant, becomes=wanted[own]
            )
            self.collected += [*map(read, told.items), *told.gaps]

    def _federated(self, one: Told) -> Listing:
        return applications.federated(self.asker, one)

    def attributes(self) -> None:
        """Ask for custom security attributes where a condition goes by them; nobody's are read otherwise."""
        if not any(_OF_ATTRIBUTES in str(each).lower() for listing in self._lists for each in listing.items):
            return
        for noun, kinds in (("users", ("user", "guest")), ("servicePrincipals", ("service-account",))):
            ids = sorted(own for own, record in self.records.items() if record.kind in kinds)
            for some in applications.batches(ids):
                told = self._attributes(noun, some)
                self.collected += told.gaps
                for each in told.items:
                    own = str(each.get("id") or "").lower()
                    if own in self.records:
                        self.records[own] = replace(self.records[own], labels=graph_read.attributes(each))

    def managed(self, *, met: bool = False) -> None:
        """Put to those who were met the managed identities of the subscriptions, by what ARM tells of them.

        With ``met`` none but those who were met are told.
        """
        for each, asker in self.subscriptions:
            told = federation.identities(each, asker, _FACET)
            self.collected += told.gaps
            for one in told.items:
                record = federation.identity(one, self.tenant)
                if record is not None:
                    known = self.records.get(own := object_id(record.id))
                    if known or not met:
                        self.records[own] = replace(known, path=record.path) if known else record

    def _by_ids(self, ids: Sequence[str]) -> Listing:
        return listing(
            self.asker,
            "directoryObjects_getByIds",
            "/directoryObjects/getByIds",
            facet=_FACET,
            resource=self.tenant,
            permission=_READS,
            api="",
            service="graph",
            method="POST",
            query={"$select": _SELECTED},
            body={"ids": list(ids), "types": ["user", "group", "servicePrincipal", "device"]},
        )

    def _beside(self, noun: str, own: str, relation: str) -> Listing:
        """Ask for the members or owners of an identity. Its Gap is one on that identity.

        Of groups v1.0 leaves out service principals, and so managed identities; the beta version is what Microsoft
        names in its place ("List group members", "List group owners").
        """
        return listing(
            self.asker,
            f"{noun}_{relation}",
            named(f"/{noun}/{{}}/{relation}", own),
            facet=_FACET,
            resource=person(own),
            permission="GroupMember.Read.All" if relation == "members" else _READS,
            api="",
            service=GRAPH_BETA if noun == "groups" else "graph",
            query={"$select": _SELECTED, "$top": "999"},
        )

    def _attributes(self, noun: str, ids: Sequence[str]) -> Listing:
        return listing(
            self.asker,
            f"{noun}_List",
            f"/{noun}",
            facet=_FACET,
            resource=f"{self.tenant}/customSecurityAttributes",
            permission="CustomSecAttributeAssignment.Read.All",
            api="",
            service="graph",
            query={"$select": "id,customSecurityAttributes", "$filter": applications.among("id", ids)},
        )


def _naming(subscription: SubscriptionScope, asker: Asker) -> list[Listing]:
    """Return the lists of a subscription that name identities."""
    given = rbac.assignments(subscription, asker, _FACET)
    return [*given, rbac.eligibility(subscription, asker, _FACET), rbac.denies(subscription, asker, _FACET)]
