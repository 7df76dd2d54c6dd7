"""KMS: the keys of an account, with everything that says who may use them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Gap, Key, KeyGrant, PolicyDocument
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Absent, Reply
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import regional

SERVICE = "kms"
STATES = {"Enabled": "enabled", "Disabled": "disabled", "PendingDeletion": "pending-deletion"}
"""The states that have a neutral word; any other keeps KMS's own."""
AWS_ROTATION_DAYS = 365
"""KMS rotates the keys that AWS manages every year, and nobody can change that ("Rotating AWS KMS keys")."""

Payload = Mapping[str, Any]


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants keys."""
    if account.wants(Facet.KEYS):
        yield from regional(account, SERVICE, fetch_all, requests=2)


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask for the keys of a region; the aliases of all of them come in one list."""
    listed, unnamed = asker.pages(SERVICE, "list_aliases", "Aliases", facet=Facet.KEYS, resource=asker.account)
    keys, ended = asker.pages(SERVICE, "list_keys", "Keys", facet=Facet.KEYS, resource=asker.account, Limit=1000)
    aliases = None if unnamed else read_aliases(listed)
    for key in keys:
        yield from fetch_key(asker, key["KeyArn"], None if aliases is None else aliases.get(key["KeyId"], ()))
    yield from (gap for gap in (unnamed, ended) if isinstance(gap, Gap))


def fetch_key(asker: Asker, arn: str, aliases: tuple[str, ...] | None) -> Iterator[Key | PolicyDocument | Gap]:
    """Ask for one key. Of a key that AWS manages only the description is asked: nobody can change the rest."""
    described = _ask(asker, "describe_key", arn)
    metadata = described["KeyMetadata"] if isinstance(described, dict) else {}
    if metadata.get("KeyManager") == "AWS":
        yield read_key(asker.account, asker.region, arn, aliases, metadata)
        return
    policy = _ask(asker, "get_key_policy", arn, PolicyName="default")
    rotation = _ask_rotation(asker, arn, metadata) if metadata else None
    grants, cut = asker.pages(SERVICE, "list_grants", "Grants", facet=Facet.KEYS, resource=arn, KeyId=arn, Limit=100)
    yield read_key(
        asker.account,
        asker.region,
        arn,
        aliases,
        metadata,
        rotation=rotation,
        has_policy=Answer.of(True if isinstance(policy, dict) else None),
        grants=None if cut else tuple(read_grant(grant) for grant in grants),
    )
    if isinstance(policy, dict):
        yield PolicyDocument(f"{arn}#policy", PROVIDER, asker.account, "key", (arn,), policy["Policy"])
    yield from (gap for gap in (described, policy, rotation, cut) if isinstance(gap, Gap))


def read_key(
    account: str,
    region: str,
    arn: str,
    aliases: tuple[str, ...] | None,
    metadata: Payload,
    *,
    rotation: Reply | None = None,
    has_policy: Answer = Answer.UNKNOWN,
    grants: tuple[KeyGrant, ...] | None = None,
) -> Key:
    """Read a key from its description (empty if that was refused) and what was told of its rotation."""
    manager = {"AWS": "provider", "CUSTOMER": "customer"}.get(metadata.get("KeyManager", ""))
    rotates, days = read_rotation(rotation)
    if manager == "provider":
        rotates, days = Answer.YES, AWS_ROTATION_DAYS
    state = metadata.get("KeyState")
    return Key(
        id=arn,
        provider=PROVIDER,
        account=account,
        region=region,
        manager=manager,
        state=STATES.get(state, state) if state else None,
        rotates=rotates,
        rotation_days=days,
        rotation_possible=rotation_possible(metadata) if not isinstance(rotation, Absent) else Answer.NO,
        deletion_date=utc(metadata.get("DeletionDate")),
        has_policy=has_policy,
        grants=grants,
        aliases=aliases,
    )


def rotation_possible(metadata: Payload) -> Answer:
    """Say whether KMS could rotate the key by itself: only a symmetric key with material that KMS made
    ("GetKeyRotationStatus" in the API reference)."""
    if not metadata:
        return Answer.UNKNOWN
    return Answer.of(metadata.get("KeySpec") == "SYMMETRIC_DEFAULT" and metadata.get("Origin") == "AWS_KMS")


def read_rotation(reply: Reply | None) -> tuple[Answer, int | None]:
    """Read whether and how often a key rotates; a key that cannot rotate does not."""
    if isinstance(reply, Absent):
        return Answer.NO, None
    if not isinstance(reply, dict):
        return Answer.UNKNOWN, None
    return Answer.of(reply["KeyRotationEnabled"]), reply.get("RotationPeriodInDays")


def read_grant(grant: Payload) -> KeyGrant:
    """Read a grant. Its constraints stay as KMS gives them."""
    return KeyGrant(
        grantee=grant.get("GranteeServicePrincipal") or grant.get("GranteePrincipal", ""),
        operations=tuple(grant.get("Operations", ())),
        constraints=json.dumps(grant["Constraints"], separators=(",", ":")) if grant.get("Constraints") else "",
    )


def read_aliases(listed: list[Payload]) -> dict[str, tuple[str, ...]]:
    """Return the aliases by key, each as an ARN and as ``alias/NAME``: both forms stand for the key in settings."""
    aliases: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for alias in listed:
        if "TargetKeyId" in alias:
            aliases[alias["TargetKeyId"]] += (alias["AliasArn"], alias["AliasName"])
    return dict(aliases)


def _ask_rotation(asker: Asker, arn: str, metadata: Payload) -> Reply:
    if rotation_possible(metadata) is Answer.NO:
        return Absent("UnsupportedOperationException")
    return _ask(asker, "get_key_rotation_status", arn, absent=("UnsupportedOperationException",))


def _ask(asker: Asker, method: str, arn: str, **parameters: Any) -> Reply:
    return asker.ask(SERVICE, method, facet=Facet.KEYS, resource=arn, KeyId=arn, **parameters)
