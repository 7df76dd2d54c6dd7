"""Drawing worlds and questions in the format of the worked access cases."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.oracle.drawn_resources import (
    LINKED,
    OPS,
    TARGET,
    draw_access_point,
    draw_block,
    draw_bucket,
    draw_keys,
    draw_trust,
)
from tests.oracle.drawn_statements import (
    ANA,
    ASR,
    BEN,
    BUCKET,
    COGNITO,
    KEY,
    MANAGEMENT,
    OBJECT,
    OIDC,
    ORG,
    OWNER,
    PARTNER,
    POINT,
    READER,
    REGION,
    ROOT,
    SAML,
    SERVICE,
    SESSIONS,
    Draws,
    Topic,
    arn,
    pick,
    plain,
    policy,
    statement,
    wide,
)

_TOPICS = [
    (12, Topic("s3:GetObject", OBJECT)),
    (2, Topic("s3:GetObjectVersion", OBJECT)),
    (1, Topic("s3:GetObjectAcl", OBJECT)),
    (1, Topic("s3:GetObjectTagging", OBJECT)),
    (3, Topic("s3:ListBucket", BUCKET)),
    (2, Topic("s3:PutBucketPolicy", BUCKET)),
    (1, Topic("s3:GetBucketAcl", BUCKET)),
    (3, Topic("s3:GetObject", f"{POINT}/object/raw/a.wav")),
    (1, Topic("s3:ListBucket", POINT)),
    (3, Topic("kms:Decrypt", KEY)),
    (1, Topic("kms:PutKeyPolicy", KEY)),
    (4, Topic("sts:AssumeRole", TARGET)),
    (2, Topic("sts:AssumeRoleWithWebIdentity", TARGET)),
    (1, Topic("sts:AssumeRoleWithSAML", TARGET)),
    (1, Topic("transcribe:StartTranscriptionJob", "*")),
    (1, Topic("iam:PassRole", TARGET)),
]


_EVERYBODY = [ANA, READER, ROOT, LINKED, BEN, ASR, arn(PARTNER, "root"), OPS, TARGET]


def worlds(random: Random, *, questions: int) -> Iterator[tuple[Draws, Draws]]:
    """Draw one world, and yield it with each of some questions about one thing in it."""
    topic = pick(random, *_TOPICS)
    world = draw_world(random, topic)
    for _ in range(questions):
        yield world, draw_question(random, topic)


def draw_world(random: Random, topic: Topic) -> Draws:
    """Draw a world whose policies are mostly about one topic."""
    return {
        "principals": [draw_principal(random, topic, name) for name in _EVERYBODY],
        "groups": [{"name": "staff", "account": OWNER, "identity_policies": [_held(random, topic)]}],
        "managed_policies": {"Managed": _held(random, topic)},
        "buckets": [draw_bucket(random, topic)],
        "account_bpa": {OWNER: draw_block(random)},
        "keys": draw_keys(random, topic),
        "access_points": [draw_access_point(random, topic)],
        "org": pick(random, (1, None), (1, _org(random, topic))),
    }


def _held(random: Random, topic: Topic) -> Draws:
    """Draw a policy of an identity; what reads an object under a key mostly may use keys too."""
    drawn = [plain(random, topic)] if random.random() < 0.6 else []
    drawn += [statement(random, topic) for _ in range(random.randint(0 if drawn else 1, 2))]
    if topic.action.startswith("s3:Get"):
        own = statement(random, Topic("kms:Decrypt", KEY), "Allow")
        drawn += pick(random, (2, [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]), (2, [own]), (1, []))
    return policy(random, drawn)


def draw_principal(random: Random, topic: Topic, name: str) -> Draws:
    """Draw an identity with all that may hang on it."""
    account = name.split(":")[4]
    kind = "root" if name.endswith(":root") else "role" if ":role/" in name else "user"
    drawn: Draws = {
        "arn": name,
        "account": account,
        "type": kind,
        "identity_policies": [],
        "boundary": None,
        "tags": pick(random, (2, {}), (2, {"folder": "raw"}), (1, {"folder": "RAW", "team": "asr"})),
    }
    if kind == "root":
        return drawn
    drawn["identity_policies"] = [_held(random, topic) for _ in range(pick(random, (1, 0), (4, 1), (1, 2)))]
    drawn["attached"] = pick(random, (4, []), (1, ["Managed"]))
    if kind == "user" and account == OWNER:
        drawn["groups"] = pick(random, (3, []), (1, ["staff"]))
    if name != LINKED:
        drawn["boundary"] = _limit(random, topic) if random.random() < 0.25 else None
    if kind == "role":
        drawn["trust_policy"] = draw_trust(random, topic)
        drawn["service_linked"] = name == LINKED
    return drawn


def _limit(random: Random, topic: Topic) -> Draws:
    """Draw what bounds an identity: all but something, or only something."""
    denied, only = statement(random, topic, "Deny"), statement(random, topic, "Allow")
    return policy(random, pick(random, (2, [wide(), denied]), (1, [wide()]), (2, [only]), (1, [plain(random, topic)])))


def _org(random: Random, topic: Topic) -> Draws:
    accounts = pick(random, (2, [OWNER, PARTNER]), (2, [OWNER]), (1, [PARTNER, MANAGEMENT]))
    return {
        "id": ORG,
        "management_account": MANAGEMENT,
        "accounts": {
            account: {"scp_levels": _scp_levels(random, topic), "rcp_levels": _rcp_levels(random, topic)}
            for account in accounts
        },
    }


def _scp_levels(random: Random, topic: Topic) -> list[list[Draws]]:
    full = policy(random, [wide()])
    levels = []
    for _ in range(random.randint(1, 3)):
        narrow = [policy(random, [statement(random, topic, "Allow")])] if random.random() < 0.15 else [full]
        denies = [policy(random, [statement(random, topic, "Deny")])] if random.random() < 0.3 else []
        levels.append(narrow + denies)
    return levels


def _rcp_levels(random: Random, topic: Topic) -> list[list[Draws]]:
    perimeter = wide(
        "Deny",
        Principal="*",
        Condition={
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )
    drawn = statement(random, topic, "Deny") | {"Principal": "*"}
    chosen = pick(random, (2, []), (1, [policy(random, [drawn])]), (1, [policy(random, [perimeter])]))
    return [[], chosen] if chosen else []


def draw_question(random: Random, topic: Topic) -> Draws:
    """Draw who asks, and everything that is known of the request: the rest is absent."""
    asker = _asker(random, topic)
    service = asker["principal"] == {"service": SERVICE}
    signed = isinstance(asker["principal"], str)
    return {
        **asker,
        "action": topic.action,
        "resource": topic.resource,
        "context": _network(random) | _of_call(random, service=service, signed=signed) | _of_topic(random, topic),
        "context_mode": "exact",
        "mode": "direct",
    }


def _network(random: Random) -> Draws:
    """Draw where a request comes from: through an endpoint nobody sees an address of the internet."""
    endpoint = {
        "aws:SourceVpce": random.choice(["vpce-1", "vpce-2"]),
        "aws:SourceVpc": random.choice(["vpc-1", "vpc-2"]),
        "aws:VpcSourceIp": random.choice(["10.0.0.4", "10.1.2.3"]),
    }
    address = {"aws:SourceIp": random.choice(["203.0.113.7", "198.51.100.1", "10.0.0.4", "2001:db8::1"])}
    chosen: Draws = pick(random, (2, address), (2, endpoint), (1, {}))
    return chosen


def _of_call(random: Random, *, service: bool, signed: bool) -> Draws:
    given: dict[str, list[Any]] = {
        "aws:SecureTransport": ["true", "false", True],
        "aws:CurrentTime": ["2025-01-01T00:00:00Z", "2026-06-01T10:00:00Z", "2030-01-01T00:00:00Z"],
        "aws:TagKeys": [["team"], ["Team", "cost-center"], ["x"]],
        "example:digest": ["YWJj"],
    }
    if service:
        given["aws:SourceAccount"] = [OWNER, PARTNER]
        given["aws:SourceArn"] = [f"arn:aws:transcribe:{REGION}:{OWNER}:job/7"]
    if signed:
        given["aws:MultiFactorAuthPresent"] = ["true", "false"]
        given["aws:MultiFactorAuthAge"] = ["60", "600", "3600"]
        given["aws:CalledVia"] = [["athena.amazonaws.com"], ["athena.amazonaws.com", "lambda.amazonaws.com"]]
    share = 0.7 if service else 0.35
    return {key: random.choice(values) for key, values in given.items() if random.random() < share}


def _of_topic(random: Random, topic: Topic) -> Draws:
    if topic.action == "s3:ListBucket" and random.random() < 0.7:
        return {"s3:prefix": random.choice(["raw/", "raw/2026/", "ana/", ""]), "s3:max-keys": "10"}
    if topic.action == "sts:AssumeRole" and random.random() < 0.5:
        return {"sts:ExternalId": random.choice(["voice-42", "voice-43", "x"])}
    if topic.action == "s3:GetObject" and random.random() < 0.4:
        return {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"}
    if topic.action == "kms:Decrypt" and random.random() < 0.4:
        return {"kms:EncryptionContext:aws:s3:arn": random.choice([OBJECT, BUCKET])}
    return {}


def _asker(random: Random, topic: Topic) -> Draws:
    if "With" in topic.action:
        return {"principal": _token(random)}
    outside = [(2, {"anonymous": True}), (2, {"service": SERVICE})] if topic.action[:3] in ("s3:", "sts") else []
    who = pick(
        random,
        (5, ANA),
        (6, READER),
        (1, SESSIONS[READER]),
        (1, ROOT),
        (1, LINKED),
        (4, BEN),
        (3, ASR),
        (1, arn(PARTNER, "root")),
        (1, OPS),
        *outside,
    )
    if who in (READER, ASR, LINKED):
        tags = pick(random, (3, {}), (1, {"folder": "raw"}))
        held = {"policy": _limit(random, topic)} if random.random() < 0.25 else {}
        return {"principal": who, "session": {"name": "job1", "tags": tags, **held}}
    return {"principal": who}


def _token(random: Random) -> Draws:
    provider = random.choice([OIDC, OIDC, COGNITO, SAML])
    claims: dict[str, list[Any]] = {
        OIDC: [
            {"aud": "sts.amazonaws.com", "sub": "repo:acme/asr:ref:refs/heads/main"},
            {"aud": "sts.amazonaws.com", "sub": "repo:evil/x:ref:refs/heads/main"},
            {"aud": "other", "sub": "repo:acme/asr:pull_request"},
        ],
        COGNITO: [
            {"aud": f"{REGION}:pool-1", "amr": ["authenticated"]},
            {"aud": f"{REGION}:pool-1", "amr": ["unauthenticated"]},
            {"aud": f"{REGION}:pool-2", "amr": ["authenticated", "graph.facebook.com"]},
        ],
        SAML: [{"aud": "https://signin.aws.amazon.com/saml", "sub": "ana"}, {"sub": "zoe"}],
    }
    return {"federated": provider, "claims": random.choice(claims[provider])}
