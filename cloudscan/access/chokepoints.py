"""Whom others must pass through: dominators of the readers, seen from the store."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from cloudscan.access.grants import Grant
from cloudscan.access.network import Network, level
from cloudscan.access.paths import Chokepoint

if TYPE_CHECKING:
    from networkx import DiGraph

Node = tuple[str, int]
"""A principal's own right ("own"), a principal that one acts as ("as"), a hub ("by"), or the store."""
_STORE: Node = ("store", 0)
_ROLES = 2
"""Roles of a principal that has no listener: its own right, and whoever acts as it."""


def chokepoints(network: Network, grants: Sequence[Grant]) -> list[Chokepoint]:
    """Return the principals without which others would not come to use these grants, most of them first.

    Everybody counts who may come, however unsure the way. Guises are no principals, neither here nor there.
    """
    graph = _graph(network, grants)
    passing: dict[int, set[int]] = defaultdict(set)
    for reader, place in (*_dominated(graph), *_by_either(network, graph)):
        principal = network.real[place]
        if reader != principal and not network.guises & {reader, principal}:
            passing[principal].add(reader)
    found = [
        Chokepoint(network.names[principal], tuple(network.names[reader] for reader in sorted(readers)))
        for principal, readers in passing.items()
    ]
    return sorted(found, key=lambda point: (-len(point.readers), point.principal))


def _graph(network: Network, grants: Sequence[Grant]) -> DiGraph[Node]:
    """Return the steps that lead to the store, turned round so that all begin there."""
    import networkx

    graph: DiGraph[Node] = networkx.DiGraph()
    graph.add_node(_STORE)
    for grant in grants:
        if level(grant) is not None:
            for number in network.holders(grant):
                if grant.by:
                    graph.add_edge(_STORE, ("as", number))
                else:
                    graph.add_edge(_STORE, ("own", number))
                    graph.add_edge(("own", number), ("as", number))
    queue = deque(graph)
    while queue:
        sort, number = node = queue.popleft()
        if sort == "by":
            beyond: Iterator[Node] = (("as", source) for source in network.hubs[number].sources)
        elif sort in ("as", "own"):
            reading = sort == "own"
            beyond = (("by", hub) for hub in network.arriving[number] if network.hubs[hub].edge.reads_only == reading)
        else:
            continue
        for other in beyond:
            if other not in graph:
                queue.append(other)
            graph.add_edge(node, other)
    return graph


def _dominated(graph: DiGraph[Node]) -> Iterator[tuple[int, int]]:
    """Yield each reader with each principal that all its ways pass in one role."""
    import networkx

    above = networkx.immediate_dominators(graph, _STORE)
    for sort, number in graph:
        at = above.get((sort, number))
        while sort == "as" and at is not None and at != _STORE:
            if at[0] != "by":
                yield number, at[1]
            at = above.get(at)


def _by_either(network: Network, graph: DiGraph[Node]) -> Iterator[tuple[int, int]]:
    """Yield those who pass a principal whichever way they go, but not always in the same role.

    Some only read as it, and others act as it to go on. Such a principal is taken out to see who still comes.
    """
    roles: dict[int, set[Node]] = defaultdict(set)
    for sort, number in graph:
        if sort in ("own", "as"):
            roles[network.real[number]].add((sort, number))
    for number, nodes in roles.items():
        # Who may also read as another passes nobody, so only a hub that leads to one reader matters.
        beyond = (each for node in nodes if node[0] == "own" for each in graph[node])
        alone = any(role == "by" and graph.in_degree((role, hub)) == 1 for role, hub in beyond)
        if alone and (len(nodes) > _ROLES or graph.in_degree(("as", number)) > 1):
            left = _reachable(graph, nodes)
            yield from ((other, number) for role, other in graph if role == "as" and (role, other) not in left)


def _reachable(graph: DiGraph[Node], without: Collection[Node]) -> set[Node]:
    seen = {_STORE}
    queue = deque(seen)
    while queue:
        for beyond in graph.successors(queue.popleft()):
            if beyond not in seen and beyond not in without:
                seen.add(beyond)
                queue.append(beyond)
    return seen
