"""What was written down of older speech, or copied, and lies where no list of objects shows it: with a speech service,
or outside.

A job's record tells where its transcript went. What no record tells, since jobs were not listed, is not known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from cloudscan.estate import Estate
from cloudscan.lineage import TRANSCRIBING
from cloudscan.model import Job
from cloudscan.provider import Facet
from cloudscan.retention import replication_unknown
from cloudscan.unseen import Unseen, oldest_day, permissions, why
from cloudscan.wording import count

DELIVERING = TRANSCRIBING | {"call-recording", "conversation-log", "media-capture"}
"""The kinds of jobs and settings that write down speech, or record it."""
_JOBS = "speech jobs, which may have left transcripts elsewhere"


def unseen_elsewhere(estate: Estate, days: int, now: datetime) -> Iterator[Unseen]:
    """Yield where jobs left what may be older and nobody looked at, and where jobs were not listed."""
    yield from _unlisted(estate)
    yield from _copies(estate)
    limit = oldest_day(now, days)
    left: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for job in estate.jobs.values():
        if job.kind in DELIVERING and _may_be_older(job, days, limit):
            for where, what in _places(estate, job):
                left[where, what, job.kind, "setting" if job.continuous else "job"] += 1
    for (where, what, kind, sort), number in sorted(left.items()):
        verb = "left" if sort == "job" else "leaves" if number == 1 else "leave"
        jobs = count(number, f"{'older ' if sort == 'job' else ''}{kind} {sort}")
        yield Unseen(where, what.format(jobs=jobs, left=verb))


def _unlisted(estate: Estate) -> Iterator[Unseen]:
    for gap in (gap for gap in estate.gaps if gap.facet == Facet.JOBS):
        yield Unseen(_region(gap.account, gap.region), f"{_JOBS} ({why(gap)})", permissions([gap]))
    accounts = {(account.provider, account.id) for account in estate.accounts.values()}
    for provider, account in sorted(accounts | {(store.provider, store.account) for store in estate.stores.values()}):
        if estate.unasked(provider, account, Facet.JOBS):
            yield Unseen(account, f"{_JOBS}: the collection did not ask for them")


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
        yield _region(job.account, job.region), "what {jobs} {left} in the service's own storage"
        return
    if not job.outputs:
        yield _region(job.account, job.region), "where {jobs} {left} what was said"
    for place in {place_of(output) for output in job.outputs if estate.store_at(output) is None}:
        yield place, "what {jobs} {left} there"


def _region(account: str, region: str) -> str:
    return f"{account} in {region}" if region else account


_PLACE = re.compile(
    r"[a-z0-9]+://[^/]+|arn:[^:]*:[^:]*:[^:]*::[^/]*|/subscriptions/.*?/containers/[^/]+", re.IGNORECASE
)


def place_of(location: str) -> str:
    """Cut a location down to its store, by the forms in which clouds name stores."""
    found = _PLACE.match(location)
    return found[0] if found else location
