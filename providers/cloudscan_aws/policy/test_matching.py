from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan_aws.policy.test_support import OBJECTS, OWNER, allow, bucket, deny, read, read_if, role, user

YES, NO, IF = Ruling.YES, Ruling.NO, Ruling.IF
CORPUS = "arn:aws:s3:::corpus"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", YES),
        ("arn:aws:s3:::*", YES),
        ("arn:aws:s3:::corp*", YES),
        ("arn:aws:s3:*", YES),
        ("arn:aws:s3:*:*:corpus/*", YES),
        ("arn:aws-cn:s3:::corpus/*", NO),
        ("arn:aws:s3:::corpus", NO),
        ("arn:aws:s3:::corpus/raw", NO),
        ("arn:aws:s3:::corpus/raw/*/*", NO),
        ([CORPUS, OBJECTS], YES),
        ([], NO),
        ("", NO),
    ],
)
def test_resources(resource: Any, expected: Ruling) -> None:
    assert read(user(allow(resource=resource)), bucket()).ruling is expected


def test_keys_may_hold_what_patterns_find_special() -> None:
    key = "raw/a+b (1) [x] ${aws:username} {2}.wav"
    assert read(user(allow(resource=f"{CORPUS}/raw/a+b (1) [x]*")), bucket(), key=key).ruling is YES
    assert read(user(allow(resource=f"{CORPUS}/raw/a+b (1) [y]*")), bucket(), key=key).ruling is NO


def test_not_action_and_not_resource_speak_about_the_rest() -> None:
    assert read(user(allow(), {"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"}), bucket()).ruling is YES
    spared = {"Effect": "Deny", "Action": "s3:*", "NotResource": f"{CORPUS}/raw/*"}
    assert read(user(allow(), spared), bucket()).ruling is YES
    assert read(user(allow(), spared), bucket(), key="other/a.wav").ruling is NO
    assert (
        read(user({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::other*"}), bucket()).ruling
        is YES
    )


@pytest.mark.parametrize(
    ("resource", "key", "expected"),
    [
        ("${aws:username}/*", "ana/a.wav", YES),
        ("${AWS:UserName}/*", "ana/a.wav", YES),
        ("${aws:username}/*", "bo/a.wav", NO),
        ("${aws:PrincipalTag/team}/*", "asr/a.wav", YES),
        ("${aws:PrincipalTag/TEAM}/*", "asr/a.wav", YES),
        ("${aws:PrincipalTag/cost}/*", "asr/a.wav", NO),
        ("${aws:PrincipalTag/cost, 'asr'}/*", "asr/a.wav", YES),
        ("${aws:PrincipalTag/team, 'all'}/*", "all/a.wav", NO),
        ("raw/${*}.wav", "raw/a.wav", NO),
        ("raw/${*}.wav", "raw/*.wav", YES),
        ("raw/${?}.wav", "raw/?.wav", YES),
        ("raw/${$}.wav", "raw/$.wav", YES),
        ("${aws:PrincipalAccount}/*", f"{OWNER}/a.wav", YES),
        ("${aws:username", "${aws:username", YES),
    ],
)
def test_variables(resource: str, key: str, expected: Ruling) -> None:
    caller = user(allow(resource=f"{CORPUS}/{resource}"), tags={"team": "asr"})
    assert read(caller, bucket(), key=key).ruling is expected


def test_a_value_with_a_star_is_no_wildcard() -> None:
    caller = user(allow(resource=f"{CORPUS}/${{aws:PrincipalTag/team}}/*"), tags={"team": "*"})
    assert read(caller, bucket(), key="asr/a.wav").ruling is NO
    assert read(caller, bucket(), key="*/a.wav").ruling is YES


def test_a_role_has_no_user_name() -> None:
    assert read(role(allow(resource=f"{CORPUS}/${{aws:username}}/*")), bucket(), key="reader/a.wav").ruling is NO


def test_a_variable_without_value_makes_a_statement_say_nothing() -> None:
    spares_own = {"Effect": "Deny", "Action": "s3:*", "NotResource": f"{CORPUS}/${{aws:username}}/*"}
    assert read(role(allow(), spares_own), bucket()).ruling is YES
    assert read(user(allow(), spares_own), bucket()).ruling is NO
    same_team = {"StringNotEquals": {"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}}
    assert read(role(allow(Condition=same_team)), bucket()).ruling is NO
    assert read(role(allow(), deny(Condition=same_team)), bucket()).ruling is YES


def test_an_unknown_variable_becomes_a_condition_on_its_key() -> None:
    own = f"{CORPUS}/${{cognito-identity.amazonaws.com:sub}}/*"
    asked = read_if(role(allow(resource=own)), bucket())
    assert asked.ruling is IF
    assert keys(asked.condition) == {"cognito-identity.amazonaws.com:sub"}


@pytest.mark.parametrize(("tags", "expected"), [({"team": "asr"}, YES), ({"team": "ivr"}, NO), ({}, NO), (None, IF)])
def test_a_variable_in_a_condition(tags: dict[str, str] | None, expected: Ruling) -> None:
    same = {"StringEquals": {"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}}
    tagged = {"s3:ExistingObjectTag/team": "asr"}
    ask = read if tags is not None else read_if
    assert ask(user(allow(Condition=same), tags=tags), bucket(), context=tagged).ruling is expected
