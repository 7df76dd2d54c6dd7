"""Which managed policies somebody could attach, that are worth it: those of AWS, and those of the account.

The widest first. If that is refused, as where ``iam:PolicyARN`` is limited, those count that conditions speak of, and
whatever the account holds. From "Actions, resources, and condition keys for AWS Identity and Access Management".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cloudscan.access import ALWAYS, NEVER, Condition, Context
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Way
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.callers import EVERYTHING, Caller
from cloudscan_aws.policy.documents import Document, Policy, Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.steps.asked import asked
from cloudscan_aws.steps.attachable import policies_of_aws, policies_of_aws_like
from cloudscan_aws.steps.calls import Call, ask, names_for, partition_of
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.things import short_name

MAKES = "iam:CreatePolicy"
_POLICY = "arn:{partition}:iam::{account}:policy/{name}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A managed policy that could be attached: its ARN, what it says, what of that is open, and how it is made."""

    arn: str
    policy: Policy
    hangs_on: Condition = ALWAYS
    first: Way = ()


def offers(scene: Scene, asker: Asker, call: str, on: str, known: Context) -> Iterator[Offer]:
    """Yield the policies that somebody could attach to an identity or group by a call on it, the widest first."""
    if not _may(asker.caller, call):
        return
    usual = policies_of_aws(partition_of(asker.caller))
    yield from (Offer(arn, policy) for arn, policy in usual.items())
    about = Context.of({"iam:PolicyARN": next(iter(usual))}).over(known)
    widest = ask(scene.facts, asker, call, on, about).decision.condition
    if widest is ALWAYS:
        return
    account = on.split(":")[4]
    wanted = asked(scene.facts, asker.caller, call, "iam:PolicyARN")
    if widest is NEVER:
        yield from _made(scene, asker, account, wanted)
        wanted.append(f"arn:*:iam::{account}:policy/*")
    yield from _like(scene, account, partition_of(asker.caller), wanted, usual)


def _made(scene: Scene, asker: Asker, account: str, wanted: Iterable[str]) -> Iterator[Offer]:
    """Yield policies that somebody could make first, under every name that may count and no policy has yet.

    A name is taken whatever the path and the case of its letters ("IAM and AWS STS quotas": IAM name requirements).
    """
    taken = {short_name(policy.name.partition("#")[0]) for policy in scene.managed(account, "*")}
    if _may(asker.caller, MAKES):
        for _, name in names_for(scene.facts, asker.caller, (Call(MAKES, _POLICY),), wanted):
            arn = _POLICY.format(partition=partition_of(asker.caller), account=asker.account, name=name)
            part = ask(scene.facts, asker, MAKES, arn)
            if short_name(arn) not in taken and part.decision.condition is not NEVER:
                yield Offer(arn, EVERYTHING, first=(part,))


def _like(scene: Scene, account: str, partition: str, wanted: list[str], usual: dict[str, Policy]) -> Iterator[Offer]:
    """Yield the policies whose ARNs fit patterns: what was read of one counts more than what is known of it."""
    told = set(usual)
    said: set[Document] = set()
    for text in wanted:
        for policy in scene.managed(account, text):
            arn = policy.name.partition("#")[0]
            if arn not in told and policy.document not in said:
                yield Offer(arn, policy)
            told.add(arn)
            said.add(policy.document)
    for text in wanted:
        for arn, policy, is_open in policies_of_aws_like(partition, text):
            if arn not in told:
                yield Offer(arn, policy, Unseen(f"{is_open} was not read") if is_open else ALWAYS)
            told.add(arn)


def _may(caller: Caller, call: str) -> bool:
    """Say whether something that was read of a caller's policies allows a call, or was not read."""
    return caller.policies is None or any(_allows(policy.document, call.lower()) for policy in caller.policies)


@lru_cache(maxsize=1 << 14)
def _allows(document: Document, call: str) -> bool:
    items = [item for item in document.statements if isinstance(item, Statement)]
    return any(item.effect == "Allow" and covers(item, call) for item in items)
