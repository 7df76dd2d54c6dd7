"""Who asks: a caller with the policies that it brings along, and what its identity tells the request.

What could not be read of a caller is None, never an empty tuple.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

from cloudscan.access.conditions import Context
from cloudscan_aws.policy.documents import Policy


class Kind(Enum):
    """The kinds of caller, as far as the policy rules tell them apart."""

    ANYONE = "anyone"
    ROOT = "account root"
    USER = "user"
    ROLE = "role"
    SERVICE = "service"
    FEDERATED = "federated identity"


EVERYTHING = Policy.of(
    "everything that its own account could allow",
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
)
"""The identity policy we suppose of somebody whose own account we cannot look into."""


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """A principal as it makes a request. Callers compare by identity, so that they are cheap to remember by.

    ``name`` is an ARN of IAM (a role's own, not its session's), a service's name ("transcribe.amazonaws.com")
    or a federated provider; "" for an identity of which only the account is known. ``boundaries`` is empty
    without a permissions boundary. ``session`` is the name of a role's session, None while it may be any.
    ``claims`` are context keys that a federated token carries. ``organization`` is the id of a foreign
    account's own organization, "" if it is known to be in none.
    """

    kind: Kind
    name: str = ""
    account: str = ""
    policies: tuple[Policy, ...] | None = ()
    boundaries: tuple[Policy, ...] | None = ()
    session: str | None = None
    session_policies: tuple[Policy, ...] = ()
    tags: Mapping[str, str] | None = field(default_factory=dict)
    unique_id: str | None = None
    canonical_id: str | None = None
    service_linked: bool = False
    organization: str | None = None
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def signs(self) -> bool:
        """Whether it is an identity of an AWS account."""
        return self.kind in (Kind.ROOT, Kind.USER, Kind.ROLE)

    def __str__(self) -> str:
        if self.signs and not self.name:
            unnamed = {STRANGERS_ACCOUNT: "anyone with an AWS account", NOBODYS_ACCOUNT: "an identity of some account"}
            return unnamed.get(self.account, f"an identity of account {self.account}")
        return self.name or self.kind.value


ANYONE = Caller(Kind.ANYONE)
"""Whoever sends a request without signing it."""


def service(name: str) -> Caller:
    """Return an AWS service that acts by itself, by its principal name."""
    return Caller(Kind.SERVICE, name)


def account_root(account: str, partition: str = "aws") -> Caller:
    """Return the root user of an account. For another account it stands for all that it could allow."""
    return Caller(Kind.ROOT, f"arn:{partition}:iam::{account}:root", account)


def somebody_in(account: str, name: str = "") -> Caller:
    """Return an identity of an account we cannot look into, which there may do everything.

    ``name`` is its ARN; without one it is an identity that no policy names, free in all that it can choose.
    """
    kind = Kind.ROLE if ":role/" in name else Kind.USER
    return Caller(kind, name, account, policies=(EVERYTHING,), tags=None)


STRANGERS_ACCOUNT = "just-anybody"
NOBODYS_ACCOUNT = "some-account"
"""Accounts that stand for all accounts that nothing names: of twelve characters as every account's number is, and
no number, since any number may be somebody's."""
STRANGER = replace(somebody_in(STRANGERS_ACCOUNT), canonical_id="")
"""Any signed-in AWS principal of an account that nobody knows: accounts are free."""


@lru_cache(maxsize=1 << 16)
def facts(caller: Caller) -> Context:
    """Return the context keys that follow from who the caller is: present with a value, or absent.

    From "AWS global condition context keys" (the availability of each) and the table "Principal key values".
    """
    match caller.kind:
        case Kind.ANYONE:
            known = {"aws:PrincipalType": "Anonymous"}
            absent = ["aws:Principal*", "aws:username", "aws:TokenIssueTime", "aws:MultiFactorAuth*", *_SERVICE_KEYS]
        case Kind.SERVICE:
            known = {
                "aws:PrincipalIsAWSService": "true",
                "aws:PrincipalServiceName": caller.name,
                "aws:PrincipalServiceNamesList": caller.name,
            }
            absent = ["aws:Principal*", "aws:username", "aws:MultiFactorAuth*"]
        case Kind.FEDERATED:
            known = {}
            absent = ["aws:Principal*", "aws:username", "aws:MultiFactorAuth*", *_SERVICE_KEYS]
        case _:
            return _signed(caller)
    return Context.of({**known, **caller.claims}, absent=absent)


_SERVICE_KEYS = ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceOwner")
"""Present only when an AWS service calls by itself on behalf of a resource."""


def _signed(caller: Caller) -> Context:
    known = {"aws:PrincipalAccount": caller.account, "aws:PrincipalIsAWSService": "false"}
    absent = ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", *_SERVICE_KEYS]
    if caller.tags is not None:
        known |= {f"aws:PrincipalTag/{name}": value for name, value in caller.tags.items()}
        absent.append("aws:PrincipalTag/*")
    if caller.name:
        known |= _named(caller)
        absent += [] if caller.kind is Kind.USER else ["aws:username"]
    return Context.of({**known, **caller.claims}, absent=absent)


def _named(caller: Caller) -> dict[str, str]:
    """Return the keys that follow from an identity's own name and unique id."""
    known = {"aws:PrincipalArn": caller.name}
    match caller.kind:
        case Kind.ROOT:
            known |= {"aws:PrincipalType": "Account", "aws:userid": caller.account}
        case Kind.USER:
            known |= {"aws:PrincipalType": "User", "aws:username": caller.name.rpartition("/")[2]}
            known |= {"aws:userid": caller.unique_id} if caller.unique_id else {}
        case Kind.ROLE:
            known |= {"aws:PrincipalType": "AssumedRole"}
            if caller.unique_id and caller.session is not None:
                known["aws:userid"] = f"{caller.unique_id}:{caller.session}"
    return known
