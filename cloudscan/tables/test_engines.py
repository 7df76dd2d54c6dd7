"""DuckDB as the engine of the analysis: its bound, and what is said where that is too little."""

from __future__ import annotations

import pytest

from cloudscan.errors import UsageError
from cloudscan.tables.engines import DuckDB, engine

LARGE = "SELECT list(i) FROM range(20_000_000) AS t(i)"
"""One value of 160 MB, which no disk can stand in for."""


def test_a_question_that_needs_more_memory_names_the_option() -> None:
    with pytest.raises(UsageError, match="needs more than 64 MB: give it more, such as --memory 512"):
        list(DuckDB(64).rows(LARGE, []))


def test_a_table_that_needs_more_memory_names_the_option() -> None:
    with pytest.raises(UsageError, match="needs more than 64 MB"):
        DuckDB(64).keep("large", LARGE, [])


def test_the_memory_of_the_user_is_given() -> None:
    (row,) = engine("duckdb", 1024).rows("SELECT length(list(i)) FROM range(20_000_000) AS t(i)", [])
    assert row == (20_000_000,)
