"""What reader_by_escalation must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Edge, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import (
    ANYONE,
    Account,
    Action,
    Answer,
    Confidence,
    Coverage,
    Federation,
    Gap,
    MediaClass,
    Principal,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import (
    ACCOUNT,
    REGION,
    edge,
    failed,
    findings,
    gap,
    grant,
    job,
    passed,
    principal,
    speech,
    transcript,
    world,
)
from cloudscan_checks._readers import IDENTITIES
from cloudscan_checks.reader_by_escalation import reader_by_escalation

AUDIO = speech("calls", "a.wav", seconds=3600)
OTHER = speech("calls", "b.wav", seconds=3600)
EXPORT, BEN, EVE = principal("export"), principal("ben", "user"), principal("eve", "user")
MFA = Test("aws:MultiFactorAuthPresent", Operator.TRUTH, (glob("true"),))
WIDER = f"{BEN.id} with widened rights"


def reads(who: Principal | str, condition: Condition = ALWAYS, example: str = "a.wav", by: str = "") -> Grant:
    name = who if isinstance(who, str) else who.id
    facts = {"media": MediaClass.SPEECH, "objects": 1, "seconds": 3600, "example": example}
    return grant(name, Action.READ, "calls", condition=condition, by=by, changes=bool(by), **facts)


def takes(who: Principal, role: Principal = EXPORT, condition: Condition = ALWAYS, kind: str = "assume-role") -> Edge:
    return edge(who.id, kind, role.id, condition=condition)


def test_whoever_reads_only_as_somebody_else_is_found(calls: Store) -> None:
    took, read = takes(BEN), reads(EXPORT)
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, BEN, took, read))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, EXPORT.id, "assume-role")
    assert found.path == (*took.prove(BEN.id, EXPORT.id), *read.steps)
    assert found.message == (
        "user ben can read 1 recording (1.0 h) in calls through role export (assume-role),"
        " more than its own rights allow"
    )
    assert found.confidence is Confidence.HIGH
    assert f"--from {BEN.id}" in found.remediation


def test_those_who_come_through_one_door_are_one_finding_that_one_more_does_not_change(calls: Store) -> None:
    things = (calls, AUDIO, EXPORT, BEN, EVE, reads(EXPORT), takes(BEN))
    (one,) = findings(reader_by_escalation, world(*things))
    (two,) = findings(reader_by_escalation, world(*things, takes(EVE)))
    assert two.fingerprint == one.fingerprint
    assert two.message.startswith("2 principals can read 1 recording (1.0 h) in calls")
    assert two.evidence["examples"] == [BEN.id, EVE.id]


def test_two_doors_are_two_findings_though_one_would_do(calls: Store) -> None:
    review = principal("review")
    doors = (takes(BEN), takes(BEN, kind="ssm:StartSession"), takes(BEN, review))
    found = findings(
        reader_by_escalation, world(calls, AUDIO, EXPORT, review, BEN, reads(EXPORT), reads(review), *doors)
    )
    assert [(one.resource, one.locator) for one in found] == [
        (EXPORT.id, "assume-role"),
        (EXPORT.id, "ssm:StartSession"),
        (review.id, "assume-role"),
    ]


def test_whoever_widens_their_own_rights_is_found_themselves(calls: Store) -> None:
    widens = edge(BEN.id, "iam:PutUserPolicy", WIDER, changes=True, guise=True)
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, BEN, widens, reads(WIDER)))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, BEN.id, "changes")
    assert "in calls after iam:PutUserPolicy, more than" in found.message
    assert found.evidence["changes_the_cloud"] is True


def test_whoever_rewrites_what_stands_in_the_way_is_found(calls: Store) -> None:
    rewrites = reads(BEN, by="s3:PutBucketPolicy")
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, BEN, rewrites))
    assert (found.resource, found.locator, found.path) == (BEN.id, "changes", rewrites.steps)


def test_whoever_only_makes_a_key_serve_again_gains_no_right(calls: Store) -> None:
    revives = replace(reads(BEN, by="kms:EnableKey"), restores=True)
    found = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, BEN, revives))
    assert Verdict.FAIL not in {one.verdict for one in found}


def test_all_changes_of_one_principal_are_one_finding_wherever_they_lead(calls: Store) -> None:
    changes = (
        edge(BEN.id, "iam:UpdateAssumeRolePolicy", EXPORT.id, changes=True),
        edge(BEN.id, "iam:CreateAccessKey", EVE.id, changes=True),
        reads(BEN, by="s3:PutBucketPolicy"),
    )
    (found,) = findings(
        reader_by_escalation, world(calls, AUDIO, EXPORT, BEN, EVE, *changes, reads(EXPORT), reads(EVE, MFA))
    )
    assert (found.resource, found.locator) == (BEN.id, "changes")
    assert found.evidence["steps"] == ["iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy", "s3:PutBucketPolicy"]
    assert found.evidence["objects"] == 1
    assert "after iam:CreateAccessKey, iam:UpdateAssumeRolePolicy, s3:PutBucketPolicy, more than" in found.message


def test_several_ways_to_the_same_recordings_open_them_once(calls: Store) -> None:
    ways = [reads(BEN, by=step) for step in ("list-keys", "set-policy", "replicate")]
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, BEN, *ways))
    assert "can read 1 recording (1.0 h) in calls after" in found.message
    assert (found.evidence["objects"], found.evidence["hours"]) == (1, 1.0)
    assert found.evidence["steps"] == ["list-keys", "replicate", "set-policy"]


def test_a_condition_is_named_with_its_step_and_lowers_the_confidence(calls: Store) -> None:
    (found,) = findings(
        reader_by_escalation, world(calls, AUDIO, EXPORT, BEN, takes(BEN, condition=MFA), reads(EXPORT))
    )
    assert (found.verdict, found.confidence) == (Verdict.FAIL, Confidence.MEDIUM)
    terms = found.message.rpartition(", if ")[2]
    assert "aws:MultiFactorAuthPresent is true" in terms
    assert f"for assume-role to {EXPORT.id}" in terms


@pytest.mark.parametrize("own", [ALWAYS, MFA])
def test_whoever_reads_as_much_by_their_own_rights_gains_nothing(calls: Store, own: Condition) -> None:
    things = (EXPORT, BEN, takes(BEN), reads(EXPORT), reads(BEN, own), reads(BEN, by="s3:PutBucketPolicy"))
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, *things))
    assert (found.verdict, found.resource) == (Verdict.PASS, calls.id)


def test_what_somebody_reads_in_addition_is_a_gain(calls: Store) -> None:
    more = replace(reads(EXPORT, example="0.wav"), objects=2)
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, OTHER, EXPORT, BEN, takes(BEN), more, reads(BEN)))
    assert found.verdict is Verdict.FAIL
    assert found.evidence["objects"] == 2


def test_whoever_reads_all_that_there_is_gains_nothing(calls: Store) -> None:
    every = replace(reads(BEN, example="0.wav"), objects=2)
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, OTHER, EXPORT, BEN, takes(BEN), every, reads(EXPORT)))
    assert (found.verdict, found.resource) == (Verdict.PASS, calls.id)


def test_whether_one_part_is_the_other_is_unknown(calls: Store) -> None:
    third = speech("calls", "c.wav")
    part = (takes(BEN), reads(EXPORT), reads(BEN, example="b.wav"))
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, OTHER, third, EXPORT, BEN, *part))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, EXPORT.id)
    assert "which part of calls is read anyway" in found.message


def test_guests_outside_parties_and_roles_of_speech_services_have_checks_of_their_own(calls: Store) -> None:
    things = (
        edge(ANYONE, "cognito-guest", EXPORT.id),
        edge("arn:aws:iam::222222222222:root", "assume-role", EXPORT.id, outside=True),
        edge(BEN.id, "assume-role", "arn:aws:iam::111111111111:role/transcriber"),
        job("j", role="arn:aws:iam::111111111111:role/transcriber"),
        principal("transcriber"),
        reads("arn:aws:iam::111111111111:role/transcriber"),
    )
    found = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, BEN, reads(EXPORT), *things))
    assert passed(found) == [calls.id]


@pytest.mark.parametrize(
    ("step", "read", "own"),
    [
        (Unseen("a trust policy was not read"), ALWAYS, None),
        (ALWAYS, Unseen("a trust policy was not read"), None),
        (ALWAYS, ALWAYS, Unseen("a trust policy was not read")),
    ],
)
def test_what_hangs_on_an_unseen_fact_is_unknown(
    calls: Store, step: Condition, read: Condition, own: Condition | None
) -> None:
    mine = () if own is None else (reads(BEN, own),)
    (found,) = findings(
        reader_by_escalation, world(calls, AUDIO, EXPORT, BEN, takes(BEN, condition=step), reads(EXPORT, read), *mine)
    )
    assert (found.verdict, found.resource, found.locator) == (Verdict.UNKNOWN, EXPORT.id, "assume-role")
    assert "a trust policy was not read" in found.message


@pytest.mark.parametrize(
    "more",
    [
        (),
        (BEN, gap(ACCOUNT, Facet.PRINCIPALS)),
        (BEN, gap(ACCOUNT, Facet.WORKLOADS)),
        (BEN, gap("arn:aws:s3:::calls", Facet.POLICY)),
        (BEN, gap("arn:aws:s3:::calls", Facet.OBJECTS)),
        (principal("elsewhere", account="222222222222"),),
    ],
)
def test_what_may_hide_an_escalation_is_unknown(calls: Store, more: tuple[Principal | Gap, ...]) -> None:
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, *more))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)


def test_a_store_that_nobody_opens_passes_beside_one_that_somebody_does(calls: Store) -> None:
    other = replace(calls, id="arn:aws:s3:::other", name="other", has_policy=Answer.NO)
    things = (calls, other, AUDIO, transcript("other", "a.json"), EXPORT, BEN, takes(BEN), reads(EXPORT))
    found = findings(reader_by_escalation, world(*things))
    assert [(one.verdict, one.resource) for one in found] == [(Verdict.FAIL, EXPORT.id), (Verdict.PASS, other.id)]


def test_stores_without_speech_are_no_concern(calls: Store) -> None:
    assert findings(reader_by_escalation, world(calls, EXPORT, BEN, takes(BEN))) == []


@pytest.mark.parametrize("asked", [(), (Facet.PRINCIPALS,), (Facet.PRINCIPALS, Facet.WORKLOADS)])
def test_a_question_that_was_never_put_is_no_answer(calls: Store, asked: tuple[Facet, ...]) -> None:
    """Of a collection for other checks nothing is known of the compute that runs as somebody."""
    lines = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (Facet.OBJECTS, Facet.FEDERATIONS, *asked)]
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, *lines))
    if len(asked) == 2:
        assert found.verdict is Verdict.PASS
    else:
        assert found.verdict is Verdict.UNKNOWN
        assert found.message.endswith(f"never asked for {', '.join(('principals', 'workloads')[len(asked) :])}")


def test_who_belongs_to_no_account_is_asked_of_none(calls: Store) -> None:
    """People and groups of a directory are no account's: a collection has put the question to every account."""
    lines = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (Facet.OBJECTS, *IDENTITIES)]
    person = replace(BEN, id="user:ben@example.com", account="")
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, person, *lines))
    assert found.verdict is Verdict.PASS


def test_who_belongs_to_no_account_is_called_by_name_alone(calls: Store) -> None:
    accounts = [Account(id=name, provider="aws") for name in (ACCOUNT, "222222222222")]
    person = replace(BEN, id="user:ben@example.com", name="ben@example.com", account="")
    (found,) = findings(
        reader_by_escalation, world(calls, AUDIO, EXPORT, person, *accounts, reads(EXPORT), takes(person))
    )
    assert found.message.startswith("user ben@example.com can read 1 recording (1.0 h) in calls")


def test_the_remedy_of_what_somebody_changes_names_no_service_account_that_is_not_the_one(calls: Store) -> None:
    ben = replace(BEN, provider="gcp")
    changes = reads(BEN, by="set-policy")
    found = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, ben, changes))
    (one,) = (each for each in found if each.resource == BEN.id)
    assert "service-accounts remove-iam-policy-binding SERVICE_ACCOUNT --member=MEMBER" in one.remediation
    assert "take set-policy" not in one.remediation


@pytest.mark.parametrize(
    "perhaps",
    [
        (reads("somebody who is not named", Unseen("a policy was not read")),),
        (reads(BEN, Unseen("a policy was not read")),),
        (reads(BEN), reads(EVE, Unseen("a policy was not read"), example="b.wav")),
        (
            reads(EXPORT),
            edge("somebody who is not named", "act-as", EXPORT.id, condition=Unseen("a policy was not read")),
        ),
    ],
)
def test_a_store_that_somebody_perhaps_reads_does_not_pass(calls: Store, perhaps: tuple[Grant | Edge, ...]) -> None:
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, BEN, EVE, *perhaps))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)
    assert found.message.endswith("more perhaps read it: a policy was not read")


def test_a_door_to_one_store_hides_no_doubt_about_another(calls: Store) -> None:
    other = replace(calls, id="arn:aws:s3:::other", name="other", has_policy=Answer.NO)
    more = replace(reads(EXPORT, Unseen("a policy was not read")), store=other.id)
    things = (calls, other, AUDIO, speech("other", "a.wav"), EXPORT, BEN, takes(BEN), reads(EXPORT), more)
    found = findings(reader_by_escalation, world(*things))
    assert [(one.verdict, one.resource) for one in found] == [
        (Verdict.FAIL, EXPORT.id),
        (Verdict.UNKNOWN, other.id),
    ]


CARA = "user:cara@example.com"
"""Somebody of the estate's own of whom its cloud keeps no record."""


def test_whoever_has_no_record_escalates_too(calls: Store) -> None:
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, reads(EXPORT), edge(CARA, "act", EXPORT.id)))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, EXPORT.id, "act")
    assert found.message.startswith(f"{CARA} can read 1 recording (1.0 h) in calls through role export (act)")


def test_what_somebody_without_a_record_changes_is_told_at_the_account(calls: Store) -> None:
    writes = reads(CARA, by="set-policy")
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, writes))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, ACCOUNT, f"{CARA} changes")
    assert found.path == writes.steps
    (more,) = findings(
        reader_by_escalation, world(calls, AUDIO, EXPORT, reads(EXPORT), edge(CARA, "key", EXPORT.id, changes=True))
    )
    assert (more.resource, more.locator) == (ACCOUNT, f"{CARA} changes")


def test_somebody_who_is_not_named_and_may_come_that_way_is_unknown(calls: Store) -> None:
    perhaps = edge("somebody", "act", EXPORT.id, condition=Unseen("the policy of the folder was not read"))
    found = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, reads(EXPORT), perhaps))
    assert {one.verdict for one in found} == {Verdict.UNKNOWN}
    assert "the policy of the folder was not read" in found[0].message


@pytest.mark.parametrize(
    "elsewhere",
    [
        edge("party", "act", EXPORT.id, outside=True),
        edge(ANYONE, "act", EXPORT.id),
        edge("pool", "act", EXPORT.id),
        edge("ben, widened", "act", EXPORT.id),
    ],
)
def test_who_comes_from_elsewhere_and_what_somebody_becomes_is_not_ones_own(calls: Store, elsewhere: Edge) -> None:
    pool = Federation("pool", "aws", ACCOUNT, REGION, "oidc", "pool")
    becomes = edge("somebody", "widen", "ben, widened", guise=True, condition=NEVER)
    things = (calls, AUDIO, EXPORT, reads(EXPORT), elsewhere, pool, becomes)
    assert failed(findings(reader_by_escalation, world(*things))) == []


STAFF, TEAM = "group:staff@example.com", "group:team@example.com"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ((), Verdict.PASS),
        ((reads(EXPORT),), Verdict.PASS),
        ((reads(STAFF),), Verdict.UNKNOWN),
        ((reads(EXPORT, Unseen("who is in it was not read")),), Verdict.UNKNOWN),
        ((reads(EXPORT), edge(CARA, "act", EXPORT.id, condition=Unseen("who is in it was not read"))), Verdict.UNKNOWN),
        ((edge(CARA, "act", BEN.id, condition=Unseen("who is in it was not read")),), Verdict.PASS),
        ((edge(CARA, "act", WIDER, guise=True, condition=Unseen("it was not read")),), Verdict.UNKNOWN),
        ((gap(TEAM, Facet.PRINCIPALS),), Verdict.UNKNOWN),
        ((gap(STAFF, Facet.WORKLOADS),), Verdict.UNKNOWN),
    ],
)
def test_a_group_that_was_not_read_and_has_no_way_to_a_store_leaves_nothing_open_there(
    calls: Store, more: tuple[Grant | Edge | Gap, ...], verdict: Verdict
) -> None:
    things = (calls, AUDIO, EXPORT, BEN, gap(STAFF, Facet.PRINCIPALS), *more)
    (found,) = findings(reader_by_escalation, world(*things, unread_groups=[STAFF]))
    assert found.verdict is verdict
    (untold,) = findings(reader_by_escalation, world(*things))
    assert untold.verdict is Verdict.UNKNOWN


def test_a_pass_speaks_of_the_estates_own_identities_alone(calls: Store) -> None:
    partner = replace(reads("partner", by="s3:PutBucketPolicy"), outside=True)
    (found,) = findings(reader_by_escalation, world(calls, AUDIO, EXPORT, partner))
    assert (found.verdict, found.message) == (
        Verdict.PASS,
        "none of the estate's own identities comes to read 1 recording (1.0 h) by escalation",
    )
