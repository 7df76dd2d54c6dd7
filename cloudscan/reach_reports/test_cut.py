"""What is told of statements to take away: what they say, who is left, and whom nobody can keep out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Removal
from cloudscan.errors import UsageError
from cloudscan.model import ANYONE
from cloudscan.policy.file import parse_policy
from cloudscan.reach.answers import Changes
from cloudscan.reach_reports.test_pictures import _arn, _asked, _reads, _rendered

AGENT, OTHER = _arn("role/agent"), _arn("role/other")


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_whoever_is_approved_and_alone_is_said_to_be() -> None:
    policy = parse_policy({"access": {"approved_readers": [{"principals": ["*:role/agent"]}]}})
    answer = _asked(_reads(AGENT), policy=policy).cut("calls", ())
    assert f"only {AGENT} read it, who are to keep it" in _flat(_rendered(answer, "terminal"))


def test_everybody_cannot_keep_what_others_are_to_lose() -> None:
    questions = _asked(_reads(ANYONE), _reads(AGENT))
    with pytest.raises(UsageError, match=r"anyone is to keep reading .*nothing is left to cut"):
        questions.cut("calls", [ANYONE])


def test_what_no_statement_can_keep_out_is_not_called_done() -> None:
    answer = _asked(_reads(AGENT), _reads(OTHER)).cut("calls", ())
    page = _flat(_rendered(replace(answer, cut=replace(answer.cut, left=(OTHER,), readers_after=1)), "terminal"))
    assert "of 2 known readers 1 cannot be kept out by taking statements away" in page
    assert "the fewest that do it" not in page


def test_each_statement_is_told_with_what_it_says() -> None:
    answer = _asked(_reads(AGENT)).cut("calls", ())
    answer = replace(answer, cut=replace(answer.cut, removals=(Removal("own, statement 1", 1, "read"),)))
    told = replace(answer, says={"own, statement 1": "allows s3:* on *"})
    assert "allows s3:* on *" in _flat(_rendered(told, "terminal"))
    assert '"says": "allows s3:* on *"' in _rendered(told, "json")
    assert '"says": null' in _rendered(answer, "json")


def test_who_is_left_for_the_sake_of_the_kept_is_told_with_the_statement() -> None:
    answer = _asked(_reads(AGENT), _reads(OTHER)).cut("calls", ())
    cut = replace(answer.cut, left=(OTHER,), needed={OTHER: {"shared, statement 1": AGENT}})
    page = _flat(_rendered(replace(answer, cut=cut, keep=[AGENT]), "terminal"))
    assert f"{OTHER} reads even so: by shared, statement 1, spared since {AGENT} is to keep reading" in page
    assert "hangs on no statement" not in page


def test_how_readers_are_kept_is_told_only_to_who_keeps_none() -> None:
    answer = _asked(_reads(AGENT)).cut("calls", ())
    answer = replace(answer, cut=replace(answer.cut, removals=(Removal("own, statement 1", 1, "read"),)))
    assert "--keep names" in _flat(_rendered(answer, "terminal"))
    assert "--keep names" not in _flat(_rendered(replace(answer, keep=[OTHER]), "terminal"))


def test_every_statement_that_is_supposed_gone_is_named_whole() -> None:
    answer = _asked(_reads(AGENT)).readers("calls")
    gone = [f"arn:aws:iam::111111111111:role/of-a-very-long-name-{number}#trust, statement 1" for number in range(3)]
    answer = replace(answer, asked=replace(answer.asked, without=gone), changes=Changes((), (), ()))
    page = _flat(_rendered(answer, "terminal"))
    assert "Without 3 statements" in page
    for statement in gone:
        assert f"without {statement}" in page


@pytest.mark.parametrize("form", ["terminal", "svg", "html", "dot", "graphml", "mermaid", "json"])
def test_what_is_supposed_gone_is_told_in_every_form(form: str) -> None:
    questions = _asked(_reads(AGENT))
    reached, between = questions.reached(AGENT), questions.between(AGENT, "calls", max_steps=5, limit=9)
    for answer in (questions.readers("calls"), reached, between):
        supposing = replace(answer, asked=replace(answer.asked, without=["own-1", "own-2"]))
        assert "as if own-1 and own-2 were gone" in _flat(_rendered(supposing, form))
        assert "were gone" not in _flat(_rendered(answer, form))
