"""What a store holds of what was asked for: who reads nothing that is there is another thing than who may read nothing.

Access is derived for recordings and transcripts only. Of a store that holds none nobody was asked about, and an answer
of nobody would be a false one.
"""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access import Grant
from cloudscan.estate import RECORDED
from cloudscan.model import MediaClass
from cloudscan.reach.answers import Answer, Between, Readers, ToCut
from cloudscan.reach.lookup import unlisted
from cloudscan.reports.digest import length
from cloudscan.reports.escape import terminal
from cloudscan.wording import count

_PLURALS = {
    MediaClass.SPEECH: "recordings of speech",
    MediaClass.TRANSCRIPT: "transcripts",
    MediaClass.VIDEO: "videos",
}


@dataclass(frozen=True, slots=True)
class Held:
    """How many objects an answer is about, and the seconds of speech among them.

    ``unsettled`` counts those of the store that may or may not be speech, which were not asked about; ``unlisted``
    says that its objects were not listed, or not all.
    """

    objects: int
    seconds: float
    unsettled: int
    unlisted: bool


def held(answer: Readers | Between | ToCut) -> Held:
    """Return what the target holds of what was asked for. One object that was asked about is one, whatever it is."""
    estate, target, media = answer.asked.estate, answer.target, answer.asked.media
    if found := target.found:
        return Held(1, (found.seconds or 0.0) if found.media == MediaClass.SPEECH else 0.0, 0, unlisted=False)
    corpora = estate.corpora_of(target.store.id, *([media] if media else RECORDED))
    unsettled = estate.corpora_of(target.store.id, MediaClass.UNSETTLED)
    store = target.store
    return Held(
        sum(corpus.objects for corpus in corpora),
        sum(corpus.seconds for corpus in corpora if corpus.media is MediaClass.SPEECH),
        sum(corpus.objects for corpus in unsettled),
        unlisted(estate, store),
    )


def nobody(answer: Readers | Between | ToCut) -> str:
    """Say why an answer names nobody: nothing is there to be read, or nothing lets anybody. "" if it names somebody."""
    if _names_somebody(answer):
        return ""
    told, name = held(answer), answer.target.store.name
    if told.objects:
        what = "that object" if answer.target.found else "a recording or a transcript of it"
        return "" if isinstance(answer, Between) else f"Nothing that was seen lets anybody read {what}."
    what = _PLURALS[answer.asked.media] if answer.asked.media else "recordings or transcripts"
    parts = [terminal(f"{name} holds no {what} that were seen, so nothing was asked of who reads it.")]
    if told.unlisted:
        parts.append("Its objects were not listed, or not all.")
    if told.unsettled:
        parts.append(f"{count(told.unsettled, 'object')} of it may or may not be speech.")
    parts.append(terminal(f"Any one object of it can be asked about by its key: --to {name}/KEY."))
    return " ".join(parts)


def nothing_held(answer: Answer) -> str:
    """Say that the snapshot has nothing of what can be asked about, "" if it has."""
    estate, media = answer.asked.estate, answer.asked.media
    if not estate.stores:
        return "The snapshot holds no store, so nothing was asked."
    if not estate.stores_with(*([media] if media else RECORDED)):
        what = _PLURALS[media] if media else "recordings or transcripts"
        return f"No store of the snapshot holds {what} that were seen, so nothing was asked of who reads them."
    return ""


def _names_somebody(answer: Readers | Between | ToCut) -> bool:
    match answer:
        case Readers():
            return bool(answer.readers or answer.unknown or answer.waiting)
        case Between():
            return bool(answer.paths or answer.open)
        case ToCut():
            return bool(answer.cut.readers_before or answer.perhaps or answer.keep)


def amount(objects: int, seconds: float) -> str:
    """Say how much somebody reads: "25 objects, 58 minutes of speech"."""
    speech = f"{length(seconds / 3600)} of speech" if seconds else "no speech of known length"
    return f"{count(objects, 'object')}, {speech}"


def amount_of(grant: Grant) -> str:
    """Say how much lies at the end of a way. Only recordings have a length that is one of speech."""
    if grant.media is MediaClass.SPEECH:
        return amount(grant.objects, grant.seconds)
    return count(grant.objects, "object")
