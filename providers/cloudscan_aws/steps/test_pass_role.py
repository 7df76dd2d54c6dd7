"""Roles passed: an administrator costs an edge a kind, however many roles there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from cloudscan.access import AccessGraph, Ruling, keys
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import speech
from cloudscan_aws import AwsProvider
from cloudscan_aws.steps.services import SERVICES
from cloudscan_aws.steps.test_support import (
    CALLS,
    MFA,
    READS,
    allow,
    arn,
    derived,
    estate,
    identity,
    pairs,
    steps,
    trusting,
)


def test_an_administrator_costs_one_edge_a_kind() -> None:
    people = [one for number in range(40) for one in identity("user", f"u{number:02d}", allow("*", "*"))]
    trust = trusting({"Service": [service.principal for service in SERVICES]})
    roles = [
        one
        for number in range(200)
        for one in identity(
            "role",
            f"r{number:03d}",
            READS,
            PUTS,
            trust=trust,
            instance_profiles=(f"p{number}",),
        )
    ]
    edges, _ = derived(estate(people, roles))
    counts = Counter(edge.kind for edge in edges if edge.sources[0].endswith("u00"))
    assert all(count == 1 for count in counts.values()), counts
    assert {f"pass-role:{service.name}" for service in SERVICES} <= counts.keys()
    assert all(len(edge.sources) == 40 for edge in edges if edge.kind.startswith("pass-role:"))


def test_a_speech_job_reads_and_changes_nothing() -> None:
    calls = allow(["iam:PassRole", "transcribe:StartTranscriptionJob", "transcribe:GetTranscriptionJob"], "*")
    media = identity("role", "media", READS, trust=trusting({"Service": "transcribe.amazonaws.com"}))
    (edge,) = steps(estate(identity("user", "ana", calls), media), "pass-role:transcribe")
    assert (edge.reads_only, edge.changes, edge.guise) == (True, False, False)


@pytest.mark.parametrize(
    ("service", "actions", "read"),
    [
        ("transcribe", ["transcribe:*"], {"a.mp4", "a.wav"}),
        ("batchoperations.s3", ["s3:CreateJob"], {"a.json", "a.mp4", "a.wav"}),
    ],
)
def test_a_speech_job_reads_what_has_sound_and_no_text(service: str, actions: list[str], read: set[str]) -> None:
    ana = identity("user", "ana", allow(["iam:PassRole", *actions], "*"))
    media = identity("role", "media", READS, PUTS, trust=trusting({"Service": f"{service}.amazonaws.com"}))
    rows = [
        speech("calls", key, encryption_mode="provider", acl="[]", media=kind)
        for key, kind in (("a.wav", "speech"), ("a.mp4", "video"), ("a.json", "transcript"))
    ]
    held = replace(estate(ana, media), objects=ObjectTable(rows=rows))
    graph = AccessGraph(AwsProvider().grants(held))
    assert {path.grant.example for path in graph.reached(arn("user", "ana"))} == read
    assert {path.grant.example for path in graph.reached(arn("role", "media"))} == {"a.json", "a.mp4", "a.wav"}


@pytest.mark.parametrize("region", ["eu-central-1", "ap-south-1"])
def test_a_new_thing_is_made_where_the_stores_of_the_account_lie(region: str) -> None:
    """A job reads media of its own region only ("Amazon Transcribe API Reference": Media)."""
    ana = identity("user", "ana", allow(["iam:PassRole", "transcribe:*"], "*"))
    media = identity("role", "media", READS, trust=trusting({"Service": "transcribe.amazonaws.com"}))
    (edge,) = steps(estate(ana, media, region=region), "pass-role:transcribe")
    jobs = [
        step.target for step in edge.prove(arn("user", "ana"), arn("role", "media")) if ":transcribe:" in step.target
    ]
    assert jobs
    assert all(job.startswith(f"arn:aws:transcribe:{region}:") for job in jobs)


@pytest.mark.parametrize(
    ("rights", "ruling"),
    [
        (allow("transcribe:*", "arn:aws:transcribe:us-east-1:*:*"), None),
        (allow("transcribe:*", "arn:aws:transcribe:eu-central-1:*:*"), Ruling.YES),
        (allow("transcribe:*", "*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), None),
        (allow("transcribe:*", "*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}), Ruling.YES),
    ],
)
def test_a_speech_job_reads_media_of_its_own_region_only(rights: object, ruling: Ruling | None) -> None:
    ana = identity("user", "ana", allow("iam:PassRole", "*"), rights)
    media = identity("role", "media", READS, trust=trusting({"Service": "transcribe.amazonaws.com"}))
    found = steps(estate(ana, media, region="eu-central-1"), "pass-role:transcribe")
    assert [edge.decision.ruling for edge in found] == ([] if ruling is None else [ruling])


def test_new_compute_lies_in_whichever_region_is_asked_for() -> None:
    """Its code reads the bucket wherever that lies."""
    elsewhere = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    calls = allow(["lambda:CreateFunction", "lambda:InvokeFunction"], "*", Condition=elsewhere)
    ana = identity("user", "ana", allow("iam:PassRole", "*"), calls)
    worker = identity("role", "worker", READS, trust=trusting({"Service": "lambda.amazonaws.com"}))
    (edge,) = steps(estate(ana, worker, region="eu-central-1"), "pass-role:lambda")
    assert edge.decision.ruling is Ruling.YES


PUTS = allow("s3:PutObject", "*")
COPIES = allow(["iam:PassRole", "s3:CreateJob"], "*")


@pytest.mark.parametrize(
    ("rights", "ruling"),
    [
        ([READS, PUTS], Ruling.YES),
        ([READS, allow("s3:PutObject", "*", Condition=MFA)], Ruling.IF),
        ([READS, allow("s3:PutObject", f"{CALLS}/reports/*")], None),
        ([READS, allow("s3:PutObject", "arn:aws:s3:::somebodys-bucket/*")], Ruling.UNKNOWN),
        ([READS], None),
    ],
)
def test_a_job_hands_over_what_its_role_may_put_somewhere(rights: list[object], ruling: Ruling | None) -> None:
    """From the "Amazon S3 User Guide", granting permissions for Batch Operations: the job's role writes the copies."""
    role = identity("role", "copier", *rights, trust=trusting({"Service": "batchoperations.s3.amazonaws.com"}))
    found = steps(estate(identity("user", "ana", COPIES), role), "pass-role:s3-batch")
    assert [edge.decision.ruling for edge in found] == ([] if ruling is None else [ruling])
    assert all(edge.reads_only and not edge.changes for edge in found)
    if ruling is Ruling.YES:
        proof = found[0].prove(arn("user", "ana"), arn("role", "copier"))
        assert (arn("role", "copier"), "s3:PutObject") in {(step.source, step.action) for step in proof}


def test_roles_that_put_elsewhere_are_told_apart() -> None:
    trust = trusting({"Service": "mediaconvert.amazonaws.com"})
    ana = identity("user", "ana", allow(["iam:PassRole", "mediaconvert:CreateJob"], "*"))
    roles = [identity("role", "wide", READS, PUTS, trust=trust), identity("role", "narrow", READS, trust=trust)]
    assert set(pairs(steps(estate(ana, *roles), "pass-role:mediaconvert"))) == {("user/ana", "role/wide")}


def test_conditions_of_different_calls_stand_side_by_side() -> None:
    """Each call is a request of its own: that one needs vpce-1 and the other vpce-2 is no contradiction."""
    ana = identity(
        "user",
        "ana",
        allow("iam:PassRole", "*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
        allow(
            ["lambda:CreateFunction", "lambda:InvokeFunction"],
            "*",
            Condition={"StringEquals": {"aws:SourceVpce": "vpce-2"}},
        ),
    )
    worker = identity("role", "worker", READS, trust=trusting({"Service": "lambda.amazonaws.com"}))
    (edge,) = steps(estate(ana, worker), "pass-role:lambda")
    assert edge.decision.ruling is Ruling.IF
    assert keys(edge.decision.condition) == {"aws:SourceVpce"}


def test_a_way_without_a_condition_settles_it() -> None:
    ana = identity(
        "user",
        "ana",
        allow(["iam:PassRole", "glue:CreateJob", "glue:CreateDevEndpoint"], "*"),
        allow("glue:StartJobRun", "*", Condition=MFA),
    )
    (edge,) = steps(
        estate(ana, identity("role", "etl", READS, trust=trusting({"Service": "glue.amazonaws.com"}))), "pass-role:glue"
    )
    assert edge.decision.ruling is Ruling.YES
    said = edge.prove(arn("user", "ana"), arn("role", "etl"))
    assert "(pathfinding.cloud glue-001)" in said[0].reason
    assert {step.action for step in said[1:]} == {"iam:PassRole", "sts:AssumeRole", "glue:CreateDevEndpoint"}


@pytest.mark.parametrize("service", SERVICES, ids=[service.name for service in SERVICES])
def test_every_way_of_every_service_names_its_source_and_calls_of_its_own(service: object) -> None:
    from cloudscan_aws.steps.service import Service

    assert isinstance(service, Service)
    for calls, source in service.alternatives:
        assert source
        assert calls
        assert all(
            call.on == "*" or call.on.format(partition="aws", region="r", account="a", name="n") for call in calls
        )
