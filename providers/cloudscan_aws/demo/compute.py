"""The demo's compute: one function, and the empty lists of the services that run nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscan_aws.demo.people import SUMMARIES, arn

if TYPE_CHECKING:
    from cloudscan_aws.demo.estate import Builder

REGION = "eu-central-1"
_NOTHING: dict[tuple[str, str], dict[str, Any]] = {
    ("lambda", "ListFunctions"): {"Functions": []},
    ("ec2", "DescribeInstances"): {"Reservations": []},
    ("cloudformation", "DescribeStacks"): {"Stacks": []},
    ("sagemaker", "ListNotebookInstances"): {"NotebookInstances": []},
    ("glue", "GetJobs"): {"Jobs": []},
    ("glue", "GetDevEndpoints"): {"DevEndpoints": []},
}
"""What moto would answer too, after the many seconds in which it loads these services."""


def build(make: Builder) -> None:
    """Set up the function that summarises what callers said."""
    for (service, operation), payload in _NOTHING.items():
        make.endpoint.answer(service, operation, payload)
    function = {
        "FunctionName": "summarise-calls",
        "FunctionArn": SUMMARIES,
        "Runtime": "python3.12",
        "Role": arn("role/summariser"),
    }
    make.endpoint.answer("lambda", "ListFunctions", {"Functions": [function]}, region=REGION)
