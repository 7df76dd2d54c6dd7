"""Why somebody reads an object or does not, and which keys keep everybody out."""

from __future__ import annotations

import pytest

from cloudscan.access import Effect, Ruling
from cloudscan.errors import UsageError
from cloudscan.model import ANYONE, Answer, Encryption
from cloudscan.provider import Advising, Explaining, Revisable
from cloudscan.snapshot import Manifest
from cloudscan.testing import NOW
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.explain import explain, stopped_keys
from cloudscan_gcp.policy.test_support import (
    AGENT,
    ANA,
    BO,
    KEY,
    STORE,
    VIEWER,
    allow,
    binding,
    bucket,
    estate,
    kms_key,
    person,
    recording,
)

VIEWED = allow(STORE, binding(VIEWER, ANA))


def test_the_provider_explains_revises_and_advises() -> None:
    provider = GcpProvider()
    assert isinstance(provider, Explaining)
    assert isinstance(provider, Revisable)
    assert isinstance(provider, Advising)
    assert provider.halfway(estate(), STORE) == ()


def test_why_and_why_not() -> None:
    held = estate(VIEWED, person(BO))
    yes, no = explain(held, ANA, STORE, "raw/a.wav"), explain(held, BO, STORE, "raw/a.wav")
    assert yes.ruling is Ruling.YES
    assert [reason.statement for reason in yes.proof] == [f"{STORE}#iam: {VIEWER} for {ANA}"]
    assert [reason.effect for reason in no.proof] == [Effect.LACKS]
    assert explain(held, ANYONE, STORE, "raw/a.wav").ruling is Ruling.NO


def test_an_object_is_as_it_lies_and_a_new_one_as_its_bucket_says() -> None:
    store = bucket(encryption=Encryption("customer", KEY))
    held = estate(store, VIEWED, *kms_key(state="disabled"), objects=[recording("old.wav")])
    assert explain(held, ANA, STORE, "old.wav").ruling is Ruling.YES
    new = explain(held, ANA, STORE, "new.wav")
    assert new.ruling is Ruling.NO
    assert "disabled" in " ".join(reason.sentence for reason in new.proof)
    unread = estate(bucket(encryption=None), VIEWED)
    assert explain(unread, ANA, STORE, "new.wav").ruling is Ruling.UNKNOWN


def test_an_object_that_only_its_own_list_opens() -> None:
    fine = bucket(controls={"uniformBucketLevelAccess": Answer.NO})
    held = estate(fine, VIEWED, person(BO), objects=[recording("a.wav", acl=f'[["{BO}", "READER"]]')])
    yes = explain(held, BO, STORE, "a.wav")
    assert yes.ruling is Ruling.YES
    assert [reason.statement for reason in yes.proof] == [f"ACL of {STORE}/a.wav"]
    assert explain(held, BO, STORE, "b.wav").ruling is Ruling.UNKNOWN


def test_who_or_what_is_not_there_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="no principal"):
        explain(estate(VIEWED), BO, STORE, "a.wav")
    with pytest.raises(UsageError, match="no bucket"):
        explain(estate(VIEWED), ANA, "gs://other", "a.wav")


def test_keys_that_serve_nobody() -> None:
    under = [recording("a.wav", encryption_mode="customer", key_id=KEY), recording("b.wav")]
    assert stopped_keys(estate(*kms_key(), objects=under), STORE) == []
    (off,) = stopped_keys(estate(*kms_key(state="destroyed"), objects=under), STORE)
    assert (off.key.id, off.objects) == (KEY, 1)


def test_a_key_that_the_service_agent_may_not_use_keeps_everybody_out() -> None:
    key, ring, _ = kms_key()
    held = estate(VIEWED, key, ring, allow(KEY), objects=[recording(encryption_mode="customer", key_id=KEY)])
    lost = explain(held, ANA, STORE, "raw/a.wav")
    assert lost.ruling is Ruling.NO
    assert [reason.effect for reason in lost.proof] == [Effect.ALLOWS, Effect.DENIES]
    (stopped,) = stopped_keys(held, STORE)
    assert (stopped.key.id, stopped.objects, stopped.barred) == (KEY, 1, AGENT)
    unread = estate(VIEWED, key, ring, objects=[recording(encryption_mode="customer", key_id=KEY)])
    assert stopped_keys(unread, STORE) == []
    assert "may not decrypt" in lost.proof[1].sentence


def test_a_time_that_is_over_is_said_to_be() -> None:
    held = estate(allow(STORE, binding(VIEWER, ANA, when='request.time < timestamp("2025-01-01T00:00:00Z")')))
    held.manifest = Manifest({"gcp": {}}, (), NOW, NOW, "cloudscan", {}, "")
    over = GcpProvider().explain(held, ANA, STORE, "raw/a.wav")
    assert over.ruling is Ruling.NO
    assert [reason.effect for reason in over.proof] == [Effect.LACKS]
    lacks = over.proof[0].sentence
    assert lacks.endswith("gives nothing any more: its time was over when the snapshot was made")
