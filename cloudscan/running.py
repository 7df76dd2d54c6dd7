"""What commands do once their options are read: collect, judge, write, and say on stderr what a user must know.

Heavy imports happen inside the functions, as in the commands that call them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloudscan import options
from cloudscan.errors import CollectionStopped, UsageError
from cloudscan.wording import count

if TYPE_CHECKING:
    from cloudscan.answers import Answer
    from cloudscan.check import Check
    from cloudscan.estate import Estate
    from cloudscan.older import Older
    from cloudscan.policy import Policy
    from cloudscan.provider import Provider, Scope
    from cloudscan.reach import Questions
    from cloudscan.report import PolicyFile, ScanResult

OK, FINDINGS, USAGE, INCOMPLETE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 130
_IN_MEMORY = 1 << 24
"""Bytes of a report that are held before it goes to a temporary file."""


@contextmanager
def progress_of(given: dict[str, Any]) -> Iterator[Any]:
    """Yield what tells of a collection, unless nothing is to be told."""
    if given.get("quiet"):
        from cloudscan.collection import Silence

        yield Silence()
        return
    from cloudscan.progress import StderrProgress

    with StderrProgress() as progress:
        yield progress


@contextmanager
def snapshot_at(named: Path | None) -> Iterator[Path]:
    """Yield where a scan's snapshot lies. One that the user did not name goes when all of it is told."""
    if named:
        yield named
        return
    folder = Path(tempfile.mkdtemp(prefix="cloudscan-"))
    root = folder / "snapshot"
    try:
        yield root
    except BrokenPipeError:
        shutil.rmtree(folder)
        raise
    except (Exception, KeyboardInterrupt):
        from cloudscan.snapshot import begun

        if not root.exists():
            folder.rmdir()
        elif not begun(root):
            click.echo(f"the snapshot is kept in {root}", err=True)
        raise
    shutil.rmtree(folder)


def collect(
    providers: Sequence[Provider], scopes: dict[str, Scope], root: Path, given: dict[str, Any], *, again: str = ""
) -> None:
    """Collect. When it stops, ``again`` completes what is said of how to go on."""
    from cloudscan import collection
    from cloudscan.snapshot import begun

    def left() -> str:
        if begun(root):
            return f"what is whole is kept in {root}: run the same command again{again} to go on"
        return "nothing was collected"

    try:
        with progress_of(given) as progress:
            manifest = collection.collect(providers, scopes, root, progress, given["since"])
        _matched(scopes, root)
        if not given["quiet"]:
            _tell_inventories(scopes, root)
        if manifest.since and not given["quiet"]:
            heads = manifest.since["heads"]
            taken = f"{count(heads, 'head')} {'was' if heads == 1 else 'were'} taken from {given['since']}"
            click.echo(f"{taken}: what lies there has not changed", err=True)
    except KeyboardInterrupt:
        click.echo(left(), err=True)
        raise
    except CollectionStopped as error:
        raise type(error)(f"{error}; {left()}") from error
    except UsageError:
        raise
    except Exception:
        click.echo(left(), err=True)
        raise


def _tell_inventories(scopes: dict[str, Scope], root: Path) -> None:
    """Say how many stores were read from an inventory, where that was wanted: the others were listed."""
    from cloudscan.reports.escape import terminal
    from cloudscan.sight import inventories
    from cloudscan.snapshot import Snapshot

    for name, scope in sorted(scopes.items()):
        if scope.options.get("inventory"):
            told = inventories(name, Snapshot(root).gaps(), limited=scope.max_objects is not None)
            click.echo(terminal(told), err=True)


def seen(scopes: dict[str, Scope], root: Path) -> bool:
    """Say on stderr of which clouds nothing could be seen, even to whoever wants quiet; False where there are any."""
    from cloudscan.model import Coverage, Store
    from cloudscan.sight import blind
    from cloudscan.snapshot import Snapshot

    snapshot = Snapshot(root)
    told = list(blind(snapshot.records(Coverage), list(snapshot.records(Store)), snapshot.gaps(), sorted(scopes)))
    for sentence in told:
        aside(sentence)
    return not told


def tell_plans(providers: Sequence[Provider], scopes: dict[str, Scope]) -> None:
    """Say what collections would take. Only what has to be known for that is asked: accounts, regions, stores."""
    from cloudscan.progress import StderrProgress

    with StderrProgress(sys.stdout) as progress:
        for provider in providers:
            progress.planning(provider.name)
            progress.planned(provider.name, provider.plan(scopes[provider.name]), 0)


def _matched(scopes: dict[str, Scope], root: Path) -> None:
    """Refuse a pattern of store names that fits none, where all were seen: nothing would be looked at, in silence."""
    from fnmatch import fnmatchcase

    from cloudscan.model import Store
    from cloudscan.provider import Facet
    from cloudscan.snapshot import Snapshot

    patterns = {pattern for scope in scopes.values() for pattern in scope.stores}
    if not patterns:
        return
    snapshot = Snapshot(root)
    if any(gap.facet == Facet.STORES for gap in snapshot.gaps()):
        return
    names = [store.name for store in snapshot.records(Store)]
    for pattern in sorted(patterns):
        if not any(fnmatchcase(name, pattern) for name in names):
            raise UsageError(
                f"--buckets {pattern}: no store that was seen has such a name, so nothing of it was checked"
            )


def opened(root: Path, given: dict[str, Any]) -> Estate:
    """Open a snapshot, its object table on the engine of the options."""
    from cloudscan.engines import engine
    from cloudscan.estate import Estate

    return Estate.open(root, engine(given["engine"], given["memory"]))


def judge(
    estate: Any, checks: Sequence[Check], policy: Policy, known: frozenset[str], given: dict[str, Any]
) -> ScanResult:
    """Judge an estate by the providers that it was collected from. ``known`` are fingerprints of a baseline."""
    from cloudscan.scan import analyze

    finished = estate.manifest.finished
    return analyze(
        estate,
        providers_of(estate),
        checks,
        policy,
        now=given["now"] or finished,
        generated_at=datetime.now(UTC),
        baseline=known,
        policy_file=_policy_file(given),
    )


def _policy_file(given: dict[str, Any]) -> PolicyFile | None:
    """Return the name and the hash of the policy file, None where there is none."""
    from cloudscan.report import PolicyFile

    path = options.policy_path(given)
    return PolicyFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) if path else None


def aside(sentence: str) -> None:
    """Say something beside the report."""
    from cloudscan.reports.escape import terminal

    click.echo(f"cloudscan: {terminal(sentence)}", err=True)


def tell_crashes(result: ScanResult) -> None:
    """Say which checks failed by themselves, with the traceback where it was asked for."""
    from cloudscan.reports.escape import terminal

    verbose = click.get_current_context().ensure_object(dict).get("verbose")
    for crash in result.crashes:
        if verbose:
            click.echo("\n".join(map(terminal, crash.traceback.splitlines())), err=True)
        words = "" if verbose else "; run it with -v for the traceback"
        click.echo(f"cloudscan: {terminal(str(crash))}{words}", err=True)


@contextmanager
def kept(folder: Path, place: Path | None) -> Iterator[None]:
    """Keep what a demo collected before anything is made of it, and say so after that, whatever comes of it."""
    from cloudscan import demo

    if place is None:
        yield
        return
    with writing(place):
        commands = demo.keep(folder, place)
    try:
        yield
    finally:
        told = "\n".join(f"{what}: {command}" for what, command in commands)
        click.echo(f"kept in {place}; {told}", err=True)


def providers_of(estate: Any) -> list[Provider]:
    """Return the providers of the clouds that an estate holds anything of."""
    from cloudscan import plugins

    present = {held.provider for held in (*estate.stores.values(), *estate.accounts.values())}
    return [plugins.provider(name) for name in plugins.provider_names() if name in present]


def reach(snapshot: Path, given: dict[str, Any]) -> Answer:
    """Ask a snapshot one question of access, by the options of the command."""
    from cloudscan.answers import Asked
    from cloudscan.estate import Estate
    from cloudscan.model import MediaClass
    from cloudscan.policy import Policy, read_policy
    from cloudscan.progress import NowAndThen
    from cloudscan.reach import Questions

    estate = Estate.open(snapshot)
    path = options.policy_path(given)
    asked = Asked(
        estate,
        read_policy(path) if path else Policy(),
        MediaClass(given["media"]) if given["media"] else None,
        given["direct"],
        given["without"],
    )
    answer = _answered(Questions(asked, providers_of(estate), NowAndThen().tell), given)
    _tell_names(answer, given)
    return answer


def _answered(questions: Questions, given: dict[str, Any]) -> Answer:
    if given["cut"]:
        return questions.cut(given["cut"], given["keep"])
    if given["to"] and given["from_"]:
        return questions.between(given["from_"], given["to"], max_steps=given["max_steps"], limit=given["paths"])
    if given["to"]:
        return questions.readers(given["to"])
    return questions.reached(given["from_"]) if given["from_"] else questions.overview()


def _tell_names(answer: Answer, given: dict[str, Any]) -> None:
    """Say what was taken to be meant where a part of a name was given, or the name of a session."""
    from cloudscan.lookup import taken_for
    from cloudscan.reports.escape import terminal

    meant = [taken_for(given["from_"], getattr(answer, "principal", "")) if given["from_"] else ""]
    word, target = given["to"] or given["cut"], getattr(answer, "target", None)
    if word and target and target.store.name not in word:
        meant.append(taken_for(word, target.store.id))
    for sentence in filter(None, meant):
        click.echo(terminal(sentence), err=True)


def tell_decisions(given: dict[str, Any]) -> None:
    """Name the policy file that was found, since it decides who is called approved and trusted."""
    path = options.policy_path(given)
    if path and not given["policy_file"]:
        click.echo(f"judged by {path}", err=True)


def retention(snapshot: Path, given: dict[str, Any]) -> Older:
    """Ask a snapshot what is older, by the options of the command."""
    from cloudscan.estate import RECORDED
    from cloudscan.model import MediaClass
    from cloudscan.older import older_than

    estate = opened(snapshot, given)
    media = (MediaClass(given["media"]),) if given["media"] else RECORDED
    assert estate.manifest is not None  # noqa: S101 - it was opened from a snapshot
    return older_than(estate, given["days"], given["now"] or estate.manifest.finished, media)


def tell_unseen(answer: Older, given: dict[str, Any]) -> None:
    """Say that not everything was looked at where only lists of objects were written, which cannot tell of it."""
    from cloudscan.reports.escape import terminal
    from cloudscan.retention_reports import LISTS

    if {part.partition(":")[0] for part in given["formats"] or ["terminal"]} - LISTS:
        return
    if answer.far:
        click.echo(terminal(answer.far), err=True)
    if answer.unseen:
        click.echo("not everything was looked at, and a list cannot say what: -f terminal does", err=True)


def exit_code_of(answer: Older) -> int:
    """Return the exit code that an answer of ``retention`` comes to."""
    return {"yes": FINDINGS, "no": OK, "unknown": INCOMPLETE}[answer.exists.value]


def tell_policy(given: dict[str, Any]) -> None:
    """Name the policy file that was found, or say what nobody decided, since both change what is judged."""
    if given["quiet"] or given["policy_file"]:
        return
    path = options.policy_path(given)
    missing = "no policy file: nothing is decided of ages, keys and readers, and what needs it is not judged"
    click.echo(f"judged by {path}" if path else missing, err=True)


def write(result: ScanResult, outputs: Sequence[tuple[Any, Path | None]], given: dict[str, Any]) -> None:
    """Write the reports, and on stderr a line where none of them went to stdout."""
    from cloudscan.report import ReportOptions

    _write(outputs, lambda one, out, **how: one.render(result, out, ReportOptions(given["show_passes"], **how)), given)
    files = [path for _, path in outputs if path]
    if len(files) == len(outputs) and not given["quiet"]:
        counts = {verdict: sum(numbers.values()) for verdict, numbers in result.by_verdict().items()}
        told = ", ".join(f"{count:,} {_PARTICIPLES[verdict]}" for verdict, count in counts.items())
        click.echo(f"{told}: see {', '.join(map(str, files))}", err=True)


def write_answer(answer: Any, outputs: Sequence[tuple[Any, Path | None]], given: dict[str, Any]) -> None:
    """Write an answer of reach or of retention in the formats that were asked for, each to its file or to stdout."""
    from cloudscan.report import ReportOptions

    _write(outputs, lambda one, out, **how: one.render(answer, out, ReportOptions(every=given["every"], **how)), given)


def _write(outputs: Sequence[tuple[Any, Path | None]], render: Callable[..., None], given: dict[str, Any]) -> None:
    """Write every output, or nothing: one that is refused when half of it is there leaves what was there before."""
    with ExitStack() as kept:
        written = []
        for one, path in outputs:
            written.append((path, kept.enter_context(_apart(path))))
            render(one, written[-1][1], color=path is None and _colored(given), width=120 if path else _width())
        for path, whole in written:
            whole.seek(0)
            if path is None:
                shutil.copyfileobj(whole, sys.stdout)
                continue
            with writing(path), path.open("w", encoding="utf-8") as file:
                shutil.copyfileobj(whole, file)


def _apart(path: Path | None) -> Any:
    """Return a file to write to before the text goes where it belongs. It takes what that place takes."""
    encoding, errors = (sys.stdout.encoding, sys.stdout.errors) if path is None else ("utf-8", None)
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding=encoding, errors=errors, newline="")


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _colored(given: dict[str, Any]) -> bool:
    return not given["no_color"] and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


_PARTICIPLES = {"fail": "failed", "unknown": "unknown", "pass": "passed"}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing there into a UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def exit_code(result: ScanResult, given: dict[str, Any]) -> int:
    """Return the exit code that a result comes to under the user's thresholds."""
    from cloudscan.model import Severity

    if result.crashes:
        return INTERNAL
    if given["exit_zero"]:
        return OK
    if given["fail_on"] != "none" and result.at_or_above(Severity(given["fail_on"])):
        return FINDINGS
    if result.astray or result.coverage is None or result.coverage < given["min_coverage"]:
        return INCOMPLETE
    return OK
