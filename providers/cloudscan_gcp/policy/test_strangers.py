"""What somebody with nothing but the Internet and an account can meet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloudscan.access import ALWAYS, NEVER
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Test, Unseen, all_of, any_of
from cloudscan.model import Answer
from cloudscan_gcp.policy.cel import condition_of
from cloudscan_gcp.policy.strangers import open_to_strangers
from cloudscan_gcp.policy.subjects import INSTANCE, Subject

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
SUBJECT = Subject("projects/calls/zones/eu-a/instances/vm", INSTANCE, "compute.googleapis.com", {})


def present(key: str) -> Test:
    return Test(key, Operator.PRESENT)


def asked(expression: str) -> Condition:
    return condition_of(expression, SUBJECT)


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (ALWAYS, Answer.YES),
        (NEVER, Answer.NO),
        (asked("request.time < timestamp('2030-01-01T00:00:00Z')"), Answer.YES),
        (asked("request.time < timestamp('2020-01-01T00:00:00Z')"), Answer.NO),
        (asked("request.time.getHours() >= 9"), Answer.YES),
        (asked("request.host == 'storage.googleapis.com'"), Answer.YES),
        (asked("inIpRange(origin.ip, '203.0.113.0/24')"), Answer.NO),
        (asked("!inIpRange(origin.ip, '203.0.113.0/24')"), Answer.YES),
        (asked("inIpRange(origin.ip, '0.0.0.0/0')"), Answer.YES),
        (asked("'x' in request.auth.access_levels"), Answer.NO),
        (asked("request.auth.principal == 'x'"), Answer.UNKNOWN),
        (asked("size(request.host) > 3"), Answer.UNKNOWN),
        (asked("assertion.ref == 'refs/heads/main'"), Answer.YES),
        (asked("assertion.aud == 'x' && assertion.event_name == 'push'"), Answer.YES),
        (asked("assertion.repository_owner == 'acme'"), Answer.NO),
        (asked("assertion.repository_owner in ['acme', 'acme2']"), Answer.NO),
        (asked("assertion.repository_owner != 'evil'"), Answer.YES),
        (asked("assertion.repository_owner.startsWith('acme')"), Answer.YES),
        (asked("assertion.repository_id == '12'"), Answer.NO),
        (asked("assertion.repository.startsWith('acme')"), Answer.YES),
        (asked("assertion.repository.startsWith('acme/')"), Answer.NO),
        (asked("assertion.repository.endsWith('/deploy')"), Answer.YES),
        (asked("assertion.repository == 'acme/deploy'"), Answer.NO),
        (asked("assertion.repository.startsWith('')"), Answer.YES),
        (asked("!assertion.repository.startsWith('')"), Answer.NO),
        (asked("assertion.sub.contains('acme')"), Answer.YES),
        (asked("assertion.sub.contains(':acme/')"), Answer.UNKNOWN),
        (asked("assertion.sub.startsWith('repo:acme')"), Answer.YES),
        (asked("assertion.sub.startsWith('repo:acme/')"), Answer.NO),
        (asked("assertion.sub.startsWith('rep')"), Answer.YES),
        (asked("assertion.sub == '1234567890'"), Answer.NO),
        (asked("assertion.sub == 'something:else'"), Answer.UNKNOWN),
        (asked("assertion.email.endsWith('@acme.example')"), Answer.NO),
        (asked("assertion.email.endsWith('acme.example')"), Answer.YES),
        (asked("assertion.namespace_path.startsWith('acme/')"), Answer.NO),
        (asked("assertion.job_workflow_ref == 'acme/x/.github/workflows/a.yml@main'"), Answer.UNKNOWN),
        (present("requester-pays:billing-project"), Answer.YES),
        (present("csek:customer-key"), Answer.NO),
        (present("vpc-sc:perimeter"), Answer.NO),
        (present("ip-filter:network"), Answer.NO),
        (any_of([present("csek:customer-key"), Unseen("a policy")]), Answer.UNKNOWN),
        (all_of([present("csek:customer-key"), Unseen("a policy")]), Answer.NO),
        (any_of([Unseen("a policy"), asked("request.host == 'a'")]), Answer.YES),
    ],
)
def test_who_can_meet_a_condition(condition: Condition, answer: Answer) -> None:
    assert open_to_strangers(condition, NOW) is answer
