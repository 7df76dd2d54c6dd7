"""The runner of worked access cases keeps the format that other projects read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.access_cases import main

BUCKET: dict[str, Any] = {
    "name": "corpus",
    "account": "111111111111",
    "region": "eu-central-1",
    "acl": [],
    "bpa": {},
    "ownership": "BucketOwnerEnforced",
    "encryption": {"mode": "SSE-S3"},
    "objects": [{"key": "raw/a.wav", "owner": "111111111111", "acl": []}],
    "policy": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::corpus/*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            }
        ],
    },
}


ANA = "arn:aws:iam::111111111111:user/ana"
HOLDER = {"arn": ANA, "account": "111111111111", "type": "user", "identity_policies": [], "attached": ["readers"]}


def case(name: str, expected: str, condition_keys: list[str], *, holders: Any = (), **request: Any) -> str:
    asked = {
        "principal": {"anonymous": True},
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::corpus/raw/a.wav",
        "context": {},
        "context_mode": "exact",
        "mode": "direct",
    }
    world = {"principals": [*holders], "buckets": [BUCKET], "access_points": [], "org": None}
    return json.dumps(
        {
            "id": name,
            "account": world,
            "request": asked | request,
            "expected": expected,
            "condition_keys": condition_keys,
        }
    )


def test_every_case_is_answered_in_order_and_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection = tmp_path / "cases.jsonl"
    lines = [
        case("plain", "deny", []),
        case("secure", "allow", [], context={"aws:SecureTransport": "true"}),
        case("open", "conditional", ["aws:SecureTransport"], context_mode="open"),
        case("wrongly-denied", "allow", []),
        case("path", "allow", [], context={"aws:SecureTransport": "true"}, mode="path"),
        case("by-a-policy-that-is-not-there", "allow", [], principal=ANA, mode="path", holders=[HOLDER]),
    ]
    collection.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main([str(collection)]) == 0
    printed = capsys.readouterr()
    assert [json.loads(line) for line in printed.out.splitlines()] == [
        {"id": "plain", "verdict": "deny", "condition_keys": []},
        {"id": "secure", "verdict": "allow", "condition_keys": []},
        {"id": "open", "verdict": "conditional", "condition_keys": ["aws:SecureTransport"]},
        {"id": "wrongly-denied", "verdict": "deny", "condition_keys": []},
        {"id": "path", "verdict": "allow", "condition_keys": []},
        {"id": "by-a-policy-that-is-not-there", "verdict": "unsupported", "condition_keys": []},
    ]
    assert printed.err.strip() == (
        "6 cases, 5 stated: 4 right, 0 false allows, 1 false denies, 1 of 1 exact key sets, 1 unsupported"
    )


def test_a_call_without_files_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
