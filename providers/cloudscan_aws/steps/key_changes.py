"""Changes to a KMS key that let somebody decrypt: another policy, or a grant.

From the "AWS KMS Developer Guide": PutKeyPolicy only works in the key's own account, CreateGrant across accounts too; a
grant gives no more than operations that its maker chooses, to whom its maker chooses, and its maker need not be
allowed them. Calls made by somebody itself carry neither ``kms:ViaService`` nor a true ``kms:GrantIsForAWSResource``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cloudscan.access import NEVER, Context
from cloudscan_aws.askers import Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.kms import KeyFacts, KeyGrant, evaluate_key_use
from cloudscan_aws.steps.beneficiaries import Beneficiary
from cloudscan_aws.steps.calls import ANEW, Part, Way

KEY_POLICY, GRANT = "kms:PutKeyPolicy", "kms:CreateGrant"
_DIRECT = ("kms:ViaService", "aws:CalledVia*", "kms:GrantConstraintType", "kms:RetiringPrincipal")


def key_changes(facts: Facts, writer: Asker, key: KeyFacts, who: Beneficiary) -> Iterator[tuple[Way, KeyFacts]]:
    """Yield what somebody may change about a key so that another may decrypt with it, and the key as it then is."""
    if key.managed_by_aws:
        return
    if writer.account == key.account:
        part = _may(facts, writer, key, KEY_POLICY, Context())
        if part.decision.condition is not NEVER:
            policy = who.policy(f"{ANEW}key policy of {key.arn}", "kms:*", "*")
            yield (part,), replace(key, policy=policy)
    if not who.asker.caller.signs:  # a grant is for an identity
        return
    known = {"kms:GranteePrincipal": who.grantee, "kms:GrantIsForAWSResource": "false"}
    about = Context.of({**known, "kms:GrantOperations": ("Decrypt",)})
    delegating = tuple(each for each in key.grants or () if "Decrypt" in each.operations)
    part = _may(facts, writer, replace(key, grants=delegating), GRANT, about)
    if part.decision.condition is not NEVER:
        grant = KeyGrant(who.grantee, frozenset({"Decrypt"}), name=f"{ANEW}to {who.grantee}")
        yield (part,), replace(key, grants=(*(key.grants or ()), grant))


def _may(facts: Facts, writer: Asker, key: KeyFacts, call: str, about: Context) -> Part:
    told = about.over(Context.of({}, absent=_DIRECT)).over(writer.told)
    operation = call.partition(":")[2]
    decision = evaluate_key_use(writer.caller, operation, key, organization=facts.organization, context=told)
    return Part(call, key.arn, decision)
