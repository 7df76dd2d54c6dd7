"""What stands beside a picture: of what it is, what its colours mean, who is none of the estate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from cloudscan.access.conditions import Unseen
from cloudscan.model import ANYONE, Coverage, Federation, MediaClass
from cloudscan.reach.answers import Answer
from cloudscan.reach_reports.picture import picture
from cloudscan.reach_reports.scope import scope_line
from cloudscan.reach_reports.svg import _fitted
from cloudscan.reach_reports.test_pictures import FORMATS, _arn, _asked, _few, _many, _reads, _rendered
from cloudscan.reach_reports.words import BOXES, box_lines, names_of
from cloudscan.snapshot import Manifest
from cloudscan.testing import ACCOUNT, edge

MANIFEST = Manifest(
    scope={"aws": {"stores": ["calls-*"], "max_objects": 1000}},
    callers=(),
    started=datetime(2026, 11, 20, 8, tzinfo=UTC),
    finished=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    tool="1.2.3",
    files={},
    digest="0" * 64,
)
FACETS = "stores objects store.encryption store.public-access store.policy store.acl store.access-points principals"


def _dated(answer: Answer) -> Answer:
    """Return an answer from a snapshot of which it is known when and how it was made."""
    lines = [Coverage("aws", ACCOUNT, facet, 2, 2 - (facet == "principals")) for facet in FACETS.split()]
    lines[1] = replace(lines[1], limited=1)
    estate = replace(answer.asked.estate, manifest=MANIFEST, coverage=lines)
    return replace(answer, asked=replace(answer.asked, estate=estate, media=MediaClass.SPEECH, direct=True))


def test_the_scope_says_when_of_what_and_what_was_left_out() -> None:
    assert scope_line(_dated(_few())) == (
        f"Snapshot of 2026-11-20 09:30 UTC by cloudscan 1.2.3: account {ACCOUNT}, 1 store; only speech was asked about;"
        " steps were not asked about; only stores named calls-*; at most 1,000 objects of each store listed; never"
        " asked about: workloads, federations, keys, organization; 1 question about access without an answer; 1 list"
        " of objects cut short."
    )


@pytest.mark.parametrize("name", [*FORMATS, "terminal"])
def test_every_format_is_dated(name: str) -> None:
    assert "Snapshot of 2026-11-20 09:30 UTC by cloudscan 1.2.3" in " ".join(_rendered(_dated(_few()), name).split())


@pytest.mark.parametrize("name", ["svg", "html", "mermaid", "dot"])
def test_a_legend_says_what_the_colours_mean_that_are_there(name: str) -> None:
    text = _rendered(_few(), name)
    assert [words for words in BOXES.values() if words not in text] == []
    assert BOXES["outside"] not in _rendered(_many(5), name)


@pytest.mark.parametrize("name", ["svg", "html", "mermaid", "dot"])
def test_title_outcome_and_conditions_can_be_seen(name: str) -> None:
    seen = "\n".join(line for line in _rendered(_few(), name).splitlines() if "%%" not in line)
    for said in ("Who can come to read calls", "5 readers: ", "if aws:MultiFactorAuthPresent is true"):
        assert said in seen


def test_what_is_open_to_anyone_is_in_the_picture_of_who_asks() -> None:
    derived = (_reads(_arn("user/ben")), _reads(ANYONE, target="web"))
    answer = _asked(*derived, stores=("calls", "web")).reached("ben")
    assert [path.principal for path in answer.open] == [ANYONE]
    shown = picture(answer)
    everybody = next(place for place, box in enumerate(shown.boxes) if box.members == (ANYONE,))
    asking = next(place for place, box in enumerate(shown.boxes) if box.members == (_arn("user/ben"),))
    assert shown.boxes[everybody].kind == "outside"
    between = {link.kinds for link in shown.links if (link.source, link.target) == (asking, everybody)}
    assert between == {("as everybody can",)}
    assert "as everybody can: read → web" in _rendered(answer, "html")
    assert "directly, as anyone" in _rendered(answer, "terminal")


def test_whoever_comes_through_a_door_is_outside() -> None:
    door = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"
    answer = _asked(_reads(_arn("role/ci")), edge(door, "federate", _arn("role/ci"))).readers("calls")
    record = Federation(door, "aws", ACCOUNT, "", "oidc", "token.example.com")
    estate = replace(answer.asked.estate, federations={door: record})
    shown = picture(replace(answer, asked=replace(answer.asked, estate=estate)))
    assert [box.kind for box in shown.boxes if box.members == (door,)] == ["outside"]


def test_what_somebody_becomes_and_who_is_not_known_to_read_are_marked() -> None:
    widened = "user/dan with widened rights"
    answer = _asked(
        _reads(widened),
        edge(_arn("user/dan"), "iam:PutUserPolicy", widened, changes=True, guise=True),
        _reads(_arn("role/old"), Unseen("it was not read")),
        _reads(_arn("role/agent")),
    ).readers("calls")
    told = {box.members[0]: box_lines(box, names_of(answer))[1:] for box in picture(answer).boxes}
    assert told[widened] == ["what somebody becomes, no reader"]
    assert told[_arn("role/old")] == ["not known: something was not seen"]
    assert told[_arn("role/agent")] == []


def test_a_long_name_is_broken_and_not_cut() -> None:
    name = "the-role-of-the-team-that-writes-down-what-was-said-in-calls"
    text = _rendered(_asked(_reads(_arn(f"role/{name}"))).readers("calls"), "svg")
    shown = [line.text or "" for line in ET.fromstring(text).findall(".//{*}text")]  # noqa: S314 - our own output
    assert f"role/{name}" in "".join(line.strip() for line in shown)
    assert max(map(len, _fitted(["x" * 500, "y" * 500]))) <= 35
    assert len(_fitted(["x" * 500])) == 4


def test_a_picture_is_as_wide_as_its_sentences() -> None:
    answer = _dated(_asked(_reads(_arn("role/agent"))).readers("calls"))
    root = ET.fromstring(_rendered(answer, "svg"))  # noqa: S314 - our own output
    (scope,) = (line.text for line in root.findall(".//{*}text") if (line.text or "").startswith("Snapshot"))
    assert float(root.get("width", "0")) > 6 * len(scope or "")


def test_what_is_open_to_anyone_is_in_the_picture_of_the_ways_to_a_store() -> None:
    questions = _asked(_reads(_arn("user/ben"), target="web"), _reads(ANYONE), stores=("calls", "web"))
    answer = questions.between("ben", "calls", max_steps=5, limit=9)
    assert (len(answer.paths), len(answer.open)) == (0, 1)
    kinds = [link.kinds for link in picture(answer).links]
    assert kinds == [("as everybody can",), ("read",)]
