"""Worlds of the worked access cases on Google Cloud, asked their question."""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access import Context, Decision
from cloudscan.access.keyspace import KeyClass
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.reads import Reads
from tests.gcp_records import Inexpressible, Json, Records, estate_of

OBJECTS = "/objects/"


def context_of(request: Json) -> Context:
    """Return what a case tells of its request. A key under a name of ours that is false is absent."""
    known = {name: value for name, value in request["context"].items() if value is not False or ":" not in name}
    told = {name: value if isinstance(value, str) else str(value).lower() for name, value in known.items()}
    return Context.of(told, closed=request["context_mode"] == "exact")


def principal_of(request: Json) -> str:
    """Return who asks, as grants and edges call it."""
    asked = request["principal"]
    if isinstance(asked, str):
        named = {"anonymous": ANYONE, "allUsers": ANYONE, "allAuthenticatedUsers": ANYONE_SIGNED_IN}
        return named.get(asked, asked)
    if asked.get("anonymous"):
        return ANYONE
    raise Inexpressible(f"no such kind of principal: {asked}")


@dataclass(frozen=True)
class GcpWorld:
    """One world of Google Cloud."""

    account: Json

    def answer(self, request: Json) -> Decision:
        """Answer a direct question."""
        resource, permission = request["resource"], request["permission"]
        who, context = principal_of(request), context_of(request)
        name, _, key = resource.removeprefix("projects/_/buckets/").partition(OBJECTS)
        facts = Facts(estate_of(self.account, key or "any", permission))
        if not resource.startswith("projects/_/buckets/"):
            return facts.decide(who, permission, _named(resource), context)
        if (store := facts.estate.stores.get(f"gs://{name}")) is None:
            raise Inexpressible(f"no bucket {name}")
        reads, caller = Reads(facts, store), facts.caller(who)
        if not key:
            return reads.on_itself(caller, permission, context)
        (row,) = Records(self.account).objects(key)
        held = KeyClass(row.encryption_mode, row.key_id, row.owner, row.acl, key, ())
        return reads.decide(caller, permission, held, context)


def _named(resource: str) -> str:
    """Return the id that records have for a resource which a case names as the cloud's API does."""
    if "/serviceAccounts/" in resource:
        return f"serviceAccount:{resource.rpartition('/')[2]}"
    return resource
