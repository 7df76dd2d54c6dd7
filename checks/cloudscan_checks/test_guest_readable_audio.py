"""What guest_readable_audio must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import ANYONE, Action, Answer, Confidence, Federation, MediaClass, Principal, Store, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, findings, gap, grant, speech, transcript, world
from cloudscan_checks.guest_readable_audio import guest_readable_audio

GUEST = f"arn:aws:iam::{ACCOUNT}:role/guest"
SIGNED_IN = f"arn:aws:iam::{ACCOUNT}:role/user"
ROLE = Principal(GUEST, "aws", ACCOUNT, "role", "guest", policies=())
POOL = Federation(
    f"arn:aws:cognito-identity:eu-west-1:{ACCOUNT}:identitypool/eu-west-1:1",
    "aws",
    ACCOUNT,
    "eu-west-1",
    "cognito",
    "voice notes",
    guests=Answer.YES,
    roles=(("guest", GUEST), ("signed-in", SIGNED_IN)),
)
AUDIO = speech("calls", "a.wav", seconds=3600)


def reads(role: str = GUEST, condition: Condition = ALWAYS, media: MediaClass = MediaClass.SPEECH) -> Grant:
    return grant(role, Action.READ, "calls", condition=condition, media=media, objects=1, seconds=3600, example="a.wav")


def test_what_guests_can_read_is_found_with_the_whole_path(calls: Store) -> None:
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, POOL, ROLE, reads()))
    assert (found.verdict, found.resource) == (Verdict.FAIL, calls.id)
    assert [(step.source, step.target) for step in found.path] == [
        (ANYONE, POOL.id),
        (POOL.id, GUEST),
        (GUEST, calls.id),
    ]
    assert found.message == "any guest of voice notes can read 1 recording (1.0 h)"
    assert "--region eu-west-1 --identity-pool-id eu-west-1:1 --identity-pool-name 'voice notes'" in found.remediation


def test_a_condition_that_guests_can_meet_is_named_and_lowers_the_confidence(calls: Store) -> None:
    app = Test("aws:UserAgent", Operator.LIKE, (glob("app*"),))
    (found,) = findings(
        guest_readable_audio, world(calls, AUDIO, POOL, ROLE, reads(condition=app), strangers={app: Answer.YES})
    )
    assert found.confidence is Confidence.MEDIUM
    assert found.message.endswith(", if aws:UserAgent is like app*")


@pytest.mark.parametrize(
    "own",
    [
        Test("cognito-identity.amazonaws.com:sub", Operator.EQUALS, (glob("eu-west-1:0000"),)),
        Test("aws:SourceIp", Operator.IN_NETWORK, (glob("203.0.113.0/24"),)),
    ],
)
def test_guests_who_are_kept_to_what_is_theirs_pass(calls: Store, own: Test) -> None:
    (found,) = findings(
        guest_readable_audio, world(calls, AUDIO, POOL, ROLE, reads(condition=own), strangers={own: Answer.NO})
    )
    assert found.verdict is Verdict.PASS
    assert own.key in str(found.evidence["restricted_by"])


@pytest.mark.parametrize("things", [[], [reads(SIGNED_IN)], [reads(media=MediaClass.TRANSCRIPT)]])
def test_guests_that_read_no_recordings_pass(calls: Store, things: list[Grant]) -> None:
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, POOL, ROLE, *things))
    assert (found.verdict, found.resource) == (Verdict.PASS, POOL.id)


def test_a_pool_closed_to_guests_passes_whatever_their_role_may(calls: Store) -> None:
    closed = replace(POOL, guests=Answer.NO)
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, closed, ROLE, reads()))
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize("pool", [replace(POOL, guests=Answer.UNKNOWN), replace(POOL, roles=None)])
def test_a_pool_that_was_not_read_is_unknown(calls: Store, pool: Federation) -> None:
    denied = gap(POOL.id, Facet.FEDERATIONS, permission="cognito-identity:GetIdentityPoolRoles")
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, pool, ROLE, denied))
    assert found.verdict is Verdict.UNKNOWN
    assert found.evidence["permissions"] == ["cognito-identity:GetIdentityPoolRoles"]


def test_a_guest_role_that_was_not_read_is_unknown(calls: Store) -> None:
    for more in ([], [replace(ROLE, policies=None)]):
        (found,) = findings(guest_readable_audio, world(calls, AUDIO, POOL, *more))
        assert found.verdict is Verdict.UNKNOWN


def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store) -> None:
    hanging = reads(condition=Unseen("the key's policy could not be read"))
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, POOL, ROLE, hanging))
    assert found.verdict is Verdict.UNKNOWN
    assert "the key's policy could not be read" in found.message


def test_what_anyone_can_read_is_not_the_pools_finding(calls: Store) -> None:
    (alike,) = findings(guest_readable_audio, world(calls, AUDIO, POOL, ROLE, reads(), reads(ANYONE)))
    assert (alike.verdict, alike.resource) == (Verdict.PASS, POOL.id)
    more = replace(reads(), objects=2)
    (wider,) = findings(guest_readable_audio, world(calls, AUDIO, POOL, ROLE, more, reads(ANYONE)))
    assert wider.verdict is Verdict.FAIL


def test_a_hostile_pool_name_is_one_word_of_the_command(calls: Store) -> None:
    pool = replace(POOL, name="x'; touch y\n")
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, pool, ROLE, reads()))
    assert """--identity-pool-name 'x'"'"'; touch y\n' --no""" in found.remediation


def test_without_recordings_a_pool_passes(calls: Store) -> None:
    (found,) = findings(guest_readable_audio, world(calls, transcript("calls", "a"), POOL, ROLE, reads()))
    assert found.verdict is Verdict.PASS


def test_a_pool_that_was_not_listed_may_open_a_store(calls: Store) -> None:
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, gap(ACCOUNT, Facet.FEDERATIONS)))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)
    assert "could not read every app and identity pool (denied" in found.message


def test_what_a_pool_was_not_told_of_may_open_a_store_but_not_a_service_that_is_off(calls: Store) -> None:
    """Where a pool has no record, since its list of providers was refused, nobody knows whom it lets in."""
    refused = gap("projects/1/workloadIdentityPools/partners", Facet.FEDERATIONS)
    (found,) = findings(guest_readable_audio, world(calls, AUDIO, refused))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)
    unused = gap(f"{ACCOUNT}/firebaserules", Facet.FEDERATIONS, Why.DISABLED)
    assert findings(guest_readable_audio, world(calls, AUDIO, unused)) == []


@pytest.mark.parametrize("facet", [Facet.OBJECTS, Facet.STORES])
def test_recordings_in_stores_that_were_not_listed_may_be_read_by_guests(calls: Store, facet: Facet) -> None:
    rest = gap(calls.id if facet is Facet.OBJECTS else ACCOUNT, facet)
    (found,) = findings(guest_readable_audio, world(calls, POOL, ROLE, rest))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, POOL.id)
    assert "could not read every object of its stores (denied: Get)" in found.message
    (closed,) = findings(guest_readable_audio, world(calls, replace(POOL, guests=Answer.NO), rest))
    assert closed.verdict is Verdict.PASS
