"""Backups of containers in Backup vaults, over the REST API; answers are held to the models of Azure's library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudscan.model import Answer, Backup, Coverage, Gap, Why
from cloudscan.provider import Facet
from cloudscan_azure import backups
from cloudscan_azure.accounts import Container, StorageAccount, SubscriptionScope
from cloudscan_azure.standin.bodies import account_path
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import SUBSCRIPTION
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_rbac import SCOPE, collected, of

Subscriptions = Callable[..., SubscriptionScope]
Told = dict[str, Any]
VAULTS = f"{SCOPE}/providers/Microsoft.DataProtection/backupVaults"
VAULT = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.DataProtection/backupVaults/Weekly"
INSTANCE = f"{VAULT}/backupInstances/acmecalls-1"
ACCOUNT = account_path("acmecalls")
CALLS = f"{ACCOUNT.lower()}/blobservices/default/containers/calls"
TAKEN = datetime(2026, 9, 1, tzinfo=UTC)


def vault(**security: Any) -> Told:
    stores = [{"datastoreType": "VaultStore", "type": "LocallyRedundant"}]
    properties = {"storageSettings": stores, **({"securitySettings": security} if security else {})}
    return {"id": VAULT, "name": "Weekly", "location": "WestEurope", "properties": properties}


def instance(
    *containers: str,
    of: str = ACCOUNT,
    kind: str = "blobServices",
    name: str = INSTANCE,
    changed: datetime | None = TAKEN,
) -> Told:
    source = {
        "datasourceType": f"Microsoft.Storage/storageAccounts/{kind}",
        "objectType": "Datasource",
        "resourceID": of,
    }
    parameters = {"objectType": "BlobBackupDatasourceParameters", "containersList": [*containers]}
    policy: Told = {"policyId": f"{VAULT}/backupPolicies/weekly"}
    if containers:
        policy["policyParameters"] = {"backupDatasourceParametersList": [parameters]}
    properties = {"dataSourceInfo": source, "policyInfo": policy, "objectType": "BackupInstance"}
    told = {"id": name, "name": name.rpartition("/")[2], "properties": properties}
    return told | (
        {"systemData": {"lastModifiedAt": f"{changed - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}} if changed else {}
    )


def point(number: int = 0, *, days: int | None = 30, stores: tuple[str, ...] = ("VaultStore",)) -> Told:
    taken = TAKEN + timedelta(days=number)
    properties: Told = {
        "objectType": "AzureBackupDiscreteRecoveryPoint",
        "recoveryPointTime": f"{taken:%Y-%m-%dT%H:%M:%S.0000000Z}",
        "recoveryPointState": "Completed",
        "recoveryPointDataStoresDetails": [{"type": store} for store in stores],
    }
    if days is not None:
        properties["expiryTime"] = f"{taken + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return {"id": f"{INSTANCE}/recoveryPoints/{number}", "name": str(number), "properties": properties}


def given(
    azure: Standin, *points: Told, instances: tuple[Told, ...] = (), deleted: tuple[Told, ...] = (), **security: Any
) -> None:
    azure.pages(VAULTS, [vault(**security)])
    azure.pages(f"{VAULT}/backupInstances", [*instances] or [instance("calls")])
    azure.pages(f"{VAULT}/deletedBackupInstances", [*deleted])
    azure.pages(f"{INSTANCE}/recoveryPoints", [*points])


def found(subscription: SubscriptionScope) -> list[Backup]:
    return of(collected(backups.units(subscription)), Backup)


def test_points_that_are_kept_for_the_same_time_are_one_record(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, point(), point(7), point(14), point(14, days=365), immutabilitySettings={"state": "Locked"})
    month, year = found(subscription(Facet.BACKUPS))
    assert month == Backup(
        store=CALLS,
        provider="azure",
        account=SUBSCRIPTION,
        region="westeurope",
        vault=VAULT.lower(),
        copies=3,
        first=TAKEN,
        last=TAKEN + timedelta(days=14),
        days=30,
        ends=TAKEN + timedelta(days=14 + 30),
        lasting=Answer.NO,
        locked=Answer.YES,
    )
    assert (year.copies, year.days) == (1, 365)


@pytest.mark.parametrize(
    ("security", "locked"),
    [
        ({"immutabilitySettings": {"state": "Unlocked"}}, Answer.YES),
        ({"immutabilitySettings": {"state": "Disabled"}}, Answer.NO),
        ({}, Answer.UNKNOWN),
    ],
)
def test_whether_a_vault_lets_delete_earlier(
    azure: Standin, subscription: Subscriptions, security: Told, locked: Answer
) -> None:
    given(azure, point(), **security)
    assert [one.locked for one in found(subscription(Facet.BACKUPS))] == [locked]


def test_the_end_of_a_point_that_does_not_tell_it_is_not_known(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, point(days=None))
    (one,) = found(subscription(Facet.BACKUPS))
    assert (one.copies, one.last, one.ends, one.lasting) == (1, TAKEN, None, Answer.UNKNOWN)


def test_the_last_store_that_holds_a_point_ends_it(azure: Standin, subscription: Subscriptions) -> None:
    told = point(days=None)
    told["properties"]["recoveryPointDataStoresDetails"] = [
        {"type": "VaultStore", "expiryTime": "2026-10-01T00:00:00Z"},
        {"type": "ArchiveStore", "expiryTime": "2027-09-01T00:00:00Z"},
    ]
    given(azure, told)
    assert [one.ends for one in found(subscription(Facet.BACKUPS))] == [datetime(2027, 9, 1, tzinfo=UTC)]


def test_what_stays_in_the_account_is_no_copy_elsewhere(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, point(stores=("OperationalStore",)))
    assert found(subscription(Facet.BACKUPS)) == []


def test_instances_of_other_things_are_passed_over(azure: Standin, subscription: Subscriptions) -> None:
    disk = instance(
        of=f"{SCOPE}/resourceGroups/RG/providers/Microsoft.Compute/disks/d", name=f"{VAULT}/backupInstances/d"
    )
    disk["properties"]["dataSourceInfo"]["datasourceType"] = "Microsoft.Compute/disks"
    given(azure, point(), instances=(disk, instance("calls", kind="adlsBlobServices")))
    assert [one.store for one in found(subscription(Facet.BACKUPS))] == [CALLS]


def test_an_instance_that_names_no_container_may_copy_any(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, point(), instances=(instance(),))
    known = StorageAccount({"id": ACCOUNT, "name": "acmecalls"}, (Container(CALLS, "calls", {}),))
    for storage in ([known], []):
        assert [one.store for one in found(subscription(Facet.BACKUPS, storage=storage))] == [ACCOUNT.lower()]


@pytest.mark.parametrize(("changed", "copies"), [(TAKEN + timedelta(days=8), 2), (None, 3), (TAKEN, 0)])
def test_points_from_before_a_change_may_hold_any_container(
    azure: Standin, subscription: Subscriptions, changed: datetime | None, copies: int
) -> None:
    given(azure, point(), point(7), point(14), instances=(instance("calls", changed=changed),))
    calls, *others = found(subscription(Facet.BACKUPS))
    assert (calls.store, calls.copies) == (CALLS, 3)
    assert [(one.store, one.copies) for one in others] == ([(ACCOUNT.lower(), copies)] if copies else [])


def was_deleted(*containers: str, purge: str = "2026-10-01T00:00:00Z", **facts: Any) -> Told:
    told = instance(*containers, name=f"{VAULT}/deletedBackupInstances/acmecalls-0", **facts)
    told["properties"]["deletionInfo"] = {"scheduledPurgeTime": purge} if purge else {}
    return told


def test_what_was_deleted_can_be_got_back(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, deleted=(was_deleted("calls"), was_deleted(purge=""), was_deleted(kind="disks")))
    calls, account, unnamed = found(subscription(Facet.BACKUPS))
    assert (calls.store, account.store, unnamed.store) == (CALLS, ACCOUNT.lower(), ACCOUNT.lower())
    assert (calls.copies, calls.deleted, calls.last, calls.lasting) == (0, True, None, Answer.NO)
    assert (calls.ends, unnamed.ends) == (datetime(2026, 10, 1, tzinfo=UTC), None)
    assert unnamed.lasting is Answer.UNKNOWN


def test_backups_of_containers_that_were_left_out_are_too(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, point(), instances=(instance("calls", "notes"),))
    chosen = subscription(Facet.BACKUPS, stores=("acmecalls/c*",))
    assert [one.store for one in found(chosen)] == [CALLS]


@pytest.mark.parametrize(
    ("operation", "resource", "permission"),
    [
        ("BackupVaults_GetInSubscription", SUBSCRIPTION, "read"),
        ("BackupInstances_List", VAULT.lower(), "backupInstances/read"),
        ("RecoveryPoints_List", VAULT.lower(), "backupInstances/recoveryPoints/read"),
        ("DeletedBackupInstances_List", VAULT.lower(), "deletedBackupInstances/read"),
    ],
)
def test_what_was_refused_is_a_gap(
    azure: Standin, subscription: Subscriptions, operation: str, resource: str, permission: str
) -> None:
    given(azure, point())
    azure.faults.add("denied", operation)
    items = collected(backups.units(subscription(Facet.BACKUPS)))
    (gap,), (coverage,) = of(items, Gap), of(items, Coverage)
    assert bool(of(items, Backup)) is operation.startswith("Deleted")
    assert (gap.why, gap.resource, gap.facet) == (Why.DENIED, resource, Facet.BACKUPS)
    assert gap.permission == f"Microsoft.DataProtection/backupVaults/{permission}"
    assert coverage.answered == coverage.asked - 1


def test_what_does_not_tell_its_name_is_a_gap(azure: Standin, subscription: Subscriptions) -> None:
    nameless = {name: value for name, value in vault().items() if name != "id"}
    given(azure, point(), instances=(instance("calls", of=""), instance("calls")), deleted=(was_deleted(of=""),))
    azure.pages(VAULTS, [vault(), nameless])
    items = collected(backups.units(subscription(Facet.BACKUPS)))
    assert [one.store for one in of(items, Backup)] == [CALLS]
    assert [(gap.resource, gap.why) for gap in of(items, Gap)] == [
        (VAULT.lower(), Why.MALFORMED),
        (VAULT.lower(), Why.MALFORMED),
        (SUBSCRIPTION, Why.MALFORMED),
    ]


def test_a_subscription_that_never_used_the_service_has_no_backups(azure: Standin, subscription: Subscriptions) -> None:
    azure.answer(VAULTS, AzureError(409, "MissingSubscriptionRegistration", "not registered"))
    items = collected(backups.units(subscription(Facet.BACKUPS)))
    assert [(line.asked, line.answered) for line in of(items, Coverage)] == [(1, 1)]
    assert of(items, Gap) == []


def test_nothing_is_asked_when_no_check_wants_backups(subscription: Subscriptions) -> None:
    assert list(backups.units(subscription(Facet.STORES))) == []
