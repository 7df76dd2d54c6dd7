"""``cloudscan reach`` on a snapshot: who reads, by which ways, what one principal reaches, what to take away."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cloudscan.model import Account, Answer, Coverage, PolicyDocument, Principal
from cloudscan.schemas import schema
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import ACCOUNT, speech, store
from tests.test_cli import cloudscan

ARN = f"arn:aws:iam::{ACCOUNT}"
AGENT, HELPER, VISITOR = f"{ARN}:role/agent", f"{ARN}:user/helper", f"{ARN}:user/visitor"
HOSTILE = 'calls/\x1b[31m\u202e<script>"x.wav'


def _document(name: str, kind: str, held_by: str, *statements: dict[str, Any]) -> PolicyDocument:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return PolicyDocument(name, "aws", ACCOUNT, kind, (held_by,), text)


def _principal(arn: str, kind: str, **more: Any) -> Principal:
    return Principal(arn, "aws", ACCOUNT, kind, arn.rpartition("/")[2], **({"boundary": "", "labels": {}} | more))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A role that reads calls, a user who may become it with a second factor, and one who may do nothing."""
    root = tmp_path_factory.mktemp("reach") / "snapshot"
    writer = SnapshotWriter(root, {})
    unit = writer.unit("all")
    unit.add(Account(ACCOUNT, "aws", organization="", controls={"RestrictPublicBuckets": Answer.NO}))
    unit.add(
        store(
            "calls",
            has_policy=Answer.NO,
            ownership="BucketOwnerEnforced",
            controls={"RestrictPublicBuckets": Answer.NO, "IgnorePublicAcls": Answer.NO},
            versioning="disabled",
        )
    )
    unit.add(store("letters", has_policy=Answer.NO, ownership="BucketOwnerEnforced"))
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::calls/calls/*"}
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": AGENT}
    factor = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"{ARN}:root"}, "Condition": factor}
    unit.add(_document(f"{AGENT}#read", "identity", AGENT, read))
    unit.add(_document(f"{AGENT}#trust", "trust", AGENT, trust))
    unit.add(_document(f"{HELPER}#assume", "identity", HELPER, assume))
    unit.add(_principal(AGENT, "role", policies=(f"{AGENT}#read",), trust=f"{AGENT}#trust"))
    unit.add(_principal(HELPER, "user", policies=(f"{HELPER}#assume",)))
    unit.add(_principal(VISITOR, "user", policies=()))
    unit.add_rows([speech("calls", "calls/a.wav", encryption_mode="provider"), speech("calls", HOSTILE)])
    unit.add(Coverage("aws", ACCOUNT, "objects", asked=4, answered=4))
    unit.commit()
    writer.finish([])
    return root


def _asked(snapshot: Path, *arguments: str) -> dict[str, Any]:
    done = cloudscan("reach", snapshot, *arguments, "-f", "json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    told: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(schema("reach-1")).validate(told)
    return told


def test_readers_direct_and_by_steps_are_told_apart_with_their_conditions(snapshot: Path) -> None:
    told = {reader["principal"]: reader for reader in _asked(snapshot, "--to", "calls")["readers"]}
    assert (told[AGENT]["way"], told[AGENT]["verdict"]) == ("direct", "yes")
    assert (told[HELPER]["way"], told[HELPER]["verdict"]) == ("steps", "if")
    assert "aws:MultiFactorAuthPresent" in told[HELPER]["condition"]
    assert told[HELPER]["path"][0]["source"] == HELPER
    assert f"{AGENT}#read, statement 1" in {step["statement"] for step in told[HELPER]["path"]}
    assert VISITOR not in told


def test_without_steps_only_direct_readers_are_left(snapshot: Path) -> None:
    assert HELPER not in {reader["principal"] for reader in _asked(snapshot, "--to", "calls", "--direct")["readers"]}


@pytest.mark.parametrize("name", ["calls/calls/a.wav", "s3://calls/calls/a.wav", "arn:aws:s3:::calls/calls/a.wav"])
def test_one_recording_can_be_asked_about(snapshot: Path, name: str) -> None:
    told = _asked(snapshot, "--to", name)
    assert told["target"] == "arn:aws:s3:::calls/calls/a.wav"
    assert {reader["principal"] for reader in told["readers"]} >= {AGENT, HELPER}


def test_what_a_principal_reaches_and_by_which_ways(snapshot: Path) -> None:
    reach = _asked(snapshot, "--from", "helper")
    assert [(path["store"], path["way"], path["verdict"]) for path in reach["paths"]] == [
        ("arn:aws:s3:::calls", "steps", "if")
    ]
    # How the other recording is encrypted was not read.
    told = (reach["blast"]["hours_by_steps"], reach["blast"]["hours_unknown"])
    assert told == pytest.approx((1 / 60, 1 / 60), abs=1e-5)
    ways = _asked(snapshot, "--from", "helper", "--to", "calls")
    assert [path["verdict"] for path in ways["paths"]] == ["if", "unknown"]
    assert _asked(snapshot, "--from", VISITOR)["paths"] == []


def test_the_statement_to_take_away_and_what_is_otherwise_without_it(snapshot: Path) -> None:
    cut = _asked(snapshot, "--cut", "calls", "--keep", "agent")["cut"]
    (removal,) = [one for one in cut["removals"] if one["readers_gone"]]
    changes = _asked(snapshot, "--to", "calls", "--without", removal["statement"])["changes"]
    assert changes["gone"] == [HELPER]


def test_what_is_cut_and_may_yet_be_read_is_said(snapshot: Path) -> None:
    """How one recording is encrypted was not read: without the bucket's statements that stays open."""
    told = _asked(snapshot, "--cut", "calls")
    statements = [one["statement"] for one in told["cut"]["removals"]]
    given = [part for statement in statements for part in ("--without", statement)]
    after = _asked(snapshot, "--to", "calls", *given)
    assert [one["principal"] for one in told["unknown"]] == [one["principal"] for one in after["unknown"]]
    assert {one["principal"] for one in after["readers"]} == set(told["cut"]["left"])


def test_direct_readers_are_those_of_the_whole_answer(snapshot: Path) -> None:
    """What somebody would become by a step is no reader of its own."""
    whole = {one["principal"] for one in _asked(snapshot, "--to", "calls")["readers"] if one["way"] == "direct"}
    assert {one["principal"] for one in _asked(snapshot, "--to", "calls", "--direct")["readers"]} == whole


@pytest.mark.parametrize("asked", [("--to", "calls"), ("--from", "helper"), ("--cut", "calls"), ("--from", "agent")])
def test_a_person_can_read_the_answer(snapshot: Path, asked: tuple[str, str]) -> None:
    done = cloudscan("reach", snapshot, *asked)
    assert done.returncode == 0, done.stderr
    assert "calls" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--to", "cals"), "arn:aws:s3:::calls"),
        (("--from", "helpr", "--to", "calls"), HELPER),
        (("--to", "calls/calls/b.wav"), "calls/a.wav"),
        ((), "ask one thing"),
        (("--cut", "calls", "--to", "calls"), "ask one thing"),
        (("--to", "calls", "--keep", "agent"), "--keep goes with --cut"),
    ],
)
def test_a_wrong_question_names_what_comes_nearest(snapshot: Path, asked: tuple[str, ...], said: str) -> None:
    done = cloudscan("reach", snapshot, *asked)
    assert done.returncode == 2
    assert said in done.stderr


def test_nothing_of_a_cloud_is_asked(snapshot: Path, tmp_path: Path) -> None:
    done = cloudscan(
        "reach", snapshot, "--to", "calls", "-o", tmp_path / "told.txt", more={"AWS_ENDPOINT_URL": "http://0"}
    )
    assert done.returncode == 0, done.stderr
    assert AGENT in (tmp_path / "told.txt").read_text()
