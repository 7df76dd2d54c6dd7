"""What the list of a single object gives, as far as it was read."""

from __future__ import annotations

import json

import pytest

from cloudscan.access import Grant, Ruling
from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Account,
    AclGrant,
    Action,
    Answer,
    Encryption,
    MediaObject,
    PolicyDocument,
)
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, speech, store
from cloudscan_aws.askers import UNNAMED
from cloudscan_aws.grants import derive

OURS, FOREIGN, PARTNER = "a" * 64, "f" * 64, "222222222222"
OPEN = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), Answer.NO)
Rulings = dict[tuple[str, int], Ruling]


def listed(key: str, *lines: tuple[str, str]) -> MediaObject:
    return speech("calls", key, owner=OURS, acl=json.dumps([(OURS, "FULL_CONTROL"), *lines]))


def readers(
    *rows: MediaObject, ownership: str = "ObjectWriter", ignored: Answer = Answer.NO, policy: str = ""
) -> Rulings:
    """Return how sure each party outside may read, and how many objects."""
    bucket = store(
        "calls",
        owner=OURS,
        acl=(AclGrant(OURS, "FULL_CONTROL"),),
        ownership=ownership,
        has_policy=Answer.of(bool(policy)),
        controls=OPEN | {"IgnorePublicAcls": ignored},
        encryption=Encryption("provider"),
    )
    account = Account(ACCOUNT, "aws", organization="", controls=OPEN)
    documents = [PolicyDocument(f"{bucket.id}#policy", "aws", ACCOUNT, "resource", (bucket.id,), policy)]
    grants = derive(Estate.of([account, bucket, *documents[: bool(policy)]], (), ObjectTable(rows=rows)))
    found = [each for each in grants if isinstance(each, Grant) and each.action is Action.READ]
    return {(each.principal, each.objects): each.decision.ruling for each in found}


@pytest.mark.parametrize("line", [(ANYONE, "READ"), (ANYONE, "FULL_CONTROL")])
def test_object_that_its_list_opens_is_read_by_anyone_and_its_neighbour_is_not(line: tuple[str, str]) -> None:
    found = readers(listed("a.wav", line), listed("b.wav"))
    assert found[ANYONE, 1] is Ruling.YES
    assert found[ANYONE_SIGNED_IN, 1] is Ruling.YES


def test_object_whose_list_names_its_owner_alone_is_read_by_nobody_else() -> None:
    assert readers(listed("a.wav"), listed("b.wav")) == {}


def test_right_to_see_the_list_reads_nothing() -> None:
    assert readers(listed("a.wav", (ANYONE, "READ_ACP"))) == {}


def test_list_for_whoever_is_signed_in_leaves_out_anyone() -> None:
    found = readers(listed("a.wav", (ANYONE_SIGNED_IN, "READ")))
    assert found[ANYONE_SIGNED_IN, 1] is Ruling.YES
    assert (ANYONE, 1) not in found


def test_only_objects_whose_lists_were_not_read_are_unknown() -> None:
    found = readers(listed("a.wav"), *(speech("calls", f"{number}.wav", owner=OURS) for number in range(3)))
    assert found[ANYONE, 3] is Ruling.UNKNOWN
    assert found[UNNAMED, 3] is Ruling.UNKNOWN
    assert {objects for _, objects in found} == {3}


def test_account_that_a_list_names_by_a_foreign_id_is_called_by_it() -> None:
    """Nobody can tell which account it is, but that it is one, and that it reads."""
    found = readers(listed("a.wav", (FOREIGN, "READ")), listed("b.wav", (FOREIGN, "READ_ACP")))
    assert found == {(f"another account, canonical id {FOREIGN}", 1): Ruling.YES}


def test_foreign_owner_of_an_object_reads_it_as_its_list_says() -> None:
    theirs = speech("calls", "a.wav", owner=FOREIGN, acl=json.dumps([(FOREIGN, "FULL_CONTROL")]))
    assert readers(theirs) == {(f"another account, canonical id {FOREIGN}", 1): Ruling.YES}
    assert readers(theirs, ownership="BucketOwnerEnforced") == {}


def test_account_that_something_else_names_may_be_the_one_of_a_foreign_id() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": "s3:ListBucket", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    found = readers(listed("a.wav", (FOREIGN, "READ")), policy=document)
    assert found[f"arn:aws:iam::{PARTNER}:root", 1] is Ruling.UNKNOWN
    assert found[f"another account, canonical id {FOREIGN}", 1] is Ruling.YES


def test_ignored_lists_open_nothing_to_everybody() -> None:
    assert readers(listed("a.wav", (ANYONE, "READ")), ignored=Answer.YES) == {}


def test_lists_count_for_nothing_where_the_buckets_owner_owns_all() -> None:
    assert readers(listed("a.wav", (ANYONE, "READ")), ownership="BucketOwnerEnforced") == {}
