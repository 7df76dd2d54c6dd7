"""What the records tell reaches the evaluator."""

from __future__ import annotations

import pytest

from cloudscan.estate import Estate
from cloudscan.model import Principal
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy import callers

OWN = "123456789012"
ANA = f"arn:aws:iam::{OWN}:user/ana"


@pytest.mark.parametrize(("told", "known"), [("AIDAEXAMPLE", ("AIDAEXAMPLE",)), (None, None)])
def test_a_user_asks_under_the_id_that_nobody_has_again(told: str | None, known: tuple[str, ...] | None) -> None:
    ana = Principal(ANA, "aws", OWN, "user", "ana", policies=(), boundary="", labels={}, unique_id=told)
    ((_, caller),) = Facts(Estate.of([ana])).callers()
    assert caller.unique_id == told
    assert callers.facts(caller).values("aws:userid") == known
