"""Whatever list is refused, every check that depends on it says of the account that it cannot tell."""

from __future__ import annotations

import pytest

from cloudscan.check import Check
from cloudscan.model import Verdict, Why
from cloudscan.policy.file import parse_policy
from cloudscan.provider import Facet
from cloudscan.scan import analyze
from cloudscan.testing import ACCOUNT, NOW, gap, store, world
from cloudscan_checks.catalog import CHECKS

EVERYTHING = parse_policy(
    {
        "retention": [{"max_days": 90}],
        "keys": {"require_customer_key": True},
        "access": {
            "max_readers": 1,
            "max_share": 0.5,
            "max_credential_days": 90,
            "approved_readers": [{"stores": "*", "principals": ["nobody"]}],
        },
    }
)
"""A policy file under which every check has something to judge by."""
CALLS = store("calls")


@pytest.mark.parametrize("facet", [Facet.ACCOUNTS, Facet.STORES, Facet.OBJECTS, Facet.JOBS])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_refused_list_is_unknown_of_the_account(check: Check, facet: Facet) -> None:
    refused = gap(CALLS.id if facet is Facet.OBJECTS else ACCOUNT, facet, Why.DENIED, operation="List")
    estate = world(CALLS, refused).estate
    found = analyze(estate, [], [check], EVERYTHING, now=NOW, generated_at=NOW).findings
    told = [(one.verdict, one.resource) for one in found if "List: denied" in str(one.evidence.get("not_seen"))]
    assert told or facet not in check.subjects, [one.message for one in found]
    assert {verdict for verdict, _ in told} <= {Verdict.UNKNOWN}
    assert not any(one.verdict is Verdict.PASS for one in found)


def test_every_check_depends_on_some_list() -> None:
    assert all(check.subjects & {Facet.STORES, Facet.JOBS} for check in CHECKS)
