"""A collection that saw nothing says so, and does not end as one that found nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudscan_gcp.standin.server import Endpoint
from tests.test_cli import cloudscan

CHEAP = ("--checks", "plaintext-transport-allowed", "--deadline", "0", "-q")


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    with Endpoint() as running:
        yield running


@pytest.mark.parametrize("command", ["collect", "scan"])
def test_a_project_that_is_not_shown_is_exit_code_3(google: Endpoint, tmp_path: Path, command: str) -> None:
    google.faults.add("denied", "*")
    place = ["-o", "s"] if command == "collect" else []
    words = [command, "gcp", *CHEAP, "--endpoint-url", google.url, "--project", "acme-voise", *place]
    done = cloudscan(*words, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "gcp: nothing was seen, since no list of stores came (acme-voise: denied" in done.stderr
    assert "or there is no such project" in done.stderr


@pytest.mark.parametrize("option", ["--organization", "--folder"])
def test_what_is_not_there_to_be_walked_is_exit_code_3(google: Endpoint, tmp_path: Path, option: str) -> None:
    google.faults.add("denied", "*")
    words = ["collect", "gcp", *CHEAP, "--endpoint-url", google.url, option, "12345", "-o", "s"]
    done = cloudscan(*words, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "s/12345: denied" in done.stderr


def test_nobody_who_answers_is_exit_code_3(google: Endpoint, tmp_path: Path) -> None:
    words = ["collect", "gcp", *CHEAP, "--deadline", "9999", "--endpoint-url", "http://127.0.0.1:9", "-o", "s"]
    done = cloudscan(*words, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "http://127.0.0.1:9 cannot be reached: Connection refused" in done.stderr


def test_a_project_without_buckets_was_seen(google: Endpoint, tmp_path: Path) -> None:
    google.answer("/v3/projects/acme-calls", {"name": "projects/1", "projectId": "acme-calls", "state": "ACTIVE"})
    google.answer("/v2/projects/*/policies/*:getEffectivePolicy", {})
    google.pages("/storage/v1/b", [])
    words = ["collect", "gcp", *CHEAP, "--endpoint-url", google.url, "--project", "acme-calls", "-o", "s"]
    done = cloudscan(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
