"""What copies the objects of one store to another: rules of the store, and transfer jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloudscan.coverage.elsewhere import TRANSFER, place_of
from cloudscan.estate import Estate
from cloudscan.model import Answer, Gap, Job
from cloudscan.provider import Facet


@dataclass(frozen=True, slots=True)
class Copying:
    """One of them. ``target`` is the id of a store, or a place that nobody looked at, "" where nobody knows it.

    A key that begins with ``prefix`` has ``under`` in its place there. ``running``: is it switched on. ``mirrors``:
    does it delete there what the source has lost, whenever it runs.
    """

    target: str
    prefix: str
    under: str
    running: bool
    mirrors: bool = False


@dataclass(frozen=True, slots=True)
class Copyings:
    """What copies from each store of an estate, and the stores that each place has copies of, all by their ids."""

    by_source: Mapping[str, Sequence[Copying]]
    sources: Mapping[str, Sequence[str]]

    def between(self, source: str, target: str) -> Sequence[Copying]:
        """Return what copies from one to the other."""
        return [each for each in self.by_source.get(source, ()) if each.target == target]

    def targets(self, source: str) -> Sequence[str]:
        """Return where a store is copied to."""
        return sorted({each.target for each in self.by_source.get(source, ())})


def copyings(estate: Estate) -> Copyings:
    """Find what copies the stores of an estate."""
    found: dict[str, list[Copying]] = defaultdict(list)
    for store in estate.stores.values():
        for rule in store.replication or ():
            found[store.id].append(Copying(rule.target, rule.prefix, rule.prefix, rule.enabled))
    for job in (job for job in estate.jobs.values() if job.kind == TRANSFER):
        for place in job.inputs:
            if (source := estate.store_at(place)) is not None:
                found[source.id] += [_by_job(estate, job, place, output) for output in job.outputs or ("",)]
    sources: dict[str, list[str]] = defaultdict(list)
    for name, several in found.items():
        for target in {each.target for each in several}:
            sources[target].append(name)
    return Copyings(found, sources)


def _by_job(estate: Estate, job: Job, place: str, output: str) -> Copying:
    _, prefix = _split(estate, place)
    target, under = _split(estate, output)
    return Copying(target, prefix, under, job.status.upper() == "ENABLED", job.mirrors is Answer.YES)


def _split(estate: Estate, location: str) -> tuple[str, str]:
    """Take a location apart: its store, and what keys in it begin with."""
    store = estate.store_at(location)
    target = store.id if store is not None else place_of(location)
    folder = location[len(target) :].strip("/")
    return target, f"{folder}/" if folder else ""


def unlisted_copies(estate: Estate, provider: str) -> Sequence[Gap]:
    """Return why what copies stores of a cloud may not all be known: that of a whole account was not told."""
    every = (gap for gap in estate.gaps if gap.facet == Facet.REPLICATION and gap.provider == provider)
    return [gap for gap in every if gap.resource == gap.account]
