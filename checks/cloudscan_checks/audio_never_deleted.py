"""Recordings that no lifecycle rule ever deletes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Group, expires_all, fate, groups
from cloudscan.retention.rules import many_rules
from cloudscan_checks._disposal import SET_RULES, disposing
from cloudscan_checks._facts import amount, holder, not_seen, unlisted, unread
from cloudscan_checks._rules import (
    DISPOSAL,
    called_rules,
    doubts,
    examples,
    together,
    unknown_rules,
    why_kept,
)


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.LOCK, Facet.REPLICATION, Facet.VERSIONING),
    remediation=SET_RULES,
    controls=DISPOSAL,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",),
)
def audio_never_deleted(self: Check, world: World) -> Iterator[Finding]:
    """Recordings that no rule ever deletes.

    What nothing deletes is kept for ever, and so is every later breach's reach into the past. A rule counts only
    for the recordings that its filters meet: rules that are switched off, move to a colder tier, clear unfinished
    uploads or take another prefix delete none of them; and no rule deletes what a hold keeps. Where versions are kept,
    a rule that only makes old versions of them counts here, and what becomes of those is the matter of
    old-audio-versions-never-deleted.
    """
    stores = world.estate.stores_with(MediaClass.SPEECH)
    known = [store for store in stores if store.lifecycle is not None]
    grouped = groups(world.estate, known, MediaClass.SPEECH, ask=Ask(today=world.now.date()))
    for store in stores:
        if (unseen := unknown_rules(world, store)) is not None:
            yield self.unknown(store, unseen[0], evidence=unseen[1], names=holder(store))
        elif store.retention_hours is not None:
            yield self.passed(store, "it deletes every recording by itself")
        elif expires_all(store):
            yield self.passed(store, f"rules {_done(store)} every recording")
        elif grouped[store.id] or unlisted(world.estate, store):
            yield _judged(disposing(self, world, store), world, store, grouped[store.id])


def _judged(check: Check, world: World, store: Store, grouped: Sequence[Group]) -> Finding:
    kept: dict[Answer, list[Group]] = {answer: [] for answer in Answer}
    for group in grouped:
        kept[fate(group.life, group.rules, store, world.now.date()).taken].append(group)
    whole = amount(world.estate, store, MediaClass.SPEECH)
    evidence: dict[str, object] = {"rules": many_rules(store), "seen": whole.objects}
    rest = unlisted(world.estate, store)
    if never := kept[Answer.NO]:
        part = together(never)
        evidence |= {**part.evidence, "examples": examples(never), "why": why_kept(world, store, never)}
        held = together([group for group in never if group.life.held])
        hold = f"; a hold keeps {held.of(part)}" if held.objects else ""
        message = f"no rule ever deletes {part.of(whole)}{hold}"
        return check.fail(store, message, evidence=evidence, names=holder(store))
    if perhaps := kept[Answer.UNKNOWN]:
        part = together(perhaps)
        fates = (fate(group.life, group.rules, store, world.now.date()) for group in perhaps)
        rules = called_rules(name for one in fates for name in one.soonest_rules)
        evidence |= {**part.evidence, "why": why_kept(world, store, perhaps)}
        message = f"{part.of(whole)} may be deleted by {rules}: {doubts(world, store, perhaps)}"
        return check.unknown(store, message, evidence=evidence, names=holder(store))
    done = _done(store)
    if rest:
        message = f"rules {done} {whole} seen, but {unread('the rest of its objects', rest)}"
        return check.unknown(store, message, evidence=evidence | not_seen(rest), names=holder(store))
    return check.passed(store, f"rules {done} {whole}", evidence=evidence)


def _done(store: Store) -> str:
    return "delete" if store.makes_no_versions else "delete, or make old versions of,"
