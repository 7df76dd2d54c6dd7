"""The paths that the stand-in knows are those that Azure's own libraries ask."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

from cloudscan_azure.standin.operations import OPERATIONS, find
from cloudscan_azure.standin.schemas import HELD
from cloudscan_azure.standin.speech import SCHEMAS

LIBRARIES = sorted({package.removesuffix(".models") for package, _ in HELD.values()})
UNSEEN = {
    # Of libraries that are not installed.
    "ResourceGroups_List",
    "ContainerGroups_List",
    "Factories_List",
    "Machines_ListBySubscription",
    "RegistrationAssignments_List",
    "Workspaces_List",
    "PrivateEndpoints_ListBySubscription",
}
SUBSCRIPTION = "/subscriptions/s/providers/Microsoft.Authorization"


def requests(package: str) -> Iterator[tuple[str, str]]:
    """Method and path of every request that a library makes, its parameters all "default"."""
    root = importlib.import_module(package)
    for info in pkgutil.walk_packages(root.__path__, f"{package}."):
        if ".aio" in info.name or not re.search(r"\.operations\._\w*operations$", info.name):
            continue
        for name, build in vars(importlib.import_module(info.name)).items():
            if not name.startswith("build_") or not callable(build):
                continue
            needed = [
                each.name
                for each in inspect.signature(build).parameters.values()
                if each.default is each.empty and each.kind is not each.VAR_KEYWORD
            ]
            try:
                request = build(**dict.fromkeys(needed, "default"))
            except (TypeError, KeyError):  # one that wants numbers or a body: none that only reads
                continue
            yield request.method, re.sub("/+", "/", unquote(urlsplit(request.url).path))


@pytest.fixture(scope="module")
def asked() -> set[tuple[str, str]]:
    return {(verb, path.lower()) for package in LIBRARIES for verb, path in requests(package)}


@pytest.mark.parametrize("name", [each.id for each in OPERATIONS.values() if each.service == "arm"])
def test_a_path_is_one_that_a_library_asks(name: str, asked: set[tuple[str, str]]) -> None:
    operation = OPERATIONS[name]
    path = "/" + "/".join("default" if each in ("{}", "{scope}") else each for each in operation.segments)
    assert ((operation.verb, path) in asked) is (name not in UNSEEN)


@pytest.mark.parametrize(
    ("verb", "path", "name"),
    [
        ("GET", f"{SUBSCRIPTION}/roleAssignments", "RoleAssignments_ListForSubscription"),
        ("GET", f"{SUBSCRIPTION.upper()}/ROLEASSIGNMENTS/", "RoleAssignments_ListForSubscription"),
        ("GET", "/providers/Microsoft.Authorization/roleDefinitions", "RoleDefinitions_List"),
        ("GET", "/providers/Microsoft.Management/managementGroups/x", "ManagementGroups_Get"),
        (
            "GET",
            "/providers/Microsoft.Management/managementGroups/x/providers/Microsoft.Authorization/roleAssignments",
            "RoleAssignments_ListForScope",
        ),
        ("GET", "/beta/groups/x/owners", "groups_owners"),
        ("GET", "/speechtotext/transcriptions", "Transcriptions_List"),
        ("GET", "/speechtotext/v3.2/transcriptions/x/files", "Transcriptions_ListFiles/v3.2"),
        ("GET", "/cognitive/calls/speechtotext/v3.2/endpoints/x/files/logs", "Endpoints_ListLogs/v3.2"),
        ("GET", "/vault/x/keys/y", "GetKey"),
    ],
)
def test_a_request_is_the_operation_with_the_most_words_of_its_own(verb: str, path: str, name: str) -> None:
    operation = find(verb, path)
    assert operation is not None
    assert operation.id == name


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", f"{SUBSCRIPTION}/roleAssignments"),
        ("GET", "/subscriptions/s/providers/Microsoft.Storage"),
        ("GET", "/subscriptions//providers/Microsoft.Storage/storageAccounts"),
        ("GET", "/vault/x/secrets/y"),
        ("GET", "/vault/x/secrets/y/z"),
        ("GET", "/speechtotext/v3.0/transcriptions"),
        ("GET", "/speechtotext/endpoints/x/files/logs"),
        ("GET", "/speechtotext/projects"),
        ("GET", "/"),
    ],
)
def test_nothing_else_is_known(verb: str, path: str) -> None:
    assert find(verb, path) is None


def test_everything_that_is_held_is_known() -> None:
    assert {*HELD, *SCHEMAS} <= set(OPERATIONS)
