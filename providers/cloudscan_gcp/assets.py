"""Cloud Asset Inventory: what would else take a question for each resource, with one, where the API is on.

It lags some minutes behind ("Cloud Asset Inventory: data freshness"), so few resources are better asked one by one.
Where it is off, or not for the caller, nothing is lost: whoever asks it has another way, and no Gap is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudscan.provider import Facet
from cloudscan_gcp.parts import part
from cloudscan_gcp.rest import named
from cloudscan_gcp.session import Asker

WORTH = 5
"""From how many resources on it is asked."""
_ELSEWHERE = ("400", "403", "404", "429", "500", "503")
"""Refusals that only mean that the other way is taken."""


def policies(asker: Asker, kind: str, facet: Facet) -> dict[str, Mapping[str, Any]] | None:
    """Return the allow policies of a project's resources of one kind, by the last part of their names.

    A resource whose policy is empty is left out. None where the inventory does not tell ("searchAllIamPolicies").
    """
    found, refused = asker.pages(
        "cloudasset.searchAllIamPolicies",
        named("v1/projects/{}:searchAllIamPolicies", asker.account),
        "results",
        facet=facet,
        resource=asker.account,
        permission="cloudasset.assets.searchAllIamPolicies",
        query={"assetTypes": kind, "pageSize": 500},
        absent=_ELSEWHERE,
    )
    if refused is not None:
        return None
    return {str(each.get("resource") or "").rpartition("/")[2]: part(each, "policy") for each in found}


def resources(asker: Asker, kind: str, facet: Facet) -> list[Mapping[str, Any]] | None:
    """Return a project's resources of one kind as their own API has them. None where the inventory does not tell."""
    found, refused = asker.pages(
        "cloudasset.assets.list",
        named("v1/projects/{}/assets", asker.account),
        "assets",
        facet=facet,
        resource=asker.account,
        permission="cloudasset.assets.listResource",
        query={"assetTypes": kind, "contentType": "RESOURCE", "pageSize": 1000},
        absent=_ELSEWHERE,
    )
    if refused is not None:
        return None
    return [part(each, "resource", "data") for each in found]
