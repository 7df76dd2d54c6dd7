"""Path questions of the worked access cases on Google Cloud: a world as records, its graph, the best path in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscan.access import AccessGraph
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, MediaClass
from cloudscan_gcp.grants import derive
from cloudscan_gcp.policy.cel import with_clock
from tests.access_paths import Found, best_of, under
from tests.gcp_records import Inexpressible, Json, estate_of
from tests.gcp_worlds import OBJECTS, context_of, principal_of


@dataclass(frozen=True)
class GcpPaths:
    """One world of Google Cloud, asked for paths."""

    world: Json

    def best(self, request: Json) -> Found | None:
        """Return the best path of a request's principal to its object; None if there is none."""
        name, _, key = request["resource"].removeprefix("projects/_/buckets/").partition(OBJECTS)
        if name != self.world["bucket"]["name"] or not key:
            raise Inexpressible(f"no object {request['resource']}")
        principal, context = principal_of(request), context_of(request)
        people = () if principal in (ANYONE, ANYONE_SIGNED_IN) else (principal,)
        graph = AccessGraph(derive(estate_of(self.world, key, request["permission"], *people)))
        return best_of(
            known
            for start in _starts(principal)
            for path in graph.paths(start, f"gs://{name}", MediaClass.SPEECH)
            if (known := under(path, context, with_clock)) is not None
        )


def _starts(principal: str) -> Iterator[str]:
    """Yield as whom a principal may begin: itself, and anybody, since it is one."""
    yield principal
    if principal.startswith(("user:", "serviceAccount:")):
        yield ANYONE_SIGNED_IN
    yield ANYONE
