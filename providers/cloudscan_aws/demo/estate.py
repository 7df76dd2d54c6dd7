"""The invented call centre: what lies where, and what is wrong with it.

Every finding of the demo is explained by a line here, and what is right is here too, so that a check which
cannot keep quiet is noticed. The test beside this module holds the report to the truth.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudscan.demo import clip, recordings
from cloudscan_aws.demo import compute, jobs, people
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.demo.transcripts import transcript
from cloudscan_aws.demo.wire import AwsError

REGION = "eu-central-1"
CLOSED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
OPEN = dict.fromkeys(CLOSED, False)


class Builder:
    """Makes the estate through the endpoint, as an administrator would through the AWS API."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.now = datetime.now(UTC)
        self._clients: dict[tuple[str, str], Any] = {}
        self._policies: dict[str, str] = {}

    def client(self, service: str, region: str = REGION) -> Any:
        """Return a boto3 client of the endpoint."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self.endpoint.client(service, region)
        return self._clients[service, region]

    def bucket(
        self,
        name: str,
        *,
        key: str | None = None,
        block: Mapping[str, bool] = CLOSED,
        ownership: str = "BucketOwnerEnforced",
        versioned: bool = False,
        rules: list[dict[str, Any]] | None = None,
        statements: list[dict[str, Any]] | None = None,
        region: str = REGION,
    ) -> None:
        """Create a bucket as AWS does today (SSE-S3, access blocked), then change what is given."""
        s3 = self.client("s3", region)
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **place)
        rule: dict[str, Any] = {"SSEAlgorithm": "AES256"}
        if key is not None:
            rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        default = {"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": key is not None}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [default]})
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict(block))
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if rules:
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
        if statements:
            self._policies[name] = json.dumps({"Version": "2012-10-17", "Statement": statements})

    def put(self, bucket: str, key: str, body: bytes, days: float, content_type: str = "binary/octet-stream") -> None:
        """Store an object that is so many days old."""
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        self.endpoint.set_last_modified(bucket, key, self.now - timedelta(days=days))

    def begin(self, bucket: str, key: str, part: bytes, days: float) -> None:
        """Begin an upload in parts so many days ago, and never finish it."""
        s3 = self.client("s3")
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=part)
        self.endpoint.set_upload_begun(upload, self.now - timedelta(days=days))

    def close(self) -> None:
        """Have the bucket policies told, but not applied: the emulator would apply a deny without its condition."""

        def policy(parameters: Mapping[str, Any]) -> dict[str, Any]:
            if parameters["Bucket"] not in self._policies:
                raise AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", status=404)
            return {"Policy": self._policies[parameters["Bucket"]]}

        self.endpoint.answer("s3", "GetBucketPolicy", policy)


def tls_only(bucket: str) -> dict[str, Any]:
    """Return the statement that refuses plaintext requests."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _expire(days: int, prefix: str = "", **more: Any) -> dict[str, Any]:
    return {
        "ID": f"expire-{days}",
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "Expiration": {"Days": days},
    } | more


def build(endpoint: Endpoint) -> None:
    """Build everything, in an account that has two regions enabled."""
    regions = [{"RegionName": name, "OptInStatus": "opt-in-not-required"} for name in (REGION, "us-east-1")]
    endpoint.answer("ec2", "DescribeRegions", {"Regions": regions})
    make = Builder(endpoint)
    keys = people.keys(make)
    people.identities(make, keys)
    people.trail(make)
    compute.build(make)
    _calls(make, keys["speech-calls"])
    _share(make)
    _voicemail(make, keys["speech-voicemail"])
    _backups(make)
    _app_uploads(make)
    _archive(make, keys["speech-archive"])
    _drop_box(make)
    _transcripts(make, keys["speech-transcripts"])
    _website(make)
    jobs.build(make)
    make.close()


def _calls(make: Builder, key: str) -> None:
    """The main store: well closed, under an approved key, logged; but its only rule reaches another folder."""
    rules = [_expire(7, "tmp/", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 3})]
    make.bucket("acme-calls-raw", key=key, versioned=True, rules=rules, statements=[tls_only("acme-calls-raw")])
    for number, days in enumerate((2, 9, 20, 33, 47, 61, 75, 88, 120, 210, 300, 400)):
        make.put("acme-calls-raw", f"calls/2026/{number:04}.wav", recordings.wav(60 + 9 * number), days, "audio/wav")
        make.put("acme-calls-raw", f"calls/2026/{number:04}-agent.amr", recordings.amr(300 + 60 * number), days)
    make.put("acme-calls-raw", "tmp/upload.aac", recordings.aac(20), 1, "audio/aac")


def _share(make: Builder) -> None:
    """Handed to a customer once, by a policy for everybody; the recordings beside the folder stay closed."""
    everybody = {
        "Sid": "ShareWithCustomer",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-share/shared/*",
    }
    make.bucket("acme-share", block=OPEN, statements=[everybody], rules=[_expire(30)])
    for number in range(6):
        make.put("acme-share", f"shared/complaint-{number}.amr", recordings.amr(480), 12 + number)
    make.put("acme-share", "shared/complaint-0.json", transcript("complaint-0", "I want my money back"), 12)
    make.put("acme-share", "internal/board.amr", recordings.amr(1800), 3)


def _voicemail(make: Builder, key: str) -> None:
    """As it should be. Its old statement for everybody is cut off by the block, and no check may say otherwise."""
    rules = [_expire(60, NoncurrentVersionExpiration={"NoncurrentDays": 7})]
    everybody = {
        "Sid": "Forgotten",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-voicemail/*",
    }
    statements = [tls_only("acme-voicemail"), everybody]
    make.bucket("acme-voicemail", key=key, versioned=True, rules=rules, statements=statements)
    for number in range(8):
        make.put("acme-voicemail", f"box/{number}.opus", clip("invoice.opus"), 3 + number * 6, "audio/ogg")


def _backups(make: Builder) -> None:
    """Voicemail is backed up for a year, and what its rules delete with it; and what a bucket held that is gone."""
    make.client("backup").create_backup_vault(BackupVaultName="acme-weekly")
    points = []
    for bucket, weeks in (("acme-voicemail", (1, 2, 3, 4)), ("acme-calls-2024", (40,))):
        for number in weeks:
            taken = make.now - timedelta(weeks=number)
            name = f"{bucket}-{taken:%Y%m%d}"
            point = {
                "RecoveryPointArn": f"arn:aws:backup:{REGION}:{people.ACCOUNT}:recovery-point:{name}",
                "ResourceArn": f"arn:aws:s3:::{bucket}",
                "ResourceType": "S3",
                "Status": "COMPLETED",
                "CreationDate": taken,
                "Lifecycle": {"DeleteAfterDays": 365},
                "CalculatedLifecycle": {"DeleteAt": taken + timedelta(days=365)},
            }
            points.append(point)
    make.endpoint.answer("backup", "ListRecoveryPointsByBackupVault", {"RecoveryPoints": points}, region=REGION)


def _app_uploads(make: Builder) -> None:
    """Voice notes of the mobile app, without file extensions; the app's guests may read all of them."""
    make.bucket("acme-app-uploads", rules=[_expire(90)], statements=[tls_only("acme-app-uploads")])
    for number, name in enumerate(("invoice.m4a", "invoice.webm", "invoice.opus", "hold.flac", "order-mulaw.wav")):
        make.put("acme-app-uploads", f"notes/user-{number}/9f{number}c2e", clip(name), 4 + number)
    make.put("acme-app-uploads", "notes/user-0/avatar", b"\x89PNG\r\n\x1a\n" + bytes(64), 4)
    make.put("acme-app-uploads", "screens/agent-1.mp4", clip("agent-screen.mp4"), 5, "video/mp4")


def _archive(make: Builder, key: str) -> None:
    """Must be kept 180 days; a rule takes it after 30, and its key is being deleted."""
    make.bucket("acme-archive", key=key, rules=[_expire(30)], statements=[tls_only("acme-archive")])
    for number in range(5):
        make.put("acme-archive", f"trades/{number}.amr", recordings.amr(900), 5 + number)


def _drop_box(make: Builder) -> None:
    """Where telephones deliver: an ACL lets everybody write. Its rule takes no call of which the upload broke off."""
    make.bucket(
        "acme-ivr-drop",
        block=OPEN,
        ownership="ObjectWriter",
        rules=[_expire(14)],
        statements=[tls_only("acme-ivr-drop")],
    )
    s3 = make.client("s3")
    owner = s3.get_bucket_acl(Bucket="acme-ivr-drop")["Owner"]
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    grants = [
        {"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"},
        {"Grantee": everybody, "Permission": "WRITE"},
    ]
    s3.put_bucket_acl(Bucket="acme-ivr-drop", AccessControlPolicy={"Grants": grants, "Owner": owner})
    for number in range(3):
        make.put("acme-ivr-drop", f"in/{number}.ulaw.wav", recordings.wav(45), 1 + number, "audio/wav")
    make.begin("acme-ivr-drop", "in/broken-off.ulaw.wav", recordings.wav(45), 120)


def _transcripts(make: Builder, key: str) -> None:
    """Raw transcripts, shared with a trusted vendor and an account that nobody knows; any account may decrypt.

    One was redacted, and its raw text kept; the recordings of all of them lie in the main store, but for one.
    """
    shares = [
        {
            "Sid": name,
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::acme-transcripts", "arn:aws:s3:::acme-transcripts/*"],
        }
        for name, account in (("Vendor", people.VENDOR), ("Leftover", people.UNKNOWN_PARTY))
    ]
    make.bucket("acme-transcripts", key=key, statements=[tls_only("acme-transcripts"), *shares], rules=[_expire(365)])
    for number in range(4):
        make.put("acme-transcripts", f"out/call-{number}.json", transcript(f"call-{number}", "hello there"), 1)
    redacted = transcript("call-1", "hello [PII]", isRedacted=True)
    make.put("acme-transcripts", "out/redacted-call-1.json", redacted, 1)
    make.put("acme-transcripts", "out/erased.json", transcript("erased", "forget me"), 1)
    make.put("acme-transcripts", "samples/greeting.mp3", clip("invoice.mp3"), 40, "audio/mpeg")


def _website(make: Builder) -> None:
    """No speech at all: nothing may be said about it."""
    make.bucket("acme-website", block=OPEN)
    make.put("acme-website", "index.html", b"<html></html>", 700, "text/html")
    make.put("acme-website", "logo.png", b"\x89PNG\r\n\x1a\n" + bytes(64), 700, "image/png")
