"""The conversation logs of Lex bots, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Gap, Job, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import lex
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:123456789012:key/k-1"
GROUP = f"arn:aws:logs:{REGION}:123456789012:log-group:bot:*"
MADE = datetime(2026, 9, 1, tzinfo=UTC)
ALIAS = f"arn:aws:lex:{REGION}:123456789012:bot-alias/ABCDEFGHI1/TSTALIASI1"

Accounts = Callable[..., AccountScope]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(lex.units(account)))[0]


def jobs(records: list[Any]) -> list[Job]:
    return [record for record in records if isinstance(record, Job)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def audio(bucket: str, *, enabled: bool = True, prefix: str = "bot/", **facts: str) -> dict[str, Any]:
    place = {"s3BucketArn": f"arn:aws:s3:::{bucket}", "logPrefix": prefix, **facts}
    return {"enabled": enabled, "destination": {"s3Bucket": place}}


def text(*, enabled: bool = True) -> dict[str, Any]:
    place = {"cloudWatchLogGroupArn": GROUP, "logPrefix": "bot"}
    return {"enabled": enabled, "destination": {"cloudWatch": place}}


def estate(endpoint: Endpoint, name: str = "booking", **settings: Any) -> None:
    """Make one bot with one alias that has these settings."""
    endpoint.answer("lexv2-models", "ListBots", {"botSummaries": [{"botId": "ABCDEFGHI1", "botName": name}]})
    endpoint.answer("lexv2-models", "ListBotAliases", {"botAliasSummaries": [{"botAliasId": "TSTALIASI1"}]})
    alias = {"botAliasId": "TSTALIASI1", "botAliasName": "live", "creationDateTime": MADE}
    logs = {"conversationLogSettings": settings} if settings else {}
    endpoint.answer("lexv2-models", "DescribeBotAlias", alias | logs)


def test_audio_and_text_logs_are_one_setting_in_force(endpoint: Endpoint, account: Accounts) -> None:
    estate(endpoint, audioLogSettings=[audio("calls", kmsKeyArn=KEY)], textLogSettings=[text()])
    assert jobs(collect(account(Facet.JOBS))) == [
        Job(
            id=ALIAS,
            provider="aws",
            account="123456789012",
            region=REGION,
            kind="conversation-log",
            name="booking live",
            status="enabled",
            created=MADE,
            continuous=True,
            outputs=("arn:aws:s3:::calls/bot/", GROUP),
            output_owner="customer",
            key=KEY,
        )
    ]


def test_alias_without_settings_is_no_job(endpoint: Endpoint, account: Accounts) -> None:
    estate(endpoint)
    assert jobs(collect(account(Facet.JOBS))) == []


def test_log_that_is_off_still_names_its_bucket_but_is_not_in_force(endpoint: Endpoint, account: Accounts) -> None:
    estate(endpoint, audioLogSettings=[audio("calls", enabled=False, prefix="")])
    (found,) = jobs(collect(account(Facet.JOBS)))
    assert (found.continuous, found.status, found.outputs) == (False, "disabled", ("arn:aws:s3:::calls",))


def test_only_logs_that_are_on_count_where_one_is(endpoint: Endpoint, account: Accounts) -> None:
    estate(endpoint, audioLogSettings=[audio("calls", enabled=False, kmsKeyArn=KEY)], textLogSettings=[text()])
    (found,) = jobs(collect(account(Facet.JOBS)))
    assert (found.continuous, found.outputs, found.key) == (True, (GROUP,), None)


def test_pages_are_followed(endpoint: Endpoint, account: Accounts) -> None:
    estate(endpoint, textLogSettings=[text()])

    def bots(params: Any) -> dict[str, Any]:
        number = int(params.get("nextToken", "1"))
        more = {"nextToken": str(number + 1)} if number < 3 else {}
        return {"botSummaries": [{"botId": f"ABCDEFGHI{number}", "botName": "b"}], **more}

    endpoint.answer("lexv2-models", "ListBots", bots)
    assert len({job.id for job in jobs(collect(account(Facet.JOBS)))}) == 3
    endpoint.faults.add("throttle", "lexv2-models", "ListBots", after=1)
    records = collect(account(Facet.JOBS))
    assert [job.id for job in jobs(records)] == [ALIAS]
    assert [gap.why for gap in gaps(records)] == [Why.THROTTLED]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
@pytest.mark.parametrize(
    ("operation", "resource"),
    [
        ("ListBots", "123456789012"),
        ("ListBotAliases", f"arn:aws:lex:{REGION}:123456789012:bot/ABCDEFGHI1"),
        ("DescribeBotAlias", ALIAS),
    ],
)
def test_refused_questions_are_gaps_and_claim_nothing(
    endpoint: Endpoint, account: Accounts, operation: str, resource: str, kind: Any, why: Why
) -> None:
    estate(endpoint, textLogSettings=[text()])
    endpoint.faults.add(kind, "lexv2-models", operation)
    records = collect(account(Facet.JOBS))
    assert jobs(records) == []
    assert [(gap.resource, gap.why, gap.permission) for gap in gaps(records)] == [(resource, why, f"lex:{operation}")]
    assert records[-1].asked - records[-1].answered == 1


def test_hostile_names_are_kept_as_data(endpoint: Endpoint, account: Accounts) -> None:
    hostile = "=1+1\u202e<b>\n"
    estate(endpoint, hostile, audioLogSettings=[audio("calls", prefix=hostile)])
    (found,) = jobs(collect(account(Facet.JOBS)))
    assert (found.name, found.outputs) == (f"{hostile} live", (f"arn:aws:s3:::calls/{hostile}",))


def test_nothing_is_asked_when_no_check_wants_jobs(account: Accounts) -> None:
    assert list(lex.units(account(Facet.STORES))) == []
