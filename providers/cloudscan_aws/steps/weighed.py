"""Which steps towards an object somebody is allowed by policies of their own and something stops.

That is a deny, a boundary, a control policy of the organization, or a key policy that does not trust the account. Of
what neither a policy of their own speaks for, nor by name the trust policy of a role, nothing is told: of that there is
no end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cloudscan.access import NEVER, Context, Effect
from cloudscan.access.held_back import HeldBack, in_vain, of, told
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.openings import Opening
from cloudscan.access.parts import Part
from cloudscan_aws.askers import Asker, inside, names_of
from cloudscan_aws.buckets import READ_CALLS, Bucket
from cloudscan_aws.policy.documents import Statement
from cloudscan_aws.policy.matching import relevant
from cloudscan_aws.steps import bucket_changes, key_changes
from cloudscan_aws.steps.assume import may_assume
from cloudscan_aws.steps.opening import key_of
from cloudscan_aws.steps.rewrites import tried
from cloudscan_aws.steps.scene import Role, Scene

_ON_BUCKET = (bucket_changes.POLICY, bucket_changes.NO_POLICY)
_ON_KEY = (key_changes.KEY_POLICY, key_changes.GRANT)
_STOPS = (Effect.DENIES, Effect.LACKS)


def held_back(bucket: Bucket, asker: Asker, found: KeyClass) -> Sequence[HeldBack]:
    """Return them, each with what stops it: a call that is refused, or a read that is refused even so."""
    if not asker.caller.signs:
        return ()
    target = f"{bucket.store.id}/{found.example}"
    openings = (Opening(one.calls, one.read, one.who.who) for one in tried(bucket, asker, found))
    parts = [part for part in _weighed(bucket, asker, found) if _allowed(asker, part)]
    parts += _roles(bucket, asker, found)
    return told([*_refused(parts), *in_vain(openings, target)])


def _roles(bucket: Bucket, asker: Asker, found: KeyClass) -> Iterator[Part]:
    """Ask for assuming each role that reads, where a policy of one's own, or its trust policy by name, allows it."""
    insiders = inside(bucket.facts)
    people = {each.principal: each for each in insiders}
    scene = Scene(bucket.facts, insiders)
    for arn, role in sorted(scene.roles.items()):
        part = may_assume(scene, asker, role)
        given = _allowed(asker, part) or _is_trusted(asker, role)
        refused_though_given = given and part.decision.condition is NEVER and arn in people
        if refused_though_given and bucket.decide(people[arn], READ_CALLS, found).condition is not NEVER:
            yield part


def _is_trusted(asker: Asker, role: Role) -> bool:
    """Say whether a trust policy admits somebody by name."""
    names = frozenset(names_of(asker))
    items = role.facts.trust.document.statements if role.facts.trust else ()
    admitting = (item for item in items if isinstance(item, Statement) and item.effect == "Allow" and item.principals)
    return any(name in names for item in admitting if item.principals for _, name in item.principals.names)


def _refused(parts: Iterable[Part]) -> Iterator[HeldBack]:
    for part in parts:
        if part.decision.condition is NEVER:
            yield HeldBack((part.action,), part.resource, of(part.decision, _STOPS))


def _allowed(asker: Asker, part: Part) -> bool:
    """Say whether a policy of somebody's own speaks for a call: a deny that settles an answer leaves that out of it."""
    items = (
        item
        for policy in asker.caller.policies or ()
        for item in relevant(policy.document, part.action.lower(), part.resource)
    )
    return any(isinstance(item, Statement) and item.effect == "Allow" for item in items)


def _weighed(bucket: Bucket, asker: Asker, found: KeyClass) -> Iterator[Part]:
    """Ask for the calls with which such steps begin."""
    facts, key = bucket.facts, key_of(bucket, found)
    if asker.account == bucket.store.account:
        for call in _ON_BUCKET:
            yield Part(call, bucket.held.arn, bucket.decide_on_itself(asker, [call]))
    if key is None:
        return
    for call in _ON_KEY:
        yield key_changes.may(facts, asker, key, call, Context())
