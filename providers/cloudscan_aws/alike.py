"""Callers that nothing tells apart: they share a crowd, and one of them answers for all.

An account has thousands of identities, but few kinds of them as far as one question goes. :meth:`Askers.crowds`
sorts callers by everything that can make their answers differ:

- kind, account, whether service-linked, session, claims, what is told of their requests;
- what their own policies come to on the matter (:mod:`cloudscan_aws.contents`), each boundary by itself;
- how their identity settles the conditions of the documents on the other side, organization's policies included;
- in which statements and key grants the other side names them.

Whoever hangs on something unread is alone, since its answer names it. Statements that cannot matter any more are left
out: what else an identity allows beside an unconditional allow of everything in question, and whatever is beside an
unconditional deny.

The answer of ``crowd.one`` is everyone's answer, but not everyone's proof: that names statements, and whose they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import chain

from cloudscan.access.conditions import Condition, fill
from cloudscan.access.patterns import Pattern, matches
from cloudscan.access.remainders import Pieces, remainders
from cloudscan_aws.askers import Asker, names_of
from cloudscan_aws.contents import Content, Known, Line, Matter, Seen, covered, lines, referred_by, settle, settled_by
from cloudscan_aws.policy.callers import Caller, Kind, facts
from cloudscan_aws.policy.documents import Document, Malformed, Policy, Statement
from cloudscan_aws.policy.matching import covers, pattern
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.policy.organization import Organization
from cloudscan_aws.readings import Reading
from cloudscan_aws.sides import SILENT, Layer, Side, put_together

Calls = frozenset[str]
Limits = tuple[tuple[Document, ...], ...]
Deciding = tuple[Condition | str, ...]
"""Conditions that an identity settles, and keys of its that variables stand for."""
Said = Mapping[Document, Sequence[Line]]
"""What each document says on the matters in hand."""
_NOWHERE: frozenset[object] = frozenset()
_OWN = -1
"""Stands for whatever comes to something else for each of those who hold it."""


class _Asked:
    """What is asked: the matters, and what the other side says about their calls."""

    def __init__(self, matters: Sequence[Matter], statements: Sequence[Statement]) -> None:
        self.matters = matters
        self.heard = cache(lambda call: frozenset(item for item in statements if covers(item, call)))


class Crowd:
    """Callers with the same answer. ``one`` of them is to be asked; ``side`` is what their own policies come to."""

    __slots__ = ("_apart", "_asked", "_pool", "_within", "one", "side")

    def __init__(
        self,
        pool: Sequence[Asker],
        within: Sequence[int],
        apart: frozenset[int] | set[int],
        side: Side,
        asked: _Asked,
    ) -> None:
        self._pool, self._within, self._apart, self._asked = pool, within, apart, asked
        self.side = side
        self.one = pool[next(each for each in within if each not in apart)]

    def __len__(self) -> int:
        return sum(each not in self._apart for each in self._within)

    @property
    def askers(self) -> Iterator[Asker]:
        """Everyone in it, in the order in which they were given."""
        return (self._pool[each] for each in self._within if each not in self._apart)

    @property
    def silent(self) -> bool:
        """Whether policies of their own say nothing on the matters: only the other side can admit or refuse."""
        return self.side is SILENT

    def may(self, call: str, resource: str, matter: int = 0) -> bool:
        """Say whether a policy of their own may allow a call on a resource: a quick look, before it is evaluated."""
        side = self.side
        layers = (side.identity, *side.limits)
        return (matter, call) not in side.refused and all(self._may(each, call, resource, matter) for each in layers)

    def _may(self, layer: Layer, call: str, resource: str, matter: int) -> bool:
        return (matter, call) in layer.whole or any(
            part.matter == matter and call in part.calls and self._reaches(part, resource) for part in layer.parts
        )

    def _reaches(self, part: Content, resource: str) -> bool:
        reach, rest = part.reach, resource.removeprefix(self._asked.matters[part.matter].start)
        if reach.negated or reach.filled:
            return True
        return any(each == resource if isinstance(each, str) else matches(Pattern(each), rest) for each in reach.left)

    def differing(self, calls: Iterable[str]) -> list[str]:
        """Return one of each sort of calls: those that no statement on either side tells apart have one answer."""
        sorts: dict[object, str] = {}
        for call in calls:
            lowered = call.lower()
            own = frozenset(part for part in self.side.parts if lowered in part.calls)
            sorts.setdefault((own, self.side.settled(lowered), self._asked.heard(lowered)), call)
        return list(sorts.values())

    def patterns(self, matter: int = 0) -> frozenset[Pieces]:
        """Return what their policies ask of names beyond the matter's start: what may tell its resources apart."""
        found: set[Pieces] = set()
        for part in self.side.parts:
            if part.matter == matter:
                found |= {each for each in part.reach.left if isinstance(each, tuple)}
                for each in part.reach.filled:
                    found |= filled(each, self.one, self._asked.matters[matter].start)
        return frozenset(found)


def filled(wanted: Pattern, asker: Asker, start: str) -> frozenset[Pieces]:
    """Return what a pattern with variables, filled in for a caller, asks of what follows a start."""
    context = asker.told.over(facts(asker.caller))
    known = fill(wanted, context)
    return frozenset() if known is None else remainders(known, start)


@dataclass(frozen=True, slots=True)
class _Parting:
    """How the other side's conditions part the callers: for each its group, and the groups."""

    of: Sequence[int]
    groups: Sequence[Sequence[int]]


class Askers:
    """Callers, with their documents read once and found by what they are about."""

    def __init__(self, askers: Iterable[Asker], organization: Organization | None) -> None:
        self._askers = tuple(askers)
        self._organization = organization
        self._holders: dict[Document, list[int]] = defaultdict(list)
        self._limits: list[Limits] = []
        self._limited: dict[Limits, list[int]] = defaultdict(list)
        self._named: dict[str, list[int]] = defaultdict(list)
        self._bases: list[int] = []
        self._contents: Known = {}
        self._known: dict[Side, Side] = {SILENT: SILENT}
        numbers: dict[object, int] = {}
        for place, asker in enumerate(self._askers):
            self._bases.append(numbers.setdefault(_base(asker, place), len(numbers)))
            for document in dict.fromkeys(policy.document for policy in asker.caller.policies or ()):
                self._holders[document].append(place)
            self._limits.append(limits := _limits(asker.caller))
            if limits:
                self._limited[limits].append(place)
            for name in names_of(asker):
                self._named[name].append(place)
        self._reading = lru_cache(maxsize=256)(self._read)
        self._parting = lru_cache(maxsize=16)(self._part)
        self._guards = lru_cache(maxsize=256)(self._guard)

    def __len__(self) -> int:
        return len(self._askers)

    def __iter__(self) -> Iterator[Asker]:
        return iter(self._askers)

    def crowds(
        self, *matters: Matter, speakers: Iterable[Policy] = (), grantees: Iterable[tuple[object, str]] = ()
    ) -> list[Crowd]:
        """Sort all callers into crowds that answer alike to every question within the matters.

        ``speakers`` are the policies of the resources that are asked about (of buckets and their other doors, of keys,
        of roles), ``grantees`` the names in grants that stand beside policies, each with what tells its grant from
        others. The organization's policies are always heard.

        The callers of whom neither side says anything by name are one crowd for each group of them, so that a question
        costs no more than the callers that it is about.
        """
        calls: Calls = frozenset().union(*(matter.calls for matter in matters))
        heard = [
            item
            for policy in speakers
            for item in policy.document.statements
            if isinstance(item, Statement) and covered(item, calls)
        ]
        asked = _Asked(matters, [*heard, *self._guards(calls)])
        parting = self._parting(deciding([*heard, *self._guards(calls)]))
        places = self._places(heard, grantees)
        return list(self._sorted(asked, parting, places, self._sides(self._said(matters, calls), places)))

    def _sorted(
        self,
        asked: _Asked,
        parting: _Parting,
        places: Mapping[int, frozenset[object]],
        sides: Iterable[tuple[int, Side]],
    ) -> Iterator[Crowd]:
        apart: dict[tuple[int, Side, frozenset[object]], list[int]] = {}
        moved: set[int] = set()
        left = [len(group) for group in parting.groups]
        for place, side in sides:
            named = places.get(place, _NOWHERE)
            if side is not SILENT or named:
                moved.add(place)
                left[parting.of[place]] -= 1
                apart.setdefault((parting.of[place], side, named), []).append(place)
        for number, group in enumerate(parting.groups):
            if left[number]:
                yield Crowd(self._askers, group, moved, SILENT, asked)
        for (_, side, _), within in apart.items():
            yield Crowd(self._askers, within, frozenset(), side, asked)

    def _part(self, decided_by: Deciding) -> _Parting:
        numbers: dict[object, int] = {}
        groups: list[list[int]] = []
        of: list[int] = []
        for place, base in enumerate(self._bases):
            number = numbers.setdefault((base, *settled_for(self._askers[place], decided_by)), len(numbers))
            if number == len(groups):
                groups.append([])
            groups[number].append(place)
            of.append(number)
        return _Parting(of, groups)

    def _guard(self, calls: Calls) -> tuple[Statement, ...]:
        """Return the statements of the organization's policies that are about calls."""
        members = self._organization.members.values() if self._organization is not None else ()
        levels = [level for over in members for levels in (over.service, over.resource) for level in levels or ()]
        documents = dict.fromkeys(policy.document for level in levels for policy in level)
        items = (item for document in documents for item in document.statements)
        return tuple(item for item in items if isinstance(item, Statement) and covered(item, calls))

    def _places(
        self, heard: Iterable[Statement], grantees: Iterable[tuple[object, str]]
    ) -> dict[int, frozenset[object]]:
        """Say in which statements and grants the other side names callers, themselves or a session of theirs."""
        named = [
            ((item, negated), name)
            for item in heard
            for negated, principals in ((False, item.principals), (True, item.not_principals))
            if principals is not None
            for _, name in principals.names
        ]
        found: dict[int, set[object]] = defaultdict(set)
        for where, name in (*named, *grantees):
            for place in self._named.get(name, ()):
                found[place].add((where, ""))
            role, _, session = name.rpartition("/")
            for place in self._named.get(f"{role}/", ()):
                found[place].add((where, session))
        return {place: frozenset(wheres) for place, wheres in found.items()}

    def _read(self, calls: Calls) -> Reading:
        found = Reading()
        for document in dict.fromkeys((*self._holders, *chain(*chain(*self._limited)))):
            for item in document.statements:
                if isinstance(item, Malformed) or covered(item, calls):
                    found.add(document, item)
        found.order()
        return found

    def _said(self, matters: Sequence[Matter], calls: Calls) -> dict[Document, list[Line]]:
        """Return what documents say on the matters."""
        said: dict[Document, list[Line]] = {}
        seen: Seen = {}
        for document, item in self._reading(calls).about(matters):
            if found := lines(item, matters, seen):
                said.setdefault(document, []).extend(found)
        return said

    def _sides(self, said: Said, places: Iterable[int]) -> Iterator[tuple[int, Side]]:
        """Yield the side of every caller of whom a document or the other side says something, in order.

        Documents that come to the same are one here, and so are callers who hold the same of them.
        """
        alike: dict[tuple[Content, ...], int] = {}
        held: dict[int, tuple[int, ...]] = dict.fromkeys(places, ())
        for limits, within in self._limited.items():
            if any(document in said for layer in limits for document in layer):
                held |= dict.fromkeys(within, ())
        for document in said:
            contents = self._common(document, said)
            number = _OWN if contents is None else alike.setdefault(contents, len(alike))
            for place in self._holders.get(document, ()) if contents != () else ():
                before = held.get(place, ())
                if number not in before:
                    held[place] = (*before, number)
        shared: dict[tuple[frozenset[int], Limits], Side] = {}
        for place in sorted(held):
            key = (frozenset(held[place]), self._limits[place])
            if (side := shared.get(key)) is None:
                side = self._side(place, said)
                if _OWN not in key[0] and all(self._common(each, said) is not None for each in chain(*key[1])):
                    shared[key] = side
            yield place, side

    def _common(self, document: Document, said: Said) -> tuple[Content, ...] | None:
        """Return what a document comes to if that is the same for whoever holds it, else None."""
        found = said.get(document, ())
        if not all(line.fixed for line in found):
            return None
        return tuple(content for line in found if (content := line.common(self._contents)) is not None)

    def _side(self, place: int, said: Said) -> Side:
        caller = self._askers[place].caller
        layers = [caller.policies or (), *([each] for each in caller.boundaries or ())]
        if caller.session_policies:
            layers.append(caller.session_policies)
        contents = [
            [
                content
                for policy in layer
                for line in said.get(policy.document, ())
                if (content := line.content(policy, partial(_values, self._askers[place]), self._contents)) is not None
            ]
            for layer in layers
        ]
        side = put_together(contents, self._contents)
        return self._known.setdefault(side, side)


def _base(asker: Asker, place: int) -> tuple[object, ...]:
    """Return what tells callers apart whatever is asked."""
    caller = asker.caller
    return (
        caller.kind,
        caller.account,
        caller.service_linked,
        caller.organization,
        caller.session,
        bool(caller.name) if caller.kind in (Kind.USER, Kind.ROLE) else caller.name,
        caller.canonical_id,
        caller.tags is None,
        bool(caller.boundaries),
        bool(caller.session_policies),
        tuple(sorted(caller.claims.items())),
        id(asker.told),
        asker.outside,
        place if caller.policies is None or caller.boundaries is None else None,
    )


def _limits(caller: Caller) -> Limits:
    """Return the documents of the layers that limit a caller: each boundary, and its session's policies together."""
    layers = [(each.document,) for each in caller.boundaries or ()]
    session = tuple(each.document for each in caller.session_policies)
    return (*layers, session) if session else tuple(layers)


def _values(asker: Asker, key: str) -> tuple[str, ...] | None:
    told = asker.told.values(key)
    return told if told is not None else facts(asker.caller).values(key)


def settled_for(asker: Asker, decided_by: Deciding) -> tuple[object, ...]:
    """Return what an identity makes of each of some conditions, and its values of some keys."""
    return tuple(
        _values(asker, each)
        if isinstance(each, str)
        else settle(each, named := settled_by(each), tuple(_values(asker, key) for key in named))
        for each in decided_by
    )


def deciding(heard: Iterable[Statement]) -> Deciding:
    """Return the conditions of the other side that an identity settles, and the keys that its variables stand for."""
    found: dict[Condition | str, None] = {}
    for item in heard:
        condition = condition_of(item)
        if settled_by(condition):
            found[condition] = None
        texts = item.resources or item.not_resources or ()
        patterns = frozenset(
            wanted
            for text in texts
            if "${" in text and (wanted := pattern(text, wild=True, variables=item.variables)).references
        )
        found.update(dict.fromkeys(referred_by(condition, patterns)))
    return tuple(found)
