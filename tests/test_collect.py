"""A collection that cannot begin leaves nothing behind, and one that stops says how to go on."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudscan_aws.demo.server import Endpoint
from tests.test_cli import cloudscan, plain_environment

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "none",
}
CHEAP = ("--checks", "plaintext-transport-allowed", "--region", "eu-central-1", "--max-attempts", "1", "-q")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as opened:
        place = {"LocationConstraint": "eu-central-1"}
        opened.client("s3").create_bucket(Bucket="calls", CreateBucketConfiguration=place)
        yield opened


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "tmp").mkdir()
    return CREDENTIALS | {"TMPDIR": str(tmp_path / "tmp")}


REFUSED = {
    "no-credentials": ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "there are no AWS credentials", 2),
    "unknown-profile": ({"AWS_PROFILE": "nobody"}, "nobody", 2),
    "unreachable": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "does not say who is asking", 3),
    "denied": ({}, "does not say who is asking", 2),
    "expired": ({}, "the AWS credentials are no longer valid (ExpiredToken)", 3),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("command", ["collect", "scan"])
def test_nothing_is_left_where_nothing_was_collected(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path, name: str, command: str
) -> None:
    given, message, code = REFUSED[name]
    if name in ("denied", "expired"):
        endpoint.faults.add("deny" if name == "denied" else "expired-token", "sts")
    place = ["-o", "kept/at/s"] if command == "collect" else []
    more = variables | {"AWS_ENDPOINT_URL": endpoint.url} | given
    done = cloudscan(command, "aws", *CHEAP, *place, cwd=tmp_path, more=more)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "kept in" not in done.stderr
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["tmp"]


def test_what_a_collection_would_take_is_told_and_nothing_is_collected(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    words = ["collect", "aws", "--endpoint-url", endpoint.url, "--region", "eu-central-1"]
    done = cloudscan(*words, "--plan", more=variables, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " requests, less than $0.01 at list price" in done.stdout
    assert "every further 1,000 objects take one request more" in done.stdout
    assert list(tmp_path.glob("snapshot*")) == []
    missing = cloudscan(*words, more=variables, cwd=tmp_path)
    assert missing.returncode == 2
    assert "-o SNAPSHOT is missing" in missing.stderr


def test_an_empty_directory_of_the_users_stays(endpoint: Endpoint, variables: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    endpoint.faults.add("deny", "sts")
    cloudscan("collect", "aws", *CHEAP, "-o", "s", cwd=tmp_path, more=variables | {"AWS_ENDPOINT_URL": endpoint.url})
    assert list((tmp_path / "s").iterdir()) == []


def test_a_wrong_baseline_is_told_before_anything_is_asked(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    more = variables | {"AWS_ENDPOINT_URL": endpoint.url}
    endpoint.requests.clear()
    done = cloudscan("scan", "aws", *CHEAP, "--baseline", "none.json", cwd=tmp_path, more=more)
    assert done.returncode == 2
    assert not endpoint.requests


def test_what_is_whole_is_kept_and_the_command_that_goes_on_is_told(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    endpoint.faults.add("expired-token", "s3", "GetBucketPolicy")
    more = variables | {"AWS_ENDPOINT_URL": endpoint.url}
    done = cloudscan("scan", "aws", *CHEAP, cwd=tmp_path, more=more)
    assert done.returncode == 3, done.stderr
    (told,) = re.findall(r"--snapshot (\S+)", done.stderr)
    endpoint.faults.clear()
    again = cloudscan("scan", "aws", *CHEAP, "--snapshot", *shlex.split(told), cwd=tmp_path, more=more)
    assert again.returncode == 0, again.stderr
    assert cloudscan("verify", *shlex.split(told)).returncode == 0


def test_a_snapshot_outlives_a_report_that_cannot_be_written(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    more = variables | {"AWS_ENDPOINT_URL": endpoint.url}
    done = cloudscan("scan", "aws", *CHEAP, "-o", "no/such/place.txt", cwd=tmp_path, more=more)
    assert done.returncode == 2
    (told,) = re.findall(r"kept in (\S+)", done.stderr)
    assert cloudscan("verify", *shlex.split(told)).returncode == 0


def test_a_temporary_snapshot_goes_when_all_is_told(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    done = cloudscan("scan", "aws", *CHEAP, cwd=tmp_path, more=variables | {"AWS_ENDPOINT_URL": endpoint.url})
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "tmp").iterdir()) == []


def test_an_interrupt_before_anything_is_whole_leaves_nothing(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    running: list[subprocess.Popen[str]] = []

    def interrupt(params: object) -> dict[str, object]:
        running[0].send_signal(signal.SIGINT)
        return {"UserId": "u", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ana"}

    endpoint.answer("sts", "GetCallerIdentity", interrupt)
    words = [str(Path(sys.executable).with_name("cloudscan")), "collect", "aws", *CHEAP, "-o", "s"]
    more = variables | {"AWS_ENDPOINT_URL": endpoint.url}
    with subprocess.Popen(
        words, cwd=tmp_path, env=plain_environment(**more), stderr=subprocess.PIPE, text=True
    ) as collecting:
        running.append(collecting)
        _, told = collecting.communicate()
    assert collecting.returncode == 130
    assert "nothing was collected" in told
    assert not (tmp_path / "s").exists()


def test_a_name_that_fits_no_bucket_is_not_a_clean_scan(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    more = variables | {"AWS_ENDPOINT_URL": endpoint.url}
    done = cloudscan("scan", "aws", *CHEAP, "--buckets", "cals", "--exit-zero", cwd=tmp_path, more=more)
    assert (done.returncode, "--buckets cals" in done.stderr) == (2, True), done.stderr
    assert cloudscan("scan", "aws", *CHEAP, "--buckets", "cal*", "--exit-zero", more=more).returncode == 0


@pytest.mark.parametrize("address", ["notaurl", "127.0.0.1:5000", "ftp://host"])
def test_an_endpoint_that_is_no_address_is_wrong_usage(variables: dict[str, str], address: str, tmp_path: Path) -> None:
    done = cloudscan("scan", "aws", *CHEAP, "--endpoint-url", address, cwd=tmp_path, more=variables)
    assert (done.returncode, address in done.stderr) == (2, True), done.stderr


def test_that_no_bucket_writes_an_inventory_is_said(
    endpoint: Endpoint, variables: dict[str, str], tmp_path: Path
) -> None:
    words = ["collect", "aws", "--endpoint-url", endpoint.url, *CHEAP[:4], "--inventory", "-o"]
    done = cloudscan(*words, "one", more=variables, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "aws: no store was read from an inventory, 1 was listed: 1 writes none" in done.stderr
    quiet = cloudscan(*words, "two", "-q", more=variables, cwd=tmp_path)
    assert "inventory" not in quiet.stderr
