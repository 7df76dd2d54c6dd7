from __future__ import annotations

import pytest

from cloudscan.access.comparisons import Operator, holds
from cloudscan.access.patterns import Pattern, glob

LIKE_BY_PART = Operator.LIKE_BY_PART


@pytest.mark.parametrize(
    ("operator", "wanted", "fitting", "others"),
    [
        (Operator.EQUALS, "a*", ["a*"], ["ab", "A*", ""]),
        (Operator.EQUALS_IGNORING_CASE, "vPce-1", ["VPCE-1", "vpce-1"], ["vpce-2"]),
        (Operator.SAME_BYTES, "QQ==", ["QQ=="], ["Qg==", "no base64!"]),
        (Operator.TRUTH, "true", ["true", "True"], ["false", "1", ""]),
        (Operator.NUMBER_EQUALS, "10", ["10", "10.0", " 10"], ["11", "ten", "NaN"]),
        (Operator.NUMBER_BELOW, "10", ["9.99", "-1"], ["10", "11", "x"]),
        (Operator.NUMBER_AT_MOST, "10", ["10"], ["10.1"]),
        (Operator.NUMBER_ABOVE, "10", ["10.1"], ["10", "x"]),
        (Operator.NUMBER_AT_LEAST, "10", ["10"], ["9"]),
        (Operator.TIME_EQUALS, "2024-01-01T00:00:00Z", ["1704067200", "2024-01-01T01:00:00+01:00"], ["2024-01-02"]),
        (Operator.TIME_EQUALS, "2024", ["2024-01-01", "2024-01", "2024-01-01T00:00:00Z"], ["1704067201"]),
        (Operator.TIME_BEFORE, "2024-01-01", ["2023-12-31T23:59:59Z"], ["2024-01-01", "yesterday"]),
        (Operator.TIME_AT_LATEST, "2024-01-01", ["2024-01-01"], ["2024-01-01T00:00:01Z"]),
        (Operator.TIME_AFTER, "2024-01-01", ["2030-01-01"], ["2024-01-01"]),
        (Operator.TIME_AT_EARLIEST, "2024-01-01", ["2024-01-01"], ["2020-01-01"]),
        (Operator.IN_NETWORK, "203.0.113.0/24", ["203.0.113.0", "203.0.113.255"], ["203.0.114.0", "::1", "x"]),
        (Operator.IN_NETWORK, "203.0.113.7", ["203.0.113.7"], ["203.0.113.8"]),
        (Operator.IN_NETWORK, "2001:db8::/32", ["2001:DB8::1"], ["2001:db9::1", "203.0.113.7"]),
        (Operator.IN_NETWORK, "not a block", [], ["203.0.113.7"]),
    ],
)
def test_values_compare_as_their_kind_does(
    operator: Operator, wanted: str, fitting: list[str], others: list[str]
) -> None:
    for value in fitting:
        assert holds(operator, value, (Pattern((wanted,)),)), value
    for value in others:
        assert not holds(operator, value, (Pattern((wanted,)),)), value


ROLE = "arn:aws:iam::111111111111:role/asr/reader"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ROLE, True),
        ("arn:aws:iam::*:role/*", True),
        ("arn:aws:iam::11111111111?:role/asr/read*", True),
        ("arn:*:*:*:*:*", True),
        ("*", True),
        ("arn:aws:iam::111111111111:role/ASR/*", False),
        ("arn:aws:iam::*role/asr/reader", False),
        ("arn:aws:*:role/asr/reader", False),
        ("arn:aws:iam*", False),
    ],
)
def test_an_arn_is_compared_part_by_part(wanted: str, expected: bool) -> None:
    assert holds(LIKE_BY_PART, ROLE, (glob(wanted),)) is expected


def test_only_the_last_part_of_an_arn_may_hold_colons() -> None:
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert not holds(LIKE_BY_PART, value, (glob("arn:aws:someservice:*:111122223333:finance/*"),))
    assert holds(Operator.LIKE, value, (glob("arn:aws:someservice:*:111122223333:finance/*"),))
    assert holds(LIKE_BY_PART, value, (glob("arn:aws:someservice:*:*:store/*"),))


def test_one_of_several_values_is_enough() -> None:
    assert holds(Operator.EQUALS, "b", (Pattern(("a",)), Pattern(("b",))))
    assert not holds(Operator.EQUALS, "b", ())
