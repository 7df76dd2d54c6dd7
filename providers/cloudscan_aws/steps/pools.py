"""Identity pools of Amazon Cognito: what guests become who never signed in, and what an app's users become.

From the "Amazon Cognito Developer Guide", identity pools (authentication flows, access policies for guests): in the
enhanced flow the pool hands out its own role, to guests with session policies over it. In the basic (classic) flow
the holder of the pool's token asks for any role whose trust policy admits that token, and gets it as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cloudscan.access import ALWAYS, NEVER, Condition, Edge, Ruling, Test
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Unseen, all_of
from cloudscan.access.parts import Way
from cloudscan.access.patterns import MANY, Pattern
from cloudscan.access.stepping import Sort
from cloudscan.model import ANYONE, Answer, Federation
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.cognito import guest
from cloudscan_aws.policy.documents import Statement
from cloudscan_aws.session import PROVIDER
from cloudscan_aws.steps.calls import best
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.federate import may_become
from cloudscan_aws.steps.scene import Role, Scene

COGNITO = "cognito-identity.amazonaws.com"
_AUD, _AMR = f"{COGNITO}:aud", f"{COGNITO}:amr"
_SOMEBODYS_POOL = "us-east-1:00000000-0000-0000-0000-000000000000"
"""A pool that anybody has made in an account of theirs: accounts are free."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Those who come to a pool in one way: as guests, or signed in."""

    pool: Federation
    who: str
    source: str
    guise: str
    kind: str
    amr: str
    admitted: Answer

    @property
    def allowed(self) -> Condition:
        """Whether the pool lets them in at all."""
        unread = Unseen(f"whether {self.pool.id} admits guests was not read")
        return {Answer.YES: ALWAYS, Answer.NO: NEVER}.get(self.admitted, unread)

    @property
    def roles(self) -> tuple[str | None, ...]:
        """The roles that the pool hands out to them; None for one that was not read."""
        if self.pool.roles is None:
            return (None,)
        return tuple(role for who, role in self.pool.roles if who == self.who)


def visitors(scene: Scene) -> Iterator[Visitor]:
    """Yield the guests and the signed-in users of every pool."""
    for name, pool in sorted(scene.facts.estate.federations.items()):
        if pool.provider == PROVIDER and pool.kind == "cognito":
            if pool.guests is not Answer.NO:
                guise = f"guests of {name}"
                yield Visitor(pool, "guest", ANYONE, guise, "cognito-guest", "unauthenticated", pool.guests)
            guise = f"signed-in users of {name}"
            yield Visitor(pool, "signed-in", name, guise, "cognito-sign-in", "authenticated", Answer.YES)


def guises(scene: Scene) -> Iterator[Asker]:
    """Yield what visitors of pools become in the enhanced flow, as those who ask; nobody is what none can become."""
    for visitor in visitors(scene):
        if any(edge.decision.ruling is not Ruling.NO for edge in _handed_out(scene, visitor)):
            for role in visitor.roles:
                yield _become(scene, visitor, role)


def _become(scene: Scene, visitor: Visitor, role: str | None) -> Asker:
    held = scene.people.get(role or "")
    account = held.account if held else visitor.pool.account
    caller = held.caller if held else Caller(Kind.ROLE, role or "", account, policies=None, boundaries=None, tags=None)
    limited = guest(caller, enhanced_flow=visitor.who == "guest")
    return Asker(visitor.guise, replace(limited, claims=_claims(visitor, None)), account)


def pooled(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of the visitors of pools, and of anybody's own pool where a trust policy asks for none."""
    for visitor in visitors(scene):
        yield from _handed_out(scene, visitor)
        yield from _asked_for(scene, visitor)
        yield from _picked_by_rule(scene, visitor)
    yield from _of_any_pool(scene)


def _handed_out(scene: Scene, visitor: Visitor) -> Iterator[Edge]:
    """Yield the edge to what the pool makes of its visitors: the enhanced flow, which is always there."""

    def explain(_: Asker, __: str) -> tuple[str, tuple[Way, ...]]:
        ways = [(may_become(scene, _token(visitor, role), role),) for role in known]
        return f"{visitor.pool.id} gives its role for {visitor.who} users to whoever comes", tuple(ways)

    known = [scene.roles[role] for role in visitor.roles if role is not None and role in scene.roles]
    for name in visitor.roles:
        admitted: Condition = Unseen(f"the role that {visitor.pool.id} gives to {visitor.who} users was not read")
        if (role := scene.roles.get(name or "")) is not None:
            admitted = may_become(scene, _token(visitor, role), role).decision.condition
        found = Found((visitor.source,), visitor.guise, all_of((visitor.allowed, admitted)))
        yield from edges(Sort(visitor.kind, guise=True), [found], _people(visitor), explain)


def _asked_for(scene: Scene, visitor: Visitor) -> Iterator[Edge]:
    """Yield the edges to every role that admits the pool's token: the basic flow, if it is on."""
    unread = Unseen(f"whether the basic flow of {visitor.pool.id} is on was not read")
    flow = {Answer.YES: ALWAYS, Answer.NO: NEVER}.get(visitor.pool.classic_flow, unread)
    found = [
        Found((visitor.source,), role.arn, all_of((visitor.allowed, flow, condition)))
        for roles in scene.alike_roles
        if _admits(roles[0])
        for condition in [may_become(scene, _token(visitor, roles[0]), roles[0]).decision.condition]
        for role in roles
    ]

    def explain(_: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        role = scene.roles[target]
        said = f"a {visitor.who} token of {visitor.pool.id} is enough to ask for the role {target} (basic flow)"
        return said, ((may_become(scene, _token(visitor, role), role),),)

    yield from edges(Sort(visitor.kind), found, _people(visitor), explain)


def _picked_by_rule(scene: Scene, visitor: Visitor) -> Iterator[Edge]:
    """Yield the edges to roles that a rule of the pool picks by a claim of the user's token."""
    if visitor.who != "signed-in":
        return
    found = []
    for who, name in visitor.pool.roles or ():
        rule = _rule(who)
        if rule is not None and name in scene.roles:
            role = scene.roles[name]
            admitted = may_become(scene, _token(visitor, role), role).decision.condition
            found.append(Found((visitor.source,), name, all_of((rule, admitted))))

    def explain(_: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        role = scene.roles[target]
        said = f"a rule of {visitor.pool.id} gives the role {target} to users by what their token says"
        return said, ((may_become(scene, _token(visitor, role), role),),)

    yield from edges(Sort(visitor.kind), found, _people(visitor), explain)


def _rule(who: str) -> Condition | None:
    """Read a rule as the collection keeps it ("CLAIM MATCH VALUE"); None for what is no rule."""
    claim, _, rest = who.partition(" ")
    match, _, value = rest.partition(" ")
    pattern = {"StartsWith": Pattern((value, MANY)), "Contains": Pattern((MANY, value, MANY))}.get(match)
    if pattern is not None:
        return Test(claim, Operator.LIKE, (pattern,), source=who)
    if match in ("Equals", "NotEqual"):
        return Test(claim, Operator.EQUALS, (Pattern((value,)),), negated=match == "NotEqual", source=who)
    return None


def _of_any_pool(scene: Scene) -> Iterator[Edge]:
    """Yield the edges to roles whose trust policy asks for no pool, or for one of which there is no record."""
    pools = {one.id.rpartition("/")[2] for one in scene.facts.estate.federations.values() if one.kind == "cognito"}
    found: list[Found] = []
    people: dict[str, Asker] = {}
    for roles in scene.alike_roles:
        if not _admits(roles[0]):
            continue
        for pool in (_SOMEBODYS_POOL, *sorted(_named(roles[0], _AUD) - pools)):
            known = pool == _SOMEBODYS_POOL
            source = ANYONE if known else f"identity pool {pool}"
            people[source] = Asker(source, Caller(Kind.FEDERATED, COGNITO, claims={_AUD: (pool,)}))
            condition, _ = best(_with_any_token(scene, pool, roles[0]))
            seen = ALWAYS if known else Unseen(f"the identity pool {pool} was not read")
            found += [Found((source,), role.arn, all_of((condition, seen))) for role in roles]

    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        whose = "any identity pool" if asker.principal == ANYONE else asker.principal
        _, ways = best(_with_any_token(scene, asker.caller.claims[_AUD][0], scene.roles[target]))
        return f"a token of {whose} is enough to ask for the role {target}", ways

    yield from edges(Sort("federate"), found, people, explain)


def _with_any_token(scene: Scene, pool: str, role: Role) -> Iterator[Way]:
    for amr in ("unauthenticated", "authenticated"):
        yield (may_become(scene, token_of_pool(pool, amr), role),)


def token_of_pool(pool: str, amr: str) -> Caller:
    """Return whoever comes with a token of a pool, by its id, as a guest or signed in (``amr``)."""
    return Caller(Kind.FEDERATED, COGNITO, claims={_AUD: (pool,), _AMR: (amr,)})


def _admits(role: Role) -> bool:
    return COGNITO in role.admits.federated or role.admits.open


def _token(visitor: Visitor, role: Role) -> Caller:
    return Caller(Kind.FEDERATED, COGNITO, claims=_claims(visitor, role))


def _claims(visitor: Visitor, role: Role | None) -> dict[str, tuple[str, ...]]:
    """Return what a pool's token says. How somebody signed in is open, and told where a trust policy asks for it."""
    claims: dict[str, tuple[str, ...]] = {_AUD: (visitor.pool.id.rpartition("/")[2],)}
    asked = _named(role, _AMR) if role is not None else frozenset()
    if visitor.who == "guest" or asked <= {"authenticated", "unauthenticated"}:
        claims[_AMR] = (visitor.amr,)
    return claims


def _named(role: Role, key: str) -> frozenset[str]:
    """Return the values that a trust policy compares a key with."""
    document = role.facts.trust.document if role.facts.trust else None
    return frozenset(
        value
        for item in (document.statements if document else ())
        if isinstance(item, Statement)
        for clause in item.condition
        if clause.key.casefold() == key.casefold()
        for value in clause.values
        if "*" not in value
    )


def _people(visitor: Visitor) -> dict[str, Asker]:
    return {visitor.source: Asker(visitor.source, Caller(Kind.FEDERATED, COGNITO))}
