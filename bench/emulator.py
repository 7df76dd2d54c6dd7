"""An emulated AWS in a process of its own, with so many buckets; it ends when its input does.

    python bench/emulator.py --buckets 200 --objects 3

prints its address when the buckets are there. To each further line of input it answers with a line of JSON:
how often which operation was asked for since the line before.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import cycle

from bench.shapes import REGION, SHAPES, fill


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buckets", type=int, default=50)
    parser.add_argument("--objects", type=int, default=3, help="in each bucket")
    given = parser.parse_args(arguments)
    from cloudscan_aws.demo.server import Endpoint

    with Endpoint() as endpoint:
        s3 = endpoint.client("s3", REGION)
        for number, make in zip(range(given.buckets), cycle(SHAPES.values()), strict=False):
            bucket = f"bench-{number:05d}"
            make(s3, bucket)
            fill(s3, bucket, given.objects)
        endpoint.requests.clear()
        print(endpoint.url, flush=True)
        for _ in sys.stdin:
            print(json.dumps(endpoint.requests), flush=True)
            endpoint.requests.clear()


if __name__ == "__main__":
    main()
