"""Lineage against the rules as the page states them, written out plainly, on drawn estates."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.lineage.links import Evidence, Lineage
from cloudscan.model import Job, MediaObject
from cloudscan.testing import NOW, job, speech, store, transcript, world

STORES = {name: f"arn:aws:s3:::{name}" for name in ("calls", "texts")}
STEMS = ("0001", "call-20261101", "0f8fad5b-d9cb-469f-a165-70867728950e_x")
CONTACT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_")

folders = st.sampled_from(["", "in/"])
places = st.tuples(st.sampled_from(sorted(STORES)), folders, st.sampled_from(STEMS))
ages = st.sampled_from([5, 10, 15])
sounds = st.tuples(
    places, st.sampled_from(["", "", "redacted-"]), st.sampled_from([".wav", ".mp3", "", "_transcript.wav"]), ages
)
texts = st.tuples(
    places,
    st.sampled_from(["", "redacted-"]),
    st.sampled_from([".json", ".wav.json", ".words.json", "_transcript.vtt"]),
    ages,
)


def _sound(drawn: tuple[tuple[str, str, str], str, str, int]) -> MediaObject:
    (bucket, folder, stem), start, end, days = drawn
    return speech(bucket, f"{folder}{start}{stem}{end}", days=days)


def _text(drawn: tuple[tuple[str, str, str], str, str, int]) -> MediaObject:
    (bucket, folder, stem), start, end, days = drawn
    return transcript(bucket, f"{folder}{start}{stem}{end}", days=days)


def _job(name: str, audio: MediaObject, text: MediaObject | None, days: int) -> Job:
    made = NOW - timedelta(days=days)
    outputs = (_at(text),) if text else ()
    facts: dict[str, Any] = {"created": made, "completed": made, "listed_until": made + timedelta(days=90)}
    return job(name, inputs=(_at(audio),), outputs=outputs, **facts)


def _at(held: MediaObject) -> str:
    return f"{held.store}/{held.key}"


def _parts(held: MediaObject) -> tuple[str, str, str]:
    """Return the store, folder and name of an object."""
    folder, slash, base = held.key.rpartition("/")
    return held.store, f"{folder}{slash}", base


def _heard_as(held: MediaObject) -> str:
    base = _parts(held)[2]
    if CONTACT.match(base):
        return base[:36]
    base = base.removeprefix("redacted-")
    return base.rpartition(".")[0] or base


def _read_as(text: MediaObject, heard: list[MediaObject]) -> str:
    store, folder, base = _parts(text)
    if CONTACT.match(base):
        return base[:36]
    whole = base.removeprefix("redacted-").rpartition(".")[0]
    named = {_heard_as(each) for each in heard if _parts(each)[:2] == (store, folder)}
    if whole in named and re.search("(words|transcript)$", whole):
        return whole
    return re.sub(r"[.](wav|mp3)$", "", _after(base))


def _after(base: str) -> str:
    return re.sub(r"([._-]words|[._-]transcript)?[.](json|vtt)$", "", base.removeprefix("redacted-"))


def _claims(text: MediaObject, stem: str, jobs: list[Job]) -> list[tuple[str, Evidence, int, Any]]:
    """Return what jobs say of a transcript: the recording, the evidence, a place before all others, and their end."""
    began = [each for each in jobs if each.created is not None and text.modified and each.created <= text.modified]
    wrote = [each for each in began if _at(text) in each.outputs]
    last = [each for each in wrote if each.completed == max(one.completed for one in wrote if one.completed)]
    called = [
        (audio, Evidence.JOB_NAME, 2, each.completed) for each in began for audio in each.inputs if each.name == stem
    ]
    return [(audio, Evidence.JOB, 2, each.completed) for each in last for audio in each.inputs] + called


def expected(heard: list[MediaObject], read: list[MediaObject], jobs: list[Job]) -> dict[str, tuple[Any, ...]]:
    """Return each transcript's recording, evidence, and whether it is there and gone, by one rule after the other."""
    there, found = {_at(each): each.modified for each in (*heard, *read)}, {}
    for text in read:
        stem, (store, folder, base) = _read_as(text, heard), _parts(text)
        after = f"{folder}{_after(base)}"
        links = _claims(text, stem, jobs)
        alike = [each for each in heard if _heard_as(each) == stem]
        for each in alike:
            near = _parts(each)[:2] == (store, folder)
            own = base.startswith("redacted-") == _parts(each)[2].startswith("redacted-")
            place = 2 if each.key == after else 1 if own else 0
            if near or (CONTACT.match(base) and CONTACT.match(_parts(each)[2])):
                links.append((_at(each), Evidence.BESIDE, place, None))
            if len(alike) == 1 and len(stem) > 5 and not CONTACT.match(base):
                links.append((_at(each), Evidence.ELSEWHERE, place, None))
        if re.search(r"[.](wav|mp3)$", after) and f"{store}/{after}" not in there:
            links.append((f"{store}/{after}", Evidence.NAMED_AFTER, 2, None))
        best = []
        for audio, evidence, place, ended in links:
            made = there.get(audio)
            ends = [end for end in (text.modified, ended) if end is not None]
            later = made is not None and made > min(ends)
            age = NOW - made if made is not None else timedelta.max
            best.append((made is None or later, evidence, made is None, -place, age, audio))
        if best:
            away, evidence, gone, _, _, audio = min(best)
            found[_at(text)] = audio, evidence, not away, gone
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(sounds, max_size=5), st.lists(texts, min_size=2, max_size=6), st.data())
def test_links_are_those_of_the_rules(heard: Any, read: Any, data: st.DataObject) -> None:
    spoken = list({_at(each): each for each in map(_sound, heard)}.values())
    written = list({_at(each): each for each in map(_text, read)}.values())
    kept = [each for each in spoken if data.draw(st.booleans())]
    jobs = [
        _job(
            STEMS[number],
            data.draw(st.sampled_from(spoken)),
            data.draw(st.sampled_from([*written, None])),
            data.draw(ages),
        )
        for number in range(data.draw(st.integers(0, 3)) if spoken else 0)
    ]
    estate = world(*(store(name) for name in STORES), *kept, *written, *jobs).estate
    lineage = Lineage(estate, NOW)
    links = {link.transcript: link for link in lineage.links()}
    rules = expected(kept, written, jobs)
    found = {place: (link.audio, link.evidence, link.there, link.gone) for place, link in links.items()}
    assert found == rules
    assert sum(each.transcripts for each in lineage.texts.values()) == len(written)
    assert sum(each.traced for each in lineage.texts.values()) == sum(link.there for link in links.values())
    assert sum(each.orphans for each in lineage.texts.values()) == sum(link.gone for link in links.values())
    assert sum(each.recordings for each in lineage.sounds.values()) == len(kept)
    assert all(each.untold >= 0 and each.sent >= 0 and each.untranscribed >= 0 for each in lineage.sounds.values())
