"""Why no rule took what is still there: one sentence for each rule of the store, and what else keeps it.

What keeps it against every rule comes first, then the rule that came nearest to taking it: one that is due or waits for
a day, one that hangs on what was not read, one that is switched off, one whose filter leaves it out, one for the other
versions, and at last those that delete no object at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple

from cloudscan.model import NEVER_DATED, Answer, LifecycleAction, LifecycleRule, Store
from cloudscan.retention.fates import Fate, stored_so
from cloudscan.retention.lives import Life
from cloudscan.retention.rules import Filter, filter_of
from cloudscan.wording import count

_NAMED = 3
"""Rules that miss a store that are named."""
_ONLY = {
    LifecycleAction.SET_TIER: "only moves to another tier",
    LifecycleAction.ABORT_UPLOAD: "only clears uploads that were not finished",
    LifecycleAction.CLEAR_MARKER: "only clears delete markers",
}


class _Near(IntEnum):
    """How near a rule comes to deleting an object, nearest first."""

    WAITS = 0
    NOT_READ = 1
    SWITCHED_OFF = 2
    LEFT_OUT = 3
    OTHER_SIDE = 4
    MOVES = 5
    ELSE = 6


class _Told(NamedTuple):
    """What is said of a rule. ``days`` orders those that wait."""

    near: _Near
    days: int
    words: str


def reasons(life: Life, fate: Fate, store: Store, today: date, past: int = 0) -> tuple[str, ...]:
    """Say why objects that are alike are still there on a day; without dates, so that like reasons can be counted.

    ``past`` asks why they will still be there at more than that age in days.
    """
    guarded = any(True for _ in against_all(life, fate, store, today))
    return (*against_all(life, fate, store, today, past), *_ruled(life, store, today, guarded=guarded))


def against_all(life: Life, fate: Fate, store: Store, today: date, past: int = 0) -> Iterator[str]:
    """Say what keeps them against every rule, or may; see :func:`reasons`. A lock that ends before is not why."""
    when = max(today, life.created + timedelta(days=past)) if life.created is not None else today
    own = life.retain_until
    of_all = fate.held is Answer.YES and _end_of_all(life, store)
    if life.held:
        yield "a hold keeps them"
    elif own is not None and own >= when and not (of_all and of_all >= own):
        yield "a lock of their own keeps them"
    elif of_all and of_all >= when:
        yield f"the store's lock keeps them, as all that it holds, for {count(_days(store), 'day')}"
    if fate.held is Answer.UNKNOWN:
        yield _unread_lock(life, store)
    if life.awaits_copy:
        yield "no rule takes them before they are replicated, which is pending or failed"
    elif life.awaits_copy is None:
        yield "no rule takes what waits to be replicated or failed to be, and whether they do was not read"


def _end_of_all(life: Life, store: Store) -> date | None:
    """Return the day on which the store's lock, that of all it holds, ends for an object; None where there is none."""
    lock = store.lock
    if lock is None or not lock.keeps_current or lock.days is None or life.created is None:
        return None
    return life.created + timedelta(days=lock.days)


def _unread_lock(life: Life, store: Store) -> str:
    """Say of which lock it was not read whether it keeps them."""
    lock = store.lock
    what = "a hold" if life.retain_until is not None else "a lock" if life.held is not None else "a lock or hold"
    if lock is None or lock.enabled is Answer.UNKNOWN:
        return "whether a lock or hold keeps them was not read"
    if lock.enabled is Answer.NO:
        return "whether a hold keeps them was not read"
    of_all = f" keeps new objects for {count(_days(store), 'day')}," if lock.days else ""
    return f"the store has locks,{of_all} and whether {what} keeps these was not read"


def _days(store: Store) -> int:
    return (store.lock.days if store.lock is not None else None) or 0


def _ruled(life: Life, store: Store, today: date, *, guarded: bool) -> Iterator[str]:
    """Say it of the rules; ``guarded`` says that something else keeps them today, or may."""
    if store.lifecycle is None:
        yield "the lifecycle rules were not read"
    elif not store.lifecycle:
        yield f"the store has no lifecycle rule{_astray(store)}"
    elif store.mfa_delete is Answer.YES:
        yield "no lifecycle rule runs where deleting takes a second factor"
    else:
        told = [
            (name, _of_rule(rules, life, store, today, guarded=guarded))
            for name, rules in _by_id(store.lifecycle).items()
        ]
        for name, one in sorted(told, key=lambda pair: pair[1][:2]):
            yield f"rule {name or '-'} {one.words}"


def _astray(store: Store) -> str:
    """Say which rules miss the store by their prefix, "" if none does."""
    told = [f"rule {name or '-'} is for {prefix!r}" for name, prefix in store.astray_rules[:_NAMED]]
    if not told:
        return ""
    own = store.name.rpartition("/")[2]
    return f": {', '.join(told)}, which begins with the name of no store that was listed, as {own + '/'!r} does"


def _by_id(rules: Sequence[LifecycleRule]) -> dict[str, list[LifecycleRule]]:
    named: dict[str, list[LifecycleRule]] = {}
    for rule in rules:
        named.setdefault(rule.id, []).append(rule)
    return named


def _of_rule(rules: Sequence[LifecycleRule], life: Life, store: Store, today: date, *, guarded: bool) -> _Told:
    """Say it of one rule of the cloud. What it deletes says more than what else it does."""
    deleting = [rule for rule in rules if rule.action == LifecycleAction.DELETE]
    if not rules[0].enabled:
        narrow = f", and takes only {_words(filter_of(rules[0]))}" if filter_of(rules[0]).narrow else ""
        return _Told(_Near.SWITCHED_OFF if deleting else _Near.ELSE, 0, f"is switched off{narrow}")
    if rules[0].unread:
        return _Told(_Near.NOT_READ, 0, _not_understood(rules[0]))
    if not deleting:
        words = dict.fromkeys(_ONLY.get(LifecycleAction(rule.action), rule.action) for rule in rules)
        moves = any(rule.action == LifecycleAction.SET_TIER for rule in rules)
        return _Told(_Near.MOVES if moves else _Near.ELSE, 0, " and ".join(words))
    side = "current" if life.current else "noncurrent"
    meant = [rule for rule in deleting if rule.acts_on in ("any", side) and not (life.current and _asks_old(rule))]
    if not meant:
        if deleting[0].acts_on == "current":
            return _Told(_Near.OTHER_SIDE, 0, "takes current versions only")
        days = [count(rule.noncurrent_days, "day") for rule in deleting if rule.noncurrent_days is not None]
        after = f", {' or '.join(dict.fromkeys(days))} after they became that" if days else ""
        return _Told(_Near.OTHER_SIDE, 0, f"takes old versions only{after}")
    told = sorted(_of_deed(rule, deleting, life, store, today, guarded=guarded) for rule in meant)
    return told[0]._replace(words="; ".join(dict.fromkeys(one.words for one in told)))


def _not_understood(rule: LifecycleRule) -> str:
    return f"has parts that are not understood: {', '.join(rule.unread)}"


def _asks_old(rule: LifecycleRule) -> bool:
    """Say whether a rule asks for what no current version has: newer ones, or a day on which it became an old one."""
    asked = rule.noncurrent_days is not None or rule.noncurrent_before is not None
    return asked or rule.newer_versions > 0 or rule.newer_noncurrent > 0


def _of_deed(
    rule: LifecycleRule, beside: Sequence[LifecycleRule], life: Life, store: Store, today: date, *, guarded: bool
) -> _Told:
    if filter_of(rule).narrow and filter_of(rule) not in life.met:
        return _Told(_Near.LEFT_OUT, 0, f"takes only {_words(filter_of(rule))}")
    if rule.tags and life.tags is None:
        return _Told(_Near.NOT_READ, 0, "goes by tags, which were not read")
    if rule.tags and any((life.tags or {}).get(name) != value for name, value in rule.tags):
        tags = ", ".join(f"{name}={value}" for name, value in rule.tags)
        return _Told(_Near.LEFT_OUT, 0, f"takes only what has the tags {tags}")
    if rule.tiers and life.tier.upper() not in {tier.upper() for tier in rule.tiers}:
        return _Told(_Near.LEFT_OUT, 0, f"takes only what lies in {' or '.join(rule.tiers)}")
    if rule.stored_as and life.stored_as is None:
        return _Told(_Near.NOT_READ, 0, "goes by how they are stored, which was not read")
    if rule.stored_as and not stored_so(rule, life):
        return _Told(_Near.LEFT_OUT, 0, f"takes only what is stored as {' or '.join(rule.stored_as)}")
    kept = max(rule.newer_noncurrent, rule.newer_versions - life.under)
    if not life.current and life.newer < kept:
        return _Told(_Near.WAITS, 0, f"spares as many as {kept:,} of the newest old versions")
    if (outside := _outside(rule, life)) is not None:
        return outside
    if rule.unread:
        return _Told(_Near.NOT_READ, 0, _not_understood(rule))
    days, words = _of_age(rule, life, today, guarded=guarded)
    at_once = store.makes_no_versions or (store.versioning == "suspended" and life.unversioned)
    if life.current and not at_once:
        words = f"{words}, and {_of_what_is_left(beside, life, store)}"
    return _Told(_Near.WAITS, days, words)


def _of_what_is_left(beside: Sequence[LifecycleRule], life: Life, store: Store) -> str:
    """Say what the same rule of the cloud does to the old version that is left of a current one.

    In a suspended store nothing is left of what has no version of its own, which may not be known of them.
    """
    for rule in beside:
        met = not filter_of(rule).narrow or filter_of(rule) in life.met
        if rule.acts_on == "noncurrent" and rule.noncurrent_days is not None and met:
            spared = rule.newer_noncurrent or rule.newer_versions
            but = f", but for {spared:,} of the newest" if spared else ""
            return f"{count(rule.noncurrent_days, 'day')} later the old versions that this leaves{but}"
    if store.versioning == "suspended" and life.unversioned is None:
        return "then only makes old versions of those that have a version of their own"
    return "then only makes them old versions"


def _outside(rule: LifecycleRule, life: Life) -> _Told | None:
    """Say of the dates before which a rule takes something that these lie behind them; None where they do not."""
    for moment, before, words in (
        (life.created, rule.created_before, "was written"),
        (life.since, rule.noncurrent_before, "became an old version"),
        (life.custom, rule.custom_before, "its owner dated"),
    ):
        if before is not None and (moment is None or moment >= before.date()):
            near, which = (_Near.NOT_READ, ", which is not known of them") if moment is None else (_Near.LEFT_OUT, "")
            return _Told(near, 0, f"takes only what {words} before {before:%Y-%m-%d}{which}")
    if rule.custom_days is not None and life.custom == NEVER_DATED.date():
        return _Told(_Near.LEFT_OUT, 0, "takes only what its owner dated, and these nobody did")
    return None


def _of_age(rule: LifecycleRule, life: Life, today: date, *, guarded: bool) -> tuple[int, str]:
    """Say it of the conditions of age, and in how many days. What is due was not taken: rules run late, or are new."""
    ages = [
        (life.created, rule.days, ""),
        (life.since, rule.noncurrent_days, " as an old version"),
        (life.custom, rule.custom_days, " after the time that their owner set"),
        (life.accessed, rule.accessed_days, " after they were last read"),
    ]
    for moment, days, words in ages:
        if days is not None and moment is None:
            return days, f"takes them {count(days, 'day')}{words}, which is not known of them"
        if days is not None and moment is not None and moment + timedelta(days=days) >= today:
            return days, f"takes them at {count(days, 'day')}{words}"
    if rule.from_date is not None and rule.from_date.date() > today:
        return (rule.from_date.date() - today).days, f"begins on {rule.from_date:%Y-%m-%d}"
    if guarded:
        return 0, "would have taken them already"
    return 0, "should have taken them already: it is new, or runs late"


def _words(one: Filter) -> str:
    parts = []
    if one.prefixes:
        parts.append(f"keys that begin with {' or '.join(one.prefixes)}")
    if one.suffixes:
        parts.append(f"keys that end with {' or '.join(one.suffixes)}")
    if one.larger_than is not None:
        parts.append(f"what is larger than {count(one.larger_than, 'byte')}")
    if one.smaller_than is not None:
        parts.append(f"what is smaller than {count(one.smaller_than, 'byte')}")
    return ", ".join(parts)
