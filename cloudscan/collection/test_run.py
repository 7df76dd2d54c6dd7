"""Units run on threads, are written whole, and are not run again after an interrupt."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from cloudscan.access import Condition, Edge, Grant
from cloudscan.collection.run import Seen, Silence, collect
from cloudscan.errors import CredentialsExpired
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, MediaObject, Store
from cloudscan.provider import (
    Caller,
    Collected,
    Facet,
    HeadRow,
    HeadWish,
    ObjectFile,
    ObjectRows,
    Plan,
    Scope,
    ScopeOption,
    Unit,
)
from cloudscan.tables import inventory

SCOPE = Scope(facets=frozenset({Facet.OBJECTS}), workers=3)


class Files:
    """A cloud of so many accounts with one store each; the units count how often they ran."""

    name = "files"
    options: Sequence[ScopeOption] = ()

    def __init__(self, accounts: int, before: Callable[[int], None] = lambda number: None) -> None:
        self.accounts = accounts
        self.before = before
        self.ran: list[int] = []
        self.looked: list[HeadWish] = []

    def plan(self, scope: Scope) -> Plan:
        units = [Unit(f"files/{number}", f"{number}", self._run(number)) for number in range(self.accounts)]
        return Plan(units, [Caller("files", "1", "me")], requests=self.accounts)

    def _run(self, number: int) -> Callable[[], Iterable[Collected]]:
        def run() -> Iterator[Collected]:
            self.before(number)
            self.ran.append(number)
            yield Account(str(number), "files")
            yield Store(f"s{number}", "files", str(number), "r", f"s{number}")
            yield ObjectRows([MediaObject(f"s{number}", f"{key}", size=1) for key in range(number)])

        return run

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        def run() -> Iterator[Collected]:
            for wish in wishes:
                self.looked.append(wish)
                yield HeadRow(
                    wish.store,
                    wish.key,
                    wish.version,
                    None,
                    None,
                    "speech",
                    "wav",
                    "signature",
                    1.0,
                    "header",
                    None,
                    None,
                    None,
                )

        return [Unit("files/heads", "heads", run)]

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        return iter(())

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        return Answer.UNKNOWN

    def role(self, facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
        return "none"


def test_everything_that_units_yield_is_kept(tmp_path: Path) -> None:
    collect([Files(20)], {"files": SCOPE}, tmp_path / "s")
    estate = Estate.open(tmp_path / "s")
    assert len(estate.accounts) == 20
    assert list(estate.objects.query("SELECT count(*) FROM objects")) == [(sum(range(20)),)]


def test_only_a_few_units_run_at_a_time(tmp_path: Path) -> None:
    running, most, lock = [0], [0], threading.Lock()

    def before(number: int) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.01)
        with lock:
            running[0] -= 1

    collect([Files(12, before)], {"files": SCOPE}, tmp_path / "s")
    assert 1 < most[0] <= SCOPE.workers


@pytest.mark.parametrize("stop", [KeyboardInterrupt, CredentialsExpired("over")])
def test_a_stopped_collection_goes_on_where_it_was(tmp_path: Path, stop: BaseException | type[BaseException]) -> None:
    def before(number: int) -> None:
        if number == 7:
            raise stop

    first = Files(12, before)
    with pytest.raises((KeyboardInterrupt, CredentialsExpired)):
        collect([first], {"files": SCOPE}, tmp_path / "s")
    second = Files(12)
    collect([second], {"files": SCOPE}, tmp_path / "s")
    assert 7 in second.ran
    assert set(first.ran) - set(second.ran), "nothing of the first run was used"
    assert len(Estate.open(tmp_path / "s").accounts) == 12


def test_a_crash_leaves_no_half_unit(tmp_path: Path) -> None:
    class Broken(Files):
        def _run(self, number: int) -> Callable[[], Iterable[Collected]]:
            def run() -> Iterator[Collected]:
                yield Account(str(number), "files")
                yield ObjectRows([MediaObject("s", "half")])
                if number == 1:
                    raise ZeroDivisionError

            return run

    with pytest.raises(ZeroDivisionError):
        collect([Broken(2)], {"files": SCOPE}, tmp_path / "s")
    assert [path for path in (tmp_path / "s").glob("work/*") if path.suffix == ".tmp"] == []
    collect([Files(2)], {"files": SCOPE}, tmp_path / "s")
    estate = Estate.open(tmp_path / "s")
    assert list(estate.objects.query("SELECT key FROM objects WHERE key = 'half'")) in ([], [("half",)])
    assert set(estate.accounts) == {"0", "1"}


def test_looks_are_dealt_over_groups_within_the_budget(tmp_path: Path) -> None:
    cloud = Files(5)
    collect([cloud], {"files": Scope(facets=SCOPE.facets, workers=2, sniff=3)}, tmp_path / "s")
    assert sorted(wish.store for wish in cloud.looked) == ["s2", "s3", "s4"]
    assert all(wish.read == 4096 for wish in cloud.looked)
    rows = Estate.open(tmp_path / "s").objects.query("SELECT count(*) FROM objects WHERE media = 'speech'")
    assert list(rows) == [(3,)]


def test_no_budget_means_no_look(tmp_path: Path) -> None:
    cloud = Files(5)
    collect([cloud], {"files": SCOPE}, tmp_path / "s")
    assert cloud.looked == []


class Heard(Silence):
    """Keeps what it was told, and says so to whoever waits."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int]] = []
        self.of_the_unfinished = threading.Event()

    def advanced(self, done: int, total: int, seen: Seen, label: str) -> None:
        self.told.append((done, seen.objects, seen.records))
        if not done and seen.objects:
            self.of_the_unfinished.set()


def test_that_a_plan_is_being_made_is_told_before_it_is(tmp_path: Path) -> None:
    said: list[str] = []

    class Hears(Silence):
        def planning(self, name: str) -> None:
            said.append(f"planning {name}")

        def planned(self, name: str, plan: Plan, done: int) -> None:
            said.append(f"planned {name}")

    collect([Files(1)], {"files": SCOPE}, tmp_path / "s", Hears())
    assert said == ["planning files", "planned files"]


def test_a_long_unit_is_told_of_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudscan.collection.run.BEAT", 0.01)
    heard = Heard()

    class Long(Files):
        def _run(self, number: int) -> Callable[[], Iterable[Collected]]:
            def run() -> Iterator[Collected]:
                yield Account("1", "files")
                yield ObjectRows([MediaObject("s", "a"), MediaObject("s", "b")])
                assert heard.of_the_unfinished.wait(60), "nothing was told before the unit was whole"

            return run

    collect([Long(1)], {"files": SCOPE}, tmp_path / "s", heard)
    assert (0, 2, 1) in heard.told
    assert heard.told[-1] == (1, 2, 1)


def test_files_of_rows_are_moved_into_the_snapshot(tmp_path: Path) -> None:
    def run() -> Iterator[Collected]:
        for number in range(2):
            sql = f"SELECT 's' AS store, '{number}.wav' AS key, true AS current, false AS delete_marker, 8000 AS size"
            path = tmp_path / f"{number}.parquet"
            yield ObjectFile(path, inventory.write_rows(sql, path).kept)
        yield ObjectRows([MediaObject("s", "listed.wav", size=1)])

    cloud = Files(0)
    cloud.plan = lambda scope: Plan([Unit("files/s", "s", run)], [])  # type: ignore[method-assign]
    manifest = collect([cloud], {"files": SCOPE}, tmp_path / "s")
    assert sorted(rows for path, (_, rows) in manifest.files.items() if path.startswith("objects/")) == [1, 1, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["s"]
    found = Estate.open(tmp_path / "s").objects.query("SELECT key, media FROM objects ORDER BY key")
    assert list(found) == [("0.wav", "speech"), ("1.wav", "speech"), ("listed.wav", "unsettled")]
