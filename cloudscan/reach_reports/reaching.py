"""For a person: what one principal can come to read, and by which ways it comes to read one store."""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.access import Effect, Path, Way
from cloudscan.model import MediaClass
from cloudscan.reach.answers import Between, Reached
from cloudscan.reach_reports.held import amount, amount_of, nobody, nothing_held
from cloudscan.reach_reports.proofs import put_reasons, put_trusted, put_way
from cloudscan.reach_reports.words import ending, shown, sorts, stranger
from cloudscan.report import ReportOptions
from cloudscan.reports.digest import length, tenths
from cloudscan.reports.page import Page
from cloudscan.wording import count

_SHOWN = 10
"""Ways that are written out before the rest is only counted."""
_WAYS = {Way.DIRECT: "directly", Way.STEPS: "by steps", Way.CHANGES: "by changes"}


def put_reached(page: Page, answer: Reached, options: ReportOptions) -> None:
    """Write how much it is, a line for each store and class of objects, and the ways with their proofs."""
    blast = answer.blast
    _asking(page, answer)
    if answer.paths:
        told = ((blast.seconds_direct, Way.DIRECT), (blast.seconds_by_steps, Way.STEPS))
        parts = [(seconds, _WAYS[way]) for seconds, way in (*told, (blast.seconds_by_changes, Way.CHANGES)) if seconds]
        split = f": {', '.join(f'{length(seconds / 3600)} {words}' for seconds, words in parts)}" if parts else ""
        stores = count(len(blast.stores), "store")
        page.put(f"can come to read {amount(blast.objects, blast.seconds)}, in {stores}{split}")
    elif nothing := nothing_held(answer):
        page.put((nothing, "yellow"))
    elif answer.unknown:
        page.put(("whether it can read anything, by its own ways, is not known: something was not seen", "yellow"))
    else:
        page.put("nothing that was seen lets it, by its own ways, read any recording or transcript of the snapshot")
    if blast.seconds_conditional:
        page.put(f"{length(blast.seconds_conditional / 3600)} of it only under a condition")
    if blast.seconds_unknown:
        page.put((f"{length(blast.seconds_unknown / 3600)} more perhaps: something was not seen", "yellow"))
    own = (*answer.paths, *answer.unknown)
    written = options.every or not (own or answer.secret)
    _open(page, answer, written=written)
    every = (*own, *answer.open)
    if len(every) > 1:
        page.space()
        page.table(
            ("store", "class", "how", "answer", "objects", "hours"), (_row(answer, path) for path in every), words=4
        )
    _each(page, every if written else own, options)
    _stopping(page, answer)


def _row(answer: Reached, path: Path) -> list[str]:
    grant = path.grant
    how = f"{_WAYS[path.way]}{'' if path.principal == answer.principal else ', as anyone'}"
    hours = tenths(grant.seconds / 3600) if path.media is MediaClass.SPEECH else "-"
    return [path.store, path.media or "", how, path.ruling, f"{grant.objects:,}", hours]


def put_between(page: Page, answer: Between, options: ReportOptions) -> None:
    """Write how many ways there are of which sort, the best of them, and what is missing of a right of its own."""
    _asking(page, answer)
    if nothing := nobody(answer):
        page.put((nothing, "yellow"))
    many = len(answer.paths)
    least = "at least " if answer.paths.cut_off else ""
    own = "way of its own" if many == 1 else "ways of its own"
    most = "without any step" if answer.asked.direct else f"of at most {count(answer.max_steps, 'step')}"
    page.put(f"{least}{many:,} {own}, {most}, to {answer.target.id}")
    if many > 1:
        page.put(sorts(answer.paths))
    _open(page, answer, written=True)
    _each(page, (*answer.paths, *answer.open), options)
    if answer.paths.cut_off:
        page.put((f"there are more than these {many:,} ways: a higher --paths looks for them", "yellow"))
    if answer.missing:
        page.title("Why it does not read by rights of its own")
        page.put((answer.missing.key, "cyan"), " is an object that it has no right of its own to read:")
        put_reasons(page, sorted(answer.missing.decision.proof, key=lambda each: each.effect is Effect.ALLOWS))
    if answer.held_back:
        _put_held_back(page, answer, options)
    _stopping(page, answer)


def _put_held_back(page: Page, answer: Between, options: ReportOptions) -> None:
    """Write which steps something stops, and what; of many only the first, unless all are asked for."""
    page.title("What holds back the steps that it has rights for")
    shown = answer.held_back if options.every else answer.held_back[:_SHOWN]
    for one in shown:
        page.put((" or ".join(one.actions), "cyan"), f" on {one.resource}:")
        put_reasons(page, one.reasons)
    if left := len(answer.held_back) - len(shown):
        page.put((f"and {count(left, 'more step')}: --all writes out every one", "yellow"))


def _stopping(page: Page, answer: Reached | Between) -> None:
    if sentence := ending(answer):
        page.space()
        page.put((sentence, "bold"))


def _asking(page: Page, answer: Reached | Between) -> None:
    """Say who is asked about."""
    page.put((answer.principal, "bold"))
    known = answer.asked.estate.principals.get(answer.principal)
    path = next(iter(answer.paths), None)
    put_trusted(page, answer, known.account if known else path.links[0].account if path else "")
    if sentence := shown(answer):
        page.put((sentence, "yellow"))
    if sentence := stranger(answer):
        page.put((sentence, "yellow"))


def _open(page: Page, answer: Reached | Between, *, written: bool) -> None:
    if answer.open:
        where = ", last below" if written else " (--all writes them out; --from anyone tells of them alone)"
        page.put(f"and what is open to anyone, besides: {count(len(answer.open), 'way')}{where}")


def _each(page: Page, paths: Sequence[Path], options: ReportOptions) -> None:
    """Write ways with their proofs; of many only the best, unless all are asked for."""
    shown = paths if options.every else paths[:_SHOWN]
    for path in shown:
        held = amount_of(path.grant)
        page.title(page.dot.join((path.store, path.media or "", held, path.way, path.ruling)))
        put_way(page, path)
    if left := len(paths) - len(shown):
        page.space()
        page.put((f"and {count(left, 'more way')}: --all writes out every one", "yellow"))
