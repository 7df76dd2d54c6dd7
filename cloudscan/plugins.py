"""Find providers, checks, reports and demos by entry point: ours and those of third parties, the same way.

This is the only module that asks which distributions are installed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from cloudscan.errors import UsageError

if TYPE_CHECKING:
    from cloudscan.check import Check
    from cloudscan.provider import Provider
    from cloudscan.report import Report


def provider_names() -> list[str]:
    """Return the names of the installed providers, without importing them."""
    return sorted(point.name for point in entry_points(group="cloudscan.providers"))


def provider(name: str) -> Provider:
    """Load one provider. Raises :class:`UsageError` if none has that name."""
    made: Provider = _load_named("cloudscan.providers", name, "provider")()
    return made


def report(name: str) -> Report:
    """Load one report format. Raises :class:`UsageError` if none has that name."""
    made: Report = _load_named("cloudscan.reports", name, "format")()
    return made


def demos() -> list[tuple[str, Callable[..., Any]]]:
    """Return the demo estates of the installed providers, by the provider's name."""
    return [(point.name, point.load()) for point in _sorted("cloudscan.demos")]


def checks() -> list[Check]:
    """Return every check of every installed pack, by id. Raises :class:`UsageError` if two share an id."""
    found: dict[str, Check] = {}
    for point in _sorted("cloudscan.checks"):
        for check in point.load():
            for name in (check.id, *check.aliases):
                if name in found:
                    raise UsageError(f"two checks are called {name}: in {found[name].module} and in {check.module}")
            found[check.id] = check
    return [found[name] for name in sorted(found)]


def select_checks(wanted: Sequence[str]) -> list[Check]:
    """Return the checks of these ids or aliases; all when none is named."""
    every = checks()
    if not wanted:
        return every
    by_name = {name: check for check in every for name in (check.id, *check.aliases)}
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        from cloudscan.policy.faults import near

        hint = near(unknown[0], list(by_name)) if len(unknown) == 1 else ""
        raise UsageError(f"no check is called {', '.join(unknown)}{hint or '; see: cloudscan checks list'}")
    chosen = {by_name[name].id for name in wanted}
    return [check for check in every if check.id in chosen]


def _sorted(group: str) -> list[EntryPoint]:
    return sorted(entry_points(group=group), key=lambda point: (point.name, point.value))


def _load_named(group: str, name: str, noun: str) -> Callable[[], Any]:
    for point in entry_points(group=group, name=name):
        loaded: Callable[[], Any] = point.load()
        return loaded
    known = ", ".join(sorted(point.name for point in entry_points(group=group)))
    raise UsageError(f"no {noun} is called {name!r}; installed: {known or 'none'}")
