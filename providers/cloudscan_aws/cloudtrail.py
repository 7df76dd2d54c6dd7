"""CloudTrail: which trails record the reads of which buckets.

Reads of objects are data events, which no trail records unless told to. A bucket's data events happen in its
own region, so trails are asked for where the account's buckets lie: there each trail of that region shows, with
the shadows of those that cover all regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Gap, LogSource
from cloudscan.provider import Facet, Unit
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.units import whole

SERVICE = "cloudtrail"
OBJECTS = "AWS::S3::Object"

Payload = Mapping[str, Any]
Reads = dict[str, Answer]
"""Prefixes of one bucket ("" is all of it), and whether the reads of objects under each are recorded."""


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield one unit for the account, if a check wants its log sources and it has buckets whose reads to log."""
    if account.buckets and account.wants(Facet.LOG_SOURCES):
        regions = {bucket.region or account.home for bucket in account.buckets}
        yield from whole(account, SERVICE, fetch_all, requests=len(regions))


def fetch_all(account: AccountScope, asker: Asker) -> Iterator[LogSource | Gap]:
    """Ask for the trails of each region that holds buckets, and of each trail what it records of them.

    Of a bucket whose region is not known, only a trail of all regions tells.
    """
    by_region: dict[str, list[Bucket]] = {}
    for bucket in account.buckets:
        by_region.setdefault(bucket.region or account.home, []).append(bucket)
    trails: dict[str, tuple[Payload, list[Bucket]]] = {}
    for region, buckets in sorted(by_region.items()):
        reply = asker.ask(SERVICE, "describe_trails", facet=Facet.LOG_SOURCES, resource=asker.account, region=region)
        any_trail = f"arn:{partition_of(region)}:cloudtrail:{region}:{asker.account}:trail/*"
        if isinstance(reply, dict):
            for trail in reply["trailList"]:
                trails.setdefault(trail["TrailARN"], (trail, []))[1].extend(buckets)
            yield from read_unknown(asker.account, any_trail, (bucket for bucket in buckets if not bucket.region))
        elif isinstance(reply, Gap):
            yield reply
            yield from read_unknown(asker.account, any_trail, buckets)
    for _, (trail, buckets) in sorted(trails.items()):
        seen = [bucket for bucket in buckets if bucket.region or trail.get("IsMultiRegionTrail")]
        yield from fetch_trail(asker, trail, seen)


def fetch_trail(asker: Asker, trail: Payload, buckets: list[Bucket]) -> Iterator[LogSource | Gap]:
    """Ask what a trail selects and, if that concerns a bucket, whether it is switched on."""
    arn = trail["TrailARN"]
    home = {"facet": Facet.LOG_SOURCES, "resource": arn, "region": trail.get("HomeRegion")}
    selectors = asker.ask(SERVICE, "get_event_selectors", TrailName=arn, **home)
    if not isinstance(selectors, dict):
        yield from read_unknown(asker.account, arn, buckets)
        yield from (gap for gap in (selectors,) if isinstance(gap, Gap))
        return
    reads = {bucket.id: found for bucket in buckets if (found := read_selectors(selectors, bucket.id))}
    if not reads:
        return
    status = asker.ask(SERVICE, "get_trail_status", Name=arn, **home)
    logging = Answer.of(status.get("IsLogging") if isinstance(status, dict) else None)
    for bucket, found in reads.items():
        for scope, recorded in sorted(found.items()):
            yield LogSource(bucket, PROVIDER, asker.account, SERVICE, arn, _least(recorded, logging), scope)
    if isinstance(status, Gap):
        yield status


def read_unknown(account: str, target: str, buckets: Iterable[Bucket]) -> Iterator[LogSource]:
    """Say of buckets that a trail, or every trail of a region, may record their reads or not."""
    for bucket in buckets:
        yield LogSource(bucket.id, PROVIDER, account, SERVICE, target, Answer.UNKNOWN)


def read_selectors(payload: Payload, bucket: str) -> Reads:
    """Read which parts of a bucket (its ARN) a trail's selectors concern; none of it gives an empty answer."""
    root, reads = f"{bucket}/", Reads()
    for selector in payload.get("EventSelectors", ()):
        recorded = Answer.of(selector.get("ReadWriteType") != "WriteOnly")
        for resource in selector.get("DataResources", ()):
            if resource["Type"] == OBJECTS:
                _add(reads, _basic(resource.get("Values", ()), root), recorded)
    for selector in payload.get("AdvancedEventSelectors", ()):
        fields = selector["FieldSelectors"]
        if _picks(fields, "eventCategory", "Data") and _picks(fields, "resources.type", OBJECTS):
            _add(reads, _scopes(fields, root), _recorded(fields))
    return {"": Answer.YES} if reads.get("") is Answer.YES else reads


def _basic(values: Iterable[str], root: str) -> Reads:
    """Read the values of a basic selector: all of S3, or a bucket, a slash and a prefix ("DataResource").

    What a bucket's name without the slash selects is not documented.
    """
    found = Reads()
    for value in values:
        if value.rstrip(":") == root.split(":::", maxsplit=1)[0]:
            found[""] = Answer.YES
        elif value.startswith(root):
            found[value.removeprefix(root)] = Answer.YES
        elif root.startswith(value):
            found.setdefault("", Answer.UNKNOWN)
    return found


def _scopes(fields: list[Payload], root: str) -> Reads:
    """Read the conditions on ``resources.ARN``: any that selects, and none that deselects, must hold.

    From "How CloudTrail evaluates multiple conditions for a field". A prefix says all that a record can: where
    one object alone, or a name's end, is selected or spared, the answer is unknown.
    """
    chosen = [field for field in fields if field["Field"] == "resources.ARN"]
    if not chosen:
        return {"": Answer.YES}
    found: Reads = {} if any(_selects(field) for field in chosen) else {"": Answer.YES}
    for field in chosen:
        for value in field.get("StartsWith", ()):
            if value.startswith(root) or root.startswith(value):
                found[value.removeprefix(root) if value.startswith(root) else ""] = Answer.YES
        for value in field.get("Equals", ()):
            if value.startswith(root):
                found.setdefault(value.removeprefix(root), Answer.UNKNOWN)
        if field.get("EndsWith"):
            found.setdefault("", Answer.UNKNOWN)
    left = {
        scope: kept for scope, kept in found.items() if not (root + scope).startswith(_spared(chosen, "NotStartsWith"))
    }
    holes = (*_spared(chosen, "NotStartsWith"), *_spared(chosen, "NotEquals"))
    for scope in left:
        if _spared(chosen, "NotEndsWith") or any(hole.startswith(root + scope) for hole in holes):
            left[scope] = Answer.UNKNOWN
    return left


def _spared(fields: list[Payload], operator: str) -> tuple[str, ...]:
    return tuple(value for field in fields for value in field.get(operator, ()))


def _recorded(fields: list[Payload]) -> Answer:
    """Say whether a selector of S3's data events records that somebody gets an object."""
    for name, value in _OF_A_READ.items():
        if not _picks(fields, name, value):
            return Answer.NO
    known = {"eventCategory", "resources.type", "resources.ARN", *_OF_A_READ}
    return Answer.YES if all(field["Field"] in known for field in fields) else Answer.UNKNOWN


_OF_A_READ = {
    "readOnly": "true",
    "eventName": "GetObject",
    "eventSource": "s3.amazonaws.com",
    "eventType": "AwsApiCall",
}
"""The fields of a read's event that are always the same; others, such as who asks, differ from read to read."""


def _picks(fields: list[Payload], name: str, value: str) -> bool:
    """Say whether the conditions on a field let this value through; a field without condition lets all."""
    return all(_holds(field, value) for field in fields if field["Field"] == name)


def _holds(field: Payload, value: str) -> bool:
    if (
        value in field.get("NotEquals", ())
        or value.startswith(tuple(field.get("NotStartsWith", ())))
        or value.endswith(tuple(field.get("NotEndsWith", ())))
    ):
        return False
    return (
        not _selects(field)
        or value in field.get("Equals", ())
        or value.startswith(tuple(field.get("StartsWith", ())))
        or value.endswith(tuple(field.get("EndsWith", ())))
    )


def _selects(field: Payload) -> bool:
    return any(field.get(name) for name in ("Equals", "StartsWith", "EndsWith"))


def _add(reads: Reads, scopes: Reads, recorded: Answer) -> None:
    """Add what one more selector records: the selectors of a trail add up."""
    for scope, certain in scopes.items():
        more = _least(certain, recorded)
        reads[scope] = max(reads.get(scope, more), more, key=_RANKS.index)


def _least(*answers: Answer) -> Answer:
    """Return what holds if all of these must: one NO decides, else one UNKNOWN."""
    return min(answers, key=_RANKS.index)


_RANKS = (Answer.NO, Answer.UNKNOWN, Answer.YES)
