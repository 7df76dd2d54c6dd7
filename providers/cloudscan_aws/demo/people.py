"""The demo's keys, identities and logs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloudscan_aws.demo.estate import Builder

ACCOUNT = "123456789012"
VENDOR = "222222222222"
UNKNOWN_PARTY = "333333333333"
SUMMARIES = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:summarise-calls"


def arn(path: str) -> str:
    """Return the ARN of an identity of the account."""
    return f"arn:aws:iam::{ACCOUNT}:{path}"


def keys(make: Builder) -> dict[str, str]:
    """Create the customer keys; return their ARNs by alias."""
    kms = make.client("kms")
    made = {}
    for alias in ("speech-calls", "speech-voicemail", "speech-archive", "speech-transcripts"):
        document: dict[str, Any] = {
            "Version": "2012-10-17",
            "Statement": [_use("Owner", arn("root"), "kms:*")],
        }
        if alias == "speech-transcripts":
            document["Statement"] = [*document["Statement"], _use("ForTheVendor", "*", "kms:Decrypt")]
        made[alias] = kms.create_key(Description=alias, Policy=json.dumps(document))["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=made[alias])
    for alias in ("speech-voicemail", "speech-archive", "speech-transcripts"):
        kms.enable_key_rotation(KeyId=made[alias])
    kms.schedule_key_deletion(KeyId=made["speech-archive"].rpartition("/")[2], PendingWindowInDays=30)
    return made


def identities(make: Builder, keys: Mapping[str, str]) -> None:
    """Create users and roles, and the doors through which identities from elsewhere become some of them."""
    _users(make, keys)
    _services(make, keys)
    _application(make)
    _deployment(make)
    _vendor(make, keys["speech-calls"])


def _users(make: Builder, keys: Mapping[str, str]) -> None:
    """An administrator, and three who may read nothing themselves.

    Ben keeps the key of the calls from the days when he debugged the recorder. Cara is let into the transcriber's
    role by its trust. Dan may hand that role to a transcription job, and so reads calls as transcripts.
    """
    job = {"Effect": "Allow", "Action": ["transcribe:StartTranscriptionJob", "transcribe:GetTranscriptionJob"]}
    handing = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": arn("role/transcriber"),
        "Condition": {"StringEquals": {"iam:PassedToService": "transcribe.amazonaws.com"}},
    }
    iam = make.client("iam", "us-east-1")
    for name, statements in (
        ("ana", [_use_all()]),
        ("ben", [_use_all("logs:*"), _decrypt(keys["speech-calls"])]),
        ("cara", []),
        ("dan", [job | {"Resource": "*"}, handing]),
    ):
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=_document(*statements))


def _services(make: Builder, keys: Mapping[str, str]) -> None:
    """The roles of the call centre's own services. The export may fetch calls and not decrypt them."""
    transcribe, functions = ({"Service": f"{name}.amazonaws.com"} for name in ("transcribe", "lambda"))
    _role(
        make,
        "transcriber",
        [_trust(transcribe), _trust({"AWS": arn("user/cara")})],
        _read("acme-calls-raw/*", "acme-transcripts/out/*"),
        _decrypt(keys["speech-calls"], keys["speech-transcripts"]),
    )
    _role(make, "quality-review", [_trust({"AWS": arn("root")})], _use_all("s3:GetObject"), _use_all("kms:Decrypt"))
    _role(make, "call-export", [_trust(functions)], _read("acme-calls-raw/calls/*"))
    _role(
        make, "summariser", [_trust(functions)], _read("acme-transcripts/out/*"), _decrypt(keys["speech-transcripts"])
    )


def _application(make: Builder) -> None:
    """The app's identity pool: who is signed in reads their own voice notes, and a guest reads everybody's."""
    cognito = make.client("cognito-identity")
    made = cognito.create_identity_pool(IdentityPoolName="acme_app", AllowUnauthenticatedIdentities=True)
    pool, name = made["IdentityPoolId"], "cognito-identity.amazonaws.com"
    roles = {}
    for role, kind, folder in (
        ("app-guest", "unauthenticated", "*"),
        ("app-user", "authenticated", f"notes/${{{name}:sub}}/*"),
    ):
        terms = {"StringEquals": {f"{name}:aud": pool}, "ForAnyValue:StringLike": {f"{name}:amr": kind}}
        trust = _trust({"Federated": name}, "sts:AssumeRoleWithWebIdentity", **terms)
        _role(make, role, [trust], _read(f"acme-app-uploads/{folder}"))
        roles[kind] = arn(f"role/{role}")
    cognito.set_identity_pool_roles(IdentityPoolId=pool, Roles=roles)


def _deployment(make: Builder) -> None:
    """The pipeline of one repository may put new code into a function, and so acts with the function's role."""
    host = "token.actions.githubusercontent.com"
    iam = make.client("iam", "us-east-1")
    provider = iam.create_open_id_connect_provider(
        Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    terms = {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": "repo:acme/summaries:ref:refs/heads/main"}
    trust = _trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", StringEquals=terms)
    deploy = {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": SUMMARIES}
    _role(make, "ci-deploy", [trust], deploy)


def _vendor(make: Builder, key: str) -> None:
    """A trusted vendor's people help with calls, through a role that asks their account for no external id."""
    trust = _trust({"AWS": f"arn:aws:iam::{VENDOR}:root"})
    _role(make, "vendor-support", [trust], _read("acme-calls-raw/calls/*"), _decrypt(key))


def trail(make: Builder) -> None:
    """Log the reads of three of the buckets."""
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


def _role(make: Builder, name: str, trust: list[dict[str, Any]], *statements: dict[str, Any]) -> None:
    iam = make.client("iam", "us-east-1")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(*trust))
    iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=_document(*statements))


def _trust(principal: dict[str, str], action: str = "sts:AssumeRole", **terms: Any) -> dict[str, Any]:
    condition = {"Condition": terms} if terms else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action} | condition


def _read(*places: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": [f"arn:aws:s3:::{place}" for place in places]}


def _decrypt(*keys: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": list(keys)}


def _use(sid: str, principal: str, action: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}


def _use_all(action: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
