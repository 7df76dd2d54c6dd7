"""Who comes through an identity pool, and by what: identities of other clouds, tokens, and what is unread."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Edge, Ruling, keys, sentence
from cloudscan.model import ANYONE, Answer, Federation, Principal, Record
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.policy.test_support import ASR, allow, binding, estate, person, role
from cloudscan_gcp.steps.federating import federated
from cloudscan_gcp.steps.scene import Scene

POOL = "projects/1001/locations/global/workloadIdentityPools/ci"
SET = f"principalSet://iam.googleapis.com/{POOL}"
OWN, OTHER = "111111111111", "222222222222"
TENANT, OBJECT = "72f988bf-0000", "9d0c1b2a-1111"
IDENTITY = f"entra:{OBJECT}"
TOKENS = "roles/iam.workloadIdentityUser"


def provider(kind: str = "aws", **facts: Any) -> Federation:
    told: dict[str, Any] = {"condition": "", "mapping": {}, "enabled": Answer.YES, "trusted_account": OWN}
    return Federation(f"{POOL}/providers/one", "gcp", "calls", "", kind, "ci/one", **(told | facts))


def entra(**facts: Any) -> Federation:
    issuer = f"https://sts.windows.net/{TENANT}/"
    return provider("oidc", issuer=issuer, **({"mapping": {"google.subject": "assertion.sub"}} | facts))


def aws(name: str, account: str = OWN) -> Principal:
    kind, _, short = name.partition("/")
    return Principal(f"arn:aws:iam::{account}:{name}", "aws", account, kind, short)


def coming(member: str, *records: Record) -> dict[str, Edge]:
    """Return the edges to a member by who takes them."""
    user = role(TOKENS, "iam.serviceAccounts.getAccessToken")
    held = estate(user, person(ASR, enabled=Answer.YES), allow(ASR, binding(TOKENS, member)), *records)
    return {name: edge for edge in federated(Scene(Facts(held))) for name in edge.sources if member in edge.targets}


def test_roles_and_users_of_the_trusted_account_come_as_the_whole_pool_and_no_others() -> None:
    found = coming(f"{SET}/*", provider(), aws("role/asr"), aws("user/ana"), aws("role/asr", OTHER))
    assert set(found) == {f"arn:aws:iam::{OWN}:role/asr", f"arn:aws:iam::{OWN}:user/ana"}
    assert {edge.decision.ruling for edge in found.values()} == {Ruling.YES}
    assert not any(edge.outside for edge in found.values())  # they are the estate's own, in another cloud


ROOT = f"arn:aws:iam::{OWN}:root"


@pytest.mark.parametrize(
    ("member", "condition", "rulings"),
    [
        (f"{SET}/*", "", [Ruling.YES]),
        (f"{SET}/*", f"assertion.arn.startsWith('arn:aws:sts::{OWN}:assumed-role/only/')", [Ruling.IF]),
        (f"{SET}/*", f"assertion.account == '{OTHER}'", []),
        (f"{SET}/attribute.aws_role/arn:aws:sts::{OWN}:assumed-role/asr", "", [Ruling.IF]),
        (f"{SET}/attribute.aws_role/arn:aws:sts::{OTHER}:assumed-role/asr", "", []),
        (f"{SET}/subject/arn:aws:sts::{OTHER}:assumed-role/asr/one", "", []),
    ],
)
def test_an_account_that_was_not_scanned_comes_as_a_party_outside(
    member: str, condition: str, rulings: list[Ruling]
) -> None:
    """Configure Workload Identity Federation with AWS or Azure: a provider takes the identities of one account."""
    member = member.replace("principalSet", "principal") if "/subject/" in member else member
    found = coming(member, provider(condition=condition, mapping=None))
    assert [found[name].decision.ruling for name in found] == rulings
    assert all((name, edge.outside, edge.account) == (ROOT, True, OWN) for name, edge in found.items())


def test_a_role_comes_as_its_attribute_and_not_as_that_of_another() -> None:
    member = f"{SET}/attribute.aws_role/arn:aws:sts::{OWN}:assumed-role/asr"
    assert set(coming(member, provider(), aws("role/asr"), aws("role/web"))) == {f"arn:aws:iam::{OWN}:role/asr"}


def test_what_an_expression_of_ones_own_makes_of_a_role_is_not_known() -> None:
    mapping = {"google.subject": "assertion.arn", "attribute.aws_role": "assertion.arn.extract('assumed-role/{r}/')"}
    found = coming(f"{SET}/attribute.aws_role/asr", provider(mapping=mapping), aws("role/asr"))
    assert [edge.decision.ruling for edge in found.values()] == [Ruling.UNKNOWN]


def test_a_claim_that_would_have_two_values_lets_nobody_in() -> None:
    condition = "assertion.team == 'audio' && assertion.team == 'video'"
    assert coming(f"{SET}/*", provider("oidc", issuer="https://id.acme.example", condition=condition)) == {}


def test_a_group_of_a_token_is_one_of_several() -> None:
    mapping = {"google.subject": "assertion.sub", "google.groups": "assertion.groups"}
    issuer = provider("oidc", issuer="https://id.acme.example", mapping=mapping)
    (edge,) = coming(f"{SET}/group/audio", issuer).values()
    assert sentence(edge.decision.condition) == "a value of assertion.groups is audio"


def test_the_name_of_a_session_is_whoever_opens_its() -> None:
    member = f"principal://iam.googleapis.com/{POOL}/subject/arn:aws:sts::{OWN}:assumed-role/asr/nightly"
    (edge,) = coming(member, provider(), aws("role/asr"), aws("role/web")).values()
    assert edge.decision.ruling is Ruling.IF
    assert keys(edge.decision.condition) == {"assertion.arn"}


@pytest.mark.parametrize(
    ("condition", "rulings"),
    [
        (f"assertion.account == '{OWN}'", [Ruling.YES]),
        (f"assertion.account == '{OTHER}'", []),
        (f"attribute.aws_role == 'arn:aws:sts::{OWN}:assumed-role/asr'", [Ruling.YES]),
        (f"attribute.aws_role == 'arn:aws:sts::{OWN}:assumed-role/web'", []),
        ("assertion.userid == 'x'", [Ruling.IF]),
        (f"assertion.arn.startsWith('arn:aws:sts::{OWN}:assumed-role/asr/')", [Ruling.YES]),
        (f"assertion.arn.startsWith('arn:aws:sts::{OWN}:assumed-role/')", [Ruling.YES]),
        (f"assertion.arn.startsWith('arn:aws:sts::{OWN}:assumed-role/web/')", []),
        (f"!assertion.arn.startsWith('arn:aws:sts::{OWN}:assumed-role/asr/')", []),
        (f"assertion.arn.startsWith('arn:aws:sts::{OWN}:assumed-role/asr/nightly')", [Ruling.IF]),
        (f"assertion.arn == 'arn:aws:sts::{OWN}:assumed-role/web/nightly'", []),
        (f"assertion.arn == 'arn:aws:sts::{OWN}:assumed-role/asr/nightly'", [Ruling.IF]),
        (f"assertion.arn != 'arn:aws:sts::{OWN}:assumed-role/web/nightly'", [Ruling.YES]),
        ("assertion.arn.contains(':assumed-role/asr/')", [Ruling.YES]),
        ("assertion.arn.contains('nightly')", [Ruling.IF]),
        ("assertion.arn.endsWith('/nightly')", [Ruling.IF]),
        (f"google.subject.startsWith('arn:aws:sts::{OWN}:assumed-role/web/')", []),
        (f"attribute.aws_role in ['arn:aws:sts::{OWN}:assumed-role/web']", []),
        (None, [Ruling.UNKNOWN]),
    ],
)
def test_the_attribute_condition_is_asked_of_a_role(condition: str | None, rulings: list[Ruling]) -> None:
    found = coming(f"{SET}/*", provider(condition=condition), aws("role/asr"))
    assert [edge.decision.ruling for edge in found.values()] == rulings


@pytest.mark.parametrize(
    ("condition", "comes"),
    [
        (f"assertion.arn == 'arn:aws:iam::{OWN}:user/ana'", True),
        (f"assertion.arn == 'arn:aws:iam::{OWN}:user/bo'", False),
        (f"google.subject.startsWith('arn:aws:sts::{OWN}:assumed-role/')", False),
        ("assertion.arn.contains(':user/')", True),
    ],
)
def test_the_attribute_condition_is_asked_of_a_user_whose_arn_is_known(condition: str, comes: bool) -> None:
    found = coming(f"{SET}/*", provider(condition=condition), aws("user/ana"))
    assert [edge.decision.ruling for edge in found.values()] == ([Ruling.YES] if comes else [])


@pytest.mark.parametrize(
    ("condition", "comes"),
    [
        (f"google.subject == '{OBJECT}'", True),
        ("google.subject == 'another'", False),
        (f"assertion.tid == '{TENANT}'", True),
    ],
)
def test_the_attribute_condition_is_asked_of_an_identity_of_entra(condition: str, comes: bool) -> None:
    one = Principal(IDENTITY, "azure", TENANT, "service-account", "asr", unique_id="the-application")
    found = coming(f"{SET}/*", entra(condition=condition), one)
    assert (IDENTITY in found) is comes
    assert not comes or found[IDENTITY].decision.ruling is Ruling.YES


def test_an_identity_of_entra_comes_as_its_object_id() -> None:
    member = f"principal://iam.googleapis.com/{POOL}/subject/{OBJECT}"
    one = Principal(IDENTITY, "azure", TENANT, "service-account", "asr", unique_id="the-application")
    other = Principal("entra:other", "azure", "", "service-account", "web", unique_id=OBJECT)
    found = coming(member, entra(), one, other)
    assert found[IDENTITY].decision.ruling is Ruling.YES
    assert "entra:other" not in found


def test_identities_of_the_tenant_come_as_the_whole_pool() -> None:
    one = Principal(IDENTITY, "azure", TENANT, "service-account", "asr", unique_id="the-application")
    other = Principal("entra:far", "azure", "another", "service-account", "far")
    application = Principal("app:the-application", "azure", TENANT, "application", "asr")
    group = Principal("entra:team", "azure", TENANT, "group", "team")
    found = coming(f"{SET}/*", entra(), one, other, application, group)
    assert [name for name in found if name.startswith(("entra:", "app:"))] == [IDENTITY]


def test_whoever_an_issuer_gives_a_token_comes_on_what_the_token_says() -> None:
    mapping = {"google.subject": "assertion.sub", "attribute.team": "assertion.team"}
    issuer = provider("oidc", issuer="https://id.acme.example", mapping=mapping)
    (edge,) = coming(f"{SET}/attribute.team/audio", issuer).values()
    assert edge.sources == (issuer.id,)
    assert edge.outside
    assert keys(edge.decision.condition) == {"assertion.team"}


@pytest.mark.parametrize(
    ("facts", "rulings"),
    [
        ({}, [Ruling.YES]),
        ({"condition": "assertion.ref == 'refs/heads/main'"}, [Ruling.YES]),
        ({"condition": "assertion.repository_owner == 'acme'"}, []),
        ({"condition": "assertion.something == 'acme'"}, [Ruling.IF]),
        ({"condition": "assertion.iss == 'https://gitlab.com'"}, []),
        ({"condition": None}, [Ruling.UNKNOWN]),
        ({"enabled": Answer.NO}, []),
        ({"issuer": "https://id.acme.example"}, []),
    ],
)
def test_anyone_comes_with_a_token_of_an_open_issuer_that_says_what_they_choose(
    facts: dict[str, Any], rulings: list[Ruling]
) -> None:
    told = {"issuer": "https://token.actions.githubusercontent.com", "mapping": {"google.subject": "assertion.sub"}}
    found = coming(f"{SET}/*", provider("oidc", **(told | facts)))
    assert [edge.decision.ruling for name, edge in found.items() if name == ANYONE] == rulings


def test_what_a_provider_makes_of_tokens_may_be_unread() -> None:
    found = coming(f"{SET}/attribute.team/audio", provider("oidc", issuer="https://id.acme.example", mapping=None))
    assert [edge.decision.ruling for edge in found.values()] == [Ruling.UNKNOWN]


def test_the_proof_names_the_provider() -> None:
    source = f"arn:aws:iam::{OWN}:role/asr"
    proof = coming(f"{SET}/*", provider(), aws("role/asr"))[source].prove(source, f"{SET}/*")
    assert f"{POOL}/providers/one" in proof[0].reason
