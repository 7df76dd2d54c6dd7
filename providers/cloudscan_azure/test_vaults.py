from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Credential, Gap, Key, PolicyDocument, Why
from cloudscan.provider import Facet
from cloudscan_azure import graph, vaults, vaults_read
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.ids import key_id
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_graph import directory, principals
from cloudscan_azure.test_rbac import ANA, SCOPE, collected, of

Subscriptions = Callable[..., SubscriptionScope]
Told = dict[str, Any]
VAULT = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.KeyVault/vaults/Acme"
KEY = f"{VAULT}/keys/Corpus"
ADDRESS = "https://acme.vault.azure.net/keys/corpus"
ROTATES = {
    "attributes": {"expiryTime": "P1Y"},
    "lifetimeActions": [
        {"action": {"type": "notify"}, "trigger": {"timeBeforeExpiry": "P30D"}},
        {"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P90D"}},
    ],
}


def vault(**more: Any) -> Told:
    properties = {"tenantId": ANA, "sku": {"family": "A", "name": "standard"}, "vaultUri": "https://acme.vault/"}
    return {"id": VAULT, "name": "Acme", "location": "WestEurope", "properties": properties | more}


def key(**more: Any) -> Told:
    properties = {
        "attributes": {"enabled": True, "created": 1735689600},
        "kty": "RSA",
        "keyUri": "https://Acme.vault.azure.net/keys/Corpus",
        "keyUriWithVersion": "https://Acme.vault.azure.net/keys/Corpus/0123",
    }
    return {"id": KEY, "name": "Corpus", "location": "westeurope", "properties": properties | more}


def given(azure: Standin, told: Told | None = None) -> None:
    azure.fresh(SCOPE)
    azure.pages(f"{SCOPE}/providers/Microsoft.KeyVault/vaults", [vault()])
    azure.pages(f"{VAULT}/keys", [key()])
    azure.answer(KEY, told or key(rotationPolicy=ROTATES))


def test_keys_are_told_by_the_address_that_settings_of_encryption_name(
    azure: Standin, subscription: Subscriptions
) -> None:
    given(azure)
    (found,) = of(collected(vaults.units(subscription(Facet.KEYS))), Key)
    assert found == Key(
        id=ADDRESS,
        provider="azure",
        account=SCOPE.rpartition("/")[2],
        region="westeurope",
        manager="customer",
        state="enabled",
        rotates=Answer.YES,
        rotation_days=90,
        rotation_possible=Answer.YES,
        aliases=(KEY.lower(), "https://Acme.vault.azure.net/keys/Corpus/0123"),
    )


@pytest.mark.parametrize(
    ("more", "decided"),
    [
        ({"enableRbacAuthorization": True, "accessPolicies": []}, Answer.NO),
        ({"enableRbacAuthorization": False, "accessPolicies": []}, Answer.YES),
        ({"accessPolicies": []}, Answer.YES),
    ],
)
def test_whether_policies_of_its_vault_decide_who_uses_a_key(
    azure: Standin, subscription: Subscriptions, more: Told, decided: Answer
) -> None:
    given(azure)
    azure.pages(f"{SCOPE}/providers/Microsoft.KeyVault/vaults", [vault(**more)])
    (found,) = of(collected(vaults.units(subscription(Facet.KEYS))), Key)
    assert found.has_policy is decided


def test_a_vault_that_says_of_roles_what_makes_no_sense_leaves_open_what_decides() -> None:
    told = {"properties": {"enableRbacAuthorization": "perhaps", "accessPolicies": []}}
    assert vaults_read.has_policies(told) is Answer.UNKNOWN


def test_a_key_that_is_off_or_only_notifies_says_so(azure: Standin, subscription: Subscriptions) -> None:
    policy = {"lifetimeActions": ROTATES["lifetimeActions"][:1]}  # type: ignore[index]
    given(azure, key(attributes={"enabled": False}, rotationPolicy=policy))
    (found,) = of(collected(vaults.units(subscription(Facet.KEYS))), Key)
    assert (found.state, found.rotates, found.rotation_days) == ("disabled", Answer.NO, None)


def test_a_key_that_may_not_be_asked_alone_is_known_by_the_list(azure: Standin, subscription: Subscriptions) -> None:
    given(azure)
    azure.faults.add("denied", "Keys_Get")
    items = collected(vaults.units(subscription(Facet.KEYS)))
    (found,) = of(items, Key)
    assert (found.id, found.state, found.rotates) == (ADDRESS, "enabled", Answer.UNKNOWN)
    assert [(gap.resource, gap.why, gap.permission) for gap in of(items, Gap)] == [
        (ADDRESS, Why.DENIED, "Microsoft.KeyVault/vaults/keys/read")
    ]


@pytest.mark.parametrize("left_out", ["properties.attributes", "properties.rotationPolicy"])
def test_what_an_older_version_leaves_out_is_not_known(
    azure: Standin, subscription: Subscriptions, left_out: str
) -> None:
    given(azure)
    azure.faults.add("without", "Keys_Get", left_out=left_out)
    (found,) = of(collected(vaults.units(subscription(Facet.KEYS))), Key)
    unknown = found.state is None if left_out.endswith("attributes") else found.rotates is Answer.UNKNOWN
    assert unknown


def test_how_a_vault_is_opened_is_kept_and_nothing_else(azure: Standin, subscription: Subscriptions) -> None:
    given(azure)
    policies = [{"tenantId": ANA, "objectId": ANA, "permissions": {"secrets": ["get"]}}]
    azure.pages(f"{SCOPE}/providers/Microsoft.KeyVault/vaults", [vault(accessPolicies=policies)])
    (opened,) = of(collected(vaults.units(subscription(Facet.KEYS))), PolicyDocument)
    assert (opened.kind, opened.attached_to) == ("resource", (VAULT.lower(),))
    assert json.loads(opened.document) == {"properties": {"tenantId": ANA, "accessPolicies": policies}}


def test_secrets_are_told_by_their_names_alone(azure: Standin, subscription: Subscriptions) -> None:
    given(azure)
    attributes = {"enabled": True, "exp": 1767225600, "created": 1735689600}
    secret = {"id": f"{VAULT}/secrets/Storage-Key", "name": "Storage-Key", "properties": {"attributes": attributes}}
    plain = {"id": f"{VAULT}/secrets/other", "name": "other", "properties": {}}
    azure.pages(f"{VAULT}/secrets", [secret, plain], largest=1)
    found = of(collected(vaults.units(subscription(Facet.KEYS))), Credential)
    assert [(one.id, one.kind, one.principal) for one in found] == [
        (f"{VAULT}/secrets/Storage-Key".lower(), "stored-secret", ""),
        (f"{VAULT}/secrets/other".lower(), "stored-secret", ""),
    ]
    assert found[0].expires == datetime(2026, 1, 1, tzinfo=UTC)
    assert (found[0].lasting, found[1].lasting, found[1].enabled) == (Answer.NO, Answer.UNKNOWN, Answer.UNKNOWN)


@pytest.mark.parametrize(
    ("operation", "resource"),
    [
        ("Vaults_ListBySubscription", SCOPE.rpartition("/")[2]),
        ("Keys_List", VAULT.lower()),
        ("Secrets_List", VAULT.lower()),
    ],
)
def test_lists_that_are_refused_are_gaps(
    azure: Standin, subscription: Subscriptions, operation: str, resource: str
) -> None:
    given(azure)
    azure.faults.add("denied", operation)
    (gap,) = of(collected(vaults.units(subscription(Facet.KEYS))), Gap)
    assert (gap.resource, gap.operation, gap.facet) == (resource, operation, Facet.KEYS)


def test_whom_access_policies_name_is_looked_up(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure)
    policies = [{"tenantId": ANA, "objectId": ANA.upper(), "permissions": {"secrets": ["get"]}}]
    azure.pages(f"{SCOPE}/providers/Microsoft.KeyVault/vaults", [vault(accessPolicies=policies)])
    assert list(principals(collected(graph.units_of([subscription(Facet.PRINCIPALS, Facet.KEYS)])))) == [f"entra:{ANA}"]


@pytest.mark.parametrize(
    ("period", "days"),
    [("P90D", 90), ("P1Y", 365), ("P1Y6M", 545), ("P2W", 14), ("PT5H", None), ("P", None), (7, None), (None, None)],
)
def test_periods(period: object, days: int | None) -> None:
    assert vaults_read.days_of(period) == days


def test_a_key_rotates_before_it_expires() -> None:
    before = {"action": {"type": "Rotate"}, "trigger": {"timeBeforeExpiry": "P30D"}}
    policy = {"attributes": {"expiryTime": "P120D"}, "lifetimeActions": [before]}
    found = vaults_read.key(key(rotationPolicy=policy), "s", "r")
    assert found is not None
    assert (found.rotates, found.rotation_days) == (Answer.YES, 90)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://Acme.vault.azure.net/keys/Corpus/0123", ADDRESS),
        ("https://acme.vault.azure.net/keys/corpus", ADDRESS),
        ("https://127.0.0.1:8000/vault/acme/keys/corpus/1", "https://127.0.0.1:8000/vault/acme/keys/corpus"),
        ("https://acme.vault.azure.net/secrets/corpus", ""),
        ("/keys/corpus", ""),
        ("https://[/keys/x", ""),
    ],
)
def test_names_of_keys(address: str, name: str) -> None:
    assert key_id(address) == name
