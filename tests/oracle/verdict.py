"""What the oracle says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]


class Verdict(NamedTuple):
    """Whether the call succeeds, and the rule that decided, in words that count how often each rule does."""

    allowed: bool
    because: str


class Undocumented(Exception):
    """The documentation does not say what happens here."""
