"""What a refused question leaves behind, and what a report that is whole replaces."""

import json
from pathlib import Path

import pytest

from cloudscan.model import Account, Answer
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import ACCOUNT, speech, store
from tests.test_cli import cloudscan


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("written") / "snapshot"
    writer = SnapshotWriter(root, {})
    unit = writer.unit("all")
    unit.add(Account(ACCOUNT, "aws", organization=""))
    unit.add(store("calls", has_policy=Answer.NO, ownership="BucketOwnerEnforced"))
    unit.add_rows([speech("calls", "a.wav", encryption_mode="provider")])
    unit.commit()
    writer.finish([])
    return root


@pytest.mark.parametrize("form", ["svg", "html", "dot", "graphml", "mermaid"])
def test_a_question_that_is_refused_leaves_files_as_they_were(snapshot: Path, tmp_path: Path, form: str) -> None:
    kept, told = tmp_path / "kept", tmp_path / "told.json"
    kept.write_text("from before")
    for place in (("-f", form, "-o", kept), ("-f", f"json:{told}", "-f", f"{form}:{kept}"), ("-f", form)):
        done = cloudscan("reach", snapshot, "--cut", "calls", *place)
        assert (done.returncode, done.stdout) == (2, "")
        assert "a list, not a picture" in done.stderr
    assert kept.read_text() == "from before"
    assert not told.exists()


def test_an_answer_that_is_whole_takes_the_place_of_another(snapshot: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    told.write_text("x" * 100_000)
    assert cloudscan("reach", snapshot, "--to", "calls", "-f", "json", "-o", told).returncode == 0
    assert json.loads(told.read_text())["target"] == "arn:aws:s3:::calls"
    assert cloudscan("reach", snapshot, "--to", "calls", "-f", "json").stdout == told.read_text()
