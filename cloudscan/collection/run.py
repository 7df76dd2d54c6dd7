"""Run the units of a plan on threads and write what they yield into a snapshot.

A unit is written whole or not at all, so a collection can be interrupted at any moment and taken up again on
the same snapshot: units that are whole are not run a second time. Which objects deserve a look at their first
bytes is decided here, once everything is listed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from cloudscan.collection.earlier import Earlier
from cloudscan.collection.sampling import choose_heads
from cloudscan.provider import HeadRow, ObjectFile, ObjectRows, Plan, Provider, Scope, Unit
from cloudscan.snapshot import Manifest, SnapshotWriter, UnitWriter

BEAT = 5.0
"""Seconds after which a progress hears again of units that are not whole yet."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How much was collected so far, units that are not whole included."""

    objects: int = 0
    records: int = 0
    gaps: int = 0

    def and_of(self, writers: Iterable[UnitWriter]) -> Seen:
        """Add what these have taken."""
        taken = list(writers)
        return Seen(
            self.objects + sum(writer.rows for writer in taken),
            self.records + sum(writer.records for writer in taken),
            self.gaps + sum(writer.gaps for writer in taken),
        )


class Progress(Protocol):
    """Told of the work as it goes. Calls come from the main thread only."""

    def planning(self, name: str) -> None:
        """A provider begins to make its plan, which may take long where nobody answers."""

    def planned(self, name: str, plan: Plan, done: int) -> None:
        """A provider's plan is made; ``done`` of its units are whole from an earlier run."""

    def advanced(self, done: int, total: int, seen: Seen, label: str) -> None:
        """One more unit is whole, or some seconds have passed; ``label`` is a unit that is whole or still runs."""


class Silence:
    """A progress that says nothing."""

    def planning(self, name: str) -> None:
        """Say nothing."""

    def planned(self, name: str, plan: Plan, done: int) -> None:
        """Say nothing."""

    def advanced(self, done: int, total: int, seen: Seen, label: str) -> None:
        """Say nothing."""


@dataclass
class _Tally:
    done: int = 0
    total: int = 0
    seen: Seen = field(default_factory=Seen)


class _Stopped(Exception):
    """The collection is being stopped; the unit gives up what it had."""


def collect(
    providers: Sequence[Provider],
    scopes: Mapping[str, Scope],
    root: Path,
    progress: Progress | None = None,
    since: Path | None = None,
) -> Manifest:
    """Collect the scopes of these providers into a snapshot, new or begun earlier, and finish it.

    Raises :class:`CollectionStopped` when it cannot go on and KeyboardInterrupt when the user stops it: in both
    cases the directory keeps the units that are whole, and the same call takes it up again; without any it
    leaves nothing that it made.

    ``since`` is an earlier snapshot of the same scope, whose heads stand for those of objects that have not changed.
    Raises as :class:`Earlier` does for one that cannot.
    """
    described = {name: _described(scope) for name, scope in sorted(scopes.items())}
    earlier = Earlier(since, described) if since else None
    writer = SnapshotWriter(root, described)
    try:
        return _collect(providers, scopes, writer, progress or Silence(), earlier)
    except BaseException:
        writer.abandon()
        raise


def _collect(
    providers: Sequence[Provider],
    scopes: Mapping[str, Scope],
    writer: SnapshotWriter,
    told: Progress,
    earlier: Earlier | None,
) -> Manifest:
    tally, callers, taken = _Tally(), [], 0
    for provider in providers:
        scope = scopes[provider.name]
        told.planning(provider.name)
        plan = provider.plan(scope)
        callers += [{"provider": c.provider, "account": c.account, "identity": c.identity} for c in plan.callers]
        told.planned(provider.name, plan, sum(writer.done(unit.key) for unit in plan.units))
        _run(plan.units, writer, scope.workers, tally, told)
    for provider in providers:
        scope = scopes[provider.name]
        wishes = choose_heads(writer, provider.name, scope)
        if earlier:
            known, wishes = earlier.reuse(writer, wishes)
            _run([Unit(f"{provider.name}/heads since", "heads since", partial(list, known))], writer, 1, tally, told)
            taken += len(known)
        _run(provider.heads(scope, wishes) if wishes else (), writer, scope.workers, tally, told)
    if earlier:
        finished = earlier.manifest.finished.isoformat()
        writer.since = {"digest": earlier.manifest.digest, "finished": finished, "heads": taken}
    return writer.finish(callers)


def _run(units: Iterable[Unit], writer: SnapshotWriter, workers: int, tally: _Tally, told: Progress) -> None:
    waiting = [unit for unit in units if not writer.done(unit.key)]
    tally.total += len(waiting)
    stop = threading.Event()
    running: dict[Future[None], tuple[Unit, UnitWriter]] = {}
    queue = iter(waiting)
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="collect")
    try:
        while True:
            # Only a few units ahead are handed over, so that a stop leaves nothing queued.
            while len(running) < workers * 2 and (unit := next(queue, None)) is not None:
                written = writer.unit(unit.key)
                running[pool.submit(_run_unit, unit, written, stop)] = unit, written
            if not running:
                return
            finished, _ = wait(running, timeout=BEAT, return_when=FIRST_COMPLETED)
            for future in finished:
                unit, written = running.pop(future)
                future.result()
                tally.done += 1
                tally.seen = tally.seen.and_of([written])
                told.advanced(tally.done, tally.total, tally.seen, unit.label)
            if not finished:
                unit, _ = next(iter(running.values()))
                seen = tally.seen.and_of(written for _, written in running.values())
                told.advanced(tally.done, tally.total, seen, unit.label)
    finally:
        stop.set()
        for future in running:
            future.cancel()
        pool.shutdown(wait=True)


def _run_unit(unit: Unit, written: UnitWriter, stop: threading.Event) -> None:
    try:
        if stop.is_set():
            raise _Stopped
        for item in unit.run():
            if stop.is_set():
                raise _Stopped
            _add(written, item)
    except BaseException:
        written.discard()
        raise
    written.commit()


def _add(written: UnitWriter, item: Any) -> None:
    add: Callable[[Any], None] = written.add
    if isinstance(item, ObjectRows):
        written.add_rows(item.rows)
    elif isinstance(item, ObjectFile):
        written.add_file(item.path, item.rows)
    elif isinstance(item, HeadRow):
        written.add_head(item)
    else:
        add(item)


def _described(scope: Scope) -> dict[str, Any]:
    """Say what was asked, for the manifest and for telling whether a resumed run asks the same."""
    return {
        "facets": sorted(scope.facets),
        "stores": list(scope.stores),
        "max_objects": scope.max_objects,
        "versions": scope.versions,
        "sniff": scope.sniff,
        "heads": scope.heads,
        "options": {
            name: _plain(value) for name, value in sorted(scope.options.items()) if value not in (None, (), "")
        },
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
