"""Identity pools of apps: what was not read of them, and their names in a remediation."""

from __future__ import annotations

from collections.abc import Iterable

from cloudscan.check import World
from cloudscan.model import Federation, Gap
from cloudscan.provider import Facet
from cloudscan_checks._facts import listed, untold


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
