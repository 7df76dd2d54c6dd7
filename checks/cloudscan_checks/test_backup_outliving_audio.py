"""What backup_outliving_audio must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cloudscan.model import Account, Answer, Backup, Coverage, Finding, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.snapshot import Manifest
from cloudscan.testing import ACCOUNT, NOW, backup, expire, findings, gap, speech, store, world
from cloudscan_checks.backup_outliving_audio import backup_outliving_audio

CHECK = backup_outliving_audio
AUDIO = speech("calls", "a.wav", days=10.25)
VAULT = f"arn:aws:backup:eu-central-1:{ACCOUNT}:backup-vault:weekly"
YEAR: dict[str, Any] = {"days": 365, "ends": NOW + timedelta(days=362), "lasting": Answer.NO}


@pytest.fixture
def month(calls: Store) -> Store:
    """A store that deletes recordings within a month."""
    return replace(calls, lifecycle=(expire(30),), replication=())


ASKED = Coverage("aws", ACCOUNT, Facet.BACKUPS, 1, 1)


def judged(*things: Any) -> Finding:
    (found,) = findings(CHECK, world(*things, AUDIO, ASKED))
    return found


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (YEAR, "holds until 2027-10-29, some of those that are there now, too"),
        ({"lasting": Answer.YES}, "holds for good, some of those that are there now, too"),
        (YEAR | {"age": 11}, "holds until 2027-10-29"),
        (
            YEAR | {"ends": NOW + timedelta(days=25), "days": 28},
            "holds until 2026-11-26, some of those that are there now, too",
        ),
    ],
)
def test_backups_that_stay_longer_are_found(month: Store, facts: dict[str, Any], told: str) -> None:
    found = judged(month, backup("calls", **facts))
    assert (found.verdict, found.locator) == (Verdict.FAIL, VAULT)
    assert found.message.startswith(f"recordings are deleted within 31 days, and 1 backup in {VAULT} (2026-")
    assert found.message.endswith(told)


def test_a_continuous_backup_keeps_what_the_store_has_lost(month: Store) -> None:
    found = judged(month, backup("calls", continuous=True, days=35, lasting=Answer.NO))
    assert found.verdict is Verdict.FAIL
    assert found.message.endswith("holds for 35 days after the store has lost it")
    assert judged(month, backup("calls", continuous=True)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"age": 11, "days": 20, "ends": NOW + timedelta(days=9), "lasting": Answer.NO},
        {"days": 20, "ends": NOW + timedelta(days=17), "lasting": Answer.NO},
    ],
)
def test_what_is_in_a_backup_that_ends_soon_nobody_sees(month: Store, facts: dict[str, Any]) -> None:
    found = judged(month, backup("calls", **facts))
    assert found.verdict is Verdict.UNKNOWN
    assert "nobody sees" in found.message


def test_all_backups_of_a_vault_are_one_finding_and_each_vault_has_its_own(month: Store) -> None:
    short: dict[str, Any] = {"days": 20, "ends": NOW + timedelta(days=17), "lasting": Answer.NO}
    held = (backup("calls", **short), backup("calls", **YEAR), backup("calls", vault="far", **short))
    far, weekly = findings(CHECK, world(month, AUDIO, ASKED, *held))
    assert (far.verdict, weekly.verdict) == (Verdict.UNKNOWN, Verdict.FAIL)
    assert weekly.evidence["copies"] == 2
    assert "--backup-vault-name weekly" in weekly.remediation


def test_backups_of_what_is_never_deleted_outlive_nothing(calls: Store) -> None:
    assert judged(replace(calls, lifecycle=()), backup("calls", **YEAR)).verdict is Verdict.PASS


def test_rules_that_are_not_known_leave_it_open(month: Store) -> None:
    assert judged(replace(month, lifecycle=None), backup("calls", **YEAR)).verdict is Verdict.UNKNOWN
    tagged = replace(month, lifecycle=(expire(9, tags=(("a", "b"),)),))
    assert judged(tagged, backup("calls", **YEAR)).verdict is Verdict.UNKNOWN


def test_no_backup_passes_only_where_all_were_asked_for(month: Store) -> None:
    assert judged(month).verdict is Verdict.PASS
    for things in ((), (Coverage("aws", ACCOUNT, Facet.OBJECTS, 1, 1),)):
        assert [one.verdict for one in findings(CHECK, world(month, AUDIO, *things))] == [Verdict.UNKNOWN]
    denied = gap("222222222222", Facet.BACKUPS, account="222222222222", operation="backup:ListBackupVaults")
    found = judged(month, denied)
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == "it is not known whether backups keep its recordings (denied: backup:ListBackupVaults)"
    assert judged(month, replace(denied, provider="gcp")).verdict is Verdict.PASS


def test_a_backup_that_was_found_hides_no_other_that_was_not_seen(month: Store) -> None:
    denied = gap(VAULT, Facet.BACKUPS)
    rest, found = findings(CHECK, world(month, AUDIO, backup("calls", **YEAR), denied))
    assert (rest.verdict, found.verdict) == (Verdict.UNKNOWN, Verdict.FAIL)
    assert rest.message.startswith("it is not known whether further backups keep its recordings")


def test_backups_of_a_store_that_is_gone_may_hold_recordings(month: Store) -> None:
    known = Account(ACCOUNT, "aws", name="voice")
    for things in ((known,), ()):
        gone, kept = findings(CHECK, world(month, AUDIO, ASKED, *things, backup("gone", **YEAR)))
        assert (gone.verdict, gone.resource, gone.locator) == (Verdict.UNKNOWN, ACCOUNT, "arn:aws:s3:::gone")
        assert "of arn:aws:s3:::gone, which was not looked at or is gone: 1 backup in" in gone.message
        assert kept.verdict is Verdict.PASS


def test_recordings_that_are_kept_hide_none_that_are_deleted(month: Store) -> None:
    half = replace(month, lifecycle=(expire(30, prefixes=("old/",)),))
    rows = (AUDIO, speech("calls", "old/b.wav", days=10.25))
    (found,) = findings(CHECK, world(half, *rows, ASKED, backup("calls", **YEAR)))
    assert found.verdict is Verdict.FAIL
    assert found.message.startswith("some recordings are deleted within 31 days, and 1 backup in")
    short: dict[str, Any] = {"days": 20, "ends": NOW + timedelta(days=17), "lasting": Answer.NO}
    (found,) = findings(CHECK, world(half, *rows, ASKED, backup("calls", **short)))
    assert found.verdict is Verdict.UNKNOWN


ABOVE = "/subscriptions/s/resourcegroups/rg/providers/microsoft.storage/storageaccounts/acme"
BLOBS = f"{ABOVE}/blobservices/default/containers/calls"
AZURE_ASKED = Coverage("azure", ACCOUNT, Facet.BACKUPS, 1, 1)


def of_azure(calls: Store, *backups: Backup) -> list[Finding]:
    """Judge a container beside backups of it, or of the account that it lies in."""
    audio = AUDIO._replace(store=BLOBS)
    made = [replace(one, provider="azure") for one in backups]
    return findings(CHECK, world(replace(calls, id=BLOBS, provider="azure"), audio, AZURE_ASKED, *made))


def test_a_backup_that_may_be_of_the_store_is_never_a_pass(month: Store) -> None:
    perhaps = replace(backup("", **YEAR), store=ABOVE)
    beside = replace(backup("", **YEAR), store=f"{ABOVE}2")
    account, found = of_azure(month, perhaps)
    assert (account.verdict, account.locator, found.verdict) == (Verdict.UNKNOWN, ABOVE, Verdict.UNKNOWN)
    assert f"recordings are deleted within 31 days; perhaps 1 backup in {VAULT}" in found.message
    assert [one.verdict for one in of_azure(month, beside)] == [Verdict.UNKNOWN, Verdict.PASS]
    own = replace(backup("", **YEAR), store=BLOBS)
    _, both = of_azure(month, perhaps, own)
    assert both.verdict is Verdict.FAIL


def test_backups_that_were_deleted_and_can_be_got_back_are_not_known(month: Store) -> None:
    gone = backup(
        "calls", copies=0, first=None, last=None, ends=NOW + timedelta(days=9), lasting=Answer.NO, deleted=True
    )
    found = judged(month, gone)
    assert found.verdict is Verdict.UNKNOWN
    assert f"backups that were deleted in {VAULT} hold until 2026-11-10" in found.message


@pytest.mark.parametrize(("region", "verdict"), [("eu-west-1", Verdict.UNKNOWN), (None, Verdict.PASS)])
def test_regions_that_nobody_wanted_may_hold_backups(month: Store, region: str | None, verdict: Verdict) -> None:
    seen = world(month, AUDIO, ASKED)
    scope = {"aws": {"options": {"region": [region] if region else []}}}
    manifest = Manifest(scope, (), NOW, NOW, "", {}, "")
    (found,) = findings(CHECK, replace(seen, estate=replace(seen.estate, manifest=manifest)))
    assert found.verdict is verdict


def test_an_account_that_could_not_be_looked_at_may_hold_backups(month: Store) -> None:
    other = gap("222222222222", Facet.ACCOUNTS, account="222222222222", operation="sts:assume_role")
    assert judged(month, other).verdict is Verdict.UNKNOWN


def test_a_store_without_recordings_is_not_judged() -> None:
    assert findings(CHECK, world(store("calls", lifecycle=()), backup("calls", **YEAR))) == []
