from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from cloudscan.model import Answer, Gap, Why, Workload
from cloudscan.provider import Facet
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked
from cloudscan_gcp.test_hierarchy import collected, of
from cloudscan_gcp.workloads import containers, functions, instances

Projects = Callable[..., ProjectScope]
BOT = "bot@acme-calls.iam.gserviceaccount.com"
DEFAULT = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
MACHINES = "/compute/v1/projects/acme-calls/aggregated/instances"
ZONES = "https://www.googleapis.com/compute/v1/projects/acme-calls/zones"
NETWORK = "https://www.googleapis.com/compute/v1/projects/acme-calls/global/networks/default"
FIREWALLS = "/compute/v1/projects/acme-calls/global/networks/default/getEffectiveFirewalls"
SSH = [{"IPProtocol": "tcp", "ports": ["22"]}]
READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only"
FUNCTIONS = "/v2/projects/acme-calls/locations/-/functions"
RUN = "apis/run.googleapis.com/v1/namespaces/acme-calls"
SERVICES = "/apis/serving.knative.dev/v1/namespaces/acme-calls/services"


def machine(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "zone": f"{ZONES}/europe-west1-b", **more}


def metadata(**entries: str) -> dict[str, Any]:
    return {"items": [{"key": key.replace("_", "-"), "value": value} for key, value in entries.items()]}


def machines(google: Endpoint, *told: dict[str, Any], **project: Any) -> None:
    nothing = {"warning": {"code": "NO_RESULTS_ON_PAGE"}}
    pages = [{"items": {"zones/europe-west1-b": {"instances": [each]}, "zones/us-east1-b": nothing}} for each in told]

    def page(asked: Asked) -> dict[str, Any]:
        number = int(asked.query.get("pageToken", "0"))
        further = {"nextPageToken": str(number + 1)} if number + 1 < len(pages) else {}
        return pages[number] | further if pages else {}

    google.answer(MACHINES, page)
    google.answer("/compute/v1/projects/acme-calls", {"name": "acme-calls", **project})


def found(project: Projects, service: ModuleType) -> list[Any]:
    return of(collected(service.units(project(Facet.WORKLOADS))), Workload)


def test_machines_are_told_with_their_account_scopes_and_address(google: Endpoint, project: Projects) -> None:
    account = {"email": BOT, "scopes": [READ_ONLY]}
    address = [{"network": NETWORK, "accessConfigs": [{"type": "ONE_TO_ONE_NAT", "natIP": "192.0.2.1"}]}]
    google.answer(FIREWALLS, {"firewalls": [{"allowed": SSH}]})
    machines(
        google,
        machine("web", serviceAccounts=[account], networkInterfaces=address, labels={"team": "voice"}),
        machine("bare", networkInterfaces=[{"networkIP": "10.0.0.2"}]),
    )
    web, bare = found(project, instances)
    assert web == Workload(
        id="projects/acme-calls/zones/europe-west1-b/instances/web",
        provider="gcp",
        account="acme-calls",
        region="europe-west1",
        kind="instance",
        name="web",
        principal=f"serviceAccount:{BOT}",
        labels={"team": "voice"},
        keys_in_settings=Answer.YES,
        scopes=(READ_ONLY,),
        addressed=Answer.YES,
        reachable=Answer.YES,
    )
    assert (bare.principal, bare.scopes, bare.addressed, bare.reachable) == ("", (), Answer.NO, Answer.NO)
    assert google.requests["compute.instances.aggregatedList"] == 2


@pytest.mark.parametrize(
    ("own", "common", "lets_in"),
    [
        ({}, {}, Answer.YES),
        ({}, {"enable_oslogin": "TRUE"}, Answer.NO),
        ({"enable_oslogin": "false"}, {"enable_oslogin": "TRUE"}, Answer.YES),
        ({"enable_oslogin": "true"}, {}, Answer.NO),
    ],
)
def test_keys_in_the_metadata_let_nobody_in_where_roles_decide(
    google: Endpoint, project: Projects, own: dict[str, str], common: dict[str, str], lets_in: Answer
) -> None:
    machines(google, machine("web", metadata=metadata(**own)), commonInstanceMetadata=metadata(**common))
    (web,) = found(project, instances)
    assert web.keys_in_settings is lets_in


def test_where_the_settings_of_the_project_may_not_be_read_it_is_not_known(google: Endpoint, project: Projects) -> None:
    own = metadata(enable_oslogin="TRUE")
    machines(google, machine("web"), machine("own", metadata=own))
    google.faults.add("denied", "compute.projects.get")
    items = collected(instances.units(project(Facet.WORKLOADS)))
    assert [each.keys_in_settings for each in of(items, Workload)] == [Answer.UNKNOWN, Answer.NO]
    assert [gap.permission for gap in of(items, Gap)] == ["compute.projects.get"]


def test_secrets_in_metadata_are_not_kept(google: Endpoint, project: Projects) -> None:
    machines(google, machine("web", metadata=metadata(startup_script="export TOKEN=s3cret")))
    assert "s3cret" not in repr(found(project, instances))


def test_a_project_without_machines_is_one_request(google: Endpoint, project: Projects) -> None:
    machines(google)
    assert found(project, instances) == []
    assert google.requests["compute.projects.get"] == 0


def test_zones_that_were_not_reached_are_a_gap(google: Endpoint, project: Projects) -> None:
    google.answer(MACHINES, {"items": {"zones/x": {"warning": {"code": "UNREACHABLE"}}}, "unreachables": ["zones/y"]})
    (gap,) = of(collected(instances.units(project(Facet.WORKLOADS))), Gap)
    assert (gap.why, gap.detail, gap.resource) == (Why.ERROR, "2 places not reached", "acme-calls")


def test_each_network_is_asked_once_and_what_may_not_be_read_is_not_known(google: Endpoint, project: Projects) -> None:
    address = [{"network": NETWORK, "accessConfigs": [{}]}]
    machines(google, *(machine(name, networkInterfaces=address) for name in "abc"))
    google.answer(FIREWALLS, {})
    assert {each.reachable for each in found(project, instances)} == {Answer.NO}
    assert google.requests["compute.networks.getEffectiveFirewalls"] == 1
    google.faults.add("denied", "compute.networks.getEffectiveFirewalls")
    items = collected(instances.units(project(Facet.WORKLOADS)))
    assert {each.reachable for each in of(items, Workload)} == {Answer.UNKNOWN}
    assert {(gap.resource, gap.permission) for gap in of(items, Gap)} == {
        ("projects/acme-calls/global/networks/default", "compute.networks.getEffectiveFirewalls")
    }


def test_functions_of_both_generations_come_with_one_list(google: Endpoint, project: Projects) -> None:
    place = "projects/acme-calls/locations/europe-west1/functions"
    named = {"serviceAccountEmail": BOT, "ingressSettings": "ALLOW_ALL"}
    told = [
        {"name": f"{place}/a", "environment": "GEN_2", "serviceConfig": named},
        {"name": f"{place}/b", "environment": "GEN_2", "serviceConfig": {"ingressSettings": "ALLOW_INTERNAL_ONLY"}},
        {"name": f"{place}/c", "environment": "GEN_1"},
    ]
    google.pages(FUNCTIONS, told, api="cloudfunctions")
    first, second, third = found(project, functions)
    assert (first.id, first.kind, first.region, first.name) == (f"{place}/a", "function", "europe-west1", "a")
    assert [each.principal for each in (first, second, third)] == [
        f"serviceAccount:{BOT}",
        DEFAULT,
        "serviceAccount:acme-calls@appspot.gserviceaccount.com",
    ]
    assert [each.addressed for each in (first, second, third)] == [Answer.YES, Answer.NO, Answer.UNKNOWN]


def resource(name: str, spec: dict[str, Any], ingress: str = "") -> dict[str, Any]:
    labels = {"cloud.googleapis.com/location": "europe-west1", "team": "voice"}
    notes = {"run.googleapis.com/ingress": ingress} if ingress else {}
    return {"metadata": {"name": name, "labels": labels, "annotations": notes}, "spec": {"template": spec}}


def continued(*told: dict[str, Any]) -> Callable[[Asked], dict[str, Any]]:
    def page(asked: Asked) -> dict[str, Any]:
        number = int(asked.query.get("continue", "0"))
        further = {"continue": str(number + 1)} if number + 1 < len(told) else {}
        return {"items": list(told[number : number + 1]), "metadata": further}

    return page


def test_services_pools_and_jobs_of_all_locations_come_with_a_list_each(google: Endpoint, project: Projects) -> None:
    runs_as = {"spec": {"serviceAccountName": BOT}}
    google.answer(SERVICES, continued(resource("api", runs_as), resource("inner", {}, ingress="internal")))
    google.answer(f"/{RUN}/workerpools", continued(resource("pool", runs_as)))
    google.answer(f"/{RUN}/jobs", continued(resource("nightly", {"spec": {"template": runs_as}})))
    api, inner, pool, job = found(project, containers)
    assert api == Workload(
        id="projects/acme-calls/locations/europe-west1/services/api",
        provider="gcp",
        account="acme-calls",
        region="europe-west1",
        kind="container-service",
        name="api",
        principal=f"serviceAccount:{BOT}",
        labels={"team": "voice"},
        keys_in_settings=Answer.NO,
        addressed=Answer.YES,
    )
    assert (inner.principal, inner.addressed) == (DEFAULT, Answer.NO)
    assert [(each.id.rpartition("/")[0].rpartition("/")[2], each.kind, each.principal) for each in (pool, job)] == [
        ("workerpools", "container-service", f"serviceAccount:{BOT}"),
        ("jobs", "job", f"serviceAccount:{BOT}"),
    ]
    assert google.requests["run.namespaces.services.list"] == 2


@pytest.mark.parametrize(
    ("service", "method", "permission"),
    [
        (instances, "compute.instances.aggregatedList", "compute.instances.list"),
        (functions, "cloudfunctions.projects.locations.functions.list", "cloudfunctions.functions.list"),
        (containers, "run.namespaces.services.list", "run.services.list"),
    ],
)
def test_an_api_that_is_off_is_asked_once_and_one_that_is_closed_names_its_permission(
    google: Endpoint, project: Projects, service: ModuleType, method: str, permission: str
) -> None:
    google.faults.add("disabled", method)
    (gap,) = of(collected(service.units(project(Facet.WORKLOADS))), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "acme-calls")
    assert "not used: gcloud services enable" in gap.detail
    google.faults.clear()
    google.faults.add("denied", f"{method.partition('.')[0]}.*")
    gaps = of(collected(service.units(project(Facet.WORKLOADS))), Gap)
    assert (gaps[0].why, gaps[0].permission) == (Why.DENIED, permission)


def test_they_are_asked_for_only_where_workloads_are_wanted(project: Projects) -> None:
    for service in (instances, functions, containers):
        assert list(service.units(project(Facet.STORES))) == []
