"""Buckets of the shapes that differ in how many questions they take, made through a boto3 client.

The emulator's own new bucket is not like one of today: what AWS sets on every new bucket is set here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

REGION = "eu-central-1"
_FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def fresh(s3: Any, bucket: str) -> None:
    """Make a bucket as AWS does today: SSE-S3, all public access blocked, lists without effect."""
    _made(s3, bucket, ownership="BucketOwnerEnforced")


def versioned(s3: Any, bucket: str) -> None:
    """Make one that keeps versions."""
    fresh(s3, bucket)
    _keep_versions(s3, bucket)


def with_acl(s3: Any, bucket: str) -> None:
    """Make one whose access control lists count."""
    _made(s3, bucket, ownership="ObjectWriter")


def everything(s3: Any, bucket: str) -> None:
    """Make one with every setting set."""
    _made(s3, bucket, ownership="BucketOwnerPreferred", ObjectLockEnabledForBucket=True)
    _keep_versions(s3, bucket)
    arn = f"arn:aws:s3:::{bucket}"
    reader = {"AWS": "arn:aws:iam::123456789012:root"}
    statement = {"Effect": "Allow", "Principal": reader, "Action": "s3:GetObject", "Resource": f"{arn}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "calls/"}, "Expiration": {"Days": 90}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "speech"}]})
    copy = {"ID": "copy", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "Destination": {"Bucket": arn}}
    copy["DeleteMarkerReplication"] = {"Status": "Disabled"}
    s3.put_bucket_replication(
        Bucket=bucket, ReplicationConfiguration={"Role": "arn:aws:iam::123456789012:role/copy", "Rules": [copy]}
    )
    s3.put_bucket_inventory_configuration(
        Bucket=bucket,
        Id="weekly",
        InventoryConfiguration={
            "Id": "weekly",
            "IsEnabled": True,
            "IncludedObjectVersions": "All",
            "Schedule": {"Frequency": "Weekly"},
            "Destination": {"S3BucketDestination": {"Bucket": arn, "Format": "Parquet"}},
        },
    )


SHAPES: Mapping[str, Callable[[Any, str], None]] = {
    "fresh": fresh,
    "versioned": versioned,
    "lists in force": with_acl,
    "everything set": everything,
}


def fill(s3: Any, bucket: str, objects: int) -> None:
    """Put a few small recordings into a bucket."""
    for number in range(objects):
        s3.put_object(Bucket=bucket, Key=f"calls/{number:04d}.wav", Body=b"RIFF", ContentType="audio/wav")


def _made(s3: Any, bucket: str, *, ownership: str, **more: Any) -> None:
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}, **more)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(_FLAGS, True))
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})


def _keep_versions(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
