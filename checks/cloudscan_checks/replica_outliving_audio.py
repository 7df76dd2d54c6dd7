"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Group, Tie, groups, pairs
from cloudscan_checks._facts import counted, holder, missing, not_seen, untold
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
    other; where there are none, what rules do to the recordings of both stores is.
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
