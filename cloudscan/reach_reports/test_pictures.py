"""The pictures: what they show, that they leave nobody out, and that no name breaks out of its place."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import cast
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from cloudscan.access import NEVER, AccessGraph, Condition, Decision, Edge, Effect, Grant, Reason
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import Pattern
from cloudscan.access.standing import ITSELF
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Account, Action, Key, MediaClass, Principal, Record
from cloudscan.policy.file import Policy, parse_policy
from cloudscan.provider import Halfway, Provider, StoppedKey
from cloudscan.reach.answers import Answer, Asked, Readers
from cloudscan.reach.missing import Missing
from cloudscan.reach.questions import Questions
from cloudscan.reach_reports import renderer
from cloudscan.reach_reports.layout import BOX_WIDTH, laid_out
from cloudscan.reach_reports.picture import picture
from cloudscan.reach_reports.words import box_lines, names_of
from cloudscan.report import ReportOptions
from cloudscan.schemas import schema
from cloudscan.testing import ACCOUNT, edge, grant, store

HOSTILE = "a\"b'c\\N]]>--><script>alert(1)</script>\n%%{init}%%\x1b[31m\u202egpj #quot; ${x} `y` |z| &amp; \ud800end"
FORMATS = ("svg", "html", "mermaid", "dot", "graphml")
SECOND_FACTOR = Test("aws:MultiFactorAuthPresent", Operator.EQUALS, (Pattern(("true",)),))


def _arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{name}"


def _asked(*derived: Grant | Edge, stores: Sequence[str] = ("calls",), policy: Policy | None = None) -> Questions:
    named = {each.principal for each in derived if isinstance(each, Grant)}
    named |= {name for each in derived if isinstance(each, Edge) for name in (*each.sources, *each.targets)}
    records: list[Record] = [Account(ACCOUNT, "aws"), *(store(name) for name in stores)]
    for name in sorted(named):
        if name.startswith(_arn("")):
            kind, _, rest = name.rpartition(":")[2].partition("/")
            records.append(Principal(name, "aws", ACCOUNT, kind, rest))
    provider = cast("Provider", SimpleNamespace(name="aws", grants=lambda *_: iter(derived)))
    return Questions(Asked(Estate.of(records), policy or Policy()), [provider])


def _reads(name: str, condition: Condition = ALWAYS, target: str = "calls", **facts: object) -> Grant:
    return grant(name, Action.READ, target, condition=condition, media=MediaClass.SPEECH, objects=1, **facts)


def _rendered(answer: Answer, name: str, *, every: bool = False) -> str:
    out = io.StringIO()
    renderer(name).render(answer, out, ReportOptions(every=every))
    return out.getvalue()


def _few() -> Answer:
    return _asked(
        _reads(_arn("role/agent")),
        _reads(_arn("user/ana"), SECOND_FACTOR),
        _reads(_arn("role/old"), Unseen("the policy was not read")),
        _reads(_arn("role/admin"), by="s3:PutBucketPolicy", changes=True),
        edge(_arn("user/cara"), "assume-role", _arn("role/agent"), condition=SECOND_FACTOR),
        edge("arn:aws:iam::999999999999:root", "assume-role", _arn("role/agent"), outside=True, account="9" * 12),
        policy=parse_policy({"trusted": [{"account": "9" * 12, "name": "Vendor"}]}),
    ).readers("calls")


def _many(number: int) -> Answer:
    def steps() -> Iterator[Grant | Edge]:
        for each in range(number // 5):
            yield _reads(_arn(f"role/app-{each:04}"), SECOND_FACTOR if each % 3 == 0 else ALWAYS)
        for each in range(number):
            target = _arn(f"role/app-{(each * each) % max(1, number // 5):04}")
            yield edge(_arn(f"user/person-{each:04}"), ["assume-role", "pass-role:lambda"][each % 2], target)

    return _asked(*steps()).readers("calls")


@pytest.mark.parametrize("number", [5, 50, 500, 3000])
def test_everybody_is_in_one_box_and_there_are_few(number: int) -> None:
    answer = _many(number)
    shown = picture(answer)
    members = [name for box in shown.boxes for name in box.members]
    assert len(set(members)) == len(members)
    assert set(members) == {reader.principal for reader in answer.readers} | {answer.target.id}  # type: ignore[union-attr]
    assert len(shown.boxes) <= 26 or number == 5
    assert len(shown.links) <= 36
    for box in shown.boxes:
        inside = {number for link in shown.links for number in (link.source, link.target)}
        assert shown.boxes.index(box) in inside


def test_those_through_whom_most_come_keep_their_own_boxes() -> None:
    hub = [edge(_arn(f"user/u{each:03}"), "assume-role", _arn("role/hub")) for each in range(90)]
    rest = [edge(_arn(f"user/v{each:03}"), "assume-role", _arn(f"role/app-{each:02}")) for each in range(30)]
    apps = [_reads(_arn(f"role/app-{each:02}")) for each in range(30)]
    shown = picture(_asked(_reads(_arn("role/hub")), *apps, *hub, *rest).readers("calls"))
    assert [box.passing for box in shown.boxes if box.members == (_arn("role/hub"),)] == [90]


def test_every_groups_nothing() -> None:
    answer = _many(60)
    assert all(len(box.members) == 1 for box in picture(answer, every=True).boxes)
    assert len(ET.fromstring(_rendered(answer, "graphml")).findall(".//{*}node")) == len(answer.readers) + 1  # type: ignore[union-attr]  # noqa: S314


@pytest.mark.parametrize("number", [5, 50, 500])
def test_boxes_do_not_overlap_and_links_meet_them(number: int) -> None:
    answer = _many(number)
    shown = picture(answer)
    placed = laid_out(shown, [box_lines(box, names_of(answer)) for box in shown.boxes])
    for one in placed.boxes:
        for other in placed.boxes:
            apart = one.y + one.height <= other.y or other.y + other.height <= one.y
            assert one is other or apart or one.x + BOX_WIDTH <= other.x or other.x + BOX_WIDTH <= one.x
        assert one.x >= 0
        assert one.x + BOX_WIDTH <= placed.width
        assert one.y + one.height <= placed.height
    for drawn in placed.links:
        (x, y), *_, (to_x, to_y) = drawn.points
        source, target = placed.boxes[drawn.link.source], placed.boxes[drawn.link.target]
        assert x == source.x + BOX_WIDTH
        assert source.y <= y <= source.y + source.height
        assert to_x in (target.x, target.x + BOX_WIDTH)
        assert target.y <= to_y <= target.y + target.height


def test_a_picture_says_in_words_what_its_lines_mean() -> None:
    text = _rendered(_few(), "svg")
    root = ET.fromstring(text)  # noqa: S314 - our own output
    assert root.get("role") == "img"
    title, described = (root.find(f"{{*}}{name}") for name in ("title", "desc"))
    assert title is not None
    assert title.text == "Who can come to read calls"
    assert described is not None
    assert "user/cara: assume-role, if → role/agent; if aws:MultiFactorAuthPresent is true" in (described.text or "")
    words = " ".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))
    marked = (
        "change: s3:PutBucketPolicy",
        "read, unknown [2]",
        "assume-role, if [1]",
        "outside the estate",
        "(Vendor)",
    )
    assert [said for said in marked if said not in words] == []
    assert "999999999999 (Vendor)" in words
    assert "[1] if aws:MultiFactorAuthPresent is true" in words
    assert "<script" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_page_lists_everybody_with_the_proof_and_loads_nothing() -> None:
    text = _rendered(_few(), "html")
    assert "default-src 'none'" in text
    told = ("role/agent", "user/ana", "user/cara", "by steps that change the cloud", "unknown: the policy was not read")
    assert [said for said in told if said not in text] == []
    assert "a statement lets role/agent read calls" in text
    assert not re.search(r"(?:src|href)=", text)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("shape", ["to", "from", "between"])
def test_every_shape_of_answer_has_every_picture(name: str, shape: str) -> None:
    questions = _asked(
        _reads(_arn("role/agent")),
        _reads(_arn("role/agent"), target="notes"),
        _reads(_arn("user/cara"), SECOND_FACTOR),
        edge(_arn("user/cara"), "assume-role", _arn("role/agent")),
        edge(_arn("user/cara"), "assume-role", _arn("role/other")),
        edge(_arn("role/other"), "assume-role", _arn("role/agent")),
        edge(_arn("role/agent"), "assume-role", _arn("role/other")),
        _reads(_arn("role/other"), Unseen("it was not read")),
        stores=("calls", "notes"),
    )
    match shape:
        case "to":
            answer: Answer = questions.readers("calls")
        case "from":
            answer = questions.reached("cara")
        case _:
            answer = questions.between("cara", "calls", max_steps=5, limit=100)
    text = _rendered(answer, name)
    assert "role/agent" in text
    assert text.endswith("\n")
    assert text == _rendered(answer, name)


def test_many_stores_are_grouped_by_who_reads_them() -> None:
    stores = [f"calls-{number:02}" for number in range(40)]
    grants = [_reads(_arn("role/agent"), target=name) for name in stores]
    shown = picture(_asked(*grants, stores=stores).reached("agent"))
    assert sorted(len(box.members) for box in shown.boxes) == [1, 40]


@pytest.mark.parametrize("name", FORMATS)
def test_who_reaches_nothing_is_a_picture_without_links(name: str) -> None:
    questions = _asked(_reads(ANYONE))
    assert _rendered(questions.reached("anyone-signed-in"), name)
    assert _rendered(_asked().readers("calls"), name)


@pytest.mark.parametrize("name", FORMATS)
def test_what_to_take_away_is_no_picture(name: str) -> None:
    with pytest.raises(UsageError, match="a list, not a picture"):
        _rendered(_asked(_reads(_arn("role/agent"))).cut("calls", ()), name)


def _hostile() -> Readers:
    condition = Test(HOSTILE, Operator.EQUALS, (Pattern((HOSTILE,)),))
    return _asked(
        _reads(HOSTILE, condition),
        _reads(_arn(f"role/{HOSTILE}"), by=HOSTILE, changes=True),
        edge(f"{HOSTILE}2", HOSTILE, HOSTILE, condition=Unseen(HOSTILE)),
        policy=parse_policy({"trusted": [{"account": "9" * 12, "name": "x"}]}),
    ).readers("calls")


def _hostile_parts() -> Readers:
    """Whoever has a part of a read, and the keys that stand still, may be called anything, too."""
    answer = _hostile()
    reasons = [Reason(Effect.LACKS, HOSTILE), Reason(Effect.DENIES, "a statement", HOSTILE)]
    stopped = StoppedKey(Key(HOSTILE, "aws", ACCOUNT, "eu-central-1", state=HOSTILE), 1, 2)
    halfway = [Halfway([HOSTILE], HOSTILE, reasons)]
    barred = replace(stopped, barred=HOSTILE)
    return replace(answer, halfway=halfway, stopped=[stopped, barred], waiting=answer.readers)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("made", [_hostile, _hostile_parts])
def test_hostile_names_stay_text(name: str, made: Callable[[], Answer]) -> None:
    text = _rendered(made(), name)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    text.encode("utf-8")
    match name:
        case "svg" | "graphml":
            ET.fromstring(text)  # noqa: S314 - our own output
        case "html":
            tags = _Tags()
            tags.feed(text)
            assert "script" not in tags.seen
        case "dot":
            without = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
            assert '"' not in without.replace('""', "")
            assert re.fullmatch(r"[\w\s{}\[\]=,;>\-\"]*", without), without
        case "mermaid":
            for line in text.splitlines():
                assert line.count('"') in (0, 2), line
                assert not re.search(r"[{}`]", line), line
                assert re.match(r"flowchart LR$|    (n\d+|about|legend\d|classDef)[ \[(]?", line), line


@pytest.mark.parametrize("name", ["terminal", "json"])
def test_hostile_names_stay_text_in_words(name: str) -> None:
    questions = _asked(_reads(HOSTILE), _reads(_arn("role/agent")), stores=("calls", HOSTILE[:20]))
    missing = Missing(HOSTILE, Decision(NEVER, (Reason(Effect.LACKS, HOSTILE, HOSTILE),)))
    between = replace(questions.between(HOSTILE, "calls", max_steps=5, limit=100), missing=missing)
    for answer in (_hostile_parts(), questions.overview(), between):
        text = _rendered(answer, name)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
        text.encode("utf-8")
        if name == "json":
            Draft202012Validator(schema("reach-1")).validate(json.loads(text))


def test_a_page_says_who_lacks_what_and_which_keys_stand_still() -> None:
    text = _rendered(_hostile_parts(), "html")
    assert "May get recordings and may not decrypt them" in text
    assert "and perhaps 2 more, under" in text


def test_each_step_of_a_way_is_one_item_of_a_page() -> None:
    questions = _asked(_reads(_arn("role/agent")), edge(_arn("user/cara"), "assume-role", _arn("role/agent")))
    text = _rendered(questions.between("cara", "calls", max_steps=5, limit=100), "html")
    assert text.count("<li><ul>") == 2


@pytest.mark.parametrize("name", FORMATS)
def test_what_can_be_asked_about_is_no_picture(name: str) -> None:
    with pytest.raises(UsageError, match="a list, not a picture"):
        _rendered(_asked(_reads(_arn("role/agent"))).overview(), name)


def test_listing_names_principals_as_from_takes_them() -> None:
    questions = _asked(_reads(_arn("role/agent")), _reads("arn:aws:iam::222222222222:root"), _reads("anyone"))
    listed = _rendered(questions.overview(), "terminal").splitlines()
    for name in ("role/agent", "arn:aws:iam::222222222222:root", "anyone"):
        assert any(line.startswith(f"{name} ") for line in listed)
        assert questions.reached(name).paths


def test_hostile_names_come_back_whole_from_graphml() -> None:
    root = ET.fromstring(_rendered(_hostile(), "graphml"))  # noqa: S314 - our own output
    ids = [data.text or "" for data in root.findall(".//{*}node/{*}data[@key='id']")]
    assert any("a\"b'c\\N]]>--><script>alert(1)</script>\\n" in name for name in ids)


def _through(*more: Grant | Edge) -> Answer:
    """Ana has one way, ben two, and of cy it is not known whether he has any."""
    hub, other = _arn("role/hub"), _arn("role/other")
    steps = [edge(_arn(f"user/{name}"), "assume-role", target) for name, target in _WAYS_OF_TWO]
    perhaps = edge(_arn("user/cy"), "assume-role", hub, condition=Unseen("the trust policy was not read"))
    return _asked(_reads(hub), _reads(other), *steps, perhaps, *more).readers("calls")


_WAYS_OF_TWO = (("ana", _arn("role/hub")), ("ben", _arn("role/hub")), ("ben", _arn("role/other")))


def _said_of(answer: Answer) -> list[dict[str, int]]:
    """Tell how many come only through whom, as each format says it."""
    drawn = [{box.members[0]: box.passing for box in picture(answer, every=True).boxes if box.passing}]
    told = json.loads(_rendered(answer, "json"))["chokepoints"]
    lines = re.findall(
        r"^(\S+): ([\d,]+) readers? comes? only through it$", _rendered(answer, "terminal"), re.MULTILINE
    )
    drawn.append({one["principal"]: one["readers"] for one in told})
    return [*drawn, {name: int(many) for name, many in lines}]


def test_those_who_come_only_through_somebody_are_readers_with_no_other_way_in_every_format() -> None:
    assert _said_of(_through()) == [{_arn("role/hub"): 1}] * 3
    assert "1 reader comes only through" in _rendered(_through(), "svg").replace("</tspan>", "")
    assert _said_of(_through(edge(_arn("user/ana"), "assume-role", _arn("role/other")))) == [{}] * 3


def test_where_anyone_reads_nobody_has_to_pass_through_anybody() -> None:
    assert _said_of(_through(_reads(ANYONE))) == [{}] * 3


def test_a_direct_read_under_a_condition_is_told_beside_the_surer_way_and_counted_as_everywhere() -> None:
    ana, agent = _arn("user/ana"), _arn("role/agent")
    derived: list[Grant | Edge] = [_reads(agent), _reads(ana, SECOND_FACTOR), edge(ana, "assume-role", agent)]
    answer = _asked(*derived).readers("calls")
    said = " ".join(_rendered(answer, "terminal").split())
    assert "2 readers: 2 directly · 0 by steps · 0 by steps that change the cloud" in said
    assert "1 of them directly, under a condition, and surely by steps" in said
    assert "aws:MultiFactorAuthPresent" in said
    assert "and surely: by steps that only use the cloud as it is" in said
    assert f"→ assume-role → {agent}" in said
    told = {one["principal"]: one for one in json.loads(_rendered(answer, "json"))["readers"]}
    assert [(told[name]["simplest"], told[name]["way"], told[name]["verdict"]) for name in (agent, ana)] == [
        ("direct", "direct", "yes"),
        ("direct", "steps", "yes"),
    ]
    counts = AccessGraph(derived).counts(ITSELF, answer.target.id)
    assert (counts.direct, counts.by_steps) == (2, 0)
    assert "2 by their own rights, 0 by steps that only use" in " ".join(_rendered(answer, "svg").split())
