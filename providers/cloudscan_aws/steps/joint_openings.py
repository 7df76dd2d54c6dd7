"""Open a bucket or its key for another identity in the same hand: one makes the change, another reads then.

What an identity opens for itself or for a stranger is asked in :mod:`cloudscan_aws.steps.rewrites`. Whom that gives
everything has nothing to gain here. All others are asked together with whom somebody can become beside them: those who
read once a door is open, and those who open the second one. Of each crowd one is asked, and who holds them all in one
hand is found for whole sets at once (:class:`cloudscan.access.Hands`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from cloudscan.access import (
    ALWAYS,
    NEVER,
    Condition,
    Context,
    Decision,
    Grant,
    Hand,
    Hands,
    Need,
    keys,
    only_if,
)
from cloudscan.access.alike import Party, grant_of
from cloudscan.access.conditions import all_of, resolve, unsourced
from cloudscan.access.keyspace import Held, KeyClass, KeySpace, together
from cloudscan.access.parts import Part, Way, needed
from cloudscan.model import Action, MediaClass, Step
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.buckets import READ_CALLS, Bucket
from cloudscan_aws.policy.kms import KeyFacts
from cloudscan_aws.steps import bucket_changes, key_changes
from cloudscan_aws.steps.beneficiaries import Beneficiary, elsewhere, in_hand
from cloudscan_aws.steps.bucket_changes import Change
from cloudscan_aws.steps.edges import steps
from cloudscan_aws.steps.opening import Lock, Opening, key_of, opened
from cloudscan_aws.steps.targets import needs_no_allow

Names = frozenset[str]
_NOBODY: Names = frozenset()
_ADMIT_NOBODY = (bucket_changes.NO_POLICY, bucket_changes.LIST)
"""Changes that open nothing to an identity which no policy of its own lets read: a list admits accounts."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Members:
    """Identities of one crowd that somebody can become, and one of them who is asked for all."""

    one: Asker
    names: Names
    crowd: Crowd

    def may_read(self, arn: str) -> bool:
        """Say whether policies of their own may let them read an object."""
        return needs_no_allow(self.crowd) or any(self.crowd.may(call.lower(), arn) for call in READ_CALLS)


@dataclass(frozen=True, slots=True)
class _Opening:
    """Calls on a bucket and on its key, who makes each, and who reads then; nobody where it takes none of the hand."""

    by: str
    condition: Condition
    on_bucket: Names
    on_key: Names
    readers: Names = _NOBODY

    def needs(self, media: MediaClass) -> tuple[Need, ...]:
        """Return what has to be in one hand to read objects of a class."""
        told = (Need(self.on_bucket), Need(self.on_key), Need(self.readers, media, after=True))
        return tuple(need for need in told if need.names)


@dataclass(frozen=True, slots=True)
class _Doors:
    """A class of keys, what may be changed about its bucket and by whom, and who may change its KMS key."""

    found: KeyClass
    key: KeyFacts | None
    changes: Sequence[tuple[Names, Change]]
    lockers: Sequence[_Members]


class JointOpenings:
    """What the identities of one hand can open of one bucket for each other.

    ``writers`` may rewrite something of it. ``done`` are those who read all of it by themselves, by how unsure that is:
    with a way to one of them that is no more unsure, nobody has anything to gain.
    """

    def __init__(
        self,
        bucket: Bucket,
        hands: Hands,
        people: Mapping[str, Asker],
        writers: Iterable[Crowd],
        done: Sequence[Iterable[str]],
    ) -> None:
        self._bucket, self._hands, self._people = bucket, hands, people
        crowds = list(writers)
        able = hands.among(asker.principal for crowd in crowds for asker in crowd.askers)
        self._done = [hands.becoming(hands.among(names), most) for most, names in enumerate(done)]
        self._within = 0
        for most, reading in enumerate(self._done):
            self._within |= hands.become_by(hands.becoming(able, most) & ~reading, most)
        self._writers = self._members(crowds) if self._within else []

    @property
    def possible(self) -> bool:
        """Whether anybody has something to gain."""
        return bool(self._writers)

    def grants(self, readers: Iterable[Crowd], space: KeySpace) -> Iterator[Grant]:
        """Yield what they open for each other. ``readers`` are all identities, in crowds that read alike."""
        members = self._members(readers)
        patterns = (self._bucket.patterns(each.one) for each in (*self._writers, *members))
        found: dict[_Opening, list[KeyClass]] = defaultdict(list)
        for each in space.classes(frozenset().union(*patterns)):
            for opening in self._openings(each, members):
                found[opening].append(each)
        for opening, classes in found.items():
            for held in together(classes):
                about = next(each for each in classes if any(one.media is held.media for one in each.held))
                for hand in self._hands.holding(opening.needs(held.media), self._done):
                    if any(hand.legs):  # who does it all as itself is told of elsewhere
                        yield from self._granted(opening, held, replace(about, example=held.example), hand)

    def _members(self, crowds: Iterable[Crowd]) -> list[_Members]:
        hands, found = self._hands, []
        for crowd in crowds:
            names = frozenset(hands.names(hands.among(each.principal for each in crowd.askers) & self._within))
            if names:
                found.append(_Members(self._people[min(names)], names, crowd))
        return found

    def _openings(self, found: KeyClass, members: Iterable[_Members]) -> Iterator[_Opening]:
        """Yield the ways to a class of keys, those together that differ only in who reads."""
        changes = _merged(
            (each.names, change, change.calls, change.tags)
            for each in self._writers
            for change in bucket_changes.changes(self._bucket, each.one, found)
            if change.calls
        )
        key, arn = key_of(self._bucket, found), f"{self._bucket.held.arn}/{found.example}"
        doors = _Doors(found, key, changes, [] if key is None else self._lockers(key))
        admitting = replace(doors, changes=[one for one in changes if one[1].calls[-1].action not in _ADMIT_NOBODY])
        readers: dict[_Opening, Names] = {}
        for each in self._told_apart(doors, members):
            within = doors if each.may_read(arn) else admitting
            if not (within.changes or within.lockers):
                continue
            as_it_is = self._bucket.decide(each.one, READ_CALLS, found).condition
            if as_it_is is not ALWAYS:
                for opening in self._for(within, in_hand(each.one, self._bucket.store.account), as_it_is):
                    readers[opening] = readers.get(opening, _NOBODY) | each.names
        yield from (replace(opening, readers=names) for opening, names in readers.items())
        for who in elsewhere(self._writers[0].one) if changes and doors.lockers else ():
            every = self._for(doors, who, NEVER)
            yield from (opening for opening in every if opening.on_bucket and opening.on_key)

    def _lockers(self, key: KeyFacts) -> list[_Members]:
        """Return the writers who may change the key for anybody."""
        facts, (stranger, *_) = self._bucket.facts, elsewhere(self._writers[0].one)
        return [
            each
            for each in self._writers
            if key_changes.to_whom(facts, each.one, key) is not NEVER
            or any(key_changes.key_changes(facts, each.one, key, stranger))
        ]

    def _for(self, doors: _Doors, who: Beneficiary, as_it_is: Condition) -> Iterator[_Opening]:
        """Yield what opens a class of keys for somebody: one door, or both where neither surely does alone."""
        found, key, changes = doors.found, doors.key, doors.changes
        locks: list[tuple[Names, Lock]] = []
        if key is not None:
            locks = _merged(
                (each.names, lock, lock[0], ())
                for each in doors.lockers
                for lock in key_changes.key_changes(self._bucket.facts, each.one, key, who)
            )
        nothing = next(bucket_changes.changes(self._bucket, who.asker, found))
        enough: set[int] = set()
        for on_bucket, change in [(_NOBODY, nothing), *changes]:
            for on_key, lock in [(_NOBODY, None), *locks]:
                if (change is nothing and lock is None) or enough & {id(change), id(lock)}:
                    continue
                tried = opened(self._bucket, change, lock, who)
                if tried.condition not in (NEVER, as_it_is):
                    yield _Opening(tried.by, unsourced(tried.condition), on_bucket, on_key)
                if tried.read.condition is ALWAYS and (change is nothing or lock is None):
                    enough.add(id(lock) if change is nothing else id(change))

    def _told_apart(self, doors: _Doors, members: Iterable[_Members]) -> Iterator[_Members]:
        """Split crowds by what the writers may grant of the key to whom."""
        key, facts = doors.key, self._bucket.facts
        asked = [] if key is None else [key_changes.to_whom(facts, each.one, key) for each in doors.lockers]
        grantee = key_changes.GRANTEE.casefold()
        asked = [each for each in asked if any(name.casefold() == grantee for name in keys(each))]
        for each in members:
            if not asked:
                yield each
                continue
            sorts: dict[tuple[Condition, ...], list[str]] = defaultdict(list)
            for name in sorted(each.names):
                told = Context.of({key_changes.GRANTEE: self._people[name].caller.name})
                sorts[tuple(resolve(condition, told) for condition in asked)].append(name)
            yield from (_Members(self._people[every[0]], frozenset(every), each.crowd) for every in sorts.values())

    def _granted(self, opening: _Opening, held: Held, about: KeyClass, hand: Hand) -> Iterator[Grant]:
        condition = all_of((opening.condition, unsourced(hand.condition)))
        for principal in hand.principals if condition is not NEVER else ():
            account = self._people[principal].account if principal in self._people else ""
            yield grant_of(
                Party(principal, account, hand.outside),
                Action.READ,
                self._bucket.store.id,
                Decision(condition),
                partial(self._prove, opening, hand, principal, about),
                held,
                by=opening.by,
                changes=True,
            )

    def _prove(self, opening: _Opening, hand: Hand, principal: str, found: KeyClass) -> tuple[Step, ...]:
        """Prove how a principal comes to each identity of the hand, what that calls, and who reads then."""
        ends = iter(hand.ends(principal))
        on_bucket, on_key, reader = (
            self._people[next(ends)] if names else None
            for names in (opening.on_bucket, opening.on_key, opening.readers)
        )
        one = on_bucket or on_key or self._writers[0].one
        whos = [in_hand(reader, self._bucket.store.account)] if reader else elsewhere(one)
        target = f"{self._bucket.store.id}/{found.example}"
        every = [
            tried for who in whos for tried in self._tried(found, on_bucket, on_key, who) if tried.by == opening.by
        ]
        every.sort(key=lambda tried: (unsourced(tried.condition) != opening.condition, tried.condition is NEVER))
        for tried in every[:1]:
            condition = all_of((tried.condition, hand.condition))
            told = Step(
                principal,
                opening.by,
                target,
                f"{principal} rewrites what stands in the way, and lets {tried.who.who} read",
                only_if(condition),
            )
            read = Part(Action.READ, target, tried.read, who=tried.who.who)
            coming = (step for need in range(len(hand.legs)) for step in hand.prove(principal, need))
            return (told, *coming, *(step for part in (*tried.calls, read) for step in steps(principal, part)))
        return ()

    def _tried(
        self, found: KeyClass, on_bucket: Asker | None, on_key: Asker | None, who: Beneficiary
    ) -> Iterator[Opening]:
        """Yield what two identities open for a third, call by call with who makes it."""
        bucket, key = self._bucket, key_of(self._bucket, found)
        for change in bucket_changes.changes(bucket, on_bucket or who.asker, found):
            if bool(change.calls) != (on_bucket is not None):
                continue
            made = replace(change, calls=_made_by(on_bucket, change.calls))
            if on_key is None or key is None:
                yield opened(bucket, made, None, who)
            else:
                for calls, changed in key_changes.key_changes(bucket.facts, on_key, key, who):
                    yield opened(bucket, made, (_made_by(on_key, calls), changed), who)


def _made_by(asker: Asker | None, calls: Way) -> Way:
    return tuple(replace(part, who=part.who or (asker.principal if asker else "")) for part in calls)


def _merged(found: Iterable[tuple[Names, T, Way, Hashable]]) -> list[tuple[Names, T]]:
    """Put together who may surely make the same calls on the same things, with the same in them (the last of each).

    Of all others each is told by itself.
    """
    sure: dict[Hashable, tuple[Names, T]] = {}
    others: list[tuple[Names, T]] = []
    for names, what, calls, says in found:
        condition = needed(calls)
        if condition is ALWAYS:
            place = tuple((part.action, part.resource) for part in calls), says
            before, first = sure.get(place, (_NOBODY, what))
            sure[place] = before | names, first
        elif condition is not NEVER:
            others.append((names, what))
    return [*sure.values(), *others]
