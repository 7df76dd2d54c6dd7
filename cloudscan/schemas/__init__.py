"""The JSON schemas (2020-12) of what cloudscan reads and writes, shipped with it.

``report-1`` is the JSON report, ``policy-1`` the user's policy file, ``snapshot-manifest-1`` the manifest of a
snapshot, ``retention-1`` the answer of ``retention -f json``, ``identify-1`` a line of ``identify -f json``.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def schema(name: str) -> dict[str, Any]:
    """Return one schema by its name. Raises ``FileNotFoundError`` when none has that name."""
    text = files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed
