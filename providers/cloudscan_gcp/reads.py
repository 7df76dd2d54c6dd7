"""What it takes to use an object of a bucket: the permission, and what Cloud Storage asks beside it. Pure.

From the Cloud Storage documentation: an object under a Cloud KMS key is decrypted by the project's service agent, so
that its readers need no right on the key, but nobody reads where the key is off or the agent may not use it
("Customer-managed encryption keys"); one under a customer-supplied key takes the key itself; whoever uses a bucket
whose requester pays names a project to bill, which nobody can who does not sign ("Requester Pays"); a service
perimeter around the project lets nobody in from outside of it ("VPC Service Controls"), and a bucket may admit some
networks only ("Bucket IP filtering").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from cloudscan.access import Context, Decision, Effect, Reason
from cloudscan.access.answers import both
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Test, Unseen, resolve
from cloudscan.access.keyspace import KeyClass
from cloudscan.model import Answer, Store
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.policy.evaluate import AS_READ, Supposed
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.resources import acl_of

READ = "storage.objects.get"
DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt"
CUSTOMER_KEY = "csek:customer-key"
PERIMETER = "vpc-sc:perimeter"
BILLING = "requester-pays:billing-project"
IP_FILTER = "ip-filter:network"
_STORAGE = "storage.googleapis.com"
_USE_SERVICES = "serviceusage.services.use"


@dataclass(frozen=True)
class Reads:
    """A bucket and what using its objects takes."""

    facts: Facts
    store: Store

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
        filtered = self.store.controls.get("ipFilter", Answer.NO)
        if filtered is Answer.YES:
            yield _under(IP_FILTER, f"{self.store.id} admits some networks only", context)

    def _billed(self, caller: Caller, context: Context) -> Decision:
        pays = self.store.controls.get("requesterPays", Answer.UNKNOWN)
        if pays is Answer.NO or (pays is Answer.UNKNOWN and caller.signs):
            return Decision(ALWAYS)
        name = self.store.id
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

    def usable(self, name: str) -> Decision:
        """Say whether Cloud Storage can decrypt with a key for whoever reads."""
        key = self.facts.estate.key(name)
        if key is None or key.state is None:
            return Decision(Unseen(f"whether the key {name} is enabled was not read"))
        if key.state.casefold() != "enabled":
            return Decision(NEVER, (Reason(Effect.DENIES, f"the key {name} is {key.state}, and serves nobody"),))
        account = self.facts.resources.project(self.store.account)
        if account is None or not account.unique_id:
            return Decision(Unseen(f"which service agent decrypts for {self.store.id} was not read"))
        agent = f"serviceAccount:service-{account.unique_id}@gs-project-accounts.iam.gserviceaccount.com"
        may = self.facts.decide(agent, DECRYPT, name)
        lost = Reason(Effect.DENIES, f"the service agent {agent} may not decrypt with {name}, so that nobody reads")
        return replace(may, proof=(lost,)) if may.condition is NEVER else replace(may, proof=())


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


def _under(key: str, words: str, context: Context) -> Decision:
    """Answer yes if a request brings something for which the cloud has no key, under a name of ours."""
    asked = Test(key, Operator.PRESENT)
    return Decision(resolve(asked, context), (Reason(Effect.ALLOWS, words, "", asked),))
