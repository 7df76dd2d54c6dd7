"""One bucket as one unit of collection: its settings, then its objects.

Every setting is one question with its own permission and its own word for "not configured". A question whose
answer another answer already holds is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cloudscan.model import Answer, Encryption, Gap, Record, RetentionLock, Store, Why
from cloudscan.provider import STORE_FACETS, Collected, Facet, Scope, Unit
from cloudscan.providing.questions import Absent
from cloudscan.retention import clears_uploads
from cloudscan_aws import lifecycle, objects, s3_read, transport, uploads
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.discovery import chosen_regions
from cloudscan_aws.inventory import Inventory
from cloudscan_aws.session import PROVIDER, Asker

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One setting of a bucket: how it is asked, and what an answer means.

    ``absent`` is the error code that means "not configured", and ``unset`` the facts that it stands for.
    ``known`` returns the facts when the answers so far hold them already, so that nothing needs to be asked.
    """

    facet: Facet
    method: str
    permission: str
    read: Callable[[Mapping[str, Any], Bucket, str], Facts]
    absent: str = ""
    unset: Mapping[str, Any] | None = None
    known: Callable[[Facts], Facts | None] = lambda _: None
    records: Callable[[Mapping[str, Any], Bucket, str], Iterator[Record]] | None = None
    pages: Callable[[Any, str], dict[str, Any]] | None = None

    def call(self, client: Any, bucket: str) -> dict[str, Any]:
        """Ask the cloud."""
        if self.pages:
            return self.pages(client, bucket)
        payload: dict[str, Any] = getattr(client, self.method)(Bucket=bucket)
        return payload


def _without_acl(facts: Facts) -> Facts | None:
    """Where the bucket's owner owns everything, lists have no effect ("Controlling ownership of objects")."""
    return {"acl": ()} if facts.get("ownership") == "BucketOwnerEnforced" else None


def _without_lock(facts: Facts) -> Facts | None:
    """Object lock works only in versioned buckets, and keeps them so ("Object Lock considerations")."""
    unlocked = facts.get("versioning") in {"disabled", "suspended"}
    return {"lock": RetentionLock(Answer.NO)} if unlocked else None


def _without_replication(facts: Facts) -> Facts | None:
    """Replication needs versioning ("Requirements and considerations for replication")."""
    return {"replication": ()} if facts.get("versioning") == "disabled" else None


def _every_inventory(client: Any, bucket: str) -> dict[str, Any]:
    """Page through the inventory reports: botocore has no paginator for them."""
    found: list[Any] = []
    parameters = {"Bucket": bucket}
    while True:
        page = client.list_bucket_inventory_configurations(**parameters)
        found += page.get("InventoryConfigurationList") or ()
        if not page.get("NextContinuationToken"):
            return {"InventoryConfigurationList": found}
        parameters["ContinuationToken"] = page["NextContinuationToken"]


# The order matters: ownership before lists, versioning before lock and replication.
QUESTIONS = (
    Question(
        Facet.ENCRYPTION,
        "get_bucket_encryption",
        "s3:GetEncryptionConfiguration",
        lambda payload, bucket, account: {"encryption": s3_read.encryption(payload, bucket, account)},
        "ServerSideEncryptionConfigurationNotFoundError",
        {"encryption": Encryption("none")},
    ),
    Question(
        Facet.PUBLIC_ACCESS,
        "get_public_access_block",
        "s3:GetBucketPublicAccessBlock",
        lambda payload, *_: {"controls": s3_read.blocks(payload)},
        "NoSuchPublicAccessBlockConfiguration",
        {"controls": dict.fromkeys(s3_read.BLOCKS, Answer.NO)},
    ),
    Question(
        Facet.POLICY,
        "get_bucket_policy",
        "s3:GetBucketPolicy",
        lambda payload, bucket, account: {
            "has_policy": Answer.YES,
            "tls_required": transport.tls_required(payload["Policy"], bucket.id, account),
        },
        "NoSuchBucketPolicy",
        {"has_policy": Answer.NO, "tls_required": Answer.NO},
        records=s3_read.policy,
    ),
    Question(
        Facet.ACL,
        "get_bucket_ownership_controls",
        "s3:GetBucketOwnershipControls",
        lambda payload, *_: {"ownership": s3_read.ownership(payload)},
        "OwnershipControlsNotFoundError",
        {"ownership": "ObjectWriter"},
    ),
    Question(
        Facet.ACL,
        "get_bucket_acl",
        "s3:GetBucketAcl",
        lambda payload, *_: {"acl": s3_read.acl(payload)} | s3_read.owner(payload),
        known=_without_acl,
    ),
    Question(
        Facet.VERSIONING,
        "get_bucket_versioning",
        "s3:GetBucketVersioning",
        lambda payload, *_: s3_read.versioning(payload),
    ),
    Question(
        Facet.LIFECYCLE,
        "get_bucket_lifecycle_configuration",
        "s3:GetLifecycleConfiguration",
        lambda payload, *_: {"lifecycle": lifecycle.read_rules(payload)},
        "NoSuchLifecycleConfiguration",
        {"lifecycle": ()},
    ),
    Question(
        Facet.LOCK,
        "get_object_lock_configuration",
        "s3:GetBucketObjectLockConfiguration",
        lambda payload, *_: {"lock": s3_read.lock(payload)},
        "ObjectLockConfigurationNotFoundError",
        {"lock": RetentionLock(Answer.NO)},
        known=_without_lock,
    ),
    Question(
        Facet.REPLICATION,
        "get_bucket_replication",
        "s3:GetReplicationConfiguration",
        lambda payload, *_: {"replication": s3_read.replication(payload)},
        "ReplicationConfigurationNotFoundError",
        {"replication": ()},
        known=_without_replication,
    ),
    Question(
        Facet.LOGGING,
        "get_bucket_logging",
        "s3:GetBucketLogging",
        lambda *_: {},
        records=s3_read.access_log,
    ),
    Question(
        Facet.LABELS,
        "get_bucket_tagging",
        "s3:GetBucketTagging",
        lambda payload, *_: {"labels": s3_read.labels(payload)},
        "NoSuchTagSet",
        {"labels": {}},
    ),
    Question(
        Facet.INVENTORY,
        "list_bucket_inventory_configurations",
        "s3:GetInventoryConfiguration",
        lambda payload, *_: {"inventories": s3_read.inventories(payload)},
        pages=_every_inventory,
    ),
)


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield one unit for each bucket of the account."""
    for bucket in account.buckets if account.wants(*STORE_FACETS) else ():
        key, label = f"{PROVIDER}/{account.id}/s3/{bucket.name}", f"{account.id} {bucket.name}"
        yield Unit(key, label, partial(collect, account, bucket), sum(expected(account.scope)))


def expected(scope: Scope) -> tuple[int, int]:
    """Return how many settings may be asked of a bucket, and how many pages of lists if all it holds is one object."""
    settings = sum(question.facet in scope.facets for question in QUESTIONS)
    begun = int(Facet.UPLOADS in scope.facets)
    if not scope.lists_objects:
        return settings, begun
    return settings, begun + (-(-scope.max_objects // PAGE) if scope.max_objects else 1)


PAGE = 1000
"""Objects that one list request answers."""


def collect(account: AccountScope, bucket: Bucket) -> Iterator[Collected]:
    """Ask everything of one bucket. A bucket that was deleted meanwhile leaves one Gap and no record."""
    asker = account.asker(bucket.region or account.home)
    noticed: list[Record | Gap] = []
    if not bucket.region:
        bucket, noticed = _located(asker, bucket)
        chosen = chosen_regions(account.scope)
        if chosen and bucket.region and bucket.region not in chosen:
            return
        asker.region = bucket.region or account.home
    facts, answers = _settings(account, asker, bucket) if not _vanished(noticed) else ({}, [])
    noticed += answers
    if _vanished(noticed):
        yield noticed[-1]
        yield from asker.coverage()
        return
    yield Store(
        id=bucket.id,
        provider=PROVIDER,
        account=account.id,
        region=bucket.region,
        name=bucket.name,
        created=bucket.created,
        soft_delete_days=0,
        keeps_deleted=Answer.NO,  # S3 has nothing of the kind: what is deleted for good is gone
        **{"lock": RetentionLock(Answer.UNKNOWN), **facts},  # unread, it could still be one of single objects alone
    )
    yield from noticed
    if account.wants(Facet.OBJECTS, Facet.HEADS):
        yield from _objects(account, asker, bucket, facts)
    if account.wants(Facet.UPLOADS):
        yield from uploads.collect(asker, bucket)
    yield from asker.coverage()


def _objects(account: AccountScope, asker: Asker, bucket: Bucket, facts: Facts) -> Iterator[Collected]:
    """Read the objects from the bucket's inventory where that is wanted and there is one, else from a list."""
    versions = account.scope.versions and facts.get("versioning") != "disabled"
    if account.scope.options.get("inventory") and account.scope.max_objects is None:
        reply = asker.run(
            partial(_every_inventory, asker.clients.client("s3", asker.region), bucket.name),
            facet=Facet.INVENTORY,
            resource=bucket.id,
            operation="s3:list_bucket_inventory_configurations",
            permission="s3:GetInventoryConfiguration",
        )
        if isinstance(reply, Gap):
            yield reply
        elif isinstance(reply, dict) and (yield from _inventory(account, asker, bucket, facts, reply).collect()):
            return
    owner = _owner_of_all(facts)
    owners = account.wants(Facet.ACL) and facts.get("ownership") != "BucketOwnerEnforced"
    listing = objects.Listing(
        bucket, asker, limit=account.scope.max_objects, versions=versions, owner=owner, owners=owners
    )
    yield from listing.collect()


def _inventory(account: AccountScope, asker: Asker, bucket: Bucket, facts: Facts, told: Facts) -> Inventory:
    """Return the inventory of a bucket. It tells of old versions whatever the bucket says of itself now."""
    versioned = facts.get("versioning") != "disabled"
    rules = Store(bucket.id, PROVIDER, account.id, bucket.region, bucket.name, lifecycle=facts.get("lifecycle"))
    cleared = clears_uploads(rules)
    return Inventory(bucket, asker, told, account.scope.versions, _owner_of_all(facts), versioned, cleared)


def _owner_of_all(facts: Facts) -> str | None:
    owner: str | None = facts["owner"] if facts.get("ownership") == "BucketOwnerEnforced" else None
    return owner


def _located(asker: Asker, bucket: Bucket) -> tuple[Bucket, list[Record | Gap]]:
    """Ask where a bucket lies. No constraint is us-east-1, EU is eu-west-1 ("GetBucketLocation")."""
    reply = asker.ask("s3", "get_bucket_location", facet=Facet.STORES, resource=bucket.id, Bucket=bucket.name)
    if not isinstance(reply, dict):
        return bucket, [reply] if isinstance(reply, Gap) else []
    told = reply.get("LocationConstraint") or "us-east-1"
    return replace(bucket, region="eu-west-1" if told == "EU" else told), []


def _settings(account: AccountScope, asker: Asker, bucket: Bucket) -> tuple[Facts, list[Record | Gap]]:
    """Ask the settings that are wanted, until one answer says that the bucket is gone."""
    facts: Facts = {"owner": bucket.owner}
    noticed: list[Record | Gap] = []
    client = asker.clients.client("s3", asker.region)
    for question in QUESTIONS:
        if not account.wants(question.facet):
            continue
        if (known := question.known(facts)) is not None:
            facts |= known
            continue
        reply = asker.run(
            partial(question.call, client, bucket.name),
            facet=question.facet,
            resource=bucket.id,
            operation=f"s3:{question.method}",
            absent=(question.absent,) if question.absent else (),
            permission=question.permission,
        )
        if isinstance(reply, Gap):
            noticed.append(reply)
        elif isinstance(reply, Absent):
            facts |= question.unset or {}
        else:
            told = question.read(reply, bucket, account.id)
            facts |= told
            noticed += question.records(reply, bucket, account.id) if question.records else ()
            if None in told.values():
                noticed.append(
                    asker.gap(question.facet, bucket.id, Why.UNSUPPORTED, f"s3:{question.method}", "unknown value")
                )
        if _vanished(noticed):
            break
    return facts, noticed


def _vanished(noticed: Sequence[Record | Gap]) -> bool:
    """Say whether the last answer was that there is no such bucket."""
    last = noticed[-1] if noticed else None
    return isinstance(last, Gap) and last.detail == "NoSuchBucket"
