"""The benchmarks run: small sizes prove nothing about speed, but that each part still fits what it measures.

The listing, the installation and the slow link are left out here: they take too long.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.access import GENERATOR

ROOT = Path(__file__).parent.parent


def _measured(section: str) -> str:
    command = [sys.executable, "bench/run.py", "--quick", "--only", section]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("requests", "| **together** |"),
        ("start", "| `cloudscan --version` |"),
        ("loop", "collect : loop"),
        ("agreement", "**0** different answers"),
        ("lineage", "links of 2,500 transcripts"),
        ("google", "**4** for each bucket"),
    ],
)
def test_a_section_is_measured(section: str, told: str) -> None:
    page = _measured(section)
    assert page.startswith("## ")
    assert f"$ python bench/run.py --only {section}" in page
    assert told in page


@pytest.mark.skipif(not GENERATOR.exists(), reason="the generator of accounts is not there")
def test_readers_of_a_generated_account_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCH_PMAPPER", raising=False)
    page = _measured("reach")
    assert "| 100 |" in page
    assert "PMapper was not measured" in page


@pytest.mark.skipif(not GENERATOR.exists(), reason="the generator of accounts is not there")
def test_a_bucket_of_a_generated_account_is_cut() -> None:
    page = _measured("cut")
    assert "| audio-corpus-0000 |" in page
    assert "| shown | 0 |" in page


def test_grants_of_a_drawn_estate_of_google_cloud_are_counted() -> None:
    command = [sys.executable, "bench/gcp_reach.py", "--people", "100", "--buckets", "2"]
    told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert (told["people"], told["buckets"]) == (100, 2)
    assert told["grants"] > told["readers"] > 50
