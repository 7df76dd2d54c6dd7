"""Conditions of role assignments: their grammar, and what they ask."""

from __future__ import annotations

import pytest

from cloudscan.access import ALWAYS, NEVER, Condition, Context, keys
from cloudscan.access.conditions import Unseen, leaves, resolve
from cloudscan.access.patterns import Pattern, glob
from cloudscan_azure.policy.abac import Subject, condition_of, path_patterns
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.comparing import loosened
from cloudscan_azure.policy.grammar import Joined, NotUnderstood, parse
from cloudscan_azure.policy.operations import GET_BLOB, LIST_BLOBS, Operation, managing
from cloudscan_azure.policy.test_support import BLOB, PATH

SUBJECT = Subject({f"{BLOB.lower()}:path": ("raw/a.wav",)}, {f"{BLOB.lower()}:snapshot": ()})
TEAM = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Audio_Team]"
TAG = f"@Resource[{BLOB}/tags:Project<$key_case_sensitive$>]"


def asked(text: str, operation: Operation = GET_BLOB, subject: Subject = SUBJECT, **attributes: str) -> Condition:
    caller = Caller("entra:ana", "ana", frozenset({"ana"}), attributes=attributes)
    return condition_of(text, operation, subject, caller, "the assignment")


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        (f"{PATH} StringEquals 'raw/a.wav'", True),
        (f"{PATH} StringEquals 'RAW/a.wav'", False),
        (f"{PATH} StringEqualsIgnoreCase 'RAW/A.WAV'", True),
        (f"{PATH} StringNotEquals 'raw/a.wav'", False),
        (f"{PATH} StringNotEqualsIgnoreCase 'RAW/A.WAV'", False),
        (f"{PATH} StringLike 'raw/*'", True),
        (f"{PATH} StringLike '*.wav'", True),
        (f"{PATH} StringLike 'raw/*.mp?'", False),
        (f"{PATH} StringNotLike 'raw/*'", False),
        (f"{PATH} StringLikeIgnoreCase 'RAW/?.WAV'", True),
        (f"{PATH} StringNotLikeIgnoreCase 'RAW/*'", False),
        (f"{PATH} StringStartsWith 'raw'", True),
        (f"{PATH} StringStartsWithIgnoreCase 'RAW'", True),
        (f"{PATH} StringNotStartsWith 'raw'", False),
        (f"{PATH} StringNotStartsWithIgnoreCase 'Clips'", True),
        (rf"{PATH} StringLike 'raw/\*'", False),
        (f"{PATH} ForAnyOfAnyValues:StringLike {{'x/*', 'raw/*'}}", True),
        (f"{PATH} ForAllOfAllValues:StringLike {{'*.wav', 'raw/*'}}", True),
        (f"{PATH} ForAllOfAllValues:StringLike {{'*.mp3', 'raw/*'}}", False),
        (f"{PATH} ForAnyOfAllValues:StringNotEquals {{'a', 'b'}}", True),
        (f"{PATH} ForAnyOfAnyValues:StringNotEquals {{'raw/a.wav', 'b'}}", True),
        (f"{PATH} ForAllOfAllValues:StringNotEquals {{'raw/a.wav', 'b'}}", False),
        (f"Exists {PATH}", True),
        (f"!(Exists @Request[{BLOB}:snapshot])", True),
        (f"@Request[{BLOB}:snapshot] StringEquals 'x'", False),
        (f"@Request[{BLOB}:snapshot] StringNotEquals 'x'", True),
        (f"NOT NOT {PATH} StringLike 'raw/*'", True),
        ("SubOperationMatches{'Blob.List'}", False),
        ("ActionMatches{'microsoft.STORAGE/*'}", True),
        ("ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'}", False),
        (f"{TEAM} StringEquals 'calls'", True),
        (f"{TEAM} StringEquals 'web'", False),
        ("@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Audio_Other] StringEquals 'web'", False),
        ("@Request[subOperation] ForAnyOfAnyValues:StringEqualsIgnoreCase {'blob.list'}", False),
    ],
)
def test_what_is_known_is_answered(expression: str, holds: bool) -> None:
    assert asked(expression, Audio_Team="calls") is (ALWAYS if holds else NEVER)


def test_and_binds_closer_than_or_and_parentheses_closer_than_both() -> None:
    yes, no = f"{PATH} StringLike 'raw/*'", f"{PATH} StringLike 'x/*'"
    assert asked(f"{yes} OR {no} AND {no}") is ALWAYS
    assert asked(f"({yes} OR {no}) AND {no}") is NEVER
    assert asked(f"!({no}) && ({no} || {yes})") is ALWAYS
    assert isinstance(parse(f"{yes} AND {yes}\n AND\t{no}"), Joined)


def test_a_suboperation_tells_listing_from_reading() -> None:
    text = f"((!(ActionMatches{{'{BLOB}/read'}} AND SubOperationMatches{{'Blob.List'}})) OR ({PATH} StringLike 'x/*'))"
    assert asked(text) is ALWAYS
    assert asked(text, LIST_BLOBS, Subject({f"{BLOB.lower()}:path": ()}, {})) is NEVER


@pytest.mark.parametrize(
    ("expression", "key", "value"),
    [
        (f"{TAG} StringEquals 'Cascade'", "blob-index-tag:Project", "Cascade"),
        (f"{TAG} ForAnyOfAnyValues:StringEquals {TEAM}", "blob-index-tag:Project", "calls"),
        ("@Environment[UtcNow] DateTimeLessThan '2027-01-01T00:00:00Z'", "time", "2026-01-01T00:00:00Z"),
        ("@Environment[UtcNow] DateTimeGreaterThanEquals '2025-01-01T00:00:00.0Z'", "time", "2026-01-01T00:00:00Z"),
        ("@Environment[isPrivateLink] BoolEquals true", "network:private-link", "true"),
        ("@Environment[Microsoft.Network/privateEndpoints] StringEqualsIgnoreCase '/A/b'", "network", "/a/B"),
        ("@Request[x/y:size] NumericLessThan 5", "@Request[x/y:size]", "4"),
        ("@Request[x/y:z] ForAnyOfAnyValues:GuidEquals {A0000000b00000000000000000000001}", "@Request[x/y:z]",
         "a0000000-b000-0000-0000-000000000001"),
    ],
)  # fmt: skip
def test_what_the_request_brings_stays_a_test(expression: str, key: str, value: str) -> None:
    condition = asked(expression, Audio_Team="calls")
    assert keys(condition) == {key}
    assert resolve(condition, Context.of({key: value})) is ALWAYS
    assert resolve(condition, Context.of({}, closed=True)) is NEVER


@pytest.mark.parametrize(
    "expression",
    [
        "nonsense",
        "",
        "((",
        f"{PATH} StringLike",
        f"{PATH} StringLike 'a' {PATH}",
        f"{PATH} StringLike 'unclosed",
        "@Elsewhere[a] StringEquals 'x'",
        "Unknown{'x'}",
        "(" * 5_000,
        "!" * 5_000,
        f"{PATH} StringLike 'a' ; x",
    ],
)
def test_what_is_no_condition_is_not_understood(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(expression)
    if expression.strip():
        assert isinstance(asked(expression), Unseen)
    assert list(path_patterns(expression)) == []


@pytest.mark.parametrize(
    "expression",
    [
        f"{PATH} StringMatches 'raw/.*'",
        f"{PATH} TimeOfDayEquals '10:00'",
        "@Resource[HasObotoken] boolequals true",
        "@Environment[Weather] StringEquals 'rain'",
        "@Request[a:b] StringLikeIgnoreCase 'x*'",
        f"{TAG} ForAllOfAnyValues:StringNotEquals {{'a', 'b'}}",
        "@Resource[a:b] StringEquals @Request[c:d]",
        "@Principal[Microsoft.Directory/users:department] StringEquals 'x'",
    ],
)
def test_a_part_that_is_not_understood_is_unseen_and_its_neighbours_count(expression: str) -> None:
    assert any(isinstance(leaf, Unseen) for leaf in leaves(asked(expression)))
    assert asked(f"{expression} AND {PATH} StringLike 'x/*'") is NEVER
    assert asked(f"{expression} OR {PATH} StringLike 'raw/*'") is ALWAYS


def test_attributes_of_somebody_that_were_not_read_are_unseen() -> None:
    caller = Caller("entra:ana", "ana", frozenset({"ana"}))
    assert isinstance(condition_of(f"{TEAM} StringEquals 'x'", GET_BLOB, SUBJECT, caller, ""), Unseen)


def test_paths_that_stand_for_others_are_told_apart_by_case() -> None:
    alike = Subject(SUBJECT.resource, {}, alike=True)
    assert asked(f"{PATH} StringLike 'raw/*'", subject=alike) is ALWAYS
    assert isinstance(asked(f"{PATH} StringLikeIgnoreCase 'RAW/*'", subject=alike), Unseen)
    assert asked(f"{PATH} StringLikeIgnoreCase 'CLIPS/*'", subject=alike) is NEVER
    assert asked(f"{PATH} StringNotEqualsIgnoreCase 'CLIPS/b'", subject=alike) is ALWAYS


def test_patterns_of_paths() -> None:
    text = f"{PATH} StringLike 'raw/*' OR ({PATH} StringEquals 'a.wav' AND NOT {PATH} StringStartsWith 'b')"
    assert set(path_patterns(text)) == {glob("raw/*"), Pattern(("a.wav",)), glob("b*")}
    assert list(path_patterns(f"{PATH} StringEqualsIgnoreCase 'a-1'")) == [loosened(Pattern(("a-1",)))]
    assert str(loosened(glob("a-1*"))) == "?-1*"


def test_other_operations_are_not_the_matter_of_a_condition_on_blobs() -> None:
    text = f"(!(ActionMatches{{'{BLOB}/*'}}) OR ({PATH} StringLike 'x/*'))"
    assert asked(text, managing("Microsoft.Storage/storageAccounts/listKeys/action"), Subject({}, {})) is ALWAYS
