"""What a statement says before it goes, and which ones nobody is told to take away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Record
from cloudscan.testing import ACCOUNT, key, store
from cloudscan_aws.removal import says, upkeep

KEY = key("k", has_policy=Answer.YES)
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
NAME = f"key policy of {KEY.id}"


def _estate(*statements: dict[str, Any], kind: str = "key", target: str = KEY.id) -> Estate:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    records: list[Record] = [Account(ACCOUNT, "aws"), KEY, store("calls", has_policy=Answer.YES)]
    return Estate.of([*records, PolicyDocument("document", "aws", ACCOUNT, kind, (target,), text)])


def test_what_keeps_a_key_administrable_is_none_to_take_away() -> None:
    statements = (
        {"Sid": "Owner", "Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": ROOT, "Action": ["kms:Put*"], "Resource": "*"},
        {"Effect": "Allow", "Principal": ROOT, "NotAction": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Allow", "Principal": ROOT, "Action": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"},
    )
    assert upkeep(_estate(*statements)) == {f"{NAME}, statement {place}" for place in ("1 (Owner)", "2", "3")}
    assert upkeep(_estate(*statements, kind="resource", target="arn:aws:s3:::calls")) == set()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"Action": "kms:Decrypt", "Principal": "*", "Resource": "*"}, "allows kms:Decrypt on * to *"),
        (
            {"NotAction": ["kms:A", "kms:B"], "Principal": ROOT, "Resource": "*", "Condition": {"Bool": {"a": "true"}}},
            f"allows all but kms:A, kms:B on * to arn:aws:iam::{ACCOUNT}:root under a condition",
        ),
        (
            {"Action": [f"kms:{letter}" for letter in "ABCDE"], "Principal": {"AWS": ["a", "b"]}, "Resource": "*"},
            "allows kms:A, kms:B, kms:C and 2 more on * to a, b",
        ),
    ],
)
def test_a_statement_is_said_in_words(statement: dict[str, Any], said: str) -> None:
    estate = _estate({"Effect": "Allow", **statement}, {"Effect": "Deny", **statement})
    assert says(estate, [f"{NAME}, statement 1"]) == {f"{NAME}, statement 1": said}


def test_of_a_document_that_is_not_understood_nothing_is_said() -> None:
    document = PolicyDocument("document", "aws", ACCOUNT, "key", (KEY.id,), "{")
    estate = Estate.of([Account(ACCOUNT, "aws"), KEY, document])
    assert not upkeep(estate)
    assert says(estate, [NAME]) == {}
