"""What app_user_reads_others must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Edge, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import (
    ANYONE,
    Action,
    Answer,
    Confidence,
    Federation,
    Finding,
    MediaClass,
    Severity,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, edge, findings, gap, grant, principal, speech, transcript, world
from cloudscan_checks.app_user_reads_others import app_user_reads_others

USER, GUEST, STAFF = principal("user"), principal("guest"), principal("staff")
POOL = Federation(
    f"arn:aws:cognito-identity:eu-west-1:{ACCOUNT}:identitypool/eu-west-1:1",
    "aws",
    ACCOUNT,
    "eu-west-1",
    "cognito",
    "voice notes",
    guests=Answer.YES,
    classic_flow=Answer.NO,
    roles=(("guest", GUEST.id), ("signed-in", USER.id)),
)
SIGNED_IN, GUESTS = f"signed-in users of {POOL.id}", f"guests of {POOL.id}"
ENTER = edge(POOL.id, "cognito-sign-in", SIGNED_IN, guise=True)
VISIT = edge(ANYONE, "cognito-guest", GUESTS, guise=True)
OWN = Test("cognito-identity.amazonaws.com:sub", Operator.EQUALS, (glob("eu-west-1:0000"),))
OFFICE = Test("aws:SourceIp", Operator.IN_NETWORK, (glob("203.0.113.0/24"),))
APP = Test("aws:UserAgent", Operator.LIKE, (glob("app*"),))
STRANGERS = {OWN: Answer.NO, OFFICE: Answer.NO, APP: Answer.YES}
FLOW = Unseen("its basic flow was not read")
SPOKEN = (speech("calls", "a.wav", seconds=3600), transcript("calls", "a.json"))


def reads(who: str = SIGNED_IN, condition: Condition = ALWAYS, media: MediaClass = MediaClass.SPEECH) -> Grant:
    return grant(who, Action.READ, "calls", condition=condition, media=media, objects=1, seconds=3600, example="a.wav")


def judged(bucket: Store, *things: object, pool: Federation = POOL) -> list[Finding]:
    seen = world(bucket, *SPOKEN, pool, USER, GUEST, *things, strangers=STRANGERS)  # type: ignore[arg-type]
    return findings(app_user_reads_others, seen)


def test_what_every_signed_in_user_reads_is_found_with_the_whole_path(calls: Store) -> None:
    (found,) = judged(calls, ENTER, VISIT, reads())
    assert (found.verdict, found.resource, found.severity) == (Verdict.FAIL, calls.id, Severity.HIGH)
    assert found.message == (
        "any signed-in user of voice notes can read 1 recording (1.0 h) in calls, whoever it is of"
    )
    assert [(step.source, step.target) for step in found.path] == [(POOL.id, SIGNED_IN), (SIGNED_IN, calls.id)]
    assert "--identity-pool-id eu-west-1:1" in found.remediation
    assert "${cognito-identity.amazonaws.com:sub}" in found.remediation


@pytest.mark.parametrize("own", [OWN, OFFICE])
def test_users_who_are_kept_to_what_is_theirs_pass(calls: Store, own: Test) -> None:
    (found,) = judged(calls, ENTER, reads(condition=own))
    assert (found.verdict, found.resource) == (Verdict.PASS, POOL.id)
    assert own.key in str(found.evidence["restricted_by"])


def test_a_condition_that_every_user_meets_is_named_and_lowers_the_confidence(calls: Store) -> None:
    (found,) = judged(calls, ENTER, reads(condition=APP))
    assert found.confidence is Confidence.MEDIUM
    assert found.message.endswith(", if aws:UserAgent is like app*")


def test_transcripts_of_others_count_and_one_store_is_one_finding(calls: Store) -> None:
    (found,) = judged(calls, ENTER, reads(), reads(media=MediaClass.TRANSCRIPT))
    assert "1 recording (1.0 h) and 1 transcript" in found.message


def test_recordings_that_guests_read_directly_are_another_checks_matter_and_transcripts_are_not(calls: Store) -> None:
    (silent,) = judged(calls, VISIT, reads(GUESTS))
    assert silent.verdict is Verdict.PASS
    (found,) = judged(calls, VISIT, reads(GUESTS), reads(GUESTS, media=MediaClass.TRANSCRIPT))
    assert (found.verdict, found.locator) == (Verdict.FAIL, GUESTS)
    assert found.message.startswith("any guest of voice notes can read 1 transcript")


@pytest.mark.parametrize(("enter", "who"), [(ENTER, SIGNED_IN), (VISIT, GUESTS)])
def test_whoever_comes_to_read_through_another_identity_is_found(calls: Store, enter: Edge, who: str) -> None:
    further = edge(who, "assume-role", STAFF.id)
    (found,) = judged(calls, STAFF, enter, further, reads(STAFF.id))
    assert (found.verdict, found.resource) == (Verdict.FAIL, calls.id)
    assert [step.target for step in found.path] == [who, STAFF.id, calls.id]


def test_whom_a_rule_gives_a_role_are_told_by_their_claim(calls: Store) -> None:
    staff = Test("custom:role", Operator.EQUALS, (glob("staff"),))
    by_rule = edge(POOL.id, "cognito-sign-in", STAFF.id, condition=staff)
    pool = replace(POOL, roles=(*(POOL.roles or ()), ("custom:role Equals staff", STAFF.id)))
    (found,) = judged(calls, STAFF, by_rule, reads(STAFF.id), pool=pool)
    assert (found.severity, found.confidence) == (Severity.MEDIUM, Confidence.MEDIUM)
    assert found.message.endswith(", if custom:role is staff")


def test_the_bare_role_of_signed_in_users_is_not_told_twice(calls: Store) -> None:
    basic = edge(POOL.id, "cognito-sign-in", USER.id)
    found = judged(calls, ENTER, basic, reads(), reads(USER.id))
    assert [one.locator for one in found] == [SIGNED_IN]


def test_what_anyone_can_read_is_not_the_pools_finding(calls: Store) -> None:
    (found,) = judged(calls, ENTER, reads(), reads(ANYONE))
    assert (found.verdict, found.resource) == (Verdict.PASS, POOL.id)


@pytest.mark.parametrize(
    ("enter", "read"),
    [(Unseen("its basic flow was not read"), ALWAYS), (ALWAYS, Unseen("its basic flow was not read"))],
)
def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store, enter: Condition, read: Condition) -> None:
    entered = edge(POOL.id, "cognito-sign-in", SIGNED_IN, guise=True, condition=enter)
    (found,) = judged(calls, entered, reads(condition=read))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, POOL.id)
    assert "its basic flow was not read" in found.message


@pytest.mark.parametrize("pool", [replace(POOL, roles=None), replace(POOL, guests=Answer.UNKNOWN)])
def test_a_pool_that_was_not_read_is_unknown(calls: Store, pool: Federation) -> None:
    denied = gap(POOL.id, Facet.FEDERATIONS, permission="cognito-identity:GetIdentityPoolRoles")
    (found,) = judged(calls, denied, pool=pool)
    assert found.verdict is Verdict.UNKNOWN
    assert found.evidence["permissions"] == ["cognito-identity:GetIdentityPoolRoles"]


def test_a_role_that_was_not_read_is_unknown(calls: Store) -> None:
    (found,) = findings(app_user_reads_others, world(calls, *SPOKEN, POOL, USER))
    assert found.verdict is Verdict.UNKNOWN
    assert GUEST.id in found.message


@pytest.mark.parametrize("kind", ["oidc", "saml", "aws", "x509"])
def test_providers_of_an_organizations_own_identities_are_no_apps(calls: Store, kind: str) -> None:
    assert judged(calls, pool=replace(POOL, kind=kind, roles=None)) == []


def test_a_pool_that_was_not_listed_may_open_a_store(calls: Store) -> None:
    (found,) = findings(app_user_reads_others, world(calls, *SPOKEN, gap(ACCOUNT, Facet.FEDERATIONS)))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)
    assert "could not read every app and identity pool (denied" in found.message


@pytest.mark.parametrize("facet", [Facet.OBJECTS, Facet.STORES])
def test_speech_in_stores_that_were_not_listed_may_be_read_by_users(calls: Store, facet: Facet) -> None:
    rest = gap(calls.id if facet is Facet.OBJECTS else ACCOUNT, facet)
    (found,) = judged(calls, ENTER, rest)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, POOL.id)
    assert "could not read every object of its stores (denied: Get)" in found.message
    (nobody,) = judged(calls, rest)
    assert nobody.verdict is Verdict.PASS
