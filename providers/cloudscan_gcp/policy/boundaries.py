"""Principal access boundaries: to which resources principals may have access at all.

From "Principal access boundary policies" (IAM documentation): a policy lists resources, and whoever it is bound to may
use only these, as far as its enforcement version blocks a permission. Which permissions a version blocks is a list
that grows; so outside of its resources the effect is unseen, never a refusal and never nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from cloudscan.access.conditions import Condition, Unseen

_RESOURCES = "//cloudresourcemanager.googleapis.com/"


@dataclass(frozen=True, slots=True)
class Boundary:
    """One policy: the resources that it leaves open (None if it makes no sense), and the sets that it is bound to."""

    name: str
    resources: frozenset[str] | None
    bound_to: tuple[str, ...]

    def leaves_open(self, nodes: Iterable[str]) -> bool:
        """Whether it keeps nobody from a resource below some nodes."""
        return self.resources is not None and any(f"{_RESOURCES}{node}" in self.resources for node in nodes)

    @property
    def effect(self) -> Condition:
        """What it does to those whom it binds outside of what it leaves open."""
        return Unseen(f"what {self.name} keeps those from whom it binds hangs on its enforcement version")


class _Rule(msgspec.Struct):
    resources: list[str] = msgspec.field(default_factory=list)


class _Details(msgspec.Struct):
    rules: list[_Rule] = msgspec.field(default_factory=list)


class _Policy(msgspec.Struct):
    details: _Details


_POLICY = msgspec.json.Decoder(_Policy)


def read_boundary(name: str, document: str, bound_to: tuple[str, ...]) -> Boundary:
    """Read a boundary as the cloud returned it. Total: one that makes no sense leaves nothing open for certain."""
    try:
        written = _POLICY.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Boundary(name, None, bound_to)
    return Boundary(name, frozenset(each for rule in written.details.rules for each in rule.resources), bound_to)
