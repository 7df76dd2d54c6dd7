"""Whether anybody can come as an identity of a pool."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Effect, Ruling
from cloudscan.model import Answer, Federation
from cloudscan.testing import ACCOUNT
from cloudscan_gcp.policy.test_support import STORE, VIEWER, allow, binding, estate, may

POOL = "projects/1001/locations/global/workloadIdentityPools/ci"
SET = f"principalSet://iam.googleapis.com/{POOL}"


@pytest.mark.parametrize(
    ("facts", "ruling", "assumed"),
    [
        ({"enabled": Answer.YES, "keeps": Answer.YES}, Ruling.YES, ""),
        ({"enabled": Answer.NO, "keeps": Answer.NO}, Ruling.NO, ""),
        ({"enabled": Answer.NO, "keeps": Answer.YES}, Ruling.YES, "taken to have a token from before"),
    ],
)
def test_identities_of_a_pool_that_is_off_do_nothing(facts: dict[str, Any], ruling: Ruling, assumed: str) -> None:
    """WorkloadIdentityPool (IAM API): a disabled one takes no tokens; WorkloadIdentityPoolProvider: old ones go on."""
    door = Federation(f"{POOL}/providers/one", "gcp", "calls", "", "oidc", "ci/one", condition="", **facts)
    decision = may(estate(door, allow(STORE, binding(VIEWER, f"{SET}/*"))), f"{SET}/*")
    assert decision.ruling is ruling
    said = [reason.sentence for reason in decision.proof if reason.effect is Effect.ASSUMES]
    assert any(assumed in one for one in said) is bool(assumed)
    assert ruling is not Ruling.NO or "is off" in decision.proof[0].sentence


@pytest.mark.parametrize(("account", "assumes"), [("222222222222", True), (ACCOUNT, False)])
def test_an_identity_that_no_provider_lets_in_is_told_to_be_none_yet(account: str, assumes: bool) -> None:
    """Workload Identity Federation: what a mapping makes of a token decides who comes; AWS tells its own account."""
    member = f"{SET}/attribute.account/{account}"
    told: dict[str, Any] = {
        "enabled": Answer.YES,
        "trusted_account": ACCOUNT,
        "condition": "",
        "mapping": {"attribute.account": "assertion.account"},
    }
    door = Federation(f"{POOL}/providers/one", "gcp", "calls", "", "aws", "ci/one", **told)
    decision = may(estate(door, allow(STORE, binding(VIEWER, member))), member)
    said = [reason.sentence for reason in decision.proof if reason.effect is Effect.ASSUMES]
    assert [one for one in said if "lets in such an identity" in one] == (
        [f"no provider of {POOL} lets in such an identity: taken to be let in once one does"] if assumes else []
    )
