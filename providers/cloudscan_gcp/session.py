"""The one way to ask Google Cloud a question.

Every question goes through :meth:`Asker.ask`, :meth:`Asker.pages` or :meth:`Asker.run`: an answer is a payload, "not
configured" is a fact that the caller named beforehand, and whatever else comes back becomes a Gap. Only the end of the
caller's credentials stops a collection, since every later question would fail for the same reason.

An operation is named by its method's id in Google's discovery documents (``cloudkms.projects.locations.list``): its
first word is the service that is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from cloudscan.errors import CredentialsExpired
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet
from cloudscan.questions import Absent, Reply, Tally

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
T = TypeVar("T")


@dataclass
class Asker:
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

    def ask(
        self,
        operation: str,
        path: str,
        *,
        facet: Facet,
        resource: str,
        permission: str,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        location: str = "",
        absent: Iterable[str] = (),
    ) -> Reply:
        """Make one request. ``path`` has its names encoded (:func:`cloudscan_gcp.rest.named`).

        ``absent`` are error words, or HTTP statuses ("404"), that mean "not configured" here.
        Returns the payload, an :class:`Absent`, or a Gap. Raises :class:`CredentialsExpired`.
        """
        service = operation.partition(".")[0]
        rest = self._rest(service)
        return self.run(
            lambda: rest.call(service, path, method=method, query=query, body=body, location=location),
            facet=facet,
            resource=resource,
            operation=operation,
            permission=permission,
            absent=absent,
        )

    def pages(
        self,
        operation: str,
        path: str,
        key: str,
        *,
        facet: Facet,
        resource: str,
        permission: str,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        location: str = "",
        payer: str = "",
        absent: Iterable[str] = (),
        limit: int | None = None,
    ) -> tuple[list[dict[str, Any]], Gap | Absent | None]:
        """Page through a list. Returns the items under ``key`` of every page that came, at most ``limit`` of them.

        Beside them the Gap that ended the list early, if any, or that tells of places that Google could not reach
        (``unreachable``). The whole list counts as one question; what a limit left out is for the caller to count.
        """
        service = operation.partition(".")[0]
        rest = self._rest(service)
        items: list[dict[str, Any]] = []
        lost: list[Any] = []

        def collect() -> dict[str, Any]:
            asked = {"method": method, "query": query, "body": body, "location": location, "payer": payer}
            for page in rest.pages(service, path, **asked):
                items.extend(listed(page, key))
                lost.extend(page.get("unreachable") or ())
                if limit is not None and len(items) > limit:
                    break
            return {}

        reply = self.run(
            collect, facet=facet, resource=resource, operation=operation, permission=permission, absent=absent
        )
        if isinstance(reply, Gap | Absent):
            return items, reply
        if lost:
            return items, self.gap(facet, resource, Why.ERROR, operation, f"{len(lost)} places not reached", permission)
        if limit is not None and len(items) > limit:
            del items[limit:]
            return items, self.gap(facet, resource, Why.LIMIT, operation, f"only {limit} were asked for", permission)
        return items, None

    def run(
        self,
        call: Callable[[], dict[str, Any]],
        *,
        facet: Facet,
        resource: str,
        operation: str,
        permission: str,
        absent: Iterable[str] = (),
    ) -> Reply:
        """Run a call and turn what Google's libraries raise into a Reply."""
        try:
            payload = call()
        except _troubles() as error:
            return self._refused(error, facet, resource, operation, permission, absent)
        self.count(facet, answered=True)
        return payload

    def stream(
        self, pages: Iterable[T], *, facet: Facet, resource: str, operation: str, permission: str
    ) -> Iterator[T | Gap]:
        """Pass the pages of a list on as they come; a Gap is the last where the list ends early.

        A failure is counted here, an answer by the caller, who knows whether a limit cut it short.
        """
        try:
            yield from pages
        except _troubles() as error:
            refused = self._refused(error, facet, resource, operation, permission, ())
            if isinstance(refused, Gap):
                yield refused

    def _rest(self, service: str) -> Any:
        return self.clients.storage_rest if service == "storage" else self.clients.rest

    def _refused(
        self, error: Exception, facet: Facet, resource: str, operation: str, permission: str, absent: Iterable[str]
    ) -> Absent | Gap:
        """Sort what was raised. Raises :class:`CredentialsExpired`."""
        from cloudscan_gcp.troubles import read

        fault = read(error)
        if fault.status and {fault.code, str(fault.status)} & set(absent):
            self.count(facet, answered=True)
            return Absent(fault.code)
        if fault.why is Why.EXPIRED:
            raise CredentialsExpired(f"the Google credentials are no longer valid ({fault.code})") from error
        # A service that the project never turned on has nothing to tell: that is an answer, and a Gap all the same.
        self.count(facet, answered=self._not_used(fault))
        detail = self._detail(fault, permission)
        return self.gap(facet, resource, fault.why, operation, detail, permission)

    def _not_used(self, fault: Fault) -> bool:
        """Say whether the service is off for the project that is asked, which then has nothing in it."""
        name = fault.service.removesuffix(".googleapis.com")
        return fault.why is Why.DISABLED and bool(name) and self._is_own(fault.consumer) and name not in _EVERYWHERE

    def _is_own(self, consumer: str) -> bool:
        return consumer in {f"projects/{self.account}", f"projects/{self.number}"}

    def _detail(self, fault: Fault, permission: str) -> str:
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

    def gap(
        self, facet: Facet, resource: str, why: Why, operation: str, detail: str = "", permission: str | None = None
    ) -> Gap:
        """Make a Gap of what is asked."""
        return Gap(
            provider=PROVIDER,
            account=self.account,
            region=self.region,
            facet=facet,
            resource=resource,
            why=why,
            operation=operation,
            detail=detail,
            permission=permission or None,
        )

    def count(self, facet: Facet, *, answered: bool, limited: bool = False) -> None:
        """Count one question; ``limited`` marks one that the user's own limit cut short."""
        self._tally.count(facet, answered=answered, limited=limited)

    def coverage(self) -> Iterator[Coverage]:
        """Yield what was asked and answered; yield it last in a unit."""
        yield from self._tally.coverage(PROVIDER, self.account)


def of_service(gap: Gap) -> Gap:
    """Tell a Gap of a service that the project does not use of that service alone.

    Nothing of the project lies there, so it leaves open no question about the project.
    """
    if gap.why is not Why.DISABLED or f": {_UNUSED}: " not in gap.detail:
        return gap
    return replace(gap, resource=f"{gap.resource}/{gap.operation.partition('.')[0]}")


def listed(page: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the items of a page. Raises :class:`cloudscan_gcp.rest.Malformed` where they are no list of objects."""
    items = page.get(key)
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        from cloudscan_gcp.rest import Malformed

        raise Malformed(f"{key} is no list")
    return items


def _troubles() -> tuple[type[Exception], ...]:
    """Return what is raised for a question that got no answer."""
    from cloudscan_gcp.troubles import TROUBLES

    return TROUBLES
