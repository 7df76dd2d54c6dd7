"""Who has a part of a read: what is told of crowds is what is told of each in them, over all worked worlds of keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudscan.access import Ruling
from cloudscan_aws import AwsProvider
from tests.access_cases import read
from tests.access_records import estate_of
from tests.access_worlds import Inexpressible

CASES = Path(__file__).parent / "cases"


def _under_keys() -> Iterator[Any]:
    for case in read(str(path) for path in sorted(CASES.glob("aws-*.jsonl"))):
        world = case["account"]
        if world.get("keys") and world.get("buckets"):
            yield pytest.param(world, id=case["id"])


@pytest.mark.parametrize("world", list(_under_keys()))
def test_those_who_may_get_and_not_decrypt_are_those_of_whom_it_is_explained_so(world: Any) -> None:
    provider, bucket = AwsProvider(), world["buckets"][0]
    key = next((obj["key"] for obj in bucket.get("objects") or ()), "raw/a.wav")
    try:
        estate = estate_of(world, bucket["name"], key)
    except Inexpressible:
        pytest.skip("no records can state this world")
    store = f"arn:aws:s3:::{bucket['name']}"
    told = {name for group in provider.halfway(estate, store) for name in group.principals}
    for one in estate.principals.values():
        if one.kind == "group":
            continue
        decision = provider.explain(estate, one.id, store, key)
        half = decision.ruling is Ruling.NO and any("may not decrypt it" in each.sentence for each in decision.proof)
        assert (one.id in told) == half, one.id
