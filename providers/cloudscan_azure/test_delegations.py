"""What a delegation of User Access Administrator to another tenant gives: no role to those who have it."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling
from cloudscan.model import PolicyDocument
from cloudscan_azure.delegations import rights
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import person
from cloudscan_azure.policy.operations import managing
from cloudscan_azure.policy.test_support import ACCOUNT, SUB, SUBSCRIPTION, assigned, document, estate, lock
from cloudscan_azure.steps.test_support import openings

ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
VENDOR = "eeeeeeee-0000-4000-8000-000000000001"
DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions"


def role(name: str, called: str, **permission: list[str]) -> PolicyDocument:
    content = {"properties": {"roleName": called, "permissions": [permission]}}
    return document("role", None, content, f"{DEFINITIONS}/{name}".lower())


KNOWN = (
    role(ADMINISTRATOR, "User Access Administrator", actions=["*/read", "Microsoft.Authorization/*"]),
    role(READER, "Storage Blob Data Reader", dataActions=["*/blobs/read"]),
)


def delegated(**more: Any) -> list[Any]:
    one = {"principalId": VENDOR, "roleDefinitionId": f"{DEFINITIONS}/{ADMINISTRATOR}", **more}
    definition = {"managedByTenantId": "elsewhere", "authorizations": [one]}
    place = f"{SUBSCRIPTION}/providers/Microsoft.ManagedServices/registrationAssignments/d1"
    told = {"id": place, "properties": {"registrationDefinition": {"properties": definition}}}
    return [*rights(told, SUB)]


@pytest.mark.parametrize("named", [[f"{DEFINITIONS}/{READER}"], [READER, "'}) OR (true"], [], None, "none"])
def test_nobody_gives_themselves_a_role_by_it(named: object) -> None:
    made = delegated(delegatedRoleDefinitionIds=named)
    assert openings(estate(*KNOWN, *made, lock(ACCOUNT))) == []
    facts = Facts(estate(*KNOWN, *made))
    rulings = [
        facts.decide(person(VENDOR), managing(f"Microsoft.Authorization/{verb}"), ACCOUNT).ruling
        for verb in ("roleAssignments/write", "locks/delete", "roleDefinitions/write")
    ]
    assert rulings == [Ruling.IF, Ruling.NO, Ruling.NO]


def test_the_same_role_that_is_assigned_lets_one_give_oneself_any() -> None:
    held = estate(*KNOWN, assigned(SUBSCRIPTION, ADMINISTRATOR, "entra:bo"))
    assert {one.principal for one in openings(held)} == {"entra:bo"}
