"""From where a storage account answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudscan.access import ALWAYS, NEVER, Context, keys
from cloudscan.access.conditions import Unseen, resolve
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.network import NETWORK, PERIMETER, TRUSTED, read_rules

USER = Caller("entra:ana", "ana", frozenset({"ana"}), "user")
SERVICE = Caller("entra:mi", "mi", frozenset({"mi"}), "service-account")
ENDPOINT = {
    "properties": {
        "privateEndpoint": {"id": "/Endpoint"},
        "privateLinkServiceConnectionState": {"status": "Approved"},
    }
}


def asked(caller: Caller | None, *places: str, **told: Any) -> object:
    condition = read_rules("account", json.dumps(told)).admits(caller)
    assert keys(condition) <= {NETWORK}
    return resolve(condition, Context.of({NETWORK: places} if places else {}, closed=True))


DENY = {"defaultAction": "Deny", "bypass": "None"}


@pytest.mark.parametrize(
    ("acls", "place", "admitted"),
    [
        ({"defaultAction": "Allow"}, "198.51.100.1", True),
        (DENY, "198.51.100.1", False),
        ({**DENY, "ipRules": [{"value": "203.0.113.7"}]}, "203.0.113.7", True),
        ({**DENY, "ipRules": [{"value": "203.0.113.0/24", "action": "Allow"}]}, "203.0.114.7", False),
        ({**DENY, "virtualNetworkRules": [{"id": "/Sub/net"}]}, "/sub/NET", True),
        ({**DENY, "virtualNetworkRules": [{"id": "/Sub/net"}]}, "/sub/net2", False),
    ],
)
def test_rules_for_the_public_endpoint(acls: Any, place: str, admitted: bool) -> None:
    for caller in (USER, SERVICE, None):
        assert asked(caller, place, networkAcls=acls) is (ALWAYS if admitted else NEVER)


def test_private_endpoints_are_not_bound_by_rules() -> None:
    for access in ("Enabled", "Disabled", "SecuredByPerimeter"):
        told = {"publicNetworkAccess": access, "networkAcls": DENY, "privateEndpointConnections": [ENDPOINT]}
        assert asked(USER, "/endpoint", **told) is ALWAYS
        assert asked(USER, "203.0.113.7", **told) is NEVER


def test_where_public_access_is_disabled_no_rule_of_the_endpoint_counts() -> None:
    told = {
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"defaultAction": "Allow", "ipRules": [{"value": "203.0.113.7"}]},
    }
    assert asked(USER, "203.0.113.7", **told) is NEVER
    assert asked(USER, **told) is NEVER


def test_trusted_services_and_resources_act_as_identities_that_are_no_person() -> None:
    acls = {**DENY, "bypass": "Logging, AzureServices", "resourceAccessRules": [{"resourceId": "/Search/One"}]}
    assert asked(SERVICE, TRUSTED, networkAcls=acls) is ALWAYS
    assert asked(SERVICE, "/search/one", networkAcls=acls) is ALWAYS
    assert asked(USER, TRUSTED, networkAcls=acls) is NEVER
    assert asked(None, TRUSTED, networkAcls=acls) is NEVER
    assert asked(SERVICE, TRUSTED, networkAcls=DENY) is NEVER


def test_a_perimeter_admits_by_its_own_rules() -> None:
    assert asked(USER, PERIMETER, publicNetworkAccess="SecuredByPerimeter", networkAcls=DENY) is ALWAYS
    assert asked(USER, "203.0.113.7", publicNetworkAccess="SecuredByPerimeter") is NEVER


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"networkAcls": 1}', '{"publicNetworkAccess": "Later"}'])
def test_what_makes_no_sense_is_unseen(text: str) -> None:
    assert isinstance(read_rules("account", text).admits(USER), Unseen)
