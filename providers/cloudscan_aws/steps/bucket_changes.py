"""Changes to a bucket that open its objects: what is called for each, and how the objects are read afterwards.

From the "Amazon S3 User Guide": bucket policies (only an identity of the bucket's own account may write one), access
points, access control lists, and object ownership, which decides whether lists are heeded. What makes a policy or a
list public, and so is refused by block public access, is never needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from cloudscan.access import ALWAYS, NEVER, Context, Decision
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.parts import Part, Way, needed
from cloudscan_aws.askers import Asker
from cloudscan_aws.buckets import READ_CALLS, Bucket
from cloudscan_aws.facts import encryption
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.policy.kms import KeyFacts
from cloudscan_aws.policy.s3 import evaluate_object_request
from cloudscan_aws.policy.s3_facts import (
    AccessPointFacts,
    AclEntry,
    BucketFacts,
    ObjectFacts,
    Ownership,
    PublicAccessBlock,
)
from cloudscan_aws.steps.beneficiaries import Beneficiary, itself
from cloudscan_aws.steps.calls import ANEW, Call, ask, ways
from cloudscan_aws.steps.tags import object_tags

POLICY, NO_POLICY, OWNERSHIP = "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketOwnershipControls"
UNBLOCK, UNBLOCK_ACCOUNT = "s3:PutBucketPublicAccessBlock", "s3:PutAccountPublicAccessBlock"
LIST, POINT, POINT_POLICY = "s3:PutObjectAcl", "s3:CreateAccessPoint", "s3:PutAccessPointPolicy"
TAG = "s3:PutObjectTagging"
ON_OBJECTS = (LIST, TAG)
"""The calls on objects that may open them."""
_NEW_POINT = "arn:{partition}:s3:{region}:{account}:accesspoint/{name}"
_OPEN = PublicAccessBlock()
"""The switches of block public access, all off."""

Keys = Mapping[str, KeyFacts]
Read = Callable[[Beneficiary, Keys], Decision]
"""Asks whether somebody reads the objects in question when a change was made for it, with such keys."""


@dataclass(frozen=True, slots=True)
class Change:
    """Calls that change a bucket, and how its objects are read afterwards. ``()`` changes nothing.

    ``tags`` are those that the calls give the objects: calls on the same things differ in them alone.
    """

    calls: Way
    read: Read
    tags: tuple[tuple[str, str], ...] = ()


def changes(bucket: Bucket, writer: Asker, found: KeyClass) -> Iterator[Change]:
    """Yield what somebody may change about a bucket to open a class of its keys, nothing first."""
    yield Change((), lambda who, keys: _decide(bucket, bucket.held, found, who, keys))
    if writer.account == bucket.store.account:
        yield from _of_settings(bucket, writer, found)
    yield from _of_points(bucket, writer, found)
    yield from _of_lists(bucket, writer, found)
    yield from _of_tags(bucket, writer, found)


def _decide(bucket: Bucket, held: BucketFacts, found: KeyClass, who: Beneficiary, keys: Keys) -> Decision:
    return Bucket(bucket.facts, bucket.store, held, keys).decide(who.asker, READ_CALLS, found)


def _of_settings(bucket: Bucket, writer: Asker, found: KeyClass) -> Iterator[Change]:
    """Yield writing another policy, taking the policy away with its denies, and what is then set besides."""

    def read(held: BucketFacts, *, anew: bool) -> Read:
        def as_it_is_then(who: Beneficiary, keys: Keys) -> Decision:
            policies = (_policy(bucket, who),) if anew else held.policy
            return _decide(bucket, replace(held, policy=policies), found, who, keys)

        return as_it_is_then

    for policies, written, anew in _policies(bucket, writer):
        yield Change(policies, read(written, anew=anew))
        for settings, held in _settings(bucket, writer, written, found):
            yield Change((*policies, *settings), read(held, anew=anew))
    for settings, held in _settings(bucket, writer, bucket.held, found):
        yield Change(settings, read(held, anew=False))


def _policy(bucket: Bucket, who: Beneficiary) -> Policy:
    arn = bucket.held.arn
    return who.policy(f"{ANEW}bucket policy of {bucket.store.name}", "s3:*", arn, f"{arn}/*")


def _policies(bucket: Bucket, writer: Asker) -> Iterator[tuple[Way, BucketFacts, bool]]:
    """Yield the calls that change the policy, the bucket as it then is for the writer, and if one was written anew.

    What denies that it be written can itself be taken away first.
    """
    written, gone = replace(bucket.held, policy=(_policy(bucket, itself(writer)),)), replace(bucket.held, policy=())
    put, delete = _may(bucket, writer, POLICY, bucket.held), _may(bucket, writer, NO_POLICY, bucket.held)
    ways: list[tuple[Way, BucketFacts, bool]] = [((put,), written, True), ((delete,), gone, False)]
    if put.decision.condition is not ALWAYS and delete.decision.condition is not NEVER:
        ways.append(((delete, _may(bucket, writer, POLICY, gone)), written, True))
    yield from (way for way in ways if needed(way[0]) is not NEVER)


def _settings(bucket: Bucket, writer: Asker, held: BucketFacts, found: KeyClass) -> Iterator[tuple[Way, BucketFacts]]:
    """Yield what else can be set: that objects of others are the owner's, and that lists for everybody count.

    From the "Amazon S3 User Guide", controlling ownership of objects: with BucketOwnerEnforced the bucket's owner owns
    every object in it.
    """
    if held.ownership is Ownership.BUCKET_OWNER_ENFORCED:
        return
    if _object(bucket, found).owner != bucket.store.account:
        part = _may(bucket, writer, OWNERSHIP, held)
        if part.decision.condition is not NEVER:
            yield (part,), replace(held, ownership=Ownership.BUCKET_OWNER_ENFORCED)
    if bucket.facts.object_acl(found.acl) and any(block is None or block != _OPEN for block in held.blocks):
        shut = zip((UNBLOCK, UNBLOCK_ACCOUNT), held.blocks, strict=False)
        way = tuple(_may(bucket, writer, call, held) for call, block in shut if block != _OPEN)
        if needed(way) is not NEVER:
            yield way, replace(held, blocks=tuple(_OPEN for _ in held.blocks))


def _may(bucket: Bucket, writer: Asker, call: str, held: BucketFacts) -> Part:
    """Ask about a call on a bucket as it is by then; the switches of an account are no bucket's."""
    if call == UNBLOCK_ACCOUNT:
        return ask(bucket.facts, writer, call, "*")
    as_it_is = Bucket(bucket.facts, bucket.store, held, bucket.keys)
    return Part(call, held.arn, as_it_is.decide_on_itself(writer, [call]))


def _of_points(bucket: Bucket, writer: Asker, found: KeyClass) -> Iterator[Change]:
    """Yield writing the policy of an access point, and making an access point, with a policy or without."""

    def through(point: AccessPointFacts, *, written: bool) -> Read:
        def read(who: Beneficiary, keys: Keys) -> Decision:
            policy = who.policy(f"{ANEW}policy of {point.arn}", "s3:*", point.arn, f"{point.arn}/object/*")
            other = Bucket(bucket.facts, bucket.store, bucket.held, keys)
            other.doors = [replace(point, policy=(policy,) if written else point.policy)]
            return other.decide(who.asker, READ_CALLS, found)

        return read

    for point in bucket.doors:
        if point is not None and point.account == writer.account:
            part = ask(bucket.facts, writer, POINT_POLICY, point.arn)
            if part.decision.condition is not NEVER:
                yield Change((part,), through(point, written=True))
    for actions in ((POINT,), (POINT, POINT_POLICY)):
        calls = [Call(action, _NEW_POINT) for action in actions]
        for way in ways(bucket.facts, writer, [calls], wanted=_doors_asked_for(bucket)):
            if way[0].resource in bucket.facts.estate.access_points:
                continue
            made = AccessPointFacts(way[0].resource, writer.account)
            yield Change(way, through(made, written=len(actions) > 1))


def _doors_asked_for(bucket: Bucket) -> list[str]:
    """Return the access points that the bucket's policy compares, whether they are there or not."""
    items = (item for policy in bucket.held.policy or () for item in policy.document.statements)
    clauses = (clause for item in items if isinstance(item, Statement) for clause in item.condition)
    return [text for each in clauses if each.key.casefold() == "s3:dataaccesspointarn" for text in each.values]


def _of_lists(bucket: Bucket, writer: Asker, found: KeyClass) -> Iterator[Change]:
    """Yield writing the lists of objects, where lists are heeded or can be made to be."""
    held, calls = bucket.held, tuple[Part, ...]()
    if held.ownership is Ownership.BUCKET_OWNER_ENFORCED:
        part = Part(OWNERSHIP, held.arn, bucket.decide_on_itself(writer, [OWNERSHIP]))
        if writer.account != bucket.store.account or part.decision.condition is NEVER:
            return
        held, calls = replace(held, ownership=Ownership.OBJECT_WRITER), (part,)

    def read(who: Beneficiary, keys: Keys) -> Decision:
        obj = _object(bucket, found, AclEntry(who.asker.account or who.grantee, "FULL_CONTROL"))
        return _reads(bucket, held, found, obj, who, keys)

    as_it_is = _ask(bucket, held, writer, LIST, found, _object(bucket, found), bucket.keys)
    way = (*calls, Part(LIST, f"{held.arn}/{found.example}", as_it_is))
    if needed(way) is not NEVER:
        yield Change(way, read)


def _of_tags(bucket: Bucket, writer: Asker, found: KeyClass) -> Iterator[Change]:
    """Yield giving the objects the tags that some document asks for; the call takes all others away."""

    def read(tags: Mapping[str, str]) -> Read:
        obj = replace(_object(bucket, found, *bucket.facts.object_acl(found.acl) or ()), tags=tags)
        return lambda who, keys: _reads(bucket, bucket.held, found, obj, who, keys)

    for tags in object_tags(bucket.facts, writer.caller, bucket.held.policy or ()):
        said = {f"s3:RequestObjectTag/{name}": value for name, value in tags.items()}
        about = Context.of({**said, "s3:RequestObjectTagKeys": tuple(tags)}, absent=["s3:RequestObjectTag/*"])
        asked = _ask(bucket, bucket.held, writer, TAG, found, _object(bucket, found), bucket.keys, about)
        if asked.condition is not NEVER:
            yield Change(
                (Part(TAG, f"{bucket.held.arn}/{found.example}", asked),), read(tags), tuple(sorted(tags.items()))
            )


def _reads(
    bucket: Bucket, held: BucketFacts, found: KeyClass, obj: ObjectFacts, who: Beneficiary, keys: Keys
) -> Decision:
    """Ask whether somebody reads an object of a class, however it may be encrypted."""

    def read(call: str) -> Decision:
        return bucket.encrypted(
            found, lambda how: _ask(bucket, held, who.asker, call, found, replace(obj, encryption=how), keys)
        )

    return bucket.by_one_of(READ_CALLS, who.asker, read)


def _object(bucket: Bucket, found: KeyClass, *acl: AclEntry) -> ObjectFacts:
    """Return an object of a class, for calls that do not hang on how it is encrypted, unless that was read."""
    owner = bucket.store.account if found.owner in (None, bucket.store.owner) else found.owner
    how = encryption(found.encryption_mode, found.key_id) or bucket.held.encryption
    return ObjectFacts(owner=owner, acl=acl, encryption=how)


def _ask(
    bucket: Bucket,
    held: BucketFacts,
    asker: Asker,
    call: str,
    found: KeyClass,
    obj: ObjectFacts,
    keys: Keys,
    about: Context | None = None,
) -> Decision:
    return evaluate_object_request(
        asker.caller,
        call,
        held,
        found.example,
        obj,
        keys=keys,
        organization=bucket.facts.organization,
        context=asker.told if about is None else about.over(asker.told),
    )
