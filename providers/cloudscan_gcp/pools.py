"""Identity pools as they are: whether anybody can come as one of their identities. Pure: reads only the estate.

From "WorkloadIdentityPool" and "WorkloadIdentityPoolProvider" (IAM API reference): a pool that is disabled, or deleted,
gives no tokens and takes none that it gave before; a provider that is disabled gives none, and "existing tokens still
grant access". Who may update a provider has it take others, so that what none lets in today is no closed door.
"""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.access.conditions import NEVER
from cloudscan.estate import Estate
from cloudscan.model import Answer, Federation
from cloudscan.provider import Facet
from cloudscan_gcp.policy.members import pool_of
from cloudscan_gcp.policy.tokens import comes, issued
from cloudscan_gcp.session import PROVIDER

SET = "principalSet://iam.googleapis.com/"


def providers_of(estate: Estate, member: str) -> Sequence[Federation]:
    """Return the providers of the pool that an identity or a set of identities belongs to."""
    pool = pool_of(member).removeprefix(SET).removesuffix("/*")
    every = estate.federations.values() if pool else ()
    return [one for one in every if one.provider == PROVIDER and one.id.startswith(f"{pool}/providers/")]


def stopped(estate: Estate, member: str) -> str:
    """Say why nobody can come as a member of policies, "" where somebody may, or it is none of a pool."""
    held = providers_of(estate, member)
    if any(one.enabled is Answer.NO and one.keeps is Answer.NO for one in held):
        return f"{held[0].id.partition('/providers/')[0]} is off, and takes no token, neither a new nor an old one"
    return ""


def taken(estate: Estate, member: str) -> str:
    """Say as what a member of policies is taken where no provider of its pool lets in such an identity, "" else."""
    held = providers_of(estate, member)
    pool = held[0].id.partition("/providers/")[0] if held else ""
    if not held or estate.gaps_on(pool, Facet.FEDERATIONS):
        return ""
    on = [one for one in held if one.enabled is not Answer.NO]
    if not on:
        return f"every provider of {pool} is off: taken to have a token from before"
    if all(comes(one, issued(one), member) is NEVER for one in on):
        return f"no provider of {pool} lets in such an identity: taken to be let in once one does"
    return ""
