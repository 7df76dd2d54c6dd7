"""Worlds of the worked access cases, turned into the evaluator's inputs and asked their question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudscan.access import Context, Decision
from cloudscan_aws.policy.callers import ANYONE, Caller, Kind, service
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.identity import evaluate_identity_request
from cloudscan_aws.policy.kms import KeyFacts, KeyGrant, evaluate_key_use
from cloudscan_aws.policy.organization import NO_ORGANIZATION, Guardrails, Levels, Organization
from cloudscan_aws.policy.s3 import evaluate_bucket_request, evaluate_object_request
from cloudscan_aws.policy.s3_facts import (
    AccessPointFacts,
    AclEntry,
    BucketFacts,
    Encryption,
    ObjectFacts,
    Ownership,
    PublicAccessBlock,
)
from cloudscan_aws.policy.trust import RoleFacts, evaluate_assume_role

Json = Mapping[str, Any]


class Inexpressible(Exception):
    """A world or a question that the evaluator has no words for."""


@dataclass(frozen=True)
class AwsWorld:
    """One AWS world."""

    account: Json

    def answer(self, request: Json) -> Decision:
        """Answer a direct question."""
        caller = self.caller(request)
        resource, action = request["resource"], request["action"]
        context = Context.of(context_of(request["context"]), closed=request["context_mode"] == "exact")
        if resource.startswith("arn:aws:s3:"):
            return self._s3(caller, action, resource, context)
        if action.lower().startswith("sts:assumerole"):
            role = self._role(resource)
            return evaluate_assume_role(caller, action, role, organization=self.organization, context=context)
        if action.lower().startswith("kms:") and ":key/" in resource:
            operation = action.partition(":")[2]
            key = self.keys.get(resource) or KeyFacts(resource, resource.split(":")[4], state=None, grants=None)
            return evaluate_key_use(caller, operation, key, organization=self.organization, context=context)
        return evaluate_identity_request(caller, action, resource, organization=self.organization, context=context)

    def _s3(self, caller: Caller, action: str, resource: str, context: Context) -> Decision:
        point = None
        if ":accesspoint/" in resource:
            arn, _, key = resource.partition("/object/")
            point = next((item for item in self.account["access_points"] if item["arn"] == arn), None)
            if point is None:
                raise Inexpressible(f"no access point {arn}")
            name = point["bucket"]
        else:
            name, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
        found = next((item for item in self.account["buckets"] if item["name"] == name), None)
        if found is None:
            return evaluate_identity_request(caller, action, resource, organization=self.organization, context=context)
        bucket = self._bucket(found)
        door = None if point is None else self._access_point(point)
        if not key:
            return evaluate_bucket_request(
                caller, action, bucket, access_point=door, organization=self.organization, context=context
            )
        return evaluate_object_request(
            caller,
            action,
            bucket,
            key,
            self._object(found, key),
            keys=self.keys,
            access_point=door,
            organization=self.organization,
            context=context,
        )

    def caller(self, request: Json) -> Caller:
        """Return who asks."""
        principal = request["principal"]
        session = request.get("session") or {}
        if isinstance(principal, str):
            return self._identity(principal, session)
        if principal.get("anonymous"):
            return ANYONE
        if "service" in principal:
            return service(principal["service"])
        if "federated" in principal:
            provider = principal["federated"]
            return Caller(Kind.FEDERATED, provider, claims=dict(claims_of(provider, principal.get("claims") or {})))
        raise Inexpressible(f"no such kind of principal: {principal}")

    def _identity(self, arn: str, session: Json) -> Caller:
        if ":assumed-role/" in arn:
            account, (_, role, name) = arn.split(":")[4], arn.split("/", 2)
            ends = f"/{role}"
            arn = next((p["arn"] for p in self._principals(account) if p["arn"].endswith(ends)), arn)
            session = {"name": name, **session}
        account = arn.split(":")[4]
        found: Json = next((item for item in self._principals(account) if item["arn"] == arn), {})
        kind = {"user": Kind.USER, "role": Kind.ROLE, "root": Kind.ROOT}[found.get("type") or _type_of(arn)]
        boundary = found.get("boundary")
        return Caller(
            kind,
            arn,
            account,
            policies=tuple(self._identity_policies(found)),
            boundaries=(self._policy(f"permissions boundary of {arn}", boundary),) if boundary else (),
            session=session.get("name") if kind is Kind.ROLE else None,
            session_policies=tuple(documents("session policy", session.get("policy"))),
            tags={**(found.get("tags") or {}), **(session.get("tags") or {})},
            unique_id=found.get("unique_id"),
            service_linked=bool(found.get("service_linked")),
            organization=None if self.organization.has(account) else "",
        )

    def _principals(self, account: str) -> Iterator[Json]:
        return (item for item in self.account["principals"] if item["arn"].split(":")[4] == account)

    def _identity_policies(self, holder: Json) -> Iterator[Policy]:
        arn = holder.get("arn") or holder.get("name")
        yield from documents(f"policy of {arn}", holder.get("identity_policies"))
        for name in holder.get("attached") or ():
            yield self._policy(str(name), name)
        for name in holder.get("groups") or ():
            for group in self.account.get("groups") or ():
                if group["name"] == name and group.get("account", holder.get("account")) == holder.get("account"):
                    yield from self._identity_policies({**group, "groups": ()})

    def _policy(self, name: str, document: str | Json) -> Policy:
        if isinstance(document, str):
            managed = self.account.get("managed_policies") or {}
            if document not in managed:
                raise Inexpressible(f"no managed policy {document}")
            document = managed[document]
        return Policy.of(name, document)

    def _role(self, arn: str) -> RoleFacts:
        found = next((item for item in self.account["principals"] if item["arn"] == arn), None)
        if found is None:
            raise Inexpressible(f"no role {arn}")
        trust = Policy.of(f"trust policy of {arn}", found.get("trust_policy") or {"Statement": []})
        return RoleFacts(arn, found["account"], trust, found.get("tags") or {})

    @property
    def organization(self) -> Organization:
        """The organization of the world."""
        org = self.account.get("org")
        if not org:
            return NO_ORGANIZATION
        members = {
            account: Guardrails(
                _levels("SCP", over.get("scp_levels") or ()), _levels("RCP", over.get("rcp_levels") or ())
            )
            for account, over in org["accounts"].items()
        }
        return Organization(org["id"], org.get("management_account") or "", members)

    @property
    def keys(self) -> dict[str, KeyFacts]:
        """The KMS keys of the world, by ARN."""
        return {key["arn"]: _key(key) for key in self.account.get("keys") or ()}

    def _bucket(self, bucket: Json) -> BucketFacts:
        policy = bucket.get("policy")
        whole = (self.account.get("account_bpa") or {}).get(bucket["account"])
        return BucketFacts(
            bucket["name"],
            bucket["account"],
            "",  # in these worlds the context tells which region is called, or that none is
            policy=(Policy.of(f"bucket policy of {bucket['name']}", policy),) if policy else (),
            acl=_acl(bucket.get("acl")),
            ownership=Ownership(bucket.get("ownership") or "BucketOwnerEnforced"),
            blocks=(_block(bucket.get("bpa")), _block(whole)),
            encryption=_encryption(bucket.get("encryption"), bucket) or Encryption("SSE-S3"),
        )

    def _object(self, bucket: Json, key: str) -> ObjectFacts:
        found: Json = next((item for item in bucket.get("objects") or () if item["key"] == key), {})
        return ObjectFacts(
            owner=found.get("owner") or bucket["account"],
            acl=_acl(found.get("acl")),
            encryption=_encryption(found.get("encryption"), bucket),
            tags=found.get("tags"),
        )

    def _access_point(self, point: Json) -> AccessPointFacts:
        policy = point.get("policy")
        return AccessPointFacts(
            point["arn"],
            point["account"],
            vpc=point["vpc"] if point.get("network_origin") == "VPC" else "",
            policy=(Policy.of(f"access point policy of {point['name']}", policy),) if policy else (),
            block=_block(point.get("bpa")),
        )


def context_of(context: Json) -> dict[str, str | tuple[str, ...]]:
    return {
        key: tuple(_text(item) for item in value) if isinstance(value, list) else _text(value)
        for key, value in context.items()
    }


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def claims_of(provider: str, claims: Json) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name the claims of a token as context keys of its provider."""
    prefix = "SAML" if ":saml-provider/" in provider else provider.partition(":oidc-provider/")[2] or provider
    for name, value in claims.items():
        key = name if ":" in name else f"{prefix}:{name}"
        yield key, tuple(_text(item) for item in value) if isinstance(value, list) else (_text(value),)


def _type_of(arn: str) -> str:
    return "root" if arn.endswith(":root") else "role" if ":role/" in arn else "user"


def documents(name: str, told: Any) -> Iterator[Policy]:
    """Yield the documents that a world tells as one or as several, each with a name."""
    items = told if isinstance(told, list) else [told] if told else []
    for number, document in enumerate(items, start=1):
        yield Policy.of(name if len(items) == 1 else f"{name}, number {number}", document)


def _levels(kind: str, levels: Any) -> Levels:
    return tuple(tuple(documents(f"{kind} of level {number}", level)) for number, level in enumerate(levels, start=1))


def _acl(entries: Any) -> tuple[AclEntry, ...]:
    return tuple(
        AclEntry(str(entry.get("grantee_account") or entry.get("grantee")), entry["permission"])
        for entry in entries or ()
    )


def _block(flags: Json | None) -> PublicAccessBlock:
    flags = flags or {}
    return PublicAccessBlock(bool(flags.get("IgnorePublicAcls")), bool(flags.get("RestrictPublicBuckets")))


def _encryption(encryption: Json | None, bucket: Json) -> Encryption | None:
    """Read an encryption; KMS without a key is the key that AWS manages for S3 in the account."""
    if not encryption:
        return None
    of_service = f"arn:aws:kms:{bucket.get('region') or 'eu-central-1'}:{bucket['account']}:alias/aws/s3"
    return Encryption(encryption["mode"], encryption.get("key") or of_service, bool(encryption.get("bucket_key")))


def _key(key: Json) -> KeyFacts:
    policy = key.get("policy")
    return KeyFacts(
        key["arn"],
        key["account"],
        managed_by_aws=key.get("manager") == "AWS",
        state=key.get("state") or "Enabled",
        policy=None if policy is None else Policy.of(f"key policy of {key['arn']}", policy),
        grants=tuple(_grant(grant) for grant in key.get("grants") or ()),
        aliases=tuple(key.get("aliases") or ()),
    )


def _grant(grant: Json) -> KeyGrant:
    constraints = grant.get("constraints") or {}
    return KeyGrant(
        grant["grantee"],
        frozenset(grant["operations"]),
        context_subset=constraints.get("EncryptionContextSubset") or {},
        context_equals=constraints.get("EncryptionContextEquals"),
    )
