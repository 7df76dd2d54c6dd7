"""What steps end in, told apart only as far as somebody's policies tell it apart: nothing is asked about all pairs."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
from functools import cached_property

from cloudscan.access import keys
from cloudscan.access.patterns import Pattern, matches
from cloudscan_aws.alike import Crowd, filled
from cloudscan_aws.contents import Content
from cloudscan_aws.policy.callers import Kind
from cloudscan_aws.steps.things import Target, is_of_resource


def holds(crowd: Crowd, call: str, matter: int = 0) -> bool:
    """Say whether policies of their own may allow a crowd a call (lower-case) on something of a matter."""
    if needs_no_allow(crowd) or (matter, call) in crowd.side.identity.whole:
        return True
    return any(part.matter == matter and call in part.calls for part in _own(crowd))


def may(crowd: Crowd, call: str, on: str) -> bool:
    """Say whether policies of their own may allow a crowd a call on one thing: a quick look, before it is evaluated.

    It was sorted by one matter, of all resources.
    """
    return needs_no_allow(crowd) or crowd.may(call.lower(), on)


def needs_no_allow(crowd: Crowd) -> bool:
    """Say whether a crowd may do things that no statement which was read allows it."""
    caller = crowd.one.caller
    return caller.kind is Kind.ROOT or caller.policies is None or caller.boundaries is None


def _own(crowd: Crowd) -> Iterable[Content]:
    return crowd.side.identity.parts


class Targets:
    """Things of one sort, by ARN. What a pattern fits is looked up once."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self.by_arn = {target.arn: target for target in targets}
        self._arns = sorted(self.by_arn)
        self._fitting: dict[Pattern, frozenset[str]] = {}

    def __bool__(self) -> bool:
        return bool(self.by_arn)

    def blocks(
        self,
        crowd: Crowd,
        call: str,
        also: Collection[str] = (),
        guards: Iterable[Pattern] = (),
        *,
        by_labels: bool = False,
        everything: bool = False,
    ) -> Iterator[tuple[Target, ...]]:
        """Yield the targets on which a crowd may make a call, those together that nothing tells apart for it.

        ``also`` are calls that are made on them besides, ``guards`` the resource patterns of the guardrails, of which
        ``by_labels`` says whether they look at tags. ``everything`` says that the crowd needs no allow of its own. It
        was sorted by one matter, of all resources.
        """
        parts = [part for part in _all(crowd) if not part.calls.isdisjoint((call, *also))]
        marks, alone = self._marks(crowd, parts, guards)
        allowed = None if everything or needs_no_allow(crowd) else self._allowed(crowd, call)
        by_labels = by_labels or any(is_of_resource(key) for part in parts for key in keys(part.condition))
        if allowed is None and not (marks or alone or by_labels):
            yield from self._untold
            return
        held: dict[Hashable, list[Target]] = defaultdict(list)
        for arn in self._arns if allowed is None else sorted(allowed):
            target = self.by_arn[arn]
            labels = tuple(sorted((target.labels or {}).items())) if by_labels else ()
            told = (tuple(marks.get(arn, ())), labels, by_labels and target.labels is None, target.apart)
            held[told, arn if arn in alone else ""].append(target)
        yield from map(tuple, held.values())

    @cached_property
    def _untold(self) -> list[tuple[Target, ...]]:
        """All targets, told apart by nobody's policies."""
        held: dict[Hashable, list[Target]] = defaultdict(list)
        for arn in self._arns:
            held[self.by_arn[arn].apart].append(self.by_arn[arn])
        return [tuple(block) for block in held.values()]

    def _allowed(self, crowd: Crowd, call: str) -> set[str] | None:
        """Return what a crowd's own statements may allow it; None for everything."""
        if (0, call) in crowd.side.identity.whole:
            return None
        found: set[str] = set()
        for part in _own(crowd):
            if call in part.calls:
                if part.reach.negated:
                    return None
                for wanted in _patterns(crowd, part):
                    found |= self._fits(wanted)
        return found

    def _marks(
        self, crowd: Crowd, parts: Iterable[Content], guards: Iterable[Pattern]
    ) -> tuple[dict[str, list[int]], set[str]]:
        """Return which patterns fit each target that not all fit, and the targets for which that is not known."""
        marks: dict[str, list[int]] = defaultdict(list)
        alone: set[str] = set()
        told = [(wanted, part.reach.filled) for part in parts for wanted in _patterns(crowd, part)]
        for number, (wanted, variables) in enumerate((*told, *((guard, None) for guard in guards))):
            fitting = self._fits(wanted)
            if variables and crowd.one.caller.tags is None:
                alone |= fitting
            elif len(fitting) < len(self._arns):
                for arn in fitting:
                    marks[arn].append(number)
        return marks, alone

    def _fits(self, wanted: Pattern) -> frozenset[str]:
        if (known := self._fitting.get(wanted)) is None:
            literal = wanted.pieces[0] if wanted.pieces and isinstance(wanted.pieces[0], str) else ""
            if wanted.pieces == (literal,):
                known = frozenset({literal} & self.by_arn.keys())
            else:
                within = self._arns[bisect_left(self._arns, literal) : bisect_left(self._arns, f"{literal}\U0010ffff")]
                known = frozenset(arn for arn in within if matches(wanted, arn))
            self._fitting[wanted] = known
        return known


def _all(crowd: Crowd) -> Iterator[Content]:
    side = crowd.side
    yield from side.denies
    yield from side.identity.parts
    for layer in side.limits:
        yield from layer.parts


def _patterns(crowd: Crowd, part: Content) -> Iterator[Pattern]:
    for left in part.reach.left:
        if isinstance(left, tuple):
            yield Pattern(left)
    for wanted in part.reach.filled:
        yield from map(Pattern, filled(wanted, crowd.one, ""))
