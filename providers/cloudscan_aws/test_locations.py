"""Every way in which AWS writes the place of an object, and hostile ones."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan_aws.locations import Place, location, place_of, signed

REGION = "eu-central-1"
CALL = Place("calls", "raw/a.wav")


@pytest.mark.parametrize(
    "uri",
    [
        "s3://calls/raw/a.wav",
        "S3://calls/raw/a.wav",
        "arn:aws:s3:::calls/raw/a.wav",
        "arn:aws-cn:s3:::calls/raw/a.wav",
        "https://s3.eu-central-1.amazonaws.com/calls/raw/a.wav",
        "https://s3-eu-central-1.amazonaws.com/calls/raw/a.wav",
        "https://s3.amazonaws.com/calls/raw/a.wav",
        "https://s3.dualstack.eu-central-1.amazonaws.com/calls/raw/a.wav",
        "https://s3.cn-north-1.amazonaws.com.cn/calls/raw/a.wav",
        "http://s3.us-east-1.amazonaws.com:443/calls/raw/a.wav",
        "https://calls.s3.eu-central-1.amazonaws.com/raw/a.wav",
        "https://calls.s3-eu-central-1.amazonaws.com/raw/a.wav",
        "https://calls.s3.amazonaws.com/raw/a.wav",
        "https://calls.s3-accelerate.amazonaws.com/raw/a.wav",
        "https://calls.s3.eu-central-1.amazonaws.com/raw%2Fa.wav?X-Amz-Signature=0123#top",
        "https://key:secret@calls.s3.eu-central-1.amazonaws.com/raw/a.wav?X-Amz-Signature=0123",
        "s3://calls/raw/a.wav?X-Amz-Signature=0123",
    ],
)
def test_all_spellings_name_one_place(uri: str) -> None:
    assert place_of(uri) == CALL
    assert location(uri, REGION) == "arn:aws:s3:::calls/raw/a.wav"


def test_other_partitions_have_their_own_stores() -> None:
    assert location("s3://calls/a", "cn-north-1") == "arn:aws-cn:s3:::calls/a"


def test_dots_in_a_bucket_name_stay_in_it() -> None:
    assert place_of("https://my.s3.calls.s3.eu-central-1.amazonaws.com/a") == Place("my.s3.calls", "a")


def test_bucket_alone_is_a_store() -> None:
    assert location("s3://calls", REGION) == location("s3://calls/", REGION) == "arn:aws:s3:::calls"
    assert location("https://s3.eu-central-1.amazonaws.com/calls/", REGION) == "arn:aws:s3:::calls"


def test_question_mark_of_a_key_is_kept_where_no_query_can_be() -> None:
    assert place_of("s3://calls/who called?.wav") == Place("calls", "who called?.wav")


def test_elsewhere_keeps_no_credentials_and_no_query() -> None:
    given = "https://user:secret@media.example.com/a.wav?token=secret"
    assert place_of(given) is None
    assert location(given, REGION) == "https://media.example.com/a.wav"
    assert location("ftp://media.example.com/a?token=secret", REGION) == "ftp://media.example.com/a"


def test_host_that_only_resembles_s3_is_no_bucket() -> None:
    assert place_of("https://s3.amazonaws.com.example.org/calls/a.wav") is None
    assert place_of("https://notes3.example.com/calls/a.wav") is None


def test_hostile_key_stays_whole() -> None:
    key = "=cmd\n\u202egnp.wav<b>\x00"
    assert place_of(f"s3://calls/{key}") == Place("calls", key)


def test_only_a_url_with_a_query_is_signed() -> None:
    assert signed("https://s3.eu-central-1.amazonaws.com/b/k?X-Amz-Security-Token=x")
    assert not signed("https://s3.eu-central-1.amazonaws.com/b/k")
    assert not signed("s3://b/k?x=1")


@given(st.text())
def test_no_text_breaks_it_or_gets_its_query_through(text: str) -> None:
    location(text, REGION)
    location(f"s3://{text}", REGION)
    assert "=" not in location(f"https://{text}", REGION).partition("?")[2]


def test_long_hostile_host_is_read_in_no_time() -> None:
    started = time.monotonic()
    assert place_of("https://" + "s3-a" + "-a.s3" * 400 + "!/k") is None
    assert time.monotonic() - started < 1
