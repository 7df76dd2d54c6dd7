"""What Azure Resource Manager really answered, some years ago, is read as it is meant; what it did not tell is unknown.

The requests that nobody recorded are answered with nothing.
"""

from __future__ import annotations

import json

import pytest

from cloudscan.model import Answer, Encryption, Gap, PolicyDocument, Store, Why
from cloudscan.provider import STORE_FACETS, Facet, Scope
from cloudscan_azure import AzureProvider
from cloudscan_azure.standin.recordings import SUBSCRIPTION, missing, recorded
from cloudscan_azure.standin.server import Standin


@pytest.fixture
def past(azure: Standin) -> Standin:
    """Azure as it was recorded, and empty beside that."""
    if reason := missing():
        pytest.skip(reason)
    azure.fresh("/")
    azure.pages("/subscriptions", [{"id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionId": SUBSCRIPTION}])
    azure.replay(recorded())
    return azure


def collected(past: Standin, *facets: Facet) -> list[object]:
    scope = Scope(frozenset(facets), endpoint_url=past.url, options={"deadline": "0"}, workers=2)
    plan = AzureProvider().plan(scope)
    return [each for unit in plan.units for each in unit.run()]


SETTINGS = STORE_FACETS - {Facet.OBJECTS, Facet.DELETED, Facet.POLICY}


def test_a_container_is_read_as_it_was(past: Standin) -> None:
    (store,) = (each for each in collected(past, *SETTINGS) if isinstance(each, Store))
    assert store.name == "storageaccountxxyyzznzn/containernamexxyyzz"
    assert store.id == store.id.lower()
    assert store.account == SUBSCRIPTION
    assert store.region == "westeurope"
    assert store.acl == ()
    assert store.encryption == Encryption("provider")
    assert store.tls_required is Answer.YES
    assert store.soft_delete_days == 300
    assert store.lock is not None
    assert store.lock.enabled is Answer.UNKNOWN  # it has a policy, and the list tells not for how long
    assert store.labels == {"key1": "value1", "key2": "value2"}
    assert store.replication == ()
    assert store.inventories == ()


def test_what_the_past_did_not_know_is_unknown(past: Standin) -> None:
    (store,) = (each for each in collected(past, *SETTINGS) if isinstance(each, Store))
    unknown = {name for name, answer in store.controls.items() if answer is Answer.UNKNOWN}
    assert {
        "allowBlobPublicAccess",
        "minimumTlsVersion TLS1_2",
        "publicNetworkAccess",
        "requireInfrastructureEncryption",
        "sasPolicy",
        "changeFeed",
        "immutableStorageWithVersioning",
    } <= unknown
    assert store.versioning is None


def test_rules_of_networks_and_a_refused_private_endpoint_are_kept(past: Standin) -> None:
    kept = [each for each in collected(past, Facet.POLICY) if isinstance(each, PolicyDocument)]
    networks = [json.loads(str(each.document)) for each in kept if each.kind == "network"]
    assert [each["networkAcls"]["defaultAction"] for each in networks] == ["Allow", "Allow"]
    (endpoint,) = (one for each in networks for one in each["privateEndpointConnections"])
    assert endpoint["properties"]["privateLinkServiceConnectionState"]["status"] == "Rejected"


def test_blobs_at_a_host_beside_the_users_own_endpoint_are_not_asked_for(past: Standin) -> None:
    gaps = [each for each in collected(past, Facet.OBJECTS) if isinstance(each, Gap) and each.facet is Facet.OBJECTS]
    assert [gap.why for gap in gaps] == [Why.MALFORMED]
    assert past.tokens.given == ["https://management.azure.com"]
