"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, Gap, MediaClass, Severity, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Group, Tie, groups, pairs
from cloudscan_checks._copies import Copying, Copyings, copyings, unlisted_copies
from cloudscan_checks._disposal import REPLACES
from cloudscan_checks._facts import Amount, amount, counted, holder, missing, not_seen, unlisted, untold
from cloudscan_checks._rules import Outlived, ages_at_end, unknown_rules

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
    another store that copies there has it. What a transfer job copied is a replica, too, under the key that it gives
    it; where the job deletes what the source has lost, it is not known when that is. So it is with a store of replicas
    that was not looked at. A rule or job that is switched off leaves there what it copied before.
    """
    stores = world.estate.stores_with(MediaClass.SPEECH)
    copying = copyings(world.estate)
    ids = {target for store in stores for target in copying.targets(store.id)}
    targets = [world.estate.stores[name] for name in sorted(ids) if name in world.estate.stores]
    sources = [store for store in stores if copying.targets(store.id)]
    known = [_copied(store) for store in (*sources, *targets) if store.lifecycle is not None]
    found = groups(world.estate, known, MediaClass.SPEECH, ask=Ask(today=world.now.date())) if known else {}
    gaps = {provider: unlisted_copies(world.estate, provider) for provider in {store.provider for store in stores}}
    for store in stores:
        if (rest := _unlisted(self, world, store, gaps[store.provider])) is not None:
            yield rest
        for target in copying.targets(store.id):
            told = _judged(self, world, store, target, copying, found)
            if told is not None:
                yield told


def _unlisted(check: Check, world: World, store: Store, gaps: Sequence[Gap]) -> Finding | None:
    """Say that it is not known what copies a store: its own rules, or transfer jobs, which any account may have."""
    if store.replication is not None and not gaps:
        return None
    seen = missing(world.estate, store, Facet.REPLICATION) if store.replication is None else gaps
    message = untold("whether it copies recordings elsewhere", seen)
    if store.replication is not None:
        message = untold("whether transfer jobs copy recordings elsewhere", gaps)
    return check.unknown(store, message, evidence=not_seen(seen), names=_names(store, "", None))


def _judged(
    check: Check,
    world: World,
    store: Store,
    target: str,
    copying: Copyings,
    found: Mapping[str, Sequence[Group]],
) -> Finding | None:
    """Judge one store of replicas; None where nothing is copied there now, and nothing there looks like a replica."""
    copy = world.estate.stores.get(target)
    every = copying.between(store.id, target)
    held = _by_fates(check, world, store, target, every, found)
    gone, perhaps, example = _orphans(world, store, copy, copying) if copy is not None else (0, 0, "")
    if copy is not None and (gone or perhaps):
        verdict = Verdict.FAIL if gone or (held and held.verdict is Verdict.FAIL) else Verdict.UNKNOWN
        said = [held.message] if held and held.verdict is verdict else []
        said.append(_said(world, store, copy, gone) if gone else _doubted(world, store, copy, perhaps))
        known = held.evidence if held else {}
        evidence = {**known, "gone": gone, "not_known": perhaps, "without_recording": [example]}
        names = _names(store, target, copy)
        held = check.finding(verdict, store, "; ".join(said), locator=target, evidence=evidence, names=names)
    if held and held.verdict is Verdict.FAIL and any(each.mirrors and each.running for each in every):
        message = f"{held.message}; a transfer job deletes there what {store.name} has lost, whenever it runs"
        names = _names(store, target, copy)
        return check.unknown(store, message, locator=target, evidence=held.evidence, names=names)
    return held


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


def _orphans(world: World, store: Store, copy: Store, copying: Copyings) -> tuple[int, int, str]:
    """Count the recordings in a store of replicas of which the source has traces alone, and nothing; and name one."""
    every = [each for each in copying.between(store.id, copy.id) if not _to_itself(store, each)]
    if not every:
        return 0, 0, ""
    copies = " UNION ".join(
        "SELECT key, ? || substr(key, ?) AS source FROM objects"
        " WHERE store = ? AND media = 'speech' AND current AND NOT delete_marker AND starts_with(key, ?)"
        for _ in every
    )
    given = [one for each in every for one in (each.prefix, len(each.under) + 1, copy.id, each.under)]
    sql = f"""
        WITH copies AS ({copies}), there AS (
            SELECT key, max(CASE WHEN current AND NOT delete_marker THEN 1 ELSE 0 END) AS live,
                max(CASE WHEN store = ? THEN 1 ELSE 0 END) AS mine
            FROM objects WHERE store IN (SELECT unnest(?::VARCHAR[])) AND key IN (SELECT source FROM copies)
            GROUP BY key
        ), kept AS (
            SELECT copies.key AS key, max(live) AS live, max(mine) AS mine
            FROM copies LEFT JOIN there ON copies.source = there.key GROUP BY copies.key
        )
        SELECT count(mine), count(*) - count(live), coalesce(min(CASE WHEN mine = 1 THEN key END), min(key))
        FROM kept WHERE live IS NULL OR (live = 0 AND mine = 1)
    """  # noqa: S608 - our own words; values are parameters
    ((gone, nothing, example),) = world.estate.objects.query(sql, [*given, store.id, list(copying.sources[copy.id])])
    return gone, nothing, example or ""


def _to_itself(store: Store, each: Copying) -> bool:
    return each.target == store.id and each.under.startswith(each.prefix)


def _tie(store: Store, every: Sequence[Copying]) -> Tie:
    """Say which recordings of a store and of its replicas belong together: those of one key, where it is kept."""
    if all(each.prefix == each.under for each in every):
        return _SAME_KEY
    one = (
        "SELECT DISTINCT key AS one, ? || substr(key, ?) AS other FROM objects WHERE store = ? AND starts_with(key, ?)"
    )
    given = [part for each in every for part in (each.under, len(each.prefix) + 1, store.id, each.prefix)]
    return replace(_SAME_KEY, select=" UNION ".join([one] * len(every)), given=given)


def _by_fates(
    check: Check,
    world: World,
    store: Store,
    target: str,
    every: Sequence[Copying],
    found: Mapping[str, Sequence[Group]],
) -> Finding | None:
    copy = world.estate.stores.get(target)
    place = {"locator": target, "names": _names(store, target, copy)}
    for held in (store, copy):
        if held is not None and (unseen := unknown_rules(world, held)) is not None:
            return check.unknown(store, f"{held.name}: {unseen[0]}", evidence=unseen[1], **place)
    if copy is not None:
        tied = pairs(world.estate, _copied(store), _copied(copy), _tie(store, every), world.now.date())
        both = Outlived.of(store, copy, tied)
        if both.pairs:
            return _told(check, store, copy, both, place)
        if not any(each.running for each in every):
            return None
    return _by_rules(check, world, store, copy, target, found, place)


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
    world: World,
    store: Store,
    copy: Store | None,
    target: str,
    found: Mapping[str, Sequence[Group]],
    place: dict[str, Any],
) -> Finding:
    """Judge by what the rules of both stores do to all their recordings."""
    ends = [ages_at_end(store, [group]) for group in found[store.id]]
    gone = [(first, last) for each, first, last in ends if each is Answer.YES]
    if not gone:
        if any(each is Answer.UNKNOWN for each, _, _ in ends):
            return check.unknown(store, "when its own recordings are deleted hangs on what was not read", **place)
        return check.passed(store, "replicas outlive nothing: no rule deletes its own recordings", **place)
    soonest, latest = min(first for first, _ in gone), max(last for _, last in gone)
    whole = f"{'some ' if len(gone) < len(ends) else ''}recordings are deleted within {counted(latest, 'day', 'days')}"
    if copy is None:
        return check.unknown(store, f"{whole}, and {target or 'where they are copied to'} was not looked at", **place)
    if not found[copy.id] and (gaps := unlisted(world.estate, copy)):
        message = untold(f"whether replicas in {copy.name} outlive them", gaps)
        return check.unknown(store, f"{whole}; {message}", evidence=not_seen(gaps), **place)
    kept, first_kept, last_kept = ages_at_end(copy, found[copy.id])
    evidence: dict[str, object] = {"source_days": latest, "replica_days": last_kept if kept is Answer.YES else None}
    never = bool(found[copy.id]) and all(ages_at_end(copy, [each])[0] is Answer.NO for each in found[copy.id])
    if never or (kept is Answer.YES and first_kept > latest):
        told = "never" if never else f"within {counted(last_kept, 'day', 'days')}"
        return check.fail(store, f"{whole}, their replicas in {copy.name} {told}", evidence=evidence, **place)
    if kept is not Answer.YES or last_kept > soonest:
        message = f"{whole}; when their replicas in {copy.name} are hangs on what was not read"
        if kept is not Answer.UNKNOWN:
            message = f"{whole}; whether their replicas in {copy.name} go as soon is not known: none lies under its key"
        return check.unknown(store, message, evidence=evidence, **place)
    return check.passed(store, f"replicas in {copy.name} go as soon as the recordings", evidence=evidence, **place)


_SAME_KEY = Tie((MediaClass.SPEECH,), (MediaClass.SPEECH,))


def _copied(store: Store) -> Store:
    """Return a store of which everything is copied: what still waits for that has no replica yet."""
    return replace(store, replication=())


def _names(store: Store, target: str, copy: Store | None) -> dict[str, str]:
    """Return what a remedy names: the store of the replicas, and what that lies in."""
    name = copy.name if copy is not None else target.rpartition(":")[2].strip("/")
    return {**holder(copy or replace(store, id=target, name=name)), "replica": name or "REPLICA"}
