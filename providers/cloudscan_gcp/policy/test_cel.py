"""What conditions ask of requests."""

from __future__ import annotations

import pytest

from cloudscan.access import ALWAYS, NEVER, Context, Ruling, decide, keys
from cloudscan.access.conditions import Condition, Unseen, leaves, resolve
from cloudscan_gcp.policy.cel import always_there, condition_of, extracted, with_clock
from cloudscan_gcp.policy.names import name_patterns
from cloudscan_gcp.policy.subjects import FOLDER, INSTANCE, OBJECT, SERVICE_ACCOUNT, Subject

NAME = "projects/_/buckets/corpus/objects/raw/2026/a.wav"
MACHINE = Subject("projects/calls/zones/eu-a/instances/vm", INSTANCE, "compute.googleapis.com", {})
SUBJECT = Subject(NAME, OBJECT, "storage.googleapis.com", {"1/env": "prod"})


def asked(expression: str, subject: Subject = SUBJECT) -> Condition:
    return condition_of(expression, subject, "a statement")


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("", True),
        ("true", True),
        ("!true", False),
        ("resource.name == 'projects/_/buckets/corpus/objects/raw/2026/a.wav'", True),
        ("resource.name != 'x' && resource.name.contains('/raw/')", True),
        ('resource.name.startsWith("projects/_/buckets/corpus/objects/raw/")', True),
        (r"resource.name.endsWith('.\x77av')", True),
        (r"resource.name.endsWith(r'\.wav')", False),
        ("resource.name.extract('/objects/{folder}/') == 'raw'", True),
        ("resource.name.extract('/objects/raw/{year}/').startsWith('20')", True),
        ("resource.name.extract('/folders/{folder}/') == ''", True),
        ("resource.type in ['storage.googleapis.com/Bucket', 'storage.googleapis.com/Object']", True),
        ("'x' in ['y']", False),
        ("resource.matchTag('1/env', 'prod') && resource.hasTagKey('1/env')", True),
        ("resource.matchTag('1/env', 'dev') || resource.hasTagKey('1/team')", False),
        ("resource.service.startsWith('storage') ? resource.type == 'x' : true", False),
        ("1 < 2 && 2.5 >= 2 && 'a' < 'b' && !('a' == 1)", True),
        ("timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:00+01:00')", False),
        ("timestamp('2026-01-01T00:00:00Z') == date('2026-01-01')", True),
        ("timestamp('2026-01-01T00:00:00Z') < date('2026-01-02')", True),
        ("timestamp('2026-01-01T00:00:00Z') + duration('1h30m') == timestamp('2026-01-01T01:30:00Z')", True),
        ("duration('90s') + timestamp('2026-01-01T00:00:00Z') > timestamp('2026-01-01T00:01:30Z')", False),
        ("timestamp('2026-01-01T00:01:00Z') - timestamp('2026-01-01T00:00:00Z') == duration('60s')", True),
        ("duration('1.5h') - duration('30m') < duration('3600.001s')", True),
        ("duration('-1h') < duration('1ms') && duration('1s') > duration('999999us')", True),
        ("resource.name == 'projects/_/buckets/' + 'corpus' + '/objects/raw/2026/a.wav'", True),
        ("resource.name.extract('/objects/{folder}/') + '/x' == 'raw/x'", True),
        ("1 + 2 == 3 && 3 - 1 == 2 && -1 < 0", True),
        ("size('four') == 4 && size(['a', 'b']) == 2 && 'four'.size() < 5 && size(resource.type) == 29", True),
        ("size(resource.name) > 3 && size(resource.name) < 2000 && size(resource.name) != 34", True),
        ("size(resource.name) <= 34", False),
    ],
)
def test_what_follows_from_the_resource(expression: str, holds: bool) -> None:
    assert asked(expression) is (ALWAYS if holds else NEVER)


@pytest.mark.parametrize(
    ("expression", "key"),
    [
        ("request.time < timestamp('2030-01-01T00:00:00Z')", "request.time"),
        ("request.time < date('2030-01-01')", "request.time"),
        ("request.time < timestamp('2030-01-01T00:00:00Z') + duration('3600s')", "request.time"),
        ("request.time - duration('1h') < timestamp('2030-01-01T00:00:00Z')", "request.time"),
        ("request.time - timestamp('2030-01-01T00:00:00Z') < duration('1h')", "request.time"),
        ("timestamp('2030-01-01T00:00:00Z') > request.time", "request.time"),
        ("request.time.getHours('Europe/Berlin') >= 9", "request.time.getHours('Europe/Berlin')"),
        ("request.host == 'a'", "request.host"),
        ("request.path.startsWith('/a')", "request.path"),
        ("destination.port == 22", "destination.port"),
        ("'accessPolicies/1/accessLevels/office' in request.auth.access_levels", "request.auth.access_levels"),
        ("inIpRange(origin.ip, '10.0.0.0/8')", "origin.ip"),
        ("request.authenticated", "request.authenticated"),
        ("request.authenticated == true", "request.authenticated"),
        (
            "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])",
            "iam.googleapis.com/modifiedGrantsByRole",
        ),
    ],
)
def test_what_only_the_request_tells_stays_a_test_of_that_attribute(expression: str, key: str) -> None:
    found = asked(expression, MACHINE)
    assert keys(found) == {key}
    assert decide(found).ruling is Ruling.IF
    assert all(leaf.source == "a statement" for leaf in leaves(found) if not isinstance(leaf, Unseen))


@pytest.mark.parametrize(
    "expression",
    [
        "resource.name.matches('raw.*')",
        "request.auth.claims['x'] == 'y'",
        "size(resource.name) > 60",
        "size(3) > 3",
        "timestamp('2030-01-01T00:00:00Z') - request.time < duration('1h')",
        "request.time + duration('soon') < timestamp('2030-01-01T00:00:00Z')",
        "request.time + timestamp('2030-01-01T00:00:00Z') < timestamp('2030-01-01T00:00:00Z')",
        "request.time - timestamp('2030-01-01T00:00:00Z') < timestamp('2030-01-01T00:00:00Z')",
        "request.time + duration('1h') == '2030'",
        "request.time + duration('999999999999h') < timestamp('2030-01-01T00:00:00Z')",
        "timestamp('9999-12-31T00:00:00Z') + duration('999999h') > timestamp('2030-01-01T00:00:00Z')",
        "-request.time < 3",
        "has(request.auth)",
        "request.list.exists(x, x == 'a')",
        "resource.matchTagId('tagKeys/1', 'tagValues/2')",
        "request.time < date('2030-01-01T00:00:00Z')",
        "request.time < date('2030-13-01')",
        "request.time < date('1893456000')",
        "resource.name",
        "1 + 2",
        "request.time <",
        "((",
    ],
)
def test_what_is_not_understood_is_unseen_and_neither_yes_nor_no(expression: str) -> None:
    assert decide(asked(expression)).ruling is Ruling.UNKNOWN
    assert decide(asked(f"!({expression})")).ruling is Ruling.UNKNOWN


@pytest.mark.parametrize(
    "expression",
    [
        "size(request.host) > 3",
        "request.host + 'a' == 'ba'",
        "request.host == request.path",
        "request.host in request.path",
    ],
)
def test_what_compares_attributes_in_no_known_way_is_unseen(expression: str) -> None:
    assert decide(asked(expression, MACHINE)).ruling is Ruling.UNKNOWN
    assert decide(asked(f"!({expression})", MACHINE)).ruling is Ruling.UNKNOWN


LACKING = [
    "request.host == 'a'",
    "request.path != '/a'",
    "destination.port > 22",
    "'office' in request.auth.access_levels",
]


@pytest.mark.parametrize("expression", LACKING)
def test_an_attribute_that_is_not_available_never_grants_whichever_way_it_is_asked_for(expression: str) -> None:
    assert asked(expression) is asked(f"!({expression})") is NEVER
    assert asked(f"{expression} || resource.type != 'x'") is ALWAYS
    assert asked(f"!({expression} && resource.type == 'x')") is ALWAYS
    assert asked(f"{expression} ? true : true") is NEVER
    assert asked(f"resource.type == 'x' ? {expression} : true") is ALWAYS
    refusing = condition_of(f"resource.matchTag('1/env', 'prod') && !({expression})", SUBJECT, grants=False)
    assert decide(refusing).ruling is Ruling.UNKNOWN


@pytest.mark.parametrize("kind", [SERVICE_ACCOUNT, FOLDER])
def test_what_is_of_no_kind_that_conditions_know_is_of_no_other_and_has_no_name(kind: str) -> None:
    subject = Subject("folders/1", kind, "x.googleapis.com", {})
    assert asked("resource.type != 'storage.googleapis.com/Object'", subject) is ALWAYS
    assert asked("resource.service == 'storage.googleapis.com'", subject) is NEVER
    assert asked("resource.name == 'folders/1' || !(resource.name == 'folders/1')", subject) is NEVER
    for same in (f"resource.type == '{kind}'", f"'{kind}' != resource.type", "resource.service == 'x.googleapis.com'"):
        assert decide(asked(same, subject)).ruling is Ruling.UNKNOWN, same
    assert decide(asked(f"resource.type in ['a', '{kind}']", subject)).ruling is Ruling.UNKNOWN


@pytest.mark.parametrize("time", ["soon", "2030-01-01", "2030-13-01T00:00:00Z", "1893456000", "2030-01-01T00:00:00"])
def test_a_time_that_is_none_never_grants(time: str) -> None:
    late = f"request.time < timestamp('{time}')"
    assert asked(late) is asked(f"!({late})") is asked(f"true || {late}") is NEVER
    assert decide(condition_of(late, SUBJECT, grants=False)).ruling is Ruling.UNKNOWN


def test_a_part_that_is_not_understood_leaves_its_neighbours_standing() -> None:
    assert asked("size(resource.name) > 60 && resource.type == 'x'") is NEVER
    assert asked("size(resource.name) > 60 || resource.type != 'x'") is ALWAYS
    found = asked("size(resource.name) > 60 && request.time < date('2030-01-01')")
    assert keys(found) == {"request.time"}
    assert decide(found).unseen


def test_what_is_not_known_of_a_resource_stays_a_test() -> None:
    unknown = Subject("", "", "")
    assert keys(asked("resource.name.startsWith('a') && resource.type == 'b'", unknown)) == {
        "resource.name",
        "resource.type",
    }


def test_tags_that_were_not_read_are_unseen() -> None:
    unread = Subject(NAME, OBJECT, "storage.googleapis.com", None)
    assert decide(asked("resource.matchTag('1/env', 'prod')", unread)).ruling is Ruling.UNKNOWN
    assert decide(asked("!resource.hasTagKey('1/env')", unread)).ruling is Ruling.UNKNOWN


@pytest.mark.parametrize(
    ("expression", "time", "holds"),
    [
        ("request.time.getHours('Europe/Berlin') == 13", "2026-01-05T12:59:00Z", True),
        ("request.time.getHours('Europe/Berlin') == 14", "2026-07-06T12:00:00Z", True),
        ("request.time.getHours('-03:00') == 9", "2026-01-05T12:00:00Z", True),
        ("request.time.getDayOfWeek() == 0", "2026-01-04T12:00:00Z", True),
        ("request.time.getMonth() == 0 && request.time.getDate() == 4", "2026-01-04T12:00:00Z", True),
        ("request.time.getDayOfMonth() == 3 && request.time.getDayOfYear() == 3", "2026-01-04T12:00:00Z", True),
        ("request.time.getFullYear('Pacific/Auckland') == 2027", "2026-12-31T12:00:00Z", True),
        ("request.time.getHours('No/Where') == 13", "2026-01-05T12:00:00Z", None),
        ("request.time.getHours() == 13", "nonsense", None),
    ],
)
def test_parts_of_a_known_time(expression: str, time: str, holds: bool | None) -> None:
    found = asked(expression)
    told = resolve(found, with_clock(found, Context.of({"request.time": time})))
    assert told is (found if holds is None else ALWAYS if holds else NEVER)


@pytest.mark.parametrize(
    ("expression", "time", "holds"),
    [
        ("request.time < timestamp('2026-03-15T10:00:00Z') + duration('3600s')", "2026-03-15T10:59:59Z", True),
        ("request.time < timestamp('2026-03-15T10:00:00Z') + duration('3600s')", "2026-03-15T11:00:00Z", False),
        ("request.time + duration('1h') < timestamp('2026-03-15T10:00:00Z')", "2026-03-15T08:59:59Z", True),
        ("request.time + duration('1h') < timestamp('2026-03-15T10:00:00Z')", "2026-03-15T09:00:00Z", False),
        ("request.time - timestamp('2026-03-15T10:00:00Z') <= duration('90m')", "2026-03-15T11:30:00Z", True),
        ("request.time - timestamp('2026-03-15T10:00:00Z') <= duration('90m')", "2026-03-15T11:30:01Z", False),
        ("duration('90m') >= request.time - timestamp('2026-03-15T10:00:00Z')", "2026-03-15T11:30:01Z", False),
    ],
)
def test_spans_of_time(expression: str, time: str, holds: bool) -> None:
    assert resolve(asked(expression), Context.of({"request.time": time})) is (ALWAYS if holds else NEVER)


def test_the_parts_of_a_time_are_told_apart_and_are_always_there() -> None:
    both = asked("request.time.getHours() < 3 && request.time.getDayOfWeek() > 4")
    assert decide(both, given=always_there(both)).ruling is Ruling.IF
    never = asked("request.time.getHours() < 3 && request.time.getHours() > 4")
    assert decide(never, given=always_there(never)).ruling is Ruling.NO
    always = asked("request.time.getHours() < 3 || request.time.getHours() >= 3")
    assert decide(always, given=always_there(always)).ruling is Ruling.YES


def test_an_attribute_that_is_absent_is_its_default() -> None:
    prefix = "api.getAttribute('storage.googleapis.com/objectListPrefix', '')"
    nothing = Context(closed=True)
    for test, holds in (("== ''", True), ("!= ''", False), ("in ['', 'a']", True), (".startsWith('a')", False)):
        found = asked(f"{prefix}{'' if test[0] == '.' else ' '}{test}")
        assert resolve(found, nothing) is (ALWAYS if holds else NEVER), test
    only = asked("api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])")
    assert resolve(only, nothing) is ALWAYS
    key = "iam.googleapis.com/modifiedGrantsByRole"
    assert resolve(only, Context.of({key: ["roles/viewer"]})) is ALWAYS
    assert resolve(only, Context.of({key: ["roles/viewer", "roles/owner"]})) is NEVER


def test_what_is_extracted() -> None:
    assert extracted(NAME, "/objects/{folder}/") == "raw"
    assert extracted(NAME, "/objects/{rest}") == "raw/2026/a.wav"
    assert extracted(NAME, "{head}/buckets/") == "projects/_"
    assert extracted(NAME, "no braces") == extracted(NAME, "/folders/{x}/") == ""


@pytest.mark.parametrize(
    ("expression", "patterns"),
    [
        ("resource.name.startsWith('a/')", {"a/*"}),
        ("!resource.name.endsWith('.wav') || resource.type == 'x'", {"*.wav"}),
        ("resource.name in ['a', 'b'] && 'c' == resource.name", {"a", "b", "c"}),
        ("resource.name.extract('/objects/{x}/') == 'raw'", {"*/objects/*/*", "*/objects/raw/*"}),
        ("request.host == 'a'", set()),
        ("not an expression", set()),
    ],
)
def test_where_names_are_told_apart(expression: str, patterns: set[str]) -> None:
    assert {str(pattern) for pattern in name_patterns(expression)} == patterns
