"""Speech that a lifecycle rule deletes before the policy file allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from cloudscan.check import Check, World, check
from cloudscan.estate import RECORDED
from cloudscan.model import Answer, Finding, LifecycleAction, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Fate, Group, fate, groups, rules_in_force
from cloudscan_checks._facts import Amount, counted, holder, missing, not_seen, unlisted, unread
from cloudscan_checks._rules import REPLACES, called_rules, doubts, examples, together, unknown_rules

_Ending = tuple[Group, Fate]


@check(
    severity=Severity.HIGH,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.LOCK, Facet.REPLICATION, Facet.VERSIONING),
    remediation={
        "aws": (
            "Lengthen or take out the rules that the finding names: `aws s3api get-bucket-lifecycle-configuration"
            " --bucket {name}`, edit, `aws s3api put-bucket-lifecycle-configuration --bucket {name}"
            f" --lifecycle-configuration file://rules.json` {REPLACES}."
            " Object Lock keeps recordings against every rule."
        ),
        "gcp": (
            "Lengthen or take out the rules that the finding names: `gcloud storage buckets update gs://{name}"
            f" --lifecycle-file=rules.json` {REPLACES}. A retention policy keeps recordings against every rule:"
            " `gcloud storage buckets update gs://{name} --retention-period=PERIOD`."
        ),
        "azure": (
            "Lengthen or take out the rules that the finding names: `az storage account management-policy create"
            " --account-name {holder_name} --resource-group {group} --policy @rules.json`"
            f" {REPLACES}. A time-based immutability"
            " policy keeps recordings against every rule."
        ),
    },
    controls=(
        "SecurityHub:S3.15",
        "NIST-800-53@r5:SI-12",
        "ISO-27001@2022:5.33",
        "SOC2:C1.1",
        "CSA-CCM@4.0:DSP-16",
    ),
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",),
)
def audio_deleted_too_early(self: Check, world: World) -> Iterator[Finding]:
    """Speech deleted before its minimum age.

    Judged only where the policy file gives a minimum, such as a duty to keep calls for five years. Rules are taken
    at what they do: where versions are kept, an expired recording counts as gone when its old version goes. A retention
    period of the store keeps all that it holds against every rule, a lock of an object's own that object; a lock that
    a store only gives to new objects (the default retention of Amazon S3) proves nothing of those that are there.
    """
    for media in RECORDED:
        wanted = {}
        for store in world.estate.stores_with(media):
            rule = world.policy.retention_of(store, media)
            if rule is not None and rule.min_days is not None:
                wanted[store.id] = (store, rule.min_days)
        known = (store for store, _ in wanted.values() if store.lifecycle is not None)
        limits = {least for _, least in wanted.values()}
        ask = Ask(today=world.now.date(), limits=tuple(sorted(limits)))
        grouped = groups(world.estate, known, media, ask=ask)
        for store, least in wanted.values():
            yield _judged(self, world, store, media, least, grouped.get(store.id, ()))


def _judged(check: Check, world: World, store: Store, media: MediaClass, least: int, found: Sequence[Group]) -> Finding:
    names = holder(store)
    if (unseen := unknown_rules(world, store)) is not None:
        return check.unknown(store, unseen[0], locator=media, evidence=unseen[1], names=names)
    whole = together(found, media)
    fates = [(group, fate(group.life, group.rules, store, world.now.date())) for group in found]
    certain = [(group, end) for group, end in fates if end.ends is Answer.YES and _early(end.day, group, least)]
    perhaps = [(group, end) for group, end in fates if _early(end.soonest, group, least)]
    evidence: dict[str, object] = {"min_days": least, "seen": whole.objects}
    if perhaps:
        return _deleted(check, world, store, least, certain, perhaps, whole)
    if (rest := unlisted(world.estate, store)) and _any_early(store, least):
        message = f"no rule deletes {whole} seen before {_days(least)}, but {unread('the rest of its objects', rest)}"
        return check.unknown(store, message, locator=media, evidence=evidence | not_seen(rest), names=names)
    return check.passed(store, f"no rule deletes {whole} before {_days(least)}", locator=media, evidence=evidence)


def _deleted(
    check: Check, world: World, store: Store, least: int, certain: list[_Ending], perhaps: list[_Ending], whole: Amount
) -> Finding:
    chosen = certain or perhaps
    part = together([group for group, _ in chosen], whole.media)
    names = list(dict.fromkeys(name or "-" for _, end in chosen for name in end.soonest_rules))
    rules, keys = called_rules(names), examples([group for group, _ in chosen])
    evidence: dict[str, object] = {"min_days": least, **part.evidence, "rules": names, "examples": keys}
    lock, place = store.lock, {"locator": whole.media, "evidence": evidence, "names": holder(store)}
    locked = lock.enabled if lock is not None else Answer.UNKNOWN
    if certain:
        verb = "deletes" if len(names) == 1 else "delete"
        return check.fail(store, f"{rules} {verb} {part.of(whole)} before {_days(least)}", **place)
    gaps = missing(world.estate, store, Facet.VERSIONING, Facet.LOCK)
    evidence |= not_seen(gaps)
    if locked is Answer.UNKNOWN and any(end.held is Answer.UNKNOWN for _, end in perhaps):
        doubt = unread("the store's lock", gaps)
    else:
        doubt = doubts(world, store, [group for group, _ in perhaps])
    message = f"{rules} may delete {part.of(whole)} before {_days(least)}: {doubt}"
    return check.unknown(store, message, **place)


def _days(number: int) -> str:
    return counted(number, "day", "days")


def _early(end: date | None, group: Group, least: int) -> bool:
    """Say whether a day comes before the newest object of a group has the least age."""
    if end is None:
        return False
    written = group.newest or datetime.max.replace(tzinfo=UTC)
    return datetime.combine(end, time(), UTC) - written < timedelta(days=least)


def _any_early(store: Store, least: int) -> bool:
    """Say whether any rule could delete an object before it has the least age."""
    return any(
        rule.unread or rule.days is None or rule.days < least
        for rule in rules_in_force(store)
        if rule.action in (LifecycleAction.DELETE, LifecycleAction.OTHER) and rule.acts_on != "noncurrent"
    )
