"""What is granted on a bucket and its key: one decision for those who are alike, and a proof for each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cloudscan.access import Edge, Grant, Ruling
from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    Account,
    Action,
    Answer,
    Encryption,
    Key,
    KeyGrant,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
)
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import key, speech, store, transcript
from cloudscan_aws import AwsProvider
from cloudscan_aws.policy.test_support import KEY_ARN, OWNER, allow, deny

CALLS = "arn:aws:s3:::calls"
READ = ["s3:GetObject", "s3:GetObjectVersion"]


def document(name: str, kind: str, on: str, *statements: Any) -> PolicyDocument:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return PolicyDocument(name, "aws", OWNER, kind, (on,), text)


def person(name: str, *statements: Any, kind: str = "user", **facts: Any) -> list[Record]:
    arn = f"arn:aws:iam::{OWNER}:{kind}/{name}"
    given = {"boundary": "", "labels": {}, "policies": (f"{arn}/own",)} | facts
    return [Principal(arn, "aws", OWNER, kind, name, **given), document(f"{arn}/own", "identity", arn, *statements)]


def bucket(*statements: Any, **facts: Any) -> list[Record]:
    switches = dict.fromkeys(("IgnorePublicAcls", "RestrictPublicBuckets"), Answer.NO)
    given = {
        "account": OWNER,
        "acl": (),
        "controls": switches,
        "encryption": Encryption("provider", bucket_key=Answer.NO),
        "has_policy": Answer.of(bool(statements)),
        "ownership": "BucketOwnerEnforced",
    }
    made: list[Record] = [store("calls", **given | facts)]
    return [*made, document("of the bucket", "resource", CALLS, *statements)] if statements else made


def kms(*statements: Any, grants: tuple[KeyGrant, ...] = ()) -> list[Record]:
    name = KEY_ARN.rpartition("/")[2]
    made: Key = key(name, account=OWNER, manager="customer", state="Enabled", has_policy=Answer.YES, grants=grants)
    return [made, document("of the key", "key", KEY_ARN, *statements)]


UNDER_KEY = Encryption("customer", KEY_ARN, bucket_key=Answer.NO)
TRUSTING = allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
RECORDING = speech("calls", "raw/a.wav", encryption_mode="customer", key_id=KEY_ARN)


def estate(*records: Record | Iterable[Record], rows: tuple[MediaObject, ...]) -> Estate:
    kept: list[Record] = [Account(OWNER, "aws", organization="", parents=())]
    for each in records:
        kept += list(each) if isinstance(each, list) else [each]  # type: ignore[list-item]
    return Estate.of(kept, (), ObjectTable(rows=rows))


def direct(found: Estate, action: Action = Action.READ) -> list[Grant]:
    derived: Iterable[Grant | Edge] = AwsProvider().grants(found)
    return [each for each in derived if isinstance(each, Grant) and each.action is action and not each.by]


def who(grants: Iterable[Grant]) -> dict[str, list[Ruling]]:
    told: dict[str, list[Ruling]] = {}
    for grant in grants:
        told.setdefault(grant.principal.rpartition("/")[2], []).append(grant.decision.ruling)
    return told


PLAIN = (speech("calls", "raw/a.wav"), speech("calls", "raw/b.wav"), transcript("calls", "text/a.json"))


def test_one_grant_for_what_one_decision_is_about() -> None:
    found = direct(estate(person("ana", allow(READ, "*")), bucket(), rows=PLAIN))
    assert [(each.media, each.objects, each.seconds, each.example) for each in found] == [
        (MediaClass.SPEECH, 2, 120.0, "raw/a.wav"),
        (MediaClass.TRANSCRIPT, 1, 0.0, "text/a.json"),
    ]


def test_those_who_are_alike_share_a_decision_and_prove_it_by_statements_of_their_own() -> None:
    here = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    people = [person(name, allow(READ, f"{CALLS}/*", Condition=here)) for name in ("ana", "bo")]
    found = direct(estate(*people, bucket(), rows=PLAIN[:1]))
    ana, bo = found
    assert ana.decision is bo.decision
    assert ana.decision.ruling is Ruling.IF
    assert [{step.statement for step in each.steps} for each in found] == [
        {f"{each.principal}/own, statement 1"} for each in found
    ]
    assert [{step.source for step in each.steps} for each in found] == [{each.principal} for each in found]


def test_a_grant_over_several_patterns_is_proved_by_all_of_them() -> None:
    own = [allow(READ, f"{CALLS}/raw/*"), allow(READ, f"{CALLS}/clips/*")]
    rows = (speech("calls", "raw/a.wav"), speech("calls", "clips/a.wav"), speech("calls", "else/a.wav"))
    (grant,) = direct(estate(person("ana", *own), bucket(), rows=rows))
    assert (grant.objects, grant.example) == (2, "clips/a.wav")
    assert {step.statement.rpartition(", ")[2] for step in grant.steps} == {"statement 1", "statement 2"}


def test_a_tag_that_the_bucket_policy_names() -> None:
    only = deny("s3:*", f"{CALLS}/*", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "asr"}})
    people = [person(name, allow(READ, "*"), labels={"team": name}) for name in ("asr", "ops")]
    assert who(direct(estate(*people, bucket(only), rows=PLAIN[:1]))) == {"asr": [Ruling.YES]}


def test_a_variable_for_the_name_of_the_user() -> None:
    home = allow(READ, f"{CALLS}/home/${{aws:username}}/*")
    rows = tuple(speech("calls", f"home/{name}/a.wav") for name in ("ana", "bo", "cy"))
    found = direct(estate(*(person(name, home) for name in ("ana", "bo")), bucket(), rows=rows))
    assert [(each.principal.rpartition("/")[2], each.example, each.objects) for each in found] == [
        ("ana", "home/ana/a.wav", 1),
        ("bo", "home/bo/a.wav", 1),
    ]


def test_a_tag_in_a_path_is_filled_in_for_each() -> None:
    own = allow(READ, f"{CALLS}/${{aws:PrincipalTag/team}}/*")
    rows = tuple(speech("calls", f"{team}/a.wav") for team in ("asr", "tts"))
    found = direct(estate(*(person(team, own, labels={"team": team}) for team in ("asr", "tts")), bucket(), rows=rows))
    assert [each.example for each in found] == ["asr/a.wav", "tts/a.wav"]


def test_who_is_named_in_a_key_grant_decrypts_and_reads() -> None:
    ana = f"arn:aws:iam::{OWNER}:user/ana"
    named = kms(
        allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{OWNER}:role/admin"}),
        grants=(KeyGrant(ana, ("Decrypt",)),),
    )
    people = [person(name, allow(READ, "*"), allow("kms:Decrypt", "*")) for name in ("ana", "bo")]
    found = estate(*people, bucket(encryption=UNDER_KEY), named, rows=(RECORDING,))
    assert who(direct(found)) == {"ana": [Ruling.YES]}
    assert who(direct(found, Action.DECRYPT)) == {"ana": [Ruling.YES]}


UNREAD = speech("calls", "raw/b.wav")
OTHER_KEY = f"{KEY_ARN[:-1]}{'0' if KEY_ARN[-1] != '0' else '1'}"
DECRYPTING = allow("kms:Decrypt", KEY_ARN)
WHICH_KEY = "which key these objects of calls are under was not read"


def test_a_yes_about_a_key_that_nobody_read_tells_what_it_assumes() -> None:
    under = [bucket(encryption=UNDER_KEY), kms(TRUSTING)]
    (known,) = direct(estate(person("ana", allow(READ, "*"), DECRYPTING), *under, rows=(RECORDING,)))
    assert not [step for step in known.steps if not step.statement]
    (unread,) = direct(estate(person("ana", allow(READ, "*"), DECRYPTING), *under, rows=(UNREAD,)))
    assert unread.decision.ruling is Ruling.YES
    (assumed,) = [step.reason for step in unread.steps if not step.statement]
    assert assumed == f"{WHICH_KEY}: that of its default, one of its other objects or none is assumed"


def test_a_key_that_nobody_read_may_be_one_that_others_of_the_bucket_are_under() -> None:
    elsewhere = speech("calls", "raw/a.wav", encryption_mode="customer", key_id=OTHER_KEY)
    for default in (UNDER_KEY, Encryption("provider", bucket_key=Answer.NO)):
        held = [bucket(encryption=default), kms(TRUSTING)]
        reads = estate(person("ana", allow(READ, "*"), DECRYPTING), *held, rows=(elsewhere, UNREAD))
        (grant,) = [each for each in direct(reads) if each.example == "raw/b.wav"]
        assert (grant.objects, grant.decision.unseen) == (1, (WHICH_KEY,))


def test_whoever_lacks_the_default_key_may_read_what_is_under_none() -> None:
    found = estate(person("ana", allow(READ, "*")), bucket(encryption=UNDER_KEY), kms(TRUSTING), rows=(UNREAD,))
    (grant,) = direct(found)
    assert grant.decision.unseen == (WHICH_KEY,)


def test_a_session_that_the_bucket_policy_names_is_a_condition() -> None:
    session = f"arn:aws:sts::{OWNER}:assumed-role/one/job1"
    people = [person(name, kind="role") for name in ("one", "two")]
    found = direct(estate(*people, bucket(allow(READ, f"{CALLS}/*", Principal={"AWS": session})), rows=PLAIN[:1]))
    assert who(found) == {"one": [Ruling.IF]}


def test_an_unread_list_is_told_of_an_object_of_the_class_that_is_meant() -> None:
    found = direct(estate(bucket(ownership="ObjectWriter"), rows=PLAIN))
    told = {each.example: each.decision.unseen[0] for each in found if each.principal == ANYONE}
    assert told == {example: f"the ACL of {CALLS}/{example} was not read" for example in ("raw/a.wav", "text/a.json")}


def test_keys_that_protect_no_recording_are_asked_of_outsiders_only() -> None:
    partner = allow("kms:Decrypt", "*", Principal={"AWS": "arn:aws:iam::222222222222:root"})
    found = estate(person("ana", allow("kms:*", "*")), bucket(), kms(TRUSTING, partner), rows=PLAIN)
    (grant,) = direct(found, Action.DECRYPT)
    assert (grant.principal, grant.outside, grant.store) == ("arn:aws:iam::222222222222:root", True, KEY_ARN)
    assert [step.statement for step in grant.steps] == [f"key policy of {KEY_ARN}, statement 2"]
