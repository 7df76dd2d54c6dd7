"""The policies that AWS itself manages: all are understood, and twenty say about audio what their text says.

The documents may lie beside the checkout; without them nothing is tested here.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cloudscan.access import Ruling
from cloudscan_aws.policy.documents import Policy, Statement
from tests.access_worlds import AwsWorld
from tests.oracle import Undocumented
from tests.oracle import answer as oracle

DOCUMENTS = Path(__file__).parents[2] / "shared" / "data" / "aws-managed-policies.jsonl.gz"
OWNER = "111111111111"
ANA, ROLE = f"arn:aws:iam::{OWNER}:user/ana", f"arn:aws:iam::{OWNER}:role/reader"
KEY = f"arn:aws:kms:eu-central-1:{OWNER}:key/11111111-2222-4333-8444-555555555555"
BUCKET = "arn:aws:s3:::calls"

QUESTIONS: dict[str, tuple[str, str, dict[str, str]]] = {
    "read": ("s3:GetObject", f"{BUCKET}/raw/a.wav", {}),
    "read what is tagged for SageMaker": ("s3:GetObject", f"{BUCKET}/raw/tagged.wav", {}),
    "read what is named for Transcribe": ("s3:GetObject", f"{BUCKET}/transcribe/a.wav", {}),
    "read under a key": ("s3:GetObject", f"{BUCKET}/raw/locked.wav", {}),
    "list": ("s3:ListBucket", BUCKET, {}),
    "rewrite the bucket policy": ("s3:PutBucketPolicy", BUCKET, {}),
    "decrypt": ("kms:Decrypt", KEY, {}),
    "transcribe": ("transcribe:StartTranscriptionJob", "*", {}),
    "see a job": ("transcribe:GetTranscriptionJob", "*", {}),
    "pass a role to SageMaker": ("iam:PassRole", ROLE, {"iam:PassedToService": "sagemaker.amazonaws.com"}),
}
READS = {"read", "read what is tagged for SageMaker", "read what is named for Transcribe"}

SAYS: dict[str, set[str]] = {
    "AWSBackupServiceRolePolicyForS3Backup": READS | {"read under a key", "list"},  # may decrypt, but only through S3
    "AWSGlueServiceRole": {"list"},  # reads what is named for Glue only
    "AWSKeyManagementServicePowerUser": set(),  # makes keys and cannot use them
    "AWSLambdaExecute": READS,  # objects, never the bucket
    "AWSLambda_FullAccess": set(),  # passes roles, but to Lambda
    "AmazonAthenaFullAccess": {"list"},  # reads results of Athena only
    "AmazonConnect_FullAccess": set(),  # its own buckets are made, not read
    "AmazonMacieServiceRolePolicy": READS | {"list"},
    "AmazonS3FullAccess": READS | {"list", "rewrite the bucket policy"},  # and not a byte under a key
    "AmazonS3ReadOnlyAccess": READS | {"list"},
    "AmazonSageMakerFullAccess": {"read what is tagged for SageMaker", "list", "pass a role to SageMaker"},
    "AmazonTranscribeFullAccess": {"read what is named for Transcribe", "transcribe", "see a job"},
    "AmazonTranscribeReadOnlyAccess": {"see a job"},
    "ComprehendDataAccessRolePolicy": set(),
    "DataScientist": READS | {"list", "pass a role to SageMaker"},
    "ReadOnlyAccess": READS | {"list", "see a job"},
    "S3UnlockBucketPolicy": set(),  # denies all but four calls, and these to all but root
    "SecurityAudit": {"list"},  # looks at settings
    "SupportUser": {"list"},
    "ViewOnlyAccess": {"list"},
}


def _documents() -> dict[str, Any]:
    if not DOCUMENTS.is_file():
        pytest.skip(f"no {DOCUMENTS.name} beside the checkout")
    with gzip.open(DOCUMENTS, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return {policy["name"]: policy["document"] for policy in found}


def _object(key: str, mode: str, **tags: str) -> dict[str, Any]:
    encryption = {"mode": mode, "key": KEY} if mode == "SSE-KMS" else {"mode": mode}
    return {"key": key, "owner": OWNER, "acl": [], "tags": tags, "encryption": encryption}


def _world(document: Any) -> dict[str, Any]:
    """One user who holds one managed policy, a bucket, and a key whose policy lets identity policies count."""
    user = {"arn": ANA, "account": OWNER, "type": "user", "identity_policies": [document]}
    role = {"arn": ROLE, "account": OWNER, "type": "role", "identity_policies": [], "trust_policy": {"Statement": []}}
    root = {"AWS": f"arn:aws:iam::{OWNER}:root"}
    delegates = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    objects = [
        _object("raw/a.wav", "SSE-S3"),
        _object("raw/tagged.wav", "SSE-S3", SageMaker="true"),
        _object("transcribe/a.wav", "SSE-S3"),
        _object("raw/locked.wav", "SSE-KMS"),
    ]
    bucket = {"name": "calls", "account": OWNER, "region": "eu-central-1", "policy": None, "objects": objects}
    key = {"arn": KEY, "account": OWNER, "manager": "CUSTOMER", "state": "Enabled", "policy": {"Statement": delegates}}
    return {"principals": [user, role], "buckets": [bucket], "keys": [key], "access_points": [], "org": None}


def _asked(question: str) -> dict[str, Any]:
    action, resource, context = QUESTIONS[question]
    return {"principal": ANA, "action": action, "resource": resource, "context": context, "context_mode": "exact"}


def test_all_are_read_without_a_fault() -> None:
    documents = _documents()
    assert len(documents) > 1600
    for name, document in documents.items():
        for statement in Policy.of(name, document).document.statements:
            assert isinstance(statement, Statement), name
            assert not statement.faults, name


def test_all_are_evaluated_and_the_oracle_says_the_same() -> None:
    for name, document in _documents().items():
        world = _world(document)
        for question in ("read", "read under a key", "list", "pass a role to SageMaker"):
            ruling = AwsWorld(world).answer(_asked(question)).ruling
            opened = AwsWorld(world).answer({**_asked(question), "context_mode": "open"}).ruling
            assert opened is not Ruling.UNKNOWN, (name, question)
            try:
                assert (ruling is Ruling.YES) is oracle(world, _asked(question)).allowed, (name, question)
            except Undocumented:
                assert ruling in (Ruling.YES, Ruling.NO), (name, question)


def test_twenty_say_about_audio_what_was_read_in_them() -> None:
    documents = _documents()
    assert len(SAYS) == 20
    for name, expected in SAYS.items():
        world = AwsWorld(_world(documents[name]))
        may = {question for question in QUESTIONS if world.answer(_asked(question)).ruling is Ruling.YES}
        assert may == expected, name
