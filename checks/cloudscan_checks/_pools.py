"""Identity pools of apps: what was not read of them, and their names in a remediation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cloudscan.check import Check, World
from cloudscan.coverage.unseen import is_of_unused
from cloudscan.model import Federation, Finding, Gap, MediaClass
from cloudscan.provider import Facet
from cloudscan_checks._facts import amount, listed, not_seen, unread, untold


def pool_gaps(world: World, pool: Federation) -> tuple[Gap, ...]:
    """Return what could not be seen of a pool and of the identities that it hands out."""
    own = world.estate.gaps_on(pool.id, Facet.FEDERATIONS)
    return (*own, *world.estate.gaps_on(pool.account, Facet.FEDERATIONS, Facet.PRINCIPALS))


def unread_roles(world: World, roles: Iterable[str], gaps: Iterable[Gap]) -> list[str]:
    """Say of which of the roles nobody knows what they may do."""
    known = world.estate.principals
    unread = [role for role in roles if role not in known or known[role].policies is None]
    return [untold(f"what {role} may do", gaps) for role in unread]


def pool_names(pool: Federation, *roles: str) -> dict[str, str]:
    """Return the placeholders that a pool and the roles in question fill."""
    place = {"region": pool.region, "pool": pool.id.rpartition("/")[2], "pool_name": pool.name}
    return {**place, "role": listed(roles) or "ROLE"}


def unlisted_pools(check: Check, world: World, who: str, classes: Sequence[MediaClass]) -> Iterator[Finding]:
    """Tell of every store with such objects in a cloud whose pools are not all known: one more may open it.

    Left out is what was not read of a pool that is known, which is said of that.
    """
    for store in world.estate.stores_with(*classes):
        if gaps := _unknown_pools(world, store.provider):
            held = [amount(world.estate, store, media) for media in classes]
            what = " and ".join(str(one) for one in held if one.objects) or "what it holds in old versions"
            message = f"whether {who} can read {what} is not known: {unread('every app and identity pool', gaps)}"
            names = {"pool": "POOL", "pool_name": "NAME", "role": "ROLE"}
            yield check.unknown(store, message, locator="unlisted", evidence=not_seen(gaps), names=names)


def _unknown_pools(world: World, provider: str) -> tuple[Gap, ...]:
    gaps = (gap for gap in world.estate.gaps if (gap.provider, gap.facet) == (provider, Facet.FEDERATIONS))
    return tuple(gap for gap in gaps if gap.resource not in world.estate.federations and not is_of_unused(gap))
