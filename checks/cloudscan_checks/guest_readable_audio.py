"""Recordings that a user of an app who never signed in can read."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import (
    ANYONE,
    Action,
    Answer,
    Federation,
    Finding,
    Gap,
    MediaClass,
    Severity,
    Step,
    Store,
)
from cloudscan.provider import Facet
from cloudscan_checks._exposure import ACCESS, Exposure, anyone_reads_as_much, exposure
from cloudscan_checks._facts import EXAMPLES, amount, listed, not_seen, unlisted_stores, untold
from cloudscan_checks._pools import pool_gaps, pool_names, unlisted_pools, unread_roles


@check(
    severity=Severity.CRITICAL,
    needs=(Facet.OBJECTS, Facet.PRINCIPALS, *ACCESS),
    remediation={
        "aws": (
            "Close the pool to guests: `aws cognito-identity update-identity-pool --region {region}"
            " --identity-pool-id {pool} --identity-pool-name {pool_name} --no-allow-unauthenticated-identities ...`,"
            " with every other setting that `aws cognito-identity describe-identity-pool --region {region}"
            " --identity-pool-id {pool}` shows, since what is left out goes back to its default; or take the recordings"
            " out of the policies of {role}."
        ),
        "gcp": (
            "Ask for a signed-in user and their own path in the Firebase rules (request.auth.uid), then"
            " `firebase deploy --only storage`."
        ),
        "azure": (
            "There is no identity for guests: look for signed links that the app hands out, and end them by renewing"
            " the key that signed them, `az storage account keys renew --account-name ACCOUNT --key primary` (or"
            " secondary); those for user delegation end with `az storage account revoke-delegation-keys --name ACCOUNT"
            " --resource-group GROUP`."
        ),
    },
    controls=(
        "SecurityHub:Cognito.2",
        "NIST-800-53@r5:AC-3",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:8.3",
        "SOC2:CC6.1",
        "HIPAA:164.312(a)(1)",
        "CSA-CCM@4.0:DSP-07",
        "ATT&CK:T1530",
    ),
    references=("https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html",),
)
def guest_readable_audio(self: Check, world: World) -> Iterator[Finding]:
    """Recordings that an app's guests can read.

    An app that gives credentials to users who never signed in gives them to everybody: the pool's number is in
    the app. What the guest role may read, the whole Internet may, except where each guest is kept to a
    path of their own. Only the role's own rights are judged here, and not what anyone can read anyway.
    """
    yield from unlisted_pools(self, world, "guests of an app", (MediaClass.SPEECH,))
    for pool in sorted(world.estate.federations.values(), key=lambda one: one.id):
        gaps = pool_gaps(world, pool)
        if pool.guests is Answer.NO:
            yield self.passed(pool, f"{pool.name} gives guests no credentials")
            continue
        if pool.guests is Answer.UNKNOWN or pool.roles is None:
            message = untold(f"to whom {pool.name} gives credentials", gaps)
            yield self.unknown(pool, message, evidence=not_seen(gaps), names=pool_names(pool))
            continue
        roles = [role for who, role in pool.roles if who == "guest"]
        yield from _opened(self, world, pool, roles, gaps)


def _opened(check: Check, world: World, pool: Federation, roles: list[str], gaps: tuple[Gap, ...]) -> Iterator[Finding]:
    """Judge a pool whose guests get these roles."""
    doubts = unread_roles(world, roles, gaps)
    hidden, rest = unlisted_stores(world.estate, pool.provider)
    if hidden and roles:
        doubts.append(hidden)
    restricted: list[str] = []
    opened = False
    for role in roles:
        for store in world.estate.stores_with(MediaClass.SPEECH):
            seen = exposure(world, store.id, [Action.READ], MediaClass.SPEECH, principals=[role])
            restricted += seen.restrictions
            if seen.doubtful:
                doubts.append(seen.doubts)
            if seen.open and not anyone_reads_as_much(world, store, seen, MediaClass.SPEECH):
                opened = True
                yield _readable(check, world, pool, role, store, seen)
    if doubts:
        message = (
            f"whether guests of {pool.name} can read more recordings is not known: {listed(dict.fromkeys(doubts))}"
        )
        yield check.unknown(pool, message, evidence=not_seen(gaps, rest), names=pool_names(pool, *roles))
    elif not opened:
        evidence = {"roles": roles, "restricted_by": sorted(set(restricted))[:EXAMPLES]}
        yield check.passed(pool, f"guests of {pool.name} can read no recordings of their own right", evidence=evidence)


def _readable(check: Check, world: World, pool: Federation, role: str, store: Store, seen: Exposure) -> Finding:
    part = seen.amount(MediaClass.SPEECH)
    path = (
        Step(ANYONE, "enter", pool.id, f"{pool.name} gives credentials to guests, who never sign in"),
        Step(pool.id, "assume", role, "the pool gives its guests this role"),
        *seen.path,
    )
    whole = amount(world.estate, store, MediaClass.SPEECH)
    return check.fail(
        store,
        f"any guest of {pool.name} can read {part.of(whole)}{seen.terms}",
        locator=f"{pool.id} {role}",
        path=path,
        evidence={**part.evidence, "pool": pool.id, "role": role, "example": seen.widest[0].example},
        confidence=seen.confidence,
        names=pool_names(pool, role),
    )
