"""What all policies of a caller come to on the matters in hand: its side of the answer.

Statements that cannot matter any more are left out: what an identity allows beside an unconditional allow of
everything in question, and whatever stands beside an unconditional deny.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudscan_aws.contents import Content, Known


@dataclass(frozen=True, slots=True)
class Layer:
    """What one set of policies allows of each matter: calls that it allows whatever the request, and contents."""

    whole: frozenset[tuple[int, str]] = frozenset()
    parts: frozenset[Content] = frozenset()


@dataclass(frozen=True, slots=True)
class Side:
    """What all policies of a caller come to. ``refused`` are calls that they deny whatever the request."""

    refused: frozenset[tuple[int, str]] = frozenset()
    denies: frozenset[Content] = frozenset()
    identity: Layer = Layer()
    limits: frozenset[Layer] = frozenset()

    @property
    def parts(self) -> Iterator[Content]:
        """Every content that still matters."""
        yield from self.denies
        for layer in (self.identity, *self.limits):
            yield from layer.parts

    def settled(self, call: str) -> object:
        """Return in which matters a call is refused or allowed whatever the request, by each layer."""
        layers = frozenset(_matters(layer.whole, call) for layer in self.limits)
        return _matters(self.refused, call), _matters(self.identity.whole, call), layers


SILENT = Side()
"""The side of callers whose policies say nothing on a matter."""


def put_together(layers: Sequence[Sequence[Content]], known: Known) -> Side:
    """Put together what all layers of a caller come to: its identity's policies first, then each limit."""
    every = [content for layer in layers for content in layer]
    denying = [content for content in every if content.effect == "Deny" and content.certain]
    refused = frozenset((content.matter, call) for content in denying for call in content.calls)
    denies = _without(refused, (content for content in every if content.effect != "Allow"), known)
    identity, *limits = [_layer(layer, refused, known) for layer in layers]
    side = Side(refused, denies, identity, frozenset(limits))
    return SILENT if side == Side(limits=side.limits) and side.limits <= {Layer()} else side


def _layer(contents: Sequence[Content], refused: frozenset[tuple[int, str]], known: Known) -> Layer:
    allowing = [content for content in contents if content.effect != "Deny"]
    whole = frozenset(
        (content.matter, call) for content in allowing if content.effect and content.certain for call in content.calls
    )
    return Layer(whole - refused, _without(refused | whole, allowing, known))


def _without(settled: frozenset[tuple[int, str]], contents: Iterable[Content], known: Known) -> frozenset[Content]:
    """Leave calls out of contents that are settled already, and contents that have no other."""
    kept = set()
    for each in contents:
        calls = frozenset(call for call in each.calls if (each.matter, call) not in settled)
        if not calls:
            continue
        if len(calls) == len(each.calls):
            kept.add(each)
            continue
        parts = (each.matter, each.effect, calls, each.reach, each.condition, each.values, each.where)
        if (content := known.get(parts)) is None:
            content = known[parts] = Content(*parts)
        kept.add(content)
    return frozenset(kept)


def _matters(settled: frozenset[tuple[int, str]], call: str) -> frozenset[int]:
    return frozenset(matter for matter, each in settled if each == call)
