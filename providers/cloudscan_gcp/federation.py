"""Workload identity federation: whose tokens a project takes, and on which condition.

Who comes through a pool has no record: policies name it (``principal://...``), and nobody else knows of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Federation, Gap
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import pairs, part, texts
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker

_KINDS = ("oidc", "aws", "saml", "x509")


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks for the pools of a project."""
    if project.wants(Facet.FEDERATIONS):
        yield from made.of_project(project, "federations", collect)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the providers of every pool of a project."""
    pools, gap = asker.pages(
        "iam.projects.locations.workloadIdentityPools.list",
        named("v1/projects/{}/locations/global/workloadIdentityPools", project.id),
        "workloadIdentityPools",
        facet=Facet.FEDERATIONS,
        resource=project.id,
        permission="iam.googleapis.com/workloadIdentityPools.list",
        query={"pageSize": 1000},
    )
    if isinstance(gap, Gap):
        yield gap
    for pool in pools:
        name = str(pool.get("name") or "")
        providers, missing = asker.pages(
            "iam.projects.locations.workloadIdentityPools.providers.list",
            named(
                "v1/projects/{}/locations/global/workloadIdentityPools/{}/providers",
                project.id,
                name.rpartition("/")[2],
            ),
            "workloadIdentityPoolProviders",
            facet=Facet.FEDERATIONS,
            resource=name,
            permission="iam.googleapis.com/workloadIdentityPoolProviders.list",
            query={"pageSize": 100},
        )
        yield from (federation(each, pool, project) for each in providers)
        if isinstance(missing, Gap):
            yield missing


def federation(told: Mapping[str, Any], pool: Mapping[str, Any], project: ProjectScope) -> Federation:
    """Read a provider of a pool ("WorkloadIdentityPoolProvider", IAM API). One of a pool that is off takes nothing.

    Of a provider that is off "existing tokens still grant access"; of a pool that is, or is deleted, they do not.
    """
    name = str(told.get("name") or "")
    kind = next((kind for kind in _KINDS if isinstance(told.get(kind), Mapping)), "")
    source = part(told, kind)
    itself, whole = (each.get("disabled") is True or each.get("state") == "DELETED" for each in (told, pool))
    return Federation(
        id=name,
        provider=PROVIDER,
        account=project.id,
        region="",
        kind=kind,
        name=name.partition("/workloadIdentityPools/")[2].replace("/providers/", "/"),
        guests=Answer.NO,
        classic_flow=Answer.NO,
        audiences=texts(source, "allowedAudiences"),
        issuer=str(source.get("issuerUri") or ""),
        trusted_account=str(source.get("accountId") or ""),
        condition=str(told.get("attributeCondition") or ""),
        mapping=pairs(told, "attributeMapping"),
        enabled=Answer.of(not (itself or whole)),
        keeps=Answer.of(not whole),
    )
