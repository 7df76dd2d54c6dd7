"""Steer a virtual machine that is there, and take the token of the service account that it runs as.

From the Compute Engine documentation. "Add SSH keys to VMs": who may write the metadata of a machine, or of its
project, signs in with a key of their own where OS Login is off; both take ``actAs`` on the machine's account. "Set up
OS Login": with it, roles decide who signs in. "Use startup scripts on Linux VMs": a script in the metadata runs as the
machine starts. "Service accounts": the token of a machine is good for its access scopes alone; another account and
other scopes can be set while it is stopped.

That a machine can be reached hangs on its firewall: where that was not read, or leaves it open, so is a sign-in. A
restart needs no way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Edge
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Part, Way, best
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import Answer, Workload
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps.acting import ACTS
from cloudscan_gcp.steps.edges import edges
from cloudscan_gcp.steps.scene import Scene, worth_telling

SETS, SETS_ALL = "compute.instances.setMetadata", "compute.projects.setCommonInstanceMetadata"
SIGNS_IN, SIGNS_IN_AS_ROOT = "compute.instances.osLogin", "compute.instances.osAdminLogin"
RESETS, STOPS, STARTS = "compute.instances.reset", "compute.instances.stop", "compute.instances.start"
SWAPS = "compute.instances.setServiceAccount"
REQUIRED = "compute.requireOsLogin"
TUNNELS = "iap.tunnelInstances.accessViaIAP"
_RESTARTS = ((RESETS,), (STOPS, STARTS))
_SCOPE = "https://www.googleapis.com/auth/"
_EVERYTHING = f"{_SCOPE}cloud-platform"
_READING = frozenset(
    {_EVERYTHING, f"{_SCOPE}cloud-platform.read-only"}
    | {f"{_SCOPE}devstorage.{each}" for each in ("read_only", "read_write", "full_control")}
)
"""The scopes with which a token reads objects ("Cloud Storage authentication": OAuth 2.0 scopes)."""

Ways = Callable[[Scene, Caller, Workload], Iterator[Way]]


def steered(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may steer a machine, to the account that it runs as."""
    machines = [one for held in scene.workloads.values() for one in held if one.kind == "instance"]
    able = [one for one in machines if _reads(one)]
    for only in (False, True):
        held = [one for one in able if _reads_only(one) is only]
        yield from _edges(scene, held, SETS, (SETS, SETS_ALL, *STARTING), _by_metadata, reads_only=only)
        yield from _edges(scene, held, SIGNS_IN, (SIGNS_IN, SIGNS_IN_AS_ROOT), _by_login, reads_only=only)


def swapped(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may give a machine another account of its project, and start it anew."""
    for project, held in scene.workloads.items():
        bare = [Workload(one.id, PROVIDER, project, one.region, one.kind, one.name) for one in held]
        if machines := scene.alike((one for one in bare if one.kind == "instance"), _SWAPPING):
            yield from _swapped(scene, project, machines)


def scripted(scene: Scene, caller: Caller, account: Place, project: str, supposed: Supposed = AS_READ) -> Iterator[Way]:
    """Yield having a machine of a project run a script as the service account that it has."""
    acts = scene.ask(caller, ACTS, account, supposed=supposed)
    held = [one for one in scene.workloads.get(project, ()) if one.kind == "instance" and one.principal == account.name]
    if acts.decision.condition is not NEVER:
        for one in scene.alike(filter(_gives_all, held), (SETS, *STARTING)):
            machine = scene.on_machine(one)
            for restart in _RESTARTS:
                yield (acts, *(scene.ask(caller, call, machine, supposed=supposed) for call in (SETS, *restart)))


def _gives_all(one: Workload) -> bool:
    return _reads(one) and not _reads_only(one)


def _swapped(scene: Scene, project: str, machines: Sequence[Workload]) -> Iterator[Edge]:
    def starting(caller: Caller) -> Iterator[Way]:
        for machine in map(scene.on_machine, machines):
            yield tuple(scene.ask(caller, call, machine) for call in _SWAPPING)

    def ways(caller: Caller, account: Place) -> Iterator[Way]:
        acts = scene.ask(caller, ACTS, account)
        if acts.decision.condition is not NEVER:
            yield from ((acts, *way) for way in starting(caller))

    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        _, told = best(ways(scene.caller(source), scene.facts.place(target)))
        return f"{source} may stop a machine of {project} and start it with a script of their own as {target}", told

    able: dict[Caller, bool] = {}
    found = []
    for asked in scene.asked(project, [ACTS], _SWAPPING):
        caller = asked.callers[0]
        if caller not in able:
            able[caller] = best(starting(caller))[0] is not NEVER
        condition = best(ways(caller, asked.place))[0] if able[caller] else NEVER
        if worth_telling(caller, condition):
            found.append(Found(tuple(each.name for each in asked.callers), tuple(asked.accounts), condition))
    yield from edges(Sort(SWAPS, changes=True), found, scene, explain)


def _edges(
    scene: Scene, machines: Sequence[Workload], kind: str, calls: Sequence[str], ways: Ways, *, reads_only: bool
) -> Iterator[Edge]:
    asked = (*calls, TUNNELS)
    by_account: dict[str, list[Workload]] = {}
    for one in scene.alike(machines, asked):
        by_account.setdefault(one.principal or "", []).append(one)

    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        caller = scene.caller(source)
        tried = [(one, best(ways(scene, caller, one))) for one in by_account[target]]
        one, (_, told) = next(((one, met) for one, met in tried if met[0] is not NEVER), tried[0])
        return f"{source} may steer {one.id}, and take the token that it has of {target}", told

    found = [
        Found(tuple(each.name for each in crowd.callers), (one.principal or "",), condition)
        for held in by_account.values()
        for one in held
        for crowd in scene.steering(one, [ACTS], asked)
        if worth_telling(crowd.one, condition := best(ways(scene, crowd.one, one))[0])
    ]
    yield from edges(Sort(kind, changes=kind == SETS, reads_only=reads_only), found, scene, explain)


_SWAPPING = (SWAPS, SETS, STOPS, STARTS)
STARTING = (RESETS, STOPS, STARTS)


def _by_metadata(scene: Scene, caller: Caller, one: Workload) -> Iterator[Way]:
    """Yield writing a key or a script into the metadata, of the machine or of its project."""
    machine, project = scene.on_machine(one), scene.on_project(one.account)
    acts = scene.ask(caller, ACTS, scene.facts.place(one.principal or ""))
    if acts.decision.condition is NEVER:
        return
    for call, place in ((SETS, machine), (SETS_ALL, project)):
        writes = scene.ask(caller, call, place)
        if writes.decision.condition is not NEVER:
            for restart in _RESTARTS:
                yield (acts, writes, *(scene.ask(caller, each, machine) for each in restart))
            keys = _told(one, _takes_keys(scene, one))
            yield from ((acts, writes, keys, *reached) for reached in _reaching(scene, caller, one))


def _takes_keys(scene: Scene, one: Workload) -> Condition:
    """Say whether a machine takes keys that are written into its metadata, or can be made to by what is written there.

    From "Set up OS Login": a machine's own metadata turns it off, unless ``compute.requireOsLogin`` is in force.
    """
    if one.keys_in_settings is Answer.NO:
        required = scene.control(one.account, REQUIRED)
        off = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(required, Answer.UNKNOWN)
        return _is(off, f"whether OS Login can be turned off for {one.id} ({REQUIRED}) was not read")
    return _is(one.keys_in_settings, f"whether keys in the metadata let one sign in to {one.id} was not read")


def _by_login(scene: Scene, caller: Caller, one: Workload) -> Iterator[Way]:
    """Yield signing in by OS Login, with the rights of an administrator or without: either asks for the token."""
    machine = scene.on_machine(one)
    acts = scene.ask(caller, ACTS, scene.facts.place(one.principal or ""))
    off = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(one.keys_in_settings, Answer.UNKNOWN)
    login = _told(one, _is(off, f"whether OS Login is on for {one.id} was not read"))
    for call in (SIGNS_IN, SIGNS_IN_AS_ROOT):
        signs = scene.ask(caller, call, machine)
        yield from ((acts, signs, login, *reached) for reached in _reaching(scene, caller, one))


def _reaching(scene: Scene, caller: Caller, one: Workload) -> Iterator[Way]:
    """Yield connecting to it: from the Internet, or through the cloud's own tunnel.

    From "Using IAP for TCP forwarding": the tunnel takes a permission, and a firewall that lets its addresses in.
    """
    if one.addressed is not Answer.NO:
        addressed = _is(one.addressed, f"whether {one.id} has an address on the Internet was not read")
        unread = f"whether the firewall lets one sign in to {one.id} from outside was not read"
        yield (_told(one, addressed), _told(one, _is(one.reachable, unread)))
    tunnel = scene.ask(caller, TUNNELS, scene.on_machine(one))
    if tunnel.decision.condition is not NEVER:
        yield (tunnel, _told(one, Unseen(f"whether the firewall lets the tunnel of IAP in to {one.id} was not read")))


def _is(answer: Answer, unread: str) -> Condition:
    if answer is Answer.UNKNOWN:
        return Unseen(unread)
    return ALWAYS if answer is Answer.YES else NEVER


def _told(one: Workload, condition: Condition) -> Part:
    """Return what a machine's record tells as a part of a way."""
    return Part("", one.id, Decision(condition))


def _reads(one: Workload) -> bool:
    """Say whether a machine's tokens read objects."""
    return one.scopes is None or not _READING.isdisjoint(one.scopes)


def _reads_only(one: Workload) -> bool:
    """Say whether a machine's tokens are good for no more than Cloud Storage."""
    return one.scopes is not None and _EVERYTHING not in one.scopes
