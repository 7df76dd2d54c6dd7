"""How quickly a large bucket is listed, where the time goes, and how it falls with requests in flight.

    python bench/listing.py [--keys 1000000] [--delayed-keys 200000] [--repeat 3]

prints JSON. Every run is a process of its own, for its peak of memory, against a server process of canned
pages (``canned_s3.py``). ``boto3`` is boto3's paginator; ``listing N`` is ``cloudscan_aws.listing`` with N
requests in flight; ``server`` only fetches the pages, as fast as the server gives them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_PAGE = 1000
_PATH = "/bucket?list-type=2&encoding-type=url"


def measure(keys: int, delayed_keys: int, repeat: int) -> dict[str, Any]:
    """Run everything; ``keys`` without a delay, ``delayed_keys`` with 50 ms an answer."""
    result: dict[str, Any] = {}
    for shape in ("tree", "flat"):
        ways = ["server", "boto3", "listing 1"] if shape == "tree" else []
        with _server(shape, keys, 0.0) as port:
            if shape == "tree":
                result["reading one page"] = _reading(port)
            ways += ["listing 2", "listing 4", "listing 8"]
            result[f"{shape}, no delay"] = {way: _quickest(way, port, repeat) for way in ways}
    for shape in ("tree", "flat"):
        ways = ["boto3"] if shape == "tree" else []
        with _server(shape, delayed_keys, 0.05) as port:
            ways += ["listing 1", "listing 2", "listing 4", "listing 8", "listing 16"]
            result[f"{shape}, 50 ms"] = {way: _quickest(way, port, repeat) for way in ways}
    parsing = result["reading one page"]["botocore"] * keys / _PAGE / 1000
    result["botocore's reading, share of its time"] = round(
        parsing / result["tree, no delay"]["boto3"]["cpu seconds"], 2
    )
    return result


@contextmanager
def _server(shape: str, keys: int, delay: float) -> Iterator[int]:
    command = [
        sys.executable,
        str(_HERE / "canned_s3.py"),
        "--shape",
        shape,
        "--keys",
        str(keys),
        "--delay",
        str(delay),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def _quickest(way: str, port: int, repeat: int) -> dict[str, Any]:
    """Run one way several times (boto3, which takes long, once), each in its own process; return the quickest run.

    What else the machine does makes a run slower, never quicker.
    """
    runs: list[dict[str, Any]] = []
    for _ in range(1 if way == "boto3" else repeat):
        command = [sys.executable, __file__, "--way", way, "--port", str(port)]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(f"{way}: {runs[-1]}", file=sys.stderr, flush=True)
    return min(runs, key=lambda run: float(run["seconds"]))


def _reading(port: int) -> dict[str, float]:
    """Time, in milliseconds of CPU, what is done with the body of one page of 1,000 keys."""
    from xml.etree import ElementTree

    import botocore.session
    from botocore.parsers import create_parser

    from cloudscan_aws.listing_read import read_answer

    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", _PATH)
    body = connection.getresponse().read()
    shape = botocore.session.Session().get_service_model("s3").operation_model("ListObjectsV2").output_shape
    parser = create_parser("rest-xml")

    def botocore_reads() -> None:
        ElementTree.XML(body)  # to see that it is no error
        parser.parse({"status_code": 200, "headers": {}, "body": body}, shape)

    return {"bytes": len(body), "botocore": _cpu_ms(botocore_reads), "listing": _cpu_ms(lambda: read_answer(body))}


def _cpu_ms(call: Callable[[], object]) -> float:
    times = []
    for _ in range(15):
        begin = time.process_time()
        call()
        times.append(time.process_time() - begin)
    return round(statistics.median(times) * 1000, 2)


def _run(way: str, port: int) -> dict[str, Any]:
    """List the bucket in this process."""
    kind, _, in_flight = way.partition(" ")
    rows: Callable[[Any, int], int] = {"server": _server_only, "boto3": _boto3, "listing": _listing}[kind]
    client: Any = http.client.HTTPConnection("127.0.0.1", port) if kind == "server" else _client(port)
    sent: list[str] = []
    if kind != "server":
        client.meta.events.register("before-send", lambda event_name, **_: sent.append(event_name))
    begin, cpu = time.perf_counter(), time.process_time()
    found = rows(client, int(in_flight or 1))
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    return {
        "seconds": round(seconds, 2),
        "keys a second": round(found / seconds),
        "cpu seconds": round(cpu, 2),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "keys": found,
        "requests": len(sent),
    }


def _server_only(connection: http.client.HTTPConnection, _: int) -> int:
    found = 0
    while True:
        connection.request("GET", f"{_PATH}&continuation-token={found}")
        body = connection.getresponse().read()
        found += body.count(b"<Contents>")
        if b"<IsTruncated>true" not in body:
            return found


def _boto3(client: Any, _: int) -> int:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="bucket")
    return sum(len(page.get("Contents", ())) for page in pages)


def _listing(client: Any, in_flight: int) -> int:
    from cloudscan_aws.listing import fetch_objects

    if in_flight == 1:
        return sum(len(page.rows) for page in fetch_objects(client, "bucket"))
    with ThreadPoolExecutor(in_flight) as executor:
        pages = fetch_objects(client, "bucket", executor=executor, in_flight=in_flight)
        return sum(len(page.rows) for page in pages)


def _client(port: int) -> Any:
    import boto3
    from botocore.config import Config

    from cloudscan_aws import listing  # noqa: F401 - imported before the time is taken, as boto3 is

    return boto3.client(
        "s3",
        region_name="eu-central-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",  # noqa: S106 - nobody checks it
        config=Config(retries={"mode": "adaptive"}, max_pool_connections=32, s3={"addressing_style": "path"}),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--delayed-keys", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(_run(options.way, options.port)))
    else:
        print(json.dumps(measure(options.keys, options.delayed_keys, options.repeat), indent=1))


if __name__ == "__main__":
    main()
