"""Where conditions on ``resource.name`` tell objects apart, as patterns of names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from cloudscan.access.patterns import MANY, Pattern, Piece
from cloudscan_gcp.policy.expressions import Attribute, Call, Listed, Literal, Node, NotUnderstood, Operation, parse

_NAME = Attribute("resource.name")


@lru_cache(maxsize=1 << 14)
def name_patterns(expression: str) -> frozenset[Pattern]:
    """Return patterns such that an expression says the same of all names that the same of them fit.

    Not cut apart is what ``extract()`` finds at a first place and not at a later one, and an order of names.
    """
    try:
        return frozenset(_cuts(parse(expression)))
    except (NotUnderstood, RecursionError):
        return frozenset()


def _cuts(node: Node) -> Iterator[Pattern]:
    parts: tuple[Node, ...] = ()
    match node:
        case Call(of=of, name=name, arguments=arguments):
            parts = (of, *arguments) if of is not None else arguments
            if name != "extract":
                yield from _cut(of, name, arguments)
        case Operation(operator=sign, parts=parts) if sign in ("==", "!=", "in"):
            left, right = parts
            yield from _cut(left, sign, (right,))
            yield from _cut(right, sign, (left,))
        case Operation(parts=parts) | Listed(parts=parts):
            pass
    for part in parts:
        yield from _cuts(part)


def _cut(of: Node | None, sign: str, others: Sequence[Node]) -> Iterator[Pattern]:
    """Yield the patterns of a comparison of the name, or of what is extracted from it, with texts."""
    before: tuple[Piece, ...] = (MANY,) if sign in ("endsWith", "contains") else ()
    after: tuple[Piece, ...] = (MANY,) if sign in ("startsWith", "contains") else ()
    if isinstance(of, Call) and of.of == _NAME and of.name == "extract":
        for template in _texts(of.arguments):
            head, _, rest = template.partition("{")
            tail = rest.partition("}")[2]
            before, after = (MANY, head, *before), (*after, tail, *((MANY,) if tail or after else ()))
            yield _pattern((MANY, head, MANY, tail, MANY))
    elif of != _NAME:
        return
    for text in _texts(others):
        yield _pattern((*before, text, *after))


def _pattern(pieces: Sequence[Piece]) -> Pattern:
    """Put texts that follow each other together, so that equal patterns are equal."""
    made: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and made and isinstance(made[-1], str):
            made[-1] += piece
        elif piece != "" and (piece is not MANY or made[-1:] != [MANY]):
            made.append(piece)
    return Pattern(tuple(made))


def _texts(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Literal) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, Listed):
            yield from _texts(node.parts)
