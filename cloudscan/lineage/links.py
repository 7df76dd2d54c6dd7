"""Lineage: recording, job, transcript. Which transcript comes from which recording, by which evidence; what is left.

Records of jobs, the transcripts' own metadata and names are put together; a link says which of them it rests on. What
is missing is called missing only where it would have been seen: a recording is *gone* where a job or a transcript names
it and its store was listed whole; *never transcribed* only if it is younger than the cloud's list of jobs is long.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Any

from cloudscan.estate import Estate
from cloudscan.lineage import sql
from cloudscan.model import Answer, Confidence, Job, Store
from cloudscan.provider import Facet

TRANSCRIBING = frozenset({"transcription", "call-analytics", "medical-transcription", "medical-scribe"})
"""The kinds of jobs that turn speech into text."""


class Evidence(IntEnum):
    """What a link rests on, best first."""

    JOB = 1
    """A job's record names both."""
    SOURCE = 2
    """The transcript names the recording."""
    NAMED_JOB = 3
    """The transcript names a job, whose record names the recording."""
    JOB_NAME = 4
    """The transcript is called what a job is called, whose record names the recording."""
    BESIDE = 5
    """Both have one name in one folder, or are of one contact of Amazon Connect."""
    ELSEWHERE = 6
    """Both have one name, which is long and no other recording has."""
    NAMED_AFTER = 7
    """The transcript is called after a recording (``a.wav.json``)."""

    @property
    def confidence(self) -> Confidence:
        """How sure a link is."""
        if self <= Evidence.NAMED_JOB:
            return Confidence.HIGH
        return Confidence.LOW if self is Evidence.ELSEWHERE else Confidence.MEDIUM


@dataclass(frozen=True, slots=True)
class Link:
    """A transcript and its recording, as locations ``STORE_ID/KEY``; ``job`` is the id of the job between, if known.

    ``there``: does the recording lie there. ``gone``: surely not any more. Neither: nobody looked there, or what lies
    there was written after the transcript, or after the job that wrote it had ended: it may be another recording.
    """

    transcript: str
    audio: str
    job: str | None
    evidence: Evidence
    there: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """The transcripts of a store by where they come from. The rest of them come from nobody knows where.

    ``traced`` are those whose recording is there: ``by_job``, ``by_metadata`` or ``by_name``. ``orphans`` are those
    whose recording is gone; ``example`` is the key of one, ``example_audio`` where its recording lay.
    """

    transcripts: int
    traced: int
    by_job: int
    by_metadata: int
    by_name: int
    orphans: int
    example: str | None
    example_audio: str | None
    evidence: int | None

    @property
    def untraced(self) -> int:
        """Those of which nothing tells the recording, or whether it is still there."""
        return self.transcripts - self.traced - self.orphans


@dataclass(frozen=True, slots=True)
class Sounds:
    """The recordings and videos of a store: ``transcribed`` have a transcript in sight, ``sent`` were given to a job
    whose output is not, ``untranscribed`` have surely neither. Of the rest nobody knows: the list of jobs is too short.
    """

    recordings: int
    transcribed: int
    sent: int
    untranscribed: int

    @property
    def untold(self) -> int:
        """Those of which nobody knows."""
        return self.recordings - self.transcribed - self.sent - self.untranscribed


@dataclass(frozen=True, slots=True)
class Pairs:
    """Redacted transcripts of which a raw one lies in this store: ``sure`` by record or by its own word, ``likely`` by
    the names that Amazon Transcribe and Amazon Connect give. ``example`` is the key of a raw one."""

    redacted: int
    sure: int
    likely: int
    example: str


@dataclass(frozen=True, slots=True)
class Unmasked:
    """Recordings as they were spoken that have a transcript, by more than a name elsewhere: how many of the
    transcripts are ``redacted`` (``sure``: tied by more than names), and of how many that is ``not_known``."""

    recordings: int
    redacted: int
    sure: int
    not_known: int
    example: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    """How many transcripts of one store come from recordings of another, and of how many more than a name says so."""

    source: str
    target: str
    transcripts: int
    sure: int


@dataclass(frozen=True, slots=True)
class Lost:
    """How many transcripts of one store come from recordings of another that are gone, of how many more than a name
    says so, and the key of one of them."""

    source: str
    target: str
    transcripts: int
    sure: int
    example: str


@dataclass(frozen=True, slots=True)
class _Linked:
    """Transcripts of one store whose best link is of one kind."""

    store: str
    evidence: int
    there: bool
    gone: bool
    number: int
    key: str


@dataclass(frozen=True)
class Lineage:
    """The lineage of an estate as of a date; it is worked out when somebody asks."""

    estate: Estate
    now: datetime

    def links(self) -> Iterator[Link]:
        """Yield the best link of each transcript that has one."""
        for transcript, audio, job, evidence, there, gone in self._query(sql.LINKS) if self._kept_links else ():
            yield Link(transcript, audio, job, Evidence(evidence), there, gone)

    @cached_property
    def texts(self) -> dict[str, Texts]:
        """Transcripts by store."""
        linked: dict[str, list[_Linked]] = defaultdict(list)
        for each in self._linked:
            linked[each.store].append(each)
        return {store: self._texts_of(row[0], linked[store]) for store, row in self._counts.items() if row[0]}

    @cached_property
    def sounds(self) -> dict[str, Sounds]:
        """Recordings by store."""
        found = {}
        for store, (_, recordings, lately, asked, asked_lately) in self._counts.items():
            heard, heard_lately, heard_asked, heard_both = self._heard.get(store, _NOBODY)[:4]
            sent, left = asked - heard_asked, lately - heard_lately - (asked_lately - heard_both)
            if recordings:
                found[store] = Sounds(recordings, heard, sent, left)
        return found

    @cached_property
    def unmasked(self) -> dict[str, Unmasked]:
        """Recordings that are not redacted and whose transcript may be, by the recording's store."""
        found = {}
        for store, (*_, spoken, hidden, sure, untold, example) in self._heard.items():
            if spoken:
                found[store] = Unmasked(spoken, hidden, sure, untold, example and example[len(store) + 1 :])
        return found

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """From which store to which transcripts went."""
        return tuple(Flow(*row) for row in self._query(sql.FLOWS)) if self._kept_links else ()

    @cached_property
    def lost(self) -> tuple[Lost, ...]:
        """From which store to which transcripts went whose recordings are gone."""
        return tuple(Lost(*row) for row in self._query(sql.LOST)) if self._kept_links else ()

    @cached_property
    def pairs(self) -> dict[str, Pairs]:
        """Redacted transcripts beside a raw one, by the raw one's store."""
        if not self._kept_links:
            return {}
        kept = [job.id for job in self._jobs if job.keeps_unredacted is Answer.YES and _in_table(job.id)]
        return {row[0]: Pairs(*row[1:]) for row in self._query(sql.PAIRS, *self._claims, kept)}

    def _texts_of(self, transcripts: int, linked: Sequence[_Linked]) -> Texts:
        """Add up what links the transcripts of one store have."""
        there = [each for each in linked if each.there]
        gone = sorted(
            (each for each in linked if each.gone and not each.there), key=lambda each: (each.evidence, each.key)
        )
        first = gone[0] if gone else None
        by_job = sum(each.number for each in there if each.evidence == Evidence.JOB)
        by_metadata = sum(each.number for each in there if Evidence.JOB < each.evidence <= Evidence.NAMED_JOB)
        return Texts(
            transcripts=transcripts,
            traced=sum(each.number for each in there),
            by_job=by_job,
            by_metadata=by_metadata,
            by_name=sum(each.number for each in there) - by_job - by_metadata,
            orphans=sum(each.number for each in gone),
            example=first.key if first else None,
            example_audio=self._recording_of(first) if first else None,
            evidence=first.evidence if first else None,
        )

    def ties(self, flow: Flow) -> tuple[str, Sequence[object]]:
        """Return a SELECT of the keys ``one`` and ``other`` of each recording and transcript of a flow, and its values.

        It is for joining on the estate's object table, where they may be many.
        """
        self.estate.objects.keep_once("ties", sql.TIED)
        return sql.TIES, (flow.source, flow.target)

    def _recording_of(self, link: _Linked) -> str | None:
        """Return where the recording of a transcript would lie, by what links them."""
        folder, slash, base = link.key.rpartition("/")
        after = re.sub(sql.TEXT_END, "", base.removeprefix("redacted-"))
        if link.evidence == Evidence.NAMED_AFTER:
            return f"{link.store}/{folder}{slash}{after}"
        told = self.estate.objects.query(sql.RECORDING, (link.store, link.key, link.evidence))
        return next((row[0] for row in told), None)

    @cached_property
    def _kept_links(self) -> bool:
        """Work out all links, once, if there is any transcript; say whether there is."""
        if not any(row[0] for row in self._counts.values()):
            return False
        for name, select in (*sql.NAMED.items(), *sql.BY_NAMES.items()):
            self.estate.objects.keep(name, select)
        for name, select in sql.BY_CLAIMS.items():
            self.estate.objects.keep(name, select, self._claims)
        return True

    @cached_property
    def _linked(self) -> tuple[_Linked, ...]:
        if not self._kept_links:
            return ()
        return tuple(_linked(*row) for row in self._query(sql.TEXTS))

    @cached_property
    def _heard(self) -> dict[str, tuple[Any, ...]]:
        if not self._kept_links:
            return {}
        return {row[0]: row[1:] for row in self._query(sql.HEARD, *self._listed)}

    @cached_property
    def _counts(self) -> dict[str, tuple[int, ...]]:
        return {row[0]: row[1:] for row in self.estate.objects.query(sql.COUNTS, self._listed)}

    @cached_property
    def _listed(self) -> tuple[list[Any], ...]:
        """Return what jobs read, and until when, the stores whose jobs are listed, and since when."""
        stores = [each for each in self.estate.stores.values() if _in_table(each.id) and self.listed_since(each)]
        asked = [(place, _naive(job.completed or job.created)) for job in self._jobs for place in job.inputs]
        return (
            *_columns(asked, 2),
            [store.id for store in stores],
            [_naive(self.listed_since(store)) for store in stores],
        )

    def listed_since(self, store: Store) -> datetime | None:
        """Say since when every job that read from a store would still be listed; None where nobody knows.

        So it is where lists of jobs, stores or objects were refused or cut short, since a job or its transcript may be
        what was not seen, and where no job tells for how long the cloud lists it.
        """
        estate = self.estate
        accounts = {account.id for account in estate.accounts.values() if account.provider == store.provider}
        unasked = any(estate.unasked(store.provider, each, *_LISTS) for each in accounts | {store.account})
        if unasked or any(gap.provider == store.provider and gap.facet in _LISTS for gap in estate.gaps):
            return None
        kept = self._kept.get(store.provider)
        return None if kept is None else self._collected - kept

    def listed_whole(self, store: Store) -> bool:
        """Say whether every object of a store is known."""
        estate = self.estate
        gaps = (*estate.gaps_on(store.id, Facet.OBJECTS), *estate.gaps_on(store.account, Facet.OBJECTS))
        return not gaps and not estate.unasked(store.provider, store.account, Facet.OBJECTS)

    @property
    def _collected(self) -> datetime:
        return self.estate.manifest.started if self.estate.manifest else self.now

    @cached_property
    def _jobs(self) -> tuple[Job, ...]:
        return tuple(job for _, job in sorted(self.estate.jobs.items()) if job.kind in TRANSCRIBING)

    @cached_property
    def _kept(self) -> dict[str, timedelta]:
        """How long each cloud lists its jobs: the shortest that any of them tells."""
        kept: dict[str, timedelta] = {}
        for job in self._jobs:
            if job.listed_until is not None and job.created is not None:
                span = job.listed_until - job.created
                kept[job.provider] = min(span, kept.get(job.provider, span))
        return kept

    @cached_property
    def _claims(self) -> tuple[list[Any], ...]:
        """What records and metadata say, as the columns of the tables ``told``, ``called`` and ``whole``."""
        whole = sorted(store.id for store in self.estate.stores.values() if self.listed_whole(store))
        seen = _Seen(frozenset(whole), frozenset(self.estate.stores))
        told: list[tuple[Any, ...]] = []
        called: list[tuple[Any, ...]] = []
        by_name: dict[str, list[Job]] = defaultdict(list)
        for job in self._jobs:
            if job.status.upper() == _FAILED:
                continue
            by_name[job.name].append(job)
            for audio in job.inputs:
                called.append((job.name, audio, *seen.of(audio), *_ran(job)))
                told += [(output, audio, *seen.of(audio), *_ran(job), int(Evidence.JOB)) for output in job.outputs]
        for place, text in self.estate.objects.query(_TOLD):
            say = _read(text)
            told += [
                (place, audio, *seen.of(audio), None, None, None, int(Evidence.SOURCE))
                for audio in _texts(say.get("sources"))
            ]
            told += [
                (place, audio, *seen.of(audio), *_ran(job), int(Evidence.NAMED_JOB))
                for job in by_name.get(str(say.get("job")), ())
                for audio in job.inputs
            ]
        return (*_columns(told, 8), *_columns(called, 7), [store for store in whole if _in_table(store)])

    def _query(self, text: str, *more: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        return self.estate.objects.query(text, more)


def _in_table(*texts: object) -> bool:
    """Whether the object table can hold these texts: what UTF-8 cannot hold names nothing in it."""
    try:
        return all(text.encode() is not None for text in texts if isinstance(text, str))
    except UnicodeEncodeError:
        return False


_NOBODY = (0, 0, 0, 0)
_FAILED = "FAILED"
"""What clouds call a job that wrote nothing, in capitals or not."""
_LISTS = (Facet.STORES, Facet.OBJECTS, Facet.JOBS)
_TOLD = """
    SELECT store || '/' || key, told FROM objects
    WHERE told IS NOT NULL AND media = 'transcript' AND current AND NOT delete_marker ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where everything that lies in a store was listed."""

    whole: frozenset[str]
    stores: frozenset[str]

    def of(self, location: str) -> tuple[str | None, bool]:
        """Return the store of a location, and whether an object there would have been seen."""
        end = location.rfind("/")
        while end > 0:
            if location[:end] in self.stores:
                return location[:end], location[:end] in self.whole
            end = location.rfind("/", 0, end)
        return None, False


def _linked(store: str, code: int, number: int, key: str) -> _Linked:
    """Read a row of :data:`lineage_sql.TEXTS`."""
    evidence, gone = divmod(code % 100, 10)
    return _Linked(store, evidence, there=code < 100, gone=bool(gone), number=number, key=key)


def _read(text: str) -> dict[str, object]:
    """Read what a transcript told; a snapshot is input too, and may hold anything."""
    try:
        say = json.loads(text)
    except ValueError:
        return {}
    return say if isinstance(say, dict) else {}


def _texts(value: object) -> list[str]:
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    held = [row for row in rows if _in_table(*row)]
    return [list(column) for column in zip(*held, strict=True)] if held else [[] for _ in range(width)]


def _ran(job: Job) -> tuple[str, datetime | None, datetime | None]:
    """Return the id of a job, and when it began and ended; the beginning to the second, as stores tell times."""
    began = _naive(job.created)
    return job.id, began and began.replace(microsecond=0), _naive(job.completed)


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
