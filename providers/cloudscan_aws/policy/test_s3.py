from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Context, Effect, Ruling, keys
from cloudscan_aws.policy.callers import ANYONE, STRANGER, Caller, account_root, service, somebody_in
from cloudscan_aws.policy.organization import NO_ORGANIZATION
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
from cloudscan_aws.policy.test_support import (
    OBJECTS,
    ORG,
    OWNER,
    PARTNER,
    allow,
    bucket,
    deny,
    exactly,
    organization,
    policy,
    read,
    read_if,
    role,
    user,
)

YES, NO, IF, UNKNOWN = Ruling.YES, Ruling.NO, Ruling.IF, Ruling.UNKNOWN
EVERYBODY = {"Principal": "*"}
ACLS = Ownership.OBJECT_WRITER
BEN = user(allow("*", "*"), name="ben", account=PARTNER)


class TestAcls:
    @pytest.mark.parametrize(
        ("entry", "caller", "expected"),
        [
            (AclEntry("AllUsers", "READ"), ANYONE, YES),
            (AclEntry("AllUsers", "FULL_CONTROL"), ANYONE, YES),
            (AclEntry("AllUsers", "READ_ACP"), ANYONE, NO),
            (AclEntry("AllUsers", "WRITE"), ANYONE, NO),
            (AclEntry("AllUsers", "READ"), user(), YES),
            (AclEntry("AllUsers", "READ"), BEN, YES),
            (AclEntry("AllUsers", "READ"), user(name="ben", account=PARTNER), NO),
            (AclEntry("AuthenticatedUsers", "READ"), ANYONE, NO),
            (AclEntry("AuthenticatedUsers", "READ"), STRANGER, YES),
            (AclEntry("AuthenticatedUsers", "READ"), user(), YES),
            (AclEntry("AuthenticatedUsers", "READ"), service("transcribe.amazonaws.com"), NO),
            (AclEntry(PARTNER, "READ"), BEN, YES),
            (AclEntry(PARTNER, "READ"), account_root(PARTNER), YES),
            (AclEntry(PARTNER, "READ"), user(name="ben", account=PARTNER), NO),
            (AclEntry(PARTNER, "READ"), user(allow(), name="kim", account="333333333333"), NO),
            (AclEntry("c" * 64, "READ"), replace(BEN, canonical_id="c" * 64), YES),
            (AclEntry("c" * 64, "READ"), BEN, UNKNOWN),
            (AclEntry("c" * 64, "READ"), STRANGER, NO),
            (AclEntry("LogDelivery", "READ"), BEN, NO),
        ],
    )
    def test_whom_an_entry_lets_read(self, entry: AclEntry, caller: Caller, expected: Ruling) -> None:
        assert read(caller, bucket(ownership=ACLS), ObjectFacts(owner=OWNER, acl=(entry,))).ruling is expected

    def test_read_also_opens_old_versions(self) -> None:
        given = ObjectFacts(owner=OWNER, acl=(AclEntry("AllUsers", "READ"),))
        assert read(ANYONE, bucket(ownership=ACLS), given, action="s3:GetObjectVersion").ruling is YES
        assert read(ANYONE, bucket(ownership=ACLS), given, action="s3:DeleteObject").ruling is NO

    def test_ignored_public_entries_do_not_take_others_with_them(self) -> None:
        given = ObjectFacts(owner=OWNER, acl=(AclEntry("AllUsers", "READ"), AclEntry(PARTNER, "READ")))
        target = bucket(ownership=ACLS, blocks=(PublicAccessBlock(ignore_public_acls=True),))
        assert read(ANYONE, target, given).ruling is NO
        assert read(BEN, target, given).ruling is YES

    def test_an_identity_deny_beats_an_acl(self) -> None:
        given = ObjectFacts(owner=OWNER, acl=(AclEntry("AllUsers", "READ"),))
        assert read(user(deny("s3:*", "*")), bucket(ownership=ACLS), given).ruling is NO

    def test_guardrails_bind_what_acls_give(self) -> None:
        given = ObjectFacts(owner=OWNER, acl=(AclEntry("AllUsers", "READ"),))
        org = organization([allow("*", "*")], rcp=[deny("s3:*", "*", **EVERYBODY)])
        assert read(ANYONE, bucket(ownership=ACLS), given, org=org).ruling is NO

    @pytest.mark.parametrize(
        ("action", "permission", "expected"),
        [
            ("s3:ListBucket", "READ", YES),
            ("s3:ListBucketVersions", "READ", YES),
            ("s3:ListBucket", "WRITE", NO),
            ("s3:GetBucketAcl", "READ_ACP", YES),
            ("s3:PutBucketAcl", "FULL_CONTROL", YES),
            ("s3:PutBucketPolicy", "FULL_CONTROL", NO),
        ],
    )
    def test_what_a_bucket_acl_gives(self, action: str, permission: str, expected: Ruling) -> None:
        target = bucket(ownership=ACLS, acl=(AclEntry("AllUsers", permission),))
        asked = evaluate_bucket_request(ANYONE, action, target, organization=NO_ORGANIZATION)
        assert asked.ruling is expected


class TestUnreadFacts:
    PUBLIC = bucket(allow(**EVERYBODY))

    @pytest.mark.parametrize(
        ("target", "caller", "expected"),
        [
            (bucket(policy=None), ANYONE, UNKNOWN),
            (bucket(policy=None), user(allow()), UNKNOWN),
            (bucket(policy=None), user(), UNKNOWN),
            (replace(PUBLIC, blocks=(None,)), ANYONE, UNKNOWN),
            (replace(PUBLIC, blocks=(None,)), user(), YES),
            (replace(PUBLIC, blocks=(None, PublicAccessBlock(restrict_public_buckets=True))), ANYONE, NO),
            (bucket(blocks=(None,)), ANYONE, NO),
            (replace(PUBLIC, encryption=None), ANYONE, UNKNOWN),
            (bucket(encryption=None), ANYONE, NO),
            (PUBLIC, Caller(user().kind, user().name, OWNER, policies=None), UNKNOWN),
            (bucket(), Caller(user().kind, user().name, OWNER, policies=None), UNKNOWN),
            (bucket(), replace(user(allow()), boundaries=None), UNKNOWN),
        ],
    )
    def test_only_what_matters_makes_an_answer_unknown(
        self, target: BucketFacts, caller: Caller, expected: Ruling
    ) -> None:
        asked = read(caller, target)
        assert asked.ruling is expected
        assert bool(asked.unseen) is (expected is UNKNOWN)

    @pytest.mark.parametrize(
        ("more", "caller", "expected"),
        [
            ({"ownership": ACLS}, ANYONE, UNKNOWN),
            ({"ownership": None}, ANYONE, UNKNOWN),
            ({"ownership": Ownership.BUCKET_OWNER_ENFORCED}, ANYONE, NO),
            ({"ownership": ACLS, "blocks": (PublicAccessBlock(ignore_public_acls=True),)}, ANYONE, NO),
            ({"ownership": ACLS}, user(allow()), YES),
            ({"ownership": ACLS}, service("transcribe.amazonaws.com"), NO),
        ],
    )
    def test_an_object_acl_that_was_not_read(self, more: Any, caller: Caller, expected: Ruling) -> None:
        assert read(caller, bucket(**more), ObjectFacts()).ruling is expected

    def test_an_unread_organization_is_an_assumption_and_said(self) -> None:
        asked = read(ANYONE, self.PUBLIC, org=None)
        assert asked.ruling is YES
        assert [reason.effect for reason in asked.proof] == [Effect.ASSUMES, Effect.ALLOWS]


POINT = AccessPointFacts(f"arn:aws:s3:eu-central-1:{OWNER}:accesspoint/asr", OWNER)
THROUGH = f"{POINT.arn}/object/*"
DELEGATION = allow(
    "*",
    ["arn:aws:s3:::corpus", OBJECTS],
    Principal={"AWS": "*"},
    Condition={"StringEquals": {"s3:DataAccessPointAccount": OWNER}},
)


class TestAccessPoints:
    DELEGATED = bucket(DELEGATION)
    OPEN_TO_BEN = replace(POINT, policy=(policy(allow(resource=THROUGH, Principal={"AWS": PARTNER})),))

    @pytest.mark.parametrize(
        ("target", "point", "caller", "expected"),
        [
            (DELEGATED, POINT, user(allow(resource=THROUGH)), YES),
            (DELEGATED, POINT, user(allow()), NO),
            (DELEGATED, POINT, user(), NO),
            (bucket(), POINT, user(allow("*", "*")), YES),
            (bucket(), OPEN_TO_BEN, BEN, NO),
            (DELEGATED, OPEN_TO_BEN, BEN, YES),
            (DELEGATED, OPEN_TO_BEN, user(allow(resource=THROUGH), name="ben", account=PARTNER), YES),
            (DELEGATED, OPEN_TO_BEN, user(allow(), name="ben", account=PARTNER), NO),
            (DELEGATED, POINT, BEN, NO),
            (DELEGATED, OPEN_TO_BEN, ANYONE, NO),
        ],
    )
    def test_the_point_and_the_bucket_must_both_admit(
        self, target: BucketFacts, point: AccessPointFacts, caller: Caller, expected: Ruling
    ) -> None:
        assert read(caller, target, access_point=point).ruling is expected

    def test_a_policy_that_names_a_user_admits_it_without_identity_policy(self) -> None:
        point = replace(POINT, policy=(policy(allow(resource=THROUGH, Principal={"AWS": user().name})),))
        assert read(user(), self.DELEGATED, access_point=point).ruling is YES
        assert read(user(), bucket(), access_point=point).ruling is NO

    def test_delegation_opens_no_other_door(self) -> None:
        assert read(ANYONE, self.DELEGATED).ruling is NO
        assert read(BEN, self.DELEGATED).ruling is NO

    def test_a_point_for_one_vpc_serves_it_alone(self) -> None:
        point = replace(POINT, vpc="vpc-1")
        caller = user(allow("*", "*"))
        assert read(caller, bucket(), access_point=point).ruling is NO
        assert read(caller, bucket(), access_point=point, context={"aws:SourceVpc": "vpc-2"}).ruling is NO
        assert read(caller, bucket(), access_point=point, context={"aws:SourceVpc": "vpc-1"}).ruling is YES
        asked = read_if(caller, bucket(), access_point=point)
        assert asked.ruling is IF
        assert keys(asked.condition) == {"aws:SourceVpc"}

    def test_denies_of_both_policies_count(self) -> None:
        caller = user(allow("*", "*"))
        at_point = replace(POINT, policy=(policy(deny(resource=THROUGH, **EVERYBODY)),))
        assert read(caller, bucket(), access_point=at_point).ruling is NO
        assert read(caller, bucket(deny(**EVERYBODY)), access_point=POINT).ruling is NO

    def test_a_public_point_is_turned_inward_by_any_of_its_switches(self) -> None:
        public = replace(POINT, policy=(policy(allow(resource=THROUGH, **EVERYBODY)),))
        assert read(ANYONE, self.DELEGATED, access_point=public).ruling is YES
        switch = PublicAccessBlock(restrict_public_buckets=True)
        assert read(ANYONE, self.DELEGATED, access_point=replace(public, block=switch)).ruling is NO
        assert read(ANYONE, replace(self.DELEGATED, blocks=(switch,)), access_point=public).ruling is NO

    def test_the_network_of_a_point_is_a_key(self) -> None:
        vpc_only = deny(**EVERYBODY, Condition={"StringNotEquals": {"s3:AccessPointNetworkOrigin": "VPC"}})
        caller, inside = user(allow("*", "*")), {"aws:SourceVpc": "vpc-1"}
        assert read(caller, bucket(vpc_only)).ruling is NO
        assert read(caller, bucket(vpc_only), access_point=POINT).ruling is NO
        point = replace(POINT, vpc="vpc-1")
        assert read(caller, bucket(vpc_only), access_point=point, context=inside).ruling is YES

    def test_a_bucket_may_be_listed_through_a_point(self) -> None:
        asked = evaluate_bucket_request(
            user(allow("s3:ListBucket", [POINT.arn, "arn:aws:s3:::corpus"])),
            "s3:ListBucket",
            bucket(),
            access_point=POINT,
            organization=NO_ORGANIZATION,
        )
        assert asked.ruling is YES


class TestTheCallItself:
    def test_a_customer_provided_key_must_come_with_the_call(self) -> None:
        sealed = ObjectFacts(owner=OWNER, acl=(), encryption=Encryption("SSE-C"))
        brought = {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"}
        assert read(user(allow()), bucket(), sealed).ruling is NO
        assert read(user(allow()), bucket(), sealed, context=brought).ruling is YES
        assert keys(read_if(user(allow()), bucket(), sealed).condition) == set(brought)

    def test_tags_of_the_object_are_known_or_not(self) -> None:
        shared = allow(**EVERYBODY, Condition={"StringEquals": {"s3:ExistingObjectTag/share": "yes"}})
        for tags, expected in [({"share": "yes"}, YES), ({}, NO), (None, IF)]:
            found = ObjectFacts(owner=OWNER, acl=(), tags=tags)
            assert read_if(ANYONE, bucket(shared), found).ruling is expected

    def test_the_account_and_organization_of_the_resource_are_known(self) -> None:
        for key, value in [("aws:ResourceAccount", OWNER), ("s3:ResourceAccount", OWNER), ("aws:ResourceOrgID", ORG)]:
            ours = user(allow(Condition={"StringEquals": {key: value}}))
            assert read(ours, bucket(), org=organization([allow("*", "*")])).ruling is YES

    def test_a_bucket_is_called_in_its_own_region(self) -> None:
        for region, expected in [("eu-central-1", YES), ("us-east-1", NO)]:
            only = user(allow(Condition={"StringEquals": {"aws:RequestedRegion": region}}))
            asked = evaluate_object_request(only, "s3:GetObject", bucket(), "a.wav", organization=NO_ORGANIZATION)
            assert asked.ruling is expected

    def test_keys_of_listings_are_absent_from_other_requests(self) -> None:
        for key in ("s3:prefix", "s3:delimiter", "s3:max-keys"):
            assert read_if(user(allow(Condition={"Null": {key: "true"}})), bucket()).ruling is YES
            listing = user(allow("s3:ListBucket", "*", Condition={"Null": {key: "true"}}))
            assert (
                evaluate_bucket_request(listing, "s3:ListBucket", bucket(), organization=NO_ORGANIZATION).ruling is IF
            )

    def test_one_answer_names_every_requirement_met(self) -> None:
        asked = evaluate_object_request(
            role(allow()), "s3:GetObject", bucket(), "raw/a.wav", organization=NO_ORGANIZATION, context=exactly({})
        )
        (reason,) = asked.proof
        assert reason.sentence.startswith("policy of reader, statement 1 allows s3:GetObject")

    def test_a_residue_names_its_statement(self) -> None:
        secure = allow(**EVERYBODY, Condition={"Bool": {"aws:SecureTransport": "true"}})
        asked = evaluate_object_request(ANYONE, "s3:GetObject", bucket(secure), "raw/a.wav", context=Context())
        assert asked.ruling is IF
        assert getattr(asked.condition, "source", "") == "bucket policy of corpus, statement 1"

    def test_writing_under_a_key_needs_the_key_too(self) -> None:
        target = bucket(encryption=Encryption("SSE-KMS"))
        assert read(user(allow("s3:PutObject")), target, action="s3:PutObject").ruling is YES
        assert read(somebody_in(PARTNER), target, action="s3:PutObject").ruling is NO

    def test_the_owners_root_is_never_locked_out_of_the_bucket_policy_by_that_policy(self) -> None:
        locked = bucket(deny("s3:*", "*", **EVERYBODY))
        for action, asker, expected in [
            ("s3:PutBucketPolicy", account_root(OWNER), YES),
            ("s3:GetBucketPolicy", account_root(OWNER), YES),
            ("s3:DeleteBucketPolicy", account_root(OWNER), YES),
            ("s3:ListBucket", account_root(OWNER), NO),
            ("s3:PutBucketPolicy", account_root(PARTNER), NO),
            ("s3:PutBucketPolicy", user(allow("*", "*")), NO),
        ]:
            asked = evaluate_bucket_request(asker, action, locked, organization=NO_ORGANIZATION)
            assert asked.ruling is expected
        forbidden = organization([allow("*", "*"), deny("s3:PutBucketPolicy", "*")])
        asked = evaluate_bucket_request(account_root(OWNER), "s3:PutBucketPolicy", locked, organization=forbidden)
        assert asked.ruling is NO
