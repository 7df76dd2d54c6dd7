"""Units of collection, one for a service of a project, or of a folder or organization above."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cloudscan.provider import Collected, Unit
from cloudscan_gcp.accounts import Node, ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker

Collect = Callable[[ProjectScope, Asker], Iterator[Collected]]
CollectAbove = Callable[[Node, Asker], Iterator[Collected]]


def of_project(project: ProjectScope, name: str, collect: Collect, *, requests: int = 1) -> Iterator[Unit]:
    """Make the one unit of a service in a project. ``requests`` is how many it takes if it finds nothing."""
    yield Unit(f"{PROVIDER}/{project.id}/{name}", f"{project.id} {name}", partial(_run, project, collect), requests)


def above(node: Node, name: str, collect: CollectAbove, *, requests: int = 1) -> Iterator[Unit]:
    """Make the one unit of a service in a folder or organization."""
    yield Unit(f"{PROVIDER}/{node.id}/{name}", f"{node.id} {name}", partial(_run_above, node, collect), requests)


def _run(project: ProjectScope, collect: Collect) -> Iterator[Collected]:
    asker = project.asker()
    yield from collect(project, asker)
    yield from asker.coverage()


def _run_above(node: Node, collect: CollectAbove) -> Iterator[Collected]:
    asker = node.asker()
    yield from collect(node, asker)
    yield from asker.coverage()
