"""Whom access control lists alone name: no assignment leads to them, and one of their groups may be who reads.

They are asked about at the end of the unit that met them, each once in a collection, as those whom assignments name
are: with who is in their groups, and who owns them.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from cloudscan.model import MediaClass, PolicyDocument
from cloudscan.provider import Collected, Facet, ObjectRows, Unit
from cloudscan_azure import graph
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.policy.hns import Acl, read_acl
from cloudscan_azure.resources import acl_of


class Listed:
    """Adds to units of a tenant whom their access control lists name."""

    def __init__(self, tenant: str, subscriptions: Sequence[SubscriptionScope]) -> None:
        self._tenant, self._subscriptions = tenant, subscriptions
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def added(self, unit: Unit) -> Unit:
        """Return a unit that tells at its end of those whom its lists name."""
        return replace(unit, run=partial(self._run, unit))

    def _run(self, unit: Unit) -> Iterator[Collected]:
        ids: set[str] = set()
        for item in unit.run():
            yield item
            for acl in _lists(item):
                ids |= acl.named
        if new := self._take(ids):
            yield from graph.collect_listed(self._tenant, self._subscriptions, new)

    def _take(self, ids: Collection[str]) -> list[str]:
        """Take on those that no other unit has, in order."""
        with self._lock:
            new = sorted({*ids} - self._taken)
            self._taken.update(new)
        return new


def wanted(subscription: SubscriptionScope) -> bool:
    """Say whether both the lists and those whom they name are asked about."""
    return subscription.wants(Facet.ACL) and subscription.wants(Facet.PRINCIPALS)


def _lists(item: Collected) -> Iterator[Acl]:
    """Yield the lists of folders and of files that may be recordings, each once."""
    if isinstance(item, PolicyDocument) and item.kind == "acl":
        found = [read_acl(item.document)]
    elif isinstance(item, ObjectRows):
        found = [*map(acl_of, {row.acl for row in item.rows if row.acl and row.media != MediaClass.OTHER})]
    else:
        return
    yield from (acl for acl in found if acl is not None)
