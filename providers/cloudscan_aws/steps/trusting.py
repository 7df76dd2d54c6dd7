"""Whom a role's trust policy names: the index by which those are found who may become it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cloudscan.access import keys
from cloudscan_aws.contents import referred_by, settled_by
from cloudscan_aws.policy.documents import Document, Malformed, Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.steps.things import is_of_resource

_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?(\d{12})(?::root)?")
_CALLS = ("sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml")


@dataclass(frozen=True, slots=True)
class Admits:
    """Whom a trust policy may admit, conditions apart.

    ``named`` are users, roles and sessions that it names, to admit or to deny or to spare them, ``accounts`` those
    that it trusts as a whole. ``anybody`` says that it names everyone, or everyone but some, ``unsure`` that it was
    not read or not understood. ``personal`` says that its conditions tell identities of one account apart,
    ``by_labels`` that they look at the role's tags.
    """

    named: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    federated: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    anybody: bool = False
    unsure: bool = False
    personal: bool = False
    by_labels: bool = False

    @property
    def open(self) -> bool:
        """Whether it may admit identities of its own account that need no allow of theirs."""
        return self.anybody or self.unsure


@lru_cache(maxsize=1 << 17)
def admits(document: Document | None) -> Admits:
    """Read a trust policy; None is one that was not read."""
    if document is None:
        return Admits(unsure=True)
    statements = [item for item in document.statements if isinstance(item, Statement)]
    allows = [item for item in statements if item.effect == "Allow" and any(covers(item, call) for call in _CALLS)]
    names = [name for item in allows if item.principals is not None for name in item.principals.names]
    by_aws = [name for kind, name in names if kind == "AWS"]
    return Admits(
        named=frozenset(name for name in _every_name(statements) if name != "*" and not _ACCOUNT.fullmatch(name)),
        accounts=frozenset(found[1] for name in by_aws if (found := _ACCOUNT.fullmatch(name))),
        federated=frozenset(name for kind, name in names if kind == "Federated"),
        services=frozenset(name for kind, name in names if kind == "Service"),
        anybody="*" in by_aws or any(item.not_principals is not None for item in allows),
        unsure=any(isinstance(item, Malformed) or item.faults for item in document.statements),
        personal=any(settled_by(condition) or referred_by(condition) for condition in map(condition_of, statements)),
        by_labels=any(is_of_resource(key) for item in statements for key in keys(condition_of(item))),
    )


def _every_name(statements: Iterable[Statement]) -> Iterator[str]:
    for item in statements:
        for principals in (item.principals, item.not_principals):
            yield from (name for kind, name in principals.names if kind == "AWS") if principals else ()
