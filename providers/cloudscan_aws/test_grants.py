"""Whom the derived grants name, and for what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Grant, Ruling
from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE_SIGNED_IN,
    Account,
    Action,
    Answer,
    Encryption,
    PolicyDocument,
    Principal,
    Record,
)
from cloudscan.snapshot import Manifest
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, NOW, key, principal, speech, store
from cloudscan_aws import AwsProvider
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


ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SHARED = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::calls/shared/*"}


def reading(*keys: str) -> dict[str, Grant]:
    """Grants to read a bucket of which one folder is open to everybody, by who holds them."""
    document = PolicyDocument("bucket's", "aws", ACCOUNT, "resource", ("arn:aws:s3:::calls",), _document(SHARED))
    root = replace(principal("root", kind="root", boundary=""), id=ROOT)
    bucket = store("calls", has_policy=Answer.YES, acl=())
    records: list[Record] = [Account(ACCOUNT, "aws", organization=""), bucket, root, document]
    rows = [speech("calls", each, encryption_mode="provider") for each in keys]
    found = (one for one in derive(Estate.of(records, (), ObjectTable(rows=rows))) if isinstance(one, Grant))
    return {grant.principal: grant for grant in found if grant.action is Action.READ}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_the_root_user_of_the_account_reads_by_no_statement_and_that_is_said() -> None:
    (step,) = (each for each in reading("internal/a.wav")[ROOT].steps if "Version" not in each.reason)
    assert step.reason == f"{ROOT} is the root user of the account and needs no policy of its own for s3:GetObject"
    assert step.statement == ""


def test_a_proof_speaks_of_the_object_that_it_shows_or_names_another() -> None:
    grant = reading("internal/a.wav", "shared/b.wav", "shared/c.wav")[ROOT]
    assert grant.example == "internal/a.wav"
    (named,) = (step.reason for step in grant.steps if step.statement)
    assert named.endswith(", for arn:aws:s3:::calls/shared/b.wav")
    (alone,) = (step.reason for step in reading("shared/b.wav")[ROOT].steps if step.statement)
    assert not alone.endswith("b.wav")


@pytest.mark.parametrize(
    ("asked", "ruling"),
    [
        ({"DateLessThan": {"aws:CurrentTime": "2026-10-31T00:00:00Z"}}, None),
        ({"DateLessThan": {"aws:EpochTime": "1577836800"}}, None),
        ({"DateLessThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}}, Ruling.IF),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-10-31T00:00:00Z"}}, Ruling.YES),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}}, Ruling.IF),
    ],
)
def test_what_was_allowed_until_before_the_snapshot_is_over(asked: dict[str, Any], ruling: Ruling | None) -> None:
    text = _document(SHARED | {"Principal": {"AWS": REVIEW.id}, "Condition": asked})
    document = PolicyDocument("bucket's", "aws", ACCOUNT, "resource", ("arn:aws:s3:::calls",), text)
    bucket = store("calls", has_policy=Answer.YES, acl=(), ownership="BucketOwnerEnforced")
    records: list[Record] = [Account(ACCOUNT, "aws", organization=""), bucket, REVIEW, document]
    rows = [speech("calls", "shared/a.wav", encryption_mode="provider")]
    manifest = Manifest({"aws": {}}, (), NOW, NOW, "cloudscan", {}, "")
    estate = Estate.of(records, (), ObjectTable(rows=rows), manifest)
    found = [one for one in AwsProvider().grants(estate) if isinstance(one, Grant) and one.principal == REVIEW.id]
    assert [one.decision.ruling for one in found] == ([ruling] if ruling else [])
    told = AwsProvider().explain(estate, REVIEW.id, bucket.id, "shared/a.wav")
    assert told.ruling is (ruling or Ruling.NO)
