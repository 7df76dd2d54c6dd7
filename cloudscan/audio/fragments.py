"""How long a fragmented MP4 plays: its `moov` does not say, its last fragment does.

Layout: ISO/IEC 14496-12, movie fragments. Recorders that cannot go back (browsers, streaming) write such files.
"""

from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, estimated, stated
from cloudscan.audio.excerpt import Excerpt

_MAX_SAMPLES: Final = 20_000
_SAMPLES_HAVE_DURATION: Final = 0x100
# Fields of a fragment's header (`tfhd`) before the duration of a sample, and of a run (`trun`) before the samples.
_BEFORE_DURATION: Final = ((0x01, 8), (0x02, 4))
_BEFORE_SAMPLES: Final = ((0x01, 4), (0x04, 4))
_OF_A_SAMPLE: Final = ((0x100, 4), (0x200, 4), (0x400, 4), (0x800, 4))
_DURATION_STATED: Final = 0x08


def fragments_end(excerpt: Excerpt, timescale: int, usual: int) -> Duration:
    """From the first fragment of the only track, whose units a second are `timescale`, to the end of the last.

    Unknown unless the tail has the last, and an estimate unless the head has the first: pieces of a longer recording
    keep its time stamps.

    `usual` is the duration of a sample that neither fragment nor run states. Of a fragment whose samples are cut, it is
    the beginning.
    """
    at = excerpt.tail.rfind(b"moof")
    if at < 0:
        return UNKNOWN
    fragment = excerpt.tail[at:]
    header, run = fragment.find(b"tfhd"), fragment.find(b"trun")
    last = _decoded(fragment)
    if last is None or min(header, run) < 0:
        return UNKNOWN
    flags = int.from_bytes(fragment[header + 5 : header + 8], "big")
    if flags & _DURATION_STATED:
        place = header + 12 + sum(width for flag, width in _BEFORE_DURATION if flags & flag)
        usual = int.from_bytes(fragment[place : place + 4], "big")
    whole = _length(excerpt.tail, at - 4)
    cut = at - 4 + whole + _length(excerpt.tail, at - 4 + whole) > len(excerpt.tail)
    first = excerpt.head.find(b"moof")
    begin = _decoded(excerpt.head[first:]) if first >= 0 else None
    played = stated(last - (begin or 0) + (0 if cut else _run(fragment[run:], usual)), timescale)
    return played if begin is not None else estimated(played)


def _decoded(fragment: bytes) -> int | None:
    """Where a fragment begins, by its `tfdt`; None where that was not read."""
    at = fragment.find(b"tfdt")
    width = 8 if fragment[at + 4 : at + 5] == b"\x01" else 4
    begin = fragment[at + 8 : at + 8 + width]
    return int.from_bytes(begin, "big") if at >= 0 and len(begin) == width else None


def _length(tail: bytes, at: int) -> int:
    """Of a box, by its first bytes; 0 where they were not read."""
    return int.from_bytes(tail[at : at + 4], "big") if at >= 0 else 0


def _run(run: bytes, usual: int) -> int:
    flags, samples = int.from_bytes(run[5:8], "big"), int.from_bytes(run[8:12], "big")
    if not flags & _SAMPLES_HAVE_DURATION:
        return samples * usual
    at = 12 + sum(width for flag, width in _BEFORE_SAMPLES if flags & flag)
    step = sum(width for flag, width in _OF_A_SAMPLE if flags & flag)
    places = range(at, at + min(samples, _MAX_SAMPLES) * step, step)
    return sum(int.from_bytes(run[place : place + 4], "big") for place in places)
