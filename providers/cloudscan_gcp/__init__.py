"""cloudscan's Google Cloud provider. Importing it imports no SDK: the command's help and offline analysis need none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from cloudscan.access import Condition, Decision, Edge, Grant
from cloudscan.access.held_back import HeldBack
from cloudscan.access.henceforth import Henceforth
from cloudscan.errors import MissingExtra
from cloudscan.estate import Estate
from cloudscan.model import Answer, MediaClass
from cloudscan.provider import Facet, HeadWish, Plan, Scope, ScopeOption, StoppedKey, Unit
from cloudscan.providing.bases import Decrypting, Removal, Revising


class GcpProvider(Revising, Decrypting):
    """Google Cloud."""

    name = "gcp"
    options: Sequence[ScopeOption] = (
        ScopeOption(
            "project",
            "project to look at; again for more (default: every one that the caller may see)",
            "ID",
            multiple=True,
        ),
        ScopeOption(
            "folder", "look at every project below a folder, at any depth; again for more", "NUMBER", multiple=True
        ),
        ScopeOption(
            "organization",
            "look at every project of an organization (gcloud organizations list)",
            "NUMBER",
            multiple=True,
        ),
        ScopeOption(
            "impersonate-service-account",
            "service account to act as, with the credentials that are found (gcloud auth application-default login, or "
            "a file in GOOGLE_APPLICATION_CREDENTIALS) and the role of 'cloudscan role gcp'; before it, by comma, "
            "others that it is reached through",
            "EMAIL[,EMAIL...]",
        ),
        ScopeOption(
            "quota-project",
            "project whose quota the requests count against, and that pays for buckets whose readers pay",
            "ID",
        ),
        ScopeOption(
            "inventory",
            "read the objects of a bucket from the inventory reports that Storage Insights writes of it, if it does",
            flag=True,
        ),
        ScopeOption("deadline", "seconds for which a throttled or failed request is tried again (default: 120)", "N"),
    )

    def plan(self, scope: Scope) -> Plan:
        """Find the projects and buckets of the scope, and what lies above them, and say what will be asked."""
        _need_libraries()
        from cloudscan_gcp import planning

        return planning.plan(scope)

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        """Return a unit for each bucket that reads first bytes of these objects: all else their listing told."""
        from cloudscan_gcp import heads

        return heads.units(scope, wishes)

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive who may do what to the speech of this cloud, and who may become whom."""
        from cloudscan_gcp.grants import derive

        yield from _henceforth(estate).links(derive(estate, stores))

    def removal(self) -> Removal:
        """Return what knows how to take statements out of its allow policies."""
        from cloudscan_gcp import removal

        return removal

    def held_back(self, estate: Estate, principal: str, store: str, key: str) -> Sequence[HeldBack]:
        """Tell which steps towards an object somebody is given, and what stops each."""
        from cloudscan_gcp.explain import held_back

        return held_back(estate, principal, store, key)

    def explain(self, estate: Estate, principal: str, store: str, key: str) -> Decision:
        """Say whether a principal may read an object, and why."""
        from cloudscan_gcp.explain import explain

        return _henceforth(estate).decision(explain(estate, principal, store, key))

    def named(self, estate: Estate) -> Collection[str]:
        """Return everybody in particular whom a policy or a list names, by id."""
        from cloudscan_gcp.facts import Facts

        return [caller.name for caller in Facts(estate).people.known]

    def unread_groups(self, estate: Estate) -> Collection[str]:
        """Return the groups of which not all members were read: a gap on one is about nothing else."""
        told = (gap for gap in estate.gaps if gap.provider == self.name and gap.facet == Facet.PRINCIPALS)
        return {gap.resource for gap in told if gap.resource.startswith("group:")}

    def stopped_keys(self, estate: Estate, store: str, media: MediaClass | None = None) -> Sequence[StoppedKey]:
        """Tell the keys under which recordings of a bucket lie that serve no request."""
        from cloudscan_gcp.explain import stopped_keys

        return stopped_keys(estate, store, media)

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        """Say whether somebody with nothing but the Internet and an account of Google's can meet a condition."""
        from cloudscan_gcp.policy import strangers

        return strangers.open_to_strangers(condition, now)

    def role(self, facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
        """Return the definition of the least custom role that answers these facets."""
        from cloudscan_gcp import permissions

        return permissions.definition(facets, sniff=sniff)


def _henceforth(estate: Estate) -> Henceforth:
    from cloudscan_gcp.policy.clock import TIME

    return Henceforth(estate, TIME)


def _need_libraries() -> None:
    """Raise :class:`MissingExtra` where Google's libraries are not installed."""
    try:
        from google.cloud.storage import Client  # noqa: F401
    except ImportError as error:
        raise MissingExtra("gcp", "google-cloud-storage") from error
