"""Storage accounts as units of collection: one for the settings of an account and its containers, one for the blobs of
each container.

Most settings of all accounts of a subscription come with the one list that planning reads, and those of all containers
of an account with another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from cloudscan.model import Gap, Store, Why
from cloudscan.provider import STORE_FACETS, Collected, Facet, Scope, Unit
from cloudscan.providing.questions import About, Absent, gaps_of
from cloudscan_azure import shared_lists, storage_read
from cloudscan_azure.accounts import Container, StorageAccount, SubscriptionScope
from cloudscan_azure.blob_service import BlobService
from cloudscan_azure.blobs import PAGE, Listing, scopes_of
from cloudscan_azure.blobs_read import read_policies
from cloudscan_azure.discovery import STORAGE
from cloudscan_azure.ids import PROVIDER, lists_of
from cloudscan_azure.reports import Reports
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker

_ACTION = "Microsoft.Storage/storageAccounts"
READ_POLICIES = f"{_ACTION}/blobServices/containers/getAcl/action"
READ_LISTS = f"{_ACTION}/blobServices/containers/blobs/read"
_TOLD = (Facet.PUBLIC_ACCESS, Facet.ACL, Facet.LOCK, Facet.LABELS, Facet.ENCRYPTION)
"""The questions that the lists of accounts and containers answer for each container: of access control lists, that the
level to which it is public stands for one. Those of folders are asked for besides."""
_ON_ACCOUNT = {Facet.VERSIONING, Facet.LIFECYCLE, Facet.REPLICATION, Facet.INVENTORY}
"""Those for which an account is asked once more."""


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield a unit for each storage account of the subscription, and one for each of its containers."""
    scope = subscription.scope
    if scope.facets.isdisjoint(STORE_FACETS | {Facet.CREDENTIALS}):
        return
    read = reads_inventories(scope)
    for account in subscription.storage:
        key, label = f"{PROVIDER}/{subscription.id}/storage/{account.name}", f"{subscription.id} {account.name}"
        yield Unit(key, label, partial(collect, subscription, account), len(_ON_ACCOUNT & scope.facets))
        for container in account.containers if inside(scope) else ():
            run = partial(collect_container, subscription, account, container, listed=not read)
            yield Unit(f"{key}/{container.name}", f"{label}/{container.name}", run, expected(scope))
        if read and account.containers:
            place, told = f"{PROVIDER}/{subscription.id}/inventory/{account.name}", f"{label} inventory"
            yield Unit(place, told, partial(collect_inventory, subscription, account), 1)


def reads_inventories(scope: Scope) -> bool:
    """Say whether blobs are read from inventories where there are any: no inventory stops at a number of blobs."""
    return bool(scope.options.get("inventory")) and scope.max_objects is None and scope.lists_objects


def inside(scope: Scope) -> bool:
    """Say whether anything is asked of single containers."""
    wanted = (Facet.POLICY, Facet.ACL, Facet.DELETED, Facet.UPLOADS)
    return scope.lists_objects or not scope.facets.isdisjoint(wanted)


def expected(scope: Scope) -> int:
    """Return how many requests a container takes if all it holds is one page, or as many blobs as are asked for."""
    pages = -(-scope.max_objects // PAGE) if scope.max_objects else 1
    listed = scope.lists_objects or not scope.facets.isdisjoint((Facet.DELETED, Facet.UPLOADS))
    return int(Facet.POLICY in scope.facets) + pages * listed


def collect(subscription: SubscriptionScope, account: StorageAccount) -> Iterator[Collected]:
    """Ask everything of one storage account. One that was deleted meanwhile leaves one Gap and no record."""
    asker = subscription.asker(account.region)
    told, gaps = _asked(subscription, asker, account)
    if any(gap.why is Why.VANISHED for gap in gaps):
        yield from gaps
        yield from asker.coverage()
        return
    if subscription.wants(Facet.POLICY):
        yield storage_read.network(account, subscription.id)
        asker.count(Facet.POLICY, answered=True)
    if subscription.wants(Facet.ENCRYPTION) and account.told.get("identity"):
        yield storage_read.identity(account, subscription.id)
    if subscription.wants(Facet.CREDENTIALS):
        yield from storage_read.keys(account, subscription.id)
        asker.count(Facet.CREDENTIALS, answered=True)
    for container in account.containers:
        store = storage_read.store(account, container, subscription.id, told)
        yield store
        yield from _settings(subscription, asker, store)
    yield from gaps
    yield from asker.coverage()


def _asked(
    subscription: SubscriptionScope, asker: Asker, account: StorageAccount
) -> tuple[storage_read.Shared, list[Gap]]:
    """Ask what holds for all containers of an account; nothing of one that has none."""
    found: dict[str, Any] = {"accounts": {each.name.lower(): each.id for each in subscription.storage}}
    gaps: list[Gap] = []
    for facet, name, ask in _QUESTIONS if account.containers else ():
        if subscription.wants(facet):
            found[name], missing = ask(asker, account)
            gaps += missing
    if any(storage_read.default_scope(each) for each in account.containers) and subscription.wants(Facet.ENCRYPTION):
        told = scopes_of(asker, account)
        found["scopes"] = storage_read.scopes(told.items) if told.told else None
        gaps += told.gaps
    return storage_read.Shared(**found), gaps


def _about(account: StorageAccount, facet: Facet, settings: str, *absent: str) -> About:
    """Say what a question is about that is asked of an account: settings of one kind, as permissions name them."""
    return About(facet=facet, resource=account.id, permission=f"{_ACTION}/{settings}/read", absent=absent)


def _service(asker: Asker, account: StorageAccount) -> tuple[Mapping[str, Any] | None, list[Gap]]:
    path, about = path_of(account.id, "blobServices/default"), _about(account, Facet.VERSIONING, "blobServices")
    reply = asker.ask("BlobServices_GetServiceProperties", path, api=STORAGE, **about)
    return reply if isinstance(reply, dict) else None, gaps_of(reply)


def _policy(asker: Asker, account: StorageAccount) -> tuple[Mapping[str, Any] | None, list[Gap]]:
    about = _about(account, Facet.LIFECYCLE, "managementPolicies", "ManagementPolicyNotFound")
    path = path_of(account.id, "managementPolicies/default")
    reply = asker.ask("ManagementPolicies_Get", path, api=STORAGE, **about)
    if isinstance(reply, Absent):
        return {}, []
    return reply if isinstance(reply, dict) else None, gaps_of(reply)


def _replications(asker: Asker, account: StorageAccount) -> tuple[list[dict[str, Any]] | None, list[Gap]]:
    about = _about(account, Facet.REPLICATION, "objectReplicationPolicies", "ObjectReplicationPolicyNotFound")
    path = path_of(account.id, "objectReplicationPolicies")
    entries, gap = asker.pages("ObjectReplicationPolicies_List", path, api=STORAGE, **about)
    return (None if isinstance(gap, Gap) else entries), gaps_of(gap)


def _inventories(asker: Asker, account: StorageAccount) -> tuple[list[Mapping[str, Any]] | None, list[Gap]]:
    about = _about(account, Facet.INVENTORY, "inventoryPolicies", "BlobInventoryPolicyNotFound")
    path = path_of(account.id, "inventoryPolicies")
    told = shared_lists.shared(asker, "BlobInventoryPolicies_List", path, api=STORAGE, **about)
    return (list(told.items) if told.told else None), list(told.gaps)


_QUESTIONS = (
    (Facet.VERSIONING, "service", _service),
    (Facet.LIFECYCLE, "policy", _policy),
    (Facet.REPLICATION, "replications", _replications),
    (Facet.INVENTORY, "inventories", _inventories),
)


def _settings(subscription: SubscriptionScope, asker: Asker, store: Store) -> Iterator[Gap]:
    """Count what the lists told of a container, and say what they left out."""
    for facet in (facet for facet in _TOLD if subscription.wants(facet)):
        asker.count(facet, answered=True)
    left = {
        Facet.ACL: ("publicAccess", store.acl),
        Facet.LOCK: ("hasLegalHold or hasImmutabilityPolicy", store.lock),
        Facet.ENCRYPTION: ("a known source of its key", store.encryption),
    }
    for facet, (name, told) in left.items():
        if told is None and subscription.wants(facet):
            words = f"the answer is without {name}"
            yield asker.gap(facet, store.id, Why.UNSUPPORTED, "BlobContainers_List", words)


def collect_inventory(subscription: SubscriptionScope, account: StorageAccount) -> Iterator[Collected]:
    """Read the blobs of all containers of an account from its inventories; those that are in none are listed."""
    asker = subscription.asker(account.region)
    policies, gaps = _inventories(asker, account)
    yield from gaps
    left = yield from Reports(account, asker, subscription.scope.versions).collect(policies or (), account.containers)
    for container in account.containers:
        listing = Listing(subscription, account, container, asker)
        yield from listing.collect() if container in left else listing.beside()
    yield from asker.coverage()


def collect_container(
    subscription: SubscriptionScope, account: StorageAccount, container: Container, *, listed: bool = True
) -> Iterator[Collected]:
    """Ask for the stored access policies of a container, for the list of its root, and for its blobs if these are to
    be listed."""
    asker = subscription.asker(account.region)
    service = BlobService(subscription.clients.rest, account)
    if subscription.wants(Facet.POLICY):
        reply = asker.run(
            lambda: {"policies": read_policies(service.stored_policies(container.name))},
            facet=Facet.CREDENTIALS,  # they open nothing to anyone: they are what signatures go by
            resource=container.id,
            operation="Container_GetAccessPolicy",
            permission=READ_POLICIES,
        )
        if isinstance(reply, dict):
            yield storage_read.stored_policies(container, subscription.id, reply["policies"])
        yield from gaps_of(reply)
    if account.hierarchical and subscription.wants(Facet.ACL):
        reply = asker.run(
            lambda: service.access_list(container.name),
            facet=Facet.ACL,
            resource=lists_of(container.id),
            operation="Path_GetProperties",
            permission=READ_LISTS,
        )
        if isinstance(reply, dict):
            yield storage_read.path_list(container, subscription.id, "", reply)
        yield from gaps_of(reply)
    if listed:
        yield from Listing(subscription, account, container, asker).collect()
    yield from asker.coverage()
