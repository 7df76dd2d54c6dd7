"""Azure Backup: copies of containers in Backup vaults, which keep what a container held when its blobs are gone.

A vault lists the instances that it protects, and an instance its recovery points. Operational backup keeps all in the
account itself, as versions and deleted blobs, which are listed there ("Overview of Azure Blob backup"): only what lies
in a vault is told. What is in a recovery point nobody sees before it is restored. An instance names the containers that
it backs up now: which those were when an older point was taken is not told, so that it may hold any of the account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.model import Answer, Backup, Gap, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import items, part, texts, utc
from cloudscan_azure import units as made
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.codes import UNREGISTERED
from cloudscan_azure.ids import PROVIDER, container_id, lowered
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, in_subscription, listing

_API = "2024-04-01"
_VAULTS = "Microsoft.DataProtection/backupVaults"
_FACET = Facet.BACKUPS
_BLOBS = frozenset(f"microsoft.storage/storageaccounts/{noun}" for noun in ("blobservices", "adlsblobservices"))
"""The types of data sources that hold blobs."""
_IN_ACCOUNT = "operationalstore"
"""The store of a recovery point that lies in the account itself."""

Told = Mapping[str, Any]


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield the one unit that asks for backups."""
    if subscription.wants(_FACET):
        yield from made.of_subscription(subscription, "backups", collect)


def collect(subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield the backups of containers in the vaults of a subscription; one that never used the service has none."""
    found = in_subscription(
        subscription, asker, "BackupVaults_GetInSubscription", _VAULTS, facet=_FACET, api=_API, absent=UNREGISTERED
    )
    yield from found.gaps
    for vault in found.items:
        name = str(vault.get("id") or "")
        if not name:
            words = "a vault without an id"
            yield asker.gap(_FACET, subscription.id, Why.MALFORMED, "BackupVaults_GetInSubscription", words)
            continue
        yield from _vault(subscription, asker, vault, name)


def _vault(subscription: SubscriptionScope, asker: Asker, vault: Told, name: str) -> Iterator[Backup | Gap]:
    """Yield what a vault keeps of containers, what was deleted and can be got back included.

    Instances of machines, disks and databases are passed over.
    """
    found = _listed(asker, "BackupInstances_List", name, "backupInstances")
    yield from found.gaps
    for instance in found.items:
        account = _account(instance)
        if account is None:
            continue
        if not account or not instance.get("id"):
            yield _nameless(asker, name, "BackupInstances_List")
            continue
        points = _listed(asker, "RecoveryPoints_List", str(instance["id"]), "recoveryPoints", where=lowered(name))
        yield from points.gaps
        for store, several in _stores(subscription, account, instance, points.items):
            yield from read_points(asker.account, vault, store, several)
    yield from _deleted(subscription, asker, vault, name)


def _deleted(subscription: SubscriptionScope, asker: Asker, vault: Told, name: str) -> Iterator[Backup | Gap]:
    """Yield the instances that were deleted and can be got back, whose recovery points no list tells."""
    found = _listed(asker, "DeletedBackupInstances_List", name, "deletedBackupInstances")
    yield from found.gaps
    for instance in found.items:
        account = _account(instance)
        if account is None:
            continue
        if not account:
            yield _nameless(asker, name, "DeletedBackupInstances_List")
            continue
        ends = utc(part(instance, "properties", "deletionInfo").get("scheduledPurgeTime"))
        for store, _ in _stores(subscription, account, instance, ()):
            one = _backup(asker.account, vault, store)
            yield replace(one, copies=0, ends=ends, lasting=Answer.NO if ends else Answer.UNKNOWN, deleted=True)


def _account(instance: Told) -> str | None:
    """Return the storage account that an instance is of, "" where it does not tell; None for other things."""
    of = part(instance, "properties", "dataSourceInfo")
    kind, name = str(of.get("datasourceType") or "").lower(), str(of.get("resourceID") or "")
    return None if kind and kind not in _BLOBS else name and lowered(name)


def _nameless(asker: Asker, vault: str, operation: str) -> Gap:
    words = "an instance that does not tell what it is, or of what"
    return asker.gap(_FACET, lowered(vault), Why.MALFORMED, operation, words)


def _listed(asker: Asker, operation: str, of: str, noun: str, where: str = "") -> Listing:
    """Ask for a list below a vault. A Gap in it is one of the vault."""
    permission = f"{_VAULTS}/{'backupInstances/' if noun == 'recoveryPoints' else ''}{noun}/read"
    place = where or lowered(of)
    return listing(asker, operation, path_of(of, noun), facet=_FACET, resource=place, permission=permission, api=_API)


def _stores(
    subscription: SubscriptionScope, account: str, instance: Told, points: Sequence[Told]
) -> Iterator[tuple[str, Sequence[Told]]]:
    """Yield what an instance keeps copies of, with the recovery points that may hold it.

    Those are the containers that it names. One that names none chooses them by rules, which are not read; and which
    it chose when a point was taken before its last change, or nobody knows of one, is not told: those points are of
    the account, any container of which may be in them, one that is gone, too.
    """
    parameters = part(instance, "properties", "policyInfo", "policyParameters")
    named = [
        name for each in items(parameters, "backupDatasourceParametersList") for name in texts(each, "containersList")
    ]
    patterns, short = subscription.scope.stores or ("*",), account.rpartition("/")[2]
    chosen = [name for name in named if any(fnmatchcase(f"{short}/{name}", each) for each in patterns)]
    yield from ((container_id(account, name), points) for name in dict.fromkeys(chosen))
    changed = utc(part(instance, "systemData").get("lastModifiedAt"))
    before = [point for point in points if not named or changed is None or _taken_before(point, changed)]
    if before or not points:
        yield account, before


def _taken_before(point: Told, changed: datetime) -> bool:
    taken, _ = _times(part(point, "properties"))
    return taken is None or taken <= changed


def read_points(account: str, vault: Told, store: str, points: Sequence[Told]) -> Iterator[Backup]:
    """Read the recovery points of an instance, for one container of it: those kept for the same time as one."""
    alike: dict[int | None, list[tuple[datetime | None, datetime | None]]] = defaultdict(list)
    for point in points:
        taken, ends = _times(part(point, "properties"))
        if not _stays(part(point, "properties")):
            alike[(ends - taken).days if taken and ends else None].append((taken, ends))
    for days, several in sorted(alike.items(), key=lambda one: one[0] or 0):
        taken_at = [taken for taken, _ in several if taken is not None]
        yield replace(
            _backup(account, vault, store),
            copies=len(several),
            first=min(taken_at, default=None),
            last=max(taken_at, default=None),
            days=days,
            ends=max((ends for _, ends in several if ends is not None), default=None) if days is not None else None,
            lasting=Answer.NO if days is not None else Answer.UNKNOWN,
        )


def _backup(account: str, vault: Told, store: str) -> Backup:
    region, name = str(vault.get("location") or "").lower(), lowered(str(vault["id"]))
    return Backup(store, PROVIDER, account, region, name, locked=_locked(vault))


def _times(point: Told) -> tuple[datetime | None, datetime | None]:
    """Return when a recovery point was taken, and when the last of the stores that hold it lets go of it."""
    ends = [utc(each.get("expiryTime")) for each in (point, *_held(point))]
    return utc(point.get("recoveryPointTime")), max((end for end in ends if end is not None), default=None)


def _stays(point: Told) -> bool:
    """Say whether a recovery point lies in the account itself alone."""
    held = _held(point)
    return bool(held) and all(str(each.get("type") or "").lower() == _IN_ACCOUNT for each in held)


def _held(point: Told) -> Sequence[Told]:
    return items(point, "recoveryPointDataStoresDetails")


def _locked(vault: Told) -> Answer:
    """Say whether a vault refuses to delete earlier: an immutability that is not locked can be switched off."""
    settings = part(vault, "properties", "securitySettings", "immutabilitySettings")
    state = str(settings.get("state") or "").lower()
    return Answer.UNKNOWN if not state else Answer.of(state != "disabled")
