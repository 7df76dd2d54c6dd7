"""What stale_reader_credential must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.conditions import ALWAYS, Unseen
from cloudscan.model import (
    Account,
    Action,
    Answer,
    Coverage,
    Credential,
    Finding,
    MediaClass,
    Principal,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, NOW, edge, findings, gap, grant, principal, speech, world
from cloudscan_checks.stale_reader_credential import stale_reader_credential

AUDIO = speech("calls", "a.wav")
BEN, EVE, EXPORT = principal("ben", "user"), principal("eve", "user"), principal("export")


def reads(who: Principal, condition: Condition = ALWAYS, **facts: object) -> Grant:
    held: dict[str, object] = {"media": MediaClass.SPEECH, "objects": 1} | facts
    return grant(who.id, Action.READ, "calls", condition=condition, **held)


def key(who: Principal, days: float | None, **facts: object) -> Credential:
    created = None if days is None else NOW - timedelta(days=days)
    given: dict[str, object] = {"created": created, "lasting": Answer.YES, "enabled": Answer.YES} | facts
    return Credential(f"{who.id}/access-key/1", who.provider, who.account, who.id, "access-key", **given)  # type: ignore[arg-type]


def judged(*things: object, most: int | None = 90) -> list[Finding]:
    policy: dict[str, object] = {} if most is None else {"access": {"max_credential_days": most}}
    return findings(stale_reader_credential, world(*things, policy=policy))  # type: ignore[arg-type]


def test_without_a_decision_nothing_is_judged(calls: Store) -> None:
    assert judged(calls, AUDIO, BEN, reads(BEN), key(BEN, 900), most=None) == []


def test_an_old_key_of_a_reader_is_found(calls: Store) -> None:
    (found,) = judged(calls, AUDIO, BEN, reads(BEN), key(BEN, 91))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, BEN.id, f"{BEN.id}/access-key/1")
    assert found.message == "user ben can read speech with an access key that is 91 days old, of which 90 is the most"
    assert found.path == reads(BEN).steps
    assert "--user-name ben" in found.remediation


@pytest.mark.parametrize("provider", ["gcp", "azure"])
def test_the_cloud_makes_no_difference(calls: Store, provider: str) -> None:
    robot = replace(BEN, provider=provider, id="serviceAccount:ben", kind="service-account")
    account = Account(ACCOUNT, provider)
    (found,) = judged(account, replace(calls, provider=provider), AUDIO, robot, reads(robot), key(robot, 91))
    assert (found.verdict, found.resource, found.provider) == (Verdict.FAIL, robot.id, provider)


def test_identities_of_a_directory_are_judged_too(calls: Store) -> None:
    home = Account(ACCOUNT, "aws", organization="tenant")
    robot = replace(BEN, account="tenant", id="entra:7079e50b", kind="service-account")
    found = judged(home, calls, AUDIO, robot, reads(robot), key(robot, 91))
    assert [(one.verdict, one.resource) for one in found] == [(Verdict.PASS, ACCOUNT), (Verdict.FAIL, robot.id)]


@pytest.mark.parametrize(
    ("days", "enabled", "verdict"),
    [
        (91, Answer.YES, Verdict.FAIL),
        (91, Answer.UNKNOWN, Verdict.UNKNOWN),
        (None, Answer.YES, Verdict.UNKNOWN),
        (91, Answer.NO, Verdict.PASS),
        (89, Answer.YES, Verdict.PASS),
    ],
)
def test_a_key_that_opens_a_place_opens_what_lies_there(
    calls: Store, days: float | None, enabled: Answer, verdict: Verdict
) -> None:
    place = replace(calls, id="/storageaccounts/acmevoice/containers/calls", name="acmevoice/calls")
    held = replace(key(BEN, days, enabled=enabled), principal="/storageaccounts/acmevoice", kind="account-key")
    (found,) = judged(Account(ACCOUNT, "aws"), place, AUDIO._replace(store=place.id), BEN, held)
    assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert (found.resource, found.locator) == (ACCOUNT, held.id)
        assert found.message == (
            "whoever holds an account key that is 91 days old, of which 90 is the most, can read speech in"
            " acmevoice/calls"
        )


def test_whoever_reads_as_somebody_else_counts_and_whoever_changes_the_cloud_does_not(calls: Store) -> None:
    takes = edge(BEN.id, "assume-role", EXPORT.id)
    (found,) = judged(calls, AUDIO, BEN, EXPORT, reads(EXPORT), takes, key(BEN, 91))
    assert (found.verdict, found.resource) == (Verdict.FAIL, BEN.id)
    rewrites = reads(EVE, by="s3:PutBucketPolicy", changes=True)
    (passed,) = judged(calls, AUDIO, EVE, rewrites, key(EVE, 91))
    assert passed.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "credential",
    [
        key(BEN, 90.9),
        key(BEN, 91, enabled=Answer.NO),
        key(BEN, 91, expires=NOW - timedelta(days=1), lasting=Answer.NO),
        key(EVE, 91),
    ],
)
def test_what_is_young_or_opens_nothing_passes(calls: Store, credential: Credential) -> None:
    (found,) = judged(calls, AUDIO, BEN, EVE, reads(BEN), credential)
    assert (found.verdict, found.resource) == (Verdict.PASS, ACCOUNT)
    assert found.message == "no credential of those who read speech is older than 90 days"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ((key(BEN, None), reads(BEN)), "how old it is is not known of an access key of user ben"),
        ((key(BEN, 91, enabled=Answer.UNKNOWN), reads(BEN)), "whether it works is not known of an access key"),
        ((key(BEN, 91), reads(BEN, Unseen("its boundary"))), "user ben perhaps reads speech"),
        ((key(EVE, 91), reads(BEN), gap("arn:aws:s3:::calls", Facet.POLICY)), "could not read what may open the store"),
        ((reads(BEN), gap(ACCOUNT, Facet.CREDENTIALS, operation="ListKeys")), "denied: ListKeys"),
        ((reads(BEN), Coverage("aws", ACCOUNT, Facet.PRINCIPALS, 1, 1)), "never asked for principal.credentials"),
    ],
)
def test_what_cannot_be_told_is_unknown(calls: Store, more: tuple[object, ...], why: str) -> None:
    (found,) = judged(calls, AUDIO, BEN, EVE, *more)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)
    assert why in found.message


def test_an_old_key_is_old_whatever_is_hidden(calls: Store) -> None:
    found = judged(calls, AUDIO, BEN, reads(BEN), key(BEN, 91), gap(ACCOUNT, Facet.CREDENTIALS))
    assert [(one.verdict, one.resource) for one in found] == [(Verdict.UNKNOWN, ACCOUNT), (Verdict.FAIL, BEN.id)]
    assert "whether further credentials" in found[0].message


def test_somebody_who_is_not_named_may_read_with_a_key_that_nobody_asked_for(calls: Store) -> None:
    unread = Unseen("the role assignments of SUB were not read and may give")
    somebody = replace(reads(BEN, unread), principal="somebody who is not named")
    refused = gap(ACCOUNT, Facet.ORGANIZATION)
    (found,) = judged(calls, AUDIO, EXPORT, somebody, refused)
    assert found.verdict is Verdict.UNKNOWN
    assert "whether further identities read is not known: the role assignments of SUB" in found.message
    (passed,) = judged(calls, AUDIO, EXPORT, refused)
    assert passed.verdict is Verdict.PASS
