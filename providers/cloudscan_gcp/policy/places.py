"""What may be asked about: resources, and the nodes above them whose policies hold for them too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloudscan.model import AclGrant, Answer
from cloudscan_gcp.policy.subjects import Subject


@dataclass(frozen=True, slots=True)
class Lists:
    """The access control lists that count for a resource beside its policies.

    ``uniform`` says whether uniform bucket-level access switches them off; ``entries`` is None where they were not
    read. ``of_object`` tells the list of an object from that of a bucket.
    """

    uniform: Answer
    entries: Sequence[AclGrant] | None
    of_object: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A resource to ask about.

    ``nodes`` are the resources whose policies hold for it, the organization first and itself last. ``above`` is False
    where it was not read what lies above the first of them. ``prevention`` says whether members that mean the public
    count for nothing here.
    """

    name: str
    nodes: tuple[str, ...]
    subject: Subject
    above: bool = True
    lists: Lists | None = None
    prevention: Answer = Answer.NO
