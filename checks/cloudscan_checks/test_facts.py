"""The words and numbers that findings share."""

from __future__ import annotations

from cloudscan.model import MediaClass, Why
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, gap, store, world
from cloudscan_checks._facts import Amount, holder, listed, missing, not_seen, unread

CONTAINER = (
    "/subscriptions/0000/resourceGroups/rg-1/providers/Microsoft.Storage/storageAccounts/callsacct"
    "/blobServices/default/containers/calls"
)


def test_an_amount_is_said_with_its_length() -> None:
    assert str(Amount(MediaClass.SPEECH, 412, 137_520)) == "412 recordings (38.2 h)"
    assert str(Amount(MediaClass.SPEECH, 1, 150)) == "1 recording (2 min)"
    assert str(Amount(MediaClass.SPEECH, 1, 7)) == "1 recording (7 s)"
    assert str(Amount(MediaClass.SPEECH, 1, 0.2)) == "1 recording (<1 s)"
    assert str(Amount(MediaClass.TRANSCRIPT, 3_000)) == "3,000 transcripts"


def test_a_part_is_said_against_the_whole() -> None:
    whole = Amount(MediaClass.SPEECH, 412, 137_520)
    assert Amount(MediaClass.SPEECH, 12, 3600).of(whole) == "12 of 412 recordings (1.0 h)"
    assert whole.of(whole) == "all 412 recordings (38.2 h)"
    one = Amount(MediaClass.SPEECH, 1, 60)
    assert one.of(one) == "1 recording (1 min)"


def test_gaps_of_the_whole_account_count_for_each_of_its_stores() -> None:
    calls, other = store("calls"), store("other", account="222222222222")
    told = world(calls, other, gap(ACCOUNT, Facet.ACCESS_POINTS), gap(calls.id, Facet.POLICY))
    assert [found.facet for found in missing(told.estate, calls, Facet.POLICY, Facet.ACCESS_POINTS)] == [
        Facet.POLICY,
        Facet.ACCESS_POINTS,
    ]
    assert missing(told.estate, other, Facet.POLICY, Facet.ACCESS_POINTS) == ()
    assert missing(told.estate, calls, Facet.ACL) == ()


def test_what_is_not_known_is_said_with_its_reason() -> None:
    denied = gap("x", Facet.POLICY, operation="s3:GetBucketPolicy", permission="s3:GetBucketPolicy")
    limit = gap("x", Facet.OBJECTS, Why.LIMIT, operation="s3:ListObjectsV2")
    dated = gap("x", Facet.OBJECTS, Why.LIMIT, operation="s3:get_object", detail="read from the inventory of 2024")
    assert unread("the policy", [denied, denied]) == "could not read the policy (denied: s3:GetBucketPolicy)"
    assert unread("the policy") == "nothing is known of the policy"
    assert (
        unread("the rest", [limit]) == "could not read the rest (left out by the limit that was set: s3:ListObjectsV2)"
    )
    assert unread("the rest", [dated]) == "could not read the rest (read from the inventory of 2024: s3:get_object)"


def test_only_a_denied_question_asks_for_a_permission() -> None:
    denied = gap("x", Facet.POLICY, operation="a:Get", permission="a:Get")
    throttled = gap("x", Facet.POLICY, Why.THROTTLED, operation="a:List", permission="a:List")
    assert not_seen([denied], [throttled]) == {
        "not_seen": ["a:Get: denied", "a:List: throttled"],
        "permissions": ["a:Get"],
    }
    assert not_seen([throttled]) == {"not_seen": ["a:List: throttled"]}
    assert not_seen() == {}


def test_a_long_list_is_cut_and_says_so() -> None:
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert listed(["a"]) == "a"


def test_a_container_is_held_by_its_storage_account() -> None:
    names = holder(store("calls", provider="azure").__class__(CONTAINER, "azure", "0000", "westeurope", "calls"))
    assert names["holder"].endswith("/storageAccounts/callsacct")
    assert (names["holder_name"], names["group"]) == ("callsacct", "rg-1")
    assert holder(store("calls"))["holder"] == "arn:aws:s3:::calls"
