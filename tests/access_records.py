"""Worlds of the worked access cases as the project's own records, as a collection would have written them.

A world states more than a collection reads in one place: the access control list of an object, which no listing tells.
What a case hangs on there is answered by :mod:`tests.access_worlds`, which the runner asks beside the graph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    AccessPoint,
    Account,
    AclGrant,
    Answer,
    Encryption,
    Federation,
    Key,
    KeyGrant,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
    Store,
    Workload,
)
from cloudscan.tables.objects import ObjectTable
from tests.access_worlds import Inexpressible, Json

AWS = "aws"
_GROUPS = {"AllUsers": ANYONE, "AuthenticatedUsers": ANYONE_SIGNED_IN}
_MODES = {"SSE-S3": "provider", "SSE-C": "customer-supplied", "SSE-KMS": "customer", "DSSE-KMS": "customer", "": "none"}
_KINDS = {
    "lambda": "function",
    "ec2": "instance",
    "ecs": "container-task",
    "codebuild": "build-project",
    "sagemaker": "notebook",
    "glue": "dev-endpoint",
    "cloudformation": "stack",
    "apprunner": "service",
}
_AWS_OWNED = {"AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "IAMFullAccess"}
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def estate_of(world: Json, bucket: str, key: str) -> Estate:
    """Turn a world into an estate in which one object is the only recording: that which the question is about."""
    records = [*_Records(world).all()]
    return Estate.of(records, objects=ObjectTable(rows=[*_objects(world, bucket, key)]))


class _Records:
    """The records of one world."""

    def __init__(self, world: Json) -> None:
        self.world = world
        self.organization: Json = world.get("org") or {}

    def all(self) -> Iterator[Record]:
        """Yield every record."""
        yield from self._accounts()
        yield from self._guardrails()
        for bucket in self._list("buckets"):
            yield from self._store(bucket)
        for point in self._list("access_points"):
            yield from self._access_point(point)
        for key in self._list("keys"):
            yield from self._key(key)
        for holder in self._list("principals"):
            yield from self._principal(holder)
        for group in self._list("groups"):
            yield from self._group(group)
        for pool in self._list("identity_pools"):
            yield self._pool(pool)
        yield from self._managed()
        yield from self._providers()
        yield from (self._workload(one) for one in self._list("compute"))

    def _list(self, name: str) -> Sequence[Json]:
        return self.world.get(name) or ()

    def _accounts(self) -> Iterator[Account]:
        named = {one["account"] for name in ("principals", "groups", "buckets", "keys") for one in self._list(name)}
        named |= {one["account"] for one in self._list("access_points")}
        named |= {*(self.organization.get("accounts") or ()), *(self.world.get("account_bpa") or ())}
        management = self.organization.get("management_account")
        members = {*(self.organization.get("accounts") or ()), *filter(None, [management])}
        for account in sorted(named | members):
            yield Account(
                id=account,
                provider=AWS,
                organization=self.organization["id"] if account in members else "",
                management=Answer.of(account == management),
                parents=self._parents(account),
                controls=_flags((self.world.get("account_bpa") or {}).get(account)),
            )

    def _levels(self, account: str) -> tuple[list[Any], list[Any]]:
        """Return an account's levels of both kinds of guardrail, as many of one as of the other."""
        over = (self.organization.get("accounts") or {}).get(account) or {}
        service, resource = [*(over.get("scp_levels") or ())], [*(over.get("rcp_levels") or ())]
        deep = max(len(service), len(resource), 1)
        return [*service, *[[_EVERYTHING]] * (deep - len(service))], [*resource, *[[]] * (deep - len(resource))]

    def _parents(self, account: str) -> tuple[str, ...]:
        return tuple(f"{account}/level-{number}" for number in range(1, len(self._levels(account)[0])))

    def _guardrails(self) -> Iterator[PolicyDocument]:
        for account in self.organization.get("accounts") or ():
            nodes = (*self._parents(account), account)
            for kind, levels in zip(("service-control", "resource-control"), self._levels(account), strict=True):
                for node, level in zip(nodes, levels, strict=True):
                    for number, document in enumerate(_several(level), start=1):
                        yield _document(f"{kind} {number} of {node}", account, kind, node, document)

    def _store(self, bucket: Json) -> Iterator[Record]:
        arn, account = f"arn:aws:s3:::{bucket['name']}", bucket["account"]
        yield Store(
            id=arn,
            provider=AWS,
            account=account,
            region="",  # in these worlds the context tells which region is called, or that none is
            name=bucket["name"],
            owner=account,
            encryption=encryption_of(bucket.get("encryption") or {"mode": "SSE-S3"}),
            controls=_flags(bucket.get("bpa")),
            has_policy=Answer.of(bool(bucket.get("policy"))),
            acl=tuple(AclGrant(grantee_of(one), one["permission"]) for one in bucket.get("acl") or ()),
            ownership=bucket.get("ownership") or "BucketOwnerEnforced",
            versioning="enabled" if bucket.get("versioning") in (True, "Enabled") else "disabled",
        )
        if bucket.get("policy"):
            yield _document(f"bucket policy of {bucket['name']}", account, "resource", arn, bucket["policy"])

    def _access_point(self, point: Json) -> Iterator[Record]:
        yield AccessPoint(
            id=point["arn"],
            provider=AWS,
            account=point["account"],
            region=point["arn"].split(":")[3],
            name=point["name"],
            store=f"arn:aws:s3:::{point['bucket']}",
            network=point["vpc"] if point.get("network_origin") == "VPC" else "internet",
            controls=_flags(point.get("bpa")),
            has_policy=Answer.of(bool(point.get("policy"))),
        )
        if point.get("policy"):
            name = f"access point policy of {point['name']}"
            yield _document(name, point["account"], "access-point", point["arn"], point["policy"])

    def _key(self, key: Json) -> Iterator[Record]:
        yield Key(
            id=key["arn"],
            provider=AWS,
            account=key["account"],
            region=key["arn"].split(":")[3],
            manager="provider" if key.get("manager") == "AWS" else "customer",
            state=key.get("state") or "Enabled",
            has_policy=Answer.of(key.get("policy") is not None),
            grants=tuple(
                KeyGrant(one["grantee"], tuple(one["operations"]), json.dumps(one.get("constraints") or {}))
                for one in key.get("grants") or ()
            ),
            aliases=tuple(key.get("aliases") or ()),
        )
        if key.get("policy") is not None:
            yield _document(f"key policy of {key['arn']}", key["account"], "key", key["arn"], key["policy"])

    def _principal(self, holder: Json) -> Iterator[Record]:
        arn, account = holder["arn"], holder["account"]
        boundary, boundary_id = holder.get("boundary"), ""
        if isinstance(boundary, str):
            boundary_id = f"{self._managed_id(boundary, account)}#boundary"
            yield _document(boundary_id, account, "boundary", arn, self._managed_document(boundary))
        elif boundary:
            boundary_id = f"permissions boundary of {arn}"
            yield _document(boundary_id, account, "boundary", arn, boundary)
        is_role = holder.get("type") == "role"
        yield Principal(
            id=arn,
            provider=AWS,
            account=account,
            kind=holder["type"],
            name=arn.rpartition("/")[2],
            policies=self._policies(holder),
            groups=tuple(self._group_id(name, account) for name in holder.get("groups") or ()),
            boundary=boundary_id,
            trust=f"trust policy of {arn}" if is_role else None,
            labels=holder.get("tags") or {},
            service_linked=bool(holder.get("service_linked")),
            instance_profiles=_profiles(holder),
            unique_id=holder.get("unique_id"),
            password=Answer.of(bool(holder.get("login_profile"))),
        )
        if is_role:
            trust = holder.get("trust_policy") or {"Statement": []}
            yield _document(f"trust policy of {arn}", account, "trust", arn, trust)
        yield from self._inline(holder, arn)

    def _policies(self, holder: Json) -> tuple[str, ...]:
        arn = holder.get("arn") or self._group_id(holder["name"], holder["account"])
        own = [_inline_name(arn, number) for number, _ in enumerate(_several(holder.get("identity_policies")), 1)]
        return (*own, *(self._managed_id(name, holder["account"]) for name in holder.get("attached") or ()))

    def _inline(self, holder: Json, arn: str) -> Iterator[PolicyDocument]:
        for number, document in enumerate(_several(holder.get("identity_policies")), start=1):
            yield _document(_inline_name(arn, number), holder["account"], "identity", arn, document)

    def _group(self, group: Json) -> Iterator[Record]:
        account = group.get("account") or next(one["account"] for one in self._list("principals"))
        group = {**group, "account": account}
        arn = self._group_id(group["name"], account)
        yield Principal(
            id=arn, provider=AWS, account=account, kind="group", name=group["name"], policies=self._policies(group)
        )
        yield from self._inline(group, arn)

    def _group_id(self, name: str, account: str) -> str:
        return name if name.startswith("arn:") else f"arn:aws:iam::{account}:group/{name}"

    def _managed(self) -> Iterator[PolicyDocument]:
        """Yield every managed policy in every account that attaches it, and the others in the first account."""
        holders = [*self._list("principals"), *self._list("groups")]
        home = next((one["account"] for one in holders), "")
        for name, document in (self.world.get("managed_policies") or {}).items():
            users = {one.get("account") or home for one in holders if name in (one.get("attached") or ())} or {home}
            for account in sorted(users):
                held = [one for one in holders if name in (one.get("attached") or ())]
                arns = [one.get("arn") or self._group_id(one["name"], account) for one in held]
                yield PolicyDocument(
                    self._managed_id(name, account), AWS, account, "identity", tuple(arns), json.dumps(document)
                )

    def _managed_id(self, name: str, account: str) -> str:
        self._managed_document(name)
        if name.startswith("arn:aws:iam::aws:"):
            return f"{name}#{account}"
        if name.startswith("arn:"):
            return name
        if name in _AWS_OWNED or name.startswith(("Amazon", "AWS")):
            return f"arn:aws:iam::aws:policy/{name}#{account}"
        return f"arn:aws:iam::{account}:policy/{name}"

    def _managed_document(self, name: str) -> Any:
        managed = self.world.get("managed_policies") or {}
        if name not in managed:
            raise Inexpressible(f"no managed policy {name}")
        return managed[name]

    def _pool(self, pool: Json) -> Federation:
        region, role = pool["id"].split(":")[0], pool.get("unauthenticated_role")
        account = role.split(":")[4] if role else self._list("buckets")[0]["account"]
        signed_in = pool.get("authenticated_role")
        roles = [*([("guest", role)] if role else []), *([("signed-in", signed_in)] if signed_in else [])]
        return Federation(
            id=f"arn:aws:cognito-identity:{region}:{account}:identitypool/{pool['id']}",
            provider=AWS,
            account=account,
            region=region,
            kind="cognito",
            name=pool["id"],
            guests=Answer.of(bool(pool.get("allow_unauthenticated"))),
            classic_flow=Answer.of(bool(pool.get("allow_classic_flow"))),
            roles=tuple(roles),
        )

    def _providers(self) -> Iterator[Federation]:
        """Yield the providers that trust policies name: in these worlds whatever is named is there."""
        trusts = json.dumps([one.get("trust_policy") for one in self._list("principals")])
        for arn in sorted(set(re.findall(r"arn:aws:iam::\d{12}:(?:oidc|saml)-provider/[^\"]+", trusts))):
            kind = "saml" if ":saml-provider/" in arn else "oidc"
            yield Federation(arn, AWS, arn.split(":")[4], "", kind, arn.partition("/")[2], guests=Answer.NO)

    def _workload(self, one: Json) -> Workload:
        arn = one["arn"]
        service, account = arn.split(":")[2], arn.split(":")[4]
        kind = _KINDS.get(service) or _KINDS.get(one.get("kind") or "")
        if kind is None:
            raise Inexpressible(f"no such kind of compute: {one.get('kind')}")
        return Workload(
            id=arn,
            provider=AWS,
            account=account,
            region=arn.split(":")[3],
            kind=kind,
            name=arn.rpartition("/")[2],
            principal=one.get("role") or "",
            managed=Answer.of(bool(one.get("ssm_managed"))),
            labels=one.get("tags") or {},
        )


def _objects(world: Json, bucket: str, key: str) -> Iterator[MediaObject]:
    """Yield the rows of all buckets' objects, of which one is a recording."""
    for held in world.get("buckets") or ():
        named: dict[str, Json] = {one["key"]: one for one in held.get("objects") or ()}
        if held["name"] == bucket:
            named.setdefault(key, {})
        for name, one in sorted(named.items()):
            is_meant = (held["name"], name) == (bucket, key)
            how = encryption_of(one.get("encryption") or held.get("encryption") or {"mode": "SSE-S3"})
            yield MediaObject(
                f"arn:aws:s3:::{held['name']}",
                name,
                size=1,
                owner=one.get("owner") or held["account"],
                media=MediaClass.SPEECH if is_meant else MediaClass.OTHER,
                seconds=1.0,
                encryption_mode=how.mode,
                key_id=how.key,
                acl=json.dumps([[grantee_of(line), line["permission"]] for line in one.get("acl") or ()]),
            )


def grantee_of(line: Json) -> str:
    """Read whom a line of an access control list means."""
    name = str(line.get("grantee_account") or line.get("grantee"))
    return _GROUPS.get(name, name)


def encryption_of(encryption: Json) -> Encryption:
    """Read an encryption; KMS without a key is the key that AWS manages for S3 in the account."""
    mode = _MODES[encryption["mode"]]
    if mode == "customer" and not encryption.get("key"):
        mode = "provider-kms"
    algorithm = "aws:kms:dsse" if encryption["mode"] == "DSSE-KMS" else ""
    return Encryption(mode, encryption.get("key"), algorithm, Answer.of(bool(encryption.get("bucket_key"))))


def _profiles(holder: Json) -> tuple[str, ...]:
    profile = holder.get("instance_profile")
    if not profile:
        return ()
    if isinstance(profile, str) and profile.startswith("arn:"):
        return (profile,)
    name = profile if isinstance(profile, str) else holder["arn"].rpartition("/")[2]
    return (f"arn:aws:iam::{holder['account']}:instance-profile/{name}",)


def _flags(flags: Json | None) -> Mapping[str, Answer]:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return {name: Answer.of(bool((flags or {}).get(name))) for name in names}


def _several(documents: Any) -> Sequence[Any]:
    return documents if isinstance(documents, list) else [documents] if documents else []


def _inline_name(holder: str, number: int) -> str:
    """Name an inline policy as a collection does."""
    return f"{holder}#inline/policy-{number}"


def _document(name: str, account: str, kind: str, target: str, document: Any) -> PolicyDocument:
    text = document if isinstance(document, str) else json.dumps(document)
    return PolicyDocument(name, AWS, account, kind, (target,), text)
