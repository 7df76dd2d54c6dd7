"""A small world for the tests of steps: the evaluator's, with service accounts and compute, and its edges."""

from __future__ import annotations

from typing import Any

from cloudscan import testing
from cloudscan.access import Edge, Grant
from cloudscan.estate import Estate
from cloudscan.model import Answer, Record, Workload
from cloudscan_gcp.grants import derive
from cloudscan_gcp.policy.test_support import allow, person

CLOUD = "https://www.googleapis.com/auth/cloud-platform"


def account(name: str, *bindings: object, **facts: Any) -> list[Record]:
    """A service account of the project, with the bindings of its own policy."""
    member = f"serviceAccount:{name}@calls.iam.gserviceaccount.com"
    return [person(member, enabled=Answer.YES, trust=f"{member}#iam", **facts), allow(member, *bindings)]


def machine(name: str, principal: str, **facts: Any) -> Workload:
    """A machine that everybody reaches, and whose tokens are good for everything."""
    told: dict[str, Any] = {
        "keys_in_settings": Answer.YES,
        "scopes": (CLOUD,),
        "addressed": Answer.YES,
        "reachable": Answer.YES,
    }
    name = f"projects/calls/zones/eu-a/instances/{name}"
    return Workload(name, "gcp", "calls", "eu", "instance", name, principal=principal, **(told | facts))


def steps(held: Estate, *kinds: str) -> list[Edge]:
    """The edges of some kinds, all if none are named."""
    return testing.edges(derive(held), *kinds)


def openings(held: Estate) -> list[Grant]:
    """The reads that take a change first."""
    return testing.openings(derive(held))
