"""Amazon Polly: tasks that write synthetic speech. Nobody spoke it: they explain audio that is no recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from cloudscan.model import Gap, Job
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.locations import location, place_of
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import regional

SERVICE = "polly"
TASKS_KEPT = timedelta(hours=72)
"""How long a task is listed ("StartSpeechSynthesisTask" in the API reference)."""


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants jobs."""
    if account.wants(Facet.JOBS):
        yield from regional(account, SERVICE, fetch_all)


def fetch_all(account: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the synthesis tasks of a region."""
    own = frozenset(bucket.name for bucket in account.buckets)
    tasks, ended = asker.pages(
        SERVICE,
        "list_speech_synthesis_tasks",
        "SynthesisTasks",
        facet=Facet.JOBS,
        resource=asker.account,
        MaxResults=100,
    )
    for task in tasks:
        yield read_task(asker.account, asker.region, task, own)
    if isinstance(ended, Gap):
        yield ended


def read_task(account: str, region: str, task: Mapping[str, Any], own_buckets: frozenset[str]) -> Job:
    """Read a task. AWS gives tasks no ARN; the id is made in the same form."""
    uri, created = task.get("OutputUri"), utc(task.get("CreationTime"))
    place = place_of(uri) if uri else None
    return Job(
        id=f"arn:{partition_of(region)}:polly:{region}:{account}:task/{task['TaskId']}",
        provider=PROVIDER,
        account=account,
        region=region,
        kind="speech-synthesis",
        name=task["TaskId"],
        status=task.get("TaskStatus", ""),
        created=created,
        listed_until=created + TASKS_KEPT if created else None,
        outputs=(location(uri, region),) if uri else (),
        output_owner="customer",
        output_store_account=account if place and place.bucket in own_buckets else None,
    )
