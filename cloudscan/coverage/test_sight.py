"""How much of a scope could be seen at all: by the lists of stores that came."""

from dataclasses import replace

from cloudscan.coverage.sight import blind, inventories, seen
from cloudscan.estate import Estate
from cloudscan.model import Coverage, Gap, Why
from cloudscan.policy.file import Policy
from cloudscan.provider import Facet
from cloudscan.scan import analyze
from cloudscan.testing import ACCOUNT, NOW, gap, store

DENIED = Gap("gcp", "acme", "global", Facet.STORES, "acme", Why.DENIED, "storage.buckets.list", "HTTP 403")


def line(account: str, facet: Facet, asked: int, answered: int, provider: str = "gcp") -> Coverage:
    return Coverage(provider, account, facet, asked=asked, answered=answered)


def percent(*lines: Coverage) -> float | None:
    return analyze(Estate.of(lines), [], [], Policy(), now=NOW, generated_at=NOW).coverage


def test_a_project_whose_stores_nobody_listed_is_not_seen_whatever_else_it_answered() -> None:
    assert percent(line("acme", Facet.STORES, 1, 0), line("acme", Facet.PRINCIPALS, 99, 99)) == 0.0


def test_of_two_projects_the_one_that_was_listed_counts() -> None:
    lines = [line("acme", Facet.STORES, 1, 0), line("beta", Facet.STORES, 1, 1), line("beta", Facet.POLICY, 98, 98)]
    assert percent(*lines) == 50.0


def test_an_organization_that_tells_no_projects_hides_an_unknown_number_of_stores() -> None:
    lines = [line("organizations/1", Facet.ACCOUNTS, 2, 0), line("organizations/1", Facet.POLICY, 98, 98)]
    assert percent(*lines) == 0.0


def test_what_was_listed_lowers_nothing() -> None:
    lines = [line("acme", Facet.ACCOUNTS, 1, 0), line("acme", Facet.STORES, 1, 1), line("acme", Facet.POLICY, 8, 8)]
    assert percent(*lines) == 90.0


def test_a_store_whose_objects_nobody_listed_holds_nobody_knows_what() -> None:
    rest = [line("acme", Facet.STORES, 1, 1), line("acme", Facet.POLICY, 98, 98)]
    assert percent(*rest, line("acme", Facet.OBJECTS, 1, 0)) == 0.0
    assert percent(*rest, line("acme", Facet.OBJECTS, 4, 3)) == 75.0
    beta = [line("beta", Facet.STORES, 1, 1), line("beta", Facet.OBJECTS, 2, 2)]
    assert percent(*rest, line("acme", Facet.OBJECTS, 1, 0), *beta) == 50.0
    unlisted = line("beta", Facet.STORES, 1, 0)
    assert percent(*rest, line("acme", Facet.OBJECTS, 2, 1), unlisted) == 25.0
    assert percent(line("acme", Facet.OBJECTS, 1, 0), line("acme", Facet.POLICY, 99, 99)) == 0.0


def test_an_account_of_which_some_stores_were_seen_counts_by_the_lists_that_came() -> None:
    lines = [line(ACCOUNT, Facet.STORES, 10, 9, "aws")]
    assert seen(lines, [store("calls")], ["aws"]) == 0.9
    assert seen(lines, [], ["aws"]) == 0.0


def test_a_scope_in_which_no_list_of_stores_came_is_blind_and_says_why() -> None:
    lines = [line("acme", Facet.STORES, 1, 0), line(ACCOUNT, Facet.STORES, 1, 1, "aws")]
    (told,) = blind(lines, [], [DENIED], ["aws", "gcp"])
    assert told == "gcp: nothing was seen, since no list of stores came (acme: denied: storage.buckets.list: HTTP 403)"


def test_a_scope_without_any_account_is_blind() -> None:
    (told,) = blind([line("organizations/1", Facet.ACCOUNTS, 2, 2)], [], [], ["gcp"])
    assert told == "gcp: nothing was seen, since no account was found"


def test_an_empty_account_whose_list_came_is_not_blind() -> None:
    assert list(blind([line("acme", Facet.STORES, 1, 1)], [], [], ["gcp"])) == []


def test_stores_that_no_inventory_was_read_of_are_counted_and_why() -> None:
    dated = gap("a", Facet.OBJECTS, Why.LIMIT, since=NOW)
    off = [gap(name, Facet.INVENTORY, Why.DISABLED) for name in "bc"]
    refused = [gap("d", Facet.INVENTORY), gap("a", Facet.INVENTORY), replace(DENIED, facet=Facet.INVENTORY)]
    assert inventories("aws", [dated, *off, *refused], limited=False) == (
        "aws: 1 store was read from an inventory, 3 were listed: 2 write none, of 1 it could not be used, which the"
        " gaps explain"
    )
    assert inventories("aws", off[:1], limited=False) == (
        "aws: no store was read from an inventory, 1 was listed: 1 writes none"
    )
    assert inventories("aws", [dated], limited=False) == "aws: 1 store was read from an inventory"
    assert inventories("aws", [], limited=False) == "aws: no store was read from an inventory"
    assert "with --max-objects they are listed" in inventories("aws", [], limited=True)
