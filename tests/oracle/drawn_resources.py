"""Drawing the resources of a world: buckets, keys, access points, roles' trust, and whom their policies name."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.oracle.drawn_statements import (
    ANA,
    ASR,
    BEN,
    BUCKET,
    COGNITO,
    FOREIGN_KEY,
    KEY,
    KEY_OF_AWS,
    OBJECT,
    OIDC,
    OWNER,
    PARTNER,
    POINT,
    READER,
    REGION,
    ROOT,
    SAML,
    SERVICE,
    SESSIONS,
    STRANGER,
    Draws,
    Topic,
    Weighted,
    arn,
    condition,
    pick,
    plain,
    policy,
    statement,
    wide,
)

LINKED = arn(OWNER, "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty")
OPS = arn("999999999999", "user/ops")
TARGET = arn(OWNER, "role/target")
_FLAGS = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]


_NAMED: list[Weighted] = [
    (5, "*"),
    (3, {"AWS": "*"}),
    (4, {"AWS": ROOT}),
    (2, {"AWS": [OWNER, PARTNER]}),
    (3, {"AWS": ANA}),
    (4, {"AWS": READER}),
    (2, {"AWS": SESSIONS[READER]}),
    (2, {"AWS": PARTNER}),
    (3, {"AWS": arn(PARTNER, "root")}),
    (3, {"AWS": [BEN, ASR]}),
    (1, {"AWS": SESSIONS[ASR]}),
    (4, {"AWS": [ANA, READER, BEN, ASR]}),
    (1, {"AWS": arn(OWNER, "user/*")}),
    (3, {"Service": SERVICE}),
    (1, {"Service": [SERVICE, "ec2.amazonaws.com"], "AWS": STRANGER}),
    (1, {"Federated": OIDC, "AWS": [LINKED, OPS]}),
]
_SPARED: list[Any] = [
    {"AWS": [ANA, ROOT]},
    {"AWS": [SESSIONS[READER], READER, OWNER]},
    {"AWS": [BEN, arn(PARTNER, "root")]},
    {"AWS": [ROOT]},
    {"Service": SERVICE},
    {"AWS": [ANA, ROOT, BEN, arn(PARTNER, "root")], "Service": [SERVICE]},
]


def named(random: Random, effect: str) -> Draws:
    """Draw whom a statement of a resource names."""
    if random.random() < (0.15 if effect == "Deny" else 0.04):
        return {"NotPrincipal": random.choice(_SPARED)}
    return {"Principal": pick(random, *_NAMED)}


def _resource_statement(random: Random, topic: Topic, effect: str | None = None) -> Draws:
    """Draw a statement of a resource's policy."""
    drawn = plain(random, topic) if random.random() < 0.5 else statement(random, topic, effect)
    return drawn | named(random, drawn["Effect"])


def draw_bucket(random: Random, topic: Topic) -> Draws:
    """Draw a bucket with one object."""
    inner = Topic(topic.action, OBJECT if topic.resource.endswith("raw/a.wav") else BUCKET)
    held = [_resource_statement(random, inner) for _ in range(random.randint(1, 3))]
    delegates = wide(Principal="*", Condition={"StringEquals": {"s3:DataAccessPointAccount": OWNER}})
    if topic.resource.startswith(POINT) and random.random() < 0.6:
        held.append(delegates)
    ownership = pick(random, (3, "BucketOwnerEnforced"), (1, "BucketOwnerPreferred"), (2, "ObjectWriter"))
    return {
        "name": "corpus",
        "account": OWNER,
        "region": REGION,
        "policy": pick(random, (1, None), (4, policy(random, held))),
        "acl": _acl(random),
        "bpa": draw_block(random),
        "ownership": ownership,
        "encryption": _encryption(random, of_bucket=True),
        "objects": [
            {
                "key": "raw/a.wav",
                "owner": pick(random, (7, OWNER), (2, PARTNER)),
                "acl": _acl(random),
                "tags": pick(random, (1, {}), (1, {"class": "public"}), (1, {"class": "secret"})),
                "encryption": pick(random, (3, None), (1, _encryption(random, of_bucket=False))),
            }
        ],
    }


def _acl(random: Random) -> list[Draws]:
    grantees = [{"grantee": "AllUsers"}, {"grantee": "AuthenticatedUsers"}]
    grantees += [{"grantee_account": PARTNER}, {"grantee_account": OWNER}]
    permissions = ["READ", "READ", "FULL_CONTROL", "WRITE", "READ_ACP", "WRITE_ACP"]
    return [
        {**random.choice(grantees), "permission": random.choice(permissions)}
        for _ in range(pick(random, (2, 0), (2, 1), (1, 2)))
    ]


def draw_block(random: Random) -> dict[str, bool]:
    """Draw the switches of Block Public Access at one level."""
    chosen = [(14, []), (2, ["RestrictPublicBuckets"]), (2, ["IgnorePublicAcls"]), (1, _FLAGS[:2]), (1, _FLAGS)]
    on = pick(random, *chosen)
    return {flag: flag in on for flag in _FLAGS}


def _encryption(random: Random, *, of_bucket: bool) -> Draws:
    modes: list[Weighted] = [(4, "SSE-S3"), (4, "SSE-KMS"), (1, "DSSE-KMS")]
    mode = pick(random, *modes, *([] if of_bucket else [(2, "SSE-C")]))
    if "KMS" not in mode:
        return {"mode": mode}
    key = pick(random, (8, {"key": KEY}), (2, {"key": FOREIGN_KEY}), (1, {"key": KEY_OF_AWS}), (1, {}))
    return {"mode": mode, **key, "bucket_key": random.random() < 0.3}


def draw_keys(random: Random, topic: Topic) -> list[Draws]:
    """Draw keys: the owner's, a partner's, and the one that AWS manages for S3."""
    return [
        _key(random, topic, KEY),
        _key(random, topic, FOREIGN_KEY),
        {"arn": KEY_OF_AWS, "account": OWNER, "manager": "AWS", "state": "Enabled", "policy": _OF_AWS, "grants": []},
    ]


_OF_AWS = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com", "kms:CallerAccount": OWNER}},
    },
}


def _key(random: Random, topic: Topic, name: str) -> Draws:
    """Draw a key with its policy and grants; the usual first statement lets the account's own policies count."""
    own, account = Topic(topic.action if topic.action.startswith("kms:") else "kms:Decrypt", name), name.split(":")[4]
    held = [wide(Principal={"AWS": arn(account, "root")})] if random.random() < 0.7 else []
    held += [_resource_statement(random, own) for _ in range(random.randint(0 if held else 1, 2))]
    return {
        "arn": name,
        "account": account,
        "manager": "CUSTOMER",
        "state": pick(random, (20, "Enabled"), (1, "Disabled"), (1, "PendingDeletion")),
        "policy": policy(random, held),
        "grants": [_grant(random) for _ in range(pick(random, (3, 0), (1, 1)))],
    }


def _grant(random: Random) -> Draws:
    about = random.choice([OBJECT, OBJECT, BUCKET, f"{BUCKET}/other"])
    constraint = {random.choice(["EncryptionContextSubset", "EncryptionContextEquals"]): {"aws:s3:arn": about}}
    return {
        "grantee": random.choice([ANA, READER, BEN, ASR, SESSIONS[READER], SERVICE]),
        "operations": random.choice([["Decrypt"], ["Decrypt", "DescribeKey"], ["GenerateDataKey"]]),
        "constraints": pick(random, (1, {}), (1, constraint)),
    }


def draw_access_point(random: Random, topic: Topic) -> Draws:
    """Draw a further door to the bucket."""
    origin = pick(random, (5, "Internet"), (1, "VPC"))
    own = topic if topic.resource.startswith(POINT) else Topic(topic.action, POINT)
    held = [_resource_statement(random, own) for _ in range(random.randint(1, 2))]
    return {
        "arn": POINT,
        "name": "asr",
        "account": OWNER,
        "bucket": "corpus",
        "network_origin": origin,
        "vpc": "vpc-1" if origin == "VPC" else None,
        "bpa": draw_block(random),
        "policy": pick(random, (1, None), (4, policy(random, held))),
    }


def draw_trust(random: Random, topic: Topic) -> Draws:
    """Draw who may assume a role."""
    token = "With" in topic.action
    action = topic.action if topic.action.startswith("sts:") else "sts:AssumeRole"
    held = []
    for _ in range(random.randint(1, 2)):
        drawn: Draws = {"Effect": pick(random, (6, "Allow"), (1, "Deny")), "Action": random.choice([action, "sts:*"])}
        if token:
            drawn |= _claimed(random)
        else:
            drawn |= condition(random, Topic(action, TARGET)) | named(random, drawn["Effect"])
        held.append(drawn)
    return policy(random, held)


def _claimed(random: Random) -> Draws:
    """Draw a statement about tokens: a provider, and conditions on its claims."""
    provider = random.choice([OIDC, COGNITO, SAML])
    claims: dict[str, list[Draws]] = {
        OIDC: [
            {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
            {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/asr:*"}},
            {"StringEquals": {"token.actions.githubusercontent.com:sub": ["repo:acme/asr:ref:refs/heads/main", "x"]}},
        ],
        COGNITO: [
            {"StringEquals": {f"{COGNITO}:aud": f"{REGION}:pool-1"}},
            {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}},
            {"ForAllValues:StringEquals": {f"{COGNITO}:amr": ["unauthenticated"]}},
        ],
        SAML: [
            {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            {"StringLike": {"SAML:sub": "a*"}},
        ],
    }
    block: dict[str, Any] = {}
    for test in random.sample(claims[provider], random.randint(0, 2)):
        for operator, keys in test.items():
            block[operator] = {**block.get(operator, {}), **keys}
    return {"Principal": {"Federated": provider}} | ({"Condition": block} if block else {})
