"""What commands do to make a snapshot: collect, with word of how it goes and of what was not seen.

Heavy imports happen inside the functions, as in the commands that call them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloudscan.commands.writing import aside
from cloudscan.errors import CollectionStopped, UsageError
from cloudscan.wording import count

if TYPE_CHECKING:
    from cloudscan.provider import Provider, Scope


@contextmanager
def progress_of(given: dict[str, Any]) -> Iterator[Any]:
    """Yield what tells of a collection, unless nothing is to be told."""
    if given.get("quiet"):
        from cloudscan.collection.run import Silence

        yield Silence()
        return
    from cloudscan.commands.progress import StderrProgress

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
    from cloudscan.collection import run
    from cloudscan.snapshot import begun

    def left() -> str:
        if begun(root):
            return f"what is whole is kept in {root}: run the same command again{again} to go on"
        return "nothing was collected"

    try:
        with progress_of(given) as progress:
            manifest = run.collect(providers, scopes, root, progress, given["since"])
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
    from cloudscan.coverage.sight import inventories
    from cloudscan.reports.escape import terminal
    from cloudscan.snapshot import Snapshot

    for name, scope in sorted(scopes.items()):
        if scope.options.get("inventory"):
            told = inventories(name, Snapshot(root).gaps(), limited=scope.max_objects is not None)
            click.echo(terminal(told), err=True)


def seen(scopes: dict[str, Scope], root: Path) -> bool:
    """Say on stderr of which clouds nothing could be seen, even to whoever wants quiet; False where there are any."""
    from cloudscan.coverage.sight import blind
    from cloudscan.model import Coverage, Store
    from cloudscan.snapshot import Snapshot

    snapshot = Snapshot(root)
    told = list(blind(snapshot.records(Coverage), list(snapshot.records(Store)), snapshot.gaps(), sorted(scopes)))
    for sentence in told:
        aside(sentence)
    return not told


def tell_plans(providers: Sequence[Provider], scopes: dict[str, Scope]) -> None:
    """Say what collections would take. Only what has to be known for that is asked: accounts, regions, stores."""
    from cloudscan.commands.progress import StderrProgress

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
