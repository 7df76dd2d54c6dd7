"""What a picture says in words: its title, its description, and the text of boxes and links."""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.access import ALWAYS, Blast, Path, Reader, Reason, Ruling, Way, sentence
from cloudscan.model import Store
from cloudscan.provider import StoppedKey
from cloudscan.reach.answers import Answer, Between, Overview, Reached, Readers, ToCut
from cloudscan.reach.lookup import calls, outside
from cloudscan.reach_reports.held import amount, nobody, nothing_held
from cloudscan.reach_reports.picture import Box, Link, Picture
from cloudscan.reports.digest import length
from cloudscan.reports.escape import terminal
from cloudscan.reports.names import Names
from cloudscan.wording import count

_NAMED = 3
"""Members that a box names before it counts the rest."""
_NOTES = 3
"""Conditions that are named beside a link."""
BOXES = {
    "": "a principal of the estate",
    "through": "others come through it",
    "outside": "outside the estate",
    "store": "what is read",
}
"""What the colours of boxes mean."""
LINKS = "thin: as the cloud is; thick: changes the cloud; broken: under a condition, or something was not seen"
"""What the strokes of links mean where they have no legend of their own."""


def names_of(answer: Answer) -> Names:
    """Return names as they are said where an answer is about one account's things."""
    estate = answer.asked.estate
    if isinstance(answer, Overview):
        return Names("", estate, answer.asked.policy)
    if isinstance(answer, Reached):
        known = estate.principals.get(answer.principal)
        return Names(known.account if known else "", estate, answer.asked.policy)
    found, store = answer.target.found, answer.target.store
    called = {answer.target.id: f"{store.name}/{found.key}"} if found else {}
    return Names(store.account, estate, answer.asked.policy, called)


def title(answer: Answer, names: Names) -> str:
    """Say what the picture shows."""
    match answer:
        case Readers():
            return f"Who can come to read {plain(names, answer.target.id)}"
        case Reached():
            return f"What {plain(names, answer.principal)} can come to read"
        case Between():
            return f"How {plain(names, answer.principal)} comes to read {plain(names, answer.target.id)}"
        case Overview():
            return "What can be asked about"
        case ToCut():
            return f"What to take away so that nobody reads {plain(names, answer.target.id)}"


def summary(answer: Answer) -> str:
    """Say the outcome in a sentence or two."""
    match answer:
        case Readers():
            counts = answer.counts
            apart = (
                f"{counts.direct:,} by their own rights, {counts.by_steps:,} by steps that only use"
                f" the cloud, {counts.by_changes:,} by steps that change it"
            )
            parts = [
                nobody(answer) or f"{counted(answer)}: {apart}.".capitalize(),
                f"{stand_ins(answer)}.".capitalize() if stand_ins(answer) else "",
                f"{approval(answer)}." if approval(answer) else "",
                f"{counts.conditional:,} of them only under a condition." if counts.conditional else "",
                f"Of {counts.unknown:,} more it is not known, since something was not seen." if counts.unknown else "",
                f"{count(len(answer.waiting), 'principal')} would read without changing anything if keys that"
                " stand still served requests."
                if any(not one.barred for one in answer.stopped)
                else "",
            ]
            return " ".join(filter(None, parts))
        case Reached():
            blast = answer.blast
            by = ((blast.seconds_by_steps, "only use the cloud"), (blast.seconds_by_changes, "change it"))
            parts = [f"{length(seconds / 3600)} of it by steps that {words}" for seconds, words in by if seconds]
            stores = f"{amount(blast.objects, blast.seconds)}, in {count(len(blast.stores), 'store')}"
            if answer.unknown and not answer.paths:
                stores = "whether it can read anything, by its own ways, is not known: something was not seen"
            anyones = f" What is open to anyone, besides: {count(len(answer.open), 'way')}." if answer.open else ""
            who = "".join(f" {words[0].upper()}{words[1:]}." for words in (stranger(answer), shown(answer)) if words)
            return nothing_held(answer) or f"{', '.join([stores, *parts])}.{who}{anyones}"
        case Between():
            more = " There are more than these." if answer.paths.cut_off else ""
            anyones = f" What is open to anyone, besides: {count(len(answer.open), 'way')}." if answer.open else ""
            some = f": {sorts(answer.paths)}" if answer.paths else ""
            most = "without any step" if answer.asked.direct else f"of at most {count(answer.max_steps, 'step')}"
            told = f"{count(len(answer.paths), 'way')} {most}{some}."
            who = "".join(f" {words[0].upper()}{words[1:]}." for words in (stranger(answer), shown(answer)) if words)
            return nobody(answer) or f"{told}{more}{who}{anyones}"
        case Overview():
            return f"{count(len(answer.stores), 'store')}, {count(len(answer.principals), 'principal')}."
        case ToCut():
            return f"{count(len(answer.cut.removals), 'statement')}."


def counted(answer: Readers) -> str:
    """Say how many read the target."""
    return f"{'at least ' if answer.counts.at_least else ''}{count(answer.counts.readers, 'reader')}"


def stand_ins(answer: Readers) -> str:
    """Say that groups which are told are not counted beside who is in them, "" where there are none."""
    groups = [reader for reader in (*answer.readers, *answer.unknown) if reader.principal in answer.in_place]
    told = f"{count(len(groups), 'group')}, told as well, {'counts' if len(groups) == 1 else 'count'}"
    return f"{told} as whoever is in {'it' if len(groups) == 1 else 'them'}" if groups else ""


def shown(answer: Reached | Between) -> str:
    """Say what is known of a secret that was asked about; "" where a principal was."""
    return f"whoever has {answer.secret.names[0]} {answer.secret.says}" if answer.secret else ""


def ending(answer: Reached | Between) -> str:
    """Say how a secret that was asked about is stopped; "" where a principal was, or nothing is known of its kind."""
    return f"to stop whoever has it: {answer.secret.ends}" if answer.secret and answer.secret.ends else ""


def stranger(answer: Reached | Between) -> str:
    """Say of somebody outside the estate who has no way of its own that it comes as everybody can, "" of others."""
    if answer.paths or not outside(answer.asked.estate, answer.principal):
        return ""
    if isinstance(answer, Reached) and answer.unknown:
        return ""
    return "no document that was read lets it in by name: it comes as anyone signed in to the cloud does"


def sorts(paths: Sequence[Path]) -> str:
    """Count ways by their sort, what there is of each, and how many of all are not sure."""
    ways, rulings = [path.way for path in paths], [path.ruling for path in paths]
    kinds = ((Way.DIRECT, "direct"), (Way.STEPS, "by steps that only use the cloud"))
    told = [(ways.count(way), words) for way, words in (*kinds, (Way.CHANGES, "by steps that change it"))]
    unsure = [(rulings.count(Ruling.IF), "under a condition"), (rulings.count(Ruling.UNKNOWN), "not known")]
    apart = " and ".join(f"{many:,} {words}" for many, words in unsure if many)
    return ", ".join(f"{many:,} {words}" for many, words in told if many) + (f"; of these {apart}" if apart else "")


def approved(answer: Answer, store: Store, principal: str) -> bool | None:
    """Say whether the policy file approves of a reader of a store; None where it names no readers of it."""
    rule = answer.asked.policy.approved_readers_of(store)
    return rule.include(*calls(answer.asked.estate, principal)) if rule else None


def approval(answer: Readers) -> str:
    """Say how many readers the policy file approves of, "" where it names none for the store."""
    said = [approved(answer, answer.target.store, reader.principal) for reader in answer.readers]
    if None in said or not said:
        return ""
    return f"{said.count(True):,} approved by the policy file, {said.count(False):,} not approved"


def decided(answer: Readers, reader: Reader) -> str:
    """Say whether the policy file approves of a reader, "" where it does not decide that."""
    said = approved(answer, answer.target.store, reader.principal)
    return "" if said is None else ", approved" if said else ", not approved"


def reads(answer: Readers, reader: Reader) -> str:
    """Say how much a reader reads of the target, and whether the policy file approves of it."""
    blast = answer.reads[reader.principal]
    perhaps = f", {length(blast.seconds_unknown / 3600)} of speech {'more ' if blast.objects else ''}perhaps"
    held = amount(blast.objects, blast.seconds) if blast.objects or not blast.seconds_unknown else "nothing for sure"
    direct = f", {blast.objects_direct:,} of them by rights of its own" if _in_part(blast) else ""
    hanging = f", {blast.objects_conditional:,} of them only under a condition" if _in_doubt(blast) else ""
    return f"reads {held}{direct}{hanging}{perhaps if blast.seconds_unknown else ''}{decided(answer, reader)}"


def _in_part(blast: Blast) -> bool:
    """Say whether steps open more than rights of one's own, and these something."""
    return 0 < blast.objects_direct < blast.objects


def _in_doubt(blast: Blast) -> bool:
    """Say whether a part of what is read, and not all, hangs on a condition."""
    return 0 < blast.objects_conditional < blast.objects


def stands_still(answer: Readers) -> list[str]:
    """Say which keys serve no request, and who would read if they did."""
    off = [one for one in answer.stopped if not one.barred]
    return [*map(_stopped, answer.stopped), *([_waiting(answer, off)] if off else [])]


def _stopped(one: StoppedKey) -> str:
    until = f" until {one.key.deletion_date:%Y-%m-%d}" if one.key.deletion_date else ""
    state = (one.key.state or "").replace("-", " ")
    lie = "lies" if one.objects == 1 else "lie"
    known = f"{count(one.objects, 'recording')} or {'transcript' if one.objects == 1 else 'transcripts'} {lie}"
    more = f", and perhaps {one.perhaps:,} more," if one.perhaps else ""
    if one.barred:
        return f"{known}{more} under {one.key.id}, with which {one.barred} may not decrypt, so that nobody reads"
    return f"{known}{more} under {one.key.id}, which is {state}{until} and serves no request"


def _waiting(answer: Readers, off: Sequence[StoppedKey]) -> str:
    they = ("it" if len(off) == 1 else "they") if len(off) == len(answer.stopped) else "those that are off"
    many = len(answer.waiting)
    names = ", ".join(reader.principal for reader in answer.waiting[:_NAMED])
    told = f": {names}{f' and {many - _NAMED:,} more' if many > _NAMED else ''}" if many else ""
    return f"if {they} served requests again, {count(many, 'principal')} would read without changing anything{told}"


def reason(one: Reason) -> str:
    """Say a reason with its condition, and the statement that it comes from if the sentence does not name it."""
    asked = "" if one.condition is ALWAYS else f" if {sentence(one.condition)}"
    where = f" ({one.statement})" if one.statement and one.statement not in one.sentence else ""
    return f"{one.sentence}{asked}{where}"


def box_lines(box: Box, names: Names) -> list[str]:
    """Return the lines of a box: who, if they are several some of their names, and how many come through it."""
    lines = [plain(names, each) for each in box.members[:_NAMED]]
    if len(box.members) > 1:
        left = len(box.members) - len(lines)
        head = count(len(box.members), "store") if box.kind == "store" else names.kinds(box.members)
        lines = [head, *lines, *([f"and {left:,} more"] if left else [])]
    if box.kind == "outside":
        lines.append("outside the estate")
    if box.guise:
        lines.append("what somebody becomes, no reader")
    if box.unsure:
        lines.append("not known: something was not seen")
    if box.passing:
        lines.append(f"{count(box.passing, 'reader')} come{'s' if box.passing == 1 else ''} only through")
    return lines


def conditions(picture: Picture) -> list[str]:
    """Return the conditions of a picture's links, each once: by their places they are told of beside the links."""
    return list(dict.fromkeys(condition for link in picture.links for condition in link.conditions))


def link_words(link: Link, notes: Sequence[str] = ()) -> str:
    """Say what a link is, with how many take it and how sure it is: a colour alone tells nobody."""
    many = f"{link.many:,} × " if link.many > 1 else ""
    kind, more = terminal(link.kinds[0]), len(link.kinds) - 1
    said = f"{many}{'change: ' if link.changes else ''}{kind}{f' +{more}' if more else ''}"
    if link.ruling is Ruling.YES:
        return said
    places = [str(notes.index(condition) + 1) for condition in link.conditions if condition in notes]
    where = f" [{', '.join(places)}]" if 0 < len(places) <= _NOTES else ""
    return f"{said}, {'if' if link.ruling is Ruling.IF else 'unknown'}{where}"


def link_sentence(link: Link, picture: Picture, names: Names) -> str:
    """Say a link in full, with the conditions under which it holds."""
    source, target = (box_lines(picture.boxes[end], names)[0] for end in (link.source, link.target))
    kinds = f" ({terminal(', '.join(link.kinds))})" if len(link.kinds) > 1 else ""
    said = f"{source}: {link_words(link)}{kinds} → {target}"
    return said + "".join(f"; if {plain(names, condition)}" for condition in link.conditions)


def members(box: Box, most: int) -> Sequence[str]:
    """Return the ids of a box's members; of very many, only the first."""
    shown = [terminal(each) for each in box.members[:most]]
    left = len(box.members) - len(shown)
    return [*shown, f"and {left:,} more"] if left else shown


def plain(names: Names, text: str) -> str:
    """Return a text with short names, in which nothing is hidden."""
    return terminal(names.short(text))
