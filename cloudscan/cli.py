"""The command line: arguments, exit codes, wiring. What a command does lies in the modules it calls.

Heavy imports happen inside the commands, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from cloudscan import __version__, options
from cloudscan.errors import (
    CheckCrashed,
    CloudscanError,
    CollectionStopped,
    SnapshotIncomplete,
    SnapshotTampered,
    UsageError,
)

if TYPE_CHECKING:
    from cloudscan.check import Check
    from cloudscan.policy import Policy
    from cloudscan.provider import Provider, Scope
    from cloudscan.report import ScanResult

OK, FINDINGS, USAGE, INCOMPLETE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 130
_EXITS = """
\b
Exit codes:
  0    nothing at or above --fail-on
  1    findings at or above --fail-on
  2    wrong usage or configuration
  3    no such finding, but the scan is incomplete (coverage below --min-coverage)
  4    internal error
  130  interrupted; the snapshot is kept and the same command goes on with it
"""
_EXITS_OF_VERIFY = """
\b
Exit codes:
  0  whole: every file is there, and as it was written
  1  not whole: a file is missing, damaged, changed or not of it, or the collection did not finish
  2  no snapshot, or one that only a newer cloudscan can read
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXITS)
@click.version_option(__version__, prog_name="cloudscan")
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def cli(context: click.Context, verbose: bool) -> None:  # noqa: FBT001 - click passes options so
    """Find recorded speech and its transcripts in the cloud, and prove who can reach them.

    Try it without an account:  cloudscan demo

    \b
    Scan:          cloudscan scan aws
    In two steps:  cloudscan collect aws -o snapshot   (needs credentials, reads only)
                   cloudscan analyze snapshot          (needs neither credentials nor network)
    """
    context.obj = {"verbose": verbose}


class _ByProvider(click.Group):
    """A group with one command for each installed provider, made when it is asked for."""

    def __init__(self, *args: Any, make: Callable[[str], click.Command], **more: Any) -> None:
        super().__init__(*args, **more)
        self._make = make

    def list_commands(self, ctx: click.Context) -> list[str]:
        from cloudscan import plugins

        return [*plugins.provider_names(), "all"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._make(cmd_name) if cmd_name in self.list_commands(ctx) else None


def _names(name: str) -> list[str]:
    from cloudscan import plugins

    return plugins.provider_names() if name == "all" else [name]


def _scan_command(name: str) -> click.Command:
    @click.command(name, help=f"Collect from {name}, analyze and report, in one go.", epilog=_EXITS)
    @options.stack(options.collect_options, options.judge_options, options.output_options)
    @click.option(
        "--snapshot",
        type=click.Path(path_type=Path, file_okay=False),
        help="Keep the snapshot here; interrupted, the same command goes on with it.",
    )
    def scan(snapshot: Path | None, **given: Any) -> None:
        from cloudscan.estate import Estate

        checks, policy = options.decisions(given)
        providers, scopes = options.scopes(_names(name), checks, policy, given)
        outputs, known = options.outputs(given), options.baseline(given["baseline"])
        with _snapshot(snapshot) as root:
            again = "" if snapshot else f" with --snapshot {shlex.quote(str(root))}"
            _collect(providers, scopes, root, given, again=again)
            result = _analyze(Estate.open(root), checks, policy, known, given)
            _write(result, outputs, given)
        sys.exit(_exit_code(result, given))

    scan.params += options.provider_options(_names(name))
    return scan


def _collect_command(name: str) -> click.Command:
    @click.command(
        name,
        help=f"Collect from {name} into a snapshot. Only reads; run it again to go on after an interrupt.",
    )
    @click.option(
        "-o",
        "--output",
        "root",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        metavar="SNAPSHOT",
        help="The directory of the snapshot.",
    )
    @click.option("--checks", multiple=True, metavar="ID[,ID...]", help="Ask only what these checks need.")
    @click.option(
        "--policy",
        "policy_file",
        type=click.Path(path_type=Path),
        envvar="CLOUDSCAN_POLICY",
        help="The policy file that the analysis will use: some decisions need further facts.",
    )
    @options.collect_options
    def collect(root: Path, **given: Any) -> None:
        checks, policy = options.decisions(given)
        providers, scopes = options.scopes(_names(name), checks, policy, given)
        _collect(providers, scopes, root, given)
        click.echo(f"snapshot: {root}", err=True)

    collect.params += options.provider_options(_names(name))
    return collect


cli.add_command(_ByProvider("scan", make=_scan_command, help="Collect, analyze and report.", epilog=_EXITS))
cli.add_command(_ByProvider("collect", make=_collect_command, help="The network half: write a snapshot."))


@cli.command(epilog=_EXITS)
@click.argument("snapshot", type=click.Path(path_type=Path, exists=True, file_okay=False))
@options.stack(options.judge_options, options.output_options)
def analyze(snapshot: Path, **given: Any) -> None:
    """Judge a SNAPSHOT and report. Needs no credentials and no network."""
    from cloudscan.estate import Estate

    checks, policy = options.decisions(given)
    outputs, known = options.outputs(given), options.baseline(given["baseline"])
    result = _analyze(Estate.open(snapshot), checks, policy, known, given)
    _write(result, outputs, given)
    sys.exit(_exit_code(result, given))


@cli.command(epilog=_EXITS_OF_VERIFY)
@click.argument("snapshot", type=click.Path(path_type=Path, exists=True, file_okay=False))
def verify(snapshot: Path) -> None:
    """Check every file of a SNAPSHOT against the hashes in its manifest."""
    from cloudscan.reports.escape import terminal
    from cloudscan.snapshot import verify as verify_snapshot

    try:
        manifest = verify_snapshot(snapshot)
    except (SnapshotIncomplete, SnapshotTampered) as error:
        click.echo(f"cloudscan: {terminal(str(error))}", err=True)
        sys.exit(FINDINGS)
    rows = sum(count for _, count in manifest.files.values())
    click.echo(f"ok: {len(manifest.files)} files, {rows:,} rows, digest {manifest.digest}")


@cli.group()
def checks() -> None:
    """List the checks, or show one."""


@checks.command("list")
def checks_list() -> None:
    """List every check: id, severity, title."""
    from cloudscan import plugins

    for check in plugins.checks():
        click.echo(f"{check.id:34} {check.severity:9} {check.title}")


@checks.command("show")
@click.argument("check_id", metavar="ID")
def checks_show(check_id: str) -> None:
    """Show one check: what it means, how to mend it, which controls it serves."""
    from cloudscan import plugins

    (check,) = plugins.select_checks([check_id])
    click.echo(f"{check.id}\n\n{check.text}\n\nseverity {check.severity}, confidence {check.confidence}")
    for name, text in check.remediation.items():
        click.echo(f"\n{name}: {text}")
    for title, lines in (("controls", check.controls), ("references", check.references)):
        if lines:
            click.echo(f"\n{title}: {', '.join(lines)}")


@cli.command()
@click.argument("name", metavar="PROVIDER")
@click.option("--checks", multiple=True, metavar="ID[,ID...]", help="Only what these checks need.")
@click.option("--sniff/--no-sniff", default=False, help="Allow reading the first bytes of objects.")
@click.option("--heads/--no-heads", default=False, help="Allow reading the metadata of single objects.")
def role(name: str, checks: Sequence[str], sniff: bool, heads: bool) -> None:  # noqa: FBT001 - click passes options so
    """Print the least role that a scan of PROVIDER needs, ready to deploy."""
    from cloudscan import plugins
    from cloudscan.policy import Policy
    from cloudscan.scan import needed_facets

    facets = needed_facets(plugins.select_checks(options.listed(checks)), Policy())
    click.echo(plugins.provider(name).role(facets, sniff=sniff, heads=heads), nl=False)


@cli.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep the snapshot in this directory, with the policy file that it was judged by.",
)
@click.option("--serve", is_flag=True, help="Keep the emulators up until Ctrl-C, and say how to scan them yourself.")
@options.output_options
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def demo(keep: Path | None, serve: bool, **given: Any) -> None:  # noqa: FBT001 - click passes options so
    """Scan a small call centre for real, on emulators inside this process: no account, no network.

    Its findings are the point, so the exit code is 0 whenever it ran through.
    """
    from cloudscan import POLICY_FILE
    from cloudscan import demo as demonstration

    outputs = options.outputs(given)
    if keep and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep} is not empty; name another directory")
    with tempfile.TemporaryDirectory(prefix="cloudscan-") as folder, demonstration.estate() as clouds:
        with _progress_of(given) as progress:
            result = demonstration.scan(clouds, Path(folder), progress)
        _write(result, outputs, given)
        if keep:
            with _writing(keep):
                again = demonstration.keep(Path(folder), keep)
            click.echo(f"kept in {keep}; to judge it again: {again}", err=True)
        if serve:
            _serve([demonstration.commands(cloud, Path(folder) / POLICY_FILE) for cloud in clouds])


def _serve(commands: Sequence[Sequence[str]]) -> None:
    """Say how to scan what stands, and wait until the user or the system ends it."""
    import signal
    from threading import Event

    sys.stdout.flush()
    click.echo("\nThe estate stands. In another terminal:\n", err=True)
    for lines in commands:
        click.echo("".join(f"  {line}\n" for line in lines), err=True)
    click.echo("It stays up until Ctrl-C.", err=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        Event().wait()


def main() -> NoReturn:
    """Run the command and translate what it raises into the exit codes of the contract."""
    verbose = "-v" in sys.argv or "--verbose" in sys.argv
    try:
        cli.main(standalone_mode=False)
        code = OK
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    except CloudscanError as error:
        from cloudscan.reports.escape import terminal

        click.echo(f"cloudscan: {terminal(str(error))}", err=True)
        code = _code_of(error)
    except BrokenPipeError:
        # The reader of our output has gone: nothing is left to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = OK
    except Exception as error:
        if verbose:
            raise
        click.echo(
            f"cloudscan: internal error: {type(error).__name__}: {error}\nRun it with -v for the traceback.",
            err=True,
        )
        code = INTERNAL
    sys.exit(code)


def _code_of(error: CloudscanError) -> int:
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, CollectionStopped):
        return INCOMPLETE
    return INTERNAL if isinstance(error, CheckCrashed) else USAGE


@contextmanager
def _progress_of(given: dict[str, Any]) -> Iterator[Any]:
    if given.get("quiet"):
        from cloudscan.collection import Silence

        yield Silence()
        return
    from cloudscan.progress import StderrProgress

    with StderrProgress() as progress:
        yield progress


@contextmanager
def _snapshot(named: Path | None) -> Iterator[Path]:
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


def _collect(
    providers: Sequence[Provider], scopes: dict[str, Scope], root: Path, given: dict[str, Any], *, again: str = ""
) -> None:
    """Collect. When it stops, ``again`` completes what is said of how to go on."""
    from cloudscan.collection import collect
    from cloudscan.snapshot import begun

    def left() -> str:
        if begun(root):
            return f"what is whole is kept in {root}: run the same command again{again} to go on"
        return "nothing was collected"

    try:
        with _progress_of(given) as progress:
            collect(providers, scopes, root, progress)
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


def _analyze(
    estate: Any, checks: Sequence[Check], policy: Policy, known: frozenset[str], given: dict[str, Any]
) -> ScanResult:
    from cloudscan import plugins
    from cloudscan.scan import analyze as judge

    finished = estate.manifest.finished
    present = {store.provider for store in estate.stores.values()} | {
        account.provider for account in estate.accounts.values()
    }
    providers = [plugins.provider(name) for name in plugins.provider_names() if name in present]
    return judge(
        estate,
        providers,
        checks,
        policy,
        now=given["now"] or finished,
        generated_at=datetime.now(UTC),
        baseline=known,
    )


def _write(result: ScanResult, outputs: Sequence[tuple[Any, Path | None]], given: dict[str, Any]) -> None:
    from cloudscan.report import ReportOptions

    for report, path in outputs:
        if path is None:
            color = not given["no_color"] and not os.environ.get("NO_COLOR") and sys.stdout.isatty()
            report.render(result, sys.stdout, ReportOptions(given["show_passes"], color, None))
            continue
        with _opened(path) as file:
            report.render(result, file, ReportOptions(given["show_passes"], color=False, width=120))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with _writing(path), path.open("w", encoding="utf-8") as file:
        yield file


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _exit_code(result: ScanResult, given: dict[str, Any]) -> int:
    from cloudscan.model import Severity

    if given["exit_zero"]:
        return OK
    if given["fail_on"] != "none" and result.at_or_above(Severity(given["fail_on"])):
        return FINDINGS
    if result.coverage is None or result.coverage < given["min_coverage"]:
        return INCOMPLETE
    return OK


if __name__ == "__main__":
    main()
