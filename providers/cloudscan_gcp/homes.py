"""Who belongs to the estate and who is a party outside of it. Pure: reads only the estate.

A service account belongs to the project that its address names ("Types of service accounts": agents and default
accounts are named by the project's number). A person or a group belongs to the organization whose domain its address
has; where no organization was read, to the domain of those who own the projects, where that is not everybody's mail.
Who comes through an identity pool is of the estate where the pool lets in none but accounts and clusters of the estate.
"""

from __future__ import annotations

import re
from functools import cached_property

from cloudscan.access.alike import Party
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.policy.members import PUBLIC, Caller, normal, pool_of
from cloudscan_gcp.pools import SET, providers_of

_OWNING = ("roles/owner", "roles/resourcemanager.organizationAdmin")
_MAIL = frozenset({"gmail.com", "googlemail.com"})
_WORKFORCE = re.compile(r"principal(?:Set)?://iam\.googleapis\.com/locations/[^/]+/workforcePools/.+")
_CLUSTERS = re.compile(r"projects/[^/]+/locations/global/workloadIdentityPools/(?P<project>[^/]+)\.svc\.id\.goog")
_ACCOUNTS_OF = re.compile(
    r"principalSet://cloudresourcemanager\.googleapis\.com/(?P<node>[a-z]+/(?P<id>[^/]+))(?:/type/ServiceAccount)?"
)
_OF_AWS = re.compile(r"arn:aws:iam::(?P<account>\d{12}):root")
_SERVING = re.compile(r"serviceAccount:service-\d+@gs-project-accounts\.iam\.gserviceaccount\.com")


def serves(caller: Caller) -> bool:
    """Whether somebody is Cloud Storage itself: it decrypts for whoever may read, and for nobody else."""
    return _SERVING.fullmatch(normal(caller.name)) is not None


class Homes:
    """Whose the callers of an estate are."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def account(self, caller: Caller) -> str:
        """Return the project of a service account, or of a set of these, and the account that comes from AWS.

        "" for everybody else, and where it is not known.
        """
        if project := self.facts.sets.project_of(caller):
            return project
        if found := _OF_AWS.fullmatch(caller.name):
            return found["account"]
        return self._of_node(caller.name)

    def _of_node(self, name: str) -> str:
        """Return the project whose service accounts a set holds ("Principal identifiers"), "" for other names."""
        found = _ACCOUNTS_OF.fullmatch(name)
        if found is None or not found["node"].startswith("projects/"):
            return ""
        held = self.facts.resources.project(found["id"])
        return held.id if held else found["id"]

    def party(self, caller: Caller) -> Party:
        """Return whose grants somebody's are: those of anyone belong to nobody."""
        if caller.name in (ANYONE, ANYONE_SIGNED_IN):
            return Party(caller.name, "", outside=False)
        return Party(caller.name, self.account(caller), self.is_outside(caller))

    def is_outside(self, caller: Caller) -> bool:
        """Whether somebody is known to be none of the estate's."""
        kind, _, address = normal(caller.name).partition(":")
        if kind == "serviceAccount":
            return self.account(caller) not in self.facts.resources.projects
        if kind in ("user", "group", "domain"):
            own = {address, address.rpartition("@")[2]} & self.own
            return bool(self.own) and not own
        if found := _ACCOUNTS_OF.fullmatch(caller.name):
            return not (
                self.account(caller) in self.facts.resources.projects or found["node"] in self.facts.resources.folders
            )
        if caller.name in self.facts.people.customers.values():
            return False
        if caller.name in PUBLIC or _WORKFORCE.fullmatch(caller.name):
            return False
        return not self._lets_in_own(pool_of(caller.name).removeprefix(SET).removesuffix("/*"))

    def _lets_in_own(self, pool: str) -> bool:
        """Say whether a pool is known to let in nobody from outside.

        One of a project's clusters lets in their pods ("About Workload Identity Federation for GKE"), a provider of
        kind aws the identities of one account. A provider that is off counts, too: it can be turned on again.
        """
        if cluster := _CLUSTERS.fullmatch(pool):
            return cluster["project"] in self.facts.resources.projects
        estate = self.facts.estate
        providers = providers_of(estate, f"{SET}{pool}/*")
        accounts = {one.id for one in estate.accounts.values() if one.provider == "aws"}
        return bool(providers) and all(one.kind == "aws" and one.trusted_account in accounts for one in providers)

    @cached_property
    def own(self) -> frozenset[str]:
        """The domains whose people are the estate's own, and single addresses of everybody's mail."""
        principals = self.facts.estate.principals.values()
        told = {one.id.partition(":")[2].casefold() for one in principals if one.account.startswith("organizations/")}
        if told:
            return frozenset(told)
        nodes = {node for project in self.facts.resources.projects for node in self.facts.resources.down_to(project)}
        held = (binding for node in nodes for binding in self.facts.bindings(node))
        bound = (binding for binding in held if binding.role in _OWNING and not binding.eligible)
        owners = (normal(binding.member).partition(":") for binding in bound)
        people = [address for kind, _, address in owners if kind in ("user", "group", "domain")]
        domains = {address.rpartition("@")[2] for address in people}
        return frozenset(people) | (domains - _MAIL)
