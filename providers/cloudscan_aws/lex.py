"""Amazon Lex V2: the conversation logs of each bot alias, with the audio that callers spoke.

Lex V1 is not asked: AWS ended its support in September 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Job
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.locations import location
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import regional

SERVICE = "lexv2-models"

Payload = Mapping[str, Any]


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants jobs."""
    if account.wants(Facet.JOBS):
        yield from regional(account, "lex", fetch_all, service=SERVICE)


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask every alias of every bot of a region where it logs conversations."""
    bots, ended = _list(asker, "list_bots", "botSummaries", asker.account)
    for bot in bots:
        arn = f"arn:{partition_of(asker.region)}:lex:{asker.region}:{asker.account}:bot/{bot['botId']}"
        aliases, cut = _list(asker, "list_bot_aliases", "botAliasSummaries", arn, botId=bot["botId"])
        for alias in aliases:
            yield from fetch_alias(asker, bot, alias)
        if cut:
            yield cut
    if ended:
        yield ended


def fetch_alias(asker: Asker, bot: Payload, alias: Payload) -> Iterator[Job | Gap]:
    """Ask one alias for its settings; an alias without settings for logs is no job."""
    reply = asker.ask(
        SERVICE,
        "describe_bot_alias",
        facet=Facet.JOBS,
        resource=_arn(asker.account, asker.region, bot["botId"], alias["botAliasId"]),
        botId=bot["botId"],
        botAliasId=alias["botAliasId"],
    )
    if isinstance(reply, Gap):
        yield reply
    elif isinstance(reply, dict) and (job := read_alias(asker.account, asker.region, bot, reply)):
        yield job


def read_alias(account: str, region: str, bot: Payload, alias: Payload) -> Job | None:
    """Read where an alias logs audio and text. Settings that are switched off are told too, as not continuous:
    what was logged before still lies there."""
    settings = alias.get("conversationLogSettings", {})
    audio = [(each["enabled"], each["destination"]["s3Bucket"]) for each in settings.get("audioLogSettings", ())]
    text = [(each["enabled"], each["destination"]["cloudWatch"]) for each in settings.get("textLogSettings", ())]
    if not audio and not text:
        return None
    on = any(enabled for enabled, _ in audio + text)
    buckets = [bucket for enabled, bucket in audio if enabled == on]
    groups = [group for enabled, group in text if enabled == on]
    keys = [bucket["kmsKeyArn"] for bucket in buckets if bucket.get("kmsKeyArn")]
    return Job(
        id=_arn(account, region, bot["botId"], alias["botAliasId"]),
        provider=PROVIDER,
        account=account,
        region=region,
        kind="conversation-log",
        name=f"{bot.get('botName', bot['botId'])} {alias.get('botAliasName', alias['botAliasId'])}",
        status="enabled" if on else "disabled",
        created=utc(alias.get("creationDateTime")),
        continuous=on,
        outputs=(
            *(_folder(bucket, region) for bucket in buckets),
            *(group["cloudWatchLogGroupArn"] for group in groups),
        ),
        output_owner="customer",
        key=keys[0] if keys else None,
    )


def _folder(bucket: Payload, region: str) -> str:
    return location(f"{bucket['s3BucketArn']}/{bucket.get('logPrefix', '')}", region)


def _arn(account: str, region: str, bot: str, alias: str) -> str:
    return f"arn:{partition_of(region)}:lex:{region}:{account}:bot-alias/{bot}/{alias}"


def _list(asker: Asker, method: str, key: str, resource: str, **parameters: Any) -> tuple[list[Any], Gap | None]:
    """Page through a list by ``nextToken``, which Lex alone spells with a small letter."""
    items: list[Any] = []

    def collect() -> dict[str, Any]:
        ask = getattr(asker.clients.client(SERVICE, asker.region), method)
        token: dict[str, str] = {}
        while True:
            page = ask(**parameters, **token)
            items.extend(page[key])
            if not page.get("nextToken"):
                return {}
            token = {"nextToken": page["nextToken"]}

    reply = asker.run(collect, facet=Facet.JOBS, resource=resource, operation=f"{SERVICE}:{method}")
    return items, reply if isinstance(reply, Gap) else None
