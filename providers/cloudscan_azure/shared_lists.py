"""Lists as they were told, and those that several units of a scan need, which are asked for once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.model import Gap
from cloudscan.provider import Facet
from cloudscan.providing.questions import Absent
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What came of a list, and the Gap that ended it early, None where it is whole.

    ``absent``: was the answer that there can be no such list.
    """

    items: Sequence[Told] = ()
    gap: Gap | None = None
    absent: bool = False

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The Gap, if there is one."""
        return (self.gap,) if self.gap else ()

    @property
    def told(self) -> bool:
        """Whether anything was answered: a list that came in part, too."""
        return bool(self.items) or self.gap is None


def listing(asker: Asker, operation: str, path: str, *, facet: Facet, resource: str, **asked: Any) -> Listing:
    """Ask for a list; ``asked`` is as :meth:`Asker.pages` has it."""
    items, end = asker.pages(operation, path, facet=facet, resource=resource, **asked)
    return Listing(items, end if isinstance(end, Gap) else None, isinstance(end, Absent))


def shared(asker: Asker, operation: str, path: str, *, facet: Facet, resource: str, **asked: Any) -> Listing:
    """Ask for a list of which the scan needs one answer, whoever asks first. It counts for everybody who needs it.

    The Gap is told for the account and facet of whoever asks.
    """
    told, new = asker.clients.shared.answer(
        f"{operation} {path} {asked.get('query')} {asked.get('body')}",
        lambda: listing(asker, operation, path, facet=facet, resource=resource, **asked),
    )
    if new:
        return told
    asker.count(facet, answered=told.gap is None)
    return replace(told, gap=told.gap and replace(told.gap, account=asker.account, facet=facet, resource=resource))


def in_subscription(
    subscription: SubscriptionScope, asker: Asker, operation: str, kind: str, *, facet: Facet, **asked: Any
) -> Listing:
    """Ask for all resources of a type, by its full name, that lie in a subscription, as :func:`shared` does.

    A Gap is one of the subscription unless another ``resource`` is told.
    """
    told = {"resource": subscription.id, "permission": f"{kind}/read", **asked}
    return shared(asker, operation, path_of(subscription.path, "providers", kind), facet=facet, **told)
