"""The command line: what a user types, what the exit code says, and errors that name the fix."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cloudscan.model import Account, Coverage, MediaClass, MediaObject
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import NOW, speech, store


def plain_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what an AWS SDK reads."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | more


def cloudscan(
    *arguments: object, cwd: Path | None = None, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("cloudscan")), *map(str, arguments)]
    environment = plain_environment(**(more or {}))
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """A store with a recording of 400 days and no lifecycle rule; every question was answered."""
    root = tmp_path / "snapshot"
    writer = SnapshotWriter(root, {})
    unit = writer.unit("all")
    unit.add(Account("111111111111", "aws"))
    unit.add(store("calls", versioning="disabled", lifecycle=()))
    unit.add_rows([speech("calls", "2025/a.wav", days=400), speech("calls", "\x1b[31m[bold]x\u202e.wav", days=1)])
    unit.add(Coverage("aws", "111111111111", "objects", asked=4, answered=4))
    unit.commit()
    writer.finish([])
    return root


AGE = "audio-past-maximum-age"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text("retention: [{max_days: 90}]\n")
    return path


def test_findings_at_the_threshold_are_exit_code_1(snapshot: Path, policy: Path) -> None:
    done = cloudscan("analyze", snapshot, "--policy", policy, "--checks", AGE, "--now", NOW.isoformat())
    assert done.returncode == 1, done.stderr
    assert AGE in done.stdout


@pytest.mark.parametrize("options", [("--fail-on", "none"), ("--exit-zero",), ("--fail-on", "critical")])
def test_a_higher_threshold_lets_them_through(snapshot: Path, policy: Path, options: tuple[str, ...]) -> None:
    assert cloudscan("analyze", snapshot, "--policy", policy, "--checks", AGE, *options).returncode == 0


def test_what_was_not_answered_is_exit_code_3(tmp_path: Path) -> None:
    writer = SnapshotWriter(tmp_path / "s", {})
    unit = writer.unit("all")
    unit.add(Account("111111111111", "aws"))
    unit.add(Coverage("aws", "111111111111", "objects", asked=4, answered=3))
    unit.commit()
    writer.finish([])
    assert cloudscan("analyze", tmp_path / "s", "--fail-on", "none").returncode == 3
    assert cloudscan("analyze", tmp_path / "s", "--fail-on", "none", "--min-coverage", "75").returncode == 0


def test_an_empty_snapshot_is_not_a_success(tmp_path: Path) -> None:
    SnapshotWriter(tmp_path / "s", {}).finish([])
    assert cloudscan("analyze", tmp_path / "s").returncode == 3


def test_json_goes_to_stdout_and_is_whole(snapshot: Path) -> None:
    done = cloudscan("analyze", snapshot, "-f", "json", "--now", NOW.isoformat(), "--exit-zero")
    report = json.loads(done.stdout)
    assert report["schema"] == "cloudscan/report/1"
    assert report["summary"]["stores_with_audio"] == 1


def test_the_same_snapshot_gives_the_same_bytes(snapshot: Path) -> None:
    once, again = (
        json.loads(cloudscan("analyze", snapshot, "-f", "json", "--exit-zero", "--now", NOW.isoformat()).stdout)
        for _ in "12"
    )
    once.pop("generated_at"), again.pop("generated_at")
    assert json.dumps(once) == json.dumps(again)


def test_several_formats_go_to_several_files(snapshot: Path, tmp_path: Path) -> None:
    done = cloudscan("analyze", snapshot, "-f", "terminal", "-f", f"json:{tmp_path}/r.json", "--exit-zero")
    assert json.loads((tmp_path / "r.json").read_text())["schema"] == "cloudscan/report/1"
    assert done.stdout
    clash = cloudscan("analyze", snapshot, "-f", "terminal", "-f", "json")
    assert clash.returncode == 2
    assert "cannot share stdout" in clash.stderr


def test_what_went_into_a_file_is_told_in_a_line(snapshot: Path, policy: Path, tmp_path: Path) -> None:
    options = ("--policy", policy, "--checks", AGE, "--now", NOW.isoformat(), "-f", f"json:{tmp_path}/r.json")
    told = cloudscan("analyze", snapshot, *options)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"1 failed, 0 unknown, 0 passed: see {tmp_path}/r.json\n"
    assert cloudscan("analyze", snapshot, *options, "-q").stderr == ""


def test_the_policy_file_that_was_found_or_missed_is_named(snapshot: Path, tmp_path: Path) -> None:
    options = ("--checks", AGE, "--exit-zero", "-o", "r.txt")
    assert "no policy file" in cloudscan("analyze", snapshot, *options, cwd=tmp_path).stderr
    (tmp_path / "cloudscan.yaml").write_text("retention: [{max_days: 90}]\n")
    assert "judged by cloudscan.yaml" in cloudscan("analyze", snapshot, *options, cwd=tmp_path).stderr
    assert cloudscan("analyze", snapshot, *options, "-q", cwd=tmp_path).stderr == ""


@pytest.mark.parametrize("command", ["scan aws", "collect aws", "analyze", "verify", "demo", "role", "checks list"])
def test_every_command_takes_the_option_that_an_internal_error_names(command: str) -> None:
    assert "-v, --verbose" in cloudscan(*command.split(), "--help").stdout


def test_a_baseline_silences_what_is_known(snapshot: Path, policy: Path, tmp_path: Path) -> None:
    options = ("--policy", policy, "--checks", AGE, "--now", NOW.isoformat())
    cloudscan("analyze", snapshot, *options, "-f", "json", "-o", tmp_path / "base.json")
    assert cloudscan("analyze", snapshot, *options, "--baseline", tmp_path / "base.json").returncode == 0


def test_hostile_names_do_not_reach_the_terminal(snapshot: Path, policy: Path) -> None:
    done = cloudscan("analyze", snapshot, "--policy", policy, "--show-passes", "--exit-zero")
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["analyze", "."], "is not a snapshot"),
        (["analyze", "{snapshot}", "--checks", "nonsense"], "no check is called nonsense"),
        (["analyze", "{snapshot}", "-f", "pdf"], "no format is called 'pdf'"),
        (["analyze", "{snapshot}", "--policy", "missing.yaml"], "cannot read the policy file"),
        (["analyze", "{snapshot}", "--baseline", "missing.json"], "cannot read the baseline"),
        (["analyze", "{snapshot}", "--now", "yesterday"], "not a date"),
        (["analyze", "{snapshot}", "-o", "no/such/dir/x"], "cannot write"),
        (["scan", "moon"], "No such command 'moon'"),
        (["scan", "gpc"], "did you mean 'gcp'?"),
        (["frobnicate"], "No such command"),
        (["checks", "show", "nonsense"], "no check is called nonsense"),
        (["verify", "."], "is not a snapshot"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_says_why(
    snapshot: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = cloudscan(*(word.format(snapshot=snapshot) for word in arguments), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_policy_key_is_named_with_the_right_one(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "cloudscan.yaml").write_text("retenton: []\n")
    done = cloudscan("analyze", snapshot, cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'retention'" in done.stderr


def test_a_grade_for_no_check_is_an_error(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "cloudscan.yaml").write_text("severity: {nope: high}\n")
    done = cloudscan("analyze", snapshot, cwd=tmp_path)
    assert done.returncode == 2
    assert "severity.nope: no check is called nope; see: cloudscan checks list" in done.stderr


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("audio-never-deletd", "no check is called audio-never-deletd; did you mean 'audio-never-deleted'?"),
        ("nope-*", "suppressions[0].check: no check is called nope-*; see: cloudscan checks list"),
        ("audio-never-*", None),
    ],
)
def test_a_suppression_of_no_check_is_an_error(snapshot: Path, tmp_path: Path, check: str, words: str | None) -> None:
    rule = {"check": check, "reason": "r", "owner": "o", "expires": "2099-01-01"}
    (tmp_path / "cloudscan.yaml").write_text(json.dumps({"suppressions": [rule]}))
    done = cloudscan("analyze", snapshot, "--exit-zero", cwd=tmp_path)
    assert done.returncode == (2 if words else 0), done.stderr
    assert (words or "") in done.stderr


def test_a_misspelt_check_is_named_with_the_right_one(snapshot: Path) -> None:
    done = cloudscan("analyze", snapshot, "--checks", "audio-never-deletd")
    assert done.returncode == 2
    assert "did you mean 'audio-never-deleted'" in done.stderr


def test_a_report_says_which_rules_decide_nothing_and_what_is_not_decided(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "cloudscan.yaml").write_text("retention: [{stores: archive, max_days: 9}]\n")
    done = cloudscan("analyze", snapshot, "--exit-zero", "--now", "2030-01-01", cwd=tmp_path)
    said = " ".join(done.stdout.split())
    assert "retention[0] of the policy file (stores archive) fits no store" in said
    assert "no retention rule speaks of 2 recordings in 1 store" in said
    assert "after the snapshot was finished: what was written or deleted since then is not in it" in said


@pytest.mark.parametrize(("stores", "code"), [("archive", 3), ("*", 0)])
def test_readers_that_are_approved_for_no_store_are_no_clean_result(
    snapshot: Path, tmp_path: Path, stores: str, code: int
) -> None:
    rule = {"stores": stores, "principals": ["*"]}
    (tmp_path / "cloudscan.yaml").write_text(json.dumps({"access": {"approved_readers": [rule]}}))
    done = cloudscan("analyze", snapshot, "--checks", "audio-never-deleted", "--fail-on", "none", cwd=tmp_path)
    assert done.returncode == code
    words = "access.approved_readers[0] of the policy file (stores archive) fits no store"
    assert (words in " ".join(done.stdout.split())) is (code == 3)


def test_a_list_of_checks_may_hold_spaces_but_must_name_one(snapshot: Path) -> None:
    assert cloudscan("analyze", snapshot, "--exit-zero", "--checks", f"{AGE}, audio-never-deleted").returncode == 0
    assert "names no check" in cloudscan("analyze", snapshot, "--checks", "").stderr


def _only(root: Path, pattern: str) -> Path:
    (found,) = root.glob(pattern)
    return found


def _shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _unfinished(root: Path) -> None:
    shutil.rmtree(root)
    SnapshotWriter(root, {}).unit("all").commit()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "tampered": (lambda root: (root / "gaps.jsonl").write_text("{}\n"), "changed after it was written"),
    "truncated": (lambda root: _shorten(_only(root, "objects/*.parquet")), "changed after it was written"),
    "missing": (lambda root: _only(root, "objects/*.parquet").unlink(), "is missing"),
    "extra": (lambda root: (root / "records" / "\x1b[31mmore.jsonl").write_text(""), "does not belong"),
    "no-manifest": (lambda root: (root / "manifest.json").unlink(), "manifest.json is missing"),
    "cut-manifest": (lambda root: _shorten(root / "manifest.json"), "is damaged"),
    "half-written": (_unfinished, "did not finish"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_verify_of_a_damaged_snapshot_is_exit_code_1(snapshot: Path, name: str) -> None:
    assert cloudscan("verify", snapshot).returncode == 0
    damage, message = DAMAGE[name]
    damage(snapshot)
    done = cloudscan("verify", snapshot)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("name", [name for name in DAMAGE if name != "extra"])
def test_a_damaged_snapshot_is_not_judged(snapshot: Path, name: str) -> None:
    damage, message = DAMAGE[name]
    damage(snapshot)
    done = cloudscan("analyze", snapshot, "--exit-zero")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_policy_file_may_lie_beside_the_records(snapshot: Path) -> None:
    (snapshot / "cloudscan.yaml").write_text("version: 1\n")
    assert cloudscan("verify", snapshot).returncode == 0


@pytest.mark.parametrize("command", ["verify", "analyze"])
def test_a_snapshot_of_a_newer_version_names_the_one_to_install(snapshot: Path, command: str) -> None:
    body = json.loads((snapshot / "manifest.json").read_text())
    tool = {"name": "cloudscan", "version": "9.1.0"}
    (snapshot / "manifest.json").write_text(json.dumps(body | {"schema": "cloudscan/snapshot/9", "tool": tool}))
    done = cloudscan(command, snapshot)
    assert done.returncode == 2
    assert "format 9" in done.stderr
    assert "pip install 'cloudscan>=9.1.0'" in done.stderr


def test_help_of_verify_names_its_exit_codes() -> None:
    told = cloudscan("verify", "--help").stdout
    assert "1  " in told.split("Exit codes:")[1]


@pytest.mark.parametrize(("given", "shown"), [(["-v"], True), ([], False)])
def test_an_internal_error_is_exit_code_4_with_its_traceback_on_demand(given: list[str], shown: bool) -> None:
    program = (
        "import sys\nfrom cloudscan import plugins\nfrom cloudscan.cli import main\n"
        f"plugins.checks = lambda: 1 / 0\nsys.argv = ['cloudscan', 'checks', 'list', *{given!r}]\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "internal error: ZeroDivisionError" in done.stderr
    assert ("Traceback" in done.stderr) is shown


def test_every_command_has_help() -> None:
    for command in (
        [],
        ["scan"],
        ["scan", "aws"],
        ["collect", "aws"],
        ["analyze"],
        ["verify"],
        ["checks"],
        ["role"],
        ["demo"],
    ):
        done = cloudscan(*command, "--help")
        assert done.returncode == 0, command
        assert "Usage:" in done.stdout


def test_checks_can_be_listed_and_shown() -> None:
    listed = cloudscan("checks", "list").stdout.split()
    assert AGE in listed
    shown = cloudscan("checks", "show", AGE).stdout
    assert "severity" in shown
    assert "aws:" in shown


def test_unsettled_objects_are_not_speech(tmp_path: Path) -> None:
    writer = SnapshotWriter(tmp_path / "s", {})
    unit = writer.unit("all")
    unit.add(store("calls"))
    unit.add_rows([MediaObject("arn:aws:s3:::calls", "blob", media=MediaClass.UNSETTLED, modified=NOW)])
    unit.commit()
    writer.finish([])
    report = json.loads(cloudscan("analyze", tmp_path / "s", "-f", "json", "--exit-zero").stdout)
    assert report["summary"]["stores_with_audio"] == 0


@pytest.mark.parametrize(
    ("cloud", "permission"), [("aws", "s3:ListBucketMultipartUploads"), ("gcp", "storage.multipartUploads.list")]
)
def test_the_role_is_enough_for_all_that_stores_keep(cloud: str, permission: str) -> None:
    assert permission in cloudscan("role", cloud).stdout


def test_several_clouds_are_named_by_comma_each_once() -> None:
    told = cloudscan("collect", "gcp,azure", "--help").stdout
    assert "Collect from gcp and azure into a snapshot" in " ".join(told.split())
    assert "--subscription ID" in told
    assert "--project ID" in told
    assert "--profile" not in told
    for wrong in ("gcp,gcp", "gcp,all", "gcp,", "gcp,moon"):
        ended = cloudscan("collect", wrong, "--help")
        assert (ended.returncode, "No such command" in ended.stderr) == (2, True)
