from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import Answer
from cloudscan_gcp.policy.app_rules import AppReaders, readers

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def rules(body: str, *, bucket: str = "{bucket}", service: str = "firebase.storage") -> str:
    return f"rules_version = '2';\nservice {service} {{\n  match /b/{bucket}/o {{\n{body}\n  }}\n}}"


def over_all(allow: str) -> str:
    return f"match /{{allPaths=**}} {{ {allow} }}"


@pytest.mark.parametrize(
    ("body", "guests", "signed_in"),
    [
        (over_all("allow read, write: if true;"), YES, YES),
        (over_all("allow read;"), YES, YES),
        (over_all("allow get: if true;"), YES, YES),
        (over_all("allow read, write: if request.auth != null;"), NO, YES),
        (over_all("allow read: if request.auth.uid != null; allow write: if true;"), NO, YES),
        (over_all("allow read, write: if false;"), NO, NO),
        (over_all("allow write: if true;"), NO, NO),
        (over_all("allow list: if true;"), NO, NO),
        (over_all("// allow read: if true;\n /* allow read: if true; */ allow read: if false;"), NO, NO),
        (over_all("allow read: if false; allow read: if request.auth != null;"), NO, YES),
        (over_all("allow read: if request.auth.token.agent == true;"), UNKNOWN, UNKNOWN),
        (over_all("allow read: if request.auth != null && request.auth.uid == 'x';"), UNKNOWN, UNKNOWN),
        (over_all("allow read: if open();") + " function open() { return true; }", UNKNOWN, UNKNOWN),
        ("match /public/{file=**} { allow read: if true; }", UNKNOWN, UNKNOWN),
        ("match /{file} { allow read: if true; }", UNKNOWN, UNKNOWN),
        ("match /calls/{x=**} { allow read: if request.auth != null; }", NO, UNKNOWN),
        ("match /users/{id}/{x=**} { allow read: if request.auth.uid == id; }", UNKNOWN, UNKNOWN),
        (
            "match /users/{id}/{x=**} { allow read: if request.auth.uid == id; }"
            + over_all("allow read: if request.auth != null;"),
            UNKNOWN,
            YES,
        ),
        ("", NO, NO),
    ],
)
def test_who_reads_all_of_a_bucket(body: str, guests: Answer, signed_in: Answer) -> None:
    assert readers(rules(body), "calls") == AppReaders(guests, signed_in)


def test_paths_may_be_written_in_one() -> None:
    text = "service firebase.storage { match /b/{bucket}/o/{all=**} { allow read: if true; } }"
    assert readers(text, "calls") == AppReaders(YES, YES)


def test_rules_of_another_bucket_or_service_let_nobody_read_this_one() -> None:
    body = over_all("allow read: if true;")
    assert readers(rules(body, bucket="calls"), "calls") == AppReaders(YES, YES)
    assert readers(rules(body, bucket="other"), "calls") == AppReaders(NO, NO)
    both = rules("", bucket="calls") + rules(body, service="cloud.firestore")
    assert readers(both, "calls") == AppReaders(NO, NO)


def test_a_function_is_no_rule_and_texts_hold_no_comments() -> None:
    asks = "function in(x) { let y = x; return y.matches('a{1}'); }"
    slashes = "allow write: if request.resource.contentType.matches('image/*'); allow read: if true; // '*/'\n"
    assert readers(rules(asks + over_all(slashes)), "calls") == AppReaders(YES, YES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "}",
        "service firebase.storage {",
        "service cloud.firestore { }",
        "<html>",
        rules(over_all("allow read if true;")),
        rules(over_all("allow read: if a(';') || true;")),
        rules("match / calls { allow read: if true; }"),
        rules(over_all("{ allow read: if true; }")),
    ],
)
def test_what_makes_no_sense_is_unknown(text: str) -> None:
    assert readers(text, "calls") == AppReaders(UNKNOWN, UNKNOWN)


@given(st.text(alphabet="serviceb/o{}=* matchlow;:if\n'\"()", max_size=200))
def test_it_is_total(text: str) -> None:
    assert isinstance(readers(text, "calls"), AppReaders)
