"""Access control lists of buckets and objects, where they count.

From "Access control lists (ACLs)" (Cloud Storage documentation): they count only where uniform bucket-level access is
off, beside IAM: either is enough. A list of a bucket is about the bucket and the objects put into it, a list of an
object about that object alone. A permission includes those before it, and IAM's conditions do not apply to lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, AclGrant
from cloudscan_gcp.policy.members import ALL_AUTHENTICATED, ALL_USERS

_LISTS = frozenset({"storage.objects.list", "storage.buckets.get"})
_WRITES = frozenset({"storage.objects.create", "storage.objects.delete"})
_OF_BUCKET: Mapping[str, frozenset[str]] = {
    "READER": _LISTS,
    "WRITER": _LISTS | _WRITES,
    "OWNER": _LISTS
    | _WRITES
    | {"storage.buckets.update", "storage.buckets.getIamPolicy", "storage.buckets.setIamPolicy"},
}
_READS = frozenset({"storage.objects.get"})
_OF_OBJECT: Mapping[str, frozenset[str]] = {
    "READER": _READS,
    "OWNER": _READS | {"storage.objects.update", "storage.objects.getIamPolicy", "storage.objects.setIamPolicy"},
}
_MEMBERS = {ANYONE: ALL_USERS, ANYONE_SIGNED_IN: ALL_AUTHENTICATED}

OF_BUCKET = frozenset().union(*_OF_BUCKET.values())
"""The permissions that a list of a bucket can give."""
OF_OBJECT = frozenset().union(*_OF_OBJECT.values())
"""The permissions that a list of an object can give."""


def given(entries: Sequence[AclGrant], permission: str, *, of_object: bool) -> Iterator[AclGrant]:
    """Yield the entries that give a permission, the grantee as members are written in policies."""
    table = _OF_OBJECT if of_object else _OF_BUCKET
    for entry in entries:
        if permission in table.get(entry.permission.upper(), ()):
            yield AclGrant(as_member(entry.grantee), entry.permission)


def as_member(grantee: str) -> str:
    """Name whom an entry means as members of policies are named."""
    return _MEMBERS.get(grantee, grantee)
