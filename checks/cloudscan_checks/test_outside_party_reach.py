"""What outside_party_reach must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Decision, Edge
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Account,
    Action,
    Answer,
    Confidence,
    Federation,
    Finding,
    Gap,
    MediaClass,
    Principal,
    Severity,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, edge, findings, gap, grant, principal, speech, world
from cloudscan_checks.outside_party_reach import outside_party_reach

AUDIO = speech("calls", "a.wav")
SUPPORT, EXPORT = principal("support"), principal("export")
VENDOR = "222222222222"
ROOT = f"arn:aws:iam::{VENDOR}:root"
TRUSTED: dict[str, object] = {"trusted": [{"account": VENDOR, "name": "Example Speech Analytics"}]}
AGREED = Test("sts:ExternalId", Operator.EQUALS, (glob("x1"),))
OURS = Test("aws:PrincipalOrgID", Operator.EQUALS, (glob("o-ours"),))
READ = grant(SUPPORT.id, Action.READ, "calls", media=MediaClass.SPEECH, objects=1, seconds=60)


def takes(source: str = ROOT, condition: Condition = ALWAYS, agreed: Answer = Answer.NO, account: str = VENDOR) -> Edge:
    return edge(source, "assume-role", SUPPORT.id, condition=condition, outside=True, agreed_id=agreed, account=account)


def judged(*things: object, policy: dict[str, object] | None = None) -> list[Finding]:
    seen = world(*things, policy=policy, strangers={OURS: Answer.NO})  # type: ignore[arg-type]
    return findings(outside_party_reach, seen)


def test_a_party_that_nobody_named_is_found_at_the_identity_it_takes_on(calls: Store) -> None:
    took = takes()
    (found,) = judged(calls, AUDIO, SUPPORT, took, READ)
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, SUPPORT.id, VENDOR)
    assert found.severity is Severity.HIGH
    assert found.path == (*took.prove(ROOT, SUPPORT.id), *READ.steps)
    assert found.message == (
        f"{VENDOR}, outside the scanned accounts and not trusted, can become role support and read speech in calls,"
        " and is asked for no agreed id"
    )


def test_what_lies_behind_the_identity_counts(calls: Store) -> None:
    further = edge(SUPPORT.id, "assume-role", EXPORT.id)
    read = grant(EXPORT.id, Action.READ, "calls", media=MediaClass.SPEECH)
    (found,) = judged(calls, AUDIO, SUPPORT, EXPORT, takes(), further, read)
    assert (found.verdict, found.resource) == (Verdict.FAIL, SUPPORT.id)
    assert [step.target for step in found.path] == [SUPPORT.id, EXPORT.id, calls.id]


def test_a_trusted_party_that_is_asked_for_no_agreed_id_is_named_by_its_name(calls: Store) -> None:
    (found,) = judged(calls, AUDIO, SUPPORT, takes(), READ, policy=TRUSTED)
    assert (found.verdict, found.severity) == (Verdict.FAIL, Severity.MEDIUM)
    assert found.message == (
        f"Example Speech Analytics ({VENDOR}), which is trusted, can become role support and read speech in calls,"
        " and is asked for no agreed id"
    )


def test_a_trusted_party_that_is_asked_for_one_passes(calls: Store) -> None:
    asked = takes(condition=AGREED, agreed=Answer.YES)
    (found,) = judged(calls, AUDIO, SUPPORT, asked, READ, policy=TRUSTED)
    assert (found.verdict, found.resource) == (Verdict.PASS, ACCOUNT)
    (stranger,) = judged(calls, AUDIO, SUPPORT, asked, READ)
    assert (stranger.verdict, stranger.confidence) == (Verdict.FAIL, Confidence.MEDIUM)
    terms = stranger.message.rpartition(", if ")[2]
    assert "sts:ExternalId is x1" in terms
    assert f"for assume-role to {SUPPORT.id}" in terms


def test_a_role_that_is_called_like_a_trusted_account_is_not_trusted(calls: Store) -> None:
    named = takes(f"arn:aws:iam::666666666666:role/{VENDOR}", account="666666666666")
    (found,) = judged(calls, AUDIO, SUPPORT, named, READ, policy=TRUSTED)
    assert (found.locator, found.severity) == ("666666666666", Severity.HIGH)


@pytest.mark.parametrize("who", [ANYONE, ANYONE_SIGNED_IN])
def test_an_identity_that_anyone_takes_on_is_the_worst(calls: Store, who: str) -> None:
    (found,) = judged(calls, AUDIO, SUPPORT, takes(who, account=""), READ)
    assert (found.verdict, found.severity, found.locator) == (Verdict.FAIL, Severity.CRITICAL, who)
    (held_off,) = judged(calls, AUDIO, SUPPORT, takes(who, OURS, account=""), READ)
    assert held_off.verdict is Verdict.PASS


def test_a_web_identity_that_anyone_can_have_needs_no_mark_of_the_outside(calls: Store) -> None:
    federates = edge(ANYONE, "federate", SUPPORT.id)
    (found,) = judged(calls, AUDIO, SUPPORT, federates, READ)
    assert (found.verdict, found.severity) == (Verdict.FAIL, Severity.CRITICAL)


def test_guests_and_users_of_apps_are_another_checks_matter(calls: Store) -> None:
    pool = Federation(
        "pool", "aws", ACCOUNT, "eu-central-1", "cognito", "app", roles=(("guest", SUPPORT.id),), guests=Answer.YES
    )
    guise = edge(ANYONE, "cognito-guest", "guests of pool", guise=True)
    basic = edge(ANYONE, "cognito-guest", SUPPORT.id)
    read = grant("guests of pool", Action.READ, "calls", media=MediaClass.SPEECH)
    (found,) = judged(calls, AUDIO, pool, SUPPORT, guise, basic, read, READ)
    assert found.verdict is Verdict.PASS


def test_a_role_of_an_app_that_anybodys_own_app_can_take_is_found(calls: Store) -> None:
    pool = Federation(
        "pool", "aws", ACCOUNT, "eu-central-1", "cognito", "app", roles=(("guest", SUPPORT.id),), guests=Answer.YES
    )
    guise = edge(ANYONE, "cognito-guest", "guests of pool", guise=True)
    (found,) = judged(calls, AUDIO, pool, SUPPORT, guise, edge(ANYONE, "federate", SUPPORT.id), READ)
    assert (found.verdict, found.severity) == (Verdict.FAIL, Severity.CRITICAL)


def test_what_anyone_can_read_needs_no_identity(calls: Store) -> None:
    everybody = grant(ANYONE, Action.READ, "calls", media=MediaClass.SPEECH, objects=1)
    (found,) = judged(calls, AUDIO, SUPPORT, takes(), READ, everybody)
    assert found.verdict is Verdict.PASS


def test_parties_that_come_to_no_speech_are_no_concern(calls: Store) -> None:
    (found,) = judged(calls, AUDIO, SUPPORT, takes())
    assert (found.verdict, found.resource) == (Verdict.PASS, ACCOUNT)
    assert judged(calls, SUPPORT, takes()) == []


@pytest.mark.parametrize("policy", [None, TRUSTED])
def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store, policy: dict[str, object] | None) -> None:
    hanging = takes(condition=Unseen("the trust policy was not read"), agreed=Answer.UNKNOWN)
    (found,) = judged(calls, AUDIO, SUPPORT, hanging, READ, policy=policy)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, SUPPORT.id)
    assert "the trust policy was not read" in found.message


@pytest.mark.parametrize(
    "more", [(), (SUPPORT, gap(ACCOUNT, Facet.PRINCIPALS)), (SUPPORT, gap(ACCOUNT, Facet.WORKLOADS))]
)
def test_identities_that_were_not_seen_are_unknown_at_their_account(calls: Store, more: tuple[Gap, ...]) -> None:
    (found,) = judged(calls, AUDIO, *more)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)
    assert "--role-name IDENTITY " in found.remediation, "the account is no identity"


def test_who_belongs_to_no_account_is_no_place_to_get_in(calls: Store) -> None:
    person = replace(principal("ben", "user"), id="user:ben@example.com", account="")
    (found,) = judged(calls, AUDIO, SUPPORT, person)
    assert (found.verdict, found.resource) == (Verdict.PASS, ACCOUNT)


def test_somebody_who_is_not_named_may_be_an_identity_that_lets_in_others(calls: Store) -> None:
    unread = Unseen("the role assignments of SUB were not read and may give")
    somebody = replace(READ, principal="somebody who is not named", decision=Decision(unread))
    refused = gap(ACCOUNT, Facet.ORGANIZATION)
    (found,) = judged(calls, AUDIO, SUPPORT, somebody, refused)
    assert found.verdict is Verdict.UNKNOWN
    assert "whether further identities read is not known: the role assignments of SUB" in found.message
    (passed,) = judged(calls, AUDIO, SUPPORT, refused)
    assert passed.verdict is Verdict.PASS


@pytest.mark.parametrize("facet", [Facet.OBJECTS, Facet.STORES])
def test_speech_in_stores_that_were_not_listed_may_be_read_from_outside(calls: Store, facet: Facet) -> None:
    rest = gap(calls.id if facet is Facet.OBJECTS else ACCOUNT, facet)
    (found,) = judged(calls, AUDIO, SUPPORT, takes(), rest)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)
    assert "could not read every object of its stores (denied: Get)" in found.message


TENANT = "our-tenant"
OURS_IS = Account(ACCOUNT, "aws", organization=TENANT)
GINA = Principal("entra:gina", "aws", TENANT, "guest", "gina")


def of_the_directory(*who: str) -> tuple[object, ...]:
    identity = replace(SUPPORT, account=TENANT)
    became = [replace(takes(one, account=TENANT), targets=(identity.id,)) for one in who]
    return (OURS_IS, identity, *became, replace(READ, principal=identity.id))


def test_a_guest_of_our_own_directory_is_a_party_by_itself(calls: Store) -> None:
    others = replace(GINA, id="entra:else", name="else")
    found = judged(calls, AUDIO, GINA, others, *of_the_directory(GINA.id, others.id))
    assert [one.locator for one in found if one.verdict is Verdict.FAIL] == [others.id, GINA.id]
    assert found[-1].message.startswith("guest gina, whose home is not told, outside the scanned accounts and not ")


def test_to_trust_our_own_directory_trusts_no_guest(calls: Store) -> None:
    seen = (calls, AUDIO, GINA, *of_the_directory(GINA.id))
    (found,) = judged(*seen, policy={"trusted": [{"account": TENANT}]})
    assert (found.verdict, found.severity) == (Verdict.FAIL, Severity.HIGH)
    (named,) = judged(*seen, policy={"trusted": [{"account": GINA.id, "name": "Gina"}]})
    assert (named.severity, named.locator) == (Severity.MEDIUM, GINA.id)


def test_an_account_of_whose_directory_an_identity_is_open_does_not_pass_beside_it(calls: Store) -> None:
    found = judged(calls, AUDIO, GINA, *of_the_directory(GINA.id))
    assert [one.verdict for one in found] == [Verdict.FAIL]
