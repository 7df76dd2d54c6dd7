"""Become a service account with what makes tokens or keys for it.

From "Service account impersonation" and "Create short-lived credentials for a service account" (IAM documentation): a
token is got with ``getAccessToken``, and as well by having the account sign a claim (``signJwt``, ``signBlob``) that is
exchanged for one. ``implicitDelegation`` passes a request on through a chain of accounts, of which each may do it to
the next. ``getOpenIdToken`` says who somebody is and opens no storage.

From "Create and delete service account keys" and "Upload service account keys": both take
``iam.serviceAccountKeys.create``, and each is forbidden by an organization policy of its own. From "HMAC keys" (Cloud
Storage documentation): such a key signs requests to Cloud Storage and to nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cloudscan.access import ALWAYS, Decision, Edge, Effect, Reason
from cloudscan.access.conditions import NEVER, Condition, Unseen
from cloudscan.access.parts import Part, Way, best
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import Answer
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.steps.edges import edges
from cloudscan_gcp.steps.scene import AS_DELEGATE, Scene, worth_telling

TOKENS = ("iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.signJwt", "iam.serviceAccounts.signBlob")
DELEGATES = "iam.serviceAccounts.implicitDelegation"
MAKES_KEY, MAKES_HMAC = "iam.serviceAccountKeys.create", "storage.hmacKeys.create"
SETS_POLICY = "orgpolicy.policy.set"
_WRITES_POLICY = ("orgpolicy.policies.create", "orgpolicy.policies.update")
"""What the second version of the API may ask for instead: its reference does not say."""
_CONSTRAINTS = ("iam.disableServiceAccountKeyCreation", "iam.disableServiceAccountKeyUpload")
Ways = Callable[[Scene, Caller, Place, str], Iterator[Way]]
"""Yields the ways in which somebody takes a step on a service account of a project."""


@dataclass(frozen=True, slots=True)
class _Step:
    sort: Sort
    does: str
    on_account: Sequence[str]
    on_project: Sequence[str]
    ways: Ways


def tokens(
    scene: Scene, caller: Caller, place: Place, _project: str = "", supposed: Supposed = AS_READ
) -> Iterator[Way]:
    """Yield the ways to a token of a service account."""
    for permission in TOKENS:
        yield (scene.ask(caller, permission, place, supposed=supposed),)


def made_keys(scene: Scene, caller: Caller, place: Place, project: str, supposed: Supposed = AS_READ) -> Iterator[Way]:
    """Yield making and uploading a key, and first allowing it again where that is forbidden."""
    made = scene.ask(caller, MAKES_KEY, place, supposed=supposed)
    if made.decision.condition is NEVER:
        return
    for constraint in _CONSTRAINTS:
        allowed = _allowed(scene, project, constraint)
        if allowed.decision.condition is not NEVER:
            yield (made, allowed)
        if allowed.decision.condition is not ALWAYS:
            place = scene.on_project(project)
            yield (scene.ask(caller, SETS_POLICY, place, supposed=supposed), made)
            unsure = Part("", place.name, Decision(Unseen(f"whether it lifts {constraint} is not documented")))
            yield from ((scene.ask(caller, each, place, supposed=supposed), unsure, made) for each in _WRITES_POLICY)


def _allowed(scene: Scene, project: str, constraint: str) -> Part:
    conditions: Mapping[Answer, Condition] = {Answer.YES: NEVER, Answer.NO: ALWAYS}
    unread = Unseen(f"whether {constraint} is in force for {project} was not read")
    condition = conditions.get(scene.control(project, constraint), unread)
    told = Reason(Effect.ASSUMES, f"{constraint} is not in force for {project}")
    return Part(MAKES_KEY, f"projects/{project}", Decision(condition, (told,)))


def hmac_keys(scene: Scene, caller: Caller, _place: Place, project: str, supposed: Supposed = AS_READ) -> Iterator[Way]:
    """Yield making a key to Cloud Storage."""
    yield (scene.ask(caller, MAKES_HMAC, scene.on_project(project), supposed=supposed),)


_STEPS = (
    _Step(Sort("impersonate"), "may have tokens made for", TOKENS, (), tokens),
    _Step(Sort(MAKES_KEY, changes=True), "may make a key for", (MAKES_KEY,), (SETS_POLICY, *_WRITES_POLICY), made_keys),
    _Step(
        Sort(MAKES_HMAC, changes=True, reads_only=True),
        "may make a key to Cloud Storage for",
        (),
        (MAKES_HMAC,),
        hmac_keys,
    ),
)


def impersonated(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody to the service accounts for which they can make a token or a key."""
    for step in _STEPS:
        yield from edges(step.sort, _found(scene, step), scene, _explaining(scene, step))


def _explaining(scene: Scene, step: _Step) -> Callable[[str, str], tuple[str, tuple[Way, ...]]]:
    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        project = scene.homes.account(scene.caller(target))
        _, ways = best(step.ways(scene, scene.caller(source), scene.facts.place(target), project))
        return f"{source} {step.does} {target}", ways

    return explain


def _found(scene: Scene, step: _Step) -> Iterator[Found]:
    for project in scene.accounts:
        for asked in scene.asked(project, step.on_account, step.on_project):
            one = asked.callers[0]
            condition, _ = best(step.ways(scene, one, asked.place, project))
            if worth_telling(one, condition):
                yield Found(tuple(each.name for each in asked.callers), tuple(asked.accounts), condition)


def delegated(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of those who can make service accounts pass a request on, and of these accounts then.

    Who makes one pass it on is not that account: it may only ask for tokens of others in its name.
    """

    def may(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        place = scene.facts.place(target.removesuffix(AS_DELEGATE))
        way = (scene.ask(scene.caller(source), DELEGATES, place),)
        return f"{source} may have {target.removesuffix(AS_DELEGATE)} pass its requests for tokens on", (way,)

    def asks(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        _, ways = best(tokens(scene, scene.caller(source), scene.facts.place(target)))
        return f"{scene.caller(source).name} passes on a request for a token of {target}", ways

    passed = list(_passing(scene))
    delegates = sorted({target for each in passed for target in each.targets})
    yield from edges(Sort(DELEGATES, guise=True), passed, scene, may)
    held = {name.removesuffix(AS_DELEGATE) for name in delegates}
    yield from edges(Sort("impersonate"), _through(_found(scene, _STEPS[0]), held), scene, asks)


def _passing(scene: Scene) -> Iterator[Found]:
    for project in scene.accounts:
        for asked in scene.asked(project, [DELEGATES]):
            one = asked.callers[0]
            condition = scene.ask(one, DELEGATES, asked.place).decision.condition
            if worth_telling(one, condition):
                sources = tuple(each.name for each in asked.callers)
                targets = tuple(f"{name}{AS_DELEGATE}" for name in asked.accounts)
                yield Found(sources, targets, condition)
                through = tuple(f"{each}{AS_DELEGATE}" for each in sources if each in scene.all_accounts)
                if through:
                    yield Found(through, targets, condition)


def _through(found: Iterator[Found], delegates: set[str]) -> Iterator[Found]:
    for each in found:
        sources = tuple(f"{name}{AS_DELEGATE}" for name in each.sources if name in delegates)
        if sources:
            yield Found(sources, each.targets, each.condition)
