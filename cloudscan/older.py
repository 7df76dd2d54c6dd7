"""Whether recorded speech older than some days exists: nothing does, or what does and why no rule took it.

"Nothing" is said only when everything was looked at: all objects of all stores, old versions, uploads that were not
finished, and what a deletion leaves for a while. What was not looked at is listed beside either answer.

Ages are whole days, since clouds delete at the end of a day: older than 90 days is what is 91 days old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cloudscan.audio import UNSURE_EXTENSIONS
from cloudscan.estate import RECORDED, Estate
from cloudscan.model import Answer, Gap, MediaClass, Store, Why
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Fate, Group, clears_uploads, fate, groups
from cloudscan.retention.reasons import reasons
from cloudscan.sampling import ANY_VERSION, LEFT_OPEN

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


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something of one store, account or collection that was not looked at, and the permissions that would show it."""

    where: str
    what: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Older:
    """The answer. ``objects`` is how many of these classes were seen in all, of whatever age, in ``stores`` stores."""

    estate: Estate
    days: int
    now: datetime
    media: tuple[MediaClass, ...]
    stores: int
    objects: int
    found: tuple[Kept, ...]
    unseen: tuple[Unseen, ...]

    @property
    def exists(self) -> Answer:
        """Say whether anything older exists; NO only when everything was looked at."""
        if self.found:
            return Answer.YES
        return Answer.UNKNOWN if self.unseen or not self.stores else Answer.NO


def older_than(estate: Estate, days: int, now: datetime, media: Sequence[MediaClass] = RECORDED) -> Older:
    """Look for objects of these classes that are older than so many days, and say what becomes of them."""
    limit = now - timedelta(days=days + 1)
    stores = [estate.stores[name] for name in sorted(estate.stores)]
    found: list[Kept] = []
    for current in (True, False):
        ask = Ask(current, now.date(), (days,), until=limit, prefixes=_PREFIXES)
        grouped = groups(estate, stores, *media, ask=ask)
        for store in stores:
            found += _kept(store, grouped.get(store.id, ()), now.date())
    found.sort(key=lambda one: (one.store, one.prefix, one.media, one.old_versions, one.reasons, one.first or date.max))
    return Older(
        estate,
        days,
        now,
        tuple(media),
        len(stores),
        _objects(estate, media),
        tuple(found),
        tuple(_unseen(estate, stores, days, limit)),
    )


def _objects(estate: Estate, media: Sequence[MediaClass]) -> int:
    sql = """
        SELECT count(*) FROM objects WHERE NOT delete_marker AND media IN (SELECT unnest(?::VARCHAR[])) ORDER BY 1
    """
    ((count,),) = estate.objects.query(sql, [[one.value for one in media]])
    return int(count)


def _kept(store: Store, found: Iterable[Group], today: date) -> Iterator[Kept]:
    """Put together what lies under one prefix and shares its reasons."""
    alike: dict[tuple[MediaClass, str, Answer, tuple[str, ...]], list[tuple[Group, Fate, Fate]]] = defaultdict(list)
    for group in found:
        first, last = (fate(life, group.rules, store, today) for life in (group.first, group.life))
        ends = Answer.UNKNOWN if store.lifecycle is None else last.ends
        why = reasons(group.life, last, store, today)
        alike[group.media, group.prefix, ends, why].append((group, first, last))
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


_UNSETTLED = """
    SELECT store, count(*) FILTER (media = 'unsettled' AND modified <= ?), count(*) FILTER (modified IS NULL),
        count(*) FILTER (NOT current)
    FROM objects WHERE NOT delete_marker GROUP BY store ORDER BY store
"""
_ONLY_NAMED = f"""
    WITH named AS ({ANY_VERSION})
    SELECT store, count(*) FROM named WHERE {LEFT_OPEN} AND media = 'other' AND looked IS NULL AND modified <= ?
    GROUP BY store ORDER BY store
"""  # noqa: S608 - our own names


def _unseen(estate: Estate, stores: Sequence[Store], days: int, limit: datetime) -> Iterator[Unseen]:
    yield from _unlisted_stores(estate)
    rows = estate.objects.query(_UNSETTLED, [limit.replace(tzinfo=None)])
    counts = {name: numbers for name, *numbers in rows}
    named = dict(estate.objects.query(_ONLY_NAMED, [sorted(UNSURE_EXTENSIONS), limit.replace(tzinfo=None)]))
    for store in stores:
        unsettled, undated, old = counts.get(store.id, (0, 0, 0))
        yield from _unlisted(estate, store, old, days)
        if unsettled:
            yield Unseen(store.id, f"{_objects_of(unsettled)} of which it is not settled whether that is speech")
        if open_names := named.get(store.id, 0):
            what = f"{_objects_of(open_names)} under names that transcripts and packed recordings have, too"
            yield Unseen(store.id, f"{what}: collect with --sniff")
        if undated:
            yield Unseen(store.id, f"the age of {undated:,} objects")


def _objects_of(number: int) -> str:
    return f"{number:,} older object{'' if number == 1 else 's'}"


def _unlisted_stores(estate: Estate) -> Iterator[Unseen]:
    """Yield the stores that nobody saw: those behind a gap, and those that the collection was not asked for."""
    for gap in estate.gaps:
        if gap.facet in (Facet.STORES, Facet.ACCOUNTS):
            yield Unseen(gap.resource or gap.account, f"which stores there are ({_why(gap)})", _permissions([gap]))
    if estate.manifest is None:
        return
    for provider, asked in sorted(estate.manifest.scope.items()):
        for pattern in asked.get("stores") or ():
            yield Unseen(provider, f"stores whose name does not match {pattern}")


def _unlisted(estate: Estate, store: Store, old_versions: int, days: int) -> Iterator[Unseen]:
    """Yield what was not listed of a store."""
    if store.retention_hours is not None:  # it ages what it keeps by itself
        if store.retention_hours > 24 * days:
            yield Unseen(store.id, f"what it keeps by itself for {store.retention_hours // 24:,} days")
        return
    gaps = [*estate.gaps_on(store.id, Facet.OBJECTS)]
    gaps += [gap for gap in estate.gaps_on(store.account, Facet.OBJECTS) if gap.provider == store.provider]
    for gap in gaps:
        yield Unseen(store.id, f"all of its objects ({_why(gap)})", _permissions([gap]))
    if estate.unasked(store.provider, store.account, Facet.OBJECTS):
        yield Unseen(store.id, "its objects: the collection did not ask for them")
    if store.versioning != "disabled" and not old_versions and not _asked_versions(estate, store):
        yield Unseen(store.id, "old versions of its objects: collect with --versions")
    cleared = clears_uploads(store)
    if cleared is None or cleared > days:
        yield Unseen(store.id, "uploads that were not finished, which no rule clears by then")
    if store.soft_delete_days is None:
        yield Unseen(store.id, "whether deleted objects can be got back")
    elif store.soft_delete_days:
        yield Unseen(store.id, f"deleted objects, which can be got back for {store.soft_delete_days:,} days")


def _asked_versions(estate: Estate, store: Store) -> bool:
    scope = estate.manifest.scope.get(store.provider, {}) if estate.manifest else {}
    return bool(scope.get("versions"))


def _why(gap: Gap) -> str:
    words = "left out by the limit that was set" if gap.why is Why.LIMIT else gap.why.value
    return f"{words}: {gap.operation}"


def _permissions(gaps: Iterable[Gap]) -> tuple[str, ...]:
    return tuple(gap.permission for gap in gaps if gap.permission and gap.why is Why.DENIED)
