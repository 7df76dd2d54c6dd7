"""The estate as steps see it: who may take them, and the roles, users and compute that they end in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from cloudscan.access import keys
from cloudscan.access.conditions import fill
from cloudscan.access.patterns import Pattern, glob, matches
from cloudscan.model import Principal, Workload
from cloudscan_aws.alike import Askers, Crowd
from cloudscan_aws.askers import Asker, names_of
from cloudscan_aws.contents import Matter
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.callers import facts as facts_of
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.matching import covers, pattern
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.policy.organization import RCP_SERVICES, Levels
from cloudscan_aws.policy.trust import RoleFacts
from cloudscan_aws.session import PROVIDER
from cloudscan_aws.steps.standing import Standings, settled_by
from cloudscan_aws.steps.tags import Tags, Wanted, with_tags
from cloudscan_aws.steps.targets import Targets, holds
from cloudscan_aws.steps.things import Target, is_of_resource, kept_by_aws
from cloudscan_aws.steps.trusting import Admits, admits


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """A role as one that others become: its record, its trust policy, and whom that names."""

    record: Principal
    facts: RoleFacts
    admits: Admits

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.record.id

    @property
    def target(self) -> Target:
        """It as a target: roles with one trust policy are alike, unless that looks at their tags, or is not understood.

        What was not understood is told of each by its own name.
        """
        trust = self.facts.trust
        looked_at = self.admits.by_labels and tuple(sorted((self.record.labels or {}).items()))
        whole = trust is not None and not any(
            isinstance(item, Malformed) or item.faults for item in trust.document.statements
        )
        alike = trust.document if trust is not None and whole else self.arn
        return Target(self.arn, self.record.labels, (self.record.account, alike, looked_at))


class Scene:
    """The estate's roles, users and compute, and those who take steps, told apart no further than steps need."""

    def __init__(self, facts: Facts, askers: Iterable[Asker]) -> None:
        self.facts = facts
        self.askers = Askers(askers, facts.organization)
        self.people: Mapping[str, Asker] = {asker.principal: asker for asker in self.askers}

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[Asker]]:
        """Those who take steps by the names that documents have for them; of a session's only what its role is."""
        held: dict[str, list[Asker]] = defaultdict(list)
        for asker in self.askers:
            for name in names_of(asker):
                held[name].append(asker)
        return held

    def crowds(self, any_of: Iterable[str], all_of: Iterable[str] = (), by: Iterable[str] = ()) -> list[Crowd]:
        """Return those whose own policies may allow one of some calls (if any) and all of others.

        They are sorted by what they may do about all these calls, and about those of ``by``.
        """
        some, every = [call.lower() for call in any_of], [call.lower() for call in all_of]
        matter = Matter(frozenset((*some, *every, *(call.lower() for call in by))))
        return [
            crowd
            for crowd in self.askers.crowds(matter)
            if (not some or any(holds(crowd, call) for call in some)) and all(holds(crowd, call) for call in every)
        ]

    def narrowed(self, calls: Iterable[str]) -> Scene:
        """Return the same with only those whose own policies may allow one of these calls."""
        return self.among(asker for crowd in self.crowds(calls) for asker in crowd.askers)

    def among(self, askers: Iterable[Asker]) -> Scene:
        """Return the same with other askers."""
        other = Scene(self.facts, askers)
        for shared in (
            "roles",
            "roles_of",
            "alike_roles",
            "changeable_roles",
            "users_of",
            "groups_of",
            "_managed",
            "workloads_of",
            "standings",
            "wanted",
        ):
            other.__dict__[shared] = getattr(self, shared)
        return other

    def with_principals(self, askers: Iterable[Asker], records: Iterable[Principal]) -> Scene:
        """Return the same with other askers, and with no roles and users but these."""
        given = list(records)
        other = self.among(askers)
        for told in ("roles_of", "alike_roles", "changeable_roles"):
            del other.__dict__[told]
        other.__dict__["roles"] = {one.id: self._role(one) for one in given if one.kind == "role"}
        other.__dict__["users_of"] = _users(one for one in given if one.kind == "user")
        return other

    def with_workloads(self, askers: Iterable[Asker], records: Iterable[Workload]) -> Scene:
        """Return the same with other askers, and with no compute but this."""
        other = self.among(askers)
        other.__dict__["workloads_of"] = _running(records)
        return other

    def blocks(
        self, crowd: Crowd, call: str, targets: Targets, *, also: Iterable[str] = (), everything: bool = False
    ) -> Iterator[tuple[Target, ...]]:
        """Yield the targets on which a crowd may make a call, those together that nothing tells apart for it.

        ``also`` are calls that are made on them besides; ``everything`` says that the crowd needs no allow of its own.
        """
        main, others = call.lower(), [each.lower() for each in also]
        guards = [item for one in (main, *others) for item in self._guards(crowd.one.caller, one)]
        told = facts_of(crowd.one.caller)
        patterns = (fill(each, told) for item in guards for each in _patterns(item))
        return targets.blocks(
            crowd,
            main,
            others,
            [each for each in patterns if each is not None],
            by_labels=any(is_of_resource(key) for item in guards for key in keys(condition_of(item))),
            everything=everything,
        )

    def _guards(self, caller: Caller, call: str) -> Sequence[Statement]:
        """Return the statements about a call in the guardrails over a caller, and over whatever it is made on."""
        organization = self.facts.organization
        if organization is None or caller.service_linked:
            return ()
        on_resources: list[Levels] = []
        if call.partition(":")[0] in RCP_SERVICES:
            on_resources = [over.resource or () for over in organization.members.values()]
        return _about((organization.over(caller.account).service or (), *dict.fromkeys(on_resources)), call)

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """Every role, by ARN."""
        return {record.id: self._role(record) for record in self._records("role")}

    def _records(self, kind: str) -> Iterator[Principal]:
        for _, record in sorted(self.facts.estate.principals.items()):
            if record.provider == PROVIDER and record.kind == kind:
                yield record

    def _role(self, record: Principal) -> Role:
        document = self.facts.estate.policies.get(record.trust or "")
        trust = Policy.of(document.id, document.document) if document else None
        role = RoleFacts(record.id, record.account, trust, record.labels)
        return Role(record, role, admits(trust.document if trust else None))

    @cached_property
    def roles_of(self) -> Mapping[str, Sequence[Role]]:
        """The roles of each account."""
        held: dict[str, list[Role]] = defaultdict(list)
        for role in self.roles.values():
            held[role.record.account].append(role)
        return held

    @cached_property
    def alike_roles(self) -> Sequence[Sequence[Role]]:
        """The roles, those together that have the same trust policy and so admit the same parties."""
        held: dict[Hashable, list[Role]] = defaultdict(list)
        for role in self.roles.values():
            held[role.target.apart].append(role)
        return list(held.values())

    @cached_property
    def changeable_roles(self) -> Mapping[str, Targets]:
        """The roles of each account whose documents can be rewritten: those that no service keeps for itself."""
        return {
            account: Targets(Target(role.arn, role.record.labels) for role in roles if not kept_by_aws(role.record))
            for account, roles in self.roles_of.items()
        }

    @cached_property
    def users_of(self) -> Mapping[str, Targets]:
        """The users of each account, told apart by whether they have a password."""
        return _users(self._records("user"))

    @cached_property
    def groups_of(self) -> Mapping[str, Sequence[Principal]]:
        """The groups of each account."""
        held: dict[str, list[Principal]] = defaultdict(list)
        for record in self._records("group"):
            held[record.account].append(record)
        return held

    def policies(self, holder: Principal) -> tuple[Policy, ...] | None:
        """Return the policies of a group; None if they were not read."""
        documents = [self.facts.estate.policies.get(name) for name in holder.policies or ()]
        if holder.policies is None or None in documents:
            return None
        return tuple(Policy.of(one.id, one.document) for one in documents if one is not None)

    def managed(self, account: str, wanted: str) -> list[Policy]:
        """Return the managed policies that were read in an account and whose ARN fits a pattern."""
        return [policy for arn, policy in self._managed.get(account, ()) if matches(glob(wanted), arn)]

    @cached_property
    def _managed(self) -> Mapping[str, Sequence[tuple[str, Policy]]]:
        held: dict[str, list[tuple[str, Policy]]] = defaultdict(list)
        for name, one in sorted(self.facts.estate.policies.items()):
            arn = name.partition("#")[0]
            if one.provider == PROVIDER and one.kind == "identity" and ":policy/" in arn:
                held[one.account].append((arn, Policy.of(name, one.document)))
        return held

    @cached_property
    def standings(self) -> Standings:
        """What the estate's documents make of who somebody is."""
        return Standings(self.facts)

    @cached_property
    def wanted(self) -> Wanted:
        """The tags of principals that the estate's documents look at."""
        return Wanted(self.facts, self.standings.heard)

    def differing(self, own: Caller, *, all_of_them: bool = False) -> Iterator[Tags]:
        """Yield tags with which documents make something else of an identity: of those that come to the same one.

        ``all_of_them`` says that those with which it stays what it is count, too.
        """
        policies = [*(own.policies or ()), *(own.boundaries or ())]
        items = [item for policy in policies for item in policy.document.statements if isinstance(item, Statement)]
        told: set[Hashable] = set() if all_of_them else {self._made_of(own, policies)}
        for tags in self.wanted.sets(items):
            made = self._made_of(replace(own, tags=with_tags(own.tags or {}, tags)), policies)
            if made not in told:
                told.add(made)
                yield tags

    def differs(self, own: Caller, tags: Tags) -> bool:
        """Say whether documents make something else of an identity that is given tags. Of tags unread they cannot."""
        policies = [*(own.policies or ()), *(own.boundaries or ())]
        other = replace(own, tags=with_tags(own.tags or {}, tags))
        return own.tags is not None and self._made_of(own, policies) != self._made_of(other, policies)

    def _made_of(self, caller: Caller, policies: Sequence[Policy]) -> Hashable:
        asker = Asker(caller.name, caller)
        return self.standings.of(asker), settled_by(asker, policies)

    @cached_property
    def workloads_of(self) -> Mapping[str, Sequence[Workload]]:
        """The compute of each account that runs with a role."""
        return _running(workload for _, workload in sorted(self.facts.estate.workloads.items()))


def _users(records: Iterable[Principal]) -> Mapping[str, Targets]:
    held: dict[str, list[Target]] = defaultdict(list)
    for record in records:
        held[record.account].append(Target(record.id, record.labels, record.password))
    return {account: Targets(users) for account, users in held.items()}


def _running(workloads: Iterable[Workload]) -> Mapping[str, Sequence[Workload]]:
    held: dict[str, list[Workload]] = defaultdict(list)
    for workload in workloads:
        if workload.provider == PROVIDER and workload.principal:
            held[workload.account].append(workload)
    return held


@lru_cache(maxsize=1 << 12)
def _about(guardrails: tuple[Levels, ...], call: str) -> Sequence[Statement]:
    documents = dict.fromkeys(policy.document for levels in guardrails for level in levels for policy in level)
    items = (item for document in documents for item in document.statements)
    return tuple(item for item in items if isinstance(item, Statement) and covers(item, call))


@lru_cache(maxsize=1 << 12)
def _patterns(item: Statement) -> Sequence[Pattern]:
    texts = (*(item.resources or ()), *(item.not_resources or ()))
    return tuple(pattern(text, wild=True, variables=item.variables) for text in texts if text != "*")
