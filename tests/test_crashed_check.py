"""A check that fails by itself: the report of the others stands, its question is unknown, and the exit code says so."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cloudscan.model import Account, Coverage
from cloudscan.schemas import schema
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import speech, store
from tests.test_cli import cloudscan

PACK = '''
from cloudscan.check import check
from cloudscan.model import Severity
from cloudscan.provider import Facet

@check(severity=Severity.HIGH, needs=(Facet.OBJECTS,), remediation={"aws": "x", "gcp": "x", "azure": "x"})
def falls_over(self, world):
    """A fault of a third party."""
    for held in world.estate.stores.values():
        yield self.fail(held, "half a truth")
    {}["\\x1b[31mnowhere"]

CHECKS = [falls_over]
'''


@pytest.fixture
def pack(tmp_path: Path) -> Mapping[str, str]:
    """A pack of checks as a third party would install it; returns the variables under which it is found."""
    place = tmp_path / "installed"
    held = place / "faulty_pack-1.dist-info"
    held.mkdir(parents=True)
    (place / "faulty_pack.py").write_text(PACK, encoding="utf-8")
    (held / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty-pack\nVersion: 1\n", encoding="utf-8")
    (held / "entry_points.txt").write_text("[cloudscan.checks]\nfaulty = faulty_pack:CHECKS\n", encoding="utf-8")
    return {"PYTHONPATH": str(place)}


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    root = tmp_path / "snapshot"
    writer = SnapshotWriter(root, {})
    unit = writer.unit("all")
    unit.add(Account("111111111111", "aws"))
    unit.add(store("calls", versioning="disabled", lifecycle=()))
    unit.add_rows([speech("calls", "2025/a.wav", days=400)])
    unit.add(Coverage("aws", "111111111111", "objects", asked=4, answered=4))
    unit.commit()
    writer.finish([])
    return root


def test_the_rest_of_the_report_stands(snapshot: Path, pack: Mapping[str, str]) -> None:
    done = cloudscan("analyze", snapshot, "-f", "json", "--exit-zero", more=pack)
    assert done.returncode == 4, done.stderr
    assert "the check falls-over failed by itself (KeyError at falls_over, line 11)" in done.stderr
    assert "Traceback" not in done.stderr
    assert "-v" in done.stderr
    body = json.loads(done.stdout)
    Draft202012Validator(schema("report-1")).validate(body)
    verdicts = {(found["check"], found["verdict"]) for found in body["findings"]}
    assert ("audio-never-deleted", "fail") in verdicts
    assert {verdict for check, verdict in verdicts if check == "falls-over"} == {"unknown"}
    (line,) = [line for line in body["checks"] if line["check"] == "falls-over"]
    assert (line["crashed"], line["checked"], line["passed"]) == (True, 0, 0)
    assert not any(line["crashed"] for line in body["checks"] if line["check"] != "falls-over")
    assert any("falls-over failed by itself" in note for note in body["notes"])


def test_a_person_is_told_with_the_traceback_where_it_was_asked_for(snapshot: Path, pack: Mapping[str, str]) -> None:
    done = cloudscan("analyze", snapshot, "-v", "--fail-on", "critical", more=pack)
    assert done.returncode == 4
    assert "Traceback" in done.stderr
    assert "KeyError: '\\x1b[31mnowhere'" in done.stderr
    assert "audio-never-deleted" in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("falls-over ")]
    assert "failed by itself" in line


def test_the_demo_keeps_its_snapshot_and_its_report(tmp_path: Path, pack: Mapping[str, str]) -> None:
    pytest.importorskip("moto", reason="the demo needs its emulator")
    kept = tmp_path / "kept"
    done = cloudscan("demo", "-v", "--keep", kept, more=pack)
    assert done.returncode == 4, done.stderr
    assert "Traceback" in done.stderr
    assert f"kept in {kept}; to judge it again: cloudscan analyze {kept} --policy " in done.stderr
    assert f"to ask what is older: cloudscan retention {kept} --older-than 90d" in done.stderr
    assert "acme-calls-raw" in done.stdout
    assert cloudscan("verify", kept).returncode == 0
