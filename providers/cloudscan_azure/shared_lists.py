"""Lists that several units of a scan need: each is asked for once, and counts for every unit that needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.model import Gap
from cloudscan.provider import Facet
from cloudscan.questions import Absent
from cloudscan_azure.session import Asker

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What came of a list, and the Gap that ended it early, None where it is whole."""

    items: Sequence[Told] = ()
    gap: Gap | None = None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The Gap, if there is one."""
        return (self.gap,) if self.gap else ()

    @property
    def told(self) -> bool:
        """Whether anything was answered: a list that came in part, too."""
        return bool(self.items) or self.gap is None


def shared(asker: Asker, operation: str, path: str, *, facet: Facet, resource: str, **asked: Any) -> Listing:
    """Return a list of which the scan needs one answer, whoever asks first; ``asked`` is as :meth:`Asker.pages` has it.

    The Gap is told for the account and facet of whoever asks.
    """
    reply, new = asker.clients.shared.answer(
        f"{operation} {path} {asked.get('query')} {asked.get('body')}",
        lambda: asker.pages(operation, path, facet=facet, resource=resource, **asked),
    )
    items, end = reply
    gap = None if end is None or isinstance(end, Absent) else end
    if not new:
        asker.count(facet, answered=gap is None)
    return Listing(items, replace(gap, account=asker.account, facet=facet, resource=resource) if gap else None)
