"""The demo's keys, identities and logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloudscan_aws.demo.estate import Builder

ACCOUNT = "123456789012"


def keys(make: Builder) -> dict[str, str]:
    """Create the customer keys; return their ARNs by alias."""
    kms = make.client("kms")
    made = {}
    for alias in ("speech-calls", "speech-voicemail", "speech-archive", "speech-transcripts"):
        document: dict[str, Any] = {
            "Version": "2012-10-17",
            "Statement": [_use("Owner", f"arn:aws:iam::{ACCOUNT}:root", "kms:*")],
        }
        if alias == "speech-transcripts":
            document["Statement"] = [*document["Statement"], _use("ForTheVendor", "*", "kms:Decrypt")]
        arn = kms.create_key(Description=alias, Policy=json.dumps(document))["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=arn)
        made[alias] = arn
    for alias in ("speech-voicemail", "speech-archive", "speech-transcripts"):
        kms.enable_key_rotation(KeyId=made[alias])
    kms.schedule_key_deletion(KeyId=made["speech-archive"].rpartition("/")[2], PendingWindowInDays=30)
    return made


def identities(make: Builder) -> None:
    """Create users and roles, the app's identity pool, and the trail that logs one bucket only."""
    iam = make.client("iam", "us-east-1")
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}
    one = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-calls-raw/calls/*"}
    app = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-app-uploads/*"}
    for name, trusted, statement in (
        ("transcriber", {"Service": "transcribe.amazonaws.com"}, read),
        ("quality-review", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, read),
        ("call-export", {"Service": "lambda.amazonaws.com"}, one),
        ("app-guest", {"Federated": "cognito-identity.amazonaws.com"}, app),
    ):
        action = "sts:AssumeRoleWithWebIdentity" if "Federated" in trusted else "sts:AssumeRole"
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": trusted, "Action": action}]}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=_document(statement))
    iam.create_user(UserName="ana")
    iam.put_user_policy(UserName="ana", PolicyName="admin", PolicyDocument=_document(_use_all()))
    iam.create_user(UserName="ben")
    iam.put_user_policy(UserName="ben", PolicyName="logs", PolicyDocument=_document(_use_all("logs:*")))
    _app(make)
    _trail(make)


def _app(make: Builder) -> None:
    cognito = make.client("cognito-identity")
    pool = cognito.create_identity_pool(IdentityPoolName="acme_app", AllowUnauthenticatedIdentities=True)[
        "IdentityPoolId"
    ]
    guest = f"arn:aws:iam::{ACCOUNT}:role/app-guest"
    cognito.set_identity_pool_roles(IdentityPoolId=pool, Roles={"unauthenticated": guest})


def _trail(make: Builder) -> None:
    make.bucket("acme-logs")
    trail = make.client("cloudtrail")
    trail.create_trail(Name="reads", S3BucketName="acme-logs", IsMultiRegionTrail=True)
    trail.start_logging(Name="reads")
    logged = [f"arn:aws:s3:::{name}/" for name in ("acme-calls-raw", "acme-voicemail", "acme-archive")]
    trail.put_event_selectors(
        TrailName="reads",
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": logged}],
            }
        ],
    )


def _use(sid: str, principal: str, action: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}


def _use_all(action: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
