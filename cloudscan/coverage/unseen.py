"""What was not looked at, where somebody asks for what is older than some days: without it, "nothing" is not said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloudscan.audio import UNSURE_EXTENSIONS
from cloudscan.collection.sampling import ANY_VERSION, NOT_LOOKED_AT
from cloudscan.estate import Estate
from cloudscan.model import Answer, Gap, MediaClass, Store, Why
from cloudscan.provider import Facet
from cloudscan.retention import clears_uploads
from cloudscan.wording import count


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something of one store, account or collection that was not looked at, and the permissions that would show it."""

    where: str
    what: str
    permissions: tuple[str, ...] = ()


def oldest_day(now: datetime, days: int) -> datetime:
    """Return the moment before which what was written is older than so many days: ages are whole days."""
    return now - timedelta(days=days + 1)


def far_from(estate: Estate, now: datetime) -> str | None:
    """Say that ages are measured on another day than the one that was looked at; None where they are not."""
    manifest = estate.manifest
    if manifest is None:
        return None
    after, before = (now - manifest.finished).days, (manifest.started - now).days
    if after > 0:
        return (
            f"ages are measured on {now:%Y-%m-%d}, {count(after, 'day')} after the snapshot was finished:"
            " what was written or deleted since then is not in it"
        )
    if before > 0:
        return (
            f"ages are measured on {now:%Y-%m-%d}, {count(before, 'day')} before the collection began:"
            " what was deleted in between is not in it"
        )
    return None


def _between(estate: Estate, days: int, now: datetime) -> Iterator[Unseen]:
    """Yield what came or went between the collection and the day of the question, if it may be older on that day."""
    manifest = estate.manifest
    if manifest is None:
        return
    if (manifest.started - now).days > 0:
        yield Unseen("the snapshot", f"what was deleted after {now:%Y-%m-%d} and before {manifest.started:%Y-%m-%d}")
    if manifest.finished < oldest_day(now, days):
        yield Unseen("the snapshot", f"what was written after it was finished on {manifest.finished:%Y-%m-%d}")


_UNSETTLED = """
    SELECT store, count(*) FILTER (media = 'unsettled' AND modified <= ?), count(*) FILTER (modified IS NULL),
        count(*) FILTER (NOT current),
        count(*) FILTER (media = 'unsettled' AND modified <= ? AND (format LIKE '%text' OR format LIKE '%json'))
    FROM objects WHERE NOT delete_marker GROUP BY store ORDER BY store
"""
_ONLY_NAMED = f"""
    WITH named AS ({ANY_VERSION})
    SELECT store, count(*) FROM named WHERE {NOT_LOOKED_AT} AND modified <= ?
    GROUP BY store ORDER BY store
"""  # noqa: S608 - our own names


_OLDER_DELETED = """
    SELECT store, count(*) FROM deleted
    WHERE media <> 'other' AND (modified IS NULL OR (media = 'unsettled' AND modified <= ?))
    GROUP BY store ORDER BY store
"""


def unseen(estate: Estate, stores: Sequence[Store], days: int, now: datetime) -> Iterator[Unseen]:
    """Yield what of an estate was not looked at by somebody who asks on a day for what is older than so many days."""
    limit = oldest_day(now, days)
    yield from _unlisted_stores(estate)
    yield from _between(estate, days, now)
    rows = estate.objects.query(_UNSETTLED, [limit.replace(tzinfo=None)] * 2)
    counts = {name: numbers for name, *numbers in rows}
    named = dict(estate.objects.query(_ONLY_NAMED, [sorted(UNSURE_EXTENSIONS), limit.replace(tzinfo=None)]))
    gone = dict(estate.objects.query(_OLDER_DELETED, [limit.replace(tzinfo=None)]))
    for store in stores:
        unsettled, undated, old, written = counts.get(store.id, (0, 0, 0, 0))
        yield from _unlisted(estate, store, old, gone.get(store.id, 0), days, now)
        if written:
            yield Unseen(store.id, f"{count(written, 'older object')} of text that may be a transcript")
        if silent := unsettled - written:
            what = f"{count(silent, 'older object')} of which it is not settled whether that is speech"
            yield _unread(estate, store, what, "")
        if open_names := named.get(store.id, 0):
            what = f"{count(open_names, 'older object')} under names that transcripts and packed recordings have, too"
            yield _unread(estate, store, what, ": collect with a higher --sniff than {sniff:,}")
        if undated:
            yield Unseen(store.id, f"the age of {count(undated, 'object')}")
        yield from _open_uploads(estate, store, limit)


def _unread(estate: Estate, store: Store, what: str, again: str) -> Unseen:
    """Return that first bytes were not read: why, or how to read them. ``again`` says it where some were."""
    scope = estate.manifest.scope.get(store.provider, {}) if estate.manifest else {}
    sniff = scope.get("sniff") or 0
    gaps = [*estate.gaps_on(store.id, Facet.HEADS)] if sniff else []
    if gaps:
        reasons = "; ".join(dict.fromkeys(map(why, gaps)))
        return Unseen(store.id, f"{what}: their first bytes were not read ({reasons})", permissions(gaps))
    return Unseen(store.id, what + (again.format(sniff=sniff) if sniff else ": collect with --sniff"))


def _unlisted_stores(estate: Estate) -> Iterator[Unseen]:
    """Yield the stores that nobody saw: those behind a gap, deleted ones, and those that were not to be looked at."""
    gaps = [gap for gap in estate.gaps if gap.facet in (Facet.STORES, Facet.ACCOUNTS)]
    alike = Counter((gap.resource or gap.account, gap.operation) for gap in gaps)
    for gap in gaps:
        where = gap.resource or gap.account
        place = in_region(where, gap.region) if alike[where, gap.operation] > 1 else where
        yield Unseen(place, f"which stores there are ({why(gap)})", permissions([gap]))
    for gap in (gap for gap in estate.gaps if gap.facet == Facet.DELETED and gap.resource not in estate.stores):
        yield Unseen(gap.resource, f"what was deleted together with its store ({_told(gap)})", permissions([gap]))
    yield from left_out(estate)


def left_out(estate: Estate) -> Iterator[Unseen]:
    """Yield what whoever collected chose not to look at: stores by their names, and whole regions."""
    for provider, asked in sorted(estate.manifest.scope.items()) if estate.manifest else ():
        if patterns := asked.get("stores"):
            several = f"matches none of {', '.join(patterns)}"
            name = f"does not match {patterns[0]}" if len(patterns) == 1 else several
            yield Unseen(provider, f"stores whose name {name}")
        if named := ", ".join(estate.only_regions(provider)):
            yield Unseen(provider, f"stores, speech jobs and backups outside {named}")


def _unlisted(estate: Estate, store: Store, old: int, deleted: int, days: int, now: datetime) -> Iterator[Unseen]:
    """Yield what was not listed of a store, and may have been there before the limit."""
    if store.retention_hours is not None:  # it ages what it keeps by itself
        if store.retention_hours > 24 * days:
            yield Unseen(store.id, f"what it keeps by itself for {count(store.retention_hours // 24, 'day')}")
        return
    gaps = [*estate.gaps_on(store.id, Facet.OBJECTS)]
    gaps += [gap for gap in estate.gaps_on(store.account, Facet.OBJECTS) if gap.provider == store.provider]
    for gap in gaps:
        if gap.since is not None and gap.since >= oldest_day(now, days):
            if copies := [name for name, other in sorted(estate.stores.items()) if _copies_to(other, store)]:
                what = f"what {', '.join(copies)} copied there since its inventory, with the date of what that is of"
                yield Unseen(store.id, what)
            continue  # what else came later is too young
        part = "objects that came later" if gap.since else "the rest" if gap.why is Why.LIMIT else "all"
        what = part if gap.since else f"{part} of its objects"
        yield Unseen(store.id, f"{what} ({why(gap)})", permissions([gap]))
    if estate.unasked(store.provider, store.account, Facet.OBJECTS):
        yield Unseen(store.id, "its objects: the collection did not ask for them")
    if store.versioning != "disabled" and not old and not estate.asked_versions(store.provider):
        yield Unseen(store.id, "old versions of its objects: collect with --versions")
    yield from _unlisted_uploads(estate, store, days)
    yield from _deleted(estate, store, deleted)


def _copies_to(store: Store, target: Store) -> bool:
    return any(rule.target == target.id for rule in store.replication or ())


def _deleted(estate: Estate, store: Store, older: int) -> Iterator[Unseen]:
    """Yield what was deleted and can be got back, where its name does not tell what it is: nobody reads it before."""
    if (what := deleted_unlisted(estate, store)) is not None:
        yield Unseen(store.id, what, permissions(estate.gaps_on(store.id, Facet.DELETED)))
    elif older:
        back = f"which can be got back{_for_days(store)}"
        yield Unseen(store.id, f"{count(older, 'older deleted object')} that may be speech or a transcript, {back}")


def deleted_unlisted(estate: Estate, store: Store) -> str | None:
    """Say that what was deleted and can be got back was not listed, and why; None where it was, or nothing can be.

    What was deleted before soft delete was switched off, or its days were changed, stays as long as was set then
    ("Soft delete", Cloud Storage; "Soft delete for blobs", Azure Storage).
    """
    if store.keeps_deleted is Answer.NO or store.retention_hours is not None:
        return None
    gaps = estate.gaps_on(store.id, Facet.DELETED)
    if not gaps and estate.asked(store.provider, store.account, Facet.DELETED):
        return None
    how = f" ({_told(gaps[0])})" if gaps else ": collect with --versions"
    if store.soft_delete_days:
        return f"deleted objects, which can be got back{_for_days(store)}{how}"
    if store.soft_delete_days is None:
        return f"whether deleted objects can be got back{how}"
    return f"objects that were deleted before soft delete was switched off, if there are any{how}"


def _told(gap: Gap) -> str:
    """Say why what was deleted was not seen, in our own words where no cloud would show it."""
    return (gap.why is Why.UNSUPPORTED and gap.detail) or why(gap)


def _for_days(store: Store) -> str:
    return f" for {count(store.soft_delete_days, 'day')}" if store.soft_delete_days else ""


def _unlisted_uploads(estate: Estate, store: Store, days: int) -> Iterator[Unseen]:
    """Yield that uploads were not listed, unless a rule makes certain that none is older."""
    gaps = [*estate.gaps_on(store.id, Facet.UPLOADS)]
    cleared = clears_uploads(store)
    if (estate.asked(store.provider, store.account, Facet.UPLOADS) and not gaps) or (cleared or days + 1) <= days:
        return
    what = "uploads that were not finished, which no rule clears by then"
    if gaps:
        yield Unseen(store.id, f"{what} ({why(gaps[0])})", permissions(gaps))
        return
    cure = f"a rule that aborts those of the whole store within {count(days, 'day')} makes it certain, or collect with"
    yield Unseen(store.id, f"{what}: {cure} --versions" if days else f"{what}: collect with --versions")


def _open_uploads(estate: Estate, store: Store, limit: datetime) -> Iterator[Unseen]:
    """Yield the uploads of which nothing tells whether they are older speech: no part of one can be read."""
    uploads = estate.uploads.get(store.id, ())
    older = [upload for upload in uploads if upload.begun is not None and upload.begun <= limit]
    unsure = sum(
        upload.media == MediaClass.UNSETTLED
        or (upload.media == MediaClass.OTHER and upload.key.rpartition(".")[2].lower() in UNSURE_EXTENSIONS)
        for upload in older
    )
    if unsure:
        what = "that was not finished and" if unsure == 1 else "that were not finished and"
        yield Unseen(store.id, f"{count(unsure, 'older upload')} {what} whose name leaves open whether that is speech")
    if undated := sum(upload.begun is None for upload in uploads):
        yield Unseen(store.id, f"the age of {count(undated, 'upload')}")


def in_region(where: str, region: str) -> str:
    """Name an account in a region, or, where a cloud has none, the account alone."""
    return f"{where} in {region}" if region else where


def why(gap: Gap) -> str:
    """Say why something was not seen: "denied: s3:GetBucketPolicy"; of what was left out, by what choice."""
    words = gap.detail or "left out by the limit that was set" if gap.why is Why.LIMIT else gap.why.value
    return f"{words}: {gap.operation}"


def cited(gap: Gap) -> str:
    """Name a gap as the evidence of findings does, by which what one of them tells is not told again."""
    return f"{gap.operation}: {gap.why}"


def is_of_unused(gap: Gap) -> bool:
    """Say whether a gap is about a service that the account does not use: nothing of it can be there.

    Such a gap names the service below its account as what was asked.
    """
    return gap.why is Why.DISABLED and gap.resource.startswith(f"{gap.account}/")


def permissions(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """Return the permissions that would have shown what was denied."""
    return tuple(gap.permission for gap in gaps if gap.permission and gap.why is Why.DENIED)
