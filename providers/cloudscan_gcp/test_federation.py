from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloudscan.model import Answer, Federation, Gap
from cloudscan.provider import Facet
from cloudscan_gcp import federation
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_hierarchy import collected, of

Projects = Callable[..., ProjectScope]
PATH = "/v1/projects/acme-calls/locations/global/workloadIdentityPools"
POOLS = "projects/123456789012/locations/global/workloadIdentityPools"
AWS = {
    "name": f"{POOLS}/clouds/providers/aws",
    "aws": {"accountId": "111122223333"},
    "attributeMapping": {"google.subject": "assertion.arn"},
    "state": "ACTIVE",
}
GITHUB = {
    "name": f"{POOLS}/clouds/providers/github",
    "oidc": {"issuerUri": "https://token.actions.githubusercontent.com", "allowedAudiences": ["acme"]},
    "attributeCondition": "assertion.repository_owner == 'acme'",
    "disabled": True,
}


def pool(google: Endpoint, **more: Any) -> None:
    google.pages(PATH, [{"name": f"{POOLS}/clouds", **more}])


def test_providers_are_told_with_whose_tokens_they_take(google: Endpoint, project: Projects) -> None:
    pool(google)
    google.pages(f"{PATH}/clouds/providers", [AWS, GITHUB], largest=1)
    aws, github = of(collected(federation.units(project(Facet.FEDERATIONS))), Federation)
    assert aws == Federation(
        id=f"{POOLS}/clouds/providers/aws",
        provider="gcp",
        account="acme-calls",
        region="",
        kind="aws",
        name="clouds/aws",
        guests=Answer.NO,
        classic_flow=Answer.NO,
        trusted_account="111122223333",
        condition="",
        mapping={"google.subject": "assertion.arn"},
        enabled=Answer.YES,
        keeps=Answer.YES,
    )
    assert github.keeps is Answer.YES  # of a provider that is off, existing tokens still grant access
    assert (github.kind, github.issuer, github.audiences, github.condition, github.enabled) == (
        "oidc",
        "https://token.actions.githubusercontent.com",
        ("acme",),
        "assertion.repository_owner == 'acme'",
        Answer.NO,
    )


def test_a_pool_that_is_off_takes_nothing(google: Endpoint, project: Projects) -> None:
    pool(google, disabled=True)
    google.pages(f"{PATH}/clouds/providers", [AWS])
    (told,) = of(collected(federation.units(project(Facet.FEDERATIONS))), Federation)
    assert (told.enabled, told.keeps) == (Answer.NO, Answer.NO)


def test_what_may_not_be_listed_is_a_gap(google: Endpoint, project: Projects) -> None:
    pool(google)
    google.faults.add("denied", "iam.projects.locations.workloadIdentityPools.providers.list")
    (gap,) = of(collected(federation.units(project(Facet.FEDERATIONS))), Gap)
    assert (gap.resource, gap.permission) == (
        f"{POOLS}/clouds",
        "iam.googleapis.com/workloadIdentityPoolProviders.list",
    )
    google.faults.add("denied", "iam.projects.locations.workloadIdentityPools.list")
    (gap,) = of(collected(federation.units(project(Facet.FEDERATIONS))), Gap)
    assert (gap.resource, gap.permission) == ("acme-calls", "iam.googleapis.com/workloadIdentityPools.list")


def test_pools_are_asked_for_only_where_federations_are_wanted(project: Projects) -> None:
    assert list(federation.units(project(Facet.STORES))) == []
