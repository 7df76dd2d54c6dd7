from __future__ import annotations

from typing import Any

import pytest

from cloudscan.model import Answer
from cloudscan_gcp.workloads.firewalls import V6, lets_in

BOT = "bot@acme-calls.iam.gserviceaccount.com"


def rule(*ports: str, protocol: str = "tcp", deny: bool = False, **more: Any) -> dict[str, Any]:
    line = {"IPProtocol": protocol} | ({"ports": list(ports)} if ports else {})
    return {"direction": "INGRESS", "denied" if deny else "allowed": [line], **more}


ANYWHERE: dict[str, Any] = {"sourceRanges": ["0.0.0.0/0"]}
OFFICE: dict[str, Any] = {"sourceRanges": ["203.0.114.0/24"]}


@pytest.mark.parametrize(
    ("rules", "lets"),
    [
        ([], Answer.NO),
        ([rule("22", **ANYWHERE)], Answer.YES),
        ([rule("22")], Answer.YES),
        ([rule("22", sourceRanges=["10.0.0.0/8", "::/0"])], Answer.NO),
        ([rule(protocol="all", **ANYWHERE)], Answer.YES),
        ([rule("20-25", **ANYWHERE)], Answer.YES),
        ([rule("80", "443", "8022", **ANYWHERE)], Answer.NO),
        ([rule("22", protocol="udp", **ANYWHERE)], Answer.NO),
        ([rule(protocol="icmp", **ANYWHERE)], Answer.NO),
        ([rule("22", **ANYWHERE, direction="EGRESS")], Answer.NO),
        ([rule("22", **ANYWHERE, disabled=True)], Answer.NO),
        ([rule("22", sourceRanges=["10.0.0.0/8"])], Answer.NO),
        ([rule("22", sourceRanges=["35.235.240.0/20"])], Answer.NO),
        ([rule("22", sourceTags=["bastion"])], Answer.NO),
        ([rule("22", **OFFICE)], Answer.UNKNOWN),
        ([rule("22", sourceRanges=["no network"])], Answer.UNKNOWN),
        ([rule("22", **ANYWHERE, targetTags=["web"])], Answer.YES),
        ([rule("22", **ANYWHERE, targetTags=["db"])], Answer.NO),
        ([rule("22", **ANYWHERE, targetServiceAccounts=[BOT])], Answer.YES),
        ([rule("22", **ANYWHERE, targetServiceAccounts=["other"])], Answer.NO),
        ([rule("22", **ANYWHERE), rule(deny=True, protocol="all", **ANYWHERE)], Answer.NO),
        ([rule("22", **ANYWHERE, priority=900), rule(deny=True, protocol="all", **ANYWHERE)], Answer.YES),
        ([rule("22", **ANYWHERE), rule(deny=True, protocol="all", **ANYWHERE, priority=10)], Answer.NO),
        ([rule("22", **ANYWHERE), rule("22", deny=True, **OFFICE, priority=10)], Answer.YES),
        ([rule("22", **OFFICE, priority=5), rule("22", deny=True, **ANYWHERE, priority=10)], Answer.UNKNOWN),
        ([rule("22", **ANYWHERE), rule("80", deny=True, **ANYWHERE, priority=10)], Answer.YES),
    ],
)
def test_who_comes_in_by_the_rules_of_a_network(rules: list[dict[str, Any]], lets: Answer) -> None:
    assert lets_in({"firewalls": rules}, ["web", "linux"], BOT) is lets


@pytest.mark.parametrize(
    ("rules", "lets"),
    [
        ([rule("22", **ANYWHERE)], Answer.NO),
        ([rule("22")], Answer.NO),
        ([rule("22", sourceRanges=["::/0"]), rule(deny=True, protocol="all", **ANYWHERE, priority=1)], Answer.YES),
        ([rule("22", sourceRanges=["2a00:1450::/32"])], Answer.UNKNOWN),
        ([rule("22", sourceRanges=["fd20::/20"])], Answer.NO),
    ],
)
def test_addresses_of_version_6_have_rules_of_their_own(rules: list[dict[str, Any]], lets: Answer) -> None:
    assert lets_in({"firewalls": rules}, [], "", V6) is lets


@pytest.mark.parametrize(
    ("policy", "lets"),
    [
        ({"action": "goto_next", "direction": "INGRESS"}, Answer.YES),
        ({"action": "deny", "direction": "INGRESS"}, Answer.UNKNOWN),
        ({"action": "allow", "direction": "INGRESS", "disabled": True}, Answer.YES),
        ({"action": "deny", "direction": "EGRESS"}, Answer.YES),
    ],
)
def test_firewall_policies_that_decide_leave_it_open(policy: dict[str, Any], lets: Answer) -> None:
    effective = {"firewalls": [rule("22", **ANYWHERE)], "firewallPolicys": [{"rules": [policy]}]}
    assert lets_in(effective, [], "") is lets
