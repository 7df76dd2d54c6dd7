"""What becomes of uploads that were not finished; the closed form is held to carrying rules out day by day."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cloudscan.model import Answer, Coverage, LifecycleRule, MediaClass, Store, Upload, Why
from cloudscan.older import Older, older_than
from cloudscan.provider import Facet
from cloudscan.report import ReportOptions
from cloudscan.retention.uploads import each_older_upload, older_uploads, upload_fate, upload_reasons
from cloudscan.retention_reports import csv as as_csv
from cloudscan.retention_reports import json as as_json
from cloudscan.retention_reports import ndjson as as_lines
from cloudscan.retention_reports import terminal as as_text
from cloudscan.schemas import schema
from cloudscan.testing import ACCOUNT, NOW, expire, gap, speech, store, world

TODAY = NOW.date()


def upload(key: str = "a/b.wav", *, days: float | None = 10, **facts: Any) -> Upload:
    begun = None if days is None else NOW - timedelta(days=days)
    told: dict[str, Any] = {"media": "speech", "begun": begun} | facts
    return Upload(f"{key}-{days}", "aws", ACCOUNT, "arn:aws:s3:::calls", key, **told)


def clear(days: int | None, name: str = "u", **facts: Any) -> LifecycleRule:
    return expire(None, name, action="abort-upload", acts_on="any", upload_days=days, **facts)


def bucket(*rules: LifecycleRule, **facts: Any) -> Store:
    return store("calls", lifecycle=rules, **facts)


@pytest.mark.parametrize(
    ("rules", "ends", "days"),
    [
        ((), Answer.NO, None),
        ((expire(1),), Answer.NO, None),
        ((clear(30),), Answer.YES, 21),
        ((clear(7),), Answer.YES, 1),
        ((clear(30), clear(20, "v")), Answer.YES, 11),
        ((clear(30, enabled=False),), Answer.NO, None),
        ((clear(30, prefixes=("b/",)),), Answer.NO, None),
        ((clear(30, prefixes=("b/", "a/")),), Answer.YES, 21),
        ((clear(30, suffixes=(".wav",)),), Answer.YES, 21),
        ((clear(30, unread=("New",)),), Answer.UNKNOWN, 21),
        ((clear(30, tags=(("a", "b"),)),), Answer.UNKNOWN, 21),
        ((clear(30, larger_than=1),), Answer.UNKNOWN, 21),
        ((clear(30), clear(7, unread=("New",))), Answer.YES, 21),
        ((expire(None, action="other", unread=("New",)),), Answer.UNKNOWN, 1),
    ],
)
def test_which_day_clears_it(rules: tuple[LifecycleRule, ...], ends: Answer, days: int | None) -> None:
    end = upload_fate(upload(), bucket(*rules), TODAY)
    assert (end.ends, end.day and (end.day - TODAY).days) == (ends, days)


def test_nothing_is_said_without_rules_or_with_a_second_factor() -> None:
    assert upload_fate(upload(), store("calls", lifecycle=None), TODAY).ends is Answer.UNKNOWN
    assert upload_fate(upload(), bucket(clear(7), mfa_delete=Answer.YES), TODAY).ends is Answer.NO
    assert upload_fate(upload(days=None), bucket(clear(7)), TODAY).ends is Answer.NO


@pytest.mark.parametrize(
    ("rules", "reasons"),
    [
        ((), ("the store has no rule that clears uploads that were not finished",)),
        ((expire(1),), ("the store has no rule that clears uploads that were not finished",)),
        ((clear(1, enabled=False),), ("rule u is switched off",)),
        ((clear(1, prefixes=("b/",)),), ("rule u clears only uploads of keys that begin with b/",)),
        ((clear(1, unread=("New",)),), ("rule u has parts that are not understood: New",)),
        ((clear(1, tags=(("a", "b"),)),), ("rule u has a filter that no upload is known to meet",)),
        ((clear(400),), ("rule u clears uploads at 400 days",)),
        ((clear(7),), ("rule u should have cleared them already: it is new, or runs late",)),
        (
            (clear(1, "far", prefixes=("b/",)), clear(400, "near")),
            ("rule near clears uploads at 400 days", "rule far clears only uploads of keys that begin with b/"),
        ),
    ],
)
def test_why_it_is_still_there(rules: tuple[LifecycleRule, ...], reasons: tuple[str, ...]) -> None:
    assert upload_reasons(upload(days=100), bucket(*rules), TODAY) == reasons


def test_older_ones_are_counted_by_class_and_reason() -> None:
    calls = bucket(clear(400, prefixes=("a/",)))
    several = [
        upload(days=100),
        upload("a/c.wav", days=120),
        upload("b.wav", days=100),
        upload("a/v.mp4", days=100, media="video"),
        upload("a/x.pdf", days=100, media="other"),
        upload(days=90.5),
        upload(days=None),
    ]
    seen = world(calls, *several).estate
    found = list(older_uploads(each_older_upload(seen, [calls], [MediaClass.SPEECH], NOW - timedelta(days=91), TODAY)))
    assert [(one.uploads, one.ends, one.examples) for one in found] == [
        (1, Answer.NO, ("b.wav",)),
        (2, Answer.YES, ("a/b.wav", "a/c.wav")),
    ]
    assert [(str(one.first), str(one.last)) for one in found] == [("None", "None"), ("2027-08-09", "2027-08-29")]
    assert (found[1].oldest, found[1].newest) == (NOW - timedelta(days=120), NOW - timedelta(days=100))


LISTED = Coverage("aws", ACCOUNT, Facet.OBJECTS, 1, 1)
JOBS = Coverage("aws", ACCOUNT, Facet.JOBS, 1, 1)  # else transcripts may lie where they left them
BACKUPS = Coverage("aws", ACCOUNT, Facet.BACKUPS, 1, 1)
ASKED = Coverage("aws", ACCOUNT, Facet.UPLOADS, 1, 1)
CLEAN = bucket(versioning="disabled", soft_delete_days=0, keeps_deleted=Answer.NO)


def asked(held: Store, *things: Any, days: int = 90) -> Older:
    return older_than(world(held, JOBS, BACKUPS, *things).estate, days, NOW)


def written(form: Any, answer: Older) -> str:
    out = io.StringIO(newline="")
    form.render(answer, out, ReportOptions(width=200))
    return out.getvalue()


def test_nothing_is_said_to_exist_where_all_uploads_were_listed() -> None:
    answer = asked(CLEAN, ASKED, LISTED, upload(days=90.9))
    assert (answer.exists, answer.uploads, answer.unseen) == (Answer.NO, (), ())
    assert json.loads(written(as_json, answer))["looked_at"][0]["unfinished_uploads_listed"] == 1


def test_an_older_upload_is_told_of_with_why_nothing_clears_it() -> None:
    held = replace(CLEAN, lifecycle=(clear(7, prefixes=("tmp/",)),))
    answer = asked(held, ASKED, LISTED, upload(days=100), upload("a\u202e\x1b[31mb.wav", days=200.5))
    assert answer.exists is Answer.YES
    text = written(as_text, answer)
    assert "2 unfinished uploads in 1 store are older than 90 days; the oldest is 200 days old" in text
    assert "2 uploads of recordings" in text
    assert "never cleared" in text
    assert "rule u clears only uploads of keys that begin with tmp/" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    body = json.loads(written(as_json, answer))
    Draft202012Validator(schema("retention-1")).validate(body)
    (told,) = body["older_uploads"]
    assert (told["uploads"], told["media"], told["ends"]) == (2, "speech", "no")


def test_uploads_are_listed_one_by_one_behind_the_objects() -> None:
    held = replace(CLEAN, lifecycle=(clear(120, "u"),))
    answer = asked(held, ASKED, speech("calls", "o.wav", days=95), upload("=u.wav", days=100.5), upload(days=1))
    lines = [json.loads(line) for line in written(as_lines, answer).splitlines()]
    for line in lines:
        Draft202012Validator(schema("retention-object-1")).validate(line)
    told = [(line["key"], line["upload"], line["age_days"], line["bytes"] is None, line["ends"]) for line in lines]
    assert told == [("o.wav", None, 95, False, "no"), ("=u.wav", "=u.wav-100.5", 100, True, "yes")]
    assert (lines[1]["goes"], lines[1]["rules"]) == ("2026-11-21", ["u"])
    rows = list(csv.DictReader(io.StringIO(written(as_csv, answer), newline="")))
    assert [row["key"] for row in rows] == ["o.wav", "'=u.wav"]


@pytest.mark.parametrize(
    ("things", "what", "permissions"),
    [
        ((), "uploads that were not finished, which no rule clears by then: a rule that aborts those", ()),
        ((), "or collect with --versions", ()),
        (
            (ASKED, gap(CLEAN.id, Facet.UPLOADS, operation="s3:ListMultipartUploads", permission="p")),
            "which no rule clears by then (denied: s3:ListMultipartUploads)",
            ("p",),
        ),
        (
            (ASKED, gap(CLEAN.id, Facet.UPLOADS, Why.LIMIT, operation="s3:ListMultipartUploads")),
            "which no rule clears by then (left out by the limit that was set: s3:ListMultipartUploads)",
            (),
        ),
        (
            (ASKED, upload("a", days=100, media="unsettled"), upload("b.zip", days=100, media="other")),
            "2 older uploads that were not finished and whose name leaves open whether that is speech",
            (),
        ),
        ((ASKED, upload(days=None)), "the age of 1 upload", ()),
    ],
)
def test_nothing_is_never_said_of_uploads_that_were_not_looked_at(
    things: tuple[Any, ...], what: str, permissions: tuple[str, ...]
) -> None:
    answer = asked(CLEAN, LISTED, *things)
    assert answer.exists is Answer.UNKNOWN
    (missed,) = answer.unseen
    assert what in missed.what
    assert missed.permissions == permissions


def test_a_rule_for_all_of_them_makes_certain_what_was_not_listed() -> None:
    assert asked(replace(CLEAN, lifecycle=(clear(90),)), LISTED).exists is Answer.NO
    assert asked(replace(CLEAN, lifecycle=(clear(91),)), LISTED).exists is Answer.UNKNOWN
    refused = gap(CLEAN.id, Facet.UPLOADS, operation="s3:ListMultipartUploads")
    assert asked(replace(CLEAN, lifecycle=(clear(90),)), ASKED, LISTED, refused).exists is Answer.NO


def test_what_was_listed_is_believed_more_than_a_rule() -> None:
    """A rule that is new, or runs late, leaves what is there."""
    answer = asked(replace(CLEAN, lifecycle=(clear(7),)), ASKED, LISTED, upload(days=100))
    assert answer.exists is Answer.YES


def _carried_out(one: Upload, rules: tuple[LifecycleRule, ...], until: int) -> date | None:
    """Do what the rules say, midnight by midnight, and return the day on which the upload is gone."""
    assert one.begun is not None
    for ahead in range(1, until):
        today = TODAY + timedelta(days=ahead)
        for rule in rules:
            named = not rule.prefixes or any(one.key.startswith(prefix) for prefix in rule.prefixes)
            # A whole day more than the age: "rounded up to the next midnight".
            if rule.enabled and named and (today - one.begun.date()).days > (rule.upload_days or 0):
                return today
    return None


@given(
    key=st.sampled_from(["a", "a/b", "b/a"]),
    age=st.integers(0, 20),
    rules=st.lists(
        st.builds(
            clear,
            st.integers(1, 15),
            st.sampled_from("uvw"),
            enabled=st.booleans(),
            prefixes=st.sampled_from([(), ("a/",), ("a", "b")]),
        ),
        max_size=4,
    ).map(tuple),
)
def test_it_agrees_with_carrying_rules_out(key: str, age: int, rules: tuple[LifecycleRule, ...]) -> None:
    one = upload(key, days=age)
    end, gone = upload_fate(one, bucket(*rules), TODAY), _carried_out(one, rules, 40)
    assert (end.ends, end.day) == ((Answer.YES, gone) if gone else (Answer.NO, None))
