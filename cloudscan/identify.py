"""What the scanner would make of local files: :mod:`cloudscan.audio` on as many bytes as a scan that opens them reads.

A scan opens no object without ``--sniff``, and with it those that their names leave open. So beside what the bytes
tell stands what the name alone does, and whether a sniff would open an object of that name.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cloudscan.audio import UNSURE_EXTENSIONS, Recognition, further, recognise
from cloudscan.audio.names import extension_of
from cloudscan.collection.sampling import HEAD_BYTES
from cloudscan.errors import UsageError
from cloudscan.model import Confidence, DurationMethod, Evidence, MediaClass
from cloudscan.reports.escape import json_text, terminal
from cloudscan.second_opinion import Opinion, ask, available
from cloudscan.wording import count

SCHEMA = "cloudscan/identify/1"
_MOST_NEIGHBOURS = 1000
_HEADING = f"{'class':11}{'format':16}{'codec':12}{'time':>11} {'method':13}{'evidence':14}file"
_CONFIDENCE = {
    Evidence.SIGNATURE: Confidence.HIGH,
    Evidence.CONTENT_TYPE: Confidence.MEDIUM,
    Evidence.NAME: Confidence.MEDIUM,
    Evidence.SUSPICION: Confidence.LOW,
    Evidence.NONE: None,
}
"""What each evidence is worth; where there is none, there is nothing to be sure of."""


@dataclass(frozen=True, slots=True)
class Window:
    """How many bytes of a file's head and tail are read; without a tail, a further part where the head asks for it."""

    head: int = HEAD_BYTES
    tail: int | None = None
    second: bool = False
    """Whether FFmpeg is asked, too."""


@dataclass(frozen=True, slots=True)
class Identified:
    """One file: what it is, or why it could not be read."""

    path: str
    size: int | None = None
    seen: Recognition | None = None
    fault: str | None = None
    second: Opinion | None = None
    named: Recognition | None = None
    """What a scan makes of it that does not open it."""

    @property
    def sniffed(self) -> bool:
        """Say whether a scan with ``--sniff`` would open it, as far as its budget goes."""
        named = self.named
        if named is None or not self.size:
            return False
        if named.media is MediaClass.UNSETTLED or named.by is Evidence.SUSPICION:
            return True
        if named.media is MediaClass.SPEECH and named.seconds_by is DurationMethod.TYPICAL_RATE:
            return True
        return named.media is not MediaClass.TRANSCRIPT and extension_of(self.path) in UNSURE_EXTENSIONS

    def row(self) -> dict[str, Any]:
        """The object of JSON for it."""
        if self.seen is None:
            return {"schema": SCHEMA, "path": self.path, "error": self.fault}
        return {
            "schema": SCHEMA,
            "path": self.path,
            "size": self.size,
            "class": self.seen.media,
            "format": self.seen.format,
            "codec": self.seen.codec,
            "seconds": self.seen.seconds,
            "method": self.seen.seconds_by,
            "evidence": self.seen.by,
            "confidence": _CONFIDENCE[self.seen.by],
            "sound": self.seen.sound,
            "redacted": self.seen.redacted,
            "by_name": _named(self.named),
            "opened_by_sniff": self.sniffed,
            "second_opinion": None if self.second is None else asdict(self.second),
        }


def _named(named: Recognition | None) -> dict[str, Any] | None:
    if named is None:
        return None
    return {
        "class": named.media,
        "format": named.format,
        "seconds": named.seconds,
        "method": named.seconds_by,
        "evidence": named.by,
    }


@dataclass(slots=True)
class Tally:
    """The sum over files: how many of each class, and of the recordings' hours how much is known how well."""

    files: int = 0
    unreadable: int = 0
    suspected: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    unknown: int = 0

    def add(self, one: Identified) -> None:
        """Count one file."""
        self.files += 1
        if one.seen is None:
            self.unreadable += 1
            return
        media, method = one.seen.media, one.seen.seconds_by
        self.classes[media] = self.classes.get(media, 0) + 1
        if media is MediaClass.SPEECH:
            self.suspected += one.seen.by is Evidence.SUSPICION
            self.unknown += one.seen.seconds is None
            self.seconds[method] = self.seconds.get(method, 0.0) + (one.seen.seconds or 0.0)

    def __str__(self) -> str:
        """Say it on one line."""
        told = [f"{number:,} {media}" for media, number in sorted(self.classes.items())]
        if self.unreadable:
            told.append(f"{self.unreadable:,} unreadable")
        line = f"{count(self.files, 'file')}: {', '.join(told) or 'none'}"
        if MediaClass.SPEECH in self.classes:
            exact = self.seconds.get(DurationMethod.HEADER, 0.0)
            guessed = self.seconds.get(DurationMethod.TYPICAL_RATE, 0.0)
            rough = self.seconds.get(DurationMethod.ESTIMATE, 0.0)
            line += (
                f"; speech plays {_hours(exact)} exact, {_hours(rough)} estimated, {_hours(guessed)} guessed by a usual"
                f" rate, {self.unknown:,} of unknown length"
            )
        return line + (f"; {self.suspected:,} of it only suspected" if self.suspected else "")


def identify(paths: Iterable[Path], window: Window) -> Iterator[Identified]:
    """Look at files, and at every file below folders in the order of their names; links to folders are not followed."""
    for path in paths:
        if not path.is_dir():
            yield _look(path, window, _names(path.parent))
            continue
        faults: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=faults.append):
            folders.sort()
            for name in sorted(names):
                yield _look(Path(folder, name), window, names)
            yield from (_unread(Path(fault.filename), fault) for fault in faults)
            faults.clear()
        yield from (_unread(Path(fault.filename), fault) for fault in faults)


def _names(folder: Path) -> Sequence[str]:
    """Names beside a file, as many as matter; none where the folder cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry, _ in zip(entries, range(_MOST_NEIGHBOURS), strict=False)]
    except OSError:
        return ()


def _look(path: Path, window: Window, names: Sequence[str]) -> Identified:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Identified(os.fspath(path), fault="not a regular file")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(window.head)
            place = further(size=size, head=head, most=window.head) if window.tail is None else None
            if window.tail:
                place = max(0, size - window.tail), window.tail
            if place:
                file.seek(place[0])
            tail = file.read(place[1]) if place else None
    except OSError as fault:
        return _unread(path, fault)
    start = place[0] if place else None
    seen = recognise(
        os.fspath(path),
        content_type=None,
        size=size,
        head=head,
        tail=tail,
        tail_start=start,
        neighbours=names,
    )
    named = recognise(os.fspath(path), content_type=None, size=size, head=None, neighbours=names)
    second = ask(head, tail or b"", size, tail_start=start) if window.second and size else None
    return Identified(os.fspath(path), size, seen, second=second, named=named)


def _unread(path: Path, fault: OSError) -> Identified:
    return Identified(os.fspath(path), fault=(fault.strerror or type(fault).__name__).lower())


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:,.2f} h"


def line(one: Identified) -> str:
    """One file on a line of a terminal: class, format, codec, time, how each is known, and the name."""
    name = terminal(one.path)
    if one.seen is None:
        return f"{'unreadable':11}{'':16}{'':12}{'':12}{'':12}{'':14}{name}: {one.fault}"
    seen = one.seen
    time = "" if seen.seconds is None else f"{seen.seconds:,.1f} s"
    told = {True: " with sound", False: " without sound", None: ""}[seen.sound]
    words = (f"{seen.media:11}", f"{seen.format or '-':16}", f"{seen.codec or '-':12}", f"{time:>11} ")
    method = seen.seconds_by if seen.seconds is not None else ""
    return "".join((*words, f"{method:13}", f"{seen.by:14}", name, told, _alone(one), _other(one)))


def _alone(one: Identified) -> str:
    """What the name alone makes of it, where that is another class."""
    if one.named is None or one.seen is None or one.named.media is one.seen.media:
        return ""
    return f" (by its name alone: {one.named.media}; {'opened' if one.sniffed else 'not opened'} by --sniff)"


def _other(one: Identified) -> str:
    """What FFmpeg says, where it was asked."""
    if one.second is None or one.seen is None:
        return ""
    same = one.second.media == one.seen.media
    return " (FFmpeg: the same)" if same else f" (FFmpeg: {one.second.media or one.second.error})"


def write(paths: Iterable[Path], window: Window, *, as_json: bool) -> bool:
    """Write a line for each file to standard output, and the sum to standard error; whether all could be read.

    Raises UsageError where FFmpeg is to be asked and PyAV is not installed.
    """
    import click

    if window.second and not available():
        raise UsageError("--second-opinion needs PyAV: pip install 'cloudscan[media]'")
    tally = Tally()
    if not as_json:
        click.echo(_HEADING)
    for one in identify(paths, window):
        tally.add(one)
        click.echo(json.dumps(_plain(one.row())) if as_json else line(one))
        if one.fault is not None and as_json:
            click.echo(f"cloudscan: not read: {terminal(one.path)}: {one.fault}", err=True)
    click.echo(str(tally), err=True)
    return not tally.unreadable


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"path": json_text(row["path"])}
