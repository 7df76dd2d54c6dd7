"""What was not read makes no step of none, and none of a step: it is told as not known, once, for nobody by name."""

from __future__ import annotations

import pytest

from cloudscan.access import Ruling
from cloudscan.model import Answer, Credential, PolicyDocument, Principal, Record
from cloudscan.testing import pairs
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    ASR,
    BO,
    RESOURCES,
    STORE,
    SUB,
    SUBSCRIPTION,
    TEAM,
    assigned,
    container,
    document,
    estate,
    gap,
    role,
)
from cloudscan_azure.steps.roles import CREDENTIALS, MEMBERS
from cloudscan_azure.steps.test_support import APP, IDENTITY, VM, machine, manages, openings, owns, service, steps

KEYS = role("keys", actions=["Microsoft.Storage/storageAccounts/listKeys/action"])
RUN = "Microsoft.Compute/virtualMachines/runCommand/action"


def test_role_assignments_that_were_not_read_are_told_of_somebody_who_is_not_named() -> None:
    held = estate(machine(IDENTITY), gaps=[gap(SUBSCRIPTION, "RoleAssignments_ListForSubscription")])
    (edge,) = steps(held, RUN)
    assert (edge.sources, edge.targets, edge.decision.ruling) == ((UNNAMED.name,), (IDENTITY,), Ruling.UNKNOWN)
    assert openings(held) == []  # that it may let somebody read is told already


def test_a_role_that_was_not_read_may_steer_compute() -> None:
    held = estate(machine(IDENTITY), assigned(SUBSCRIPTION, "mystery", ANA))
    told = {(source, edge.decision.ruling) for edge in steps(held) for source in edge.sources}
    assert told == {(ANA, Ruling.UNKNOWN)}


def test_whether_the_account_takes_keys_was_not_read() -> None:
    unread = container(controls={"allowSharedKeyAccess": Answer.UNKNOWN})
    (one,) = openings(estate(KEYS, assigned(ACCOUNT, "keys", ANA), unread))
    assert one.decision.ruling is Ruling.UNKNOWN


@pytest.mark.parametrize("operation", ["roleManagement_ListActive", "servicePrincipals_ListAppRoleAssigned"])
def test_roles_of_the_directory_that_were_not_read_may_be_anybodys(operation: str) -> None:
    held = estate(service(APP), owns(TEAM, isAssignableToRole=None), gaps=[gap("/", operation, "principals")])
    for kind, target in ((CREDENTIALS, APP), (MEMBERS, TEAM)):
        edges = [edge for edge in steps(held, kind) if target in edge.targets]
        assert [(edge.sources, edge.decision.ruling) for edge in edges] == [((UNNAMED.name,), Ruling.UNKNOWN)]


def test_a_role_of_the_directory_that_makes_no_sense_may_be_anybodys() -> None:
    (edge,) = steps(estate(service(APP), document("directory", "/", "{}", "odd")), CREDENTIALS)
    assert (edge.sources, edge.decision.ruling) == ((UNNAMED.name,), Ruling.UNKNOWN)
    assert "odd" in str(edge.decision.unseen)


def test_owners_that_were_not_read_are_not_known_of_what_they_own_alone() -> None:
    held = estate(service(APP), service(ASR), gaps=[gap(APP, "servicePrincipals_owners", "principals")])
    (edge,) = steps(held, CREDENTIALS)
    assert (edge.sources, edge.targets, edge.decision.ruling) == ((UNNAMED.name,), (APP,), Ruling.UNKNOWN)


def test_owners_of_the_application_count_for_its_service_principal() -> None:
    application = Principal("app:7", "azure", "tenant-1", "application", "app", path="object-of-7", unique_id="7")
    held = estate(service(APP, unique_id="7"), application, owns("app:7", BO))
    assert set(pairs(steps(held, CREDENTIALS))) == {(BO, APP)}
    limited = manages(ANA, "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", scope="/object-of-7")
    held = estate(service(APP, unique_id="7"), service(ASR), application, limited)
    assert set(pairs(steps(held, CREDENTIALS))) == {(ANA, APP)}


def test_a_role_over_an_administrative_unit_may_be_about_anything() -> None:
    unit = manages(BO, "fdd7a751-b60b-444a-984c-02652fe8fa1c", scope="/administrativeUnits/1")
    (edge,) = [one for one in steps(estate(unit, owns(TEAM, isAssignableToRole=False)), MEMBERS) if TEAM in one.targets]
    assert (edge.sources, edge.decision.ruling) == ((BO,), Ruling.UNKNOWN)


def test_a_group_of_which_little_was_read_may_take_roles() -> None:
    held = estate(manages(BO, "fdd7a751-b60b-444a-984c-02652fe8fa1c"), owns(TEAM))
    (edge,) = [one for one in steps(held, MEMBERS) if TEAM in one.targets]
    assert edge.decision.ruling is Ruling.UNKNOWN


VAULT = f"{RESOURCES}/providers/microsoft.keyvault/vaults/acme"
SECRET = Credential(f"{VAULT}/secrets/storage-key", "azure", SUB, "", "stored-secret", enabled=Answer.YES)
READS = role("reads-secrets", dataActions=["Microsoft.KeyVault/vaults/secrets/getSecret/action"])
ADMITS = role("admits", actions=["Microsoft.KeyVault/vaults/accessPolicies/write"])


def told(*records: Record) -> dict[str, Ruling]:
    """Who comes to read by a secret of a vault, of which one reads secrets by a role and one admits by policies."""
    both = (READS, ADMITS, assigned(VAULT, "reads-secrets", ANA), assigned(VAULT, "admits", BO))
    return {one.principal: one.decision.ruling for one in openings(estate(SECRET, *both, *records))}


def vault(**properties: object) -> PolicyDocument:
    return document("resource", VAULT, {"properties": properties}, f"{VAULT}#access")


def test_how_a_vault_is_opened_decides_who_reads_its_secrets() -> None:
    assert told(vault(enableRbacAuthorization=True)) == {ANA: Ruling.IF}
    assert told(vault(enableRbacAuthorization=False, accessPolicies=[])) == {BO: Ruling.IF}


@pytest.mark.parametrize("records", [(), (vault(),), (vault(enableRbacAuthorization="yes", accessPolicies=[]),)])
def test_where_it_was_not_read_anybody_may(records: tuple[Record, ...]) -> None:
    assert told(*records) == dict.fromkeys((ANA, BO, UNNAMED.name), Ruling.UNKNOWN)


def test_what_is_read_in_full_leaves_nothing_open() -> None:
    held = estate(machine(IDENTITY, VM), service(APP), assigned(STORE, "reader", ANA))
    assert steps(held) == []
    assert openings(held) == []


SUBSCRIBED = role("steers", actions=["Microsoft.Web/sites/publishxml/action"])
APP_SERVICE = f"{RESOURCES}/providers/microsoft.web/sites/desk"


@pytest.mark.parametrize(
    ("where", "what", "operation", "resource"),
    [
        (SUBSCRIPTION, SUBSCRIBED, "WebApps_List", SUB),
        (APP_SERVICE, SUBSCRIBED, "WebApps_List", SUB),
        (RESOURCES, READS, "Vaults_ListBySubscription", SUB),
        (f"{VAULT}/secrets/other", READS, "Vaults_ListBySubscription", SUB),
        (VAULT, READS, "Secrets_List", VAULT),
        (VAULT, ADMITS, "Secrets_List", VAULT),
        (f"{VAULT}/secrets/other", READS, "Secrets_List", VAULT),
    ],
)
def test_what_a_list_that_was_not_read_may_hide_is_not_known_of_those_who_could_use_it(
    where: str, what: PolicyDocument, operation: str, resource: str
) -> None:
    by_roles = vault(enableRbacAuthorization=what is READS, accessPolicies=[])
    held = (by_roles, what, assigned(where, what.id.rpartition("/")[2], ANA), assigned(STORE, "manager", BO))
    assert openings(estate(*held)) == []
    (one,) = openings(estate(*held, gaps=[gap(resource, operation, "workloads")]))
    assert (one.principal, one.decision.ruling) == (ANA, Ruling.UNKNOWN)
    assert resource in str(one.decision.unseen)


def test_a_list_that_was_not_read_hides_nothing_for_whom_it_is_out_of_reach() -> None:
    elsewhere = assigned("/subscriptions/sub-2", "steers", ANA)
    unread = [gap(SUB, "WebApps_List", "workloads"), gap(VAULT, "Secrets_List", "keys")]
    by_roles = vault(enableRbacAuthorization=True)
    assert openings(estate(by_roles, SUBSCRIBED, elsewhere, gaps=unread)) == []
    on_other = assigned(f"{RESOURCES}/providers/microsoft.storage/storageaccounts/other", "steers", ANA)
    assert openings(estate(by_roles, SUBSCRIBED, on_other, gaps=unread)) == []


def test_of_a_vault_whose_secrets_were_not_read_its_own_policies_count() -> None:
    lets_in = vault(accessPolicies=[{"objectId": "ana", "permissions": {"secrets": ["get"]}}])
    held = estate(lets_in, READS, assigned(VAULT, "reads-secrets", BO), gaps=[gap(VAULT, "Secrets_List", "keys")])
    assert {one.principal: one.decision.ruling for one in openings(held)} == {ANA: Ruling.UNKNOWN}
