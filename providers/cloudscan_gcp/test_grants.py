"""Grants as they are derived from records: for whom, on what, with which proof; nothing tries all pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import pytest

from cloudscan.access import Grant, Ruling
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Account, AclGrant, Action, Answer, Federation, MediaClass, Record
from cloudscan.snapshot import Manifest
from cloudscan.testing import ACCOUNT, NOW
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.grants import derive
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.test_support import (
    ANA,
    ASR,
    BO,
    EVE,
    EVERYBODY,
    KEY,
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
    person,
    recording,
    rule,
)

ADMIN = "roles/storage.objectAdmin"


def grants(held: Estate, *actions: Action, stores: Collection[str] | None = None) -> list[Grant]:
    found = [one for one in derive(held, stores) if isinstance(one, Grant)]
    return [one for one in found if not actions or one.action in actions]


def told(held: Estate, *actions: Action) -> set[tuple[str, str]]:
    return {(one.principal, one.decision.ruling.value) for one in grants(held, *actions)}


def test_every_action_of_everybody_who_is_named() -> None:
    held = estate(allow(STORE, binding(ADMIN, ANA), binding("roles/storage.admin", BO)))
    assert {(one.principal, one.action) for one in grants(held)} == {
        *((ANA, action) for action in (Action.READ, Action.WRITE, Action.DELETE, Action.LIST)),
        *((BO, action) for action in (Action.READ, Action.ADMINISTER)),
    }
    (read,) = [one for one in grants(held, Action.READ) if one.principal == ANA]
    assert (read.store, read.media, read.objects, read.bytes, read.seconds) == (STORE, MediaClass.SPEECH, 1, 10, 60.0)
    (step,) = read.steps
    assert (step.source, step.target, step.statement) == (ANA, f"{STORE}/raw/a.wav", f"{STORE}#iam: {ADMIN} for {ANA}")


def test_anyone_and_anyone_signed_in() -> None:
    public = allow(STORE, binding(VIEWER, "allUsers"))
    assert told(estate(public), Action.READ) == {(ANYONE, "yes"), (ANYONE_SIGNED_IN, "yes")}
    signed = allow(STORE, binding(VIEWER, "allAuthenticatedUsers"))
    assert told(estate(signed, person(BO)), Action.READ) == {(ANYONE_SIGNED_IN, "yes"), (BO, "yes")}
    prevented = bucket(controls={"publicAccessPrevention": Answer.YES})
    assert told(estate(public, prevented), Action.READ) == set()


def test_a_boundary_tells_callers_apart_whom_nothing_else_does() -> None:
    """Of those who share an answer, the first by name is asked for all, whichever that is."""
    first, last = "principal://iam.googleapis.com/locations/global/workforcePools/wp/subject/s", "user:zoe@acme.example"
    bound = f"//cloudresourcemanager.googleapis.com/{PROJECT}"
    shut = {"details": {"rules": [{"resources": ["//cloudresourcemanager.googleapis.com/projects/other"]}]}}
    for beside in (first, last):
        held = estate(allow(STORE, binding(VIEWER, ASR, beside)), document("boundary", bound, shut, "b"))
        assert told(held, Action.READ) == {(ASR, "unknown"), (beside, "yes")}


def test_what_a_condition_on_names_takes_in_is_counted_apart() -> None:
    name = "projects/_/buckets/corpus/objects"
    held = estate(
        allow(
            STORE,
            binding(VIEWER, ANA, when=f"resource.name.startsWith('{name}/raw/')"),
            binding(VIEWER, BO, when="!resource.name.endsWith('.txt')"),
            binding(VIEWER, BO, when="request.time.getHours() < 3"),
        ),
        objects=[recording(key) for key in ("raw/a.wav", "raw/b.txt", "out/a.wav")],
    )
    counts = {(one.principal, one.decision.ruling.value): one.objects for one in grants(held, Action.READ)}
    assert counts == {(ANA, "yes"): 2, (BO, "yes"): 2, (BO, "if"): 1}


def test_a_managed_folder_gives_what_lies_in_it() -> None:
    folder = allow(f"{STORE}/raw/", binding(VIEWER, ANA))
    held = estate(folder, objects=[recording(key) for key in ("raw/a.wav", "raw/b/c.wav", "raw-2.wav")])
    assert [(one.principal, one.objects) for one in grants(held, Action.READ)] == [(ANA, 2)]
    assert grants(held, Action.LIST) == []


def test_lists_of_objects_give_each_its_own() -> None:
    fine = bucket(controls={"uniformBucketLevelAccess": Answer.NO}, acl=(AclGrant(BO, "READER"),))
    rows = [
        recording("a.wav", acl=f'[["{ANA}", "READER"]]', owner=BO),
        recording("b.wav", acl='[["anyone", "READER"]]'),
    ]
    held = estate(fine, objects=rows)
    assert told(held, Action.READ) == {(ANA, "yes"), (BO, "yes"), (ANYONE, "yes"), (ANYONE_SIGNED_IN, "yes")}
    assert {one.principal: one.objects for one in grants(held, Action.READ)}[ANYONE] == 1
    assert told(held, Action.LIST) == {(BO, "yes")}
    assert {(one.principal, one.media) for one in grants(held, Action.ADMINISTER)} == {(BO, MediaClass.SPEECH)}


def test_whom_nothing_names_is_told_once_where_something_was_not_read() -> None:
    people = [person(f"user:u{number}@acme.example") for number in range(20)]
    held = estate(*people, allow(STORE, binding(VIEWER, ANA)), unread=[f"{PROJECT}#iam"])
    assert told(held, Action.READ) == {(ANA, "yes"), ("somebody who is not named", "unknown")}
    listed = estate(*people, bucket(controls={"uniformBucketLevelAccess": Answer.NO}, acl=()))
    assert told(listed, Action.READ) == {
        (who, "unknown") for who in (ANYONE, ANYONE_SIGNED_IN, "somebody who is not named")
    }


def test_members_of_an_unread_group_are_each_unsure_and_the_group_is_sure() -> None:
    held = estate(person(ANA), allow(STORE, binding(VIEWER, TEAM)))
    assert told(held, Action.READ) == {(ANA, "unknown"), (TEAM, "yes")}


def test_who_is_outside() -> None:
    agent = "serviceAccount:service-1001@gcp-sa-speech.iam.gserviceaccount.com"
    partner = "serviceAccount:etl@partner.iam.gserviceaccount.com"
    pool = "principalSet://iam.googleapis.com/projects/1001/locations/global/workloadIdentityPools/ci/*"
    named = (ANA, EVE, ASR, agent, partner, TEAM, "domain:elsewhere.example", pool)
    own: Record = person("domain:acme.example", account="organizations/1")
    held = estate(own, allow(STORE, binding(VIEWER, *named)), person(TEAM))
    found = {one.principal: (one.outside, one.account) for one in grants(held, Action.READ)}
    assert found == {
        ANA: (False, ""),
        TEAM: (False, ""),
        ASR: (False, "calls"),
        agent: (False, "calls"),
        EVE: (True, ""),
        partner: (True, "partner"),
        "domain:elsewhere.example": (True, ""),
        pool: (True, ""),
    }


@pytest.mark.parametrize(
    ("providers", "outside"),
    [
        ({"aws": ("aws", ACCOUNT)}, False),
        ({"aws": ("aws", "222222222222")}, True),
        ({"aws": ("aws", ACCOUNT), "github": ("oidc", "")}, True),
        ({}, True),
    ],
)
def test_who_comes_through_a_pool_is_of_the_estate_where_the_pool_takes_only_scanned_accounts(
    providers: dict[str, tuple[str, str]], outside: bool
) -> None:
    pool = "projects/1001/locations/global/workloadIdentityPools/analytics"
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.aws_role/arn:aws:sts::{ACCOUNT}:assumed-role/sum"
    doors = [
        Federation(f"{pool}/providers/{name}", "gcp", "calls", "", kind, name, trusted_account=account)
        for name, (kind, account) in providers.items()
    ]
    held = estate(Account(ACCOUNT, "aws"), *doors, allow(STORE, binding(VIEWER, member)))
    assert {one.principal: one.outside for one in grants(held, Action.READ)}[member] is outside


@pytest.mark.parametrize(
    ("node", "outside", "account"),
    [
        ("projects/1001", False, "calls"),
        ("projects/1001/type/ServiceAccount", False, "calls"),
        ("folders/10/type/ServiceAccount", False, ""),
        ("organizations/1", False, ""),
        ("projects/999/type/ServiceAccount", True, "999"),
        ("folders/99", True, ""),
    ],
)
def test_service_accounts_of_what_was_scanned_are_of_the_estate(node: str, outside: bool, account: str) -> None:
    """Principal identifiers (IAM documentation): all service accounts in a project, a folder or an organization."""
    member = f"principalSet://cloudresourcemanager.googleapis.com/{node}"
    held = estate(allow(STORE, binding(VIEWER, member)))
    found = {one.principal: (one.outside, one.account) for one in grants(held, Action.READ)}
    assert found == {member: (outside, account)}


def test_users_of_the_own_customer_are_of_the_estate() -> None:
    own, other = (f"principalSet://goog/cloudIdentityCustomerId/{one}" for one in ("C01", "C02"))
    home: Record = person("domain:acme.example", account="organizations/1", unique_id="C01")
    held = estate(home, allow(STORE, binding(VIEWER, own, other)))
    found = {one.principal: one.outside for one in grants(held, Action.READ)}
    assert (found[own], found[other]) == (False, True)


def test_pods_of_a_scanned_project_are_of_the_estate() -> None:
    pools = "principal://iam.googleapis.com/projects/1001/locations/global/workloadIdentityPools/"
    pods = pools + "{}.svc.id.goog/subject/ns/a/sa/b"
    own, other = pods.format("calls"), pods.format("partner")
    held = estate(allow(STORE, binding(VIEWER, own, other)))
    found = {one.principal: one.outside for one in grants(held, Action.READ)}
    assert found == {own: False, other: True}


def test_a_party_outside_that_only_everybody_takes_in_is_anyone() -> None:
    own: Record = person("domain:acme.example", account="organizations/1")
    elsewhere = allow(PROJECT, binding("roles/viewer", "domain:elsewhere.example", ANA))
    held = estate(own, elsewhere, allow(STORE, binding(VIEWER, "allUsers")))
    assert {one.principal for one in grants(held, Action.READ)} == {
        ANYONE,
        ANYONE_SIGNED_IN,
        ANA,
        "domain:acme.example",
    }
    named = allow(STORE, binding(VIEWER, "allUsers", "domain:elsewhere.example"))
    assert "domain:elsewhere.example" in {one.principal for one in grants(estate(own, named), Action.READ)}


def test_without_an_organization_the_owners_domain_is_the_estates() -> None:
    owners = allow(PROJECT, binding("roles/owner", ANA, "user:me@gmail.com"))
    named = (ANA, BO, EVE, "user:me@gmail.com", "user:you@gmail.com")
    held = estate(owners, allow(STORE, binding(VIEWER, *named)))
    outside = {one.principal for one in grants(held, Action.READ) if one.outside}
    assert outside == {EVE, "user:you@gmail.com"}


def test_who_decrypts_with_a_key_that_recordings_lie_under() -> None:
    ring, own = kms_key()[1:]
    decrypter = "roles/cloudkms.cryptoKeyDecrypter"
    above = allow(PROJECT, binding(decrypter, ANA))
    under = [recording(encryption_mode="customer", key_id=KEY)]
    held = estate(*kms_key(), above, objects=under)
    assert told(held, Action.DECRYPT) == {(ANA, "yes")}  # the agent decrypts too, for whoever may read and nobody else
    assert (ANA, "yes") in told(
        estate(*kms_key(), above, allow(STORE, binding(VIEWER, ANA)), objects=under), Action.READ
    )
    unused = estate(kms_key()[0], ring, allow(KEY, binding(decrypter, ANA, EVE)), above)
    assert {one.principal for one in grants(unused, Action.DECRYPT) if not one.outside} == set()
    public = estate(kms_key()[0], ring, allow(KEY, binding(decrypter, "allAuthenticatedUsers")), objects=under)
    assert (ANYONE_SIGNED_IN, "yes") in told(public, Action.DECRYPT)
    off = estate(kms_key(state="disabled")[0], ring, own, allow(STORE, binding(VIEWER, ANA)), objects=under)
    assert grants(off, Action.DECRYPT, Action.READ) == []


def test_only_stores_in_question_and_of_this_cloud_with_recordings() -> None:
    viewed = allow(STORE, binding(VIEWER, ANA))
    assert grants(estate(viewed), stores=["gs://other"]) == []
    assert grants(estate(viewed, objects=[recording(media=MediaClass.OTHER)])) == []
    elsewhere = replace(bucket(), provider="aws")
    assert grants(estate(viewed, elsewhere)) == []


def test_who_is_alike_is_asked_once() -> None:
    """Three thousand people with the same roles are asked as often as thirty."""

    def asked(people: int) -> tuple[int, int]:
        names = [f"user:u{number}@acme.example" for number in range(people)]
        groups = [person(TEAM), person(STAFF)]
        members = [person(name, TEAM if number % 2 else STAFF) for number, name in enumerate(names)]
        spared = "principalSet://goog/group/staff@acme.example"
        held = estate(
            *groups,
            *members,
            allow(PROJECT, binding(ADMIN, *names[: people // 2])),
            allow(STORE, binding(VIEWER, *names), binding(ADMIN, TEAM)),
            deny(
                PROJECT,
                rule(EVERYBODY, permissions=["storage.googleapis.com/objects.delete"], exceptionPrincipals=[spared]),
            ),
        )
        counts: Counter[str] = Counter()
        decide = Matter.decide

        def counted(*args: object, **named: object) -> object:
            counts["asked"] += 1
            return decide(*args, **named)  # type: ignore[arg-type]

        Matter.decide = counted  # type: ignore[method-assign, assignment]
        try:
            found = grants(held)
        finally:
            Matter.decide = decide  # type: ignore[method-assign]
        return counts["asked"], len(found)

    few, many = asked(30), asked(3000)
    assert few[0] == many[0]
    assert many[1] > 50 * few[1]


def test_an_account_of_another_cloud_is_not_of_the_hierarchy() -> None:
    held = estate(
        Account("calls", "gcp", parents=("organizations/1", "folders/10"), unique_id="1001"), Account("1", "aws")
    )
    assert grants(held) == []


def test_rulings_of_a_disabled_account() -> None:
    held = estate(allow(STORE, binding(VIEWER, ASR)), person(ASR, enabled=Answer.NO))
    assert [one for one in grants(held) if one.decision.ruling is not Ruling.NO] == []


@pytest.mark.parametrize(
    ("when", "ruling"),
    [
        ("request.time < timestamp('2026-10-31T00:00:00Z')", None),
        ("request.time < timestamp('2026-12-31T00:00:00Z')", Ruling.IF),
        ("request.time > timestamp('2026-10-31T00:00:00Z')", Ruling.YES),
        ("request.time > timestamp('2026-12-31T00:00:00Z')", Ruling.IF),
        ("request.time < timestamp('2026-10-31T00:00:00Z') || request.time.getHours() >= 9", Ruling.IF),
    ],
)
def test_what_was_allowed_until_before_the_snapshot_is_over(when: str, ruling: Ruling | None) -> None:
    held = estate(bucket(), allow(STORE, binding(VIEWER, ANA, when=when)))
    before = [one.decision.ruling for one in GcpProvider().grants(held) if isinstance(one, Grant)]
    assert set(before) == {Ruling.IF}  # nobody knows when that was
    held.manifest = Manifest({"gcp": {}}, (), NOW, NOW, "cloudscan", {}, "")
    found = [one for one in GcpProvider().grants(held) if isinstance(one, Grant) and one.action is Action.READ]
    assert [one.decision.ruling for one in found] == ([ruling] if ruling else [])
    read = GcpProvider().explain(held, ANA, STORE, "a.wav").ruling
    assert read is (ruling or Ruling.NO)
