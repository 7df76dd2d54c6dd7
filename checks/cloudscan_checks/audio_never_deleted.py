"""Recordings that no lifecycle rule ever deletes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Group, expires_all, fate, groups
from cloudscan.retention.rules import many_rules
from cloudscan_checks._facts import amount, holder, listed, not_seen, unlisted, unread
from cloudscan_checks._rules import DISPOSAL, SET_RULES, examples, together, unknown_rules, why_kept


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE),
    remediation=SET_RULES,
    controls=DISPOSAL,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",),
)
def audio_never_deleted(self: Check, world: World) -> Iterator[Finding]:
    """Recordings that no rule ever deletes.

    What nothing deletes is kept for ever, and so is every later breach's reach into the past. A rule counts only
    for the recordings that its filters meet: rules that are switched off, move to a colder tier, clear unfinished
    uploads or take another prefix delete none of them.
    """
    stores = world.estate.stores_with(MediaClass.SPEECH)
    known = [store for store in stores if store.lifecycle is not None]
    grouped = groups(world.estate, known, MediaClass.SPEECH, ask=Ask(today=world.now.date()))
    for store in stores:
        if (unseen := unknown_rules(world, store)) is not None:
            yield self.unknown(store, unseen[0], evidence=unseen[1], names=holder(store))
        elif store.retention_hours is not None or expires_all(store):
            yield self.passed(store, "every recording is deleted by a rule")
        elif grouped[store.id] or unlisted(world.estate, store):
            yield _judged(self, world, store, grouped[store.id])


def _judged(check: Check, world: World, store: Store, grouped: Sequence[Group]) -> Finding:
    kept: dict[Answer, list[Group]] = {answer: [] for answer in Answer}
    for group in grouped:
        kept[fate(group.life, group.rules, store, world.now.date()).leaves].append(group)
    whole = amount(world.estate, store, MediaClass.SPEECH)
    evidence: dict[str, object] = {"rules": many_rules(store), "seen": whole.objects}
    rest = unlisted(world.estate, store)
    if never := kept[Answer.NO]:
        part = together(never)
        evidence |= {**part.evidence, "examples": examples(never), "why": why_kept(world, store, never)}
        return check.fail(store, f"no rule ever deletes {part.of(whole)}", evidence=evidence, names=holder(store))
    if perhaps := kept[Answer.UNKNOWN]:
        part = together(perhaps)
        fates = (fate(group.life, group.rules, store, world.now.date()) for group in perhaps)
        rules = listed(dict.fromkeys(name or "-" for one in fates for name in one.soonest_rules))
        message = f"{part.of(whole)} may be deleted by {rules}: its filter hangs on what was not read"
        return check.unknown(store, message, evidence=evidence | part.evidence, names=holder(store))
    if rest:
        message = f"rules delete {whole} seen, but {unread('the rest of its objects', rest)}"
        return check.unknown(store, message, evidence=evidence | not_seen(rest), names=holder(store))
    return check.passed(store, f"rules delete {whole}", evidence=evidence)
