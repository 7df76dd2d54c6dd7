"""The policy documents of an estate, each read once, by the scope at which they hang. Pure: reads only the estate.

What is collected, and how what was not is told:

- Role assignments are documents of kind ``hierarchy``, eligible ones of kind ``eligible``, deny assignments of kind
  ``deny``, locks of kind ``lock``, each attached to its scope; definitions of roles are of kind ``role``. A scope
  without any has none, unless a gap on it (or on the subscription's id) tells that they could not be read.
- Access control lists are documents of kind ``acl``, attached to ``CONTAINER-ID/blobs/PATH`` (an empty path for the
  container), with the owner, group and list that "Path - Get Properties" tells.
- The stored access policies of a container are one document of kind ``resource`` that is attached to it, with
  ``signedIdentifiers``; the network rules of a storage account are one of kind ``network`` with its properties.
- As whom a storage account uses its key, and how a vault is opened, are documents of kind ``resource`` that are
  attached to these (:mod:`cloudscan_azure.keys`).
- Deny assignments and locks can only take away, so that ones that were not read are an assumption that answers tell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice, takewhile

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Test, Unseen, all_of
from cloudscan.estate import Estate
from cloudscan.model import Gap, PolicyDocument
from cloudscan.provider import Facet
from cloudscan_azure.ids import BLOBS, PROVIDER, split_blob
from cloudscan_azure.policy.assignments import ACTIVATION, Assignment, read_assignment
from cloudscan_azure.policy.deny import DenyAssignment, read_deny
from cloudscan_azure.policy.hns import Acl, read_acl
from cloudscan_azure.policy.locks import Lock, read_lock
from cloudscan_azure.policy.network import Rules, read_rules
from cloudscan_azure.policy.roles import Roles, read_role
from cloudscan_azure.policy.sas import StoredPolicy, read_policies
from cloudscan_azure.policy.scopes import is_management_group, subscription, subscription_of

GIVING = ("hierarchy", "eligible")
"""The kinds of documents that give rights."""


class Documents:
    """The policies of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._rules: dict[str, Rules] = {}
        self._unread_at = lru_cache(maxsize=1 << 14)(self._find_unread)

    def of_kinds(self, *kinds: str) -> Iterator[PolicyDocument]:
        """Return the documents of some kinds, by id."""
        for name in sorted(self.estate.policies):
            document = self.estate.policies[name]
            if document.provider == PROVIDER and document.kind in kinds:
                yield document

    @cached_property
    def roles(self) -> Roles:
        """The roles of which the permissions were read."""
        read = (read_role(document.id, document.document) for document in self.of_kinds("role"))
        return Roles(role for role in read if role is not None)

    @cached_property
    def every_assignment(self) -> Sequence[tuple[PolicyDocument, Assignment | None]]:
        """Every document that gives rights, with the assignment that it is; None for what makes no sense."""
        return [
            (one, read_assignment(one.id, one.document, eligible=one.kind == "eligible"))
            for one in self.of_kinds(*GIVING)
        ]

    @cached_property
    def _assigned(self) -> Mapping[str, Sequence[Assignment]]:
        found: dict[str, list[Assignment]] = defaultdict(list)
        for _, one in self.every_assignment:
            if one is not None:
                found[one.scope].append(one)
        return found

    def assignments(self, scope: str) -> Sequence[Assignment]:
        """Return the role assignments at a scope, eligible ones too, as far as they were read."""
        return self._assigned.get(scope, ())

    def assigned_below(self, scope: str) -> Sequence[str]:
        """Return the scopes below one at which something is assigned."""
        start = f"{scope}/"
        first = bisect_left(self.assigned_scopes, start)
        return [*takewhile(lambda each: each.startswith(start), islice(self.assigned_scopes, first, None))]

    @cached_property
    def assigned_scopes(self) -> Sequence[str]:
        """The scopes at which something is assigned."""
        return sorted(self._assigned)

    @cached_property
    def assigned_groups(self) -> Sequence[str]:
        """The management groups at which something is assigned."""
        return sorted(filter(is_management_group, self._assigned))

    @cached_property
    def _faults(self) -> Mapping[str, Sequence[Condition]]:
        found: dict[str, list[Condition]] = defaultdict(list)
        for document, one in self.every_assignment:
            for scope in document.attached_to if one is None else ():
                found[scope].append(Unseen(f"{document.id} is malformed and may give"))
        return found

    def unread(self, scope: str) -> Sequence[Condition]:
        """Say what of a scope was not read that may give, each as the condition under which it does."""
        return self._unread_at(scope)

    def _find_unread(self, scope: str) -> Sequence[Condition]:
        found = [*self._faults.get(scope, ())]
        texts = [f"{gap.operation} {gap.permission or ''}".casefold() for gap in self._gaps(scope)]
        if any("roleeligibility" in text for text in texts):
            words = f"the eligible role assignments of {scope} were not read and may give"
            found.append(all_of((Test(ACTIVATION, Operator.PRESENT), Unseen(words))))
        if any("roleassignments" in text for text in texts) or self._unasked(scope):
            found.append(Unseen(f"the role assignments of {scope} were not read and may give"))
        return found

    def unseen(self, scope: str) -> Sequence[str]:
        """Say what of a scope was not read that could only take away, in words."""
        texts = [f"{gap.operation} {gap.permission or ''}".casefold() for gap in self._gaps(scope)]
        sorts = {"denyassignments": "the deny assignments", "/locks": "the locks"}
        met = (words for part, words in sorts.items() if any(part in text for text in texts))
        return [f"{words} of {scope} were not read" for words in met]

    def _gaps(self, scope: str) -> Sequence[Gap]:
        inside = subscription_of(scope)
        named = self.estate.gaps_on(inside) if inside and scope == subscription(inside) else ()
        return [gap for gap in (*self.estate.gaps_on(scope), *named) if gap.provider == PROVIDER]

    def _unasked(self, scope: str) -> bool:
        inside = subscription_of(scope)
        asked = (Facet.ORGANIZATION, Facet.POLICY)
        return scope == subscription(inside) and len(self.estate.unasked(PROVIDER, inside, *asked)) == len(asked)

    def denies(self, scope: str) -> Sequence[DenyAssignment]:
        """Return the deny assignments at a scope, as far as they were read."""
        return self._denies.get(scope, ())

    @cached_property
    def _denies(self) -> Mapping[str, Sequence[DenyAssignment]]:
        found: dict[str, list[DenyAssignment]] = defaultdict(list)
        for document in self.of_kinds("deny"):
            for scope in document.attached_to:
                found[scope].append(read_deny(document.id, scope, document.document))
        return found

    @property
    def every_deny(self) -> Iterator[DenyAssignment]:
        """Every deny assignment."""
        for held in self._denies.values():
            yield from held

    def locks(self, scope: str) -> Sequence[Lock]:
        """Return the locks at a scope, as far as they were read."""
        return [read_lock(one.id, one.document) for one in self.estate.policies_on(scope, "lock")]

    def rules(self, account: str) -> Rules:
        """Return the network rules of a storage account."""
        if account not in self._rules:
            told = [read_rules(account, one.document) for one in self.estate.policies_on(account, "network")]
            unread = Rules(account, fault=f"the network rules of {account} were not read")
            self._rules[account] = told[0] if told else unread
        return self._rules[account]

    def stored_policies(self, container: str) -> Mapping[str, StoredPolicy] | None:
        """Return the stored access policies of a container; None where they were not read."""
        told = [read_policies(one.document) for one in self.estate.policies_on(container, "resource")]
        return told[0] if told else None

    @cached_property
    def _acls(self) -> Mapping[str, Mapping[str, Acl | None]]:
        found: dict[str, dict[str, Acl | None]] = defaultdict(dict)
        for document in self.of_kinds("acl"):
            for name in document.attached_to:
                container, path = split_blob(name if BLOBS in name else f"{name}{BLOBS}")
                found[container][path.strip("/")] = read_acl(document.document)
        return found

    def acls(self, container: str) -> Mapping[str, Acl | None]:
        """Return the access control lists of a container by path, "" for itself; None for one that makes no sense."""
        return self._acls.get(container, {})
