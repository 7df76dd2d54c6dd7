"""Tag what a step is taken on as one's policies ask for, and take the step then: a role, a user or compute.

From the "IAM User Guide", controlling access to AWS resources using tags, which warns of it: who may change the tags of
things decides whom conditions on ``aws:ResourceTag`` let at them. The steps are those of an estate in which the things
that somebody may tag are tagged so; what the same people can do without is left out. A role or user of which its new
tags make something else is then another than it was: a guise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import chain, islice
from typing import TypeVar

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Edge, only_if
from cloudscan.access.conditions import all_of, any_of, unsourced
from cloudscan.access.parts import Part
from cloudscan.model import Principal, Step, Workload
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.documents import Statement
from cloudscan_aws.steps.asked import fitting
from cloudscan_aws.steps.assume import assumed
from cloudscan_aws.steps.calls import ask, over, spelled
from cloudscan_aws.steps.compute import steered
from cloudscan_aws.steps.credentials import taken
from cloudscan_aws.steps.edges import steps
from cloudscan_aws.steps.pass_role import passed
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.tags import Tags, passing, with_tags
from cloudscan_aws.steps.targets import Targets
from cloudscan_aws.steps.things import Target, is_of_resource, kept_by_aws, labelled
from cloudscan_aws.steps.widen import Chance, become
from cloudscan_aws.steps.widening import Widening

_ROLE, _USER = "iam:TagRole", "iam:TagUser"
_COMPUTE = {
    "lambda:TagResource": "function",
    "ec2:CreateTags": "instance",
    "ecs:TagResource": "container-task",
    "sagemaker:AddTags": "notebook",
    "glue:TagResource": "dev-endpoint",
    "apprunner:TagResource": "service",
}
_CALLS = (_ROLE, _USER, *_COMPUTE)
"""The calls that tag what steps are taken on. Projects and stacks are tagged by what changes them altogether."""
_MOST = 8
"""Sets of tags that are tried for one crowd."""
_Thing = TypeVar("_Thing", Principal, Workload)


@dataclass(frozen=True, slots=True)
class _Tagging:
    """What a crowd may tag with a call, and under which condition."""

    call: str
    tags: Tags
    parts: Mapping[str, Part]


class _Known:
    """Where everyone surely gets without tagging anything."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self._edges = edges
        self.targets = cache(self._find_targets)

    @cached_property
    def _leading(self) -> Mapping[str, list[Edge]]:
        held: dict[str, list[Edge]] = defaultdict(list)
        for edge in self._edges:
            for source in edge.sources:
                held[source].append(edge)
        return held

    def _find_targets(self, source: str) -> frozenset[str]:
        return frozenset(target for edge in self._leading.get(source, ()) for target in edge.targets)


def retagged(scene: Scene, plain: Iterable[Edge], free: Collection[str]) -> tuple[list[Edge], list[Asker]]:
    """Return the steps of everyone on things that they first tag, and what these then are if they are not as before.

    ``plain`` are the steps without, ``free`` need none.
    """
    made: dict[str, Asker] = {}
    found: list[Edge] = []
    known = _Known([edge for edge in plain if edge.decision.condition is ALWAYS])
    for call in _CALLS:
        for crowd in scene.crowds([call]):
            sources = [asker for asker in crowd.askers if asker.principal not in free]
            for tags in _wanted(scene, crowd.one) if sources else ():
                parts = dict(_tagged(scene, crowd, call, tags))
                if parts:
                    tagging = _Tagging(call, tags, parts)
                    then = _guises(scene, tagging)
                    made.update((guise.principal, guise) for guise in then.values())
                    found += _steps(scene, sources, tagging, known, then)
    return found, list(made.values())


def _guises(scene: Scene, tagging: _Tagging) -> Mapping[str, Asker]:
    """Return what those become that are tagged, and that the tags make something else of."""
    found: dict[str, Asker] = {}
    told = f"with tags {', '.join(f'{name}={value}' for name, value in sorted(tagging.tags.items()))}"
    for name, part in tagging.parts.items() if tagging.call not in _COMPUTE else ():
        asker = scene.people.get(name)
        if asker is not None and scene.differs(asker.caller, tagging.tags):
            widening = Widening(tagging.call, name, told, f"tag {name}", tags=tagging.tags)
            found[name] = become(scene.facts, asker, told, [Chance(widening, part, part.decision.condition)])
    return found


def _wanted(scene: Scene, asker: Asker) -> list[Tags]:
    """Return the tags of things that the statements over somebody, and trust policies, compare: sets of some."""
    trusts = (role.facts.trust.document for role in scene.roles.values() if role.admits.by_labels and role.facts.trust)
    found: dict[str, dict[str, None]] = {}
    for document in dict.fromkeys((*over(scene.facts, asker.caller), *trusts)):
        for item in document.statements:
            for clause in item.condition if isinstance(item, Statement) else ():
                if is_of_resource(clause.key):
                    values = [fitting(spelled(value, asker.caller)) for value in clause.values]
                    found.setdefault(clause.key.partition("/")[2], {}).update(dict.fromkeys(values))
    first = {name: next(iter(values)) for name, values in found.items() if values}
    others = ({**first, name: value} for name, values in found.items() for value in list(values)[1:])
    return list(islice(chain([first] if first else [], others), _MOST))


def _tagged(scene: Scene, crowd: Crowd, call: str, tags: Tags) -> Iterator[tuple[str, Part]]:
    """Yield the things that a crowd may tag so and that are not, with the call."""
    things = _things(scene, call, crowd.one.account)
    targets = Targets(Target(name, thing.labels) for name, thing in things.items())
    for block in scene.blocks(crowd, call, targets) if things else ():
        for each in block:
            part = ask(scene.facts, crowd.one, call, each.arn, passing(tags).over(labelled(each.labels)))
            if part.decision.condition is not NEVER and each.labels != with_tags(each.labels or {}, tags):
                yield each.arn, part


def _things(scene: Scene, call: str, account: str) -> Mapping[str, Principal | Workload]:
    if call in _COMPUTE:
        held = scene.workloads_of.get(account, ())
        return {one.id: one for one in held if one.kind == _COMPUTE[call]}
    kind = "role" if call == _ROLE else "user"
    held_by = scene.facts.estate.principals.values()
    return {one.id: one for one in held_by if one.kind == kind and one.account == account and not kept_by_aws(one)}


def _steps(
    scene: Scene, sources: Iterable[Asker], tagging: _Tagging, known: _Known, then: Mapping[str, Asker]
) -> Iterator[Edge]:
    """Yield the steps in an estate that is tagged so, each of which starts with the tagging."""
    if tagging.call in _COMPUTE:
        workloads = scene.facts.estate.workloads
        other, find = (
            scene.with_workloads(sources, [_with(workloads[name], tagging) for name in tagging.parts]),
            steered,
        )
    else:
        principals = scene.facts.estate.principals
        other = scene.with_principals(sources, [_with(principals[name], tagging) for name in tagging.parts])
        find = _on_principals
    behind = _behind(scene, tagging)
    for edge in find(other):
        for starts, ends in _further(edge, known).items():
            by_condition: dict[tuple[Condition, bool], list[str]] = defaultdict(list)
            for end in ends:
                met = any_of(tagging.parts[name].decision.condition for name in behind[end])
                by_condition[unsourced(all_of((edge.decision.condition, met))), end in then].append(end)
            for (condition, guise), meant in by_condition.items():
                targets = {then[end].principal if guise else end: end for end in meant}
                yield replace(
                    edge,
                    sources=starts,
                    targets=tuple(targets),
                    kind=f"{tagging.call}+{edge.kind}",
                    decision=Decision(condition),
                    prove=partial(_prove, edge, tagging, behind, targets),
                    changes=True,
                    guise=guise,
                )


def _on_principals(scene: Scene) -> Iterator[Edge]:
    yield from assumed(scene)
    yield from passed(scene)
    yield from taken(scene)


def _with(thing: _Thing, tagging: _Tagging) -> _Thing:
    return replace(thing, labels=with_tags(thing.labels or {}, tagging.tags))


def _behind(scene: Scene, tagging: _Tagging) -> Mapping[str, Sequence[str]]:
    """Return the things that are tagged for each principal that a step ends in: itself, or what runs as it."""
    if tagging.call not in _COMPUTE:
        return {name: [name] for name in tagging.parts}
    found: dict[str, list[str]] = defaultdict(list)
    for name in tagging.parts:
        if role := scene.facts.estate.workloads[name].principal:
            found[role].append(name)
    return found


def _further(edge: Edge, known: _Known) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Return to whom an edge leads that nothing led to before, for those together who get as far by it."""
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for source in edge.sources:
        if further := tuple(target for target in edge.targets if target not in known.targets(source)):
            together[further].append(source)
    return {tuple(sources): further for further, sources in together.items()}


def _prove(
    edge: Edge,
    tagging: _Tagging,
    behind: Mapping[str, Sequence[str]],
    targets: Mapping[str, str],
    source: str,
    target: str,
) -> tuple[Step, ...]:
    """Prove the tagging, and then the step. One of a crowd tags as all of it do."""
    name = behind[targets[target]][0]
    part = tagging.parts[name]
    told = ", ".join(f"{tag}={value}" for tag, value in sorted(tagging.tags.items()))
    condition = part.decision.condition
    asked = only_if(condition)
    said = Step(source, f"{tagging.call}+{edge.kind}", target, f"{source} may give {name} the tags {told}", asked)
    return (said, *steps(source, part), *edge.prove(source, targets[target]))
