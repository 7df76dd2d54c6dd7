"""The answer of ``cloudscan retention`` for a person: the sentence first, then what is older, then what nobody saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO, TypeVar

from cloudscan.model import Answer, MediaClass
from cloudscan.older import Kept, Older
from cloudscan.report import ReportOptions
from cloudscan.reports.page import Page
from cloudscan.retention.uploads import OldUploads
from cloudscan.wording import as_old, count, lasting

K = TypeVar("K", Kept, OldUploads)
_NOUNS = {MediaClass.SPEECH: "recording", MediaClass.TRANSCRIPT: "transcript", MediaClass.VIDEO: "video"}
_NAMED = 3
"""Stores that a line names before it counts the rest."""
_INDENT = 4


def render(answer: Older, out: TextIO, options: ReportOptions) -> None:
    """Write the answer."""
    page = Page(out, options)
    page.put((f"ages measured on {answer.now:%Y-%m-%d}{page.dot}{count(len(answer.seen), 'store')}", "dim"))
    if answer.far:
        page.put((answer.far, "yellow"))
    page.put(*_sentence(answer))
    if answer.exists is Answer.YES:
        page.put((f"looked at: {_looked_at(answer)}", "dim"))
    kept, uploads = _by_store(answer.found), _by_store(answer.uploads)
    for store in sorted({*kept, *uploads}):
        page.space()
        page.put((store, "bold"))
        for one in kept.get(store, ()):
            _kept(page, one, answer)
        for several in uploads.get(store, ()):
            _begun(page, several, answer)
    if answer.found or answer.uploads:
        page.space()
        page.put(("every key, with its age and what becomes of it: -f csv:FILE or -f ndjson:FILE", "dim"))
    _unseen(page, answer, options)


def _sentence(answer: Older) -> list[tuple[str, str]]:
    limit = count(answer.days, "day")
    if answer.exists is Answer.YES:
        held: list[Kept | OldUploads] = [*answer.found, *answer.uploads]
        stores = len({one.store for one in held})
        oldest = min(one.oldest for one in held if one.oldest)
        begun = sum(one.uploads for one in answer.uploads)
        parts = [_amounts(answer.found), count(begun, "unfinished upload") if begun else ""]
        verb = "is" if sum(one.objects for one in answer.found) + begun == 1 else "are"
        told = f"{', '.join(part for part in parts if part)} in {count(stores, 'store')} {verb} older than {limit}"
        return [(f"{told}; the oldest is {count((answer.now - oldest).days, 'day')} old", "bold red")]
    if answer.exists is Answer.NO:
        return [
            (f"{_nothing(answer)} older than {limit} exists: all was looked at, {_looked_at(answer)}", "bold green")
        ]
    told = f"{_nothing(answer)} older than {limit} was seen, but not everything was looked at: {_looked_at(answer)}"
    return [(told, "bold yellow")]


def _nothing(answer: Older) -> str:
    """Say what is not there of what was asked for: "nothing", or "no recording" where that alone was asked for."""
    return "nothing" if set(answer.media) >= set(_NOUNS) else f"no {_any_of(answer)}"


def _any_of(answer: Older) -> str:
    nouns = [_NOUNS[media] for media in answer.media]
    return " or ".join(filter(None, (", ".join(nouns[:-1]), nouns[-1])))


def _looked_at(answer: Older) -> str:
    """Say what was listed of what was asked for, of how many objects in all, and of how many only names tell."""
    parts = [count(number, _NOUNS[media]) for media in answer.media if (number := answer.listed(media))]
    whole, named = answer.listed(), answer.by_name()
    listed = ", ".join(parts) or f"no {_any_of(answer)}"
    told = f"{listed} among {count(whole, 'object')} in {count(len(answer.seen), 'store')}"
    return f"{told}{_by_name(whole, named)}{_by_inventory(answer)}"


def _by_name(whole: int, named: int) -> str:
    if not named:
        return ""
    which = f"{'all' if named == whole else f'{named:,}'} of which {'is' if named == 1 else 'are'}"
    return f", {'which is' if whole == 1 else which} none by name or type alone"


def _by_inventory(answer: Older) -> str:
    """Say of how many stores an inventory was read in place of a list, and what the oldest of these leaves out."""
    if not answer.inventories:
        return ""
    stores = count(len(answer.inventories), "store")
    days = sorted(f"{until:%Y-%m-%d}" for until in answer.inventories.values())
    newest = f", the newest of them nothing after {days[-1]}" if days[-1] != days[0] else ""
    return f"; {stores} by inventory alone, which tells nothing that came after {days[0]}{newest}"


def _amounts(found: Sequence[Kept]) -> str:
    parts = []
    for media, noun in _NOUNS.items():
        several = [one for one in found if one.media is media]
        if several:
            length = lasting(sum(one.seconds for one in several))
            parts.append(f"{count(sum(one.objects for one in several), noun)}{length}")
    return ", ".join(parts)


def _kept(page: Page, one: Kept, answer: Older) -> None:
    age = f"the oldest {count((answer.now - one.oldest).days, 'day')}" if one.oldest else ""
    sort = as_old(answer.estate.stores[one.store].provider) if one.old_versions else ""
    parts = [part for part in (f"{_amounts([one])}", sort, age, _end(one)) if part]
    page.put((one.prefix or "(no prefix)", "bold"), "  ", page.dot.join(parts), indent=_INDENT, label="  ")
    for reason in one.reasons:
        page.put(reason, indent=_INDENT + 2, label=" " * _INDENT + "- ")


def _begun(page: Page, one: OldUploads, answer: Older) -> None:
    what = count(one.uploads, f"upload of {_NOUNS[one.media]}s")
    days = f"{one.first}" if one.first == one.last else f"{one.first} to {one.last}"
    ends = {Answer.YES: f"cleared by {days}", Answer.NO: "never cleared"}.get(
        one.ends, "whether it is cleared is unknown"
    )
    age = f"the oldest begun {count((answer.now - one.oldest).days, 'day')} ago"
    page.put(("unfinished uploads", "bold"), "  ", page.dot.join((what, age, ends)), indent=_INDENT, label="  ")
    for reason in one.reasons:
        page.put(reason, indent=_INDENT + 2, label=" " * _INDENT + "- ")


def _by_store(found: Iterable[K]) -> Mapping[str, Sequence[K]]:
    held: dict[str, list[K]] = defaultdict(list)
    for one in found:
        held[one.store].append(one)
    return held


def _end(one: Kept) -> str:
    more = f", and can be got back for {count(one.recoverable, 'day')} more" if one.recoverable else ""
    days = f"{one.first}" if one.first == one.last else f"{one.first} to {one.last}"
    if one.ends is Answer.YES:
        return f"deleted by {days}{more}"
    if one.ends is Answer.UNKNOWN:
        return (
            f"perhaps deleted, on {one.first} at the earliest" if one.first else "whether it is ever deleted is unknown"
        )
    return "never deleted"


def _unseen(page: Page, answer: Older, options: ReportOptions) -> None:
    if not answer.unseen:
        return
    page.title("Not looked at")
    by_what: dict[str, list[str]] = {}
    for one in answer.unseen:
        by_what.setdefault(one.what, []).append(one.where)
    for what, places in by_what.items():
        shown = places if options.every else places[:_NAMED]
        more = f" and {len(places) - len(shown):,} more" if len(places) > len(shown) else ""
        page.put(f"{what}: {', '.join(shown)}{more}", indent=2, label="- ")
    permissions = sorted({name for one in answer.unseen for name in one.permissions})
    if permissions:
        page.put(f"permissions that would show more: {', '.join(permissions)}", indent=2, label="- ")
