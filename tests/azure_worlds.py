"""Worlds of the worked access cases on Azure, asked their question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscan.access import Context, Decision
from cloudscan.access.keyspace import KeyClass
from cloudscan.model import ANYONE, Answer
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import person, split_blob
from cloudscan_azure.policy.abac import PRIVATE_LINK, TAG
from cloudscan_azure.policy.network import NETWORK, TRUSTED
from cloudscan_azure.policy.operations import BY_NAME, Operation, managing
from cloudscan_azure.policy.sas import Sas
from cloudscan_azure.reads import Reads
from tests.azure_records import Inexpressible, Json, Records, estate_of
from tests.azure_tenants import held_keys

_PLACES = ("ip", "address", "subnet", "vnet", "virtual_network", "resource", "network")
"""What a request may come from, by what the names of keys begin with in cases."""
_PREFIX = "@Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:prefix]"
_POLICIES = ("policy", "identifier", "stored_access_policy", "stored_policy", "policy_id", "si")
_KINDS = {"user_delegation": "user-delegation", "userdelegation": "user-delegation"}


def context_of(request: Json, world: Json | None = None) -> Context:
    """Return what a case tells of its request. A key under a name of ours that is false is absent."""
    secrets = held_keys(world) if world else {}
    told: Json = {**_tags(world or {}), **secrets, **request["context"]}
    known = {name: value for name, value in told.items() if value is not False or ":" not in name}
    found: dict[str, str | tuple[str, ...]] = {
        name: value if isinstance(value, str) else str(value).lower() for name, value in known.items()
    }
    places, linked = _places(told, world or {})
    if places:
        found |= {NETWORK: tuple(places), PRIVATE_LINK: str(linked).lower()}
    if "isPrivateLink" in told:
        found[PRIVATE_LINK] = str(told["isPrivateLink"]).lower()
    if "prefix" in told:
        found[_PREFIX] = str(told["prefix"])
    return Context.of(found, closed=request["context_mode"] == "exact")


def _places(told: Json, world: Json) -> tuple[list[str], bool]:
    """Return where a request comes from, and whether by a private endpoint; one without a name is any of the world."""
    storage: Json = world.get("storage_account") or {}
    ends = [one if isinstance(one, str) else str(one.get("id")) for one in storage.get("privateEndpoints") or ()]
    places: list[str] = []
    linked = False
    for name, value in told.items():
        key = name.lower().replace("-", "_")
        if not value:
            continue
        if "endpoint" in key or str(value).lower().replace("-", "_").replace(" ", "_") == "private_endpoint":
            named = isinstance(value, str) and "endpoint" in key
            places += [value] if named else ends
            linked = True
        elif "trusted" in key or (key == "service" and value):
            places.append(TRUSTED)
        elif key.startswith(_PLACES):
            places.append(str(value))
    return places, linked


def _tags(world: Json) -> dict[str, str]:
    """Return the index tags of the blob that a world tells of."""
    container: Json = world.get("container") or {}
    for held in (container, world):
        for name, tags in held.items():
            if "tags" in name.lower() and isinstance(tags, dict):
                return {f"{TAG}{key}": str(value) for key, value in tags.items() if not isinstance(value, dict)}
    return {}


def principal_of(request: Json) -> str:
    """Return who asks, as grants and edges call it."""
    asked = request["principal"]
    if not isinstance(asked, str):
        raise Inexpressible(f"no such kind of principal: {asked}")
    return ANYONE if asked == "anonymous" or request.get("auth") == "none" else person(asked)


@dataclass(frozen=True)
class AzureWorld:
    """One world of Azure."""

    account: Json

    def answer(self, request: Json) -> Decision:
        """Answer a direct question."""
        scope, path = split_blob(request["resource"])
        facts = Facts(estate_of(self.account, path or "any"))
        context, operation = context_of(request, self.account), _operation(request["operation"])
        if scope not in facts.estate.stores:
            if operation.level:
                raise Inexpressible(f"no container {scope}")
            return facts.decide(principal_of(request), operation, scope, context)
        reads = Reads(facts, facts.estate.stores[scope])
        (row,) = Records(self.account).objects(path or "any")
        held = KeyClass(row.encryption_mode, row.key_id, row.owner, row.acl, path, ())
        asked = request["principal"]
        if isinstance(asked, dict) and "holder_of_sas" in asked:
            return reads.by_sas(self._sas(asked["holder_of_sas"]), operation, held, context)
        if isinstance(asked, dict) and "holder_of_key" in asked:
            return reads.by_key(operation, held, context)
        caller = facts.caller(principal_of(request))
        if operation.managed:
            return reads.on_itself(caller, operation, context)
        return reads.decide(caller, operation, held, context)

    def _sas(self, told: Json) -> Sas:
        current = self.account["storage_account"].get("key_generation")
        signed = told.get("key_generation", current)
        kind = str(told["kind"]).lower()
        folder = str(told.get("directory") or "")
        return Sas(
            kind=_KINDS.get(kind, kind),
            permissions=told.get("permissions") or "",
            services=told.get("services") or "",
            resource_types=told.get("resource_types") or "",
            container=told.get("container") or "",
            path=str(told.get("blob") or folder),
            folder=bool(folder),
            start=told.get("start") or "",
            expiry=told.get("expiry") or "",
            addresses=told.get("ip") or "",
            https_only="http" not in str(told.get("protocol") or "http").split(","),
            policy=next((str(told[name]) for name in _POLICIES if told.get(name)), ""),
            delegator=person(str(told.get("delegator") or "")),
            key_current=Answer.of(signed == current),
        )


def _operation(name: str) -> Operation:
    return BY_NAME.get(name) or managing(name)


def starts(principal: str) -> Iterator[str]:
    """Yield as whom a principal may begin: itself, and anybody, since it is one."""
    yield principal
    yield ANYONE
