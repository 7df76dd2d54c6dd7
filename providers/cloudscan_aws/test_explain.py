"""Why somebody may, or may not, read one object."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from cloudscan.access import Decision, Effect, Ruling
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Key, MediaClass, Record
from cloudscan.testing import speech
from cloudscan_aws import AwsProvider
from cloudscan_aws.policy.test_support import KEY_ARN, OWNER, allow, deny
from cloudscan_aws.test_buckets import (
    CALLS,
    PLAIN,
    READ,
    RECORDING,
    TRUSTING,
    UNDER_KEY,
    bucket,
    direct,
    estate,
    kms,
    person,
)

PLAIN_READ = tuple(row._replace(encryption_mode="provider") for row in PLAIN)
UNREAD = speech("calls", "raw/b.wav")


def stopped(state: str | None) -> list[Record]:
    held, *documents = kms(TRUSTING)
    assert isinstance(held, Key)
    return [dataclasses.replace(held, state=state), *documents]


def explained(found: Estate, principal: str = f"arn:aws:iam::{OWNER}:user/ana") -> Decision:
    return AwsProvider().explain(found, principal, CALLS, "raw/a.wav")


def lacking(decision: Decision) -> list[str]:
    return [reason.sentence for reason in decision.proof if reason.effect is Effect.LACKS]


def test_the_object_without_its_key() -> None:
    decision = explained(
        estate(person("ana", allow(READ, "*")), bucket(encryption=UNDER_KEY), kms(TRUSTING), rows=(RECORDING,))
    )
    assert decision.ruling is Ruling.NO
    assert lacking(decision)[0] == (f"arn:aws:iam::{OWNER}:user/ana may get {CALLS}/raw/a.wav, but may not decrypt it")


def test_the_key_without_its_object() -> None:
    found = estate(person("ana", allow("kms:*", "*")), bucket(encryption=UNDER_KEY), kms(TRUSTING), rows=(RECORDING,))
    decision = explained(found)
    assert decision.ruling is Ruling.NO
    assert f"neither policy nor ACL of {CALLS}/raw/a.wav admits arn:aws:iam::{OWNER}:user/ana" in lacking(decision)


def test_a_yes_is_explained_like_its_grant() -> None:
    found = estate(person("ana", allow(READ, "*")), bucket(), rows=PLAIN)
    (grant, _) = direct(found)
    decision = explained(found)
    assert decision.ruling is Ruling.YES
    assert {step.reason for step in grant.steps} == {reason.sentence for reason in decision.proof}


def test_what_is_had_of_the_object_is_told_beside_what_its_key_lacks() -> None:
    found = estate(
        person("ana", allow("s3:GetObject", "*")), bucket(encryption=UNDER_KEY), kms(TRUSTING), rows=(RECORDING,)
    )
    ana = f"arn:aws:iam::{OWNER}:user/ana"
    assert [(reason.effect, reason.sentence) for reason in explained(found).proof] == [
        (Effect.LACKS, f"{ana} may get {CALLS}/raw/a.wav, but may not decrypt it"),
        (Effect.LACKS, f"no policy of {ana} allows kms:Decrypt on {KEY_ARN}"),
        (Effect.LACKS, f"neither the policy nor a grant of {KEY_ARN} lets {ana} do kms:Decrypt"),
        (Effect.ALLOWS, f"{ana}/own, statement 1 allows s3:GetObject to {ana}"),
    ]


def test_who_may_get_and_not_decrypt_is_told_with_those_who_lack_the_same() -> None:
    people = [person(name, allow(READ, "*")) for name in ("ana", "bo")]
    denied = person("cara", allow([*READ, "kms:*"], "*"), deny("kms:Decrypt", "*"))
    reads = person("dan", allow([*READ, "kms:Decrypt"], "*"))
    nothing = person("eve", allow("kms:*", "*"))
    found = estate(*people, denied, reads, nothing, bucket(encryption=UNDER_KEY), kms(TRUSTING), rows=(RECORDING,))
    both, cara = AwsProvider().halfway(found, CALLS)
    assert [one.rpartition("/")[2] for one in both.principals] == ["ana", "bo"]
    assert both.example == "raw/a.wav"
    ana = f"arn:aws:iam::{OWNER}:user/ana"
    assert f"no policy of {ana} allows kms:Decrypt on {KEY_ARN}" in {reason.sentence for reason in both.reasons}
    assert [one.rpartition("/")[2] for one in cara.principals] == ["cara"]
    assert [reason.effect for reason in cara.reasons] == [Effect.LACKS, Effect.DENIES]
    assert "statement 2 denies kms:Decrypt" in cara.reasons[1].sentence


@pytest.mark.parametrize("facts", [{}, {"encryption": UNDER_KEY}])
def test_where_nothing_more_than_the_object_is_needed_nobody_is_halfway(facts: dict[str, Any]) -> None:
    found = estate(person("ana", allow(READ, "*")), bucket(**facts), kms(TRUSTING), rows=PLAIN_READ)
    assert AwsProvider().halfway(found, CALLS) == []
    assert AwsProvider().stopped_keys(found, CALLS) == []


@pytest.mark.parametrize("state", ["disabled", "pending-deletion", "Unavailable", "Disabled"])
def test_a_key_that_serves_nobody_is_told_with_what_lies_under_it(state: str) -> None:
    found = estate(
        person("ana", allow("*", "*")), bucket(encryption=UNDER_KEY), stopped(state), rows=(RECORDING, UNREAD)
    )
    (key,) = AwsProvider().stopped_keys(found, CALLS)
    assert (key.key.id, key.objects, key.perhaps) == (KEY_ARN, 1, 1)
    (ana,) = AwsProvider().halfway(found, CALLS)
    assert f"{KEY_ARN} is in state {state} and serves no request" in {reason.sentence for reason in ana.reasons}


def test_of_a_class_that_a_bucket_holds_none_of_nobody_is_halfway_and_no_key_stands_still() -> None:
    found = estate(person("ana", allow("*", "*")), bucket(encryption=UNDER_KEY), stopped("disabled"), rows=(RECORDING,))
    for media, many in ((MediaClass.TRANSCRIPT, 0), (MediaClass.SPEECH, 1), (None, 1)):
        assert len(AwsProvider().halfway(found, CALLS, media)) == many
        assert len(AwsProvider().stopped_keys(found, CALLS, media)) == many


@pytest.mark.parametrize("state", ["enabled", "Enabled", "Updating", None])
def test_a_key_that_works_or_was_not_read_is_not_called_stopped(state: str | None) -> None:
    found = estate(person("ana", allow("*", "*")), bucket(encryption=UNDER_KEY), stopped(state), rows=(RECORDING,))
    assert AwsProvider().stopped_keys(found, CALLS) == []


@pytest.mark.parametrize(
    ("principal", "bucket_id"), [("arn:aws:iam::1:user/nobody", CALLS), (ANYONE, "arn:aws:s3:::none")]
)
def test_of_whom_or_what_nothing_is_known(principal: str, bucket_id: str) -> None:
    with pytest.raises(UsageError, match="of this snapshot"):
        AwsProvider().explain(estate(bucket(), rows=PLAIN), principal, bucket_id, "raw/a.wav")
