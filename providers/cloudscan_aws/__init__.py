"""cloudscan's AWS provider. Importing it imports no SDK: the command's help and offline analysis need none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from cloudscan.access import Condition, Decision, Edge, Grant
from cloudscan.access.held_back import HeldBack
from cloudscan.access.henceforth import Henceforth
from cloudscan.estate import Estate
from cloudscan.model import Answer, MediaClass
from cloudscan.provider import Facet, Halfway, HeadWish, Plan, Scope, ScopeOption, StoppedKey, Unit
from cloudscan.providing.bases import Removal, Revising

_CLOCKS = ("aws:CurrentTime", "aws:EpochTime")
"""The keys that hold the time of a request ("AWS global condition context keys")."""


class AwsProvider(Revising):
    """Amazon Web Services."""

    name = "aws"
    options: Sequence[ScopeOption] = (
        ScopeOption("profile", "profile of the AWS configuration", "NAME"),
        ScopeOption("account", "account to look at; again for more (default: the caller's)", "ID", multiple=True),
        ScopeOption("org", "look at every active account of the organization", flag=True),
        ScopeOption("role-name", "role to take on in accounts that are not the caller's", "NAME"),
        ScopeOption("external-id", "external id that the role asks for", "ID"),
        ScopeOption(
            "region", "region to look at; again for more (default: all that are enabled)", "NAME", multiple=True
        ),
        ScopeOption(
            "inventory", "read the objects of a bucket from the S3 Inventory that it writes, if it does", flag=True
        ),
        ScopeOption("max-jobs", "Transcribe jobs of each kind in a region to look at (default: 10000)", "N"),
        ScopeOption("max-attempts", "attempts a request, when AWS throttles or fails (default: 6)", "N"),
    )

    def plan(self, scope: Scope) -> Plan:
        """Find the accounts, regions and buckets of the scope and say what will be asked of them."""
        from cloudscan_aws import planning

        return planning.plan(scope)

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        """Return a unit for each bucket that reads the heads of these objects."""
        from cloudscan_aws import heads

        return heads.units(scope, wishes)

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive who may do what to the speech of this cloud, and who may become whom."""
        from cloudscan_aws.grants import derive

        yield from Henceforth(estate, *_CLOCKS).links(derive(estate, stores))

    def removal(self) -> Removal:
        """Return what knows how to take statements out of the documents that give rights."""
        from cloudscan_aws import removal

        return removal

    def held_back(self, estate: Estate, principal: str, store: str, key: str) -> Sequence[HeldBack]:
        """Tell which steps towards an object somebody is given, and what stops each."""
        from cloudscan_aws.explain import held_back

        return held_back(estate, principal, store, key)

    def explain(self, estate: Estate, principal: str, store: str, key: str) -> Decision:
        """Say whether a principal may read an object, and why."""
        from cloudscan_aws.explain import explain

        return Henceforth(estate, *_CLOCKS).decision(explain(estate, principal, store, key))

    def halfway(self, estate: Estate, store: str, media: MediaClass | None = None) -> Sequence[Halfway]:
        """Tell who may get recordings of a bucket and may not decrypt them."""
        from cloudscan_aws.explain import halfway

        return halfway(estate, store, media)

    def stopped_keys(self, estate: Estate, store: str, media: MediaClass | None = None) -> Sequence[StoppedKey]:
        """Tell the KMS keys under which recordings of a bucket lie that serve no request."""
        from cloudscan_aws.explain import stopped_keys

        return stopped_keys(estate, store, media)

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        """Say whether somebody with nothing but the Internet and an AWS account can meet a condition."""
        from cloudscan_aws.policy import strangers

        return strangers.open_to_strangers(condition, now)

    def role(self, facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
        """Return a CloudFormation template of the least role that answers these facets."""
        from cloudscan_aws import permissions

        return permissions.template(facets, sniff=sniff, heads=heads)
