"""Speech that a lifecycle rule deletes before the policy file allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from cloudscan.check import Check, World, check
from cloudscan.estate import RECORDED
from cloudscan.model import Answer, Finding, LifecycleAction, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Fate, Group, fate, groups, rules_in_force
from cloudscan.tables.slices import Slice
from cloudscan_checks._decisions import Decision, decisions, hangs_on_labels
from cloudscan_checks._disposal import REPLACES
from cloudscan_checks._facts import Amount, counted, missing, not_seen, unlisted, unread
from cloudscan_checks._rules import called_rules, doubts, examples, together, unknown_rules

_Ending = tuple[Group, Fate]


@check(
    severity=Severity.HIGH,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.LOCK, Facet.REPLICATION, Facet.VERSIONING),
    asked_by=lambda policy: bool(policy.retention),
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
    Folders for which the policy file has rules of their own are judged apart.
    """
    for media in RECORDED:
        wanted: dict[Slice, list[tuple[Decision, int]]] = {}
        for decision in decisions(world, media, world.estate.stores_with(media)):
            if decision.perhaps:
                if any(each.min_days is not None for each in decision.perhaps):
                    yield hangs_on_labels(self, world, decision)
            elif decision.rule.min_days is not None:
                wanted.setdefault(decision.part, []).append((decision, decision.rule.min_days))
        for part, several in wanted.items():
            known = (decision.store for decision, _ in several if decision.store.lifecycle is not None)
            limits = tuple(sorted({least for _, least in several}))
            grouped = groups(world.estate, known, media, ask=Ask(today=world.now.date(), limits=limits, part=part))
            for decision, least in several:
                yield _judged(self, world, decision, least, grouped.get(decision.store.id, ()))


def _judged(check: Check, world: World, decision: Decision, least: int, found: Sequence[Group]) -> Finding:
    store, place, lead = decision.store, decision.place, decision.lead
    if (unseen := unknown_rules(world, store)) is not None:
        return check.unknown(store, f"{lead}{unseen[0]}", evidence=decision.evidence | unseen[1], **place)
    whole = together(found, decision.media)
    fates = [(group, fate(group.life, group.rules, store, world.now.date())) for group in found]
    certain = [(group, end) for group, end in fates if end.ends is Answer.YES and _early(end.day, group, least)]
    perhaps = [(group, end) for group, end in fates if _early(end.soonest, group, least)]
    evidence: dict[str, object] = {"min_days": least, "seen": whole.objects, **decision.evidence}
    if perhaps:
        return _deleted(check, world, decision, least, certain, perhaps, whole)
    if (rest := unlisted(world.estate, store)) and _any_early(store, least):
        doubt = unread("the rest of its objects", rest)
        message = f"{lead}no rule deletes {whole} seen before {_days(least)}, but {doubt}"
        return check.unknown(store, message, evidence=evidence | not_seen(rest), **place)
    return check.passed(store, f"{lead}no rule deletes {whole} before {_days(least)}", evidence=evidence, **place)


def _deleted(
    check: Check,
    world: World,
    decision: Decision,
    least: int,
    certain: list[_Ending],
    perhaps: list[_Ending],
    whole: Amount,
) -> Finding:
    chosen = certain or perhaps
    part = together([group for group, _ in chosen], whole.media)
    names = list(dict.fromkeys(name or "-" for _, end in chosen for name in end.soonest_rules))
    rules, keys = called_rules(names), examples([group for group, _ in chosen])
    evidence: dict[str, object] = {"min_days": least, **decision.evidence, **part.evidence}
    evidence |= {"rules": names, "examples": keys}
    store, lead = decision.store, decision.lead
    lock, place = store.lock, decision.place | {"evidence": evidence}
    locked = lock.enabled if lock is not None else Answer.UNKNOWN
    if certain:
        verb = "deletes" if len(names) == 1 else "delete"
        return check.fail(store, f"{lead}{rules} {verb} {part.of(whole)} before {_days(least)}", **place)
    gaps = missing(world.estate, store, Facet.VERSIONING, Facet.LOCK)
    evidence |= not_seen(gaps)
    if locked is Answer.UNKNOWN and any(end.held is Answer.UNKNOWN for _, end in perhaps):
        doubt = unread("the store's lock", gaps)
    else:
        doubt = doubts(world, store, [group for group, _ in perhaps])
    message = f"{lead}{rules} may delete {part.of(whole)} before {_days(least)}: {doubt}"
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
