"""What a list that was refused hides is unknown of its account, in every check that depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from cloudscan.check import Check, World, check
from cloudscan.model import Account, Finding, MediaClass, Severity, Verdict, Why
from cloudscan.policy.file import Policy
from cloudscan.provider import Facet
from cloudscan.report import ScanResult
from cloudscan.scan import analyze
from cloudscan.testing import ACCOUNT, NOW, gap, job, speech, store, world

FACTS: dict[str, Any] = {"severity": Severity.LOW, "remediation": {"aws": "`aws s3 ls {name} {party}`"}}
CALLS, OTHER = store("calls"), store("other")


@check(needs=(Facet.OBJECTS, Facet.POLICY), **FACTS)
def loud_store(self: Check, world: World) -> Iterator[Finding]:
    """Store that is judged."""
    for held in world.estate.stores_with(MediaClass.SPEECH):
        yield self.fail(held, "it is loud")


@check(needs=(Facet.JOBS,), asked_by=lambda policy: bool(policy.retention), **FACTS)
def long_job(self: Check, world: World) -> Iterator[Finding]:
    """Job that is judged where the policy file says so."""
    for one in world.estate.jobs.values():
        yield self.passed(one, "it is short")


@check(needs=(Facet.OBJECTS, Facet.ENCRYPTION), subjects=(Facet.ENCRYPTION,), **FACTS)
def old_key(self: Check, world: World) -> Iterator[Finding]:
    """Key that is judged."""
    yield from ()


def judged(one: Check, *things: Any, policy: dict[str, object] | None = None) -> list[Finding]:
    seen = world(*things, policy=policy)
    return list(_scan(one, seen).findings)


def _scan(one: Check, seen: World, now: datetime = NOW) -> ScanResult:
    return analyze(seen.estate, [], [one], seen.policy, now=now, generated_at=now)


def test_a_store_that_was_not_listed_is_unknown_of_its_account() -> None:
    refused = gap(OTHER.id, Facet.OBJECTS, operation="s3:ListBucket", permission="s3:ListBucket")
    known, hidden = sorted(
        judged(loud_store, CALLS, OTHER, speech("calls", "a.wav"), refused), key=lambda it: it.verdict
    )
    assert (known.verdict, known.resource) == (Verdict.FAIL, CALLS.id)
    assert (hidden.verdict, hidden.resource, hidden.resource_kind) == (Verdict.UNKNOWN, ACCOUNT, "account")
    assert (
        hidden.message
        == "there may be more to judge: could not read what is in the store other (denied: s3:ListBucket)"
    )
    assert hidden.evidence == {
        "not_seen": ["s3:ListBucket: denied"],
        "permissions": ["s3:ListBucket"],
        "stores": 1,
        "examples": [OTHER.id],
    }
    assert hidden.remediation == ""


@check(needs=(Facet.BACKUPS,), subjects=(Facet.BACKUPS,), **FACTS)
def lasting_backup(self: Check, world: World) -> Iterator[Finding]:
    """Backup that is judged."""
    yield from ()


def test_backups_that_were_not_listed_are_unknown_of_their_account() -> None:
    """Those of a store that is gone are named by nothing else."""
    vault = "arn:aws:backup:eu-central-1:111111111111:backup-vault:weekly"
    (found,) = judged(lasting_backup, gap(vault, Facet.BACKUPS, operation="backup:ListRecoveryPointsByBackupVault"))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)
    assert "all of its backups (denied: backup:ListRecoveryPointsByBackupVault)" in found.message
    assert judged(loud_store, gap(vault, Facet.BACKUPS)) == []


def test_several_are_one_finding() -> None:
    things = [CALLS, OTHER, gap(CALLS.id, Facet.OBJECTS), gap(OTHER.id, Facet.OBJECTS), gap(ACCOUNT, Facet.STORES)]
    (found,) = judged(loud_store, *things)
    assert found.message == (
        "there may be more to judge: could not read what is in 2 stores (denied: Get); all of its stores (denied: Get)"
    )


@pytest.mark.parametrize("facet", [Facet.STORES, Facet.ACCOUNTS, Facet.OBJECTS])
@pytest.mark.parametrize("why", [Why.DENIED, Why.THROTTLED, Why.MALFORMED, Why.UNSUPPORTED, Why.DISABLED, Why.ERROR])
def test_every_list_that_did_not_come_counts(facet: Facet, why: Why) -> None:
    (found,) = judged(loud_store, gap(ACCOUNT, facet, why))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, ACCOUNT)


def test_what_a_check_says_itself_is_not_said_again() -> None:
    assert [
        one.verdict for one in judged(loud_store, CALLS, speech("calls", "a.wav"), gap(CALLS.id, Facet.OBJECTS))
    ] == [Verdict.FAIL]

    @check(needs=(Facet.OBJECTS,), **FACTS)
    def careful(self: Check, world: World) -> Iterator[Finding]:
        """Check that knows of gaps."""
        account = world.estate.accounts[ACCOUNT]
        yield self.unknown(account, "nobody knows", evidence={"not_seen": ["Get: denied"]})

    assert [one.message for one in judged(careful, gap(ACCOUNT, Facet.STORES))] == ["nobody knows"]
    assert len(judged(careful, gap(ACCOUNT, Facet.STORES, operation="List"))) == 2


def test_what_hides_nothing_to_judge_is_no_matter() -> None:
    assert judged(loud_store, CALLS, gap(CALLS.id, Facet.POLICY), gap(ACCOUNT, Facet.JOBS)) == []
    assert judged(loud_store, CALLS, gap(CALLS.id, Facet.OBJECTS, Why.LIMIT)) == []
    assert judged(loud_store, CALLS, gap(CALLS.id, Facet.OBJECTS, Why.UNSUPPORTED, since=NOW)) == []


def test_a_service_that_an_account_does_not_use_hides_nothing() -> None:
    policy: dict[str, object] = {"retention": [{"max_days": 90}]}
    assert judged(long_job, gap(f"{ACCOUNT}/speech", Facet.JOBS, Why.DISABLED), policy=policy) == []
    assert len(judged(long_job, gap(ACCOUNT, Facet.JOBS, Why.DISABLED), policy=policy)) == 1


def test_without_the_decision_that_a_check_judges_by_nothing_is_unknown() -> None:
    refused = gap(ACCOUNT, Facet.JOBS)
    assert judged(long_job, refused) == []
    found = judged(long_job, job("one"), refused, policy={"retention": [{"max_days": 90}]})
    assert {(one.verdict, one.resource) for one in found} >= {(Verdict.UNKNOWN, ACCOUNT)}
    assert long_job.asked_by(Policy()) is False


def test_what_tells_the_subjects_of_a_check_matters_where_there_are_recordings() -> None:
    refused = gap(CALLS.id, Facet.ENCRYPTION)
    assert judged(old_key, CALLS, refused) == []
    (found,) = judged(old_key, CALLS, speech("calls", "a.wav"), refused)
    assert found.message == (
        "there may be more to judge: could not read which key protects the store calls (denied: Get)"
    )


def test_where_no_account_was_found_the_provider_is_named() -> None:
    (found,) = judged(loud_store, Account("1", "aws"), gap("", Facet.ACCOUNTS, account="", provider="gcp"))
    assert (found.verdict, found.provider, found.resource) == (Verdict.UNKNOWN, "gcp", "gcp")
