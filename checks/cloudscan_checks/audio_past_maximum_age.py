"""Speech that lies longer than the policy file allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.coverage.unseen import deleted_unlisted
from cloudscan.estate import RECORDED, utc
from cloudscan.model import Finding, MediaClass, Severity, Store, Upload, Verdict
from cloudscan.provider import Facet
from cloudscan.retention.gone import GoneAge, ages_of_gone, stores_of_gone
from cloudscan.tables.objects import seconds
from cloudscan.tables.slices import Slice
from cloudscan.wording import as_old
from cloudscan_checks._decisions import Decision, decisions, hangs_on_labels
from cloudscan_checks._disposal import LOCKED, NARROW, REPLACES, SOFT_DELETE, TAKES_ALL, disposing_of
from cloudscan_checks._facts import EXAMPLES, Amount, counted, not_seen, unlisted, unread
from cloudscan_checks._rules import DISPOSAL


def _counts(begins: str) -> str:
    """Write the SELECT of what is late of the keys that a condition picks; old versions are counted of all keys."""
    return f"""
        SELECT store, count(*) FILTER (mine), count(*) FILTER (late), {seconds("late")},
            count(*) FILTER (late AND NOT current), min(modified) FILTER (mine),
            count(*) FILTER (mine AND modified IS NULL), count(*) FILTER (NOT current)
        FROM (
            SELECT *, mine AND modified <= ? AS late FROM (
                SELECT *, {begins} AS mine FROM objects WHERE media = ? AND NOT delete_marker
            ) AS chosen
        ) AS dated GROUP BY store
    """  # noqa: S608 - our own words; keys are parameters


def _oldest(begins: str) -> str:
    """Write the SELECT of the keys that are late first.

    The hours that hold the oldest are found first: to sort all that is late would take memory that grows with it.
    """
    late = f"FROM objects WHERE modified <= ? AND media = ? AND NOT delete_marker AND {begins}"
    return f"""
        WITH hours AS (
            SELECT store, date_trunc('hour', modified) AS hour, count(*) AS objects {late} GROUP BY 1, 2
        ), before AS (
            SELECT store, hour, sum(objects) OVER (PARTITION BY store ORDER BY hour) - objects AS earlier FROM hours
        )
        SELECT store, key FROM (
            SELECT late.store, late.key,
                row_number() OVER (PARTITION BY late.store ORDER BY late.modified, late.key) AS place
            FROM (SELECT store, key, modified, date_trunc('hour', modified) AS hour {late}) AS late
            JOIN before ON late.store = before.store AND late.hour = before.hour WHERE earlier < {EXAMPLES}
        ) WHERE place <= {EXAMPLES} ORDER BY store, place
    """  # noqa: S608 - our own words; keys are parameters


@check(
    severity=Severity.HIGH,
    needs=(Facet.OBJECTS, Facet.VERSIONING, Facet.LOCK),
    asked_by=lambda policy: bool(policy.retention),
    remediation={
        "aws": (
            "Look at what would go, then delete it by a rule that expires it, old versions and unfinished uploads"
            " included: `aws s3api put-bucket-lifecycle-configuration --bucket {name} --lifecycle-configuration file://rules.json`"
            f" {REPLACES}, {NARROW['aws']}. {TAKES_ALL}{LOCKED['aws']}"
        ),
        "gcp": (
            "Look at what would go, then delete it by a rule:"
            " `gcloud storage buckets update gs://{name} --lifecycle-file=rules.json`"
            f" {REPLACES}, {NARROW['gcp']}. {TAKES_ALL}{SOFT_DELETE}{LOCKED['gcp']}"
        ),
        "azure": (
            "Look at what would go, then delete it by a rule on blobs, versions and snapshots: `az storage account"
            " management-policy create --account-name {holder_name} --resource-group {group} --policy @rules.json`"
            f" {REPLACES}, {NARROW['azure']}. {TAKES_ALL}{LOCKED['azure']}"
        ),
    },
    controls=DISPOSAL,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html",),
)
def audio_past_maximum_age(self: Check, world: World) -> Iterator[Finding]:
    """Speech kept past its maximum age.

    Measured on the objects that exist, old versions included, against the policy file; a rule that ought to have
    deleted them is no excuse. Uploads of them that were begun and never finished count where they were listed
    (`--versions`): their parts are kept all the same, and rules for objects take none. So does what was deleted and can
    be got back: it is there until soft delete is over, and where it was not listed, nothing is sure. Recordings,
    transcripts and videos are judged apart, and so are folders for which the policy file has rules of their own. Ages
    are whole days, since clouds delete at the end of a day: what may be kept for 90 days is late from its 91st day on.
    """
    for media in RECORDED:
        held = {store.id for store in world.estate.stores_with(media)}
        held |= stores_of_gone(world.estate, media)
        begun = {name for name, uploads in world.estate.uploads.items() if any(one.media == media for one in uploads)}
        stores = [store for name, store in sorted(world.estate.stores.items()) if name in held | begun]
        wanted: dict[tuple[int, Slice], list[Decision]] = {}
        for decision in decisions(world, media, stores, every=True):
            if decision.perhaps:
                if not decision.empty and any(each.max_days is not None for each in decision.perhaps):
                    yield hangs_on_labels(self, world, decision)
            elif decision.rule.max_days is not None:
                wanted.setdefault((decision.rule.max_days, decision.part), []).append(decision)
        for (days, part), several in wanted.items():
            begins, keys = part.sql()
            limit = (world.now - timedelta(days=days + 1)).replace(tzinfo=None)
            rows = {row[0]: row[1:] for row in _ask(world, _counts(begins), [limit, *keys, media.value])}
            examples = defaultdict(list)
            for name, key in _ask(world, _oldest(begins), [limit, media.value, *keys] * 2):
                examples[name].append(key)
            gone = ages_of_gone(world.estate, part, media, days, world.now)
            for decision in several:
                row = (*rows.get(decision.store.id, _NO_OBJECTS), examples[decision.store.id])
                made = disposing_of(self, world, decision, days)
                found = _judged(made, world, decision, days, row, gone.get(decision.store.id, GoneAge()))
                if found.verdict is not Verdict.PASS or not decision.empty:
                    yield found


def _ask(world: World, sql: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
    return world.estate.objects.query(sql, values)


_NO_OBJECTS = (0, 0, 0.0, 0, None, 0, 0)


@dataclass(frozen=True, slots=True)
class _Begun:
    """The uploads of a store and class that are late, the oldest first, and how many of them all have no date."""

    late: Sequence[Upload]
    undated: int
    age: int

    @classmethod
    def of(cls, world: World, decision: Decision, days: int) -> _Begun:
        every = world.estate.uploads.get(decision.store.id, ())
        mine = [one for one in every if one.media == decision.media and decision.part.holds(one.key)]
        dated = sorted((one.begun, one.key, one.id, one) for one in mine if one.begun is not None)
        late = [one for begun, *_, one in dated if begun <= world.now - timedelta(days=days + 1)]
        return cls(late, len(mine) - len(dated), (world.now - dated[0][0]).days if dated else 0)

    def __str__(self) -> str:
        """Say it: "2 unfinished uploads of recordings, the oldest begun 120 days ago"."""
        what = counted(len(self.late), "unfinished upload", "unfinished uploads")
        kind = f"{self.late[0].media}s" if self.late[0].media != MediaClass.SPEECH else "recordings"
        return f"{what} of {kind}, the oldest begun {counted(self.age, 'day', 'days')} ago"


def _judged(check: Check, world: World, decision: Decision, days: int, row: tuple[Any, ...], gone: GoneAge) -> Finding:
    store, media, place, lead = decision.store, decision.media, decision.place, decision.lead
    objects, late, length, old_versions, first, undated, versioned, examples = row
    whole, part = Amount(media, objects), Amount(media, late, length)
    oldest, limit = utc(first), counted(days, "day", "days")
    evidence: dict[str, object] = {"max_days": days, "seen": objects, **decision.evidence, **part.evidence}
    if oldest is not None:
        evidence["oldest"] = oldest.isoformat()
    begun, told = _Begun.of(world, decision, days), []
    if late and oldest is not None:
        age = (world.now - oldest).days
        versions = f", {old_versions:,} of them {as_old(store.provider)}" if old_versions else ""
        told.append(f"{part.of(whole)}{versions}; the oldest is {counted(age, 'day', 'days')} old")
    if gone.late and gone.oldest is not None:
        told.append(_of_deleted(media, gone, world))
        evidence["deleted"] = gone.late
    if begun.late:
        told.append(str(begun))
        evidence["unfinished_uploads"] = len(begun.late)
    if told:
        keys = [*examples, *([gone.example] if gone.example else []), *(one.key for one in begun.late)][:EXAMPLES]
        evidence |= {"old_versions": old_versions, "examples": keys}
        return check.fail(store, f"{lead}older than {limit}: {'; '.join(told)}", evidence=evidence, **place)
    rest = unlisted(world.estate, store)
    doubts = [unread("the rest of its objects", rest)] if rest else []
    doubts += _unlisted_kinds(world, store, versioned)
    for number, one, many in (
        (undated, "of them", "of them"),
        (gone.undated, "deleted object", "deleted objects"),
        (begun.undated, "unfinished upload", "unfinished uploads"),
    ):
        if number:
            doubts.append(f"the age of {counted(number, one, many)} is not known")
    if doubts:
        message = f"{lead}nothing is older than {limit} among {whole} seen, but {'; '.join(doubts)}"
        return check.unknown(store, message, evidence=evidence | not_seen(rest), **place)
    return check.passed(store, f"{lead}nothing is older than {limit} among {whole}", evidence=evidence, **place)


def _unlisted_kinds(world: World, store: Store, versioned: int) -> Iterator[str]:
    """Yield what else a store may hold and was not listed: old versions, and what was deleted and can be got back."""
    if store.versioning != "disabled" and not (versioned or world.estate.asked_versions(store.provider)):
        yield "its old versions were not listed: list them with --versions"
    if (what := deleted_unlisted(world.estate, store)) is not None:
        yield f"not looked at: {what}"


def _of_deleted(media: MediaClass, gone: GoneAge, world: World) -> str:
    """Say it: "2 recordings (1.0 h) that were deleted and can be got back until 2027-02-22; the oldest is ..."."""
    were = "was" if gone.late == 1 else "were"
    age = (world.now - gone.oldest).days if gone.oldest is not None else 0
    what = f"{Amount(media, gone.late, gone.seconds)} that {were} deleted and can be got back until {gone.last}"
    return f"{what}; the oldest is {counted(age, 'day', 'days')} old"
