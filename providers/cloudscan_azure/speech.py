"""Speech of a subscription: the accounts that turn speech into text, what they were given, and what they keep.

An account is asked at a domain of its own; one that has none takes no token of Microsoft Entra, and its keys, which
would open it, are never asked for. Transcriptions are listed until their time to live is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cloudscan.model import Gap, Job, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Absent, named
from cloudscan_azure import speech_read, workloads
from cloudscan_azure import units as made
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.session import Asker
from cloudscan_azure.speech_read import Places, SpeechAccount, Told

_FACET = Facet.JOBS
_DATA = f"{workloads.SPEECH.type}/SpeechServices/speechrest"
FILES = 100
"""Of how many transcriptions of an account, the newest, it is asked where their results lie."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of the REST API: its version, and the beginning of its paths."""

    api: str
    path: str
    lifetime: dict[str, str]
    """What makes the signature of an address that a list of files tells as short as can be."""


SHAPES = (
    Shape("2024-11-15", "/speechtotext", {"sasLifetimeMinutes": "1"}),
    Shape("", "/speechtotext/v3.2", {"sasValidityInSeconds": "1"}),
)
"""The newest first. The older is asked where a cloud or account does not know the newer."""


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield the one unit that asks for Speech."""
    if subscription.wants(_FACET):
        yield from made.of_subscription(subscription, "speech", collect)


def collect(subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield the accounts of a subscription, and what each holds."""
    listed = workloads.resources(subscription, asker, workloads.SPEECH, _FACET)
    places = Places.of(subscription.storage)
    for told in listed.items:
        one = speech_read.account(told)
        if one is not None:
            there = replace(asker, region=one.region)
            yield speech_read.settings(one, asker.account)
            yield speech_read.network(told, one.id, asker.account)
            yield from _within(Speech(there, one, places))
    yield from listed.gaps


def _within(speech: Speech) -> Iterator[Job | Gap]:
    if not speech.one.endpoint:
        speech.asker.count(_FACET, answered=False)
        words = f"{speech.one.name} has no domain of its own, which Microsoft Entra needs"
        yield speech.asker.gap(_FACET, speech.asker.account, Why.UNSUPPORTED, "Transcriptions_List", words)
        return
    yield from speech.transcriptions()
    yield from speech.trainings("datasets", "Datasets_List")
    yield from speech.trainings("models", "Models_ListCustomModels")
    yield from speech.endpoints()


class Speech:
    """One account, asked by the REST API; ``shape`` is the one that it knows."""

    def __init__(self, asker: Asker, one: SpeechAccount, places: Places) -> None:
        self.asker, self.one, self.places = asker, one, places
        self.shape = SHAPES[0]

    def transcriptions(self) -> Iterator[Job | Gap]:
        """Yield the transcriptions, the newest with where their results lie."""
        listed, gap = self._first("Transcriptions_List", "transcriptions")
        subscription = self.asker.account
        jobs = [(speech_read.transcription(each, self.one, subscription, self.places), each) for each in listed]
        known = [(job, told) for job, told in jobs if job is not None]
        known.sort(key=lambda pair: pair[0].created or datetime.min.replace(tzinfo=UTC), reverse=True)
        asked = [pair for pair in known if not pair[0].outputs and pair[0].completed]
        unknown = {told["self"] for _, told in asked[:FILES]}
        for job, told in known:
            yield from self._placed(job, told) if told["self"] in unknown else [job]
        if further := len(asked[FILES:]):
            words = f"where {further} further transcriptions left their results was not asked"
            yield self._gap("Transcriptions_ListFiles", Why.LIMIT, words, "transcriptions/files")
        yield from self._senseless("Transcriptions_List", len(jobs) - len(known), "transcriptions")
        yield from gap

    def _placed(self, job: Job, told: Told) -> Iterator[Job | Gap]:
        operation, path = "Transcriptions_ListFiles", named("transcriptions/{}/files", speech_read.name_of(told))
        files, gap = self._listed(operation, path, "transcriptions/files", self.shape.lifetime)
        yield speech_read.placed(job, files, self.places)
        yield from gap

    def trainings(self, noun: str, operation: str) -> Iterator[Job | Gap]:
        """Yield data sets or custom models."""
        read: Callable[[Told], Job | None] = lambda told: speech_read.training(  # noqa: E731
            told, self.one, self.asker.account, noun, self.places
        )
        listed, gap = self._listed(operation, noun, noun)
        found = [read(each) for each in listed]
        yield from (each for each in found if each is not None)
        yield from self._senseless(operation, found.count(None), noun)
        yield from gap

    def endpoints(self) -> Iterator[Job | Gap]:
        """Yield the endpoints that log what they are told, and a Gap for those of which that is not known."""
        listed, gap = self._listed("Endpoints_List", "endpoints", "endpoints")
        logging = [each for each in listed if speech_read.logs(each)]
        found = [speech_read.logging(each, self.one, self.asker.account) for each in logging]
        yield from (each for each in found if each is not None)
        untold = sum(speech_read.logs(each) is None for each in listed)
        yield from self._senseless("Endpoints_List", found.count(None) + untold, "endpoints")
        yield from gap

    def _first(self, operation: str, noun: str) -> tuple[list[Told], list[Gap]]:
        """Ask for a list in the shape that the account knows, which is the one for all that follows."""
        for shape in SHAPES[:-1]:
            self.shape = shape
            listed, end = self._asked(operation, noun, noun, absent=("404",))
            if not isinstance(end, Absent) and not (isinstance(end, Gap) and end.why is Why.UNSUPPORTED):
                return listed, [self._told(end)] if end else []
        self.shape = SHAPES[-1]
        return self._listed(operation, noun, noun)

    def _listed(
        self, operation: str, path: str, noun: str, query: dict[str, str] | None = None
    ) -> tuple[list[Told], list[Gap]]:
        listed, end = self._asked(operation, path, noun, query)
        return listed, [self._told(end)] if isinstance(end, Gap) else []

    def _asked(
        self,
        operation: str,
        path: str,
        noun: str,
        query: dict[str, str] | None = None,
        absent: tuple[str, ...] = (),
    ) -> tuple[list[Told], Gap | Absent | None]:
        listed, end = self.asker.pages(
            operation,
            f"{self.shape.path}/{path}",
            facet=_FACET,
            resource=self.asker.account,
            permission=f"{_DATA}/{noun}/read",
            api=self.shape.api,
            key="values",
            query=query,
            service=self.one.endpoint,
            absent=absent,
        )
        return list(listed), end

    def _senseless(self, operation: str, number: int, noun: str) -> Iterator[Gap]:
        if number:
            yield self._gap(operation, Why.MALFORMED, f"{number} {noun} do not say enough", noun)

    def _gap(self, operation: str, why: Why, words: str, noun: str) -> Gap:
        gap = self.asker.gap(_FACET, self.asker.account, why, operation, words, f"{_DATA}/{noun}/read")
        return self._told(gap)

    def _told(self, gap: Gap) -> Gap:
        """Say of which account a Gap is: it is one on the subscription, of whose jobs some are missing."""
        return replace(gap, detail=f"{self.one.name}: {gap.detail}")
