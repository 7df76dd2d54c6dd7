"""Recovery points of buckets, over HTTP. Moto has vaults alone: the form of points is held to botocore's model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudscan.model import Answer, Backup, Coverage, Gap, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import backup
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
OWN = "123456789012"
TAKEN = datetime(2026, 9, 1, tzinfo=UTC)
SOON = TAKEN + timedelta(days=5)
CALLS = "arn:aws:s3:::calls"
WEEKLY = f"arn:aws:backup:{REGION}:{OWN}:backup-vault:weekly"
POINTS = "ListRecoveryPointsByBackupVault"

Accounts = Callable[..., AccountScope]
Clients = Callable[..., Any]


@pytest.fixture
def vault(client: Clients) -> Any:
    """Make a vault that nothing locks."""
    there = client("backup")
    there.create_backup_vault(BackupVaultName="weekly")
    return there


def point(number: int, *, days: int | None = 365, of: str = CALLS, kind: str = "", **facts: Any) -> dict[str, Any]:
    """Make a recovery point that was taken so many days after the first."""
    taken = TAKEN + timedelta(days=number)
    lifecycle: dict[str, Any] = {}
    if days is not None:
        end = {"DeleteAt": taken + timedelta(days=days)}
        lifecycle = {"Lifecycle": {"DeleteAfterDays": days}, "CalculatedLifecycle": end}
    arn = f"arn:aws:backup:{REGION}:{OWN}:recovery-point:{kind}p-{number}"
    given = {"RecoveryPointArn": arn, "ResourceArn": of, "CreationDate": taken, "Status": "COMPLETED"}
    return given | lifecycle | facts


def collect(account: AccountScope) -> tuple[list[Backup], list[Gap], list[Coverage]]:
    records: list[Any] = run_units(list(backup.units(account)))[0]
    found: list[Any] = [[one for one in records if isinstance(one, kind)] for kind in (Backup, Gap, Coverage)]
    return found[0], found[1], found[2]


def test_points_that_are_kept_for_the_same_time_are_one_record(
    endpoint: Endpoint, vault: Any, account: Accounts
) -> None:
    vault.put_backup_vault_lock_configuration(BackupVaultName="weekly", MinRetentionDays=7)
    endpoint.answer("backup", POINTS, {"RecoveryPoints": [point(0), point(7), point(14), point(14, days=30)]})
    year = Backup(
        store=CALLS,
        provider="aws",
        account=OWN,
        region=REGION,
        vault=WEEKLY,
        copies=3,
        first=TAKEN,
        last=TAKEN + timedelta(days=14),
        days=365,
        ends=TAKEN + timedelta(days=14 + 365),
        lasting=Answer.NO,
        locked=Answer.YES,
    )
    month, found = sorted(collect(account(Facet.BACKUPS))[0], key=lambda one: one.copies)
    assert found == year
    assert (month.copies, month.days, month.ends) == (1, 30, TAKEN + timedelta(days=14 + 30))


@pytest.mark.parametrize(
    ("given", "days", "ends", "lasting"),
    [
        (point(0, days=None), None, None, Answer.YES),
        (point(0, days=None, Lifecycle={"DeleteAfterDays": -1}), None, None, Answer.YES),
        (point(0, days=None, Lifecycle={"DeleteAfterDays": 9}), 9, TAKEN + timedelta(days=9), Answer.NO),
        (point(0, days=None, CalculatedLifecycle={"DeleteAt": SOON}), 5, SOON, Answer.NO),
        (point(0, Status="EXPIRED"), None, None, Answer.UNKNOWN),
        (point(0, days=None, Lifecycle={"DeleteAfterEvent": "DELETE_AFTER_COPY"}), None, None, Answer.UNKNOWN),
        (point(0, days=35, kind="continuous:", Status="AVAILABLE"), 35, None, Answer.NO),
        (point(0, days=35, kind="continuous:", Status="STOPPED"), None, None, Answer.UNKNOWN),
    ],
)  # fmt: skip
def test_how_long_a_point_is_kept(
    endpoint: Endpoint,
    vault: Any,
    account: Accounts,
    given: dict[str, Any],
    days: int | None,
    ends: datetime | None,
    lasting: Answer,
) -> None:
    endpoint.answer("backup", POINTS, {"RecoveryPoints": [given]})
    ((found,), gaps, (coverage,)) = collect(account(Facet.BACKUPS))
    assert (found.days, found.ends, found.lasting, gaps) == (days, ends, lasting, [])
    assert found.continuous is ("continuous" in given["RecoveryPointArn"])
    assert found.locked is Answer.NO
    assert (coverage.facet, coverage.asked, coverage.answered) == (Facet.BACKUPS, 2, 2)


def test_a_vault_that_another_account_shares_is_asked_by_its_owner(endpoint: Endpoint, account: Accounts) -> None:
    """Without its owner the list would say that there is no such vault, as of one that is gone."""
    other = f"arn:aws:backup:{REGION}:222222222222:backup-vault:vaulted"
    asked: list[Any] = []

    def page(params: Any) -> dict[str, Any]:
        asked.append(params.get("BackupVaultAccountId"))
        return {"RecoveryPoints": [point(0)]}

    vaults = [
        {"BackupVaultName": "vaulted", "BackupVaultArn": other},
        {"BackupVaultName": "own", "BackupVaultArn": WEEKLY},
    ]
    endpoint.answer("backup", "ListBackupVaults", {"BackupVaultList": vaults})
    endpoint.answer("backup", POINTS, page)
    assert [found.vault for found in collect(account(Facet.BACKUPS))[0]] == [other, WEEKLY]
    assert asked == ["222222222222", None]


def test_only_buckets_are_asked_for_page_by_page(endpoint: Endpoint, vault: Any, account: Accounts) -> None:
    asked: list[Any] = []

    def page(params: Any) -> dict[str, Any]:
        asked.append({name: params[name] for name in ("BackupVaultName", "ByResourceType")})
        number = int(params.get("NextToken", "0"))
        more = {"NextToken": str(number + 1)} if number < 2 else {}
        return {"RecoveryPoints": [point(number)], **more}

    endpoint.answer("backup", POINTS, page)
    ((found,), _, _) = collect(account(Facet.BACKUPS))
    assert (found.copies, found.last) == (3, TAKEN + timedelta(days=2))
    assert asked == [{"BackupVaultName": "weekly", "ByResourceType": "S3"}] * 3
    assert endpoint.requests["backup:ListBackupVaults"] == 1


def test_backups_of_buckets_that_were_left_out_are_too(endpoint: Endpoint, vault: Any, account: Accounts) -> None:
    endpoint.answer("backup", POINTS, {"RecoveryPoints": [point(0), point(0, of="arn:aws:s3:::other")]})
    assert [found.store for found in collect(account(Facet.BACKUPS, stores=("call*",)))[0]] == [CALLS]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
@pytest.mark.parametrize(("operation", "resource"), [("ListBackupVaults", OWN), (POINTS, WEEKLY)])
def test_what_was_refused_is_a_gap(
    endpoint: Endpoint, vault: Any, account: Accounts, operation: str, resource: str, kind: Any, why: Why
) -> None:
    endpoint.answer("backup", POINTS, {"RecoveryPoints": [point(0)]})
    endpoint.faults.add(kind, "backup", operation)
    found, (gap,), (coverage,) = collect(account(Facet.BACKUPS))
    assert (found, gap.why, gap.resource) == ([], why, resource)
    assert (gap.facet, gap.permission) == (Facet.BACKUPS, f"backup:{operation}")
    assert coverage.answered == coverage.asked - 1


def test_a_point_that_does_not_tell_what_it_is_of_is_a_gap(endpoint: Endpoint, vault: Any, account: Accounts) -> None:
    nameless = {name: value for name, value in point(1).items() if name != "ResourceArn"}
    endpoint.answer("backup", POINTS, {"RecoveryPoints": [point(0), nameless]})
    ((found,), (gap,), _) = collect(account(Facet.BACKUPS))
    assert (found.copies, gap.why, gap.resource) == (1, Why.MALFORMED, WEEKLY)


def test_a_vault_that_is_gone_holds_nothing(endpoint: Endpoint, vault: Any, account: Accounts) -> None:
    endpoint.faults.add("vanish", "backup", POINTS)
    assert collect(account(Facet.BACKUPS))[:2] == ([], [])


def test_nothing_is_asked_when_no_check_wants_backups(account: Accounts) -> None:
    assert list(backup.units(account(Facet.STORES))) == []
