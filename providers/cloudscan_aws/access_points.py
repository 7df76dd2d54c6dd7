"""S3 access points: further doors to buckets, each with its own policy and switches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.model import AccessPoint, Answer, Gap, PolicyDocument
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Absent
from cloudscan_aws import s3_read
from cloudscan_aws.accounts import AccountScope, bucket_arn
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.units import regional

SERVICE = "s3control"


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield one unit for each region. A door may stand in an account other than its bucket's."""
    if account.wants(Facet.ACCESS_POINTS):
        yield from regional(account, "access-points", collect, service=SERVICE)


def collect(account: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the access points of a region and ask of each its switches and its policy."""
    listed, ended = asker.pages(
        SERVICE,
        "list_access_points",
        "AccessPointList",
        facet=Facet.ACCESS_POINTS,
        resource=account.id,
        AccountId=account.id,
    )
    patterns = account.scope.stores or ("*",)
    for entry in listed:
        bucket = entry.get("Bucket")  # none: a door to a file system
        if bucket and any(fnmatchcase(bucket, pattern) for pattern in patterns):
            yield from _access_point(asker, entry)
    if isinstance(ended, Gap):
        yield ended


def _access_point(asker: Asker, entry: Mapping[str, Any]) -> Iterator[AccessPoint | PolicyDocument | Gap]:
    arn, name = entry["AccessPointArn"], entry["Name"]
    asked: dict[str, Any] = {"facet": Facet.ACCESS_POINTS, "resource": arn, "AccountId": asker.account, "Name": name}
    details = asker.ask(SERVICE, "get_access_point", **asked)
    policy = asker.ask(SERVICE, "get_access_point_policy", absent=("NoSuchAccessPointPolicy",), **asked)
    yield from (reply for reply in (details, policy) if isinstance(reply, Gap))
    if isinstance(details, Gap) and details.detail == "NoSuchAccessPoint":
        return
    yield AccessPoint(
        id=arn,
        provider=PROVIDER,
        account=asker.account,
        region=asker.region,
        name=name,
        store=bucket_arn(entry["Bucket"], asker.region),
        network=(entry.get("VpcConfiguration") or {}).get("VpcId") or "internet",
        controls=s3_read.blocks(details) if isinstance(details, dict) else {},
        has_policy=Answer.UNKNOWN if isinstance(policy, Gap) else Answer.of(not isinstance(policy, Absent)),
    )
    if isinstance(policy, dict):
        yield PolicyDocument(
            f"{arn}#policy", PROVIDER, asker.account, "access-point", (arn,), policy.get("Policy") or ""
        )
