"""Speech that lies longer than the policy file allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.estate import RECORDED, utc
from cloudscan.model import Finding, MediaClass, Severity, Store, Upload
from cloudscan.objects import seconds
from cloudscan.provider import Facet
from cloudscan_checks._facts import EXAMPLES, Amount, counted, holder, not_seen, unlisted, unread
from cloudscan_checks._rules import DISPOSAL, REPLACES, SOFT_DELETE

_SQL = f"""
    SELECT store, count(*), count(*) FILTER (late), {seconds("late")},
        count(*) FILTER (late AND NOT current), min(modified), count(*) FILTER (modified IS NULL), count(version)
    FROM (SELECT *, modified <= ? AS late FROM objects WHERE media = ? AND NOT delete_marker) GROUP BY store
"""  # noqa: S608 - our own words
_LATE = "FROM objects WHERE modified <= ? AND media = ? AND NOT delete_marker"
_OLDEST = f"""
    WITH hours AS (
        SELECT store, date_trunc('hour', modified) AS hour, count(*) AS objects {_LATE} GROUP BY 1, 2
    ), before AS (
        SELECT store, hour, sum(objects) OVER (PARTITION BY store ORDER BY hour) - objects AS earlier FROM hours
    )
    SELECT store, key FROM (
        SELECT late.store, late.key,
            row_number() OVER (PARTITION BY late.store ORDER BY late.modified, late.key) AS place
        FROM (SELECT store, key, modified, date_trunc('hour', modified) AS hour {_LATE}) AS late
        JOIN before ON late.store = before.store AND late.hour = before.hour WHERE earlier < {EXAMPLES}
    ) WHERE place <= {EXAMPLES} ORDER BY store, place
"""  # noqa: S608 - our own words
"""The hours that hold the oldest are found first: to sort all that is late would take memory that grows with it."""


@check(
    severity=Severity.HIGH,
    needs=(Facet.OBJECTS, Facet.VERSIONING, Facet.LOCK),
    remediation={
        "aws": (
            "Look at what would go, then delete it by a rule that expires it, old versions and unfinished uploads"
            " included: `aws s3api put-bucket-lifecycle-configuration --bucket {name} --lifecycle-configuration file://rules.json`"
            f" {REPLACES}."
        ),
        "gcp": (
            "Look at what would go, then delete it by a rule with the age of {days} days:"
            " `gcloud storage buckets update gs://{name} --lifecycle-file=rules.json`"
            f" {REPLACES}, as in"
            ' `{"rule": [{"action": {"type": "Delete"}, "condition": {"age": {days}}}]}`.'
            f" {SOFT_DELETE}"
        ),
        "azure": (
            "Look at what would go, then delete it by a rule on blobs, versions and snapshots: `az storage account"
            " management-policy create --account-name {holder_name} --resource-group {group} --policy @rules.json`"
            f" {REPLACES}."
        ),
    },
    controls=DISPOSAL,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html",),
)
def audio_past_maximum_age(self: Check, world: World) -> Iterator[Finding]:
    """Speech kept past its maximum age.

    Measured on the objects that exist, old versions included, against the policy file; a rule that ought to have
    deleted them is no excuse. Uploads of them that were begun and never finished count where they were listed
    (`--versions`): their parts are kept all the same, and rules for objects take none. Recordings, transcripts and
    videos are judged apart. Ages are whole days, since clouds delete at the end of a day: what may be kept for 90 days
    is late from its 91st day on.
    """
    wanted: dict[tuple[MediaClass, int], list[Store]] = {}
    for media in RECORDED:
        held = {store.id for store in world.estate.stores_with(media)}
        begun = {name for name, uploads in world.estate.uploads.items() if any(one.media == media for one in uploads)}
        for store in (store for name, store in sorted(world.estate.stores.items()) if name in held | begun):
            rule = world.policy.retention_of(store, media)
            if rule is not None and rule.max_days is not None:
                wanted.setdefault((media, rule.max_days), []).append(store)
    for (media, days), stores in wanted.items():
        asked = [(world.now - timedelta(days=days + 1)).replace(tzinfo=None), media.value]
        rows = {row[0]: row[1:] for row in world.estate.objects.query(_SQL, asked)}
        examples = defaultdict(list)
        for name, key in world.estate.objects.query(_OLDEST, [*asked, *asked]):
            examples[name].append(key)
        for store in stores:
            row = (*rows.get(store.id, _NO_OBJECTS), examples[store.id])
            yield _judged(self, world, store, media, days, row)


_NO_OBJECTS = (0, 0, 0.0, 0, None, 0, 0)


@dataclass(frozen=True, slots=True)
class _Begun:
    """The uploads of a store and class that are late, the oldest first, and how many of them all have no date."""

    late: Sequence[Upload]
    undated: int
    age: int

    @classmethod
    def of(cls, world: World, store: Store, media: MediaClass, days: int) -> _Begun:
        mine = [one for one in world.estate.uploads.get(store.id, ()) if one.media == media]
        dated = sorted((one.begun, one.key, one.id, one) for one in mine if one.begun is not None)
        late = [one for begun, *_, one in dated if begun <= world.now - timedelta(days=days + 1)]
        return cls(late, len(mine) - len(dated), (world.now - dated[0][0]).days if dated else 0)

    def __str__(self) -> str:
        """Say it: "2 unfinished uploads of recordings, the oldest begun 120 days ago"."""
        what = counted(len(self.late), "unfinished upload", "unfinished uploads")
        kind = f"{self.late[0].media}s" if self.late[0].media != MediaClass.SPEECH else "recordings"
        return f"{what} of {kind}, the oldest begun {counted(self.age, 'day', 'days')} ago"


def _judged(check: Check, world: World, store: Store, media: MediaClass, days: int, row: tuple[Any, ...]) -> Finding:
    objects, late, length, old_versions, first, undated, versioned, examples = row
    whole, part = Amount(media, objects), Amount(media, late, length)
    oldest, limit = utc(first), counted(days, "day", "days")
    evidence: dict[str, object] = {"max_days": days, "seen": objects, **part.evidence}
    names = {**holder(store), "days": str(days)}
    if oldest is not None:
        evidence["oldest"] = oldest.isoformat()
    begun, told = _Begun.of(world, store, media, days), []
    if late and oldest is not None:
        age = (world.now - oldest).days
        versions = f", {old_versions:,} of them as old versions" if old_versions else ""
        told.append(f"{part.of(whole)}{versions}; the oldest is {counted(age, 'day', 'days')} old")
    if begun.late:
        told.append(str(begun))
        evidence["unfinished_uploads"] = len(begun.late)
    if told:
        keys = [*examples, *(one.key for one in begun.late)][:EXAMPLES]
        evidence |= {"old_versions": old_versions, "examples": keys}
        message = f"older than {limit}: {'; '.join(told)}"
        return check.fail(store, message, locator=media, evidence=evidence, names=names)
    doubts = []
    if rest := unlisted(world.estate, store):
        doubts.append(unread("the rest of its objects", rest))
    if store.versioning != "disabled" and not versioned:
        doubts.append("its old versions were not listed: list them with --versions")
    if undated:
        doubts.append(f"the age of {undated:,} of them is not known")
    if begun.undated:
        doubts.append(f"the age of {counted(begun.undated, 'unfinished upload', 'unfinished uploads')} is not known")
    if doubts:
        message = f"nothing is older than {limit} among {whole} seen, but {'; '.join(doubts)}"
        return check.unknown(store, message, locator=media, evidence=evidence | not_seen(rest), names=names)
    return check.passed(store, f"nothing is older than {limit} among {whole}", locator=media, evidence=evidence)
