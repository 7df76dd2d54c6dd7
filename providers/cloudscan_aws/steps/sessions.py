"""Assume a role with session tags of one's own choice, which policies then take for the role's tags.

From the "IAM User Guide", passing session tags in AWS STS: who passes tags needs ``sts:TagSession`` beside
``sts:AssumeRole``, of the trust policy and, where that trusts an account, of its own policies; both are asked with the
tags of the request. A session's tags go over the role's. That a tag is passed on to the next session (transitive) opens
nothing which tags of one's own choice do not, since both ask for the same permission.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from cloudscan.access import NEVER, Context, Edge
from cloudscan.access.parts import Part, Way, needed
from cloudscan.access.stepping import Sort
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.contents import Matter
from cloudscan_aws.policy.callers import Kind
from cloudscan_aws.policy.documents import Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.policy.trust import evaluate_assume_role
from cloudscan_aws.steps.assume import CALL, may_assume, outside, sort_outside
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.scene import Role, Scene
from cloudscan_aws.steps.tags import Tags, passing, with_tags

TAG = "sts:TagSession"
_KIND = f"assume-role+{TAG}"
_MATTER = Matter(frozenset({CALL.lower(), TAG.lower()}))


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a role with tags that make a difference to some document, as one who asks."""

    role: Role
    tags: Tags
    asker: Asker


class Sessions:
    """The sessions with tags that the roles of an estate may have."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def taken(self, scene: Scene) -> tuple[list[Edge], list[Asker]]:
        """Return the edges of everyone in a scene to such sessions, and these."""
        found: list[Found] = []
        speakers = [role.facts.trust for role in self._of_role if role.facts.trust is not None]
        for crowd in scene.askers.crowds(_MATTER, speakers=speakers) if self._of_role else ():
            if crowd.one.caller.kind is not Kind.ROOT:  # a root user assumes no role
                found += self._by(scene, crowd)
        made = list(edges(Sort(_KIND, guise=True), found, scene.people, self._explain))
        return made, [self._by_name[name].asker for name in dict.fromkeys(one.target for one in found)]

    def taken_from_outside(self) -> tuple[list[Edge], list[Asker]]:
        """Return the edges of the outside parties that trust policies name to such sessions, and these."""
        found: dict[Sort, list[Found]] = defaultdict(list)
        people: dict[str, Asker] = {}
        for role, sessions in self._of_role.items():
            for asker, session in product(outside(self._scene, role), sessions):
                condition = needed(_may(self._scene, asker, role, _passing(session.tags)))
                if (sort := sort_outside(asker, condition)) is not None:
                    people[asker.principal] = asker
                    sort = replace(sort, kind=_KIND, guise=True)
                    found[sort].append(Found((asker.principal,), session.asker.principal, condition))
        made = [edge for sort, each in found.items() for edge in edges(sort, each, people, self._explain)]
        return made, [self._by_name[each.target].asker for several in found.values() for each in several]

    @cached_property
    def _by_name(self) -> Mapping[str, Session]:
        return {each.asker.principal: each for sessions in self._of_role.values() for each in sessions}

    def _explain(self, asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        session = self._by_name[target]
        said = f"{asker.principal} may assume the role {session.role.arn} with session tags: {_told(session.tags)}"
        return said, (_may(self._scene, asker, session.role, _passing(session.tags)),)

    def _by(self, scene: Scene, crowd: Crowd) -> Iterator[Found]:
        sources = tuple(asker.principal for asker in crowd.askers)
        for role, sessions in self._of_role.items():
            if needed(_may(scene, crowd.one, role, Context())) is not NEVER:
                for session in sessions:
                    condition = needed(_may(scene, crowd.one, role, _passing(session.tags)))
                    if condition is not NEVER:
                        yield Found(sources, session.asker.principal, condition)

    @cached_property
    def _of_role(self) -> Mapping[Role, list[Session]]:
        roles = [role for role in self._scene.roles.values() if _may_be_tagged(role)]
        found = {role: list(self._sessions(role)) for role in roles}
        return {role: sessions for role, sessions in found.items() if sessions}

    def _sessions(self, role: Role) -> Iterator[Session]:
        """Yield the sessions of a role that differ from each other for some document, and from the role itself.

        Where its trust policy asks for tags, those that do not differ from the role count, too.
        """
        held = self._scene.people.get(role.arn)
        if held is None or held.caller.tags is None:
            return
        for tags in self._scene.differing(held.caller, all_of_them=_asks_for_tags(role)):
            caller = replace(held.caller, tags=with_tags(held.caller.tags, tags))
            yield Session(
                role, tags, replace(held, principal=f"{role.arn} with session tags: {_told(tags)}", caller=caller)
            )


def _may_be_tagged(role: Role) -> bool:
    if role.facts.trust is None:
        return False
    items = [item for item in role.facts.trust.document.statements if isinstance(item, Statement)]
    return any(item.effect == "Allow" and covers(item, TAG.lower()) for item in items)


def _asks_for_tags(role: Role) -> bool:
    items = role.facts.trust.document.statements if role.facts.trust is not None else ()
    clauses = (clause for item in items if isinstance(item, Statement) for clause in item.condition)
    return any(clause.key.casefold().startswith(("aws:requesttag/", "aws:tagkeys")) for clause in clauses)


def _passing(tags: Tags) -> Context:
    """Return what the request says of the tags that it passes on. None of them is made transitive."""
    return Context.of({}, absent=["sts:TransitiveTagKeys"]).over(passing(tags))


def _may(scene: Scene, asker: Asker, role: Role, about: Context) -> Way:
    """Ask whether somebody may assume a role, and tag the session; what of the tags ``about`` leaves open stays so."""
    decision = evaluate_assume_role(
        asker.caller, TAG, role.facts, organization=scene.facts.organization, context=about.over(asker.told)
    )
    return may_assume(scene, asker, role, about), Part(TAG, role.arn, decision)


def _told(tags: Tags) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(tags.items()))
