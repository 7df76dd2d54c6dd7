"""Whether recorded speech older than some days exists: nothing does, or what does and why no rule took it.

"Nothing" is said only when everything was looked at: all objects of all stores, old versions, uploads that were not
finished, and what a deletion leaves for a while. What was not looked at is listed beside either answer.

Ages are whole days, since clouds delete at the end of a day: older than 90 days is what is 91 days old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from cloudscan.coverage.elsewhere import unseen_elsewhere
from cloudscan.coverage.unseen import Unseen, far_from, oldest_day, unseen
from cloudscan.estate import RECORDED, Estate
from cloudscan.model import Answer, MediaClass, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Fate, Group, Member, fate, groups, members
from cloudscan.retention.gone import GONE, each_gone, gone
from cloudscan.retention.reasons import reasons
from cloudscan.retention.uploads import OldUpload, OldUploads, each_older_upload, older_uploads
from cloudscan.tables.objects import BY_NAME_ALONE

_PREFIXES = 20
"""Prefixes of one store that are told apart; the smaller ones are put together."""
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """Objects under one prefix that are older, with one fate and for the same reasons.

    ``first`` and ``last`` are the days on which the first and the last of them are deleted: at the latest where
    ``ends`` is yes, at the earliest where it is not known, None where nothing ever deletes them. Deleted objects can
    be got back for ``recoverable`` days more. ``unknown_length`` counts those that ``seconds`` leaves out.
    """

    store: str
    media: MediaClass
    prefix: str
    old_versions: bool
    objects: int
    bytes: int
    seconds: float
    unknown_length: int
    oldest: datetime | None
    newest: datetime | None
    ends: Answer
    first: date | None
    last: date | None
    recoverable: int
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    examples: tuple[str, ...]


class One(NamedTuple):
    """One object or version that is older. ``goes`` is what ``first`` and ``last`` are in :class:`Kept`."""

    object: Member
    ends: Answer
    goes: date | None
    recoverable: int
    rules: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Older:
    """The answer. ``seen`` counts what was listed of each store and class, of whatever age, and the old among them.

    ``named`` counts what is no recording, transcript or video of a store by name or type alone: nobody read it.
    """

    estate: Estate
    days: int
    now: datetime
    media: tuple[MediaClass, ...]
    seen: Mapping[str, Mapping[MediaClass, tuple[int, int]]]
    found: tuple[Kept, ...]
    uploads: tuple[OldUploads, ...]
    unseen: tuple[Unseen, ...]
    named: Mapping[str, int]

    @property
    def exists(self) -> Answer:
        """Say whether anything older exists; NO only when everything was looked at."""
        if self.found or self.uploads:
            return Answer.YES
        return Answer.UNKNOWN if self.unseen or not self.seen else Answer.NO

    @property
    def far(self) -> str | None:
        """Say that the day of the question is not that of the snapshot; None where it is."""
        return far_from(self.estate, self.now)

    @property
    def inventories(self) -> Mapping[str, datetime]:
        """The stores that were read from an inventory, and from when on what came to them is not in it."""
        found: dict[str, datetime] = {}
        for gap in (gap for gap in self.estate.gaps if gap.facet == Facet.OBJECTS and gap.since is not None):
            if gap.resource in self.seen and gap.since is not None:
                found[gap.resource] = min(gap.since, found.get(gap.resource, gap.since))
        return found

    def listed(self, *media: MediaClass) -> int:
        """Return how many objects and versions of these classes were listed; without one, of all."""
        return sum(count for held in self.seen.values() for of, (count, _) in held.items() if not media or of in media)

    def by_name(self) -> int:
        """Return how many objects and versions are no recording by their name or type alone."""
        return sum(self.named.values())

    def each(self) -> Iterator[One]:
        """Yield every object and version that is older, current ones first, those of a store together, by key.

        What was deleted and can be got back comes last.

        They are read from the snapshot as they are asked for: there may be more than memory holds.
        """
        told: dict[tuple[object, ...], tuple[Fate, tuple[str, ...]]] = {}
        for current in (True, False):
            ask = Ask(current, self.now.date(), (self.days,), until=oldest_day(self.now, self.days))
            for member in members(self.estate, _stores(self.estate), *self.media, ask=ask):
                store = self.estate.stores[member.store]
                alike = (member.store, *_compared(member))
                if alike not in told:
                    if len(told) >= _REMEMBERED:
                        told.clear()
                    told[alike] = _judged(member, store, self.now.date())
                end, why = told[alike]
                ends = _ends(end, store)
                day = end.day if store.lifecycle is not None else None
                yield One(member, ends, day, store.soft_delete_days or 0, end.rules, why)
        for member, goes in each_gone(self.estate, self.media, oldest_day(self.now, self.days), self.now):
            yield One(member, Answer.YES, goes, 0, (), (GONE,))

    def each_upload(self) -> Iterator[OldUpload]:
        """Yield every upload that is older and was not finished, by store."""
        return _uploads(self.estate, self.days, self.now, self.media)


_REMEMBERED = 10_000
"""Fates that are held for objects that are alike; many differ by the day on which they were written alone."""


def older_than(estate: Estate, days: int, now: datetime, media: Sequence[MediaClass] = RECORDED) -> Older:
    """Look for objects of these classes that are older than so many days, and say what becomes of them."""
    stores = _stores(estate)
    found: list[Kept] = []
    for current in (True, False):
        ask = Ask(current, now.date(), (days,), until=oldest_day(now, days), prefixes=_PREFIXES)
        grouped = groups(estate, stores, *media, ask=ask)
        for store in stores:
            found += _kept(store, grouped.get(store.id, ()), now.date())
    found += _deleted(estate, days, now, media)
    found.sort(key=lambda one: (one.store, one.prefix, one.media, one.old_versions, one.reasons, one.first or date.max))
    uploads = older_uploads(_uploads(estate, days, now, media))
    missed = [*unseen(estate, stores, days, now), *unseen_elsewhere(estate, days, now)]
    seen, named = _seen(estate), dict(estate.objects.query(_NAMED))
    return Older(estate, days, now, tuple(media), seen, tuple(found), tuple(uploads), tuple(missed), named)


def _deleted(estate: Estate, days: int, now: datetime, media: Sequence[MediaClass]) -> Iterator[Kept]:
    """Yield what was deleted, is older and can be got back: it goes on a day that is set, and by no rule."""
    for one in gone(estate, media, oldest_day(now, days), now, _PREFIXES):
        amounts = one.objects, one.bytes, one.seconds, one.unknown_length, one.oldest, one.newest
        end = Answer.YES, one.first, one.last, 0, ()
        yield Kept(one.store, one.media, one.prefix, False, *amounts, *end, (GONE,), (one.example,))  # noqa: FBT003


def _uploads(estate: Estate, days: int, now: datetime, media: Sequence[MediaClass]) -> Iterator[OldUpload]:
    return each_older_upload(estate, _stores(estate), media, oldest_day(now, days), now.date())


def _stores(estate: Estate) -> Sequence[Store]:
    return [estate.stores[name] for name in sorted(estate.stores)]


_NAMED = f"""
    SELECT store, count(*) FROM objects WHERE NOT delete_marker AND {BY_NAME_ALONE} GROUP BY store ORDER BY store
"""  # noqa: S608 - our own names


def _seen(estate: Estate) -> Mapping[str, Mapping[MediaClass, tuple[int, int]]]:
    sql = """
        SELECT store, media, count(*), count(*) FILTER (NOT current) FROM objects WHERE NOT delete_marker
        GROUP BY store, media ORDER BY store, media
    """
    seen: dict[str, dict[MediaClass, tuple[int, int]]] = {store.id: {} for store in _stores(estate)}
    for name, media, count, old in estate.objects.query(sql):
        seen.setdefault(name, {})[MediaClass(media)] = (count, old)
    return seen


def _compared(member: Member) -> tuple[object, ...]:
    """Return what the fate of an object hangs on, as a key."""
    life = member.life
    tags = None if life.tags is None else tuple(sorted(life.tags.items()))
    return (
        life.current, life.created, life.since, life.newer, life.under, life.unversioned, life.tier, life.custom,
        life.accessed, tags, life.held, life.retain_until, life.awaits_copy, life.stored_as,
        life.met,
    )  # fmt: skip


def _judged(one: Member | Group, store: Store, today: date) -> tuple[Fate, tuple[str, ...]]:
    end = fate(one.life, one.rules, store, today)
    return end, reasons(one.life, end, store, today)


def _ends(end: Fate, store: Store) -> Answer:
    return Answer.UNKNOWN if store.lifecycle is None else end.ends


def _kept(store: Store, found: Iterable[Group], today: date) -> Iterator[Kept]:
    """Put together what lies under one prefix and shares its reasons."""
    alike: dict[tuple[MediaClass, str, Answer, tuple[str, ...]], list[tuple[Group, Fate, Fate]]] = defaultdict(list)
    for group in found:
        first = fate(group.first, group.rules, store, today)
        last, why = _judged(group, store, today)
        alike[group.media, group.prefix, _ends(last, store), why].append((group, first, last))
    for (_, _, ends, why), several in alike.items():
        held = [group for group, _, _ in several]
        days = [end.day for _, *both in several for end in both if end.day and store.lifecycle is not None]
        yield Kept(
            store.id,
            held[0].media,
            held[0].prefix,
            not held[0].life.current,
            sum(group.objects for group in held),
            sum(group.bytes for group in held),
            sum(group.seconds for group in held),
            sum(group.unknown_length for group in held),
            min((group.oldest for group in held if group.oldest), default=None),
            max((group.newest for group in held if group.newest), default=None),
            ends,
            min(days, default=None),
            max(days, default=None),
            store.soft_delete_days or 0,
            tuple(dict.fromkeys(rule for _, _, last in several for rule in last.rules)),
            why,
            tuple(sorted({group.example for group in held})[:_EXAMPLES]),
        )
