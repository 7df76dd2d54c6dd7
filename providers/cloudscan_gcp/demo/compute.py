"""The demo's compute, and the services that it does not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudscan_gcp.demo.names import LOCATION, NUMBER, PROJECT, email
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.state import Asked, Payload

if TYPE_CHECKING:
    from cloudscan_gcp.demo.estate import Builder

_ZONE = f"{LOCATION}-a"
_USED = ("storage", "iam", "cloudresourcemanager", "cloudkms", "logging", "speech", "compute", "cloudfunctions", "run")


def build(make: Builder) -> None:
    """Set up a machine and a function, and say which services are on."""
    _machine(make)
    _function(make)
    google = make.endpoint
    parent = f"projects/{NUMBER}"
    services = [
        {"name": f"{parent}/services/{name}.googleapis.com", "parent": parent, "state": "ENABLED"} for name in _USED
    ]
    google.pages(f"/v1/projects/{PROJECT}/services", services)
    google.answer(f"/v1/projects/{PROJECT}:searchAllIamPolicies", _off("cloudasset"))
    google.pages("/v1/operations", [], api="speech")
    google.pages("/v1/transferJobs", [])
    google.answer(f"/v1/projects/{PROJECT}/locations/*/conversations", {}, api="contactcenterinsights")
    google.pages(f"/v3/projects/{PROJECT}/locations", [], api="dialogflow")
    google.pages(f"/v1/projects/{PROJECT}/releases", [], api="firebaserules")
    google.answer(f"/v2/projects/{PROJECT}/agent", GoogleError(404, "There is no agent."), api="dialogflow")


def _off(api: str) -> GoogleError:
    service, consumer = f"{api}.googleapis.com", f"projects/{NUMBER}"
    said = f"{service} has not been used in project {NUMBER} before or it is disabled."
    return GoogleError(403, said, "SERVICE_DISABLED", metadata={"service": service, "consumer": consumer})


def _machine(make: Builder) -> None:
    """A machine of the analysts, as the console makes one: it runs as the project's editor, who may read no object."""
    google = make.endpoint
    place = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
    machine = {
        "kind": "compute#instance",
        "id": "7000000000000000001",
        "name": "notebook-1",
        "zone": f"{place}/zones/{_ZONE}",
        "status": "RUNNING",
        "selfLink": f"{place}/zones/{_ZONE}/instances/notebook-1",
        "serviceAccounts": [
            {
                "email": f"{NUMBER}-compute@developer.gserviceaccount.com",
                "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
            }
        ],
        "metadata": {"kind": "compute#metadata", "items": [{"key": "enable-oslogin", "value": "TRUE"}]},
        "networkInterfaces": [{"kind": "compute#networkInterface", "name": "nic0", "networkIP": "10.132.0.2"}],
    }
    project = {
        "kind": "compute#project",
        "id": NUMBER,
        "name": PROJECT,
        "commonInstanceMetadata": {"kind": "compute#metadata"},
        "defaultServiceAccount": f"{NUMBER}-compute@developer.gserviceaccount.com",
    }

    def machines(_: Asked) -> Payload:
        return {"kind": "compute#instanceAggregatedList", "items": {f"zones/{_ZONE}": {"instances": [machine]}}}

    google.answer(f"/compute/v1/projects/{PROJECT}/aggregated/instances", machines)
    google.pages(f"/compute/v1/projects/{PROJECT}/zones/{_ZONE}/instances", [machine])
    google.answer(f"/compute/v1/projects/{PROJECT}/zones/{_ZONE}/instances/notebook-1/getIamPolicy", {"etag": "ACAB"})
    google.answer(f"/compute/v1/projects/{PROJECT}", project)


def _function(make: Builder) -> None:
    """A function that sums up calls. Who deploys functions may put new code into it, and so reads what it reads."""
    place = f"projects/{PROJECT}/locations/{LOCATION}"
    function = {
        "name": f"{place}/functions/summarise-calls",
        "environment": "GEN_2",
        "state": "ACTIVE",
        "buildConfig": {"runtime": "python312", "entryPoint": "main"},
        "serviceConfig": {"serviceAccountEmail": email("quality-review"), "ingressSettings": "ALLOW_INTERNAL_ONLY"},
    }
    for location in ("-", LOCATION):
        make.endpoint.pages(f"/v2/projects/{PROJECT}/locations/{location}/functions", [function])
    make.endpoint.answer(f"/v2/{function['name']}:getIamPolicy", {"etag": "ACAB"})
