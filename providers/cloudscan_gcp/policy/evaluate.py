"""Who may use a permission on a resource: all policies that hold for it, put together.

From "Policy evaluation" (IAM documentation): what a deny policy refuses is refused; what an allow policy of the
resource or of a node above it gives is given; all else is not. From "Access control lists (ACLs)" and "Public access
prevention" (Cloud Storage documentation): lists give too where they count, and members that mean the public count for
nothing where that is prevented. That a deny policy stops what a list gives is not documented, and stays unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from cloudscan.access import Context, Decision, Effect, Reason, decide
from cloudscan.access.answers import Reasons
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen, all_of, any_of, negate, resolve
from cloudscan.model import AclGrant, Answer
from cloudscan_gcp.policy import lists
from cloudscan_gcp.policy.apis import undefined
from cloudscan_gcp.policy.cel import always_there, with_clock
from cloudscan_gcp.policy.deny import DenyRule
from cloudscan_gcp.policy.levels import Level, Offer, Policies
from cloudscan_gcp.policy.members import PUBLIC, Caller, means, normal
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Supposed


class Matter:
    """One permission on resources below the same nodes: what may give it, and what refuses it."""

    def __init__(self, policies: Policies, permission: str, nodes: Sequence[str]) -> None:
        self.policies, self.permission, self.nodes = policies, permission, tuple(nodes)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """What each of the nodes says."""
        return tuple(self.policies.level(self.permission, node) for node in self.nodes)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Every binding that gives the permission, or may, in the order of the nodes."""
        return tuple(offer for level in self.levels for offer in level.offers)

    @cached_property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """What may give the permission to somebody and was not read, or makes no sense: the node, and the words."""
        return tuple((level.node, words) for level in self.levels for words in level.unread)

    @cached_property
    def rules(self) -> tuple[tuple[str, DenyRule], ...]:
        """Every deny rule about the permission, with its node."""
        return tuple((level.node, rule) for level in self.levels for rule in level.rules)

    @cached_property
    def unclear_denies(self) -> tuple[tuple[str, str], ...]:
        """The deny policies with parts that make no sense: the policy's name, and what may refuse."""
        return tuple(chain.from_iterable(level.unclear_denies for level in self.levels))

    def about(self, caller: Caller) -> Iterator[Offer]:
        """Yield the offers that may mean somebody, in their order, without trying those that mean somebody else."""
        return chain.from_iterable(level.about(caller) for level in self.levels)

    def decide(
        self, caller: Caller, place: Place, context: Context | None = None, supposed: Supposed = AS_READ
    ) -> Decision:
        """Say whether somebody may use the permission on a resource below these nodes."""
        return _Asked(self, caller, place, supposed).decide(context or Context())


@dataclass(frozen=True)
class _Asked:
    """One question, as long as it is answered."""

    matter: Matter
    caller: Caller
    place: Place
    supposed: Supposed

    def decide(self, context: Context) -> Decision:
        if self.caller.stopped:
            return Decision(NEVER, (Reason(Effect.DENIES, self.caller.stopped),))
        given = any_of((self._by_policies, self._by_lists))
        if given is not NEVER:
            given = all_of((given, negate(self.matter.policies.bounded(self.caller, self.place))))
        context = undefined(self.matter.permission).over(context)
        told = resolve(given, with_clock(given, context))
        return decide(told, Reasons(lambda: self._proof(told, context)), always_there(told))

    @cached_property
    def _by_policies(self) -> Condition:
        offered = any_of((*(condition for _, condition in self._met), *map(Unseen, self._unread)))
        if offered is NEVER:
            return NEVER
        return all_of((offered, negate(self._refused)))

    @cached_property
    def _met(self) -> Sequence[tuple[Offer, Condition]]:
        """The offers that mean the caller and may hold, and under which condition each."""
        found = []
        for offer in self._offers():
            if offer.node not in self.place.nodes or (meant := self._means(offer.member)) is NEVER:
                continue
            if (holds := all_of((meant, offer.holds(self.place.subject)))) is not NEVER:
                found.append((offer, holds))
        return found

    def _offers(self) -> Iterator[Offer]:
        yield from self.matter.about(self.caller)
        if not self.supposed.granted and not self.supposed.widened:
            return
        own = normal(self.caller.name)
        for bound in sorted(self.supposed.granted, key=lambda one: (one.node, one.roles)):
            given = bound.gives(self.matter.policies.roles, self.matter.permission)
            if given is not NEVER:
                yield Offer(bound.node, bound.as_binding(self.caller.name), own, given)
        for node in self.place.nodes:
            policy = self.matter.policies.allow(node)
            for binding in policy.bindings if policy else ():
                if binding.role in self.supposed.widened:
                    yield Offer(node, binding, normal(binding.member), self._takes)

    @property
    def _takes(self) -> Condition:
        """Say whether a custom role can be given the permission.

        "Deny access to resources" (IAM documentation) has those of deny policies granted on the organization and says
        that custom roles may give them, too; the API has been seen to refuse one of them in custom roles.
        """
        permission = self.matter.permission
        if permission.startswith(_OF_DENY_POLICIES):
            return Unseen(f"whether a custom role can hold {permission} is not documented clearly")
        return ALWAYS

    def _means(self, member: str) -> Condition:
        if member not in PUBLIC or self.place.prevention is Answer.NO:
            return means(member, self.caller)
        if self.place.prevention is Answer.YES:
            return NEVER
        prevented = Unseen(f"whether public access to {self.place.name} is prevented was not read")
        return all_of((means(member, self.caller), prevented))

    @cached_property
    def _unread(self) -> Sequence[str]:
        """What was not read and may give it to somebody in particular.

        From "Method: projects.setIamPolicy" (Resource Manager API): a policy of a project has no member that means
        the public; folders and organizations are taken to be the same.
        """
        found = [] if self.place.above else [f"what lies above {self.place.nodes[0]} was not read, and may give"]
        found += [words for node, words in self.matter.unread if node in self.place.nodes]
        if self.caller.members <= _PUBLIC_MEMBERS:
            return [words for node, words in self.matter.unread if node in self.place.nodes and not _is_high(node)]
        return found

    @cached_property
    def _refused(self) -> Condition:
        return any_of((*(condition for _, condition in self._refusals), *map(Unseen, self._unclear)))

    @cached_property
    def _refusals(self) -> Sequence[tuple[DenyRule, Condition]]:
        asked = (
            (rule, rule.refuses(self.caller, self.place.subject))
            for node, rule in self.matter.rules
            if node in self.place.nodes and rule.policy not in self.supposed.lifted
        )
        return [(rule, condition) for rule, condition in asked if condition is not NEVER]

    @property
    def _unclear(self) -> Iterable[str]:
        return (words for name, words in self.matter.unclear_denies if name not in self.supposed.lifted)

    @cached_property
    def _by_lists(self) -> Condition:
        held = self.place.lists
        if held is None or held.uniform is Answer.YES:
            return NEVER
        if self.matter.permission not in (lists.OF_OBJECT if held.of_object else lists.OF_BUCKET):
            return NEVER
        listed = any_of(condition for _, condition in self._entries)
        if held.entries is None:
            listed = any_of((listed, self._perhaps_listed()))
        if listed is NEVER:
            return NEVER
        stops = Unseen("a deny policy may not stop what an access control list gives, which is not documented")
        spared = any_of((negate(self._refused), stops))
        counts = (
            ALWAYS if held.uniform is Answer.NO else Unseen(f"whether lists count for {self.place.name} was not read")
        )
        return all_of((listed, counts, spared))

    @cached_property
    def _entries(self) -> Sequence[tuple[AclGrant, Condition]]:
        """The entries of a list that give it to the caller, or may."""
        held = self.place.lists
        if held is None or held.entries is None:
            return ()
        giving = lists.given(held.entries, self.matter.permission, of_object=held.of_object)
        met = ((entry, self._means(normal(entry.grantee))) for entry in giving)
        return [(entry, meant) for entry, meant in met if meant is not NEVER]

    def _perhaps_listed(self) -> Condition:
        words = f"the access control list of {self.place.name} was not read"
        if self.caller.members <= _PUBLIC_MEMBERS and self.place.prevention is Answer.YES:
            return NEVER
        return Unseen(words)

    def _basis(self, member: str) -> Iterator[Reason]:
        for statement in self.matter.policies.basis(member, self.caller):
            yield Reason(Effect.ALLOWS, f"{statement} makes {self.caller.name} one of {member}", statement)

    def _enough(self, context: Context) -> tuple[Sequence[Offer], Sequence[AclGrant]]:
        """Return what gives it surely, be it refused; if nothing does, all that may."""
        met = [(offer, resolve(holds, with_clock(holds, context))) for offer, holds in self._met]
        sure = [offer for offer, holds in met if holds is ALWAYS]
        by_lists = resolve(self._by_lists, with_clock(self._by_lists, context))
        listed = [entry for entry, _ in self._entries] if by_lists is not NEVER else []
        if sure or by_lists is ALWAYS:
            return sure, listed if by_lists is ALWAYS else []
        return [offer for offer, _ in met], listed

    def _gives(self, offer: Offer) -> str:
        """Say what an offer does, and of one that perhaps means somebody else why that is not known."""
        permission, statement = self.matter.permission, offer.binding.statement
        meant = self._means(offer.member)
        if isinstance(meant, Unseen):
            return f"{statement} perhaps gives {permission}: {meant.reason}"
        return f"{statement} gives {permission}"

    def _is_meant(self, member: str) -> bool:
        """Say whether a member is known to mean the caller, be it under a condition."""
        meant = means(member, self.caller)
        return meant is not NEVER and not isinstance(meant, Unseen)

    def _nearly(self) -> Iterator[Reason]:
        """Name the bindings that would give it but for their condition, their role, or public access prevention."""
        permission, policies = self.matter.permission, self.matter.policies
        for offer in self._offers():
            if offer.node in self.place.nodes and self._is_meant(offer.member):
                shut = self._means(offer.member) is NEVER
                why = f"public access to {self.place.name} is prevented"
                why = why if shut else f"its condition is never met on {self.place.name}"
                statement = offer.binding.statement
                yield Reason(Effect.LACKS, f"{statement} gives {permission}, but {why}", statement)
        for node in self.place.nodes:
            policy = policies.allow(node)
            for binding in policy.bindings if policy else ():
                off = policies.roles.off(binding.role, permission)
                if off and self._is_meant(binding.member):
                    words = f"{binding.statement} gives nothing, since its role is {off}: it has {permission}"
                    yield Reason(Effect.LACKS, words, binding.statement)

    def _proof(self, told: Condition, context: Context) -> Iterator[Reason]:
        permission, name = self.matter.permission, self.caller.name
        for rule, condition in self._refusals:
            yield Reason(Effect.DENIES, f"{rule.statement} refuses {permission} to {name}", rule.statement, condition)
        offers, entries = self._enough(context)
        for offer in offers:
            statement = offer.binding.statement
            yield Reason(Effect.ALLOWS, self._gives(offer), statement, offer.holds(self.place.subject))
            yield from self._basis(offer.member)
        for entry in entries:
            listed = f"the access control list of {self.place.name} has {entry.permission} for {entry.grantee}"
            yield Reason(Effect.ALLOWS, f"{listed}, which gives {permission}", f"ACL of {self.place.name}")
            yield from self._basis(entry.grantee)
        if told is NEVER and not self._met:
            yield Reason(Effect.LACKS, f"nothing gives {permission} on {self.place.name} to {name}")
            yield from self._nearly()
        if told is not NEVER and self.caller.taken:
            yield Reason(Effect.ASSUMES, self.caller.taken)
        if told is not NEVER:
            words = (each for node in self.place.nodes for each in self.matter.policies.unread(node))
            yield from (Reason(Effect.ASSUMES, f"{each}: taken to refuse nothing") for each in words)


_OF_DENY_POLICIES = "iam.denypolicies."
_PUBLIC_MEMBERS = frozenset({"allUsers", "allAuthenticatedUsers", "principalSet://goog/public:all"})


def _is_high(node: str) -> bool:
    """Whether a node is a project, or lies above one."""
    return node.count("/") == 1 and node.startswith(("projects/", "folders/", "organizations/"))
