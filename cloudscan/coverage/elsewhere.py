"""What was written down of older speech, or copied, and lies where no list of objects shows it: with a speech service,
in a backup, or outside.

A job's record tells where its transcript went. What no record tells, since jobs were not listed, is not known.
Nobody sees what a backup holds; it may be as old as anything that its store ever held.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from cloudscan.coverage.unseen import Unseen, in_region, oldest_day, permissions, why
from cloudscan.estate import Estate
from cloudscan.lineage.links import TRANSCRIBING
from cloudscan.model import Answer, Backup, Job
from cloudscan.provider import Facet
from cloudscan.retention import replication_unknown
from cloudscan.wording import count

DELIVERING = TRANSCRIBING | {"call-recording", "conversation-log", "media-capture"}
"""The kinds of jobs and settings that write down speech, or record it."""
TRANSFER = "transfer"
"""What copies objects from one store to another, whatever they hold."""
_NAMED = 3
"""Jobs that are named before the others are counted."""
_LISTS = {
    Facet.JOBS: "speech jobs, which may have left transcripts elsewhere",
    Facet.BACKUPS: "backups, which may hold what stores have lost",
}


def unseen_elsewhere(estate: Estate, days: int, now: datetime) -> Iterator[Unseen]:
    """Yield where jobs left what may be older and nobody looked at, and where jobs were not listed."""
    yield from _unlisted(estate)
    yield from _copies(estate)
    yield from _backups(estate)
    limit = oldest_day(now, days)
    left: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    young: dict[tuple[str, str], list[int]] = defaultdict(list)
    for job in (job for job in estate.jobs.values() if job.kind in DELIVERING | {TRANSFER}):
        if _may_be_older(job, days, limit):
            for where, what in _places(estate, job):
                left[where, what, job.kind, "setting" if job.continuous else "job"].append(job.name or job.id)
        elif job.output_owner != "service" and (listed := _listed_days(job)) is not None:
            for where in _outside(estate, job):
                young[where, job.kind].append(listed)
    for (where, what, kind, sort), names in sorted(left.items()):
        verb = "left" if sort == "job" else "leaves" if len(names) == 1 else "leave"
        jobs = count(len(names), f"{'older ' if sort == 'job' else ''}{kind} {sort}")
        yield Unseen(where, f"{what.format(jobs=jobs, left=verb)} ({_some(names)})")
    older = {(where, kind) for where, _, kind, _ in left}
    for (where, kind), periods in sorted(young.items()):
        if (where, kind) not in older:
            verb = "writes" if len(periods) == 1 else "write"
            younger = f"{count(len(periods), 'younger one')} {verb} there"
            told = f"they are listed for {count(max(periods), 'day')}, and {younger}"
            yield Unseen(where, f"what earlier {kind} jobs left there, if any did: {told}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(sorted(names)[:_NAMED]) + more


def _listed_days(job: Job) -> int | None:
    """Return for how many days the service lists a job; None where that is not known, or it never stops to."""
    begun = job.created or job.completed
    return (job.listed_until - begun).days if job.listed_until is not None and begun is not None else None


def _unlisted(estate: Estate) -> Iterator[Unseen]:
    for gap in (gap for gap in estate.gaps if gap.facet in _LISTS):
        what = _LISTS[Facet(gap.facet)]
        part = gap.facet == Facet.BACKUPS and gap.resource not in ("", gap.account)
        where = gap.resource if part else in_region(gap.account, gap.region)
        yield Unseen(where, f"{what} ({why(gap)})", permissions([gap]))
    accounts = {(account.provider, account.id) for account in estate.accounts.values()}
    for provider, account in sorted(accounts | {(store.provider, store.account) for store in estate.stores.values()}):
        for facet in estate.unasked(provider, account, *_LISTS):
            yield Unseen(account, f"{_LISTS[Facet(facet)]}: the collection did not ask for them")


def _backups(estate: Estate) -> Iterator[Unseen]:
    for store, held in sorted(estate.backups.items()):
        for backup in held:
            yield Unseen(store, f"what {told_backup(backup)}")


def told_backup(backup: Backup) -> str:
    """Say what there is, where, and for how long: "2 backups in VAULT (2026-08-01 to 2026-11-01) hold until ..."."""
    if backup.deleted:
        return f"backups that were deleted in {backup.vault} hold {_until(backup)}"
    noun = "continuous backup" if backup.continuous else "backup"
    days = dict.fromkeys(f"{moment:%Y-%m-%d}" for moment in (backup.first, backup.last) if moment is not None)
    taken = f" ({' to '.join(days)})" if days else ""
    lock = ", which lets nobody delete earlier" if backup.locked is Answer.YES else ""
    verb = "holds" if backup.copies == 1 else "hold"
    return f"{count(backup.copies, noun)} in {backup.vault}{lock}{taken} {verb} {_until(backup)}"


def _until(backup: Backup) -> str:
    if backup.continuous:
        days = "a time that nobody knows" if backup.days is None else count(backup.days, "day")
        return f"for {days} after the store has lost it"
    if backup.ends is not None:
        return f"until {backup.ends:%Y-%m-%d}"
    return "for good" if backup.lasting is Answer.YES else "until nobody knows when"


def _copies(estate: Estate) -> Iterator[Unseen]:
    """Yield where stores copy their objects to and nobody looked, and the stores of which that was not read.

    A rule that is switched off leaves there what it copied before.
    """
    for name, store in sorted(estate.stores.items()):
        if replication_unknown(store):
            gaps = [*estate.gaps_on(name, Facet.REPLICATION)]
            gaps += [gap for gap in estate.gaps_on(store.account, Facet.REPLICATION) if gap.provider == store.provider]
            told = f" ({why(gaps[0])})" if gaps else ": the collection did not ask for its replication"
            yield Unseen(name, f"whether its objects are copied to another store{told}", permissions(gaps))
        for target in sorted({rule.target for rule in store.replication or ()} - set(estate.stores)):
            yield Unseen(target, f"what {name} copies there")


def _may_be_older(job: Job, days: int, limit: datetime) -> bool:
    """Say whether what a job left may be there, and be from before the limit."""
    if job.status.upper() == "FAILED" and not job.outputs:
        return False
    if job.retention_hours is not None and job.retention_hours <= 24 * days:
        return False
    made = job.completed or job.created
    return job.continuous or made is None or made <= limit


def _places(estate: Estate, job: Job) -> Iterator[tuple[str, str]]:
    """Yield the places of a job's output that nobody looked at, and the words for it."""
    if job.output_owner == "service":
        yield in_region(job.account, job.region), "what {jobs} {left} in the service's own storage"
        return
    if not job.outputs:
        what = "what was copied" if job.kind == TRANSFER else "what was said"
        yield in_region(job.account, job.region), f"where {{jobs}} {{left}} {what}"
    for place in _outside(estate, job):
        yield place, "what {jobs} {left} there"


def _outside(estate: Estate, job: Job) -> set[str]:
    """Return the stores that a job writes to and nobody looked at."""
    return {place_of(output) for output in job.outputs if estate.store_at(output) is None}


_PLACE = re.compile(
    r"[a-z0-9]+://[^/]+|arn:[^:]*:[^:]*:[^:]*::[^/]*|/subscriptions/.*?/containers/[^/]+", re.IGNORECASE
)


def place_of(location: str) -> str:
    """Cut a location down to its store, by the forms in which clouds name stores."""
    found = _PLACE.match(location)
    return found[0] if found else location
