"""Inventory reports of Storage Insights: manifests, columns and rows. Pure: reads what was fetched.

After "Inventory reports" (Cloud Storage documentation) and "CSVOptions" (Storage Insights API). A report is a number of
shards, of a million objects each, and a manifest, which is written when all of them are there. It names them, says how
many objects they hold and when they were taken, and repeats the configuration: the bucket, the metadata fields, and
Parquet or CSV with its delimiter, separator of records, and whether a first line names the columns. Without that line
the columns are taken to be in the order of the fields. Nothing says that names in CSV are encoded: they are taken as
they stand.

The manifest has no checksums. Whoever lists the shards knows their sizes and MD5s and may give them along.

``timeDeleted`` is set of old versions alone; a report without it does not tell them from live objects and is not read.
What no report tells, whatever its fields: holds, custom times, keys, access control lists, contexts, and objects that
were soft-deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from cloudscan.tables.inventory import Rows
from cloudscan.tables.inventory_files import (
    Unreadable,
    column,
    csv_source,
    first_line,
    make_rows,
    moment,
    parquet_source,
    text,
)

_MANIFEST = re.compile(r"_(\d{4}-\d\d-\d\dT\d\d:\d\d)_manifest\.json$")
_USUAL: Mapping[str, Any] = {"delimiter": ",", "recordSeparator": "", "headerRequired": False}
_SEPARATORS = {"": "", "\n": "\\n", "\r\n": "\\r\\n"}
WANTED = ("size", "timeCreated", "etag", "storageClass", "contentType")
"""Fields without which objects are known less well than by a list."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a manifest says. ``files`` are names beside it; ``objects`` is how many they hold, None if not said."""

    taken: datetime
    fields: tuple[str, ...]
    files: tuple[str, ...]
    objects: int | None
    parquet: bool
    header: bool = False
    delimiter: str = ","
    new_line: str = ""


class _Manifest(msgspec.Struct, frozen=True):
    report_config: dict[str, Any]
    snapshot_time: datetime
    shard_count: int
    report_shards_file_names: tuple[str, ...]
    records_processed: int | None = None


def manifests(names: Iterable[str]) -> list[str]:
    """Return the manifests among names of objects, the newest first."""
    found = ((match[1], name) for name in names if (match := _MANIFEST.search(name)))
    return [name for _, name in sorted(found, reverse=True)]


def read_manifest(raw: bytes, bucket: str) -> Report:
    """Read a manifest. Raises :class:`Unreadable` for one that makes no sense, or is of another bucket."""
    try:
        told = msgspec.json.decode(raw, type=_Manifest)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable("the manifest makes no sense") from error
    options = _part(told.report_config, "objectMetadataReportOptions")
    if _member(_part(options, "storageFilters"), "bucket") != bucket:
        raise Unreadable("the manifest is of another bucket")
    names = tuple(dict.fromkeys(told.report_shards_file_names))
    if told.shard_count != len(names):
        raise Unreadable("the manifest names another number of files than it counts")
    fields = _member(options, "metadataFields")
    if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
        raise Unreadable("the manifest makes no sense")
    if len(set(fields)) < len(fields) or not {"name", "timeDeleted"} <= set(fields):
        raise Unreadable("the report does not tell names and which objects are live: it lacks name or timeDeleted")
    taken = told.snapshot_time if told.snapshot_time.tzinfo else told.snapshot_time.replace(tzinfo=UTC)
    form = _form(told.report_config)
    return Report(taken.astimezone(UTC), tuple(fields), names, told.records_processed, **form)


def _form(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Read in which form the files are."""
    if _member(configuration, "parquetOptions") is not None:
        return {"parquet": True}
    options = _part(configuration, "csvOptions")
    given = {name: _member(options, name) for name in ("delimiter", "recordSeparator", "headerRequired")}
    found = {name: given[name] if given[name] is not None else usual for name, usual in _USUAL.items()}
    if any(type(found[name]) is not type(usual) for name, usual in _USUAL.items()):
        raise Unreadable("the manifest makes no sense")
    delimiter, separator, header = found.values()
    if len(delimiter) != 1 or separator not in _SEPARATORS:
        raise Unreadable("files with such delimiters are not read")
    return {"parquet": False, "header": header, "delimiter": delimiter, "new_line": _SEPARATORS[separator]}


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = _member(whole, name)
    return part if isinstance(part, Mapping) else {}


def _member(whole: Mapping[str, Any], name: str) -> Any:
    """Return a member by its name in JSON, or by that of the same field in the API's own definition."""
    return whole.get(name, whole.get(re.sub("(?=[A-Z])", "_", name).lower()))


def write(
    report: Report,
    body: IO[bytes],
    target: Path,
    store: str,
    *,
    versions: bool,
    size: int | None = None,
    md5: str | None = None,
) -> Rows:
    """Write the rows of one file of a report as Parquet of the object table; return how many.

    ``size`` in bytes and ``md5`` in hexadecimal are of the whole file. Without ``versions`` only live objects. Raises
    :class:`Unreadable` where the file is another, or holds something else.
    """
    return make_rows(
        body,
        target,
        lambda file: select(report, file, store, versions=versions),
        slow=not report.parquet,
        size=size,
        md5=md5,
    )


def select(report: Report, file: Path, store: str, *, versions: bool) -> str:
    """Write the SELECT that gives the columns of the object table; what is of another bucket has no key there."""
    told = set(report.fields)

    def plain(field: str) -> str:
        return f"nullif({column(field)}::VARCHAR, '')" if field in told else "NULL"

    def time(field: str) -> str:
        return moment(column(field)) if field in told else "NULL"

    name, bucket = column("name"), store.rpartition("/")[2]
    live = f"({plain('timeDeleted')} IS NULL)"
    values = {  # the tag is what a list has for one
        "store": text(store),
        "key": f"CASE WHEN {column('bucket')} = {text(bucket)} THEN {name} END" if "bucket" in told else name,
        "version": plain("generation") if versions else "NULL",
        "current": live,
        "delete_marker": "false",
        "size": f"try_cast({column('size')} AS BIGINT)" if "size" in told else "NULL",
        "modified": time("timeCreated"),
        "tier": f"coalesce({plain('storageClass')}, '')",
        "etag": f"coalesce({plain('generation')} || '/' || {plain('metageneration')}, {plain('etag')})",
        "content_type": plain("contentType"),
        "noncurrent_since": time("timeDeleted"),
        "retain_until": time("retentionExpirationTime"),
    }
    chosen = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return f"SELECT {chosen} FROM {_source(report, file)} WHERE {'true' if versions else live}"  # noqa: S608 - all is quoted


def _source(report: Report, file: Path) -> str:
    if report.parquet:
        return parquet_source(file)
    names = first_line(file, report.delimiter) if report.header else report.fields
    if sorted(names) != sorted(report.fields):
        raise Unreadable("a file of the inventory has other columns than its manifest says")
    return csv_source(file, names, header=report.header, delimiter=report.delimiter, new_line=report.new_line)


def left_out(report: Report, *, versions: bool) -> list[str]:
    """Say which objects of its bucket the report leaves out, what came later first, and what it leaves open of them."""
    of = _named(report)
    found = [f"read from {of}: what changed since is not in it"]
    if versions and "generation" not in report.fields:
        found.append(f"{of} does not tell the generations of old versions")
    if lacking := [name for name in WANTED if name not in report.fields]:
        found.append(f"{of} does not tell {', '.join(lacking)}")
    return found


def untold(report: Report) -> str:
    """Say what no report tells of the objects that are in it."""
    return f"{_named(report)} does not tell holds, custom times and keys of objects"


def _named(report: Report) -> str:
    return f"the inventory report of {report.taken:%Y-%m-%dT%H:%M:%SZ}"


def short(report: Report, rows: int) -> str | None:
    """Say that files which were read with all versions hold another number of rows than the manifest counts."""
    if report.objects in (None, rows):
        return None
    return f"the manifest counts {report.objects:,} objects, and its files hold {rows:,}"
