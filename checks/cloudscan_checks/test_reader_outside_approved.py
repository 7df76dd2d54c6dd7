"""What reader_outside_approved must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.model import (
    ANYONE,
    Account,
    Action,
    Confidence,
    Federation,
    Finding,
    Gap,
    MediaClass,
    Principal,
    Severity,
    Step,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, edge, findings, gap, grant, principal, speech, transcript, world
from cloudscan.undoing import UNDO
from cloudscan_checks.reader_outside_approved import reader_outside_approved

AUDIO = speech("calls", "a.wav")
REVIEW, EXPORT, BEN = principal("review"), principal("export"), principal("ben", "user")
VENDOR = "arn:aws:iam::222222222222:role/reader"
OFFICE = Test("aws:SourceIp", Operator.IN_NETWORK, (glob("203.0.113.0/24"),))
RULES: list[dict[str, object]] = [
    {"stores": "archive-*", "principals": []},
    {"stores": "calls*", "principals": ["*:role/review"]},
]


def reads(
    who: Principal | str, condition: Condition = ALWAYS, bucket: str = "calls", media: MediaClass = MediaClass.SPEECH
) -> Grant:
    name = who if isinstance(who, str) else who.id
    return grant(name, Action.READ, bucket, condition=condition, media=media, objects=1)


def judged(*things: object, rules: list[dict[str, object]] = RULES) -> list[Finding]:
    return findings(reader_outside_approved, world(*things, policy={"access": {"approved_readers": rules}}))  # type: ignore[arg-type]


def test_without_a_decision_nothing_is_judged(calls: Store) -> None:
    assert judged(calls, AUDIO, EXPORT, reads(EXPORT), rules=[]) == []
    other = replace(calls, id="arn:aws:s3:::other", name="other")
    assert judged(other, speech("other", "a.wav"), EXPORT, reads(EXPORT, bucket="other")) == []


def test_a_reader_that_is_not_approved_is_found(calls: Store) -> None:
    read = reads(EXPORT)
    (found,) = judged(calls, AUDIO, REVIEW, EXPORT, reads(REVIEW), read)
    assert (found.verdict, found.resource, found.severity) == (Verdict.FAIL, EXPORT.id, Severity.HIGH)
    assert found.message == "role export can read speech in calls by its own rights, and is not approved"
    assert found.path == read.steps
    assert found.confidence is Confidence.HIGH


def test_approved_readers_pass_at_the_store(calls: Store) -> None:
    (found,) = judged(calls, AUDIO, REVIEW, reads(REVIEW))
    assert (found.verdict, found.resource) == (Verdict.PASS, calls.id)


def test_the_way_that_was_found_ends_by_the_call_for_its_kind(calls: Store) -> None:
    cara = Principal("entra:fc9b078d-1cc2-4c9a-80dd-5ccec0b31d87", "azure", ACCOUNT, "user", "cara@acme.example")
    listed = Step(cara.id, "read", calls.id, "a list", statement="entra:g1#owners")
    (found,) = judged(calls, AUDIO, cara, replace(reads(cara), prove=lambda: (listed,)))
    assert "az ad app owner" not in found.remediation
    assert "owners/fc9b078d-1cc2-4c9a-80dd-5ccec0b31d87/$ref" in found.remediation
    assert UNDO not in found.remediation


def test_a_reader_may_be_approved_by_name(calls: Store) -> None:
    ana = Principal("entra:4f9dd65c-4e3d-4ab3-8261-b8e56211af34", "aws", ACCOUNT, "user", "ana@acme.example")
    guest = "user:dora@labels.example"
    by_name: list[dict[str, object]] = [{"principals": ["ana@acme.example", "dora@labels.example"]}]
    (found,) = judged(calls, AUDIO, ana, reads(ana), reads(guest), rules=by_name)
    assert found.verdict is Verdict.PASS
    (found,) = judged(calls, AUDIO, ana, reads(ana), rules=[{"principals": ["ana@*"]}])
    assert found.verdict is Verdict.FAIL  # who makes an identity chooses its name


def test_whoever_comes_by_steps_needs_approval_too(calls: Store) -> None:
    takes = edge(BEN.id, "assume-role", REVIEW.id)
    (found,) = judged(calls, AUDIO, REVIEW, BEN, reads(REVIEW), takes)
    assert (found.resource, found.severity) == (BEN.id, Severity.HIGH)
    assert "through another identity" in found.message


def test_whoever_comes_only_through_another_without_approval_is_told_of_there(calls: Store) -> None:
    takes = edge(BEN.id, "assume-role", EXPORT.id)
    (found,) = judged(calls, AUDIO, REVIEW, EXPORT, BEN, reads(EXPORT), takes)
    assert (found.resource, found.evidence["behind_it"]) == (EXPORT.id, [BEN.id])
    assert found.message.endswith("and is not approved, and 1 more through it")
    as_well = edge(BEN.id, "assume-role", REVIEW.id)
    (both,) = judged(calls, AUDIO, REVIEW, BEN, EXPORT, reads(REVIEW), as_well)
    assert both.resource == BEN.id


def test_whoever_would_have_to_change_the_cloud_is_graded_lower(calls: Store) -> None:
    rewrites = replace(reads(BEN), by="s3:PutBucketPolicy", changes=True)
    (found,) = judged(calls, AUDIO, BEN, rewrites)
    assert (found.resource, found.severity) == (BEN.id, Severity.MEDIUM)
    assert "by changing the cloud" in found.message


def test_all_stores_of_one_reader_are_one_finding_and_each_has_its_own_rule(calls: Store) -> None:
    archive = replace(calls, id="arn:aws:s3:::archive-eu", name="archive-eu")
    more = (archive, transcript("archive-eu", "a.json"))
    text = reads(REVIEW, bucket="archive-eu", media=MediaClass.TRANSCRIPT)
    (found,) = judged(calls, AUDIO, *more, REVIEW, EXPORT, text, reads(REVIEW))[:1]
    assert (found.resource, found.evidence["stores"]) == (REVIEW.id, [archive.id])
    both = (reads(EXPORT), reads(EXPORT, bucket="archive-eu", media=MediaClass.TRANSCRIPT))
    (export,) = judged(calls, AUDIO, *more, EXPORT, *both)
    assert export.evidence["stores"] == [archive.id, calls.id]


def test_parties_that_the_estate_does_not_hold_are_told_of_at_the_store(calls: Store) -> None:
    read = replace(reads(VENDOR), outside=True, account="222222222222")
    (found,) = judged(calls, AUDIO, REVIEW, read)
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, calls.id, VENDOR)
    (approved,) = judged(calls, AUDIO, REVIEW, read, rules=[{"principals": ["*:222222222222:*"]}])
    assert approved.verdict is Verdict.PASS


def test_identities_from_elsewhere_are_told_of_at_their_door(calls: Store) -> None:
    door = Federation(f"arn:aws:iam::{ACCOUNT}:saml-provider/idp", "aws", ACCOUNT, "", "saml", "idp")
    (found,) = judged(calls, AUDIO, REVIEW, door, reads(REVIEW), edge(door.id, "federate", REVIEW.id))
    assert (found.verdict, found.resource) == (Verdict.FAIL, door.id)


def test_a_condition_is_named_and_lowers_the_confidence(calls: Store) -> None:
    (found,) = judged(calls, AUDIO, EXPORT, reads(EXPORT, OFFICE))
    assert found.confidence is Confidence.MEDIUM
    assert found.message.endswith(", if aws:SourceIp is in 203.0.113.0/24")


def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store) -> None:
    (found,) = judged(calls, AUDIO, REVIEW, EXPORT, reads(REVIEW), reads(EXPORT, Unseen("its boundary was not read")))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, EXPORT.id)
    assert "its boundary was not read" in found.message


@pytest.mark.parametrize(
    "more",
    [
        (),
        (REVIEW, gap(ACCOUNT, Facet.PRINCIPALS)),
        (REVIEW, gap(ACCOUNT, Facet.FEDERATIONS)),
        (REVIEW, gap("arn:aws:s3:::calls", Facet.ACL)),
        (REVIEW, reads(ANYONE, OFFICE)),
    ],
)
def test_what_may_hide_a_reader_is_unknown(calls: Store, more: tuple[Principal | Gap | Grant, ...]) -> None:
    (found,) = judged(calls, AUDIO, *more)
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)


def test_what_anyone_can_read_is_another_checks_matter(calls: Store) -> None:
    assert judged(calls, AUDIO, REVIEW, reads(REVIEW), reads(ANYONE)) == []


def test_the_remedy_names_every_place_where_a_role_may_be_bound(calls: Store) -> None:
    bucket, eve = replace(calls, id="gs://calls", provider="gcp"), "user:eve@acme.example"
    audio = AUDIO._replace(store=bucket.id)
    read = replace(reads(eve), store=bucket.id)
    found = judged(bucket, audio, read, rules=[{"principals": []}])
    (one,) = (each for each in found if each.verdict is Verdict.FAIL)
    for place in (
        "storage buckets",
        "storage managed-folders",
        "projects",
        "resource-manager folders",
        "organizations",
    ):
        assert f"gcloud {place} remove-iam-policy-binding" in one.remediation
    assert "gcloud identity groups memberships delete" in one.remediation
    assert f"cloudscan reach SNAPSHOT --from {eve}" in one.remediation


def test_a_name_that_another_directory_chose_approves_nobody(calls: Store) -> None:
    ours = Account(ACCOUNT, "aws", organization="our-tenant")
    other = Principal("entra:2", "aws", "another-tenant", "service-account", "robot")
    read = replace(reads(other.id), account="another-tenant", outside=True)
    (found,) = judged(ours, calls, AUDIO, REVIEW, other, read, rules=[{"principals": ["robot"]}])
    assert (found.verdict, found.resource) == (Verdict.FAIL, other.id)
    (passed,) = judged(ours, calls, AUDIO, REVIEW, other, read, rules=[{"principals": [other.id]}])
    assert passed.verdict is Verdict.PASS
