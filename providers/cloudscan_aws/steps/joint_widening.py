"""Widen the rights of one identity by another in the same hand: a role of hers writes a policy of hers.

That one who may widen another can become it by one step is asked in :mod:`cloudscan_aws.steps.others`. Here somebody
can become both, or is one of them. Who can surely have every right in an account anyhow is left out: it gains nothing
but to be somebody else, and by one step that is asked there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cloudscan.access import ALWAYS, Decision, Edge, Hand, Hands, Need, States, only_if
from cloudscan.access.conditions import all_of, unsourced
from cloudscan.access.hands import LEVELS
from cloudscan.access.paths import RULINGS
from cloudscan.estate import RECORDED
from cloudscan.model import Step
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker, states_of
from cloudscan_aws.steps.edges import steps as told
from cloudscan_aws.steps.others import Others, Widened, limited
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.widening import CALLS, WIDENED, allows_everything


def widened_jointly(scene: Scene, steps: Iterable[Edge], free: Collection[str]) -> tuple[list[Edge], list[Asker]]:
    """Return the edges to identities that others in the same hand widen, and what they then are.

    ``steps`` are all others, and ``free`` those who can give themselves everything.
    """
    crowds = [crowd for crowd in scene.crowds(CALLS) if any(asker.principal not in free for asker in crowd.askers)]
    if not crowds:
        return [], []
    states = states_of(scene.askers)
    joint = _Joint(scene, Hands(steps, states), free)
    found = [each for crowd in crowds for each in joint.by(crowd)]
    return [each.edge(scene, joint.others, states) for each in found], [each.widened.guise for each in found]


@dataclass(frozen=True, slots=True)
class _Found:
    """Principals with one that may widen another, and that other, in hand."""

    crowd: Crowd
    widened: Widened
    hand: Hand

    @property
    def kind(self) -> str:
        """The steps, in the order in which they are taken."""
        to_writer, to_other = ([leg.edge.kind for leg in legs] for legs in self.hand.legs)
        return "+".join([*to_writer, self.widened.chance.widening.kind, *to_other])

    def edge(self, scene: Scene, others: Others, states: States) -> Edge:
        """Return the edge to what the other becomes. Who only reads as it only reads as what it becomes."""
        reads_by = _read_by(self.hand)
        return Edge(
            sources=self.hand.principals,
            targets=(self.widened.guise.principal,),
            kind=self.kind,
            decision=Decision(unsourced(all_of((self.widened.chance.condition, self.hand.condition)))),
            prove=partial(self.prove, scene, others),
            changes=True,
            reads_only=reads_by is not None,
            media=reads_by.media if reads_by is not None else (),
            guise=True,
            passing=states.changed(self.hand.passing),
            outside=self.hand.outside,
        )

    def prove(self, scene: Scene, others: Others, source: str, guise: str) -> tuple[Step, ...]:
        """Prove the way to who widens, what that calls, and the way to whom it widens."""
        writer, target = self.hand.ends(source)
        widening = self.widened.chance.widening
        every = others.chances(self.crowd, scene.people[writer], target).get(widening.becomes, ())
        chance = next((one for one in every if one.widening.kind == widening.kind), self.widened.chance)
        condition = all_of((chance.condition, self.hand.condition))
        asked = only_if(condition)
        calls = (replace(part, who=writer) for part in (*chance.widening.first, chance.part))
        return (
            Step(source, self.kind, guise, f"{source} can have {writer} {chance.widening.does}", asked),
            *self.hand.prove(source, 0),
            *(step for part in calls for step in told(source, part)),
            *self.hand.prove(source, 1),
        )


def _read_by(hand: Hand) -> Edge | None:
    """Return the step by which one only reads as the other, if it is one."""
    last = hand.legs[1][-1].edge if hand.legs[1] else None
    return last if last is not None and last.reads_only else None


class _Joint:
    """Those who may widen others, and who holds them and the others."""

    def __init__(self, scene: Scene, hands: Hands, free: Collection[str]) -> None:
        self.others = Others(scene)
        self._scene, self._hands, self._free = scene, hands, free
        rich: dict[str, list[str]] = defaultdict(list)
        for asker in scene.askers:
            if asker.principal in free or (allows_everything(asker.caller) and not limited(asker)):
                rich[asker.account].append(asker.principal)
        self._rich = {
            account: [hands.becoming(hands.among(names), most) for most in LEVELS] for account, names in rich.items()
        }

    def by(self, crowd: Crowd) -> Iterator[_Found]:
        """Yield whom a crowd may widen for those who hold one of it, those whom nothing limits first."""
        hands, people = self._hands, self._scene.people
        need = Need(frozenset(asker.principal for asker in crowd.askers if asker.principal not in self._free))
        holding = [hands.becoming(hands.among(need.names), most) for most in LEVELS]
        rich = self._rich.setdefault(crowd.one.account, [0 for _ in LEVELS])
        lacking = [held & ~every for held, every in zip(holding, rich, strict=True)]
        targets = list(self._targets(crowd, lacking)) if any(lacking) else []
        for target in sorted(targets, key=lambda name: (limited(people[name]), name)):
            if not any(held & ~every for held, every in zip(holding, rich, strict=True)):
                return  # whoever holds one of them can have every right in the account anyhow
            for one in self.others.widened(crowd, target):
                known = hands.among([one.guise.principal])
                but = [every | hands.becoming(known, most) for most, every in zip(LEVELS, rich, strict=True)]
                for hand in self._holding(need, target, but, own=bool(hands.among([target]) & holding[-1])):
                    yield _Found(crowd, one, hand)
                    self._enrich(one, hand, rich)

    def _enrich(self, one: Widened, hand: Hand, rich: list[int]) -> None:
        """Note who can be an identity that everything is allowed, and how surely."""
        if (
            one.chance.condition is ALWAYS
            and one.chance.widening.becomes == WIDENED
            and not limited(self._scene.people[one.target])
            and _read_by(hand) is None
        ):
            found = Decision(hand.condition).ruling
            for most in LEVELS[RULINGS.index(found) :] if found in RULINGS else ():
                rich[most] |= self._hands.becoming(self._hands.among(hand.principals), most)

    def _targets(self, crowd: Crowd, lacking: Sequence[int]) -> Iterator[str]:
        """Yield whom a crowd may widen for those who lack something: themselves, and of others one of each sort."""
        hands, people = self._hands, self._scene.people
        within = own = 0
        for most, each in zip(LEVELS, lacking, strict=True):
            own |= each
            within |= hands.become_by(each, most)
        behind = within & ~own
        known, account = self._scene.facts.estate.principals, crowd.one.account
        found = [(name, people[name]) for name in hands.names(within) if name in people]
        names = [name for name, other in found if other.account == account and other.caller.name in known]
        able = dict(self.others.sorted(crowd, names))
        behind &= hands.among(able)
        arriving = dict(zip(hands.names(behind), hands.arriving(behind), strict=True))
        sorts: dict[Hashable, str] = {}
        for name, sort in able.items():
            sorts.setdefault((sort, arriving.get(name, name)), name)
        return iter(sorts.values())

    def _holding(self, need: Need, target: str, but: Sequence[int], *, own: bool) -> Iterator[Hand]:
        """Yield who holds one that may widen a target, and the target; then who holds that only to read as it."""
        hands, name = self._hands, frozenset([target])
        if own:
            if not hands.among([target]) & but[0]:
                yield from (hand for hand in hands.itself(need, target) if hand.legs[0])  # else it is told elsewhere
            return
        told = 0
        for hand in hands.holding([need, Need(name)], but, at_once=True):
            told |= hands.among(hand.principals)
            yield hand
        for media in RECORDED:
            further = [each | hands.becoming(told) for each in but]
            for hand in hands.holding([need, Need(name, media)], further, at_once=True):
                told |= hands.among(hand.principals)
                yield hand
