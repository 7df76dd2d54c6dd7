"""Whom a statement of a resource's policy names, and how it names them.

From "AWS JSON policy elements: Principal", "NotPrincipal" and the table "Resource-based policies and implicit
denies in other policy types (same account)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.oracle.matching import many
from tests.oracle.verdict import Json, Undocumented

DIRECT, ROLE, ACCOUNT = "direct", "role", "account"
"""A statement may name the one who asks (a user, a session, everybody, a service, an identity provider), the role
whose session asks, or its account, which then decides by its own policies."""

SIGNED = ("user", "role", "root")


@dataclass(frozen=True)
class Caller:
    """Who asks. ``kind`` is user, role, root, anonymous, service or federated; ``name`` is its own ARN, its
    service's name or its provider; ``chain`` is what it is, from the most special to its account.
    """

    kind: str
    name: str = ""
    account: str = ""
    session: str = ""
    identity: list[Json] = field(default_factory=list)
    boundary: list[Json] = field(default_factory=list)
    session_policy: list[Json] = field(default_factory=list)
    service_linked: bool = False

    @property
    def signed(self) -> bool:
        """Whether it is an identity of an AWS account."""
        return self.kind in SIGNED

    @property
    def session_arn(self) -> str:
        """The ARN of the session of a role."""
        return f"arn:aws:sts::{self.account}:assumed-role/{self.name.rpartition('/')[2]}/{self.session}"

    @property
    def chain(self) -> list[str]:
        """What it is, from the most special to its account."""
        root = f"arn:aws:iam::{self.account}:root"
        match self.kind:
            case "role":
                return [self.session_arn, self.name, root]
            case "user":
                return [self.name, root]
            case "root":
                return [root]
            case "anonymous":
                return []
        return [self.name]


def admits(statement: Json, caller: Caller) -> str:
    """Return how a statement names a caller, "" if it does not."""
    if "Principal" in statement:
        found = {_level(*named, caller) for named in _named(statement["Principal"])}
        return next((level for level in (DIRECT, ROLE, ACCOUNT) if level in found), "")
    return DIRECT if _is_no_exception(statement, caller) else ""


def _named(principal: object) -> list[tuple[str, str]]:
    """Return what a principal lists, each with its type."""
    if not isinstance(principal, dict):
        return [("", str(principal))]
    return [(kind, str(name)) for kind, names in principal.items() for name in many(names)]


def _level(kind: str, name: str, caller: Caller) -> str:
    if name == "*":
        if kind and not caller.signed and caller.kind != "anonymous":
            raise Undocumented("a star among AWS principals for somebody who is none")
        return DIRECT
    match kind:
        case "AWS" if caller.signed:
            return _aws_level(name, caller)
        case "Service" if caller.kind == "service":
            return DIRECT if name == caller.name else ""
        case "Federated" if caller.kind == "federated":
            return DIRECT if name == caller.name else ""
    return ""


def _aws_level(name: str, caller: Caller) -> str:
    if _whole(name) == f"arn:aws:iam::{caller.account}:root":
        return DIRECT if caller.kind == "root" else ACCOUNT
    if caller.kind == "role" and name == caller.name:
        return ROLE
    return DIRECT if name == caller.chain[0] else ""


def _whole(name: str) -> str:
    """Return the ARN of an account that is written in its twelve digits."""
    return f"arn:aws:iam::{name}:root" if re.fullmatch(r"\d{12}", name) else name


def _is_no_exception(statement: Json, caller: Caller) -> bool:
    """Whether NotPrincipal leaves somebody in the statement: it spares whom it lists with role and account."""
    if statement["Effect"] == "Deny" and caller.boundary:
        return True  # "will always deny any IAM principal that has a permissions boundary attached"
    listed = {_whole(name) for _, name in _named(statement["NotPrincipal"])}
    if not caller.chain or caller.chain[0] not in listed:
        if caller.kind == "role" and caller.name in listed:
            raise Undocumented("NotPrincipal lists the role but not its session")
        return True
    if not set(caller.chain) <= listed:
        raise Undocumented("NotPrincipal lists somebody without its account")
    return False
