"""A small call centre with something of everything that a report can say, hostile names included.

The golden reports are made of it. Its checks are its own, so that the reports change only when a format does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from cloudscan.access import ALWAYS, Decision, Edge, Grant, shown
from cloudscan.access.conditions import Unseen
from cloudscan.check import Check, World, check
from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    Account,
    Action,
    Answer,
    Coverage,
    Encryption,
    Finding,
    Gap,
    Job,
    MediaClass,
    MediaObject,
    Principal,
    Record,
    Severity,
    Step,
    Why,
)
from cloudscan.policy.file import parse_policy
from cloudscan.provider import Facet, Provider
from cloudscan.report import ScanResult
from cloudscan.scan import analyze
from cloudscan.snapshot import Manifest
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, NOW, edge, expire, gap, speech, store, transcript

OTHER = "222222222222"
CALLS, ARCHIVE, VOICEMAIL = (f"arn:aws:s3:::acme-{name}" for name in ("calls", "archive", "voicemail"))
HOSTILE = "line\nbreak \x1b[31mred\x1b[0m \u202egpj.exe [bold]markup[/bold] =1+1 <b>&amp; \u200bzero \u97f3\u58f0"
ELSEWHERE = dict.fromkeys(("gcp", "azure"), "Mend {name}.")


@check(
    severity=Severity.CRITICAL,
    needs=(Facet.POLICY, Facet.OBJECTS),
    remediation={
        "aws": "aws s3api put-public-access-block --bucket {name} --public-access-block-configuration"
        " BlockPublicPolicy=true,RestrictPublicBuckets=true\nThen remove the statement from the policy.",
        **ELSEWHERE,
    },
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",),
    controls=("cis-aws@5.0:2.1.4",),
)
def open_recordings(self: Check, world: World) -> Iterator[Finding]:
    """Recordings that anyone can read.

    A recording that needs no credentials to read is published.
    """
    for held in world.estate.stores_with(MediaClass.SPEECH):
        grants = world.access.on(held.id, Action.READ, principal=ANYONE)
        facts: dict[str, Any] = {"evidence": {"objects": sum(grant.objects for grant in grants)}}
        if world.estate.gaps_on(held.id, Facet.POLICY):
            yield self.unknown(held, f"the policy of {held.name} could not be read")
        elif grants:
            yield self.fail(held, "anyone on the internet can read 2 recordings", path=grants[0].steps, **facts)
        else:
            yield self.passed(held, "no statement lets anyone read", **facts)


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.LIFECYCLE,),
    remediation={"aws": "Add a lifecycle rule to {name}.", **ELSEWHERE},
)
def kept_forever(self: Check, world: World) -> Iterator[Finding]:
    """Recordings that no rule deletes.

    What nobody deletes is kept for ever.
    """
    for held in world.estate.stores_with(MediaClass.SPEECH):
        oldest = min(corpus.oldest for corpus in world.estate.corpora_of(held.id, MediaClass.SPEECH) if corpus.oldest)
        facts: dict[str, Any] = {"evidence": {"oldest": oldest, "share": 1 / 3, "formats": {"wav", "mp3"}}}
        if held.lifecycle is None:
            yield self.unknown(held, "the lifecycle rules could not be read", **facts)
        elif not held.lifecycle:
            yield self.fail(held, "no lifecycle rule deletes anything", locator="calls/", **facts)
        else:
            yield self.passed(held, "a rule deletes everything after 30 days")


@check(severity=Severity.HIGH, needs=(Facet.PRINCIPALS,), remediation={"aws": "Narrow the trust.", **ELSEWHERE})
def borrowed_role(self: Check, world: World) -> Iterator[Finding]:
    """Readers who first become somebody else.

    Who may assume a role may read what the role may read.
    """
    for grant in world.access.grants:
        if len(grant.steps) > 1:
            held = world.estate.stores[grant.store]
            yield self.fail(held, "a role can borrow another and read", locator=grant.principal, path=grant.steps)


@check(severity=Severity.LOW, needs=(Facet.JOBS,), remediation={"aws": "Turn redaction on.", **ELSEWHERE})
def unredacted(self: Check, world: World) -> Iterator[Finding]:
    """Jobs that keep what was said unredacted.

    A transcript is easier to search than a recording.
    """
    for job in world.estate.jobs.values():
        yield self.fail(job, f"the job {job.name} redacts nothing", locator=job.name)


@check(severity=Severity.HIGH, needs=(Facet.KEYS,), remediation={"aws": "Rotate it.", **ELSEWHERE})
def stale_key(self: Check, world: World) -> Iterator[Finding]:
    """Keys that are never renewed.

    An old key has had more time to leak.
    """
    for key in world.estate.keys.values():
        yield self.passed(key, "renewed")


CHECKS = (open_recordings, borrowed_role, kept_forever, unredacted, stale_key)


def result(*, shuffle: int | None = None) -> ScanResult:
    """Analyze the world, its records, gaps, objects and grants in another order for each ``shuffle``."""
    records, gaps, objects, grants = list(_records()), list(_gaps()), list(_objects()), list(_grants())
    if shuffle is not None:
        dice = random.Random(shuffle)  # noqa: S311 - an order, not a secret
        for things in (records, gaps, objects, grants):
            dice.shuffle(things)
    estate = Estate.of(records, gaps, ObjectTable(rows=objects), _manifest())
    policy = parse_policy(
        {
            "suppressions": [
                {
                    "check": "kept-forever",
                    "resource": ARCHIVE,
                    "reason": "litigation",
                    "owner": "legal",
                    "expires": date,
                }
                for date in ("2027-01-01",)
            ]
            + [{"check": "stale-key", "reason": "moved", "owner": "ops", "expires": "2026-01-01"}]
        }
    )
    given = cast("Provider", SimpleNamespace(grants=lambda _: iter(grants)))
    return analyze(estate, [given], CHECKS, policy, now=NOW, generated_at=NOW + timedelta(hours=9, microseconds=5))


def _records() -> Iterator[Record]:
    rule = expire(30, "thirty-days")
    key = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/11112222-3333-4444-5555-666677778888"
    yield Account(ACCOUNT, "aws", name="acme production")
    yield Account(OTHER, "aws", name=HOSTILE)
    yield store("acme-calls", lifecycle=(), encryption=Encryption("provider"), versioning="enabled")
    yield store("acme-archive", lifecycle=(), encryption=Encryption("customer", key), tls_required=Answer.YES)
    yield store("acme-voicemail", account=OTHER, region="us-east-1", created=NOW - timedelta(days=900))
    yield store("acme-dictation", account=OTHER, region="us-east-1")
    yield store("acme-transcripts", lifecycle=(rule,), tls_required=Answer.NO)
    yield store("acme-website", lifecycle=(rule,))
    yield Job(
        id=f"arn:aws:transcribe:eu-central-1:{ACCOUNT}:transcription-job/{HOSTILE}",
        provider="aws",
        account=ACCOUNT,
        region="eu-central-1",
        kind="transcription",
        name=HOSTILE,
        status="COMPLETED",
        created=NOW - timedelta(days=3),
        listed_until=NOW + timedelta(days=87),
        inputs=(f"{CALLS}/calls/a.wav",),
        outputs=("arn:aws:s3:::acme-transcripts/a.json",),
        output_owner="customer",
        redaction=Answer.NO,
    )
    yield Principal(f"arn:aws:iam::{ACCOUNT}:role/agent", "aws", ACCOUNT, "role", "agent")
    for account in (ACCOUNT, OTHER):
        for facet in (Facet.STORES, Facet.ENCRYPTION, Facet.JOBS, Facet.PRINCIPALS):
            yield Coverage("aws", account, facet, 3, 3)
    yield Coverage("aws", ACCOUNT, Facet.POLICY, 4, 4)
    yield Coverage("aws", OTHER, Facet.POLICY, 2, 1)
    yield Coverage("aws", ACCOUNT, Facet.LIFECYCLE, 4, 4)
    yield Coverage("aws", OTHER, Facet.LIFECYCLE, 2, 0)
    yield Coverage("aws", ACCOUNT, Facet.OBJECTS, 4, 4, 1)
    yield Coverage("aws", OTHER, Facet.OBJECTS, 2, 2)


def _gaps() -> Iterator[Gap]:
    for name in ("voicemail", "dictation"):
        yield gap(
            f"arn:aws:s3:::acme-{name}",
            Facet.LIFECYCLE,
            account=OTHER,
            region="us-east-1",
            operation="GetBucketLifecycleConfiguration",
            detail="AccessDenied",
            permission="s3:GetLifecycleConfiguration",
        )
    yield gap(CALLS, Facet.OBJECTS, Why.LIMIT, operation="ListObjectsV2", detail="stopped after 1000 keys")
    yield gap(VOICEMAIL, Facet.POLICY, Why.THROTTLED, account=OTHER, operation="GetBucketPolicy", detail="SlowDown")


def _objects() -> Iterator[MediaObject]:
    yield speech("acme-calls", "calls/a.wav", days=400, seconds=5400.0)
    yield speech("acme-calls", "calls/b.wav", days=12, seconds=1800.5, seconds_by="header", settled_by="signature")
    yield speech("acme-calls", HOSTILE, seconds=None)
    yield speech("acme-archive", "2019/all.flac", days=2400, seconds=360_000.0, format="flac")
    yield speech("acme-voicemail", "v/1.mp3", seconds=42.0, format="mp3")
    yield speech("acme-dictation", "d.opus", seconds=None, format="opus")
    yield transcript("acme-transcripts", "a.json", days=2.9)
    yield speech("acme-website", "blob", media=MediaClass.UNSETTLED, format=None, seconds=None)


def _grants() -> Iterator[Grant | Edge]:
    statement = 'policy of acme-calls, statement "PublicRead"'
    opened = Step(ANYONE, Action.READ, CALLS, "the bucket policy lets everybody read", statement=statement)
    yield Grant(
        ANYONE, Action.READ, CALLS, Decision(ALWAYS), shown(opened), MediaClass.SPEECH, 2, 2, 7200.5, "calls/a.wav"
    )
    agent = f"arn:aws:iam::{ACCOUNT}:role/agent"
    admin = f"arn:aws:iam::{ACCOUNT}:role/admin"
    chain = (
        Step(admin, "assume", agent, "the trust policy names the role", 'aws:MultiFactorAuthPresent is "true"'),
        Step(agent, Action.READ, ARCHIVE, 'an identity policy allows "s3:GetObject"'),
    )
    yield Grant(admin, Action.READ, ARCHIVE, Decision(ALWAYS), shown(*chain), MediaClass.SPEECH, 1, 1, 360_000.0)
    yield edge("arn:aws:iam::333333333333:root", "assume-role", admin, outside=True, account="333333333333")
    yield edge(f"arn:aws:iam::{ACCOUNT}:user/{HOSTILE}", "iam:CreateAccessKey", admin, changes=True)
    unseen = Decision(Unseen("the bucket policy was not seen"))
    yield Grant(ANYONE, Action.READ, VOICEMAIL, unseen, shown(), MediaClass.SPEECH, 1, 1, 42.0)


def _manifest() -> Manifest:
    began = datetime(2026, 11, 1, 8, tzinfo=UTC)
    return Manifest(
        scope={"aws": {"facets": [Facet.OBJECTS], "max_objects": 1000, "options": {"account": [ACCOUNT, OTHER]}}},
        callers=({"provider": "aws", "account": ACCOUNT, "identity": f"arn:aws:iam::{ACCOUNT}:role/scanner"},),
        started=began,
        finished=began + timedelta(minutes=4),
        tool="0.1.0",
        files={},
        digest="0" * 64,
    )
