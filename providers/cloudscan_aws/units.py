"""Units of collection, one for each region of an account or one for the account as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cloudscan.provider import Collected, Unit
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import Asker

Collect = Callable[[AccountScope, Asker], Iterator[Collected]]


def regional(
    account: AccountScope, name: str, collect: Collect, *, service: str | None = None, requests: int = 1
) -> Iterator[Unit]:
    """Make a unit for each region in which AWS offers the service (boto3's name; none: the unit's)."""
    for region in account.regions:
        if account.clients.offered(service or name, region):
            yield _unit(account, f"{account.id}/{region}/{name}", region, collect, requests)


def whole(account: AccountScope, name: str, collect: Collect, *, requests: int = 1) -> Iterator[Unit]:
    """Make the one unit of a service that is the same in all regions."""
    yield _unit(account, f"{account.id}/{name}", account.home, collect, requests)


def _unit(account: AccountScope, path: str, region: str, collect: Collect, requests: int) -> Unit:
    return Unit(f"aws/{path}", path.replace("/", " "), partial(_run, account, region, collect), requests)


def _run(account: AccountScope, region: str, collect: Collect) -> Iterator[Collected]:
    asker = account.asker(region)
    yield from collect(account, asker)
    yield from asker.coverage()
