"""The keys of a store, cut where the patterns of documents cut them.

Objects are not judged one by one. The patterns of all documents that may matter to a caller split a store's keys into
classes that none of them tells apart, and one key of a class is asked about. The object table is read once for all
patterns of a store: most patterns are the beginning of a key and a star, which take in one run of the keys in their
order, so that however many there are, each key lies between two cuts; few need a test of their own. For all stores
without a pattern it is read once together.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

from cloudscan.access.grants import Apart, Part
from cloudscan.access.patterns import MANY
from cloudscan.access.remainders import Pieces
from cloudscan.estate import RECORDED
from cloudscan.model import MediaClass, Store
from cloudscan.tables.objects import ObjectTable

_MOST_TESTS = 32
"""Patterns with a test of their own that one reading of the object table takes on for everybody."""
_MOST_PARTS = 64
"""Parts of a class that are told one by one: with very many patterns of single users they would fill the memory."""
_MOST_BRANCHES = 100
"""Cuts that are found by comparing; of more, by joining, which takes longer to begin with."""
_PER_SECOND = 1_000_000_000
_RECORDED = ", ".join(f"'{media}'" for media in RECORDED)


@dataclass(frozen=True, slots=True)
class Held:
    """The objects of one media class in a class of keys, and the first of their keys.

    ``apart`` tells what lies between any two cuts of the store, which all classes of it share; () for very many.
    """

    media: MediaClass
    objects: int
    bytes: int
    seconds: float
    example: str
    apart: Apart = field(default=tuple, compare=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What lies between any two cuts of the store, as ``apart`` tells it."""
        return self.apart()


@dataclass(frozen=True, slots=True)
class KeyClass:
    """Current objects that no pattern in question tells apart, and one of their keys.

    They have one encryption, owner and access control list, as far as these were read.
    """

    encryption_mode: str | None
    key_id: str | None
    owner: str | None
    acl: str | None
    example: str
    held: tuple[Held, ...]


Run = tuple[str, str | None]
"""Keys from the first text up to the second, which is not of them; None is no end."""
_Settings = tuple[str | None, str | None, str | None, str | None]
_Sort = tuple[_Settings, tuple[bool, ...], tuple[bool, ...]]
_Sum = tuple[int, int, int, str, Apart | None]
"""Objects, bytes, nanoseconds (whole, so that sums are exact), the first key, and the parts if they are few enough."""
_Place = tuple[_Settings, str, MediaClass]
"""Objects of one media class in one of the classes that some patterns make: by settings and first key of that."""


class _Finest:
    """The objects of each store in pieces that none of its patterns tells apart, in whatever spaces they were told.

    One kind of grant is asked about with some patterns of a store and another with others. Pieces of theirs that lie
    across each other would be counted twice, so all are made of these.
    """

    def __init__(self, objects: ObjectTable) -> None:
        self._objects = objects
        self._patterns: dict[str, frozenset[Pieces]] = defaultdict(frozenset)
        self._told: dict[str, dict[frozenset[Pieces], Mapping[_Place, tuple[Part, ...]]]] = defaultdict(dict)
        self._last: tuple[str, frozenset[Pieces], _Table] | None = None  # tables are large, and asked store by store

    def add(self, store: str, patterns: frozenset[Pieces]) -> None:
        """Tell objects of a store apart by more patterns."""
        if not patterns <= self._patterns[store]:
            self._patterns[store] |= patterns
            self._told.pop(store, None)

    def parts(self, store: str, patterns: frozenset[Pieces], place: _Place) -> tuple[Part, ...]:
        """Return the pieces of objects of one of the classes that patterns make; () for very many."""
        told = self._told[store]
        if patterns not in told:
            classes = self._table(store, patterns).classes(patterns)
            told[patterns] = {_place(one, held): held.parts for one in classes for held in one.held}
        return told[patterns][place]

    def _table(self, store: str, patterns: frozenset[Pieces]) -> _Table:
        every = _apart_by(self._patterns[store]) | patterns
        if self._last is None or self._last[:2] != (store, every):
            self._last = store, every, _Table(self._objects, store, every)
        return self._last[2]


class KeySpace:
    """The keys of the recordings in a store."""

    def __init__(self, objects: ObjectTable, store: str, patterns: Iterable[Pieces] = ()) -> None:
        """``patterns`` are those that will be asked about, as far as they are known."""
        self._objects, self._store = objects, store
        known = frozenset(each for each in patterns if _is_text(each))
        self._common = _apart_by(known)
        self._finest = objects.beside(_Finest)
        self._finest.add(store, known)
        self._shared: _Table | None = None
        self._classes = lru_cache(maxsize=512)(self._find)

    def classes(self, patterns: Iterable[Pieces]) -> Sequence[KeyClass]:
        """Return the classes into which patterns split the keys, in a stable order."""
        return self._classes(frozenset(each for each in patterns if _is_text(each)))

    def _find(self, patterns: frozenset[Pieces]) -> Sequence[KeyClass]:
        self._finest.add(self._store, patterns)
        if not patterns <= self._common:
            table = _Table(self._objects, self._store, patterns)
        elif self._shared is None:
            table = self._shared = _Table(self._objects, self._store, self._common)
        else:
            table = self._shared
        return [
            replace(one, held=tuple(replace(held, apart=self._apart(patterns, one, held)) for held in one.held))
            for one in table.classes(patterns)
        ]

    def _apart(self, patterns: frozenset[Pieces], one: KeyClass, held: Held) -> Apart:
        return partial(self._finest.parts, self._store, patterns, _place(one, held))


class _Table:
    """The counts of a store's keys between the cuts, by what else tells objects apart."""

    def __init__(self, objects: ObjectTable, store: str, patterns: Collection[Pieces]) -> None:
        self._runs = {each: run for each in patterns if (run := _run(each)) is not None}
        self._tests = sorted((each for each in patterns if each not in self._runs), key=_expression)
        self._cuts = sorted({cut for run in self._runs.values() for cut in run if cut})
        self._rows: dict[tuple[_Settings, str, tuple[bool, ...]], _Row] = defaultdict(_Row)
        for row in self._read(objects, store):
            media, mode, key, owner, acl, place, *tests = row[: 6 + len(self._tests)]
            self._rows[(mode, key, owner, acl), media, tuple(tests)].add(place, *row[6 + len(self._tests) :])

    def _read(self, objects: ObjectTable, store: str) -> Iterable[Sequence[Any]]:
        """Count the keys. The stores whose keys nothing cuts, which most are, are read all at once."""
        if not self._cuts and not self._tests:
            return objects.by_store(_select(["0 AS place"], "kept")).get(store, ())
        parameters: list[object] = []
        if len(self._cuts) > _MOST_BRANCHES:
            cuts = "SELECT unnest(?::VARCHAR[]) AS start, unnest(?::INTEGER[]) AS number"
            source, place = f"kept ASOF LEFT JOIN ({cuts}) ON key >= start", "coalesce(number, 0)"
        else:
            source, place = "kept", _branches(self._cuts, 0, len(self._cuts), parameters)
        tests = [f"regexp_full_match(key, ?, 's') AS test{number}" for number in range(len(self._tests))]
        parameters += map(_expression, self._tests)
        joined = [self._cuts, list(range(1, len(self._cuts) + 1))] if len(self._cuts) > _MOST_BRANCHES else []
        sql = _select([f"{place} AS place", *tests], source, "store = ?")
        return (row[1:] for row in objects.query(sql, [store, *parameters, *joined]))

    def classes(self, patterns: Collection[Pieces]) -> list[KeyClass]:
        """Add up what is between the cuts of some of the patterns."""
        runs = [self._places(self._runs[each]) for each in patterns if each in self._runs]
        tested = [number for number, each in enumerate(self._tests) if each in patterns]
        cuts = sorted({0, *(place for run in runs for place in run)})
        spans = [
            (start, end, tuple(first <= start < last for first, last in runs))
            for start, end in zip(cuts, [*cuts[1:], len(self._cuts) + 1], strict=True)
            if start < end
        ]
        found: dict[_Sort, list[tuple[str, _Sum]]] = defaultdict(list)
        for (settings, media, tests), row in self._rows.items():
            met = tuple(tests[number] for number in tested)
            for start, end, within in spans:
                if (held := row.between(start, end)) is not None:
                    found[settings, within, met].append((media, held))
        made = [_key_class(settings, held) for (settings, _, _), held in found.items()]
        return sorted(made, key=lambda one: (*(each or "" for each in _settings(one)), one.example))

    def _places(self, run: Run) -> tuple[int, int]:
        """Say between which places of the cuts a run lies. A key's place is how many cuts are not beyond it."""
        start, end = run
        first = bisect_left(self._cuts, start) + 1 if start else 0
        return first, len(self._cuts) + 1 if end is None else bisect_left(self._cuts, end) + 1


class _Row:
    """What lies between the cuts, of one media class with the same settings: sums up to each place that has keys."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._firsts: list[str] = []
        self._sums: list[tuple[int, int, int]] = [(0, 0, 0)]
        self._parts: dict[int, Part] = {}

    def add(self, place: int, objects: int, size: int, length: int, first: str) -> None:
        """Add the next place that has keys."""
        last = self._sums[-1]
        self._places.append(place)
        self._firsts.append(first)
        self._sums.append((last[0] + objects, last[1] + size, last[2] + length))

    def between(self, start: int, end: int) -> _Sum | None:
        """Return what lies from one place up to another; None if nothing does."""
        first, last = bisect_left(self._places, start), bisect_left(self._places, end)
        if first == last:
            return None
        low, high = self._sums[first], self._sums[last]
        apart = partial(self._parts_of, first, last) if last - first <= _MOST_PARTS else None
        return high[0] - low[0], high[1] - low[1], high[2] - low[2], self._firsts[first], apart

    def _parts_of(self, first: int, last: int) -> tuple[Part, ...]:
        return tuple(map(self._part, range(first, last)))

    def _part(self, place: int) -> Part:
        if place not in self._parts:
            low, high = self._sums[place], self._sums[place + 1]
            self._parts[place] = Part(self._firsts[place], high[0] - low[0], (high[2] - low[2]) / _PER_SECOND)
        return self._parts[place]


def _select(places: Sequence[str], source: str, stores: str = "true") -> str:
    """Write what counts the recordings of stores, by what tells them apart and by their places."""
    return f"""
        WITH kept AS (
            SELECT store, media, encryption_mode, key_id, owner, acl, key, size, seconds
            FROM objects WHERE {stores} AND current AND NOT delete_marker AND media IN ({_RECORDED})
        ), placed AS (
            SELECT store, media, encryption_mode, key_id, owner, acl, {", ".join(places)},
                key, size, round(coalesce(seconds, 0) * {_PER_SECOND})::HUGEINT AS length
            FROM {source}
        )
        SELECT * EXCLUDE (key, size, length), count(*), sum(size)::BIGINT, sum(length), min(key)
        FROM placed GROUP BY ALL ORDER BY ALL
    """  # noqa: S608 - our own names; values are parameters


def _key_class(settings: _Settings, sums: Iterable[tuple[str, _Sum]]) -> KeyClass:
    by_media: dict[str, list[_Sum]] = defaultdict(list)
    for media, each in sums:
        by_media[media].append(each)
    held = tuple(_held(media, by_media[media]) for media in sorted(by_media))
    return KeyClass(*settings, min(each.example for each in held), held)


def _held(media: str, sums: Sequence[_Sum]) -> Held:
    objects, size, length = (sum(counts) for counts in zip(*(each[:3] for each in sums), strict=True))
    told = [each[4] for each in sums if each[4] is not None]
    example = min(each[3] for each in sums)
    apart = partial(_few, told) if len(told) == len(sums) else tuple
    return Held(MediaClass(media), objects, size, length / _PER_SECOND, example, apart)


def _few(told: Sequence[Apart]) -> tuple[Part, ...]:
    """Put pieces together; () for very many."""
    parts = tuple(part for each in told for part in each())
    return parts if len(parts) <= _MOST_PARTS else ()


def _all_of(told: Sequence[Apart]) -> tuple[Part, ...]:
    """Put the pieces of several classes together; () where those of one are too many."""
    parts = [each() for each in told]
    return tuple(part for each in parts for part in each) if all(parts) else ()


def _place(one: KeyClass, held: Held) -> _Place:
    return _settings(one), one.example, held.media


def _apart_by(patterns: frozenset[Pieces]) -> frozenset[Pieces]:
    """Leave out what needs a test of its own where very many do: each set of them is tested when it is asked about."""
    tested = {each for each in patterns if _run(each) is None}
    return patterns - tested if len(tested) > _MOST_TESTS else patterns


def lies(objects: ObjectTable, store: Store, key: str) -> KeyClass:
    """Return how the current version of an object lies; a new one would lie under the store's default key."""
    sql = "SELECT encryption_mode, key_id, owner, acl FROM objects WHERE store = ? AND key = ? AND current LIMIT 1"
    row = next(objects.query(sql, [store.id, key]), None)
    default = store.encryption
    new = (default.mode, default.key, None, None) if default else (None, None, None, None)
    mode, key_id, owner, acl = row or new
    return KeyClass(mode, key_id, owner, acl, key, ())


def together(classes: Iterable[KeyClass]) -> list[Held]:
    """Add up what several classes hold, by media class."""
    by_media: dict[MediaClass, list[Held]] = defaultdict(list)
    for each in classes:
        for held in each.held:
            by_media[held.media].append(held)
    return [
        Held(
            media,
            sum(each.objects for each in every),
            sum(each.bytes for each in every),
            sum(round(each.seconds * _PER_SECOND) for each in every) / _PER_SECOND,
            min(each.example for each in every),
            every[0].apart if len(every) == 1 else partial(_all_of, [each.apart for each in every]),
        )
        for media, every in sorted(by_media.items())
    ]


def _settings(one: KeyClass) -> _Settings:
    return one.encryption_mode, one.key_id, one.owner, one.acl


def _is_text(pieces: Pieces) -> bool:
    """Say whether a pattern can fit a key: keys are not empty, and are text in UTF-8."""
    literal = "".join(piece for piece in pieces if isinstance(piece, str))
    return bool(pieces) and not any("\ud800" <= letter <= "\udfff" for letter in literal)


def _run(pieces: Pieces) -> Run | None:
    """Return the keys that a pattern fits if they follow each other in order: its own text, or all that begin so."""
    match pieces:
        case (str(text),):
            return text, f"{text}\0"
        case (str(text), last) if last is MANY:
            return text, _after(text)
        case _:
            return None


def _after(text: str) -> str | None:
    """Return the first text beyond all that begin with a text; None if there is none."""
    kept = text.rstrip("\U0010ffff")
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)  # between them lies no character


def _branches(cuts: Sequence[str], low: int, high: int, parameters: list[object]) -> str:
    """Write how many of the cuts are not beyond a key, as comparisons that halve them."""
    if low == high:
        return str(low)
    middle = (low + high) // 2
    parameters.append(cuts[middle])
    below = _branches(cuts, low, middle, parameters)
    return f"CASE WHEN key < ? THEN {below} ELSE {_branches(cuts, middle + 1, high, parameters)} END"


def _expression(pieces: Pieces) -> str:
    return "".join(re.escape(piece) if isinstance(piece, str) else ".*" if piece is MANY else "." for piece in pieces)
