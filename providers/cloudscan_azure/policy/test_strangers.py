"""What somebody with nothing but the Internet and an account can meet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloudscan.access import ALWAYS, NEVER, Condition
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Over, Test, Unseen, all_of, any_of, negate
from cloudscan.access.patterns import Pattern
from cloudscan.model import Answer
from cloudscan_azure.policy.strangers import open_to_strangers

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


def asks(key: str, operator: Operator = Operator.PRESENT, *values: str) -> Condition:
    return Test(key, operator, tuple(Pattern((value,)) for value in values), Over.ANY)


HERE = asks("network", Operator.IN_NETWORK, "203.0.113.0/24")


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (ALWAYS, Answer.YES),
        (NEVER, Answer.NO),
        (asks("time", Operator.TIME_BEFORE, "2030-01-01"), Answer.YES),
        (asks("time", Operator.TIME_BEFORE, "2020-01-01"), Answer.NO),
        (HERE, Answer.NO),
        (negate(HERE), Answer.YES),
        (asks("network", Operator.IN_NETWORK, "0.0.0.0/1"), Answer.YES),
        (asks("ip", Operator.IN_NETWORK, "203.0.113.7"), Answer.NO),
        (asks("network", Operator.EQUALS_IGNORING_CASE, "/endpoint"), Answer.NO),
        (asks("network", Operator.EQUALS_IGNORING_CASE, "/endpoint", "network-security-perimeter"), Answer.UNKNOWN),
        (asks("pim:activation"), Answer.NO),
        (asks("cpk:customer-key"), Answer.NO),
        (asks("network:private-link", Operator.TRUTH, "true"), Answer.NO),
        (asks("blob-index-tag:Project", Operator.EQUALS, "x"), Answer.UNKNOWN),
        (any_of([HERE, Unseen("a rule")]), Answer.UNKNOWN),
        (all_of([HERE, Unseen("a rule")]), Answer.NO),
        (any_of([Unseen("a rule"), negate(HERE)]), Answer.YES),
    ],
)
def test_by_what_is_asked(condition: Condition, answer: Answer) -> None:
    assert open_to_strangers(condition, NOW) is answer
