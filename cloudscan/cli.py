"""The command line: arguments, exit codes, wiring. What a command does lies in the modules it calls.

Heavy imports happen inside the commands, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import gc
import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from cloudscan import __version__
from cloudscan.commands import asking, collecting, options, running, writing
from cloudscan.commands.running import FINDINGS, INCOMPLETE, INTERNAL, INTERRUPTED, OK, USAGE
from cloudscan.errors import (
    CloudscanError,
    CollectionStopped,
    SnapshotIncomplete,
    SnapshotTampered,
    UsageError,
)
from cloudscan.wording import count

_EXITS = """
\b
Exit codes:
  0    nothing at or above --fail-on
  1    findings at or above --fail-on
  2    wrong usage or configuration
  3    no such finding, but the scan is incomplete (coverage below --min-coverage), or a rule of retention fits no
       store while no rule speaks of some recordings
  4    internal error, of a check too: the report of the others stands
  130  interrupted; the snapshot is kept and the same command goes on with it
"""
_EXITS_OF_COLLECT = """
\b
Exit codes:
  0    collected; what could not be seen is in the snapshot, as gaps
  2    wrong usage or configuration
  3    nothing of a cloud could be seen, or the collection stopped
  4    internal error
  130  interrupted; the snapshot is kept and the same command goes on with it
"""
_EXITS_OF_REACH = """
\b
Exit codes:
  0  answered, whatever the answer is
  2  no such store, principal or statement in the snapshot, a snapshot that is damaged, unfinished or of a newer
     cloudscan, or wrong usage
"""
_EXITS_OF_RETENTION = """
\b
Exit codes:
  0  nothing older exists, and everything was looked at
  1  something older exists
  2  no snapshot, or wrong usage
  3  nothing older was seen, but not everything was looked at
"""
_EXITS_OF_VERIFY = """
\b
Exit codes:
  0  whole: every file is there, and as it was written
  1  not whole: a file is missing, damaged, changed or not of it, or the collection did not finish
  2  no snapshot, or one that only a newer cloudscan can read
"""
_EXITS_OF_IDENTIFY = """
\b
Exit codes:
  0  every file was read, whatever it is
  2  no such file, or wrong usage
  3  some files could not be read
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EXITS)
@click.version_option(__version__, prog_name="cloudscan")
@options.verbose
def cli() -> None:
    """Find recorded speech and its transcripts in the cloud, and prove who can reach them.

    Try it without an account:  cloudscan demo

    \b
    Scan:          cloudscan scan aws                  (or gcp, azure, aws,gcp, all)
    In two steps:  cloudscan collect aws -o snapshot   (needs credentials, reads only)
                   cloudscan analyze snapshot          (needs neither credentials nor network)
    Who reads it:  cloudscan reach snapshot --to STORE
    """


class _ByProvider(click.Group):
    """A group with one command for each installed provider, and for several by comma, made when it is asked for."""

    def __init__(self, *args: Any, make: Callable[[str], click.Command], **more: Any) -> None:
        super().__init__(*args, **more)
        self._make = make

    def list_commands(self, ctx: click.Context) -> list[str]:
        from cloudscan import plugins

        return [*plugins.provider_names(), "all"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        one, several = cmd_name in self.list_commands(ctx), set(cmd_name.split(","))
        known = len(several) == cmd_name.count(",") + 1 and several <= {*self.list_commands(ctx)} - {"all"}
        return self._make(cmd_name) if one or known else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from cloudscan.policy.faults import near

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = near(args[0], self.list_commands(ctx))
            raise click.UsageError(error.message.rstrip(".") + hint if hint else error.message, ctx) from error


def _names(name: str) -> list[str]:
    from cloudscan import plugins

    return plugins.provider_names() if name == "all" else name.split(",")


def _named(name: str) -> str:
    return "every installed provider" if name == "all" else name.replace(",", " and ")


def _scan_command(name: str) -> click.Command:
    @click.command(name, help=f"Collect from {_named(name)}, analyze and report, in one go.", epilog=_EXITS)
    @options.stack(
        options.collect_options, options.judge_options, options.output_options, options.quiet, options.verbose
    )
    @click.option(
        "--snapshot",
        type=click.Path(path_type=Path, file_okay=False),
        help="Keep the snapshot here; interrupted, the same command goes on with it.",
    )
    def scan(snapshot: Path | None, **given: Any) -> None:
        checks, policy = options.decisions(given)
        providers, scopes = options.scopes(_names(name), checks, policy, given)
        outputs, known = options.outputs(given), options.baseline(given["baseline"])
        with collecting.snapshot_at(snapshot) as root:
            running.tell_policy(given)
            again = "" if snapshot else f" with --snapshot {shlex.quote(str(root))}"
            collecting.collect(providers, scopes, root, given, again=again)
            collecting.seen(scopes, root)
            result = running.judge(running.opened(root, given), checks, policy, known, given)
            writing.write(result, outputs, given)
            running.tell_crashes(result)
        sys.exit(running.exit_code(result, given))

    scan.params += options.provider_options(_names(name))
    return scan


def _collect_command(name: str) -> click.Command:
    @click.command(
        name,
        help=f"Collect from {_named(name)} into a snapshot. Only reads; run it again to go on after an interrupt.",
        epilog=_EXITS_OF_COLLECT,
    )
    @click.option(
        "-o",
        "--output",
        "root",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="SNAPSHOT",
        help="The directory of the snapshot.",
    )
    @click.option("--plan", is_flag=True, help="Say what it would take, in requests and money, and collect nothing.")
    @click.option("--checks", multiple=True, metavar="ID[,ID...]", help="Ask only what these checks need.")
    @options.policy_file("The policy file that the analysis will use: some decisions need further facts.")
    @options.stack(options.collect_options, options.quiet, options.verbose)
    def collect(root: Path | None, plan: bool, **given: Any) -> None:  # noqa: FBT001 - click passes options so
        checks, policy = options.decisions(given)
        providers, scopes = options.scopes(_names(name), checks, policy, given)
        if plan:
            collecting.tell_plans(providers, scopes)
            return
        if root is None:
            raise UsageError("-o SNAPSHOT is missing: the directory to collect into")
        collecting.collect(providers, scopes, root, given)
        click.echo(f"snapshot: {root}", err=True)
        sys.exit(OK if collecting.seen(scopes, root) else INCOMPLETE)

    collect.params += options.provider_options(_names(name))
    return collect


cli.add_command(_ByProvider("scan", make=_scan_command, help="Collect, analyze and report.", epilog=_EXITS))
cli.add_command(_ByProvider("collect", make=_collect_command, help="The network half: write a snapshot."))


@cli.command(epilog=_EXITS)
@click.argument("snapshot", type=click.Path(path_type=Path, exists=True, file_okay=False))
@options.stack(options.judge_options, options.output_options, options.quiet, options.verbose)
def analyze(snapshot: Path, **given: Any) -> None:
    """Judge a SNAPSHOT and report. Needs no credentials and no network."""
    checks, policy = options.decisions(given)
    outputs, known = options.outputs(given), options.baseline(given["baseline"])
    running.tell_policy(given)
    result = running.judge(running.opened(snapshot, given), checks, policy, known, given)
    writing.write(result, outputs, given)
    running.tell_crashes(result)
    sys.exit(running.exit_code(result, given))


@cli.command(epilog=_EXITS_OF_REACH)
@click.argument("snapshot", type=click.Path(path_type=Path, exists=True, file_okay=False))
@asking.question
@options.written_as(
    "terminal, json, or a picture of who passes through whom: svg, html, mermaid, dot, graphml", "answer"
)
@options.verbose
@click.pass_context
def reach(context: click.Context, /, snapshot: Path, **given: Any) -> None:
    """Ask a SNAPSHOT who can come to read a store, and how. Needs no credentials and no network.

    Direct reach, reach by steps that only use the cloud (assume a role), and reach by steps that change it
    (rewrite a policy) are told apart. Who has only a part of what a read takes is told with what is missing.

    \b
    What can be asked:   cloudscan reach snapshot
    Who reads it:        cloudscan reach snapshot --to calls
    This one recording:  cloudscan reach snapshot --to s3://calls/2026/a.wav
    A role leaked:       cloudscan reach snapshot --from role/ci
    Why, or why not:     cloudscan reach snapshot --from role/ci --to calls
    What to take away:   cloudscan reach snapshot --cut calls --keep role/agents
    A picture, too:      cloudscan reach snapshot --to calls -f terminal -f svg:readers.svg
    """
    from cloudscan.reach_reports import renderer

    asking.check(context, given)
    outputs = options.placed(given, renderer)
    running.tell_decisions(given)
    writing.write_answer(running.reach(snapshot, given), outputs, given)


@cli.command(epilog=_EXITS_OF_RETENTION)
@click.argument("snapshot", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--older-than", "days", type=options.Days(), required=True, metavar="DAYS", help="Such as 90 or 90d.")
@click.option("--media", type=click.Choice(["speech", "transcript", "video"]), help="Only objects of this class.")
@click.option(
    "--now", type=options.Moment(), help="Measure ages on this date. Default: when the snapshot was finished."
)
@click.option("--all", "every", is_flag=True, help="Name every store of which something was not looked at.")
@options.written_as("terminal, json, or every object that is older: csv, ndjson", "answer")
@options.on_engine
@options.verbose
def retention(snapshot: Path, **given: Any) -> None:
    """Ask a SNAPSHOT whether anything is older than so many days. Needs no credentials and no network.

    Answers that nothing older exists, or lists what does: where, how much, when it will be deleted, and why no rule
    took it. What was not looked at, such as old versions that were not listed, is said beside either answer.

    \b
    Is the schedule kept:  cloudscan retention snapshot --older-than 90d
    For the file:          cloudscan retention snapshot --older-than 90d -f json -o evidence.json
    Every key:             cloudscan retention snapshot --older-than 90d -f terminal -f csv:older.csv
    """
    from cloudscan.retention_reports import renderer

    outputs = options.placed(given, renderer)
    answer = running.retention(snapshot, given)
    writing.write_answer(answer, outputs, given)
    running.tell_unseen(answer, given)
    sys.exit(running.exit_code_of(answer))


@cli.command(epilog=_EXITS_OF_VERIFY)
@click.argument("snapshot", type=click.Path(path_type=Path, exists=True, file_okay=False))
@options.verbose
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
    click.echo(f"ok: {count(len(manifest.files), 'file')}, {count(rows, 'row')}, digest {manifest.digest}")


@cli.command(epilog=_EXITS_OF_IDENTIFY)
@click.argument("paths", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True, metavar="PATH...")
@click.option("--head", type=click.IntRange(1), default=4096, show_default=True, metavar="BYTES", help="Read so much.")
@click.option(
    "--tail",
    type=click.IntRange(0),
    metavar="BYTES",
    help="And so much of the end; by default 4096 where the head asks for it, as in a scan.",
)
@click.option("--second-opinion", is_flag=True, help="Ask FFmpeg, too, in a child process; needs the extra media.")
@click.option("-f", "--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@options.verbose
def identify(paths: Sequence[Path], head: int, tail: int | None, second_opinion: bool, form: str) -> None:  # noqa: FBT001 - click passes options so
    """Say what a scan that opens them would make of local files: class, format, codec, time, and how each is known.

    Without --sniff a scan opens nothing and goes by names; with it, it opens what names leave open, and recordings
    for their length, as far as its budget goes. Where the name alone says another class, that is said beside; JSON,
    one object a line, has it of all (by_name, opened_by_sniff). Folders are walked. By default as much of a file is
    read as a sniff reads.
    """
    from cloudscan.identify import Window, write

    window = Window(head, tail, second=second_opinion)
    sys.exit(OK if write(paths, window, as_json=form == "json") else INCOMPLETE)


@cli.group()
def checks() -> None:
    """List the checks, or show one."""


@checks.command("list")
@options.verbose
def checks_list() -> None:
    """List every check: id, severity, title."""
    from cloudscan import plugins

    for check in plugins.checks():
        click.echo(f"{check.id:34} {check.severity:9} {check.title}")


@checks.command("show")
@click.argument("check_id", metavar="ID")
@options.verbose
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
@options.verbose
def role(name: str, checks: Sequence[str], sniff: bool, heads: bool) -> None:  # noqa: FBT001 - click passes options so
    """Print the least role that a scan of PROVIDER needs, ready to deploy."""
    from cloudscan import plugins
    from cloudscan.policy.file import Policy
    from cloudscan.scan import needed_facets

    chosen = plugins.select_checks(options.listed(checks))
    facets = needed_facets(chosen, Policy()).union(*(check.needs for check in chosen))  # whatever a policy decides
    click.echo(plugins.provider(name).role(facets, sniff=sniff, heads=heads), nl=False)


@cli.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep the snapshot in this directory, with the policy file that it was judged by.",
)
@click.option("--serve", is_flag=True, help="Keep the emulators up until Ctrl-C, and say how to scan them yourself.")
@options.stack(options.output_options, options.quiet, options.verbose)
def demo(keep: Path | None, serve: bool, **given: Any) -> None:  # noqa: FBT001 - click passes options so
    """Scan a small call centre for real, on emulators inside this process: no account, no network.

    Its findings are the point, so the exit code is 0 whenever it and all checks ran through.
    """
    from cloudscan import POLICY_FILE
    from cloudscan import demo as demonstration

    outputs = options.outputs(given)
    if keep and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep} is not empty; name another directory")
    with tempfile.TemporaryDirectory(prefix="cloudscan-") as folder, demonstration.estate(writing.aside) as clouds:
        with collecting.progress_of(given) as progress:
            demonstration.collected(clouds, Path(folder), progress)
        with running.kept(Path(folder), keep):
            result = demonstration.judged(Path(folder))
            writing.write(result, outputs, given)
            running.tell_crashes(result)
        if serve:
            _serve([demonstration.commands(cloud, Path(folder) / POLICY_FILE) for cloud in clouds])
    if result.crashes:
        sys.exit(INTERNAL)


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
    # A command keeps most of what it makes until it ends: Python's search for cycles of garbage after every 700 new
    # objects, and through all of them before it exits, takes a fifth of a small collection and finds next to nothing.
    gc.set_threshold(50_000)
    told: dict[str, bool] = {}
    try:
        cli.main(standalone_mode=False, obj=told)
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
    except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, it is told and has its exit code
        if told.get("verbose"):
            traceback.print_exc()
        words = "" if told.get("verbose") else "\nRun it with -v for the traceback."
        click.echo(f"cloudscan: internal error: {type(error).__name__}: {error}{words}", err=True)
        code = INTERNAL
    finally:
        gc.freeze()
    sys.exit(code)


def _code_of(error: CloudscanError) -> int:
    return INCOMPLETE if isinstance(error, CollectionStopped) else USAGE
