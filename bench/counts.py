"""Count what a collection asks, in a process of its own: prints JSON. Part of ``run.py``.

Settings are the requests of S3 about one bucket but for its listing; the rest is told for the whole account.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.processes import environment
from bench.shapes import REGION, SHAPES, fill

if TYPE_CHECKING:
    from cloudscan.check import Check
    from cloudscan_aws.demo.server import Endpoint

_BUCKETS = 4
_PAGE = 1000
_POLICIES = 200
_LISTS = {"s3:ListBuckets", "s3:ListObjectsV2", "s3:ListObjectVersions", "s3:ListMultipartUploads"}


def asked(checks: Iterable[Check], build: Callable[[Endpoint], None], *, versions: bool = False) -> Counter[str]:
    """Return what a collection for these checks asks of an account that is built so, without or with --versions."""
    from cloudscan import plugins
    from cloudscan.collection.run import collect
    from cloudscan.policy.file import Policy
    from cloudscan.provider import Scope
    from cloudscan.scan import needed_facets
    from cloudscan_aws.demo.server import Endpoint

    with Endpoint() as endpoint, tempfile.TemporaryDirectory() as folder:
        build(endpoint)
        endpoint.requests.clear()
        facets = needed_facets(checks, Policy(), versions=versions)
        scope = Scope(facets, versions=versions, endpoint_url=endpoint.url, options={"region": (REGION,)})
        collect([plugins.provider("aws")], {"aws": scope}, Path(folder) / "snapshot")
        return Counter(endpoint.requests)


def buckets(shape: str) -> Callable[[Endpoint], None]:
    """Return what builds a few buckets of one shape."""

    def build(endpoint: Endpoint) -> None:
        s3 = endpoint.client("s3", REGION)
        for number in range(_BUCKETS):
            SHAPES[shape](s3, f"bench-{number}")
            fill(s3, f"bench-{number}", 1)

    return build


def settings(requests: Mapping[str, int]) -> dict[str, float]:
    """Return the settings that were asked, by operation, and how often for each bucket."""
    return {
        operation.removeprefix("s3:"): count / _BUCKETS
        for operation, count in sorted(requests.items())
        if operation.startswith("s3:") and operation not in _LISTS
    }


def principals(number: int) -> Callable[[Endpoint], None]:
    """Return what builds an account with so many principals, three quarters of them roles, and 200 policies.

    The emulator gives everything in one page. AWS counts principals and policies together and gives at most a
    thousand a page ("GetAccountAuthorizationDetails", IAM API reference), and so it is done here.
    """
    prefix = "arn:aws:iam::123456789012"
    common = {"Path": "/", "CreateDate": "2026-01-01T00:00:00Z"}
    details: list[tuple[str, dict[str, Any]]] = [
        ("RoleDetailList", {"RoleName": f"r{n}", "RoleId": f"AROA{n:016}", "Arn": f"{prefix}:role/r{n}", **common})
        for n in range(number * 3 // 4)
    ]
    details += [
        ("UserDetailList", {"UserName": f"u{n}", "UserId": f"AIDA{n:016}", "Arn": f"{prefix}:user/u{n}", **common})
        for n in range(number - number * 3 // 4)
    ]
    details += [
        ("Policies", {"PolicyName": f"p{n}", "PolicyId": f"ANPA{n:016}", "Arn": f"{prefix}:policy/p{n}", **common})
        for n in range(_POLICIES)
    ]

    def page(parameters: Mapping[str, Any]) -> dict[str, Any]:
        first = int(parameters.get("Marker") or 0)
        end = first + min(int(parameters.get("MaxItems") or 100), _PAGE)
        lists: dict[str, Any] = {"IsTruncated": end < len(details)}
        for name, entry in details[first:end]:
            trust = {"AssumeRolePolicyDocument": "{}"} if name == "RoleDetailList" else {}
            lists.setdefault(name, []).append(entry | trust)
        return lists | ({"Marker": str(end)} if end < len(details) else {})

    def build(endpoint: Endpoint) -> None:
        endpoint.answer("iam", "GetAccountAuthorizationDetails", page)

    return build


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, help="only the first so many checks")
    parser.add_argument("--principals", type=int, default=1000)
    given = parser.parse_args(arguments)
    os.environ |= environment()
    from cloudscan import plugins

    every = plugins.checks()[: given.checks]
    shapes = {shape: asked(every, buckets(shape)) for shape in SHAPES}
    told = {
        "shapes": {shape: settings(requests) for shape, requests in shapes.items()},
        "account": shapes["fresh"].total() - (sum(settings(shapes["fresh"]).values()) + 1) * _BUCKETS,
        "lists": {
            words: {name: requests[name] / _BUCKETS for name in sorted(_LISTS - {"s3:ListBuckets"}) if requests[name]}
            for words, requests in (
                ("without", shapes["versioned"]),
                ("with", asked(every, buckets("versioned"), versions=True)),
            )
        },
        "checks": {check.id: settings(asked([check], buckets("fresh"))) for check in every},
        "iam": {
            operation: count
            for operation, count in sorted(asked(every, principals(given.principals)).items())
            if operation.startswith("iam:")
        },
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
