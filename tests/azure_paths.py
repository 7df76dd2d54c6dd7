"""Path questions of the worked access cases on Azure: a world as records, its graph, the best path in it."""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access import AccessGraph
from cloudscan.model import MediaClass
from cloudscan_azure.grants import derive
from cloudscan_azure.ids import split_blob
from tests.access_paths import Found, best_of, under
from tests.azure_records import Inexpressible, Json, Records, estate_of
from tests.azure_worlds import context_of, principal_of, starts


@dataclass(frozen=True)
class AzurePaths:
    """One world of Azure, asked for paths."""

    world: Json

    def best(self, request: Json) -> Found | None:
        """Return the best path of a request's principal to its blob; None if there is none."""
        store, path = split_blob(request["resource"])
        if store != Records(self.world).store or not path:
            raise Inexpressible(f"no blob {request['resource']}")
        context = context_of(request, self.world)
        graph = AccessGraph(derive(estate_of(self.world, path)))
        return best_of(
            known
            for start in starts(principal_of(request))
            for found in graph.paths(start, store, MediaClass.SPEECH)
            if (known := under(found, context)) is not None
        )
