"""The objects of an estate, counted by all that lifecycle rules go by.

Objects are not judged one by one: those of one store that the same filters meet, that were written at about the same
time, and that are alike in all else that a rule of that store asks for share their fate. So a grouped query gives
exact counts for any number of objects.

"About the same time" is a span of days between two edges. What a rule does to an object changes with its age only where
the rule's days end, today or on a date that a rule names; between such edges every object has the same fate, on a day
that moves with its own. So there are a few groups for each store, however long it has been there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from cloudscan.estate import Estate, utc
from cloudscan.model import LifecycleRule, MediaClass, Store
from cloudscan.retention.questions import ALIKE, LIFE, Ask, Needs, Question
from cloudscan.retention.rules import Filter, copied_under, filter_of, rules_in_force

_MANY = 100
"""As many filters as one query looks at; a bucket of S3 can have 1,000 rules."""


@dataclass(frozen=True, slots=True)
class Life:
    """What a lifecycle rule can ask of an object, in days (UTC); None where it is not known.

    ``created`` is the day on which it was written, ``since`` that on which it stopped being the current version,
    ``newer`` how many newer old versions of its key there are, ``under`` whether its key has a current version
    that is an object. ``unversioned``: was it written without a version of its own (S3: the version "null").
    ``awaits_copy``: is it to be replicated, and was not yet; no where no rule of the store copies it.
    ``stored_as`` is how its cloud stores it, read only where a rule goes by that.
    ``met`` are the filters of its store, by key and size, that meet it.
    """

    current: bool
    created: date | None
    since: date | None = None
    newer: int = 0
    under: bool = False
    unversioned: bool | None = None
    tier: str = ""
    custom: date | None = None
    accessed: date | None = None
    tags: Mapping[str, str] | None = None
    held: bool | None = None
    retain_until: date | None = None
    awaits_copy: bool | None = False
    stored_as: str | None = None
    met: frozenset[Filter] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of one store and class that share their fate. ``example`` is one of the keys.

    ``life`` is that of the newest of them, ``first`` that of the oldest. ``prefix`` is the first part of their keys
    where groups were told apart by it. ``rules`` are the rules in force whose filters by key and size meet them.
    ``unknown_length`` counts the objects that ``seconds`` leaves out.
    """

    media: MediaClass
    prefix: str
    life: Life
    first: Life
    rules: tuple[LifecycleRule, ...]
    objects: int
    bytes: int
    seconds: float
    unknown_length: int
    oldest: datetime | None
    newest: datetime | None
    example: str


class Member(NamedTuple):
    """One object or version. ``rules`` are the rules in force whose filters by key and size meet it.

    A tuple, since there can be many millions. ``seconds_by`` says how far to trust ``seconds``.
    """

    store: str
    key: str
    version: str | None
    media: MediaClass
    size: int
    seconds: float | None
    seconds_by: str
    modified: datetime | None
    life: Life
    rules: tuple[LifecycleRule, ...]


def groups(
    estate: Estate, stores: Iterable[Store], *media: MediaClass, ask: Ask | None = None
) -> Mapping[str, Sequence[Group]]:
    """Return the objects of each store, grouped.

    All stores with filters of the same shape are counted by one query. A store whose rules are not known is grouped as
    one without rules: ask before.
    """
    ask = ask or Ask()
    wanted = _wanted(estate, stores, ask)
    found: dict[str, list[Group]] = {name: [] for name in wanted}
    for question in _questions(estate, wanted.values(), media, ask):
        for name, *facts in question.rows(estate):
            found[name].append(_group(question.filters[name], rules_in_force(wanted[name]), ask, facts))
    return found


def members(estate: Estate, stores: Iterable[Store], *media: MediaClass, ask: Ask | None = None) -> Iterator[Member]:
    """Yield the objects themselves, each with its own life, those of a store together, by key.

    What is held does not grow with them.
    """
    ask = ask or Ask()
    wanted = _wanted(estate, stores, ask)
    for question in _questions(estate, wanted.values(), media, ask):
        rules = {name: rules_in_force(wanted[name]) for name in question.filters}
        for name, of, hits, *facts in question.members(estate):
            met = _met(question.filters[name], hits)
            life, more = _life(ask, met, facts[: len(LIFE)]), facts[len(LIFE) :]
            key, version, size, seconds, by, modified = more
            acting = _acting_on(rules[name], met)
            yield Member(name, key, version, MediaClass(of), size, seconds, by, utc(modified), life, acting)


class Pair(NamedTuple):
    """Objects of two stores that belong together, counted: in all pairs both have the same fate as in the others.

    Lives are those of the newest of them. ``examples`` is a key of each side.
    """

    one: Life
    one_rules: tuple[LifecycleRule, ...]
    other: Life
    other_rules: tuple[LifecycleRule, ...]
    pairs: int
    examples: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tie:
    """What belongs together: current versions of some classes in ``one`` store, and of some in the ``other``.

    ``select`` is a SELECT of the keys ``one`` and ``other`` of each pair, with the values ``given``; without it two
    objects of one key are a pair.
    """

    one: tuple[MediaClass, ...]
    other: tuple[MediaClass, ...]
    select: str | None = None
    given: Sequence[object] = ()


def pairs(estate: Estate, one: Store, other: Store, tie: Tie, today: date) -> Iterator[Pair]:
    """Yield the pairs of objects of two stores that belong together, those alike counted."""
    ask = Ask(today=today)
    (first,), (second,) = (
        _questions(estate, [store], media, ask) for store, media in ((one, tie.one), (other, tie.other))
    )
    width = 1 + len(LIFE)
    for row in first.pairs(estate, second, tie.select, tie.given):
        life, rules = _side(one, first, ask, row[:width])
        like, acting = _side(other, second, ask, row[width : 2 * width])
        count, example, example_of_other = row[2 * width :]
        yield Pair(life, rules, like, acting, count, (example, example_of_other))


def _side(store: Store, question: Question, ask: Ask, facts: Sequence[Any]) -> tuple[Life, tuple[LifecycleRule, ...]]:
    met = _met(question.filters[store.id], facts[0])
    return _life(ask, met, facts[1:]), _acting_on(rules_in_force(store), met)


def _wanted(estate: Estate, stores: Iterable[Store], ask: Ask) -> Mapping[str, Store]:
    wanted = {store.id: store for store in stores}
    if ask.current:
        return wanted
    with_old = estate.objects.by_store("SELECT DISTINCT store FROM objects WHERE NOT current ORDER BY store")
    return {name: store for name, store in wanted.items() if name in with_old}


def _questions(estate: Estate, stores: Iterable[Store], media: Sequence[MediaClass], ask: Ask) -> Iterator[Question]:
    """Yield a question for all stores with filters of the same shape."""
    alike: dict[tuple[Any, ...], list[tuple[Store, Sequence[Filter]]]] = defaultdict(list)
    for store in stores:
        filters = _acting(estate, store, rules_in_force(store), media, ask)
        alike[tuple((len(each.prefixes), len(each.suffixes)) for each in filters)].append((store, filters))
    for several in alike.values():
        needs = Needs.of([store for store, _ in several], ask)
        copied = {store.id: copied_under(store) for store, _ in several}
        yield Question({store.id: filters for store, filters in several}, media, ask, needs, copied)


def _group(filters: Sequence[Filter], rules: Sequence[LifecycleRule], ask: Ask, facts: list[Any]) -> Group:
    media, prefix, hits, created, wrote, since, ended, *more = facts
    met = _met(filters, hits)
    alike, amounts = more[: len(ALIKE)], more[len(ALIKE) :]
    life = _life(ask, met, [created, since, *alike])
    objects, size, seconds, unknown, oldest, newest, example = amounts
    return Group(
        MediaClass(media),
        prefix,
        life,
        replace(life, created=wrote, since=ended),
        _acting_on(rules, met),
        objects,
        size,
        seconds,
        unknown,
        utc(oldest),
        utc(newest),
        example,
    )


def _met(filters: Sequence[Filter], hits: str) -> frozenset[Filter]:
    return frozenset(each for each, hit in zip(filters, hits, strict=True) if hit == "1")


def _life(ask: Ask, met: frozenset[Filter], facts: Sequence[Any]) -> Life:
    """Make a life of the columns :data:`LIFE`."""
    created, since, newer, under, unversioned, tier, custom, accessed, tags, held, until, awaits, stored = facts
    return Life(
        ask.current, created, since, newer, under, unversioned, tier, custom, accessed, _tags(tags), held, until,
        awaits, stored, met,
    )  # fmt: skip


def _acting_on(rules: Sequence[LifecycleRule], met: frozenset[Filter]) -> tuple[LifecycleRule, ...]:
    return tuple(rule for rule in rules if not filter_of(rule).narrow or filter_of(rule) in met)


def _tags(text: str | None) -> Mapping[str, str] | None:
    return None if text is None else dict(json.loads(text))


def _acting(
    estate: Estate, store: Store, rules: Sequence[LifecycleRule], media: Sequence[MediaClass], ask: Ask
) -> Sequence[Filter]:
    """Return the filters of a store; of very many, those that meet any object, so that memory stays bounded."""
    filters = [each for each in dict.fromkeys(map(filter_of, rules)) if each.narrow]
    if len(filters) <= _MANY:
        return filters
    acting: list[Filter] = []
    for start in range(0, len(filters), _MANY):
        some = filters[start : start + _MANY]
        question = Question({store.id: some}, media, Ask(current=ask.current), Needs(edges=(date.max,)), {})
        hits = {row[3] for row in question.rows(estate)}
        acting += [each for place, each in enumerate(some) if any(hit[place] == "1" for hit in hits)]
    return acting
