"""Changes to a KMS key that let somebody decrypt: another policy, a grant, or that it works again.

From the "AWS KMS Developer Guide": PutKeyPolicy only works in the key's own account, CreateGrant across accounts too; a
grant gives no more than operations that its maker chooses, to whom its maker chooses, and its maker need not be
allowed them. Calls made by somebody itself carry neither ``kms:ViaService`` nor a true ``kms:GrantIsForAWSResource``.
Who may retire a grant, and whether it is only for a certain encryption context, its maker chooses as well: the context
of a read is no secret.

From its "Key states of AWS KMS keys": a key that is disabled or pending deletion takes another policy, but no grant. If
its deletion is cancelled it is disabled, and has to be enabled before it decrypts; both calls work only in its own
account. No call on the key itself brings back one that is unavailable or waits for its material.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cloudscan.access import ALWAYS, NEVER, Condition, Context
from cloudscan.access.conditions import any_of
from cloudscan.access.parts import Part, Way, needed
from cloudscan_aws.askers import Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.kms import KeyFacts, KeyGrant, evaluate_key_use, works
from cloudscan_aws.steps.asked import asked, fitting
from cloudscan_aws.steps.beneficiaries import Beneficiary, itself
from cloudscan_aws.steps.calls import ANEW, ask

KEY_POLICY, GRANT, CANCEL, ENABLE = "kms:PutKeyPolicy", "kms:CreateGrant", "kms:CancelKeyDeletion", "kms:EnableKey"
ALIAS, MOVED = "kms:CreateAlias", "kms:UpdateAlias"
CALLS = (KEY_POLICY, GRANT, CANCEL, ENABLE, ALIAS, MOVED)
"""Every call on a key that may open it."""
REVIVING = frozenset({CANCEL, ENABLE})
"""The calls that give nobody a right, but make the key work again."""
_BY_STATE = {"disabled": (ENABLE,), "pendingdeletion": (CANCEL, ENABLE)}
"""The calls by which a key works again, by its state, in the order in which they are made."""
GRANTEE = "kms:GranteePrincipal"
_DIRECT = ("kms:ViaService", "aws:CalledVia*")
_CONSTRAINT, _RETIRING = "kms:GrantConstraintType", "kms:RetiringPrincipal"
_CONSTRAINTS = ("EncryptionContextSubset", "EncryptionContextEquals")


def key_changes(facts: Facts, writer: Asker, key: KeyFacts, who: Beneficiary) -> Iterator[tuple[Way, KeyFacts]]:
    """Yield what somebody may change about a key so that another may decrypt with it, and the key as it then is."""
    reviving = () if works(key) else _BY_STATE.get((key.state or "").lower().replace("-", ""))
    at_home = writer.account == key.account
    if key.managed_by_aws or reviving is None or (reviving and not at_home):
        return
    working = replace(key, state="Enabled") if reviving else key
    revived = tuple(may(facts, writer, working, call, Context()) for call in reviving)
    if revived and needed(revived) is not NEVER:
        yield revived, working
    if at_home:
        yield from _policy(facts, writer, working, who, reviving)
        yield from ((revived + calls, changed) for calls, changed in _aliased(facts, writer, working, who))
    if who.asker.caller.signs and needed(revived) is not NEVER:  # a grant is for an identity
        yield from ((revived + calls, changed) for calls, changed in _grant(facts, writer, working, who))


def _policy(
    facts: Facts, writer: Asker, key: KeyFacts, who: Beneficiary, reviving: tuple[str, ...]
) -> Iterator[tuple[Way, KeyFacts]]:
    """Yield writing the policy. Whoever may can first write one by which it may make the key work again."""
    part = may(facts, writer, key, KEY_POLICY, Context())
    own = _written(key, itself(writer))
    revived = tuple(may(facts, writer, own, call, Context()) for call in reviving)
    if needed((part, *revived)) is not NEVER:
        yield (part, *revived), _written(key, who)


def _written(key: KeyFacts, who: Beneficiary) -> KeyFacts:
    return replace(key, policy=who.policy(f"{ANEW}key policy of {key.arn}", "kms:*", "*"))


def _aliased(facts: Facts, writer: Asker, key: KeyFacts, who: Beneficiary) -> Iterator[tuple[Way, KeyFacts]]:
    """Yield giving the key an alias that some document asks for: a new one, or one that another key has.

    From "Controlling access to aliases": the call must be allowed on the alias, and on each key that it touches.
    """
    policies = [key.policy] if key.policy is not None else []
    start, held = key.arn.rpartition(":")[0], key.aliases or ()
    names = map(fitting, asked(facts, who.asker.caller, "kms:Decrypt", "kms:ResourceAliases", policies))
    for name in names:
        if name.startswith("alias/") and not name.startswith("alias/aws/") and name not in held:
            near = (other for other in facts.keys.values() if other.arn.startswith(f"{start}:") and other != key)
            before = [other for other in near if name in (other.aliases or ())]
            call = MOVED if before else ALIAS
            on_keys = (may(facts, writer, each, call, Context()) for each in (key, *before))
            way = (ask(facts, writer, call, f"{start}:{name}"), *on_keys)
            if needed(way) is not NEVER:
                yield way, replace(key, aliases=(*held, name))


def _grant(facts: Facts, writer: Asker, key: KeyFacts, who: Beneficiary) -> Iterator[tuple[Way, KeyFacts]]:
    part = _surest(_granting(facts, writer, key, Context.of({GRANTEE: who.grantee})))
    if part.decision.condition is not NEVER:
        grant = KeyGrant(who.grantee, frozenset({"Decrypt"}), name=f"{ANEW}to {who.grantee}")
        yield (part,), replace(key, grants=(*(key.grants or ()), grant))


def to_whom(facts: Facts, writer: Asker, key: KeyFacts) -> Condition:
    """Return what must hold for a grant of a key to somebody of whom nothing is told: what it asks of the grantee."""
    return any_of(part.decision.condition for part in _granting(facts, writer, key, Context()))


def _granting(facts: Facts, writer: Asker, key: KeyFacts, grantee: Context) -> Iterator[Part]:
    """Ask for making a grant, with each that its maker may say of it."""
    known = Context.of({"kms:GrantIsForAWSResource": "false", "kms:GrantOperations": ("Decrypt",)})
    delegating = tuple(each for each in key.grants or () if "Decrypt" in each.operations)
    asked_of = replace(key, grants=delegating)
    for each in _chosen(facts, writer, key):
        yield may(facts, writer, asked_of, GRANT, each.over(grantee).over(known))


def _chosen(facts: Facts, writer: Asker, key: KeyFacts) -> Iterator[Context]:
    """Yield what somebody may say of a grant besides, the least first: nothing where no document asks for it."""
    policies = [key.policy] if key.policy is not None else []
    constraints = _CONSTRAINTS if asked(facts, writer.caller, GRANT, _CONSTRAINT, policies) else ()
    retiring = [fitting(each) for each in asked(facts, writer.caller, GRANT, _RETIRING, policies)]
    for who in dict.fromkeys(["", *retiring, *([writer.caller.name] if retiring else [])]):
        for constraint in ("", *constraints):
            said = {name: value for name, value in ((_CONSTRAINT, constraint), (_RETIRING, who)) if value}
            yield Context.of(said, absent={_CONSTRAINT, _RETIRING} - said.keys())


def _surest(parts: Iterable[Part]) -> Part:
    """Return the first call that is a plain yes, else the first that may be made, else one that may not."""
    made: list[Part] = []
    for part in parts:
        if part.decision.condition is ALWAYS:
            return part
        made.append(part)
    return next((part for part in made if part.decision.condition is not NEVER), made[0])


def may(facts: Facts, writer: Asker, key: KeyFacts, call: str, about: Context) -> Part:
    """Ask whether somebody may make one call on a key, of which ``about`` is known besides."""
    told = about.over(Context.of({}, absent=_DIRECT)).over(writer.told)
    operation = call.partition(":")[2]
    decision = evaluate_key_use(writer.caller, operation, key, organization=facts.organization, context=told)
    return Part(call, key.arn, decision)
