"""What lifecycle rules do to the recordings of a store, as checks ask for it."""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.check import World
from cloudscan.model import Answer, MediaClass, Store
from cloudscan.provider import Facet
from cloudscan.retention import Group, fate
from cloudscan.retention.reasons import reasons
from cloudscan_checks._facts import EXAMPLES, Amount, missing, not_seen, unread

DISPOSAL = (
    "SecurityHub:S3.13",
    "NIST-800-53@r5:SI-12",
    "ISO-27001@2022:8.10",
    "SOC2:C1.2",
    "PCI-DSS@4.0.1:3.2.1",
    "CSA-CCM@4.0:DSP-16",
)
"""Controls that ask for data to be disposed of when its time is over."""
SET_RULES = {
    "aws": (
        "Add a rule for them, with a filter as wide as the recordings:"
        " `aws s3api put-bucket-lifecycle-configuration --bucket {name} --lifecycle-configuration file://rules.json`"
        " (it replaces every rule that is there: start from get-bucket-lifecycle-configuration)."
    ),
    "gcp": (
        "Add a rule for them: `gcloud storage buckets update gs://{name} --lifecycle-file=rules.json`"
        " (it replaces every rule that is there)."
    ),
    "azure": (
        "Add a rule for them: `az storage account management-policy create --account-name {holder_name}"
        " --resource-group {group} --policy @rules.json` (it replaces every rule that is there)."
    ),
}


def unknown_rules(world: World, store: Store) -> tuple[str, dict[str, object]] | None:
    """Say why the rules of a store are not known, with evidence; None when they are."""
    if store.lifecycle is not None:
        return None
    gaps = missing(world.estate, store, Facet.LIFECYCLE)
    return unread("the lifecycle rules", gaps), not_seen(gaps)


def together(found: Sequence[Group], media: MediaClass = MediaClass.SPEECH) -> Amount:
    """Add groups up."""
    return Amount(media, sum(group.objects for group in found), sum(group.seconds for group in found))


def examples(found: Sequence[Group]) -> list[str]:
    """Return some of the keys."""
    return list(dict.fromkeys(sorted(group.example for group in found)))[:EXAMPLES]


def ages_at_end(store: Store, found: Sequence[Group]) -> tuple[Answer, int, int]:
    """Say whether groups are all deleted, and at which age in days: the first at the soonest, the last at the latest.

    It is said of what the rules do to a new object: an older one that a younger rule will take late says nothing of
    them. The ages are of no meaning where nothing is deleted.
    """
    answers, soonest, latest = {Answer.YES}, [], [0]
    for group in found:
        written = group.life.created
        if written is None:
            answers.add(Answer.UNKNOWN)
            continue
        end = fate(group.life, group.rules, store, group.life.since or written)
        answers.add(end.ends)
        soonest += [(end.soonest - written).days] if end.soonest else []
        latest += [(end.day - written).days] if end.day and end.ends is Answer.YES else []
    worst = next(answer for answer in (Answer.NO, Answer.UNKNOWN, Answer.YES) if answer in answers)
    return worst, min(soonest, default=0), max(latest)


def why_kept(world: World, store: Store, found: Sequence[Group]) -> list[str]:
    """Say why rules leave groups, each reason once: those of the most objects first, then the nearest rules."""
    counts: dict[str, int] = {}
    for group in found:
        end = fate(group.life, group.rules, store, world.now.date())
        for reason in reasons(group.life, end, store, world.now.date()):
            counts[reason] = counts.get(reason, 0) + group.objects
    return sorted(counts, key=lambda reason: -counts[reason])[:EXAMPLES]
