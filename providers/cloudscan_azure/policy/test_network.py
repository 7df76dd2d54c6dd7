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
    condition = read_rules("account", json.dumps({"privateEndpointConnections": [], **told})).admits(caller)
    assert keys(condition) <= {NETWORK}
    return resolve(condition, Context.of({NETWORK: places} if places else {}, closed=True))


DENY: dict[str, Any] = {"defaultAction": "Deny", "bypass": "None", "ipRules": [], "virtualNetworkRules": []}


@pytest.mark.parametrize(
    ("acls", "place", "admitted"),
    [
        ({"defaultAction": "Allow"}, "198.51.100.1", True),
        (DENY, "198.51.100.1", False),
        ({**DENY, "ipRules": [{"value": "203.0.113.7"}]}, "203.0.113.7", True),
        ({**DENY, "ipRules": [{"value": "203.0.113.0/24", "action": "Allow"}]}, "203.0.114.7", False),
        ({**DENY, "ipv6Rules": [{"value": "2001:db8::/64"}]}, "2001:db8::7", True),
        ({**DENY, "ipv6Rules": [{"value": "2001:db8::/64"}]}, "203.0.113.7", False),
        ({**DENY, "virtualNetworkRules": [{"id": "/Sub/net"}]}, "/sub/NET", True),
        ({**DENY, "virtualNetworkRules": [{"id": "/Sub/net"}]}, "/sub/net2", False),
    ],
)
def test_rules_for_the_public_endpoint(acls: Any, place: str, admitted: bool) -> None:
    for caller in (USER, SERVICE, None):
        assert asked(caller, place, networkAcls=acls) is (ALWAYS if admitted else NEVER)


def test_a_rule_that_is_for_no_block_of_addresses_leaves_open_whom_it_admits() -> None:
    for name in ("ipRules", "ipv6Rules"):
        rules = {**DENY, name: [{"value": "203.0.113.7-203.0.113.9"}, {"value": "198.51.100.0/24"}]}
        assert asked(USER, "198.51.100.1", networkAcls=rules) is ALWAYS
        assert isinstance(asked(USER, "203.0.113.7", networkAcls=rules), Unseen)
        assert asked(USER, "203.0.113.7", networkAcls={**rules, "defaultAction": "Allow"}) is ALWAYS
    ignored = {**DENY, "ipRules": [{"value": "203.0.113.7-203.0.113.9", "action": "Deny"}]}
    assert asked(USER, "203.0.113.7", networkAcls=ignored) is NEVER


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


@pytest.mark.parametrize(
    "told",
    [
        {"networkAcls": {name: part for name, part in DENY.items() if name != "defaultAction"}},
        {"networkAcls": {**DENY, "defaultAction": "Perhaps"}},
        {"networkAcls": {**DENY, "ipRules": None}},
        {"networkAcls": {name: part for name, part in DENY.items() if name != "virtualNetworkRules"}},
        {"networkAcls": DENY, "privateEndpointConnections": None},
        {"publicNetworkAccess": "Disabled", "networkAcls": DENY, "privateEndpointConnections": None},
    ],
)
def test_what_is_left_out_may_let_somebody_in(told: dict[str, Any]) -> None:
    assert isinstance(asked(USER, "198.51.100.1", **told), Unseen)


def test_what_is_left_out_is_not_asked_for_where_everybody_is_let_in() -> None:
    assert asked(USER, networkAcls={"defaultAction": "Allow"}, privateEndpointConnections=None) is ALWAYS


def test_exceptions_for_trusted_services_are_there_unless_it_is_told() -> None:
    untold = {name: part for name, part in DENY.items() if name != "bypass"}
    assert asked(SERVICE, TRUSTED, networkAcls=untold) is ALWAYS
