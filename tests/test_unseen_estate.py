"""No false pass and no false fail on an estate that the checks were not designed for."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudscan import plugins
from cloudscan.collection.run import collect
from cloudscan.demo import clip
from cloudscan.estate import Estate
from cloudscan.policy.file import parse_policy
from cloudscan.provider import Scope
from cloudscan.report import ScanResult
from cloudscan.scan import analyze, needed_facets
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.demo.wire import AwsError
from tests.unseen_estate import CHECKS, OPEN, OWN, POLICY, SHAPES, SILENT_IS_PASS, SIZE, Shape

REGION = "us-east-1"
Verdicts = Mapping[tuple[str, str], frozenset[str]]
"""The letters of the verdicts that a check gave a bucket."""


class _Builder:
    """Makes the buckets through the AWS API, and has told what moto would apply or change."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.s3, self.kms, self.control = (endpoint.client(name, REGION) for name in ("s3", "kms", "s3control"))
        self.now = datetime.now(UTC)
        self.body = clip("order-mulaw.wav")
        assert len(self.body) == SIZE

    def build(self) -> None:
        for shape in SHAPES:
            self._bucket(shape)
        shapes = {shape.name: shape for shape in SHAPES}

        def policy(asked: Mapping[str, Any]) -> dict[str, Any]:
            document = shapes[asked["Bucket"]].document
            if document is None:
                raise AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", status=404)
            return {"Policy": document}

        def rules(asked: Mapping[str, Any]) -> dict[str, Any]:
            told = shapes[asked["Bucket"]].rules
            if told is None:
                raise AwsError("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", status=404)
            return {"Rules": [dict(rule) for rule in told]}

        def block(asked: Mapping[str, Any]) -> dict[str, Any]:
            return {"PublicAccessBlockConfiguration": dict(shapes[asked["Bucket"]].block)}

        def ownership(asked: Mapping[str, Any]) -> dict[str, Any]:
            chosen = shapes[asked["Bucket"]].ownership
            if chosen is None:
                raise AwsError(
                    "OwnershipControlsNotFoundError", "The bucket ownership controls were not found", status=404
                )
            return {"OwnershipControls": {"Rules": [{"ObjectOwnership": chosen}]}}

        self.endpoint.answer("s3", "GetBucketPolicy", policy)
        self.endpoint.answer("s3", "GetPublicAccessBlock", block)
        self.endpoint.answer("s3", "GetBucketOwnershipControls", ownership)
        self.endpoint.answer("s3", "GetBucketLifecycleConfiguration", rules)
        regions = [{"RegionName": REGION, "OptInStatus": "opt-in-not-required"}]
        self.endpoint.answer("ec2", "DescribeRegions", {"Regions": regions})

    def _bucket(self, shape: Shape) -> None:
        name = shape.name
        self.s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=shape.lock is not None)
        if shape.lock:
            lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": dict(shape.lock)}}
            self.s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
        if shape.acl:
            self._acl(shape)
        self._recordings(shape, self._encryption(shape))
        for number, point in enumerate(shape.points):
            self._point(shape, f"{name}-{number}", point)
        for operation in shape.denied:
            service, _, call = operation.rpartition(":")
            self.endpoint.faults.add("deny", service or "s3", call, containing=name)
        if shape.vanishes:
            self.endpoint.faults.add("vanish", "s3", containing=name)

    def _acl(self, shape: Shape) -> None:
        owner = self.s3.get_bucket_acl(Bucket=shape.name)["Owner"]
        grants = [{"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"}]
        for grantee, permission in shape.acl:
            kind = {"Type": "Group", "URI": grantee} if "://" in grantee else {"Type": "CanonicalUser", "ID": grantee}
            grants.append({"Grantee": kind, "Permission": permission})
        self.s3.put_bucket_acl(Bucket=shape.name, AccessControlPolicy={"Grants": grants, "Owner": owner})

    def _encryption(self, shape: Shape) -> dict[str, str]:
        """Set the bucket's default; return how its recordings are encrypted."""
        by_s3 = {"ServerSideEncryption": "AES256"}
        default, objects = {"SSEAlgorithm": "AES256"}, by_s3
        if shape.key_policy:
            statements = [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": "kms:*"}]
            if shape.key_policy == "anyone":
                statements.append({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt"})
            document = {"Version": "2012-10-17", "Statement": [one | {"Resource": "*"} for one in statements]}
            key = self.kms.create_key(Policy=json.dumps(document))["KeyMetadata"]["Arn"]
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
            objects = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        rule = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
        self.s3.put_bucket_encryption(Bucket=shape.name, ServerSideEncryptionConfiguration=rule)
        return by_s3 if shape.default_only else objects

    def _recordings(self, shape: Shape, encryption: Mapping[str, str]) -> None:
        if shape.versioning:
            self._versioning(shape.name, {"Status": "Enabled"})
        for days in shape.old:
            self._put(shape, shape.keys[0][0], days, encryption)
        if shape.versioning == "Suspended":
            self._versioning(shape.name, {"Status": "Suspended"})
        for key, days in (*shape.keys, *shape.hidden):
            self._put(shape, key, days, encryption)
        for key, _ in shape.hidden:
            self.s3.delete_object(Bucket=shape.name, Key=key)
        if shape.mfa_delete:
            self._versioning(shape.name, {"Status": "Enabled", "MFADelete": "Enabled"}, MFA="arn 123456")

    def _versioning(self, bucket: str, status: Mapping[str, str], **more: str) -> None:
        self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=dict(status), **more)

    def _put(self, shape: Shape, key: str, days: float, encryption: Mapping[str, str]) -> None:
        # The emulator gives a new object its bucket's list; at AWS an object's own list is private.
        kept = {"ACL": "private", **encryption}
        self.s3.put_object(Bucket=shape.name, Key=key, Body=self.body, ContentType="audio/wav", **kept)
        self.endpoint.set_last_modified(shape.name, key, self.now - timedelta(days=days))
        if shape.object_owner:
            self.endpoint.set_object_owner(shape.name, key, shape.object_owner)

    def _point(self, shape: Shape, name: str, point: Mapping[str, Any]) -> None:
        network = {"VpcConfiguration": {"VpcId": point["vpc"]}} if point["vpc"] else {}
        self.control.create_access_point(
            AccountId=OWN, Name=name, Bucket=shape.name, PublicAccessBlockConfiguration=dict(point["block"]), **network
        )
        document = json.dumps({"Version": "2012-10-17", "Statement": point["policy"]}).replace("POINT", name)
        self.control.put_access_point_policy(AccountId=OWN, Name=name, Policy=document)


def _scan(endpoint: Endpoint, shapes: Sequence[Shape], root: Path) -> ScanResult:
    """Scan these buckets as the command would."""
    policy = parse_policy(POLICY)
    checks = [check for check in plugins.checks() if check.id in CHECKS.values()]
    assert len(checks) == len(CHECKS)
    scope = Scope(
        facets=needed_facets(checks, policy),
        stores=tuple(shape.name for shape in shapes),
        versions=True,
        sniff=0,
        heads=20,
        workers=4,
        endpoint_url=endpoint.url,
    )
    providers = [plugins.provider("aws")]
    collect(providers, {"aws": scope}, root)
    now = datetime.now(UTC)
    return analyze(Estate.open(root), providers, checks, policy, now=now, generated_at=now)


def _batches() -> Iterator[tuple[Mapping[str, bool], list[Shape]]]:
    """Yield the shapes by the account's own block, which all buckets of a scan share; some by themselves."""
    batches: dict[tuple[str, str], list[Shape]] = defaultdict(list)
    for shape in SHAPES:
        batches[json.dumps(shape.account_block), shape.name if shape.apart else ""].append(shape)
    for (block, _), shapes in batches.items():
        yield json.loads(block) or OPEN, shapes


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """Build the estate once, scan it once for each setting of the account, and return every verdict."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    credentials = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with pytest.MonkeyPatch.context() as environment, Endpoint() as endpoint:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        for name, value in credentials.items():
            environment.setenv(name, value)
        builder = _Builder(endpoint)
        builder.build()
        for number, (block, shapes) in enumerate(_batches()):
            builder.control.put_public_access_block(AccountId=OWN, PublicAccessBlockConfiguration=dict(block))
            result = _scan(endpoint, shapes, tmp_path_factory.mktemp("scan") / str(number))
            assert not result.crashes
            for finding in result.findings:
                found[finding.resource, finding.check].add(finding.verdict.value[0].upper())
    assert endpoint.crashes == []
    return {place: frozenset(letters) for place, letters in found.items()}


_WORDS = {"F": "fails", "P": "passes", "U": "is unknown", "N": "says nothing"}


def _worst(letters: frozenset[str]) -> str:
    """Return the verdict that a reader acts on; N for none."""
    return next((letter for letter in "FUP" if letter in letters), "N")


@pytest.mark.parametrize("letter", CHECKS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_verdict_is_the_truth(shape: Shape, letter: str, verdicts: Verdicts) -> None:
    right = shape.verdicts(letter)
    given = _worst(verdicts.get((shape.arn, CHECKS[letter]), frozenset()))
    looked_at = any(place == shape.arn for place, _ in verdicts)
    if given == "N" and right != "N" and letter in SILENT_IS_PASS and looked_at:
        given = "P"
    if right != "*" and given not in right:
        pytest.fail(f"{_WORDS[given]}: {shape.why} ({shape.source})", pytrace=False)
