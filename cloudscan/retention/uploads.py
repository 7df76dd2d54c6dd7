"""Uploads that were begun and not finished: those that are older than some day, which rule clears them, and when.

A rule for objects takes none of them, since they are no objects yet; they go by rules of their own, on age and name
alone. No lock keeps them: what it would protect is not there yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from cloudscan.estate import Estate
from cloudscan.model import Answer, LifecycleAction, LifecycleRule, MediaClass, Store, Upload
from cloudscan.retention.fates import Fate
from cloudscan.retention.rules import rules_in_force

_EXAMPLES = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OldUploads:
    """Uploads of one store and class that are older, with one fate and for the same reasons.

    ``first`` and ``last`` are the days on which the first and the last of them are cleared: at the latest where
    ``ends`` is yes, at the earliest where it is not known, None where nothing ever clears them. ``examples`` are keys.
    """

    store: str
    media: MediaClass
    uploads: int
    oldest: datetime
    newest: datetime
    ends: Answer
    first: date | None
    last: date | None
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    examples: tuple[str, ...]


class OldUpload(NamedTuple):
    """One upload that is older, when it was begun, what becomes of it, and why it is still there."""

    upload: Upload
    begun: datetime
    end: Fate
    reasons: tuple[str, ...]


def each_older_upload(
    estate: Estate, stores: Iterable[Store], media: Collection[MediaClass], until: datetime, today: date
) -> Iterator[OldUpload]:
    """Yield the uploads of these classes that were begun no later than a moment."""
    for store in stores:
        for upload in estate.uploads.get(store.id, ()):
            if upload.media in media and upload.begun is not None and upload.begun <= until:
                end, why = upload_fate(upload, store, today), upload_reasons(upload, store, today)
                yield OldUpload(upload, upload.begun, end, why)


def older_uploads(each: Iterable[OldUpload]) -> Iterator[OldUploads]:
    """Group uploads that are older."""
    alike: dict[tuple[str, str, tuple[str, ...], Answer], list[OldUpload]] = defaultdict(list)
    for one in each:
        alike[one.upload.store, one.upload.media, one.reasons, one.end.ends].append(one)
    for (store, media, why, ends), several in sorted(alike.items(), key=lambda item: item[0][:3]):
        days = [one.end.day for one in several if one.end.day]
        yield OldUploads(
            store,
            MediaClass(media),
            len(several),
            min(one.begun for one in several),
            max(one.begun for one in several),
            ends,
            min(days, default=None),
            max(days, default=None),
            tuple(dict.fromkeys(rule for one in several for rule in one.end.rules)),
            why,
            tuple(sorted({one.upload.key for one in several})[:_EXAMPLES]),
        )


def upload_fate(upload: Upload, store: Store, today: date) -> Fate:
    """Say by which day which rule clears an upload. ``today`` is the day of the question: what is due goes the next."""
    if store.lifecycle is None:
        return Fate(Answer.UNKNOWN)
    due = [(day, rule) for rule in rules_in_force(store) if (day := _day(rule, upload, today)) is not None]
    for ends, several in ((Answer.YES, [one for one in due if not _doubtful(one[1])]), (Answer.UNKNOWN, due)):
        if several:
            day = min(day for day, _ in several)
            names = (min(rule.id for on, rule in several if on == day),)
            return Fate(ends, day, names)
    return Fate(Answer.NO)


def upload_reasons(upload: Upload, store: Store, today: date) -> tuple[str, ...]:
    """Say why an upload is still there on a day; without dates, so that like reasons can be counted."""
    if store.lifecycle is None:
        return ("the lifecycle rules were not read",)
    acting = [rule for rule in store.lifecycle if _acts(rule)]
    if not acting:
        return ("the store has no rule that clears uploads that were not finished",)
    if store.mfa_delete is Answer.YES:
        return ("no lifecycle rule runs where deleting takes a second factor",)
    # A rule that takes this upload is nearer to it than one that passes it by.
    acting.sort(key=lambda rule: (not rule.enabled, not _meets(rule, upload)))
    return tuple(dict.fromkeys(f"rule {rule.id or '-'} {_of_rule(rule, upload, today)}" for rule in acting))


def _of_rule(rule: LifecycleRule, upload: Upload, today: date) -> str:
    if not rule.enabled:
        return "is switched off"
    if rule.unread:
        return f"has parts that are not understood: {', '.join(rule.unread)}"
    if not _meets(rule, upload):
        begins = f"begin with {' or '.join(rule.prefixes)}" if rule.prefixes else ""
        ends = f"end with {' or '.join(rule.suffixes)}" if rule.suffixes else ""
        return f"clears only uploads of keys that {' and '.join(part for part in (begins, ends) if part)}"
    if _doubtful(rule):
        return "has a filter that no upload is known to meet"
    days = rule.upload_days or 0
    if upload.begun is None or upload.begun.date() + timedelta(days=days) >= today:
        return f"clears uploads at {days:,} day{'' if days == 1 else 's'}"
    return "should have cleared them already: it is new, or runs late"


def _acts(rule: LifecycleRule) -> bool:
    return rule.action == LifecycleAction.OTHER or (
        rule.action == LifecycleAction.ABORT_UPLOAD and (rule.upload_days is not None or bool(rule.unread))
    )


def _meets(rule: LifecycleRule, upload: Upload) -> bool:
    """Say whether a rule's filters by key meet an upload."""
    begins = not rule.prefixes or upload.key.startswith(rule.prefixes)
    return begins and (not rule.suffixes or upload.key.endswith(rule.suffixes))


def _doubtful(rule: LifecycleRule) -> bool:
    """Say whether it is not known if a rule takes uploads: they have no size yet, and what else it asks for is theirs
    to be ("Lifecycle configuration elements", Amazon S3: such a filter cannot go with clearing uploads).
    """
    sized = rule.larger_than is not None or rule.smaller_than is not None
    return bool(rule.unread or rule.tags or rule.tiers) or sized or rule.action == LifecycleAction.OTHER


def _day(rule: LifecycleRule, upload: Upload, today: date) -> date | None:
    """Return the day by which a rule clears an upload; None if it never does."""
    if not _acts(rule) or not _meets(rule, upload):
        return None
    if rule.upload_days is None:
        return today + _DAY
    if upload.begun is None:
        return None
    return max(today, upload.begun.date() + timedelta(days=rule.upload_days)) + _DAY
