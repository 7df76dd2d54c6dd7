"""Each kind of statement goes by the call for its kind, and hostile names stay one word of a command."""

from __future__ import annotations

import re
import shlex

import pytest

from cloudscan.model import Step
from cloudscan.undoing import how, undone

WHO = "entra:11111111-0000-4000-8000-000000000001"
OBJECT = WHO.removeprefix("entra:")
SUBSCRIPTION = "/subscriptions/s1"
GROUP = f"{SUBSCRIPTION}/resourcegroups/voice"
ACCOUNT = f"{GROUP}/providers/microsoft.storage/storageaccounts/calls"
CONTAINER = f"{ACCOUNT}/blobservices/default/containers/open"
GRAPH = "https://graph.microsoft.com/v1.0"
GROUPS, APPS = "microsoft.directory/groups/members/update", "microsoft.directory/applications/credentials/update"


def _step(statement: str, action: str = "read", target: str = CONTAINER) -> Step:
    return Step(WHO, action, target, "a reason", statement=statement)


@pytest.mark.parametrize(
    ("statement", "action", "command"),
    [
        (
            f"{SUBSCRIPTION}/providers/microsoft.authorization/roleassignments/a1",
            "read",
            f"az role assignment delete --ids {SUBSCRIPTION}/providers/microsoft.authorization/roleassignments/a1",
        ),
        (
            "/providers/microsoft.authorization/roleassignments/a1",
            "read",
            "az role assignment delete --ids /providers/microsoft.authorization/roleassignments/a1",
        ),
        (
            f"{GROUP}/providers/microsoft.authorization/roleeligibilityscheduleinstances/e1",
            "read",
            (
                f"az rest --method put --url '{GROUP}/providers/Microsoft.Authorization/roleEligibilityScheduleRequests"
                "/NEW_GUID?api-version=2020-10-01' --body @request.json"
            ),
        ),
        (
            f"{SUBSCRIPTION}/providers/microsoft.managedservices/registrationassignments/r1#authorizations-0",
            "read",
            (
                "az managedservices assignment delete --assignment"
                f" {SUBSCRIPTION}/providers/microsoft.managedservices/registrationassignments/r1"
            ),
        ),
        (
            (
                f"{GROUP}/providers/microsoft.managedidentity/userassignedidentities/transcriber"
                "/federatedidentitycredentials/partner"
            ),
            "federate",
            (
                "az identity federated-credential delete --identity-name transcriber --name partner"
                " --resource-group voice --subscription s1"
            ),
        ),
        ("app:a1/c1", "federate", "az ad app federated-credential delete --id a1 --federated-credential-id c1"),
        (
            f"access control lists of {CONTAINER}",
            "read",
            (
                f"az storage fs access remove-recursive --acl user:{OBJECT} --path / --file-system open"
                " --account-name calls --auth-mode login"
            ),
        ),
        (
            f"public access level of {CONTAINER}",
            "read",
            "az storage container set-permission --account-name calls --name open --public-access off",
        ),
        (
            f"{GROUP}/providers/microsoft.keyvault/vaults/kvp#access",
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            f"az keyvault delete-policy --name kvp --object-id {OBJECT}",
        ),
        ("entra:g1#owners", GROUPS, f"az ad group owner remove --group g1 --owner-object-id {OBJECT}"),
        ("entra:p1#owners", APPS, f"az rest --method delete --url '{GRAPH}/servicePrincipals/p1/owners/{OBJECT}/$ref'"),
        ("app:a1#owners", APPS, f"az ad app owner remove --id a1 --owner-object-id {OBJECT}"),
        ("directory:d1", GROUPS, f"az rest --method delete --url {GRAPH}/roleManagement/directory/roleAssignments/d1"),
        (
            "directory-eligible:d1",
            GROUPS,
            (
                f"az rest --method post --url {GRAPH}/roleManagement/directory/roleEligibilityScheduleRequests"
                " --body @request.json"
            ),
        ),
        (
            "app-role:r1",
            GROUPS,
            f"az rest --method delete --url {GRAPH}/servicePrincipals/{OBJECT}/appRoleAssignments/r1",
        ),
    ],
)
def test_a_statement_goes_by_the_call_for_its_kind(statement: str, action: str, command: str) -> None:
    assert re.findall("`([^`]+)`", how(_step(statement, action)))[0] == command


@pytest.mark.parametrize("statement", ["", "network rules of x", "bucket policy of x, statement 1"])
def test_of_a_kind_that_is_not_known_nothing_is_said(statement: str) -> None:
    assert how(_step(statement)) == ""
    assert undone([_step(statement)]) == ""


def test_a_hostile_name_stays_one_word() -> None:
    step = _step(f"public access level of {CONTAINER}; rm -rf ~ $(x)")
    assert "open; rm -rf ~ $(x)" in shlex.split(re.findall("`([^`]+)`", how(step))[0])


def test_what_is_said_of_a_path_is_about_who_begins_it() -> None:
    first = _step("app:a1#owners", APPS)
    second = Step("entra:app", "read", CONTAINER, "", statement="/providers/microsoft.authorization/roleassignments/a1")
    told = undone([first, second])
    assert "az ad app owner remove" in told
    assert "role assignment" not in told


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (ACCOUNT, f"az storage account update --ids {ACCOUNT} --allow-shared-key-access false"),
        (
            f"{GROUP}/providers/microsoft.cognitiveservices/accounts/speech",
            (
                f"az resource update --ids {GROUP}/providers/microsoft.cognitiveservices/accounts/speech"
                " --set properties.disableLocalAuth=true"
            ),
        ),
    ],
)
def test_keys_that_were_read_outlive_the_right_to_read_them(place: str, words: str) -> None:
    action = f"Microsoft.{'Storage/storageA' if place == ACCOUNT else 'CognitiveServices/a'}ccounts/listKeys/action"
    told = undone([_step(f"{place}/providers/microsoft.authorization/roleassignments/a1", action, place)])
    assert words in told
