"""Tokens from elsewhere: whose they are, where the estate knows, and what stands for whom it does not know."""

from __future__ import annotations

import pytest

from cloudscan.access import Ruling
from cloudscan.model import Answer, Principal, Record
from cloudscan.testing import pairs
from cloudscan_azure.policy.test_support import ACCOUNT, ASR, assigned, estate
from cloudscan_azure.steps.test_support import APP, door, service, steps

AWS_ROLE = "arn:aws:iam::111122223333:role/transcriber"
GOOGLE = "serviceAccount:asr@calls.iam.gserviceaccount.com"
ELSEWHERE = (
    Principal(AWS_ROLE, "aws", "111122223333", "role", "transcriber"),
    Principal(GOOGLE, "gcp", "calls", "service-account", "asr", unique_id="104"),
)


@pytest.mark.parametrize(
    ("issuer", "subject", "source"),
    [
        ("https://accounts.google.com", "104", GOOGLE),
        ("https://accounts.google.com", "105", "door"),
        ("https://a1b2.tokens.sts.global.api.aws", AWS_ROLE, AWS_ROLE),
        ("https://a1b2.tokens.sts.global.api.aws", f"{AWS_ROLE}-2", "door"),
        ("https://sts.example/a1b2.tokens.sts.global.api.aws", AWS_ROLE, "door"),
        ("https://login.microsoftonline.com/tenant-2/v2.0", "asr", ASR),
        ("https://token.actions.githubusercontent.com", "repo:acme/calls:ref:refs/heads/main", "door"),
    ],
)
def test_whose_token_lets_somebody_in(issuer: str, subject: str, source: str) -> None:
    held = estate(service(APP), assigned(ACCOUNT, "reader", APP), door(issuer, subject, APP), *ELSEWHERE)
    (edge,) = steps(held, "federate")
    assert list(pairs([edge])) == [(source, APP)]
    assert edge.decision.ruling is Ruling.YES
    assert edge.outside is (source == "door")
    assert not edge.changes
    became, through = edge.prove(source, APP)
    assert (through.source, through.action, through.target) == (became.source, "federate", APP)
    assert through.reason == f"door lets in whoever has a token of {issuer} with the subject {subject}"


def test_a_door_whose_tokens_an_expression_tells_is_not_known() -> None:
    expression = "claims['sub'] matches 'repo:acme/*'"
    (edge,) = steps(estate(service(APP), door("https://gitlab.com", "", APP, condition=expression)), "federate")
    assert edge.decision.ruling is Ruling.UNKNOWN
    assert "repo:acme/*" in str(edge.decision.unseen)
    said = f"door lets in whoever has a token of https://gitlab.com with claims that fit {expression!r}"
    assert edge.prove("door", APP)[1].reason == said


@pytest.mark.parametrize("records", [(service(APP, enabled=Answer.NO),), ()])
def test_nobody_comes_as_who_is_disabled(records: tuple[Record, ...]) -> None:
    issuer = "https://token.actions.githubusercontent.com"
    assert bool(steps(estate(*records, door(issuer, "repo:acme/calls", APP)), "federate")) is not bool(records)
    closed = door(issuer, "repo:acme/calls", APP, enabled=Answer.NO)
    assert steps(estate(service(APP), closed), "federate") == []
