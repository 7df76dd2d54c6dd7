"""Who is alike shares an edge, and no two principals are compared to find one."""

from __future__ import annotations

import pytest

from cloudscan.access import Ruling
from cloudscan.estate import Estate
from cloudscan.model import Record
from cloudscan.testing import pairs
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.test_support import ANA, BO, PROJECT, STORE, VIEWER, allow, binding, estate, person, role
from cloudscan_gcp.steps.test_support import account, machine, steps

TOKENS = "roles/iam.serviceAccountTokenCreator"
STEERS = "projects/calls/roles/steers"


def world(people: int, accounts: int) -> Estate:
    """People who may all take every account of the project, steer every machine, and act as every account."""
    named = [f"user:{number}@acme.example" for number in range(people)]
    made = [record for number in range(accounts) for record in account(f"asr-{number}", binding(VIEWER, named[0]))]
    machines = [
        machine(f"vm-{number}", f"serviceAccount:asr-{number}@calls.iam.gserviceaccount.com")
        for number in range(accounts)
    ]
    return estate(
        role(TOKENS, "iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.implicitDelegation"),
        role(STEERS, "compute.instances.setMetadata", "iam.serviceAccounts.actAs", "run.services.create"),
        allow(PROJECT, binding(TOKENS, *named), binding(STEERS, *named)),
        *(person(name) for name in named),
        *made,
        *machines,
    )


def test_a_right_over_all_accounts_is_one_edge() -> None:
    edges = steps(world(20, 30), "impersonate", "act-as:run")
    of_people = [edge for edge in edges if edge.sources[0].startswith("user:")]
    assert sorted((edge.kind, len(edge.sources), len(edge.targets)) for edge in of_people) == [
        ("act-as:run", 20, 30),
        ("impersonate", 20, 30),
    ]


def test_who_is_alike_is_asked_once_however_many_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    decide = Matter.decide

    def counting(self: Matter, *told: object, **named: object) -> object:
        asked.append(self.permission)
        return decide(self, *told, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Matter, "decide", counting)
    counts = []
    for people in (5, 50):
        asked.clear()
        steps(world(people, 3))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    more = []
    for accounts in (10, 20, 40):
        asked.clear()
        steps(world(5, accounts))
        more.append(len(asked))
    assert more[2] - more[1] == 2 * (more[1] - more[0])  # in step with the machines, one account each


def test_whom_an_accounts_own_policy_names_is_an_edge_to_that_account() -> None:
    one, other = account("one", binding(TOKENS, ANA)), account("other", binding(TOKENS, BO))
    held = estate(role(TOKENS, "iam.serviceAccounts.getAccessToken"), person(ANA), person(BO), *one, *other)
    assert set(pairs(steps(held, "impersonate"))) == {
        (ANA, "serviceAccount:one@calls.iam.gserviceaccount.com"),
        (BO, "serviceAccount:other@calls.iam.gserviceaccount.com"),
    }


def test_whom_a_condition_tells_apart_takes_the_step_under_it() -> None:
    when = "request.time < timestamp('2099-01-01T00:00:00Z')"
    records: list[Record] = [person(ANA), person(BO), *account("asr", binding(TOKENS, ANA, when=when))]
    held = estate(
        role(TOKENS, "iam.serviceAccounts.getAccessToken"), allow(PROJECT, binding(TOKENS, BO)), *records, allow(STORE)
    )
    rulings = {edge.sources: edge.decision.ruling for edge in steps(held, "impersonate")}
    assert rulings == {(ANA,): Ruling.IF, (BO,): Ruling.YES}
