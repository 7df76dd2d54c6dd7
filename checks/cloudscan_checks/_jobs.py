"""Jobs as checks judge them: settings that stay in force one by one, single runs by the thousand together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudscan.estate import Estate
from cloudscan.lineage.links import TRANSCRIBING
from cloudscan.model import Account, Gap, Job, Why
from cloudscan.provider import Facet
from cloudscan_checks._facts import EXAMPLES, counted


@dataclass(frozen=True, slots=True)
class Batch:
    """The jobs of one kind in one region of one account, which are judged together."""

    account: Account
    region: str
    kind: str
    jobs: tuple[Job, ...]

    @property
    def locator(self) -> str:
        """What tells it from other batches of its account."""
        return f"{self.region}/{self.kind}"


def batches(estate: Estate, kinds: Iterable[str] = TRANSCRIBING) -> Iterator[Batch]:
    """Yield the jobs of these kinds in batches, in a stable order."""
    wanted = frozenset(kinds)
    found: dict[tuple[str, str, str, str], list[Job]] = defaultdict(list)
    for job in estate.jobs.values():
        if job.kind in wanted:
            found[job.provider, job.account, job.region, job.kind].append(job)
    for (provider, account, region, kind), jobs in sorted(found.items()):
        yield Batch(account_of(estate, provider, account), region, kind, tuple(sorted(jobs, key=lambda job: job.id)))


def unlisted(estate: Estate, batch: Batch) -> tuple[Gap, ...]:
    """Return what cut short a list of jobs in the batch's account and region: more of its kind may be there."""
    gaps = estate.gaps_on(batch.account.id, Facet.JOBS)
    return tuple(gap for gap in gaps if gap.region == batch.region and gap.why in _CUT_SHORT)


_CUT_SHORT = frozenset({Why.LIMIT, Why.THROTTLED, Why.MALFORMED})
"""What ends a list in its midst. A list that is refused is refused from the start, and has no batch to judge."""


def account_of(estate: Estate, provider: str, account: str) -> Account:
    """Return an account of the estate; one that it does not hold is known by its number only."""
    return estate.accounts.get(account) or Account(id=account, provider=provider)


def of(part: Iterable[Job], batch: Batch) -> str:
    """Say a part of a batch: "3 of 12 transcription jobs in eu-central-1"."""
    number, whole = len(list(part)), len(batch.jobs)
    jobs = f"{counted(whole, 'job', 'jobs').replace(' ', f' {batch.kind} ')} in {batch.region}"
    return jobs if number == whole else f"{number:,} of {jobs}"


def examples(jobs: Iterable[Job]) -> list[str]:
    """Return the names of the newest few jobs, newest first."""
    dated = sorted(jobs, key=lambda job: (job.created is None, -job.created.timestamp() if job.created else 0, job.id))
    return [job.name for job in dated[:EXAMPLES]]
