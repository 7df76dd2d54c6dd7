"""What a request puts is what the endpoint answers, also where moto forgets it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan_aws.demo.server import Endpoint

Refusal = Callable[..., tuple[str, int]]
ACCOUNT = "123456789012"
LAST_YEAR = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
CALLS_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/calls"


def test_an_object_gets_the_date_that_is_set(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    s3.put_object(Bucket="calls", Key="old.wav", Body=b"RIFF")
    endpoint.set_last_modified("calls", "old.wav", LAST_YEAR)
    assert s3.head_object(Bucket="calls", Key="old.wav")["LastModified"] == LAST_YEAR
    assert s3.list_objects_v2(Bucket="calls")["Contents"][0]["LastModified"] == LAST_YEAR


def test_each_version_and_delete_marker_gets_its_own_date(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    s3.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="calls", Key="a.wav", Body=b"1")["VersionId"]
    s3.put_object(Bucket="calls", Key="a.wav", Body=b"2")
    s3.delete_object(Bucket="calls", Key="a.wav")
    endpoint.set_last_modified("calls", "a.wav", datetime(2020, 1, 1, tzinfo=UTC), version_id=first)
    endpoint.set_last_modified("calls", "a.wav", LAST_YEAR)
    listed = s3.list_object_versions(Bucket="calls")
    dates = {row["VersionId"]: row["LastModified"] for row in listed["Versions"]}
    assert dates[first] == datetime(2020, 1, 1, tzinfo=UTC)
    assert listed["DeleteMarkers"][0]["LastModified"] == LAST_YEAR


def test_a_date_for_nothing_or_without_a_zone_is_refused(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    s3.put_object(Bucket="calls", Key="a.wav", Body=b"1")
    for bucket, key, version in [("none", "a.wav", None), ("calls", "b.wav", None), ("calls", "a.wav", "v9")]:
        with pytest.raises(KeyError):
            endpoint.set_last_modified(bucket, key, LAST_YEAR, version)
    with pytest.raises(ValueError, match="time zone"):
        endpoint.set_last_modified("calls", "a.wav", LAST_YEAR.replace(tzinfo=None))
    with pytest.raises(KeyError):
        endpoint.set_transcription_times("none", region="us-east-1", created=LAST_YEAR)


def test_an_upload_gets_the_date_on_which_it_was_begun_or_that_is_set(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    first, second = (s3.create_multipart_upload(Bucket="calls", Key="a.wav")["UploadId"] for _ in range(2))
    endpoint.set_upload_begun(first, LAST_YEAR)
    begun = {one["UploadId"]: one["Initiated"] for one in s3.list_multipart_uploads(Bucket="calls")["Uploads"]}
    assert begun[first] == LAST_YEAR
    assert abs((datetime.now(UTC) - begun[second]).total_seconds()) < 600
    with pytest.raises(KeyError):
        endpoint.set_upload_begun("none", LAST_YEAR)
    with pytest.raises(ValueError, match="time zone"):
        endpoint.set_upload_begun(first, LAST_YEAR.replace(tzinfo=None))


def test_an_object_gets_the_owner_that_is_set(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    for key in ("a b.wav", "c.wav"):
        s3.put_object(Bucket="calls", Key=key, Body=b"RIFF")
    endpoint.set_object_owner("calls", "a b.wav", "f" * 64)
    contents = s3.list_objects_v2(Bucket="calls", FetchOwner=True)["Contents"]
    versions = s3.list_object_versions(Bucket="calls")["Versions"]
    for rows in (contents, versions):
        assert [row["Owner"]["ID"] == "f" * 64 for row in rows] == [True, False]
    assert s3.get_object_acl(Bucket="calls", Key="a b.wav")["Owner"] == {"ID": "f" * 64}
    assert s3.get_object_acl(Bucket="calls", Key="c.wav")["Owner"]["ID"] != "f" * 64
    assert "Owner" not in s3.list_objects_v2(Bucket="calls")["Contents"][0]


def start_job(transcribe: Any, name: str, **settings: Any) -> None:
    transcribe.start_transcription_job(
        TranscriptionJobName=name, Media={"MediaFileUri": "s3://calls/a.wav"}, LanguageCode="en-US", **settings
    )


def test_a_transcription_job_gets_the_times_that_are_set(endpoint: Endpoint) -> None:
    transcribe = endpoint.client("transcribe", "eu-west-1")
    for name in ("done", "queued"):
        start_job(transcribe, name)
    completed = LAST_YEAR.replace(hour=9)
    endpoint.set_transcription_times("done", region="eu-west-1", created=LAST_YEAR, completed=completed)
    endpoint.set_transcription_times("queued", region="eu-west-1", created=LAST_YEAR)
    job = transcribe.get_transcription_job(TranscriptionJobName="done")["TranscriptionJob"]
    assert job["TranscriptionJobStatus"] == "COMPLETED"
    assert job["CreationTime"] == job["StartTime"] == LAST_YEAR
    assert job["CompletionTime"] == completed
    rows = transcribe.list_transcription_jobs()["TranscriptionJobSummaries"]
    assert {(row["TranscriptionJobName"], row["TranscriptionJobStatus"]) for row in rows} == {
        ("done", "COMPLETED"),
        ("queued", "QUEUED"),
    }
    assert {row["CreationTime"] for row in rows} == {LAST_YEAR}


def test_transcription_settings_are_answered_as_they_were_asked(endpoint: Endpoint) -> None:
    transcribe = endpoint.client("transcribe")
    redaction = {"RedactionType": "PII", "RedactionOutput": "redacted", "PiiEntityTypes": ["NAME"]}
    execution = {
        "AllowDeferredExecution": True,
        "DataAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/transcribe",
    }
    model = {"LanguageModelName": "call-centre"}
    start_job(transcribe, "plain")
    start_job(
        transcribe,
        "careful",
        ContentRedaction=redaction,
        JobExecutionSettings=execution,
        ModelSettings=model,
        OutputBucketName="transcripts",
    )
    job = transcribe.get_transcription_job(TranscriptionJobName="careful")["TranscriptionJob"]
    assert job["ContentRedaction"] == redaction
    assert job["JobExecutionSettings"] == execution
    assert job["ModelSettings"] == model
    plain = transcribe.get_transcription_job(TranscriptionJobName="plain")["TranscriptionJob"]
    assert not {"ContentRedaction", "JobExecutionSettings", "ModelSettings"} & plain.keys()
    rows = {
        row["TranscriptionJobName"]: row for row in transcribe.list_transcription_jobs()["TranscriptionJobSummaries"]
    }
    assert rows["careful"]["ContentRedaction"] == redaction
    assert rows["careful"]["ModelSettings"] == model
    assert rows["careful"]["OutputLocationType"] == "CUSTOMER_BUCKET"
    assert "ContentRedaction" not in rows["plain"]


def test_lifecycle_rules_are_answered_as_they_were_put(endpoint: Endpoint, refusal: Refusal) -> None:
    sizes = {"ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 2**33}
    tags = [{"Key": "kind", "Value": "call"}, {"Key": "a&b", "Value": ""}]
    rules: list[dict[str, Any]] = [
        {"Filter": {"ObjectSizeGreaterThan": 500}, "Expiration": {"Days": 30}},
        {"Filter": {"And": {"Prefix": "calls/", "Tags": tags, **sizes}}, "Expiration": {"Days": 365}},
        {"Filter": {"And": {"Prefix": "big/", "ObjectSizeLessThan": 9}}, "Expiration": {"Days": 1}},
        {"Filter": {"Tag": tags[0]}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
        {"Filter": {"Prefix": ""}, "Expiration": {"Date": datetime(2027, 1, 1, tzinfo=UTC)}},
        {
            "Filter": {"Prefix": "v/"},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 10, "NewerNoncurrentVersions": 1, "StorageClass": "GLACIER"}
            ],
        },
        {"Prefix": "legacy/", "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]},
        {"Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    ]
    named = [{"ID": f"rule {n}", "Status": "Enabled" if n % 2 else "Disabled", **rule} for n, rule in enumerate(rules)]
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="calls")
    s3.put_bucket_lifecycle_configuration(Bucket="calls", LifecycleConfiguration={"Rules": named})
    assert s3.get_bucket_lifecycle_configuration(Bucket="calls")["Rules"] == named
    del named[0]["ID"]
    s3.put_bucket_lifecycle_configuration(Bucket="calls", LifecycleConfiguration={"Rules": named[:1]})
    answered = s3.get_bucket_lifecycle_configuration(Bucket="calls")["Rules"]
    assert answered == [{"ID": "generated-0", **named[0]}]
    s3.delete_bucket_lifecycle(Bucket="calls")
    assert refusal(s3.get_bucket_lifecycle_configuration, Bucket="calls") == ("NoSuchLifecycleConfiguration", 404)


def test_mfa_delete_is_answered_as_it_was_put(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    for bucket in ("calls", "other"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(
        Bucket="calls", MFA="device 123456", VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"}
    )
    s3.put_bucket_versioning(Bucket="other", VersioningConfiguration={"Status": "Suspended"})
    answers = {bucket: s3.get_bucket_versioning(Bucket=bucket) for bucket in ("calls", "other")}
    assert (answers["calls"]["Status"], answers["calls"]["MFADelete"]) == ("Enabled", "Enabled")
    assert answers["other"]["Status"] == "Suspended"
    assert "MFADelete" not in answers["other"]


def test_buckets_come_in_pages_with_their_regions(endpoint: Endpoint) -> None:
    s3 = endpoint.client("s3")
    for number in range(5):
        place = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket=f"calls-{number}", **({"CreateBucketConfiguration": place} if number % 2 else {}))
    s3.create_bucket(Bucket="other")
    pages = list(s3.get_paginator("list_buckets").paginate(Prefix="calls-", PaginationConfig={"PageSize": 2}))
    assert [len(page["Buckets"]) for page in pages] == [2, 2, 1]
    found = [(row["Name"], row["BucketRegion"]) for page in pages for row in page["Buckets"]]
    assert found == [(f"calls-{n}", "eu-west-1" if n % 2 else "us-east-1") for n in range(5)]
    assert pages[0]["Prefix"] == "calls-"
    assert [row["Name"] for row in s3.list_buckets(BucketRegion="eu-west-1")["Buckets"]] == ["calls-1", "calls-3"]
    # AWS names the Region only to a request that has a parameter.
    assert "BucketRegion" not in s3.list_buckets()["Buckets"][0]


def test_the_boundary_of_a_user_is_answered(endpoint: Endpoint) -> None:
    iam = endpoint.client("iam")
    boundary = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": CALLS_POLICY}
    iam.create_user(UserName="ana", PermissionsBoundary=CALLS_POLICY)
    for name in ("ben", "cyd"):
        iam.create_user(UserName=name)
        iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=CALLS_POLICY)
    iam.delete_user_permissions_boundary(UserName="cyd")
    details = iam.get_account_authorization_details()["UserDetailList"]
    found = {user["UserName"]: user.get("PermissionsBoundary") for user in details}
    assert found == {"ana": boundary, "ben": boundary, "cyd": None}
    assert iam.get_user(UserName="ben")["User"]["PermissionsBoundary"] == boundary
    assert "PermissionsBoundary" not in iam.get_user(UserName="cyd")["User"]


def test_the_roles_of_an_identity_pool_are_answered(endpoint: Endpoint, refusal: Refusal) -> None:
    cognito = endpoint.client("cognito-identity")
    pool = cognito.create_identity_pool(IdentityPoolName="app", AllowUnauthenticatedIdentities=True)
    pool_id = pool["IdentityPoolId"]
    answer = cognito.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert (answer["IdentityPoolId"], answer.get("Roles")) == (pool_id, None)
    roles = {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"}
    cognito.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    assert cognito.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"] == roles
    assert refusal(cognito.get_identity_pool_roles, IdentityPoolId="us-east-1:none") == (
        "ResourceNotFoundException",
        400,
    )


def test_only_enabled_regions_are_answered_unless_all_are_asked_for(endpoint: Endpoint) -> None:
    ec2 = endpoint.client("ec2")
    enabled = ec2.describe_regions()["Regions"]
    assert {region["OptInStatus"] for region in enabled} == {"opt-in-not-required"}
    assert not [region for region in enabled if region["RegionName"].startswith(("cn-", "us-gov-"))]
    every = ec2.describe_regions(AllRegions=True)["Regions"]
    assert {region["OptInStatus"] for region in every} == {"opt-in-not-required", "not-opted-in"}
    wanted = [{"Name": "region-name", "Values": ["eu-west-1", "us-east-1"]}]
    assert len(ec2.describe_regions(Filters=wanted)["Regions"]) == 2
