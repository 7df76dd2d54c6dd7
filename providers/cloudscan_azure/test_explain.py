"""Why somebody reads a blob or does not, and which keys keep everybody out."""

from __future__ import annotations

import pytest

from cloudscan.access import Effect, Ruling
from cloudscan.errors import UsageError
from cloudscan.model import ANYONE, Encryption
from cloudscan.reach_reports.words import reason as reason_said
from cloudscan_azure.explain import explain, stopped_keys
from cloudscan_azure.ids import person
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    BO,
    KEY,
    STORE,
    assigned,
    container,
    estate,
    key,
    network,
    recording,
)

READER = assigned(ACCOUNT, "reader", ANA)


def test_why_and_why_not() -> None:
    held = estate(READER)
    yes, no = explain(held, ANA, STORE, "raw/a.wav"), explain(held, BO, STORE, "raw/a.wav")
    assert yes.ruling is Ruling.YES
    assert [reason.statement for reason in yes.proof] == [READER.id]
    assert [reason.effect for reason in no.proof] == [Effect.LACKS]
    assert explain(held, ANYONE, STORE, "raw/a.wav").ruling is Ruling.NO


def test_the_network_is_among_the_reasons() -> None:
    closed = network(acls={"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]})
    some = explain(estate(READER, closed), ANA, STORE, "raw/a.wav")
    assert some.ruling is Ruling.IF
    assert f"network rules of {ACCOUNT}" in {reason.statement for reason in some.proof}


def test_rules_that_admit_no_network_say_so() -> None:
    closed = network(publicNetworkAccess="Disabled", privateEndpointConnections=[], acls={"bypass": "None"})
    none = explain(estate(READER, closed), ANA, STORE, "raw/a.wav")
    assert none.ruling is Ruling.NO
    (last,) = [reason for reason in none.proof if reason.effect is Effect.DENIES]
    assert reason_said(last) == f"the network rules of {ACCOUNT} admit no network"


def test_a_blob_is_as_it_lies_and_a_new_one_as_its_container_says() -> None:
    store = container(encryption=Encryption("customer", KEY))
    held = estate(store, READER, key(state="disabled"), objects=[recording("old.wav")])
    assert explain(held, ANA, STORE, "old.wav").ruling is Ruling.YES
    new = explain(held, ANA, STORE, "new.wav")
    assert new.ruling is Ruling.NO
    assert "disabled" in " ".join(reason.sentence for reason in new.proof)
    assert explain(estate(container(encryption=None), READER), ANA, STORE, "new.wav").ruling is Ruling.UNKNOWN


def test_who_or_what_is_not_there_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="no principal"):
        explain(estate(READER), person("nobody"), STORE, "a.wav")
    with pytest.raises(UsageError, match="no container"):
        explain(estate(READER), ANA, f"{STORE}2", "a.wav")


def test_keys_that_serve_nobody() -> None:
    under = [recording("a.wav", encryption_mode="customer", key_id=KEY), recording("b.wav")]
    assert stopped_keys(estate(key(), objects=under), STORE) == []
    (off,) = stopped_keys(estate(key(state="disabled"), objects=under), STORE)
    assert (off.key.id, off.objects) == (KEY, 1)
