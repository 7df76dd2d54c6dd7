"""The roles that Azure has built in, all of them, in the evaluator's hands."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cloudscan_azure.keys import DECRYPTING
from cloudscan_azure.policy.abac import Subject, condition_of
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.grammar import parse
from cloudscan_azure.policy.operations import GET_BLOB, managing
from cloudscan_azure.policy.roles import Roles, read_role

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "azure-builtin-roles.jsonl.gz"
READ = "microsoft.storage/storageaccounts/blobservices/containers/blobs/read"


def published() -> list[dict[str, Any]]:
    if not PUBLISHED.is_file():
        pytest.skip(f"no {PUBLISHED.name} beside the checkout")
    with gzip.open(PUBLISHED, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def roles_of(written: list[dict[str, Any]]) -> Roles:
    return Roles(role for one in written if (role := read_role(one["name"], json.dumps(one))) is not None)


def test_every_built_in_role_is_read_with_all_that_it_permits() -> None:
    written = published()
    assert len(written) == 928
    for one in written:
        role = read_role(one["name"], json.dumps(one))
        assert role is not None, one["roleName"]
        assert role.name == one["roleName"]
        told = [(list(each.actions), list(each.data_actions), each.expression) for each in role.permissions]
        assert told == [(each["actions"], each["dataActions"], each["condition"] or "") for each in one["permissions"]]


def test_every_condition_of_a_built_in_role_is_understood() -> None:
    conditions = [each["condition"] for one in published() for each in one["permissions"] if each["condition"]]
    assert len(conditions) > 30
    for condition in conditions:
        parse(condition)


def _reads(one: dict[str, Any]) -> bool:
    """Whether a role lists the read of blobs, or a beginning of it with a star, and nothing that takes it out."""
    return any(_named(each["dataActions"]) and not _named(each["notDataActions"]) for each in one["permissions"])


def _named(patterns: list[str]) -> bool:
    found = False
    for pattern in map(str.lower, patterns):
        first, star, last = pattern.partition("*")
        assert "*" not in last or not READ.startswith(first), pattern
        fits = READ.startswith(first) and READ.endswith(last) and len(first) + len(last) <= len(READ)
        found |= pattern == READ if not star else fits
    return found


def test_who_reads_blobs_by_a_built_in_role() -> None:
    """Owners, contributors and readers do not: they have no data actions."""
    written = published()
    roles = roles_of(written)
    reading = {one["roleName"] for one in written if roles.gives(one["name"], GET_BLOB)}
    assert reading == {one["roleName"] for one in written if _reads(one)}
    assert {"Storage Blob Data Reader", "Storage Blob Data Contributor", "Storage Blob Data Owner"} <= reading
    none = {"Owner", "Contributor", "Reader", "Storage Account Contributor", "Storage Blob Delegator"}
    assert not none & reading
    assert not {name for name in reading if name.startswith("Storage Queue Data")}


def test_who_gets_account_keys_by_a_built_in_role() -> None:
    written = published()
    roles = roles_of(written)
    keys = managing("Microsoft.Storage/storageAccounts/listKeys/action")
    having = {one["roleName"] for one in written if roles.gives(one["name"], keys)}
    assert {"Owner", "Contributor", "Storage Account Contributor", "Reader and Data Access"} <= having
    assert "Storage Account Key Operator Service Role" in having
    assert not {"Reader", "Storage Blob Data Owner", "User Access Administrator"} & having


def test_who_decrypts_with_keys_of_vaults_by_a_built_in_role() -> None:
    """Owners and contributors do not, who manage vaults and have no data actions."""
    written = published()
    roles = roles_of(written)
    able = {one["roleName"] for one in written if any(roles.gives(one["name"], each) for each in DECRYPTING)}
    serving = {f"Key Vault Crypto {name}" for name in ("Officer", "User", "Service Encryption User")}
    assert able == {"Key Vault Administrator", *serving}


def test_a_role_that_may_assign_some_roles_only_says_so() -> None:
    (one,) = (role for role in published() if role["roleName"] == "Key Vault Data Access Administrator")
    assigning = managing("Microsoft.Authorization/roleAssignments/write")
    (expression,) = roles_of([one]).gives(one["name"], assigning) or ()
    asked = condition_of(expression, assigning, Subject({}, {}), Caller("ana"), "the role")
    assert "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]" in str(asked)
    assert "00482a5a-887f-4fb3-b363-3b7fe8e74483" in str(asked)
