"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, MediaClass, Severity, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Group, Tie, groups, pairs
from cloudscan_checks._facts import Amount, amount, counted, holder, missing, not_seen, untold
from cloudscan_checks._rules import REPLACES, Outlived, ages_at_end, unknown_rules

_REPLICAS = {
    "aws": (
        "Give the store of the replicas a rule of its own, since lifecycle actions are not replicated:"
        " `aws s3api put-bucket-lifecycle-configuration --bucket {replica} --lifecycle-configuration file://rules.json`"
        f" {REPLACES}."
    ),
    "gcp": (
        "Give the bucket of the copies a rule of its own:"
        " `gcloud storage buckets update gs://{replica} --lifecycle-file=rules.json`"
        f" {REPLACES}."
    ),
    "azure": (
        "Give the account of the replicas a rule of its own: `az storage account management-policy create"
        " --account-name {holder_name} --resource-group {group} --policy @rules.json`"
        f" {REPLACES}."
    ),
}


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.REPLICATION, Facet.VERSIONING, Facet.LOCK),
    remediation=_REPLICAS,
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:8.10", "SOC2:C1.2", "PCI-DSS@4.0.1:3.2.1", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html",),
)
def replica_outliving_audio(self: Check, world: World) -> Iterator[Finding]:
    """Replicas that outlive the recordings they are of.

    What lifecycle rules do in the source is not done in the store of the replicas: without rules of its own that store
    keeps every recording that the source has deleted. Recordings that lie in both under one key are held against each
    other; where there are none, what rules do to the recordings of both stores is. A replica of which the source has
    only a delete marker or old versions has outlived its recording. One of which it has nothing may have, unless
    another store that copies there has it.
    """
    stores = world.estate.stores_with(MediaClass.SPEECH)
    ids = {rule.target for store in stores for rule in store.replication or () if rule.enabled}
    targets = [world.estate.stores[name] for name in ids if name in world.estate.stores]
    sources = [store for store in stores if store.replication]
    known = [_copied(store) for store in (*sources, *targets) if store.lifecycle is not None]
    found = groups(world.estate, known, MediaClass.SPEECH, ask=Ask(today=world.now.date())) if known else {}
    for store in stores:
        if store.replication is None:
            gaps = missing(world.estate, store, Facet.REPLICATION)
            message = untold("whether it copies recordings elsewhere", gaps)
            yield self.unknown(store, message, evidence=not_seen(gaps), names=_names(store, ""))
            continue
        for target in sorted({rule.target for rule in store.replication if rule.enabled}):
            yield _judged(self, world, store, target, found)


def _judged(check: Check, world: World, store: Store, target: str, found: Mapping[str, Sequence[Group]]) -> Finding:
    held = _by_fates(check, world, store, target, found)
    copy = world.estate.stores.get(target)
    gone, perhaps, example = _orphans(world, store, copy) if copy is not None else (0, 0, "")
    if copy is None or not (gone or perhaps):
        return held
    verdict = Verdict.FAIL if gone or held.verdict is Verdict.FAIL else Verdict.UNKNOWN
    said = [held.message] if held.verdict is verdict else []
    said.append(_said(world, store, copy, gone) if gone else _doubted(world, store, copy, perhaps))
    evidence = {**held.evidence, "gone": gone, "not_known": perhaps, "without_recording": [example]}
    names = _names(store, target)
    return check.finding(verdict, store, "; ".join(said), locator=target, evidence=evidence, names=names)


def _said(world: World, store: Store, copy: Store, gone: int) -> str:
    verb = "is a replica of one that is" if gone == 1 else "are replicas of ones that are"
    return f"{_part(world, copy, gone)} in {copy.name} {verb} gone from {store.name} already"


def _doubted(world: World, store: Store, copy: Store, perhaps: int) -> str:
    words = ("is a replica that outlives its recording", "its key")
    if perhaps > 1:
        words = ("are replicas that outlive their recordings", "their keys")
    part = f"{_part(world, copy, perhaps)} in {copy.name}"
    return f"whether {part} {words[0]} is not known: {store.name} has nothing under {words[1]}"


def _part(world: World, copy: Store, number: int) -> str:
    return Amount(MediaClass.SPEECH, number).of(amount(world.estate, copy, MediaClass.SPEECH))


def _orphans(world: World, store: Store, copy: Store) -> tuple[int, int, str]:
    """Count the recordings in a store of replicas of which the source has traces alone, and nothing; and name one."""
    prefixes = [rule.prefix for rule in store.replication or () if rule.enabled and rule.target == copy.id]
    under = " OR ".join("starts_with(key, ?)" for _ in prefixes)
    sources = [
        other.id
        for other in world.estate.stores.values()
        if any(rule.target == copy.id for rule in other.replication or ())
    ]
    sql = f"""
        WITH copies AS (
            SELECT key FROM objects
            WHERE store = ? AND media = 'speech' AND current AND NOT delete_marker AND ({under})
        ), there AS (
            SELECT key, max(CASE WHEN current AND NOT delete_marker THEN 1 ELSE 0 END) AS live,
                max(CASE WHEN store = ? THEN 1 ELSE 0 END) AS mine
            FROM objects WHERE store IN (SELECT unnest(?::VARCHAR[])) AND key IN (SELECT key FROM copies) GROUP BY key
        )
        SELECT count(mine), count(*) - count(live),
            coalesce(min(CASE WHEN mine = 1 THEN copies.key END), min(copies.key))
        FROM copies LEFT JOIN there ON copies.key = there.key WHERE live IS NULL OR (live = 0 AND mine = 1)
    """  # noqa: S608 - our own words; values are parameters
    ((gone, nothing, example),) = world.estate.objects.query(sql, [copy.id, *prefixes, store.id, sources])
    return gone, nothing, example or ""


def _by_fates(check: Check, world: World, store: Store, target: str, found: Mapping[str, Sequence[Group]]) -> Finding:
    place = {"locator": target, "names": _names(store, target)}
    copy = world.estate.stores.get(target)
    for held in (store, copy):
        if held is not None and (unseen := unknown_rules(world, held)) is not None:
            return check.unknown(store, f"{held.name}: {unseen[0]}", evidence=unseen[1], **place)
    if copy is not None:
        both = Outlived.of(store, copy, pairs(world.estate, _copied(store), _copied(copy), _SAME_KEY, world.now.date()))
        if both.pairs:
            return _told(check, store, copy, both, place)
    return _by_rules(check, store, copy, target, found, place)


def _told(check: Check, store: Store, copy: Store, both: Outlived, place: dict[str, Any]) -> Finding:
    days, some = counted(both.days, "day", "days"), f"{both.outliving:,} of {both.pairs:,} replicas"
    if both.outliving:
        told = "never" if both.last is None else f"within {counted(both.last, 'day', 'days')}"
        which = "their replicas" if both.outliving == both.pairs else some
        message = f"recordings are deleted within {days}, {which} in {copy.name} {told}"
        evidence = {"source_days": both.days, "replica_days": both.last} | both.evidence
        return check.fail(store, message, evidence=evidence, **place)
    if both.unknown:
        message = f"when {both.unknown:,} of {both.pairs:,} replicas in {copy.name} go hangs on what was not read"
        return check.unknown(store, message, evidence=both.evidence, **place)
    return check.passed(store, f"no replica in {copy.name} outlives its recording", evidence=both.evidence, **place)


def _by_rules(
    check: Check,
    store: Store,
    copy: Store | None,
    target: str,
    found: Mapping[str, Sequence[Group]],
    place: dict[str, Any],
) -> Finding:
    """Judge by what the rules of both stores do to all their recordings."""
    ends, _, latest = ages_at_end(store, found[store.id])
    if ends is Answer.UNKNOWN:
        return check.unknown(store, "when its own recordings are deleted hangs on what was not read", **place)
    if ends is not Answer.YES:
        return check.passed(store, "replicas outlive nothing: its own recordings are not all deleted", **place)
    days = counted(latest, "day", "days")
    if copy is None:
        return check.unknown(store, f"recordings are deleted within {days}, and {target} was not looked at", **place)
    kept, soonest, last = ages_at_end(copy, found[copy.id])
    evidence: dict[str, object] = {"source_days": latest, "replica_days": last if kept is Answer.YES else None}
    if kept is Answer.NO or (kept is Answer.YES and soonest > latest):
        told = "never" if kept is Answer.NO else f"within {counted(last, 'day', 'days')}"
        message = f"recordings are deleted within {days}, their replicas in {copy.name} {told}"
        return check.fail(store, message, evidence=evidence, **place)
    if kept is Answer.UNKNOWN or last > latest:
        message = (
            f"recordings are deleted within {days}; when their replicas in {copy.name} are hangs on what was not read"
        )
        return check.unknown(store, message, evidence=evidence, **place)
    return check.passed(store, f"replicas in {copy.name} go as soon as the recordings", evidence=evidence, **place)


_SAME_KEY = Tie((MediaClass.SPEECH,), (MediaClass.SPEECH,))


def _copied(store: Store) -> Store:
    """Return a store of which everything is copied: what still waits for that has no replica yet."""
    return replace(store, replication=())


def _names(store: Store, target: str) -> dict[str, str]:
    return {**holder(store), "replica": target.rpartition(":")[2] or "REPLICA"}
