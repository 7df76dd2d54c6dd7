"""What a set of lifecycle rules would really do to the objects that exist. It knows no cloud: rules are neutral.

Objects are not judged one by one: those to which the same rules apply share their fate up to their age, so
a grouped query gives exact counts for any number of objects (:func:`groups`).

The rules that this module holds to are those of Amazon S3 ("Lifecycle configuration elements", "How lifecycle
rules interact"): all set filters must match; a disabled rule does nothing; of several expirations the earliest
counts; in a versioned store an expiration only hides the current version, whose bytes stay until a rule for
noncurrent versions takes them; days are rounded up to the next midnight UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cloudscan.estate import Estate, utc
from cloudscan.model import Answer, LifecycleRule, MediaClass, Store

_MANY = 100
"""As many rules as one query looks at; a bucket can have 1,000."""


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
    one counts. When the answer is unknown they say when it happens if it does. ``rules`` are the ids of the
    rules that do it, or that may.
    """

    ends: Answer
    days: int | None = None
    date: datetime | None = None
    rules: tuple[str, ...] = ()


_Earliest = Callable[[Sequence[LifecycleRule], Answer], Fate]


def groups(
    estate: Estate, stores: Iterable[Store], *media: MediaClass, current: bool = True
) -> Mapping[str, Sequence[Group]]:
    """Return the objects of each store, grouped by the enabled rules that apply to them.

    ``current`` picks the current versions, else the noncurrent ones that were listed. All stores with the same
    number of rules are counted by one query. The stores' rules must be known.
    """
    alike: dict[int, dict[str, Sequence[LifecycleRule]]] = defaultdict(dict)
    for store in stores:
        rules = _acting(estate, store, media, current=current)
        alike[len(rules)][store.id] = rules
    found: dict[str, list[Group]] = {name: [] for several in alike.values() for name in several}
    for several in alike.values():
        for name, hits, *facts in _count(estate, several, media, current=current):
            met = [rule for rule, hit in zip(several[name], hits, strict=True) if hit]
            found[name].append(_group(met, *facts))
    return found


def _acting(estate: Estate, store: Store, media: Sequence[MediaClass], *, current: bool) -> Sequence[LifecycleRule]:
    """Return the enabled rules of a store; of very many, those that reach any object, so that memory stays bounded."""
    rules = rules_in_force(store)
    if len(rules) <= _MANY:
        return rules
    acting: list[LifecycleRule] = []
    for start in range(0, len(rules), _MANY):
        some = rules[start : start + _MANY]
        reached = {
            place
            for _, hits, *_ in _count(estate, {store.id: some}, media, current=current)
            for place, hit in enumerate(hits)
            if hit
        }
        acting += [rule for place, rule in enumerate(some) if place in reached]
    return acting


def _count(
    estate: Estate, rules: Mapping[str, Sequence[LifecycleRule]], media: Sequence[MediaClass], *, current: bool
) -> Iterator[tuple[Any, ...]]:
    """Count the objects of stores that have equally many rules, by the rules whose filters they meet.

    Yields a store, which of its rules hit, and the count, bytes, seconds, oldest, newest and a key of those.
    """
    columns, tests, parameters = ["unnest(?::VARCHAR[]) AS store"], [], [list(rules)]
    for place, several in enumerate(zip(*rules.values(), strict=True)):
        columns.append(f"unnest(?::VARCHAR[]) AS prefix{place}")
        columns.append(f"unnest(?::BIGINT[]) AS above{place}")
        columns.append(f"unnest(?::BIGINT[]) AS below{place}")
        parameters.append([rule.prefix for rule in several])
        parameters.append([rule.larger_than for rule in several])
        parameters.append([rule.smaller_than for rule in several])
        sizes = f"(size > above{place}) IS NOT FALSE AND (size < below{place}) IS NOT FALSE"
        tests.append(f"starts_with(key, prefix{place}) AND {sizes}")
    sql = f"""
        WITH filters AS (SELECT {", ".join(columns)})
        SELECT store, [{", ".join(tests)}]::BOOLEAN[] AS hits,
            count(*), sum(size)::BIGINT, coalesce(sum(seconds), 0), min(modified), max(modified), min(key)
        FROM objects JOIN filters USING (store)
        WHERE media IN (SELECT unnest(?::VARCHAR[])) AND current = ? AND NOT delete_marker
        GROUP BY store, hits ORDER BY store, min(key)
    """  # noqa: S608 - our own words; values are parameters
    yield from estate.objects.query(sql, [*parameters, [one.value for one in media], current])


def _group(met: Sequence[LifecycleRule], *facts: Any) -> Group:
    count, size, seconds, oldest, newest, example = facts
    return Group(
        sure=tuple(rule for rule in met if not rule.tags and not rule.unread),
        maybe=tuple(rule for rule in met if rule.tags or rule.unread),
        objects=count,
        bytes=size,
        seconds=seconds,
        oldest=utc(oldest),
        newest=utc(newest),
        example=example,
    )


def expiry(group: Group) -> Fate:
    """Say when the current versions of a group are expired: deleted, or hidden where versions are kept."""
    sure = [rule for rule in group.sure if _expires(rule)]
    return _first(sure, Answer.YES) if sure else _possible(group.maybe, _first)


def noncurrent_expiry(group: Group) -> Fate:
    """Say when bytes of the group are deleted after they stopped being the current version.

    A rule that keeps a number of newer versions never takes those, so it is not sure to take any: such a rule
    leaves the newest old versions for good.
    """
    sure = [rule for rule in group.sure if _takes_every_old_version(rule)]
    if sure:
        return _first_noncurrent(sure, Answer.YES)
    return _possible([rule for rule in group.maybe if _takes_every_old_version(rule) or rule.unread], _first_noncurrent)


def end_of_bytes(group: Group, store: Store) -> Fate:
    """Say by when the bytes of a current version are certainly gone, given how the store keeps versions.

    In a versioned store this is the expiry followed by the noncurrent expiry. Where versioning is suspended or
    not known some objects may go without the second step, which :func:`soonest` takes into account.
    """
    hidden = expiry(group)
    if store.versioning == "disabled" or hidden.ends is not Answer.YES:
        return hidden
    gone = noncurrent_expiry(group)
    if gone.ends is Answer.YES:
        return _after(hidden, gone, Answer.YES)
    kept = store.versioning == "enabled" and gone.ends is Answer.NO
    return Fate(Answer.NO if kept else Answer.UNKNOWN, rules=hidden.rules + gone.rules)


def soonest(group: Group, store: Store) -> Fate:
    """Say when the bytes of a current version may be gone at the earliest, if every rule that may apply does.

    The answer is unknown or no, never yes: what is certain :func:`end_of_bytes` says. Without days and date it
    may be at any time, since a rule does something that is not modelled.
    """
    rules = (*group.sure, *group.maybe)
    hidden = _possible(rules, _first)
    if store.versioning != "enabled" or hidden.ends is Answer.NO:
        return hidden
    gone = _possible(rules, _first_noncurrent)
    return _after(hidden, gone, Answer.UNKNOWN) if gone.ends is Answer.UNKNOWN else gone


def due(fate: Fate, modified: datetime) -> datetime | None:
    """Return the moment at which an object of that age meets its fate; None if it never does, or nobody knows when."""
    if fate.ends is Answer.NO:
        return None
    counted = [_midnight_after(modified + timedelta(days=fate.days))] if fate.days is not None else []
    dated = [max(fate.date, modified)] if fate.date is not None else []
    return min(counted + dated, default=None)


def expires_all(store: Store) -> bool:
    """Say whether a rule certainly expires every object of a store, listed or not."""
    return any(_takes_all(rule) and _expires(rule) for rule in rules_in_force(store))


def clears_all_versions(store: Store) -> bool:
    """Say whether a rule certainly deletes every old version of a store, listed or not."""
    return any(_takes_all(rule) and _takes_every_old_version(rule) for rule in rules_in_force(store))


def rules_in_force(store: Store) -> list[LifecycleRule]:
    """Return the rules that run: those that are enabled, and none where deleting takes a second factor.

    Amazon S3 does not support the two together ("Lifecycle and other bucket configurations").
    """
    return [rule for rule in store.lifecycle or () if rule.enabled and store.mfa_delete is not Answer.YES]


def _takes_all(rule: LifecycleRule) -> bool:
    filtered = rule.prefix or rule.tags or rule.larger_than is not None or rule.smaller_than is not None
    return not filtered and not rule.unread


def _after(hidden: Fate, gone: Fate, ends: Answer) -> Fate:
    """Join the two steps by which a versioned store deletes."""
    rules = tuple(dict.fromkeys(hidden.rules + gone.rules))
    if gone.days is None:
        return Fate(ends, rules=rules)
    wait = gone.days
    return Fate(
        ends,
        days=hidden.days + wait if hidden.days is not None else None,
        date=hidden.date + timedelta(days=wait) if hidden.date is not None else None,
        rules=rules,
    )


def _possible(rules: Sequence[LifecycleRule], first: _Earliest) -> Fate:
    """Take the earliest deletion of rules that may apply; one that is not modelled whole may delete at any time."""
    unread = tuple(rule.id for rule in rules if rule.unread)
    return Fate(Answer.UNKNOWN, rules=unread) if unread else first(rules, Answer.UNKNOWN)


def _first(rules: Sequence[LifecycleRule], ends: Answer) -> Fate:
    """Take the earliest expiration of these rules: fewest days, and the earliest fixed date."""
    counted = sorted((rule.expire_days, rule.id) for rule in rules if rule.expire_days is not None)[:1]
    dated = sorted((rule.expire_date, rule.id) for rule in rules if rule.expire_date is not None)[:1]
    if not counted and not dated:
        return Fate(Answer.NO)
    return Fate(
        ends,
        days=counted[0][0] if counted else None,
        date=dated[0][0] if dated else None,
        rules=tuple(dict.fromkeys(rule for _, rule in (*counted, *dated))),
    )


def _first_noncurrent(rules: Sequence[LifecycleRule], ends: Answer) -> Fate:
    counted = sorted((rule.noncurrent_days, rule.id) for rule in rules if rule.noncurrent_days is not None)
    return Fate(ends, days=counted[0][0], rules=(counted[0][1],)) if counted else Fate(Answer.NO)


def _takes_every_old_version(rule: LifecycleRule) -> bool:
    return rule.noncurrent_days is not None and not rule.newer_noncurrent_kept


def _expires(rule: LifecycleRule) -> bool:
    return rule.expire_days is not None or rule.expire_date is not None


def _midnight_after(moment: datetime) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == moment else day + timedelta(days=1)
