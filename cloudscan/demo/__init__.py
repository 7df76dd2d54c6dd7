"""A small call centre on emulators, scanned for real.

Each provider may register a demo (entry point ``cloudscan.demos``): a context manager that starts its
emulator, builds its part of the estate and says how to reach it. From there on everything is the ordinary code:
nothing in the scan knows that it looks at a demo. ``clips/`` holds the synthesised recordings, and
``cloudscan.yaml`` what the invented call centre has decided.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from cloudscan import POLICY_FILE, plugins
from cloudscan.collection.run import Progress, collect
from cloudscan.errors import MissingExtra, MissingPart
from cloudscan.estate import Estate
from cloudscan.policy.file import read_policy
from cloudscan.provider import Scope
from cloudscan.report import ScanResult
from cloudscan.scan import analyze, needed_facets


@dataclass(frozen=True, slots=True)
class DemoCloud:
    """One cloud of the demo, as it stands while its context is open.

    ``variables`` are what the cloud's SDK must find in the environment (credentials of an emulator open nothing
    else); the context sets them for this process. ``options`` are the provider's own scope options.
    """

    provider: str
    endpoint_url: str
    variables: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)


Demo = AbstractContextManager[DemoCloud]
_SNIFF, _HEADS = 200, 20
"""How many objects of the estate may be looked at: enough for all of it."""


def clip(name: str) -> bytes:
    """Return the bytes of a synthesised recording, such as ``greeting.wav``."""
    return files("cloudscan.demo").joinpath("clips", name).read_bytes()


@contextmanager
def estate(tell: Callable[[str], None]) -> Iterator[list[DemoCloud]]:
    """Start every demo cloud whose emulators are here; they stand as long as the context is open.

    Of each cloud that is left out, ``tell`` is given a line that says why.
    Raises :class:`MissingPart` when none can start because the emulators are not installed.
    """
    with ExitStack() as stack:
        clouds: list[DemoCloud] = []
        missing: list[MissingPart] = []
        for name, start in plugins.demos():
            try:
                clouds.append(stack.enter_context(start()))
            except MissingPart as error:
                missing.append(error)
                tell(f"the demo goes on without {name}: {error}")
        if not clouds:
            raise missing[0] if missing else MissingExtra("demo", "an emulator")
        yield clouds


def collected(clouds: Sequence[DemoCloud], folder: Path, progress: Progress | None = None) -> None:
    """Collect these clouds over HTTP into ``snapshot`` of a folder, and put the policy file beside it."""
    (folder / POLICY_FILE).write_bytes(files("cloudscan.demo").joinpath(POLICY_FILE).read_bytes())
    facets = needed_facets(plugins.checks(), read_policy(folder / POLICY_FILE), versions=True)
    scopes = {
        cloud.provider: Scope(
            facets=facets,
            versions=True,
            sniff=_SNIFF,
            heads=_HEADS,
            workers=4,
            endpoint_url=cloud.endpoint_url,
            options=cloud.options,
        )
        for cloud in clouds
    }
    collect([plugins.provider(cloud.provider) for cloud in clouds], scopes, folder / "snapshot", progress)


def judged(folder: Path) -> ScanResult:
    """Judge what was collected into a folder, by the policy file beside it.

    The ages are measured against the end of the collection, as they are when the snapshot is analyzed again.
    """
    seen = Estate.open(folder / "snapshot")
    assert seen.manifest is not None  # noqa: S101 - it was opened from a snapshot
    providers = [plugins.provider(name) for name in sorted(seen.manifest.scope)]
    checks, policy = plugins.checks(), read_policy(folder / POLICY_FILE)
    return analyze(seen, providers, checks, policy, now=seen.manifest.finished, generated_at=datetime.now(UTC))


def keep(folder: Path, place: Path) -> Sequence[tuple[str, str]]:
    """Copy a scanned demo's snapshot and policy file to a place. Returns what to do with them, and the commands."""
    shutil.copytree(folder / "snapshot", place, dirs_exist_ok=True)
    shutil.copy(folder / POLICY_FILE, place)
    given = [str(place), "--policy", str(place / POLICY_FILE)]
    return (
        ("to judge it again", shlex.join(["cloudscan", "analyze", *given])),
        ("to ask who reaches what", shlex.join(["cloudscan", "reach", *given])),
        ("to ask what is older", shlex.join(["cloudscan", "retention", str(place), "--older-than", "90d"])),
    )


def commands(cloud: DemoCloud, policy: Path) -> list[str]:
    """Return what to type, while a cloud stands, to scan it as the demo does."""
    words = ["cloudscan", "scan", cloud.provider, "--endpoint-url", cloud.endpoint_url, "--versions"]
    words += ["--sniff", str(_SNIFF), "--heads", str(_HEADS), "--policy", str(policy)]
    given = [f"{name}={value}" for name, value in cloud.variables.items()]
    return [*([f"export {shlex.join(given)}"] if given else []), shlex.join(words)]


@contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables of this process's environment, or unset those that are None, until the context ends."""
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
