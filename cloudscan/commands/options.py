"""The options that commands share, and what they come to: checks, policy, scopes, outputs, baseline."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cloudscan import POLICY_FILE
from cloudscan.errors import PolicyFileError, UsageError

if TYPE_CHECKING:
    from cloudscan.check import Check
    from cloudscan.policy.file import Policy
    from cloudscan.provider import Provider, Scope
    from cloudscan.report import Report

T = TypeVar("T")


class Moment(click.ParamType[datetime]):
    """A date or a time; without a zone it is UTC."""

    name = "ISO8601"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the text."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date or time such as 2026-11-01 or 2026-11-01T12:00:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_MOST_DAYS = 365_000
"""A thousand years, which dates can be counted back from."""


class Days(click.ParamType[int]):
    """A number of days, with a d behind it or without."""

    name = "DAYS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text."""
        found = re.fullmatch(r"(\d{1,6})d?", str(value), re.ASCII)
        if found is None or int(found[1]) > _MOST_DAYS:
            self.fail(f"{value!r} is not a number of days such as 90 or 90d", param, ctx)
        return int(found[1])


def stack(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make one decorator of several, in the order in which they are to be shown."""

    def apply(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


def written_as(formats: str, noun: str) -> Callable[[Any], Any]:
    """Make the options that say in which formats, which are named in words, something is written, and where to."""
    return stack(
        click.option(
            "-f",
            "--format",
            "formats",
            multiple=True,
            metavar="FORMAT[:FILE]",
            help=f"{formats}; repeat it for several, each into its FILE. Default: terminal to stdout.",
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            help=f"Write the {noun} to this file instead of stdout.",
        ),
        click.option("--no-color", is_flag=True, help="No colour; the NO_COLOR variable does the same."),
    )


output_options = stack(
    written_as("terminal or json", "report"),
    click.option("--show-passes", is_flag=True, help="List what passed too."),
)


def policy_file(told: str) -> Callable[[Any], Any]:
    """Return the option that names the policy file; ``told`` says what the command takes from it."""
    return click.option(
        "--policy", "policy_file", type=click.Path(path_type=Path), envvar="CLOUDSCAN_POLICY", help=told
    )


on_engine = stack(
    click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark"]),
        default="duckdb",
        show_default=True,
        help="What runs the SQL on the object table: spark, which is an extra, where one machine is outgrown.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(min=64),
        metavar="MB",
        help="Memory of duckdb for the object table. Default: enough for ten million objects.",
    ),
)
judge_options = stack(
    policy_file(
        "What your organization has decided: ages, keys, trusted parties. Default: ./cloudscan.yaml if it exists."
    ),
    click.option(
        "--checks",
        multiple=True,
        metavar="ID[,ID...]",
        help="Run only these checks. See: cloudscan checks list",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["critical", "high", "medium", "low", "none"]),
        default="high",
        show_default=True,
        help="The least severity that makes the exit code 1.",
    ),
    click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        help="An earlier JSON report: its findings are known and do not fail.",
    ),
    click.option(
        "--min-coverage",
        type=click.FloatRange(0, 100),
        default=100.0,
        show_default=True,
        metavar="PERCENT",
        help="Below this share of answered questions the exit code is 3.",
    ),
    click.option("--exit-zero", is_flag=True, help="Make exit codes 1 and 3 into 0."),
    click.option(
        "--now",
        type=Moment(),
        help="Measure ages against this date. Default: when the snapshot was finished.",
    ),
    on_engine,
)
collect_options = stack(
    click.option(
        "--buckets",
        "stores",
        multiple=True,
        metavar="GLOB",
        help="Only stores whose name matches; repeatable.",
    ),
    click.option("--max-objects", type=click.IntRange(1), metavar="N", help="List at most N objects of each store."),
    click.option(
        "--versions",
        is_flag=True,
        help="List all that stores keep: old versions of objects, deleted ones that can be got back, and uploads that "
        "were not finished.",
    ),
    click.option(
        "--sniff",
        type=click.IntRange(0),
        default=0,
        show_default=True,
        metavar="N",
        help="Read the first 4 KiB of at most N objects: first of those that name and type do not settle, then of "
        "recordings whose length is a guess.",
    ),
    click.option(
        "--sniff-bytes",
        type=click.IntRange(512, 65_536),
        default=4096,
        show_default=True,
        metavar="BYTES",
        help="With --sniff: read so much, and as much again where that leaves an object open.",
    ),
    click.option(
        "--heads",
        type=click.IntRange(0),
        default=0,
        show_default=True,
        metavar="N",
        help="Read the metadata (encryption key, type) of at most N objects of each corpus.",
    ),
    click.option(
        "--since",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="SNAPSHOT",
        help="An earlier snapshot of the same scope: heads of objects that have not changed are taken from it.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 128),
        default=16,
        show_default=True,
        metavar="N",
        help="Threads that ask.",
    ),
    click.option(
        "--max-rps",
        type=click.FloatRange(0.1),
        metavar="N",
        help="At most N requests a second to each service.",
    ),
    click.option("--endpoint-url", help="Ask this endpoint instead of the cloud's own; SDKs' own variables count too."),
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors and what is kept.")


def _verbose(context: click.Context, _: click.Parameter, given: bool) -> None:  # noqa: FBT001 - click passes options so
    """Note it where all commands look: it can be given before a command and behind it."""
    if given:
        context.ensure_object(dict)["verbose"] = True


verbose = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_verbose,
    help="Show the traceback of an internal error.",
)


def provider_options(names: Sequence[str]) -> list[click.Option]:
    """Make the options that these providers have of their own."""
    from cloudscan import plugins

    made: dict[str, click.Option] = {}
    several = len(names) > 1
    for name in names:
        for option in plugins.provider(name).options:
            shape: dict[str, Any] = (
                {"is_flag": True} if option.flag else {"metavar": option.metavar, "multiple": option.multiple}
            )
            text = f"{option.help} [{name}]" if several else option.help
            if option.name in made:
                made[option.name].help = f"{made[option.name].help}; {text}"
                continue
            made[option.name] = click.Option(
                [f"--{option.name}", f"cloud_{option.name.replace('-', '_')}"], help=text, **shape
            )
    return list(made.values())


def listed(given: Sequence[str]) -> list[str]:
    """Take apart lists that were given by comma or by repeating the option. Raises UsageError for an empty one."""
    names = [name.strip() for part in given for name in part.split(",") if name.strip()]
    if given and not names:
        raise UsageError("--checks names no check; leave it out to run all")
    return names


def decisions(given: dict[str, Any]) -> tuple[list[Check], Policy]:
    """Return the checks that were chosen, and what the user's policy file decides."""
    from cloudscan import plugins
    from cloudscan.policy.file import Policy, read_policy

    path = policy_path(given)
    policy = read_policy(path) if path else Policy()
    _refuse_unknown(policy, str(path))
    return plugins.select_checks(listed(given["checks"])), policy


def _refuse_unknown(policy: Policy, path: str) -> None:
    """Refuse what a policy file says of checks that are not there: it would be kept by nobody."""
    from cloudscan import plugins
    from cloudscan.policy.faults import near

    known = sorted({name for check in plugins.checks() for name in (check.id, *check.aliases)})
    wrong = [(name, f"severity.{name}") for name in policy.severity if name not in known]
    wrong += [
        (rule.check, f"suppressions[{number}].check")
        for number, rule in enumerate(policy.suppressions)
        if not any(fnmatchcase(name, rule.check) for name in known)
    ]
    for name, place in wrong[:1]:
        hint = near(name, known) or "; see: cloudscan checks list"
        raise PolicyFileError(f"{path}: {place}: no check is called {name}{hint}")


def policy_path(given: dict[str, Any]) -> Path | None:
    """Return the policy file: the one that was named, or the one that lies here."""
    named: Path | None = given["policy_file"]
    return named or (Path(POLICY_FILE) if Path(POLICY_FILE).exists() else None)


def scopes(
    names: Sequence[str], checks: Sequence[Check], policy: Policy, given: dict[str, Any]
) -> tuple[list[Provider], dict[str, Scope]]:
    """Return the providers and what each is to look at."""
    from cloudscan import plugins
    from cloudscan.provider import Scope
    from cloudscan.scan import needed_facets

    endpoint = given["endpoint_url"]
    if endpoint and not re.match(r"https?://[^/\s]+", endpoint):
        raise UsageError(f"--endpoint-url {endpoint} is no address such as https://host:port")
    providers = [plugins.provider(name) for name in names]
    scopes = {}
    for provider in providers:
        options = {option.name: given.get(f"cloud_{option.name.replace('-', '_')}") for option in provider.options}
        scopes[provider.name] = Scope(
            facets=needed_facets(checks, policy, versions=given["versions"]),
            stores=tuple(given["stores"]),
            max_objects=given["max_objects"],
            versions=given["versions"],
            sniff=given["sniff"],
            sniff_bytes=given["sniff_bytes"],
            heads=given["heads"],
            workers=given["workers"],
            max_rps=given["max_rps"],
            endpoint_url=given["endpoint_url"],
            options=options,
        )
    return providers, scopes


def baseline(path: Path | None) -> frozenset[str]:
    """Read the fingerprints of an earlier JSON report."""
    if path is None:
        return frozenset()
    import json

    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        return frozenset(finding["fingerprint"] for finding in report["findings"] if finding["verdict"] == "fail")
    except OSError as error:
        raise UsageError(f"cannot read the baseline {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is not a JSON report of cloudscan: {type(error).__name__} {error}") from error


def outputs(given: dict[str, Any]) -> list[tuple[Report, Path | None]]:
    """Say which reports go where, before any work is done. The first without a file goes to -o or stdout."""
    from cloudscan import plugins

    return placed(given, plugins.report)


def _refuse_another(path: Path, find: Callable[[str], object]) -> None:
    """Refuse to write for a terminal to a file that is called after another format: nobody may notice."""
    form = path.suffix.removeprefix(".").lower()
    try:
        find(form)
    except UsageError:
        return
    raise UsageError(f"{path} would hold text for a terminal: add -f {form}, or name it otherwise")


def placed(given: dict[str, Any], find: Callable[[str], T]) -> list[tuple[T, Path | None]]:
    """Say what goes where, each format found by its name; None is stdout."""
    outputs: list[tuple[T, Path | None]] = []
    for part in given["formats"] or ["terminal"]:
        name, _, file = part.partition(":")
        outputs.append((find(name), Path(file) if file and file != "-" else None))
    if given["output"] and given["output"] != Path("-"):
        free = [number for number, (_, file) in enumerate(outputs) if file is None]
        if not free:
            raise UsageError("-o has nothing to write: every format names its own file")
        if not given["formats"]:
            _refuse_another(given["output"], find)
        outputs[free[0]] = (outputs[free[0]][0], given["output"])
    if sum(file is None for _, file in outputs) > 1:
        raise UsageError("two formats cannot share stdout; give them files: -f terminal -f json:report.json")
    return outputs
