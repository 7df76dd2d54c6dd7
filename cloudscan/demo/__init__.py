"""A small call centre on emulators, scanned for real.

Each provider may register a demo (entry point ``cloudscan.demos``): a context manager that starts its
emulator, builds its part of the estate and says how to reach it. From there on everything is the ordinary code:
nothing in the scan knows that it looks at a demo. ``clips/`` holds the synthesised recordings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from cloudscan import plugins
from cloudscan.collection import Progress, collect
from cloudscan.errors import MissingExtra
from cloudscan.estate import Estate
from cloudscan.policy import parse_policy
from cloudscan.provider import Scope
from cloudscan.report import ScanResult
from cloudscan.scan import analyze, needed_facets


@dataclass(frozen=True, slots=True)
class DemoCloud:
    """One cloud of the demo, as it stands while its context is open.

    ``environment`` holds what the cloud's SDK reads (credentials of an emulator open nothing else), ``options``
    the provider's own scope options.
    """

    provider: str
    endpoint_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)


Demo = AbstractContextManager[DemoCloud]
POLICY: Mapping[str, object] = {
    "retention": [
        {"stores": "*archive*", "media": "any", "max_days": 365, "min_days": 180},
        {"media": "speech", "max_days": 90},
        {"media": "transcript", "max_days": 365},
    ],
    "keys": {"require_customer_key": True, "approved": ["alias/speech*"]},
    "trusted": [{"account": "222222222222", "name": "Example Speech Analytics"}],
}
"""What the invented call centre has decided."""


def clip(name: str) -> bytes:
    """Return the bytes of a synthesised recording, such as ``greeting.wav``."""
    return files("cloudscan.demo").joinpath("clips", name).read_bytes()


def run_demo(root: Path, progress: Progress | None = None) -> ScanResult:
    """Start every installed demo cloud, scan it over HTTP into a snapshot, and judge it.

    Raises :class:`MissingExtra` when no demo can start because the emulators are not installed.
    """
    checks, policy = plugins.checks(), parse_policy(POLICY)
    with ExitStack() as stack:
        clouds = [stack.enter_context(start()) for _, start in plugins.demos()]
        if not clouds:
            raise MissingExtra("demo", "an emulator")
        for cloud in clouds:
            stack.enter_context(_environment(cloud.environment))
        scopes = {
            cloud.provider: Scope(
                facets=needed_facets(checks, policy),
                versions=True,
                sniff=200,
                heads=20,
                workers=4,
                endpoint_url=cloud.endpoint_url,
                options=cloud.options,
            )
            for cloud in clouds
        }
        providers = [plugins.provider(cloud.provider) for cloud in clouds]
        collect(providers, scopes, root, progress)
    now = datetime.now(UTC)
    return analyze(Estate.open(root), providers, checks, policy, now=now, generated_at=now)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
