"""Access control lists of accounts with a hierarchical namespace."""

from __future__ import annotations

import json

import pytest

from cloudscan.access import ALWAYS, NEVER, Effect, Ruling
from cloudscan.access.conditions import Unseen
from cloudscan.model import ANYONE, Answer
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.hns import read_acl
from cloudscan_azure.policy.operations import DELETE_BLOB, LIST_BLOBS, PUT_BLOB
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    BO,
    GUS,
    TEAM,
    assigned,
    container,
    denied,
    estate,
    listed,
    may,
    role,
    someone,
)

DEEP = container(controls={"isHnsEnabled": Answer.YES})
WAY = (listed("", "user:ana:--x", "mask::rwx"), listed("raw", "user:ana:--x", "mask::rwx"))


def asked(text: str, wanted: str, *groups: str, own: str = "ana") -> object:
    acl = read_acl(json.dumps({"owner": "owner", "group": "owners", "acl": text}))
    assert acl is not None
    return acl.gives(Caller(f"entra:{own}", own, frozenset({own, *groups})), wanted)


@pytest.mark.parametrize(
    ("text", "wanted", "groups", "holds"),
    [
        ("user:ana:r--", "r", (), True),
        ("user:ANA:r--", "r", (), True),
        ("user:ana:r--", "rx", (), False),
        ("user:ana:r--,mask::--x", "r", (), False),
        ("user:ana:---,other::r--", "r", (), False),
        ("group:team:r--,mask::rwx", "r", ("team",), True),
        ("group:team:r--,mask::-wx", "r", ("team",), False),
        ("group:team:r--,group:staff:--x", "rx", ("team", "staff"), False),
        ("group::r--", "r", ("owners",), True),
        ("group:team:---,other::r--", "r", ("team",), True),
        ("other::r--,mask::---", "r", (), False),
        ("other::r-t", "rx", (), True),
        ("other::r-T", "r", (), True),
        ("other::r-T", "x", (), False),
        ("group:team:r-s", "x", ("team",), True),
        ("group:team:r-S", "x", ("team",), False),
        ("default:user:ana:rwx,other::---", "r", (), False),
        ("", "r", (), False),
    ],
)
def test_the_first_that_fits_decides(text: str, wanted: str, groups: tuple[str, ...], holds: bool) -> None:
    assert asked(text, wanted, *groups) is (ALWAYS if holds else NEVER)


def test_owners_are_not_masked_and_have_what_they_have() -> None:
    assert asked("user::r--,mask::---", "r", own="owner") is ALWAYS
    assert asked("user::---,other::r--", "r", own="owner") is NEVER


@pytest.mark.parametrize("text", ["{", "[]", '{"acl": "user:ana"}', '{"acl": "user:ana:rrr"}', '{"acl": "x::rwx"}'])
def test_what_is_no_list(text: str) -> None:
    assert read_acl(text) is None


def test_the_way_to_a_file() -> None:
    held = estate(DEEP, *WAY, listed("raw/a.wav", "user:ana:r--", "mask::r--"))
    assert may(held, ANA).ruling is Ruling.YES
    assert may(held, BO).ruling is Ruling.NO
    assert may(held, ANYONE).ruling is Ruling.NO
    (reason,) = may(held, ANA).proof
    assert (reason.effect, "access control lists" in reason.sentence) == (Effect.ALLOWS, True)


def test_writing_and_deleting_and_listing() -> None:
    held = estate(
        DEEP,
        listed("", "user:ana:r-x", "mask::rwx"),
        listed("raw", "user:ana:-wx", "mask::rwx"),
        listed("raw/a.wav", "user:ana:-w-", "mask::rwx"),
    )
    assert [may(held, ANA, each).ruling for each in (PUT_BLOB, DELETE_BLOB)] == [Ruling.YES, Ruling.YES]
    assert may(held, ANA, LIST_BLOBS).ruling is Ruling.YES
    assert may(held, ANA).ruling is Ruling.NO


def test_a_list_of_the_object_table_is_that_of_the_file() -> None:
    held = estate(DEEP, *WAY)
    assert may(held, ANA, acl='[["user:ana", "r--"], ["mask:", "rwx"]]').ruling is Ruling.YES
    assert may(held, ANA, acl='[["owner:ana", ""], ["user:", "r--"]]').ruling is Ruling.YES
    assert may(held, ANA, acl='[["other:", "---"]]').ruling is Ruling.NO
    assert may(held, ANA, acl="no list").ruling is Ruling.UNKNOWN


def test_lists_that_were_not_read_are_unseen_unless_a_role_suffices() -> None:
    reader = assigned(ACCOUNT, "reader", ANA)
    held = estate(DEEP, reader, *WAY)
    assert may(held, ANA).ruling is Ruling.YES
    assert may(held, BO).ruling is Ruling.NO  # the container lets it by no way
    unread = estate(DEEP, reader)
    assert may(unread, BO).ruling is Ruling.UNKNOWN
    unsure = estate(container(controls={"isHnsEnabled": Answer.UNKNOWN}), reader)
    assert (may(unsure, ANA).ruling, may(unsure, BO).ruling) == (Ruling.YES, Ruling.UNKNOWN)
    untold = (someone(TEAM, members=None), someone(ANA))
    grouped = estate(DEEP, listed("", "group:team:--x"), *untold)
    assert may(grouped, GUS).ruling is Ruling.UNKNOWN


def test_whether_a_deny_assignment_stops_a_list_is_not_documented() -> None:
    held = estate(DEEP, *WAY, listed("raw/a.wav", "user:ana:r--", "mask::r--"), denied(ACCOUNT))
    answer = may(held, ANA)
    assert answer.ruling is Ruling.UNKNOWN
    assert isinstance(answer.condition, Unseen)


def test_the_account_itself_is_nobody_who_signs_in() -> None:
    held = estate(DEEP, *(listed(path, "user::rwx", "group::rwx", "mask::rwx") for path in ("", "raw", "raw/a.wav")))
    assert may(held, ANA).ruling is Ruling.NO


def test_what_super_users_read_is_not_known_where_there_are_lists() -> None:
    owner = role("over-lists", dataActions=["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*/action"])
    given = assigned(ACCOUNT, "over-lists", ANA)
    lists = [listed(path) for path in ("", "raw", "raw/a.wav")]
    deep = estate(DEEP, owner, given, *lists)
    assert (may(deep, ANA).ruling, may(deep, BO).ruling) == (Ruling.UNKNOWN, Ruling.NO)
    assert may(estate(owner, given), ANA).ruling is Ruling.NO
    assert may(estate(DEEP, owner, given, denied(ACCOUNT), *lists), ANA).ruling is Ruling.NO
    reader = assigned(ACCOUNT, "reader", ANA)
    assert may(estate(DEEP, owner, given, reader, *lists), ANA).ruling is Ruling.YES


def test_a_condition_on_reading_alone_does_not_bind_super_users() -> None:
    all_of_it = role("owner", dataActions=["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"])
    action = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    when = f"!(ActionMatches{{'{action}'}}) OR @Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'other'"
    given = assigned(ACCOUNT, "owner", ANA, when=when)
    lists = [listed(path) for path in ("", "raw", "raw/a.wav")]
    assert may(estate(DEEP, all_of_it, given, *lists), ANA).ruling is Ruling.UNKNOWN
    assert may(estate(all_of_it, given), ANA).ruling is Ruling.NO
