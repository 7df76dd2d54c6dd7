"""Key vaults, their keys and the names of their secrets as records. Pure: reads what Azure Resource Manager returned.

Shapes are those of "Vaults - List By Subscription", "Keys - List" and "Secrets - List" (Key Vault management REST API).
A key is called by its address without a version (``https://VAULT.vault.azure.net/keys/NAME``), as encryption settings
name it; its resource's id is an alias. How a vault is opened is a document of kind ``resource`` that is attached to it:
whether Azure RBAC decides, else its access policies, and its network rules; nothing else of it is kept. A secret is a
credential of kind ``stored-secret`` by the id of its resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cloudscan.model import Answer, Credential, Key, PolicyDocument
from cloudscan.providing.parts import items, part
from cloudscan_azure.ids import PROVIDER, key_id, lowered
from cloudscan_azure.kept import document

Told = Mapping[str, Any]
_KEPT = (
    "tenantId",
    "enableRbacAuthorization",
    "accessPolicies",
    "networkAcls",
    "publicNetworkAccess",
    "enableSoftDelete",
    "softDeleteRetentionInDays",
    "enablePurgeProtection",
)
_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_DAYS = (365, 30, 7, 1)


def access(told: Told, account: str) -> PolicyDocument | None:
    """Keep how a vault is opened; what ARM left out is left out."""
    name = str(told.get("id") or "")
    if not name:
        return None
    properties = part(told, "properties")
    kept = {key: properties[key] for key in _KEPT if key in properties}
    return document(account, "resource", f"{lowered(name)}#access", {"properties": kept}, lowered(name))


def has_policies(told: Told) -> Answer:
    """Say whether a vault's own access policies decide who uses its keys, and not roles."""
    properties = part(told, "properties")
    by_roles = properties.get("enableRbacAuthorization")
    if by_roles is True:
        return Answer.NO
    by_policies = by_roles in (None, False) and isinstance(properties.get("accessPolicies"), list)
    return Answer.YES if by_policies else Answer.UNKNOWN


def named(told: Told) -> Iterator[str]:
    """Yield the object ids that a vault's access policies name."""
    for each in items(part(told, "properties"), "accessPolicies"):
        if isinstance(each.get("objectId"), str):
            yield each["objectId"].lower()


def key(told: Told, account: str, region: str) -> Key | None:
    """Read a key as it is told with its attributes and rotation policy; None for one without an address."""
    properties = part(told, "properties")
    own = key_id(str(properties.get("keyUri") or ""))
    if not own:
        return None
    enabled = part(properties, "attributes").get("enabled")
    rotates, days = _rotation(properties)
    return Key(
        id=own,
        provider=PROVIDER,
        account=account,
        region=region,
        manager="customer",
        state=None if not isinstance(enabled, bool) else "enabled" if enabled else "disabled",
        rotates=rotates,
        rotation_days=days,
        rotation_possible=Answer.YES,
        aliases=_aliases(told, properties, own),
    )


def _aliases(told: Told, properties: Told, own: str) -> tuple[str, ...]:
    names = (lowered(str(told["id"])) if told.get("id") else "", str(properties.get("keyUriWithVersion") or ""))
    return tuple(dict.fromkeys(each for each in names if each and each != own))


def _rotation(properties: Told) -> tuple[Answer, int | None]:
    """Read whether a key is renewed on a schedule, and every how many days.

    A list leaves the policy out, so that none is no answer; a policy that only notifies renews nothing ("Configure
    cryptographic key auto-rotation in Azure Key Vault").
    """
    policy = properties.get("rotationPolicy")
    if not isinstance(policy, Mapping):
        return Answer.UNKNOWN, None
    rotating = [
        each
        for each in items(policy, "lifetimeActions")
        if str(part(each, "action").get("type") or "").lower() == "rotate"
    ]
    if not rotating:
        return Answer.NO, None
    trigger = part(rotating[0], "trigger")
    after = days_of(trigger.get("timeAfterCreate"))
    life, before = days_of(part(policy, "attributes").get("expiryTime")), days_of(trigger.get("timeBeforeExpiry"))
    if after is None and life is not None and before is not None:
        after = life - before
    return Answer.YES, after if after is not None and after > 0 else None


def days_of(period: object) -> int | None:
    """Read a period of whole days, months or years (``P90D``, ``P1Y``); None for anything else."""
    met = _PERIOD.fullmatch(period) if isinstance(period, str) else None
    if met is None or not any(met.groups()):
        return None
    return sum(int(number) * days for number, days in zip(met.groups(), _DAYS, strict=True) if number)


def secret(told: Told, account: str) -> Credential | None:
    """Read that a vault keeps a secret of some name: its value is never asked for, and ARM never tells it."""
    name = str(told.get("id") or "")
    if not name:
        return None
    attributes = part(told, "properties", "attributes")
    expires, enabled = _moment(attributes.get("exp")), attributes.get("enabled")
    return Credential(
        id=lowered(name),
        provider=PROVIDER,
        account=account,
        principal="",
        kind="stored-secret",
        created=_moment(attributes.get("created")),
        expires=expires,
        lasting=Answer.NO if expires else Answer.of(True if attributes else None),
        enabled=Answer.of(enabled if isinstance(enabled, bool) else None),
    )


def _moment(told: object) -> datetime | None:
    """Read seconds since 1970, as attributes of vaults have times."""
    if isinstance(told, bool) or not isinstance(told, int) or not 0 <= told < 1 << 35:
        return None
    return datetime.fromtimestamp(told, UTC)
