"""Write the parts of the documentation that are generated, or check that they are up to date.

``python docs/build.py`` writes, ``python docs/build.py --check`` fails when a file is not what it would write:
a page for each check from its docstring and metadata, an index of them, and the blocks of the README and of
other pages between ``<!-- begin: NAME -->`` and ``<!-- end -->``, which hold what a command really printed. What the
demo prints is left as it is, and that is said, where Azurite is missing, without which the demo has two clouds.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from cloudscan import plugins
from cloudscan.check import Check
from cloudscan_azure.standin.azurite import missing

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- begin: (?P<name>[a-z-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)
CLOUDS = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure"}


def page(check: Check) -> str:
    """Return the page of one check."""
    title, _, text = check.text.partition("\n\n")
    lines = [f"# {check.id}", "", title, "", text.strip(), ""]
    lines += [f"Severity {check.severity}, confidence {check.confidence}.", ""]
    lines += ["## How to mend it", ""]
    for cloud, name in CLOUDS.items():
        lines += [f"**{name}.** {check.remediation[cloud]}", ""]
    lines += ["## What it reads", "", ", ".join(f"`{facet.value}`" for facet in sorted(check.needs)), ""]
    if check.controls:
        lines += ["## Controls", "", *[f"- `{control}`" for control in check.controls], ""]
    if check.references:
        lines += ["## References", "", *[f"- {reference}" for reference in check.references], ""]
    return "\n".join(lines).rstrip() + "\n"


def index(checks: list[Check]) -> str:
    """Return the index of the checks' pages."""
    rows = [f"| [{check.id}]({check.id}.md) | {check.severity} | {check.title} |" for check in checks]
    return "\n".join(["# Checks", "", "| check | severity | finds |", "| --- | --- | --- |", *rows]) + "\n"


@cache
def printed(*command: str) -> str:
    """Return what a command of ours prints on stdout, as a terminal of 100 columns would show it."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"


def cloudscan(*arguments: str) -> str:
    """Return what ``cloudscan`` prints."""
    return printed(str(Path(sys.executable).with_name("cloudscan")), *arguments)


def demo() -> str:
    """Return the first lines of the demo's report: the headline and where speech lies.

    Days and the emulator's random ids differ from run to run; they are written as one day and one id.
    """
    text = "\n".join(cloudscan("demo", "-q").splitlines()[:DEMO_LINES])
    text = re.sub(r"\d{4}-\d\d-\d\d", "2026-11-22", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "0123abcd", text) + "\n...\n"


DEMO_LINES = 21
BLOCKS: dict[str, Callable[[], str]] = {
    "help": lambda: cloudscan("--help"),
    "demo": demo,
    "checks": lambda: cloudscan("checks", "list"),
}


def generated() -> Iterator[tuple[Path, str]]:
    """Yield every generated file and what it should hold."""
    checks = [check for check in plugins.checks() if check.module.startswith("cloudscan_checks.")]
    for check in checks:
        yield ROOT / "docs" / "checks" / f"{check.id}.md", page(check)
    yield ROOT / "docs" / "checks" / "README.md", index(checks)
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        yield path, BLOCK.sub(_filled, text)


def _filled(match: re.Match[str]) -> str:
    if match["name"] == "demo" and (reason := missing()):
        print(f"skipped: what the demo prints, which takes Azurite: {reason}")  # noqa: T201
        return match[0]
    return f"{match[1]}```text\n{BLOCKS[match['name']]()}```\n{match[4]}"


def main() -> int:
    """Write or check; return the exit code."""
    check_only = "--check" in sys.argv[1:]
    wanted = dict(generated())
    stale = 0
    for path, text in wanted.items():
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        if present == text:
            continue
        stale += 1
        if check_only:
            diff = difflib.unified_diff(present.splitlines(), text.splitlines(), "present", "generated", lineterm="")
            print(f"{path.relative_to(ROOT)} is out of date; run: make docs\n" + "\n".join(list(diff)[:40]))  # noqa: T201
        else:
            path.write_text(text, encoding="utf-8")
    for path in sorted((ROOT / "docs" / "checks").glob("*.md")):
        if path not in wanted:
            stale += 1
            if check_only:
                print(f"{path.relative_to(ROOT)} belongs to no check; run: make docs")  # noqa: T201
            else:
                path.unlink()
    return 1 if check_only and stale else 0


if __name__ == "__main__":
    sys.exit(main())
