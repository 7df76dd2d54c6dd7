"""The organization policies in force for a project: switches that no bucket and no service account can turn off.

Each is one request, since an effective policy is asked by its constraint. It merges the policies of all levels with
their conditions on tags ("Understanding hierarchy evaluation", Organization Policy documentation). A bucket that has
tags of its own may still differ: what a condition makes of it, Google tells of no bucket.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudscan.model import Answer, Gap, Why
from cloudscan.provider import Facet
from cloudscan.providing.questions import named
from cloudscan_gcp.session import Asker

PERMISSION = "orgpolicy.policy.get"
PREVENTION = "storage.publicAccessPrevention"
UNIFORM = "storage.uniformBucketLevelAccess"
SECURE = "storage.secureHttpTransport"
DOMAINS = "iam.allowedPolicyMemberDomains"
CONSTRAINTS: Mapping[str, Facet] = {
    PREVENTION: Facet.PUBLIC_ACCESS,
    UNIFORM: Facet.ACL,
    SECURE: Facet.POLICY,
    DOMAINS: Facet.POLICY,
    "compute.requireOsLogin": Facet.WORKLOADS,
    "iam.disableServiceAccountKeyCreation": Facet.PRINCIPALS,
    "iam.disableServiceAccountKeyUpload": Facet.PRINCIPALS,
}
"""Constraints, and the question that each is part of. All are yes or no but for one: whether domains are restricted."""
_SAME = {
    DOMAINS: "iam.managed.allowedPolicyMembers",
    "iam.disableServiceAccountKeyCreation": "iam.managed.disableServiceAccountKeyCreation",
    "iam.disableServiceAccountKeyUpload": "iam.managed.disableServiceAccountKeyUpload",
}
"""Constraints under a second name, by which the same can be forbidden ("Managed constraints")."""


def asked(facets: frozenset[Facet]) -> tuple[str, ...]:
    """Return the constraints, by all their names, that belong to these questions."""
    wanted = [name for name, facet in CONSTRAINTS.items() if facet in facets]
    return (*wanted, *(_SAME[name] for name in wanted if name in _SAME))


def fetch(asker: Asker, facets: frozenset[Facet]) -> tuple[dict[str, Answer], list[Gap]]:
    """Ask which of them are in force. One that was not told is left out, and a Gap says why."""
    told: dict[str, Answer] = {}
    gaps: list[Gap] = []
    for name in (name for name, facet in CONSTRAINTS.items() if facet in facets):
        answers = []
        for alias in filter(None, (name, _SAME.get(name))):
            answer = _effective(asker, alias, CONSTRAINTS[name])
            if isinstance(answer, Gap):
                gaps.append(answer)
            else:
                answers.append(answer)
            if answer is Answer.YES:
                break
        if Answer.YES in answers:
            told[name] = Answer.YES
        elif len(answers) == 1 + (name in _SAME):
            told[name] = Answer.NO
        if gaps and gaps[-1].why in {Why.DENIED, Why.DISABLED, Why.VANISHED}:
            break  # what is refused of one constraint is refused of all
    return told, gaps


def _effective(asker: Asker, name: str, facet: Facet) -> Answer | Gap:
    operation = "orgpolicy.projects.policies.getEffectivePolicy"
    reply = asker.ask(
        operation,
        named("v2/projects/{}/policies/{}:getEffectivePolicy", asker.account, name),
        facet=facet,
        resource=asker.account,
        permission=PERMISSION,
    )
    if not isinstance(reply, dict):
        return reply if isinstance(reply, Gap) else Answer.NO
    answer = read_restricted(reply) if name == DOMAINS else read_enforced(reply)
    if answer is Answer.UNKNOWN:
        return asker.gap(facet, asker.account, Why.MALFORMED, operation, name, PERMISSION)
    return answer


def read_enforced(payload: Mapping[str, Any]) -> Answer:
    """Read whether a constraint is enforced. An effective policy has one rule, and no condition ("Policy", API v2)."""
    rules = _rules(payload)
    return Answer.UNKNOWN if rules is None else Answer.of(any(rule.get("enforce") is True for rule in rules))


def read_restricted(payload: Mapping[str, Any]) -> Answer:
    """Read whether only some are allowed ("Restrict identities by domain", Organization Policy documentation)."""
    rules = _rules(payload)
    if rules is None:
        return Answer.UNKNOWN
    answers = {_restricts(rule) for rule in rules}
    return answers.pop() if len(answers) == 1 else Answer.UNKNOWN if answers else Answer.NO


def _restricts(rule: Mapping[str, Any]) -> Answer:
    values = rule.get("values")
    if rule.get("denyAll") is True or (isinstance(values, Mapping) and values.get("allowedValues")):
        return Answer.YES
    return Answer.NO if rule.get("allowAll") is True else Answer.UNKNOWN


def _rules(payload: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return the rules; none where the constraint is as Google made it, off, and None where they make no sense."""
    spec = payload.get("spec")
    rules = spec.get("rules") if isinstance(spec, Mapping) else None
    if rules is None and isinstance(spec, Mapping | None):
        return []
    if not isinstance(rules, list) or any(not isinstance(rule, Mapping) or rule.get("condition") for rule in rules):
        return None
    return rules
