"""Commands that checks advise are commands that there are: those of AWS by botocore's models of its services."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
from botocore import xform_name
from botocore.session import Session

from cloudscan import plugins

ALIASES = {"s3api": "s3"}
"""Services that the command line calls by another name than botocore."""
EVERYWHERE = {"region"}
"""What every command takes."""
OPEN = "..."
"""What a command ends with that leaves out parameters which it needs."""


def commands() -> Iterator[tuple[str, str]]:
    """Every command of AWS in a remedy, with the check that advises it."""
    for check in plugins.checks():
        if check.module.startswith("cloudscan_checks."):
            for command in re.findall("`(aws [^`]+)`", check.remediation["aws"]):
                yield check.id, command


COMMANDS = sorted({command for _, command in commands()})


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 25


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_aws_is_one_with_its_parameters(command: str) -> None:
    _, service, operation, *rest = shlex.split(command)
    model = Session().get_service_model(ALIASES.get(service, service))
    named = {xform_name(each, "-"): each for each in model.operation_names}
    assert operation in named
    shape = model.operation_model(named[operation]).input_shape
    takes = {xform_name(each, "-"): shape.members[each] for each in shape.members}
    switches = {f"no-{name}" for name, member in takes.items() if member.type_name == "boolean"}
    given = {each.removeprefix("--") for each in rest if each.startswith("--")}
    assert given <= takes.keys() | switches | EVERYWHERE
    needed = {xform_name(each, "-") for each in shape.required_members}
    assert rest[-1:] == [OPEN] or needed <= given | {each.removeprefix("no-") for each in given}
