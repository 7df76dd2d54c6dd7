"""Key vaults of a subscription: who opens them, their keys with state and rotation, and the names of their secrets.

All of it through Azure Resource Manager, which wants no right on what vaults hold, and no way through their network
rules. A list of keys leaves their rotation out, so that each is asked for by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cloudscan.model import Credential, Gap, Key, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_azure import units as made
from cloudscan_azure import vaults_read
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.ids import lowered
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, in_subscription
from cloudscan_azure.vaults_read import Told

_API = "2023-07-01"
_VAULTS = "Microsoft.KeyVault/vaults"
_FACET = Facet.KEYS


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield the one unit that asks for vaults, their keys and the names of their secrets."""
    if subscription.wants(_FACET):
        yield from made.of_subscription(subscription, "vaults", collect)


def vaults(subscription: SubscriptionScope, asker: Asker, facet: Facet) -> Listing:
    """Ask for the vaults of a subscription, with their access policies."""
    return in_subscription(subscription, asker, "Vaults_ListBySubscription", _VAULTS, facet=facet, api=_API)


def named_by(subscription: SubscriptionScope, asker: Asker, facet: Facet) -> set[str]:
    """Return the object ids that access policies of vaults name, where vaults are asked for at all."""
    if not subscription.wants(_FACET):
        return set()
    return {own for each in vaults(subscription, asker, facet).items for own in vaults_read.named(each)}


def collect(subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield for each vault how it is opened, its keys, and the names of its secrets."""
    found = vaults(subscription, asker, _FACET)
    yield from found.gaps
    for each in found.items:
        opened = vaults_read.access(each, asker.account)
        if opened is None:
            operation = "Vaults_ListBySubscription"
            yield asker.gap(_FACET, subscription.id, Why.MALFORMED, operation, "a vault without an id")
            continue
        yield opened
        decided = vaults_read.has_policies(each)
        yield from (replace(one, has_policy=decided) if isinstance(one, Key) else one for one in _keys(asker, each))
        yield from _secrets(asker, each)


def _keys(asker: Asker, vault: Told) -> Iterator[Key | Gap]:
    name, region = str(vault["id"]), str(vault.get("location") or "").lower()
    listed, gap = _within(asker, "Keys_List", name, "keys")
    for each in listed:
        yield from _key(asker, each, lowered(name), region)
    if gap is not None:
        yield gap


def _key(asker: Asker, told: Told, vault: str, region: str) -> Iterator[Key | Gap]:
    """Ask for a key by itself. Where that is refused, what the list told of it is kept beside the Gap."""
    name = str(told.get("id") or "")
    if not name:
        yield asker.gap(_FACET, vault, Why.MALFORMED, "Keys_List", "a key without an id")
        return
    listed = vaults_read.key(told, asker.account, region)
    where = listed.id if listed else vault
    reply = asker.ask(
        "Keys_Get", path_of(name), facet=_FACET, resource=where, permission=f"{_VAULTS}/keys/read", api=_API
    )
    found = vaults_read.key(reply, asker.account, region) if isinstance(reply, dict) else listed
    if found is not None:
        yield found
    if isinstance(reply, Gap):
        yield reply
    elif found is None:
        yield asker.gap(_FACET, vault, Why.MALFORMED, "Keys_Get", "a key without an address")


def _secrets(asker: Asker, vault: Told) -> Iterator[Credential | Gap]:
    listed, gap = _within(asker, "Secrets_List", str(vault["id"]), "secrets")
    yield from (found for each in listed if (found := vaults_read.secret(each, asker.account)) is not None)
    if gap is not None:
        yield gap


def _within(asker: Asker, operation: str, vault: str, noun: str) -> tuple[list[Told], Gap | None]:
    listed, end = asker.pages(
        operation,
        path_of(vault, noun),
        facet=_FACET,
        resource=lowered(vault),
        permission=f"{_VAULTS}/{noun}/read",
        api=_API,
    )
    return list(listed), end if isinstance(end, Gap) else None
