"""Collect one bucket of ``canned_s3.py`` into a snapshot, by the ordinary code but for planning, and print its rows.

python bench/large_bucket.py --port 5000 --workers 8
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from cloudscan.access import Condition, Edge, Grant
from cloudscan.collection.run import collect
from cloudscan.estate import Estate
from cloudscan.model import Answer
from cloudscan.provider import Facet, HeadWish, Plan, Scope, ScopeOption, Unit

_ACCOUNT, _REGION = "123456789012", "eu-central-1"


class OneBucket:
    """The AWS provider where everything is known but what lies in one bucket: the canned server only lists."""

    name = "aws"
    options: Sequence[ScopeOption] = ()

    def plan(self, scope: Scope) -> Plan:
        """Plan to list the bucket."""
        from cloudscan_aws import s3
        from cloudscan_aws.accounts import AccountScope, Bucket
        from cloudscan_aws.clients import Clients, Limits, open_session

        clients = Clients(open_session(None), _ACCOUNT, scope, Limits(scope))
        bucket = Bucket("bucket", _REGION)
        return Plan(list(s3.units(AccountScope(_ACCOUNT, clients, scope, (_REGION,), _REGION, clients, (bucket,)))), ())

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        """Read no heads."""
        return ()

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive nothing: this provider only collects."""
        raise NotImplementedError

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        """Judge nothing: this provider only collects."""
        raise NotImplementedError

    def role(self, facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
        """Describe no role."""
        raise NotImplementedError


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=8)
    given = parser.parse_args(arguments)
    scope = Scope(
        facets=frozenset({Facet.STORES, Facet.OBJECTS}),
        workers=given.workers,
        endpoint_url=f"http://127.0.0.1:{given.port}",
    )
    with tempfile.TemporaryDirectory() as folder:
        manifest = collect([OneBucket()], {"aws": scope}, Path(folder) / "snapshot")
    print(sum(rows for path, (_, rows) in manifest.files.items() if path.startswith("objects/")))


if __name__ == "__main__":
    main()
