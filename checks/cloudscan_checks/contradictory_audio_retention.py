"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from cloudscan.check import Check, World, check
from cloudscan.estate import RECORDED
from cloudscan.model import Answer, Finding, LifecycleAction, LifecycleRule, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, groups
from cloudscan_checks._decisions import Decision, decisions, hangs_on_labels
from cloudscan_checks._disposal import REPLACES
from cloudscan_checks._facts import counted, holder, missing, not_seen, unread
from cloudscan_checks._rules import unknown_rules

_APART = "Keep what must be kept apart from what must go, by store or by folders of which none lies in another"
_OF_LOCK = {
    "aws": (
        f"{_APART}, and shorten the default retention of the lock: `aws s3api put-object-lock-configuration --bucket"
        " {name} --object-lock-configuration file://lock.json`. What is locked already stays locked."
    ),
    "gcp": (
        f"{_APART}, and shorten the retention period, unless it is locked: `gcloud storage buckets update gs://{{name}}"
        " --retention-period=PERIOD`."
    ),
    "azure": (
        f"{_APART}, and shorten the immutability policy, unless it is locked: `az storage container immutability-policy"
        " create --account-name {holder_name} --container-name {last} --period DAYS`."
    ),
}
_OF_RULE = {
    "aws": (
        f"{_APART}, and give each a rule of its own in place of the one that the finding names: `aws s3api"
        " get-bucket-lifecycle-configuration --bucket {name}`, edit, `aws s3api put-bucket-lifecycle-configuration"
        f" --bucket {{name}} --lifecycle-configuration file://rules.json` {REPLACES}."
    ),
    "gcp": (
        f"{_APART}, and give each a rule of its own in place of the one that the finding names: `gcloud storage buckets"
        f" update gs://{{name}} --lifecycle-file=rules.json` {REPLACES}."
    ),
    "azure": (
        f"{_APART}, and give each a rule of its own in place of the one that the finding names: `az storage account"
        " management-policy create --account-name {holder_name} --resource-group {group} --policy @rules.json`"
        f" {REPLACES}."
    ),
}


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.LOCK, Facet.REPLICATION, Facet.VERSIONING),
    asked_by=lambda policy: bool(policy.retention),
    remediation={
        cloud: f"Where a rule takes both: {rule} Where the lock holds new objects too long: {_OF_LOCK[cloud]}"
        for cloud, rule in _OF_RULE.items()
    },
    controls=("SecurityHub:S3.15", "NIST-800-53@r5:SI-12", "ISO-27001@2022:5.33", "SOC2:C1.2", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",),
)
def contradictory_audio_retention(self: Check, world: World) -> Iterator[Finding]:
    """A store that cannot keep both its minimum and its maximum.

    Its lock holds new objects longer than the policy file lets them live; or what must be kept and what must be gone by
    then lie in one store and one rule takes both, so that whatever its days are one of the two decisions is broken.
    """
    for store in world.estate.stores_with(*RECORDED):
        held = [
            decision
            for media in RECORDED
            if store in world.estate.stores_with(media)
            for decision in decisions(world, media, [store])
            if not decision.empty
        ]
        if held:
            yield _judged(self, world, store, held)


def _judged(check: Check, world: World, store: Store, every: Sequence[Decision]) -> Finding:
    names, held = holder(store), [each for each in every if not each.perhaps]
    most = [(each.rule.max_days, f"{each.media}{each.where}") for each in held if each.rule.max_days is not None]
    lock = store.lock
    if most and lock is not None and lock.enabled is Answer.YES and (lock.days or 0) > min(most)[0]:
        days, what = min(most)
        limit, locked = counted(days, "day", "days"), counted(lock.days or 0, "day", "days")
        message = f"its lock holds new objects for {locked}, and the policy file lets {what} live for {limit}"
        check = replace(check, remediation=_OF_LOCK)
        return check.fail(store, message, evidence={"lock_days": lock.days, "max_days": days}, names=names)
    if (unseen := unknown_rules(world, store)) is not None:
        return check.unknown(store, unseen[0], evidence=unseen[1], names=names)
    for kept, gone in permutations(held, 2):
        least, longest = kept.rule.min_days, gone.rule.max_days
        if least is not None and longest is not None and least > longest and (both := _both(world, kept, gone)):
            message = (
                f"rule {both[0].id or '-'} takes both {kept.media}{kept.where}, to be kept for"
                f" {counted(least, 'day', 'days')}, and {gone.media}{gone.where}, to be gone within"
                f" {counted(longest, 'day', 'days')}"
            )
            evidence: dict[str, object] = {"min_days": least, "max_days": longest, "rules": [one.id for one in both]}
            return replace(check, remediation=_OF_RULE).fail(store, message, evidence=evidence, names=names)
    if (open_one := next((each for each in every if each.perhaps), None)) is not None:
        return hangs_on_labels(check, world, open_one, locator="")
    if most and lock is not None and lock.enabled is Answer.YES and lock.mode == "legal-hold":
        message = "a legal hold keeps all that it holds until somebody lifts it, past any maximum"
        return replace(check, remediation={}).unknown(store, message, names=names)
    if most and (lock is None or lock.enabled is Answer.UNKNOWN):
        gaps = missing(world.estate, store, Facet.LOCK)
        return check.unknown(store, unread("the store's lock", gaps), evidence=not_seen(gaps), names=names)
    apart = "no rule takes both what must be kept and what must be gone"
    return check.passed(store, f"{_no_lock(world, store, most)}, and {apart}")


def _no_lock(world: World, store: Store, most: Sequence[tuple[int, str]]) -> str:
    """Say why the lock of a store contradicts no maximum. What single objects' own do is judged elsewhere."""
    if not most:
        return "it has no maximum that a lock could break"
    lock, limit = store.lock, counted(min(most)[0], "day", "days")
    own = next(world.estate.objects.query(_OWN, [store.id, world.now.replace(tzinfo=None)]), (0,))[0]
    held = counted(own, "object has a lock or hold of its own", "objects have locks or holds of their own")
    also = f" ({held})" if own else ""
    if lock is None or lock.enabled is not Answer.YES or not lock.days:
        return f"no lock keeps new objects by default{also}"
    return f"its lock keeps new objects no longer than the maximum of {limit}{also}"


_OWN = "SELECT count(*) FROM objects WHERE store = ? AND NOT delete_marker AND (held OR retain_until > ?)"


def _both(world: World, one: Decision, other: Decision) -> Sequence[LifecycleRule]:
    """Return the rules that delete objects of both."""
    rules = []
    for each in (one, other):
        ask = Ask(today=world.now.date(), part=each.part)
        found = groups(world.estate, [each.store], each.media, ask=ask)[each.store.id]
        rules.append([rule for group in found for rule in group.rules if rule.action == LifecycleAction.DELETE])
    return [rule for rule in dict.fromkeys(rules[0]) if rule in rules[1] and not rule.unread]
