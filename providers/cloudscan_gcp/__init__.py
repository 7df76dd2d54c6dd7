"""cloudscan's Google Cloud provider. Importing it imports no SDK: the command's help and offline analysis need none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from cloudscan.access import Condition, Edge, Grant
from cloudscan.estate import Estate
from cloudscan.model import Answer
from cloudscan.provider import HeadWish, Plan, Scope, ScopeOption, Unit


class GcpProvider:
    """Google Cloud."""

    name = "gcp"
    options: Sequence[ScopeOption] = (
        ScopeOption(
            "project", "project to look at; again for more (default: all that the caller may see)", "ID", multiple=True
        ),
        ScopeOption("folder", "look at every project below a folder; again for more", "NUMBER", multiple=True),
        ScopeOption("organization", "look at every project of an organization", "NUMBER", multiple=True),
        ScopeOption(
            "impersonate-service-account",
            "service account to act as; others before it, by comma, are the ones it is reached through",
            "EMAIL[,EMAIL...]",
        ),
        ScopeOption(
            "quota-project",
            "project whose quota the requests count against, and that pays for buckets whose readers pay",
            "ID",
        ),
        ScopeOption("deadline", "seconds for which a throttled or failed request is tried again (default: 120)", "N"),
    )

    def plan(self, scope: Scope) -> Plan:
        """Find the projects and buckets of the scope, and what lies above them, and say what will be asked."""
        from cloudscan_gcp import planning

        return planning.plan(scope)

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        """Return a unit for each bucket that reads first bytes of these objects: all else their listing told."""
        from cloudscan_gcp import heads

        return heads.units(scope, wishes)

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive who may do what to the speech of this cloud, and who may become whom."""
        from cloudscan_gcp.grants import derive

        yield from derive(estate, stores)

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        """Say whether somebody with nothing but the Internet and an account of Google's can meet a condition."""
        from cloudscan_gcp.policy import strangers

        return strangers.open_to_strangers(condition, now)
