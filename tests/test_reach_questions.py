"""Questions of reach on an estate of AWS: that no two answers disagree, and that none is given to what is not there."""

import io
import json
from typing import Any

import pytest

from cloudscan.access import Way
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Account, Answer, PolicyDocument, Principal, Record
from cloudscan.policy.file import Policy
from cloudscan.reach.answers import Asked
from cloudscan.reach.questions import Questions
from cloudscan.reach_reports import renderer
from cloudscan.report import ReportOptions
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, speech, store
from cloudscan_aws import AwsProvider
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.policy import test_support as gcp

ARN = f"arn:aws:iam::{ACCOUNT}"
AGENT, BEN = f"{ARN}:role/agent", f"{ARN}:user/ben"
PARTNER = "arn:aws:iam::333333333333:root"
VENDOR = "arn:aws:iam::555555555555:root"
SWITCHES = {"RestrictPublicBuckets": Answer.NO, "IgnorePublicAcls": Answer.NO}


def _document(name: str, kind: str, held_by: str, *statements: dict[str, Any]) -> PolicyDocument:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return PolicyDocument(name, "aws", ACCOUNT, kind, (held_by,), text)


def _allow(resource: str, **more: Any) -> dict[str, Any]:
    action = "sts:AssumeRole" if ":role/" in resource else "s3:GetObject"
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def _asked(*without: str) -> Questions:
    """A bucket open to everybody, a closed one that only a role reads, and one that names a partner."""
    own = {"open": _allow("arn:aws:s3:::open/*", Principal="*")}
    own["partners"] = _allow("arn:aws:s3:::partners/*", Principal={"AWS": PARTNER}, Sid="Partner")
    records: list[Record] = [Account(ACCOUNT, "aws", organization="", controls=SWITCHES)]
    for name in ("closed", "open", "partners"):
        has = Answer.YES if name in own else Answer.NO
        records.append(store(name, has_policy=has, ownership="BucketOwnerEnforced", controls=SWITCHES))
    records += [_document(f"of {name}", "resource", f"arn:aws:s3:::{name}", each) for name, each in own.items()]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": BEN}, "Sid": "Ben"}
    vendor = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": VENDOR}, "Sid": "Vendor"}
    facts: dict[str, Any] = {"boundary": "", "labels": {}}
    records += [
        _document(f"{AGENT}#inline/read", "identity", AGENT, _allow("arn:aws:s3:::closed/*")),
        _document(f"{AGENT}#trust", "trust", AGENT, trust, vendor),
        Principal(
            AGENT, "aws", ACCOUNT, "role", "agent", policies=(f"{AGENT}#inline/read",), trust=f"{AGENT}#trust", **facts
        ),
        Principal(BEN, "aws", ACCOUNT, "user", "ben", policies=(), **facts),
    ]
    rows = [speech(name, "a.wav", encryption_mode="provider") for name in ("closed", "open", "partners")]
    estate = Estate.of(records, objects=ObjectTable(rows=rows))
    return Questions(Asked(estate, Policy(), without=without), [AwsProvider()])


def _told(answer: Any, form: str) -> str:
    out = io.StringIO()
    renderer(form).render(answer, out, ReportOptions())
    return " ".join(out.getvalue().split())


@pytest.mark.parametrize("end", ["open", "s3://open/a.wav"])
def test_what_is_open_to_anyone_is_open_to_somebody_between_two(end: str) -> None:
    answer = _asked().between(PARTNER, end, max_steps=5, limit=100)
    whole = _asked().reached(PARTNER)
    assert [path.principal for path in answer.open] == [ANYONE]
    assert not answer.paths
    assert [path.store for path in whole.open] == ["arn:aws:s3:::open"]
    assert "and what is open to anyone, besides: 1 way" in _told(answer, "terminal")
    assert [one["principal"] for one in json.loads(_told(answer, "json"))["open"]] == [ANYONE]


def test_what_is_open_to_anyone_is_told_to_whom_else_comes_by_steps_only() -> None:
    answer = _asked().between(VENDOR, "open", max_steps=5, limit=100)
    assert [path.way for path in answer.paths] == [Way.STEPS]
    assert [(path.principal, path.way) for path in answer.open] == [(ANYONE, Way.DIRECT)]
    assert answer.missing is None
    assert [path.principal for path in _asked().reached(VENDOR).open] == [ANYONE]
    assert _asked().between(PARTNER, "open", max_steps=5, limit=100).missing is None


def test_of_somebody_with_ways_of_its_own_what_is_open_to_anyone_is_counted_and_written_when_asked_for() -> None:
    answer = _asked().reached(VENDOR)
    told = _told(answer, "terminal")
    assert answer.paths
    assert "besides: 1 way (--all writes them out" in told
    assert "directly, as anyone" in told
    assert "anyone → read" not in told
    out = io.StringIO()
    renderer("terminal").render(answer, out, ReportOptions(every=True))
    written = " ".join(out.getvalue().split())
    assert "besides: 1 way, last below" in written
    assert "anyone → read" in written


def test_who_loses_its_own_ways_to_what_anyone_reads_is_said_to_come_as_anyone() -> None:
    answer = _asked("role/agent#trust, statement 2").readers("open")
    assert answer.changes is not None
    assert [reader.principal for reader in answer.changes.gone] == [VENDOR]
    assert f"{VENDOR}: by ways of its own; it comes as anyone does" in _told(answer, "terminal")


def test_what_is_not_open_to_anyone_is_not_told_as_open() -> None:
    assert _asked().between("ben", "closed", max_steps=5, limit=100).open == []
    assert _asked().between(ANYONE, "open", max_steps=5, limit=100).open == []


def test_whoever_can_be_asked_about_alone_can_be_asked_about_with_any_store() -> None:
    assert _asked().reached(PARTNER).principal == PARTNER
    assert len(_asked().between(PARTNER, "partners", max_steps=5, limit=100).paths) == 1
    to_open = _asked().between(PARTNER, "open", max_steps=5, limit=100)
    assert (len(to_open.paths), [path.principal for path in to_open.open]) == (0, [ANYONE])
    unnamed = _asked().between("arn:aws:iam::444444444444:root", "open", max_steps=5, limit=100)
    assert (len(unnamed.paths), [path.principal for path in unnamed.open]) == (0, [ANYONE])
    with pytest.raises(UsageError, match="no principal is called"):
        _asked().between("role/nosuch", "open", max_steps=5, limit=100)


STATEMENTS = {
    "Partner": "partners",
    "bucket policy of partners, statement 1": "partners",
    "bucket policy of partners, statement 1 (Partner) ": "partners",
    f"{AGENT}#inline/read, statement 1": "closed",
    "role/agent#inline/read, statement 1": "closed",
}


@pytest.mark.parametrize("word", STATEMENTS)
def test_a_statement_is_supposed_gone_by_any_name_that_answers_give_it(word: str) -> None:
    changes = _asked(word).readers(STATEMENTS[word]).changes
    assert changes is not None
    assert changes.gone


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("nonsense", ""),
        ("", ""),
        ("bucket policy of partners", "bucket policy of partners, statement 1 (Partner)"),
        ("bucket policy of partners, statement 2", "bucket policy of partners, statement 1 (Partner)"),
        ("role/agent#trust, statement 1 (Bem)", f"{AGENT}#trust, statement 1 (Ben)"),
    ],
)
def test_a_statement_that_is_not_there_is_no_question(word: str, nearest: str) -> None:
    for ask in (
        lambda: _asked(word).readers("closed"),
        lambda: _asked(word).reached("ben"),
        lambda: _asked(word).between("ben", "closed", max_steps=5, limit=100),
        lambda: _asked(word).overview(),
    ):
        with pytest.raises(UsageError, match="no statement is called") as refused:
            ask()
        assert nearest in str(refused.value)


def test_whoever_is_named_and_refused_can_be_asked_about() -> None:
    """Of people there is no record: that a policy names somebody is all that says that they are there."""
    refused = gcp.deny("projects/calls", gcp.rule(f"principal://goog/subject/{gcp.BO.removeprefix('user:')}"))
    held = gcp.estate(gcp.bucket(), gcp.allow(gcp.STORE, gcp.binding(gcp.VIEWER, gcp.ANA, gcp.BO)), refused)
    questions = Questions(Asked(held, Policy()), [GcpProvider()])
    assert [path.store for path in questions.reached(gcp.ANA).paths] == [gcp.STORE]
    assert (questions.reached(gcp.BO).principal, questions.reached(gcp.BO).paths) == (gcp.BO, [])
    between = questions.between(gcp.BO, gcp.STORE, max_steps=5, limit=5)
    assert not between.paths
    assert between.missing is not None
    assert any("deny" in one.statement for one in between.missing.decision.proof)
    with pytest.raises(UsageError, match="no principal is called user:nobody@"):
        questions.reached("user:nobody@elsewhere.example")
