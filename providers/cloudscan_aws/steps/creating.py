"""Make a principal of one's own: a user with a key, or a role that one may assume, with rights of one's own choice.

From the "IAM API Reference": CreateUser and CreateRole, which take a path, a boundary and tags; for tags also
``iam:TagUser`` or ``iam:TagRole`` is needed; no two of a kind have one name in an account, whatever their paths. What
the new principal is called, is tagged with and is bounded by follows what the documents over its maker ask for, and
what others make of names and tags.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cloudscan.access import ALWAYS, NEVER, Context, Edge
from cloudscan.access.parts import Part, Way, needed
from cloudscan.access.patterns import glob, matches
from cloudscan.access.stepping import Sort
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.callers import EVERYTHING, Kind
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.policy.trust import RoleFacts
from cloudscan_aws.steps.asked import asked
from cloudscan_aws.steps.attaching import offers
from cloudscan_aws.steps.calls import ANEW, Call, ask, names_for, partition_of
from cloudscan_aws.steps.credentials import MAKES_KEY, admitting
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.tags import Tags, passing
from cloudscan_aws.steps.targets import holds
from cloudscan_aws.steps.things import labelled, short_name
from cloudscan_aws.steps.widening import ATTACHES, JOINS, TAGS, WHATEVER, WRITES

_BOUNDARY = "iam:PermissionsBoundary"
_CREATES = {"user": "iam:CreateUser", "role": "iam:CreateRole"}
_KINDS = {"user": Kind.USER, "role": Kind.ROLE}
Rights = tuple[Policy, ...] | None
"""Policies that somebody has; None for what was not read."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A new principal as one who asks, and the calls that make it, in order."""

    asker: Asker
    calls: Way


def created(scene: Scene, free: Mapping[str, Hashable]) -> tuple[list[Edge], list[Asker]]:
    """Return the edges of everyone to principals that it can make, and these.

    ``free`` are those who can give themselves everything, with their standing: to them only others are worth it.
    """
    workshop = _Workshop(scene)
    by_kind: dict[str, list[Found]] = defaultdict(list)
    made: dict[str, Asker] = {}
    for kind, call in _CREATES.items():
        for crowd in scene.crowds([call], by=_calls(kind)):
            if crowd.one.caller.kind is not Kind.ROOT:
                for each in workshop.made(crowd, kind):
                    name, standing = each.asker.principal, scene.standings.of(each.asker)
                    sources = tuple(
                        one.principal
                        for one in crowd.askers
                        if one.principal not in free or free[one.principal] != standing
                    )
                    if sources:
                        by_kind[_told(each.calls)].append(Found(sources, name, needed(each.calls)))
                        made.setdefault(name, each.asker)
    found = [edge for told, each in by_kind.items() for edge in workshop.edges(told, each)]
    return found, list(made.values())


def _calls(kind: str) -> list[str]:
    taking = [MAKES_KEY, JOINS] if kind == "user" else ["sts:AssumeRole"]
    return [_CREATES[kind], TAGS[kind], WRITES[kind], ATTACHES[kind], *taking]


def _told(calls: Way) -> str:
    return "+".join("assume-role" if part.action == "sts:AssumeRole" else part.action for part in calls)


class _Workshop:
    """What the identities of a scene can make."""

    def __init__(self, scene: Scene) -> None:
        self._scene, self._facts = scene, scene.facts

    def edges(self, told: str, found: Sequence[Found]) -> Iterator[Edge]:
        """Yield the edges to new principals that are made by the same calls."""

        def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
            kind = "user" if told.startswith(_CREATES["user"]) else "role"
            crowd = next(each for each in self._scene.crowds([_CREATES[kind]], by=_calls(kind)) if asker in each.askers)
            ways = (each.calls for each in self._all(crowd, asker, kind) if each.asker.principal == target)
            return f"{asker.principal} may make {target}", (next(way for way in ways if _told(way) == told),)

        yield from edges(Sort(told, changes=True, guise=True), found, self._scene.people, explain)

    def made(self, crowd: Crowd, kind: str) -> Iterator[_Made]:
        """Yield what a crowd can make: of those that nothing tells apart the surest."""
        best: dict[Hashable, _Made] = {}
        for each in self._all(crowd, crowd.one, kind):
            caller = each.asker.caller
            sort = (self._scene.standings.of(each.asker), caller.policies, caller.boundaries)
            if sort not in best or (needed(each.calls) is ALWAYS and needed(best[sort].calls) is not ALWAYS):
                best[sort] = each
        yield from best.values()

    def _all(self, crowd: Crowd, asker: Asker, kind: str) -> Iterator[_Made]:
        on = "arn:{partition}:iam::{account}:" + kind + "/{name}"
        calls = tuple(Call(call, on) for call in _calls(kind) if call != JOINS)
        sure: set[Hashable] = set()
        for _, name in names_for(self._facts, asker.caller, calls, self._names):
            arn = on.format(partition=partition_of(asker.caller), account=asker.account, name=name)
            if (asker.account, kind, short_name(arn)) in self._taken:
                continue
            for boundary in self._boundaries(asker, kind):
                for tags in ({}, *self._tags(asker, kind)):
                    blank = self._blank(asker, kind, arn, boundary, tags)
                    sort = (self._scene.standings.of(blank), boundary)
                    if sort not in sure:
                        for each in self._with_rights(crowd, asker, kind, blank, boundary):
                            yield each
                            if needed(each.calls) is ALWAYS and each.asker.caller.policies == (WHATEVER,):
                                sure.add(sort)

    def _blank(self, asker: Asker, kind: str, arn: str, boundary: str, tags: Tags) -> Asker:
        """Return a new principal without rights."""
        limits = self._limits.get(boundary)
        caller = replace(
            asker.caller,
            kind=_KINDS[kind],
            name=arn,
            policies=(),
            boundaries=() if not boundary else (limits,) if limits is not None else None,
            session=None,
            session_policies=(),
            tags=tags,
            unique_id=None,
            claims={},
        )
        told = [f"a new {kind} {arn}", *([f"bounded by {boundary}"] if boundary else [])]
        told += [f"with tags {', '.join(f'{name}={value}' for name, value in sorted(tags.items()))}"] if tags else []
        return Asker(" ".join(told), caller, asker.account, told=asker.told)

    def _with_rights(self, crowd: Crowd, asker: Asker, kind: str, blank: Asker, boundary: str) -> Iterator[_Made]:
        tags, arn = blank.caller.tags or {}, blank.caller.name
        bounded = Context.of({_BOUNDARY: boundary}) if boundary else Context.of({}, absent=[_BOUNDARY])
        said = passing(tags) if tags else Context.of({}, absent=["aws:RequestTag/*", "aws:TagKeys"])
        first = [ask(self._facts, asker, _CREATES[kind], arn, said.over(bounded))]
        first += [ask(self._facts, asker, TAGS[kind], arn, said)] if tags else []
        if needed(first) is NEVER:
            return
        known = labelled(tags).over(bounded)
        taking = self._taking(asker, kind, blank, known)
        if taking is not None:
            for part, rights, told in self._rights(crowd, asker, kind, arn, known):
                way = (*first, *part, taking)
                if needed(way) is not NEVER:
                    caller = replace(blank.caller, policies=rights)
                    yield _Made(replace(blank, principal=f"{blank.principal}{told}", caller=caller), way)

    def _taking(self, asker: Asker, kind: str, blank: Asker, known: Context) -> Part | None:
        """Return the call by which somebody becomes the new principal; None if there is none."""
        arn = blank.caller.name
        if kind == "user":
            parts = [ask(self._facts, asker, MAKES_KEY, arn, known)]
        else:
            role = RoleFacts(arn, asker.account, None, blank.caller.tags)
            parts = list(admitting(self._scene, asker, role))
        possible = [part for part in parts if part.decision.condition is not NEVER]
        return min(possible, key=lambda part: part.decision.condition is not ALWAYS, default=None)

    def _rights(
        self, crowd: Crowd, asker: Asker, kind: str, arn: str, known: Context
    ) -> Iterator[tuple[Way, Rights, str]]:
        """Yield the rights that somebody can give to a new principal: all, or what a policy or a group has."""
        if holds(crowd, WRITES[kind].lower()):
            part = ask(self._facts, asker, WRITES[kind], arn, known)
            yield (part,), (WHATEVER,), ""
            if part.decision.condition is ALWAYS:
                return
        if holds(crowd, ATTACHES[kind].lower()):
            for offer in offers(self._scene, asker, ATTACHES[kind], arn, known):
                part = ask(
                    self._facts, asker, ATTACHES[kind], arn, Context.of({"iam:PolicyARN": offer.arn}).over(known)
                )
                if offer.hangs_on is ALWAYS and part.decision.condition is not NEVER:
                    whole = offer.policy.document is EVERYTHING.document
                    rights = WHATEVER if whole else Policy(f"{ANEW}{offer.arn} attached", offer.policy.document)
                    yield (*offer.first, part), (rights,), "" if whole else f" with {offer.arn}"
        if kind == "user" and holds(crowd, JOINS.lower()):
            for group in self._scene.groups_of.get(asker.account, ()):
                part = ask(self._facts, asker, JOINS, group.id, labelled(group.labels))
                yield (part,), self._scene.policies(group), f" as a member of {group.id}"

    def _boundaries(self, asker: Asker, kind: str) -> list[str]:
        """Return no boundary, and those that the documents over somebody ask for."""
        wanted = asked(self._facts, asker.caller, _CREATES[kind], _BOUNDARY)
        held = [arn for text in wanted for arn in self._limits if matches(glob(text), arn)]
        unread = [text for text in wanted if text.startswith("arn:") and not {"*", "?", "$"} & set(text)]
        return list(dict.fromkeys(["", *held, *unread]))

    @cached_property
    def _taken(self) -> Collection[tuple[str, str, str]]:
        """The names that principals have, by account and kind."""
        return {(one.account, one.kind, short_name(one.id)) for one in self._facts.estate.principals.values()}

    @cached_property
    def _limits(self) -> Mapping[str, Policy]:
        """What was read of the policies that may be boundaries, by ARN."""
        held = (one for one in self._facts.estate.policies.values() if one.kind in ("identity", "boundary"))
        found = {one.id.partition("#")[0]: one for one in held if ":policy/" in one.id}
        return {arn: Policy.of(one.id, one.document) for arn, one in found.items()}

    @cached_property
    def _names(self) -> list[str]:
        """The names of principals that documents compare."""
        heard = self._scene.standings.heard
        clauses = (clause for item in heard for clause in item.condition if clause.key.casefold() == "aws:principalarn")
        return list(dict.fromkeys(value for clause in clauses for value in clause.values))

    def _tags(self, asker: Asker, kind: str) -> Iterator[Tags]:
        policies = [*(asker.caller.policies or ()), *(asker.caller.boundaries or ())]
        items = (item for policy in policies for item in policy.document.statements)
        own = [item for item in items if isinstance(item, Statement) and covers(item, _CREATES[kind].lower())]
        yield from self._scene.wanted.sets(own)
