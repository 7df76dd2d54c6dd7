"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from cloudscan.check import Check, World, check
from cloudscan.estate import RECORDED
from cloudscan.model import Answer, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Fate, Group, fate, groups
from cloudscan_checks._facts import counted, holder, not_seen, unlisted, unread
from cloudscan_checks._rules import DISPOSAL, SET_RULES, examples, together, unknown_rules, what_keeps, why_kept


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.LOCK, Facet.REPLICATION, Facet.VERSIONING),
    remediation=SET_RULES,
    controls=DISPOSAL,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",),
)
def audio_outliving_maximum_age(self: Check, world: World) -> Iterator[Finding]:
    """Speech that will be kept past its maximum age.

    What is still young enough, and that the rules as they are now leave too long or for ever: the finding of tomorrow,
    while it is a matter of a rule and not of a deletion. Old versions that were listed count, and so do a current
    version's days as an old one, locks, and the days for which deleted objects can be got back. Recordings, transcripts
    and videos are judged apart. What is late already is the matter of audio-past-maximum-age.
    """
    for media in RECORDED:
        wanted = {}
        for store in world.estate.stores_with(media):
            rule = world.policy.retention_of(store, media)
            if rule is not None and rule.max_days is not None:
                wanted[store.id] = (store, rule.max_days)
        known = [store for store, _ in wanted.values() if store.lifecycle is not None]
        limits = tuple(sorted({most for _, most in wanted.values()}))
        now, old = (
            groups(world.estate, known, media, ask=Ask(current, world.now.date(), limits)) for current in (True, False)
        )
        for store, most in wanted.values():
            yield _judged(self, world, store, media, most, (*now.get(store.id, ()), *old.get(store.id, ())))


def _judged(check: Check, world: World, store: Store, media: MediaClass, most: int, found: Sequence[Group]) -> Finding:
    limit = counted(most, "day", "days")
    if (unseen := unknown_rules(world, store)) is not None:
        return check.unknown(store, unseen[0], locator=media, evidence=unseen[1], names=holder(store))
    late = world.now.date() - timedelta(days=most + 1)
    young = [group for group in found if group.life.created is None or group.life.created > late]
    ends = [(group, fate(group.life, group.rules, store, world.now.date())) for group in young]
    after = [group for group, end in ends if _outlives(group, end, store, most) is Answer.YES]
    perhaps = [group for group, end in ends if _outlives(group, end, store, most) is Answer.UNKNOWN]
    whole = together(young, media)
    evidence: dict[str, object] = {"max_days": most, "seen": whole.objects}
    if after:
        soft = store.soft_delete_days or 0
        part, why = together(after, media), why_kept(world, store, after, most - soft)
        evidence |= {**part.evidence, "examples": examples(after), "why": why}
        message = f"will be older than {limit}: {part.of(whole)}; {what_keeps(world, store, after, most - soft)}"
        if soft and any(end.soonest for group, end in ends if group in after):
            message += f"; what is deleted can be got back for {counted(soft, 'day', 'days')} more"
        return check.fail(store, message, locator=media, evidence=evidence, names=holder(store))
    rest = unlisted(world.estate, store)
    doubts = [unread("the rest of its objects", rest)] if rest else []
    if perhaps:
        evidence["why"] = why = why_kept(world, store, perhaps)
        doubts.insert(0, f"it is not known by when {together(perhaps, media)} will be deleted: {why[0]}")
    if doubts:
        sure = "" if perhaps else f"rules delete what was seen within {limit}, but "
        message = f"{sure}{'; '.join(doubts)}"
        return check.unknown(store, message, locator=media, evidence=evidence | not_seen(rest), names=holder(store))
    if not young:
        message = f"nothing here is younger than its maximum of {limit}: what is late already is judged by itself"
        return check.passed(store, message, locator=media, evidence=evidence)
    return check.passed(store, f"rules delete {whole} within {limit}", locator=media, evidence=evidence)


def _outlives(group: Group, end: Fate, store: Store, most: int) -> Answer:
    """Say whether objects will be there past their maximum age; the day that rounding takes is given to the rule."""
    if group.life.created is None:
        return Answer.UNKNOWN
    last = group.life.created + timedelta(days=most + 1 - (store.soft_delete_days or 0))
    if end.soonest is None or end.soonest > last:
        return Answer.YES
    return Answer.NO if end.ends is Answer.YES and end.day is not None and end.day <= last else Answer.UNKNOWN
