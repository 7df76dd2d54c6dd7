"""What the organization policies in force say, as they are answered."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.model import Answer
from cloudscan.provider import Facet
from cloudscan_gcp.org_policies import asked, read_enforced, read_restricted


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        ([{"values": {"allowedValues": ["C03xgje4y"]}}], Answer.YES),
        ([{"denyAll": True}], Answer.YES),
        ([{"allowAll": True}], Answer.NO),
        ([], Answer.NO),
        ([{"values": {}}], Answer.UNKNOWN),
        ([{"allowAll": True}, {"values": {"allowedValues": ["C03xgje4y"]}}], Answer.UNKNOWN),
        ([{"allowAll": True, "condition": {"expression": "true"}}], Answer.UNKNOWN),
        ("none", Answer.UNKNOWN),
    ],
)
def test_whether_domains_are_restricted(rules: Any, answer: Answer) -> None:
    assert read_restricted({"spec": {"rules": rules}}) is answer


@pytest.mark.parametrize("told", [{}, {"spec": {}}])
def test_what_nobody_set_is_off(told: dict[str, Any]) -> None:
    assert (read_restricted(told), read_enforced(told)) == (Answer.NO, Answer.NO)


def test_each_is_asked_with_the_question_that_it_is_part_of() -> None:
    assert "compute.requireOsLogin" in asked(frozenset({Facet.WORKLOADS}))
    both = {"iam.allowedPolicyMemberDomains", "iam.managed.allowedPolicyMembers"}
    assert both <= set(asked(frozenset({Facet.POLICY})))
