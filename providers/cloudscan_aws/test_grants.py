"""Whom the derived grants name, and for what."""

from __future__ import annotations

import json
from typing import Any

from cloudscan.access import Grant, Ruling
from cloudscan.estate import Estate, ObjectTable
from cloudscan.model import (
    ANYONE_SIGNED_IN,
    Account,
    Action,
    Answer,
    Encryption,
    PolicyDocument,
    Principal,
)
from cloudscan.testing import ACCOUNT, key, principal, speech, store
from cloudscan_aws.grants import derive

KEY = key("speech", manager="customer", state="enabled", has_policy=Answer.YES, grants=(), aliases=())
REVIEW = principal("review", boundary="")
THROUGH_S3 = {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}


def decrypting(statement: dict[str, Any]) -> dict[str, Ruling]:
    """Say who may decrypt with a key under a policy of one statement."""
    bucket = store("calls", encryption=Encryption("customer", KEY.id), has_policy=Answer.NO, acl=())
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement]})
    document = PolicyDocument(f"key policy of {KEY.id}", "aws", ACCOUNT, "key", (KEY.id,), text)
    records: list[Account | Principal | Any] = [Account(ACCOUNT, "aws", organization=""), bucket, KEY, REVIEW, document]
    estate = Estate.of(records, (), ObjectTable(rows=[speech("calls", "a.wav")]))
    found = (one for one in derive(estate) if isinstance(one, Grant) and one.action is Action.DECRYPT)
    return {grant.principal: grant.decision.ruling for grant in found}


def test_whoever_calls_a_key_that_is_used_may_decrypt() -> None:
    assert decrypting({"Principal": {"AWS": REVIEW.id}, "Action": "kms:Decrypt"}) == {REVIEW.id: Ruling.YES}


def test_on_the_way_through_a_service_only_strangers_are_said_to_decrypt() -> None:
    found = decrypting({"Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Condition": THROUGH_S3})
    assert found == {ANYONE_SIGNED_IN: Ruling.IF}


def test_whoever_is_kept_away_from_services_calls_the_key() -> None:
    unless = {"StringNotEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
    found = decrypting({"Principal": {"AWS": REVIEW.id}, "Action": "kms:Decrypt", "Condition": unless})
    assert found == {REVIEW.id: Ruling.YES}
