"""The options of ``cloudscan reach``, and what does not go together: it would be ignored in silence."""

from __future__ import annotations

from typing import Any

import click

from cloudscan.commands import options
from cloudscan.errors import UsageError


def _one(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> str | None:
    """Return the one that was given, None for none; of several the last would win in silence."""
    if any(not word.strip() for word in given):
        raise UsageError(f"{parameter.opts[0]} names nothing")
    if len(given) > 1:
        raise UsageError(f"{parameter.opts[0]} takes one {parameter.make_metavar(context)}: ask one after the other")
    return given[0] if given else None


question = options.stack(
    click.option(
        "--to",
        multiple=True,
        callback=_one,
        metavar="STORE|OBJECT",
        help="Who can come to read it: a name or a full id, or of one object STORE/KEY.",
    ),
    click.option(
        "--from",
        "from_",
        multiple=True,
        callback=_one,
        metavar="PRINCIPAL",
        help="What it can come to read: a name, a full id, anyone, anyone-signed-in (any account of the cloud), or a"
        " key or signature that somebody may have.",
    ),
    click.option(
        "--cut",
        multiple=True,
        callback=_one,
        metavar="STORE",
        help="The fewest statements to take away so that nobody reads it.",
    ),
    click.option(
        "--keep",
        multiple=True,
        metavar="PRINCIPAL",
        help="With --cut: who is to keep reading beside the approved readers of the policy file; repeatable.",
    ),
    click.option("--without", multiple=True, metavar="STATEMENT", help="As if this statement were gone; repeatable."),
    click.option("--media", type=click.Choice(["speech", "transcript", "video"]), help="Only objects of this class."),
    click.option("--direct", is_flag=True, help="Only by rights of their own: no steps."),
    click.option(
        "--max-steps", type=click.IntRange(0), default=5, show_default=True, help="With --from and --to together."
    ),
    click.option(
        "--paths",
        type=click.IntRange(1),
        default=100,
        show_default=True,
        help="With --from and --to together: as many ways at most.",
    ),
    options.policy_file(
        "The policy file: who is trusted, and approved as a reader. Default: ./cloudscan.yaml if it exists."
    ),
    click.option(
        "--all", "every", is_flag=True, help="Write out every way and statement, and each that comes the same way."
    ),
)


def check(context: click.Context, given: dict[str, Any]) -> None:
    """Refuse options that do not go together. Raises :class:`UsageError`."""
    between = given["to"] and given["from_"]
    if given["cut"] and (given["to"] or given["from_"]):
        raise UsageError("ask one thing: --to STORE, --from PRINCIPAL, both of these together, or --cut STORE")
    if given["keep"] and not given["cut"]:
        raise UsageError("--keep goes with --cut")
    if given["without"] and given["cut"]:
        raise UsageError("--without goes with --to or --from")
    for name in ("max_steps", "paths"):
        if not between and _typed(context, name):
            raise UsageError(f"--{name.replace('_', '-')} goes with --from and --to together")
    if given["direct"] and _typed(context, "max_steps"):
        raise UsageError("--direct takes no steps: leave out --max-steps")


def _typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
