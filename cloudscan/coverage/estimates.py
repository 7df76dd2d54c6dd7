"""What may lie among the objects that were not looked at, said as an interval and never as a number.

A sniff looks at a few objects of each group (store, folder, extension), in the order of their keys' MD5, which has
nothing to do with what they hold: a stratified sample. What was seen of it is counted as seen. What the others may be
is told apart from that, with how many were looked at, a confidence, and the method; of groups of which nobody looked
at anything, and of stores where looks were refused, nothing is told.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cloudscan.audio import SURE_RECORDINGS, UNSURE_EXTENSIONS
from cloudscan.collection.sampling import LEFT_OPEN, NAMED
from cloudscan.coverage.intervals import METHOD, Group, Values, count, total
from cloudscan.estate import Estate
from cloudscan.model import MediaClass, Why
from cloudscan.provider import Facet

CONFIDENCE = 0.95
"""The share of all samples whose interval holds the truth, at least, of each interval by itself."""
LEAST_BITS_PER_SECOND = 3_200
"""What speech takes at the least: no recording is believed to play longer than its size allows at this rate."""
_TOLD = (MediaClass.SPEECH, MediaClass.TRANSCRIPT)
_Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many objects of a class there are among those that are told of: ``seen``, and at least and at most."""

    media: MediaClass
    seen: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Hours:
    """How many hours of speech there are among the objects that are told of."""

    seen: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What was looked at, and what that tells of the rest.

    ``left_open`` objects have a class that neither name nor type settles well; ``looked`` of them were looked at.
    ``told_of`` lie in groups of which some were looked at: the intervals are about these. ``untold`` lie in others.
    What is only suspected to be a recording is none here.
    ``hours`` is None where a recording breaks the rule on which its bound rests.
    """

    left_open: int
    looked: int
    groups: int
    told_of: int
    untold: int
    estimates: tuple[Estimate, ...]
    hours: Hours | None
    confidence: float = CONFIDENCE
    method: str = METHOD

    @property
    def whole(self) -> bool:
        """Whether everything was looked at, so that there is nothing to estimate."""
        return self.looked == self.left_open


@dataclass(frozen=True, slots=True)
class _Stratum:
    size: int
    largest: int
    media: Sequence[str]
    seconds: Sequence[float | None]
    sizes: Sequence[int]

    def group(self, media: MediaClass) -> Group:
        return Group(self.size, len(self.media), sum(each == media for each in self.media))

    def values(self) -> Values:
        """The lengths of its recordings, from nothing to all that their sizes allow where they could not be read."""
        least, greatest = [], []
        for media, seconds, size in zip(self.media, self.seconds, self.sizes, strict=True):
            speech = media == MediaClass.SPEECH
            least.append(seconds or 0.0 if speech else 0.0)
            greatest.append((_longest(size) if seconds is None else seconds) if speech else 0.0)
        return Values(self.size, _longest(self.largest), tuple(least), tuple(greatest))


def estimate(estate: Estate) -> Sample | None:
    """Say what a scan's looks tell of what it did not look at; None where it looked at nothing by a sniff."""
    strata, left_open, looked = _strata(estate)
    if not looked:
        return None
    told_of = sum(stratum.size for stratum in strata)
    estimates = []
    for media in _TOLD:
        groups = [stratum.group(media) for stratum in strata]
        least, most = count(groups, CONFIDENCE)
        seen = sum(group.found for group in groups)
        estimates.append(Estimate(media, seen, max(seen, math.ceil(least - 1e-6)), math.floor(most + 1e-6)))
    return Sample(left_open, looked, len(strata), told_of, left_open - told_of, tuple(estimates), _hours(strata))


def _hours(strata: Sequence[_Stratum]) -> Hours | None:
    held = [stratum.values() for stratum in strata]
    if any(value > group.most for group in held for value in group.greatest):
        return None
    seen = sum(value for group in held for value in group.least)
    least, most = total(held, CONFIDENCE)
    return Hours(seen / 3600, max(seen, least) / 3600, most / 3600)


def _strata(estate: Estate) -> tuple[list[_Stratum], int, int]:
    """Return the groups that are told of, how many objects were left open in all, and how many were looked at.

    Where nothing was looked at, nothing is counted.
    """
    ((looked,),) = estate.objects.query("SELECT count(looked) FROM objects ORDER BY 1")
    if not looked:  # which is quicker to tell than how many objects are left open
        return [], 0, 0
    known = [sorted(UNSURE_EXTENSIONS), sorted(SURE_RECORDINGS)]
    refused = {gap.resource for gap in estate.gaps if gap.facet == Facet.HEADS and gap.why is not Why.LIMIT}
    refused |= {store.id for store in estate.stores.values() if store.account in refused}
    ((left_open, looked),) = estate.objects.query(_ALL, known)
    if not looked:
        return [], left_open, 0
    seen: dict[_Place, list[tuple[str, float | None, int]]] = defaultdict(list)
    for store, folder, extension, media, seconds, size in estate.objects.query(_LOOKED, known):
        seen[store, folder, extension].append((media, seconds, size))
    strata = []
    for store, folder, extension, objects, largest in estate.objects.query(_GROUPS, known):
        if store not in refused:
            media, seconds, sizes = zip(*seen[store, folder, extension], strict=True)
            strata.append(_Stratum(objects, largest, media, seconds, sizes))
    return strata, left_open, looked


def _longest(size: int) -> float:
    return size * 8 / LEAST_BITS_PER_SECOND


_OPEN = f"""
    WITH named AS ({NAMED}), open AS (
        SELECT * FROM named WHERE {LEFT_OPEN}
        OR (looked IS NOT NULL AND extension NOT IN (SELECT unnest(?::VARCHAR[])))
    )
"""  # noqa: S608 - our own names
"""What names leave open, and left open before it was looked at: recordings whose length was sought are none of it."""
_ALL = f"{_OPEN} SELECT count(*), count(looked) FROM open ORDER BY 1"  # noqa: S608 - our own names
_LOOKED = f"""
    {_OPEN} SELECT store, folder, extension, CASE WHEN settled_by = 'suspicion' THEN settled_by ELSE media END,
        seconds, size FROM open WHERE looked IS NOT NULL
    ORDER BY store, folder, extension, key
"""  # noqa: S608 - our own names
_GROUPS = f"""
    {_OPEN} SELECT store, folder, extension, count(*), max(size) FROM open
    GROUP BY store, folder, extension HAVING count(looked) > 0 ORDER BY store, folder, extension
"""  # noqa: S608 - our own names
