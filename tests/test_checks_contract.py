"""What all checks of our pack keep together: words, controls, honesty about the unknown, stability."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import cloudscan_checks
from cloudscan.access import Grant
from cloudscan.check import Check, World
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Account,
    Action,
    Answer,
    Coverage,
    Credential,
    Encryption,
    Federation,
    LogSource,
    MediaClass,
    Principal,
    Replication,
    RetentionLock,
    Store,
    Verdict,
)
from cloudscan.provider import Facet
from cloudscan.testing import (
    ACCOUNT,
    NOW,
    REGION,
    assert_check_contract,
    assert_findings_contract,
    assert_gap_is_never_a_pass,
    backup,
    edge,
    expire,
    findings,
    gap,
    grant,
    job,
    key,
    principal,
    speech,
    store,
    transcript,
    world,
)
from cloudscan_checks.catalog import CHECKS
from cloudscan_checks.controls import FRAMEWORKS, is_known

EVERY = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
HELPERS = {"__init__", "catalog", "conftest", "controls"}
SOURCES = Path(__file__).parents[2] / "shared" / "controls.md"
"""The list of controls that were seen in a source, where a checkout has it beside it."""
DECIDED: dict[str, object] = {
    "retention": [{"max_days": 1, "min_days": 1}],
    "keys": {"require_customer_key": True, "approved": ["alias/speech*"]},
    "regions": ["eu-*"],
    "access": {
        "max_readers": 1,
        "approved_readers": [{"principals": ["*:role/speech*"]}],
        "max_share": 0.5,
        "max_credential_days": 1,
    },
}
HOSTILE = "\u202e=x'; touch y\n\x1b[31m<b>`$(z)`{name}"
GUEST = f"arn:aws:iam::{ACCOUNT}:role/guest"


@EVERY
def test_a_check_keeps_the_contract(check: Check) -> None:
    assert_check_contract(check)


def test_every_module_is_in_the_catalogue_under_its_own_name() -> None:
    package = Path(cloudscan_checks.__path__[0])
    modules = {path.stem for path in package.glob("*.py") if not path.stem.startswith(("_", "test_"))} - HELPERS
    assert modules == {check.id.replace("-", "_") for check in CHECKS}
    assert all(check.module.rpartition(".")[2] == check.id.replace("-", "_") for check in CHECKS)


def test_names_of_checks_are_unique_and_in_order() -> None:
    names = [name for check in CHECKS for name in (check.id, *check.aliases)]
    assert len(set(names)) == len(names)
    assert [check.id for check in CHECKS] == sorted(check.id for check in CHECKS)


@EVERY
def test_controls_are_known_to_exist(check: Check) -> None:
    assert check.controls
    assert [control for control in check.controls if not is_known(control)] == []
    assert len(set(check.controls)) == len(check.controls)


def test_known_controls_were_seen_in_a_source() -> None:
    if not SOURCES.exists():
        pytest.skip("no list of controls beside this checkout: their ids were not compared with their sources")
    seen, _, refused = SOURCES.read_text(encoding="utf-8").partition("## 4. Do not claim")
    for framework in FRAMEWORKS.values():
        for name in framework.ids:
            whole = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w(]|\.\d)")
            assert whole.search(seen), f"{framework.title}: {name} was not seen"
            if whole.search(refused):
                assert name in {"S3.17", "KMS.4"}, f"{framework.title}: {name} must not be claimed"


def test_no_check_cites_a_control_as_fsbp() -> None:
    assert [check.id for check in CHECKS if any("FSBP" in control for control in check.controls)] == []


def nothing_known() -> World:
    """Make a world that holds speech, jobs, keys and pools of which no fact is known."""
    name = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/speech"
    return world(
        store("calls"),
        store("old", encryption=Encryption("customer", name)),
        *(speech(bucket, "a.wav", days=9000, seconds=None) for bucket in ("calls", "old")),
        *(transcript(bucket, key, days=9000) for bucket in ("calls", "old") for key in ("a.json", "x.json")),
        key("speech"),
        job("j", outputs=("arn:aws:s3:::elsewhere/a.json",)),
        Federation(
            f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/p", "aws", ACCOUNT, REGION, "cognito", "p"
        ),
        gap(ACCOUNT, Facet.STORES),
        policy=DECIDED,
    )


@EVERY
def test_what_is_not_known_is_never_a_pass(check: Check) -> None:
    seen = nothing_known()
    assert_gap_is_never_a_pass(check, seen)
    assert {found.verdict for found in findings(check, seen)} <= {Verdict.UNKNOWN, Verdict.FAIL}


@EVERY
def test_every_check_says_that_it_cannot_tell(check: Check) -> None:
    seen = nothing_known()
    late = check.id == "audio-past-maximum-age"  # ages are known as soon as objects are listed
    verdict = Verdict.FAIL if late else Verdict.UNKNOWN
    assert verdict in {found.verdict for found in findings(check, seen)}


def worst(name: str = "calls", *, backwards: bool = False) -> World:
    """Make a world in which every check finds something; ``name`` is the name of everything in it."""
    bucket = store(
        name,
        encryption=Encryption("provider"),
        has_policy=Answer.YES,
        acl=(),
        tls_required=Answer.NO,
        versioning="enabled",
        lifecycle=(),
        lock=RetentionLock(Answer.NO),
    )
    mortal = replace(bucket, id=bucket.id + "-mortal", name=name + "-mortal", versioning="disabled")
    texts = replace(bucket, id=bucket.id + "-texts", name=name + "-texts")
    loose = replace(_rule(mortal, days=1), replication=(Replication(bucket.id, None, "", enabled=True),))
    lock = RetentionLock(Answer.YES, "COMPLIANCE", days=400)
    locked = replace(bucket, id=bucket.id + "-locked", name=name + "-locked", lock=lock)
    dead = key("dead", manager="customer", state="disabled", rotates=Answer.NO, rotation_possible=Answer.YES)
    used = key("used", manager="customer", state="enabled", has_policy=Answer.YES)
    pool = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{name}"
    anna, export, runs, support = (principal(f"{name}{part}") for part in ("-anna", "-export", "-runs", "-support"))
    root, signed_in = "arn:aws:iam::222222222222:root", f"signed-in users of {pool}"
    things = [
        anna,
        export,
        runs,
        support,
        job(f"{name}3", role=runs.id),
        *(edge(anna.id, "assume-role", role.id) for role in (export, runs)),
        edge(root, "assume-role", support.id, outside=True, account="222222222222", agreed_id=Answer.NO),
        edge(pool, "cognito-sign-in", signed_in, guise=True),
        *(_heard(who, bucket, f"{name}/a.wav") for who in (export.id, runs.id, support.id, signed_in, GUEST)),
        grant(anna.id, Action.DECRYPT, used.id),
        used,
        Credential(f"{name}-key", "aws", ACCOUNT, export.id, "access-key", NOW - timedelta(days=9), enabled=Answer.YES),
        speech(
            f"{name}-mortal", f"{name}/d.wav", days=1, encryption_mode="customer", key_id=used.id, awaits_copy=False
        ),
        Account(ACCOUNT, "aws", name=name, training_opt_out=Answer.NO),
        bucket,
        loose,
        locked,
        speech(f"{name}-locked", f"{name}/e.wav", days=1, encryption_mode="none"),
        job(f"{name}-short", inputs=(f"{loose.id}/{name}/c.wav",), outputs=(f"{bucket.id}/{name}/a.json",)),
        speech(name, f"{name}/a.wav", days=4000, encryption_mode="none"),
        speech(name, f"{name}/b.wav", days=4000, encryption_mode="customer", key_id=dead.id),
        speech(name, f"{name}/b.wav", days=4001, current=False, version="1"),
        speech(f"{name}-mortal", f"{name}/c.wav", days=1, awaits_copy=False),
        transcript(name, f"{name}/a.json", redacted=False),
        backup(f"{name}-mortal", vault=name, lasting=Answer.YES),
        texts,
        *(transcript(texts.name, f"{name}/{key}.json", days=0.5) for key in ("c", "gone")),
        transcript(texts.name, f"{name}/redacted-c.json", days=0.5, redacted=True),
        job(
            f"{name}4",
            inputs=(f"{mortal.id}/{name}/c.wav",),
            outputs=(f"{texts.id}/{name}/c.json", f"{texts.id}/{name}/redacted-c.json"),
        ),
        job(f"{name}5", inputs=(f"{mortal.id}/{name}/gone.wav",), outputs=(f"{texts.id}/{name}/gone.json",)),
        grant(anna.id, Action.READ, texts.id, media=MediaClass.TRANSCRIPT, objects=3, example=f"{name}/c.json"),
        Coverage("aws", ACCOUNT, Facet.OBJECTS, asked=1, answered=1),
        replace(dead, has_policy=Answer.YES, aliases=(name,)),
        job(name, output_owner="service", redaction=Answer.NO),
        job(f"{name}2", outputs=(f"arn:aws:s3:::elsewhere/{name}",), output_owner="customer"),
        Federation(pool, "aws", ACCOUNT, REGION, "cognito", name, guests=Answer.YES, roles=(("guest", GUEST),)),
        Principal(GUEST, "aws", ACCOUNT, "role", "guest", policies=()),
        Coverage("aws", ACCOUNT, Facet.LOG_SOURCES, asked=1, answered=1),
        LogSource(bucket.id, "aws", ACCOUNT, "cloudtrail", name, Answer.NO),
        grant(ANYONE, Action.READ, bucket.id, media=MediaClass.SPEECH, objects=2, example=f"{name}/a.wav"),
        grant(ANYONE, Action.READ, bucket.id, media=MediaClass.TRANSCRIPT, objects=1, example=f"{name}/a.json"),
        grant(ANYONE, Action.WRITE, bucket.id),
        grant(f"arn:aws:iam::222222222222:role/{name}", Action.READ, bucket.id, account="222222222222", outside=True),
        grant(ANYONE_SIGNED_IN, Action.DECRYPT, dead.id),
    ]
    policy: dict[str, object] = {
        "retention": [
            {"stores": "*-mortal", "min_days": 365},
            {"max_days": 90},
        ],
        "keys": {"require_customer_key": True},
        "access": {
            "max_readers": 0,
            "approved_readers": [{"principals": []}],
            "max_share": 0,
            "max_credential_days": 1,
        },
    }
    return world(*(reversed(things) if backwards else things), policy=policy)


def _heard(who: str, bucket: Store, example: str) -> Grant:
    return grant(who, Action.READ, bucket.id, media=MediaClass.SPEECH, objects=3, seconds=180, example=example)


def _rule(bucket: Store, *, days: int) -> Store:
    return replace(bucket, lifecycle=(expire(days, "short"),))


@EVERY
@pytest.mark.parametrize("name", ["calls", HOSTILE], ids=["plain", "hostile"])
def test_every_check_finds_its_problem_whatever_things_are_called(check: Check, name: str) -> None:
    found = findings(check, worst(name))
    assert Verdict.FAIL in {one.verdict for one in found}
    assert len({one.fingerprint for one in found}) == len(found)


@EVERY
def test_findings_keep_the_contract(check: Check) -> None:
    for seen in (worst(), nothing_known()):
        assert_findings_contract(findings(check, seen))


@EVERY
def test_the_same_world_gives_the_same_findings_in_any_order(check: Check) -> None:
    assert findings(check, worst()) == findings(check, worst(backwards=True))


@EVERY
def test_fingerprints_do_not_change_with_time(check: Check) -> None:
    seen = worst()
    later = replace(seen, now=NOW + timedelta(days=1))
    prints = [{one.fingerprint for one in findings(check, at) if one.verdict is Verdict.FAIL} for at in (seen, later)]
    assert prints[0] == prints[1]


@EVERY
def test_an_empty_world_says_nothing(check: Check) -> None:
    assert findings(check, world()) == []


@EVERY
def test_a_remedy_that_sets_lifecycle_rules_says_that_it_replaces_them(check: Check) -> None:
    calls = ("put-bucket-lifecycle-configuration", "--lifecycle-file", "management-policy create")
    for text in check.remediation.values():
        assert not any(call in text for call in calls) or "it replaces every rule that is there" in text
