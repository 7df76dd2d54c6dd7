"""Applications whose service principals count, what lets somebody sign in as them, and who owns them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from cloudscan.model import Credential
from cloudscan.provider import Facet
from cloudscan.providing.questions import named
from cloudscan_azure import graph_read
from cloudscan_azure.graph_read import Told
from cloudscan_azure.ids import person
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, listing

IN_A_FILTER = 15
"""The most clauses that a filter takes ("Use the $filter query parameter: or")."""
READS = "Application.Read.All"
_SECRETS = "passwordCredentials,keyCredentials"


def among(name: str, values: Collection[str]) -> str:
    """Write a filter of entries that have one of some values; of ids of applications, Graph takes ``eq`` alone."""
    return " or ".join("{} eq '{}'".format(name, each.replace("'", "''")) for each in values)


def batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut values into as many as a filter takes."""
    yield from (values[start : start + IN_A_FILTER] for start in range(0, len(values), IN_A_FILTER))


def applications(asker: Asker, app_ids: Sequence[str], tenant: str) -> Listing:
    """Ask for applications by their application ids, with when their secrets and certificates end."""
    query = {"$filter": among("appId", app_ids), "$select": f"id,appId,displayName,createdDateTime,{_SECRETS}"}
    return _listed(asker, "applications_List", "/applications", Facet.PRINCIPALS, f"{tenant}/applications", query)


def owners(asker: Asker, told: Told, selected: str) -> Listing:
    """Ask who owns an application."""
    path = named("/applications/{}/owners", str(told.get("id") or ""))
    query = {"$select": selected, "$top": "999"}
    return _listed(
        asker, "applications_owners", path, Facet.PRINCIPALS, graph_read.app(str(told.get("appId") or "")), query
    )


def federated(asker: Asker, told: Told) -> Listing:
    """Ask whose tokens make somebody an application."""
    path = named("/applications/{}/federatedIdentityCredentials", str(told.get("id") or ""))
    where = graph_read.app(str(told.get("appId") or ""))
    return _listed(asker, "applications_federatedIdentityCredentials", path, Facet.FEDERATIONS, where, {})


def own_secrets(asker: Asker, service_principals: Sequence[str], tenant: str) -> tuple[list[Credential], Listing]:
    """Ask for the secrets that service principals have beside those of their applications."""
    query = {"$filter": among("id", service_principals), "$select": f"id,{_SECRETS}"}
    where = f"{tenant}/servicePrincipals"
    told = _listed(asker, "servicePrincipals_List", "/servicePrincipals", Facet.CREDENTIALS, where, query)
    found = [
        secret
        for each in told.items
        for who in (person(str(each.get("id") or "")),)
        for secret in graph_read.credentials(each, who, who, tenant)
    ]
    return found, told


def _listed(asker: Asker, operation: str, path: str, facet: Facet, where: str, query: dict[str, str]) -> Listing:
    return listing(
        asker,
        operation,
        path,
        facet=facet,
        resource=where,
        permission=READS,
        api="",
        service="graph",
        query=query,
    )
