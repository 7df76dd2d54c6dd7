"""The fewest statements to take away: what the command takes for one bucket of a generated account."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bench.access import GENERATOR
from bench.document import Section, prose, table
from bench.processes import CLOUDSCAN, python, run

_TITLE, _COMMAND = "What to take away", "python bench/run.py --only cut"
_PRINCIPALS, _BUCKETS = 5_000, 50
_CUT = (0, 2, 5)
"""Buckets that are cut: the first is open to its whole organization and has many other ways, too."""


def cut(*, quick: bool) -> Section:
    """Ask the command for the fewest statements that leave a bucket without readers."""
    if not GENERATOR.exists():
        print(f"NOT MEASURED: {_TITLE}: the generator of accounts is not there", file=sys.stderr, flush=True)
        return Section(_TITLE, _COMMAND, (prose("Not measured: the generator of accounts was not there."),))
    principals = 100 if quick else _PRINCIPALS
    with tempfile.TemporaryDirectory() as folder:
        account, snapshot = Path(folder) / "account.json", Path(folder) / "snapshot"
        size = ("--principals", str(principals), "--buckets", str(_BUCKETS), "--seed", "7")
        run(sys.executable, str(GENERATOR), *size, "--out", str(account))
        python("accounts.py", str(account), str(snapshot))
        rows = [_row(snapshot, f"audio-corpus-{number:04}") for number in _CUT]
    return Section(
        _TITLE,
        _COMMAND,
        (
            prose(
                f"""`cloudscan reach SNAPSHOT --cut BUCKET -f json` on a snapshot of {principals:,} principals and
                {_BUCKETS} buckets, from its start to its end: the fewest statements without which nobody reads the
                bucket, found by deriving the account anew without them. Target: under 30 s of processor time and
                500 MB."""
            ),
            table(
                ["bucket", "processor time", "peak memory", "readers", "statements", "the fewest", "still reading"],
                rows,
            ),
        ),
    )


def _row(snapshot: Path, bucket: str) -> list[str]:
    asked = run(CLOUDSCAN, "reach", str(snapshot), "--cut", bucket, "-f", "json")
    told = json.loads(asked.output)["cut"]
    return [
        bucket,
        f"{asked.cpu:.1f} s",
        f"{asked.peak:.0f} MB",
        f"{told['readers_before']:,}",
        f"{len(told['removals']):,}",
        "shown" if told["fewest"] else "not known",
        f"{told['readers_after']:,}",
    ]
