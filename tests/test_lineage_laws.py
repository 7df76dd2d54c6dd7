"""Lineage against the rules as the page states them, written out plainly, on drawn estates."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.lineage import Evidence, Lineage
from cloudscan.model import Job, MediaObject
from cloudscan.testing import NOW, job, speech, store, transcript, world

STORES = {name: f"arn:aws:s3:::{name}" for name in ("calls", "texts")}
STEMS = ("0001", "call-20261101", "0f8fad5b-d9cb-469f-a165-70867728950e_x")
CONTACT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_")

folders = st.sampled_from(["", "in/"])
places = st.tuples(st.sampled_from(sorted(STORES)), folders, st.sampled_from(STEMS))
sounds = st.tuples(places, st.sampled_from([".wav", ".mp3", ""]))
texts = st.tuples(
    places,
    st.sampled_from(["", "redacted-"]),
    st.sampled_from([".json", ".wav.json", ".words.json", "_transcript.vtt"]),
)


def _sound(drawn: tuple[tuple[str, str, str], str]) -> MediaObject:
    (bucket, folder, stem), end = drawn
    return speech(bucket, f"{folder}{stem}{end}")


def _text(drawn: tuple[tuple[str, str, str], str, str]) -> MediaObject:
    (bucket, folder, stem), start, end = drawn
    return transcript(bucket, f"{folder}{start}{stem}{end}")


def _job(name: str, audio: MediaObject, text: MediaObject | None) -> Job:
    made = NOW - timedelta(days=2)
    outputs = (_at(text),) if text else ()
    facts: dict[str, Any] = {"created": made, "listed_until": made + timedelta(days=90)}
    return job(name, inputs=(_at(audio),), outputs=outputs, **facts)


def _at(held: MediaObject) -> str:
    return f"{held.store}/{held.key}"


def _stem(key: str, *, text: bool) -> str:
    base = key.rpartition("/")[2]
    if CONTACT.match(base):
        return base[:36]
    base = base.removeprefix("redacted-")
    if text:
        return re.sub(r"[.](wav|mp3)$", "", _after(base))
    return base.rpartition(".")[0] or base


def _after(base: str) -> str:
    return re.sub(r"([._-]words|[._-]transcript)?[.](json|vtt)$", "", base.removeprefix("redacted-"))


def expected(heard: list[MediaObject], read: list[MediaObject], jobs: list[Job]) -> dict[str, tuple[str, Evidence]]:
    """Return each transcript's recording and evidence by the rules, one after the other."""
    there, found = {_at(each) for each in heard} | {_at(each) for each in read}, {}
    for text in read:
        stem, base = _stem(text.key, text=True), text.key.rpartition("/")[2]
        links = [(audio, Evidence.JOB) for each in jobs for audio in each.inputs if _at(text) in each.outputs]
        links += [(audio, Evidence.JOB_NAME) for each in jobs for audio in each.inputs if each.name == stem]
        alike = [each for each in heard if _stem(each.key, text=False) == stem]
        folder = text.key.removesuffix(base)
        for each in alike:
            near = each.store == text.store and each.key.removesuffix(each.key.rpartition("/")[2]) == folder
            if near or (CONTACT.match(base) and CONTACT.match(each.key.rpartition("/")[2])):
                links.append((_at(each), Evidence.BESIDE))
        if len(alike) == 1 and len(stem) > 5 and not CONTACT.match(base):
            links.append((_at(alike[0]), Evidence.ELSEWHERE))
        after = f"{text.store}/{folder}{_after(base)}"
        if re.search(r"[.](wav|mp3)$", after) and after not in there:
            links.append((after, Evidence.NAMED_AFTER))
        if links:
            best = min(links, key=lambda link: (link[0] not in there, link[1], link[0]))
            found[_at(text)] = best
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(sounds, max_size=5), st.lists(texts, min_size=2, max_size=6), st.data())
def test_links_are_those_of_the_rules(heard: Any, read: Any, data: st.DataObject) -> None:
    spoken = list({_at(each): each for each in map(_sound, heard)}.values())
    written = list({_at(each): each for each in map(_text, read)}.values())
    kept = [each for each in spoken if data.draw(st.booleans())]
    jobs = [
        _job(STEMS[number], data.draw(st.sampled_from(spoken)), data.draw(st.sampled_from([*written, None])))
        for number in range(data.draw(st.integers(0, 3)) if spoken else 0)
    ]
    estate = world(*(store(name) for name in STORES), *kept, *written, *jobs).estate
    lineage = Lineage(estate, NOW)
    links = {link.transcript: link for link in lineage.links()}
    rules = expected(kept, written, jobs)
    assert {place: (link.audio, link.evidence) for place, link in links.items()} == rules
    at = {_at(each) for each in kept} | {_at(each) for each in written}
    assert all(link.there is (link.audio in at) and link.gone is (link.audio not in at) for link in links.values())
    assert sum(each.transcripts for each in lineage.texts.values()) == len(written)
    assert sum(each.traced for each in lineage.texts.values()) == sum(link.there for link in links.values())
    assert sum(each.orphans for each in lineage.texts.values()) == sum(link.gone for link in links.values())
    assert sum(each.recordings for each in lineage.sounds.values()) == len(kept)
    assert all(each.untold >= 0 and each.sent >= 0 and each.untranscribed >= 0 for each in lineage.sounds.values())
