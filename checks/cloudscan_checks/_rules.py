"""What lifecycle rules do to the recordings of a store, as checks ask for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cloudscan.check import World
from cloudscan.model import Answer, LifecycleRule, MediaClass, Store
from cloudscan.provider import Facet
from cloudscan.retention import Group, Pair, fate
from cloudscan.retention.lives import Life
from cloudscan.retention.reasons import against_all, reasons
from cloudscan_checks._facts import EXAMPLES, Amount, listed, missing, not_seen, unread

DISPOSAL = (
    "SecurityHub:S3.13",
    "NIST-800-53@r5:SI-12",
    "ISO-27001@2022:8.10",
    "SOC2:C1.2",
    "PCI-DSS@4.0.1:3.2.1",
    "CSA-CCM@4.0:DSP-16",
)
"""Controls that ask for data to be disposed of when its time is over."""
VERSIONS_STAY = "(versions of it stay until a rule for versions takes them)"
"""What deleting a blob with its snapshots leaves behind in Azure ("Blob versioning")."""


def called_rules(names: Iterable[str]) -> str:
    """Name rules in a sentence: "rule 1", "rules expire, expire-old"."""
    every = list(dict.fromkeys(name or "-" for name in names))
    return f"rule{'' if len(every) == 1 else 's'} {listed(every)}"


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
        ends, first, last = _age_at_end(store, group.life, group.rules)
        answers.add(ends)
        soonest += [first] if first is not None else []
        latest += [last] if last is not None and ends is Answer.YES else []
    worst = next(answer for answer in (Answer.NO, Answer.UNKNOWN, Answer.YES) if answer in answers)
    return worst, min(soonest, default=0), max(latest)


def _age_at_end(store: Store, life: Life, rules: Sequence[LifecycleRule]) -> tuple[Answer, int | None, int | None]:
    """Say whether rules delete a new object like this, and its age in days at the soonest and at the latest."""
    if life.created is None:
        return Answer.UNKNOWN, None, None
    end = fate(life, rules, store, life.since or life.created)
    soonest, latest = ((day - life.created).days if day else None for day in (end.soonest, end.day))
    return end.ends, soonest, latest


@dataclass(frozen=True, slots=True)
class Outlived:
    """Pairs of objects of which the rules delete one, and what they do to the other.

    ``outliving`` pairs are those of which the other certainly stays longer, ``unknown`` those of which it may. ``days``
    is the highest age at which the first of such a pair goes, ``last`` that of the second, None if any is never
    deleted. ``examples`` are keys of the second.
    """

    pairs: int
    outliving: int
    unknown: int
    days: int
    last: int | None
    examples: tuple[str, ...]

    @classmethod
    def of(cls, one: Store, other: Store, found: Iterable[Pair]) -> Outlived:
        """Hold each pair's fates against each other, by age."""
        counts, days, last, examples = Counter[str](), [0], list[int | None](), list[str]()
        for pair in found:
            told, first, second = _outlives(one, other, pair)
            counts.update({"pairs": pair.pairs, told: pair.pairs})
            if told != "fine":
                days.append(first or 0)
            if told == "outliving":
                last.append(second)
                examples.append(pair.examples[1])
        longest = None if None in last else max((one for one in last if one is not None), default=None)
        shown = tuple(sorted(examples)[:EXAMPLES])
        return cls(counts["pairs"], counts["outliving"], counts["unknown"], max(days), longest, shown)

    @property
    def evidence(self) -> dict[str, object]:
        """Say it in a finding."""
        told = {"pairs": self.pairs, "outliving": self.outliving, "not_known": self.unknown}
        return told | ({"examples": list(self.examples)} if self.examples else {})


def _outlives(one: Store, other: Store, pair: Pair) -> tuple[str, int | None, int | None]:
    """Say what a pair is counted as, and the ages at which both go at the latest, None for never or not known."""
    ends, begins, first = _age_at_end(one, pair.one, pair.one_rules)
    stays, soonest, second = _age_at_end(other, pair.other, pair.other_rules)
    longest = second if stays is Answer.YES else None
    if ends is Answer.NO or (longest is not None and begins is not None and longest <= begins):
        return "fine", None, longest
    if ends is Answer.YES and first is not None:
        if stays is Answer.NO or (stays is Answer.YES and soonest is not None and soonest > first):
            return "outliving", first, longest
        if stays is Answer.YES and second is not None and second <= first:
            return "fine", first, longest
    return "unknown", first if ends is Answer.YES else None, longest


def why_kept(world: World, store: Store, found: Sequence[Group], past: int = 0) -> list[str]:
    """Say why rules leave groups, past an age in days, each reason once: what keeps them against every rule, then what
    leaves the most of them, then the nearest rules.
    """
    counts, against = Counter[str](), set[str]()
    for group in found:
        end = fate(group.life, group.rules, store, world.now.date())
        against |= {*against_all(group.life, end, store, world.now.date(), past)}
        counts.update(dict.fromkeys(reasons(group.life, end, store, world.now.date(), past), group.objects))
    return sorted(counts, key=lambda reason: (reason not in against, -counts[reason]))[:EXAMPLES]


def what_keeps(world: World, store: Store, found: Sequence[Group], past: int = 0) -> str:
    """Say what keeps groups before all else, past an age in days, each with how many where there are several."""
    counts, today = Counter[str](), world.now.date()
    for group in found:
        end = fate(group.life, group.rules, store, today)
        counts[reasons(group.life, end, store, today, past)[0]] += group.objects
    if len(counts) == 1:
        return next(iter(counts))
    ordered = sorted(counts, key=lambda reason: (-counts[reason], reason))
    return "; ".join(f"{counts[reason]:,}: {reason}" for reason in ordered[:EXAMPLES])


def doubts(world: World, store: Store, found: Sequence[Group]) -> str:
    """Say why it is not known whether rules delete groups."""
    today = world.now.date()
    ends = ((group, fate(group.life, group.rules, store, today)) for group in found)
    against = (reason for group, end in ends for reason in against_all(group.life, end, store, today))
    return "; ".join(dict.fromkeys(against)) or "its filter hangs on what was not read"
