"""Drawing statements and conditions of policies from a small vocabulary, so that they often speak of one thing.

Everything here takes a ``random.Random``: hypothesis gives one that it can shrink, a long run a seeded one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

OWNER, PARTNER, STRANGER, MANAGEMENT = "111111111111", "222222222222", "333333333333", "999999999999"
ORG = "o-audio00001"
REGION = "eu-central-1"
BUCKET = "arn:aws:s3:::corpus"
OBJECT = f"{BUCKET}/raw/a.wav"
POINT = f"arn:aws:s3:{REGION}:{OWNER}:accesspoint/asr"
KEY = f"arn:aws:kms:{REGION}:{OWNER}:key/11111111-2222-4333-8444-555555555555"
FOREIGN_KEY = f"arn:aws:kms:{REGION}:{PARTNER}:key/22222222-2222-4333-8444-555555555555"
KEY_OF_AWS = f"arn:aws:kms:{REGION}:{OWNER}:key/99999999-2222-4333-8444-555555555555"
OIDC = f"arn:aws:iam::{OWNER}:oidc-provider/token.actions.githubusercontent.com"
SAML = f"arn:aws:iam::{OWNER}:saml-provider/corp"
COGNITO = "cognito-identity.amazonaws.com"
SERVICE = "transcribe.amazonaws.com"

Draws = dict[str, Any]


def arn(account: str, name: str) -> str:
    """Return the ARN of an identity, "user/ana" or "root"."""
    return f"arn:aws:iam::{account}:{name}"


ANA, READER, ROOT = arn(OWNER, "user/ana"), arn(OWNER, "role/reader"), arn(OWNER, "root")
BEN, ASR = arn(PARTNER, "user/ben"), arn(PARTNER, "role/team/asr")
SESSIONS = {
    READER: f"arn:aws:sts::{OWNER}:assumed-role/reader/job1",
    ASR: f"arn:aws:sts::{PARTNER}:assumed-role/asr/job1",
}


@dataclass(frozen=True)
class Topic:
    """What a question is about, so that policies are mostly about it too: its action and its resource."""

    action: str
    resource: str


Weighted = tuple[int, Any]


def pick(random: Random, *weighted: Weighted) -> Any:
    """Return one of some values by weight."""
    return random.choices([value for _, value in weighted], [weight for weight, _ in weighted])[0]


def some(random: Random, values: Sequence[Any]) -> Any:
    """Return one value, or now and then a list of two."""
    if random.random() < 0.25:
        return [random.choice(values), random.choice(values)]
    return random.choice(values)


def actions(random: Random, topic: Topic) -> Draws:
    """Draw what a statement says of actions."""
    service, _, name = topic.action.partition(":")
    exact = [topic.action, topic.action.upper(), topic.action[:-1] + "?"]
    wide = [f"{service}:{name[:3]}*", f"{service}:*", "*", f"{service}:*{name[-4:]}"]
    misses = [f"{topic.action}?", "ec2:*", f"{service}:Delete*", f"{service}:{name[:-2]}"]
    named = some(random, pick(random, (5, exact), (5, wide), (2, misses)))
    return {pick(random, (8, "Action"), (1, "NotAction")): named}


_OBJECTS = [
    OBJECT,
    f"{BUCKET}/*",
    f"{BUCKET}/raw/?.wav",
    "arn:aws:s3:::c*",
    f"{BUCKET}/${{aws:username}}/*",
    f"{BUCKET}/${{aws:PrincipalTag/folder}}/*",
    f"{BUCKET}/${{aws:PrincipalTag/folder, 'raw'}}/a.wav",
    f"{BUCKET}/raw/${{*}}.wav",
    f"{BUCKET}/RAW/*",
    f"{BUCKET}/raw",
    BUCKET,
]


def resources(random: Random, topic: Topic) -> Draws:
    """Draw what a statement says of resources."""
    near = _OBJECTS if topic.resource.startswith(BUCKET) else [topic.resource + "*", topic.resource[:-1] + "?"]
    if topic.resource.startswith(POINT):
        near = [f"{POINT}*", f"{POINT}/object/*", topic.resource, "arn:aws:s3:::corpus*"]
    if topic.resource == BUCKET:
        near = [BUCKET, "arn:aws:s3:::*", f"{BUCKET}/*", "arn:aws:s3:::corpu?", "arn:aws:s3:::Corpus"]
    choice = pick(random, (4, "*"), (4, topic.resource), (6, some(random, near)), (1, "arn:aws:s3:::other/*"))
    return {pick(random, (9, "Resource"), (1, "NotResource")): choice}


_SINGLE: dict[str, tuple[list[str], list[str]]] = {  # key: operators, values
    "aws:SourceVpce": (["String"], ["vpce-1", "vpce-2", "VPCE-1", "vpce-*"]),
    "aws:SourceVpc": (["String"], ["vpc-1", "vpc-2", "vpc-?"]),
    "aws:SourceIp": (["Ip"], ["203.0.113.0/24", "203.0.113.7", "0.0.0.0/1", "10.0.0.0/8", "2001:db8::/32", "::/0"]),
    "aws:VpcSourceIp": (["Ip"], ["10.0.0.0/16", "10.1.0.0/16"]),
    "aws:SecureTransport": (["Bool"], ["true", "false", "True"]),
    "aws:MultiFactorAuthPresent": (["Bool"], ["true", "false"]),
    "aws:MultiFactorAuthAge": (["Numeric"], ["60", "3600", "3600.5"]),
    "aws:CurrentTime": (["Date"], ["2025-01-01T00:00:00Z", "2026-06-01T12:00:00+02:00", "1767225600"]),
    "aws:PrincipalArn": (["Arn", "String"], [ANA, READER, BEN, arn(OWNER, "user/*"), arn("*", "role/*"), ROOT]),
    "aws:PrincipalOrgID": (["String"], [ORG, "o-other00001", "o-*"]),
    "aws:PrincipalAccount": (["String"], [OWNER, PARTNER]),
    "aws:PrincipalType": (["String"], ["User", "AssumedRole", "Account", "Anonymous"]),
    "aws:PrincipalIsAWSService": (["Bool"], ["true", "false"]),
    "aws:PrincipalServiceName": (["String"], [SERVICE, "*.amazonaws.com"]),
    "aws:PrincipalTag/folder": (["String"], ["raw", "RAW", "r*", ""]),
    "aws:username": (["String"], ["ana", "ANA", "b*"]),
    "aws:ResourceAccount": (["String"], [OWNER, PARTNER, "${aws:PrincipalAccount}"]),
    "aws:ResourceOrgID": (["String"], [ORG, "${aws:PrincipalOrgID}"]),
    "aws:SourceAccount": (["String"], [OWNER, PARTNER, "${aws:ResourceAccount}"]),
    "aws:SourceArn": (["Arn"], [f"arn:aws:transcribe:{REGION}:{OWNER}:job/*", "arn:aws:sns:*:*:x"]),
    "s3:ExistingObjectTag/class": (["String"], ["public", "secret", "${aws:PrincipalTag/folder}"]),
    "s3:prefix": (["String"], ["raw/", "raw/*", "${aws:username}/", ""]),
    "s3:max-keys": (["Numeric"], ["10", "1000"]),
    "s3:DataAccessPointAccount": (["String"], [OWNER, PARTNER]),
    "s3:DataAccessPointArn": (["Arn", "String"], [POINT, f"arn:aws:s3:{REGION}:{OWNER}:accesspoint/*"]),
    "s3:AccessPointNetworkOrigin": (["String"], ["VPC", "Internet"]),
    "kms:ViaService": (["String"], [f"s3.{REGION}.amazonaws.com", "s3.*.amazonaws.com", "ec2.*.amazonaws.com"]),
    "kms:CallerAccount": (["String"], [OWNER, PARTNER]),
    "kms:EncryptionContext:aws:s3:arn": (["Arn", "String"], [OBJECT, BUCKET, f"{BUCKET}/*"]),
    "sts:ExternalId": (["String"], ["voice-42", "voice-*"]),
    "example:digest": (["Binary"], ["YWJj", "YWJk"]),
}
_MANY: dict[str, list[str]] = {
    "aws:CalledVia": ["athena.amazonaws.com", "lambda.amazonaws.com", "a*"],
    "aws:TagKeys": ["team", "Team", "cost*"],
    "aws:PrincipalServiceNamesList": [SERVICE, "transcribe.*"],
}
_COMPARED = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
_OPERATORS = {
    "String": [
        "StringEquals",
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
    ],
    "Arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Bool": ["Bool"],
    "Numeric": [f"Numeric{name}" for name in _COMPARED],
    "Date": [f"Date{name}" for name in _COMPARED],
    "Binary": ["BinaryEquals"],
}
KEYS_OF_ALL = [
    "aws:SourceVpce",
    "aws:SourceVpc",
    "aws:SourceIp",
    "aws:VpcSourceIp",
    "aws:SecureTransport",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:CurrentTime",
    "aws:CalledVia",
    "aws:TagKeys",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalTag/folder",
    "aws:username",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SourceAccount",
    "aws:SourceArn",
    "example:digest",
]
_KEYS_OF = {
    "s3:": [
        "s3:ExistingObjectTag/class",
        "s3:prefix",
        "s3:max-keys",
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "s3:AccessPointNetworkOrigin",
        "aws:PrincipalServiceName",
    ],
    "kms": ["kms:ViaService", "kms:CallerAccount", "kms:EncryptionContext:aws:s3:arn"],
    "sts": ["sts:ExternalId"],
}


def condition(random: Random, topic: Topic) -> Draws:
    """Draw a condition block: mostly none, else one or two tests."""
    block: dict[str, dict[str, Any]] = {}
    for _ in range(pick(random, (11, 0), (7, 1), (2, 2))):
        operator, key, values = _test(random, topic)
        block.setdefault(operator, {})[key] = values
    return {"Condition": block} if block else {}


def _test(random: Random, topic: Topic) -> tuple[str, str, Any]:
    own = _KEYS_OF.get(topic.action[:3])
    key = random.choice(own if own and random.random() < 0.4 else KEYS_OF_ALL)
    if random.random() < 0.08:
        return "Null", _cased(random, key), random.choice(["true", "false", True])
    if key in _MANY:
        operator = random.choice(["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"])
        prefix = random.choice(["ForAllValues:", "ForAnyValue:"])
        values = _MANY[key]
    else:
        kinds, values = _SINGLE[key]
        operator = random.choice(_OPERATORS[random.choice(kinds)])
        prefix = pick(random, (12, ""), (1, "ForAllValues:"), (1, "ForAnyValue:"))
    suffix = pick(random, (4, ""), (1, "IfExists"))
    return f"{prefix}{operator}{suffix}", _cased(random, key), some(random, values)


def _cased(random: Random, key: str) -> str:
    """Names of keys have no case."""
    return key.lower() if random.random() < 0.1 else key


def plain(random: Random, topic: Topic) -> Draws:
    """Draw a statement that allows just what a question is about, now and then on a condition."""
    drawn: Draws = {"Effect": "Allow", "Action": topic.action, "Resource": topic.resource}
    return drawn | (condition(random, topic) if random.random() < 0.5 else {})


def statement(random: Random, topic: Topic, effect: str | None = None) -> Draws:
    """Draw a statement of an identity's policy."""
    drawn: Draws = {"Effect": effect or pick(random, (5, "Allow"), (1, "Deny"))}
    return drawn | actions(random, topic) | resources(random, topic) | condition(random, topic)


def policy(random: Random, statements: Sequence[Draws]) -> Draws:
    """Draw what stands around statements: the version of the language, and brackets that one may leave out."""
    version: Draws = pick(random, (8, {"Version": "2012-10-17"}), (1, {"Version": "2008-10-17"}), (1, {}))
    alone = len(statements) == 1 and random.random() < 0.2
    return version | {"Statement": statements[0] if alone else list(statements)}


def wide(effect: str = "Allow", **more: Any) -> Draws:
    """Return a statement about everything."""
    return {"Effect": effect, "Action": "*", "Resource": "*", **more}
