"""Cloud Storage for Firebase: by which rules the users of an app read a bucket, beside all that IAM says.

A release binds a set of rules to a bucket, which serves apps only while it is linked to Firebase. What apps read a
service agent of Firebase's reads for them, so neither allow policies nor public access prevention keep them out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Federation, Gap, PolicyDocument, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import items, part
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.apps import RELEASES
from cloudscan_gcp.policy.app_rules import KIND, AppReaders, readers
from cloudscan_gcp.session import PROVIDER, Asker, of_service

_RELEASES = "/releases/firebase.storage/"
"""What release names of Cloud Storage have in them ("firebase security-rules release", gcloud)."""
_FACET = Facet.FEDERATIONS


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks for rules, if a check wants who comes from elsewhere."""
    if project.wants(_FACET):
        yield from made.of_project(project, "firebase", collect)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the door that each release opens, and its rules."""
    releases, gap = asker.pages(
        RELEASES,
        named("v1/projects/{}/releases", project.id),
        "releases",
        facet=_FACET,
        resource=project.id,
        permission="firebaserules.releases.list",
    )
    if isinstance(gap, Gap):
        yield of_service(gap)
    of_stores = [each for each in releases if _RELEASES in str(each.get("name") or "")]
    if not of_stores:
        return
    linked, refused = _linked(project, asker)
    if refused is not None:
        yield refused
    asked: dict[str, Mapping[str, Any] | Gap] = {}
    for release in of_stores:
        name, rules = str(release["name"]), str(release.get("rulesetName") or "")
        if rules not in asked:
            asked[rules] = _ruleset(project, asker, rules)
            if isinstance(told := asked[rules], Gap):
                yield told
        yield from _door(project, name, asked[rules], linked)


def _linked(project: ProjectScope, asker: Asker) -> tuple[frozenset[str] | None, Gap | None]:
    """Ask which buckets serve apps; None where that is not told."""
    buckets, gap = asker.pages(
        "firebasestorage.projects.buckets.list",
        named("v1beta/projects/{}/buckets", project.id),
        "buckets",
        facet=_FACET,
        resource=project.id,
        permission="firebasestorage.buckets.list",
        query={"pageSize": 100},
    )
    names = frozenset(str(each.get("name") or "").rpartition("/")[2] for each in buckets)
    return (names, None) if gap is None else (None, of_service(gap) if isinstance(gap, Gap) else None)


def _ruleset(project: ProjectScope, asker: Asker, name: str) -> Mapping[str, Any] | Gap:
    operation, permission = "firebaserules.projects.rulesets.get", "firebaserules.rulesets.get"
    path = named("v1/projects/{}/rulesets/{}", project.id, name.rpartition("/")[2])
    reply = asker.ask(operation, path, facet=_FACET, resource=project.id, permission=permission)
    if isinstance(reply, dict | Gap):
        return reply
    return asker.gap(_FACET, project.id, Why.MALFORMED, operation, "no rules", permission)


def _door(
    project: ProjectScope, release: str, rules: Mapping[str, Any] | Gap, linked: frozenset[str] | None
) -> Iterator[Federation | PolicyDocument]:
    bucket = release.partition(_RELEASES)[2]
    files = [] if isinstance(rules, Gap) else items(part(rules, "source"), "files")
    text = "\n".join(str(each.get("content") or "") for each in files)
    able = readers(text, bucket) if files else AppReaders(Answer.UNKNOWN, Answer.UNKNOWN)
    yield Federation(
        id=release,
        provider=PROVIDER,
        account=project.id,
        region="",
        kind=KIND,
        name=bucket,
        guests=able.guests,
        classic_flow=Answer.NO,
        roles=(),
        issuer=f"https://securetoken.google.com/{project.id}",
        condition="" if able.signed_in is Answer.YES else None,
        enabled=Answer.UNKNOWN if linked is None else Answer.of(bucket in linked),
    )
    if files:
        yield PolicyDocument(
            id=f"{release}#rules",
            provider=PROVIDER,
            account=project.id,
            kind="app-rules",
            attached_to=(f"gs://{bucket}",),
            document=json.dumps({"rules": text}, ensure_ascii=False),
        )
