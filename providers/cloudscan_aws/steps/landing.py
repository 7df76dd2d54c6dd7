"""Where somebody has a service put data so as to read it: in a bucket of its own, or in one that it reads anyhow.

Accounts are free, so that a bucket of one's own may lie in an account that nothing names and admit whom it likes; it
may have any name that nobody has. Whoever may put only within its account or organization ("AWS global condition
context keys": aws:ResourceAccount, aws:ResourceOrgID) puts nothing there. Then a bucket of the estate counts that the
one in question reads by rights of its own, or one that it makes in its account and reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from cloudscan.access import ALWAYS, NEVER, Condition, both, decide
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Part, Way
from cloudscan.access.patterns import glob, matches
from cloudscan.model import Store
from cloudscan_aws.askers import Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import STRANGERS_ACCOUNT
from cloudscan_aws.policy.documents import Document, Policy, Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.policy.s3 import evaluate_object_request
from cloudscan_aws.policy.s3_facts import BucketFacts, Encryption, ObjectFacts
from cloudscan_aws.steps.calls import ANEW, Call, ask, filled_in, partition_of, spelled, suggested

READ, CREATE, VERSIONS = "s3:GetObject", "s3:CreateBucket", "s3:PutBucketVersioning"
_OWN = "a-bucket-of-ones-own"
_PLAIN = Encryption("SSE-S3")
OPEN = Policy.of(
    f"{ANEW}policy of a bucket of one's own",
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]},
)


@dataclass(frozen=True, slots=True)
class Landing:
    """An object that a role may put somewhere: in which bucket, and who may read it there.

    ``at_home`` says that the bucket is one that somebody makes in the role's own account; ``store`` is set if it is
    one of the estate's. With neither it is one's own elsewhere, and nothing more is needed to read it.
    """

    bucket: BucketFacts
    key: str
    put: Part
    store: Store | None = None
    at_home: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether it is a bucket of one's own in another account."""
        return self.store is None and not self.at_home

    @property
    def condition(self) -> Condition:
        """What must hold for the role to put the object."""
        return self.put.decision.condition


def landings(facts: Facts, role: Asker, action: str, key: str = "", names: Iterable[str] = ()) -> Iterator[Landing]:
    """Yield where a role may put an object, elsewhere first, the surest first.

    ``key`` is its key, "" if that is free to choose; ``names`` are buckets, or patterns of them, that matter besides.
    """
    wanted = {(_OWN, key or "any"): True}
    for text in (*(text for _, text in suggested(facts, role.caller, (Call(action, "{name}"),))), *names):
        bucket, _, rest = text.split(":", 5)[-1].partition("/")
        name, chosen = filled_in(bucket, _OWN), key or filled_in(rest, "any")
        wanted[name, chosen] = wanted.get((name, chosen), False) or name != bucket
    read = {store.name for store in facts.estate.stores.values()}
    partition = partition_of(role.caller)
    found = [
        _put(facts, role, action, BucketFacts(name, account, "", policy, encryption=_PLAIN, partition=partition), rest)
        for account, policy in ((STRANGERS_ACCOUNT, (OPEN,)), (role.account, ()))
        for (name, rest), free in wanted.items()
        if free or (name not in read and account == STRANGERS_ACCOUNT)
    ]
    new = [replace(one, at_home=one.bucket.account == role.account) for one in found]
    sure = [one if wanted[one.bucket.name, one.key] else _of_somebody(one) for one in new]
    yield from sorted((one for one in sure if one.condition is not NEVER), key=_rank)
    yield from _in_stores(facts, role, action, key)


def makeable(facts: Facts, asker: Asker) -> tuple[str, ...]:
    """Return the patterns of buckets that somebody may be allowed to make."""
    return tuple(dict.fromkeys(text for _, text in suggested(facts, asker.caller, (Call(CREATE, "{name}"),))))


def _rank(one: Landing) -> tuple[bool, bool]:
    return one.at_home, one.condition is not ALWAYS


def _in_stores(facts: Facts, role: Asker, action: str, key: str) -> Iterator[Landing]:
    """Yield the buckets of the estate into which a role may put an object, where it or the bucket says so."""
    policies = role.caller.policies
    wanted = ("*",) if policies is None else (text for one in policies for text in _allowed(one.document, action))
    texts = {spelled(text, role.caller).split(":", 5)[-1].partition("/")[::2] for text in wanted}
    named = {rest for _, rest in texts}
    for name, bucket in facts.buckets.items():
        fitting = {rest for wanted, rest in texts if matches(glob(wanted), bucket.name)}
        if bucket.policy is None or any(_allowed(one.document, action) for one in bucket.policy):
            fitting = named | {"*"}
        for chosen in sorted({key} if key and fitting else {filled_in(rest, "any") for rest in fitting}):
            one = replace(_put(facts, role, action, bucket, chosen), store=facts.estate.stores[name])
            if one.condition is not NEVER:
                yield one
                break


@lru_cache(maxsize=1 << 14)
def _allowed(document: Document, action: str) -> tuple[str, ...]:
    """Return what a document may allow an action on, as patterns."""
    items = (item for item in document.statements if not isinstance(item, Statement) or item.effect == "Allow")
    return tuple(
        text
        for item in items
        if not isinstance(item, Statement) or covers(item, action.lower())
        for text in ((isinstance(item, Statement) and item.resources) or ("*",))
    )


def _put(facts: Facts, role: Asker, action: str, bucket: BucketFacts, key: str) -> Landing:
    decision = evaluate_object_request(
        role.caller,
        action,
        bucket,
        key,
        ObjectFacts(owner=bucket.account, acl=(), encryption=bucket.encryption or _PLAIN),
        keys=facts.keys,
        organization=facts.organization,
        context=role.told,
    )
    return Landing(bucket, key, Part(action, f"{bucket.arn}/{key}", decision, who=role.principal))


def _of_somebody(one: Landing) -> Landing:
    unread = decide(Unseen(f"whose bucket {one.bucket.name} is was not read"))
    return replace(one, put=replace(one.put, decision=both((one.put.decision, unread))))


def taken(
    facts: Facts, reader: Asker, landing: Landing, how: Encryption | None = None, *, versions: bool = False
) -> Way:
    """Ask for what somebody needs to have an object land there, and to read it.

    ``how`` is what it is encrypted under, if not by the bucket's default; ``versions`` says that the bucket has to
    keep versions.
    """
    if landing.elsewhere:
        return ()
    bucket = landing.bucket
    made = (CREATE, *([VERSIONS] if versions else [])) if landing.at_home else ()
    making = tuple(ask(facts, reader, call, bucket.arn) for call in made)
    read = evaluate_object_request(
        reader.caller,
        READ,
        bucket,
        landing.key,
        ObjectFacts(owner=bucket.account, acl=(), encryption=how or bucket.encryption or _PLAIN),
        keys=facts.keys,
        organization=facts.organization,
        context=reader.told,
    )
    return (*making, Part(READ, f"{bucket.arn}/{landing.key}", read))
