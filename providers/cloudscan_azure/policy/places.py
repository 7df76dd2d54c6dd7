"""What may be asked about: resources and the scopes above them, as they were read, and as a step would make them."""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access.conditions import Condition
from cloudscan_azure.policy.abac import Subject
from cloudscan_azure.policy.hns import Acl


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A resource or scope to ask about.

    ``scopes`` are those whose assignments hold for it, the tenant's root first; ``itself`` is its own, which for a blob
    is that of its container. ``above`` is False where it was not read which management groups its subscription lies
    in. ``tenant`` is the one whose tokens it takes, "" where that is not known. ``lists`` are the access control lists
    on the way to it, each with the rights that it has to give, or what stands for one that was not read; there are none
    without a hierarchical namespace.
    """

    name: str
    scopes: tuple[str, ...]
    itself: str
    subject: Subject
    above: bool = True
    tenant: str = ""
    lists: tuple[tuple[Acl | Condition, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed beside what was read, for a step that would make it so.

    ``granted`` are scopes at which the caller has a role that permits everything, data too. ``widened`` are roles, by
    the last part of their ids, that permit everything. ``lifted`` are deny assignments and locks that are gone.
    ``opened`` are storage accounts without network rules, ``keyed`` ones that take shared keys, and ``published``
    containers that anybody may read and list, which takes the account's switch too. ``working`` are keys that serve.
    """

    granted: frozenset[str] = frozenset()
    widened: frozenset[str] = frozenset()
    lifted: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    keyed: frozenset[str] = frozenset()
    published: frozenset[str] = frozenset()
    working: frozenset[str] = frozenset()


AS_READ = Supposed()
