"""What lands in site-packages: our five packages and nothing else, and no test."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


def test_only_our_five_packages_are_at_the_top(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"cloudscan", "cloudscan_checks", "cloudscan_aws", "cloudscan_gcp", "cloudscan_azure"}


def test_tests_stay_at_home(names: list[str]) -> None:
    assert [name for name in names if name.split("/")[-1].startswith(("test_", "conftest"))] == []


def test_what_is_read_at_run_time_is_there(names: list[str]) -> None:
    assert "cloudscan/schemas/report-1.json" in names
    assert "cloudscan/py.typed" in names
    assert "cloudscan/demo/cloudscan.yaml" in names
    assert any(name.startswith("cloudscan/demo/clips/") and name.endswith(".wav") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
