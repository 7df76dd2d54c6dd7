"""How long the tracks of ISO media play, by the three places that say so: the movie's header, each track's own, and
the table of its samples' durations.

Layout: ISO/IEC 14496-12 (`mvhd`, `mdhd`, `elst`, `stts`). A piece of a longer recording keeps the time stamps of the
whole: its edit list begins with an empty edit, which the movie's header counts and nobody hears.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from cloudscan.audio.boxes import Box, child, is_wide, number
from cloudscan.audio.duration import Duration, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.model import DurationMethod

_MAX_RUNS: Final = 64
_SLACK: Final = 0.25
"""Seconds that headers may differ by: an encoder's first frames are in the track and not played."""
_SHARE: Final = 0.02


@dataclass(frozen=True, slots=True)
class TrackTime:
    """What a track says of its time: `units` of its own `scale`, after `idle` units of the movie's."""

    scale: int  # units a second
    units: int  # 0 where nothing says
    idle: int

    @classmethod
    def of(cls, excerpt: Excerpt, trak: Box, media: Box | None, table: Box | None) -> Self:
        """By the table of samples, where all of it was read, else by the track's header."""
        header = child(excerpt, media, b"mdhd")
        at, width = (20, 8) if is_wide(excerpt, header) else (12, 4)
        units = number(excerpt, header, at + 4, width)
        unknown = units == (1 << 8 * width) - 1
        counted = _samples(excerpt, child(excerpt, table, b"stts"))
        return cls(number(excerpt, header, at), counted or (0 if unknown else units), _idle(excerpt, trak))


@dataclass(frozen=True, slots=True)
class MovieTime:
    """What the movie's header says: `units` of `scale`, 0 where it does not."""

    scale: int
    units: int

    @classmethod
    def of(cls, excerpt: Excerpt, header: Box) -> Self:
        """By `mvhd`."""
        at, width = (20, 8) if is_wide(excerpt, header) else (12, 4)
        units = number(excerpt, header, at + 4, width)
        return cls(number(excerpt, header, at), 0 if units == (1 << 8 * width) - 1 else units)

    def played(self, sound: Sequence[TrackTime], tracks: Sequence[TrackTime]) -> Duration:
        """Without what is empty before it: exact where a track agrees or none says, else an estimate by the tracks."""
        timed = [track for track in tracks if track.units and track.scale]
        if not timed:
            return stated(self.units, self.scale)
        for track in timed:
            own, rest = track.units / track.scale, (self.units - track.idle) / self.scale if self.scale else 0.0
            if abs(rest - own) <= max(_SLACK, _SHARE * own):
                return stated(rest, 1)
        longest = max(track.units / track.scale for track in ([each for each in sound if each in timed] or timed))
        return Duration(round(longest, 3), DurationMethod.ESTIMATE)


def next_track_of(excerpt: Excerpt, header: Box) -> int:
    """The id that the next track would get, one more than there are tracks; 0 where it was not read."""
    return number(excerpt, header, 108 if is_wide(excerpt, header) else 96)


def _samples(excerpt: Excerpt, table: Box | None) -> int:
    """The units that all samples last, 0 where not all of the table was read."""
    runs = number(excerpt, table, 4)
    if not 0 < runs <= _MAX_RUNS or table is None or len(excerpt.at(table.start, 8 + 8 * runs)) < 8 + 8 * runs:
        return 0
    return sum(number(excerpt, table, at) * number(excerpt, table, at + 4) for at in range(8, 8 + 8 * runs, 8))


def _idle(excerpt: Excerpt, trak: Box) -> int:
    """What the empty edits before the first that plays last, in units of the movie."""
    edits = child(excerpt, trak, b"edts", b"elst")
    width = 8 if is_wide(excerpt, edits) else 4
    idle = 0
    for each in range(min(number(excerpt, edits, 4), _MAX_RUNS)):
        at = 8 + each * (2 * width + 4)
        if number(excerpt, edits, at + width, width) != (1 << 8 * width) - 1:
            break
        idle += number(excerpt, edits, at, width)
    return idle
