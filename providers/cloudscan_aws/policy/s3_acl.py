"""What the ACLs of buckets and objects give.

From the "Amazon S3 User Guide": access control list (ACL) overview, controlling ownership of objects, and the
switch IgnorePublicAcls of blocking public access.
"""

from __future__ import annotations

from collections.abc import Iterable

from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen, all_of, any_of, negate
from cloudscan_aws.policy.callers import STRANGER, Kind
from cloudscan_aws.policy.evaluate import Inquiry
from cloudscan_aws.policy.s3_facts import (
    EVERYONE_GROUP,
    SIGNED_IN_GROUP,
    AclEntry,
    Ownership,
    PublicAccessBlock,
    Target,
)

READS = frozenset({"s3:getobject", "s3:getobjectversion", "s3:getobjecttorrent"})
"""The calls that return the bytes of an object."""

WRITES = frozenset({"s3:putobject", "s3:deleteobject", "s3:deleteobjectversion"})
"""The calls that put or remove an object, which is for the bucket to allow."""

_OBJECT_ACL = {
    "READ": READS,
    "READ_ACP": {"s3:getobjectacl", "s3:getobjectversionacl"},
    "WRITE_ACP": {"s3:putobjectacl", "s3:putobjectversionacl"},
}
_BUCKET_ACL = {
    "READ": {"s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"},
    "WRITE": WRITES,
    "READ_ACP": {"s3:getbucketacl"},
    "WRITE_ACP": {"s3:putbucketacl"},
}
"""What a permission of an ACL lets its grantee do ("Access control list (ACL) overview", its tables)."""


def switched(states: Iterable[bool | None], name: str) -> Condition:
    """Say whether a switch of block public access is on: its most restrictive level counts."""
    states = list(states)
    if True in states:
        return ALWAYS
    return Unseen(f"the switch {name} was not read at every level") if None in states else NEVER


def given_by_acl(
    inquiry: Inquiry, target: Target, blocks: Iterable[PublicAccessBlock | None], consent: Condition
) -> Condition:
    """Apply the ACL. A grant to an account delegates to it; one to a group needs no policy but abroad."""
    ownership = target.bucket.ownership
    if ownership is Ownership.BUCKET_OWNER_ENFORCED or inquiry.caller.kind in (Kind.SERVICE, Kind.FEDERATED):
        return NEVER
    ignored = switched((None if block is None else block.ignore_public_acls for block in blocks), "IgnorePublicAcls")
    at_owner = inquiry.caller.signs and inquiry.caller.account == target.owner
    to_group = all_of((negate(ignored), ALWAYS if at_owner or not inquiry.caller.signs else consent))
    if target.acl is None:
        unread = Unseen(f"the ACL of {target.arn} was not read")
        named = inquiry.caller.signs and inquiry.caller.account != STRANGER.account
        granted = all_of((unread, any_of((to_group, consent if named else NEVER))))
    else:
        table = _BUCKET_ACL if target.obj is None else _OBJECT_ACL
        action = inquiry.question.action.lower()
        granted = any_of(
            _entry(inquiry, target, entry, to_group, consent)
            for entry in target.acl
            if entry.permission == "FULL_CONTROL" or action in table.get(entry.permission, ())
            if any(action in actions for actions in table.values())
        )
    if ownership is None and granted is not NEVER:
        return all_of((granted, Unseen(f"the object ownership setting of {target.bucket.name} was not read")))
    return granted


def _entry(inquiry: Inquiry, target: Target, entry: AclEntry, to_group: Condition, consent: Condition) -> Condition:
    caller = inquiry.caller
    if entry.grantee in (EVERYONE_GROUP, SIGNED_IN_GROUP):
        meant = to_group if caller.signs or entry.grantee == EVERYONE_GROUP else NEVER
    elif not caller.signs:
        meant = NEVER
    elif entry.grantee in (caller.account, caller.canonical_id):
        meant = consent
    elif caller.canonical_id is None and len(entry.grantee) == 64 and not inquiry.at_home:
        meant = all_of((consent, Unseen(f"whether {entry.grantee} is account {caller.account} is not known")))
    else:
        meant = NEVER
    if meant is not NEVER:
        of = target.arn if target.obj is not None else target.bucket.arn
        inquiry.allow(f"the ACL of {of} ({entry.permission} to {entry.grantee})", meant)
    return meant
