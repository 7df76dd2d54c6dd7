"""How long a fragmented MP4 plays: its `moov` does not say, its last fragment does.

Layout: ISO/IEC 14496-12, movie fragments. Recorders that cannot go back (browsers, streaming) write such files.
"""

from typing import Final

from cloudscan.audio.boxes import boxes
from cloudscan.audio.duration import UNKNOWN, Duration, estimated, stated
from cloudscan.audio.excerpt import Excerpt

_MAX_SAMPLES: Final = 20_000
_SAMPLES_HAVE_DURATION: Final = 0x100
# Fields of a fragment's header (`tfhd`) before the duration of a sample, and of a run (`trun`) before the samples.
_BEFORE_DURATION: Final = ((0x01, 8), (0x02, 4))
_BEFORE_SAMPLES: Final = ((0x01, 4), (0x04, 4))
_OF_A_SAMPLE: Final = ((0x100, 4), (0x200, 4), (0x400, 4), (0x800, 4))
_DURATION_STATED: Final = 0x08


def fragments_time(excerpt: Excerpt, timescale: int, usual: int) -> Duration:
    """By the last fragment where it was read, else as an estimate: by the index at the end, or by the first's rate.

    `timescale` are the units a second of the only track, and `usual` is how many of them a sample lasts of which
    neither fragment nor run says so.
    """
    ended = _by_last(excerpt, timescale, usual)
    if ended is not UNKNOWN:
        return ended
    return estimated(stated(_by_index(excerpt) or _by_rate(excerpt, usual), timescale))


def _by_index(excerpt: Excerpt) -> float:
    """The units to the end, by when and where the first and the last fragment begin (`tfra`); 0 where none says so.

    How long the last one takes is told by what the others take, a byte.
    """
    tail = excerpt.tail
    index, table = tail.rfind(b"mfra"), tail.rfind(b"tfra")
    size, count = _length(tail, table - 4), int.from_bytes(tail[table + 16 : table + 20], "big")
    if not 4 <= index < table or excerpt.size is None or count < 2 or size <= 24 or (size - 24) % count:
        return 0
    width, step = (8 if tail[table + 4] else 4), (size - 24) // count
    entries = (tail[at : at + 2 * width] for at in (table + 20, table + 20 + (count - 1) * step))
    (began, first), (begins, last) = (
        (int.from_bytes(entry[:width], "big"), int.from_bytes(entry[width:], "big")) for entry in entries
    )
    end = excerpt.size - len(tail) + index - 4
    return (begins - began) * (end - first) / (last - first) if began < begins and first < last <= end else 0


def _by_rate(excerpt: Excerpt, usual: int) -> float:
    """The units that all bytes from the first fragment on take, by the fragments of which both headers were read."""
    units = taken = 0
    begun = fragment = None
    for box in boxes(excerpt, 0, excerpt.size or 0):
        if box.kind == b"moof":
            begun, fragment = begun or box, box
        elif box.kind == b"mdat" and begun and fragment:
            lasts = _lasts(excerpt.at(fragment.start, fragment.end - fragment.start), usual)
            if not lasts:
                break
            units, taken, fragment = units + lasts, box.end - begun.start, None
    return units * (excerpt.rest(begun.start) or 0) / taken if begun and taken else 0


def _by_last(excerpt: Excerpt, timescale: int, usual: int) -> Duration:
    """From the first fragment to the end of the last.

    Unknown unless the tail has the last, and an estimate unless the head has the first: pieces of a longer recording
    keep its time stamps. Of a fragment whose samples are cut, it is the beginning.
    """
    at = excerpt.tail.rfind(b"moof")
    if at < 0:
        return UNKNOWN
    fragment = excerpt.tail[at:]
    last = _decoded(fragment)
    if last is None or min(fragment.find(b"tfhd"), fragment.find(b"trun")) < 0:
        return UNKNOWN
    whole = _length(excerpt.tail, at - 4)
    cut = at - 4 + whole + _length(excerpt.tail, at - 4 + whole) > len(excerpt.tail)
    first = excerpt.head.find(b"moof")
    begin = _decoded(excerpt.head[first:]) if first >= 0 else None
    played = stated(last - (begin or 0) + (0 if cut else _lasts(fragment, usual)), timescale)
    return played if begin is not None else estimated(played)


def _lasts(fragment: bytes, usual: int) -> int:
    """The units that a fragment lasts, 0 where it does not say."""
    header, run = fragment.find(b"tfhd"), fragment.find(b"trun")
    if min(header, run) < 0:
        return 0
    flags = int.from_bytes(fragment[header + 5 : header + 8], "big")
    if flags & _DURATION_STATED:
        place = header + 12 + sum(width for flag, width in _BEFORE_DURATION if flags & flag)
        usual = int.from_bytes(fragment[place : place + 4], "big")
    return _run(fragment[run:], usual)


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
