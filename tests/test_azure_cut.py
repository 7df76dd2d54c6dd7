"""Who reads by what no statement ends: a setting, a list, a policy of a vault. The answer says so, and what ends it."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

import pytest

from cloudscan.errors import UsageError
from cloudscan.model import ANYONE, Answer, Record
from cloudscan.policy.file import Policy
from cloudscan.reach.answers import Asked, ToCut
from cloudscan.reach.questions import Questions
from cloudscan.reach_reports import terminal
from cloudscan.report import ReportOptions
from cloudscan_azure import AzureProvider
from cloudscan_azure.policy.test_support import ANA, BO, PUBLIC, STORE, assigned, container, estate, listed

OPEN = container(acl=PUBLIC, controls={"allowBlobPublicAccess": Answer.YES})
LISTS = container(controls={"isHnsEnabled": Answer.YES})
LISTED = tuple(listed(path, "user::rwx", "group::---", "other::r-x") for path in ("", "raw", "raw/a.wav"))
PUBLIC_NAME = f"public access level of {STORE}"


def _questions(*records: Record, without: Iterable[str] = ()) -> Questions:
    return Questions(Asked(estate(*records), Policy(), without=list(without)), [AzureProvider()])


def _page(answer: ToCut) -> str:
    out = StringIO()
    terminal.render(answer, out, ReportOptions())
    return " ".join(out.getvalue().split())


def test_what_a_setting_opens_is_told_with_what_closes_it() -> None:
    answer = _questions(OPEN, assigned(STORE, "reader", BO)).cut("corpus", ())
    assert answer.cut.left == (ANYONE,)
    page = _page(answer)
    assert "by public access level of calls/corpus, which is no statement that can go by itself" in page
    assert "--public-access off" in page
    assert "hangs on no statement" not in page


def test_those_whom_the_same_list_lets_in_are_told_once() -> None:
    answer = _questions(LISTS, *LISTED).cut("corpus", ())
    assert {ANA, BO} <= set(answer.cut.left)
    page = _page(answer)
    assert page.count("by access control lists of calls/corpus") == 1
    assert "--acl user:OBJECT" in page


def test_on_azure_no_store_has_a_policy_that_denies() -> None:
    page = _page(_questions(assigned(STORE, "reader", BO)).cut("corpus", ()))
    assert "take away 1 statement" in page
    assert "store's policy" not in page
    assert "to narrow its scope or condition closes as much" in page


def test_to_suppose_a_setting_gone_is_refused_with_what_ends_it() -> None:
    with pytest.raises(UsageError, match=r"no statement that can go by itself.*--public-access off"):
        _questions(OPEN, without=[PUBLIC_NAME]).readers("corpus")


def test_what_no_proof_names_is_still_not_known() -> None:
    with pytest.raises(UsageError, match="no statement is called"):
        _questions(OPEN, without=["public access level of nothing"]).readers("corpus")
