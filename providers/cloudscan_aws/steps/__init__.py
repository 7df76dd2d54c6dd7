"""Who may become whom in AWS, and by which step: what an identity can do beside what its own rights allow.

Each step is found from what makes it possible (a trust policy's principals, the few documents that allow a call), so
that no two principals are ever compared; who is alike is asked once. What somebody becomes that is no principal of
its own (itself with widened rights, a guest of an identity pool) is a *guise*: an asker like any other, which takes
steps of its own. The steps follow :mod:`cloudscan_aws.policy` in everything that is decided by documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudscan.access import Edge
from cloudscan_aws.askers import Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.steps import pools
from cloudscan_aws.steps.assume import assumed, assumed_from_outside
from cloudscan_aws.steps.compute import steered
from cloudscan_aws.steps.creating import created
from cloudscan_aws.steps.credentials import taken
from cloudscan_aws.steps.federate import federated
from cloudscan_aws.steps.joint_trust import trusted_jointly
from cloudscan_aws.steps.joint_widening import widened_jointly
from cloudscan_aws.steps.others import widened_others
from cloudscan_aws.steps.pass_role import passed
from cloudscan_aws.steps.providers import reconfigured
from cloudscan_aws.steps.replication import Copier, copiers
from cloudscan_aws.steps.retagging import retagged
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.sessions import Sessions
from cloudscan_aws.steps.swapping import swapped
from cloudscan_aws.steps.widen import widened

_ROUNDS = 2
"""How often one goes on from what one has become: take the boundary away, then write a policy."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of an estate, the guises that they lead to as those who ask, and the roles that can copy buckets."""

    edges: tuple[Edge, ...]
    guises: tuple[Asker, ...]
    copiers: tuple[Copier, ...]


def steps_of(facts: Facts, askers: Iterable[Asker]) -> Steps:
    """Find every step that these identities of the estate may take, and those of the outside parties."""
    askers = tuple(askers)
    scene = Scene(facts, askers)
    taken = list(_of_identities(scene))
    own = widened(scene)
    through, others = widened_others(scene, taken, own.free)
    sessions = Sessions(scene)
    (tagging, tagged), (from_outside, for_outside) = sessions.taken(scene), sessions.taken_from_outside()
    edges = [*assumed_from_outside(scene), *federated(scene), *pools.pooled(scene)]
    making, made = created(scene, {name: scene.standings.of(scene.people[name]) for name in own.free})
    after_tagging, then = retagged(scene, taken, own.free)
    edges += [*taken, *own.edges, *through, *tagging, *from_outside, *making, *after_tagging]
    copying = tuple(copiers(scene))
    jointly, theirs = widened_jointly(scene, edges, own.free)
    edges += [*jointly, *trusted_jointly(scene, edges)]
    become = _once([*pools.guises(scene), *own.guises, *others, *tagged, *for_outside, *made, *theirs, *then])
    guises, free = dict[str, Asker](), own.free
    for _ in range(_ROUNDS):
        guises |= become
        scene = scene.among(become.values())
        edges += _of_identities(scene)
        again = widened(scene)
        tagging, tagged = sessions.taken(scene)
        edges += [*again.edges, *tagging]
        free |= again.free
        jointly, theirs = widened_jointly(scene.among((*askers, *guises.values())), edges, free)
        edges += jointly
        become = _once(one for one in (*again.guises, *tagged, *theirs) if one.principal not in guises)
    return Steps(tuple(edges), tuple(guises.values()), copying)


def _once(guises: Iterable[Asker]) -> dict[str, Asker]:
    """Return guises by name: of one that several ways lead to the first."""
    found: dict[str, Asker] = {}
    for guise in guises:
        found.setdefault(guise.principal, guise)
    return found


def _of_identities(scene: Scene) -> Iterator[Edge]:
    """Yield the steps of everyone in a scene that end in principals of the estate."""
    yield from assumed(scene)
    yield from passed(scene)
    yield from swapped(scene)
    yield from steered(scene)
    yield from taken(scene)
    yield from reconfigured(scene)
