"""Come as an application or a managed identity with a token from elsewhere: of another cloud, another tenant, GitHub.

From "Workload identity federation" (Microsoft Entra documentation): a federated credential lets in whoever has a token
of its issuer with its subject; a flexible one has an expression on claims in its place. The subject of a Google
service account is its unique id, and that of an Entra identity its object id. From "Getting started with outbound
identity federation" (AWS IAM documentation): the subject of a token of AWS is the ARN of the role or user that asked
for it. Audiences are not looked at: whoever asks for a token chooses one at each of these issuers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from cloudscan.access import ALWAYS, Condition, Decision, Edge, Effect, Reason
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import Answer, Federation
from cloudscan_azure.ids import person
from cloudscan_azure.steps.edges import edges
from cloudscan_azure.steps.scene import Scene

_KIND = "federate"
_GOOGLE = "https://accounts.google.com"
_AWS = re.compile(r"https://[0-9a-z-]+\.tokens\.sts\.[a-z0-9.-]*api\.aws/?")
_UNREAD = "an expression that was not read"
_ENTRA = re.compile(r"https://(?:login\.microsoftonline\.com|sts\.windows\.net)/[^/]+(?:/v2\.0)?/?")


def federated(scene: Scene) -> Iterator[Edge]:
    """Yield the edges from issuers, and from identities of this and other clouds, to what their tokens let them be."""
    found = [
        Found((source,), (becomes,), condition)
        for one in scene.tenant.federations
        for subject, becomes in one.roles or ()
        if becomes and not scene.facts.caller(becomes).stopped
        for source, condition in _sources(scene, one, subject)
    ]

    def explain(source: str, target: str) -> tuple[str, Sequence[Way]]:
        through = (
            Reason(Effect.ALLOWS, _lets_in(one, subject), one.id)
            for one in scene.tenant.federations
            for subject, becomes in one.roles or ()
            if becomes == target and source in dict(_sources(scene, one, subject))
        )
        reasons = tuple(islice(through, 1))
        return f"{source} comes by a token as {target}", ((Part(_KIND, target, Decision(ALWAYS, reasons)),),)

    yield from edges(Sort(_KIND), found, scene, explain)


def _sources(scene: Scene, one: Federation, subject: str) -> Iterator[tuple[str, Condition]]:
    """Yield who has a token that a federated credential takes: whoever its issuer gives one, and whom the estate knows.

    Of a subject that is somebody of the estate, nobody else has a token.
    """
    known = _known(scene, one.issuer, subject) if subject else ""
    if known:
        yield known, ALWAYS
    elif subject:
        yield one.id, ALWAYS
    else:
        yield (
            one.id,
            Unseen(f"whose tokens fit {one.condition or _UNREAD!r} was not looked into"),
        )


def _lets_in(one: Federation, subject: str) -> str:
    """Say whose tokens a federated credential takes."""
    whose = f"the subject {subject}" if subject else f"claims that fit {one.condition or _UNREAD!r}"
    return f"{one.id} lets in whoever has a token of {one.issuer} with {whose}"


def _known(scene: Scene, issuer: str, subject: str) -> str:
    principals = scene.facts.estate.principals
    if issuer.rstrip("/") == _GOOGLE:
        met = (name for name, one in sorted(principals.items()) if one.provider == "gcp" and one.unique_id == subject)
        return next(met, "")
    if _ENTRA.fullmatch(issuer):
        return person(subject) if person(subject) in principals else ""
    if _AWS.fullmatch(issuer):
        record = principals.get(subject)
        return subject if record is not None and record.enabled is not Answer.NO else ""
    return ""
