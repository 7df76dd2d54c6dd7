"""Times of AWS in UTC, whatever the zone of the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.utils import parse_timestamp

from cloudscan_aws.times import utc


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_told_in_utc_on_a_machine_elsewhere(tokyo: None) -> None:
    given = parse_timestamp(1_788_249_600)
    assert given.utcoffset().total_seconds() == 9 * 3600
    found = utc(given)
    assert found == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert found.isoformat() == "2026-09-01T08:00:00+00:00"


def test_no_time_stays_no_time() -> None:
    assert utc(None) is None
