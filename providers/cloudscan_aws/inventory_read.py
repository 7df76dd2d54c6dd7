"""S3 Inventory: configurations, manifests and columns. Pure: reads what was fetched, and writes SQL over local files.

After "Amazon S3 Inventory" and "Locating your inventory list" (Amazon S3 user guide): a delivery is a folder named
for its time with ``manifest.json`` and, as the last file to be written, ``manifest.checksum``, the MD5 of it. The
manifest names the data files with their sizes and MD5s, their format and their columns.

"When you're using the CSV file format, the key name is URL-encoded and must be decoded before you can use it." By
which encoding, the guide does not say. Inventories have been seen to write a space as ``+`` ("c7n_salactus incorrectly
handles '+' character in key from S3 Inventory", an issue of Cloud Custodian); a plus itself every URL encoding writes
as ``%2B``. So ``+`` is a space, and ``%20`` is one as well. What decodes to no UTF-8 stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from cloudscan.tables.columns import quoted
from cloudscan.tables.inventory_files import EXTRA, Unreadable, reads_orc, text
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.s3_read import NOT_COPIED

_QUICKEST = ("Parquet", "ORC", "CSV")
"""The formats, the quickest to read first. ORC needs an extra."""
_DELIVERY = re.compile(r"(?:^|/)\d{4}-\d\d-\d\dT\d\d-\d\dZ/$")
_OF_PARQUET = re.compile(r"\b(?:required|optional)\s+\w+\s+(\w+)")
_OF_ORC = re.compile(r"[<,](\w+):\w+")
_OF_MODE = {"NOT-SSE": "none", "SSE-S3": "provider", "SSE-C": "customer-supplied"}
"""Of the others the report does not say whose key it is."""
WANTED = ("size", "last_modified_date", "e_tag", "storage_class")
"""Columns without which objects are known less well than by a list."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """An inventory that a bucket writes: ``folder`` is where its deliveries lie in the bucket ``kept_in``."""

    id: str
    kept_in: str
    folder: str
    format: str
    versions: bool
    prefix: str


class DataFile(msgspec.Struct, frozen=True):
    """One file of a delivery."""

    key: str
    size: int
    checksum: str = msgspec.field(name="MD5checksum")


class _Manifest(msgspec.Struct, frozen=True, rename="camel"):
    source_bucket: str
    creation_timestamp: str
    file_format: str
    file_schema: str
    files: tuple[DataFile, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a manifest says: when the inventory was begun, its files, and their columns by the names of Parquet."""

    taken: datetime
    format: str
    columns: tuple[str, ...]
    files: tuple[DataFile, ...]


def readable() -> tuple[str, ...]:
    """Return the formats that are read in this installation, the quickest first."""
    return tuple(name for name in _QUICKEST if name != "ORC" or reads_orc())


def configurations(payload: Mapping[str, Any], bucket: str) -> list[Configuration]:
    """Read the inventories of a bucket that are written, the best for a scan first.

    That is one that can be read here, is whole, has versions and is quick.
    """
    found = [_configuration(told, bucket) for told in payload.get("InventoryConfigurationList") or ()]
    ranks = {name: rank for rank, name in enumerate(readable())}
    kept = [each for each in found if each is not None]
    return sorted(
        kept,
        key=lambda one: (
            one.format not in ranks,
            bool(one.prefix),
            not one.versions,
            ranks.get(one.format, 0),
            one.id,
        ),
    )


def _configuration(told: Mapping[str, Any], bucket: str) -> Configuration | None:
    place = (told.get("Destination") or {}).get("S3BucketDestination") or {}
    if not told.get("IsEnabled") or not place.get("Bucket") or not told.get("Id"):
        return None
    within = f"{place['Prefix']}/" if place.get("Prefix") else ""
    return Configuration(
        id=told["Id"],
        kept_in=place["Bucket"].rpartition(":")[2],
        folder=f"{within}{bucket}/{told['Id']}/",
        format={"PARQUET": "Parquet"}.get(place.get("Format", ""), place.get("Format", "")),
        versions=told.get("IncludedObjectVersions") == "All",
        prefix=(told.get("Filter") or {}).get("Prefix") or "",
    )


def deliveries(payload: Mapping[str, Any]) -> list[str]:
    """Return the folders of deliveries that a list of a configuration's folders names, newest first."""
    folders = (each.get("Prefix") or "" for each in payload.get("CommonPrefixes") or ())
    return sorted(filter(_DELIVERY.search, folders), reverse=True)


def read_manifest(raw: bytes, bucket: str) -> Delivery:
    """Read a manifest. Raises :class:`Unreadable` for one that makes no sense, or is of another bucket or format."""
    try:
        told = msgspec.json.decode(raw, type=_Manifest)
        taken = datetime.fromtimestamp(int(told.creation_timestamp) / 1000, UTC)
    except (msgspec.DecodeError, ValueError, OverflowError, OSError) as error:
        raise Unreadable("the manifest makes no sense") from error
    if told.source_bucket != bucket:
        raise Unreadable("the manifest is of another bucket")
    if told.file_format == "ORC" and not reads_orc():
        raise Unreadable(f"files of the format ORC are read with pyarrow alone: {EXTRA}")
    if told.file_format not in _QUICKEST:
        raise Unreadable("files of this format are not read")
    if told.file_format == "CSV":
        names = tuple(_snake(name.strip()) for name in told.file_schema.split(","))
    else:
        names = tuple((_OF_PARQUET if told.file_format == "Parquet" else _OF_ORC).findall(told.file_schema))
    if "key" not in names or len(set(names)) < len(names) or not all(map(str.isidentifier, names)):
        raise Unreadable("the manifest names no keys")
    files = tuple(dict.fromkeys(told.files))
    if len({file.key for file in files}) < len(files):
        raise Unreadable("the manifest names a file twice, and as two")
    return Delivery(taken, told.file_format, names, files)


def _snake(name: str) -> str:
    """Write a column of CSV as Parquet calls it: ``LastModifiedDate`` is ``last_modified_date``, ``ETag`` ``e_tag``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def select(
    delivery: Delivery,
    files: Sequence[Path],
    bucket: Bucket,
    *,
    versions: bool,
    owner: str | None,
    versioned: bool = True,
) -> str:
    """Write the SELECT that gives the columns of the object table from files of CSV or of Parquet.

    What is of another bucket has no key there. Without ``versions`` only what a list of current objects would name, and
    no version; what has none of its own is "null" in a bucket that was ever ``versioned``. ``owner`` is who is known to
    own every object.
    """
    told = set(delivery.columns)
    csv = delivery.format == "CSV"
    current = "coalesce(is_latest::BOOLEAN, true)" if "is_latest" in told else "true"
    marker = "coalesce(is_delete_marker::BOOLEAN, false)" if "is_delete_marker" in told else "false"
    key = f"coalesce(try({_DECODED}), key)" if csv else "key"
    unnumbered = "'null'" if versioned else "NULL"
    values = {
        "store": text(bucket.id),
        "key": f"CASE WHEN bucket = {text(bucket.name)} THEN {key} END" if "bucket" in told else key,
        "version": f"coalesce(nullif(version_id, ''), {unnumbered})" if versions and "version_id" in told else "NULL",
        "current": current,
        "delete_marker": marker,
        "size": f"CASE WHEN {marker} THEN 0 ELSE try_cast(size AS BIGINT) END" if "size" in told else "NULL",
        "modified": _moment("last_modified_date") if "last_modified_date" in told else "NULL",
        "tier": "coalesce(storage_class, '')" if "storage_class" in told else "''",
        "etag": "nullif(e_tag, '')" if "e_tag" in told else "NULL",
        "owner": text(owner) if owner else "nullif(object_owner, '')" if "object_owner" in told else "NULL",
        "encryption_mode": _modes() if "encryption_status" in told else "NULL",
        "held": "object_lock_legal_hold_status = 'ON'" if "object_lock_legal_hold_status" in told else "NULL",
        "awaits_copy": f"coalesce(replication_status IN {NOT_COPIED}, false)"
        if "replication_status" in told
        else "NULL",
        "retain_until": _moment(_UNTIL) if _UNTIL in told else "NULL",
    }
    chosen = ", ".join(f"{value} AS {name}" for name, value in values.items())
    kept = "true" if versions else f"{current} AND NOT {marker}"
    return f"SELECT {chosen} FROM {_source(delivery, files)} WHERE {kept}"  # noqa: S608 - names were checked, texts are quoted


_UNTIL = "object_lock_retain_until_date"
_DECODED = "url_decode(replace(key, '+', ' '))"
"""A key of CSV, NULL by way of ``try`` where it decodes to no text."""


def _source(delivery: Delivery, files: Sequence[Path]) -> str:
    listed = ", ".join(f"'{quoted(file)}'" for file in files)
    if delivery.format != "CSV":  # ORC is Parquet by then
        return f"read_parquet([{listed}], union_by_name=true)"
    names = ", ".join(f"'{name}': 'VARCHAR'" for name in delivery.columns)
    return (
        f"read_csv([{listed}], columns={{{names}}}, header=false, delim=',', quote='\"', escape='\"',"
        " auto_detect=false, compression='gzip')"
    )


def _moment(column: str) -> str:
    """Write a time as naive UTC, whether it is a text of CSV or a timestamp of Parquet."""
    return f"try_cast({column} AS TIMESTAMP)"


def _modes() -> str:
    cases = " ".join(f"WHEN {text(word)} THEN {text(mode)}" for word, mode in _OF_MODE.items())
    return f"CASE encryption_status {cases} END"
