"""What world_readable_audio must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    AccessPoint,
    Action,
    Answer,
    Confidence,
    Coverage,
    MediaClass,
    Severity,
    Store,
    Verdict,
    Why,
)
from cloudscan.provider import Facet
from cloudscan.testing import (
    ACCOUNT,
    edge,
    failed,
    findings,
    gap,
    grant,
    passed,
    principal,
    speech,
    transcript,
    unknown,
    world,
)
from cloudscan_checks.world_readable_audio import world_readable_audio

REFERER = Test("aws:Referer", Operator.LIKE, (glob("https://example.com/*"),))
OFFICE = Test("aws:SourceIp", Operator.IN_NETWORK, (glob("203.0.113.0/24"),))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/export"
AUDIO = [speech("calls", "raw/a.wav", seconds=3600.0), speech("calls", "raw/b.wav", seconds=1800.0)]


def readers(principal: str = ANYONE, condition: Condition | None = None, objects: int = 2) -> Grant:
    more = {"condition": condition} if condition is not None else {}
    facts = {"media": MediaClass.SPEECH, "objects": objects, "seconds": 2700.0 * objects, "example": "raw/a.wav"}
    return grant(principal, Action.READ, "calls", **facts, **more)  # type: ignore[arg-type]


def test_an_open_store_is_found_with_the_grant_that_opens_it(calls: Store) -> None:
    opened = readers()
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, opened))
    assert found.verdict is Verdict.FAIL
    assert found.severity is Severity.CRITICAL
    assert found.path == opened.steps
    assert found.message == "anyone on the Internet can read all 2 recordings (1.5 h) under raw/"
    assert found.evidence["example"] == "raw/a.wav"
    assert "--bucket calls " in found.remediation


def test_part_of_a_store_is_counted(calls: Store) -> None:
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, readers(objects=1)))
    assert found.message == "anyone on the Internet can read 1 of 2 recordings (45 min) under raw/"


def test_the_open_prefix_among_several_is_named(calls: Store) -> None:
    others = [speech("calls", f"kept/{number}.wav") for number in range(3)]
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, *others, readers()))
    assert found.message == "anyone on the Internet can read 2 of 5 recordings (1.5 h) under raw/"
    (mixed,) = findings(world_readable_audio, world(calls, *AUDIO, *others, readers(objects=1)))
    assert mixed.message == "anyone on the Internet can read 1 of 5 recordings (45 min)"


def test_anyone_with_an_account_is_anyone(calls: Store) -> None:
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, readers(ANYONE_SIGNED_IN)))
    assert found.verdict is Verdict.FAIL
    assert found.message.startswith("anyone with an account at the cloud can read")


def test_the_same_recordings_are_not_counted_for_both_kinds_of_anyone(calls: Store) -> None:
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, readers(), readers(ANYONE_SIGNED_IN)))
    assert found.evidence["objects"] == 2
    assert found.message.startswith("anyone on the Internet can read")


def test_a_referer_is_no_protection_and_is_named(calls: Store) -> None:
    (found,) = findings(
        world_readable_audio, world(calls, *AUDIO, readers(condition=REFERER), strangers={REFERER: Answer.YES})
    )
    assert found.verdict is Verdict.FAIL
    assert found.confidence is Confidence.MEDIUM
    assert found.message.endswith(", if aws:Referer is like https://example.com/*")
    assert found.evidence["conditions"] == ["aws:Referer is like https://example.com/*"]


def test_a_fixed_network_holds_strangers_off_and_is_named(calls: Store) -> None:
    seen = world(calls, *AUDIO, readers(condition=OFFICE), strangers={OFFICE: Answer.NO})
    (found,) = findings(world_readable_audio, seen)
    assert found.verdict is Verdict.PASS
    assert found.evidence["restricted_by"] == ["aws:SourceIp is in 203.0.113.0/24"]


def test_a_condition_of_which_the_cloud_cannot_say_who_meets_it_is_unknown(calls: Store) -> None:
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, readers(condition=OFFICE)))
    assert found.verdict is Verdict.UNKNOWN
    assert "who can meet that is not known" in found.message


def test_what_is_refused_outright_restricts_nothing(calls: Store) -> None:
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, readers(condition=NEVER)))
    assert found.verdict is Verdict.PASS
    assert "restricted_by" not in found.evidence


def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store) -> None:
    hanging = readers(condition=Unseen("the account's public-access block could not be read"))
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, hanging))
    assert found.verdict is Verdict.UNKNOWN
    assert "the account's public-access block could not be read" in found.message


def test_a_condition_of_which_nobody_knows_is_unknown(calls: Store) -> None:
    tagged = Test("s3:ExistingObjectTag/public", Operator.EQUALS, (glob("yes"),))
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, readers(condition=tagged)))
    assert found.verdict is Verdict.UNKNOWN
    assert "s3:ExistingObjectTag/public is yes" in found.message


def test_a_closed_store_passes(calls: Store) -> None:
    assert passed(findings(world_readable_audio, world(calls, *AUDIO))) == [calls.id]


def test_a_named_reader_is_silent(calls: Store) -> None:
    named = readers("arn:aws:iam::111111111111:role/app")
    assert failed(findings(world_readable_audio, world(calls, *AUDIO, named))) == []


def test_a_public_store_without_recordings_is_no_concern(calls: Store) -> None:
    assert findings(world_readable_audio, world(calls, transcript("calls", "a.json"), readers())) == []


@pytest.mark.parametrize("facts", [{"has_policy": Answer.UNKNOWN}, {"acl": None}])
def test_a_fact_that_may_open_it_and_is_not_known_is_unknown(calls: Store, facts: dict[str, object]) -> None:
    found = findings(world_readable_audio, world(replace(calls, **facts), *AUDIO))  # type: ignore[arg-type]
    assert unknown(found) == [calls.id]


@pytest.mark.parametrize("facet", [Facet.POLICY, Facet.ACL, Facet.ACCESS_POINTS, Facet.OBJECTS])
@pytest.mark.parametrize("of_account", [False, True])
def test_a_denied_question_is_unknown_and_names_the_permission(calls: Store, facet: Facet, of_account: bool) -> None:
    denied = gap(ACCOUNT if of_account else calls.id, facet, permission="s3:Something")
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, denied))
    assert found.verdict is Verdict.UNKNOWN
    assert found.evidence["permissions"] == ["s3:Something"]


def test_an_access_point_whose_policy_was_not_read_is_unknown(calls: Store) -> None:
    point = AccessPoint("arn:aws:s3:eu-central-1:1:accesspoint/door", "aws", ACCOUNT, "eu-central-1", "door", calls.id)
    found = findings(world_readable_audio, world(calls, point, *AUDIO, gap(point.id, Facet.ACCESS_POINTS)))
    assert unknown(found) == [calls.id]


def test_a_listing_that_was_limited_is_unknown_but_an_open_part_still_fails(calls: Store) -> None:
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    assert unknown(findings(world_readable_audio, world(calls, *AUDIO, limited))) == [calls.id]
    assert failed(findings(world_readable_audio, world(calls, *AUDIO, limited, readers()))) == [calls.id]


def test_hostile_keys_stay_text(calls: Store) -> None:
    key = "\u202e[red]`rm -rf`\n=cmd()/a.wav"
    opened = grant(ANYONE, Action.READ, "calls", media=MediaClass.SPEECH, objects=1, example=key)
    (found,) = findings(world_readable_audio, world(calls, speech("calls", key), opened))
    assert found.evidence["example"] == key
    assert key not in found.remediation


POOL = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/*"


@pytest.mark.parametrize(
    ("enters", "verdict"),
    [
        (ALWAYS, Verdict.FAIL),
        (REFERER, Verdict.FAIL),
        (OFFICE, Verdict.PASS),
        (Unseen("what the pool asks was not read"), Verdict.UNKNOWN),
    ],
)
def test_a_set_that_takes_in_everybody_is_anyone(calls: Store, enters: Condition, verdict: Verdict) -> None:
    step, read = edge(ANYONE, "federate", POOL, condition=enters), readers(POOL)
    strangers: dict[Condition, Answer] = {REFERER: Answer.YES, OFFICE: Answer.NO}
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, step, read, strangers=strangers))
    assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert found.message.startswith("anyone on the Internet can read all 2 recordings (1.5 h) under raw/")
        assert found.path == (*step.prove(ANYONE, POOL), *read.steps)


def test_the_remedy_of_an_identity_pool_is_no_public_access_prevention(calls: Store) -> None:
    """Public access prevention (Cloud Storage documentation) keeps out allUsers and allAuthenticatedUsers alone."""
    calls = replace(calls, provider="gcp")
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, edge(ANYONE, "federate", POOL), readers(POOL)))
    assert "That stops nobody who comes through an identity pool" in found.remediation
    assert "--attribute-condition=" in found.remediation


def test_of_two_such_sets_and_anyone_itself_recordings_are_counted_once(calls: Store) -> None:
    more = f"{POOL[:-1]}attribute.ref/main"
    things = (edge(ANYONE, "federate", POOL), edge(ANYONE, "federate", more), readers(POOL, objects=1))
    third = [speech("calls", f"raw/{number}.wav") for number in range(3)]
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, *third, *things, readers(more, objects=2)))
    assert found.evidence["objects"] == 2
    (both,) = findings(world_readable_audio, world(calls, *AUDIO, *third, *things, readers(objects=2)))
    assert both.evidence["objects"] == 2


def test_a_pass_names_as_whom_anyone_reads_all_the_same(calls: Store) -> None:
    export = principal("export")
    (found,) = findings(
        world_readable_audio, world(calls, *AUDIO, export, edge(ANYONE, "act-as", export.id), readers(export.id))
    )
    assert found.verdict is Verdict.PASS
    assert found.message == f"no stranger can read 2 recordings (1.5 h) but by becoming {export.id}"


def test_it_does_not_pass_where_nobody_asked_who_comes_from_elsewhere(calls: Store) -> None:
    asked = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in world_readable_audio.needs]
    (passes,) = findings(world_readable_audio, world(calls, *AUDIO, *asked))
    assert passes.verdict is Verdict.PASS
    left = [line for line in asked if line.facet != Facet.FEDERATIONS]
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, *left))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message.endswith("it was never asked who comes from elsewhere, and as whom")


def test_who_comes_from_elsewhere_matters_where_it_was_not_read_and_somebody_of_whom_there_is_no_record_reads(
    calls: Store,
) -> None:
    denied = gap(ACCOUNT, Facet.FEDERATIONS, operation="ListPools")
    member = readers("principalSet://pool/attribute.repository/*")
    (found,) = findings(world_readable_audio, world(calls, *AUDIO, denied, member))
    assert found.verdict is Verdict.UNKNOWN
    assert "could not read who comes as principalSet://pool/attribute.repository/* (denied: ListPools)" in found.message
    (held,) = findings(world_readable_audio, world(calls, *AUDIO, denied, principal("export"), readers(ROLE)))
    assert held.verdict is Verdict.PASS
    (known,) = findings(world_readable_audio, world(calls, *AUDIO, member))
    assert known.verdict is Verdict.PASS
    (of_account,) = findings(
        world_readable_audio, world(calls, *AUDIO, denied, replace(member, account="222222222222"))
    )
    assert of_account.verdict is Verdict.PASS
