"""AWS Backup: recovery points of buckets, which keep what a bucket held when nothing in it tells of that any more.

A vault lists what it holds; what is in a recovery point nobody sees before it is restored. One vault may hold
thousands of one bucket: those that are kept for the same time are one record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.model import Answer, Backup, Gap, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import regional

SERVICE = "backup"
_LIST = "list_recovery_points_by_backup_vault"
_RUNNING = {"AVAILABLE", "CREATING"}
"""The states of a continuous recovery point that goes on taking what is written ("RecoveryPointByBackupVault")."""

Payload = Mapping[str, Any]


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants backups."""
    if account.wants(Facet.BACKUPS):
        yield from regional(account, SERVICE, fetch_all)


def fetch_all(account: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the vaults of a region, and of each the recovery points of buckets."""
    vaults, ended = asker.pages(
        SERVICE, "list_backup_vaults", "BackupVaultList", facet=Facet.BACKUPS, resource=asker.account, MaxResults=1000
    )
    for vault in vaults:
        yield from fetch_vault(account, asker, vault)
    if isinstance(ended, Gap):
        yield ended


def fetch_vault(account: AccountScope, asker: Asker, vault: Payload) -> Iterator[Collected]:
    """List the recovery points of buckets in a vault; a vault that is gone by then holds none.

    One that another account shares is found by that account alone ("ListRecoveryPointsByBackupVault").
    """
    name, arn = vault.get("BackupVaultName"), vault.get("BackupVaultArn")
    if not name or not arn:
        yield asker.gap(Facet.BACKUPS, asker.account, Why.MALFORMED, "backup:list_backup_vaults")
        return
    owner = str(arn).split(":")[4:5]
    of: dict[str, Any] = {"BackupVaultAccountId": owner[0]} if owner and owner[0] not in ("", asker.account) else {}
    points, ended = asker.pages(
        SERVICE,
        _LIST,
        "RecoveryPoints",
        facet=Facet.BACKUPS,
        resource=arn,
        absent=() if of else ("ResourceNotFoundException",),
        **of,
        BackupVaultName=name,
        MaxResults=1000,
        ByResourceType="S3",
    )
    told = [point for point in points if point.get("ResourceArn")]
    if len(told) < len(points):
        yield asker.gap(Facet.BACKUPS, arn, Why.MALFORMED, f"{SERVICE}:{_LIST}")
    patterns = account.scope.stores or ("*",)
    wanted = [point for point in told if any(fnmatchcase(_bucket(point), pattern) for pattern in patterns)]
    yield from read_points(asker.account, asker.region, vault, wanted)
    if isinstance(ended, Gap):
        yield ended


def read_points(account: str, region: str, vault: Payload, points: Iterable[Payload]) -> Iterator[Backup]:
    """Read the recovery points of a vault, those of one bucket that are kept for the same time as one."""
    alike: dict[tuple[str, bool, int, Answer], list[Payload]] = defaultdict(list)
    for point in points:
        days, lasting = read_lifecycle(point)
        alike[point["ResourceArn"], _continuous(point), days or 0, lasting].append(point)
    for (store, continuous, days, lasting), several in sorted(alike.items(), key=lambda one: str(one[0])):
        taken = [moment for point in several if (moment := utc(point.get("CreationDate"))) is not None]
        ends = [_deleted(point) for point in several] if lasting is Answer.NO and not continuous else []
        yield Backup(
            store=store,
            provider=PROVIDER,
            account=account,
            region=region,
            vault=vault["BackupVaultArn"],
            continuous=continuous,
            copies=len(several),
            first=min(taken, default=None),
            last=max(taken, default=None),
            days=days or None,
            ends=max((end for end in ends if end is not None), default=None),
            lasting=lasting,
            locked=Answer.of(vault.get("Locked")),
        )


def read_lifecycle(point: Payload) -> tuple[int | None, Answer]:
    """Read for how many days a recovery point is kept, and whether until somebody deletes it.

    Without a lifecycle, or with -1 days, it is kept indefinitely ("Lifecycle"). One that has expired and is still there
    could not be deleted; one that goes after an event goes nobody knows when; and how long one that stopped taking
    what is written keeps it is not documented.
    """
    status, lifecycle = point.get("Status"), point.get("Lifecycle") or {}
    days = lifecycle.get("DeleteAfterDays") or 0
    if status == "EXPIRED" or lifecycle.get("DeleteAfterEvent") or (_continuous(point) and status not in _RUNNING):
        return None, Answer.UNKNOWN
    if days > 0:
        return days, Answer.NO
    if (end := _deleted(point)) is not None:
        taken = utc(point.get("CreationDate"))
        return (end - taken).days if taken is not None else None, Answer.NO
    return None, Answer.YES


def _deleted(point: Payload) -> datetime | None:
    """Return when a recovery point is deleted, as AWS works it out, else by its days."""
    if (end := utc((point.get("CalculatedLifecycle") or {}).get("DeleteAt"))) is not None:
        return end
    taken, days = utc(point.get("CreationDate")), (point.get("Lifecycle") or {}).get("DeleteAfterDays") or 0
    return taken + timedelta(days=days) if taken is not None and days > 0 else None


def _continuous(point: Payload) -> bool:
    """Say whether a recovery point goes on taking what is written: its ARN says so ("Point-in-time recovery")."""
    return ":recovery-point:continuous:" in point.get("RecoveryPointArn", "")


def _bucket(point: Payload) -> str:
    return str(point["ResourceArn"]).rpartition(":")[2]
