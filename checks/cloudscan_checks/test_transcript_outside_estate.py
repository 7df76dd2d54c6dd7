"""What transcript_outside_estate must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import ANYONE, Account, Answer, Finding, Gap, Job, Record, Store, Verdict
from cloudscan.policy.file import Policy
from cloudscan.provider import Facet
from cloudscan.snapshot import Manifest
from cloudscan.testing import ACCOUNT, NOW, findings, gap, job, world
from cloudscan_checks.transcript_outside_estate import transcript_outside_estate

OWN = "arn:aws:s3:::calls"
ELSEWHERE = "arn:aws:s3:::elsewhere"
TRUSTED: dict[str, object] = {"trusted": [{"account": "222222222222", "name": "Example Speech Analytics"}]}


def judged(*things: Record | Gap, policy: dict[str, object] | Policy | None = None) -> Finding:
    (found,) = findings(transcript_outside_estate, world(*things, policy=policy))
    return found


def delivers(*outputs: str, **facts: object) -> Job:
    return job("j", outputs=outputs, **facts)


def test_a_store_of_no_scanned_account_is_found(calls: Store) -> None:
    found = judged(calls, delivers(f"{ELSEWHERE}/\u202ea.json"))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, ACCOUNT, ELSEWHERE)
    assert found.message.endswith(f"goes to {ELSEWHERE}, which is in none of the scanned accounts")
    assert found.remediation.startswith(f"If {ELSEWHERE} may have it")


def test_many_jobs_to_one_place_are_one_finding() -> None:
    found = judged(*(job(f"j{number}", outputs=(f"{ELSEWHERE}/{number}.json",)) for number in range(50)))
    assert found.evidence["jobs"] == 50


def test_a_place_whose_account_is_known_is_judged_by_it() -> None:
    abroad = judged(delivers(ELSEWHERE, output_store_account="222222222222"))
    assert abroad.remediation.startswith("If 222222222222 may have it")
    for account, verdict in ((ACCOUNT, Verdict.PASS), ("222222222222", Verdict.FAIL)):
        assert judged(delivers(ELSEWHERE, output_store_account=account)).verdict is verdict
        stream = f"arn:aws:kinesis:eu-central-1:{account}:stream/calls"
        assert judged(delivers(stream, kind="call-recording")).verdict is verdict


def test_a_trusted_party_passes_and_is_named() -> None:
    found = judged(delivers(ELSEWHERE, output_store_account="222222222222"), policy=TRUSTED)
    assert found.verdict is Verdict.PASS
    assert found.evidence["trusted"] == "Example Speech Analytics"
    named = judged(delivers(f"{ELSEWHERE}/a.json"), policy={"trusted": [{"account": ELSEWHERE}]})
    assert named.verdict is Verdict.PASS


def test_a_store_of_the_estate_in_the_jobs_region_passes(calls: Store) -> None:
    assert judged(calls, delivers(f"{OWN}/text/a.json")).verdict is Verdict.PASS


def test_another_region_is_found_unless_it_is_allowed(calls: Store) -> None:
    abroad = replace(calls, region="us-east-1")
    found = judged(abroad, delivers(f"{OWN}/a.json"))
    assert found.verdict is Verdict.FAIL
    assert "in us-east-1, not where they run (eu-central-1)" in found.message
    assert found.remediation.startswith("If us-east-1 may have it")
    assert judged(abroad, delivers(f"{OWN}/a.json"), policy={"regions": ["us-*"]}).verdict is Verdict.PASS


def test_a_region_that_is_not_allowed_is_found_even_at_home(calls: Store) -> None:
    found = judged(calls, delivers(OWN), policy={"regions": ["eu-west-1"]})
    assert found.verdict is Verdict.FAIL
    assert found.message.endswith("in eu-central-1, which is no allowed region")


def test_a_store_without_a_known_region_is_unknown(calls: Store) -> None:
    assert judged(replace(calls, region=""), delivers(OWN)).verdict is Verdict.UNKNOWN


def test_if_stores_could_not_be_listed_a_foreign_place_is_unknown() -> None:
    denied = gap(ACCOUNT, Facet.STORES, operation="s3:ListBuckets", permission="s3:ListAllMyBuckets")
    found = judged(delivers(ELSEWHERE), denied)
    assert found.verdict is Verdict.UNKNOWN
    assert found.evidence["permissions"] == ["s3:ListAllMyBuckets"]
    assert judged(delivers(ELSEWHERE), gap("222222222222", Facet.ACCOUNTS)).verdict is Verdict.UNKNOWN
    for other in (gap(ACCOUNT, Facet.KEYS), gap("project", Facet.STORES, provider="gcp")):
        assert judged(delivers(ELSEWHERE), other).verdict is Verdict.FAIL


@pytest.mark.parametrize("chosen", [{"stores": ["calls*"]}, {"options": {"region": ["eu-central-1"]}}])
def test_if_only_some_stores_were_scanned_a_foreign_place_is_unknown(chosen: dict[str, object]) -> None:
    seen = world(delivers(ELSEWHERE))
    seen.estate.manifest = Manifest({"aws": chosen}, (), NOW, NOW, "cloudscan", {}, "")
    (found,) = findings(transcript_outside_estate, seen)
    assert found.verdict is Verdict.UNKNOWN
    seen.estate.manifest = Manifest({"aws": {"stores": [], "options": {}}}, (), NOW, NOW, "cloudscan", {}, "")
    (whole,) = findings(transcript_outside_estate, seen)
    assert whole.verdict is Verdict.FAIL


def test_what_the_service_keeps_and_other_jobs_are_no_concern() -> None:
    jobs = [delivers(ELSEWHERE, output_owner="service"), job("v", kind="vocabulary", outputs=(ELSEWHERE,)), job("none")]
    assert findings(transcript_outside_estate, world(*jobs)) == []


def test_places_of_other_clouds_are_cut_down_to_their_store() -> None:
    container = "/subscriptions/s/resourceGroups/g/providers/p/storageAccounts/a/blobServices/default/containers/c"
    for output, place in (("gs://other/a/b.json", "gs://other"), (f"{container}/a/b.json", container)):
        assert judged(delivers(output)).locator == place


def test_an_account_that_the_estate_does_not_hold_is_known_by_its_number() -> None:
    found = judged(Account("222222222222", "aws", training_opt_out=Answer.NO), delivers(ELSEWHERE))
    assert found.resource == ACCOUNT
    assert ANYONE not in found.message
