"""Why no rule took what is still there: one sentence for each rule of the store, and what else keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from cloudscan.model import Answer, LifecycleAction, LifecycleRule, Store
from cloudscan.retention.fates import Fate
from cloudscan.retention.lives import Life
from cloudscan.retention.rules import Filter, filter_of

_ONLY = {
    LifecycleAction.SET_TIER: "only moves to another tier",
    LifecycleAction.ABORT_UPLOAD: "only clears uploads that were not finished",
    LifecycleAction.CLEAR_MARKER: "only clears delete markers",
}


def reasons(life: Life, fate: Fate, store: Store, today: date) -> tuple[str, ...]:
    """Say why objects that are alike are still there on a day; without dates, so that like reasons can be counted."""
    return tuple(_reasons(life, fate, store, today))


def _reasons(life: Life, fate: Fate, store: Store, today: date) -> Iterator[str]:
    if store.lifecycle is None:
        yield "the lifecycle rules were not read"
        return
    if not store.lifecycle:
        yield "the store has no lifecycle rule"
    elif store.mfa_delete is Answer.YES:
        yield "no lifecycle rule runs where deleting takes a second factor"
    else:
        for name, rules in _by_id(store.lifecycle).items():
            yield f"rule {name or '-'} {_of_rule(rules, life, store, today)}"
    if life.held:
        yield "a hold keeps them"
    elif life.retain_until is not None and life.retain_until >= today:
        yield "a lock of their own keeps them"
    elif store.lock is not None and store.lock.enabled is Answer.YES and fate.held is not Answer.NO:
        yield "a lock on the store may keep them"


def _by_id(rules: Sequence[LifecycleRule]) -> dict[str, list[LifecycleRule]]:
    named: dict[str, list[LifecycleRule]] = {}
    for rule in rules:
        named.setdefault(rule.id, []).append(rule)
    return named


def _of_rule(rules: Sequence[LifecycleRule], life: Life, store: Store, today: date) -> str:
    """Say it of one rule of the cloud. What it deletes says more than what else it does."""
    if not rules[0].enabled:
        return "is switched off"
    if unread := rules[0].unread:
        return f"has parts that are not understood: {', '.join(unread)}"
    deleting = [rule for rule in rules if rule.action == LifecycleAction.DELETE]
    if not deleting:
        return " and ".join(dict.fromkeys(_ONLY.get(LifecycleAction(rule.action), rule.action) for rule in rules))
    side = "current" if life.current else "noncurrent"
    meant = [rule for rule in deleting if rule.acts_on in ("any", side)]
    if not meant:
        return "takes current versions only" if deleting[0].acts_on == "current" else "takes old versions only"
    return "; ".join(dict.fromkeys(_of_deed(rule, life, store, today) for rule in meant))


def _of_deed(rule: LifecycleRule, life: Life, store: Store, today: date) -> str:
    if filter_of(rule).narrow and filter_of(rule) not in life.met:
        return f"takes only {_words(filter_of(rule))}"
    if rule.tags and life.tags is None:
        return "goes by tags, which were not read"
    if rule.tags and any((life.tags or {}).get(name) != value for name, value in rule.tags):
        return "takes only what has the tags " + ", ".join(f"{name}={value}" for name, value in rule.tags)
    if rule.tiers and life.tier.upper() not in {tier.upper() for tier in rule.tiers}:
        return f"takes only what lies in {' or '.join(rule.tiers)}"
    kept = max(rule.newer_noncurrent, rule.newer_versions - life.under)
    if not life.current and life.newer < kept:
        return f"spares as many as {kept:,} of the newest old versions"
    told = _of_age(rule, life, today)
    if life.current and store.versioning != "disabled" and told != "waits for another condition":
        return f"{told}, and then only makes them old versions"
    return told


def _of_age(rule: LifecycleRule, life: Life, today: date) -> str:
    """Say it of the conditions of age. What is due was not taken: rules run late, or the rule is younger."""
    ages = [
        (life.created, rule.days, "days"),
        (life.since, rule.noncurrent_days, "days as an old version"),
        (life.custom, rule.custom_days, "days after the time that their owner set"),
        (life.accessed, rule.accessed_days, "days after they were last read"),
    ]
    for moment, days, words in ages:
        if days is not None and moment is None:
            return f"takes them {days:,} {words}, which is not known of them"
        if days is not None and moment is not None and moment + timedelta(days=days) >= today:
            return f"takes them at {days:,} {words}"
    if rule.from_date is not None and rule.from_date.date() > today:
        return f"begins on {rule.from_date:%Y-%m-%d}"
    bounds = (
        (life.created, rule.created_before),
        (life.since, rule.noncurrent_before),
        (life.custom, rule.custom_before),
    )
    if any(before is not None and (moment is None or moment >= before.date()) for moment, before in bounds):
        return "waits for another condition"
    return "should have taken them already: it is new, or runs late"


def _words(one: Filter) -> str:
    parts = []
    if one.prefixes:
        parts.append(f"keys that begin with {' or '.join(one.prefixes)}")
    if one.suffixes:
        parts.append(f"keys that end with {' or '.join(one.suffixes)}")
    if one.larger_than is not None:
        parts.append(f"what is larger than {one.larger_than:,} bytes")
    if one.smaller_than is not None:
        parts.append(f"what is smaller than {one.smaller_than:,} bytes")
    return ", ".join(parts)
