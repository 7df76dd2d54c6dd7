"""The class of objects as a listing tells of them: by name, size and perhaps type, remembered by what they share.

A listing has millions of names, and a few dozen extensions and types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cloudscan.audio.duration import believable, from_format
from cloudscan.audio.names import COMPRESSED, hints_at_transcript
from cloudscan.audio.recognise import recognise
from cloudscan.audio.suspicion import HEADERLESS, told_by_neighbours
from cloudscan.model import DurationMethod, Evidence, MediaClass

Seen = tuple[str, str | None, str, float | None, str, bool | None]
"""Class, format, evidence, seconds, their method, and whether a transcript is redacted: as in MediaObject."""
NOTHING: Seen = (MediaClass.OTHER, None, Evidence.NONE, None, DurationMethod.UNKNOWN, None)
"""What is seen of something without bytes, such as a delete marker."""
# Of these more than the extension counts: a text may be called a transcript, and of sound without a header the size
# has to fit.
_NOT_ALIKE = {"json", "text", *HEADERLESS}
_REMEMBERED = 4096
"""Extensions that are kept in mind: keys may end in numbers, each of which looks like a new one."""


class Classes:
    """The class of objects as :func:`recognise` gives it, remembered by extension and content type."""

    def __init__(self) -> None:
        self._by_extension: dict[tuple[str, str | None], tuple[str, str | None, str]] = {}

    def of(self, key: str, size: int, content_type: str | None = None) -> Seen:
        """Return what name, size (bytes) and type tell."""
        if hints_at_transcript(key):
            return _seen(key, size, content_type)
        stem, dot, extension = key.rpartition("/")[2].rpartition(".")
        kind = extension if stem and dot else ""
        if kind.lower() in COMPRESSED:  # told by the name before
            kind = f"{stem.rpartition('.')[2]}.{kind}" if "." in stem else f".{kind}"
        shared = kind, content_type
        known = self._by_extension.get(shared)
        if known is None or size == 0:
            seen = _seen(key, size, content_type)
            alike = seen[0] != MediaClass.TRANSCRIPT and seen[1] not in _NOT_ALIKE
            if size and alike and len(self._by_extension) < _REMEMBERED:
                self._by_extension[shared] = seen[:3]
            return seen
        media, held_format, by = known
        if media != MediaClass.SPEECH:
            return media, held_format, by, None, DurationMethod.UNKNOWN, None
        length = believable(from_format(held_format, size), size)
        return media, held_format, by, length.seconds, length.method, None


class Listed(Protocol):
    """A row of a listing, as far as it matters here."""

    @property
    def key(self) -> str:
        """Its name, folders included."""

    @property
    def size(self) -> int:
        """Its size in bytes."""

    @property
    def delete_marker(self) -> bool:
        """Is it no object, but the mark of one that was deleted."""


class Neighbours:
    """The recordings of one page of a listing, by folder: what lies on another page is not looked for."""

    def __init__(self, rows: Sequence[Listed], classes: Classes) -> None:
        self._rows, self._classes = rows, classes
        self._by_folder: dict[str, str | None] = {}

    def see(self, row: Listed, content_type: str | None = None) -> Seen:
        """Return what a row of the page is, by itself and by what lies beside it."""
        if row.delete_marker:
            return NOTHING
        seen = self._classes.of(row.key, row.size, content_type)
        if seen[0] == MediaClass.UNSETTLED and told_by_neighbours(row.key) and (beside := self._recording(row.key)):
            return _seen(row.key, row.size, content_type, (beside,))
        return seen

    def _recording(self, key: str) -> str | None:
        """Return the name of a recording beside an object, None where there is none."""
        folder = key.rpartition("/")[0]
        if folder not in self._by_folder:
            beside = (row for row in self._rows if row.key.rpartition("/")[0] == folder and not row.delete_marker)
            found = (row.key for row in beside if self._classes.of(row.key, row.size)[0] == MediaClass.SPEECH)
            self._by_folder[folder] = next(found, None)
        return self._by_folder[folder]


def _seen(key: str, size: int, content_type: str | None, neighbours: Sequence[str] = ()) -> Seen:
    seen = recognise(key, content_type=content_type, size=size, head=None, neighbours=neighbours)
    return seen.media, seen.format, seen.by, seen.seconds, seen.seconds_by, seen.redacted
