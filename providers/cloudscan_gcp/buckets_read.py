"""Buckets of Cloud Storage in neutral words. Pure: from a bucket as JSON has it ("Buckets", Cloud Storage JSON API)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    AclGrant,
    Answer,
    Encryption,
    LogSource,
    PolicyDocument,
    RetentionLock,
    Store,
)
from cloudscan.providing.parts import utc
from cloudscan_gcp import lifecycle
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.session import PROVIDER

PREVENTION = "publicAccessPrevention"
UNIFORM = "uniformBucketLevelAccess"
_DAY = 86_400
_EVERYBODY = {"allUsers": ANYONE, "allAuthenticatedUsers": ANYONE_SIGNED_IN}
_TEAMS = {"owners": "projectOwner", "editors": "projectEditor", "viewers": "projectViewer"}
_ROBOTS = ".gserviceaccount.com"


def store(bucket: Bucket, project: ProjectScope, tags: Mapping[str, str] | None = None) -> Store:
    """Read a bucket with all its settings. What the answer does not tell is unknown.

    ``tags`` are those in effect, inherited ones included; None where they were not read.
    """
    told = bucket.told
    uniform = _enabled(_part(_part(told, "iamConfiguration"), UNIFORM))
    return Store(
        id=bucket.id,
        provider=PROVIDER,
        account=project.id,
        region=bucket.region,
        name=bucket.name,
        created=utc(told.get("timeCreated")),
        encryption=encryption(told),
        controls=controls(told, _in_force(project, tags)),
        acl=() if uniform is Answer.YES else acl(told.get("acl"), project),
        tls_required=_in_force(project, tags).get("storage.secureHttpTransport", Answer.UNKNOWN),
        versioning="enabled" if _enabled(told.get("versioning")) is Answer.YES else "off",  # or never on: alike
        lifecycle=lifecycle.read_rules(
            told.get("lifecycle") or {}, autoclass=_enabled(told.get("autoclass")) is Answer.YES
        ),
        lock=lock(told),
        soft_delete_days=soft_delete_days(told),
        keeps_deleted=Answer.YES if soft_delete_days(told) else Answer.UNKNOWN,
        replication=(),  # a bucket copies nothing elsewhere: what a transfer service does is no setting of it
        labels={str(name): str(value) for name, value in _part(told, "labels").items()},
        tags=tags,
    )


def _in_force(project: ProjectScope, tags: Mapping[str, str] | None) -> Mapping[str, Answer]:
    """Return the organization policies in force for a bucket, none where that is not known.

    They may make exceptions by tags, and Google tells those in force for its project.
    """
    return {} if tags is not None and dict(tags) != dict(project.tags or {}) else project.constraints


def controls(told: Mapping[str, Any], constraints: Mapping[str, Answer]) -> dict[str, Answer]:
    """Read the switches of a bucket as they are in force.

    Public access is prevented where the bucket or an organization policy says so ("Public access prevention").
    """
    configured = _part(told, "iamConfiguration")
    own = configured.get(PREVENTION)
    inherited = constraints.get("storage.publicAccessPrevention", Answer.UNKNOWN)
    return {
        PREVENTION: Answer.YES if own == "enforced" else inherited if isinstance(own, str) else Answer.UNKNOWN,
        UNIFORM: _enabled(configured.get(UNIFORM)) if configured else Answer.UNKNOWN,
        "requesterPays": Answer.of(_part(told, "billing").get("requesterPays") is True),
        "ipFilter": Answer.of(_part(told, "ipFilter").get("mode") == "Enabled"),
    }


def encryption(told: Mapping[str, Any]) -> Encryption:
    """Read the default key. Without one Google encrypts with keys of its own, always ("Data encryption options")."""
    key = _part(told, "encryption").get("defaultKmsKeyName")
    return Encryption("customer", str(key)) if key else Encryption("provider")


def lock(told: Mapping[str, Any]) -> RetentionLock:
    """Read the retention policy, which keeps what it keeps in place too, and whether objects may have one of their own.

    A period of less than a day counts as none: Google does not promise to keep to it ("Bucket Lock"). Objects of any
    bucket may be held ("Object holds").
    """
    policy = _part(told, "retentionPolicy")
    seconds = whole(policy.get("retentionPeriod"))
    if policy:
        days = None if seconds is None else seconds // _DAY
        mode = "locked" if policy.get("isLocked") is True else "unlocked"
        return RetentionLock(Answer.YES, mode, days, keeps_current=True, holds=True)
    own = _part(told, "objectRetention").get("mode") == "Enabled"
    return RetentionLock(Answer.of(own), keeps_current=True, holds=True)


def soft_delete_days(told: Mapping[str, Any]) -> int | None:
    """Read for how many days deleted objects can be got back, begun ones counted; None where it is not told.

    It is that of what is deleted from now on. When that was switched off is not told: ``effectiveTime`` is that of a
    policy with a longer time, too ("Buckets", Cloud Storage JSON API).
    """
    seconds = whole(_part(told, "softDeletePolicy").get("retentionDurationSeconds"))
    return None if seconds is None else math.ceil(seconds / _DAY)


def keeps_on(told: Mapping[str, Any]) -> bool:
    """Say whether what was deleted stays until somebody lifts a pause ("Pause hard deletions", Cloud Storage)."""
    return _enabled(_part(_part(told, "softDeletePolicy"), "hardDeletePause")) is Answer.YES


def acl(entries: object, project: ProjectScope) -> tuple[AclGrant, ...] | None:
    """Read an access control list; None where it was not told, which takes a permission of its own."""
    if not isinstance(entries, list):
        return None
    return tuple(
        AclGrant(member(str(entry.get("entity") or ""), project), str(entry.get("role") or ""))
        for entry in entries
        if isinstance(entry, Mapping)
    )


def acl_text(entries: object, project: ProjectScope) -> str | None:
    """Read an object's list as the object table holds it."""
    grants = acl(entries, project)
    if grants is None:
        return None
    return json.dumps(sorted([grant.grantee, grant.permission] for grant in grants), separators=(",", ":"))


def member(entity: str, project: ProjectScope) -> str:
    """Name whom a line of a list means as IAM does ("Access control lists: scopes", "Principal identifiers").

    Teams are those of a project by its number; ours is called by its id, as IAM does.
    """
    if entity in _EVERYBODY:
        return _EVERYBODY[entity]
    kind, _, name = entity.partition("-")
    if kind == "project":
        team, _, number = name.partition("-")
        if team in _TEAMS:
            return f"{_TEAMS[team]}:{project.id if number in (project.number, project.id) else number}"
    if kind == "user":
        return f"serviceAccount:{name}" if name.endswith(_ROBOTS) else f"user:{name}"
    return f"{kind}:{name}" if kind in {"group", "domain"} else entity


def policy(bucket: Bucket, project: ProjectScope, payload: Mapping[str, Any], folder: str = "") -> PolicyDocument:
    """Keep the allow policy of a bucket, or of a managed folder in it, as it was returned."""
    place = f"{bucket.id}/{folder}" if folder else bucket.id
    return PolicyDocument(
        id=f"{place}#iam",
        provider=PROVIDER,
        account=project.id,
        kind="resource",
        attached_to=(place,),
        document=json.dumps(payload, sort_keys=True, ensure_ascii=False),
    )


def policy_query(user_project: str | None) -> dict[str, Any]:
    """Return the parameters of a request for a policy: without the version, conditions would be lost."""
    return {"optionsRequestedPolicyVersion": 3} | ({"userProject": user_project} if user_project else {})


def usage_log(bucket: Bucket, project: ProjectScope) -> Iterator[LogSource]:
    """Read where usage logs go. They record reads, as far as they are delivered: best effort ("Usage logs")."""
    told = _part(bucket.told, "logging")
    if kept_in := told.get("logBucket"):
        target = f"gs://{kept_in}/{told.get('logObjectPrefix') or ''}"
        yield LogSource(bucket.id, PROVIDER, project.id, "usage-log", target, Answer.YES)


def whole(value: object) -> int | None:
    """Read a 64-bit number, which JSON has as text; None for anything else."""
    text = str(value)
    return int(text) if isinstance(value, str | int) and text.isdecimal() and text.isascii() else None


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, Mapping) else {}


def _enabled(part: object) -> Answer:
    return Answer.of(isinstance(part, Mapping) and part.get("enabled") is True)
