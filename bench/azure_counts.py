"""Count the requests that collecting storage accounts of an Azure subscription takes, on the stand-in of the tests.

``python bench/azure_counts.py [ACCOUNTS [CONTAINERS]]`` prints one JSON object: ``requests``, each operation and how
often it was asked, and ``cpu_seconds``, the processor time of planning and collecting; the stand-in has a process of
its own. Asked is all about accounts and containers: settings, stored access policies, and the lists of blobs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]  # it is run by its path

from bench.processes import serve  # noqa: E402
from cloudscan.provider import STORE_FACETS, Scope  # noqa: E402
from cloudscan.testing import run_units  # noqa: E402
from cloudscan_azure import storage  # noqa: E402
from cloudscan_azure.discovery import Session, find  # noqa: E402


def main(accounts: str = "100", containers: str = "20") -> None:
    with serve("azure_standin.py", accounts, containers) as azure:
        told = json.loads(azure.told)
        os.environ |= told["environment"]
        scope = Scope(frozenset(STORE_FACETS), endpoint_url=told["url"], options={"deadline": "0"})
        before = time.process_time()
        (found, *_), _ = find(Session.open(scope))
        assert found.subscription is not None
        run_units(list(storage.units(found.subscription)))
        spent = time.process_time() - before
        print(json.dumps({"requests": dict(sorted(azure.requests().items())), "cpu_seconds": round(spent, 3)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
