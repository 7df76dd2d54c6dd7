"""Providers of identities that somebody reconfigures: those that are there, and one that only a trust policy names."""

from __future__ import annotations

import pytest

from cloudscan.access import Ruling
from cloudscan.model import Answer, Coverage, Federation
from cloudscan_aws.steps.test_support import ACCOUNT, READS, allow, arn, estate, identity, steps, trusting

CORP = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
READER = identity("role", "reader", READS, trust=trusting({"Federated": CORP}, None, "sts:AssumeRoleWithSAML"))
RECORD = Federation(CORP, "aws", ACCOUNT, "", "saml", "corp", guests=Answer.NO)
ALL_READ = Coverage("aws", ACCOUNT, "federations", 1, 1)


@pytest.mark.parametrize(("call", "there"), [("iam:UpdateSAMLProvider", True), ("iam:CreateSAMLProvider", False)])
def test_one_that_is_there_is_updated_and_one_that_is_not_is_made(call: str, there: bool) -> None:
    ana = identity("user", "ana", allow(["iam:UpdateSAMLProvider", "iam:CreateSAMLProvider"], CORP))
    held = estate(ana, READER, ALL_READ, *([RECORD] if there else []))
    (edge,) = steps(held, "iam:UpdateSAMLProvider", "iam:CreateSAMLProvider")
    assert (edge.kind, edge.sources, edge.targets) == (call, (arn("user", "ana"),), (arn("role", "reader"),))
    assert (edge.decision.ruling, edge.changes) == (Ruling.YES, True)
    told = edge.prove(arn("user", "ana"), arn("role", "reader"))
    assert [step.action for step in told] == [call, call, "sts:AssumeRoleWithSAML"]
    assert told[0].reason.endswith(f"{CORP}, which the role {arn('role', 'reader')} trusts")


def test_one_that_may_be_there_is_not_made() -> None:
    ana = identity("user", "ana", allow("iam:CreateSAMLProvider", CORP))
    assert steps(estate(ana, READER), "iam:CreateSAMLProvider") == []
