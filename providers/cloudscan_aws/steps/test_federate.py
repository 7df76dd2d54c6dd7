"""Providers of identities: which tokens they let in, and whether they are there at all."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan.model import ANYONE, Answer, Coverage, Federation
from cloudscan_aws.steps.test_support import ACCOUNT, READS, estate, identity, steps, trusting

HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
WEB = "sts:AssumeRoleWithWebIdentity"


def provider(*audiences: str) -> Federation:
    return Federation(PROVIDER, "aws", ACCOUNT, "", "oidc", HOST, guests=Answer.NO, audiences=audiences)


def asking_for(audience: str) -> Any:
    return trusting({"Federated": PROVIDER}, {"StringEquals": {f"{HOST}:aud": audience}}, WEB)


@pytest.mark.parametrize(
    ("audiences", "rulings"),
    [
        (("sts.amazonaws.com",), [Ruling.YES]),
        (("other.example.org", "sts.amazonaws.com"), [Ruling.YES]),
        (("other.example.org",), []),
        ((), [Ruling.IF]),
    ],
)
def test_a_token_has_an_audience_that_the_providers_record_lets_in(
    audiences: tuple[str, ...], rulings: list[Ruling]
) -> None:
    held = estate(provider(*audiences), identity("role", "deploy", READS, trust=asking_for("sts.amazonaws.com")))
    assert [edge.decision.ruling for edge in steps(held, "federate")] == rulings


def test_who_a_token_is_about_stays_open() -> None:
    condition = {"StringLike": {f"{HOST}:sub": "repo:acme/*"}}
    trust = trusting({"Federated": PROVIDER}, condition, WEB)
    (edge,) = steps(estate(provider("sts.amazonaws.com"), identity("role", "deploy", READS, trust=trust)), "federate")
    assert edge.sources == (PROVIDER,)
    assert keys(edge.decision.condition) == {f"{HOST}:sub"}
    assert edge.prove(PROVIDER, edge.targets[0])[0].reason.startswith("whoever signs in through")


@pytest.mark.parametrize(("answered", "rulings"), [(None, [Ruling.UNKNOWN]), (2, [Ruling.UNKNOWN]), (3, [])])
def test_a_provider_without_a_record_is_unknown_unless_all_were_read(
    answered: int | None, rulings: list[Ruling]
) -> None:
    seen = [] if answered is None else [Coverage("aws", ACCOUNT, "federations", 3, answered)]
    held = estate(identity("role", "deploy", READS, trust=asking_for("sts.amazonaws.com")), *seen)
    assert [edge.decision.ruling for edge in steps(held, "federate")] == rulings


def test_a_provider_where_anybody_signs_in_is_a_door_for_anyone() -> None:
    trust = trusting({"Federated": "accounts.google.com"}, None, WEB)
    (edge,) = steps(estate(identity("role", "app", READS, trust=trust)), "federate")
    assert (edge.sources, edge.decision.ruling) == ((ANYONE,), Ruling.YES)


def test_saml_comes_by_its_own_call() -> None:
    saml = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
    record = Federation(saml, "aws", ACCOUNT, "", "saml", "corp", guests=Answer.NO)
    ways = {
        call: steps(
            estate(record, identity("role", "sso", trust=trusting({"Federated": saml}, None, call))), "federate"
        )
        for call in ("sts:AssumeRoleWithSAML", WEB)
    }
    assert [len(found) for found in ways.values()] == [1, 0]
