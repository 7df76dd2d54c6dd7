"""Cloud Asset Inventory: what would else take a question for each resource, with a few, where the API is on.

It lags some minutes behind ("Cloud Asset Inventory: data freshness"), so few resources are better asked one by one, and
so are those that it does not know yet. Where it is off, or not for the caller, nothing is lost: there is another way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cloudscan.provider import Facet
from cloudscan.providing.parts import part
from cloudscan.providing.questions import named
from cloudscan_gcp.session import Asker

WORTH = 5
"""From how many resources on it is asked."""
_ELSEWHERE = ("400", "403", "404", "429", "500", "503")
"""Refusals that only mean that the other way is taken."""


class Inventory:
    """The inventory of a project. Once it was refused, it is not asked again."""

    def __init__(self, asker: Asker, *, usable: bool) -> None:
        self._asker, self._usable = asker, usable

    def resources(self, kind: str, facet: Facet) -> Sequence[Mapping[str, Any]] | None:
        """Return the resources of one kind as their own API has them. None where the inventory does not tell."""
        found = self._pages(
            "cloudasset.assets.list",
            named("v1/projects/{}/assets", self._asker.account),
            "assets",
            facet,
            "cloudasset.assets.listResource",
            {"assetTypes": kind, "contentType": "RESOURCE", "pageSize": 1000},
        )
        return None if found is None else [part(each, "resource", "data") for each in found]

    def policies(self, kind: str, facet: Facet) -> Mapping[str, Mapping[str, Any]] | None:
        """Return the allow policies of the resources of one kind, by the last part of their names.

        One that is empty is left out. None where the inventory does not tell ("Method: searchAllIamPolicies").
        """
        found = self._pages(
            "cloudasset.searchAllIamPolicies",
            named("v1/projects/{}:searchAllIamPolicies", self._asker.account),
            "results",
            facet,
            "cloudasset.assets.searchAllIamPolicies",
            {"assetTypes": kind, "pageSize": 500},
        )
        if found is None:
            return None
        return {str(each.get("resource") or "").rpartition("/")[2]: part(each, "policy") for each in found}

    def _pages(
        self, operation: str, path: str, key: str, facet: Facet, permission: str, query: Mapping[str, Any]
    ) -> Sequence[dict[str, Any]] | None:
        if not self._usable:
            return None
        found, refused = self._asker.pages(
            operation,
            path,
            key,
            facet=facet,
            resource=self._asker.account,
            permission=permission,
            query=query,
            absent=_ELSEWHERE,
        )
        self._usable = refused is None
        return found if self._usable else None


def resources(asker: Asker, kind: str, facet: Facet) -> Sequence[Mapping[str, Any]] | None:
    """Return a project's resources of one kind, as :meth:`Inventory.resources` does, if nothing else is asked of it."""
    return Inventory(asker, usable=True).resources(kind, facet)
