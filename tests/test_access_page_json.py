"""The page on access names every key of reach's JSON, and none that is not there."""

import re
from pathlib import Path

from cloudscan.schemas import schema

PAGE = (Path(__file__).parent.parent / "docs" / "access.md").read_text(encoding="utf-8")


def test_every_key_of_the_json_is_described() -> None:
    section = PAGE.partition("## As JSON")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|(.*)$", section, re.MULTILINE)
    named = {key for keys, text in rows for key in re.findall(r"`([a-z_]+)`", f"{keys} {text}")}
    keys = set(schema("reach-1")["properties"]) - {"schema"}
    assert keys - named == set()
    first = {key for cell, _ in rows for key in re.findall(r"`([a-z_]+)`", cell)}
    assert first - keys == set()
