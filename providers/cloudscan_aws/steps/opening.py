"""A way to a read: calls on a bucket and on its key that somebody makes, and who reads then."""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access import Condition, Decision
from cloudscan.access.conditions import all_of
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.parts import Way, called, needed
from cloudscan_aws.buckets import Bucket
from cloudscan_aws.facts import encryption
from cloudscan_aws.policy.kms import KeyFacts
from cloudscan_aws.policy.s3_key import key_named
from cloudscan_aws.steps.beneficiaries import Beneficiary
from cloudscan_aws.steps.bucket_changes import Change

Lock = tuple[Way, KeyFacts]
"""Calls that change a key, and the key as it then is."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A way to a read: calls that rewrite something, who reads then, and what must hold for all of it."""

    calls: Way
    who: Beneficiary
    read: Decision

    @property
    def by(self) -> str:
        """The calls, as a grant tells them."""
        return called(self.calls)

    @property
    def condition(self) -> Condition:
        """What must hold for the calls and the read, side by side."""
        return all_of((needed(self.calls), self.read.condition))


def opened(bucket: Bucket, change: Change, lock: Lock | None, who: Beneficiary) -> Opening:
    """Ask whether somebody reads once a change of the bucket was made for it, and one of the key."""
    calls, key = lock or ((), None)
    keys = bucket.keys if key is None else {**bucket.keys, key.arn: key}
    return Opening((*change.calls, *calls), who, change.read(who, keys))


def key_of(bucket: Bucket, found: KeyClass) -> KeyFacts | None:
    """Return the KMS key that a class of keys is encrypted under."""
    how = encryption(found.encryption_mode, found.key_id) or bucket.held.encryption
    if how is None or how.mode not in ("SSE-KMS", "DSSE-KMS"):
        return None
    return key_named(how.key, bucket.held, bucket.keys)
