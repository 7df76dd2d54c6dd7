"""What was not read is neither a yes nor a no, and what could only take away is an assumption that is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Effect, Ruling
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Answer, Gap, Key, PolicyDocument, Why
from cloudscan_gcp.policy.test_support import (
    ANA,
    ASR,
    BO,
    EVE,
    EVERYBODY,
    FOLDER,
    KEY,
    OBJECT_READER,
    ORGANIZATION,
    PROJECT,
    STAFF,
    STORE,
    TEAM,
    VIEWER,
    allow,
    binding,
    bucket,
    deny,
    document,
    estate,
    kms_key,
    may,
    person,
    role,
    rule,
)

VIEWED = allow(STORE, binding(VIEWER, ANA))
UNSEEN, YES, NO = Ruling.UNKNOWN, Ruling.YES, Ruling.NO


def gap(resource: str, facet: str, operation: str) -> Gap:
    return Gap("gcp", "calls", "", facet, resource, Why.DENIED, operation)


@pytest.mark.parametrize("node", [ORGANIZATION, FOLDER, PROJECT])
def test_a_policy_above_that_was_not_read_may_give_to_somebody_and_never_to_everybody(node: str) -> None:
    held = estate(VIEWED, unread=[f"{node}#iam"])
    assert may(held, ANA).ruling is YES
    assert may(held, BO).ruling is UNSEEN
    assert may(held, BO).unseen == (f"the allow policy of {node} was not read and may give storage.objects.get",)
    assert may(held, ANYONE).ruling is may(held, ANYONE_SIGNED_IN).ruling is NO


def test_a_buckets_policy_that_was_not_read_may_give_to_everybody() -> None:
    held = estate(unread=[f"{STORE}#iam"])
    assert may(held, ANYONE).ruling is may(held, BO).ruling is UNSEEN
    without = estate(bucket(has_policy=Answer.NO), unread=[f"{STORE}#iam"])
    assert may(without, ANYONE).ruling is may(without, BO).ruling is NO


def test_what_lies_above_a_project_may_not_have_been_read() -> None:
    held = estate(VIEWED, parents=None)
    assert may(held, ANA).ruling is YES
    assert may(held, BO).ruling is UNSEEN
    assert may(held, ANYONE).ruling is NO


def test_a_role_that_was_not_read_may_permit_anything() -> None:
    held = estate(allow(STORE, binding("projects/calls/roles/audio", ANA)))
    assert may(held, ANA).ruling is UNSEEN
    assert may(held, BO).ruling is NO
    odd = PolicyDocument("projects/calls/roles/audio", "gcp", "calls", "role", (), '{"includedPermissions": 1}')
    assert may(estate(allow(STORE, binding(odd.id, ANA)), odd), ANA).ruling is UNSEEN
    disabled = role(odd.id, "storage.objects.get", stage="DISABLED")
    assert may(estate(allow(STORE, binding(odd.id, ANA)), disabled), ANA).ruling is NO


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"bindings": {}}', '{"bindings": [{"members": ["user:a@b"]}]}', '{"bindings": [null]}']
)
def test_a_malformed_policy_may_give_anything(text: str) -> None:
    assert may(estate(document("resource", STORE, text)), BO).ruling is UNSEEN


def test_of_a_policy_with_one_malformed_binding_the_others_count() -> None:
    odd: dict[str, Any] = {"role": VIEWER, "members": [BO], "condition": {}}
    held = estate(allow(STORE, odd, binding(VIEWER, ANA)))
    assert may(held, ANA).ruling is YES
    assert may(held, BO).ruling is UNSEEN


def test_a_malformed_deny_policy_may_refuse_anything() -> None:
    for text in ("{", '{"rules": [{}]}', '{"rules": [{"denyRule": {"deniedPrincipals": "all"}}]}'):
        held = estate(VIEWED, document("deny", PROJECT, text, "deny"))
        assert may(held, ANA).ruling is UNSEEN
        assert may(held, BO).ruling is NO


def test_deny_policies_and_boundaries_that_were_not_read_are_an_assumption_that_is_told() -> None:
    gaps = [
        gap(ORGANIZATION, "organization", "iam.policies.listPolicies"),
        gap(FOLDER, "organization", "iam.denypolicies.list"),
        gap(PROJECT, "organization", "iam.folders.locations.principalAccessBoundaryPolicies.list"),
    ]
    decision = may(estate(VIEWED, gaps=gaps), ANA)
    assert decision.ruling is YES
    told = [reason.sentence for reason in decision.proof if reason.effect is Effect.ASSUMES]
    assert told == [
        f"the deny policies of {FOLDER} were not read: taken to refuse nothing",
        f"the principal access boundaries of {PROJECT} were not read: taken to refuse nothing",
    ]


def test_members_of_a_group_that_nobody_read() -> None:
    bound = allow(STORE, binding(VIEWER, TEAM))
    for held in (
        estate(bound, person(ANA)),
        estate(bound, person(TEAM), gaps=[gap(TEAM, "principals", "cloudidentity.groups.memberships.list")]),
    ):
        assert may(held, ANA).ruling is may(held, ASR).ruling is UNSEEN
        assert may(held, TEAM).ruling is YES
        assert may(held, ANYONE).ruling is may(held, ANYONE_SIGNED_IN).ruling is NO
        assert may(held, "principal://iam.googleapis.com/locations/global/workforcePools/x/subject/s").ruling is NO
    read = estate(bound, person(TEAM), person(ANA, TEAM))
    assert may(read, ANA).ruling is YES
    assert may(read, BO).ruling is NO
    not_told = replace(person(TEAM), members=None)
    assert may(Estate.of([*_records(estate(bound)), not_told]), ANA).ruling is UNSEEN


def _records(held: Estate) -> list[Any]:
    return [*held.accounts.values(), *held.stores.values(), *held.policies.values()]


def test_the_users_of_a_customer_are_those_of_its_domain_as_far_as_that_is_known() -> None:
    bound = allow(STORE, binding(VIEWER, ANA), binding(VIEWER, EVE))
    refused = deny(PROJECT, rule("principalSet://goog/cloudIdentityCustomerId/C01"))
    assert may(estate(bound, refused), ANA).ruling is UNSEEN
    own = person("domain:acme.example", account=ORGANIZATION, unique_id="C01")
    assert may(estate(bound, refused, own), ANA).ruling is NO
    assert may(estate(bound, refused, own), EVE).ruling is UNSEEN


def test_a_group_within_a_group_that_nobody_read() -> None:
    bound = allow(STORE, binding(VIEWER, STAFF))
    gaps = [gap(TEAM, "principals", "cloudidentity.groups.memberships.list")]
    held = estate(bound, person(STAFF), person(TEAM, STAFF), person(ANA, STAFF), gaps=gaps)
    assert may(held, ANA).ruling is YES
    assert may(held, TEAM).ruling is YES
    assert may(held, BO).ruling is UNSEEN


def test_a_rule_for_a_group_that_nobody_read_may_refuse_and_an_exception_may_spare() -> None:
    named = "principalSet://goog/group/team@acme.example"
    assert may(estate(VIEWED, deny(PROJECT, rule(named))), ANA).ruling is UNSEEN
    spared = deny(PROJECT, rule(EVERYBODY, exceptionPrincipals=[named]))
    assert may(estate(VIEWED, spared), ANA).ruling is UNSEEN


def test_who_has_a_basic_role_was_not_read() -> None:
    bound = allow(STORE, binding(OBJECT_READER, "projectViewer:calls"))
    held = estate(bound, unread=[f"{PROJECT}#iam"])
    assert may(held, ANA).ruling is UNSEEN
    assert may(held, ANYONE).ruling is NO
    elsewhere = estate(allow(STORE, binding(OBJECT_READER, "projectViewer:elsewhere")))
    assert may(elsewhere, ANA).ruling is UNSEEN
    by_group = estate(bound, allow(PROJECT, binding("roles/viewer", TEAM)))
    assert may(by_group, ANA).ruling is UNSEEN
    read = estate(bound, allow(PROJECT, binding("roles/viewer", TEAM)), person(TEAM), person(ANA, TEAM))
    assert may(read, ANA).ruling is YES
    assert may(read, BO).ruling is NO


def test_a_project_is_named_by_its_number_too() -> None:
    """As lists of the XML API do, and policies that were made from them."""
    held = estate(
        allow(STORE, binding(OBJECT_READER, "projectViewer:1001")), allow(PROJECT, binding("roles/viewer", ANA))
    )
    assert may(held, ANA).ruling is YES
    assert may(held, BO).ruling is NO


@pytest.mark.parametrize("name", ["publicAccessPrevention", "uniformBucketLevelAccess"])
def test_a_switch_that_was_not_read(name: str) -> None:
    public = allow(STORE, binding(VIEWER, "allUsers", ANA))
    held = estate(bucket(controls={name: Answer.UNKNOWN}, acl=None), public)
    assert may(held, ANA, acl='[["anyone", "READER"]]').ruling is YES
    if name == "publicAccessPrevention":
        assert may(held, ANYONE).ruling is may(held, BO).ruling is UNSEEN
    else:
        listed = estate(bucket(controls={name: Answer.UNKNOWN}, acl=None))
        assert may(listed, ANYONE, acl='[["anyone", "READER"]]').ruling is UNSEEN
        assert may(listed, ANYONE, acl="[]").ruling is NO


@pytest.mark.parametrize("name", ["requesterPays", "ipFilter"])
def test_a_switch_that_could_only_take_away_from_who_signs_is_an_assumption_that_is_told(name: str) -> None:
    decision = may(estate(bucket(controls={name: Answer.UNKNOWN}), VIEWED), ANA)
    assert decision.ruling is YES
    assert [reason.effect for reason in decision.proof] == [Effect.ALLOWS, Effect.ASSUMES]
    public = estate(bucket(controls={name: Answer.UNKNOWN}), allow(STORE, binding(VIEWER, "allUsers")))
    assert may(public, ANYONE).ruling is (UNSEEN if name == "requesterPays" else YES)


def test_a_list_that_was_not_read_may_name_anybody() -> None:
    held = estate(bucket(controls={"uniformBucketLevelAccess": Answer.NO}, acl=None), VIEWED)
    assert may(held, ANA).ruling is YES
    assert may(held, BO).ruling is may(held, ANYONE).ruling is UNSEEN
    assert may(held, BO, acl="no list").ruling is UNSEEN
    assert may(held, BO, acl="[]").ruling is NO
    prevented = {"uniformBucketLevelAccess": Answer.NO, "publicAccessPrevention": Answer.YES}
    assert may(estate(bucket(controls=prevented, acl=None)), ANYONE).ruling is NO


def test_whether_a_deny_policy_stops_what_a_list_gives_is_not_documented() -> None:
    store = bucket(controls={"uniformBucketLevelAccess": Answer.NO}, acl=())
    held = estate(store, deny(PROJECT, rule(EVERYBODY)))
    assert may(held, ANYONE, acl='[["anyone", "READER"]]').ruling is UNSEEN
    assert may(estate(store), ANYONE, acl='[["anyone", "READER"]]').ruling is YES


def test_managed_folders_that_were_not_read_may_give() -> None:
    listing = gap(STORE, "store.policy", "storage.managedFolders.list")
    assert may(estate(VIEWED, gaps=[listing]), BO).ruling is UNSEEN
    assert may(estate(VIEWED, gaps=[listing]), ANA).ruling is YES
    one = gap(f"{STORE}/raw/", "store.policy", "storage.managedFolders.getIamPolicy")
    assert may(estate(VIEWED, gaps=[one]), BO).ruling is UNSEEN
    assert may(estate(VIEWED, gaps=[one]), BO, key="out/a.wav").ruling is NO


def test_how_an_object_is_encrypted_and_whether_its_key_works() -> None:
    under: dict[str, Any] = {"encryption_mode": "customer", "key_id": KEY}
    assert may(estate(VIEWED, *kms_key()), ANA, **under).ruling is YES
    assert may(estate(VIEWED), ANA, **under).ruling is UNSEEN
    assert may(estate(VIEWED), BO, **under).ruling is NO
    assert may(estate(VIEWED), ANA, encryption_mode=None).ruling is UNSEEN
    for state, ruling in ((None, UNSEEN), ("disabled", NO), ("destroyed", NO), ("enabled", YES)):
        assert may(estate(VIEWED, *kms_key(state=state)), ANA, **under).ruling is ruling
    ring, own = kms_key()[1:]
    unread = Key(KEY, "gcp", "calls", "eu", manager="customer", state="enabled")
    assert may(estate(VIEWED, unread, ring), ANA, **under).ruling is UNSEEN
    assert may(estate(VIEWED, unread, ring, allow(KEY)), ANA, **under).ruling is NO
    assert may(estate(VIEWED, unread, own), ANA, **under).ruling is YES


def test_boundaries_leave_open_what_they_keep_and_from_whom() -> None:
    members = "//cloudresourcemanager.googleapis.com/organizations/1"
    open_to = {"details": {"rules": [{"resources": [f"//cloudresourcemanager.googleapis.com/{PROJECT}"]}]}}
    shut = {"details": {"rules": [{"resources": ["//cloudresourcemanager.googleapis.com/projects/other"]}]}}
    assert may(estate(VIEWED, document("boundary", members, open_to, "b")), ANA).ruling is YES
    by_number = {"details": {"rules": [{"resources": ["//cloudresourcemanager.googleapis.com/projects/1001"]}]}}
    assert may(estate(VIEWED, document("boundary", members, by_number, "b")), ANA).ruling is YES
    kept = estate(VIEWED, document("boundary", members, shut, "b"))
    assert may(kept, ANA).ruling is UNSEEN
    assert may(kept, BO).ruling is NO
    public = estate(allow(STORE, binding(VIEWER, "allUsers")), document("boundary", members, shut, "b"))
    assert may(public, ANYONE).ruling is YES
    others = "principalSet://iam.googleapis.com/locations/global/workforcePools/staff/*"
    assert may(estate(VIEWED, document("boundary", others, shut, "b")), ANA).ruling is YES
    assert may(estate(VIEWED, document("boundary", members, "{", "b")), ANA).ruling is UNSEEN


def test_what_may_be_had_on_request_and_was_not_read_may_give_to_somebody_and_never_to_everybody() -> None:
    held = estate(VIEWED, gaps=[gap(PROJECT, "organization", "privilegedaccessmanager.entitlements.list")])
    assert may(held, ANA).ruling is YES
    assert may(held, BO).ruling is UNSEEN
    told = f"what may be had on request on {PROJECT} was not read and may give storage.objects.get"
    assert may(held, BO).unseen == (told,)
    assert may(held, ANYONE).ruling is may(held, ANYONE_SIGNED_IN).ruling is NO


def test_a_perimeter_that_makes_no_sense_is_taken_to_restrict() -> None:
    held = estate(VIEWED, document("perimeter", "projects/1001", "{", "p"))
    assert may(held, ANA).ruling is Ruling.IF
    assert may(held, ANA, known={}).ruling is NO
