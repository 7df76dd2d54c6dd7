"""Recordings that a user of an app who never signed in can read."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.access import Grant, Ruling, sentence
from cloudscan.check import Check, World, check
from cloudscan.model import (
    ANYONE,
    Action,
    Answer,
    Confidence,
    Federation,
    Finding,
    Gap,
    MediaClass,
    Severity,
    Step,
    Store,
)
from cloudscan.provider import Facet
from cloudscan_checks._facts import Amount, amount, listed, not_seen, untold


@check(
    severity=Severity.CRITICAL,
    needs=(
        Facet.OBJECTS,
        Facet.FEDERATIONS,
        Facet.PRINCIPALS,
        Facet.POLICY,
        Facet.ACCESS_POINTS,
        Facet.KEYS,
        Facet.ORGANIZATION,
    ),
    remediation={
        "aws": (
            "Close the pool to guests: `aws cognito-identity update-identity-pool --region {region}"
            " --identity-pool-id {pool} --identity-pool-name {pool_name} --no-allow-unauthenticated-identities`;"
            " or take the recordings out of the policies of {role}."
        ),
        "gcp": (
            "Ask for a signed-in user and their own path in the Firebase rules (request.auth.uid), then"
            " `firebase deploy --only storage`."
        ),
        "azure": (
            "There is no identity for guests: look for signed links that the app hands out, and end them with"
            " `az storage account keys renew --account-name ACCOUNT --key primary`."
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
    the app. What the guest role may read, the whole Internet may. Only the role's own rights are judged here.
    """
    for pool in sorted(world.estate.federations.values(), key=lambda one: one.id):
        gaps = _gaps(world, pool)
        if pool.guests is Answer.NO:
            yield self.passed(pool, f"{pool.name} gives guests no credentials")
            continue
        if pool.guests is Answer.UNKNOWN or pool.roles is None:
            message = untold(f"to whom {pool.name} gives credentials", gaps)
            yield self.unknown(pool, message, evidence=not_seen(gaps), names=_names(pool))
            continue
        roles = [role for who, role in pool.roles if who == "guest"]
        yield from _opened(self, world, pool, roles, gaps)


def _opened(check: Check, world: World, pool: Federation, roles: list[str], gaps: tuple[Gap, ...]) -> Iterator[Finding]:
    """Judge a pool whose guests get these roles."""
    doubts: list[str] = []
    open_stores = 0
    for role in roles:
        known = world.estate.principals.get(role)
        if known is None or known.policies is None:
            doubts.append(untold(f"what {role} may do", gaps))
        for store in world.estate.stores_with(MediaClass.SPEECH):
            grants = world.access.on(store.id, Action.READ, media=MediaClass.SPEECH, principal=role)
            usable = [grant for grant in grants if grant.decision.ruling in (Ruling.YES, Ruling.IF)]
            doubts += [reason for grant in grants for reason in grant.decision.unseen]
            if usable:
                open_stores += 1
                yield _readable(check, world, pool, role, store, usable)
    if doubts:
        message = (
            f"whether guests of {pool.name} can read more recordings is not known: {listed(dict.fromkeys(doubts))}"
        )
        yield check.unknown(pool, message, evidence=not_seen(gaps), names=_names(pool, *roles))
    elif not open_stores:
        yield check.passed(pool, f"guests of {pool.name} can read no recordings", evidence={"roles": roles})


def _readable(check: Check, world: World, pool: Federation, role: str, store: Store, grants: list[Grant]) -> Finding:
    sure = [grant for grant in grants if grant.decision.ruling is Ruling.YES]
    chosen = max(sure or grants, key=lambda grant: grant.objects)
    part = Amount(MediaClass.SPEECH, sum(grant.objects for grant in grants), sum(grant.seconds for grant in grants))
    terms = "" if sure else f", if {sentence(chosen.decision.condition)}"
    path = (
        Step(ANYONE, "enter", pool.id, f"{pool.name} gives credentials to guests, who never sign in"),
        Step(pool.id, "assume", role, "the pool gives its guests this role"),
        *chosen.steps,
    )
    message = f"any guest of {pool.name} can read {part.of(amount(world.estate, store, MediaClass.SPEECH))}{terms}"
    return check.fail(
        store,
        message,
        locator=f"{pool.id} {role}",
        path=path,
        evidence={**part.evidence, "pool": pool.id, "role": role, "example": chosen.example},
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        names=_names(pool, role),
    )


def _names(pool: Federation, *roles: str) -> dict[str, str]:
    place = {"region": pool.region, "pool": pool.id.rpartition("/")[2], "pool_name": pool.name}
    return {**place, "role": listed(roles) or "ROLE"}


def _gaps(world: World, pool: Federation) -> tuple[Gap, ...]:
    own = world.estate.gaps_on(pool.id, Facet.FEDERATIONS)
    return (*own, *world.estate.gaps_on(pool.account, Facet.FEDERATIONS, Facet.PRINCIPALS))
