"""What the graph answers, held to a slow and plain search: every way followed by hand, pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, combinations, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.access import ALWAYS, AccessGraph, Condition, Decision, Edge, Grant, Part, Ruling, shown
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Test, Unseen
from cloudscan.access.paths import Path, Way
from cloudscan.access.patterns import Pattern
from cloudscan.access.standing import ITSELF, Standing
from cloudscan.model import Action, MediaClass, Step

LAW = settings(deadline=None)
NAMES = "abcdef"
STORES = ("arn:aws:s3:::calls", "arn:aws:s3:::notes")
CALLS = STORES[0]
_TRIED = 7
"""Statements of a world up to which every set of them is tried."""
SURE: dict[Ruling, Condition] = {
    Ruling.YES: ALWAYS,
    Ruling.IF: Test("aws:SourceVpce", Operator.EQUALS, (Pattern(("vpce-1",)),)),
    Ruling.UNKNOWN: Unseen("a policy was not read"),
}
RULINGS = st.sampled_from([*[Ruling.YES] * 3, *[Ruling.IF] * 2, Ruling.UNKNOWN])
SAID = st.lists(
    st.tuples(st.sampled_from(["allow", "trust"]), st.sampled_from(["{0}", "{1}", "P", "Q", "R", ""])), max_size=3
)


def _proof(kind: str, said: Sequence[tuple[str, str]]) -> Callable[[str, str], tuple[Step, ...]]:
    """Make proofs whose statements hang on the source, on the target, on both being there, or on nothing."""

    def prove(one: str, other: str) -> tuple[Step, ...]:
        return tuple(
            Step(one, f"{kind} {action}", other, "so it is written", statement=statement.format(one, other))
            for action, statement in said
        )

    return prove


@st.composite
def _edges(draw: st.DrawFn) -> Edge:
    members = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
    guise, kind = draw(st.integers(0, 9)) == 0, draw(st.sampled_from(["assume", "pass"]))
    return Edge(
        sources=tuple(draw(members)),
        targets=("a guise",) if guise else tuple(draw(members)),
        kind=kind,
        decision=Decision(SURE[draw(RULINGS)]),
        prove=_proof(kind, draw(SAID)),
        changes=draw(st.booleans()),
        reads_only=draw(st.integers(0, 2)) == 0,
        media=draw(st.sampled_from([(), (), (MediaClass.SPEECH,), (MediaClass.TRANSCRIPT,)])),
        guise=guise,
    )


@st.composite
def _grants(draw: st.DrawFn) -> Grant:
    principal, by = draw(st.sampled_from([*NAMES, "a guise"])), draw(st.sampled_from(["", "", "s3:PutBucketPolicy"]))
    store = draw(st.sampled_from(STORES))
    number = draw(st.integers(1, 3))
    return Grant(
        principal=principal,
        action=Action.READ,
        store=store,
        decision=Decision(SURE[draw(RULINGS)]),
        prove=shown(*_proof(f"read {by}", draw(SAID))(principal, store)),
        media=draw(st.sampled_from([MediaClass.SPEECH, MediaClass.TRANSCRIPT])),
        objects=number,
        seconds=number * 60.0,
        example=f"class-{number}",
        by=by,
        changes=bool(by) and draw(st.booleans()),
    )


def _whole(world: list[Grant | Edge]) -> list[Grant | Edge]:
    """Leave out what a guise may do when nobody can take it on: then it is none."""
    taken_on = any(isinstance(link, Edge) and link.guise for link in world)
    return [link for link in world if taken_on or isinstance(link, Edge) or link.principal != "a guise"]


WORLDS = st.tuples(st.lists(_grants(), max_size=6), st.lists(_edges(), max_size=6)).map(
    lambda drawn: _whole([*drawn[0], *drawn[1]])
)


def _ways(world: Sequence[Grant | Edge], principal: str, *, again: bool = False) -> list[Path]:
    """Follow every way of a principal: nobody twice, and no edge twice but ``again`` between others of its members."""
    found = []

    def follow(nodes: tuple[str, ...], links: tuple[int, ...], *, reading: bool) -> None:
        last = world[links[-1]] if links else None
        heard = last.media if reading and isinstance(last, Edge) else ()
        for place, link in enumerate(world):
            if isinstance(link, Grant):
                if link.principal == nodes[-1] and not (reading and link.by) and (not heard or link.media in heard):
                    taken = [world[each] for each in links]
                    found.append(Path((*taken, link), nodes))
            elif nodes[-1] in link.sources and (again or place not in links) and not reading:
                for target in link.targets:
                    if target not in nodes:
                        follow((*nodes, target), (*links, place), reading=link.reads_only)

    follow((principal,), (), reading=False)
    return found


def _known(path: Path) -> tuple[Any, ...]:
    return [id(link) for link in path.links], path.nodes


def _goodness(path: Path) -> tuple[int, int, int]:
    return list(SURE).index(path.ruling), list(Way).index(path.way), path.length


def _fallen(link: Grant | Edge, one: str, other: str, gone: set[str]) -> bool:
    steps = link.steps if isinstance(link, Grant) else link.prove(one, other)
    saying: dict[tuple[str, str, str], set[str]] = {}
    for step in steps:
        if step.statement:
            saying.setdefault((step.source, step.action, step.target), set()).add(step.statement)
    return any(said <= gone for said in saying.values())


def _stands(path: Path, gone: set[str]) -> bool:
    pairs = zip(path.links, path.nodes, (*path.nodes[1:], path.store), strict=True)
    return not any(_fallen(link, one, other, gone) for link, one, other in pairs)


def _all_ways(world: Sequence[Grant | Edge]) -> Iterator[Path]:
    return chain.from_iterable(_ways(world, name, again=True) for name in NAMES)


@LAW
@given(WORLDS, st.sampled_from([None, MediaClass.SPEECH]))
def test_readers_are_those_of_a_plain_search(world: list[Grant | Edge], media: MediaClass | None) -> None:
    found = {reader.principal: reader for reader in AccessGraph(world).readers(CALLS, media)}
    for name in NAMES:
        ways = [path for path in _ways(world, name) if path.store == CALLS and media in (None, path.media)]
        assert (name in found) == bool(ways)
        if not ways:
            continue
        reader, known = found[name], [_known(path) for path in ways]
        assert all(_known(path) in known for path in reader.paths)
        assert reader.verdict == min(ways, key=_goodness).ruling
        simpler = len(SURE)
        for way in Way:
            told = [path for path in reader.paths if path.way is way]
            best = min((_goodness(path) for path in ways if path.way is way), default=None)
            exact = way is not Way.CHANGES or (best is not None and best[0] < simpler)
            if best is not None and simpler and exact:
                assert [_goodness(path) for path in told] == [best]
            assert len(told) <= 1
            simpler = min([simpler, *(_goodness(path)[0] for path in told)])
    assert "a guise" not in found


@LAW
@given(WORLDS)
def test_what_is_reached_is_what_a_plain_search_reaches(world: list[Grant | Edge]) -> None:
    graph = AccessGraph(world)
    for name in NAMES:
        ways = _ways(world, name)
        surest: dict[tuple[str, MediaClass | None, str | None], int] = {}
        for path in ways:
            held = path.store, path.media, path.grant.example
            surest[held] = min(surest.get(held, len(SURE)), _goodness(path)[0])
        best: dict[tuple[str, MediaClass | None, int], tuple[int, int, int]] = {}
        for path in ways:
            sure = surest[path.store, path.media, path.grant.example]
            if _goodness(path)[0] == sure:
                meant = path.store, path.media, sure
                best[meant] = min(best.get(meant, _goodness(path)), _goodness(path))
        told = graph.reached(name)
        assert [(path.store, path.media, _goodness(path)[0]) for path in told] == sorted(best)
        assert [_goodness(path) for path in told] == [best[meant] for meant in sorted(best)]
        assert all(_known(path) in map(_known, ways) for path in told)


@LAW
@given(WORLDS, st.integers(0, 6), st.integers(1, 12))
def test_all_paths_are_those_of_a_plain_search_best_first(
    world: list[Grant | Edge], max_steps: int, limit: int
) -> None:
    graph = AccessGraph(world)
    for name in NAMES:
        ways = [path for path in _ways(world, name) if path.store == CALLS and path.length <= max_steps]
        told = graph.paths(name, CALLS, max_steps=max_steps, limit=limit)
        assert [_goodness(path) for path in told] == sorted(map(_goodness, ways))[:limit]
        assert len({str(_known(path)) for path in told}) == len(told)
        assert all(_known(path) in map(_known, ways) for path in told)
        assert told.cut_off == (len(ways) > limit)


@LAW
@given(
    WORLDS,
    st.sampled_from([None, *STORES]),
    st.sampled_from([None, MediaClass.SPEECH]),
    st.sets(st.sampled_from([*NAMES, "x"])),
    st.dictionaries(st.sampled_from("ab"), st.sets(st.sampled_from("cdxy"))),
    st.sets(st.sampled_from([*NAMES, "x"])),
)
def test_counts_are_those_of_a_plain_search(
    world: list[Grant | Edge],
    store: str | None,
    media: MediaClass | None,
    left_out: set[str],
    instead: dict[str, set[str]],
    several: set[str],
) -> None:
    graph = AccessGraph(world)
    counts = graph.counts(Standing(instead, several.__contains__), store, media, without=left_out)

    def ways_of(name: str) -> list[Path]:
        return [path for path in _ways(world, name) if store in (None, path.store) and media in (None, path.media)]

    best, known = [], set()
    for name in sorted({*NAMES, "x", "y"} - left_out):
        meant = [name, *(each for each, others in instead.items() if name in others)]
        ways = [path for each in meant for path in ways_of(each)]
        known.update([name] if any(path.ruling is not Ruling.UNKNOWN for path in ways) else [])
        if ways and name not in instead:
            best.append(
                (min(map(_goodness, ways))[0], {path.way for path in ways if path.ruling is not Ruling.UNKNOWN})
            )
    reading = [(ruling, ways) for ruling, ways in best if ways]
    assert counts.unknown == len(best) - len(reading)
    assert counts.conditional == sum(ruling == 1 for ruling, _ in reading)
    assert counts.direct == sum(Way.DIRECT in ways for _, ways in reading)
    assert counts.by_steps == sum(Way.DIRECT not in ways and Way.STEPS in ways for _, ways in reading)
    assert counts.by_changes == sum(ways == {Way.CHANGES} for _, ways in reading)
    assert counts.readers == len(reading)
    assert counts.at_least == bool(known & several)
    assert graph.counts(ITSELF).readers == len([name for name in NAMES if _known_ways(world, name)])


def _known_ways(world: list[Grant | Edge], name: str) -> list[Path]:
    return [path for path in _ways(world, name) if path.ruling is not Ruling.UNKNOWN]


@LAW
@given(WORLDS)
def test_blast_counts_every_object_once(world: list[Grant | Edge]) -> None:
    graph = AccessGraph(world)
    for name in NAMES:
        best: dict[tuple[str, Any, Any], tuple[tuple[int, int, int], Grant]] = {}
        for path in _ways(world, name):
            held = path.store, path.media, path.grant.example
            best[held] = min(
                best.get(held, (_goodness(path), path.grant)), (_goodness(path), path.grant), key=lambda each: each[0]
            )
        blast = graph.blast(name)
        known = [(good, grant) for good, grant in best.values() if good[0] < 2]
        speech = [(good, grant.seconds) for good, grant in known if grant.media is MediaClass.SPEECH]
        assert blast.stores == tuple(sorted({grant.store for _, grant in known}))
        assert blast.objects == sum(grant.objects for _, grant in known)
        assert blast.seconds == sum(seconds for _, seconds in speech)
        assert blast.seconds_direct == sum(seconds for good, seconds in speech if good[1] == 0)
        assert blast.seconds_by_steps == sum(seconds for good, seconds in speech if good[1] == 1)
        assert blast.seconds_by_changes == sum(seconds for good, seconds in speech if good[1] == 2)
        assert blast.seconds_conditional == sum(seconds for good, seconds in speech if good[0] == 1)
        unknown = [grant for good, grant in best.values() if good[0] == 2 and grant.media is MediaClass.SPEECH]
        assert blast.seconds_unknown == sum(grant.seconds for grant in unknown)


@LAW
@given(WORLDS)
def test_chokepoints_are_those_without_whom_others_do_not_come(world: list[Grant | Edge]) -> None:
    expected = {}
    for principal in NAMES:
        passing = []
        for reader in sorted(set(NAMES) - {principal}):
            ways = [path for path in _ways(world, reader) if path.store == CALLS]
            if ways and all(principal in path.nodes for path in ways):
                passing.append(reader)
        if passing:
            expected[principal] = tuple(passing)
    found = AccessGraph(world).chokepoints(CALLS)
    assert {point.principal: point.readers for point in found} == expected
    sizes = [len(point.readers) for point in found]
    assert sizes == sorted(sizes, reverse=True)


@LAW
@given(WORLDS, st.sets(st.sampled_from(NAMES), max_size=1))
def test_a_cut_cuts_and_no_smaller_one_does(world: list[Grant | Edge], keep: set[str]) -> None:
    graph = AccessGraph(world)
    cut = graph.cut(CALLS, keep)
    every = [path for path in _all_ways(world) if path.store == CALLS]
    ways = [path for path in every if path.ruling is not Ruling.UNKNOWN and path.principal not in keep]
    statements = sorted({step.statement for path in every for step in path.steps if step.statement})
    kept = [reader.best for reader in graph.readers(CALLS) if reader.principal in keep]

    def left(gone: set[str]) -> set[str]:
        return {path.principal for path in ways if _stands(path, gone)}

    def staying(gone: set[str]) -> bool:
        return all(_keeps(best, [path for path in every if path.principal == best.principal], gone) for best in kept)

    removed = [removal.statement for removal in cut.removals]
    assert cut.fewest
    assert set(removed) <= set(statements)
    assert staying(set(removed))
    assert left(set(removed)) == set(cut.left)
    assert cut.readers_before == len(left(set()))
    for size in range(len(statements) + 1 if len(statements) <= _TRIED else len(removed)):
        for gone in map(set, combinations(statements, size)):
            assert not staying(gone) or (len(cut.left), len(removed)) <= (len(left(gone)), size)
    reading = [len(left(set(removed[:count]))) for count in range(len(removed) + 1)]
    assert [removal.readers_gone for removal in cut.removals] == [one - next_ for one, next_ in pairwise(reading)]


def _keeps(best: Path, ways: Sequence[Path], gone: set[str]) -> bool:
    """Say whether who is kept reads as before by what stands.

    What changes the cloud, or is not known, counts where the best way does or is.
    """
    meant = [path for path in ways if best.changes or not path.changes]
    if best.ruling is not Ruling.UNKNOWN:
        meant = [path for path in meant if path.ruling is not Ruling.UNKNOWN]
    standing = [path for path in ways if _stands(path, gone)]
    return all(any(_as_good(one, path) for one in standing) for path in meant)


def _as_good(one: Path, other: Path) -> bool:
    same = (one.media, one.grant.example) == (other.media, other.grant.example)
    return same and all(mine <= theirs for mine, theirs in zip(_goodness(one)[:2], _goodness(other)[:2], strict=True))


def test_a_cut_counts_a_group_as_who_is_in_it() -> None:
    def read(who: str, statement: str) -> Grant:
        told = (Step(who, "read", CALLS, "it may", "", statement),)
        return Grant(who, Action.READ, CALLS, Decision(ALWAYS), lambda: told, MediaClass.SPEECH, 1)

    world = [read("team", "s1"), read("ana", "s1"), read("guests", "s2"), read("bo", "")]
    counted = Standing({"team": set(), "guests": {"gil", "gus"}, "crew": {"bo"}}, lambda _: False)
    graph = AccessGraph(world)
    cut = graph.cut(CALLS, counted=counted)
    assert (cut.readers_before, cut.readers_after, cut.left) == (4, 1, ("bo",))
    assert {one.statement: one.readers_gone for one in cut.removals} == {"s1": 1, "s2": 2}
    assert cut.readers_before == graph.counts(counted, CALLS).readers
    plain = graph.cut(CALLS)
    assert (plain.readers_before, plain.readers_after) == (4, 1)


def test_a_statement_by_which_the_kept_may_perhaps_read_besides_is_not_spared() -> None:
    """Who surely reads by changing the cloud does not need what opens it only if something unseen is so."""
    perhaps = Unseen("the members of the group were not read")

    def reads(who: str, statement: str, condition: Condition = ALWAYS, by: str = "") -> Grant:
        step = Step(who, by or "read", CALLS, "allow", statement=statement)
        shown_of = Decision(condition), shown(step), MediaClass.SPEECH
        return Grant(who, Action.READ, CALLS, *shown_of, 1, example="a.wav", by=by, changes=bool(by))

    owner = reads("ana", "P", by="setIamPolicy"), reads("ana", "Q", perhaps)
    graph = AccessGraph([*owner, reads("bo", "Q"), reads("cy", "Q", perhaps)])
    cut = graph.cut(CALLS, {"ana"})
    assert ([one.statement for one in cut.removals], cut.left, cut.unsure) == (["Q"], (), ())
    assert graph.cut(CALLS, {"cy"}).left == ("bo",)


@LAW
@given(WORLDS, st.sets(st.sampled_from([*NAMES, "P", "Q", "R"])))
def test_without_statements_only_their_links_are_gone(world: list[Grant | Edge], gone: set[str]) -> None:
    graph = AccessGraph(world).without(gone)
    for name in NAMES:
        ways = [path for path in _ways(world, name, again=True) if path.store == CALLS and _stands(path, gone)]
        reader = next((each for each in graph.readers(CALLS) if each.principal == name), None)
        assert (reader is None) == (not ways)
        assert reader is None or reader.verdict == min(ways, key=_goodness).ruling


@LAW
@given(WORLDS, st.randoms(use_true_random=False))
def test_more_grants_never_take_a_reader_away(world: list[Grant | Edge], dice: Any) -> None:
    half = len(world) // 2
    before, after = AccessGraph(world[:half]), AccessGraph(world[:half]).plus(world[half:])
    reading, since = ({each.principal for each in graph.readers(CALLS)} for graph in (before, after))
    assert reading - {"a guise"} <= since
    dice.shuffle(world)
    whole = AccessGraph(world)
    assert [(each.principal, each.verdict) for each in whole.readers(CALLS)] == [
        (each.principal, each.verdict) for each in after.readers(CALLS)
    ]


def test_what_two_grants_share_is_counted_once() -> None:
    """A grant of the whole store and one of a folder of it overlap: their parts say in what."""
    told, kept = Part("a/1.wav", 6, 600.0), Part("b/1.wav", 1, 60.0)

    def given(principal: str, *parts: Part) -> Grant:
        objects, seconds = sum(part.objects for part in parts), sum(part.seconds for part in parts)
        shown_of = Decision(ALWAYS), shown(), MediaClass.SPEECH
        example = max(part.example for part in parts)
        return Grant(principal, Action.READ, CALLS, *shown_of, objects, 0, seconds, example, apart=lambda: parts)

    step = Edge(("a",), ("b",), "assume-role", Decision(ALWAYS), lambda one, other: ())
    blast = AccessGraph([given("a", told, kept), given("b", told), step]).blast("a")
    assert (blast.objects, blast.seconds, blast.seconds_by_steps) == (7, 660.0, 0.0)


def test_what_is_read_only_under_a_condition_is_told_beside_what_is_read_for_sure() -> None:
    """One folder is open to her today, another next year: neither way stands for the other."""
    folders = {"pub/a.wav": Ruling.YES, "priv/b.wav": Ruling.IF, "own/c.wav": Ruling.UNKNOWN}

    def given(principal: str, key: str, ruling: Ruling) -> Grant:
        part = (Part(key, 1, 60.0),)
        shown_of = Decision(SURE[ruling]), shown(), MediaClass.SPEECH
        return Grant(principal, Action.READ, CALLS, *shown_of, 1, 0, 60.0, key, apart=lambda: part)

    grants = [given("a", key, ruling) for key, ruling in folders.items()]
    graph = AccessGraph([*grants, given("b", "pub/a.wav", Ruling.YES), given("b", "pub/a.wav", Ruling.IF)])
    assert {path.grant.example: path.ruling for path in graph.reached("a")} == folders
    blast = graph.blast("a")
    assert (blast.objects, blast.objects_conditional, blast.seconds_conditional) == (2, 1, 60.0)
    assert [path.ruling for path in graph.reached("b")] == [Ruling.YES]
    assert graph.blast("b").objects_conditional == 0


def test_a_guise_that_nobody_can_become_any_more_is_nobody() -> None:
    """Nor is what it alone could become."""

    def becomes(one: str, other: str, statement: str) -> Edge:
        prove = _proof("become", [("allow", statement)])
        return Edge((one,), (other,), "cognito-guest", Decision(ALWAYS), prove, guise=True)

    def reads(name: str) -> Grant:
        return Grant(name, Action.READ, CALLS, Decision(ALWAYS), shown(), MediaClass.SPEECH, 1, example="a.wav")

    steps = [becomes("anyone", "guests", "P"), becomes("guests", "guests, widened", "Q")]
    graph = AccessGraph([*steps, reads("guests"), reads("guests, widened"), reads("b")])
    assert [reader.principal for reader in graph.readers(CALLS)] == ["b", "anyone"]
    left = graph.without(["P"])
    assert [reader.principal for reader in left.readers(CALLS)] == ["b"]
    assert list(left.principals) == ["b"]
