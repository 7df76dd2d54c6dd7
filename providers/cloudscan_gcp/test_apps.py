"""What users of apps read through Firebase, from records to grants."""

from __future__ import annotations

import json
from dataclasses import replace

from cloudscan.access import Edge, Grant
from cloudscan.model import ANYONE, Action, Answer, Encryption, Federation, Gap, PolicyDocument, Record, Why
from cloudscan.provider import Facet
from cloudscan_gcp.apps import RELEASES
from cloudscan_gcp.grants import derive
from cloudscan_gcp.policy.test_support import ANA, KEY, PROJECT, STORE, VIEWER, allow, binding, bucket, estate, role

AGENT = "serviceAccount:service-1001@gcp-sa-firebasestorage.iam.gserviceaccount.com"
OLD_AGENT = "serviceAccount:firebase-storage@system.gserviceaccount.com"
DOOR = "projects/calls/releases/firebase.storage/corpus"
USERS = f"signed-in users of {DOOR}"
SERVED = allow(STORE, binding(VIEWER, AGENT))


def app(allowed: str | None, **given: Answer) -> list[Record]:
    rules = f"service firebase.storage {{ match /b/{{b}}/o {{ match /{{all=**}} {{ {allowed} }} }} }}"
    text = json.dumps({"rules": rules})
    door = Federation(DOOR, "gcp", "calls", "", "firebase-storage", "corpus", roles=(), enabled=Answer.YES)
    hung = PolicyDocument(f"{DOOR}#rules", "gcp", "calls", "app-rules", (STORE,), text)
    door = replace(door, **{"guests": Answer.NO, **given})  # type: ignore[arg-type]
    return [door, hung] if allowed is not None else [door]


def told(*records: Record) -> list[tuple[str, str]]:
    found = [one for one in derive(estate(*records)) if isinstance(one, Grant) and one.action is Action.READ]
    return [(one.principal, one.decision.ruling.value) for one in found if one.principal in (ANYONE, USERS)]


def test_guests_are_anyone() -> None:
    assert told(SERVED, *app("allow read: if true;", guests=Answer.YES)) == [(ANYONE, "yes")]
    found = [one for one in derive(estate(SERVED, *app("allow read;"))) if isinstance(one, Grant)]
    (grant,) = [one for one in found if one.principal == ANYONE]
    (step,) = grant.steps
    assert (step.source, step.target, step.reason) == (
        ANYONE,
        f"{STORE}/raw/a.wav",
        f"the rules of {DOOR} let anyone read",
    )


def test_public_access_prevention_keeps_no_app_out() -> None:
    prevented = bucket(controls={"publicAccessPrevention": Answer.YES})
    assert told(SERVED, prevented, *app("allow read;")) == [(ANYONE, "yes")]


def test_users_who_sign_in_read_as_themselves_of_the_app() -> None:
    records = (SERVED, *app("allow read: if request.auth != null;"))
    assert told(*records) == [(USERS, "yes")]
    (edge,) = [one for one in derive(estate(*records)) if isinstance(one, Edge) and one.kind == "firebase-sign-in"]
    assert (edge.sources, edge.targets, edge.guise) == ((DOOR,), (USERS,), True)
    assert [step.action for step in edge.prove(DOOR, USERS)] == ["firebase-sign-in"]


def test_what_firebase_cannot_read_no_app_reads() -> None:
    assert told(*app("allow read;")) == []
    assert told(allow(STORE, binding(VIEWER, OLD_AGENT)), *app("allow read;")) == [(ANYONE, "yes")]
    shut = bucket(encryption=Encryption("customer", KEY))
    assert told(SERVED, shut, *app("allow read: if false;")) == []


def test_a_bucket_that_serves_no_app_has_no_app_users() -> None:
    assert told(SERVED, *app("allow read;", enabled=Answer.NO)) == []
    assert told(SERVED, *app("allow read;", enabled=Answer.UNKNOWN)) == [(ANYONE, "unknown")]


def test_rules_that_say_more_or_were_not_read_leave_it_open() -> None:
    for allowed in ("allow read: if mine();", None):
        records = (SERVED, *app(allowed, guests=Answer.UNKNOWN))
        assert told(*records) == [(ANYONE, "unknown"), (USERS, "yes")]
        (edge,) = [one for one in derive(estate(*records)) if isinstance(one, Edge) and one.kind == "firebase-sign-in"]
        assert edge.decision.ruling.value == "unknown"


def test_where_apps_were_not_all_told_anyone_may_read_what_firebase_reads() -> None:
    for reason in (Why.DENIED, Why.MALFORMED):
        refused = Gap("gcp", "calls", "", Facet.FEDERATIONS, "calls", reason, RELEASES)
        for records, expected in (([SERVED], [(ANYONE, "unknown")]), ([], [])):
            found = [one for one in derive(estate(*records, gaps=[refused])) if isinstance(one, Grant)]
            reads = [(one.principal, one.decision.ruling.value) for one in found if one.action is Action.READ]
            assert [one for one in reads if one[0] == ANYONE] == expected
    other = Gap("gcp", "calls", "", Facet.FEDERATIONS, "calls", Why.DENIED, "iam.projects.locations.list")
    found = [one for one in derive(estate(SERVED, gaps=[other])) if isinstance(one, Grant)]
    assert ANYONE not in {one.principal for one in found}


def publishing(*permissions: str, door: Answer = Answer.YES, served: Record = SERVED) -> list[tuple[str, str]]:
    """Say how surely who has some permissions on the project reads what an app's rules keep from everybody."""
    named = role("projects/calls/roles/app", *permissions)
    bound = allow(PROJECT, binding("projects/calls/roles/app", ANA))
    held = derive(estate(served, named, bound, *app("allow read: if false;", enabled=door)))
    found = [one for one in held if isinstance(one, Grant) and (one.principal, one.action) == (ANA, Action.READ)]
    for one in found:
        assert one.changes
        assert [step.action for step in one.steps] == [one.by, *one.by.split("+")]
    return [(one.by, one.decision.ruling.value) for one in found]


def test_who_may_publish_rules_reads_what_the_agent_reads() -> None:
    by = ("firebaserules.rulesets.create", "firebaserules.releases.update")
    assert publishing(*by) == [("+".join(by), "yes")]
    assert publishing(*by, door=Answer.UNKNOWN) == [("+".join(by), "unknown")]
    assert publishing(*by, door=Answer.NO) == []
    assert publishing(by[0], "firebaserules.releases.get") == publishing(by[1]) == []
    assert publishing(*by, served=allow(STORE)) == []
