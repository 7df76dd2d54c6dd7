"""What it takes to use an object of a bucket: the permission, and what Cloud Storage asks beside it. Pure.

From the Cloud Storage documentation: an object under a Cloud KMS key is decrypted by the project's service agent, so
that its readers need no right on the key, but nobody reads where the key is off or the agent may not use it
("Customer-managed encryption keys"); one under a customer-supplied key takes the key itself; whoever uses a bucket
whose requester pays names a project to bill, which nobody can who does not sign ("Requester Pays"); a service
perimeter around the project lets nobody in from outside of it ("VPC Service Controls"), and a bucket may admit some
networks only ("Bucket IP filtering").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from cloudscan.access import Context, Decision, Effect, Reason
from cloudscan.access.answers import both
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Test, Unseen, resolve
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.patterns import MANY
from cloudscan.access.remainders import ANYTHING, Pieces, remainders
from cloudscan.model import AclGrant, Action, Answer, Store
from cloudscan_gcp.buckets_read import UNIFORM
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.levels import Offer
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.names import name_patterns
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.resources import acl_of

READ = "storage.objects.get"
CUSTOMER_KEY = "csek:customer-key"
PERIMETER = "vpc-sc:perimeter"
BILLING = "requester-pays:billing-project"
IP_FILTER = "ip-filter:network"
_STORAGE = "storage.googleapis.com"
_USE_SERVICES = "serviceusage.services.use"


ON_OBJECTS: Mapping[Action, str] = {
    Action.READ: READ,
    Action.WRITE: "storage.objects.create",
    Action.DELETE: "storage.objects.delete",
    Action.ADMINISTER: "storage.objects.setIamPolicy",
}
"""The permission that each action on an object takes ("IAM permissions for JSON methods")."""
ON_BUCKET: Mapping[Action, str] = {
    Action.LIST: "storage.objects.list",
    Action.ADMINISTER: "storage.buckets.setIamPolicy",
}


@dataclass(frozen=True)
class Reads:
    """A bucket and what using its objects takes."""

    facts: Facts
    store: Store

    @property
    def heeds_lists(self) -> bool:
        """Whether access control lists may count."""
        return self.store.controls.get(UNIFORM, Answer.UNKNOWN) is not Answer.YES

    @cached_property
    def matters(self) -> Sequence[Matter]:
        """All that is asked about the bucket and its objects, and about who pays where that is the requester."""
        nodes = (*self.facts.place(self.store.id).nodes, *self.facts.resources.folders_in.get(self.store.id, ()))
        matters = [
            self.facts.matter(each, nodes) for each in dict.fromkeys((*ON_OBJECTS.values(), *ON_BUCKET.values()))
        ]
        if self.store.controls.get("requesterPays") is Answer.YES:
            project = self.facts.place(f"projects/{self.store.account}")
            matters.append(self.facts.matter(_USE_SERVICES, project.nodes))
        return matters

    @cached_property
    def offers(self) -> Sequence[Offer]:
        """Every binding that may give something on the bucket or its objects."""
        return [offer for matter in self.matters for offer in matter.offers]

    @cached_property
    def entries(self) -> Sequence[AclGrant]:
        """The entries of the lists of the bucket and its objects, where they may count."""
        return self.facts.documents.listed(self.store)

    @cached_property
    def used_keys(self) -> frozenset[str]:
        """The customer's keys under which its objects lie, or would."""
        sql = "SELECT DISTINCT store, key_id FROM objects WHERE key_id IS NOT NULL ORDER BY ALL"
        names = {key for (key,) in self.facts.estate.objects.by_store(sql).get(self.store.id, ())}
        default = self.store.encryption.key if self.store.encryption else None
        return frozenset(names | ({default} if default else set()))

    def patterns(self, offers: Iterable[Offer]) -> frozenset[Pieces]:
        """Return what offers, and managed folders, tell apart among the keys of the bucket."""
        start = f"projects/_/buckets/{self.store.id.removeprefix('gs://')}/objects/"
        offered = list(offers)
        expressions = {offer.binding.expression for offer in offered if offer.binding.expression}
        found = {left for each in expressions for one in name_patterns(each) for left in remainders(one, start)}
        folders = {offer.node for offer in offered if offer.node.startswith(f"{self.store.id}/")}
        folders |= {node for node, _ in self.matters[0].unread if node.startswith(f"{self.store.id}/")}
        return frozenset(found | {(node.removeprefix(f"{self.store.id}/"), MANY) for node in folders}) - ANYTHING

    def decide(
        self,
        caller: Caller,
        permission: str,
        held: KeyClass,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
    ) -> Decision:
        """Say whether somebody may do something to objects that no policy tells apart, all requirements together."""
        place = self.facts.resources.on_object(self.store.id, held.example, permission, acl_of(held.acl), held.owner)
        given = self.facts.decide(caller, permission, place, context, supposed)
        besides = self._besides(caller, permission, held, context or Context())
        return both([given, *besides])

    def on_itself(
        self, caller: Caller, permission: str, context: Context | None = None, supposed: Supposed = AS_READ
    ) -> Decision:
        """Say whether somebody may do something to the bucket itself."""
        given = self.facts.decide(caller, permission, self.facts.resources.on_bucket(self.store.id), context, supposed)
        return both([given, *self._of_every_request(caller, context or Context())])

    def _besides(self, caller: Caller, permission: str, held: KeyClass, context: Context) -> Iterator[Decision]:
        yield from self._of_every_request(caller, context)
        if permission == READ:
            yield self._decrypted(held, context)

    def _of_every_request(self, caller: Caller, context: Context) -> Iterator[Decision]:
        yield self._billed(caller, context)
        for name in self.perimeters:
            yield _under(PERIMETER, f"the service perimeter {name} keeps out whoever is outside of it", context)
        filtered = self.store.controls.get("ipFilter", Answer.UNKNOWN)
        if filtered is Answer.YES:
            yield _under(IP_FILTER, f"{self.store.id} admits some networks only", context)
        elif filtered is Answer.UNKNOWN:
            yield _assumed(f"whether {self.store.id} admits some networks only was not read: taken to admit all")

    def _billed(self, caller: Caller, context: Context) -> Decision:
        pays = self.store.controls.get("requesterPays", Answer.UNKNOWN)
        name = self.store.id
        if pays is Answer.NO:
            return Decision(ALWAYS)
        if pays is Answer.UNKNOWN and caller.signs:
            return _assumed(f"whether the requester pays for {name} was not read: taken to name a project to bill")
        if not caller.signs:
            refused = Reason(Effect.DENIES, f"the requester pays for {name}, so that unsigned requests are refused")
            unread = Unseen(f"whether the requester pays for {name} was not read")
            return Decision(NEVER if pays is Answer.YES else unread, (refused,))
        own = self.facts.decide(caller, _USE_SERVICES, f"projects/{self.store.account}", context)
        if own.condition is ALWAYS:
            return own
        return _under(BILLING, f"the requester pays for {name}, and names a project to bill", context)

    @cached_property
    def perimeters(self) -> Sequence[str]:
        """The service perimeters around the project that restrict Cloud Storage, by name."""
        account = self.facts.resources.project(self.store.account)
        nodes = [f"projects/{self.store.account}", *([f"projects/{account.unique_id}"] if account else [])]
        around = {one.id: one for node in nodes for one in self.facts.estate.policies_on(node, "perimeter")}
        return [name for name, one in sorted(around.items()) if restricts(one.document, _STORAGE)]

    def _decrypted(self, held: KeyClass, context: Context) -> Decision:
        mode, key = held.encryption_mode, held.key_id
        if mode == "customer-supplied":
            return _under(CUSTOMER_KEY, "whoever reads it has to bring its key", context)
        if mode is None:
            return Decision(Unseen(f"how {self.store.id}/{held.example} is encrypted was not read"))
        return self.usable(key) if mode == "customer" and key else Decision(ALWAYS)

    @property
    def agent(self) -> Caller | None:
        """The project's service agent, with which Cloud Storage decrypts; None where its number was not read."""
        account = self.facts.resources.project(self.store.account)
        if account is None or not account.unique_id:
            return None
        return self.facts.caller(
            f"serviceAccount:service-{account.unique_id}@gs-project-accounts.iam.gserviceaccount.com"
        )

    def usable(self, name: str) -> Decision:
        """Say whether Cloud Storage can decrypt with a key for whoever reads."""
        agent = self.agent
        if agent is None:
            return Decision(Unseen(f"which service agent decrypts for {self.store.id} was not read"))
        may = self.facts.decrypts(agent, name)
        if may.condition is not NEVER:
            return replace(may, proof=())
        words = f"the service agent {agent.name} may not decrypt with {name}, so that nobody reads"
        lost = Reason(Effect.DENIES, words)
        return replace(may, proof=(*(each for each in may.proof if each.effect is Effect.DENIES), lost))


class _Status(msgspec.Struct):
    services: list[str] = msgspec.field(name="restrictedServices", default_factory=list)


class _Perimeter(msgspec.Struct):
    status: _Status = msgspec.field(default_factory=_Status)


def restricts(document: str, service: str) -> bool:
    """Whether a service perimeter restricts a service; one that makes no sense is taken to restrict every one."""
    try:
        return service in msgspec.json.decode(document, type=_Perimeter).status.services
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return True


def _assumed(words: str) -> Decision:
    return Decision(ALWAYS, (Reason(Effect.ASSUMES, words),))


def _under(key: str, words: str, context: Context) -> Decision:
    """Answer yes if a request brings something for which the cloud has no key, under a name of ours."""
    asked = Test(key, Operator.PRESENT)
    return Decision(resolve(asked, context), (Reason(Effect.ALLOWS, words, "", asked),))
