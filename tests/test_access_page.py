"""The page about access names every step that the product follows, and none that it does not."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cloudscan_aws.policy.operators import _OPERATORS
from cloudscan_aws.steps.services import SERVICES
from cloudscan_aws.steps.steering import STEERING
from cloudscan_aws.steps.swapping import SWAPS
from cloudscan_azure.steps import services as azure
from cloudscan_azure.steps.opening import KEYS
from cloudscan_gcp.steps import services as google
from cloudscan_gcp.steps.agents import AGENTS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
STEPS = ROOT / "providers" / "cloudscan_aws" / "steps"


def test_every_service_that_takes_a_role_is_named_and_no_other() -> None:
    named = set(re.findall(r"`pass-role:([a-z0-9-]+)`", PAGE))
    assert named == {service.name for service in SERVICES}


def test_every_way_to_steer_compute_or_to_swap_its_role_is_named() -> None:
    names = [*(one.name for one in STEERING), *(one.name for one in SWAPS)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_every_call_that_is_named_is_one_that_the_steps_know() -> None:
    known = "\n".join(path.read_text(encoding="utf-8") for path in STEPS.glob("*.py"))
    table = PAGE.split("## Every step", 1)[1].split("## How it is known", 1)[0]
    calls = set(re.findall(r"`([a-z0-9-]+:[A-Z][A-Za-z]+)`", table))
    assert len(calls) > 30
    assert [call for call in sorted(calls) if f'"{call}"' not in known] == []


def test_every_action_that_steers_compute_in_azure_or_gets_a_key_is_named() -> None:
    ways = (uses for service in azure.SERVICES for uses in (*service.steers, *(uses for uses, _ in service.perhaps)))
    names = [
        azure.ASSIGN.action,
        azure.FEDERATE.action,
        *(one.action for one in KEYS),
        *(uses[0].action for uses in ways),
    ]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_number_of_cases_of_steps_in_azure_is_right() -> None:
    lines = (ROOT / "tests" / "cases" / "azure-steps.jsonl").read_text(encoding="utf-8").splitlines()
    assert f"{len(lines)} worked cases of steps on Azure" in PAGE


def test_every_service_of_google_that_runs_as_an_account_or_reads_as_its_agent_is_named() -> None:
    assert set(re.findall(r"`act-as:([a-z-]+)`", PAGE)) == {service.name for service in google.SERVICES}
    names = [*("+".join(update.calls) for update in google.UPDATES), *(agent.call for agent in AGENTS)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_numbers_of_cases_on_google_cloud_are_right() -> None:
    for name, words in (("direct", "of direct access"), ("steps", "of steps")):
        lines = (ROOT / "tests" / "cases" / f"gcp-{name}.jsonl").read_text(encoding="utf-8").splitlines()
        assert f"{len(lines)} worked cases {words} on Google Cloud" in PAGE


def test_the_number_of_cases_is_right_and_they_use_every_operator() -> None:
    lines = (ROOT / "tests" / "cases" / "aws-direct.jsonl").read_text(encoding="utf-8").splitlines()
    assert f"{len(lines)} worked cases of direct access" in PAGE
    conditions = json.dumps([json.loads(line)["account"] for line in lines]).lower()
    assert [name for name in _OPERATORS if f'"{name}' not in conditions and f":{name}" not in conditions] == []
