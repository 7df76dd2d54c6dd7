"""Shared access signatures: what the worked cases do not show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudscan.access import NEVER, Context, Ruling, keys
from cloudscan.access.keyspace import KeyClass
from cloudscan.model import Answer
from cloudscan_azure.facts import Facts
from cloudscan_azure.policy.operations import DELETE_BLOB, GET_BLOB, GET_TAGS, LIST_BLOBS, PUT_BLOB, Operation
from cloudscan_azure.policy.places import Supposed
from cloudscan_azure.policy.sas import Sas, read_policies
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    STORE,
    assigned,
    container,
    denied,
    document,
    estate,
    key,
    network,
    stored,
)
from cloudscan_azure.reads import Reads

END = "2030-01-01T00:00:00Z"
NOW = Context.of({"time": "2026-01-01T00:00:00Z"}, closed=True)


def signed(kind: str = "service", **told: Any) -> Sas:
    held: dict[str, Any] = {"permissions": "r", "expiry": END, "container": "corpus"}
    return Sas(kind, **(held | told))


def holder(
    sas: Sas, *records: Any, operation: Operation = GET_BLOB, context: Context = NOW, **held: Any
) -> tuple[Ruling, frozenset[str]]:
    world = estate(*records)
    row = KeyClass(held.get("mode", "provider"), held.get("key"), None, None, held.get("path", "raw/a.wav"), ())
    answer = Reads(Facts(world), world.stores[STORE]).by_sas(sas, operation, row, context)
    assert answer.proof
    return answer.ruling, keys(answer.condition)


NONE: frozenset[str] = frozenset()
YES, NO, UNKNOWN = (Ruling.YES, NONE), (Ruling.NO, NONE), (Ruling.UNKNOWN, NONE)


@pytest.mark.parametrize(
    ("letters", "operation", "good"),
    [
        ("r", GET_BLOB, True),
        ("cw", GET_BLOB, False),
        ("c", PUT_BLOB, True),
        ("w", PUT_BLOB, True),
        ("d", DELETE_BLOB, True),
        ("r", DELETE_BLOB, False),
        ("l", LIST_BLOBS, True),
        ("t", GET_TAGS, True),
        ("", GET_BLOB, False),
    ],
)
def test_each_operation_has_its_letter(letters: str, operation: Operation, good: bool) -> None:
    assert holder(signed(permissions=letters), operation=operation) == (YES if good else NO)


def test_one_for_an_account_names_services_and_types() -> None:
    told = {"services": "bf", "resource_types": "sco", "container": ""}
    assert holder(signed("account", **told)) == YES
    assert holder(signed("account", **{**told, "services": "qt"})) == NO
    assert holder(signed("account", **{**told, "resource_types": "s"})) == NO


def test_one_for_a_folder_takes_folders() -> None:
    folder = signed(path="raw", folder=True)
    assert holder(folder, container(controls={"isHnsEnabled": Answer.YES})) == YES
    assert holder(folder, container(controls={"isHnsEnabled": Answer.NO})) == NO
    assert holder(folder, container(controls={"isHnsEnabled": Answer.UNKNOWN})) == UNKNOWN
    assert holder(signed(path="raw/a.wav"), container(controls={"isHnsEnabled": Answer.NO})) == YES


def test_one_without_an_end_is_none() -> None:
    assert holder(signed(expiry="")) == NO


def test_times_and_addresses_stay_conditions_where_they_are_not_known() -> None:
    limited = signed(start="2025-01-01T00:00:00Z", addresses="203.0.113.1-203.0.113.3")
    assert holder(limited, context=Context()) == (Ruling.IF, frozenset({"time", "ip"}))
    inside = Context.of({"ip": "203.0.113.2"}).over(NOW)
    assert holder(limited, context=inside) == YES
    assert holder(limited, context=Context.of({"ip": "203.0.113.4"}).over(NOW)) == NO
    assert holder(signed(addresses="not an address"), context=inside) == NO


def test_the_key_that_signed_it() -> None:
    assert holder(signed(key_current=Answer.NO)) == NO
    assert holder(signed(key_current=Answer.UNKNOWN)) == UNKNOWN
    assert holder(signed(), container(controls={"allowSharedKeyAccess": Answer.UNKNOWN})) == UNKNOWN
    off = container(controls={"allowSharedKeyAccess": Answer.NO})
    assert holder(signed(), off) == NO
    assert holder(signed("user-delegation", delegator=ANA, expiry="2026-01-05T00:00:00Z"), off) == NO
    by_ana = signed("user-delegation", delegator=ANA, expiry="2026-01-05T00:00:00Z")
    assert holder(by_ana, off, assigned(ACCOUNT, "reader", ANA)) == YES
    assert holder(by_ana, assigned(ACCOUNT, "reader", ANA), denied(ACCOUNT)) == NO


def test_one_by_delegation_lasts_seven_days() -> None:
    reader = assigned(ACCOUNT, "reader", ANA)
    week = {"delegator": ANA, "start": "2026-01-01T00:00:00Z"}
    assert holder(signed("user-delegation", expiry="2026-01-08T00:00:00Z", **week), reader) == YES
    assert holder(signed("user-delegation", expiry="2026-01-08T00:00:01Z", **week), reader) == NO
    unknown = signed("user-delegation", delegator=ANA, expiry="2026-01-08T00:00:00Z")
    assert holder(unknown, reader, context=Context()) == (Ruling.IF, frozenset({"time"}))


def test_stored_policies() -> None:
    by_policy = signed(permissions="", expiry="", policy="p")
    assert holder(by_policy, stored(p={"permission": "rl", "expiry": END})) == YES
    assert holder(by_policy, stored(q={"permission": "rl", "expiry": END})) == NO
    assert holder(by_policy) == UNKNOWN
    assert holder(by_policy, document("resource", STORE, "{", "stored")) == UNKNOWN
    assert holder(by_policy, stored(p={"permission": "rl"})) == NO
    assert holder(by_policy, stored(p={"expiry": END})) == NO
    narrower = signed(policy="p")
    assert holder(narrower, stored(p={"permission": "l", "expiry": END})) == NO
    assert holder(narrower, stored(p={"start": "2027-01-01T00:00:00Z"})) == NO


def test_the_account_binds_holders_too() -> None:
    rules = network(acls={"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]})
    assert holder(signed(), rules) == NO
    world = estate(rules)
    row = KeyClass("provider", None, None, None, "raw/a.wav", ())
    opened = Supposed(opened=frozenset({ACCOUNT}))
    assert Reads(Facts(world), world.stores[STORE]).by_sas(signed(), GET_BLOB, row, NOW, opened).ruling is Ruling.YES
    name = key().id
    assert holder(signed(), key(state="disabled"), mode="customer", key=name) == NO
    assert holder(signed(), mode="customer-supplied", context=NOW) == NO


def test_whoever_has_a_key_is_bound_by_no_role() -> None:
    row = KeyClass("provider", None, None, None, "raw/a.wav", ())

    def by_key(*records: Any, supposed: Supposed | None = None) -> Ruling:
        world = estate(*records)
        return Reads(Facts(world), world.stores[STORE]).by_key(GET_BLOB, row, NOW, supposed or Supposed()).ruling

    off = container(controls={"allowSharedKeyAccess": Answer.NO})
    assert by_key(denied(ACCOUNT)) is Ruling.YES
    assert by_key(off) is Ruling.NO
    assert by_key(off, supposed=Supposed(keyed=frozenset({ACCOUNT}))) is Ruling.YES
    assert by_key(network(publicNetworkAccess="Disabled")) is Ruling.NO


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"signedIdentifiers": [{"accessPolicy": {}}]}'])
def test_what_is_no_stored_policy(text: str) -> None:
    assert read_policies(text) is None
    assert read_policies(json.dumps({"signedIdentifiers": [{"id": "p"}]})) is not None


def test_a_signature_for_something_else_says_so() -> None:
    world = estate()
    row = KeyClass("provider", None, None, None, "raw/a.wav", ())
    answer = Reads(Facts(world), world.stores[STORE]).by_sas(signed(container="other"), GET_BLOB, row, NOW)
    assert answer.condition is NEVER
    assert "is for nothing" in answer.proof[0].sentence
