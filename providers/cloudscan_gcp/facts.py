"""The collected records in the evaluator's own terms. Pure: reads only the estate.

What was not read stays not read, and how that is told:

- An allow policy is a document of kind ``hierarchy`` (project, folder, organization), ``resource`` (bucket, managed
  folder), ``trust`` (service account) or ``key`` (key, key ring). One that is empty is a document too; where there is
  none, it was not read, unless the store or the key says itself that it has none.
- Deny policies and principal access boundaries that nobody found are none, unless a gap on the node says that they
  could not be read. They can only take away, so that this is an assumption that each answer tells.
- Members of a group are read where the group is a principal of the estate without a gap.

The interface for all that asks about rights (grants, steps, explanations): :class:`Facts` with ``place``, ``caller``,
``decide`` and ``holders``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from cloudscan.access import Context, Decision, Effect, Reason, both
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen, any_of
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Answer, PolicyDocument, Principal
from cloudscan.provider import Facet
from cloudscan_gcp.policy.bindings import AllowPolicy, Binding, read_policy
from cloudscan_gcp.policy.boundaries import Boundary, read_boundary
from cloudscan_gcp.policy.deny import DenyPolicy, read_deny_policy
from cloudscan_gcp.policy.evaluate import AS_READ, Matter, Supposed
from cloudscan_gcp.policy.lists import given
from cloudscan_gcp.policy.members import (
    PUBLIC,
    Caller,
    anyone,
    anyone_signed_in,
    is_deleted,
    means,
    normal,
    own_members,
    pool_of,
)
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.roles import Roles, read_role
from cloudscan_gcp.resources import Resources
from cloudscan_gcp.session import PROVIDER

_BASIC = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}
"""The basic role that a convenience value stands for ("Cloud Storage IAM": convenience values)."""
FOLDERS = "storage.managedFolders.list"
_GROUPED = ("user:", "serviceAccount:", "group:", "domain:")
"""Who can be a member of a group."""
DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt"
_ALLOWING = ("hierarchy", "resource", "trust", "key")
"""The kinds of documents that are allow policies."""
_TAKING_AWAY = {"deny": "the deny policies", "boundar": "the principal access boundaries"}


class Facts:
    """The estate as the evaluator takes it; each document is read once."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.resources = Resources(estate)
        self._allow: dict[str, AllowPolicy | None] = {}
        self._callers: dict[str, Caller] = {}
        self._meanings: dict[str, Sequence[tuple[Caller, Condition]]] = {}
        self._matters = lru_cache(maxsize=1 << 12)(Matter)

    # Questions.

    def place(self, name: str, permission: str = "") -> Place:
        """Return a resource by the id that records have for it, or an object as ``gs://BUCKET/KEY``."""
        return self.resources.place(name, permission)

    def matter(self, permission: str, nodes: tuple[str, ...]) -> Matter:
        """Return what all share who are asked about a permission below some nodes."""
        return self._matters(self, permission, nodes)

    def decide(
        self,
        who: str | Caller,
        permission: str,
        resource: str | Place,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
    ) -> Decision:
        """Say whether somebody may use a permission on a resource, by all policies that hold for it.

        Of an object this is the permission alone: what a read takes beside it is :mod:`cloudscan_gcp.reads`.
        """
        place = self.place(resource, permission) if isinstance(resource, str) else resource
        caller = self.caller(who) if isinstance(who, str) else who
        return self.matter(permission, place.nodes).decide(caller, place, context, supposed)

    def decrypts(self, who: Caller, key: str, context: Context | None = None) -> Decision:
        """Say whether somebody may decrypt with a key of Cloud KMS, which serves nobody while it is off.

        What state the version has that an object lies under is not collected: that of the primary one stands for it.
        """
        held = self.estate.key(key)
        if held is not None and held.state is not None and held.state.casefold() != "enabled":
            return Decision(NEVER, (Reason(Effect.DENIES, f"the key {key} is {held.state}, and serves nobody"),))
        given = self.decide(who, DECRYPT, key, context)
        if held is not None and held.state is not None:
            return given
        return both([given, Decision(Unseen(f"whether the key {key} is enabled was not read"))])

    def holders(self, permission: str, resource: str | Place) -> Sequence[Caller]:
        """Return those of the estate, and those whom policies name, that may be given a permission on a resource.

        By what allow policies and lists say alone, so that a deny policy or a condition may still stop them: nobody
        else can have the permission, but for those who have it by what was not read. In a stable order.
        """
        place = self.place(resource, permission) if isinstance(resource, str) else resource
        named = [offer.member for offer in self.matter(permission, place.nodes).offers]
        if (held := place.lists) is not None and held.uniform is not Answer.YES:
            named += (entry.grantee for entry in given(held.entries or (), permission, of_object=held.of_object))
        return self.meant_by(named)

    def meant_by(self, members: Iterable[str]) -> Sequence[Caller]:
        """Return everybody known whom one of some members means, or may mean, in a stable order."""
        found = {caller.name: caller for member in dict.fromkeys(members) for caller, _ in self.meant(member)}
        return [found[name] for name in sorted(found)]

    # Policies, by the node on which they hang.

    @cached_property
    def roles(self) -> Roles:
        """The roles of which the permissions were read."""
        read = (read_role(document.id, document.document) for document in self._documents("role"))
        return Roles(role for role in read if role is not None)

    def _documents(self, *kinds: str) -> Iterator[PolicyDocument]:
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
            return AllowPolicy(read[0].name, bindings, tuple(faults))
        holder = self.estate.stores.get(node) or self.estate.keys.get(node)
        has_none = holder is not None and holder.has_policy is Answer.NO
        return AllowPolicy(node, ()) if has_none or kind_of(node) == "" else None

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
        for document in self._documents("deny"):
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
    def _boundaries(self) -> Sequence[Boundary]:
        return [read_boundary(one.id, one.document, one.attached_to) for one in self._documents("boundary")]

    def bounded(self, caller: Caller, place: Place) -> Condition:
        """Say whether principal access boundaries may keep somebody from a resource."""
        if not self._boundaries or not caller.signs:
            return NEVER
        return any_of(boundary.keeps(caller, place.nodes) for boundary in self._boundaries)

    # Callers, and whom members mean.

    def caller(self, name: str) -> Caller:
        """Return somebody as one who asks: by a principal's id, ANYONE, ANYONE_SIGNED_IN, or any member of policies."""
        if name not in self._callers:
            self._callers[name] = self._caller(name)
        return self._callers[name]

    def _caller(self, name: str) -> Caller:
        if name in (ANYONE, ANYONE_SIGNED_IN):
            return anyone(ANYONE) if name == ANYONE else anyone_signed_in(ANYONE_SIGNED_IN)
        record = self.estate.principals.get(name)
        members = own_members(name) | self._groups_of(name) | frozenset(self._homes_of(record))
        members |= frozenset(value for member in members for value in self._values.get(member, ()))
        stopped = f"{name} is disabled" if record is not None and record.enabled is Answer.NO else ""
        grouped = normal(name).startswith(_GROUPED)
        return Caller(name, members, self._perhaps if grouped else self._perhaps_by_value, stopped)

    def _groups_of(self, name: str) -> frozenset[str]:
        """Return the groups that hold somebody, directly or through others, as members."""
        found: dict[str, None] = {}
        todo = [name]
        while todo:
            record = self.estate.principals.get(todo.pop())
            for group in record.groups if record else ():
                if group not in found:
                    found[group] = None
                    todo.append(group)
        return frozenset(map(normal, found))

    def _homes_of(self, record: Principal | None) -> Iterator[str]:
        """Yield the sets that a service account is in by where its project lies ("Principal identifiers")."""
        account = self.resources.project(record.account) if record and record.kind == "service-account" else None
        if account is None:
            return
        for node in (*(account.parents or ()), f"projects/{account.unique_id}"):
            yield f"principalSet://cloudresourcemanager.googleapis.com/{node}"
            yield f"principalSet://cloudresourcemanager.googleapis.com/{node}/type/ServiceAccount"

    @cached_property
    def _basic(self) -> Mapping[str, Sequence[Binding]]:
        """The bindings of basic roles by the convenience value that means those who hold them.

        From "Cloud Storage IAM" (convenience values): a value means who has the basic role for the project. A role
        that is inherited is taken to be one for the project, as it is everywhere else in IAM.
        """
        found: dict[str, list[Binding]] = {}
        for project in self.resources.projects:
            bindings = [one for node in self.resources.down_to(project) for one in self.bindings(node)]
            for value, role in _BASIC.items():
                held = [one for one in bindings if one.role == role and not is_deleted(one.member)]
                found[f"{value}:{project}"] = held
        return found

    @cached_property
    def _values(self) -> Mapping[str, Sequence[str]]:
        """The convenience values that mean whom a member means."""
        found: dict[str, list[str]] = defaultdict(list)
        for value, bindings in self._basic.items():
            for binding in bindings:
                found[normal(binding.member)].append(value)
        return found

    def basis(self, member: str, caller: Caller) -> Sequence[str]:
        """Name the statements by which a convenience value means somebody; none for any other member."""
        bound = self._basic.get(member, ())
        return [binding.statement for binding in bound if normal(binding.member) in caller.members]

    def _perhaps(self, member: str) -> str:
        """Say why it is not known whether a member means a user, a service account or a group, "" if it does not."""
        return self._unread_groups(member) if member.startswith("group:") else self._perhaps_by_value(member)

    def _perhaps_by_value(self, member: str) -> str:
        value, _, project = member.partition(":")
        if value not in _BASIC:
            return ""
        account = self.resources.project(project)
        if account is None or account.parents is None:
            return f"who has {_BASIC[value]} on project {project} was not read"
        unread = (node for node in self.resources.down_to(project) if self.allow(node) is None)
        if (node := next(unread, None)) is not None:
            return f"who has {_BASIC[value]} on {node} was not read"
        groups = (normal(binding.member) for binding in self._basic[member])
        return next((reason for group in groups if (reason := self._perhaps(group))), "")

    def _unread_groups(self, group: str) -> str:
        """Say why the members of a group are not known, or those of a group in it; "" where they are."""
        if group not in self._groups_read:
            return f"the members of {group} were not read"
        return self._groups_read[group]

    @cached_property
    def _groups_read(self) -> Mapping[str, str]:
        """Every group of which a record was made, and what of its members was not read, "" where nothing is missing."""
        groups = {normal(one.id): one for one in self.estate.principals.values() if one.kind == "group"}
        found = dict.fromkeys(groups, "")
        for name, record in groups.items():
            if self.estate.gaps_on(record.id, Facet.PRINCIPALS):
                reason = f"the members of {name} were not read"
                found |= {held: reason for held in (name, *self._groups_of(record.id)) if not found.get(held)}
        return found

    @cached_property
    def known(self) -> Sequence[Caller]:
        """Everybody of the estate, and everybody in particular whom a policy or a bucket's list names, by id."""
        names = {normal(member): member for member in sorted(self._named) if _is_somebody(member)}
        names |= {normal(one.id): one.id for one in self.estate.principals.values() if one.provider == PROVIDER}
        return [self.caller(names[name]) for name in sorted(names)]

    @cached_property
    def _named(self) -> frozenset[str]:
        hung = {node for one in self._documents(*_ALLOWING) for node in one.attached_to}
        named = {binding.member for node in hung for binding in self.bindings(node)}
        stores = (store for store in self.estate.stores.values() if store.provider == PROVIDER)
        return frozenset(named | {entry.grantee for store in stores for entry in store.acl or ()})

    def meant(self, member: str) -> Sequence[tuple[Caller, Condition]]:
        """Return everybody known whom a member means or may mean, each once, and under which condition."""
        name = normal(member)
        if name not in self._meanings:
            self._meanings[name] = self._find_meant(name)
        return self._meanings[name]

    def _find_meant(self, member: str) -> Sequence[tuple[Caller, Condition]]:
        pool, customer = pool_of(member), member.startswith("principalSet://goog/cloudIdentityCustomerId/")
        if self._perhaps(member) or customer or (pool and pool != member):
            asked = ((caller, means(member, caller)) for caller in self.known)
            return [(caller, meant) for caller, meant in asked if meant is not NEVER]
        return [(caller, ALWAYS) for caller in self._by_member.get(member, ())]

    @cached_property
    def _by_member(self) -> Mapping[str, Sequence[Caller]]:
        found: dict[str, list[Caller]] = defaultdict(list)
        for caller in self.known:
            for member in caller.members:
                found[member].append(caller)
        return found


def kind_of(node: str) -> str:
    """Return the kind of document that the allow policy of a node is, "" for a resource whose policy nobody reads."""
    if node.startswith("gs://"):
        return "resource"
    if node.startswith("serviceAccount:"):
        return "trust"
    if "/keyRings/" in node:
        return "key"
    return "hierarchy" if node.count("/") == 1 else ""


def _is_somebody(member: str) -> bool:
    """Whether a member is somebody in particular, and no set of people whom other members are in."""
    sets = member in PUBLIC or member in (ANYONE, ANYONE_SIGNED_IN) or member.partition(":")[0] in _BASIC
    return not sets and not is_deleted(member)
