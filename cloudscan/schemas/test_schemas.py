from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cloudscan.policy.file import policy_schema
from cloudscan.provider import Facet
from cloudscan.schemas import schema
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import ACCOUNT, gap, speech, store

POLICY = files("cloudscan.schemas").joinpath("policy-1.json")


def _expected_policy_schema() -> dict[str, Any]:
    header = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:cloudscan:policy:1"}
    return header | {"title": "cloudscan policy file, version 1"} | policy_schema()


@pytest.mark.parametrize(
    "name",
    ["report-1", "reach-1", "retention-1", "retention-object-1", "identify-1", "policy-1", "snapshot-manifest-1"],
)
def test_each_shipped_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(
    "name", ["report-1", "reach-1", "retention-1", "retention-object-1", "identify-1", "snapshot-manifest-1"]
)
def test_every_object_with_named_fields_is_closed(name: str) -> None:
    def walk(node: object) -> None:
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
            for part in node.values():
                walk(part)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    walk(schema(name))


def test_shipped_policy_schema_is_the_one_of_the_policy() -> None:
    """Run with CLOUDSCAN_REGENERATE=1 to write the file anew."""
    if os.environ.get("CLOUDSCAN_REGENERATE"):
        Path(str(POLICY)).write_text(json.dumps(_expected_policy_schema(), indent=2) + "\n", encoding="utf-8")
    assert schema("policy-1") == _expected_policy_schema()


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({}, True),
        ({"retention": [{"stores": "calls-*", "media": "speech", "max_days": 90}]}, True),
        ({"severity": {"unrotated-key": "low"}, "regions": ["eu-*"]}, True),
        ({"retentoin": []}, False),
        ({"severity": {"unrotated-key": "worst"}}, False),
        ({"suppressions": [{"check": "x", "reason": "y"}]}, False),
    ],
)
def test_policy_schema_tells_right_from_wrong(body: dict[str, Any], fits: bool) -> None:
    assert Draft202012Validator(schema("policy-1")).is_valid(body) is fits


def test_manifest_of_a_written_snapshot_keeps_its_schema(tmp_path: Path) -> None:
    writer = SnapshotWriter(tmp_path / "snapshot", {"aws": {"facets": ["objects"], "stores": []}})
    unit = writer.unit("one")
    unit.add(store("calls"))
    unit.add(gap("arn:aws:s3:::calls", Facet.POLICY))
    unit.add_rows([speech("calls", "a.wav")])
    unit.commit()
    writer.finish([{"provider": "aws", "account": ACCOUNT, "identity": "arn:aws:iam::111111111111:role/scanner"}])
    manifest = json.loads((tmp_path / "snapshot" / "manifest.json").read_bytes())
    Draft202012Validator(schema("snapshot-manifest-1")).validate(manifest)
    assert {entry["path"].split("/")[0] for entry in manifest["files"]} == {"records", "objects", "gaps.jsonl"}


def test_unknown_schema_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        schema("report-2")
