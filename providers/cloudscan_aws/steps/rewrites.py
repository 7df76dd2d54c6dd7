"""Open a bucket or its key to oneself by rewriting what stands in the way, and read then.

Once everything is rewritten the read is evaluated anew: what else binds the reader still does, its own denies and
boundary, the organization's policies, block public access, and whatever was not rewritten. If its own rights do not
suffice even so, somebody can open the objects to what else it controls (:mod:`cloudscan_aws.steps.beneficiaries`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Grant, Hands, only_if
from cloudscan.access.alike import grant_of
from cloudscan.access.conditions import unsourced
from cloudscan.access.hands import LEVELS
from cloudscan.access.keyspace import KeyClass, KeySpace, together
from cloudscan.access.network import level
from cloudscan.access.parts import Part, needed
from cloudscan.model import Action, Step
from cloudscan_aws.alike import Askers, Crowd
from cloudscan_aws.askers import Asker, names_of
from cloudscan_aws.buckets import READ_CALLS, Bucket
from cloudscan_aws.contents import Matter
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.documents import Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.steps import bucket_changes, key_changes, replication
from cloudscan_aws.steps.beneficiaries import Beneficiary, beneficiaries
from cloudscan_aws.steps.bucket_changes import Change
from cloudscan_aws.steps.edges import steps
from cloudscan_aws.steps.joint_openings import JointOpenings
from cloudscan_aws.steps.opening import Opening, key_of, opened
from cloudscan_aws.steps.pass_role import PASSES
from cloudscan_aws.steps.replication import Copier, configured, copied
from cloudscan_aws.steps.targets import holds

_ON_BUCKET = (
    bucket_changes.POLICY,
    bucket_changes.NO_POLICY,
    bucket_changes.OWNERSHIP,
    bucket_changes.UNBLOCK,
    replication.REPLICATE,
    replication.VERSIONS,
)
_ON_ACCOUNT = (bucket_changes.UNBLOCK_ACCOUNT,)
_ON_POINTS = (bucket_changes.POINT, bucket_changes.POINT_POLICY)
_ON_KEYS = key_changes.CALLS


class Rewriters:
    """The estate's identities that may rewrite buckets, other doors to them, or keys; found once for all buckets.

    ``copiers`` are roles as which Amazon S3 may copy buckets for them; ``hands`` tell who can become several of them.
    """

    def __init__(self, askers: Askers, facts: Facts, copiers: Iterable[Copier], hands: Hands) -> None:
        self._askers, self._organization = askers, facts.organization
        self._copiers: dict[str, list[Copier]] = defaultdict(list)
        for copier in copiers:
            self._copiers[copier.role.record.account].append(copier)
        calls = _lower((*_ON_BUCKET, *_ON_ACCOUNT, *bucket_changes.ON_OBJECTS, *_ON_POINTS, *_ON_KEYS))
        able = (crowd for crowd in askers.crowds(Matter(calls)) if any(holds(crowd, call) for call in calls))
        self._able = Askers((asker for crowd in able for asker in crowd.askers), facts.organization)
        self._hands, self._people = hands, {asker.principal: asker for asker in askers}

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Asker]]:
        held: dict[str, list[Asker]] = defaultdict(list)
        for asker in self._askers:
            for name in names_of(asker):
                held[name].append(asker)
        return held

    def grants(self, bucket: Bucket, readers: Iterable[Crowd], read: Iterable[Grant]) -> Iterator[Grant]:
        """Yield the reads of a bucket that they can open to themselves, and to each other if somebody holds several.

        ``readers`` are all identities in crowds that read alike, ``read`` the direct grants on the bucket.
        """
        copying = self._copiers.get(bucket.store.account, [])
        named = self._admitted(bucket)
        by_name = _crowds(bucket, Askers(named.values(), self._organization), copying) if named else []
        by_rights = _crowds(bucket, self._able, copying, only_able=True) if len(self._able) else []
        asked = {crowd: bucket.patterns(crowd.one, crowd) for crowd in (*by_name, *by_rights)}
        space = KeySpace(bucket.facts.estate.objects, bucket.store.id, frozenset().union(*asked.values()))
        reading = _Reading(read, sum(held.objects for each in space.classes(()) for held in each.held))
        for crowd, patterns in asked.items():
            skipped = named if crowd in by_rights else ()
            for grant in _of_crowd(bucket, crowd, space.classes(patterns), copying):
                if grant.principal not in skipped:
                    reading.add(grant)
                    yield grant
        joint = JointOpenings(bucket, self._hands, self._people, asked, reading.all_of_it)
        if joint.possible:
            yield from joint.grants(readers, space)

    def _admitted(self, bucket: Bucket) -> Mapping[str, Asker]:
        """Return those whom the bucket's policy, or a key's policy or grant, lets rewrite something."""
        names = set(_admitted(bucket))
        if "*" in names:
            return {asker.principal: asker for asker in self._askers}
        starts = {f"{name.rpartition('/')[0]}/" if ":assumed-role/" in name else name for name in names}
        return {asker.principal: asker for name in sorted(starts) for asker in self._by_name.get(name, ())}


class _Reading:
    """Who reads how many of the objects of a bucket, by one and the same call, and how surely."""

    def __init__(self, grants: Iterable[Grant], objects: int) -> None:
        self._objects = objects
        self._counts: list[Counter[tuple[str, str]]] = [Counter() for _ in LEVELS]
        for grant in grants:
            self.add(grant)

    def add(self, grant: Grant) -> None:
        """Count a grant to read."""
        found = level(grant)
        for counts in self._counts[found:] if grant.action is Action.READ and found is not None else ():
            counts[grant.principal, grant.by] += grant.objects

    @property
    def all_of_it(self) -> list[list[str]]:
        """Those who read all objects, by how unsure that is."""
        return [[name for (name, _), count in counts.items() if count >= self._objects] for counts in self._counts]


def _of_crowd(bucket: Bucket, crowd: Crowd, classes: Iterable[KeyClass], copying: Sequence[Copier]) -> Iterator[Grant]:
    found: dict[tuple[str, Condition], list[KeyClass]] = defaultdict(list)
    for each in classes:
        for opening in openings(bucket, crowd.one, each, copying):
            found[opening.by, unsourced(opening.condition)].append(each)
    for (by, condition), meant in found.items():
        yield from _grants(bucket, crowd, by, condition, meant, copying)


def _grants(
    bucket: Bucket, crowd: Crowd, by: str, condition: Condition, meant: Sequence[KeyClass], copying: Sequence[Copier]
) -> Iterator[Grant]:
    for held in together(meant):
        about = next(each for each in meant if any(one.media is held.media for one in each.held))
        ask = partial(openings, bucket, found=about, copying=copying)
        restores = key_changes.REVIVING.issuperset(by.split("+"))
        for asker in crowd.askers:
            prove = _Proof(ask, asker, by, f"{bucket.store.id}/{held.example}")
            yield grant_of(
                asker.party,
                Action.READ,
                bucket.store.id,
                Decision(condition),
                prove,
                held,
                by=by,
                changes=True,
                restores=restores,
            )


class _Proof:
    """The proof of one identity's opening, found when it is asked for."""

    __slots__ = ("_ask", "_asker", "_by", "_target")

    def __init__(self, ask: Callable[[Asker], list[Opening]], asker: Asker, by: str, target: str) -> None:
        self._ask, self._asker, self._by, self._target = ask, asker, by, target

    def __call__(self) -> tuple[Step, ...]:
        source = self._asker.principal
        for opening in self._ask(self._asker):
            if opening.by == self._by:
                then = f"and lets {opening.who.who} read" if opening.who.who else "and reads then"
                asked = only_if(opening.condition)
                told = Step(source, self._by, self._target, f"{source} rewrites what stands in the way, {then}", asked)
                read = Part(Action.READ, self._target, opening.read, who=opening.who.who)
                return (told, *(step for part in (*opening.calls, read) for step in steps(source, part)))
        return ()


def openings(bucket: Bucket, writer: Asker, found: KeyClass, copying: Iterable[Copier]) -> list[Opening]:
    """Return the ways in which somebody can open a class of keys that it does not read anyhow.

    A way that needs all that another surely works with, and more, is left out. Of the same calls those count that it
    can surely read by, and itself before another.
    """
    as_it_is = bucket.decide(writer, READ_CALLS, found).condition
    if as_it_is is ALWAYS:
        return []
    kept: dict[str, Opening] = {}
    for opening in (*tried(bucket, writer, found), *_copying(bucket, writer, found, copying)):
        condition = opening.condition
        if condition not in (NEVER, as_it_is) and not _needless(opening, kept.values()):
            held = kept.get(opening.by)
            if held is None or condition is ALWAYS:
                kept[opening.by] = opening
    return [one for one in kept.values() if not _needless(one, (each for each in kept.values() if each is not one))]


def tried(bucket: Bucket, writer: Asker, found: KeyClass) -> Iterator[Opening]:
    """Yield all that somebody may change of a bucket and its key, for itself and for others, and who reads then."""
    changes = list(bucket_changes.changes(bucket, writer, found))
    for who in beneficiaries(writer):
        yield from _for(bucket, writer, found, changes, who)


def _copying(bucket: Bucket, writer: Asker, found: KeyClass, copying: Iterable[Copier]) -> Iterator[Opening]:
    """Yield having Amazon S3 copy the bucket, as one role or another."""
    for copier in copying if writer.account == bucket.store.account else ():
        calls = configured(bucket, writer, copier)
        for name, making, read in copied(bucket, writer, copier, found) if needed(calls) is not NEVER else ():
            who = Beneficiary(copier.asker, "*", "", f"Amazon S3 as {copier.role.arn}, for the bucket {name},")
            yield Opening((*calls, *making), who, read)
            if read.condition is ALWAYS and not making:
                break


def _needless(opening: Opening, others: Iterable[Opening]) -> bool:
    calls = {part.action for part in opening.calls}
    return any(each.condition is ALWAYS and {part.action for part in each.calls} <= calls for each in others)


def _for(
    bucket: Bucket, writer: Asker, found: KeyClass, changes: Iterable[Change], who: Beneficiary
) -> Iterator[Opening]:
    """Yield every change of the bucket with every change of the key, the fewest first."""
    key = key_of(bucket, found)
    others = list(key_changes.key_changes(bucket.facts, writer, key, who)) if key is not None else []
    for change in changes:
        for calls, changed in [((), key), *others]:
            if (change.calls or calls) and (change.calls or not who.who):
                yield opened(bucket, change, (calls, changed) if calls and changed is not None else None, who)


def _crowds(bucket: Bucket, pool: Askers, copying: Iterable[Copier], *, only_able: bool = False) -> list[Crowd]:
    """Sort askers by what they may rewrite of a bucket and by how they read it.

    ``only_able`` leaves those out whose own policies let them rewrite nothing of it.
    """
    held, keys = bucket.held, tuple(key.arn for key in bucket.used_keys)
    matters = (
        Matter(_lower(_ON_BUCKET), exactly=(held.arn,)),
        Matter(_lower(_ON_ACCOUNT), exactly=("*",)),
        Matter(_lower(bucket_changes.ON_OBJECTS), f"{held.arn}/"),
        Matter(_lower(_ON_POINTS), f"arn:{held.partition}:s3:{bucket.store.region}"),
        Matter(_lower(_ON_KEYS), exactly=keys),
    )
    passing = Matter(_lower([PASSES]), exactly=tuple(copier.role.arn for copier in copying))
    reading, heard = replication.told_apart_by(bucket, copying)
    crowds = bucket.crowds(pool, *matters, passing, *reading, heard=heard)
    calls = [(len(bucket.starts) + 1 + place, call) for place, matter in enumerate(matters) for call in matter.calls]
    return [crowd for crowd in crowds if not only_able or any(holds(crowd, call, matter) for matter, call in calls)]


def _admitted(bucket: Bucket) -> Iterator[str]:
    """Yield whom the bucket's policy, or the policy or a grant of a key, admits to rewriting it."""
    calls = _lower((*_ON_BUCKET, *bucket_changes.ON_OBJECTS, *_ON_KEYS))
    for policy in (*bucket.policies, *(key.policy for key in bucket.used_keys if key.policy is not None)):
        for item in policy.document.statements:
            if isinstance(item, Statement) and item.effect == "Allow" and any(covers(item, call) for call in calls):
                yield from (name for _, name in item.principals.names) if item.principals else ("*",)
    for grant in (grant for key in bucket.used_keys for grant in key.grants or ()):
        if "CreateGrant" in grant.operations:
            yield grant.grantee


def _lower(calls: Iterable[str]) -> frozenset[str]:
    return frozenset(call.lower() for call in calls)
