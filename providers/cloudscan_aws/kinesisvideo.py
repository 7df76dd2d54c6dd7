"""Amazon Kinesis Video Streams: stores of media that forget by themselves. Connect streams calls into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from cloudscan.model import Encryption, Gap, Store
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.s3_read import key_arn
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import regional

SERVICE = "kinesisvideo"
AWS_KEY = "alias/aws/kinesisvideo"
"""The key that AWS manages for the service ("How do I use server-side encryption with Kinesis Video Streams")."""


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants stores."""
    if account.wants(Facet.STORES):
        yield from regional(account, SERVICE, fetch_all)


def fetch_all(account: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the streams of a region; one call tells all about each."""
    streams, ended = asker.pages(SERVICE, "list_streams", "StreamInfoList", facet=Facet.STORES, resource=asker.account)
    patterns = account.scope.stores
    for stream in streams:
        if not patterns or any(fnmatchcase(stream["StreamName"], pattern) for pattern in patterns):
            yield read_stream(asker.account, asker.region, stream)
    if isinstance(ended, Gap):
        yield ended


def read_stream(account: str, region: str, stream: Mapping[str, Any]) -> Store:
    """Read a stream. Data are always encrypted; a retention of 0 hours keeps nothing."""
    key = key_arn(stream.get("KmsKeyId"), region, account)
    mode = "customer" if key and not key.endswith(AWS_KEY) else "provider-kms"
    return Store(
        id=stream["StreamARN"],
        provider=PROVIDER,
        account=account,
        region=region,
        name=stream["StreamName"],
        kind="video-stream",
        created=utc(stream.get("CreationTime")),
        encryption=Encryption(mode=mode, key=key, algorithm="aws:kms"),
        retention_hours=stream.get("DataRetentionInHours"),
    )
