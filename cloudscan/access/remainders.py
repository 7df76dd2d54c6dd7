"""What a pattern still asks of a text whose beginning is known.

``arn:aws:s3:::calls-*/raw/*`` asks of what follows ``arn:aws:s3:::calls-1/`` that it fit ``raw/*`` or ``*/raw/*``:
a star takes in everything, ``/`` too. Nothing is left where no text with that beginning fits, and a lone star where
every one does. So two patterns that leave the same ask the same of every key of one bucket.
"""

from __future__ import annotations

from functools import lru_cache

from cloudscan.access.patterns import MANY, ONE, Pattern, Piece, Reference

Pieces = tuple[Piece, ...]

ANYTHING: frozenset[Pieces] = frozenset({(MANY,)})
"""What is left of a pattern that fits whatever follows."""


@lru_cache(maxsize=1 << 17)
def remainders(pattern: Pattern, start: str) -> frozenset[Pieces]:
    """Return what is left of a pattern after a text. A placeholder may stand for any text, and becomes a star."""
    pieces = tuple(MANY if isinstance(piece, Reference) else piece for piece in pattern.pieces)
    left: set[Pieces] = set()
    seen: set[tuple[int, int]] = set()
    todo: list[tuple[Pieces, int]] = [(pieces, 0)]
    while todo:
        rest, place = todo.pop()
        if place == len(start):
            left.add(_plain(rest))
            continue
        if not rest or (isinstance(rest[0], str) and not _continues(rest[0], start, place)):
            continue
        first, after = rest[0], rest[1:]
        if isinstance(first, str):
            taken = min(len(first), len(start) - place)
            todo.append(((first[taken:], *after) if first[taken:] else after, place + taken))
        elif first is ONE:
            todo.append((after, place + 1))
        else:
            left.add(_plain(rest))
            if (len(rest), place) not in seen:
                seen.add((len(rest), place))
                todo += [(after, later) for later in range(place, len(start)) if (len(after), later) not in seen]
    return ANYTHING if (MANY,) in left else frozenset(left)


def _continues(literal: str, start: str, place: int) -> bool:
    end = min(len(literal), len(start) - place)
    return literal.startswith(start[place : place + end])


def _plain(pieces: Pieces) -> Pieces:
    """Put stars that follow each other together, and literal texts, so that equal patterns are equal."""
    made: list[Piece] = []
    for piece in pieces:
        before = made[-1] if made else None
        if isinstance(piece, str) and isinstance(before, str):
            made[-1] = before + piece
        elif piece is not MANY or before is not MANY:
            made.append(piece)
    return tuple(made)
