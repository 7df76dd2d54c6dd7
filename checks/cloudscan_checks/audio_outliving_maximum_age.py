"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from cloudscan.check import Check, World, check
from cloudscan.coverage.unseen import deleted_unlisted
from cloudscan.estate import RECORDED
from cloudscan.model import Answer, Finding, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Fate, Group, fate, groups
from cloudscan.retention.gone import GoneAge, ages_of_gone, stores_of_gone
from cloudscan.tables.slices import Slice
from cloudscan_checks._decisions import Decision, decisions, hangs_on_labels
from cloudscan_checks._disposal import SET_RULES, disposing_of
from cloudscan_checks._facts import Amount, counted, not_seen, unlisted, unread
from cloudscan_checks._rules import DISPOSAL, examples, together, unknown_rules, what_keeps, why_kept


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.LOCK, Facet.REPLICATION, Facet.VERSIONING),
    asked_by=lambda policy: bool(policy.retention),
    remediation=SET_RULES,
    controls=DISPOSAL,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",),
)
def audio_outliving_maximum_age(self: Check, world: World) -> Iterator[Finding]:
    """Speech that will be kept past its maximum age.

    What is still young enough, and that the rules as they are now leave too long or for ever: the finding of tomorrow,
    while it is a matter of a rule and not of a deletion. Old versions that were listed count, and so do a current
    version's days as an old one, locks, and the days for which deleted objects can be got back, of those that are
    deleted already, too. Recordings, transcripts and videos are judged apart, and so are folders for which the policy
    file has rules of their own. What is late already is the matter of audio-past-maximum-age.
    """
    for media in RECORDED:
        wanted: dict[Slice, list[tuple[Decision, int]]] = {}
        held = {store.id for store in world.estate.stores_with(media)} | stores_of_gone(world.estate, media)
        stores = [store for name, store in sorted(world.estate.stores.items()) if name in held]
        for decision in decisions(world, media, stores):
            if decision.perhaps:
                if any(each.max_days is not None for each in decision.perhaps):
                    yield hangs_on_labels(self, world, decision)
            elif decision.rule.max_days is not None:
                wanted.setdefault(decision.part, []).append((decision, decision.rule.max_days))
        for part, several in wanted.items():
            known = [decision.store for decision, _ in several if decision.store.lifecycle is not None]
            limits, today = tuple(sorted({most for _, most in several})), world.now.date()
            now, old = (
                groups(world.estate, known, media, ask=Ask(current, today, limits, part=part))
                for current in (True, False)
            )
            gone = {most: ages_of_gone(world.estate, part, media, most, world.now) for most in limits}
            for decision, most in several:
                name = decision.store.id
                back = gone[most].get(name, GoneAge())
                made = disposing_of(self, world, decision, most)
                yield _judged(made, world, decision, most, (*now.get(name, ()), *old.get(name, ())), back)


def _judged(
    check: Check, world: World, decision: Decision, most: int, found: Sequence[Group], gone: GoneAge
) -> Finding:
    store, media, place, lead = decision.store, decision.media, decision.place, decision.lead
    limit = counted(most, "day", "days")
    if (unseen := unknown_rules(world, store)) is not None:
        return check.unknown(store, f"{lead}{unseen[0]}", evidence=decision.evidence | unseen[1], **place)
    late = world.now.date() - timedelta(days=most + 1)
    young = [group for group in found if group.life.created is None or group.life.created > late]
    ends = [(group, fate(group.life, group.rules, store, world.now.date())) for group in young]
    after = [group for group, end in ends if _outlives(group, end, store, most) is Answer.YES]
    perhaps = [group for group, end in ends if _outlives(group, end, store, most) is Answer.UNKNOWN]
    whole = together(young, media)
    evidence: dict[str, object] = {"max_days": most, "seen": whole.objects, **decision.evidence}
    if after:
        soft = store.soft_delete_days or 0
        part, why = together(after, media), why_kept(world, store, after, most - soft)
        evidence |= {**part.evidence, "examples": examples(after), "why": why}
        message = f"{lead}will be older than {limit}: {part.of(whole)}; {what_keeps(world, store, after, most - soft)}"
        if soft and any(end.soonest for group, end in ends if group in after):
            message += f"; what is deleted can be got back for {counted(soft, 'day', 'days')} more"
        return check.fail(store, message, evidence=evidence, **place)
    if gone.outliving:
        evidence |= {"deleted": gone.outliving, "examples": [gone.then]}
        what = Amount(media, gone.outliving)
        message = f"{lead}will be older than {limit} before it can be got back no more: {what} deleted already"
        return check.fail(store, message, evidence=evidence, **place)
    rest = unlisted(world.estate, store)
    doubts = [unread("the rest of its objects", rest)] if rest else []
    if (unlisted_ones := deleted_unlisted(world.estate, store)) is not None:
        doubts.append(f"not looked at: {unlisted_ones}")
    if perhaps:
        evidence["why"] = why = why_kept(world, store, perhaps)
        doubts.insert(0, f"it is not known by when {together(perhaps, media)} will be deleted: {why[0]}")
    if doubts:
        sure = "" if perhaps else f"rules delete what was seen within {limit}, but "
        message = f"{lead}{sure}{'; '.join(doubts)}"
        return check.unknown(store, message, evidence=evidence | not_seen(rest), **place)
    if not young:
        message = f"{lead}nothing here is younger than its maximum of {limit}: what is late already is judged by itself"
        return check.passed(store, message, evidence=evidence, **place)
    return check.passed(store, f"{lead}rules delete {whole} within {limit}", evidence=evidence, **place)


def _outlives(group: Group, end: Fate, store: Store, most: int) -> Answer:
    """Say whether objects will be there past their maximum age; the day that rounding takes is given to the rule."""
    if group.life.created is None:
        return Answer.UNKNOWN
    last = group.life.created + timedelta(days=most + 1 - (store.soft_delete_days or 0))
    if end.soonest is None or end.soonest > last:
        return Answer.YES
    return Answer.NO if end.ends is Answer.YES and end.day is not None and end.day <= last else Answer.UNKNOWN
