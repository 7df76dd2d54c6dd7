"""What ``cloudscan reach`` refuses because it would not apply, and what it says of the policy file that it found."""

import shutil
from pathlib import Path

import pytest

from cloudscan.model import Account, Answer
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import ACCOUNT, principal, speech, store
from tests.test_cli import cloudscan


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("asked") / "snapshot"
    writer = SnapshotWriter(root, {"aws": {"stores": ["calls"]}})
    unit = writer.unit("all")
    unit.add(Account(ACCOUNT, "aws", organization=""))
    unit.add(store("calls", has_policy=Answer.NO, ownership="BucketOwnerEnforced"))
    unit.add(principal("agent"))
    unit.add_rows([speech("calls", "a.wav", encryption_mode="provider")])
    unit.commit()
    writer.finish([])
    return root


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--to", "calls", "--max-steps", "5"), "--max-steps goes with --from and --to together"),
        (("--from", "agent", "--paths", "9"), "--paths goes with --from and --to together"),
        (("--to", "calls", "--to", "calls"), "--to takes one STORE|OBJECT: ask one after the other"),
        (("--from", "agent", "--from", "anyone"), "--from takes one PRINCIPAL"),
        (("--to", ""), "--to names nothing"),
        (("--cut", " "), "--cut names nothing"),
        (("--from", "agent", "--to", "calls", "--direct", "--max-steps", "2"), "--direct takes no steps"),
        (("--to", "calls/a.wav", "--media", "speech"), "--media goes with a store"),
        (("--cut", "calls", "--without", "x, statement 1"), "--without goes with --to or --from"),
    ],
)
def test_an_option_that_would_be_ignored_is_wrong_usage(snapshot: Path, asked: tuple[str, ...], said: str) -> None:
    done = cloudscan("reach", snapshot, *asked)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_without_steps_none_are_counted(snapshot: Path) -> None:
    said = cloudscan("reach", snapshot, "--from", "agent", "--to", "calls", "--direct").stdout
    assert "0 ways of its own, without any step, to arn:aws:s3:::calls" in said


def test_a_policy_file_that_is_found_is_named(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "cloudscan.yaml").write_text("access: {approved_readers: [{principals: ['*']}]}\n")
    done = cloudscan("reach", snapshot, "--to", "calls", cwd=tmp_path)
    assert done.stderr == "judged by cloudscan.yaml\n"
    assert cloudscan("reach", snapshot, "--to", "calls").stderr == ""


def test_a_damaged_snapshot_is_wrong_usage_as_the_help_says(snapshot: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(snapshot, damaged)
    (damaged / "manifest.json").write_text("{")
    assert cloudscan("reach", damaged, "--to", "calls").returncode == 2
    assert "a snapshot that is damaged" in cloudscan("reach", "--help").stdout


def test_stores_that_were_left_out_are_told(snapshot: Path) -> None:
    assert "only stores named calls" in " ".join(cloudscan("reach", snapshot, "--to", "calls").stdout.split())


@pytest.mark.parametrize("more", [(), ("--to", "calls")])
def test_an_account_that_nothing_names_comes_as_everybody_signed_in(snapshot: Path, more: tuple[str, ...]) -> None:
    done = cloudscan("reach", snapshot, "--from", "444444444444", *more)
    assert done.returncode == 0
    assert done.stderr == "444444444444 is taken for arn:aws:iam::444444444444:root\n"
    said = "no document that was read lets it in by name: it comes as anyone signed in to the cloud does"
    assert said in " ".join(done.stdout.split())


def test_what_a_part_of_a_name_was_taken_for_is_told_beside_the_answer(snapshot: Path) -> None:
    done = cloudscan("reach", snapshot, "--to", "call", "--from", "agen")
    assert done.stderr.splitlines() == [
        f"agen is taken for arn:aws:iam::{ACCOUNT}:role/agent",
        "call is taken for arn:aws:s3:::calls",
    ]
    assert "taken for" not in done.stdout
