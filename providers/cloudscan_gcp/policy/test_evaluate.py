"""Rules of evaluation that the worked cases do not show: proofs, suppositions, callers who cannot ask."""

from __future__ import annotations

from cloudscan.access import Effect, Ruling
from cloudscan.model import ANYONE, AclGrant, Answer
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.policy.supposed import Bound, Supposed
from cloudscan_gcp.policy.test_support import (
    ANA,
    ASR,
    BO,
    EVERYBODY,
    OBJECT_READER,
    PROJECT,
    STORE,
    TEAM,
    VIEWER,
    allow,
    binding,
    bucket,
    deny,
    estate,
    may,
    person,
    role,
    rule,
)

GET = "storage.objects.get"
OBJECT = f"{STORE}/raw/a.wav"


def test_a_proof_names_the_binding_and_what_makes_somebody_a_member() -> None:
    held = estate(
        allow(STORE, binding(OBJECT_READER, "projectViewer:calls")), allow(PROJECT, binding("roles/viewer", ANA))
    )
    said = [(reason.effect, reason.statement) for reason in may(held, ANA).proof]
    assert said == [
        (Effect.ALLOWS, f"{STORE}#iam: {OBJECT_READER} for projectViewer:calls"),
        (Effect.ALLOWS, f"{PROJECT}#iam: roles/viewer for {ANA}"),
    ]


def test_a_proof_of_a_no_says_what_refuses_or_what_is_lacking() -> None:
    refused = may(estate(allow(STORE, binding(VIEWER, ANA)), deny(PROJECT, rule(EVERYBODY))), ANA)
    assert [reason.effect for reason in refused.proof] == [Effect.DENIES, Effect.ALLOWS]
    assert refused.proof[0].statement == "deny: rule 1"
    lacking = may(estate(), ANA)
    assert [reason.sentence for reason in lacking.proof] == [f"nothing gives {GET} on {OBJECT} to {ANA}"]
    disabled = may(estate(allow(STORE, binding(VIEWER, ASR)), person(ASR, enabled=Answer.NO)), ASR)
    assert disabled.ruling is Ruling.NO
    assert [reason.sentence for reason in disabled.proof] == [f"{ASR} is disabled"]


def test_a_no_names_the_bindings_that_nearly_give() -> None:
    """A condition on the bucket's own name is never met by an object, and a role that was deleted can be undeleted."""
    own = binding(VIEWER, ANA, when='resource.name == "projects/_/buckets/corpus"')
    (lacking, near) = may(estate(allow(PROJECT, own)), ANA).proof
    assert lacking.sentence == f"nothing gives {GET} on {OBJECT} to {ANA}"
    assert (near.effect, near.statement) == (
        Effect.LACKS,
        f"{PROJECT}#iam: {VIEWER} for {ANA} if {own['condition']['expression']}",
    )
    assert near.sentence == f"{near.statement} gives {GET}, but its condition is never met on {OBJECT}"
    for facts, state in (({"deleted": True}, "deleted"), ({"stage": "DISABLED"}, "disabled")):
        custom = "projects/calls/roles/listener"
        held = estate(allow(PROJECT, binding(custom, ANA)), role(custom, GET, **facts))
        (_, near) = may(held, ANA).proof
        assert (
            near.sentence == f"{PROJECT}#iam: {custom} for {ANA} gives nothing, since its role is {state}: it has {GET}"
        )
    public = may(
        estate(bucket(controls={"publicAccessPrevention": Answer.YES}), allow(STORE, binding(VIEWER, "allUsers"))), ANA
    )
    assert public.proof[1].sentence.endswith(f"gives {GET}, but public access to {OBJECT} is prevented")
    assert len(may(estate(allow(PROJECT, binding(VIEWER, BO), binding("roles/viewer", ANA))), ANA).proof) == 1


def test_a_condition_is_told_with_the_statement_that_it_comes_from() -> None:
    when = "request.time < timestamp('2030-01-01T00:00:00Z')"
    decision = may(estate(allow(STORE, binding(VIEWER, ANA, when=when))), ANA)
    (reason,) = decision.proof
    assert decision.ruling is Ruling.IF
    assert reason.statement == f"{STORE}#iam: {VIEWER} for {ANA} if {when}"
    assert reason.condition == decision.condition


def test_a_proof_of_a_yes_names_what_suffices_and_nothing_else() -> None:
    """Nobody knows that she is in the group, and what ended or is yet to begin proves nothing."""
    over = binding(VIEWER, ANA, when="request.time < timestamp('2026-01-01T00:00:00Z')")
    held = estate(allow(PROJECT, binding(VIEWER, TEAM), over), allow(STORE, binding(OBJECT_READER, ANA)))
    decision = may(held, ANA)
    assert decision.ruling is Ruling.YES
    assert [reason.statement for reason in decision.proof] == [f"{STORE}#iam: {OBJECT_READER} for {ANA}"]
    lists = bucket(controls={"uniformBucketLevelAccess": Answer.NO})
    listed = may(estate(lists, allow(PROJECT, binding(VIEWER, TEAM))), ANA, acl=f'[["{ANA}", "READER"]]')
    assert [reason.statement for reason in listed.proof] == [f"ACL of {OBJECT}"]


def test_what_may_mean_somebody_is_said_to_give_perhaps() -> None:
    """Of a group of which nobody read the members: whether it is what gives, or what a deny policy stops."""
    bound = allow(STORE, binding(VIEWER, TEAM))
    words = f"{STORE}#iam: {VIEWER} for {TEAM} perhaps gives {GET}: the members of {TEAM} were not read"
    unsure = may(estate(bound), ANA)
    assert unsure.ruling is Ruling.UNKNOWN
    assert [reason.sentence for reason in unsure.proof] == [words]
    refused = may(estate(bound, deny(PROJECT, rule(EVERYBODY))), ANA)
    assert refused.ruling is Ruling.NO
    assert [reason.sentence for reason in refused.proof][1:] == [words]


def test_what_a_step_would_change_is_supposed_and_denies_still_count() -> None:
    facts = Facts(estate(deny(PROJECT, rule("principal://goog/subject/bo@acme.example"))))
    granted = Supposed(granted=frozenset({Bound(PROJECT)}))
    assert facts.decide(ANA, GET, OBJECT).ruling is Ruling.NO
    assert facts.decide(ANA, GET, OBJECT, supposed=granted).ruling is Ruling.YES
    assert facts.decide(BO, GET, OBJECT, supposed=granted).ruling is Ruling.NO
    lifted = Supposed(granted=frozenset({Bound(PROJECT)}), lifted=frozenset({"deny"}))
    assert facts.decide(BO, GET, OBJECT, supposed=lifted).ruling is Ruling.YES
    elsewhere = Supposed(granted=frozenset({Bound("projects/other")}))
    assert facts.decide(ANA, GET, OBJECT, supposed=elsewhere).ruling is Ruling.NO
    some = Supposed(granted=frozenset({Bound(PROJECT, ("roles/viewer",))}))
    assert facts.decide(ANA, GET, OBJECT, supposed=some).ruling is Ruling.NO
    some = Supposed(granted=frozenset({Bound(PROJECT, ("roles/viewer", VIEWER))}))
    assert facts.decide(ANA, GET, OBJECT, supposed=some).ruling is Ruling.YES
    some = Supposed(granted=frozenset({Bound(PROJECT, ("roles/unread",))}))
    assert facts.decide(ANA, GET, OBJECT, supposed=some).ruling is Ruling.UNKNOWN
    bound = Facts(estate(allow(PROJECT, binding("roles/viewer", ANA))))
    widened = Supposed(widened=frozenset({"roles/viewer"}))
    assert bound.decide(ANA, GET, OBJECT, supposed=widened).ruling is Ruling.YES
    assert bound.decide(BO, GET, OBJECT, supposed=widened).ruling is Ruling.NO


def test_a_role_that_is_widened_may_not_take_the_permissions_of_deny_policies() -> None:
    """A project's role can hold any other; of these it is not known that a custom role can."""
    custom = "projects/calls/roles/x"
    facts = Facts(estate(allow(PROJECT, binding(custom, ANA)), role(custom, "iam.roles.update")))
    wider = Supposed(widened=frozenset({custom}))
    assert facts.decide(ANA, GET, OBJECT, supposed=wider).ruling is Ruling.YES
    ends = facts.decide(ANA, "iam.denypolicies.update", PROJECT, supposed=wider)
    assert ends.unseen == ("whether a custom role can hold iam.denypolicies.update is not documented clearly",)


def test_holders_are_found_by_whom_policies_name_and_not_by_trying_all() -> None:
    people = [person(f"user:u{number}@acme.example") for number in range(50)]
    held = estate(allow(PROJECT, binding(VIEWER, TEAM, BO)), person(TEAM), person(ANA, TEAM), *people)
    facts = Facts(held)
    assert [caller.name for caller in facts.holders(GET, OBJECT)] == [TEAM, ANA, BO]
    assert [caller.name for caller in facts.holders("storage.objects.delete", OBJECT)] == []


def test_bindings_to_others_are_not_tried_on_somebody() -> None:
    people = [f"user:u{number}@acme.example" for number in range(200)]
    facts = Facts(estate(allow(PROJECT, binding(VIEWER, *people, TEAM, "allUsers")), person(people[7], TEAM)))
    matter = facts.matter(GET, facts.place(OBJECT).nodes)
    assert [offer.member for offer in matter.about(facts.caller(people[7]))] == [people[7], TEAM, "allUsers"]
    assert [offer.member for offer in matter.about(facts.caller(ANYONE))] == [TEAM, "allUsers"]


def test_holders_by_a_list_where_it_counts() -> None:
    fine = Facts(estate(bucket(controls={"uniformBucketLevelAccess": Answer.NO}, acl=(AclGrant(ANA, "READER"),))))
    assert [caller.name for caller in fine.holders("storage.objects.list", STORE)] == [ANA]
    assert fine.decide(ANA, "storage.objects.list", STORE).ruling is Ruling.YES
    assert fine.decide(ANYONE, "storage.objects.list", STORE).ruling is Ruling.NO


def test_any_resource_of_the_hierarchy_can_be_asked_about() -> None:
    token = "iam.serviceAccounts.getAccessToken"
    creator = "roles/iam.serviceAccountTokenCreator"
    held = estate(
        role(creator, token), allow(ASR, binding(creator, ANA)), allow(PROJECT, binding(creator, BO)), person(ASR)
    )
    facts = Facts(held)
    for who in (ANA, BO):
        assert facts.decide(who, token, ASR).ruling is Ruling.YES
    assert [caller.name for caller in facts.holders(token, ASR)] == [ANA, BO]
    assert facts.decide(BO, "resourcemanager.projects.get", PROJECT).ruling is Ruling.NO
    function = "projects/calls/locations/eu/functions/f"
    assert facts.place(function).nodes == ("organizations/1", "folders/10", PROJECT, function)
    assert facts.decide(BO, token, function).ruling is Ruling.YES
    unread = facts.decide(ANA, token, "serviceAccount:x@elsewhere.iam.gserviceaccount.com")
    assert unread.ruling is Ruling.UNKNOWN


def test_the_prefix_of_a_list_is_an_attribute_of_lists_alone() -> None:
    """Attribute reference for IAM Conditions (Cloud Storage API attributes): not defined for other requests."""
    listed = "api.getAttribute('storage.googleapis.com/objectListPrefix', '').startsWith('raw/')"
    named = "resource.name.startsWith('projects/_/buckets/corpus/objects/raw/')"
    held = estate(allow(STORE, binding(VIEWER, ANA, when=f"{named} || {listed}")))
    assert [may(held, ANA, key=key).ruling for key in ("raw/a.wav", "out/a.wav")] == [Ruling.YES, Ruling.NO]
    assert Facts(held).decide(ANA, "storage.objects.list", STORE).ruling is Ruling.IF


def test_which_roles_a_request_changes_is_an_attribute_of_requests_to_set_a_policy_alone() -> None:
    """Attribute reference for IAM Conditions: other requests have an empty list, which has only those."""
    only = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])"
    held = estate(allow(PROJECT, binding("roles/storage.admin", ANA, when=only)))
    assert may(held, ANA).ruling is Ruling.YES
    assert Facts(held).decide(ANA, "storage.buckets.setIamPolicy", STORE).ruling is Ruling.IF
