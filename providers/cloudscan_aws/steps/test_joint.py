"""Several identities in one hand: who is told, and what the proofs say of each."""

from __future__ import annotations

from typing import Any

from cloudscan.access import Edge, Grant, Ruling
from cloudscan.model import Answer, PolicyDocument
from cloudscan_aws.steps.test_support import (
    ACCOUNT,
    CALLS,
    MFA,
    READS,
    ROOT,
    allow,
    arn,
    calls,
    deny,
    derived,
    document,
    estate,
    identity,
    trusting,
)

ANA, HOP, BO = arn("user", "ana"), arn("role", "hop"), arn("user", "bo")
TO_HOP = allow("sts:AssumeRole", HOP)


def hop(*statements: Any) -> Any:
    return identity("role", "hop", *statements, trust=trusting(ROOT))


def granted(*records: Any) -> list[Grant]:
    _, grants = derived(estate(*records))
    return [grant for grant in grants if grant.by]


def told(*records: Any) -> list[Edge]:
    edges, _ = derived(estate(*records))
    return [edge for edge in edges if edge.guise]


def test_the_proof_of_a_widening_tells_the_way_to_who_widens_and_what_that_calls() -> None:
    (edge,) = told(identity("user", "ana", TO_HOP), hop(allow("iam:PutUserPolicy", ANA)))
    assert (edge.sources, edge.kind, edge.changes) == ((ANA,), "assume-role+iam:PutUserPolicy", True)
    first, *rest = edge.prove(ANA, f"{ANA} with widened rights")
    assert first.reason == f"{ANA} can have {HOP} write a policy of {ANA}"
    assert [(step.source, step.action) for step in rest if step.statement][-1] == (HOP, "iam:PutUserPolicy")
    assert any(step.action == "sts:AssumeRole" for step in rest)


def test_each_who_can_become_one_that_widens_all_is_widened_for_itself() -> None:
    people = [identity("user", name, TO_HOP) for name in ("ana", "bo")]
    found = {(edge.sources, edge.targets) for edge in told(*people, hop(allow("iam:AttachUserPolicy", "*")))}
    assert found == {((name,), (f"{name} with widened rights",)) for name in (ANA, BO)}


def test_who_can_have_every_right_anyhow_is_told_of_no_detour() -> None:
    ana = identity("user", "ana", TO_HOP, allow("iam:PutUserPolicy", ANA))
    (edge,) = told(ana, hop(allow("iam:PutUserPolicy", ANA)))
    assert (edge.sources, edge.kind) == ((ANA,), "iam:PutUserPolicy")


def test_a_condition_of_the_way_stays_with_what_is_widened() -> None:
    ana = identity("user", "ana", {**TO_HOP, "Condition": MFA})
    (edge,) = told(ana, hop(allow("iam:PutUserPolicy", ANA)))
    assert edge.decision.ruling is Ruling.IF


def test_an_opening_for_another_is_a_grant_of_who_holds_both() -> None:
    policy = {**deny("s3:GetObject*", f"{CALLS}/*"), "Principal": {"AWS": ANA}}
    held = PolicyDocument(f"{CALLS}#policy", "aws", ACCOUNT, "resource", (CALLS,), document(policy))
    ana = identity("user", "ana", READS, TO_HOP)
    found = granted(calls(has_policy=Answer.YES), held, ana, hop(allow("s3:DeleteBucketPolicy", CALLS)))
    (grant,) = [each for each in found if each.decision.ruling is Ruling.YES]
    assert (grant.principal, grant.by, grant.changes, grant.objects) == (ANA, "s3:DeleteBucketPolicy", True, 1)
    first, *rest = grant.steps
    assert first.reason == f"{ANA} rewrites what stands in the way, and lets {ANA} read"
    assert {(step.source, step.action) for step in rest if step.statement} == {
        (ANA, "sts:AssumeRole"),
        (HOP, "s3:DeleteBucketPolicy"),
        (ANA, "read"),
    }
