"""The spoken clips of the demo estate, and what their note says of them."""

import re
from importlib.resources import files

import pytest

_ROW = re.compile(r"^\| ([\w.-]+\.\w+) \|.*\| (\d+\.\d+) \| (\d+) \|$", re.MULTILINE)


@pytest.fixture(scope="session")
def clips() -> dict[str, bytes]:
    folder = files("cloudscan") / "demo" / "clips"
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name != "CLIPS.md"}


@pytest.fixture(scope="session")
def decoded_seconds() -> dict[str, float]:
    """The playing time of each clip as ffmpeg decoded it, from the note beside them."""
    note = (files("cloudscan") / "demo" / "clips" / "CLIPS.md").read_text(encoding="utf-8")
    return {name: float(seconds) for name, seconds, _ in _ROW.findall(note)}
