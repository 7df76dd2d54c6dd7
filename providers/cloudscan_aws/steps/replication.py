"""Have Amazon S3 copy a bucket into one of one's own: replication, with a role that reads for it.

From the "Amazon S3 User Guide", replicating objects: the bucket keeps versions; its configuration names a role that S3
may act as, and that may read the configuration, list the bucket, get versions for replication, use the key, and
replicate into the other bucket. What is copied are the objects that are put from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudscan.access import ALWAYS, NEVER, Context, Decision, both, decide
from cloudscan.access.conditions import Unseen
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.parts import Part, Way, needed
from cloudscan_aws.askers import Asker
from cloudscan_aws.buckets import Bucket
from cloudscan_aws.contents import Matter
from cloudscan_aws.facts import encryption
from cloudscan_aws.policy.callers import STRANGERS_ACCOUNT
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.kms import KeyFacts, evaluate_key_use
from cloudscan_aws.policy.s3 import evaluate_object_request
from cloudscan_aws.policy.s3_facts import BucketFacts, Encryption, ObjectFacts, Target
from cloudscan_aws.policy.s3_key import evaluate_use_of_key
from cloudscan_aws.steps.landing import CREATE, OPEN, READ, Landing, landings, makeable, taken
from cloudscan_aws.steps.pass_role import admits, may_pass
from cloudscan_aws.steps.scene import Role, Scene

S3 = "s3.amazonaws.com"
REPLICATE, VERSIONS = "s3:PutReplicationConfiguration", "s3:PutBucketVersioning"
GETS, PUTS = "s3:GetObjectVersionForReplication", "s3:ReplicateObject"
_ON_BUCKET = ("s3:GetReplicationConfiguration", "s3:ListBucket")


@dataclass(frozen=True, slots=True)
class Copier:
    """A role that Amazon S3 may act as, and it as one who asks."""

    role: Role
    asker: Asker


def copiers(scene: Scene) -> Iterator[Copier]:
    """Yield the roles that Amazon S3 may act as."""
    for roles in scene.alike_roles:
        if S3 in roles[0].admits.services or roles[0].admits.open:
            yield from (Copier(role, scene.people[role.arn]) for role in roles if role.arn in scene.people)


def configured(bucket: Bucket, writer: Asker, copier: Copier) -> Way:
    """Ask for the calls that make S3 copy a bucket as a role; one of them is never where it cannot be done."""
    arn, facts = bucket.held.arn, bucket.facts
    calls = [Part(REPLICATE, arn, bucket.decide_on_itself(writer, [REPLICATE]))]
    if bucket.store.versioning is None:
        calls.append(Part(VERSIONS, arn, decide(Unseen(f"whether {arn} keeps versions was not read"))))
    elif bucket.store.versioning != "enabled":
        calls.append(Part(VERSIONS, arn, bucket.decide_on_itself(writer, [VERSIONS])))
    if needed(calls) is NEVER:
        return tuple(calls)
    return (*calls, may_pass(facts, writer, S3, copier.role), admits(facts, S3, copier.role))


def told_apart_by(bucket: Bucket, copying: Iterable[Copier]) -> tuple[list[Matter], list[Policy]]:
    """Return by which matters writers differ where copies do not simply land elsewhere, and the policies on them."""
    stores: dict[str, BucketFacts] = {}
    keys: dict[str, KeyFacts] = {}
    at_home = False
    for copier in copying:
        found = landings(bucket.facts, copier.asker, PUTS)
        if (first := next(found, None)) is None or (first.elsewhere and first.condition is ALWAYS):
            continue
        rest = [first, *found]
        at_home |= any(one.at_home for one in rest)
        stores |= {one.bucket.arn: one.bucket for one in rest if one.store is not None}
        keys |= {key.arn: key for one in rest if not one.elsewhere for key in _keys_at(bucket, copier, one)}
    matters = [Matter(frozenset({READ.lower()}), f"{arn}/") for arn in stores]
    if at_home:
        made = frozenset(call.lower() for call in (READ, CREATE, VERSIONS))
        matters.append(Matter(made, f"arn:{bucket.held.partition}:s3:::"))
    if keys:
        matters.append(Matter(frozenset({"kms:decrypt"}), exactly=tuple(keys)))
    policies = [policy for one in stores.values() for policy in one.policy or ()]
    return matters, [*policies, *(key.policy for key in keys.values() if key.policy is not None)]


def copied(bucket: Bucket, writer: Asker, copier: Copier, found: KeyClass) -> Iterator[tuple[str, Way, Decision]]:
    """Yield where a role may copy a class of keys to so that the writer reads them there, its own bucket first.

    Each with what the writer has to make for it, and the answer whether they are copied and read.
    """
    got = _got(bucket, copier, found)
    how = encryption(found.encryption_mode, found.key_id) or bucket.held.encryption
    under_kms = how is not None and how.mode in ("SSE-KMS", "DSSE-KMS")
    names = makeable(bucket.facts, writer)
    for landing in landings(bucket.facts, copier.asker, PUTS, found.example, names) if got else ():
        if landing.store is None or landing.store.id != bucket.store.id:
            for key in _keys_at(bucket, copier, landing) if under_kms else (None,):
                needs = taken(bucket.facts, writer, landing, _under(key), versions=True)
                sealed = (_sealed(bucket, copier, key),) if key is not None else ()
                making = tuple(part for part in needs if part.action != READ)
                every = [*got, *sealed, landing.put, *(part for part in needs if part.action == READ)]
                yield landing.bucket.name, making, both(part.decision for part in every)


def _got(bucket: Bucket, copier: Copier, found: KeyClass) -> Way:
    """Ask for what a role needs to read a class of keys for replication; () if it cannot."""
    asker, held = copier.asker, bucket.held
    owner = bucket.store.account if found.owner in (None, bucket.store.owner) else found.owner
    how = encryption(found.encryption_mode, found.key_id) or held.encryption
    obj = ObjectFacts(owner=owner, acl=(), encryption=how)
    got = evaluate_object_request(
        asker.caller,
        GETS,
        held,
        found.example,
        obj,
        organization=bucket.facts.organization,
        context=asker.told,
    )
    target = Target(held, f"/{found.example}", obj)
    under = evaluate_use_of_key(
        asker.caller, "Decrypt", target, how, bucket.keys, bucket.facts.organization, asker.told
    )
    on_bucket = (Part(call, held.arn, bucket.decide_on_itself(asker, [call])) for call in _ON_BUCKET)
    way = (*on_bucket, Part(GETS, target.arn, got), Part("kms:Decrypt", target.arn, under))
    return () if needed(way) is NEVER else way


def _keys_at(bucket: Bucket, copier: Copier, landing: Landing) -> Iterator[KeyFacts]:
    """Yield the keys under which replicas of encrypted objects may lie: one's own elsewhere, else those that were read.

    From the "Amazon S3 User Guide", replicating encrypted objects: the configuration names a key in the region of the
    replicas (ReplicaKmsKeyID), which the role has to be allowed to encrypt under.
    """
    region = bucket.store.region
    if landing.elsewhere:
        arn = f"arn:{bucket.held.partition}:kms:{region}:{STRANGERS_ACCOUNT}:key/any"
        yield KeyFacts(arn, STRANGERS_ACCOUNT, managed_by_aws=False, policy=OPEN, grants=())
        return
    for key in bucket.facts.keys.values():
        if _sealed(bucket, copier, key).decision.condition is not NEVER:
            yield key


def _under(key: KeyFacts | None) -> Encryption | None:
    return None if key is None else Encryption("SSE-KMS", key.arn, None)


def _sealed(bucket: Bucket, copier: Copier, key: KeyFacts) -> Part:
    """Ask whether a role may encrypt replicas under a key, by way of Amazon S3."""
    told = {"kms:ViaService": f"s3.{bucket.store.region or key.arn.split(':')[3]}.amazonaws.com"}
    context = Context.of({**told, "aws:ViaAWSService": "true"}).over(copier.asker.told)
    used = evaluate_key_use(
        copier.asker.caller, "Encrypt", key, organization=bucket.facts.organization, context=context
    )
    return Part("kms:Encrypt", key.arn, used)
