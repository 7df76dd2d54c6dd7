"""Units of collection, one for a service of a subscription, or of a management group or tenant above."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from cloudscan.provider import Collected, Unit
from cloudscan_azure.accounts import Node, SubscriptionScope
from cloudscan_azure.ids import PROVIDER
from cloudscan_azure.session import Asker

P = TypeVar("P", SubscriptionScope, Node)


def of_subscription(
    subscription: SubscriptionScope,
    name: str,
    collect: Callable[[SubscriptionScope, Asker], Iterator[Collected]],
    *,
    requests: int = 1,
) -> Iterator[Unit]:
    """Make the one unit of a service in a subscription. ``requests`` is how many it takes if it finds nothing."""
    yield _unit(subscription, name, collect, requests)


def above(
    node: Node, name: str, collect: Callable[[Node, Asker], Iterator[Collected]], *, requests: int = 1
) -> Iterator[Unit]:
    """Make the one unit of a service in a management group, or at the root of a tenant."""
    yield _unit(node, name, collect, requests)


def _unit(place: P, name: str, collect: Callable[[P, Asker], Iterator[Collected]], requests: int) -> Unit:
    return Unit(f"{PROVIDER}/{place.key}/{name}", f"{place.key} {name}", partial(_run, place, collect), requests)


def _run(place: P, collect: Callable[[P, Asker], Iterator[Collected]]) -> Iterator[Collected]:
    asker = place.asker()
    yield from collect(place, asker)
    yield from asker.coverage()
