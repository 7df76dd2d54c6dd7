"""Azure Backup: copies of containers in Backup vaults, which keep what a container held when its blobs are gone.

A vault lists the instances that it protects, and an instance its recovery points. Operational backup keeps all in the
account itself, as versions and deleted blobs, which are listed there ("Overview of Azure Blob backup"): only what lies
in a vault is told. What is in a recovery point nobody sees before it is restored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.model import Answer, Backup, Gap, Why
from cloudscan.parts import items, part, texts, utc
from cloudscan.provider import Collected, Facet, Unit
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
    """Yield what a vault keeps of containers; its instances of machines, disks and databases are passed over."""
    found = _listed(asker, "BackupInstances_List", name, "backupInstances")
    yield from found.gaps
    for instance in found.items:
        own, held = str(instance.get("id") or ""), part(instance, "properties")
        of = part(held, "dataSourceInfo")
        kind = str(of.get("datasourceType") or "").lower()
        if kind and kind not in _BLOBS:
            continue
        account = str(of.get("resourceID") or "")
        if not own or not account:
            words = "an instance that does not tell what it is, or of what"
            yield asker.gap(_FACET, lowered(name), Why.MALFORMED, "BackupInstances_List", words)
            continue
        points = _listed(asker, "RecoveryPoints_List", own, "recoveryPoints", where=lowered(name))
        yield from points.gaps
        for store in _stores(subscription, lowered(account), part(held, "policyInfo")):
            yield from read_points(asker.account, vault, store, points.items)


def _listed(asker: Asker, operation: str, of: str, noun: str, where: str = "") -> Listing:
    """Ask for a list below a vault. A Gap in it is one of the vault."""
    permission = f"{_VAULTS}/{'backupInstances/' if noun == 'recoveryPoints' else ''}{noun}/read"
    place = where or lowered(of)
    return listing(asker, operation, path_of(of, noun), facet=_FACET, resource=place, permission=permission, api=_API)


def _stores(subscription: SubscriptionScope, account: str, policy: Told) -> Iterator[str]:
    """Yield the containers that an instance keeps copies of: those that it names, else all that the account has.

    One that names none may choose them by rules, which are not read. Of an account that was not looked at it is the
    account that is told.
    """
    parameters = items(part(policy, "policyParameters"), "backupDatasourceParametersList")
    named = [name for each in parameters for name in texts(each, "containersList")]
    patterns = subscription.scope.stores or ("*",)
    short = account.rpartition("/")[2]
    if named:
        chosen = [name for name in named if any(fnmatchcase(f"{short}/{name}", each) for each in patterns)]
        yield from (container_id(account, name) for name in dict.fromkeys(chosen))
        return
    known = next((each for each in subscription.storage if each.id == account), None)
    yield from (each.id for each in known.containers) if known else (account,)


def read_points(account: str, vault: Told, store: str, points: Sequence[Told]) -> Iterator[Backup]:
    """Read the recovery points of an instance, for one container of it: those kept for the same time as one."""
    alike: dict[int | None, list[tuple[datetime | None, datetime | None]]] = defaultdict(list)
    for point in points:
        taken, ends = _times(part(point, "properties"))
        if not _stays(part(point, "properties")):
            alike[(ends - taken).days if taken and ends else None].append((taken, ends))
    for days, several in sorted(alike.items(), key=lambda one: one[0] or 0):
        taken_at = [taken for taken, _ in several if taken is not None]
        yield Backup(
            store=store,
            provider=PROVIDER,
            account=account,
            region=str(vault.get("location") or "").lower(),
            vault=lowered(str(vault["id"])),
            copies=len(several),
            first=min(taken_at, default=None),
            last=max(taken_at, default=None),
            days=days,
            ends=max((ends for _, ends in several if ends is not None), default=None) if days is not None else None,
            lasting=Answer.NO if days is not None else Answer.UNKNOWN,
            locked=_locked(vault),
        )


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
