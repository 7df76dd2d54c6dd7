"""Whom the Principal or NotPrincipal of a statement means, and in which capacity.

From "AWS JSON policy elements: Principal": an account (its root ARN or twelve digits) delegates to that
account and admits nobody by itself; a role ARN admits the role's sessions within what limits the role; a
session ARN, a user ARN and ``*`` admit directly. No other wildcard has a meaning here.
"""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Test, all_of, any_of, constant, negate
from cloudscan.access.patterns import Pattern
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Principals, Statement


@dataclass(frozen=True, slots=True)
class Admission:
    """In which capacities a statement means a caller: itself, as its role, as one of its account."""

    direct: Condition = NEVER
    role: Condition = NEVER
    account: Condition = NEVER

    @property
    def any(self) -> Condition:
        """In any capacity."""
        return any_of((self.direct, self.role, self.account))

    def under(self, condition: Condition) -> Admission:
        """The same where a condition holds as well."""
        if condition is ALWAYS:
            return self
        return Admission(*(all_of((part, condition)) for part in (self.direct, self.role, self.account)))


NOBODY = Admission()
EVERYBODY = Admission(direct=ALWAYS)


def join(admissions: list[Admission]) -> Admission:
    """Join what several statements admit."""
    if len(admissions) < 2:
        return admissions[0] if admissions else NOBODY
    return Admission(
        any_of(each.direct for each in admissions),
        any_of(each.role for each in admissions),
        any_of(each.account for each in admissions),
    )


def admission(statement: Statement, caller: Caller) -> Admission | None:
    """Say in which capacities a statement of a resource's policy means a caller; None if it names nobody."""
    if statement.principals is not None:
        return _named(statement.principals, caller)
    if statement.not_principals is not None:
        return _all_but(statement, statement.not_principals, caller)
    return None


def _all_but(statement: Statement, listed: Principals, caller: Caller) -> Admission:
    """Apply NotPrincipal: everybody except whom it lists.

    From "AWS JSON policy elements: NotPrincipal": listing an account spares its root user, not each of its
    users; and with Deny it never spares an identity that has a permissions boundary.
    """
    if statement.effect == "Deny" and caller.boundaries:
        return EVERYBODY
    spared = _named(listed, caller)
    return Admission(direct=negate(any_of((spared.direct, spared.role))))


def named(name: str, caller: Caller) -> Admission:
    """Say in which capacities a name means a caller: an ARN or account, or a service's name."""
    return _one("Service" if caller.kind is Kind.SERVICE else "AWS", name, caller)


def _named(principals: Principals, caller: Caller) -> Admission:
    return join([_one(kind, name, caller) for kind, name in principals.names])


def _one(kind: str, name: str, caller: Caller) -> Admission:
    if name == "*":
        return EVERYBODY if kind == "AWS" else NOBODY
    if kind == "AWS":
        return _aws(name, caller) if caller.signs else NOBODY
    if kind == "CanonicalUser":
        return _as_account(caller) if caller.canonical_id == name else NOBODY
    meant = {"Service": Kind.SERVICE, "Federated": Kind.FEDERATED}.get(kind)
    return EVERYBODY if meant is caller.kind and name == caller.name else NOBODY


def _aws(name: str, caller: Caller) -> Admission:
    if name == caller.account or _is_root_of(name, caller.account):
        return _as_account(caller)
    if name in (caller.name, caller.unique_id):
        return Admission(role=ALWAYS) if caller.kind is Kind.ROLE else EVERYBODY
    if caller.kind is Kind.ROLE:
        return Admission(direct=_is_session(name, caller))
    return NOBODY


def _is_root_of(name: str, account: str) -> bool:
    return name.startswith("arn:") and name.endswith(f":iam::{account}:root") and name.count(":") == 5


def _as_account(caller: Caller) -> Admission:
    return EVERYBODY if caller.kind is Kind.ROOT else Admission(account=ALWAYS)


def _is_session(name: str, caller: Caller) -> Condition:
    """Compare with ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`` (the role without its path)."""
    before, _, session = name.rpartition("/")
    role = caller.name.rpartition("/")[2]
    partition = caller.name.split(":", 2)[1] if caller.name.count(":") >= 2 else "aws"
    if before != f"arn:{partition}:sts::{caller.account}:assumed-role/{role}":
        return NEVER
    if caller.session is None:
        return Test("sts:RoleSessionName", Operator.EQUALS, (Pattern((session,)),))
    return constant(value=session == caller.session)
