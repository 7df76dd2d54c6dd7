"""Who is of the sets that boundaries are bound to, where not all that it hangs on was read."""

from __future__ import annotations

import pytest

from cloudscan.access.conditions import ALWAYS, NEVER, Unseen
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Account
from cloudscan_gcp.facts import Facts

NODES, IDS = "//cloudresourcemanager.googleapis.com", "//iam.googleapis.com"
LISTED = Account("calls", "gcp", organization="organizations/1", parents=("organizations/1",), unique_id="1001")
UNNUMBERED = Account("calls", "gcp", organization="organizations/1", parents=None)
ASR = "serviceAccount:asr@calls.iam.gserviceaccount.com"
AGENT = "serviceAccount:service-1001@gcp-sa-transcoder.iam.gserviceaccount.com"
POD = "serviceAccount:calls.svc.id.goog[app/reader]"
POOL = "projects/1001/locations/global/workloadIdentityPools"
RUNNER = f"principal:{IDS}/{POOL}/ci/subject/runner"
ANA = "user:ana@acme.example"
SURE, NO, PERHAPS = "sure", "no", "perhaps"


def told(account: Account, member: str, who: str) -> str:
    facts = Facts(Estate.of([account]))
    found = facts.sets.hold(member, facts.caller(who))
    if isinstance(found, Unseen):
        return PERHAPS
    assert found in (ALWAYS, NEVER)
    return SURE if found is ALWAYS else NO


@pytest.mark.parametrize(
    ("account", "member", "who", "answer"),
    [
        (LISTED, f"{NODES}/projects/calls", ASR, SURE),
        (LISTED, f"{NODES}/projects/1001", AGENT, SURE),
        (LISTED, f"principalSet:{NODES}/projects/1001", RUNNER, SURE),
        (LISTED, f"{NODES}/projects/1002", ASR, NO),
        (UNNUMBERED, f"{NODES}/projects/calls", ASR, SURE),
        (UNNUMBERED, f"{NODES}/projects/1001", ASR, PERHAPS),
        (UNNUMBERED, f"{NODES}/projects/calls", RUNNER, PERHAPS),
        (LISTED, f"{NODES}/folders/7", ASR, NO),
        (UNNUMBERED, f"{NODES}/folders/7", ASR, PERHAPS),
        (LISTED, f"{NODES}/folders/7", "serviceAccount:bot@elsewhere.iam.gserviceaccount.com", PERHAPS),
        (LISTED, f"{NODES}/folders/7", ANA, NO),
        (LISTED, f"{NODES}/organizations/1", ANA, PERHAPS),
        (LISTED, f"{NODES}/organizations/1", ANYONE, NO),
        (LISTED, f"{NODES}/organizations/1", ANYONE_SIGNED_IN, NO),
        (LISTED, f"{IDS}/{POOL}/ci", RUNNER, SURE),
        (LISTED, f"principalSet:{IDS}/{POOL}/ci/*", RUNNER, SURE),
        (UNNUMBERED, f"{IDS}/{POOL.replace('1001', 'calls')}/ci", RUNNER, PERHAPS),
        (LISTED, f"{IDS}/{POOL}/calls.svc.id.goog", POD, SURE),
        (LISTED, f"{IDS}/{POOL}/ci", POD, NO),
        (LISTED, f"{IDS}/locations/global/workspace/C0acme000", "group:team@acme.example", PERHAPS),
        (LISTED, f"{IDS}/locations/global/workspace/C0acme000", ASR, NO),
        (LISTED, f"{IDS}/locations/global/somethingNew/x", ANA, PERHAPS),
    ],
)
def test_who_is_of_a_set(account: Account, member: str, who: str, answer: str) -> None:
    assert told(account, member, who) == answer
