"""What it takes to use a blob of a container: the permission, and what Azure Storage asks beside it. Pure.

From the Azure Storage documentation: network rules bind every request ("Azure Storage firewall and virtual network
rules"); who does not sign in reads where both the account and the container allow it ("Overview: Remediating anonymous
read access for blob data"), and lists where the container's level is Container; shared keys and what they sign count
unless the account disallows them ("Prevent Shared Key authorization for an Azure Storage account"). The account's own
identity unwraps a customer-managed key, so that readers need no right on the vault, but while the key is disabled no
blob is read or written ("Customer-managed keys for Azure Storage encryption"); a blob under a customer-provided key
takes the key itself ("Provide an encryption key on a request to Blob storage"). Whoever asks chooses the protocol, and
one that asks for data in the clear is refused where secure transfer is required.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access import Context, Decision, Effect, Reason
from cloudscan.access.answers import both, either
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Test, Unseen, all_of, constant, resolve
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.patterns import MANY
from cloudscan.access.remainders import ANYTHING, Pieces, remainders
from cloudscan.model import ANYONE, AclGrant, Action, Answer, Store
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import BLOBS, account_of
from cloudscan_azure.policy.abac import path_patterns
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.evaluate import Matter, Offer
from cloudscan_azure.policy.operations import (
    ASSIGN_ROLES,
    DELETE_BLOB,
    GET_BLOB,
    LIST_BLOBS,
    PUT_BLOB,
    SUPER_USER,
    Operation,
)
from cloudscan_azure.policy.places import AS_READ, Supposed
from cloudscan_azure.policy.sas import PROTOCOL, Sas
from cloudscan_azure.resources import HNS, container_name

CUSTOMER_KEY = "cpk:customer-key"
SHARED_KEY = "allowSharedKeyAccess"
PUBLIC = "allowBlobPublicAccess"
ON_OBJECTS: Mapping[Action, Operation] = {
    Action.READ: GET_BLOB,
    Action.WRITE: PUT_BLOB,
    Action.DELETE: DELETE_BLOB,
}
"""The operation that each action on an object is."""
ON_CONTAINER: Mapping[Action, Operation] = {
    Action.LIST: LIST_BLOBS,
    Action.ADMINISTER: ASSIGN_ROLES,
}
_ENCRYPTED = (GET_BLOB, PUT_BLOB)
"""What needs the key that data lies under."""


@dataclass(frozen=True)
class Reads:
    """A container and what using its blobs takes."""

    facts: Facts
    store: Store

    @cached_property
    def account(self) -> str:
        """The id of its storage account."""
        return account_of(self.store.id)

    @cached_property
    def matters(self) -> Sequence[Matter]:
        """All that is asked about the container and its blobs, what is assigned to single blobs too."""
        operations = (*ON_OBJECTS.values(), *ON_CONTAINER.values())
        if self.store.controls.get(HNS, Answer.UNKNOWN) is not Answer.NO:
            operations = (*operations, SUPER_USER)
        below = tuple(self.facts.documents.assigned_below(self.store.id))
        places = ((each, self.facts.place(self.store.id, each)) for each in operations)
        return [Matter(self.facts, each, (*at.scopes, *below), above=at.above) for each, at in places]

    def patterns(self, offers: Iterable[Offer]) -> frozenset[Pieces]:
        """What some offers, deny assignments and access control lists tell apart among its keys."""
        found: set[Pieces] = set()
        expressions: set[str] = set()
        for offer in offers:
            expressions.update(_expressions(offer))
            if offer.assignment.scope.startswith(f"{self.store.id}/"):
                path = offer.assignment.scope.removeprefix(f"{self.store.id}{BLOBS}")
                found |= {(path,), (f"{path}/", MANY)}
        found |= {left for each in expressions for one in path_patterns(each) for left in remainders(one, "")}
        return (frozenset(found) | self._common) - ANYTHING

    @cached_property
    def _common(self) -> frozenset[Pieces]:
        """What deny assignments and access control lists tell apart, for everybody."""
        expressions: set[str] = set()
        for deny in (one for matter in self.matters for one in matter.denies):
            expressions |= {deny.expression, *(each.expression for each in deny.permissions)}
        found: set[Pieces] = {
            left for each in expressions for one in path_patterns(each) for left in remainders(one, "")
        }
        for path in self.facts.documents.acls(self.store.id):
            found |= {(path,), (f"{path}/", MANY)} if path else set()
        return frozenset(found)

    def decide(
        self,
        caller: Caller,
        operation: Operation,
        held: KeyClass,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
        *,
        alike: bool = False,
    ) -> Decision:
        """Say whether somebody may do something to blobs, all requirements together.

        ``alike`` says that the example of ``held`` stands for others that no pattern tells apart from it.
        """
        asked = context or Context()
        if not caller.signs:
            given = self._in_public(operation, asked, supposed)
        else:
            place = self.facts.resources.on_blob(self.store, held.example, operation, held.acl, alike=alike)
            given = self.facts.decide(caller, operation, place, asked, supposed)
        return both([given, *self._besides(caller, operation, held, asked, supposed)])

    def on_itself(
        self,
        caller: Caller,
        operation: Operation,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
    ) -> Decision:
        """Say whether somebody may do something to the container itself."""
        asked = context or Context()
        if not caller.signs:
            given = self._in_public(operation, asked, supposed)
        else:
            given = self.facts.decide(caller, operation, self.store.id, asked, supposed)
        besides = [] if operation.managed else [self._reached(caller, asked, supposed), self._in_the_clear(asked)]
        return both([given, *besides])

    def by_key(
        self, operation: Operation, held: KeyClass, context: Context | None = None, supposed: Supposed = AS_READ
    ) -> Decision:
        """Say whether whoever has a key of the account may do something, which no role or list limits."""
        asked = context or Context()
        return both([self._shared(supposed), *self._besides(None, operation, held, asked, supposed)])

    def by_sas(
        self,
        sas: Sas,
        operation: Operation,
        held: KeyClass,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
    ) -> Decision:
        """Say whether whoever holds a shared access signature may do something."""
        asked = context or Context()
        name, path = container_name(self.store), held.example
        if not sas.covers(operation, name, path):
            words = f"the signature is for nothing that {operation.name} on {self.store.id}{BLOBS}{path} is about"
            return Decision(NEVER, (Reason(Effect.LACKS, words),))
        stored = self.facts.documents.stored_policies(self.store.id) if sas.policy else None
        good = resolve(sas.holds(operation, stored, self.store.id, asked), asked)
        says = Reason(Effect.ALLOWS, f"a {sas.kind} shared access signature gives {operation.name}", "", good)
        decisions = [Decision(good, (says,) if good is not NEVER else (Reason(Effect.DENIES, _ENDED),))]
        if sas.by_key:
            decisions += [self._shared(supposed), _still_a_key(sas)]
        else:
            place = self.facts.resources.on_blob(self.store, path, operation, held.acl)
            decisions.append(self.facts.decide(sas.delegator, operation, place, asked, supposed))
        if sas.folder:
            decisions.append(self._with_folders())
        return both([*decisions, *self._besides(None, operation, held, asked, supposed)])

    def _with_folders(self) -> Decision:
        """Say whether it takes a signature for a folder: with a hierarchical namespace ("Create a service SAS")."""
        told = self.store.controls.get(HNS, Answer.UNKNOWN)
        if told is Answer.UNKNOWN:
            return Decision(Unseen(f"whether {self.store.id} has a hierarchical namespace was not read"))
        words = f"{self.account} has no hierarchical namespace, and takes no signature for a folder"
        return Decision(ALWAYS) if told is Answer.YES else Decision(NEVER, (Reason(Effect.DENIES, words),))

    def _in_public(self, operation: Operation, context: Context, supposed: Supposed) -> Decision:
        """Say whether it takes no signing in.

        A static website serves what lies in ``$web`` to anyone, whatever the level and the account's switch ("Static
        website hosting in Azure Storage"). Whether it is on is told by the account's blob service itself, which is not
        asked.
        """
        by_level = self._by_level(operation, context, supposed)
        if operation is not GET_BLOB or container_name(self.store) != "$web":
            return by_level
        return either([by_level, Decision(Unseen(f"whether the static website of {self.account} is on was not read"))])

    def _by_level(self, operation: Operation, context: Context, supposed: Supposed) -> Decision:
        """Say whether the level of the container gives it to everybody."""
        made = self.store.id in supposed.published
        allowed = Answer.YES if made else self.store.controls.get(PUBLIC, Answer.UNKNOWN)
        if operation not in (GET_BLOB, LIST_BLOBS) or allowed is Answer.NO:
            words = f"{operation.name} on {self.store.id} takes somebody who signs in"
            return Decision(NEVER, (Reason(Effect.LACKS, words),))
        levels = ("container",) if operation is LIST_BLOBS else ("blob", "container")
        told = (AclGrant(ANYONE, "container"),) if made else self.store.acl
        if told is None:
            level: Condition = Unseen(f"the public access level of {self.store.id} was not read")
        else:
            level = constant(value=any(one.grantee == ANYONE and one.permission.lower() in levels for one in told))
        unread = Unseen(f"whether {self.account} allows public access was not read")
        given = all_of((level, ALWAYS if allowed is Answer.YES else unread))
        words = f"the public access level of {self.store.id} gives {operation.name}"
        effect = Effect.LACKS if given is NEVER else Effect.ALLOWS
        sentence = f"no public access level of {self.store.id} gives {operation.name}" if given is NEVER else words
        return Decision(resolve(given, context), (Reason(effect, sentence, f"public access level of {self.store.id}"),))

    def _shared(self, supposed: Supposed) -> Decision:
        allowed = Answer.YES if self.account in supposed.keyed else self.store.controls.get(SHARED_KEY, Answer.UNKNOWN)
        if allowed is Answer.YES:
            return Decision(ALWAYS, (Reason(Effect.ALLOWS, f"{self.account} takes what its keys sign"),))
        if allowed is Answer.NO:
            return Decision(NEVER, (Reason(Effect.DENIES, f"{self.account} takes nothing that its keys sign"),))
        return Decision(Unseen(f"whether {self.account} takes what its keys sign was not read"))

    def _besides(
        self, caller: Caller | None, operation: Operation, held: KeyClass, context: Context, supposed: Supposed
    ) -> Iterator[Decision]:
        yield self._reached(caller, context, supposed)
        yield self._in_the_clear(context)
        if operation in _ENCRYPTED:
            yield self._decrypted(held, context, supposed)

    def _reached(self, caller: Caller | None, context: Context, supposed: Supposed) -> Decision:
        if self.account in supposed.opened:
            return Decision(ALWAYS)
        admitted = self.facts.documents.rules(self.account).admits(caller)
        if admitted is ALWAYS:
            return Decision(ALWAYS)
        if admitted is NEVER:
            words = f"the network rules of {self.account} admit no network"
            return Decision(NEVER, (Reason(Effect.DENIES, words, f"network rules of {self.account}"),))
        told = resolve(admitted, context)
        effect = Effect.DENIES if told is NEVER else Effect.ALLOWS
        words = f"the network rules of {self.account} admit some networks only"
        return Decision(told, (Reason(effect, words, f"network rules of {self.account}", admitted),))

    def _in_the_clear(self, context: Context) -> Decision:
        if context.values(PROTOCOL) != ("http",) or self.store.tls_required is Answer.NO:
            return Decision(ALWAYS)
        words = f"{self.account} requires secure transfer"
        if self.store.tls_required is Answer.YES:
            return Decision(NEVER, (Reason(Effect.DENIES, words),))
        return Decision(Unseen(f"whether {words} was not read"))

    def _decrypted(self, held: KeyClass, context: Context, supposed: Supposed) -> Decision:
        if held.encryption_mode == "customer-supplied":
            asked = Test(CUSTOMER_KEY, Operator.PRESENT)
            reason = Reason(Effect.ALLOWS, "whoever reads it has to bring its key", "", asked)
            return Decision(resolve(asked, context), (reason,))
        if held.encryption_mode is None:
            return Decision(Unseen(f"how {self.store.id}{BLOBS}{held.example} is encrypted was not read"))
        return self._usable(held.key_id, supposed) if held.encryption_mode == "customer" else Decision(ALWAYS)

    def _usable(self, name: str | None, supposed: Supposed) -> Decision:
        """Say whether a customer-managed key serves, which is the same for all."""
        key = self.facts.estate.key(name)
        if key is None or key.state is None:
            return Decision(Unseen(f"whether the key {name or f'of {self.account}'} is enabled was not read"))
        if key.is_off and key.id not in supposed.working:
            words = f"the key {key.id} is {key.state}, and serves nobody"
            return Decision(NEVER, (Reason(Effect.DENIES, words),))
        return Decision(ALWAYS)


_ENDED = "the shared access signature does not give it, or is no longer or not yet good"


def _still_a_key(sas: Sas) -> Decision:
    if sas.key_current is Answer.UNKNOWN:
        return Decision(Unseen("whether the key that signed it was renewed since was not read"))
    if sas.key_current is Answer.YES:
        return Decision(ALWAYS)
    return Decision(NEVER, (Reason(Effect.DENIES, "the key that signed it was renewed since"),))


def _expressions(offer: Offer) -> Iterable[str]:
    return (offer.assignment.expression, *(offer.expressions or ()))
