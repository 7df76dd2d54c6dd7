"""From a scope to the subscriptions, storage accounts and containers in it, and what lies above them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.errors import UsageError
from cloudscan.model import Account, Coverage, Gap, Why
from cloudscan.provider import STORE_FACETS, Caller, Facet, Scope
from cloudscan.providing.parts import part
from cloudscan.providing.questions import gaps_of, named
from cloudscan.wording import count
from cloudscan_azure.accounts import Container, Node, StorageAccount, SubscriptionScope
from cloudscan_azure.clients import CREDENTIALS, Clients
from cloudscan_azure.cloud import CLOUDS
from cloudscan_azure.ids import PROVIDER, container_id, lowered, person
from cloudscan_azure.policy.scopes import ROOT
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker

SUBSCRIPTIONS, GROUPS, STORAGE = "2022-12-01", "2020-05-01", "2024-01-01"
"""The API versions of what is asked here."""
_GROUP = "/providers/microsoft.management/managementgroups/"
_SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GROUP_NAME = re.compile(r"[\w().-]{1,90}", re.ASCII)
_TENANT = re.compile(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", re.IGNORECASE)
_CONTAINER = re.compile(r"\$?[a-z0-9-]{3,63}")
"""What names containers may have ("Naming and referencing containers, blobs, and metadata")."""
_GONE = "Deleted"
Noticed = Account | Gap | Coverage


@dataclass(frozen=True, slots=True)
class Found:
    """What planning learned of one subscription. ``subscription`` is None where it cannot be looked at; ``noticed``
    says why."""

    id: str
    subscription: SubscriptionScope | None
    noticed: tuple[Noticed, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """The scan's own credentials at work, who they belong to, and the tenant that gave them."""

    scope: Scope
    caller: Caller
    tenant: str
    clients: Clients

    @classmethod
    def open(cls, scope: Scope) -> Session:
        """Find credentials, and see that Microsoft Entra takes them.

        Raises UsageError without usable credentials, :class:`cloudscan.errors.CollectionStopped` without an answer.
        """
        check(scope)
        clients = Clients.open(scope)
        claims = clients.sign_in()
        names = (claims.get(name) for name in ("upn", "unique_name", "app_displayname", "appid"))
        identity = next(filter(None, names), "") or (person(claims["oid"]) if claims.get("oid") else "not told")
        tenant = claims.get("tid", "")
        return cls(scope, Caller(PROVIDER, tenant, identity), tenant, clients)

    def asker(self, account: str) -> Asker:
        """Return an asker about a subscription, or a scope above."""
        return Asker(self.clients, account)


def check(scope: Scope) -> None:
    """Refuse options that cannot be meant. Raises UsageError."""
    for word in scope.words("subscription"):
        if not _SUBSCRIPTION.fullmatch(word):
            such = "such as 00000000-0000-0000-0000-000000000000 (az account list)"
            raise UsageError(f"--subscription {word!r} is not the id of an Azure subscription, {such}")
    for word in scope.words("management-group"):
        if not _GROUP_NAME.fullmatch(word):
            raise UsageError(f"--management-group {word!r} is not the id of a management group, such as call-centres")
    tenant = scope.options.get("tenant")
    if tenant is not None and not _TENANT.fullmatch(str(tenant)):
        raise UsageError(f"--tenant {tenant!r} is neither the id nor a domain of a tenant")
    for option, known in (("credential", CREDENTIALS), ("cloud", CLOUDS)):
        word = str(scope.options.get(option) or next(iter(known)))
        if word not in known:
            raise UsageError(f"--{option} {word!r} is none of {', '.join(known)}")
    deadline = scope.options.get("deadline")
    if deadline is not None and not re.fullmatch(r"\d{1,5}", str(deadline), re.ASCII):
        raise UsageError(f"--deadline {deadline!r} is not a number of seconds from 0 to 99999")


def find(session: Session) -> tuple[list[Found], list[Node]]:
    """Find the subscriptions of the scope, and of each its storage, on threads; and all that lies above them."""
    with ThreadPoolExecutor(max_workers=session.scope.workers, thread_name_prefix="plan") as pool:
        entries, noticed = _subscriptions(session, pool)
        above, asked = _parents(session)
        noticed += asked
        found = list(pool.map(lambda entry: _explore(session, entry, above), entries))
        found = _with_containers(session, pool, found)
    if noticed:
        found.append(Found("subscriptions", None, tuple(noticed)))
    return found, _nodes(session, found, above)


def _subscriptions(session: Session, pool: ThreadPoolExecutor) -> tuple[list[Mapping[str, Any]], list[Noticed]]:
    """Return the subscriptions to look at, by id, and what was not told of them."""
    named_ones, groups = session.scope.words("subscription"), session.scope.words("management-group")
    found: dict[str, Mapping[str, Any]] = {}
    noticed: list[Noticed] = []
    for entry, asked in pool.map(lambda name: _named(session, name), named_ones):
        found |= {_id(each): each for each in entry}
        noticed += asked
    if groups or not named_ones:
        every, asked = _listed(session)
        noticed += asked
        known = {_id(each): each for each in every}
        if not groups:
            found |= known
        for below, asked in pool.map(lambda name: _below(session, name), groups):
            found |= {_id(each): known.get(_id(each), each) for each in below}
            noticed += asked
    return [found[name] for name in sorted(found) if name], noticed


def _named(session: Session, name: str) -> tuple[list[Mapping[str, Any]], list[Noticed]]:
    """Ask for a subscription that the user named. One that is not told is looked at all the same."""
    asker = session.asker(name.lower())
    reply = asker.ask(
        "Subscriptions_Get",
        named("/subscriptions/{}", name.lower()),
        facet=Facet.ACCOUNTS,
        resource=name.lower(),
        permission="Microsoft.Resources/subscriptions/read",
        api=SUBSCRIPTIONS,
    )
    if isinstance(reply, dict):
        return [{"subscriptionId": name, **reply}], [*asker.coverage()]
    gaps = gaps_of(reply)
    missing = any(gap.why is Why.VANISHED for gap in gaps)
    return [] if missing else [{"subscriptionId": name}], [*gaps, *asker.coverage()]


def _listed(session: Session) -> tuple[list[dict[str, Any]], list[Noticed]]:
    """Ask for all subscriptions that the caller may see in the tenant."""
    asker = session.asker(ROOT)
    entries, gap = asker.pages(
        "Subscriptions_List",
        "/subscriptions",
        facet=Facet.ACCOUNTS,
        resource="subscriptions",
        permission="Microsoft.Resources/subscriptions/read",
        api=SUBSCRIPTIONS,
    )
    gaps = gaps_of(gap)
    if nameless := sum(not _id(entry) for entry in entries):
        words = f"{nameless} subscriptions came without an id"
        gaps.append(asker.gap(Facet.ACCOUNTS, "subscriptions", Why.MALFORMED, "Subscriptions_List", words))
    return entries, [*gaps, *asker.coverage()]


def _below(session: Session, name: str) -> tuple[list[dict[str, Any]], list[Noticed]]:
    """Ask for the subscriptions below a management group, at any depth."""
    group = f"{_GROUP}{name.lower()}"
    asker = session.asker(group)
    entries, gap = asker.pages(
        "ManagementGroups_GetDescendants",
        named("/providers/Microsoft.Management/managementGroups/{}/descendants", name),
        facet=Facet.ACCOUNTS,
        resource=group,
        permission="Microsoft.Management/managementGroups/descendants/read",
        api=GROUPS,
    )
    below = [entry for entry in entries if str(entry.get("type") or "").lower().endswith("/subscriptions")]
    told = [
        {"subscriptionId": str(entry.get("name") or ""), "displayName": part(entry, "properties").get("displayName")}
        for entry in below
    ]
    return told, [*gaps_of(gap), *asker.coverage()]


def _id(entry: Mapping[str, Any]) -> str:
    return str(entry.get("subscriptionId") or "").lower()


def _parents(session: Session) -> tuple[Mapping[str, str], list[Noticed]]:
    """Ask for the parent of every subscription and management group that the caller may see, all at once."""
    asker = session.asker(ROOT)
    entries, gap = asker.pages(
        "Entities_List",
        "/providers/Microsoft.Management/getEntities",
        facet=Facet.ORGANIZATION,
        resource=ROOT,
        permission="Microsoft.Management/managementGroups/read",
        api=GROUPS,
        method="POST",
    )
    above: dict[str, str] = {}
    for entry in entries:
        held = part(entry, "properties", "parent").get("id")
        above[lowered(str(entry.get("id") or ""))] = lowered(held) if isinstance(held, str) and held else ""
    return above, [*gaps_of(gap), *asker.coverage()]


def _way(scope: str, tenant: str, above: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the management groups above a scope, the root first; None where the way to the root was not told.

    The root of a tenant is the management group that is called like it ("What are Azure management groups?").
    """
    way: list[str] = []
    while (parent := above.get(scope, "")) and parent not in way:
        way.append(parent)
        scope = parent
    return tuple(reversed(way)) if way and way[-1] == f"{_GROUP}{tenant.lower()}" else None


def _explore(session: Session, entry: Mapping[str, Any], above: Mapping[str, str]) -> Found:
    """Find the storage accounts of one subscription, and what lies above it."""
    name, tenant = _id(entry), str(entry.get("tenantId") or session.tenant).lower()
    asker = session.asker(name)
    label = str(entry.get("displayName") or "")
    if entry.get("state") == _GONE:
        gap = asker.gap(Facet.ACCOUNTS, name, Why.DISABLED, "Subscriptions_Get", detail=_GONE)
        return Found(name, None, (Account(name, PROVIDER, name=label, organization=tenant or None), gap))
    parents = _way(f"/subscriptions/{name}", tenant, above)
    noticed: list[Noticed] = []
    if parents is None:
        words = "the management groups above it were not told"
        noticed.append(asker.gap(Facet.ORGANIZATION, name, Why.DENIED, "Entities_List", words, _READ_GROUPS))
    storage, gaps = _storage(asker, session.scope)
    scope = SubscriptionScope(
        id=name,
        tenant=tenant,
        clients=session.clients,
        scope=session.scope,
        name=label,
        parents=parents,
        storage=tuple(storage),
    )
    return Found(name, scope, (*noticed, *gaps, *asker.coverage()))


_READ_GROUPS = "Microsoft.Management/managementGroups/read"
_STORAGE_FACETS = STORE_FACETS | {Facet.JOBS, Facet.LOG_SOURCES, Facet.CREDENTIALS, Facet.KEYS}


def _storage(asker: Asker, scope: Scope) -> tuple[list[StorageAccount], list[Gap]]:
    """List the storage accounts of a subscription, with all their settings."""
    if scope.facets.isdisjoint(_STORAGE_FACETS):
        return [], []
    entries, gap = asker.pages(
        "StorageAccounts_List",
        f"/subscriptions/{asker.account}/providers/Microsoft.Storage/storageAccounts",
        facet=Facet.STORES,
        resource=asker.account,
        permission="Microsoft.Storage/storageAccounts/read",
        api=STORAGE,
    )
    gaps = gaps_of(gap)
    inside = f"/subscriptions/{asker.account}/"
    good = [entry for entry in entries if lowered(str(entry.get("id") or "")).startswith(inside)]
    if odd := len(entries) - len(good):
        words = f"{odd} storage accounts came without an id in the subscription"
        gaps.append(asker.gap(Facet.STORES, asker.account, Why.MALFORMED, "StorageAccounts_List", words))
    return [StorageAccount(entry) for entry in good], gaps


def _with_containers(session: Session, pool: ThreadPoolExecutor, found: Sequence[Found]) -> list[Found]:
    """Find the containers of all storage accounts, on threads."""
    if session.scope.facets.isdisjoint(STORE_FACETS):
        return list(found)
    accounts = [(each.id, one) for each in found if each.subscription for one in each.subscription.storage]
    answers = list(pool.map(lambda pair: _containers(session, *pair), accounts))
    told = {account.id: (account, noticed) for account, noticed in answers}
    return [_filled(each, told) for each in found]


def _filled(found: Found, told: Mapping[str, tuple[StorageAccount, list[Noticed]]]) -> Found:
    if found.subscription is None:
        return found
    pairs_of = [told[account.id] for account in found.subscription.storage]
    noticed = [each for _, asked in pairs_of for each in asked]
    scope = replace(found.subscription, storage=tuple(account for account, _ in pairs_of))
    return replace(found, subscription=scope, noticed=(*found.noticed, *noticed))


def _containers(session: Session, subscription: str, account: StorageAccount) -> tuple[StorageAccount, list[Noticed]]:
    """List the containers of a storage account that are in the scope; one of a kind without blobs has none.

    Those that were deleted come with them while they can be got back, and hold nothing that can be looked at ("Soft
    delete for containers").
    """
    if str(account.told.get("kind") or "") == "FileStorage":
        return account, []
    asker = Asker(session.clients, subscription, account.region)
    entries, gap = asker.pages(
        "BlobContainers_List",
        path_of(account.id, "blobServices/default/containers"),
        facet=Facet.STORES,
        resource=account.id,
        permission="Microsoft.Storage/storageAccounts/blobServices/containers/read",
        api=STORAGE,
        query={"$include": "deleted"},
    )
    gaps = gaps_of(gap)
    patterns = session.scope.stores or ("*",)
    gone = [str(entry.get("name") or "") for entry in entries if _deleted(entry)]
    if wanted := sum(_wanted(account, name, patterns) for name in gone):
        words = f"{count(wanted, 'deleted container')} can be got back, whose blobs nobody can list before that"
        gaps.append(asker.gap(Facet.DELETED, account.id, Why.UNSUPPORTED, "BlobContainers_List", words))
    entries = [entry for entry in entries if not _deleted(entry)]
    names = [str(entry.get("name") or "") for entry in entries]
    if odd := sum(not _CONTAINER.fullmatch(name) for name in names):
        words = f"{odd} containers came with names that none can have"
        gaps.append(asker.gap(Facet.STORES, account.id, Why.MALFORMED, "BlobContainers_List", words))
    containers = tuple(
        Container(container_id(account.id, name), name, entry)
        for name, entry in zip(names, entries, strict=True)
        if _CONTAINER.fullmatch(name) and _wanted(account, name, patterns)
    )
    return replace(account, containers=containers), [*gaps, *asker.coverage()]


def _deleted(entry: Mapping[str, Any]) -> bool:
    return part(entry, "properties").get("deleted") is True


def _wanted(account: StorageAccount, name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(f"{account.name}/{name}", each) for each in patterns)


def _nodes(session: Session, found: Iterable[Found], above: Mapping[str, str]) -> list[Node]:
    """Return every management group above a subscription of the scope, and the roots of their tenants, root first."""
    tenants: dict[str, set[str]] = {}
    for each in found:
        if each.subscription is not None:
            tenants.setdefault(each.subscription.tenant, set()).update(each.subscription.parents or ())
    named_ones = {f"{_GROUP}{name.lower()}" for name in session.scope.words("management-group")}
    if named_ones:
        tenants.setdefault(session.tenant, set()).update(named_ones)
    nodes: list[Node] = []
    for tenant, groups in sorted(tenants.items()):
        nodes.append(Node(ROOT, tenant, session.clients, session.scope, parents=()))
        ways = {group: _way(group, tenant, above) for group in groups}
        ways |= {group: () for group in groups if group == f"{_GROUP}{tenant}"}
        ordered = sorted(groups, key=lambda group: (len(ways[group] or ()), group))
        nodes += [Node(group, tenant, session.clients, session.scope, parents=ways[group]) for group in ordered]
    return nodes
