"""The calls that a step needs: on what they are made, and whether somebody may make all of them.

Each call is a request of its own, with its own context: the conditions of several are put side by side and never
merged, since one context key may have another value in each.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

from cloudscan.access import ALWAYS, NEVER, Condition, Context, Decision, Ruling, both, decide
from cloudscan.access.conditions import Unseen, any_of, leaves
from cloudscan.access.parts import Part, Way, needed
from cloudscan_aws.askers import Asker
from cloudscan_aws.facts import Facts, called
from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.callers import facts as facts_of
from cloudscan_aws.policy.documents import Document, Statement
from cloudscan_aws.policy.identity import evaluate_identity_request
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.steps.things import Target, labelled

_REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_ANY_NAME = "any"
ON_TARGET = "{target}"
_VARIABLE = re.compile(r"\$\{\s*([^{},\s]+)[^{}]*\}")
_MAKES = {
    "lambda:CreateFunction": "ResourceConflictException",
    "cloudformation:CreateStack": "AlreadyExistsException",
    "codebuild:CreateProject": "ResourceAlreadyExistsException",
    "sagemaker:CreateNotebookInstance": "ResourceInUse",
    "glue:CreateDevEndpoint": "AlreadyExistsException",
    "glue:CreateJob": "AlreadyExistsException",
    "apprunner:CreateService": "InvalidRequestException",
}
"""Calls that are refused, with what the API references call that, for the name of compute that is there."""
_MOST_NAMES = 64
"""Names that are tried for what is made anew: those that the statements over the caller suggest."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a step. ``on`` is the ARN that it is made on, with ``{partition}``, ``{region}``, ``{account}``
    and ``{name}``, of which the caller chooses region and name; ``{target}`` for what the step is taken on; or ``*``
    where the service knows no resource.

    ``known`` are context keys that follow from the call, those with "" absent; ``hangs_on`` is what nobody reads that
    it takes besides. ``near`` says that it only works in a region in which there are recordings.
    """

    action: str
    on: str = "*"
    known: Mapping[str, str] = field(default_factory=dict)
    hangs_on: str = ""
    near: bool = False


ANEW = "made anew: "
"""Begins the name of what a step itself writes: no statement that is there, and that could be taken away."""


def ask(facts: Facts, asker: Asker, action: str, resource: str, about: Context | None = None) -> Part:
    """Ask whether somebody may make one call on what has no policy of its own."""
    context = asker.told if about is None else about.over(asker.told)
    decision = evaluate_identity_request(
        asker.caller, action, resource, organization=facts.organization, context=context
    )
    return Part(action, resource, decision)


def best(ways: Iterable[Way]) -> tuple[Condition, tuple[Way, ...]]:
    """Return what must hold for a step that can be taken in several ways, and the ways that count for it.

    A way that is a plain yes settles it; else one that needs nothing but what another needs, too.
    """
    open_ways: dict[Condition, Way] = {}
    for way in ways:
        condition = needed(way)
        if condition is ALWAYS:
            return ALWAYS, (way,)
        if condition is not NEVER:
            open_ways.setdefault(condition, way)
    asked = {condition: frozenset(leaves(condition)) for condition in open_ways}
    kept = [one for one in open_ways if not any(asked[other] < asked[one] for other in open_ways)]
    seen = [one for one in kept if Decision(one).ruling is not Ruling.UNKNOWN]
    return any_of(seen or kept), tuple(open_ways[one] for one in seen or kept)


def ways(
    facts: Facts,
    asker: Asker,
    alternatives: Iterable[Sequence[Call]],
    target: Target | None = None,
    wanted: Sequence[str] = (),
) -> Iterator[Way]:
    """Yield every way in which somebody may make the calls of one of several alternatives.

    What the calls make anew may have any name that the caller chooses, the same in all of them; ``wanted`` are ARNs
    that others ask for. It lies in the region of what the step is taken on, if it is taken on something.
    """
    for calls in alternatives:
        for region, name in names_for(facts, asker.caller, tuple(calls), wanted):
            there = target.arn.split(":")[3] if target is not None else region
            way = tuple(_made(facts, asker, call, there, name, target) for call in calls)
            if needed(way) is not NEVER and not any(_taken(facts, part) for part in way):
                yield way


def _taken(facts: Facts, part: Part) -> bool:
    """Say whether a call would make compute under a name that there is already."""
    return part.action in _MAKES and called(part.resource) in facts.compute


def _made(facts: Facts, asker: Asker, call: Call, region: str, name: str, target: Target | None) -> Part:
    resource = call.on.format(
        partition=partition_of(asker.caller),
        region=region,
        account=asker.account,
        name=name,
        target=target.arn if target is not None else "",
    )
    told = {key: value for key, value in call.known.items() if value}
    if there := resource.split(":", 4)[3:4]:
        told.setdefault("aws:RequestedRegion", there[0])
    known = Context.of({key: value for key, value in told.items() if value}, absent=call.known.keys() - told)
    if target is not None and call.on == ON_TARGET:
        known = known.over(labelled(target.labels))
    part = ask(facts, asker, call.action, resource, known)
    if not call.hangs_on:
        return part
    unread = Unseen(f"{call.hangs_on} was not read")
    return replace(part, decision=both((part.decision, decide(unread))))


def partition_of(caller: Caller) -> str:
    """Return the partition of a caller's ARN ("aws", "aws-cn")."""
    return caller.name.split(":", 2)[1] if caller.name.startswith("arn:") else "aws"


def names_for(
    facts: Facts, caller: Caller, calls: tuple[Call, ...], wanted: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Return the regions and names to try: at home, what the statements over a caller ask for, and ``wanted`` ARNs."""
    near = facts.recorded_regions if any(call.near for call in calls) else ()
    usual = [(region, _ANY_NAME) for region in (*_regions(facts, caller), *near)]
    found = dict.fromkeys(usual)
    ons = dict.fromkeys(call.on for call in calls if "{name}" in call.on)
    asked = ((on, spelled(text, caller)) for on, text in product(ons, wanted))
    for on, text in (*asked, *suggested(facts, caller, calls)):
        found.update((chosen, None) for each in usual if (chosen := _chosen(text, on, each)) is not None)
    return [each for each in found if not near or each[0] in near][:_MOST_NAMES]


def _regions(facts: Facts, caller: Caller) -> Iterator[str]:
    """Yield the region at home, and those that the statements over a caller compare the one of a request with."""
    yield facts.home(caller.account) or _REGIONS.get(partition_of(caller), "us-east-1")
    for document in over(facts, caller):
        yield from _regions_in(document)


@lru_cache(maxsize=1 << 14)
def _regions_in(document: Document) -> tuple[str, ...]:
    items = (item for item in document.statements if isinstance(item, Statement))
    clauses = (clause for item in items for clause in item.condition if clause.key.casefold() == "aws:requestedregion")
    return tuple(value for clause in clauses for value in clause.values if not set(value) & set("*?$"))


def suggested(facts: Facts, caller: Caller, calls: Iterable[Call]) -> Iterator[tuple[str, str]]:
    """Yield the patterns that the statements over a caller have for what calls make anew, with what that is."""
    ons = tuple((call.action, call.on) for call in calls if "{name}" in call.on)
    for document in over(facts, caller) if ons else ():
        for on, texts in _asked_for(document, ons):
            yield from ((on, spelled(text, caller)) for text in texts)


def spoken_of(facts: Facts, caller: Caller, keys: Collection[str]) -> tuple[str, ...]:
    """Return the values that the statements over a caller compare some context keys with."""
    folded = {key.casefold() for key in keys}
    items = (item for document in over(facts, caller) for item in document.statements)
    clauses = (clause for item in items if isinstance(item, Statement) for clause in item.condition)
    values = (value for clause in clauses if clause.key.casefold() in folded for value in clause.values)
    return tuple(dict.fromkeys(spelled(value, caller) for value in values))


def over(facts: Facts, caller: Caller) -> Iterator[Document]:
    """Yield what says how a caller's new things must be called: its own policies, its limits, and its guardrails."""
    for policies in (caller.policies, caller.boundaries, caller.session_policies):
        yield from (policy.document for policy in policies or ())
    if facts.organization is not None and not caller.service_linked:
        levels = facts.organization.over(caller.account).service or ()
        yield from (policy.document for level in levels for policy in level)


@lru_cache(maxsize=1 << 14)
def _asked_for(document: Document, ons: tuple[tuple[str, str], ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the patterns of a document that what a call is made on has to fit: of what it allows, or denies others."""
    return tuple(
        (on, texts)
        for statement in document.statements
        if isinstance(statement, Statement)
        and (texts := statement.resources if statement.effect == "Allow" else statement.not_resources)
        for action, on in ons
        if covers(statement, action.lower())
    )


def _chosen(text: str, on: str, usual: tuple[str, str]) -> tuple[str, str] | None:
    """Read a pattern as a region and a name that fit it; None where it asks for neither."""
    parts, wanted = text.split(":", 5), on.split(":", 5)
    if len(parts) != len(wanted) or "{name}" not in wanted[-1]:
        return None
    before, _, after = wanted[-1].partition("{name}")
    resource = parts[-1]
    if not resource.startswith(before):
        return (filled_in(parts[3], usual[0]), usual[1]) if resource == "*" else None
    name = resource.removeprefix(before).removesuffix(after)
    return filled_in(parts[3], usual[0]), filled_in(name, usual[1])


def spelled(text: str, caller: Caller) -> str:
    """Put in for the variables of a pattern what the caller's identity says of them; others stay."""

    def value(found: re.Match[str]) -> str:
        values = facts_of(caller).values(found[1])
        return values[0] if values is not None and len(values) == 1 else found[0]

    return _VARIABLE.sub(value, text) if "${" in text else text


def opened(text: str) -> str:
    """Put a wildcard in for the variables that are left in a pattern."""
    return _VARIABLE.sub("*", text) if "${" in text else text


def filled_in(text: str, usual: str) -> str:
    """Put something in for the wildcards of a pattern."""
    return usual if text in ("", "*") else re.sub(r"[*?]", lambda found: "any" if found[0] == "*" else "x", text)
