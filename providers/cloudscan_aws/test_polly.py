"""Tasks of synthetic speech, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudscan.model import Gap, Job, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import polly
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
MADE = datetime(2026, 9, 1, tzinfo=UTC)

Accounts = Callable[..., AccountScope]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(polly.units(account)))[0]


def test_task_tells_where_the_voice_was_written_and_until_when_it_is_listed(
    endpoint: Endpoint, account: Accounts
) -> None:
    task = {
        "TaskId": "t-1",
        "TaskStatus": "completed",
        "CreationTime": MADE,
        "OutputUri": "https://s3.eu-central-1.amazonaws.com/prompts/menu.t-1.mp3",
    }
    endpoint.answer("polly", "ListSpeechSynthesisTasks", {"SynthesisTasks": [task]})
    found, _ = collect(account(Facet.JOBS, buckets=(Bucket("prompts", REGION),)))
    assert found == Job(
        id="arn:aws:polly:eu-central-1:123456789012:task/t-1",
        provider="aws",
        account="123456789012",
        region=REGION,
        kind="speech-synthesis",
        name="t-1",
        status="completed",
        created=MADE,
        listed_until=MADE + timedelta(hours=72),
        outputs=("arn:aws:s3:::prompts/menu.t-1.mp3",),
        output_owner="customer",
        output_store_account="123456789012",
    )


def test_pages_are_followed_and_a_break_keeps_what_came(endpoint: Endpoint, account: Accounts) -> None:
    def page(params: Any) -> dict[str, Any]:
        number = int(params.get("NextToken", "1"))
        return {"SynthesisTasks": [{"TaskId": f"t-{number}"}], **({"NextToken": str(number + 1)} if number < 3 else {})}

    endpoint.answer("polly", "ListSpeechSynthesisTasks", page)
    assert [record.name for record in collect(account(Facet.JOBS)) if isinstance(record, Job)] == ["t-1", "t-2", "t-3"]
    endpoint.faults.add("throttle", "polly", after=1)
    job, gap, _ = collect(account(Facet.JOBS))
    assert (job.name, gap.why) == ("t-1", Why.THROTTLED)


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_list_is_a_gap_and_claims_nothing(endpoint: Endpoint, account: Accounts, kind: Any, why: Why) -> None:
    endpoint.answer("polly", "ListSpeechSynthesisTasks", {"SynthesisTasks": [{"TaskId": "t-1"}]})
    endpoint.faults.add(kind, "polly")
    gap, coverage = collect(account(Facet.JOBS))
    assert isinstance(gap, Gap)
    assert (gap.why, gap.permission) == (why, "polly:ListSpeechSynthesisTasks")
    assert (coverage.asked, coverage.answered) == (1, 0)


def test_nothing_is_asked_when_no_check_wants_jobs(account: Accounts) -> None:
    assert list(polly.units(account(Facet.STORES))) == []
