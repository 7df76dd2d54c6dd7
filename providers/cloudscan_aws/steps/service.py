"""What a service is to which a role can be passed: whom the role must trust, and the calls that make it act."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cloudscan.model import MediaClass
from cloudscan_aws.steps.calls import Call

_ID = re.compile(r"(?<![\w-])[a-z][a-z0-9]*-\d{3}(?!\d)")


@dataclass(frozen=True, slots=True)
class Service:
    """A service to which a role can be passed.

    ``ways`` are (calls, source) pairs; ``puts`` are those by which it puts what it reads, as the role, into a bucket
    that one names. ``profile`` says that it takes the role in an instance profile, ``reads_only`` that it hands over
    what it reads and does nothing else as the role, ``media`` which classes of objects it reads, () for all. ``does``
    completes "... that runs as ROLE".
    """

    name: str
    principal: str
    does: str
    ways: tuple[tuple[tuple[Call, ...], str], ...] = ()
    puts: tuple[tuple[tuple[Call, ...], str], ...] = ()
    profile: bool = False
    reads_only: bool = False
    media: tuple[MediaClass, ...] = ()

    @property
    def alternatives(self) -> tuple[tuple[tuple[Call, ...], str], ...]:
        """All of its ways."""
        return (*self.ways, *self.puts)


def on(service: str, resource: str) -> str:
    """Return the ARN of something of a service, of which the caller chooses region and name."""
    return "arn:{partition}:" + service + ":{region}:{account}:" + resource


def cited(*sources: str) -> str:
    """Name sources so that they can be looked up: the ids of steps are those of the catalogue pathfinding.cloud."""
    return _ID.sub(r"pathfinding.cloud \g<0>", ", ".join(sources), count=1)


def calls(on: str, *actions: str) -> tuple[Call, ...]:
    """Return calls that are all made on the same new thing."""
    return tuple(Call(action, on) for action in actions)
