"""The answer of ``cloudscan reach`` for a person: direct readers first, then those by steps, then by changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TextIO

from cloudscan.access import Chokepoint, Edge, Path, Reader, Removal, Ruling, Way
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan.provider import Halfway
from cloudscan.reach.answers import Answer, Between, Changes, Overview, Reached, Readers, ToCut
from cloudscan.reach_reports import overview
from cloudscan.reach_reports.held import amount_of, nobody
from cloudscan.reach_reports.proofs import put_reasons, put_trusted, put_way
from cloudscan.reach_reports.reaching import put_between, put_reached
from cloudscan.reach_reports.scope import scope_line
from cloudscan.reach_reports.words import approval, counted, decided, names_of, reads, stand_ins, stands_still
from cloudscan.report import ReportOptions
from cloudscan.reports.page import Page
from cloudscan.undoing import undone
from cloudscan.wording import count, narrowing

_WAYS = {
    Way.DIRECT: "Directly, by rights of their own",
    Way.STEPS: "By steps that only use the cloud as it is",
    Way.CHANGES: "By steps that change the cloud",
}
_ALIKE_SHOWN = 3
"""Of readers that come the same way, how many are named before the rest is only counted."""

_NAMED = 3
"""Statements of a way that cannot go that are named; a question about the reader names all."""
_EACH = "OBJECT"
"""Stands for each of several in a command."""
_STATEMENTS_SHOWN = 30
"""Of the statements of a cut, how many are named before the rest is only counted."""


def render(answer: Answer, out: TextIO, options: ReportOptions) -> None:
    """Write the answer."""
    page = Page(out, options, names_of(answer).named)
    page.put((scope_line(answer), "dim"))
    match answer:
        case Overview():
            overview.put(page, answer, options)
        case Readers():
            _readers(page, answer, options)
        case Reached():
            put_reached(page, answer, options)
        case Between():
            put_between(page, answer, options)
        case ToCut():
            _cut(page, answer, options)


def _readers(page: Page, answer: Readers, options: ReportOptions) -> None:
    page.put((answer.target.id, "bold"))
    counts, nothing = answer.counts, nobody(answer)
    sorts = [f"{counts.direct:,} directly", f"{counts.by_steps:,} by steps"]
    sorts.append(f"{counts.by_changes:,} by steps that change the cloud")
    page.put((nothing, "yellow") if nothing else f"{counted(answer)}: {page.dot.join(sorts)}")
    _everybody(page, answer)
    if told := stand_ins(answer):
        page.put((told, "dim"))
    if told := approval(answer):
        page.put(told)
    if counts.conditional:
        page.put(f"{counts.conditional:,} of them only under a condition")
    if beside := sum(reader.way is Way.DIRECT and not reader.best.direct for reader in answer.readers):
        page.put(f"{beside:,} of them directly, under a condition, and surely by steps")
    if counts.unknown:
        page.put((f"{count(counts.unknown, 'more principal')} perhaps: something was not seen", "yellow"))
    for sentence in stands_still(answer):
        page.put((sentence, "yellow"))
    if answer.changes is not None:
        _changes(page, answer, answer.changes)
    for way in Way:
        if found := [reader for reader in answer.readers if reader.way is way]:
            page.title(f"{_WAYS[way]}: {len(found):,}")
            _grouped(page, answer, found, options)
    if answer.unknown:
        page.title(f"Unknown: {len(answer.unknown):,}")
        _unknown(page, answer, options)
    _halfway(page, answer.halfway, options)
    _chokepoints(page, answer.chokepoints)


def _unknown(page: Page, answer: Readers, options: ReportOptions) -> None:
    """Write of whom it is not known, those together for whom it hangs on the same."""
    hanging: dict[str, list[str]] = defaultdict(list)
    for reader in answer.unknown:
        hanging[f"{'; '.join(reader.best.unseen)}{decided(answer, reader)}"].append(reader.principal)
    for why, names in hanging.items():
        named = names if options.every else names[:_ALIKE_SHOWN]
        left = len(names) - len(named)
        page.put((", ".join(named), "cyan"), f" and {left:,} more (--all names them)" if left else "", f": {why}")


def _everybody(page: Page, answer: Readers) -> None:
    """Say what is counted: everybody on the Internet is one reader of many."""
    ones = [reader.principal for reader in answer.readers if reader.principal in (ANYONE, ANYONE_SIGNED_IN)]
    if ones:
        page.put((f"{' and '.join(sorted(ones))}: counted as one reader{' each' if len(ones) > 1 else ''}", "dim"))


def _chokepoints(page: Page, chokepoints: Sequence[Chokepoint]) -> None:
    if chokepoints:
        page.title("Through whom they pass")
        for one in chokepoints:
            come = "comes" if len(one.readers) == 1 else "come"
            page.put((one.principal, "cyan"), f": {count(len(one.readers), 'reader')} {come} only through it")


def _halfway(page: Page, groups: Sequence[Halfway], options: ReportOptions) -> None:
    many = len({principal for one in groups for principal in one.principals})
    if many:
        page.title(f"May get recordings and may not decrypt them: {many:,}")
    for one in groups:
        page.space()
        named = one.principals if options.every else one.principals[:_ALIKE_SHOWN]
        left = len(one.principals) - len(named)
        page.put((", ".join(named), "cyan"), f" and {left:,} more (--all names them)" if left else "", indent=2)
        put_reasons(page, one.reasons)


def _changes(page: Page, answer: Readers, changes: Changes) -> None:
    one, *more = answer.asked.without
    page.title(f"Without {count(len(more) + 1, 'statement')}" if more else f"Without {one}")
    for statement in (one, *more) if more else ():
        page.put((statement, "cyan"), indent=11, label="without")
    everybody = any(one.principal == ANYONE and one.verdict is Ruling.YES for one in answer.readers)
    for word, readers in (("no more", changes.gone), ("only then", changes.new)):
        for reader in readers:
            still = ": by ways of its own; it comes as anyone does" if readers is changes.gone and everybody else ""
            page.put((reader.principal, "cyan"), still, indent=11, label=word)
    for before, now in changes.other:
        was, is_ = (f"{one.best.way}, {one.verdict}" for one in (before, now))
        page.put((now.principal, "cyan"), f": {was}{page.arrow}{is_}", indent=11, label="otherwise")
    if not (changes.gone or changes.new or changes.other):
        page.put("nobody's access is any different")


def _grouped(page: Page, answer: Readers, readers: Sequence[Reader], options: ReportOptions) -> None:
    """Write readers with their paths; of those that come the same way, one path stands for all."""

    def likeness(reader: Reader) -> tuple[str, ...]:
        besides = answer.besides.get(reader.principal)
        return *_likeness(reader), *(_words(besides) if besides else ()), reads(answer, reader)

    for _, alike in groupby(sorted(readers, key=likeness), key=likeness):
        group = list(alike)
        page.space()
        for path in _told(group[0]):
            if path is not group[0].known[0]:
                page.put(f"and surely: {_WAYS[path.way].lower()}", indent=2)
            put_way(page, path)
        if besides := answer.besides.get(group[0].principal):
            page.put(f"and only under a condition, {amount_of(besides.grant)}:", indent=2)
            put_way(page, besides)
        page.put(reads(answer, group[0]), indent=2)
        put_trusted(page, answer, group[0].best.links[0].account, indent=2)
        others = group[1:] if options.every else group[1:_ALIKE_SHOWN]
        if others:
            page.put("the same way: ", ", ".join(reader.principal for reader in others), indent=2)
        if left := len(group) - 1 - len(others):
            page.put((f"and {left:,} more the same way (--all names them)", "dim"), indent=2)


def _likeness(reader: Reader) -> tuple[str, ...]:
    """What tells ways apart: whom they pass through, by which kinds of step, under which condition."""
    return tuple(word for path in _told(reader) for word in _words(path))


def _words(path: Path) -> Iterator[str]:
    yield from (path.ruling, path.condition, *path.nodes[1:])
    yield from (link.kind if isinstance(link, Edge) else link.by for link in path.links)
    if len(path.nodes) == 1:
        yield from (step.statement for step in path.steps)


def _told(reader: Reader) -> list[Path]:
    """Return the simplest of a reader's ways, and a surer one where it hangs on a condition."""
    simplest = reader.known[0]
    return [simplest] if simplest.ruling is reader.verdict else [simplest, reader.best]


def _cut(page: Page, answer: ToCut, options: ReportOptions) -> None:
    cut = answer.cut
    page.put((answer.target.id, "bold"))
    if not cut.readers_before:
        page.put(_only_kept(answer) or nobody(answer) or "nobody is known to read it")
        _perhaps(page, answer)
        return
    _outcome(page, answer)
    _perhaps(page, answer)
    shown = cut.removals if options.every else cut.removals[:_STATEMENTS_SHOWN]
    _removals(page, shown, answer.says)
    if more := len(cut.removals) - len(shown):
        page.put(
            (f"and {more:,} more (--all names them); the first end the known ways of most readers", "dim"), indent=4
        )
    _left(page, answer, options)
    if cut.removals:
        advice = "before a statement goes, see what else it serves: it may open more than this store; "
        rest = f"{narrowing(answer.target.store.provider)} closes as much and breaks less"
        hint = "" if answer.keep else "; --keep names who is to keep reading"
        page.put((f"{advice}{rest}{hint}", "dim"))


def _left(page: Page, answer: ToCut, options: ReportOptions) -> None:
    """Write who reads even so, those together who do by the same statements."""
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in answer.cut.left:
        if why := answer.cut.needed.get(name, {}):
            told = "; ".join(f"{statement}, spared since {who} is to keep reading" for statement, who in why.items())
            page.put((name, "yellow"), f" reads even so: by {told}", indent=4)
        else:
            alike[tuple(dict.fromkeys(step.statement for step in answer.hanging.get(name, ())))].append(name)
    for named, names in alike.items():
        shown = names if options.every else names[:_ALIKE_SHOWN]
        more = f" and {len(names) - len(shown):,} more (--all names them)" if len(shown) < len(names) else ""
        read = "reads" if len(names) == 1 else "read"
        page.put((", ".join(shown), "yellow"), f"{more} {read} even so: {_hanging(answer, named, names)}", indent=4)


def _hanging(answer: ToCut, named: Sequence[str], names: Sequence[str]) -> str:
    """Say on what ways hang that no statement ends which could go, and what would end them."""
    if not named:
        return "a way of it hangs on no statement that could go"
    steps = answer.hanging[names[0]]
    steps = steps if len(names) == 1 else [replace(step, source=_EACH) for step in steps if step.source == names[0]]
    told = f"by {'; '.join(named[:_NAMED])}"
    if not set(named).isdisjoint(answer.upkeep):
        return f"{told}, without which what it governs could not be administered any more"
    ends = undone(steps)
    return f"{told}, which is no statement that can go by itself{f'. {ends}' if ends else ''}"


def _only_kept(answer: ToCut) -> str:
    """Say that nobody reads but who is to, where somebody is."""
    return f"only {', '.join(answer.keep)} read it, who are to keep it" if answer.keep else ""


def _outcome(page: Page, answer: ToCut) -> None:
    """Say how many statements it is, who would be left, and who is to keep reading."""
    cut = answer.cut
    before, statements = count(cut.readers_before, "known reader"), count(len(cut.removals), "statement")
    if answer.keep:
        before += f" beside {', '.join(answer.keep)}, to be kept,"
    if not cut.left:
        fewest = "the fewest that do it" if cut.fewest else "a smaller set may do it"
        sure = " who surely reads" if answer.perhaps else ""
        page.put(f"take away {statements} ({fewest}): of {before} none would be left{sure}")
        return
    fewest = "the fewest for the others" if cut.fewest else "a smaller set may do as much"
    page.put(f"of {before} {cut.readers_after:,} cannot be kept out by taking statements away")
    page.put(f"take away {statements} ({fewest})" if cut.removals else "no statement that could go keeps anybody out")


def _removals(page: Page, removals: Iterable[Removal], says: Mapping[str, str]) -> None:
    """Write statements with what they say, and the readers who are gone since they were last counted."""
    counted = 0
    for number, one in enumerate(removals, start=1):
        gone = ""
        if one.readers_gone is not None:
            since = f" with {counted + 1} to {number}" if counted + 1 < number else ""
            gone, counted = f": {_gone(one.readers_gone)}{since}", number
        page.put((one.statement, "cyan"), f" ({one.kind}){gone}", indent=4, label=f"{number}. ")
        if told := says.get(one.statement):
            page.put(told, indent=4)


def _gone(readers: int) -> str:
    """Say how many read no more; where another statement lets the same ones read, it takes both."""
    return f"{count(readers, 'reader')} gone" if readers else "nobody gone by it alone, but needed with the others"


def _perhaps(page: Page, answer: ToCut) -> None:
    """Say who may read even so: not known is not gone."""
    if not answer.perhaps:
        return
    page.put((f"{count(len(answer.perhaps), 'principal')} may read it even so: something was not seen", "bold yellow"))
    for reader in answer.perhaps:
        page.put((reader.principal, "yellow"), f": {'; '.join(reader.best.unseen)}", indent=4)
