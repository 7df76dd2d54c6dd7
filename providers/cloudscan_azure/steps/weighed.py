"""Which steps towards a blob somebody is given and something stops: a lock, a deny assignment, a switch, a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloudscan.access import NEVER
from cloudscan.access.held_back import HeldBack, in_vain, refused, told
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.parts import Part
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.ids import BLOBS
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.operations import ASSIGN_ROLES, GET_BLOB
from cloudscan_azure.reads import Reads
from cloudscan_azure.steps.changes import UNLOCK
from cloudscan_azure.steps.compute import to_compute, to_identities
from cloudscan_azure.steps.hidden import Hidden
from cloudscan_azure.steps.opening import KEYS, PUBLISH, REPLICATE, WRITE, Openings
from cloudscan_azure.steps.scene import Scene
from cloudscan_azure.steps.secrets import Secrets


def held_back(reads: Reads, caller: Caller, held: KeyClass) -> Sequence[HeldBack]:
    """Return them, each with what stops it: a right that is refused, or a read that is refused even so."""
    if caller is UNNAMED or not caller.signs or caller.stopped:
        return ()
    scene = Scene(reads.facts)
    openings = Openings(scene, reads, Secrets(scene), Hidden(scene)).opened(caller, held)
    target = f"{reads.store.id}{BLOBS}{held.example}"
    return told([*refused(_weighed(scene, reads, caller, held)), *in_vain(openings, target)])


def _weighed(scene: Scene, reads: Reads, caller: Caller, held: KeyClass) -> Iterator[Part]:
    """Ask for the rights with which all such steps begin, and for those over what runs as somebody who reads."""
    for operation in (*KEYS, WRITE, REPLICATE):
        yield scene.ask(caller, operation, scene.place(reads.account, operation))
    yield scene.ask(caller, PUBLISH, scene.place(reads.store.id, PUBLISH))
    for operation in (ASSIGN_ROLES, UNLOCK):
        for scope in reversed(scene.place(reads.store.id, operation).scopes):
            yield scene.ask(caller, operation, scene.place(scope, operation))
    for door in (*to_compute(scene), *to_identities(scene)):
        if reads.decide(scene.caller(door.target), GET_BLOB, held).condition is not NEVER:
            goals = dict.fromkeys(goal for option in door.options for goal in option)
            yield from (scene.ask(caller, operation, place) for operation, place in goals)
