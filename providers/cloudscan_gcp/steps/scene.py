"""The estate as steps see it: the service accounts and the compute of each project, and who may take a step to them.

The service accounts of a project that no policy of their own tells apart are asked about once. Who is named by an
account's own policy is asked about that account. So no two principals are ever compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cloudscan.access import Condition, Context, parts
from cloudscan.access.parts import Part
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, AclGrant, Answer, Workload
from cloudscan_gcp.crowds import UNNAMED, Crowd, crowds
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.homes import Homes
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.lists import as_member
from cloudscan_gcp.policy.members import PUBLIC, Caller, normal
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.resources import project_of
from cloudscan_gcp.session import PROVIDER

AS_DELEGATE = " as a delegate"
"""How the guise of who makes a service account pass its request on is named, after that account."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked about some service accounts, those together that nothing tells apart, and the place to ask about."""

    callers: Sequence[Caller]
    accounts: Sequence[str]
    place: Place


class Scene:
    """Who may take steps, and what they end in."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.homes = facts, Homes(facts)
        self._steering: dict[Hashable, Sequence[Crowd]] = {}

    def caller(self, name: str) -> Caller:
        """Return who takes a step, by the name that edges have for it."""
        if name == UNNAMED.name:
            return UNNAMED
        return self.facts.caller(name.removesuffix(AS_DELEGATE))

    def ask(
        self,
        caller: Caller,
        permission: str,
        place: Place,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
    ) -> Part:
        """Ask whether somebody may use a permission on a resource."""
        return Part(permission, place.name, self.facts.decide(caller, permission, place, context, supposed))

    def on_project(self, project: str) -> Place:
        """Return a project as what is used to make something new in it."""
        return self.facts.place(f"projects/{project}")

    @cached_property
    def accounts(self) -> Mapping[str, Sequence[str]]:
        """The service accounts of each project that can be used at all: those of record, and those that policies name.

        From "Disable and enable service accounts" (IAM documentation): nobody acts as one that is disabled. From
        "Service agents": these are Google's own, and lie in none of the estate's projects.
        """
        held: dict[str, dict[str, None]] = defaultdict(dict)
        for caller in self.facts.people.known:
            kind, _, address = normal(caller.name).partition(":")
            own = caller.name in self.facts.estate.principals or project_of(address) in self.facts.resources.projects
            project = self.homes.account(caller) if kind == "serviceAccount" and own else ""
            if project in self.facts.resources.projects and not caller.stopped:
                held[project][caller.name] = None
        return {project: tuple(sorted(names)) for project, names in sorted(held.items())}

    @cached_property
    def all_accounts(self) -> frozenset[str]:
        """The service accounts of all projects."""
        return frozenset(name for names in self.accounts.values() for name in names)

    @cached_property
    def workloads(self) -> Mapping[str, Sequence[Workload]]:
        """The compute of each project that is known to run as a service account which can be used."""
        held: dict[str, list[Workload]] = defaultdict(list)
        for _, one in sorted(self.facts.estate.workloads.items()):
            if one.provider == PROVIDER and one.principal and not self.facts.caller(one.principal).stopped:
                held[one.account].append(one)
        return held

    def control(self, project: str, name: str) -> Answer:
        """Return whether an organization policy is in force for a project."""
        account = self.facts.resources.project(project)
        return account.controls.get(name, Answer.UNKNOWN) if account else Answer.UNKNOWN

    def crowds(
        self,
        matters: Sequence[Matter],
        taking: Sequence[Matter] | None = None,
        entries: Sequence[AclGrant] = (),
        marks: Sequence[tuple[Hashable, str]] = (),
    ) -> Iterator[Crowd]:
        """Yield those who may be given something by one of some matters or by a list, told apart by all of them.

        ``taking`` are those matters of which at least one must give something: all, unless told otherwise. ``marks``
        are what else tells them apart, each with the member whom it means.
        """
        for name in (ANYONE, ANYONE_SIGNED_IN):
            yield Crowd((self.facts.caller(name),), ())
        yield Crowd((UNNAMED,), ())
        wanted = {id(offer) for matter in (matters if taking is None else taking) for offer in matter.offers}
        owners = [as_member(entry.grantee) for entry in entries if entry.permission.upper() == "OWNER"]
        listed = {caller for member in dict.fromkeys(owners) for caller, _ in self.facts.people.meant(member)}
        for crowd in crowds(self.facts, matters, entries, marks):
            if crowd.one in listed or any(id(offer) in wanted for offer in crowd.offers):
                yield crowd

    def asked(self, project: str, on_account: Iterable[str], besides: Iterable[str] = ()) -> Iterator[Asked]:
        """Yield who is to be asked about the service accounts of a project, and about what else a step takes.

        First those whom policies of the project and above it name, about all accounts together; then, account by
        account, those whom its own policy names. ``besides`` are permissions on the project itself.
        """
        accounts = self.accounts.get(project, ())
        if not accounts:
            return
        permissions = tuple(on_account)
        one = self.facts.place(accounts[0])
        shared = replace(one, name=f"the service accounts of {project}", nodes=one.nodes[:-1])
        matters = [self.facts.matter(each, shared.nodes) for each in dict.fromkeys((*permissions, *besides))]
        for crowd in self.crowds(matters):
            yield Asked(crowd.callers, accounts, shared)
        for account in accounts:
            place = self.facts.place(account)
            for caller in self._named(account, permissions):
                yield Asked((caller,), (account,), place)

    def _named(self, account: str, permissions: Sequence[str]) -> Iterator[Caller]:
        """Yield whom the own policy of a service account may give a permission."""
        matters = [self.facts.matter(each, (account,)) for each in permissions]
        members = dict.fromkeys(offer.member for matter in matters for offer in matter.offers)
        if any(matter.unread for matter in matters):
            yield UNNAMED
        if not PUBLIC.isdisjoint(members):
            yield from map(self.facts.caller, (ANYONE, ANYONE_SIGNED_IN))
        yield from self.facts.meant_by(members)

    def steering(self, one: Workload, on_account: Sequence[str], on_machine: Sequence[str]) -> Sequence[Crowd]:
        """Return who may be given one of some permissions on the account of some compute, or on the compute itself.

        Policies of compute itself are not read, so that this is the same for all that runs as one account.
        """
        account, project = self.facts.place(one.principal or ""), self.on_project(one.account)
        asked = (account.nodes, project.nodes, tuple(on_account), tuple(on_machine))
        if asked not in self._steering:
            matters = [self.facts.matter(each, account.nodes) for each in on_account]
            matters += [self.facts.matter(each, project.nodes) for each in on_machine]
            self._steering[asked] = list(self.crowds(matters))
        return self._steering[asked]

    def alike(self, held: Iterable[Workload], calls: Sequence[str]) -> list[Workload]:
        """Return one of each sort of compute that nothing tells apart for some calls on it.

        A condition of a binding can name compute; then each is asked about.
        """
        sorts: dict[Hashable, Workload] = {}
        for one in held:
            nodes = self.on_project(one.account).nodes
            offers = (offer for call in calls for offer in self.facts.matter(call, nodes).offers)
            named = one.id if any(offer.binding.expression for offer in offers) else ""
            told = (one.keys_in_settings, one.scopes, one.addressed, one.reachable)
            sorts.setdefault((one.account, one.principal, one.kind, named, told), one)
        return list(sorts.values())

    def on_machine(self, one: Workload) -> Place:
        """Return compute as conditions on names and types see it."""
        place = self.facts.place(one.id)
        if one.kind != "instance":
            return place
        service = "compute.googleapis.com"
        account = self.facts.resources.project(one.account)
        subject = replace(place.subject, name=one.id, kind=f"{service}/Instance", service=service)
        return replace(place, subject=replace(subject, tags=account.tags if account else None))


def worth_telling(caller: Caller, condition: Condition) -> bool:
    """Say whether an answer about somebody is to be told."""
    return parts.worth_telling(condition, named=caller is not UNNAMED)
