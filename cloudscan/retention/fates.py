"""The fate of objects that are alike: on which day which rule deletes them, or never, or it is not known.

A closed form: it goes from one thing that a rule does to the next (a move to another tier, a current version that
becomes an old one, a deletion), never from day to day. There are as many of these as tiers to fall to, and one more.

The order of what several rules do on one day is that of all three clouds: a deletion goes before a move, a move to
a colder tier before one to a warmer ("How Amazon S3 handles conflicts", Amazon S3; "Object Lifecycle Management",
Cloud Storage: Delete takes precedence; "Azure Blob Storage lifecycle management": the least expensive action). That S3
moves before it makes a delete marker changes nothing here, since none of its rules goes by tiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from cloudscan.model import NEVER_DATED, Answer, LifecycleAction, LifecycleRule, Store
from cloudscan.retention.lives import Life
from cloudscan.retention.rules import may_be_held, rules_in_force

_COLDNESS = {
    "HOT": 0, "STANDARD": 0, "REGIONAL": 0, "MULTI_REGIONAL": 0, "DURABLE_REDUCED_AVAILABILITY": 0,
    "COOL": 1, "NEARLINE": 1, "COLD": 2, "COLDLINE": 2, "ARCHIVE": 3,
}  # fmt: skip
"""How cold a tier is, by the names of those clouds whose rules can ask for it (S3's cannot)."""
_FIRST = -9
"""The place of a deletion among what is done on one day; a move has its coldness, below zero."""
_DAY = timedelta(days=1)
_DELETING = (LifecycleAction.DELETE, LifecycleAction.OTHER)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of objects that are alike.

    ``ends`` says whether they are ever deleted: by ``day`` at the latest, by ``rules``. When that is not known, ``day``
    is the first on which it may be. ``soonest`` is the first day on which they may be deleted, if every rule that may
    apply does (None: never), and ``soonest_rules`` are the rules that do that; where all is known it is ``day``.
    ``leaves`` says whether they stop being current versions, or are deleted, in the first place. ``held`` says whether
    a lock or hold delays or stops any of it; what it is known to delay is counted in, and while that is not known no
    deletion is certain. ``kept`` says whether a hold keeps their bytes until somebody lifts it.
    """

    ends: Answer
    day: date | None = None
    rules: tuple[str, ...] = ()
    soonest: date | None = None
    soonest_rules: tuple[str, ...] = ()
    leaves: Answer = Answer.NO
    held: Answer = Answer.NO
    kept: Answer = Answer.NO

    @property
    def taken(self) -> Answer:
        """Say whether a rule deletes them, or makes old versions of them that no hold keeps."""
        if self.leaves is Answer.NO or self.kept is Answer.YES:
            return Answer.NO
        return Answer.UNKNOWN if Answer.UNKNOWN in (self.leaves, self.kept) else Answer.YES


class _Now(NamedTuple):
    """Where an object stands on a day: the first one on which a rule can do the next thing."""

    day: date
    tier: str
    current: bool
    since: date | None
    newer: int
    under: bool


class _Course(NamedTuple):
    """What was done: the last day and the rules; whether it was deleted, and whether it left the current version."""

    day: date | None
    rules: tuple[str, ...]
    left: bool


def fate(life: Life, rules: Sequence[LifecycleRule], store: Store, today: date) -> Fate:
    """Say what becomes of an object, by the rules whose filters by key and size meet it.

    ``today`` is the day of the question: what is due already is taken on the next.
    """
    held, most, least = _locks(life, store, today)
    keeps = _keeps(life, store)
    others = rules_in_force(store)
    possible = _run(life, _Rules(rules, others, certain=False), least, today, keeps=keeps is Answer.YES)
    certain = _run(life, _Rules(rules, others, certain=True), most, today, keeps=keeps is not Answer.NO)
    if _displaced(life, store):
        possible = _Course(today + _DAY, possible.rules, possible.left)
    if life.awaits_copy is not False:
        certain = _Course(None, (), left=False)  # no rule takes what was not replicated, and nobody knows until when
    if any(rule.tiers for rule in rules) and any(_doubtful(rule, life) and _moves(rule) for rule in rules):
        certain = _Course(None, (), left=False)  # a move that may happen decides whether another rule applies
    left = Answer.YES if certain.left else Answer.UNKNOWN if possible.left else Answer.NO
    kept = Answer.UNKNOWN if life.held is None and may_be_held(store) else Answer.of(bool(life.held))
    may: dict[str, Any] = {"soonest": possible.day, "soonest_rules": possible.rules, "leaves": left}
    may |= {"held": held, "kept": kept}
    if certain.day is not None:
        return Fate(Answer.YES, certain.day, certain.rules, **may)
    return Fate(Answer.NO if possible.day is None else Answer.UNKNOWN, possible.day, possible.rules, **may)


def as_old(life: Life, today: date) -> Life:
    """Return the life of a current version as the old version that it is once it was overwritten today."""
    return replace(life, current=False, since=today, newer=0, under=False)


def _keeps(life: Life, store: Store) -> Answer:
    """Say whether deleting a current version only makes it an old one.

    Where versioning is suspended, S3 puts a delete marker in the place of what has no version of its own, and
    above what has one ("Working with objects in a versioning-suspended bucket").
    """
    if store.versioning == "suspended" and life.unversioned is not None:
        return Answer.of(not life.unversioned)
    if store.makes_no_versions:
        return Answer.NO
    return Answer.YES if store.versioning == "enabled" else Answer.UNKNOWN


def _displaced(life: Life, store: Store) -> bool:
    """Say whether an old version without a version of its own may go when the current version is deleted above it."""
    below = store.versioning == "suspended" and not life.current and life.under and life.unversioned is not False
    return below and any(rule.action in _DELETING and rule.acts_on != "noncurrent" for rule in rules_in_force(store))


class _Lock(NamedTuple):
    """Until when nobody deletes. ``until`` is the first day on which somebody can, None for never."""

    until: date | None
    keeps_current: bool


def _locks(life: Life, store: Store, today: date) -> tuple[Answer, _Lock, _Lock]:
    """Say whether a lock or hold keeps an object, and until when: at the most, and at the least."""
    lock = store.lock
    keeps = lock is not None and lock.keeps_current
    if life.held:
        return Answer.YES, _Lock(None, lock is None or keeps), _Lock(None, keeps)
    own = life.retain_until
    ends = [own + _DAY] if own is not None and own >= today else []  # what has ended delays nothing
    if lock is not None and keeps and lock.days is not None and life.created is not None:
        ends.append(life.created + timedelta(days=lock.days) + _DAY)  # of the store, and so for every object
    least = _Lock(max(ends, default=date.min), keeps)
    if _locks_known(life, store):
        return Answer.of(bool(ends)), least, least
    return Answer.UNKNOWN, _Lock(None, lock is None or keeps), least


def _locks_known(life: Life, store: Store) -> bool:
    """Say whether all is known that could keep an object that nothing is known to hold.

    Where locks are those of single objects, these settle it, whatever was read of the store: its own lock is for what
    is written from then on ("Object Lock considerations", Amazon S3: default retention).
    """
    lock = store.lock
    if lock is None:
        return False
    unheld = life.held is not None or not may_be_held(store)
    if lock.enabled is Answer.NO or not may_be_held(store):
        return unheld
    if lock.keeps_current and (lock.enabled is Answer.UNKNOWN or (lock.days is not None and life.created is None)):
        return False
    return unheld and life.retain_until is not None


class _Rules:
    """The rules that certainly apply, or all that may, among all that are in force in the store."""

    def __init__(self, rules: Sequence[LifecycleRule], others: Sequence[LifecycleRule], *, certain: bool) -> None:
        moving = any(rule.tiers for rule in rules)
        self._rules = [rule for rule in rules if moving or not _moves(rule)]
        self._certain, self._varied = certain, any(_varies(rule) for rule in others)
        self._hiding = any(rule.action in _DELETING and rule.acts_on != "noncurrent" for rule in others)

    def due(self, life: Life, now: _Now) -> Iterator[tuple[date, int, LifecycleRule]]:
        """Yield the day on which each rule does the next thing, and its place among what is done on that day."""
        for rule in self._rules:
            if self._certain and _doubtful(rule, life):
                continue
            if _met(rule, life, now) and self._enough_newer(rule, now):
                day = now.day if rule.action == LifecycleAction.OTHER else _day(rule, life, now, certain=self._certain)
                if day is not None:
                    yield day, -_cold(rule.tier) if _moves(rule) else _FIRST, rule

    def _enough_newer(self, rule: LifecycleRule, now: _Now) -> bool:
        """Say whether there are as many newer versions as a rule asks for.

        Their number falls when rules that ask for more than age take newer ones first, and that of newer old ones
        rises by one when a rule makes the current version old.
        """
        wanted = max(rule.newer_noncurrent, rule.newer_versions - now.under)
        if not rule.newer_noncurrent and not rule.newer_versions:
            return True
        if now.current or now.newer < wanted:
            more = (
                self._hiding and not now.current and now.under and not rule.newer_versions and now.newer + 1 >= wanted
            )
            return more and not self._certain
        return not (self._certain and self._varied)


def _run(life: Life, rules: _Rules, lock: _Lock, today: date, *, keeps: bool) -> _Course:
    """Follow what rules do, one thing after the other."""
    now = _Now(today + _DAY, life.tier, life.current, life.since, life.newer, life.under)
    used: list[str] = []
    while True:
        hides = now.current and keeps
        free = now.day if hides and not lock.keeps_current else lock.until
        steps = []
        for day, place, rule in rules.due(life, now):
            if _moves(rule):
                steps.append((day, place, rule.id, rule))
            elif free is not None:
                steps.append((max(day, free), place, rule.id, rule))
        if not steps:
            return _Course(None, tuple(dict.fromkeys(used)), life.current and not now.current)
        done, _, name, rule = min(steps, key=lambda step: step[:3])
        used.append(name)
        if _moves(rule):
            now = now._replace(day=done + _DAY, tier=rule.tier)
        elif hides:
            now = now._replace(day=done + _DAY, current=False, since=done, newer=0, under=False)
        else:
            return _Course(done, tuple(dict.fromkeys(used)), left=True)


def _cold(tier: str) -> int:
    return _COLDNESS.get(tier.upper(), 0)


def _moves(rule: LifecycleRule) -> bool:
    return rule.action == LifecycleAction.SET_TIER


def _varies(rule: LifecycleRule) -> bool:
    """Say whether a rule may take a newer version of a key and leave an older one."""
    sized = rule.larger_than is not None or rule.smaller_than is not None
    asked = rule.custom_days is not None or rule.custom_before is not None or rule.accessed_days is not None
    return (
        bool(sized or asked or rule.tags or rule.tiers or rule.stored_as or rule.unread) and rule.acts_on != "current"
    )


def _doubtful(rule: LifecycleRule, life: Life) -> bool:
    """Say whether it is not known if a rule acts on an object."""
    unknown = (rule.tags and life.tags is None) or (rule.stored_as and life.stored_as is None)
    return bool(rule.unread) or rule.action == LifecycleAction.OTHER or bool(unknown)


def stored_so(rule: LifecycleRule, life: Life) -> bool:
    """Say whether an object is stored as a rule asks; without both known, no."""
    return (life.stored_as or "").casefold() in {each.casefold() for each in rule.stored_as}


def _met(rule: LifecycleRule, life: Life, now: _Now) -> bool:
    """Say whether what is known lets a rule act on an object that stands so."""
    if rule.action not in (LifecycleAction.DELETE, LifecycleAction.SET_TIER, LifecycleAction.OTHER):
        return False
    if rule.acts_on not in ("any", "current" if now.current else "noncurrent"):
        return False
    if rule.tiers and now.tier.upper() not in {tier.upper() for tier in rule.tiers}:
        return False
    if _moves(rule) and _cold(rule.tier) <= _cold(now.tier):
        return False
    if rule.stored_as and life.stored_as is not None and not stored_so(rule, life):
        return False
    return life.tags is None or all(life.tags.get(name) == value for name, value in rule.tags)


def _day(rule: LifecycleRule, life: Life, now: _Now, *, certain: bool) -> date | None:
    """Return the first day on which all conditions of a rule hold; None if they never do.

    A moment that is not known holds for what may be, and not for what is certain.
    """
    day = now.day
    asks_old = rule.noncurrent_days is not None or rule.noncurrent_before is not None
    if now.current and asks_old:
        return None
    for moment, days, before in (
        (life.created, rule.days, rule.created_before),
        (now.since, rule.noncurrent_days, rule.noncurrent_before),
        (life.custom, rule.custom_days, rule.custom_before),
        (life.accessed, rule.accessed_days, None),
    ):
        if days is None and before is None:
            continue
        if moment is None:
            if certain:
                return None
            continue
        if moment == NEVER_DATED.date() or (before is not None and moment >= before.date()):
            return None
        if days is not None:
            day = max(day, moment + timedelta(days=days) + _DAY)
    return day if rule.from_date is None else max(day, rule.from_date.date())
