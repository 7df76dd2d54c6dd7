"""A policy file that does not say what its author meant is an error, not a decision."""

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.errors import PolicyFileError
from cloudscan.model import MediaClass
from cloudscan.policy import parse_policy, read_policy
from cloudscan.testing import store


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cloudscan.yaml"
    path.write_text(
        """
version: 1
retention:
  - {stores: "archive-*", media: speech, max_days: 365, min_days: 180}
  - {max_days: 90}
keys: {require_customer_key: true, approved: ["alias/speech*"]}
regions: ["eu-*"]
trusted: [{account: "222222222222", name: Example Speech}]
access:
  max_readers: 25
  max_share: 0.5
  approved_readers:
    - {stores: "arn:aws:s3:::archive-*", principals: ["*:role/auditor"]}
    - {principals: ["*:role/speech-*", "*:user/ana"]}
severity: {audio-never-deleted: low}
suppressions:
  - {check: audio-*, resource: "arn:aws:s3:::old", reason: moving out, owner: ana, expires: 2027-01-31}
"""
    )
    policy = read_policy(path)
    archive = policy.retention_of(store("archive-eu"), MediaClass.SPEECH)
    calls = policy.retention_of(store("calls"), MediaClass.TRANSCRIPT)
    assert archive is not None
    assert (archive.max_days, archive.min_days) == (365, 180)
    assert calls is not None
    assert calls.max_days == 90
    assert policy.approves_key("arn:aws:kms:eu-central-1:1:key/1", "alias/speech-eu")
    assert not policy.approves_key("alias/aws/s3")
    assert policy.allows_region("eu-central-1")
    assert not policy.allows_region("us-east-1")
    assert policy.trusted_name("222222222222") == "Example Speech"
    assert policy.trusted_name("333333333333") is None
    assert (policy.access.max_readers, policy.access.max_share) == (25, 0.5)
    assert policy.suppressions[0].expires == date(2027, 1, 31)


def test_the_first_rule_that_fits_a_store_says_who_may_read_it() -> None:
    rules = [{"stores": "archive-*", "principals": ["*:role/auditor"]}, {"principals": ["*:role/speech-*"]}]
    policy = parse_policy({"access": {"approved_readers": rules}})
    archive, calls = policy.approved_readers_of(store("archive-eu")), policy.approved_readers_of(store("calls"))
    assert archive is not None
    assert archive.include("arn:aws:iam::111111111111:role/auditor")
    assert not archive.include("arn:aws:iam::111111111111:role/speech-export")
    assert calls is not None
    assert calls.include("arn:aws:iam::111111111111:role/speech-export")
    assert not calls.include("arn:aws:iam::111111111111:role/SPEECH-export")


def test_readers_may_be_approved_for_some_stores_only() -> None:
    rules = [{"stores": "arn:aws:s3:::archive-*", "principals": []}]
    policy = parse_policy({"access": {"approved_readers": rules}})
    archive = policy.approved_readers_of(store("archive-eu"))
    assert archive is not None
    assert not archive.include("arn:aws:iam::111111111111:role/auditor")
    assert policy.approved_readers_of(store("calls")) is None


def test_no_file_decides_nothing() -> None:
    policy = parse_policy({})
    assert policy.approved_readers_of(store("calls")) is None
    assert (policy.access.max_readers, policy.access.max_share) == (None, None)
    assert policy.retention_of(store("calls"), MediaClass.SPEECH) is None
    assert policy.allows_region("anywhere")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"retenton": []}, "unknown key 'retenton' at the top level; did you mean 'retention'"),
        ({"retention": [{"max_day": 3}]}, r"unknown key 'max_day' at retention\[0\]; did you mean 'max_days'"),
        ({"keys": {"zzz": 1}}, "unknown key 'zzz' at keys; known keys: require_customer_key, approved"),
        ({"retention": [{"stores": "x"}]}, "needs max_days, min_days or both"),
        ({"retention": [{"max_days": -1}]}, "cannot be negative"),
        ({"retention": [{"max_days": 30, "min_days": 90}]}, "min_days is more than max_days"),
        ({"retention": [{"max_days": "ninety"}]}, "Expected `int | null`"),
        ({"access": {"max_reader": 3}}, "unknown key 'max_reader' at access; did you mean 'max_readers'"),
        (
            {"access": {"approved_readers": [{"principal": []}]}},
            r"unknown key 'principal' at access.approved_readers\[0\]; did you mean 'principals'",
        ),
        ({"access": {"approved_readers": [{"stores": "x"}]}}, r"`principals` - at `\$.access.approved_readers\[0\]`"),
        ({"access": {"max_readers": -1}}, r">= 0 - at `\$.access.max_readers`"),
        ({"access": {"max_readers": True}}, r"Expected `int \| null`, got `bool` - at `\$.access.max_readers`"),
        ({"access": {"max_share": 50}}, r"<= 1.0 - at `\$.access.max_share`"),
        ({"access": {"max_share": "half"}}, r"at `\$.access.max_share`"),
        ({"severity": {"x": "awful"}}, "Invalid enum value 'awful'"),
        ({"version": 2}, "Invalid enum value 2"),
        ([], "Expected `object`"),
    ],
)
def test_a_mistake_is_named_with_its_place(body: object, message: str) -> None:
    with pytest.raises(PolicyFileError, match=message):
        parse_policy(body)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe", b"a: &x *x", b"\tq"])
def test_what_is_not_yaml_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(content)
    with pytest.raises(PolicyFileError) as caught:
        read_policy(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"nowhere\.yaml"):
        read_policy(tmp_path / "nowhere.yaml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_content_is_a_policy_or_an_error(body: object) -> None:
    with contextlib.suppress(PolicyFileError):
        parse_policy(body)
