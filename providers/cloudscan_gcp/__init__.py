"""cloudscan's Google Cloud provider. Importing it imports no SDK: the command's help and offline analysis need none."""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.provider import Plan, Scope, ScopeOption


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
