"""The keys of a JSON document of which only head and tail were read, cut anywhere. No value is kept.

The head is scanned with its nesting, so that a key is known by its path; the tail's nesting is unknown, so there a key
is known by its name alone. Text is never taken for keys: inside a string every quote stands behind a backslash.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.prose import is_sentence, is_worded

_MAX_KEYS: Final = 4096
_DEEPEST: Final = 5
"""How many names of a path are told apart: more than any recogniser's shape needs."""
LOCATION: Final = "<location>"
"""Stands in a path for a key that is the address of a file."""
_OTHER: Final = "<other>"
_COMMENT: Final = "comment"
"""Stands for keys that begin as comments of programs do, since JSON has none."""

# A whole string, one that the end of the head cuts off included, with what follows if that makes it a key; or a
# bracket. The first sign of a value tells a number.
_TOKEN: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"(\s*+:\s*+([-\d])?)?|\\?\Z)|([{}\[\]])', re.DOTALL)
_IN_TAIL: Final = re.compile(rb'"(\w{2,40})"\s*+:\s*+([-\d])?(?:"((?:[^"\\]|\\.)*+))?')
_NAME: Final = re.compile(rb"\w{2,40}")
_ADDRESS: Final = re.compile(rb"(?:gs|s3|https?)://")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys in sight. ``paths`` are those from the root of the head, lists left out: ("results", "items").

    ``names`` are all names, of head and tail; ``numbers`` those of them whose value is a number. ``worded`` are the
    paths under which a word or more stands, and ``sentences`` those under which words run on; of the tail, the name.
    """

    paths: frozenset[tuple[str, ...]]
    names: frozenset[str]
    numbers: frozenset[str]
    worded: frozenset[tuple[str, ...]]
    sentences: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, excerpt: Excerpt) -> Self:
        """Scan an excerpt, a bounded number of keys of either part."""
        paths: set[tuple[str, ...]] = set()
        names: set[str] = set()
        numbers: set[str] = set()
        texts = _Texts()
        # The names of the objects that are open, the last of which changes from key to key; None for a list.
        path: list[str] = []
        opened: list[bool] = []
        found = 0
        for token in _TOKEN.finditer(excerpt.head):
            text, key, number, bracket = token.groups()
            if bracket is not None:
                _nest(bracket, path, opened)
            elif key is not None and opened and opened[-1]:
                found += 1
                if found > _MAX_KEYS:
                    break
                path[-1] = name = _named(text)
                if len(path) <= _DEEPEST:
                    paths.add(tuple(path))
                names.add(name)
                if number:
                    numbers.add(name)
            else:
                texts.add(tuple(path), text)
        if excerpt.size != len(excerpt.head):
            for token in _IN_TAIL.finditer(excerpt.tail):
                name = token[1].decode("ascii", "replace")
                names.add(name)
                if token[2]:
                    numbers.add(name)
                if token[3]:
                    texts.add((_OTHER, name), token[3])
        named = frozenset(paths), frozenset(names), frozenset(numbers)
        return cls(*named, frozenset(texts.worded), frozenset(texts.sentences))


class _Texts:
    """Where text stands, by the last names of its path; no more values are looked at than matter."""

    def __init__(self) -> None:
        self.worded: set[tuple[str, ...]] = set()
        self.sentences: set[tuple[str, ...]] = set()
        self._left = _MAX_KEYS

    def add(self, path: tuple[str, ...], text: bytes) -> None:
        place = path[-_DEEPEST:]
        if self._left <= 0 or place in self.sentences:
            return
        self._left -= 1
        if place not in self.worded and is_worded(text):
            self.worded.add(place)
        if is_sentence(text):
            self.sentences.add(place)


def _nest(bracket: bytes, path: list[str], opened: list[bool]) -> None:
    """Follow one bracket; those that close nothing, of a document that is no JSON, are passed over."""
    if bracket in b"{[":
        opened.append(bracket == b"{")
        if opened[-1]:
            path.append(_OTHER)
    elif opened and opened.pop():
        path.pop()


def _named(text: bytes) -> str:
    if _NAME.fullmatch(text):
        return text.decode("ascii", "replace")
    if text.startswith(b"//"):
        return _COMMENT
    return LOCATION if _ADDRESS.match(text) else _OTHER
