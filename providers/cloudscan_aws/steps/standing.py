"""How the documents of an estate tell an identity from others with the same rights: by who it is.

To be somebody else is worth something for its rights, and for what documents make of its name, its path and its tags:
those of buckets, their doors and keys, the trust policies of roles, and the organization's policies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

from cloudscan.model import PolicyDocument
from cloudscan_aws.alike import deciding, settled_for
from cloudscan_aws.askers import Asker, names_of
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.session import PROVIDER

_ON_RESOURCES = ("resource", "access-point", "key")
_GUARDRAILS = ("service-control", "resource-control")


class Standings:
    """What an estate's documents make of who somebody is. Two with the same standing differ by their rights alone.

    ``heard`` are the statements of those documents.
    """

    def __init__(self, facts: Facts) -> None:
        self._naming: dict[str, set[int]] = defaultdict(set)
        heard: dict[Statement, None] = {}
        place = 0
        for one in facts.estate.policies.values():
            if one.provider == PROVIDER and one.kind in (*_ON_RESOURCES, *_GUARDRAILS, "trust"):
                for item in _statements(one):
                    heard[item] = None
                    place += 1
                    self._add(place, _names(item, one))
        for key in facts.keys.values():
            for grant in key.grants or ():
                place += 1
                self._add(place, [grant.grantee])
        self.heard = tuple(heard)
        self._decided_by = deciding(heard)

    def _add(self, place: int, names: Iterable[str]) -> None:
        for name in names:
            self._naming[name].add(place)
            if ":assumed-role/" in name:
                self._naming[f"{name.rpartition('/')[0]}/"].add(place)

    def of(self, asker: Asker) -> Hashable:
        """Return what tells somebody apart from others who hold the same rights."""
        named = frozenset[int]().union(*(self._naming.get(name, ()) for name in names_of(asker)))
        return asker.caller.account, named, settled_for(asker, self._decided_by)


def _statements(one: PolicyDocument) -> Iterator[Statement]:
    items = Policy.of(one.id, one.document).document.statements
    return (item for item in items if isinstance(item, Statement))


def _names(item: Statement, one: PolicyDocument) -> Iterator[str]:
    """Yield whom a statement names. A role that trusts somebody of its own account by name asks for no right of it.

    So that to be it with more rights adds nothing ("IAM User Guide": policy evaluation within one account).
    """
    for principals in (item.principals, item.not_principals):
        for _, name in principals.names if principals is not None else ():
            if one.kind != "trust" or f"::{one.account}:" not in name:
                yield name


def settled_by(asker: Asker, policies: Iterable[Policy]) -> Hashable:
    """Return what somebody makes of the conditions and variables of its own policies."""
    items = (item for policy in policies for item in policy.document.statements if isinstance(item, Statement))
    return settled_for(asker, deciding(items))
