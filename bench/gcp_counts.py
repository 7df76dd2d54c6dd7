"""Count the requests that collecting buckets of a project of Google Cloud takes, on the stand-in of the tests.

``python bench/gcp_counts.py [BUCKETS]`` prints one JSON object: each method and how often it was asked.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from cloudscan.provider import Facet, Scope
from cloudscan.testing import run_units
from cloudscan_gcp import buckets, hmac, org_policies
from cloudscan_gcp.discovery import Session, find
from cloudscan_gcp.standin.credentials import write_key
from cloudscan_gcp.standin.server import Endpoint

PROJECT = "acme-calls"
_UNIFORM = {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": {"enabled": True}}


def tell(google: Endpoint, number: int) -> None:
    """Give the project so many empty buckets of uniform access."""
    google.answer(f"/v3/projects/{PROJECT}", {"name": "projects/123456789012", "projectId": PROJECT})
    for name in org_policies.asked(frozenset(Facet)):
        policy = {"name": name, "spec": {"rules": [{"enforce": False}]}}
        google.answer(f"/v2/projects/{PROJECT}/policies/{name}:getEffectivePolicy", policy)
    google.pages("/v3/effectiveTags", [])
    listed = [{"name": f"b-{each:03}", "location": "EU", "iamConfiguration": _UNIFORM} for each in range(number)]
    google.pages("/storage/v1/b", listed)
    google.answer("/storage/v1/b/*/iam", {"version": 3})
    google.pages("/storage/v1/b/*/managedFolders", [])
    google.pages("/storage/v1/b/*/o", [])
    google.pages(f"/storage/v1/projects/{PROJECT}/hmacKeys", [])


def main(number: str = "200") -> None:
    facets = frozenset(facet for facet in Facet if facet.startswith(("store", "objects", "organization")))
    os.environ["NO_GCE_CHECK"] = "true"
    with tempfile.TemporaryDirectory() as folder, Endpoint() as google:
        os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(write_key(Path(folder) / "adc.json", google.url))
        tell(google, int(number))
        given = Scope(facets, endpoint_url=google.url, options={"project": (PROJECT,), "deadline": "0"})
        (found, *_), _ = find(Session.open(given))
        assert found.project is not None
        for service in (buckets, hmac):
            run_units(list(service.units(found.project)))
        print(json.dumps(dict(sorted(google.requests.items()))))


if __name__ == "__main__":
    main(*sys.argv[1:])
