"""What a set of lifecycle rules would really do to the objects that exist. It knows no cloud: rules are neutral.

Objects are not judged one by one: those to which the same rules apply share their fate up to their age, so
one grouped query a store gives exact counts for any number of objects (:func:`groups`).

The rules that this module holds to are those of Amazon S3 ("Lifecycle configuration elements", "How lifecycle
rules interact"): all set filters must match; a disabled rule does nothing; of several expirations the earliest
counts; in a versioned store an expiration only hides the current version, whose bytes stay until a rule for
noncurrent versions takes them; days are rounded up to the next midnight UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloudscan.estate import Estate, utc
from cloudscan.model import Answer, LifecycleRule, MediaClass, Store


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of one store to which the same rules apply.

    ``sure`` are the rules whose filters certainly match, ``maybe`` those that hang on something that was not
    read (tags, or parts of a rule that are not modelled). ``example`` is one of the keys.
    """

    sure: tuple[LifecycleRule, ...]
    maybe: tuple[LifecycleRule, ...]
    objects: int
    bytes: int
    seconds: float
    oldest: datetime | None
    newest: datetime | None
    example: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a group. ``ends`` says whether its bytes are ever deleted.

    ``days`` is the age at which they are, ``date`` the fixed day from which on they are; with both, the earlier
    one counts. ``rules`` are the ids of the rules that do it, or that may do it when the answer is unknown.
    """

    ends: Answer
    days: int | None = None
    date: datetime | None = None
    rules: tuple[str, ...] = ()


def groups(estate: Estate, store: Store, *media: MediaClass, current: bool = True) -> Iterator[Group]:
    """Yield the objects of a store, grouped by the enabled rules that apply to them.

    ``current`` picks the current versions, else the noncurrent ones that were listed. The store's rules must
    be known.
    """
    rules = [rule for rule in store.lifecycle or () if rule.enabled]
    tests, parameters = [], []
    for rule in rules:
        test, values = _filter(rule)
        tests.append(test)
        parameters += values
    fields = "".join(f"({test}) AS rule{number}, " for number, test in enumerate(tests))
    names = "".join(f"rule{number}, " for number in range(len(tests)))
    classes = ", ".join("?" for _ in media)
    sql = f"""
        SELECT {names} count(*), sum(size)::BIGINT, coalesce(sum(seconds), 0), min(modified), max(modified), min(key)
        FROM (SELECT {fields} * FROM objects WHERE store = ? AND media IN ({classes}) AND current = ? AND NOT delete_marker)
        {"GROUP BY " + names.rstrip(", ") if names else "HAVING count(*) > 0"} ORDER BY min(key)
    """  # noqa: S608 - our own names; values are parameters
    for row in estate.objects.query(sql, [*parameters, store.id, *media, current]):
        hits = [rule for rule, hit in zip(rules, row, strict=False) if hit]
        count, size, seconds, oldest, newest, example = row[len(rules) :]
        yield Group(
            sure=tuple(rule for rule in hits if not rule.tags and not rule.unread),
            maybe=tuple(rule for rule in hits if rule.tags or rule.unread),
            objects=count,
            bytes=size,
            seconds=seconds,
            oldest=utc(oldest),
            newest=utc(newest),
            example=example,
        )


def expiry(group: Group) -> Fate:
    """Say when the current versions of a group are expired: deleted, or hidden where versions are kept."""
    return _earliest([rule for rule in group.sure if _expires(rule)], [rule for rule in group.maybe if _expires(rule)])


def noncurrent_expiry(group: Group) -> Fate:
    """Say when bytes of the group are deleted after they stopped being the current version.

    A rule that keeps a number of newer versions never takes those, so it is only sure for what lies beyond
    that number: such a rule leaves the newest old versions for good.
    """
    sure = [rule for rule in group.sure if rule.noncurrent_days is not None and not rule.newer_noncurrent_kept]
    maybe = [rule for rule in group.maybe if rule.noncurrent_days is not None and not rule.newer_noncurrent_kept]
    if sure:
        days, rule = min((rule.noncurrent_days or 0, rule.id) for rule in sure)
        return Fate(Answer.YES, days=days, rules=(rule,))
    if maybe:
        return Fate(Answer.UNKNOWN, rules=tuple(rule.id for rule in maybe))
    return Fate(Answer.NO)


def end_of_bytes(group: Group, store: Store) -> Fate:
    """Say when the bytes of a current version are gone for good, given how the store keeps versions.

    In a versioned store this is the expiry followed by the noncurrent expiry.
    """
    hidden = expiry(group)
    if store.versioning == "disabled" or hidden.ends is not Answer.YES:
        return hidden
    if store.versioning is None:
        return Fate(Answer.UNKNOWN, rules=hidden.rules)
    gone = noncurrent_expiry(group)
    if gone.ends is not Answer.YES or gone.days is None:
        return Fate(gone.ends, rules=hidden.rules + gone.rules)
    return Fate(
        Answer.YES,
        days=hidden.days + gone.days if hidden.days is not None else None,
        date=hidden.date + timedelta(days=gone.days) if hidden.date is not None else None,
        rules=hidden.rules + gone.rules,
    )


def due(fate: Fate, modified: datetime) -> datetime | None:
    """Return the moment at which an object of that age meets a certain fate; None if it never does."""
    if fate.ends is not Answer.YES:
        return None
    counted = [_midnight_after(modified + timedelta(days=fate.days))] if fate.days is not None else []
    dated = [max(fate.date, modified)] if fate.date is not None else []
    return min(counted + dated, default=None)


def _earliest(sure: Sequence[LifecycleRule], maybe: Sequence[LifecycleRule]) -> Fate:
    """Take the earliest expiration: fewest days, else the earliest fixed date."""
    counted = sorted((rule.expire_days, rule.id) for rule in sure if rule.expire_days is not None)
    dated = sorted((rule.expire_date, rule.id) for rule in sure if rule.expire_date is not None)
    if counted or dated:
        return Fate(
            Answer.YES,
            days=counted[0][0] if counted else None,
            date=dated[0][0] if dated else None,
            rules=tuple(rule for _, rule in (*counted[:1], *dated[:1])),
        )
    if maybe:
        return Fate(Answer.UNKNOWN, rules=tuple(rule.id for rule in maybe))
    return Fate(Answer.NO)


def _expires(rule: LifecycleRule) -> bool:
    return rule.expire_days is not None or rule.expire_date is not None


def _filter(rule: LifecycleRule) -> tuple[str, list[object]]:
    """Return the part of a rule's filter that the object table can answer, as SQL."""
    tests, values = ["starts_with(key, ?)"], [rule.prefix]
    parameters: list[object] = list(values)
    if rule.larger_than is not None:
        tests.append("size > ?")
        parameters.append(rule.larger_than)
    if rule.smaller_than is not None:
        tests.append("size < ?")
        parameters.append(rule.smaller_than)
    return " AND ".join(tests), parameters


def _midnight_after(moment: datetime) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == moment else day + timedelta(days=1)
