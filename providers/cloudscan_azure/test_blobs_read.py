"""Pages of blobs as "List Blobs" documents them, with what Azurite does not have: versions, folders, keys and more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.audio.listings import NOTHING
from cloudscan.model import NEVER_RETAINED, Encryption, MediaObject
from cloudscan.providing.questions import Malformed
from cloudscan_azure.blobs_read import Page, Reading, Row, moment, read_page, read_policies

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEYED = Encryption("customer", "https://acme.vault.azure.net/keys/calls")


def page(*blobs: str, marker: str = "") -> bytes:
    inside = "".join(f"<Blob>{blob}</Blob>" for blob in blobs)
    return (
        '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://x/" ContainerName="calls">'
        f"<MaxResults>5000</MaxResults><Blobs>{inside}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
    ).encode()


def blob(name: str = "a/1.wav", beside: str = "", **properties: str) -> str:
    told = {"Last-Modified": "Wed, 04 Nov 2026 10:00:00 GMT", "Content-Length": "10", "Etag": "0x8D", **properties}
    inside = "".join(f"<{tag.replace('_', '-')}>{text}</{tag.replace('_', '-')}>" for tag, text in told.items())
    return f"<Name>{name}</Name>{beside}<Properties>{inside}</Properties>"


def read(text: str, **facts: Any) -> MediaObject:
    (row,) = read_page(page(text)).rows
    reading = Reading("store", Encryption("provider"), held=False)._replace(**facts)
    return reading.object(row, NOTHING, NOW)


def test_a_plain_blob() -> None:
    row = read(blob(AccessTier="Hot", BlobType="BlockBlob", Content_Type="audio/wav", ServerEncrypted="true"))
    assert (row.key, row.version, row.current, row.size, row.etag, row.tier) == (
        "a/1.wav",
        None,
        True,
        10,
        "0x8D",
        "Hot",
    )
    assert (row.modified, row.content_type) == (datetime(2026, 11, 4, 10, tzinfo=UTC), "audio/wav")
    assert (row.encryption_mode, row.key_id, row.stored_as) == ("provider", None, "BlockBlob")
    assert (row.held, row.retain_until, row.tags, row.restorable_until) == (False, NEVER_RETAINED, None, None)


def test_versions_are_current_where_they_are_said_to_be() -> None:
    version = "<VersionId>2026-11-04T10:00:00.1234567Z</VersionId>"
    newest = read(blob(beside=f"{version}<IsCurrentVersion>true</IsCurrentVersion>"))
    assert (newest.version, newest.current) == ("2026-11-04T10:00:00.1234567Z", True)
    assert read(blob(beside=version)).current is False


def test_a_snapshot_is_old_since_it_was_taken() -> None:
    row = read(blob(beside="<Snapshot>2026-11-05T10:00:00.1234567Z</Snapshot>"))
    assert (row.version, row.current) == ("snapshot=2026-11-05T10:00:00.1234567Z", False)
    assert row.noncurrent_since == datetime(2026, 11, 5, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("properties", "mode", "key"),
    [
        ({"CustomerProvidedKeySha256": "abc"}, "customer-supplied", None),
        ({"EncryptionScope": "Calls"}, "customer", KEYED.key),
        ({"EncryptionScope": "other"}, None, None),
        ({"EncryptionScope": "$account-encryption-key"}, "provider", None),
        ({"ServerEncrypted": "false"}, "none", None),
    ],
)
def test_what_encrypts_a_blob(properties: dict[str, str], mode: str | None, key: str | None) -> None:
    row = read(blob(**properties), scopes={"calls": KEYED})
    assert (row.encryption_mode, row.key_id) == (mode, key)


def test_a_scope_that_was_not_read_leaves_the_key_unknown() -> None:
    row = read(blob(EncryptionScope="calls"), scopes=None)
    assert (row.encryption_mode, row.key_id) == (None, None)


def test_a_deleted_blob_can_be_got_back_for_so_many_whole_days() -> None:
    gone = {"DeletedTime": "Wed, 18 Nov 2026 10:00:00 GMT", "RemainingRetentionDays": "4"}
    row = read(blob(beside="<Deleted>true</Deleted>", **gone))
    assert (row.current, row.restorable_until) == (False, datetime(2026, 11, 25, 10, tzinfo=UTC))
    assert read(blob(beside="<Deleted>true</Deleted>")).restorable_until is None


def test_holds_and_retention_of_single_blobs() -> None:
    told = {"ImmutabilityPolicyUntilDate": "Wed, 04 Nov 2027 10:00:00 GMT", "LegalHold": "true"}
    row = read(blob(**told), locks=True)
    assert (row.held, row.retain_until) == (True, datetime(2027, 11, 4, 10, tzinfo=UTC))
    row = read(blob(), locks=True)
    assert (row.held, row.retain_until) == (False, NEVER_RETAINED)
    assert read(blob(), held=True).held is True
    assert read(blob(), held=None).held is None


def test_tags_are_none_unless_they_were_asked_for() -> None:
    tags = "<Tags><TagSet><Tag><Key>keep</Key><Value>é &lt;</Value></Tag></TagSet></Tags>"
    assert json.loads(read(blob(beside=tags), tagged=True).tags or "") == {"keep": "é <"}
    assert read(blob(), tagged=True).tags == "{}"
    assert read(blob(), tagged=False).tags is None


def test_a_file_of_a_folder_has_its_list_as_the_evaluator_reads_it() -> None:
    acl = "user::rwx,user:0123:r-x,group::r-x,mask::r-x,other::---,default:user::rwx"
    row = read(blob(Owner="$superuser", Group="g1", Acl=acl, ResourceType="file"))
    assert json.loads(row.acl or "") == [
        ["owner:$superuser", ""],
        ["owning-group:g1", ""],
        ["user:", "rwx"],
        ["user:0123", "r-x"],
        ["group:", "r-x"],
        ["mask:", "r-x"],
        ["other:", "---"],
    ]


def test_folders_are_told_by_type_or_by_their_mark() -> None:
    marked = "<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>"
    told = read_page(page(blob("a", ResourceType="directory"), blob("b", beside=marked), blob("c")))
    assert [row.folder for row in told.rows] == [True, True, False]


def test_a_replica_that_failed_is_awaited() -> None:
    assert read(blob(beside="<OrMetadata><or-p_r>failed</or-p_r></OrMetadata>")).awaits_copy is True
    assert read(blob(beside="<OrMetadata><or-p_r>complete</or-p_r></OrMetadata>")).awaits_copy is False
    assert read(blob()).awaits_copy is None


def test_names_that_xml_cannot_hold_come_encoded() -> None:
    text = blob().replace("<Name>a/1.wav</Name>", '<Name Encoded="true">a%2F%EF%BF%BE+.wav</Name>')
    assert read(text).key == "a/\ufffe+.wav"


def test_the_next_page_is_told() -> None:
    assert read_page(page(marker="2!x")) == Page([], "2!x")


@pytest.mark.parametrize("body", [b"", b"{}", b"<html/>", b"<EnumerationResults/>", b"<EnumerationResults>"])
def test_what_is_no_list_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_page(body)
    with pytest.raises(Malformed):
        read_policies(body)


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    assert moment(text) is None or text.endswith(" GMT")


NAMES = ["Content-Length", "Snapshot", "VersionId", "DeletedTime", "RemainingRetentionDays", "Acl", "Deleted"]
TEXTS = st.one_of(
    st.text(), st.integers(min_value=0).map(str), st.just("true"), st.just("Wed, 04 Nov 2026 10:00:00 GMT")
)


@given(st.dictionaries(st.sampled_from(NAMES), TEXTS))
def test_any_texts_make_a_row(told: dict[str, str]) -> None:
    reading = Reading("store", None)
    assert reading.object(Row("k", 0, told, None, False), NOTHING, NOW).key == "k"


def test_numbers_that_make_no_sense_are_none() -> None:
    assert read(blob(Content_Length="9" * 30)).size == 0
    gone = {"DeletedTime": "Wed, 18 Nov 2026 10:00:00 GMT", "RemainingRetentionDays": "9" * 30}
    assert read(blob(beside="<Deleted>true</Deleted>", **gone)).restorable_until is None
    later = {"DeletedTime": "Fri, 31 Dec 9999 10:00:00 GMT", "RemainingRetentionDays": "9"}
    assert read(blob(beside="<Deleted>true</Deleted>", **later)).restorable_until is None
