"""Virtual machines of Compute Engine, of all zones with one list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudscan.model import Answer, Gap, Why, Workload
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import items, pairs, part, texts
from cloudscan.providing.questions import Malformed, listed, named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker
from cloudscan_gcp.workloads.firewalls import V4, V6, Firewalls, lets_in

_LOGIN = "enable-oslogin"
"""Whether roles decide who may sign in, and keys in the metadata nothing ("About OS Login")."""
_LIST, _LISTING = "compute.instances.aggregatedList", "compute.instances.list"


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that lists them."""
    if project.wants(Facet.WORKLOADS):
        yield from made.of_project(project, "instances", collect)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the machines of a project, with what it sets for all of them."""
    found: list[Mapping[str, Any]] = []
    lost: list[Any] = []

    def read() -> dict[str, Any]:
        path = named("compute/v1/projects/{}/aggregated/instances", project.id)
        for page in asker.clients.rest.pages("compute", path, query={"maxResults": 500}):
            zones = page.get("items") or {}
            if not isinstance(zones, Mapping) or not all(isinstance(zone, Mapping) for zone in zones.values()):
                raise Malformed("items are no zones")
            lost.extend(page.get("unreachables") or ())
            lost.extend(name for name, zone in zones.items() if _is_lost(zone))
            for zone in zones.values():
                found.extend(listed(zone, "instances"))
        return {}

    asked: dict[str, Any] = {"facet": Facet.WORKLOADS, "resource": project.id, "permission": _LISTING}
    reply = asker.run(read, operation=_LIST, **asked)
    default = _default(project, asker) if found else ""
    if isinstance(default, Gap):
        yield default
    firewalls = Firewalls(asker)
    for each in found:
        machine = workload(each, project, None if isinstance(default, Gap) else default)
        reached = _reached(each, machine, firewalls)
        yield replace(machine, reachable=Answer.UNKNOWN if isinstance(reached, Gap) else reached)
        if isinstance(reached, Gap):
            yield reached
    if isinstance(reply, Gap):
        yield reply
    elif lost:
        yield asker.gap(**asked, why=Why.ERROR, operation=_LIST, detail=f"{len(lost)} places not reached")


def _default(project: ProjectScope, asker: Asker) -> str | Gap:
    """Ask for how people sign in to all machines of a project that do not say otherwise."""
    reply = asker.ask(
        "compute.projects.get",
        named("compute/v1/projects/{}", project.id),
        facet=Facet.WORKLOADS,
        resource=project.id,
        permission="compute.projects.get",
    )
    if isinstance(reply, dict):
        return login(reply, "commonInstanceMetadata")
    return reply if isinstance(reply, Gap) else ""


def workload(told: Mapping[str, Any], project: ProjectScope, default: str | None) -> Workload:
    """Read a machine ("Instance", Compute Engine API). ``default`` is None where it was not read."""
    zone = str(told.get("zone") or "").rpartition("/")[2]
    name = str(told.get("name") or "")
    account = next(iter(items(told, "serviceAccounts")), None)
    return Workload(
        id=f"projects/{project.id}/zones/{zone}/instances/{name}",
        provider=PROVIDER,
        account=project.id,
        region=zone.rpartition("-")[0],
        kind="instance",
        name=name,
        principal=f"serviceAccount:{account.get('email') or ''}" if account else "",
        labels=pairs(told, "labels"),
        keys_in_settings=_keys(login(told, "metadata"), default),
        scopes=texts(account, "scopes") if account else (),
        addressed=Answer.of(any(_addresses(each) for each in items(told, "networkInterfaces"))),
    )


def login(told: Mapping[str, Any], name: str) -> str:
    """Read of metadata what decides who may sign in, "" for nothing. No other entry is kept: some hold secrets."""
    entries = items(part(told, name), "items")
    return next((str(each.get("value")) for each in entries if each.get("key") == _LOGIN), "")


def _keys(own: str, default: str | None) -> Answer:
    """Say whether keys in the metadata let somebody in: a machine's own setting counts before its project's."""
    told = own or default
    return Answer.of(None if told is None else told.strip().upper() not in ("TRUE", "Y", "YES", "1"))


def _reached(told: Mapping[str, Any], machine: Workload, firewalls: Firewalls) -> Answer | Gap:
    """Say whether somebody on the Internet comes through to a machine: nobody does to one without an address."""
    account, tags = machine.principal or "", texts(part(told, "tags"), "items")
    answers = []
    for each in items(told, "networkInterfaces"):
        for internet in _addresses(each):
            effective = firewalls.fetch(str(each.get("network") or ""))
            if isinstance(effective, Gap):
                return effective
            answers.append(lets_in(effective, tags, account.removeprefix("serviceAccount:"), internet))
    return next((answer for answer in (Answer.YES, Answer.UNKNOWN) if answer in answers), Answer.NO)


def _addresses(interface: Mapping[str, Any]) -> list[str]:
    """Return of which Internets it has an address."""
    return [each for name, each in (("accessConfigs", V4), ("ipv6AccessConfigs", V6)) if items(interface, name)]


def _is_lost(zone: Mapping[str, Any]) -> bool:
    """Say whether a zone was not reached; most warnings only say that it has nothing on this page."""
    warning = zone.get("warning")
    return isinstance(warning, Mapping) and warning.get("code") == "UNREACHABLE"
