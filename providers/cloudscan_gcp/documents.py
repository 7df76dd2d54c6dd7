"""The policy documents of an estate, each read once, by the node on which they hang. Pure: reads only the estate.

What was not read stays not read, and how that is told:

- An allow policy is a document of kind ``hierarchy`` (project, folder, organization), ``resource`` (bucket, managed
  folder), ``trust`` (service account) or ``key`` (key, key ring). One that is empty is a document too; where there is
  none, it was not read, unless the store or the key says itself that it has none.
- What may be had on request is a document of kind ``entitlement``, and not known to be nothing where a gap says so.
- Deny policies, principal access boundaries and service perimeters that nobody found are none, unless a gap on the
  node says that they could not be read. They can only take away, so that this is an assumption that each answer tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from cloudscan.estate import Estate
from cloudscan.model import AclGrant, Answer, PolicyDocument, Store
from cloudscan.provider import Facet
from cloudscan_gcp.buckets_read import UNIFORM
from cloudscan_gcp.entitlements import KIND as ENTITLEMENT
from cloudscan_gcp.entitlements import LISTS as ENTITLEMENTS
from cloudscan_gcp.policy.bindings import AllowPolicy, Binding, read_policy
from cloudscan_gcp.policy.boundaries import Boundary, read_boundary
from cloudscan_gcp.policy.deny import DenyPolicy, read_deny_policy
from cloudscan_gcp.policy.roles import Roles, read_role
from cloudscan_gcp.resources import acl_of
from cloudscan_gcp.session import PROVIDER

FOLDERS = "storage.managedFolders.list"
ALLOWING = ("hierarchy", "resource", "trust", "key", ENTITLEMENT)
"""The kinds of documents that are allow policies, and of those that are written as such."""
_TAKING_AWAY = {
    "deny": "the deny policies",
    "boundar": "the principal access boundaries",
    "accesscontextmanager": "the service perimeters",
}
"""What an operation or a permission has in its name that reads what can only take away."""


class Documents:
    """The policies of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._allow: dict[str, AllowPolicy | None] = {}

    @cached_property
    def named(self) -> frozenset[str]:
        """Every member of an allow policy or a bucket's list, as written."""
        hung = {node for one in self.of_kinds(*ALLOWING) for node in one.attached_to}
        named = {binding.member for node in hung for binding in self.bindings(node)}
        stores = [store for store in self.estate.stores.values() if store.provider == PROVIDER]
        return frozenset(named | {entry.grantee for store in stores for entry in self.listed(store)})

    def listed(self, store: Store) -> Sequence[AclGrant]:
        """Return the entries of the lists of a bucket and its objects, where they may count; an owner's among them."""
        if store.controls.get(UNIFORM, Answer.UNKNOWN) is Answer.YES:
            return ()
        sql = "SELECT DISTINCT store, acl, owner FROM objects WHERE acl IS NOT NULL OR owner IS NOT NULL ORDER BY ALL"
        found = dict.fromkeys(store.acl or ())
        for acl, owner in self.estate.objects.by_store(sql).get(store.id, ()):
            found |= dict.fromkeys(acl_of(acl) or ())
            found |= dict.fromkeys([AclGrant(owner, "OWNER")] if owner else [])
        return list(found)

    @cached_property
    def roles(self) -> Roles:
        """The roles of which the permissions were read."""
        read = (read_role(document.id, document.document) for document in self.of_kinds("role"))
        return Roles(role for role in read if role is not None)

    def of_kinds(self, *kinds: str) -> Iterator[PolicyDocument]:
        """Return the documents of some kinds, in no order."""
        every = self.estate.policies.values()
        return (document for document in every if document.provider == PROVIDER and document.kind in kinds)

    def allow(self, node: str) -> AllowPolicy | None:
        """Return the allow policy of a node; None where it was not read."""
        if node not in self._allow:
            self._allow[node] = self._read_allow(node)
        return self._allow[node]

    def _read_allow(self, node: str) -> AllowPolicy | None:
        if documents := self.estate.policies_on(node, kind_of(node)):
            read = [read_policy(document.id, document.document) for document in documents]
            bindings = tuple(binding for policy in read for binding in policy.bindings)
            faults = [fault for policy in read for fault in policy.faults]
            listing = (gap.operation for gap in self.estate.gaps_on(node, Facet.POLICY))
            faults += [f"the managed folders of {node} were not read" for name in listing if name == FOLDERS]
            on_request, unread = self._entitled(node)
            return AllowPolicy(read[0].name, (*bindings, *on_request), (*faults, *unread))
        holder = self.estate.stores.get(node) or self.estate.keys.get(node)
        has_none = holder is not None and holder.has_policy is Answer.NO
        return AllowPolicy(node, ()) if has_none or kind_of(node) == "" else None

    def _entitled(self, node: str) -> tuple[list[Binding], list[str]]:
        """Return what may be had on request, and what of that was not read."""
        read = [read_policy(each.id, each.document) for each in self.estate.policies_on(node, ENTITLEMENT)]
        unread = any(gap.operation == ENTITLEMENTS for gap in self.estate.gaps_on(node, Facet.ORGANIZATION))
        faults = [f"what may be had on request on {node} was not read"] if unread else []
        faults += [fault for policy in read for fault in policy.faults]
        return [replace(binding, eligible=True) for policy in read for binding in policy.bindings], faults

    def bindings(self, node: str) -> Sequence[Binding]:
        """Return the bindings on a node, none where they were not read."""
        policy = self.allow(node)
        return policy.bindings if policy else ()

    def denies(self, node: str) -> Sequence[DenyPolicy]:
        """Return the deny policies of a node, as far as they were read."""
        return self._denies.get(node, ())

    @cached_property
    def _denies(self) -> Mapping[str, Sequence[DenyPolicy]]:
        found: dict[str, list[DenyPolicy]] = defaultdict(list)
        for document in self.of_kinds("deny"):
            policy = read_deny_policy(document.id, document.document)
            for node in document.attached_to:
                found[node].append(policy)
        return found

    def unread(self, node: str) -> Sequence[str]:
        """Say what of a node was not read that could only take away, in words."""
        gaps = [f"{gap.operation} {gap.permission or ''}".casefold() for gap in self.estate.gaps_on(node)]
        sorts = [words for part, words in _TAKING_AWAY.items() if any(part in gap for gap in gaps)]
        return [f"{words} of {node} were not read" for words in sorts]

    @cached_property
    def boundaries(self) -> Sequence[Boundary]:
        """The principal access boundaries."""
        return [read_boundary(one.id, one.document, one.attached_to) for one in self.of_kinds("boundary")]


def kind_of(node: str) -> str:
    """Return the kind of document that the allow policy of a node is, "" for a resource whose policy nobody reads."""
    if node.startswith("gs://"):
        return "resource"
    if node.startswith("serviceAccount:"):
        return "trust"
    if "/keyRings/" in node:
        return "key"
    return "hierarchy" if node.count("/") == 1 else ""
