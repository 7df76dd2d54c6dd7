"""Come to be a managed identity: through compute that has it, by attaching it to compute, or by a token of one's own.

From "What are managed identities for Azure resources": whatever runs on a resource acts as the identities that it has.
From "Manage user-assigned managed identities": who may assign one attaches it to any resource of the tenant that they
may make or change. From "Configure a user-assigned managed identity to trust an external identity provider": a
federated credential lets in whoever has a token of an issuer, which may be one's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cloudscan.access import Edge
from cloudscan.model import Answer, Principal, Workload
from cloudscan_azure.steps.edges import Door, through
from cloudscan_azure.steps.making import Making, type_of
from cloudscan_azure.steps.scene import Goal, Scene
from cloudscan_azure.steps.services import ASSIGN, BY_RESOURCE, FEDERATE, SERVICES, Uses

_KEYS = ("listkeys/action", "regeneratekey/action")


def steered(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may have compute that is there run what they like, to what it runs as."""
    yield from through(scene, to_compute(scene))


def to_compute(scene: Scene) -> Iterator[Door]:
    """Yield the doors to all compute that is there."""
    return (door for one in scene.workloads for door in _doors(scene, one))


def _doors(scene: Scene, one: Workload) -> Iterator[Door]:
    name = one.id.partition("#")[0]
    service = BY_RESOURCE.get(type_of(name))
    if service is None or not one.principal:
        return
    does = f"{service.does} {name}, which acts as {one.principal} ({service.source})"
    door = Door(one.principal, (), does, reads_only=service.reads_only, media=service.media)
    # Keys that a service takes no more open nothing.
    closed = one.keys_in_settings is Answer.NO
    ways = [uses for uses in service.steers if not (closed and uses[0].action.lower().endswith(_KEYS))]
    yield replace(door, options=tuple(_goals(scene, uses, name) for uses in ways))
    for uses, words in service.perhaps:
        yield replace(door, options=(_goals(scene, uses, name),), hangs_on=words)


def _goals(scene: Scene, uses: Uses, name: str) -> tuple[Goal, ...]:
    return tuple((each, scene.place(name, each)) for each in uses)


def attached(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may attach an identity to compute, or have it take tokens of an issuer."""
    yield from through(scene, to_identities(scene))


def to_identities(scene: Scene) -> Iterator[Door]:
    """Yield the doors to all identities that can be attached."""
    making = {service.resource: Making(scene, service) for service in SERVICES if service.makes}
    return (door for one in scene.identities for door in _of_identity(scene, one, making))


def _of_identity(scene: Scene, one: Principal, making: Mapping[str, Making]) -> Iterator[Door]:
    assign = (ASSIGN, scene.place(one.path, ASSIGN))
    group = one.path.partition("/providers/")[0]
    for resource, made in making.items():
        service = BY_RESOURCE[resource]
        does = f"attach {one.id} to something, and {service.does} that ({service.source})"
        yield Door(one.id, ((assign, *_goals(scene, service.makes, group)),), does, made=made)
    does = f"have {one.id} take tokens of an issuer of their own"
    yield Door(one.id, (((FEDERATE, scene.place(one.path, FEDERATE)),),), does)
