"""The checks of keys on worlds of Azure, from records to findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from cloudscan.check import World
from cloudscan.model import Answer, Finding, PolicyDocument, Record, Verdict
from cloudscan.policy.file import Policy
from cloudscan.testing import findings
from cloudscan_azure import AzureProvider
from cloudscan_azure.policy.test_support import ACCOUNT, ANA, ASR, BO, KEY, SUBSCRIPTION, assigned, gap
from cloudscan_azure.test_keys import PATH, VAULT, lets, serving, vault, world
from cloudscan_checks.key_usable_by_anyone import key_usable_by_anyone
from cloudscan_checks.key_wider_than_data import key_wider_than_data

READER = assigned(ACCOUNT, "reader", ANA)


def judged(*records: Record, **facts: object) -> tuple[Finding, Finding]:
    """Whether anyone may use the key, and whether more may than read."""
    decided = facts.pop("decided", Answer.YES)
    held = world(READER, *records, key={"has_policy": decided}, **facts)
    seen = World(held, Policy(), datetime(2026, 1, 1, tzinfo=UTC), lambda: AzureProvider().grants(held))
    (anyone,) = findings(key_usable_by_anyone, seen)
    (wider,) = findings(key_wider_than_data, seen)
    assert (anyone.resource, wider.resource) == (KEY, KEY)
    return anyone, wider


def verdicts(*records: Record, **facts: object) -> tuple[Verdict, Verdict]:
    anyone, wider = judged(*records, **facts)
    return anyone.verdict, wider.verdict


def test_a_key_that_its_readers_and_its_account_hold_passes() -> None:
    by_policies = vault(lets(ANA, "all"), lets(ASR, "unwrapKey"))
    assert verdicts(by_policies, serving(ASR)) == (Verdict.PASS, Verdict.PASS)
    by_roles = (vault(roles=True), assigned(VAULT, "crypto", ASR), assigned(PATH, "crypto", ANA))
    assert verdicts(*by_roles, serving(ASR), decided=Answer.NO) == (Verdict.PASS, Verdict.PASS)


def test_whoever_decrypts_and_reads_nothing_is_found() -> None:
    for opens in ([vault(lets(BO, "all"))], [vault(roles=True), assigned(SUBSCRIPTION, "crypto", BO)]):
        anyone, wider = judged(*opens, serving(ASR))
        assert (anyone.verdict, wider.verdict) == (Verdict.PASS, Verdict.FAIL)
        assert wider.evidence["examples"] == [BO]
        assert [step.statement for step in wider.path] == [opens[-1].id]


def test_what_was_not_read_of_a_vault_passes_nothing() -> None:
    assert verdicts(decided=Answer.UNKNOWN) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    unread = [gap(SUBSCRIPTION, "Microsoft.Authorization/roleAssignments/read")]
    assert verdicts(vault(roles=True), decided=Answer.NO, gaps=unread)[1] is Verdict.UNKNOWN
    unasked: PolicyDocument = vault(lets(ASR, "unwrapKey"))
    assert verdicts(unasked)[1] is Verdict.UNKNOWN
    refused = replace(gap(KEY, "Keys_Get"), facet="keys")
    assert verdicts(vault(), serving(ASR), gaps=[refused]) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
