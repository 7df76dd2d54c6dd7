"""Commands that only print start quickly: they import none of the heavy packages."""

import subprocess
import sys

import pytest

HEAVY = {"boto3", "botocore", "duckdb", "networkx", "moto", "rich", "yaml", "msgspec"}


def _imported(*arguments: str) -> set[str]:
    program = (
        f"import sys\nsys.argv = ['cloudscan', *{list(arguments)!r}]\nfrom cloudscan.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('MODULES', *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("MODULES", 1)[1].split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["demo", "--help"]])
def test_printing_imports_nothing_heavy(arguments: list[str]) -> None:
    assert _imported(*arguments) & HEAVY == set()


def test_listing_checks_needs_no_cloud_sdk() -> None:
    assert _imported("checks", "list") & {"boto3", "botocore", "duckdb", "networkx", "moto", "rich"} == set()


def test_the_help_of_a_scan_needs_no_cloud_sdk() -> None:
    assert _imported("scan", "aws", "--help") & {"boto3", "botocore", "duckdb", "moto"} == set()
