"""The SQL of the analysis on Apache Spark: on the cluster that Spark's own configuration names, else in this machine.

Statements come in DuckDB's words and are carried over by sqlglot. Values stay values: Spark takes them beside the
text (``spark.sql(text, args)``), so that no key, however it is written, becomes part of a statement. The files of the
snapshot must lie where every executor finds them under the same path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscan.errors import UsageError
from cloudscan.model import MediaObject
from cloudscan.tables import columns

if TYPE_CHECKING:
    from sqlglot import exp

_TYPES: Mapping[str, str] = {
    "VARCHAR": "STRING",
    "BOOLEAN": "BOOLEAN",
    "BIGINT": "BIGINT",
    "DOUBLE": "DOUBLE",
    "TIMESTAMP": "TIMESTAMP_NTZ",
}
_PLACES = re.compile(r"'(?:[^']|'')*'|\?")
"""Texts, in which a question mark is one, and the places of values."""
_SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a number that is too large is an error and not another number
    "spark.sql.caseSensitive": "false",
}


class Spark:
    """The engine of a Spark session, new or the one that this process has.

    Raises :class:`UsageError` where pyspark or sqlglot is not installed, or no session comes up.
    """

    def __init__(self) -> None:
        try:
            import sqlglot  # noqa: F401 - the first statement needs it, which is too late to say so
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise UsageError(
                f"--engine spark needs {error.name}: pip install 'cloudscan[spark]' (and Java 17 or newer)"
            ) from error
        try:
            builder = SparkSession.builder.appName("cloudscan").config("spark.ui.showConsoleProgress", "false")
            self._session = builder.getOrCreate()
        except PySparkException as error:
            raise UsageError(
                f"Spark does not start ({type(error).__name__}): is Java 17 or newer installed?"
            ) from error
        self._session.sparkContext.setLogLevel("ERROR")
        for name, value in _SETTINGS.items():
            self._session.conf.set(name, value)
        context = self._session.sparkContext
        if context.master.startswith("local"):  # else 200 parts are shuffled for the smallest question
            self._session.conf.set("spark.sql.shuffle.partitions", str(context.defaultParallelism))

    def read(self, name: str, files: Sequence[Path], types: Mapping[str, str]) -> None:
        """Make a view of Parquet files."""
        reader = self._session.read.schema(_schema(types))
        reader.parquet(*(str(file.absolute()) for file in files)).createOrReplaceTempView(name)

    def hold(self, name: str, rows: Sequence[MediaObject]) -> None:
        """Make a view of rows."""
        frame = self._session.createDataFrame([tuple(row) for row in rows], _schema(columns.OBJECT_TYPES))
        frame.createOrReplaceTempView(name)

    def define(self, name: str, select: str) -> None:
        """Make a view of what a SELECT gives."""
        self._session.sql(translated(select, {})).createOrReplaceTempView(name)

    def keep(self, name: str, select: str, parameters: Sequence[object]) -> None:
        """Make a view of what a SELECT gives, worked out once and kept on the executors' disks."""
        from pyspark import StorageLevel

        values = {f"v{place}": value for place, value in enumerate(parameters)}
        frame = self._session.sql(translated(select, values), _beside(values))
        frame.persist(StorageLevel.DISK_ONLY).createOrReplaceTempView(name)

    def rows(self, sql: str, parameters: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """Run one SELECT."""
        values = {f"v{place}": value for place, value in enumerate(parameters)}
        text = translated(sql, values)
        for row in self._session.sql(text, _beside(values)).toLocalIterator(prefetchPartitions=True):
            yield tuple(_as_duckdb(value) for value in row)


def translated(sql: str, values: Mapping[str, object]) -> str:
    """Write a statement of DuckDB in Spark's words; its ``?`` become these names, in their order.

    Of a list each element has a name of its own. A moment is written out: Spark takes Python's only as times of a zone.
    """
    import sqlglot
    from sqlglot import ErrorLevel

    names = iter(values)
    numbered = _PLACES.sub(lambda found: f"${next(names)}" if found[0] == "?" else found[0], sql)
    tree = sqlglot.parse_one(numbered, read="duckdb").transform(_named, values)
    return tree.transform(_carried).transform(_side_by_side).sql("spark", unsupported_level=ErrorLevel.RAISE)


def _named(node: exp.Expr, values: Mapping[str, object]) -> exp.Expr:
    from sqlglot import exp

    value = values.get(node.name) if isinstance(node, exp.Placeholder) else None
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP_NTZ", dialect="spark")
    if isinstance(value, list | tuple):
        return exp.array(*(exp.Placeholder(this=f"{node.name}_{place}") for place in range(len(value))))
    return node


def _beside(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the values that go beside a statement, by their names in it."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list | tuple):
            given |= {f"{name}_{place}": each for place, each in enumerate(value)}
        elif not isinstance(value, datetime):
            given[name] = value
    return given


def _carried(node: exp.Expr) -> exp.Expr:
    """Put what sqlglot leaves as it is into Spark's words."""
    from sqlglot import exp

    if isinstance(node, exp.RegexpFullMatch):  # as we write it: a dot stands for a line's end, too
        whole = exp.func("CONCAT", exp.Literal.string(r"(?s)\A(?:"), node.expression, exp.Literal.string(r")\z"))
        return exp.func("REGEXP_LIKE", node.this, whole)
    if isinstance(node, exp.DataType) and node.this in (exp.DataType.Type.INT128, exp.DataType.Type.UINT128):
        return exp.DataType.build("DECIMAL(38, 0)")
    if isinstance(node, exp.DataType) and node.this is exp.DataType.Type.TIMESTAMP:
        return exp.DataType.build("TIMESTAMP_NTZ", dialect="spark")
    if isinstance(node, exp.Join) and node.method == "ASOF":
        return _as_range(node)
    return node


def _as_range(join: exp.Join) -> exp.Expr:
    """Write a join with the greatest start that is not beyond a value as one with the range up to the next start."""
    from sqlglot import exp

    value, start = join.args["on"].this, join.args["on"].expression
    following = f"lead({start.name}) OVER (ORDER BY {start.name}) AS beyond"
    ranges = exp.select("*", following).from_(join.this.copy()).subquery("ranges")
    within = exp.and_(exp.GTE(this=value, expression=start), f"beyond IS NULL OR {value.sql()} < beyond")
    return exp.Join(this=ranges, side=join.side, on=within)


def _side_by_side(node: exp.Expr) -> exp.Expr:
    """Make rows of several lists as DuckDB does: Spark makes them of one list in a SELECT."""
    from sqlglot import exp

    if not isinstance(node, exp.Select) or len(lists := _unnested(node)) < 2:
        return node
    rows = exp.func("INLINE", exp.func("ARRAYS_ZIP", *lists.values()))
    return exp.select(exp.Aliases(this=rows, expressions=[exp.to_identifier(name) for name in lists]))


def _unnested(select: exp.Select) -> dict[str, exp.Expr]:
    """Return the lists that a SELECT without a table makes rows of, by their names."""
    from sqlglot import exp

    kinds = (exp.Unnest, exp.Explode)
    lists = {each.alias: each.unalias() for each in select.expressions if isinstance(each.unalias(), kinds)}
    if select.args.get("from_") or len(lists) < len(select.expressions):
        return {}
    return {name: each.expressions[0] if isinstance(each, exp.Unnest) else each.this for name, each in lists.items()}


def _as_duckdb(value: Any) -> Any:
    """Return a value as DuckDB would: whole numbers of any size as int."""
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    return value


def _schema(types: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {_TYPES[kind]}" for name, kind in types.items())
