"""Fixtures for the tests of the core. A fixture is no import, so the layers of the core stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from cloudscan.check import Check, World
from cloudscan.provider import Provider
from cloudscan.report import ScanResult
from cloudscan.scan import analyze


@pytest.fixture
def analyzed() -> Callable[..., ScanResult]:
    """Return a function that runs checks on a world."""

    def run(seen: World, *checks: Check) -> ScanResult:
        given = cast("Provider", SimpleNamespace(grants=lambda _: seen.derive_grants()))
        made = seen.now + timedelta(hours=1)
        return analyze(seen.estate, [given], checks, seen.policy, now=seen.now, generated_at=made)

    return run
