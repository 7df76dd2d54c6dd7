"""Blob inventories: manifests, columns and rows. Pure: reads what was fetched.

After "Azure Storage blob inventory" (Azure Storage documentation). A rule of a storage account's policy writes
files of CSV or Parquet, a manifest that repeats the rule, and, when all is there, the MD5 of the manifest; in which
letters, the document does not say: hexadecimal and Base64 are both taken. The first line of a file of CSV names the
columns; a name of a blob begins with its container. An inventory may hold a blob twice, "in rare cases": within a
file it is one.

An old version has its id and is not the current one. A snapshot has its own time; its ``version`` is ``snapshot=`` and
that time, as the address of a snapshot has it, and its ``modified`` that of the blob which it was taken of: so old are
the words in it. It is old since it was taken. What was soft-deleted and the folders of a hierarchical namespace are no
rows.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlsplit

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

WANTED = ("Content-Length", "Last-Modified", "ETag", "Content-Type", "AccessTier", "BlobType")
"""Fields without which blobs are known less well than by a list."""
_NEEDED = {
    "includeBlobVersions": ("VersionId", "IsCurrentVersion"),
    "includeSnapshots": ("Snapshot",),
    "includeDeleted": ("Deleted",),
}
"""Fields without which what a filter lets in cannot be told from current blobs."""
_BLOB_TYPES = ("blockBlob", "appendBlob", "pageBlob")


class DataFile(msgspec.Struct, frozen=True):
    """One file of an inventory: its name in the container of the manifest, and its bytes."""

    blob: str
    size: int


class _Filters(msgspec.Struct, frozen=True, rename="camel"):
    prefix_match: tuple[str, ...] | None = None
    exclude_prefix: tuple[str, ...] | None = None
    blob_types: tuple[str, ...] | None = None
    include_blob_versions: bool | None = None
    include_snapshots: bool | None = None
    include_deleted: bool | None = None
    creation_time: dict[str, Any] | None = None


class _Rule(msgspec.Struct, frozen=True, rename="camel"):
    format: str
    object_type: str
    schema_fields: tuple[str, ...]
    filters: _Filters = _Filters()


class _Manifest(msgspec.Struct, frozen=True, rename="camel"):
    endpoint: str
    files: tuple[DataFile, ...]
    inventory_start_time: datetime
    rule_definition: _Rule
    status: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a manifest says: when the inventory was begun, its files and fields, and what its rule lets in."""

    taken: datetime
    files: tuple[DataFile, ...]
    fields: tuple[str, ...]
    parquet: bool
    prefixes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    types: tuple[str, ...] = _BLOB_TYPES
    versions: bool = False
    snapshots: bool = False
    recent: bool = False


def manifests(names: Iterable[str]) -> list[str]:
    """Return the manifests whose checksum is there among names of blobs, the newest first."""
    known = set(names)
    whole = (name for name in known if name.endswith("-manifest.json"))
    return sorted((name for name in whole if f"{name.removesuffix('.json')}.checksum" in known), reverse=True)


def read_manifest(raw: bytes, checksum: bytes, account: str) -> Report:
    """Read a manifest. Raises :class:`Unreadable` where it makes no sense, is not whole or not of this account."""
    digest = hashlib.md5(raw, usedforsecurity=False).digest()
    if checksum.strip() not in (base64.b64encode(digest), digest.hex().encode(), digest.hex().upper().encode()):
        raise Unreadable("the manifest is not what its checksum says")
    try:
        told = msgspec.json.decode(raw, type=_Manifest)
        host = urlsplit(told.endpoint).hostname or ""
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable("the manifest makes no sense") from error
    rule = told.rule_definition
    if host.partition(".")[0] != account.lower():
        raise Unreadable("the manifest is of another account")
    if told.status != "Succeeded":
        raise Unreadable("the inventory run did not succeed or is not done")
    if rule.object_type.lower() != "blob" or rule.format.lower() not in ("csv", "parquet"):
        raise Unreadable("the inventory is not one of blobs as CSV or Parquet")
    return _report(told, rule)


def _report(told: _Manifest, rule: _Rule) -> Report:
    fields = {field.lower() for field in rule.schema_fields}
    filters = rule.filters
    let_in = {
        "includeBlobVersions": filters.include_blob_versions,
        "includeSnapshots": filters.include_snapshots,
        "includeDeleted": filters.include_deleted,
    }
    needed = {"Name", *(field for name, needs in _NEEDED.items() if let_in[name] for field in needs)}
    if len(fields) < len(rule.schema_fields):
        raise Unreadable("the manifest names a column twice")
    if lacking := sorted(name for name in needed if name.lower() not in fields):
        raise Unreadable(f"the inventory does not tell {', '.join(lacking)}")
    prefixes = filters.prefix_match or ()
    begun = told.inventory_start_time
    return Report(
        taken=(begun if begun.tzinfo else begun.replace(tzinfo=UTC)).astimezone(UTC),
        files=tuple(dict.fromkeys(told.files)),
        fields=rule.schema_fields,
        parquet=rule.format.lower() == "parquet",
        prefixes=() if "" in prefixes else prefixes,  # an empty one lets everything in
        excluded=tuple(filter(None, filters.exclude_prefix or ())),
        types=filters.blob_types or _BLOB_TYPES,
        versions=bool(filters.include_blob_versions),
        snapshots=bool(filters.include_snapshots),
        recent=bool(filters.creation_time),
    )


def share(report: Report, container: str) -> Literal["whole", "part", "none"]:
    """Say how much of a container the prefixes of the rule let in."""
    root = f"{container}/"
    whole = not report.prefixes or any(map(root.startswith, report.prefixes))
    inside = any(prefix.startswith(root) for prefix in report.prefixes)
    if any(map(root.startswith, report.excluded)) or not (whole or inside):
        return "none"
    return "whole" if whole and not any(prefix.startswith(root) for prefix in report.excluded) else "part"


def left_out(report: Report, container: str, *, versions: bool) -> list[str]:
    """Say what the inventory does not tell of the blobs of a container."""
    of = f"the inventory of {report.taken:%Y-%m-%dT%H:%M:%SZ}"
    found = [f"read from {of}: what changed since is not in it, nor is what was soft-deleted"]
    held = {"part": "some prefixes of the names alone", "none": "nothing of this container"}
    if (reach := share(report, container)) in held:
        found.append(f"{of} holds {held[reach]}")
    if report.recent:
        found.append(f"{of} holds only what was created of late")
    kinds = {each.lower() for each in report.types}
    found += [f"{of} holds no blobs of the type {each}" for each in _BLOB_TYPES if each.lower() not in kinds]
    if versions:
        found += [f"{of} holds no old versions"] if not report.versions else []
        found += [f"{of} holds no snapshots"] if not report.snapshots else []
    known = {field.lower() for field in report.fields}
    if lacking := [name for name in WANTED if name.lower() not in known]:
        found.append(f"{of} does not tell {', '.join(lacking)}")
    return found


def write(
    report: Report,
    file: DataFile,
    body: IO[bytes],
    target: Path,
    stores: Mapping[str, str],
    *,
    versions: bool,
    md5: str | None = None,
) -> Rows:
    """Write the rows of one file as Parquet of the object table; return how many.

    ``stores`` names the containers that are wanted, with the ids of their stores; blobs of others are left out.
    ``md5`` is hexadecimal and of the whole file. Without ``versions`` only current blobs. Raises :class:`Unreadable`
    where the file is another than its manifest says, or holds something else.
    """
    return make_rows(
        body,
        target,
        lambda fetched: select(report, fetched, stores, versions=versions),
        slow=not report.parquet,
        doubled=True,
        size=file.size,
        md5=md5,
    )


def select(report: Report, file: Path, stores: Mapping[str, str], *, versions: bool) -> str:
    """Write the SELECT that gives the columns of the object table."""
    told = {field.lower() for field in report.fields}

    def plain(field: str) -> str:
        return f"nullif({column(field)}::VARCHAR, '')" if field.lower() in told else "NULL"

    def time(field: str) -> str:
        return moment(column(field)) if field.lower() in told else "NULL"

    def said(field: str) -> str:
        return f"CASE lower({plain(field)}) WHEN 'true' THEN true WHEN 'false' THEN false END"

    snapshot, version, name = plain("Snapshot"), plain("VersionId"), column("Name")
    newest = f"coalesce({said('IsCurrentVersion')}, {version} IS NULL)" if "iscurrentversion" in told else "true"
    current = f"({snapshot} IS NULL AND {newest})"
    values = {
        "store": "wanted.store",
        "key": f"substr({name}, strpos({name}, '/') + 1)",
        "version": f"coalesce('snapshot=' || {snapshot}, {version})" if versions else "NULL",
        "current": current,
        "delete_marker": "false",
        "size": f"try_cast({column('Content-Length')} AS BIGINT)" if "content-length" in told else "NULL",
        "modified": time("Last-Modified"),
        "noncurrent_since": time("Snapshot"),
        "tier": f"coalesce({plain('AccessTier')}, '')",
        "etag": f"trim({plain('ETag')}, '\"')",
        "content_type": plain("Content-Type"),
        "encryption_mode": f"CASE WHEN {plain('CustomerProvidedKeySHA256')} IS NOT NULL THEN 'customer-supplied'"
        f" WHEN NOT {said('ServerEncrypted')} THEN 'none' END",
        "tags": f"CASE WHEN try_cast({plain('TagCount')} AS BIGINT) = 0 THEN '{{}}'"
        f" WHEN json_valid({plain('Tags')}) AND json_type({plain('Tags')}) = 'OBJECT' THEN {plain('Tags')} END",
        "held": said("LegalHold"),
        "retain_until": time("ImmutabilityPolicyUntilDate"),
        "last_access": time("LastAccessTime"),
        "stored_as": plain("BlobType"),
    }
    chosen = ", ".join(f"{value} AS {name}" for name, value in values.items())
    listed = ", ".join(f"({text(container)}, {text(store)})" for container, store in stores.items())
    gone = f"coalesce({said('Deleted')}, false) OR coalesce({said('hdi_isfolder')}, false)"
    return (
        f"SELECT {chosen} FROM {_source(report, file)} AS told"  # noqa: S608 - all is quoted
        f" JOIN (VALUES {listed}) AS wanted(container, store) ON wanted.container = split_part({name}, '/', 1)"
        f" WHERE NOT ({gone}) AND {'true' if versions else current}"
    )


def _source(report: Report, file: Path) -> str:
    if report.parquet:
        return parquet_source(file)
    names = first_line(file)
    known = [name.lower() for name in names]
    if len(set(known)) < len(known) or not {field.lower() for field in report.fields} <= set(known):
        raise Unreadable("a file of the inventory has other columns than its manifest says")
    return csv_source(file, names, header=True)
