"""Who may decrypt with the keys of recordings: by roles or by the vault's own policies, and what of it is not known."""

from __future__ import annotations

from typing import Any

from cloudscan.access import Grant
from cloudscan.estate import Estate
from cloudscan.model import Action, Answer, Encryption, PolicyDocument, Record, Workload
from cloudscan_azure.grants import derive
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    ASR,
    BO,
    KEY,
    RESOURCES,
    STAFF,
    SUB,
    SUBSCRIPTION,
    TEAM,
    assigned,
    container,
    denied,
    document,
    estate,
    gap,
    key,
    recording,
    role,
    someone,
)

VAULT = f"{RESOURCES}/providers/microsoft.keyvault/vaults/acme"
PATH = f"{VAULT}/keys/corpus"
UNWRAP, DECRYPT = (f"Microsoft.KeyVault/vaults/keys/{each}/action" for each in ("unwrap", "decrypt"))
UNNAMED = "somebody who is not named"
ROLES = (
    role("crypto", dataActions=[UNWRAP]),
    role("decrypter", dataActions=[DECRYPT]),
    role("officer", dataActions=["Microsoft.KeyVault/vaults/keys/*"], notDataActions=[UNWRAP, DECRYPT]),
    role("vaulter", actions=["Microsoft.KeyVault/*"]),
)


def vault(*policies: dict[str, Any], roles: bool | None = False) -> PolicyDocument:
    told = {"enableRbacAuthorization": roles, "accessPolicies": list(policies)}
    return document("resource", VAULT, {"properties": told}, f"{VAULT}#access")


def lets(who: str, *permissions: str, **more: str) -> dict[str, Any]:
    return {"objectId": who.removeprefix("entra:").upper(), "permissions": {"keys": list(permissions)}, **more}


def serving(who: str | None) -> PolicyDocument:
    """As whom the storage account uses its key: an identity of its own."""
    own = who.removeprefix("entra:") if who else None
    told = {"identity": {"type": "SystemAssigned", "principalId": own}, "encryption": {"identity": {}}}
    return document("resource", ACCOUNT, told, f"{ACCOUNT}#identity")


def world(*records: Record, **facts: Any) -> Estate:
    held = {"state": "enabled", "aliases": (PATH,), **facts.pop("key", {})}
    under = container(encryption=Encryption("customer", KEY))
    return estate(under, key(**held), *ROLES, *records, **facts)


def told(held: Estate) -> dict[str, str]:
    found = [one for one in derive(held) if isinstance(one, Grant) and one.action is Action.DECRYPT]
    assert all(one.store == KEY for one in found)
    assert len(found) == len({one.principal for one in found})
    return {one.principal: one.decision.ruling.value for one in found}


def test_where_roles_decide_those_at_the_key_and_above_it_count() -> None:
    open_to = vault(lets(BO, "all"), roles=True)
    own = serving(None)
    for scope in (PATH, VAULT, RESOURCES, SUBSCRIPTION):
        assert told(world(open_to, own, assigned(scope, "crypto", ANA))) == {ANA: "yes"}
    assert told(world(open_to, own, assigned(f"{VAULT}/keys/other", "crypto", ANA))) == {}
    assert told(world(open_to, own, assigned(ACCOUNT, "crypto", ANA))) == {}


def test_to_decrypt_or_to_unwrap_is_enough_and_to_manage_the_vault_is_not() -> None:
    decided = vault(roles=True)
    for name, answer in {"decrypter": {ANA: "yes"}, "crypto": {ANA: "yes"}, "officer": {}, "vaulter": {}}.items():
        assert told(world(decided, assigned(VAULT, name, ANA))) == answer
    assert told(world(decided, assigned(VAULT, "crypto", ANA), denied(VAULT, ANA, data=[UNWRAP]))) == {}


def test_where_its_policies_decide_roles_do_not_count() -> None:
    by_policy = vault(lets(ANA, "UnwrapKey", "wrapKey"), lets(BO, "get", "list", "wrapKey"))
    assert told(world(by_policy, assigned(VAULT, "crypto", BO))) == {ANA: "yes"}
    assert told(world(vault(lets(ANA, "all"), roles=None))) == {ANA: "yes"}
    assert told(world(vault(lets(TEAM, "decrypt")))) == {ANA: "yes", TEAM: "yes"}
    assert told(world(vault(lets(ANA, "decrypt")), someone(ANA, enabled=Answer.NO))) == {}
    assert told(world(vault(lets(ANA, "decrypt", applicationId="app-1")))) == {ANA: "if"}


def test_the_proof_names_the_policy_or_the_assignment() -> None:
    def proof(held: Estate) -> list[str | None]:
        (one,) = [each for each in derive(held) if isinstance(each, Grant) and each.action is Action.DECRYPT]
        return [step.statement for step in one.steps]

    assert proof(world(vault(lets(ANA, "decrypt")))) == [f"{VAULT}#access"]
    assert proof(world(vault(roles=True), assigned(VAULT, "crypto", ANA))) == [f"{VAULT}#hierarchy crypto {ANA}"]


def test_what_was_not_read_is_unknown() -> None:
    assigned_to = assigned(VAULT, "crypto", ANA)
    assert told(world(assigned_to)) == {UNNAMED: "unknown"}
    assert told(world(vault(roles=True), assigned_to, key={"aliases": None})) == {UNNAMED: "unknown"}
    neither = document("resource", VAULT, {"properties": {}}, f"{VAULT}#access")
    assert told(world(neither, assigned_to)) == {UNNAMED: "unknown"}
    unread = [gap(SUBSCRIPTION, "Microsoft.Authorization/roleAssignments/read")]
    assert told(world(vault(roles=True), assigned_to, gaps=unread)) == {ANA: "yes", UNNAMED: "unknown"}
    assert told(world(vault(lets(ANA, "get")), gaps=unread)) == {}
    assert told(world(vault(roles=True), assigned_to, key={"state": None})) == {ANA: "unknown"}
    hidden = world(vault(lets(TEAM, "decrypt")), someone(TEAM, members=None), someone(ANA), serving(ASR))
    assert told(hidden)[TEAM] == "yes"
    assert told(hidden)[ANA] == "unknown"


def test_a_key_that_is_off_serves_nobody() -> None:
    assert told(world(vault(lets(ANA, "all")), key={"state": "disabled"})) == {}


def test_the_storage_account_itself_is_nobody_of_its_own() -> None:
    both = (vault(lets(ASR, "unwrapKey"), lets(ANA, "unwrapKey")), serving(ASR))
    assert told(world(*both)) == {ANA: "yes"}
    runs = Workload("vm-1", "azure", SUB, "westeurope", "instance", "vm-1", principal=ASR)
    assert told(world(*both, runs)) == {ANA: "yes", ASR: "yes"}
    assert told(world(both[0], serving(STAFF))) == {ANA: "yes", ASR: "yes"}
    assert told(world(both[0])) == {ANA: "yes", ASR: "unknown"}
    assert told(world(both[0], someone(ASR, path=ACCOUNT))) == {ANA: "yes"}


def test_an_identity_that_was_given_to_the_account_for_it() -> None:
    own = f"{RESOURCES}/providers/microsoft.managedidentity/userassignedidentities/asr"
    given = {"type": "UserAssigned", "userAssignedIdentities": {own.upper(): {"principalId": "ASR"}}}
    chosen = {"identity": given, "encryption": {"identity": {"userAssignedIdentity": own}}}
    held = document("resource", ACCOUNT, chosen, f"{ACCOUNT}#identity")
    assert told(world(vault(lets(ASR, "unwrapKey")), held)) == {}
    abroad = {"userAssignedIdentity": own, "federatedIdentityClientId": "app-1"}
    changes: list[dict[str, Any]] = [{"identity": {}}, {"encryption": {"identity": abroad}}]
    for more in changes:
        other = document("resource", ACCOUNT, {**chosen, **more}, f"{ACCOUNT}#identity")
        assert told(world(vault(lets(ASR, "unwrapKey")), other)) == {ASR: "unknown"}


def test_keys_of_single_recordings_count_and_those_that_protect_none_do_not() -> None:
    opened = vault(lets(ANA, "decrypt"))
    records = (key(aliases=(PATH,)), opened)
    under = [recording(encryption_mode="customer", key_id=KEY)]
    assert told(estate(*records, objects=under)) == {ANA: "yes"}
    assert told(estate(*records)) == {}
