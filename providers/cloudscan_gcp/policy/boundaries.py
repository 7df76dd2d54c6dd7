"""Principal access boundaries: to which resources principals may have access at all.

From "Principal access boundary policies" (IAM documentation): a policy lists resources, and whoever it is bound to may
use only these, as far as its enforcement version blocks a permission. Which permissions a version blocks is a list
that grows; so outside of its resources the effect is unseen, never a refusal and never nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from cloudscan.access.conditions import NEVER, Condition, Unseen, all_of, any_of
from cloudscan_gcp.policy.members import Caller, means

_RESOURCES = "//cloudresourcemanager.googleapis.com/"


@dataclass(frozen=True, slots=True)
class Boundary:
    """One policy: the resources that it leaves open (None if it makes no sense), and the sets that it is bound to."""

    name: str
    resources: frozenset[str] | None
    bound_to: tuple[str, ...]

    def keeps(self, caller: Caller, nodes: Iterable[str]) -> Condition:
        """Say whether it may keep somebody from a resource below some nodes."""
        if self.resources is not None and any(f"{_RESOURCES}{node}" in self.resources for node in nodes):
            return NEVER
        meant = any_of(_bound(member, caller) for member in self.bound_to)
        effect = Unseen(f"what {self.name} keeps those from whom it binds hangs on its enforcement version")
        return all_of((meant, effect))


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


def _bound(member: str, caller: Caller) -> Condition:
    """Say whether a principal set means somebody; of the sets of an organization or a domain nobody read who is in."""
    if member.startswith("//"):
        member = f"principalSet:{member}"
    if member.startswith("principalSet://cloudresourcemanager.googleapis.com/organizations/"):
        return any_of((means(member, caller), Unseen(f"who is of {member} was not read")))
    return means(member, caller)
