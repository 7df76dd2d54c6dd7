"""Ask Principal Mapper who reads the buckets of a generated account. Its own interpreter runs this, never cloudscan's.

PYTHON bench/ask_pmapper.py ACCOUNT.json            who reads one object of each bucket by rights of its own
PYTHON bench/ask_pmapper.py ACCOUNT.json --steps    also its edges of STS and IAM, and who reads over them

Nothing is asked of a network. Each principal is asked, as PMapper's own queries do it, with the bucket's policy, its
owner and the service control policies, over TLS. Prints one JSON object: ``reads`` are pairs of a principal and a
bucket, seconds are of processor time.
"""

from __future__ import annotations

import argparse
import collections
import collections.abc
import json
import resource
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

# PMapper 1.1.5 looks for these where Python had them until 3.9.
for _name in ("Mapping", "MutableMapping"):
    setattr(collections, _name, getattr(collections.abc, _name))

from principalmapper.common import Edge, Graph, Group, Node, Policy  # noqa: E402
from principalmapper.graphing import gathering, iam_edges, sts_edges  # noqa: E402
from principalmapper.querying import query_interface as queries  # noqa: E402

_REQUEST = {"aws:SecureTransport": "true"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("account", type=Path)
    parser.add_argument("--steps", action="store_true")
    given = parser.parse_args()
    file = json.loads(given.account.read_text(encoding="utf-8"))
    nodes, over = _nodes(file), _guardrails(file)
    told: dict[str, Any] = {"version": version("principalmapper"), "principals": len(nodes)}

    def reads(query: Callable[..., bool]) -> tuple[int, float]:
        began = time.process_time()
        found = sum(
            query(
                node,
                "s3:GetObject",
                f"arn:aws:s3:::{bucket['name']}/raw/0000.wav",
                _REQUEST,
                bucket["policy"],
                bucket["account"] if bucket["policy"] else None,
                over,
            )
            for bucket in file["buckets"]
            for node in nodes
        )
        return found, time.process_time() - began

    told["reads"], told["direct_seconds"] = reads(queries.local_check_authorization_full)
    if given.steps:
        began = time.process_time()
        gathering.update_admin_status(nodes, over)
        edges: list[Edge] = [
            *sts_edges.generate_edges_locally(nodes, over),
            *iam_edges.generate_edges_locally(nodes, over),
        ]
        told["edges"], told["edges_seconds"] = len(edges), time.process_time() - began
        about = {"account_id": file["buckets"][0]["account"], "pmapper_version": told["version"]}
        graph = Graph(nodes, edges, [], [], about)
        told["reads_by_steps"], told["steps_seconds"] = reads(
            lambda *asked: queries.search_authorization_full(graph, *asked).allowed
        )
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps(told))


def _nodes(file: dict[str, Any]) -> list[Node]:
    managed = {arn: Policy(arn, arn.rpartition("/")[2], document) for arn, document in file["managed_policies"].items()}

    def held(holder: dict[str, Any]) -> list[Policy]:
        own = [Policy(holder["arn"], each["name"], each["document"]) for each in holder["inline"]]
        return [*own, *(managed[arn] for arn in holder["attached"])]

    groups = {each["arn"]: Group(each["arn"], held(each)) for each in file["groups"]}
    return [
        Node(
            each["arn"],
            each["name"],
            held(each),
            [groups[arn] for arn in each["groups"]],
            each["trust_policy"],
            None,
            0,
            active_password=False,
            is_admin=False,
            permissions_boundary=managed.get(each["boundary"]),
            has_mfa=False,
            tags=each["tags"],
        )
        for each in file["principals"]
    ]


def _guardrails(file: dict[str, Any]) -> list[list[Policy]]:
    """Return the service control policies over the only account, level by level."""
    (over,) = file["org"]["accounts"].values()
    return [
        [Policy("arn:aws:organizations:::policy/guard", "guard", each) for each in level]
        for level in over["scp_levels"]
    ]


if __name__ == "__main__":
    main()
