"""Make the calls of a file, as ``record.py`` writes them, with bare boto3 on so many threads, and keep nothing.

python bench/bare.py CALLS --endpoint-url URL --workers 16
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def _take_account_off_host(params: dict[str, Any], **_: Any) -> None:
    """Undo what botocore does for S3 Control: a loopback address has no subdomains."""
    params["url"] = params["url"].replace(f"://{params['headers']['x-amz-account-id']}.", "://", 1)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=Path)
    parser.add_argument("--endpoint-url", required=True)
    parser.add_argument("--workers", type=int, required=True)
    given = parser.parse_args(arguments)
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    calls = [json.loads(line) for line in given.calls.read_text(encoding="utf-8").splitlines()]
    config = Config(max_pool_connections=given.workers, retries={"total_max_attempts": 1})
    session = boto3.Session()
    clients = {
        place: session.client(place[0], region_name=place[1], endpoint_url=given.endpoint_url, config=config)
        for place in dict.fromkeys((service, region) for service, region, _, _ in calls)
    }

    for client in clients.values():
        client.meta.events.register("before-call.s3-control", _take_account_off_host)

    def make(call: tuple[str, str, str, dict[str, Any]]) -> None:
        service, region, method, params = call
        try:
            getattr(clients[service, region], method)(**params)
        except ClientError as error:  # "not configured" is an answer
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise

    with ThreadPoolExecutor(given.workers) as pool:
        for _ in pool.map(make, calls):
            pass


if __name__ == "__main__":
    main()
