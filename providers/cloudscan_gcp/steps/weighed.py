"""Which steps towards an object somebody is given and something stops: a deny policy, a boundary, prevented access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloudscan.access import NEVER
from cloudscan.access.held_back import HeldBack, in_vain, refused, told
from cloudscan.access.keyspace import KeyClass
from cloudscan.access.parts import Part
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.reads import READ, Reads
from cloudscan_gcp.resources import acl_of
from cloudscan_gcp.steps.changes import FOLDER_SETTER, LIFTS, setter
from cloudscan_gcp.steps.impersonating import MAKES_KEY, TOKENS
from cloudscan_gcp.steps.opening import MAKES_FOLDER, OBJECT_SETTER, UPDATES, UPDATES_BUCKET, Openings
from cloudscan_gcp.steps.scene import Scene


def held_back(reads: Reads, caller: Caller, held: KeyClass) -> Sequence[HeldBack]:
    """Return them, each with what stops it: a permission that is refused, or a read that is refused even so."""
    if caller is UNNAMED or caller.stopped:
        return ()
    scene = Scene(reads.facts)
    openings = Openings(scene, reads).opened(caller, held)
    target = f"{reads.store.id}/{held.example}"
    return told([*refused(_weighed(scene, reads, caller, held)), *in_vain(openings, target)])


def _weighed(scene: Scene, reads: Reads, caller: Caller, held: KeyClass) -> Iterator[Part]:
    """Ask for the permissions with which all such steps begin, and for those over the accounts that read."""
    facts, store = reads.facts, reads.store
    for node in reversed(facts.resources.on_object(store.id, held.example, UPDATES).nodes):
        if call := setter(node):
            yield scene.ask(caller, call, facts.place(node))
        if not node.startswith("gs://"):
            yield from (scene.ask(caller, each, facts.place(node)) for each in LIFTS)
    for call in (UPDATES_BUCKET, MAKES_FOLDER, FOLDER_SETTER):
        yield scene.ask(caller, call, facts.resources.on_bucket(store.id))
    for call in (OBJECT_SETTER, UPDATES):
        place = facts.resources.on_object(store.id, held.example, call, acl_of(held.acl), held.owner)
        yield scene.ask(caller, call, place)
    for name in sorted(scene.all_accounts):
        if reads.decide(scene.caller(name), READ, held).condition is not NEVER:
            yield from (scene.ask(caller, call, facts.place(name)) for call in (*TOKENS, MAKES_KEY))
