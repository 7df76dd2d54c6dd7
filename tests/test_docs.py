"""The documentation holds what it promises: short, complete, no dead link, nothing of a maker's machine."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from cloudscan.cli import cli
from cloudscan.policy.file import PRESETS, parse_policy

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http:", "https:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_command_is_named_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in cli.commands if not re.search(rf"\b{name}\b", text)] == []


def test_the_policy_file_in_the_docs_is_one() -> None:
    text = (ROOT / "docs" / "policy-file.md").read_text(encoding="utf-8")
    whole, *parts = (parse_policy(yaml.safe_load(each)) for each in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL))
    assert len(whole.retention) == 2
    assert whole.suppressions
    assert [len(part.retention) for part in parts] == [3]


def test_make_targets_that_the_docs_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named <= targets


def test_nothing_names_a_path_of_a_makers_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    homes = re.compile(rb"(?<![\w.])/(?:home|root|Users|work)/\w")
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    found = [name for name in names if homes.search((ROOT / name).read_bytes()) and name != "tests/test_docs.py"]
    assert found == []


def test_the_presets_in_the_docs_are_those_of_the_policy_file() -> None:
    text = (ROOT / "docs" / "policy-file.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| at (most|least) ([\d,]+) days \|", text, re.MULTILINE)
    told = {name: (bound, int(days.replace(",", ""))) for name, bound, days in rows}
    assert told == {
        name: ("most", preset.max_days) if preset.max_days is not None else ("least", preset.min_days)
        for name, preset in PRESETS.items()
    }
