"""The one way to ask Azure a question.

Every question goes through :meth:`Asker.ask`, :meth:`Asker.pages`, :meth:`Asker.run` or :meth:`Asker.stream`. An
operation is named by its id in Azure's REST reference (``RoleAssignments_ListForSubscription``); a permission is an
action or data action of Azure RBAC (``Microsoft.Authorization/roleAssignments/read``), or one of Microsoft Graph
(``Directory.Read.All``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

from cloudscan.model import Gap, Why
from cloudscan.providing.questions import About, Absent, Asking, Fault, Malformed, Reply, Tally
from cloudscan_azure.codes import UNREGISTERED
from cloudscan_azure.ids import PROVIDER

if TYPE_CHECKING:
    from cloudscan_azure.clients import Clients

ROLE = "cloudscan"
"""The name of the custom role that ``cloudscan role azure`` makes."""
_WALL = "AuthorizationFailure"
"""What Azure Storage says to whom its network rules keep out, and to a key or signature that is no good."""


@dataclass
class Asker(Asking[Fault]):
    """Asks about one subscription, management group or tenant for one unit, and counts what was answered.

    ``account`` is the subscription's id, or the id of a scope above it.
    """

    clients: Clients
    account: str
    region: str = ""
    _tally: Tally = field(default_factory=Tally)
    provider = PROVIDER

    def ask(
        self,
        operation: str,
        path: str,
        *,
        api: str,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        service: str = "arm",
        **about: Unpack[About],
    ) -> Reply:
        """Ask for one resource. ``path`` begins with a slash and has its names encoded (:mod:`cloudscan_azure.rest`).

        ``service`` is ``arm``, ``graph`` or an absolute URL; ``api`` the API version, "" for none.
        Returns the payload, an :class:`Absent`, or a Gap. Raises :class:`cloudscan.errors.CredentialsExpired`.
        """
        rest = self.clients.rest
        return self.run(
            lambda: _resource(rest.call(service, path, method=method, api=api, query=query, body=body)),
            operation=operation,
            **about,
        )

    def pages(
        self,
        operation: str,
        path: str,
        *,
        api: str,
        key: str = "value",
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        service: str = "arm",
        limit: int | None = None,
        **about: Unpack[About],
    ) -> tuple[list[dict[str, Any]], Gap | Absent | None]:
        """Page through a list. Returns the items of every page that came, and what ended it early, if anything.

        The whole list counts as one question.
        """
        pages = self.clients.rest.pages(service, path, method=method, api=api, query=query, body=body)
        return self.gather(pages, key, operation=operation, limit=limit, **about)

    def items(self, page: Mapping[str, Any], key: str) -> list[Any]:
        """Return the items of a page of a list.

        Raises :class:`Malformed` for a page without one: a list that holds nothing is told as one that is empty ("OData
        JSON Format Version 4.01", 13; ARM's "Resource API reference", list operations), and what leaves it out is none.
        """
        if page.get(key) is None:
            raise Malformed(f"no {key}")
        return super().items(page, key)

    def troubles(self) -> tuple[type[Exception], ...]:
        """Return what Azure's libraries raise."""
        from cloudscan_azure.troubles import TROUBLES

        return TROUBLES

    def read(self, error: Exception) -> Fault:
        """Sort what they raise."""
        from cloudscan_azure.troubles import read

        return read(error)

    def ended(self, fault: Fault) -> str:
        """Say that the credentials ended."""
        return f"the Azure credentials are no longer valid ({fault.code})"

    def settles(self, fault: Fault) -> bool:
        """A service that the subscription never used has nothing to tell: that is an answer, and a Gap all the same."""
        return fault.code in UNREGISTERED

    def unused(self, resource: str, operation: str) -> str:
        """Name the service below its subscription, of which nothing is left open: none of it lies there."""
        return f"{resource}/{operation.partition('_')[0]}" if resource == self.account else resource

    def detail(self, fault: Fault, permission: str) -> str:
        """Say what stood in the way, and what would change it."""
        if self.settles(fault):
            return f"{fault.code}: not used"
        if fault.why is not Why.DENIED or not fault.status or not permission:
            return fault.code
        if "/" not in permission:
            return f"{fault.code}: the Microsoft Graph permission {permission} wants an administrator's consent"
        words = " (or its network rules keep this machine out)" if fault.code == _WALL else ""
        scope = self.account if self.account.startswith("/") else f"/subscriptions/{self.account}"
        command = f"az role assignment create --role {ROLE} --scope {scope} --assignee OBJECT-ID"
        return f"{fault.code}{words}: {command}"


def _resource(told: dict[str, Any]) -> dict[str, Any]:
    """Return a resource. Raises :class:`Malformed` for what has no id: each that Azure tells has one."""
    if not isinstance(told.get("id"), str) or not told["id"]:
        raise Malformed("no id")
    return told
