"""``cloudscan reach`` on a snapshot: who reads, by which ways, what one principal reaches, what to take away."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cloudscan.model import Account, Answer, Coverage, Encryption, Key, PolicyDocument, Principal
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


ARCHIVIST, HALF, READER = f"{ARN}:role/archivist", f"{ARN}:user/half", f"{ARN}:role/reader"
VISITED, VENDOR = f"{ARN}:role/visited", "arn:aws:iam::222222222222:root"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/k"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose key is pending deletion: one may undo that and read, one may not undo it, one may never decrypt."""
    root = tmp_path_factory.mktemp("sealed") / "snapshot"
    writer = SnapshotWriter(root, {})
    unit = writer.unit("all")
    unit.add(Account(ACCOUNT, "aws", organization="", controls={"RestrictPublicBuckets": Answer.NO}))
    facts: dict[str, Any] = {"has_policy": Answer.NO, "ownership": "BucketOwnerEnforced", "versioning": "disabled"}
    switches = {"RestrictPublicBuckets": Answer.NO, "IgnorePublicAcls": Answer.NO}
    unit.add(store("archive", controls=switches, encryption=Encryption("customer", KEY), **facts))
    get, decrypt, undo = (
        {"Effect": "Allow", "Action": actions, "Resource": "*"}
        for actions in ("s3:GetObject", "kms:Decrypt", ["kms:CancelKeyDeletion", "kms:EnableKey"])
    )
    for arn, statements in ((ARCHIVIST, (get, decrypt, undo)), (READER, (get, decrypt)), (HALF, (get,))):
        unit.add(_document(f"{arn}#own", "identity", arn, *statements))
        unit.add(_principal(arn, arn.rpartition(":")[2].partition("/")[0], policies=(f"{arn}#own",)))
    vendors = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": VENDOR}}
    unit.add(_document(f"{VISITED}#trust", "trust", VISITED, vendors))
    unit.add(_principal(VISITED, "role", policies=(), trust=f"{VISITED}#trust"))
    trusting = {"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": f"{ARN}:root"}, "Resource": "*"}
    gone = datetime(2026, 12, 24, tzinfo=UTC)
    unit.add(
        Key(
            KEY,
            "aws",
            ACCOUNT,
            "eu-central-1",
            "customer",
            "pending-deletion",
            deletion_date=gone,
            has_policy=Answer.YES,
            grants=(),
            aliases=(),
        )
    )
    unit.add(_document("the key's", "key", KEY, trusting))
    unit.add_rows([speech("archive", "a.wav", encryption_mode="customer", key_id=KEY)])
    unit.commit()
    writer.finish([])
    return root


def test_where_the_key_stands_still_it_is_said_why_and_who_can_undo_it(sealed: Path) -> None:
    told = _asked(sealed, "--to", "archive")
    assert [(one["principal"], one["way"]) for one in told["readers"]] == [(ARCHIVIST, "changes")]
    actions = [step["action"] for step in told["readers"][0]["path"]]
    assert actions.index("kms:CancelKeyDeletion") < actions.index("kms:EnableKey") < actions.index("read")
    (key,) = told["stopped_keys"]
    assert (key["key"], key["state"], key["objects"]) == (KEY, "pending-deletion", 1)
    assert key["deletion_date"].startswith("2026-12-24")
    assert [one["principal"] for one in told["waiting"]] == [ARCHIVIST, READER]
    assert all(one["way"] == "direct" for one in told["waiting"])
    said = " ".join(cloudscan("reach", sealed, "--to", "archive").stdout.split())
    assert f"lies under {KEY}, which is pending deletion until 2026-12-24 and serves no request" in said
    assert f"2 principals would read without changing anything: {ARCHIVIST}, {READER}" in said


def test_who_may_get_and_not_decrypt_is_told_with_the_reason(sealed: Path) -> None:
    (group,) = _asked(sealed, "--to", "archive")["halfway"]
    assert group["principals"] == [ARCHIVIST, READER, HALF]
    assert f"{KEY} is in state pending-deletion and serves no request" in {one["reason"] for one in group["reasons"]}
    said = cloudscan("reach", sealed, "--to", "archive").stdout
    assert "May get recordings and may not decrypt them: 3" in said


def test_why_somebody_does_not_read_says_which_part_is_missing(snapshot: Path, sealed: Path) -> None:
    missing = _asked(sealed, "--from", "half", "--to", "archive/a.wav")["missing"]
    assert missing["example"] == "a.wav"
    lacks = [one["reason"] for one in missing["reasons"] if one["effect"] == "lacks"]
    assert lacks[0] == f"{HALF} may get arn:aws:s3:::archive/a.wav, but may not decrypt it"
    assert [one["statement"] for one in missing["reasons"] if one["effect"] == "allows"] == [f"{HALF}#own, statement 1"]
    by_steps = _asked(snapshot, "--from", "helper", "--to", "calls")
    assert by_steps["paths"]
    assert f"no policy of {HELPER} allows s3:GetObject" in by_steps["missing"]["reasons"][0]["reason"]
    assert _asked(snapshot, "--from", "agent", "--to", "calls/calls/a.wav")["missing"] is None
    assert "Why it does not read" in cloudscan("reach", snapshot, "--from", "visitor", "--to", "calls").stdout


def test_of_an_outside_party_that_the_store_does_not_name_this_is_the_reason(sealed: Path) -> None:
    (reason,) = _asked(sealed, "--from", VENDOR, "--to", "archive")["missing"]["reasons"]
    assert (reason["effect"], reason["statement"]) == ("lacks", "")
    assert reason["reason"] == f"{VENDOR} is no principal of this snapshot, and archive names it nowhere"


def test_what_is_supposed_gone_is_no_reason(sealed: Path) -> None:
    asked = ("--from", "half", "--to", "archive", "--without", f"{HALF}#own, statement 1")
    reasons = [one["reason"] for one in _asked(sealed, *asked)["missing"]["reasons"]]
    assert not any("may get" in reason for reason in reasons)


def test_without_a_question_it_says_what_can_be_asked_about(snapshot: Path) -> None:
    told = _asked(snapshot)
    assert [(one["store"], one["objects"]) for one in told["stores"]] == [("arn:aws:s3:::calls", 2)]
    readers = {one["principal"]: one for one in _asked(snapshot, "--to", "calls")["readers"]}
    ways = [one["way"] for one in readers.values()]
    (held,) = told["stores"]
    assert [held[name] for name in ("readers", "direct", "by_steps")] == [
        len(readers),
        ways.count("direct"),
        ways.count("steps"),
    ]
    blast = _asked(snapshot, "--from", "helper")["blast"]
    (helper,) = [one for one in told["principals"] if one["principal"] == HELPER]
    assert {name: helper[name] for name in blast} == blast
    said = cloudscan("reach", snapshot).stdout
    names = (name.rpartition(":")[2] for name in (AGENT, HELPER))
    assert all(word in said for word in ("calls", *names, "--to STORE", "--from PRINCIPAL"))


def test_one_run_writes_several_formats(snapshot: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.json", "a.svg")]
    given = [part for file in files for part in ("-f", f"{file.suffix[1:]}:{file}")]
    done = cloudscan("reach", snapshot, "--to", "calls", "-f", "terminal", *given)
    assert done.returncode == 0, done.stderr
    assert AGENT in done.stdout
    assert json.loads(files[0].read_text())["target"] == "arn:aws:s3:::calls"
    assert files[1].read_text().startswith("<?xml")


def test_assuming_a_role_is_one_step_with_a_statement_of_either_side(snapshot: Path) -> None:
    said = cloudscan("reach", snapshot, "--from", "helper", "--to", "calls/calls/a.wav").stdout
    assert said.count(f"→ assume-role → {AGENT}") == 1
    assert "→ sts:AssumeRole →" not in said
    flat = " ".join(said.split())
    assert f"{HELPER}#assume, statement 1 allows sts:AssumeRole" in flat
    assert f"{AGENT}#trust, statement 1 allows sts:AssumeRole" in flat


def test_the_name_of_a_trusted_party_is_told_whatever_is_asked(snapshot: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"trusted: [{{account: '{ACCOUNT}', name: The Vendor}}]\n")
    for asked in (("--from", "helper"), ("--to", "calls"), ("--from", "helper", "--to", "calls")):
        assert "trusted: The Vendor" in cloudscan("reach", snapshot, *asked, "--policy", policy).stdout


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


@pytest.mark.parametrize("question", [("--to", "calls"), ("--from", "helper"), ("--to", "calls", "--direct")])
def test_what_the_collection_never_asked_is_said(snapshot: Path, question: tuple[str, ...]) -> None:
    """Nothing is known of the compute that runs as somebody: "nobody comes by it" would be no answer."""
    done = cloudscan("reach", snapshot, *question)
    told = " ".join(done.stdout.split())
    assert re.search(r"never asked about: [a-z ,.-]*\bprincipals, workloads\b", told), told


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
        (("--from", "role/nosuch"), AGENT),
        (("--to", "calls", "-f", "pdf"), "no format is called 'pdf'"),
        (("--to", "calls", "-f", "json", "-f", "svg"), "two formats cannot share stdout"),
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
