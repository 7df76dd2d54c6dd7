"""cloudscan's Azure provider. Importing it imports no SDK: the command's help and offline analysis need none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from cloudscan.access import Condition, Decision, Edge, Grant
from cloudscan.access.held_back import HeldBack
from cloudscan.access.henceforth import Henceforth
from cloudscan.errors import MissingExtra
from cloudscan.estate import Estate
from cloudscan.model import Answer, MediaClass
from cloudscan.provider import Bearer, Facet, HeadWish, Plan, Scope, ScopeOption, StoppedKey, Unit
from cloudscan.providing.bases import Decrypting, Removal, Revising


class AzureProvider(Revising, Decrypting):
    """Microsoft Azure."""

    name = "azure"
    options: Sequence[ScopeOption] = (
        ScopeOption(
            "subscription",
            "subscription to look at; again for more (default: every one of the tenant that the caller may see)",
            "ID",
            multiple=True,
        ),
        ScopeOption(
            "management-group",
            "look at every subscription below a management group, at any depth; again for more",
            "ID",
            multiple=True,
        ),
        ScopeOption("tenant", "tenant to sign in to (default: that of the credentials)", "ID"),
        ScopeOption(
            "credential",
            "where credentials are looked for: default, cli, environment, managed-identity, workload-identity, "
            "powershell or developer-cli (default: all of them, as DefaultAzureCredential does)",
            "SOURCE",
        ),
        ScopeOption("cloud", "public, us-government or china (default: public)", "CLOUD"),
        ScopeOption(
            "inventory",
            "read the blobs of containers from the blob inventory of their account, if it has one",
            flag=True,
        ),
        ScopeOption("deadline", "seconds for which a throttled or failed request is tried again (default: 120)", "N"),
    )

    def plan(self, scope: Scope) -> Plan:
        """Find the subscriptions and containers of the scope, and what lies above them, and say what will be asked."""
        _need_libraries()
        from cloudscan_azure import planning

        return planning.plan(scope)

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        """Return a unit for each container that reads first bytes of these blobs: all else their list told."""
        from cloudscan_azure import heads

        return heads.units(scope, wishes)

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive who may do what to the speech of this cloud, and who may become whom."""
        from cloudscan_azure.grants import derive

        yield from _henceforth(estate).links(derive(estate, stores))

    def removal(self) -> Removal:
        """Return what knows how to take statements out of its role assignments."""
        from cloudscan_azure import removal

        return removal

    def held_back(self, estate: Estate, principal: str, store: str, key: str) -> Sequence[HeldBack]:
        """Tell which steps towards an object somebody is given, and what stops each."""
        from cloudscan_azure.explain import held_back

        return held_back(estate, principal, store, key)

    def explain(self, estate: Estate, principal: str, store: str, key: str) -> Decision:
        """Say whether a principal may read an object, and why."""
        from cloudscan_azure.explain import explain

        return _henceforth(estate).decision(explain(estate, principal, store, key))

    def named(self, estate: Estate) -> Collection[str]:
        """Return everybody in particular whom a policy or a list names, by id."""
        from cloudscan_azure.facts import Facts

        return [caller.name for caller in Facts(estate).people.known]

    def bearers(self, estate: Estate) -> Sequence[Bearer]:
        """Return whoever has a key of a storage or Speech account, or a signature by a stored access policy."""
        from cloudscan_azure import bearers
        from cloudscan_azure.facts import Facts

        return bearers.bearers(Facts(estate))

    def shown(self, estate: Estate, bearer: str, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive what one of these may read, supposing that somebody has the secret."""
        from cloudscan_azure import bearers
        from cloudscan_azure.facts import Facts

        yield from _henceforth(estate).links(bearers.shown(Facts(estate), bearer, stores))

    def stopped_keys(self, estate: Estate, store: str, media: MediaClass | None = None) -> Sequence[StoppedKey]:
        """Tell the keys under which recordings of a container lie that serve no request."""
        from cloudscan_azure.explain import stopped_keys

        return stopped_keys(estate, store, media)

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        """Say whether somebody with nothing but the Internet and an account of their own can meet a condition."""
        from cloudscan_azure.policy import strangers

        return strangers.open_to_strangers(condition, now)

    def role(self, facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
        """Return the definition of the least custom role that answers these facets."""
        from cloudscan_azure import permissions

        return permissions.definition(facets, sniff=sniff)


def _henceforth(estate: Estate) -> Henceforth:
    from cloudscan_azure.policy.abac import TIME

    return Henceforth(estate, TIME)


def _need_libraries() -> None:
    """Raise :class:`MissingExtra` where Azure's libraries are not installed."""
    try:
        import azure.identity  # noqa: F401
    except ImportError as error:
        raise MissingExtra("azure", "azure-identity") from error
