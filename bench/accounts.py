"""Generated accounts as the records that a collection of them would write. Nothing is asked of a network.

A file holds an organization, managed policies, groups, principals, buckets and keys (schema ``neutral-iam/1``). What it
is silent about is as a fresh account has it: every list is empty, nothing is unread, objects lie under their bucket's
default encryption, and the identity providers that trust policies name exist. Each bucket gets a few recordings and
transcripts under each of the prefixes that the policies speak of.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudscan.estate import Estate
from cloudscan.model import (
    Account,
    Answer,
    DurationMethod,
    Encryption,
    Evidence,
    Federation,
    Key,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
    Store,
)
from cloudscan.snapshot import SnapshotWriter
from cloudscan.tables.objects import ObjectTable

Json = Mapping[str, Any]

_AWS = "aws"
_REGION = "eu-central-1"
_MODIFIED = datetime(2026, 1, 1, tzinfo=UTC)
_PREFIXES = ("raw/", "clips/", "train/", "transcripts/", "exports/")
_OBJECTS = 3
"""Objects under each prefix of a bucket."""


def estate_of(file: Json) -> Estate:
    """Return a generated account as an estate."""
    rows = [row for bucket in file["buckets"] for row in objects(bucket)]
    return Estate.of(records(file), (), ObjectTable(rows=rows))


def records(file: Json) -> Iterator[Record]:
    """Yield the records of a generated account."""
    yield from _organization(file)
    yield from _identities(file)
    for bucket in file["buckets"]:
        yield from _bucket(bucket)
    for key in file["keys"]:
        yield Key(
            key["arn"],
            _AWS,
            key["account"],
            _REGION,
            manager=key["manager"].lower(),
            state="Enabled",
            has_policy=Answer.YES,
            grants=(),
            aliases=(),
        )
        yield _document(f"{key['arn']}#policy", key["account"], "key", [key["arn"]], key["policy"])


def objects(bucket: Json) -> Iterator[MediaObject]:
    """Yield the rows of a bucket in the object table."""
    for prefix in _PREFIXES:
        speech = prefix != "transcripts/"
        for number in range(_OBJECTS):
            yield MediaObject(
                f"arn:aws:s3:::{bucket['name']}",
                f"{prefix}{number:04}.{'wav' if speech else 'json'}",
                size=960_000 if speech else 4_000,
                modified=_MODIFIED,
                tier="STANDARD",
                media=MediaClass.SPEECH if speech else MediaClass.TRANSCRIPT,
                format="wav" if speech else "transcribe-json",
                settled_by=Evidence.NAME,
                seconds=60.0 if speech else None,
                seconds_by=DurationMethod.ESTIMATE if speech else DurationMethod.UNKNOWN,
                acl="[]",
                encryption_mode=_mode(bucket),
                key_id=bucket["encryption"].get("key"),
            )


def _organization(file: Json) -> Iterator[Record]:
    org = file["org"]
    root, management = f"root of {org['id']}", org["management_account"]
    yield Account(management, _AWS, organization=org["id"], management=Answer.YES, parents=(root,))
    for account, over in org["accounts"].items():
        kinds = {"service-control": over["scp_levels"], "resource-control": over["rcp_levels"]}
        depth = max(map(len, kinds.values()))
        # A level is a node of its own for each account, since the file tells levels by account; the last is itself.
        nodes = [*(f"level {level + 1} over {account}" for level in range(depth - 1)), account]
        yield Account(
            account, _AWS, organization=org["id"], management=Answer.NO, parents=tuple(nodes[:-1]), regions=(_REGION,)
        )
        for kind, levels in kinds.items():
            for node, level in zip(nodes, levels, strict=False):
                for number, document in enumerate(level):
                    yield _document(f"{kind} {number + 1} of {node}", account, kind, [node], document)


def _identities(file: Json) -> Iterator[Record]:
    attached: dict[str, list[str]] = defaultdict(list)
    bounded: dict[str, list[str]] = defaultdict(list)
    for holder in (*file["groups"], *file["principals"]):
        for name in holder["attached"]:
            attached[name].append(holder["arn"])
        if holder.get("boundary"):
            bounded[holder["boundary"]].append(holder["arn"])
        for place, policy in enumerate(holder["inline"]):
            name = _inline(holder, place)
            yield _document(name, holder["account"], "identity", [holder["arn"]], policy["document"])
    for name, document in file["managed_policies"].items():
        kind = "boundary" if name in bounded else "identity"
        yield _document(name, name.split(":")[4], kind, bounded.get(name) or attached[name], document)
    trusts = [holder["trust_policy"] for holder in file["principals"] if holder["trust_policy"]]
    named = [statement["Principal"].get("Federated") for trust in trusts for statement in trust["Statement"]]
    for arn in sorted({arn for arn in named if arn}):
        yield Federation(arn, _AWS, arn.split(":")[4], "", "oidc", arn.partition("/")[2], Answer.NO, Answer.NO)
    for holder in file["groups"]:
        yield _principal(holder, "group")
    for holder in file["principals"]:
        yield _principal(holder, holder["type"])
        if holder["trust_policy"]:
            trust = holder["trust_policy"]
            yield _document(f"{holder['arn']}#trust", holder["account"], "trust", [holder["arn"]], trust)


def _principal(holder: Json, kind: str) -> Principal:
    name = holder["arn"].rpartition("/")[2]
    return Principal(
        holder["arn"],
        _AWS,
        holder["account"],
        kind,
        name,
        policies=(*(_inline(holder, place) for place in range(len(holder["inline"]))), *holder["attached"]),
        groups=tuple(holder.get("groups", ())),
        boundary=holder.get("boundary") or "",
        trust=f"{holder['arn']}#trust" if holder.get("trust_policy") else None,
        labels=holder.get("tags", {}),
    )


def _inline(holder: Json, place: int) -> str:
    return f"{holder['arn']}/{holder['inline'][place]['name']}"


def _bucket(bucket: Json) -> Iterator[Record]:
    arn = f"arn:aws:s3:::{bucket['name']}"
    yield Store(
        arn,
        _AWS,
        bucket["account"],
        _REGION,
        bucket["name"],
        encryption=Encryption(_mode(bucket), bucket["encryption"].get("key"), bucket_key=Answer.NO),
        controls={name: Answer.of(on) for name, on in bucket["bpa"].items()},
        has_policy=Answer.of(bucket["policy"] is not None),
        acl=(),
        ownership=bucket["ownership"],
        versioning="disabled",
        lifecycle=(),
        labels={},
    )
    if bucket["policy"] is not None:
        yield _document(f"{arn}#policy", bucket["account"], "resource", [arn], bucket["policy"])


def _mode(bucket: Json) -> str:
    return "customer" if "key" in bucket["encryption"] else "provider"


def _document(name: str, account: str, kind: str, attached: Sequence[str], document: Json) -> PolicyDocument:
    text = json.dumps(document, separators=(",", ":"))
    return PolicyDocument(name, _AWS, account, kind, tuple(sorted(attached)), text)


def write_snapshot(file: Json, root: Path) -> None:
    """Write a generated account as the snapshot that a collection would leave."""
    writer = SnapshotWriter(root, {"providers": ["aws"]})
    unit = writer.unit("generated account")
    for record in records(file):
        unit.add(record)
    for bucket in file["buckets"]:
        unit.add_rows(objects(bucket))
    unit.commit()
    writer.finish([])


if __name__ == "__main__":
    write_snapshot(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
