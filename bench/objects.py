"""Snapshots and inventories of millions of objects, written by SQL and not through Python."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench.document import Section, prose, table
from bench.processes import CLOUDSCAN, python, run
from cloudscan.model import Account, Coverage
from cloudscan.provider import Facet
from cloudscan.snapshot import SnapshotWriter
from cloudscan.tables import columns, inventory
from cloudscan.testing import ACCOUNT, expire, expire_old, store
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.inventory_read import Delivery, select

STORES = 50
RULES = (expire(365, "calls", prefixes=("calls/",)), expire_old(30))
POLICY = "retention:\n- {stores: '*', max_days: 90}\n"
_ROWS = """
    WITH numbered AS (SELECT i, (hash(i) % 16)::BIGINT AS role FROM range({first}, {last}) AS t(i)),
    meant AS (SELECT i, role, CASE WHEN role < 3 THEN i - 1 ELSE i END AS n FROM numbered),
    named AS (
        SELECT i, n, role, '2026/' || lpad(((n // 1000) % 365)::VARCHAR, 3, '0') || '/' || lpad(n::VARCHAR, 12, '0')
            AS path, (['calls/', 'voicemail/', 'exports/', 'raw/'])[1 + (hash(n) % 4)::BIGINT] AS folder,
            (['.wav', '.mp3', '.json', '.png', '.mp4', '.ogg', '.wav', '.wav'])[1 + (hash(n + 7) % 8)::BIGINT] AS kind
        FROM meant
    )
    SELECT 'arn:aws:s3:::store-' || lpad(((n // 200000 + (role = 1)::BIGINT) % {stores})::VARCHAR, 3, '0') AS store,
        CASE role WHEN 0 THEN folder || path || '.vtt' WHEN 1 THEN 'transcripts/' || path || '.json'
            ELSE folder || path || kind END AS key,
        'v' || i AS version, role <> 2 AS current, false AS delete_marker,
        (1000 + hash(i + 1) % 2000000)::BIGINT AS size,
        TIMESTAMP '2025-01-01' + to_seconds((hash(n + 2) % 50000000)::BIGINT)
            + to_minutes(CASE role WHEN 2 THEN -1 ELSE i - n END) AS modified,
        'STANDARD' AS tier, md5(i::VARCHAR) AS etag, 'e94d0d0b' AS owner
    FROM named
"""
"""Objects of a store lie together, as a listing leaves them. Of sixteen one is a transcript beside the object before
it, which may be a recording, one a transcript of it in the next store, one an old version of it."""
_CSV = "FORMAT csv, COMPRESSION gzip, HEADER false"
_COLUMNS = (
    "store",  # of many, where an inventory is of one bucket
    "key",
    "version_id",
    "is_latest",
    "is_delete_marker",
    "size",
    "last_modified_date",
    "storage_class",
    "e_tag",
    "own",
)
_PART = 1_000_000
"""Rows of one file, as an inventory has them."""
_CLASSED = 10_000_000
"""Rows that are made and classed one by one. Their numbers begin with five noughts of twelve."""


def rows(first: int, last: int) -> str:
    """Write the SELECT of so many made-up objects."""
    return _ROWS.format(stores=STORES, first=first, last=last)


def snapshot(root: Path, objects: int) -> None:
    """Write a snapshot of so many objects."""
    writer = SnapshotWriter(root, {})
    unit = writer.unit("objects")
    unit.add(Account(ACCOUNT, "aws"))
    unit.add(Coverage("aws", ACCOUNT, Facet.OBJECTS, STORES, STORES))
    for number in range(STORES):
        unit.add(store(f"store-{number:03}", versioning="enabled", lifecycle=RULES if number % 2 else ()))
    for first in range(0, objects, _PART):
        part = root / "work" / f"{first}.parquet"
        unit.add_file(part, _part(first, min(first + _PART, objects), root, part))
    unit.commit()
    writer.finish([])
    (root.parent / "policy.yaml").write_text(POLICY, encoding="utf-8")


def _part(first: int, last: int, root: Path, target: Path) -> int:
    """Write some rows of a snapshot: the first are classed, the others are the first under other numbers."""
    if first < _CLASSED:
        return inventory.write_rows(rows(first, last), target).kept
    like = sorted((root / "objects").glob("*.parquet"))[first % _CLASSED // _PART]
    number = first // _CLASSED
    renamed = f"replace(key, '/{0:05}', '/{number:05}') AS key, md5(etag || '{number}') AS etag"
    later = f"SELECT * REPLACE ({renamed}) FROM read_parquet('{columns.quoted(like)}') LIMIT {last - first}"  # noqa: S608 - our own names
    with columns.writing() as database:
        return columns.copy(database, later, target)


def files(folder: Path, objects: int, form: str) -> list[str]:
    """Write an inventory of so many objects, as Parquet or as compressed CSV; return its files."""
    written = []
    with columns.connect("512MB", 2) as database:
        for first in range(0, objects, _PART):
            target = folder / f"{first:012}.{form}"
            how = (
                "FORMAT parquet, COMPRESSION zstd"
                if form == "parquet"
                else "FORMAT csv, COMPRESSION gzip, HEADER false"
            )
            sql = rows(first, min(first + _PART, objects))
            database.execute(f"COPY ({sql}) TO '{columns.quoted(target)}' ({how})")
            written.append(str(target))
    return written


def objects(*, quick: bool) -> Section:
    """Analyse millions of objects, and read inventories of them."""
    many, listed = (20_000, 20_000) if quick else (10_000_000, 2_000_000)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "snapshot"
        written = python("objects.py", str(root), str(many))
        target = f"json:{Path(folder) / 'report.json'}"
        words = ("analyze", str(root), "--policy", str(Path(folder) / "policy.yaml"), "--exit-zero", "-q", "-f", target)
        judged = run(CLOUDSCAN, *words)
        asked = run(CLOUDSCAN, "retention", str(root), "--older-than", "90d", "-f", "json", expected=1)
    read = [[form, *_read(form, listed)] for form in ("parquet", "csv.gz")]
    return Section(
        "Millions of objects",
        "python bench/run.py --only objects",
        (
            prose(
                f"""{many:,} made-up objects in {STORES} buckets, of 579 days: eight in ten are recordings, videos or
                transcripts, one in eight a transcript of the object before it, one in sixteen an old version, and half
                of the buckets have rules. `cloudscan analyze` with all checks and a maximum age, whole process:
                **{judged.cpu:.1f} s** of processor time, {judged.wall:.1f} s of wall time, **{judged.peak:.0f} MB** at
                most (targets: 60 s on two cores, 500 MB). `cloudscan retention --older-than 90d`: {asked.cpu:.1f} s of
                processor time, {asked.wall:.1f} s of wall time, {asked.peak:.0f} MB. Writing the snapshot from rows
                that SQL makes took {written.cpu:.1f} s of processor time."""
            ),
            prose(
                f"""Inventories of {listed:,} objects in files of a million, in processor time: DuckDB alone reads every
                column (*scan*), reads and writes them as Parquet (*copy*), and cloudscan makes rows of the object
                table of them, classes and lengths included. Target: 1.5."""
            ),
            table(["", "scan", "copy", "cloudscan", "in scans", "in copies"], read),
        ),
    )


def _read(form: str, many: int) -> list[str]:
    """Measure the readings of one format."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = files(folder, many, form)
        target, listed = folder / "copy.parquet", ", ".join(f"'{part}'" for part in parts)
        texts = ", ".join(f"'{each}': 'VARCHAR'" for each in _COLUMNS)
        told = "quote='\"', escape='\"', compression='gzip'"
        read = f"read_csv([{listed}], columns={{{texts}}}, header=false, auto_detect=false, delim=',', {told})"
        source = f"SELECT * FROM {f'read_parquet([{listed}])' if form == 'parquet' else read}"  # noqa: S608 - our own names
        hashed = f"SELECT sum(hash(COLUMNS(*))) FROM ({source})"  # noqa: S608 - our own names
        with columns.connect() as database:
            scan = _processor(lambda: database.execute(hashed).fetchall())
            copy = _processor(lambda: columns.copy(database, source, target))
        ours = _processor(
            lambda: [inventory.write_rows(_select(form, part), target, slow=form != "parquet") for part in parts]
        )
    return [f"{scan:.2f} s", f"{copy:.2f} s", f"{ours:.2f} s", f"{ours / scan:.1f}", f"**{ours / copy:.1f}**"]


def _select(form: str, part: str) -> str:
    """Write the SELECT of one file, as the AWS provider does for CSV."""
    if form == "parquet":
        return columns.written_query([Path(part)], inventory.TOLD)
    told = Delivery(datetime(2026, 1, 1, tzinfo=UTC), "CSV", _COLUMNS, ())
    return select(told, [Path(part)], Bucket("calls", "eu-central-1"), versions=False, owner=None)


def _processor(measure: Callable[[], object]) -> float:
    began = time.process_time()
    measure()
    return time.process_time() - began


def main(root: str, objects: str) -> None:
    began = time.process_time()
    snapshot(Path(root), int(objects))
    print(f"{time.process_time() - began:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
