"""Write, read and verify a snapshot: the only place that knows its file format.

A snapshot is a directory::

    manifest.json          what was asked, by whom, when, and the SHA-256 and row count of every file, chained
    records/<kind>.jsonl   one file a kind of record, lines sorted
    objects/*.parquet      the object table as the listings gave it
    heads/*.parquet        what reading single heads told; it replaces the listing's word for those objects
    gaps.jsonl             what could not be seen
    work/                  only while a collection runs: the units that are whole, for taking it up again

A policy file beside them (``cloudscan.yaml``) is its owner's and no part of the snapshot: the manifest does not
cover it, and no command reads it unless it is named.
It is written so that at any moment it is either whole (``manifest.json`` exists) or can be taken up again. It
holds no credential, no signed URL, no audio and no transcript text: nothing of that kind is in the model.
"""

from cloudscan.snapshot.files import Manifest
from cloudscan.snapshot.reading import Snapshot, begun, read_manifest, verify
from cloudscan.snapshot.scopes import differences
from cloudscan.snapshot.writing import SnapshotWriter, UnitWriter

__all__ = [
    "Manifest",
    "Snapshot",
    "SnapshotWriter",
    "UnitWriter",
    "begun",
    "differences",
    "read_manifest",
    "verify",
]
