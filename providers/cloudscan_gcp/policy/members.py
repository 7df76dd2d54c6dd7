"""Whom the members of policies mean.

From "Principal identifiers" (IAM documentation): members of allow policies carry a type and a name
(``user:ana@example.com``); deny policies and lists of newer sorts name principals by URI (``principal://...``). Both
are brought to the first form here where there is one. Addresses are compared without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Over, Test, Unseen
from cloudscan.access.patterns import Pattern

ALL_USERS = "allUsers"
ALL_AUTHENTICATED = "allAuthenticatedUsers"
PUBLIC = frozenset({ALL_USERS, ALL_AUTHENTICATED})
"""The members that public access prevention switches off."""
EVERYBODY = "principalSet://goog/public:all"
"""The principal set of deny policies that takes in everybody, signed in or not."""

_ADDRESSED = ("user:", "serviceAccount:", "group:", "domain:")
_BY_URI = (
    (re.compile(r"principal://goog/subject/(.+)"), "user:"),
    (re.compile(r"principalSet://goog/group/(.+)"), "group:"),
    (re.compile(r"principal://iam\.googleapis\.com/projects/[^/]+/serviceAccounts/([^/]+)"), "serviceAccount:"),
)
_SUBJECT = re.compile(r"principal://(?P<pool>iam\.googleapis\.com/.+/(?:workload|workforce)(?:Identity)?Pools/[^/]+)/")
_OF_POOL = re.compile(r"principalSet://(?P<pool>iam\.googleapis\.com/.+Pools/[^/]+)/(?P<part>.+)")


def _certain(_: str) -> str:
    """Say that it is known of every member whether it means somebody."""
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """Somebody who asks: by which members policies mean it for certain, and by which perhaps.

    ``name`` is how grants and edges call it. ``perhaps`` says of another member why it is not known whether that
    means it, "" where it does not. ``stopped`` says why it cannot ask at all, "" where it can; ``taken`` as what it is
    taken if it can, "" for what it is. Callers compare by identity, to be remembered by.
    """

    name: str
    members: frozenset[str]
    perhaps: Callable[[str], str] = _certain
    stopped: str = ""
    taken: str = ""

    @property
    def signs(self) -> bool:
        """Whether it asks with credentials of whatever sort."""
        return self.members != _NOBODY_IN_PARTICULAR


_NOBODY_IN_PARTICULAR = frozenset({ALL_USERS, EVERYBODY})
_ACCOUNTS = frozenset({ALL_USERS, EVERYBODY, ALL_AUTHENTICATED})


def anyone(name: str) -> Caller:
    """Return who asks without credentials."""
    return Caller(name, _NOBODY_IN_PARTICULAR)


def anyone_signed_in(name: str) -> Caller:
    """Return who has an account of Google's, and nothing else is known of it."""
    return Caller(name, _ACCOUNTS)


def own_members(member: str) -> frozenset[str]:
    """Return the members that mean a principal by what its name says, without groups.

    From "Principal identifiers": a domain takes in its users and no service account; allAuthenticatedUsers takes in
    every account of Google's, service accounts too, and no identity of another provider.
    """
    name = normal(member)
    kind, _, address = name.partition(":")
    if kind == "user":
        domain = address.rpartition("@")[2]
        return _ACCOUNTS | {name, f"domain:{domain}"}
    if kind in ("serviceAccount", "group", "domain"):
        return _ACCOUNTS | {name}
    return frozenset({ALL_USERS, EVERYBODY, name, pool_of(name) or name})


def pool_of(member: str) -> str:
    """Return the set of everybody in the pool that an identity or a set of identities belongs to, "" for others."""
    found = _SUBJECT.match(member) or _OF_POOL.fullmatch(member)
    return f"principalSet://{found['pool']}/*" if found else ""


@lru_cache(maxsize=1 << 16)
def normal(member: str) -> str:
    """Bring a member to the form in which members are compared."""
    for pattern, kind in _BY_URI:
        if found := pattern.fullmatch(member):
            return f"{kind}{unquote(found[1]).casefold()}"
    for kind in _ADDRESSED:
        if member.startswith(kind):
            return f"{kind}{member[len(kind) :].casefold()}"
    return member


def is_deleted(member: str) -> bool:
    """Whether a member is the remainder of a principal that is no more: it means nobody ("Deleted principals")."""
    return member.startswith("deleted:")


@lru_cache(maxsize=1 << 18)
def means(member: str, caller: Caller) -> Condition:
    """Say whether a member of a policy means somebody.

    What a token claims of an identity from a pool beyond its subject is only known when it asks: that stays a
    condition on the attribute ("Workload Identity Federation": principal types).
    """
    if is_deleted(member):
        return NEVER
    name = normal(member)
    if name in caller.members:
        return ALWAYS
    if reason := caller.perhaps(name):
        return Unseen(reason)
    if name.startswith("principalSet://goog/cloudIdentityCustomerId/") and caller.name.startswith("user:"):
        return Unseen(f"who is a user of the customer {name.rpartition('/')[2]} was not read")
    return _claimed(name, caller.name)


def may_mean_others(member: str) -> bool:
    """Whether a member may mean somebody of whom nothing that was read says so: a set of whose members not all is."""
    return member.startswith(("group:", "projectOwner:", "projectEditor:", "projectViewer:", "principalSet:"))


def _claimed(member: str, caller: str) -> Condition:
    subject, wanted = _SUBJECT.match(caller), _OF_POOL.fullmatch(member)
    if not subject or not wanted or subject["pool"] != wanted["pool"]:
        return NEVER
    sort, _, value = wanted["part"].partition("/")
    values = (Pattern((value,)),) if value else (Pattern(()),)
    if sort == "group":
        return Test("google.groups", Operator.EQUALS, values, over=Over.ANY)
    if sort.startswith("attribute."):
        return Test(sort, Operator.EQUALS, values)
    return NEVER
