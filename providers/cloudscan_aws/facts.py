"""The collected records in the evaluator's own terms. Pure: reads only the estate.

What was not read stays not read: None here is never "nothing".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, AccessPoint, Account, AclGrant, Answer, Key, Principal, Store
from cloudscan.model import KeyGrant as Grant
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.kms import KeyFacts, KeyGrant
from cloudscan_aws.policy.organization import NO_ORGANIZATION, Guardrails, Levels, Organization
from cloudscan_aws.policy.s3_facts import (
    EVERYONE_GROUP,
    SIGNED_IN_GROUP,
    AccessPointFacts,
    AclEntry,
    BucketFacts,
    Encryption,
    Ownership,
    PublicAccessBlock,
)
from cloudscan_aws.session import PROVIDER

_KINDS = {"user": Kind.USER, "role": Kind.ROLE, "root": Kind.ROOT}
_MODES = {
    "provider": "SSE-S3",
    "provider-kms": "SSE-KMS",
    "customer": "SSE-KMS",
    "customer-supplied": "SSE-C",
    "none": "",
}
_PAIRS = msgspec.json.Decoder(list[tuple[str, str]])
_GROUPS = {ANYONE: EVERYONE_GROUP, ANYONE_SIGNED_IN: SIGNED_IN_GROUP}


def called(arn: str) -> str:
    """Return an ARN as far as the name that its owner chose: what the service puts behind it is left out."""
    return "/".join(arn.split("/", 2)[:2])


def encryption(
    mode: str | None, key: str | None, algorithm: str = "", bucket_key: Answer = Answer.UNKNOWN
) -> Encryption | None:
    """Say how something is encrypted; None when that was not read."""
    if mode is None:
        return None
    name = "DSSE-KMS" if algorithm == "aws:kms:dsse" else _MODES[mode]
    return Encryption(name, key, {Answer.YES: True, Answer.NO: False}.get(bucket_key))


class Facts:
    """The estate as the evaluator takes it; each record is turned once."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    @cached_property
    def organization(self) -> Organization | None:
        """The organization over the accounts; None when it could not be read, or where there are several."""
        accounts = [account for account in self.estate.accounts.values() if account.provider == PROVIDER]
        ids = {account.organization for account in accounts}
        if ids == {""}:
            return NO_ORGANIZATION
        within = [account for account in accounts if account.organization != ""]
        found = {account.organization for account in within}
        if len(found) != 1 or None in found:
            return None
        management = next((account.id for account in within if account.management is Answer.YES), "")
        members = {account.id: self._guardrails(account) for account in within if account.id != management}
        return Organization(next(iter(found)) or "", management, members)

    def _guardrails(self, account: Account) -> Guardrails:
        return Guardrails(
            service=self._levels(account, "service-control"), resource=self._levels(account, "resource-control")
        )

    def _levels(self, account: Account, kind: str) -> Levels | None:
        if account.parents is None or self.estate.gaps_on(account.id, "organization"):
            return None
        every = [document for document in self.estate.policies.values() if document.kind == kind]
        if not every and kind == "service-control":
            return None
        nodes = (*account.parents, account.id)
        return tuple(
            tuple(_policy(document.id, document.document) for document in self.estate.policies_on(node, kind))
            for node in nodes
        )

    @cached_property
    def buckets(self) -> Mapping[str, BucketFacts]:
        """Every bucket of the estate, by its store."""
        stores = self.estate.stores.values()
        return {one.id: self.bucket(one) for one in stores if one.provider == PROVIDER and one.kind == "bucket"}

    def bucket(self, store: Store) -> BucketFacts:
        """Return a bucket with the switches of its account over it."""
        account = self.estate.accounts.get(store.account)
        default = store.encryption
        return BucketFacts(
            name=store.name,
            account=store.account,
            region=store.region,
            policy=self._resource_policy(store.id, "resource", store.has_policy, f"bucket policy of {store.name}"),
            acl=None if store.acl is None else tuple(map(self._entry, store.acl)),
            ownership=Ownership(store.ownership) if store.ownership in list(Ownership) else None,
            blocks=(_block(store.controls), _block(account.controls if account else {})),
            encryption=encryption(default.mode, default.key, default.algorithm, default.bucket_key)
            if default
            else None,
            partition=store.id.split(":")[1],
        )

    def object_acl(self, text: str | None) -> tuple[AclEntry, ...] | None:
        """Return the list of an object as its table holds it; None where it was not read or makes no sense."""
        try:
            return None if text is None else tuple(self._entry(AclGrant(*pair)) for pair in _PAIRS.decode(text))
        except msgspec.DecodeError:
            return None

    def _entry(self, grant: AclGrant) -> AclEntry:
        known = self.owners.get(grant.grantee)
        return AclEntry(known or _GROUPS.get(grant.grantee, grant.grantee), grant.permission)

    def listed(self, store: str) -> Iterator[AclEntry]:
        """Yield the entries of the lists of a store's objects, as far as those were read; each list once."""
        sql = "SELECT DISTINCT store, acl FROM objects WHERE acl IS NOT NULL ORDER BY ALL"
        for (text,) in self.estate.objects.by_store(sql).get(store, ()):
            yield from self.object_acl(text) or ()

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The accounts of the estate by the canonical ids by which lists name them."""
        return {store.owner: store.account for store in self.estate.stores.values() if store.owner}

    @cached_property
    def compute(self) -> frozenset[str]:
        """What the compute of the estate is called, as :func:`called` tells it."""
        return frozenset(map(called, self.estate.workloads))

    def home(self, account: str) -> str:
        """Return the region in which most stores of an account lie, "" where none is known."""
        return self._homes.get(account, "")

    @cached_property
    def _homes(self) -> Mapping[str, str]:
        stores = sorted(self.estate.stores.values(), key=lambda one: one.region)
        held: dict[str, Counter[str]] = defaultdict(Counter)
        for one in stores:
            if one.provider == PROVIDER and one.region:
                held[one.account][one.region] += 1
        return {account: counts.most_common(1)[0][0] for account, counts in held.items()}

    @cached_property
    def recorded_regions(self) -> tuple[str, ...]:
        """The regions in which stores with recordings lie, () if one's region is not known."""
        held = {corpus.store for corpus in self.estate.corpora}
        regions = {store.region for store in self.estate.stores.values() if store.id in held}
        return () if "" in regions else tuple(sorted(regions))

    def access_points(self, store: Store) -> list[AccessPointFacts]:
        """Return the further doors to a bucket."""
        return [self._access_point(point) for point in self.estate.access_points.values() if point.store == store.id]

    def _access_point(self, point: AccessPoint) -> AccessPointFacts:
        return AccessPointFacts(
            arn=point.id,
            account=point.account,
            vpc=point.network if point.network.startswith("vpc-") else "",
            policy=self._resource_policy(
                point.id, "access-point", point.has_policy, f"policy of access point {point.name}"
            ),
            block=_block(point.controls),
        )

    def _resource_policy(self, target: str, kind: str, has: Answer, name: str) -> tuple[Policy, ...] | None:
        if has is Answer.UNKNOWN:
            return None
        return tuple(_policy(name, document.document) for document in self.estate.policies_on(target, kind))

    @cached_property
    def keys(self) -> Mapping[str, KeyFacts]:
        """Return every key that was read, by its ARN."""
        return {key.id: self.key(key) for key in self.estate.keys.values() if key.provider == PROVIDER}

    def key(self, key: Key) -> KeyFacts:
        """Return one key."""
        policy = self._resource_policy(key.id, "key", key.has_policy, f"key policy of {key.id}")
        return KeyFacts(
            arn=key.id,
            account=key.account,
            managed_by_aws={"provider": True, "customer": False}.get(key.manager or ""),
            state=key.state,
            policy=policy[0] if policy else None,
            grants=None if key.grants is None else _key_grants(key.grants),
            aliases=None
            if key.aliases is None
            else tuple(alias for alias in key.aliases if alias.startswith("alias/")),
        )

    def callers(self) -> list[tuple[Principal, Caller]]:
        """Return the identities of the estate's accounts that can ask by themselves."""
        return [
            (principal, self.caller(principal))
            for principal in sorted(self.estate.principals.values(), key=lambda one: one.id)
            if principal.provider == PROVIDER and principal.kind in _KINDS
        ]

    def caller(self, principal: Principal) -> Caller:
        """Return an identity of the estate as one who asks."""
        names: list[str] | None = None if principal.policies is None else list(principal.policies)
        for group in principal.groups:
            held = self.estate.principals.get(group)
            if names is None or held is None or held.policies is None:
                names = None
                break
            names += held.policies
        account = self.estate.accounts.get(principal.account)
        return Caller(
            kind=_KINDS[principal.kind],
            name=principal.id,
            account=principal.account,
            policies=self._identity_policies(names),
            boundaries=self._identity_policies(
                None if principal.boundary is None else [principal.boundary] if principal.boundary else []
            ),
            tags=principal.labels,
            unique_id=principal.unique_id,
            service_linked=principal.service_linked,
            organization="" if account is not None and account.organization == "" else None,
        )

    def _identity_policies(self, names: list[str] | None) -> tuple[Policy, ...] | None:
        if names is None or any(name not in self.estate.policies for name in names):
            return None
        return tuple(_policy(name, self.estate.policies[name].document) for name in names)


def _policy(name: str, document: str) -> Policy:
    return Policy.of(name, document)


def _block(controls: Mapping[str, Answer]) -> PublicAccessBlock:
    states = {Answer.YES: True, Answer.NO: False}
    return PublicAccessBlock(
        ignore_public_acls=states.get(controls.get("IgnorePublicAcls", Answer.UNKNOWN)),
        restrict_public_buckets=states.get(controls.get("RestrictPublicBuckets", Answer.UNKNOWN)),
    )


class _Constraints(msgspec.Struct):
    subset: dict[str, str] = msgspec.field(name="EncryptionContextSubset", default_factory=dict)
    equals: dict[str, str] | None = msgspec.field(name="EncryptionContextEquals", default=None)


_CONSTRAINTS = msgspec.json.Decoder(_Constraints)


def _key_grants(grants: Iterable[Grant]) -> tuple[KeyGrant, ...] | None:
    """Read the grants of a key; None, as if nobody had read them, where one has constraints that cannot be read."""
    try:
        return tuple(_key_grant(grant) for grant in grants)
    except msgspec.DecodeError:
        return None


def _key_grant(grant: Grant) -> KeyGrant:
    """Read a grant, its constraints from the JSON text in which the collection keeps them."""
    told = _CONSTRAINTS.decode(grant.constraints or "{}")
    return KeyGrant(grant.grantee, frozenset(grant.operations), context_subset=told.subset, context_equals=told.equals)
