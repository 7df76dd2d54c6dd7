"""Have Amazon S3 copy a bucket into one of one's own: replication, with a role that reads for it.

From the "Amazon S3 User Guide", replicating objects: the bucket keeps versions; its configuration names a role that S3
may act as, and that may read the configuration, list the bucket, get versions for replication, use the key, and
replicate into the other bucket. What is copied are the objects that are put from then on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscan.access import NEVER, Decision, decide
from cloudscan.access.conditions import Unseen, all_of
from cloudscan_aws.askers import Asker
from cloudscan_aws.buckets import Bucket
from cloudscan_aws.facts import encryption
from cloudscan_aws.keyspace import KeyClass
from cloudscan_aws.policy.s3 import evaluate_object_request
from cloudscan_aws.policy.s3_facts import ObjectFacts, Target
from cloudscan_aws.policy.s3_key import evaluate_use_of_key
from cloudscan_aws.steps.calls import OWN_OBJECT, Part, Way, ask, needed
from cloudscan_aws.steps.pass_role import admits, may_pass
from cloudscan_aws.steps.scene import Role, Scene

S3 = "s3.amazonaws.com"
REPLICATE, VERSIONS = "s3:PutReplicationConfiguration", "s3:PutBucketVersioning"


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


def copied(bucket: Bucket, copier: Copier, found: KeyClass) -> Decision:
    """Ask whether a role may copy a class of keys into a bucket of somebody's own."""
    asker, held = copier.asker, bucket.held
    on_bucket = [bucket.decide_on_itself(asker, [call]) for call in ("s3:GetReplicationConfiguration", "s3:ListBucket")]
    owner = bucket.store.account if found.owner in (None, bucket.store.owner) else found.owner
    how = encryption(found.encryption_mode, found.key_id) or held.encryption
    obj = ObjectFacts(owner=owner, acl=(), encryption=how)
    got = evaluate_object_request(
        asker.caller,
        "s3:GetObjectVersionForReplication",
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
    other = OWN_OBJECT.format(partition=held.partition, key=found.example)
    put = ask(bucket.facts, asker, "s3:ReplicateObject", other).decision
    every = [*on_bucket, got, under, put]
    return Decision(all_of(each.condition for each in every), tuple(one for each in every for one in each.proof))
