"""What ``cloudscan retention`` says of what speech services, backups and other parties keep: no list shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cloudscan.model import Account, Answer, Coverage, Gap, LifecycleRule, Replication, RetentionLock, Why
from cloudscan.older import Older, older_than
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, NOW, REGION, backup, expire, expire_old, gap, job, store, world

UPLOADS = LifecycleRule("uploads", True, "abort-upload", upload_days=7)
CLEAN = store(
    "calls",
    versioning="disabled",
    lifecycle=(UPLOADS,),
    soft_delete_days=0,
    keeps_deleted=Answer.NO,
    lock=RetentionLock(Answer.NO),
)
SERVICE: dict[str, Any] = {"output_owner": "service", "status": "COMPLETED"}
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:weekly"
FOREIGN = "arn:aws:s3:::partner-feed/out/a.json"


def asked(*things: Any, days: int = 30) -> Older:
    return older_than(world(CLEAN, *things).estate, days, NOW)


def made(days: float, name: str = "a", **facts: Any) -> Any:
    """Make a job that ended so many days ago."""
    ended = NOW - timedelta(days=days)
    return job(name, **({"created": ended - timedelta(hours=1), "completed": ended} | facts))


@pytest.mark.parametrize(
    ("things", "where", "what"),
    [
        ((made(40, **SERVICE),), f"{ACCOUNT} in {REGION}", "what 1 older transcription job left in the service's own"),
        (
            (made(40, **SERVICE), made(50, "b", **SERVICE), made(1, "c", **SERVICE)),
            f"{ACCOUNT} in {REGION}",
            "what 2 older transcription jobs left in the service's own storage",
        ),
        ((job("a", **SERVICE),), f"{ACCOUNT} in {REGION}", "what 1 older transcription job left"),
        (
            (job("a", kind="conversation-log", continuous=True, output_owner="service"),),
            f"{ACCOUNT} in {REGION}",
            "what 1 conversation-log setting leaves in the service's own storage",
        ),
        (
            (made(40, outputs=(FOREIGN,), output_owner="customer"),),
            "arn:aws:s3:::partner-feed",
            "what 1 older transcription job left there",
        ),
        (
            (job("a", kind="call-recording", continuous=True, outputs=("arn:aws:s3:::gone/x",)),),
            "arn:aws:s3:::gone",
            "what 1 call-recording setting leaves there",
        ),
        (
            (job("nightly", kind="transfer", continuous=True, outputs=("gs://far/x",), output_owner="customer"),),
            "gs://far",
            "what 1 transfer setting leaves there (nightly)",
        ),
        (
            (job("nightly", kind="transfer", continuous=True, output_owner="customer"),),
            f"{ACCOUNT} in {REGION}",
            "where 1 transfer setting leaves what was copied (nightly)",
        ),
        (
            (made(40, status="COMPLETED"),),
            f"{ACCOUNT} in {REGION}",
            "where 1 older transcription job left what was said",
        ),
        (
            (gap(ACCOUNT, Facet.JOBS, operation="transcribe:ListTranscriptionJobs"),),
            f"{ACCOUNT} in {REGION}",
            "speech jobs, which may have left transcripts elsewhere (denied: transcribe:ListTranscriptionJobs)",
        ),
        (
            (gap(ACCOUNT, Facet.JOBS, Why.UNSUPPORTED),),
            f"{ACCOUNT} in {REGION}",
            "speech jobs, which may have left transcripts elsewhere (unsupported: Get)",
        ),
        (
            (Account(ACCOUNT, "aws"), Coverage("aws", ACCOUNT, Facet.OBJECTS, 1, 1)),
            ACCOUNT,
            "speech jobs, which may have left transcripts elsewhere: the collection did not ask for them",
        ),
        (
            (gap(ACCOUNT, Facet.BACKUPS, operation="backup:ListBackupVaults"),),
            f"{ACCOUNT} in {REGION}",
            "backups, which may hold what stores have lost (denied: backup:ListBackupVaults)",
        ),
        (
            (Account(ACCOUNT, "aws"), Coverage("aws", ACCOUNT, Facet.OBJECTS, 1, 1)),
            ACCOUNT,
            "backups, which may hold what stores have lost: the collection did not ask for them",
        ),
        (
            (gap(VAULT, Facet.BACKUPS, operation="backup:ListRecoveryPointsByBackupVault"),),
            VAULT,
            "backups, which may hold what stores have lost (denied: backup:ListRecoveryPointsByBackupVault)",
        ),
        (
            (backup("calls", copies=2, first=NOW - timedelta(days=10), ends=NOW + timedelta(days=60)),),
            CLEAN.id,
            f"what 2 backups in {VAULT} (2026-10-22 to 2026-10-29) hold until 2026-12-31",
        ),
        (
            (backup("calls", lasting=Answer.YES, locked=Answer.YES),),
            CLEAN.id,
            f"what 1 backup in {VAULT}, which lets nobody delete earlier (2026-10-29) holds for good",
        ),
        (
            (backup("calls", first=None, last=None),),
            CLEAN.id,
            f"what 1 backup in {VAULT} holds until nobody knows when",
        ),
        (
            (backup("calls", continuous=True, days=35),),
            CLEAN.id,
            f"what 1 continuous backup in {VAULT} (2026-10-29) holds for 35 days after the store has lost it",
        ),
        (
            (backup("calls", continuous=True, first=None, last=None),),
            CLEAN.id,
            f"what 1 continuous backup in {VAULT} holds for a time that nobody knows after the store has lost it",
        ),
        (
            (backup("calls", copies=0, ends=NOW + timedelta(days=9), deleted=True),),
            "arn:aws:s3:::calls",
            f"what backups that were deleted in {VAULT} hold until 2026-11-10",
        ),
        (
            (backup("gone"),),
            "arn:aws:s3:::gone",
            f"what 1 backup in {VAULT} (2026-10-29) holds until nobody knows when",
        ),
    ],
)
def test_what_no_list_of_objects_shows_leaves_the_answer_open(things: tuple[Any, ...], where: str, what: str) -> None:
    answer = asked(*things)
    assert answer.exists is Answer.UNKNOWN
    assert [one.where for one in answer.unseen if one.what.startswith(what)] == [where]


@pytest.mark.parametrize(
    "thing",
    [
        made(29, **SERVICE),
        made(40, status="FAILED"),
        made(40, output_owner="service", status="FAILED"),
        made(40, output_owner="customer", outputs=("arn:aws:s3:::calls/out/a.json",)),
        job("a", kind="conversation-log", continuous=True, output_owner="service", retention_hours=24 * 30),
        job("a", kind="vocabulary"),
        job("a", kind="speech-synthesis", outputs=(FOREIGN,)),
        job("a", kind="call-recording", continuous=True, outputs=("arn:aws:s3:::calls/x",), output_owner="customer"),
    ],
)
def test_jobs_that_keep_nothing_older_elsewhere_leave_nothing_open(thing: Any) -> None:
    answer = asked(thing)
    assert (answer.exists, answer.unseen) == (Answer.NO, ())


LISTED_FOR_90: dict[str, Any] = {
    "created": NOW - timedelta(days=10),
    "listed_until": NOW + timedelta(days=80),
    "outputs": (FOREIGN,),
    "output_owner": "customer",
}


def test_jobs_that_are_listed_no_more_may_have_left_something_where_younger_ones_write() -> None:
    young = [made(9.5, name, **LISTED_FOR_90) for name in ("x", "y")]
    listed = "they are listed for 90 days, and 2 younger ones write there"
    earlier = f"what earlier transcription jobs left there, if any did: {listed}"
    for days in (30, 90, 400):
        assert [(one.where, one.what) for one in asked(*young, days=days).unseen] == [
            ("arn:aws:s3:::partner-feed", earlier)
        ]
    (older, *_) = asked(*young, days=8).unseen
    assert older.what == "what 2 older transcription jobs left there (x, y)"
    assert asked(made(9, **(LISTED_FOR_90 | {"outputs": ("arn:aws:s3:::calls/a.json",)}))).unseen == ()
    assert asked(made(9, **(LISTED_FOR_90 | {"listed_until": None}))).unseen == ()
    assert asked(made(9, **(LISTED_FOR_90 | {"output_owner": "service"}))).unseen == ()
    assert asked(made(9, **(LISTED_FOR_90 | {"status": "FAILED", "outputs": ()}))).unseen == ()


def test_jobs_and_settings_are_named_the_first_few_of_them() -> None:
    many = [made(40, f"job-{number}", outputs=(FOREIGN,), output_owner="customer") for number in range(5)]
    (left,) = asked(*many).unseen
    assert left.what == "what 5 older transcription jobs left there (job-0, job-1, job-2 and 2 more)"


def test_the_permissions_that_would_show_jobs_are_named() -> None:
    missing: Gap = gap(ACCOUNT, Facet.JOBS, permission="transcribe:ListTranscriptionJobs")
    assert [one.permissions for one in asked(missing).unseen] == [("transcribe:ListTranscriptionJobs",)]


COPIES = Replication("arn:aws:s3:::copies", None, "", enabled=True)
VERSIONED = replace(CLEAN, versioning="enabled", lifecycle=(UPLOADS, expire(5), expire_old(5)), replication=(COPIES,))
LISTED = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (Facet.OBJECTS, Facet.UPLOADS, Facet.JOBS, Facet.BACKUPS)]


def copied(*things: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what is not seen of copies."""
    found = older_than(world(*things, *LISTED).estate, 30, NOW).unseen
    return [(one.where, one.what, one.permissions) for one in found if "cop" in one.what]


@pytest.mark.parametrize("enabled", [True, False])
def test_copies_in_a_store_that_was_not_looked_at_may_be_older(*, enabled: bool) -> None:
    source = replace(VERSIONED, replication=(replace(COPIES, enabled=enabled),))
    assert copied(source) == [("arn:aws:s3:::copies", "what arn:aws:s3:::calls copies there", ())]
    assert copied(source, store("copies", replication=())) == []


def test_whether_a_store_copies_what_it_holds_is_missed_where_it_was_not_read() -> None:
    unread = replace(VERSIONED, replication=None)
    denied = gap(unread.id, Facet.REPLICATION, operation="s3:get_bucket_replication", permission=READS)
    what = "whether its objects are copied to another store"
    assert copied(unread, denied) == [(unread.id, f"{what} (denied: s3:get_bucket_replication)", (READS,))]
    assert copied(unread) == [(unread.id, f"{what}: the collection did not ask for its replication", ())]
    assert asked(replace(unread, id="arn:aws:s3:::other"), denied).exists is Answer.UNKNOWN
    assert copied(replace(unread, versioning="disabled")) == []
    assert copied(replace(unread, replication=())) == []


READS = "s3:GetReplicationConfiguration"
