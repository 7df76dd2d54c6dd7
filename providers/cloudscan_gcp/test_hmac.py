from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from cloudscan.model import Answer, Credential, Gap, Why
from cloudscan.provider import Facet
from cloudscan_gcp import hmac
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.server import Endpoint

BOT = "bot@acme-calls.iam.gserviceaccount.com"
PATH = "/storage/v1/projects/acme-calls/hmacKeys"


def test_hmac_keys_act_as_a_service_account_for_as_long_as_they_are_kept(
    google: Endpoint, project: Callable[..., ProjectScope]
) -> None:
    told = {"accessId": "GOOG1E", "projectId": "acme-calls", "serviceAccountEmail": BOT}
    active = told | {"state": "ACTIVE", "timeCreated": "2025-01-01T00:00:00Z"}
    google.pages(PATH, [active, told | {"accessId": "GOOG2", "state": "INACTIVE"}], largest=1)
    (unit,) = hmac.units(project(Facet.CREDENTIALS))
    first, second, _ = list(unit.run())
    assert first == Credential(
        id="projects/acme-calls/hmacKeys/GOOG1E",
        provider="gcp",
        account="acme-calls",
        principal=f"serviceAccount:{BOT}",
        kind="hmac-key",
        created=datetime(2025, 1, 1, tzinfo=UTC),
        lasting=Answer.YES,
        enabled=Answer.YES,
    )
    assert isinstance(second, Credential)
    assert (second.id, second.enabled) == ("projects/acme-calls/hmacKeys/GOOG2", Answer.NO)


def test_keys_that_may_not_be_listed_are_a_gap(google: Endpoint, project: Callable[..., ProjectScope]) -> None:
    google.faults.add("denied", "storage.projects.hmacKeys.list")
    (unit,) = hmac.units(project(Facet.CREDENTIALS))
    (gap,) = [item for item in unit.run() if isinstance(item, Gap)]
    assert (gap.facet, gap.why, gap.permission) == (Facet.CREDENTIALS, Why.DENIED, "storage.hmacKeys.list")


def test_they_are_asked_for_only_where_credentials_are_wanted(project: Callable[..., ProjectScope]) -> None:
    assert list(hmac.units(project(Facet.STORES))) == []
