"""Text with wildcards and with placeholders for context keys: what policies compare names and values with.

A pattern is a tuple of pieces: literal text, :data:`ONE` (one character), :data:`MANY` (any text, also none)
or a :class:`Reference` to another context key. Nothing else is special.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import count


class Wildcard(Enum):
    """A piece of a pattern that stands for text of its own."""

    ONE = "?"
    MANY = "*"


ONE = Wildcard.ONE
MANY = Wildcard.MANY


@dataclass(frozen=True, slots=True)
class Reference:
    """A placeholder for the value of another context key, and what stands in when that key is absent."""

    key: str
    default: str | None = None


Piece = str | Wildcard | Reference
Filling = tuple[tuple[Reference, str], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text to compare with, which may hold wildcards and placeholders."""

    pieces: tuple[Piece, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The placeholders in it."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Reference))

    @property
    def lowered(self) -> Pattern:
        """The same in small letters."""
        return Pattern(tuple(piece.lower() if isinstance(piece, str) else piece for piece in self.pieces))

    def __str__(self) -> str:
        return "".join(_shown(piece) for piece in self.pieces)


def _shown(piece: Piece) -> str:
    if isinstance(piece, Wildcard):
        return piece.value
    return f"${{{piece.key}}}" if isinstance(piece, Reference) else piece


@lru_cache(maxsize=65536)
def glob(text: str) -> Pattern:
    """Read text in which ``*`` and ``?`` are wildcards."""
    wild = {"*": MANY, "?": ONE}
    return Pattern(tuple(wild.get(chunk, chunk) for chunk in re.split(r"([*?])", text) if chunk))


def matches(pattern: Pattern, text: str) -> bool:
    """Say whether the whole text fits a pattern without placeholders."""
    return _expression(pattern).fullmatch(text) is not None


@lru_cache(maxsize=65536)
def _expression(pattern: Pattern) -> re.Pattern[str]:
    """Compile a pattern so that matching takes linear time however many stars it has.

    What lies between two stars is found at its first place and never sought again (an atomic group): for
    wildcards the first place is always a right one.
    """
    runs = [""]
    for piece in pattern.pieces:
        if piece is MANY:
            runs.append("")
        elif piece is ONE:
            runs[-1] += "."
        elif isinstance(piece, str):
            runs[-1] += re.escape(piece)
        else:
            raise ValueError("a pattern with an unfilled placeholder matches no text yet")
    if len(runs) == 1:
        return re.compile(runs[0], re.DOTALL)
    first, *middle, last = runs
    text = first + "".join(f"(?>.*?{run})" for run in middle if run) + ".*" + last
    return re.compile(text, re.DOTALL)


def fillings(pattern: Pattern, text: str) -> tuple[Filling, ...] | None:
    """List what the placeholders of a pattern may stand for so that the whole text fits.

    None means that there are too many ways to look through, or too many to be of use to a reader.
    """
    found: dict[Filling, None] = {}
    try:
        for filling in _search(pattern.pieces, text, (), count(1)):
            found[filling] = None
    except _TooMany:
        return None
    return tuple(found) if len(found) <= _MAX_FILLINGS else None


_MAX_FILLINGS = 256
_MAX_TRIES = 5_000


class _TooMany(Exception):
    """A search that would take too long."""


def _search(pieces: tuple[Piece, ...], text: str, so_far: Filling, tries: Iterator[int]) -> Iterator[Filling]:
    if next(tries) > _MAX_TRIES:
        raise _TooMany
    if not any(isinstance(piece, Reference) for piece in pieces):
        if matches(Pattern(pieces), text):
            yield so_far
        return
    piece, rest = pieces[0], pieces[1:]
    if isinstance(piece, Reference) and (known := dict(so_far).get(piece)) is not None:
        piece = known
    for end in _ends(piece, text):
        filled = (*so_far, (piece, text[:end])) if isinstance(piece, Reference) else so_far
        yield from _search(rest, text[end:], filled, tries)


def _ends(piece: Piece, text: str) -> Iterable[int]:
    """Return the lengths of the beginnings of a text that one piece may stand for."""
    if isinstance(piece, str):
        return (len(piece),) if text.startswith(piece) else ()
    if piece is ONE:
        return (1,) if text else ()
    return range(len(text) + 1)
