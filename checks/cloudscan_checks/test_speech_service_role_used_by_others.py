"""What speech_service_role_used_by_others must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Edge, Grant
from cloudscan.access.conditions import ALWAYS, Unseen
from cloudscan.model import Account, Action, Coverage, Gap, MediaClass, Principal, Severity, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, edge, findings, gap, grant, job, principal, speech, transcript, world
from cloudscan_checks.speech_service_role_used_by_others import speech_service_role_used_by_others

AUDIO = speech("calls", "a.wav", seconds=3600)
ROLE, BEN, ANA = principal("transcriber"), principal("ben", "user"), principal("ana", "user")
JOB = job("j", role=ROLE.id)


def reads(who: Principal, condition: Condition = ALWAYS) -> Grant:
    facts = {"media": MediaClass.SPEECH, "objects": 1, "seconds": 3600, "example": "a.wav"}
    return grant(who.id, Action.READ, "calls", condition=condition, **facts)


def takes(who: Principal, kind: str = "assume-role", condition: Condition = ALWAYS, *, only: bool = False) -> Edge:
    heard = (MediaClass.SPEECH, MediaClass.VIDEO) if only else ()
    return edge(who.id, kind, ROLE.id, condition=condition, reads_only=only, media=heard)


def test_whoever_becomes_the_role_of_a_job_is_found(calls: Store) -> None:
    took, read = takes(BEN), reads(ROLE)
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, BEN, JOB, took, read))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, ROLE.id, "assume-role")
    assert found.severity is Severity.HIGH
    assert found.path == (*took.prove(BEN.id, ROLE.id), *read.steps)
    assert found.message == (
        "user ben can read 1 recording (1.0 h) in calls as role transcriber, as which speech jobs run (assume-role),"
        " more than its own rights allow"
    )


def test_whoever_has_a_job_read_for_them_is_found_though_it_is_milder(calls: Store) -> None:
    handed = takes(BEN, "pass-role:transcribe", only=True)
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, BEN, handed, reads(ROLE)))
    assert (found.verdict, found.severity, found.locator) == (Verdict.FAIL, Severity.MEDIUM, "pass-role:transcribe")
    assert found.message.startswith(
        "user ben can have 1 recording (1.0 h) in calls transcribed by a job under role transcriber"
    )


def test_a_job_transcribes_recordings_and_no_transcripts(calls: Store) -> None:
    handed = takes(BEN, "pass-role:transcribe", only=True)
    text = grant(ROLE.id, Action.READ, "calls", media=MediaClass.TRANSCRIPT, objects=1, example="a.json")
    things = (transcript("calls", "a.json"), ROLE, BEN, handed, text)
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, *things))
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize("asked", [True, False])
def test_an_identity_of_a_directory_is_asked_about_in_the_accounts_below_it(calls: Store, *, asked: bool) -> None:
    home = Account(ACCOUNT, "aws", organization="tenant")
    speaks = replace(ROLE, id="entra:7bc53d15", account="tenant", kind="service-account")
    facets: dict[str, tuple[Facet, ...]] = {"tenant": (Facet.PRINCIPALS,)}
    facets[ACCOUNT] = (Facet.PRINCIPALS, Facet.FEDERATIONS)
    facets[ACCOUNT] += (Facet.WORKLOADS,) if asked else ()
    told = [Coverage("aws", name, facet, 1, 1) for name, several in facets.items() for facet in several]
    runs = replace(JOB, role=speaks.id)
    (found,) = findings(speech_service_role_used_by_others, world(calls, home, AUDIO, speaks, runs, *told))
    assert found.verdict is (Verdict.PASS if asked else Verdict.UNKNOWN)
    assert ("never asked for workloads" in found.message) is not asked


def test_what_no_job_ran_as_and_no_document_names_is_nothing_to_tell(calls: Store) -> None:
    handed = takes(BEN, "speech.recognizers.recognize", only=True)
    assert findings(speech_service_role_used_by_others, world(calls, AUDIO, BEN, handed)) == []


def test_whoever_reads_as_much_anyway_gains_nothing(calls: Store) -> None:
    things = (ROLE, ANA, JOB, takes(ANA), takes(ANA, "pass-role:transcribe", only=True), reads(ROLE), reads(ANA))
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, *things))
    assert (found.verdict, found.resource) == (Verdict.PASS, ROLE.id)


def test_a_role_that_only_its_service_takes_passes(calls: Store) -> None:
    other = edge(BEN.id, "assume-role", ANA.id)
    things = (ROLE, BEN, ANA, JOB, other, reads(ROLE))
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, *things))
    assert found.verdict is Verdict.PASS
    assert found.evidence["examples"] == ["j"]


def test_roles_that_no_speech_service_uses_are_another_checks_matter(calls: Store) -> None:
    things = (ROLE, BEN, job("j"), takes(BEN), reads(ROLE))
    assert findings(speech_service_role_used_by_others, world(calls, AUDIO, *things)) == []


def test_whoever_would_change_the_cloud_for_it_is_another_checks_matter(calls: Store) -> None:
    rewrites = edge(BEN.id, "iam:UpdateAssumeRolePolicy", ROLE.id, changes=True)
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, BEN, JOB, rewrites, reads(ROLE)))
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize("more", [gap(ACCOUNT, Facet.PRINCIPALS), gap(ACCOUNT, Facet.WORKLOADS)])
def test_what_may_hide_a_user_is_unknown(calls: Store, more: Gap) -> None:
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, JOB, reads(ROLE), more))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ROLE.id)


def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store) -> None:
    hanging = takes(BEN, condition=Unseen("its trust policy was not read"))
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, BEN, JOB, hanging, reads(ROLE)))
    assert found.verdict is Verdict.UNKNOWN
    assert "its trust policy was not read" in found.message


def test_somebody_who_is_not_named_and_may_use_a_role_is_unknown(calls: Store) -> None:
    perhaps = edge("somebody", "act", ROLE.id, condition=Unseen("the policy of the folder was not read"))
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, JOB, perhaps, reads(ROLE)))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ROLE.id)
    assert "the policy of the folder was not read" in found.message


def test_a_role_that_the_estate_does_not_hold_is_unknown_at_the_account_of_its_jobs(calls: Store) -> None:
    foreign = "arn:aws:iam::222222222222:role/transcriber"
    jobs = (replace(JOB, role=foreign), job("k", role=foreign))
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, BEN, *jobs))
    assert (found.verdict, found.resource, found.locator) == (Verdict.UNKNOWN, ACCOUNT, foreign)
    assert "--role-name transcriber " in found.remediation
    assert "2 speech jobs ran" in found.message


def test_what_somebody_makes_of_a_role_is_no_role_of_its_own(calls: Store) -> None:
    widened = f"{ROLE.id} with widened rights"
    made = replace(takes(BEN, "iam:PutRolePolicy+pass-role:transcribe", only=True), targets=(widened,), guise=True)
    found = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, BEN, JOB, made, reads(ROLE)))
    assert [one.resource for one in found] == [ROLE.id]


def test_an_account_whose_identities_were_not_seen_is_unknown(calls: Store) -> None:
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, job("j")))
    assert (found.verdict, found.resource, found.locator) == (Verdict.UNKNOWN, ACCOUNT, "")
    assert "--role-name IDENTITY " in found.remediation


def test_an_account_that_is_known_to_have_no_identity_has_no_role_to_use(calls: Store) -> None:
    """Its jobs run as the service itself, or by the rights of identities of the organization."""
    whole = Account(ACCOUNT, "aws", organization="o-1")
    ours = replace(BEN, account="o-1")
    assert findings(speech_service_role_used_by_others, world(calls, AUDIO, whole, ours, job("j"))) == []


def test_jobs_that_name_no_role_use_their_callers_own_rights(calls: Store) -> None:
    assert findings(speech_service_role_used_by_others, world(calls, AUDIO, BEN, job("j"))) == []


@pytest.mark.parametrize("facet", [Facet.OBJECTS, Facet.STORES])
def test_what_a_role_reads_in_stores_that_were_not_listed_is_not_known(calls: Store, facet: Facet) -> None:
    rest = gap(calls.id if facet is Facet.OBJECTS else ACCOUNT, facet)
    (found,) = findings(speech_service_role_used_by_others, world(calls, AUDIO, ROLE, JOB, rest))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ROLE.id)
    assert "could not read every object of its stores (denied: Get)" in found.message
