"""Requests to Amazon S3: buckets, objects and access points.

From "How Amazon S3 authorizes a request", "Controlling ownership of objects and disabling ACLs", "Access control
list overview", "Blocking public access to your Amazon S3 storage" and "Configuring IAM policies for using access
points".
"""

from __future__ import annotations

from dataclasses import replace

from tests.oracle.chart import Request, decide, explicit_deny, guardrails, identity_side, resource_levels
from tests.oracle.keys import may_decrypt
from tests.oracle.principals import ACCOUNT, DIRECT, Caller
from tests.oracle.public import is_public
from tests.oracle.verdict import Json, Undocumented, Verdict
from tests.oracle.world import context_of, documents, rcps, scp_levels

_BY_ACL = {
    "bucket": {
        "READ": {"s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"},
        "WRITE": {"s3:putobject"},
        "READ_ACP": {"s3:getbucketacl"},
        "WRITE_ACP": {"s3:putbucketacl"},
    },
    "object": {
        "READ": {"s3:getobject", "s3:getobjectversion"},
        "READ_ACP": {"s3:getobjectacl", "s3:getobjectversionacl"},
        "WRITE_ACP": {"s3:putobjectacl", "s3:putobjectversionacl"},
    },
}
_GROUPS = ("AllUsers", "AuthenticatedUsers")
_ROOT_ALWAYS = ("s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy")


def may_call(world: Json, asked: Json, caller: Caller) -> Verdict:
    """Say whether a request to S3 succeeds; one that reads the bytes of an object includes what decrypts them."""
    resource = asked["resource"]
    if ":accesspoint/" in resource:
        arn, _, key = resource.partition("/object/")
        point = next(item for item in world["access_points"] if item["arn"] == arn)
        bucket = _bucket(world, point["bucket"])
        verdict = _through(world, asked, caller, bucket, point, key)
    else:
        name, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
        bucket = _bucket(world, name)
        verdict = _directly(world, asked, caller, bucket, key)
    if verdict.allowed and asked["action"].lower() in ("s3:getobject", "s3:getobjectversion"):
        return _bytes(world, asked, caller, bucket, key, verdict)
    return verdict


def _bucket(world: Json, name: str) -> Json:
    found: Json | None = next((item for item in world["buckets"] if item["name"] == name), None)
    if found is None:
        raise Undocumented("a bucket that the world does not hold")
    return found


def _object(bucket: Json, key: str) -> Json:
    found: Json = next((item for item in bucket.get("objects") or () if item["key"] == key), {})
    return found


def _bytes(world: Json, asked: Json, caller: Caller, bucket: Json, key: str, verdict: Verdict) -> Verdict:
    """Add what the bytes of an object need: its own encryption counts, not what its bucket does to new ones."""
    encryption = _object(bucket, key).get("encryption") or bucket.get("encryption") or {"mode": "SSE-S3"}
    if encryption["mode"] == "SSE-C":
        names = {name.lower() for name in asked["context"]}
        if "s3:x-amz-server-side-encryption-customer-algorithm" not in names:
            return Verdict(allowed=False, because="the request does not bring the customer's key")
    if "KMS" in encryption["mode"]:
        decrypted = may_decrypt(world, asked, bucket, key, encryption, caller)
        return decrypted if not decrypted.allowed else Verdict(True, f"{verdict.because}; {decrypted.because}")
    return verdict


def _request(world: Json, asked: Json, caller: Caller, bucket: Json, key: str) -> Request:
    context = context_of(world, asked, caller, bucket["account"])
    context["s3:resourceaccount"] = [bucket["account"]]
    for name, value in (_object(bucket, key).get("tags") or {}).items():
        context[f"s3:existingobjecttag/{name}".lower()] = [value]
    return Request(
        caller,
        asked["action"],
        f"arn:aws:s3:::{bucket['name']}" + (f"/{key}" if key else ""),
        bucket["account"],
        context,
        tuple(documents(bucket.get("policy"))),
        scp_levels(world, caller),
        rcps(world, caller, bucket["account"]),
    )


def _flag(world: Json, bucket: Json, flag: str, point: Json | None = None) -> bool:
    """Whether a switch of Block Public Access is on: the most restrictive of all levels counts."""
    levels = [bucket.get("bpa"), (world.get("account_bpa") or {}).get(bucket["account"]), (point or {}).get("bpa")]
    return any((level or {}).get(flag) for level in levels)


def _is_cut_off(world: Json, caller: Caller, bucket: Json, point: Json | None = None) -> bool:
    """Whether RestrictPublicBuckets keeps a caller out: a public policy then admits the owner's own and services."""
    if caller.kind == "service" or not _flag(world, bucket, "RestrictPublicBuckets", point):
        return False
    public = any(is_public(policy, of_access_point=False) for policy in documents(bucket.get("policy")))
    if point and point.get("network_origin") != "VPC":
        public |= any(is_public(policy, of_access_point=True) for policy in documents(point.get("policy")))
    return public and caller.account != bucket["account"]


def _acl_levels(world: Json, asked: Json, caller: Caller, bucket: Json, key: str) -> frozenset[str]:
    """Return at which levels ACLs name the caller: a bucket's ACL says nothing of objects."""
    if (bucket.get("ownership") or "BucketOwnerEnforced") == "BucketOwnerEnforced":
        return frozenset()
    entries = _object(bucket, key).get("acl") if key else bucket.get("acl")
    means = _BY_ACL["object" if key else "bucket"]
    levels = set()
    for entry in entries or ():
        grantee, permission = str(entry.get("grantee_account") or entry.get("grantee")), entry["permission"]
        named = set().union(*means.values()) if permission == "FULL_CONTROL" else means.get(permission, set())
        if asked["action"].lower() not in named:
            continue
        if grantee in _GROUPS and _flag(world, bucket, "IgnorePublicAcls"):
            continue
        if grantee == "AllUsers" and caller.kind == "service":
            raise Undocumented("a service among all users of an ACL")
        if grantee == "AllUsers" or (grantee == "AuthenticatedUsers" and caller.signed):
            levels.add(DIRECT)
        elif grantee == caller.account and caller.signed:
            levels.add(ACCOUNT)
    return frozenset(levels)


def _directly(world: Json, asked: Json, caller: Caller, bucket: Json, key: str) -> Verdict:
    request = _request(world, asked, caller, bucket, key)
    by_acl = _acl_levels(world, asked, caller, bucket, key)
    if _is_cut_off(world, caller, bucket):
        if by_acl or (key and _object(bucket, key).get("owner") == caller.account):
            raise Undocumented("RestrictPublicBuckets against what no policy gives")
        return Verdict(allowed=False, because="RestrictPublicBuckets")
    enforced = (bucket.get("ownership") or "BucketOwnerEnforced") == "BucketOwnerEnforced"
    owner = bucket["account"] if enforced else _object(bucket, key).get("owner") or bucket["account"]
    if key and owner != bucket["account"]:
        return _of_another(request, owner, by_acl)
    if caller.kind == "root" and caller.account == owner and asked["action"].lower() in _ROOT_ALWAYS:
        return decide(request.on(request.resource, ()))
    verdict = decide(request)
    if verdict.allowed or not by_acl:
        return verdict
    with_acl = decide(replace(request, other_grants=by_acl))
    if with_acl.allowed and caller.account == owner and not identity_side(request, needs_identity=False).allowed:
        raise Undocumented("an ACL for somebody whose boundary or session policy is silent")
    return Verdict(allowed=True, because="an ACL") if with_acl.allowed else with_acl


def _of_another(request: Request, owner: str, by_acl: frozenset[str]) -> Verdict:
    """Judge an object of another account: its ACL and its owner's policies count, the bucket's may only deny."""
    caller = request.caller
    denied = explicit_deny(request) or (guardrails(request) if caller.signed else None)
    if denied:
        return denied
    if not caller.signed:
        return Verdict(bool(by_acl), "an ACL" if by_acl else "object of another account: no ACL admits")
    own = identity_side(request)
    if not own.allowed:
        if DIRECT in by_acl and caller.account in (owner, request.owner):
            raise Undocumented("an ACL for everybody and somebody of an owner whom no policy allows")
        return Verdict(allowed=False, because=f"object of another account: {own.because}")
    if caller.account == owner:
        return Verdict(allowed=True, because="the object's own account")
    return Verdict(bool(by_acl), "an ACL" if by_acl else "object of another account: no ACL admits")


def _through(world: Json, asked: Json, caller: Caller, bucket: Json, point: Json, key: str) -> Verdict:
    """Judge a request through an access point: both it and the bucket have to permit."""
    if _acl_levels(world, asked, caller, bucket, key) or _object(bucket, key).get("owner") not in (
        None,
        bucket["account"],
    ):
        raise Undocumented("ACLs and owners of objects behind an access point")
    if _is_cut_off(world, caller, bucket, point):
        return Verdict(allowed=False, because="RestrictPublicBuckets")
    direct = _request(world, asked, caller, bucket, key)
    inner = replace(
        direct,
        context=direct.context
        | {
            "s3:dataaccesspointarn": [point["arn"]],
            "s3:dataaccesspointaccount": [point["account"]],
            "s3:accesspointnetworkorigin": [point["network_origin"]],
        },
    )
    outer = replace(inner, owner=point["account"]).on(asked["resource"], tuple(documents(point.get("policy"))))
    if point["network_origin"] == "VPC" and inner.context.get("aws:sourcevpc") != [point["vpc"]]:
        return Verdict(allowed=False, because="the access point serves its VPC only")
    at_point = decide(outer)
    if not at_point.allowed:
        return Verdict(allowed=False, because=f"access point: {at_point.because}")
    if caller.signed and guardrails(inner):
        raise Undocumented("service control policies that allow the access point but not its bucket")
    # Identity policies name the access point; whether they must name the bucket behind it too is not written.
    behind = _behind(inner, outer)
    if _behind(inner, inner).allowed != behind.allowed:
        raise Undocumented("identity policies that treat the access point and its bucket differently")
    because = "the access point and its bucket" if behind.allowed else f"behind the access point: {behind.because}"
    return Verdict(behind.allowed, because)


def _behind(inner: Request, named: Request) -> Verdict:
    """Judge the bucket behind an access point, with identity policies asked about one of the two names."""
    denied = explicit_deny(inner)
    if denied:
        return denied
    levels = resource_levels(inner)
    if levels and inner.caller.account != inner.owner:
        return Verdict(allowed=True, because="the bucket policy admits")
    asked = replace(named.on(named.resource, ()), owner=inner.owner, other_grants=frozenset(levels))
    return decide(asked)
