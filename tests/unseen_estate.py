"""An estate that nobody designed the checks for, and the truth beside it.

Written from AWS's documentation alone. Each shape is a bucket with recordings under keys as telephone systems
write them, one way to configure it, why the truth is what it is, and the page that says so. A truth names a
check by one letter (``CHECKS``) and the verdicts that are right: ``F`` fail, ``P`` pass, ``U`` unknown;
``*`` holds nothing against any verdict, where words leave it open.
"""

# ruff: noqa: E501 - a table is read by its rows

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

CHECKS = {
    "R": "world-readable-audio",
    "W": "world-writable-audio-store",
    "X": "unknown-party-access",
    "T": "plaintext-transport-allowed",
    "N": "audio-never-deleted",
    "V": "old-audio-versions-never-deleted",
    "M": "audio-past-maximum-age",
    "E": "audio-deleted-too-early",
}
SILENT_IS_PASS = frozenset("VME")
"""Checks whose question does not arise everywhere: no versions, no decision in the policy file."""
OWN, VENDOR, STRANGER = "123456789012", "222222222222", "333333333333"
MIN_DAYS, MAX_DAYS = 60, 400
POLICY: Mapping[str, object] = {
    "retention": [{"stores": "lc-*", "media": "speech", "min_days": MIN_DAYS, "max_days": MAX_DAYS}],
    "trusted": [{"account": VENDOR, "name": "Example Speech Analytics"}],
}
SIZE = 12_498
"""Bytes of each recording: the clip ``order-mulaw.wav``."""
OPEN = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
CLOSED = dict.fromkeys(OPEN, True)
RECORDING = (("calls/2026/10/4411.wav", 10.0),)
TWO = (*RECORDING, ("calls/2026/09/4410.wav", 40.0))
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
SIGNED_IN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
FOREIGN_CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

BPA = "Amazon S3 User Guide: Blocking public access to your Amazon S3 storage"
ACL = "Amazon S3 User Guide: Access control list (ACL) overview"
OWNERSHIP = "Amazon S3 User Guide: Controlling ownership of objects and disabling ACLs"
POINTS = "Amazon S3 User Guide: Configuring IAM policies for using access points"
KMS = "Amazon S3 User Guide: Using server-side encryption with AWS KMS keys"
S3_KEYS = "Service Authorization Reference: Actions, resources, and condition keys for Amazon S3"
GLOBAL = "IAM User Guide: AWS global condition context keys"
OPERATORS = "IAM User Guide: IAM JSON policy elements: Condition operators"
SETS = "IAM User Guide: Multivalued context keys"
PRINCIPAL = "IAM User Guide: AWS JSON policy elements: Principal"
NOT_PRINCIPAL = "IAM User Guide: AWS JSON policy elements: NotPrincipal"
NOT_ACTION = "IAM User Guide: IAM JSON policy elements: NotAction"
RESOURCE = "IAM User Guide: IAM JSON policy elements: Resource"
VARIABLES = "IAM User Guide: IAM policy elements: Variables and tags"
LOGIC = "IAM User Guide: Policy evaluation logic"
TLS = "Amazon S3 User Guide: Security best practices for Amazon S3"
RULES = "Amazon S3 User Guide: Lifecycle configuration elements"
EXAMPLES = "Amazon S3 User Guide: Examples of S3 Lifecycle configurations"
EXPIRY = "Amazon S3 User Guide: Expiring objects"
OTHER_CONFIGURATION = "Amazon S3 User Guide: Lifecycle and other bucket configurations"
LOCK = "Amazon S3 User Guide: Locking objects with Object Lock"


@dataclass(frozen=True, slots=True)
class Shape:
    """A bucket, and what is true of it. ``truth`` is completed by that of its kind.

    ``keys`` are (key, age in days); ``old`` are ages of earlier versions of the first key; ``hidden`` are
    recordings that lie under a delete marker. ``policy`` is a list of statements or the text as stored.
    ``key_policy`` says who may use the KMS key that the bucket has by default, and the recordings too unless
    ``default_only``. ``denied`` are operations that the scanner may not call.
    What is ``apart`` is scanned by itself.
    """

    name: str
    truth: str
    why: str
    source: str
    policy: Sequence[Mapping[str, Any]] | str | None = None
    version: str | None = "2012-10-17"
    rules: Sequence[Mapping[str, Any]] | None = None
    keys: Sequence[tuple[str, float]] = RECORDING
    old: Sequence[float] = ()
    hidden: Sequence[tuple[str, float]] = ()
    object_owner: str | None = None
    versioning: str | None = None
    mfa_delete: bool = False
    lock: Mapping[str, Any] | None = None
    block: Mapping[str, bool] = field(default_factory=lambda: OPEN)
    account_block: Mapping[str, bool] | None = None
    ownership: str | None = "BucketOwnerEnforced"
    acl: Sequence[tuple[str, str]] = ()
    key_policy: str | None = None
    default_only: bool = False
    points: Sequence[Mapping[str, Any]] = ()
    denied: Sequence[str] = ()
    apart: bool = False
    vanishes: bool = False

    @property
    def arn(self) -> str:
        """The bucket's ARN, which is its id in reports."""
        return f"arn:aws:s3:::{self.name}"

    @property
    def document(self) -> str | None:
        """The bucket policy as AWS would give it."""
        if self.policy is None or isinstance(self.policy, str):
            return self.policy
        version = {} if self.version is None else {"Version": self.version}
        whole = json.dumps(version | {"Statement": list(self.policy)})
        return whole.replace("BUCKET", self.name)

    def verdicts(self, letter: str) -> str:
        """Return the letters of the verdicts that are right."""
        common = "R:P W:P X:P T:F N:F V:P M:P E:P" if not self.name.startswith("lc-") else "R:P W:P X:P T:F M:P E:P V:P"
        told = dict(part.split(":") for part in f"{common} {self.truth}".split())
        return told[letter]


def lifecycle(name: str, truth: str, why: str, source: str, *rules: Mapping[str, Any], **more: Any) -> Shape:
    """Make a closed bucket with these lifecycle rules, told as S3 tells them."""
    named = [{"ID": f"rule-{number}", "Status": "Enabled"} | dict(rule) for number, rule in enumerate(rules)]
    given = {"block": CLOSED} | more
    return Shape(f"lc-{name}", truth, why, source, rules=named or None, **given)


def expire(days: int, where: Any = "", **more: Any) -> dict[str, Any]:
    """A rule that expires current versions; ``where`` is a prefix or a whole filter."""
    return {"Filter": {"Prefix": where} if isinstance(where, str) else where, "Expiration": {"Days": days}, **more}


def old_versions(days: int, where: Any = "", spare: int | None = None) -> dict[str, Any]:
    """A rule that deletes noncurrent versions."""
    action = {"NoncurrentDays": days} | ({} if spare is None else {"NewerNoncurrentVersions": spare})
    where = {"Prefix": where} if isinstance(where, str) else where
    return {"Filter": where, "NoncurrentVersionExpiration": action}


def _in(days: int) -> dict[str, Any]:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"Filter": {"Prefix": ""}, "Expiration": {"Date": midnight + timedelta(days=days)}}


def _on(year: int, month: int = 1) -> dict[str, Any]:
    return {"Filter": {"Prefix": ""}, "Expiration": {"Date": datetime(year, month, 1, tzinfo=UTC)}}


_TAG = {"Key": "keep", "Value": "no"}
_LOCK_400 = {"Mode": "COMPLIANCE", "Days": 400}
_LOCK_10 = {"Mode": "COMPLIANCE", "Days": 10}

LIFECYCLES = (
    lifecycle("none", "N:F", "no configuration at all", RULES),
    lifecycle(
        "abort", "N:F", "clears parts of unfinished uploads only", RULES,
        {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}},
    ),
    lifecycle(
        "tier", "N:F", "moves to a colder tier, deletes nothing", RULES,
        {"Filter": {"Prefix": ""}, "Transitions": [{"Days": 90, "StorageClass": "DEEP_ARCHIVE"}]},
    ),
    lifecycle("old-only", "N:F V:P", "current versions stay", RULES, old_versions(30), versioning="Enabled", old=[20]),
    lifecycle("old-only-flat", "N:F", "no versions are kept, so a noncurrent rule never acts", RULES, old_versions(30)),
    lifecycle("legacy-prefix", "N:P", "a top-level Prefix is the old form of the filter", RULES, {"Prefix": "calls/", "Expiration": {"Days": 90}}, keys=TWO),
    lifecycle("legacy-empty", "N:P", "an empty top-level Prefix is the whole bucket", RULES, {"Prefix": "", "Expiration": {"Days": 90}}),
    lifecycle("legacy-miss", "N:F", "the old form of the filter, another folder", RULES, {"Prefix": "tmp/", "Expiration": {"Days": 90}}),
    lifecycle("filter-empty", "N:P", "an empty Filter is the whole bucket", RULES, expire(90, {})),
    lifecycle("prefix-miss", "N:F", "the rule takes another folder", RULES, expire(90, "tmp/")),
    lifecycle("prefix-part", "N:F", "one of the two recordings stays for ever", RULES, expire(90, "calls/2026/09/"), keys=TWO),
    lifecycle("prefix-stub", "N:P", "a prefix needs no slash", RULES, expire(90, "cal")),
    lifecycle("prefix-case", "N:F", "keys are told apart by case", RULES, expire(90, "Calls/")),
    lifecycle("prefix-glob", "N:F", "a star in a prefix is a star", RULES, expire(90, "calls/*")),
    lifecycle("prefix-slash", "N:F", "no key here begins with a slash", RULES, expire(90, "/")),
    lifecycle("slash-keys", "N:P", "these keys do begin with a slash", RULES, expire(90, "/"), keys=[("/calls/4411.wav", 10)]),
    lifecycle("slash-first", "N:F", "the keys begin with a slash, the prefix does not", RULES, expire(90, "calls/"), keys=[("/calls/4411.wav", 10)]),
    lifecycle("two-halves", "N:P", "two rules cover both folders", RULES, expire(90, "calls/2026/09/"), expire(120, "calls/2026/10/"), keys=TWO),
    lifecycle("tag", "N:F", "takes only objects with a tag, and these have none", RULES, expire(90, {"Tag": _TAG}), keys=TWO),
    lifecycle("tag-early", "N:F E:P", "takes tagged recordings after five days, and there are none", RULES, expire(5, {"Tag": _TAG})),
    lifecycle("tag-and-all", "N:P", "a second rule takes everything", RULES, expire(90, {"Tag": _TAG}), expire(200)),
    lifecycle("greater-same", "N:F", "greater than means greater", RULES, expire(90, {"ObjectSizeGreaterThan": SIZE})),
    lifecycle("greater-hit", "N:P", "one byte above the limit", RULES, expire(90, {"ObjectSizeGreaterThan": SIZE - 1})),
    lifecycle("less-same", "N:F", "less than means less", RULES, expire(90, {"ObjectSizeLessThan": SIZE})),
    lifecycle("less-hit", "N:P", "one byte below the limit", RULES, expire(90, {"ObjectSizeLessThan": SIZE + 1})),
    lifecycle("and-hit", "N:P", "all conditions of the And hold", RULES, expire(90, {"And": {"Prefix": "calls/", "ObjectSizeGreaterThan": 0}})),
    lifecycle("and-size", "N:F", "the prefix holds, the size does not", RULES, expire(90, {"And": {"Prefix": "calls/", "ObjectSizeLessThan": 100}})),
    lifecycle("and-tag", "N:F", "the prefix holds, and nothing has the tag", RULES, expire(90, {"And": {"Prefix": "calls/", "Tags": [_TAG]}})),
    lifecycle("and-tag-miss", "N:F", "whatever the tag, the prefix misses", RULES, expire(90, {"And": {"Prefix": "tmp/", "Tags": [_TAG]}})),
    lifecycle("disabled", "N:F", "a disabled rule does nothing", RULES, expire(90) | {"Status": "Disabled"}),
    lifecycle("disabled-early", "N:P", "only the enabled rule acts", RULES, expire(5) | {"Status": "Disabled"}, expire(90)),
    lifecycle("versioned-both", "N:P V:P", "expires, then deletes the old version", RULES, expire(90), old_versions(7), versioning="Enabled", old=[20], keys=TWO),
    lifecycle("versioned-one", "N:* V:F", "expiry only lays a delete marker on top", EXPIRY, expire(90), versioning="Enabled", old=[20]),
    lifecycle("versioned-bare", "N:* V:F", "so it will be with recordings that have no old version yet", EXPIRY, expire(90), versioning="Enabled"),
    lifecycle("versioned-spare", "N:* V:F", "the three newest old versions are spared for good", RULES, expire(90), old_versions(7, spare=3), versioning="Enabled", old=[20]),
    lifecycle("versioned-spare-then", "N:P V:P", "a second rule takes the spared ones", RULES, expire(90), old_versions(7, spare=3), old_versions(100), versioning="Enabled", old=[20]),
    lifecycle("versioned-apart", "N:* V:F", "old versions are deleted in another folder only", RULES, expire(90), old_versions(7, "tmp/"), versioning="Enabled", old=[20]),
    lifecycle("versioned-tag", "N:* V:F", "old versions go where a tag says so, and none has it", RULES, expire(90), old_versions(7, {"Tag": _TAG}), versioning="Enabled", old=[20]),
    lifecycle("versioned-off", "N:* V:F", "a disabled noncurrent rule deletes none", RULES, expire(90), old_versions(7) | {"Status": "Disabled"}, versioning="Enabled", old=[20]),
    lifecycle("suspended-old", "N:* V:F", "versions from before the suspension stay", EXPIRY, expire(90), versioning="Suspended", old=[20]),
    lifecycle("suspended-rule", "N:P V:P", "and here a rule takes them", EXPIRY, expire(90), old_versions(7), versioning="Suspended", old=[20]),
    lifecycle("marker-only", "N:F V:F", "clears lone delete markers only", RULES, {"Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True}}, versioning="Enabled", old=[20]),
    lifecycle("marker-and-old", "N:F V:P", "old versions go, current ones stay", RULES, old_versions(7) | {"Expiration": {"ExpiredObjectDeleteMarker": True}}, versioning="Enabled", old=[20]),
    lifecycle("date-past", "N:P E:F", "a date that has passed keeps taking whatever qualifies, however young", RULES, _on(2025)),
    lifecycle("date-far", "N:P E:*", "all that is here will go on that date", RULES, _on(2040)),
    lifecycle("conflict-short", "N:P E:F", "of two expiries the earlier counts", EXAMPLES, expire(300), expire(30, "calls/"), keys=TWO),
    lifecycle("conflict-tier", "N:P", "permanent deletion goes before a transition", EXAMPLES, expire(90) | {"Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}),
    lifecycle("mfa-none", "N:F V:F", "MFA delete, and no rule", OTHER_CONFIGURATION, versioning="Enabled", mfa_delete=True, old=[20]),
    lifecycle("mfa-rules", "N:FU V:FU", "lifecycle is not supported on a bucket with MFA delete", OTHER_CONFIGURATION, expire(90), old_versions(7), versioning="Enabled", mfa_delete=True, old=[20]),
    lifecycle("lock-long", "N:U V:U E:P", "the lock holds an old version for 400 days whatever the rules say; no head tells whether a legal hold keeps it longer", LOCK, expire(10), old_versions(1), versioning="Enabled", lock=_LOCK_400),
    lifecycle("lock-short", "N:U V:U E:FU", "the default lock holds for ten days; one recording may have a longer one", LOCK, expire(5), old_versions(1), versioning="Enabled", lock=_LOCK_10),
    lifecycle("lock-idle", "N:U V:U E:FU", "nothing is locked by default; one recording may be locked by itself", LOCK, expire(5), old_versions(1), versioning="Enabled", lock={}),
    lifecycle("ten-years", "N:P M:P", "late, but they will go; none is past its maximum yet", RULES, expire(3650)),
    lifecycle("ten-years-late", "N:P M:F", "the rule excuses no recording of 500 days", RULES, expire(3650), keys=[("calls/2025/4411.wav", 500)]),
    lifecycle("at-maximum", "N:P M:P", "in its 400th day still", EXPIRY, expire(400), keys=[("calls/2025/4411.wav", 400.5)]),
    lifecycle("after-maximum", "N:P M:F", "in its 401st day", EXPIRY, expire(400), keys=[("calls/2025/4411.wav", 401.2)]),
    lifecycle("old-late", "N:P V:P M:F", "the current version is young, an old one is not", EXPIRY, expire(90), old_versions(7), versioning="Enabled", old=[500]),
    lifecycle("early", "N:P E:F", "30 days where 60 are asked", RULES, expire(30)),
    lifecycle("early-part", "N:F E:F", "some recordings go too early, the others never", RULES, expire(30, "calls/2026/09/"), keys=TWO),
    lifecycle("early-miss", "N:F E:P", "a short rule that takes no recording", RULES, expire(5, "tmp/")),
    lifecycle("exact", "N:P E:P", "60 days where 60 are asked", RULES, expire(60)),
    lifecycle("sum-enough", "N:P V:P E:P", "40 days and 25 more as an old version", EXPIRY, expire(40), old_versions(25), versioning="Enabled"),
    lifecycle("sum-short", "N:P V:P E:F", "40 days and 10 more as an old version", EXPIRY, expire(40), old_versions(10), versioning="Enabled"),
    lifecycle("early-kept", "N:* V:F E:P", "expires early, but the bytes stay as an old version", EXPIRY, expire(5), versioning="Enabled"),
    lifecycle("lock-years", "N:U V:U E:P", "two years", LOCK, expire(10), old_versions(1), versioning="Enabled", lock={"Mode": "GOVERNANCE", "Years": 2}),
    lifecycle("lock-denied", "N:U V:U E:FU", "whether a lock holds them was not told", LOCK, expire(10), old_versions(1), versioning="Enabled", denied=["GetObjectLockConfiguration"]),
    lifecycle("spare-early", "N:* V:F E:PU", "expires early, but the bytes are spared while they are among the three newest", RULES, expire(5), old_versions(1, spare=3), versioning="Enabled"),
    lifecycle("suspended-early", "N:P V:P E:FU", "in a suspended bucket the marker replaces the null version at once", EXPIRY, expire(5), old_versions(100), versioning="Suspended"),
    lifecycle("date-near", "N:P E:F", "in ten days, when the younger one is 20 days old", RULES, _in(10), keys=TWO),
    lifecycle("all-hidden", "R:PN W:PN X:PN T:FN N:* V:F M:F E:*", "every recording was deleted, and its old version of 500 days is still there", EXPIRY, keys=(), hidden=[("calls/2025/4411.wav", 500)], versioning="Enabled"),
    lifecycle("some-hidden", "N:P V:F M:F", "beside young recordings lies an old version of a deleted one", EXPIRY, expire(90), hidden=[("calls/2025/4411.wav", 500)], versioning="Enabled"),
    lifecycle("thousand", "N:P", "999 rules miss, the last one hits", RULES, *[expire(90, f"team-{n}/") for n in range(999)], expire(90, "calls/"), apart=True),
    lifecycle("hard-words", "N:P", "a prefix with space, plus, percent and umlaut", RULES, expire(90, "größe 50%+_/"), keys=[("größe 50%+_/4411.wav", 10)]),
    lifecycle("like-words", "N:F", "percent and underscore stand for themselves", RULES, expire(90, "c%l_s/")),
    lifecycle("not-allowed", "N:U V:P E:U", "the rules could not be read", RULES, expire(90), denied=["GetBucketLifecycleConfiguration"]),
    lifecycle("not-allowed-versioned", "N:U V:U E:U", "the rules could not be read", RULES, expire(90), versioning="Enabled", old=[20], denied=["GetBucketLifecycleConfiguration"]),
    lifecycle("not-told-versioning", "N:PU V:U", "whether versions are kept is not known", RULES, expire(90), denied=["GetBucketVersioning"]),
    lifecycle("gone", "R:N W:N X:N T:N N:N V:N M:N E:N", "deleted between the list and the questions", "Amazon S3 API Reference: Error responses", expire(90), vanishes=True),
)  # fmt: skip

ANYONE, EVERYBODY = "*", {"AWS": "*"}
OBJECTS = "arn:aws:s3:::BUCKET/*"


def allow(
    condition: Mapping[str, Any] | None = None,
    action: Any = "s3:GetObject",
    resource: Any = OBJECTS,
    who: Any = ANYONE,
    **more: Any,
) -> dict[str, Any]:
    """A statement that allows; a key given as None is left out."""
    whole = {"Sid": "Share", "Effect": "Allow", "Principal": who, "Action": action, "Resource": resource}
    whole |= {} if condition is None else {"Condition": condition}
    return {key: value for key, value in (whole | more).items() if value is not None}


def deny(
    condition: Mapping[str, Any] | None = None,
    action: Any = "s3:*",
    resource: Any = OBJECTS,
    who: Any = ANYONE,
    **more: Any,
) -> dict[str, Any]:
    """A statement that denies."""
    return allow(condition, action, resource, who, **{"Effect": "Deny", "Sid": "Close"} | more)


def public(name: str, truth: str, why: str, source: str, *statements: Mapping[str, Any], **more: Any) -> Shape:
    """Make a bucket with no block at all and this policy. What strangers are to the check of parties is open."""
    return Shape(f"pub-{name}", f"X:* {truth}", why, source, policy=list(statements) or None, **more)


def conditional(
    name: str, truth: str, why: str, source: str, operator: str, key: str, value: Any, **more: Any
) -> Shape:
    """Make a bucket that anyone may read under one condition."""
    return public(f"if-{name}", truth, why, source, allow({operator: {key: value}}), **more)


def closed(name: str, truth: str, why: str, source: str, *denials: Mapping[str, Any], **more: Any) -> Shape:
    """Make a bucket that anyone may read but for a denial, which here says nothing of the bucket's own actions."""
    return public(f"not-{name}", truth, why, source, allow(), *denials, **more)


_ORG = "o-a1b2c3d4e5"
_BIG = [
    allow(action="s3:ListBucket", resource="arn:aws:s3:::BUCKET", who={"AWS": OWN}, Sid=f"Team{n:03}{'x' * 30}")
    for n in range(95)
]

PRINCIPALS = (
    public("star", "R:F", "anyone at all", PRINCIPAL, allow(), keys=TWO),
    public("aws-star", "R:F", "the same in S3", PRINCIPAL, allow(who=EVERYBODY)),
    public("aws-list", "R:F", "the same as a list", PRINCIPAL, allow(who={"AWS": ["arn:aws:iam::123456789012:root", "*"]})),
    public("bare-list", "R:FU", "a list of no kind: not in the grammar", PRINCIPAL, allow(who=["*"])),
    public("not-principal", "R:F", "everybody but one user", NOT_PRINCIPAL, allow(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{OWN}:user/ana"})),
    public("not-action", "R:F W:F", "everything but deleting the bucket", NOT_ACTION, allow(Action=None, NotAction="s3:DeleteBucket")),
    public("not-action-read", "R:P W:F", "everything but reading", NOT_ACTION, allow(Action=None, NotAction=["s3:Get*", "s3:List*"])),
    public("not-action-all", "R:P W:P", "everything but everything", NOT_ACTION, allow(Action=None, NotAction="s3:*")),
    public("not-resource", "R:F", "everything but another folder", RESOURCE, allow(Resource=None, NotResource="arn:aws:s3:::BUCKET/private/*")),
    public("not-resource-hit", "R:P", "everything but the recordings' folder", RESOURCE, allow(Resource=None, NotResource="arn:aws:s3:::BUCKET/calls/*")),
    public("s3-star", "R:F W:F", "all of S3", S3_KEYS, allow(action="s3:*", resource=["arn:aws:s3:::BUCKET", OBJECTS])),
    public("star-action", "R:F W:F", "all of everything", S3_KEYS, allow(action="*", resource="*")),
    public("case", "R:F", "actions are compared without case", LOGIC, allow(action="S3:getobject")),
    public("glob-action", "R:F", "a question mark is one character", RESOURCE, allow(action="s3:Ge?Objec*")),
    public("read-version", "R:F", "versionId=null reads an object by this action", "Amazon S3 API Reference: GetObject", allow(action="s3:GetObjectVersion")),
    public("list-only", "R:P W:P", "names, no sound", S3_KEYS, allow(action="s3:ListBucket", resource="arn:aws:s3:::BUCKET")),
    public("read-acl", "R:P W:P", "who may read, no sound", S3_KEYS, allow(action="s3:GetObjectAcl")),
    public("put", "R:P W:F", "anyone may replace", S3_KEYS, allow(action="s3:PutObject")),
    public("put-acl-header", "R:P W:F", "a header that a stranger can send", S3_KEYS, allow({"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}, "s3:PutObject")),
    public("put-here", "R:P W:P", "only from the office", GLOBAL, allow({"IpAddress": {"aws:SourceIp": "203.0.113.0/28"}}, "s3:PutObject")),
    public("delete", "R:P W:F", "anyone may destroy", S3_KEYS, allow(action="s3:DeleteObject")),
    public("delete-version", "R:P W:F", "anyone may destroy for good", S3_KEYS, allow(action="s3:DeleteObjectVersion")),
    public("put-acl-inert", "R:P W:P", "ACLs are disabled, so setting one fails", OWNERSHIP, allow(action="s3:PutObjectAcl")),
    public("put-acl", "R:P W:F", "anyone may rewrite an object's ACL", ACL, allow(action="s3:PutObjectAcl"), ownership="ObjectWriter"),
    Shape(
        "pub-single", "X:* R:F", "Statement need not be a list", "IAM User Guide: IAM JSON policy elements: Statement",
        policy=json.dumps({"Version": "2012-10-17", "Statement": allow(resource="arn:aws:s3:::pub-single/*")}),
    ),
    public("bucket-arn", "R:P", "no object has the bucket's ARN", RESOURCE, allow(resource="arn:aws:s3:::BUCKET")),
    public("other-folder", "R:P", "a folder without recordings", RESOURCE, allow(resource="arn:aws:s3:::BUCKET/site/*")),
    public("folder", "R:F", "the folder of one of them", RESOURCE, allow(resource="arn:aws:s3:::BUCKET/calls/2026/09/*"), keys=TWO),
    public("across", "R:F", "a star passes slashes", RESOURCE, allow(resource="arn:aws:s3:::BUCKET/c*.wav")),
    public("key-case", "R:P", "keys are told apart by case", RESOURCE, allow(resource="arn:aws:s3:::BUCKET/Calls/*")),
    public("question", "R:F", "four characters", RESOURCE, allow(resource="arn:aws:s3:::BUCKET/calls/2026/10/????.wav")),
    public("question-short", "R:P", "three characters where keys have four", RESOURCE, allow(resource="arn:aws:s3:::BUCKET/calls/2026/10/???.wav")),
    public("bucket-glob", "R:F", "a star across the bucket's name", RESOURCE, allow(resource="arn:aws:s3:::pub-bucket-g*/calls/*")),
    public("bucket-all", "R:F", "every object of every bucket", RESOURCE, allow(resource="arn:aws:s3:::*/*")),
    public("bucket-other", "R:P", "another bucket", RESOURCE, allow(resource="arn:aws:s3:::pub-bucket-other2/*")),
    public("username-2008", "R:P", "in the old language a variable is only text", VARIABLES, allow(resource="arn:aws:s3:::BUCKET/${aws:username}/*"), version="2008-10-17"),
    public("username-none", "R:P", "no Version is the old language", VARIABLES, allow(resource="arn:aws:s3:::BUCKET/${aws:username}/*"), version=None),
    public("username-2012", "R:F", "a stranger may call a user of theirs 'calls'", VARIABLES, allow(resource="arn:aws:s3:::BUCKET/${aws:username}/*")),
    public("star-literal", "R:P", "${*} is a star that stands for itself", VARIABLES, allow(resource="arn:aws:s3:::BUCKET/calls/2026/10/${*}.wav")),
    public("hard-words", "R:F", "a folder with space, plus, percent and umlaut", RESOURCE, allow(resource="arn:aws:s3:::BUCKET/größe 50%+_/*"), keys=[("größe 50%+_/4411.wav", 10)]),
    public("foreign-owner", "R:P W:PU", "the policy gives away only what the bucket's owner owns, and the object's own ACL is private", OWNERSHIP, allow(), ownership="ObjectWriter", object_owner=FOREIGN_CANONICAL),
    public("twenty-kb", "R:P W:P", "95 harmless statements", "Amazon S3 User Guide: Bucket policies for Amazon S3", *_BIG),
    public("twenty-kb-last", "R:F", "94 harmless statements and one that opens", "Amazon S3 User Guide: Bucket policies for Amazon S3", *_BIG[:94], allow()),
    Shape("pub-malformed", "R:U W:U X:U T:U", "not JSON, so nothing can be said", "IAM User Guide: Grammar of the IAM JSON policy language", policy='{"Version": "2012-10-17", "Statement": ['),
    Shape("pub-empty", "R:PU W:PU X:PU T:FU", "empty text: either no policy or not JSON", "IAM User Guide: Grammar of the IAM JSON policy language", policy=""),
    Shape("pub-policy-denied", "R:U W:U X:U T:U", "the policy could not be read", BPA, policy=[allow()], denied=["GetBucketPolicy"]),
    Shape("pub-policy-denied-shut", "R:PU W:PU X:U T:U", "RestrictPublicBuckets closes it whatever the policy says", BPA, policy=[allow()], denied=["GetBucketPolicy"], block=CLOSED),
    Shape("pub-block-denied", "R:U X:*", "an open policy, and perhaps a block over it", BPA, policy=[allow()], denied=["GetPublicAccessBlock"]),
)  # fmt: skip

_IP = "aws:SourceIp"
CONDITIONS = (
    conditional("office", "R:P", "one address", GLOBAL, "IpAddress", _IP, "203.0.113.7/32"),
    conditional("everywhere", "R:F", "all of IPv4", GLOBAL, "IpAddress", _IP, "0.0.0.0/0"),
    conditional("everywhere-6", "R:F", "all of IPv6, which S3 answers on its dual-stack names", GLOBAL, "IpAddress", _IP, "::/0"),
    conditional("halves", "R:F", "two halves are the whole", GLOBAL, "IpAddress", _IP, ["0.0.0.0/1", "128.0.0.0/1"]),
    conditional("office-or-all", "R:F", "values are alternatives", OPERATORS, "IpAddress", _IP, ["203.0.113.7/32", "0.0.0.0/0"]),
    conditional("private", "R:P", "no request to S3's public side comes from a private address", GLOBAL, "IpAddress", _IP, "10.0.0.0/8"),
    conditional("not-office", "R:F", "everywhere but one address", GLOBAL, "NotIpAddress", _IP, "203.0.113.7/32"),
    conditional("office-if-told", "R:F", "SourceIp is absent through a VPC endpoint, a stranger's too, and then true", GLOBAL, "IpAddressIfExists", _IP, "203.0.113.7/32"),
    conditional("vpce", "R:P", "one endpoint of ours", GLOBAL, "StringEquals", "aws:SourceVpce", "vpce-0a1b2c3d"),
    conditional("vpce-any", "R:F", "an endpoint anyone can make", BPA, "StringLike", "aws:SourceVpce", "vpce-*"),
    conditional("vpce-some", "R:F", "through some endpoint, anyone's too", OPERATORS, "Null", "aws:SourceVpce", "false"),
    conditional("vpce-if-told", "R:F", "absent for a request over the internet, and then true", OPERATORS, "StringEqualsIfExists", "aws:SourceVpce", "vpce-0a1b2c3d"),
    conditional("not-vpc", "R:F", "every network but one", OPERATORS, "StringNotEquals", "aws:SourceVpc", "vpc-0a1b2c3d"),
    conditional("org", "R:P", "one organization", GLOBAL, "StringEquals", "aws:PrincipalOrgID", _ORG),
    conditional("org-any", "R:F", "any organization", GLOBAL, "StringLike", "aws:PrincipalOrgID", "o-*"),
    conditional("org-if-told", "R:F", "absent for the nameless, and then true", OPERATORS, "StringEqualsIfExists", "aws:PrincipalOrgID", _ORG),
    conditional("org-none", "R:F", "who is in no organization", OPERATORS, "Null", "aws:PrincipalOrgID", "true"),
    conditional("org-paths", "R:P", "one of the paths of our organization", SETS, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{_ORG}/*"),
    conditional("org-paths-all", "R:F", "ForAllValues holds where the key is absent", SETS, "ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{_ORG}/*"),
    conditional("tls", "R:F", "TLS is no identity", GLOBAL, "Bool", "aws:SecureTransport", "true"),
    conditional("tls-json", "R:F", "the same, a JSON boolean", OPERATORS, "Bool", "aws:SecureTransport", True),
    conditional("referer", "R:F", "a header that anyone can send", GLOBAL, "StringLike", "aws:Referer", "https://calls.example.com/*"),
    conditional("agent", "R:F", "a header that anyone can send", GLOBAL, "StringLike", "aws:UserAgent", "*CallPlayer/1.2*"),
    conditional("account", "R:P", "principals of our own account", GLOBAL, "StringEquals", "aws:PrincipalAccount", OWN),
    conditional("stranger", "R:P X:F", "one account, and nobody named it", GLOBAL, "StringEquals", "aws:PrincipalAccount", STRANGER),
    conditional("vendor", "R:P X:P", "one account, and it is trusted", GLOBAL, "StringEquals", "aws:PrincipalAccount", VENDOR),
    conditional("not-account", "R:F", "every account but one", GLOBAL, "StringNotEquals", "aws:PrincipalAccount", STRANGER),
    conditional("over", "R:P", "until a date that has passed", GLOBAL, "DateLessThan", "aws:CurrentTime", "2021-01-01T00:00:00Z"),
    conditional("until", "R:F", "until a date to come", GLOBAL, "DateLessThan", "aws:CurrentTime", "2199-01-01T00:00:00Z"),
    conditional("since", "R:F", "since a date that has passed", GLOBAL, "DateGreaterThan", "aws:CurrentTime", "2021-01-01T00:00:00Z"),
    conditional("later", "R:P", "from a date to come", GLOBAL, "DateGreaterThan", "aws:CurrentTime", "2199-01-01T00:00:00Z"),
    conditional("epoch-over", "R:P", "the same in seconds", GLOBAL, "NumericLessThan", "aws:EpochTime", "1609459200"),
    conditional("arn", "R:P", "roles of our account", GLOBAL, "ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWN}:role/*"),
    conditional("arn-any", "R:F", "a role that anyone can make in their account", GLOBAL, "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/call-reader"),
    conditional("arn-some", "R:F", "whoever is signed in at all", OPERATORS, "Null", "aws:PrincipalArn", "false"),
    conditional("tag", "R:F", "a tag that anyone can put on their own role", GLOBAL, "StringEquals", "aws:PrincipalTag/team", "quality"),
    conditional("mfa", "R:F", "anyone with a second factor", GLOBAL, "Bool", "aws:MultiFactorAuthPresent", "true"),
    conditional("userid", "R:P", "sessions of one role", BPA, "StringLike", "aws:userid", "AROAEXAMPLEROLEID0001:*"),
    conditional("source-account", "R:P", "services on behalf of our account", GLOBAL, "StringEquals", "aws:SourceAccount", OWN),
    conditional("tls-version", "R:F", "anyone with a modern client", S3_KEYS, "NumericGreaterThanEquals", "s3:TlsVersion", "1.2"),
    conditional("auth-type", "R:F", "anyone can sign a URL with their own key", S3_KEYS, "StringEquals", "s3:authType", "REST-QUERY-STRING"),
    conditional("resource-account", "R:F", "says whose bucket it is, and that is ours", GLOBAL, "StringEquals", "aws:ResourceAccount", OWN),
    conditional("prefix", "R:P", "s3:prefix is not there when an object is read", S3_KEYS, "StringEquals", "s3:prefix", "calls/"),
    conditional("not-prefix", "R:F", "negated, so true where the key is absent", OPERATORS, "StringNotEquals", "s3:prefix", "private/"),
    conditional("vpc-ip", "R:F", "a private address that anyone's network can have", GLOBAL, "IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
    conditional("not-userid", "R:F", "everybody but sessions of one role", GLOBAL, "StringNotLike", "aws:userid", "AROAEXAMPLEROLEID0001:*"),
    conditional("nameless", "R:F", "the user id of an unsigned request", GLOBAL, "StringEquals", "aws:userid", "anonymous"),
    conditional("type", "R:F", "any role of any account", GLOBAL, "StringEquals", "aws:PrincipalType", "AssumedRole"),
    conditional("signature", "R:F", "anyone can sign", S3_KEYS, "StringEquals", "s3:signatureversion", "AWS4-HMAC-SHA256"),
    conditional("region", "R:F", "the bucket's own region", GLOBAL, "StringEquals", "aws:RequestedRegion", "us-east-1"),
    conditional("other-region", "R:PU", "a region in which the bucket is not", GLOBAL, "StringEquals", "aws:RequestedRegion", "eu-west-1"),
    conditional("stranger-arn", "R:P X:F", "roles of an account that nobody named", GLOBAL, "ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{STRANGER}:role/*"),
    conditional("stranger-org", "R:P X:FU", "an organization, and nobody knows whose", GLOBAL, "StringEquals", "aws:PrincipalOrgID", "o-zzzzzzzzzz"),
    conditional("object-tag", "R:U", "object tags were not read", S3_KEYS, "StringEquals", "s3:ExistingObjectTag/public", "yes"),
    conditional("new-operator", "R:U", "an operator that nobody knows", OPERATORS, "StringResembles", "aws:SourceVpce", "vpce-0a1b2c3d"),
    conditional("new-key", "R:U", "a context key that nobody knows", GLOBAL, "StringEquals", "aws:PrincipalShoeSize", "44"),
    conditional("key-case", "R:F", "names of context keys have no case", GLOBAL, "IpAddress", "AWS:sourceip", "0.0.0.0/0"),
    public("if-empty", "R:F", "no condition in the condition", OPERATORS, allow({})),
    public("if-both", "R:P", "blocks are joined by and", OPERATORS, allow({"StringLike": {"aws:Referer": "https://*"}, "IpAddress": {_IP: "203.0.113.7/32"}})),
    public("if-never", "R:P", "two conditions that exclude each other", OPERATORS, allow({"StringEquals": {"aws:UserAgent": "a"}, "StringNotEquals": {"aws:UserAgent": "a"}})),
)  # fmt: skip

_FOLDER = "arn:aws:s3:::BUCKET/calls/2026/09/*"
DENIALS = (
    closed("all", "R:P W:P T:*", "closed for everybody", LOGIC, deny()),
    closed("aws-star", "R:P T:*", "closed for everybody, spelt otherwise", PRINCIPAL, deny(who=EVERYBODY)),
    closed("calls", "R:P", "closed where all recordings lie", LOGIC, deny(resource="arn:aws:s3:::BUCKET/calls/*")),
    closed("part", "R:F", "closed where one of them lies", LOGIC, deny(resource=_FOLDER), keys=TWO),
    closed("bucket", "R:F", "closes the bucket's own actions, no object", RESOURCE, deny(resource="arn:aws:s3:::BUCKET")),
    closed("other-action", "R:F", "closes another action", LOGIC, deny(action="s3:PutObject")),
    closed("plaintext", "R:F T:*", "closes plaintext only", TLS, deny({"Bool": {"aws:SecureTransport": "false"}})),
    closed("outside", "R:P", "closes every other network", GLOBAL, deny({"NotIpAddress": {_IP: "203.0.113.0/24"}})),
    closed("other-org", "R:P", "negated, so the nameless are denied too", OPERATORS, deny({"StringNotEquals": {"aws:PrincipalOrgID": _ORG}})),
    closed("other-org-if", "R:P", "IfExists: absent, so true, so denied", OPERATORS, deny({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": _ORG}})),
    closed("one-org", "R:F", "closes one organization", OPERATORS, deny({"StringEquals": {"aws:PrincipalOrgID": _ORG}})),
    closed("referer", "R:F", "a stranger sends the header", GLOBAL, deny({"StringNotLike": {"aws:Referer": "https://calls.example.com/*"}})),
    closed("no-vpce", "R:F", "a stranger comes through an endpoint of theirs", OPERATORS, deny({"Null": {"aws:SourceVpce": "true"}})),
    closed("other-vpce", "R:P", "closes every endpoint but ours, and none at all", OPERATORS, deny({"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}})),
    closed("but-role", "R:P", "closes everybody but one role", NOT_PRINCIPAL, deny(Principal=None, NotPrincipal={"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OWN}:role/reader"]})),
    closed("but-arn", "R:P", "closes everybody but one role", GLOBAL, deny({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/reader"}})),
    closed("service-bool", "R:F", "the key is absent without a signature, so nobody nameless is denied", GLOBAL, deny({"Bool": {"aws:PrincipalIsAWSService": "false"}})),
    closed("no-mfa", "R:F", "absent without a session, so not denied", GLOBAL, deny({"Bool": {"aws:MultiFactorAuthPresent": "false"}})),
    closed("no-mfa-if", "R:F", "a stranger has a second factor too", GLOBAL, deny({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})),
    closed("vpc-ip", "R:F", "a stranger has a private address too, in a network of theirs", GLOBAL, deny({"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}})),
    closed("ipv4", "R:F", "closes IPv4, not IPv6 and not VPC endpoints", GLOBAL, deny({"IpAddress": {_IP: "0.0.0.0/0"}})),
    closed("internet", "R:F", "SourceIp is absent through a VPC endpoint, a stranger's too", GLOBAL, deny({"IpAddress": {_IP: ["0.0.0.0/0", "::/0"]}})),
    closed("userid", "R:P", "closes everybody but sessions of one role", GLOBAL, deny({"StringNotLike": {"aws:userid": ["AROAEXAMPLEROLEID0001:*", OWN]}})),
    closed("one-account", "R:F", "closes one account", PRINCIPAL, deny(who={"AWS": f"arn:aws:iam::{STRANGER}:root"})),
    closed("two-conditions", "R:F", "denies only where both hold", OPERATORS, deny({"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {_IP: "203.0.113.0/24"}})),
    closed("past", "R:F", "the denial has run out", GLOBAL, deny({"DateLessThan": {"aws:CurrentTime": "2021-01-01T00:00:00Z"}})),
    closed("but-reading", "R:F", "denies everything but reading", NOT_ACTION, deny(Action=None, NotAction="s3:GetObject")),
    closed("but-recordings", "R:F", "denies everything but the recordings", RESOURCE, deny(Resource=None, NotResource="arn:aws:s3:::BUCKET/calls/*")),
    closed("tagged", "R:U", "denies tagged objects, and tags were not read", S3_KEYS, deny({"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}})),
    closed("new-operator", "R:U T:FU", "a denial that nobody can read", OPERATORS, deny({"StringResembles": {"aws:SourceVpce": "x"}})),
    public("not-version", "R:F", "reading by version id was forgotten", "Amazon S3 API Reference: GetObject", allow(action="s3:Get*"), deny(action="s3:GetObject")),
    public("not-write", "R:F W:P", "writing is denied, reading is not", LOGIC, allow(action="s3:*"), deny(Action=None, NotAction=["s3:Get*", "s3:List*"])),
)  # fmt: skip


def flag(name: str) -> dict[str, bool]:
    """One flag on, the others off."""
    return OPEN | {name: True}


_BOTH = [allow(Sid="World"), allow(who={"AWS": f"arn:aws:iam::{STRANGER}:root"}, Sid="Partner")]


def _flags(level: str) -> tuple[Shape, ...]:
    where = "block" if level == "b" else "account_block"
    shapes = []
    for name, by_policy, by_acl in (
        ("BlockPublicAcls", "F", "F"),
        ("IgnorePublicAcls", "F", "P"),
        ("BlockPublicPolicy", "F", "F"),
        ("RestrictPublicBuckets", "P", "F"),
    ):
        short = f"{level}-{''.join(c for c in name if c.isupper()).lower()}"
        why = f"{name} alone {'closes' if by_policy == 'P' else 'leaves'} a public policy"
        shapes.append(public(f"{short}-policy", f"R:{by_policy}", why, BPA, allow(), **{where: flag(name)}))
        why = f"{name} alone {'closes' if by_acl == 'P' else 'leaves'} a public ACL"
        shapes.append(
            public(
                f"{short}-acl", f"R:P W:{by_acl}", why, BPA,
                ownership="ObjectWriter", acl=[(ALL_USERS, "WRITE")], **{where: flag(name)},
            )
        )  # fmt: skip
    return tuple(shapes)


def _acl(name: str, truth: str, why: str, grantee: str, permission: str, source: str = ACL, **more: Any) -> Shape:
    return Shape(f"acl-{name}", truth, why, source, acl=[(grantee, permission)], **{"ownership": "ObjectWriter"} | more)


ACLS = (
    *_flags("b"),
    *_flags("a"),
    _acl("read", "R:P W:PU X:*", "lists names, and the objects' own ACLs are private", ALL_USERS, "READ"),
    _acl("write", "R:P W:F X:*", "anyone may put objects", ALL_USERS, "WRITE"),
    _acl("full", "R:P W:F X:*", "anyone may put objects and rewrite the ACL", ALL_USERS, "FULL_CONTROL"),
    _acl("write-acp", "R:P W:F X:*", "anyone may rewrite the ACL", ALL_USERS, "WRITE_ACP"),
    _acl("read-acp", "R:P W:PU X:*", "anyone may read the ACL", ALL_USERS, "READ_ACP"),
    _acl("signed-read", "R:P W:PU X:*", "any account lists names", SIGNED_IN, "READ"),
    _acl("signed-write", "R:P W:F X:*", "any account may put objects", SIGNED_IN, "WRITE"),
    _acl("signed-full", "R:P W:F X:*", "any account", SIGNED_IN, "FULL_CONTROL"),
    _acl("signed-ignored", "R:P W:P X:*", "IgnorePublicAcls covers this group too", SIGNED_IN, "FULL_CONTROL", BPA, block=flag("IgnorePublicAcls")),
    _acl("enforced", "R:P W:P X:P", "ACLs are disabled", ALL_USERS, "FULL_CONTROL", OWNERSHIP, ownership="BucketOwnerEnforced"),
    _acl("preferred", "R:P W:F X:*", "ACLs still count", ALL_USERS, "FULL_CONTROL", OWNERSHIP, ownership="BucketOwnerPreferred"),
    _acl("old-bucket", "R:P W:F X:*", "no ownership controls: the object writer owns, ACLs count", ALL_USERS, "WRITE", OWNERSHIP, ownership=None),
    _acl("log-delivery", "R:P W:PU X:PU", "the log delivery group is not the world", LOG_DELIVERY, "WRITE"),
    _acl("canonical", "R:P W:PU X:FU", "an account that nobody named", FOREIGN_CANONICAL, "FULL_CONTROL"),
    _acl("canonical-blocked", "R:P W:P X:FU", "a named account is not public, so no flag cuts it off", FOREIGN_CANONICAL, "FULL_CONTROL", BPA, block=CLOSED),
    _acl("canonical-enforced", "R:P W:P X:P", "ACLs are disabled", FOREIGN_CANONICAL, "FULL_CONTROL", OWNERSHIP, ownership="BucketOwnerEnforced"),
    _acl("denied", "R:U W:U X:U", "the ACL could not be read", ALL_USERS, "WRITE", denied=["GetBucketAcl"]),
    Shape("acl-plain", "R:P W:PU X:PU", "ACLs count, and the bucket's and the objects' own are private", ACL, ownership="ObjectWriter"),
    Shape("acl-unread", "R:U W:PU X:*", "ACLs count, and the objects' own could not be read", ACL, ownership="ObjectWriter", denied=["GetObjectAcl"]),
    Shape("pub-restrict-cross", "R:P X:P", "under a public policy the flag cuts off every other account as well", BPA, policy=_BOTH, block=flag("RestrictPublicBuckets")),
    Shape("who-restrict-named", "R:P X:F", "a policy that names accounts is not public, so the flag leaves it", BPA, policy=_BOTH[1:], block=CLOSED),
    public("b-all", "R:P", "all four flags", BPA, allow(), block=CLOSED),
)  # fmt: skip


def party(name: str, truth: str, why: str, source: str, *statements: Mapping[str, Any], **more: Any) -> Shape:
    """Make a bucket, blocked for the public, that somebody may read."""
    given = {"block": CLOSED, "policy": list(statements) or None} | more
    return Shape(f"who-{name}", truth, why, source, **given)


def by(who: Any, condition: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A statement that lets them read."""
    return allow(condition, who=who, **more)


_ROLE = f"arn:aws:iam::{STRANGER}:role/export"
_CLOUDFRONT = {"Service": "cloudfront.amazonaws.com"}
_DELEGATE = allow(
    {"StringEquals": {"s3:DataAccessPointAccount": OWN}}, "*", ["arn:aws:s3:::BUCKET", OBJECTS], EVERYBODY
)


def point(
    block: Mapping[str, bool] = OPEN, who: Any = ANYONE, vpc: str | None = None, resource: str = "*"
) -> dict[str, Any]:
    """An access point whose policy lets them read."""
    objects = f"arn:aws:s3:us-east-1:{OWN}:accesspoint/POINT/object/{resource}"
    return {"block": block, "vpc": vpc, "policy": [allow(who=who, resource=objects)]}


PARTIES = (
    party("root", "X:F", "an account that nobody named", PRINCIPAL, by({"AWS": f"arn:aws:iam::{STRANGER}:root"})),
    party("number", "X:F", "the same, by its number", PRINCIPAL, by({"AWS": STRANGER})),
    party("role", "X:F", "a role of that account", PRINCIPAL, by({"AWS": _ROLE})),
    party("session", "X:F", "a session of that account", PRINCIPAL, by({"AWS": f"arn:aws:sts::{STRANGER}:assumed-role/export/job"})),
    party("mixed", "X:F", "one of three is unknown", PRINCIPAL, by({"AWS": [OWN, VENDOR, STRANGER]})),
    party("canonical", "X:FU", "a canonical user that is not ours", PRINCIPAL, by({"CanonicalUser": FOREIGN_CANONICAL})),
    party("vendor", "X:P", "trusted", PRINCIPAL, by({"AWS": f"arn:aws:iam::{VENDOR}:root"})),
    party("vendor-role", "X:P", "a role of a trusted account", PRINCIPAL, by({"AWS": f"arn:aws:iam::{VENDOR}:role/asr"})),
    party("own", "X:P", "our own account", PRINCIPAL, by({"AWS": OWN})),
    party("own-role", "X:P", "a role of ours", PRINCIPAL, by({"AWS": f"arn:aws:iam::{OWN}:role/reader"})),
    party("deleted", "X:PU", "the id of a principal that was deleted", PRINCIPAL, by({"AWS": "AROAEXAMPLEROLEID0001"})),
    party("closed", "X:P", "a denial takes it back", LOGIC, by({"AWS": STRANGER}), deny(who={"AWS": STRANGER})),
    party("closed-arn", "X:F", "the root ARN in a denial is the account, but this denies another", LOGIC, by({"AWS": STRANGER}), deny(who={"AWS": VENDOR})),
    party("folder", "X:P", "a folder without recordings", RESOURCE, by({"AWS": STRANGER}, resource="arn:aws:s3:::BUCKET/site/*")),
    party("org-denial", "X:P", "the denial leaves only our organization", GLOBAL, by({"AWS": STRANGER}), deny({"StringNotEquals": {"aws:PrincipalAccount": [OWN, VENDOR]}})),
    party("cdn", "X:P R:P", "one distribution of ours", "Amazon CloudFront Developer Guide: Restrict access to an Amazon S3 origin", by(_CLOUDFRONT, {"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{OWN}:distribution/EDFDVBD6EXAMPLE"}})),
    party("cdn-foreign", "X:FU R:P", "a distribution of somebody else", "Amazon CloudFront Developer Guide: Restrict access to an Amazon S3 origin", by(_CLOUDFRONT, {"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{STRANGER}:distribution/EDFDVBD6EXAMPLE"}})),
    party("cdn-anyone", "X:FU R:FU", "any distribution, and anyone can make one", "Amazon CloudFront Developer Guide: Restrict access to an Amazon S3 origin", by(_CLOUDFRONT)),
    party("new-operator", "X:FU", "under a condition that nobody can read", OPERATORS, by({"AWS": STRANGER}, {"StringResembles": {"aws:SourceVpce": "x"}})),
    party("malformed", "R:PU W:PU X:U T:U", "not JSON, so nothing can be said", "IAM User Guide: Grammar of the IAM JSON policy language", policy="{"),
    party("logging", "X:P W:P R:P", "the log service may write", "Amazon S3 User Guide: Enabling Amazon S3 server access logging", allow({"StringEquals": {"aws:SourceAccount": OWN}}, "s3:PutObject", who={"Service": "logging.s3.amazonaws.com"})),
    party("kms", "X:P", "the account may read objects, but not use the key they are under", KMS, by({"AWS": STRANGER}), key_policy="own"),
    party("denied", "R:PU W:PU X:U T:U", "the policy could not be read", LOGIC, by({"AWS": STRANGER}), denied=["GetBucketPolicy"]),
    party("point", "X:F", "through an access point, to which the bucket delegates", POINTS, _DELEGATE, points=[point(CLOSED, {"AWS": STRANGER})]),
    party("point-alone", "X:P", "the bucket does not let the access point's guests in", POINTS, points=[point(CLOSED, {"AWS": STRANGER})]),
    party("point-foreign", "X:F", "delegates to access points of an account that nobody named", POINTS, allow({"StringEquals": {"s3:DataAccessPointAccount": STRANGER}}, "*", ["arn:aws:s3:::BUCKET", OBJECTS], EVERYBODY)),
    public("point-folder", "R:P", "the access point opens a folder without recordings", POINTS, _DELEGATE, points=[point(resource="site/*")]),
    public("point-part", "R:F", "the access point opens the folder of one of them", POINTS, _DELEGATE, points=[point(resource="calls/2026/09/*")], keys=TWO),
    public("point-new-only", "R:F", "BlockPublicPolicy refuses new policies only", BPA, _DELEGATE, points=[point(flag("BlockPublicPolicy"))]),
    public("point-denied", "R:U W:PU", "the policy of the access point could not be read", POINTS, _DELEGATE, points=[point()], denied=["s3control:GetAccessPointPolicy"]),
    public("point", "R:F", "a public access point, to which the bucket delegates", POINTS, _DELEGATE, points=[point()]),
    public("point-alone", "R:P", "the bucket's policy has to let them in as well", POINTS, points=[point()]),
    public("point-blocked", "R:P", "the access point has a block of its own", BPA, _DELEGATE, points=[point(CLOSED)]),
    public("point-restrict", "R:P", "RestrictPublicBuckets of the access point", BPA, _DELEGATE, points=[point(flag("RestrictPublicBuckets"))]),
    public("point-bucket-blocked", "R:P", "the most restrictive of all levels counts", BPA, _DELEGATE, points=[point()], block=CLOSED),
    public("point-vpc", "R:P", "only from one network", POINTS, _DELEGATE, points=[point(vpc="vpc-0a1b2c3d")]),
    public("point-none", "R:P", "delegates to access points that do not exist", POINTS, _DELEGATE),
    public("kms-known", "R:P", "every recording is under a key that strangers cannot use", KMS, allow(), key_policy="own"),
    public("kms-open", "R:F", "any account may use the key", KMS, allow(), key_policy="anyone"),
    public("kms-default-only", "R:F", "the default key came later: the recordings are under S3's own", KMS, allow(), key_policy="own", default_only=True),
    public("kms-unread", "R:U", "nobody looked under which key the recordings are", KMS, allow(), key_policy="own", denied=["HeadObject"]),
)  # fmt: skip


def transport(name: str, truth: str, why: str, *statements: Mapping[str, Any], source: str = TLS) -> Shape:
    """Make a bucket that is closed but for its transport."""
    return Shape(f"tls-{name}", f"R:P {truth}", why, source, policy=list(statements), block=CLOSED)


_WHOLE = ["arn:aws:s3:::BUCKET", OBJECTS]
_PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
TRANSPORTS = (
    transport("all", "T:P", "as AWS recommends", deny(_PLAIN, resource=_WHOLE)),
    transport("json", "T:P", "a JSON boolean is the same", deny({"Bool": {"aws:SecureTransport": False}}, resource=_WHOLE)),
    transport("aws-star", "T:P", "everybody, spelt otherwise", deny(_PLAIN, resource=_WHOLE, who=EVERYBODY)),
    transport("if-exists", "T:P", "the key is always there", deny({"BoolIfExists": {"aws:SecureTransport": "false"}}, resource=_WHOLE)),
    transport("star", "T:P", "every action of every service", deny(_PLAIN, "*", _WHOLE)),
    transport("glob", "T:P", "one pattern for the bucket and its objects", deny(_PLAIN, resource="arn:aws:s3:::BUCKET*")),
    transport("key-case", "T:P", "names of context keys have no case", deny({"Bool": {"AWS:securetransport": "false"}}, resource=_WHOLE)),
    transport("bucket-only", "T:F", "objects still travel in the clear", deny(_PLAIN, resource="arn:aws:s3:::BUCKET")),
    transport("folder", "T:F", "one folder only", deny(_PLAIN, resource=["arn:aws:s3:::BUCKET", _FOLDER])),
    transport("read-only", "T:F", "recordings may still be put in the clear", deny(_PLAIN, "s3:GetObject", _WHOLE)),
    transport("one-account", "T:F", "another account only", deny(_PLAIN, resource=_WHOLE, who={"AWS": VENDOR})),
    transport("not-principal", "T:F", "one role is spared", deny(_PLAIN, resource=_WHOLE, Principal=None, NotPrincipal={"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OWN}:role/reader"]})),
    transport("allow", "T:F", "an allowance for TLS denies nothing", allow({"Bool": {"aws:SecureTransport": "true"}}, "s3:*", _WHOLE, {"AWS": OWN})),
    transport("wrong", "T:F", "denies TLS instead", deny({"Bool": {"aws:SecureTransport": "true"}}, resource=_WHOLE)),
    transport("and-outside", "T:F", "only where a second condition holds", deny(_PLAIN | {"NotIpAddress": {_IP: "10.0.0.0/8"}}, resource=_WHOLE)),
    transport("but-arn", "T:F", "one role is spared", deny(_PLAIN | {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/dialer"}}, resource=_WHOLE)),
    transport("but-recordings", "T:F", "everything but the recordings", deny(_PLAIN, Resource=None, NotResource="arn:aws:s3:::BUCKET/calls/*")),
    transport("two", "T:P", "one statement for the bucket, one for its objects", deny(_PLAIN, resource="arn:aws:s3:::BUCKET"), deny(_PLAIN, Sid="Objects")),
    transport("objects", "T:*", "recordings only under TLS, their names without", deny(_PLAIN)),
    transport("old-tls", "T:FU", "s3:TlsVersion is absent without TLS", deny({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, resource=_WHOLE)),
    transport("past", "T:F", "the denial has run out", deny(_PLAIN | {"DateLessThan": {"aws:CurrentTime": "2021-01-01T00:00:00Z"}}, resource=_WHOLE)),
    transport("other-bucket", "T:F", "another bucket", deny(_PLAIN, resource=["arn:aws:s3:::else", "arn:aws:s3:::else/*"])),
    transport("deny-all", "T:P", "nobody may do anything, in the clear or not", deny(resource=_WHOLE)),
)  # fmt: skip

SHAPES: tuple[Shape, ...] = (*LIFECYCLES, *PRINCIPALS, *CONDITIONS, *DENIALS, *ACLS, *PARTIES, *TRANSPORTS)
