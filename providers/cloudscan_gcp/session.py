"""The one way to ask Google Cloud a question.

Every question goes through :meth:`Asker.ask`, :meth:`Asker.pages` or :meth:`Asker.run`.

An operation is named by its method's id in Google's discovery documents (``cloudkms.projects.locations.list``): its
first word is the service that is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Unpack

from cloudscan.model import Gap, Why
from cloudscan.providing.questions import About, Absent, Asking, Reply, Tally

if TYPE_CHECKING:
    from cloudscan_gcp.clients import Clients
    from cloudscan_gcp.codes import Fault

PROVIDER = "gcp"
ROLE = "cloudscan"
"""The id of the custom role that ``cloudscan role gcp`` makes, which a missing permission is to be added to."""
_EVERYWHERE = {
    "cloudasset",
    "cloudidentity",
    "cloudresourcemanager",
    "iam",
    "logging",
    "orgpolicy",
    "serviceusage",
    "storage",
}
"""Services that have something to tell of every project, whether it turned them on or not."""
_UNUSED = "not used"


@dataclass
class Asker(Asking["Fault"]):
    """Asks about one project, folder or organization for one unit of collection, and counts what was answered.

    ``account`` is the project's id, or ``folders/N`` or ``organizations/N``; ``number`` the project's number. ``above``
    is the organization that a folder lies in, ``organizations/N``, "" where that is not known.
    """

    clients: Clients
    account: str
    number: str = ""
    region: str = "global"
    above: str = ""
    _tally: Tally = field(default_factory=Tally)
    provider = PROVIDER

    def ask(
        self,
        operation: str,
        path: str,
        *,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        location: str = "",
        **about: Unpack[About],
    ) -> Reply:
        """Make one request. ``path`` has its names encoded (:func:`cloudscan.providing.questions.named`).

        Returns the payload, an :class:`Absent`, or a Gap. Raises :class:`CredentialsExpired`.
        """
        service = operation.partition(".")[0]
        rest = self._rest(service)
        return self.run(
            lambda: rest.call(service, path, method=method, query=query, body=body, location=location),
            operation=operation,
            **about,
        )

    def pages(
        self,
        operation: str,
        path: str,
        key: str,
        *,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        location: str = "",
        payer: str = "",
        limit: int | None = None,
        **about: Unpack[About],
    ) -> tuple[list[dict[str, Any]], Gap | Absent | None]:
        """Page through a list. Returns the items under ``key`` of every page that came, at most ``limit`` of them.

        Beside them the Gap that ended the list early, if any, or that tells of places that Google could not reach
        (``unreachable``). The whole list counts as one question; what a limit left out is for the caller to count.
        """
        service = operation.partition(".")[0]
        lost: list[Any] = []

        def turn() -> Iterator[dict[str, Any]]:
            asked = {"method": method, "query": query, "body": body, "location": location, "payer": payer}
            for page in self._rest(service).pages(service, path, **asked):
                lost.extend(page.get("unreachable") or ())
                yield page

        items, gap = self.gather(turn(), key, operation=operation, limit=limit, **about)
        if lost and gap is None:
            detail = f"{len(lost)} places not reached"
            return items, self.gap(about["facet"], about["resource"], Why.ERROR, operation, detail, about["permission"])
        return items, gap

    def _rest(self, service: str) -> Any:
        return self.clients.storage_rest if service == "storage" else self.clients.rest

    def troubles(self) -> tuple[type[Exception], ...]:
        """Return what Google's libraries raise."""
        from cloudscan_gcp.troubles import TROUBLES

        return TROUBLES

    def read(self, error: Exception) -> Fault:
        """Sort what they raise."""
        from cloudscan_gcp.troubles import read

        return read(error)

    def ended(self, fault: Fault) -> str:
        """Say that the credentials ended."""
        return f"the Google credentials are no longer valid ({fault.code})"

    def settles(self, fault: Fault) -> bool:
        """A service that the project never turned on has nothing to tell: that is an answer, and a Gap all the same."""
        return self._not_used(fault)

    def _not_used(self, fault: Fault) -> bool:
        """Say whether the service is off for the project that is asked, which then has nothing in it."""
        name = fault.service.removesuffix(".googleapis.com")
        return fault.why is Why.DISABLED and bool(name) and self._is_own(fault.consumer) and name not in _EVERYWHERE

    def _is_own(self, consumer: str) -> bool:
        return consumer in {f"projects/{self.account}", f"projects/{self.number}"}

    def detail(self, fault: Fault, permission: str) -> str:
        """Say what stood in the way, and the command that would change it."""
        if fault.why is Why.DISABLED and fault.service:
            project = fault.consumer.removeprefix("projects/") or self.account
            off = "not used" if self._not_used(fault) else "off"
            off += "" if self._is_own(fault.consumer) else " for the project that is billed"
            return f"{fault.code}: {off}: gcloud services enable {fault.service} --project={project}"
        if fault.why is Why.DENIED and permission and (flag := self._role_flag()):
            return f"{fault.code}: gcloud iam roles update {ROLE} {flag} --add-permissions={permission}"
        return fault.code

    def _role_flag(self) -> str:
        """Say where the scanner's role is defined: in the project, or in the organization. Folders have no roles."""
        kind, _, number = self.account.rpartition("/")
        above = f"--organization={self.above.rpartition('/')[2] or 'ORGANIZATION'}"
        flags = {"": f"--project={number}", "organizations": f"--organization={number}", "folders": above}
        return flags.get(kind, "") if number else ""


def of_service(gap: Gap) -> Gap:
    """Tell a Gap of a service that the project does not use of that service alone.

    Nothing of the project lies there, so it leaves open no question about the project.
    """
    if gap.why is not Why.DISABLED or f": {_UNUSED}: " not in gap.detail:
        return gap
    return replace(gap, resource=f"{gap.resource}/{gap.operation.partition('.')[0]}")
