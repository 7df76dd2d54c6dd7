"""Allow policies: who has which role on a resource, under which condition.

From "Policy" (IAM API reference): bindings of a role to members, each perhaps with a condition in CEL. Order and
repetition mean nothing: policies are unions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Binding:
    """One member's role in an allow policy, under a condition ("" for none).

    ``statement`` names it in proofs: a member is what is taken out of a policy (`remove-iam-policy-binding`).
    ``eligible``: the role is had on request alone ("Privileged Access Manager overview").
    """

    policy: str
    role: str
    member: str
    expression: str = ""
    eligible: bool = False

    @property
    def statement(self) -> str:
        """Its name in proofs."""
        told = f" if {self.expression}" if self.expression else ""
        return f"{self.policy}: {self.role} for {self.member}{told}"


@dataclass(frozen=True, slots=True)
class AllowPolicy:
    """The bindings of one policy; ``faults`` are what of it makes no sense, in words."""

    name: str
    bindings: Sequence[Binding]
    faults: Sequence[str] = ()


class Expr(msgspec.Struct):
    """A condition as policies write it."""

    expression: str


class _Binding(msgspec.Struct):
    role: str
    members: list[str] = msgspec.field(default_factory=list)
    condition: Expr | None = None


class _Policy(msgspec.Struct):
    bindings: list[msgspec.Raw] = msgspec.field(default_factory=list)


_POLICY = msgspec.json.Decoder(_Policy)
_BINDING = msgspec.json.Decoder(_Binding)


def read_policy(name: str, document: str) -> AllowPolicy:
    """Read an allow policy as the cloud returned it. Total: what makes no sense is a fault, and may give anything."""
    try:
        written = _POLICY.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return AllowPolicy(name, (), (f"{name} is malformed",))
    found: list[Binding] = []
    faults = []
    for place, raw in enumerate(written.bindings, start=1):
        try:
            one = _BINDING.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            faults.append(f"binding {place} of {name} is malformed")
            continue
        expression = one.condition.expression if one.condition else ""
        found += (Binding(name, one.role, member, expression) for member in one.members)
    return AllowPolicy(name, tuple(dict.fromkeys(found)), tuple(faults))
