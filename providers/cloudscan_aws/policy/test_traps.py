"""The rules of AWS that have misled evaluators, one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan_aws.policy.callers import ANYONE, Caller, Kind, account_root, service, somebody_in
from cloudscan_aws.policy.cognito import guest
from cloudscan_aws.policy.identity import evaluate_identity_request
from cloudscan_aws.policy.kms import KeyFacts, KeyGrant
from cloudscan_aws.policy.s3 import evaluate_bucket_request
from cloudscan_aws.policy.s3_facts import AclEntry, Encryption, ObjectFacts, Ownership, PublicAccessBlock
from cloudscan_aws.policy.test_support import (
    KEY_ARN,
    OBJECTS,
    ORG,
    OWNER,
    PARTNER,
    allow,
    bucket,
    deny,
    in_session,
    limited,
    organization,
    policy,
    read,
    read_if,
    role,
    user,
)
from cloudscan_aws.policy.trust import RoleFacts, evaluate_assume_role

YES, NO, IF = Ruling.YES, Ruling.NO, Ruling.IF
EVERYBODY = {"Principal": "*"}
READER = f"arn:aws:iam::{OWNER}:role/reader"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"
ANA = f"arn:aws:iam::{OWNER}:user/ana"
BEN = f"arn:aws:iam::{PARTNER}:user/ben"


def named(arn: str, **more: Any) -> Any:
    return allow(Principal={"AWS": arn}, **more)


class TestTrap1BoundaryAndSessionPolicyLimitAGrantToARoleOnly:
    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            (named(READER), NO),
            (named(SESSION), YES),
            (allow(**EVERYBODY, Condition={"ArnEquals": {"aws:PrincipalArn": READER}}), YES),
        ],
    )
    def test_in_the_same_account(self, statement: Any, expected: Ruling) -> None:
        assert read(limited(role(), allow("ec2:*", "*")), bucket(statement)).ruling is expected
        assert read(in_session(role(), allow("ec2:*", "*")), bucket(statement)).ruling is expected

    def test_a_grant_to_a_user_passes_the_boundary(self) -> None:
        assert read(limited(user(), allow("ec2:*", "*")), bucket(named(ANA))).ruling is YES

    def test_a_role_grant_within_the_boundary_needs_no_identity_policy(self) -> None:
        assert read(limited(role(), allow("s3:*", "*")), bucket(named(READER))).ruling is YES

    def test_an_explicit_deny_in_the_boundary_always_counts(self) -> None:
        caller = limited(role(), allow("*", "*"), deny("s3:*", "*"))
        assert read(caller, bucket(named(SESSION))).ruling is NO

    def test_across_accounts_everything_always_limits(self) -> None:
        ben = limited(user(allow(), name="ben", account=PARTNER), allow("ec2:*", "*"))
        assert read(ben, bucket(named(BEN))).ruling is NO
        assert read(replace(ben, boundaries=()), bucket(named(BEN))).ruling is YES


class TestTrap2UnionAtHomeIntersectionAbroadGatesForTrustAndKeys:
    def test_at_home_either_side_is_enough(self) -> None:
        assert read(user(allow()), bucket()).ruling is YES
        assert read(user(), bucket(named(ANA))).ruling is YES

    def test_abroad_both_sides_are_needed(self) -> None:
        assert read(user(allow(), name="ben", account=PARTNER), bucket()).ruling is NO
        assert read(user(name="ben", account=PARTNER), bucket(named(BEN))).ruling is NO
        assert read(user(allow(), name="ben", account=PARTNER), bucket(named(BEN))).ruling is YES

    @pytest.mark.parametrize(
        ("principal", "caller", "expected"),
        [
            (ANA, user(), YES),
            (f"arn:aws:iam::{OWNER}:root", user(), NO),
            (f"arn:aws:iam::{OWNER}:root", user(allow("sts:AssumeRole", READER)), YES),
            (f"arn:aws:iam::{OWNER}:user/bo", user(allow("sts:AssumeRole", READER)), NO),
        ],
    )
    def test_a_trust_policy_admits_by_name_or_by_account(
        self, principal: str, caller: Caller, expected: Ruling
    ) -> None:
        trust = policy({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
        facts = RoleFacts(READER, OWNER, trust)
        asked = evaluate_assume_role(caller, "sts:AssumeRole", facts, organization=organization())
        assert asked.ruling is expected


class TestTrap3AnAccountDelegatesAndGrantsNobody:
    @pytest.mark.parametrize("principal", [f"arn:aws:iam::{OWNER}:root", OWNER])
    def test_both_spellings(self, principal: str) -> None:
        assert read(user(), bucket(named(principal))).ruling is NO
        assert read(account_root(OWNER), bucket(named(principal))).ruling is YES

    def test_a_foreign_account_decides_who_of_it_may(self) -> None:
        target = bucket(named(PARTNER))
        assert read(user(name="ben", account=PARTNER), target).ruling is NO
        assert read(user(allow(), name="ben", account=PARTNER), target).ruling is YES


class TestTrap4MissingKeys:
    @pytest.mark.parametrize(
        ("operator", "expected"),
        [
            ("StringEquals", NO),
            ("StringNotEquals", YES),
            ("StringEqualsIfExists", YES),
            ("ForAllValues:StringEquals", YES),
            ("ForAnyValue:StringEquals", NO),
            ("ForAnyValue:StringNotEquals", NO),
            ("ForAllValues:StringNotEquals", YES),
        ],
    )
    @pytest.mark.parametrize("key", ["aws:CalledVia", "aws:SourceVpce", "example:unheard-of"])
    def test_what_each_operator_makes_of_an_absent_key(self, operator: str, expected: Ruling, key: str) -> None:
        assert read(user(allow(Condition={operator: {key: "x"}})), bucket()).ruling is expected

    @pytest.mark.parametrize("caller", [service("transcribe.amazonaws.com"), ANYONE])
    def test_deny_unless_our_organization_hits_services_and_anyone(self, caller: Caller) -> None:
        guard = deny(**EVERYBODY, Condition={"StringNotEquals": {"aws:PrincipalOrgID": ORG}})
        assert read(caller, bucket(allow(**EVERYBODY), guard), org=organization()).ruling is NO


class TestTrap5KeysThatAnEndpointOrAccessKeysTakeAway:
    def test_a_request_has_no_source_address_through_an_endpoint(self) -> None:
        both = allow(
            Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "StringEquals": {"aws:SourceVpce": "vpce-1"}}
        )
        assert read_if(user(both), bucket()).ruling is NO

    def test_a_deny_by_address_therefore_hits_the_endpoint(self) -> None:
        guard = deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
        through = {"aws:SourceVpce": "vpce-1", "aws:VpcSourceIp": "10.0.0.4"}
        assert read(user(allow(), guard), bucket(), context=through).ruling is NO

    @pytest.mark.parametrize(("operator", "expected"), [("Bool", NO), ("BoolIfExists", YES)])
    def test_mfa_is_absent_with_access_keys(self, operator: str, expected: Ruling) -> None:
        asked = allow(Condition={operator: {"aws:MultiFactorAuthPresent": "true"}})
        assert read(user(asked), bucket()).ruling is expected


class TestTrap6NotPrincipalWithDeny:
    def test_it_spares_whom_it_lists(self) -> None:
        target = bucket(deny(NotPrincipal={"AWS": [ANA, f"arn:aws:iam::{OWNER}:root"]}))
        assert read(user(allow()), target).ruling is YES
        assert read(user(allow(), name="bo"), target).ruling is NO

    def test_it_hits_everybody_with_a_boundary(self) -> None:
        target = bucket(deny(NotPrincipal={"AWS": [ANA, f"arn:aws:iam::{OWNER}:root"]}))
        assert read(limited(user(allow()), allow("*", "*")), target).ruling is NO


class TestTrap7WhomTheOrganizationBinds:
    NO_S3 = organization([allow("*", "*"), deny("s3:*", "*")], members=(OWNER, PARTNER))

    @pytest.mark.parametrize(
        ("caller", "expected"),
        [
            (user(allow()), NO),
            (account_root(OWNER), NO),
            (role(allow(), service_linked=True), YES),
            (service("transcribe.amazonaws.com"), YES),
            (user(allow(), name="kim", account="333333333333"), YES),
            (user(allow(), name="ops", account="999999999999"), YES),
        ],
    )
    def test_service_control_policies(self, caller: Caller, expected: Ruling) -> None:
        assert read(caller, bucket(allow(**EVERYBODY)), org=self.NO_S3).ruling is expected

    @pytest.mark.parametrize(
        ("caller", "expected"),
        [
            (user(allow()), NO),
            (ANYONE, NO),
            (service("transcribe.amazonaws.com"), NO),
            (user(allow(), name="ben", account=PARTNER), NO),
            (role(allow(), service_linked=True), YES),
        ],
    )
    def test_resource_control_policies(self, caller: Caller, expected: Ruling) -> None:
        org = organization([allow("*", "*")], rcp=[deny("s3:*", "*", **EVERYBODY)])
        assert read(caller, bucket(allow(**EVERYBODY)), org=org).ruling is expected

    def test_resources_of_the_management_account_are_free_of_rcps(self) -> None:
        org = organization([allow("*", "*")], rcp=[deny("s3:*", "*", **EVERYBODY)], members=(OWNER, "999999999999"))
        target = bucket(allow(**EVERYBODY), account="999999999999")
        assert read(ANYONE, target, ObjectFacts(owner="999999999999", acl=()), org=org).ruling is YES

    @pytest.mark.parametrize(("managed", "expected"), [(True, YES), (False, NO)])
    def test_keys_that_aws_manages_are_free_of_rcps(self, managed: bool, expected: Ruling) -> None:
        org = organization([allow("*", "*")], rcp=[deny("kms:*", "*", **EVERYBODY)])
        key = KeyFacts(KEY_ARN, OWNER, managed_by_aws=managed, policy=None if managed else DEFAULT_KEY_POLICY)
        caller = user(allow(), allow("kms:Decrypt", KEY_ARN))
        assert read(caller, encrypted(), keys=(key,), org=org).ruling is expected

    def test_every_level_must_allow(self) -> None:
        org = organization([allow("*", "*")], [allow("ec2:*", "*")])
        assert read(user(allow()), bucket(), org=org).ruling is NO


class TestTrap8BlockPublicAccess:
    RESTRICTED = (PublicAccessBlock(restrict_public_buckets=True),)

    def test_one_public_statement_cuts_off_a_fixed_partner(self) -> None:
        ben = user(allow(), name="ben", account=PARTNER)
        elsewhere = allow(resource="arn:aws:s3:::corpus/open/*", **EVERYBODY)
        assert read(ben, bucket(named(BEN), blocks=self.RESTRICTED)).ruling is YES
        assert read(ben, bucket(named(BEN), elsewhere, blocks=self.RESTRICTED)).ruling is NO

    def test_the_own_account_and_services_stay(self) -> None:
        target = bucket(allow(**EVERYBODY), blocks=self.RESTRICTED)
        assert read(user(), target).ruling is YES
        assert read(service("transcribe.amazonaws.com"), target).ruling is YES
        assert read(ANYONE, target).ruling is NO

    def test_a_no_says_that_the_switch_keeps_out_whom_the_policy_admits(self) -> None:
        kept_out = "RestrictPublicBuckets keeps anyone out of"
        for statement, shut in ((allow(**EVERYBODY), True), (allow(Principal={"AWS": str(BEN)}), False)):
            decision = read(ANYONE, bucket(statement, blocks=self.RESTRICTED))
            assert any(reason.sentence.startswith(kept_out) for reason in decision.proof) is shut

    def test_an_account_wide_switch_is_as_good(self) -> None:
        blocks = (PublicAccessBlock(), PublicAccessBlock(restrict_public_buckets=True))
        assert read(ANYONE, bucket(allow(**EVERYBODY), blocks=blocks)).ruling is NO

    @pytest.mark.parametrize(("block", "expected"), [("10.0.0.0/7", NO), ("10.0.0.0/8", YES)])
    def test_an_address_block_wider_than_8_is_public(self, block: str, expected: Ruling) -> None:
        narrowed = allow(**EVERYBODY, Condition={"IpAddress": {"aws:SourceIp": block}})
        target = bucket(narrowed, blocks=self.RESTRICTED)
        assert read(ANYONE, target, context={"aws:SourceIp": "10.1.2.3"}).ruling is expected

    def test_each_switch_works_on_its_own_channel(self) -> None:
        open_by_acl = ObjectFacts(owner=OWNER, acl=(AclEntry("AllUsers", "READ"),))
        by_acl = bucket(ownership=Ownership.OBJECT_WRITER)
        assert read(ANYONE, replace(by_acl, blocks=self.RESTRICTED), open_by_acl).ruling is YES
        assert (
            read(ANYONE, replace(by_acl, blocks=(PublicAccessBlock(ignore_public_acls=True),)), open_by_acl).ruling
            is NO
        )
        by_policy = bucket(allow(**EVERYBODY), blocks=(PublicAccessBlock(ignore_public_acls=True),))
        assert read(ANYONE, by_policy).ruling is YES


class TestTrap9OwnershipAndAcls:
    WRITERS = bucket(allow(**EVERYBODY), ownership=Ownership.OBJECT_WRITER)
    FOREIGN = ObjectFacts(owner=PARTNER, acl=())

    def test_a_foreign_object_escapes_the_bucket_policy_and_its_owner(self) -> None:
        assert read(ANYONE, self.WRITERS, self.FOREIGN).ruling is NO
        assert read(user(allow()), self.WRITERS, self.FOREIGN).ruling is NO
        assert read(account_root(OWNER), self.WRITERS, self.FOREIGN).ruling is NO
        assert read(user(allow(), name="ben", account=PARTNER), self.WRITERS, self.FOREIGN).ruling is YES

    def test_unless_its_acl_gives_the_bucket_owner_control(self) -> None:
        given = replace(self.FOREIGN, acl=(AclEntry(OWNER, "FULL_CONTROL"),))
        assert read(user(allow()), self.WRITERS, given).ruling is YES
        assert read(user(), self.WRITERS, given).ruling is NO

    def test_the_bucket_policy_still_denies_it(self) -> None:
        target = bucket(deny(**EVERYBODY), ownership=Ownership.OBJECT_WRITER)
        assert read(user(allow(), name="ben", account=PARTNER), target, self.FOREIGN).ruling is NO

    def test_bucket_owner_enforced_ends_acls_and_foreign_owners(self) -> None:
        given = replace(self.FOREIGN, acl=(AclEntry("AllUsers", "READ"),))
        assert read(ANYONE, bucket(), given).ruling is NO
        assert read(user(allow()), bucket(), given).ruling is YES

    def test_a_bucket_acl_lists_and_never_reads(self) -> None:
        target = bucket(ownership=Ownership.OBJECT_WRITER, acl=(AclEntry("AllUsers", "READ"),))
        assert read(ANYONE, target).ruling is NO
        listed = evaluate_bucket_request(ANYONE, "s3:ListBucket", target, organization=organization())
        assert listed.ruling is YES


DEFAULT_KEY_POLICY = policy(allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"}), name="key policy")


def encrypted(key: str | None = KEY_ARN, *, bucket_key: bool = False, **more: Any) -> Any:
    return bucket(encryption=Encryption("SSE-KMS", key, bucket_key), **more)


class TestTrap10EncryptionUnderAKey:
    KEY = KeyFacts(KEY_ARN, OWNER, policy=DEFAULT_KEY_POLICY)
    MAY_BOTH = user(allow(), allow("kms:Decrypt", KEY_ARN))

    def test_one_identity_must_hold_read_and_decrypt(self) -> None:
        assert read(self.MAY_BOTH, encrypted(), keys=(self.KEY,)).ruling is YES
        half = read(user(allow()), encrypted(), keys=(self.KEY,))
        assert half.ruling is NO
        assert any("kms:Decrypt" in reason.sentence for reason in half.proof)

    def test_the_objects_own_encryption_counts_and_not_the_buckets(self) -> None:
        plain = ObjectFacts(owner=OWNER, acl=(), encryption=Encryption("SSE-S3"))
        assert read(user(allow()), encrypted(), plain, keys=(self.KEY,)).ruling is YES
        under_key = replace(plain, encryption=Encryption("SSE-KMS", KEY_ARN))
        assert read(user(allow()), bucket(), under_key, keys=(self.KEY,)).ruling is NO

    @pytest.mark.parametrize(
        ("bucket_key", "arn", "expected"),
        [
            (False, "arn:aws:s3:::corpus/raw/a.wav", YES),
            (False, "arn:aws:s3:::corpus", NO),
            (True, "arn:aws:s3:::corpus", YES),
            (True, "arn:aws:s3:::corpus/raw/a.wav", NO),
        ],
    )
    def test_a_bucket_key_changes_the_encryption_context(self, bucket_key: bool, arn: str, expected: Ruling) -> None:
        within = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": arn}}
        caller = user(allow(), allow("kms:Decrypt", KEY_ARN, Condition=within))
        assert read(caller, encrypted(bucket_key=bucket_key), keys=(self.KEY,)).ruling is expected

    def test_the_key_of_the_service_never_crosses_accounts(self) -> None:
        target = replace(encrypted(None), policy=(policy(named(BEN)),))
        assert read(user(allow()), encrypted(None)).ruling is YES
        assert read(user(allow("*", "*"), name="ben", account=PARTNER), target).ruling is NO

    def test_a_grant_stands_beside_iam(self) -> None:
        granted = KeyFacts(KEY_ARN, OWNER, policy=policy(), grants=(KeyGrant(READER, frozenset({"Decrypt"})),))
        assert read(role(allow()), encrypted(), keys=(granted,)).ruling is YES
        assert read(role(allow(), deny("kms:*", "*")), encrypted(), keys=(granted,)).ruling is NO

    def test_nobody_reads_it_unsigned(self) -> None:
        key = replace(self.KEY, policy=policy(allow("kms:*", "*", **EVERYBODY)))
        target = replace(encrypted(), policy=(policy(allow(**EVERYBODY)),))
        assert read(ANYONE, target, keys=(key,)).ruling is NO

    def test_the_arn_of_an_alias_is_not_the_arn_of_its_key(self) -> None:
        alias = f"arn:aws:kms:eu-central-1:{OWNER}:alias/audio"
        caller = user(allow(), allow("kms:Decrypt", alias))
        assert read(caller, encrypted(), keys=(replace(self.KEY, aliases=("alias/audio",)),)).ruling is NO


class TestTrap11VersionsAreAnotherAction:
    def test_a_deny_on_getobject_leaves_versions_open(self) -> None:
        caller = user(allow("s3:*", "*"), deny("s3:GetObject", "*"))
        assert read(caller, bucket()).ruling is NO
        assert read(caller, bucket(), action="s3:GetObjectVersion").ruling is YES

    def test_and_the_other_way_round(self) -> None:
        assert read(user(allow("s3:GetObjectVersion")), bucket()).ruling is NO


class TestTrap12Matching:
    def test_an_old_version_has_no_variables(self) -> None:
        home = allow(resource="arn:aws:s3:::corpus/${aws:username}/*")
        for version, key, expected in [
            ("2012-10-17", "ana/a.wav", YES),
            ("2008-10-17", "ana/a.wav", NO),
            ("2008-10-17", "${aws:username}/a.wav", YES),
        ]:
            caller = replace(user(), policies=(policy(home, version=version),))
            assert read(caller, bucket(), key=key).ruling is expected

    @pytest.mark.parametrize(
        ("action", "resource", "expected"),
        [
            ("S3:getobject", OBJECTS, YES),
            ("s3:GetObject", "arn:aws:s3:::corpus/RAW/*", NO),
            ("s3:GetObject", "arn:aws:s3:::corpus/*.wav", YES),
            ("s3:GetObject", "arn:aws:s3:::corpus/raw/?.wav", YES),
            ("s3:GetObject", "arn:aws:s3:::corpus/raw?a.wav", YES),
            ("s3:GetObject", "arn:aws:s3:::corpus/raw/a?wav?", NO),
            ("s3:GetObject", "arn:aws:s3:::corpus/raw/[a-z].wav", NO),
            ("s3:GetObject", "arn:aws:s3:::corpus/raw/a.w.v", NO),
            ("s3:Get?bject", OBJECTS, YES),
            ("s3:GetObject?*", OBJECTS, NO),
        ],
    )
    def test_case_and_wildcards(self, action: str, resource: str, expected: Ruling) -> None:
        assert read(user(allow(action, resource)), bucket()).ruling is expected


class TestTrap13ResiduesAreSimplified:
    def test_two_endpoints_at_once_are_a_contradiction(self) -> None:
        one = allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})
        other = deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-2"}})
        assert read_if(user(one, other), bucket()).ruling is NO

    def test_a_subsumed_condition_goes(self) -> None:
        wide = allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
        narrow = allow(
            Condition={"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}, "Bool": {"aws:SecureTransport": "true"}}
        )
        asked = read_if(user(wide, narrow), bucket())
        assert asked.ruling is IF
        assert keys(asked.condition) == {"aws:SourceIp"}

    def test_both_ways_together_ask_nothing(self) -> None:
        secure = allow(Condition={"Bool": {"aws:SecureTransport": "true"}})
        otherwise = allow(Condition={"BoolIfExists": {"aws:SecureTransport": "false"}})
        assert read_if(user(secure, otherwise), bucket()).ruling is YES


class TestTrap14CognitoGuests:
    @pytest.mark.parametrize("enhanced", [False, True])
    def test_a_guest_role_that_reads_lets_the_whole_internet_read(self, enhanced: bool) -> None:
        assert read(guest(role(allow()), enhanced_flow=enhanced), bucket()).ruling is YES

    def test_the_enhanced_flow_leaves_decryption_open_too(self) -> None:
        held = role(allow(), allow("kms:Decrypt", KEY_ARN))
        key = KeyFacts(KEY_ARN, OWNER, policy=DEFAULT_KEY_POLICY)
        assert read(guest(held, enhanced_flow=True), encrypted(), keys=(key,)).ruling is YES

    def test_but_not_every_service(self) -> None:
        held = role(allow("secretsmanager:GetSecretValue", "*"))
        for enhanced, expected in [(False, YES), (True, NO)]:
            asked = evaluate_identity_request(
                guest(held, enhanced_flow=enhanced),
                "secretsmanager:GetSecretValue",
                f"arn:aws:secretsmanager:eu-central-1:{OWNER}:secret:x",
                organization=organization(),
            )
            assert asked.ruling is expected


def test_a_federated_token_is_judged_by_its_claims() -> None:
    provider = f"arn:aws:iam::{OWNER}:oidc-provider/token.actions.githubusercontent.com"
    prefix = "token.actions.githubusercontent.com"
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{prefix}:aud": "sts.amazonaws.com"},
                "StringLike": {f"{prefix}:sub": "repo:acme/asr:*"},
            },
        }
    )
    for subject, expected in [("repo:acme/asr:ref:refs/heads/main", YES), ("repo:evil/asr:x", NO)]:
        claims = {f"{prefix}:aud": ("sts.amazonaws.com",), f"{prefix}:sub": (subject,)}
        token = Caller(Kind.FEDERATED, provider, claims=claims)
        facts = RoleFacts(READER, OWNER, trust)
        asked = evaluate_assume_role(token, "sts:AssumeRoleWithWebIdentity", facts, organization=organization())
        assert asked.ruling is expected


def test_somebody_unknown_abroad_is_supposed_to_be_allowed_at_home() -> None:
    assert read(somebody_in(PARTNER, BEN), bucket(named(BEN))).ruling is YES
    assert read(somebody_in(PARTNER), bucket(named(BEN))).ruling is NO
