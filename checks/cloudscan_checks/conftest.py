"""Facts that the tests of this pack start from."""

from __future__ import annotations

import pytest

from cloudscan.model import AclGrant, Answer, Encryption, RetentionLock, Store
from cloudscan.testing import ACCOUNT, store


@pytest.fixture
def calls() -> Store:
    """Return a bucket of which everything is known and nothing is wrong."""
    return store(
        "calls",
        owner="owner-id",
        encryption=Encryption("customer", f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/speech"),
        has_policy=Answer.NO,
        acl=(AclGrant("owner-id", "FULL_CONTROL"),),
        ownership="BucketOwnerEnforced",
        tls_required=Answer.YES,
        versioning="disabled",
        lifecycle=(),
        lock=RetentionLock(Answer.NO),
        soft_delete_days=0,
        keeps_deleted=Answer.NO,
        replication=(),
    )
