"""A second source: Azure's libraries for JavaScript name the same properties as the models that answers are held to.

Who made a resource and when (``systemData``) is of all resources alike, and some libraries leave it out.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cloudscan_azure.standin import node
from cloudscan_azure.standin.models import schema

Mappers = Mapping[str, Any]
Schema = dict[str, Any]
LATER = {"properties.logs.categoryGroup", "properties.marketplacePartnerId"}
"""What came to diagnostic settings with 2021-05-01-preview, a version after that of the library for JavaScript."""
ASSIGNED = ("RoleAssignment", "RoleDefinition", "DenyAssignment")
SCHEDULED = ("RoleEligibilityScheduleInstance", "RoleAssignmentScheduleInstance", "RoleManagementPolicy")
_PRINT = """
import fs from "node:fs";
const text = fs.readFileSync(process.argv[1], "utf8");
const mappers = await import("data:text/javascript," + encodeURIComponent(text));
console.log(JSON.stringify(mappers));
"""
AUTHORIZATION = "@azure/arm-authorization/dist-esm/src/models/mappers.js"
COGNITIVE = "@azure/arm-cognitiveservices/dist/esm/models/mappers.js"
MONITOR = "@azure/arm-monitor/dist-esm/src/models/mappers.js"


def mappers(file: str) -> Mappers:
    if reason := node.missing(file):
        pytest.skip(reason)
    command = ["node", "--input-type=module", "--eval", _PRINT, str(node.module(file))]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout))


def inside(mappers: Mappers, name: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """Every property of a model of the JavaScript library, and of those in it, by its path."""
    for each in mappers[name]["type"].get("modelProperties", {}).values() if name not in seen else ():
        path = each["serializedName"]
        yield path
        inner = each["type"]
        while inner["name"] in ("Sequence", "Dictionary"):
            inner = (inner.get("element") or inner["value"])["type"]
        if inner["name"] == "Composite":
            yield from (f"{path}.{below}" for below in inside(mappers, inner["className"], (*seen, name)))


def below(told: Schema, models: Mapping[str, Schema], seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The same of a schema."""
    name = str(told.get("$ref", "")).rpartition("/")[2]
    if name in seen:
        return
    for each in (models[name],) if name else told.get("anyOf", ()):
        yield from below(each, models, (*seen, name) if name else seen)
    for path, inner in told.get("properties", {}).items():
        yield path
        yield from (f"{path}.{each}" for each in below(inner, models, seen))
    for key in ("items", "additionalProperties"):
        if isinstance(told.get(key), dict):
            yield from below(told[key], models, seen)


@pytest.mark.parametrize(
    ("file", "package", "name"),
    [
        *((AUTHORIZATION, "azure.mgmt.authorization.v2022_04_01.models", name) for name in ASSIGNED),
        *((AUTHORIZATION, "azure.mgmt.authorization.v2020_10_01.models", name) for name in SCHEDULED),
        (COGNITIVE, "azure.mgmt.cognitiveservices.models", "Account"),
        (MONITOR, "azure.mgmt.monitor.v2021_05_01_preview.models", "DiagnosticSettingsResource"),
    ],
)
def test_both_name_the_same_properties(file: str, package: str, name: str) -> None:
    held = schema(package, name)
    first = {*below(held, held["$defs"])} - {"properties"} - LATER
    second = {*inside(mappers(file), name)} - {"properties"}
    assert {each for each in first ^ second if not each.startswith("systemData")} == set()
