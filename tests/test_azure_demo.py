"""What is wrong with the demo's estate on Azure is found, all of it, where that cloud is scanned alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from cloudscan import POLICY_FILE, plugins
from cloudscan.collection.run import collect
from cloudscan.errors import MissingPart
from cloudscan.estate import Estate
from cloudscan.model import Finding, Verdict
from cloudscan.policy.file import read_policy
from cloudscan.provider import Scope
from cloudscan.scan import analyze, needed_facets
from cloudscan_azure import AzureProvider
from cloudscan_azure.demo import demo
from cloudscan_azure.demo.names import guid

WRONG = {
    "acmevoice/calls": {
        "audio-never-deleted",
        "audio-outliving-maximum-age",
        "audio-past-maximum-age",
        "too-many-readers",
    },
    "acmevoice/archive": {"audio-deleted-too-early"},
    "acmevoice/transcripts": {"unredacted-transcript"},
    "acmevoiceshare/complaints": {
        "audio-outside-approved-key",
        "plaintext-transport-allowed",
        "unlogged-audio-reads",
        "world-readable-audio",
        "world-readable-transcript",
    },
    "acmevoicetraining/labelled": {
        "audio-outliving-maximum-age",
        "audio-past-maximum-age",
        "old-audio-versions-never-deleted",
        "unknown-party-access",
    },
    "ana": {"reader-by-escalation", "single-role-opens-most"},
    "ben": {"reader-by-escalation"},
    "summariser": {"reader-by-escalation"},  # by ci-deploy, who puts code into what runs as it
    "transcriber": {"outside-party-reach"},
    "quality-review": {"outside-party-reach", "stale-reader-credential"},  # it takes tokens of a Google account, too
    "the account": {
        "stale-reader-credential",  # the shared keys of acmevoicetraining
        "transcript-in-service-bucket",
        "transcript-outside-estate",
        "unredacted-transcript",
    },
    "the keys": {"unrotated-audio-key"},
}
"""What is wrong, by the words of the estate. Neither acmevoice/voicemail nor acmevoiceweb is among it."""
_NAMES = ("acme-speech", "ana", "ben", "ci-deploy", "quality-review", "summariser", "transcriber")
PEOPLE = {f"entra:{guid(name)}": name for name in _NAMES}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Estate, list[Finding]]:
    folder: Path = tmp_path_factory.mktemp("azure")
    policy_file = folder / POLICY_FILE
    policy_file.write_bytes(files("cloudscan.demo").joinpath(POLICY_FILE).read_bytes())
    policy, checks = read_policy(policy_file), plugins.checks()
    try:
        with demo() as cloud:
            facets = needed_facets(checks, policy, versions=True)
            scope = Scope(facets, versions=True, sniff=200, heads=20, workers=4, endpoint_url=cloud.endpoint_url)
            collect([AzureProvider()], {"azure": scope}, folder / "snapshot")
    except MissingPart as error:
        pytest.skip(str(error))
    seen, now = Estate.open(folder / "snapshot"), datetime.now(UTC)
    return seen, [*analyze(seen, [AzureProvider()], checks, policy, now=now, generated_at=now).findings]


def place(seen: Estate, finding: Finding) -> str:
    if store := seen.stores.get(finding.resource):
        return store.name
    if finding.resource in seen.accounts:
        return "the account"
    return "the keys" if finding.resource in seen.keys else PEOPLE.get(finding.resource, finding.resource)


def test_every_fault_of_the_estate_is_found_and_nothing_else(judged: tuple[Estate, list[Finding]]) -> None:
    seen, findings = judged
    found: dict[str, set[str]] = defaultdict(set)
    for each in findings:
        if each.verdict is Verdict.FAIL:
            found[place(seen, each)].add(each.check)
    assert dict(found) == WRONG


def test_nothing_was_left_unanswered(judged: tuple[Estate, list[Finding]]) -> None:
    assert [(gap.operation, gap.why, gap.resource) for gap in judged[0].gaps] == []
