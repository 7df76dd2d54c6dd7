"""A small world for the tests of the evaluator: one bucket, its owner 111…, a partner 222…, their people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cloudscan.access import Context, Decision
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.kms import KeyFacts
from cloudscan_aws.policy.organization import NO_ORGANIZATION, Guardrails, Organization
from cloudscan_aws.policy.s3 import evaluate_object_request
from cloudscan_aws.policy.s3_facts import BucketFacts, Encryption, ObjectFacts

OWNER = "111111111111"
PARTNER = "222222222222"
OBJECTS = "arn:aws:s3:::corpus/*"
KEY_ARN = f"arn:aws:kms:eu-central-1:{OWNER}:key/11111111-2222-4333-8444-555555555555"
ORG = "o-audio00001"

Json = Mapping[str, Any]


def allow(action: Any = "s3:GetObject", resource: Any = OBJECTS, **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = OBJECTS, **more: Any) -> Json:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def policy(*statements: Json, name: str = "a policy", version: str = "2012-10-17") -> Policy:
    return Policy.of(name, {"Version": version, "Statement": list(statements)})


def user(*statements: Json, name: str = "ana", account: str = OWNER, **more: Any) -> Caller:
    held = (policy(*statements, name=f"policy of {name}"),) if statements else ()
    return Caller(Kind.USER, f"arn:aws:iam::{account}:user/{name}", account, policies=held, **more)


def role(*statements: Json, name: str = "reader", session: str | None = "job1", **more: Any) -> Caller:
    held = (policy(*statements, name=f"policy of {name}"),) if statements else ()
    return Caller(Kind.ROLE, f"arn:aws:iam::{OWNER}:role/{name}", OWNER, policies=held, session=session, **more)


def limited(caller: Caller, *statements: Json) -> Caller:
    """The same caller under a permissions boundary."""
    return replace(caller, boundaries=(policy(*statements, name="the boundary"),))


def in_session(caller: Caller, *statements: Json) -> Caller:
    """The same role in a session with a session policy."""
    return replace(caller, session_policies=(policy(*statements, name="the session policy"),))


def bucket(*statements: Json, **more: Any) -> BucketFacts:
    held = (policy(*statements, name="bucket policy of corpus"),) if statements else ()
    return BucketFacts(
        **{
            "name": "corpus",
            "account": OWNER,
            "region": "eu-central-1",
            "policy": held,
            "encryption": Encryption("SSE-S3"),
            **more,
        }
    )


def organization(
    *scp_levels: list[Json], rcp: list[Json] | None = None, members: tuple[str, ...] = (OWNER,)
) -> Organization:
    """An organization whose members all lie under the same levels of SCPs and one level of RCPs."""
    levels = tuple((policy(*level, name=f"SCP of level {number}"),) for number, level in enumerate(scp_levels, 1))
    over = Guardrails(levels, ((policy(*rcp, name="the RCP"),),) if rcp else ())
    return Organization(ORG, "999999999999", dict.fromkeys(members, over))


def exactly(context: Json | None) -> Context:
    """A request of which everything is known: what is not listed is absent."""
    return Context.of(context or {}, closed=True)


def read(
    caller: Caller,
    target: BucketFacts,
    obj: ObjectFacts | None = None,
    *,
    action: str = "s3:GetObject",
    key: str = "raw/a.wav",
    context: Json | None = None,
    org: Organization | None = NO_ORGANIZATION,
    keys: tuple[KeyFacts, ...] = (),
    **more: Any,
) -> Decision:
    """Ask whether a caller may read, with everything of the request known."""
    return evaluate_object_request(
        caller,
        action,
        target,
        key,
        obj or ObjectFacts(owner=OWNER, acl=()),
        keys={each.arn: each for each in keys},
        organization=org,
        context=exactly(context),
        **more,
    )


def read_if(caller: Caller, target: BucketFacts, obj: ObjectFacts | None = None, **more: Any) -> Decision:
    """Ask whether a caller may read, with nothing of the request known but what is given."""
    context = Context.of(more.pop("context", {}))
    known = {each.arn: each for each in more.pop("keys", ())}
    found = obj or ObjectFacts(owner=OWNER, acl=())
    org = more.pop("org", NO_ORGANIZATION)
    return evaluate_object_request(
        caller, "s3:GetObject", target, "raw/a.wav", found, keys=known, organization=org, context=context, **more
    )
