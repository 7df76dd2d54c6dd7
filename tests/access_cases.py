"""Run worked access cases: ``python tests/access_cases.py FILE [FILE ...]``.

Prints one JSON object a case, ``{"id", "verdict", "condition_keys"}``, and a summary on stderr. A direct question goes
to the evaluator; one about paths goes through records, the provider's grants and the graph. A case that cannot be
expressed is "unsupported"; one that hangs on a fact nobody saw is "unknown".
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cloudscan.access import Ruling, keys
from cloudscan_gcp.policy import clock
from tests import azure_records, gcp_records
from tests.access_paths import AwsPaths
from tests.access_worlds import AwsWorld, Inexpressible
from tests.azure_paths import AzurePaths
from tests.azure_worlds import AzureWorld
from tests.gcp_paths import GcpPaths
from tests.gcp_worlds import GcpWorld

VERDICTS = {Ruling.YES: "allow", Ruling.NO: "deny", Ruling.IF: "conditional", Ruling.UNKNOWN: "unknown"}


def read(paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the cases of files in order."""
    for path in paths:
        with Path(path).open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def answer(case: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one case in the format of the collection."""
    request, world = case["request"], case["account"]
    verdict, named = "unsupported", frozenset[str]()
    try:
        if "buckets" in world:
            verdict, named = _on_aws(world, request)
        elif "bucket" in world:
            verdict, named = _on_gcp(world, request)
        elif "storage_account" in world:
            verdict, named = _on_azure(world, request)
    except (Inexpressible, gcp_records.Inexpressible, azure_records.Inexpressible):
        pass
    return {"id": case["id"], "verdict": verdict, "condition_keys": sorted(named) if verdict == "conditional" else []}


def _on_aws(world: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    if request.get("mode") == "path":
        return _by_path(world, request)
    given = AwsWorld(world).answer(request)
    return VERDICTS[given.ruling], keys(given.condition)


def _on_gcp(world: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """Answer on Google Cloud, where cases name the attribute of which a part is asked about."""
    if request.get("mode") == "path":
        found = GcpPaths(world).best(request)
        verdict, named = (found.ruling, found.keys) if found else (Ruling.NO, frozenset[str]())
    else:
        given = GcpWorld(world).answer(request)
        verdict, named = given.ruling, keys(given.condition)
    return VERDICTS[verdict], frozenset(map(clock.attribute, named))


def _on_azure(world: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    if request.get("mode") == "path":
        found = AzurePaths(world).best(request)
        return (VERDICTS[found.ruling], found.keys) if found else (VERDICTS[Ruling.NO], frozenset())
    given = AzureWorld(world).answer(request)
    return VERDICTS[given.ruling], keys(given.condition)


def _by_path(world: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """Answer whether somebody can end up reading an object, and name the keys along the best path."""
    found = AwsPaths(world).best(request)
    if found is None:
        return VERDICTS[Ruling.NO], frozenset()
    return VERDICTS[found.ruling], found.keys


def score(case: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """Yield what one answer counts as."""
    expected, verdict = case.get("expected"), given["verdict"]
    yield "cases"
    yield "unsupported" if verdict == "unsupported" else "stated"
    if verdict == expected:
        yield "right"
    elif verdict != "unsupported":
        yield "wrong"
        if expected == "deny":
            yield "false allows"
        elif verdict == "deny":
            yield "false denies"
    if expected == "conditional":
        yield "conditional"
        if verdict == expected and given["condition_keys"] == sorted(case["condition_keys"]):
            yield "exact key sets"


def main(paths: list[str]) -> int:
    """Answer every case of the files; return 2 without any file."""
    if not paths:
        print("usage: access_cases.py FILE [FILE ...]", file=sys.stderr)
        return 2
    counts: Counter[str] = Counter()
    for case in read(paths):
        given = answer(case)
        print(json.dumps(given))
        counts.update(score(case, given))
    print(
        f"{counts['cases']} cases, {counts['stated']} stated: {counts['right']} right, "
        f"{counts['false allows']} false allows, {counts['false denies']} false denies, "
        f"{counts['exact key sets']} of {counts['conditional']} exact key sets, {counts['unsupported']} unsupported",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
