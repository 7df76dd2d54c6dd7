"""MPEG transport and program streams, and Flash video: sound told from video by the streams they announce.

Layouts: ISO/IEC 13818-1 (both streams), ETSI EN 300 468 (descriptors), Adobe "Video File Format Specification"
version 10.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from types import MappingProxyType
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, cut_short, estimated, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.audio.tracks import Family, Tracks
from cloudscan.model import MediaClass

_SYNC: Final = 0x47
_PACKET: Final = 188
# Packets of 188 bytes, behind a time code of 4 (Blu-ray, camcorders), before a check of 16 (broadcast).
_LAYOUTS: Final = ((188, 0), (192, 4), (204, 0))
_MAX_PACKETS: Final = 400
_CLOCK: Final = 90_000
_CLOCK_WRAPS: Final = 1 << 33

_TS: Final = Family("mpeg-ts", "mpeg-ts-audio")
_PS: Final = Family("mpeg-ps", "mpeg-ps-audio")
_FLV: Final = Family("flv", "flv-audio")

_SOUND_STREAMS: Final = MappingProxyType(
    {
        0x03: "mpeg-audio",
        0x04: "mpeg-audio",
        0x0F: "aac",
        0x11: "aac",
        0x1C: "aac",
        0x81: "ac3",
        0x87: "eac3",
        0x82: "dts",
    }
)
_VIDEO_STREAMS: Final = frozenset({0x01, 0x02, 0x10, 0x1B, 0x1E, 0x1F, 0x20, 0x21, 0x24, 0x33, 0x42, 0xD1, 0xD2, 0xEA})
_PRIVATE: Final = 0x06
_OWN_USE: Final = 0x80  # and above: each maker's
# A private stream says by a descriptor what it is.
_DESCRIPTORS: Final = MappingProxyType({0x6A: "ac3", 0x7A: "eac3", 0x7B: "dts", 0x7C: "aac"})
_REGISTERED: Final = MappingProxyType(
    {b"Opus": "opus", b"AC-3": "ac3", b"EAC3": "eac3", b"DTS1": "dts", b"BSSD": "pcm"}
)


def read_transport_stream(excerpt: Excerpt) -> Claim | None:
    """What an object with a sync byte every packet holds; None without three of them in a row.

    The tables repeat several times a second, so that a head of some kilobytes has them all.
    """
    layout = next((each for each in _LAYOUTS if _marks(excerpt.head, *each)), None)
    if layout is None:
        return None
    found = _Streams()
    for pid, start, body in islice(_packets(excerpt, *layout, 0), _MAX_PACKETS):
        if start:
            found.add(pid, body)
    return found.tracks().claim(_TS, _played(excerpt, *layout, next(iter(found.sound), -1)))


class _Streams:
    """What the tables of a transport stream, as they come, say of its streams."""

    def __init__(self) -> None:
        self.sound: dict[int, str | None] = {}
        self._video = False
        self._programs: dict[int, bool] = {}  # the packet ids of the programs' tables, and whether each was read
        self._open: set[int] = set()  # private streams that nothing described so far

    def add(self, pid: int, body: bytes) -> None:
        """Take in what begins in a packet."""
        if pid == 0 and not self._programs:
            self._programs = dict.fromkeys(_programs(_section(body)), False)
        elif self._programs.get(pid) is False:
            self._programs[pid] = True
            for kind, stream, codec in _streams(_section(body)):
                if kind in _VIDEO_STREAMS:
                    self._video = True
                elif codec:
                    self.sound[stream] = codec
                elif kind == _PRIVATE or kind >= _OWN_USE:
                    self._open.add(stream)
        elif pid in self._open and body.startswith(b"\0\0\1") and len(body) > 3:
            self._open.discard(pid)
            if 0xC0 <= body[3] <= 0xDF:
                self.sound[pid] = None
            self._video = self._video or 0xE0 <= body[3] <= 0xEF

    def tracks(self) -> Tracks:
        """The tracks; complete when every program was read and every private stream showed what it is."""
        whole = bool(self._programs) and all(self._programs.values()) and not self._open
        return Tracks(tuple(self.sound.values()), self._video, complete=whole)


def _marks(head: bytes, packet: int, at: int) -> bool:
    marks = head[at : at + 4 * packet : packet]
    return len(marks) >= 3 and set(marks) == {_SYNC}


def _packets(excerpt: Excerpt, packet: int, offset: int, at: int) -> Iterator[tuple[int, bool, bytes]]:
    """Packet id, whether something begins in it, and payload, of each packet from a packet's start on."""
    while True:
        data = excerpt.at(at + offset, _PACKET)
        if len(data) < _PACKET or data[0] != _SYNC:
            return
        body = 4 + (1 + data[4] if data[3] & 0x20 else 0)
        yield (data[1] & 0x1F) << 8 | data[2], bool(data[1] & 0x40), data[body:] if data[3] & 0x10 else b""
        at += packet


def _section(body: bytes) -> bytes:
    """The table in a payload, without pointer and checksum, as far as it lies in one packet."""
    table = body[1 + body[0] :] if body else b""
    length = int.from_bytes(table[1:3], "big") & 0xFFF
    return table[: 3 + length - 4] if length >= 4 else b""


def _programs(table: bytes) -> list[int]:
    """The packet ids of the program map tables; program 0 is the network's."""
    if table[:1] != b"\0":
        return []
    entries = [table[at : at + 4] for at in range(8, len(table) - 3, 4)]
    return [int.from_bytes(entry[2:], "big") & 0x1FFF for entry in entries if entry[:2] != b"\0\0"]


def _streams(table: bytes) -> Iterator[tuple[int, int, str | None]]:
    """Type, packet id and, if it is sound, codec of each stream of a program."""
    if table[:1] != b"\x02" or len(table) < 12:
        return
    at = 12 + (int.from_bytes(table[10:12], "big") & 0xFFF)
    while at + 5 <= len(table):
        kind = table[at]
        pid = int.from_bytes(table[at + 1 : at + 3], "big") & 0x1FFF
        length = int.from_bytes(table[at + 3 : at + 5], "big") & 0xFFF
        codec = _described(table[at + 5 : at + 5 + length]) if kind == _PRIVATE else _SOUND_STREAMS.get(kind)
        yield kind, pid, codec
        at += 5 + length


def _described(descriptors: bytes) -> str | None:
    at = 0
    while at + 2 <= len(descriptors):
        tag, length = descriptors[at], descriptors[at + 1]
        if tag in _DESCRIPTORS:
            return _DESCRIPTORS[tag]
        if tag == 0x05 and (codec := _REGISTERED.get(descriptors[at + 2 : at + 6])):
            return codec
        at += 2 + length
    return None


def _played(excerpt: Excerpt, packet: int, offset: int, stream: int) -> Duration:
    """From the first to the last time stamp of the sound with the tail, else by the rate so far: an estimate.

    What the last packet holds is not counted, and stamps may jump where a stream was joined or edited.
    """
    seen: list[tuple[int, int]] = []
    if excerpt.size is None or stream < 0:
        return UNKNOWN
    for number, (pid, start, body) in enumerate(islice(_packets(excerpt, packet, offset, 0), _MAX_PACKETS)):
        if pid == stream and start and (stamp := _stamp(body)) is not None:
            seen.append((number * packet, stamp))
    if not seen:
        return UNKNOWN
    at = -(-(excerpt.size - len(excerpt.tail)) // packet) * packet
    last = None
    for pid, start, body in islice(_packets(excerpt, packet, offset, at), _MAX_PACKETS):
        if pid == stream and start:
            last = _stamp(body) or last
    if last is not None:
        # What is played after the last stamp takes about as long as what lies between two of them.
        step = (seen[1][1] - seen[0][1]) % _CLOCK_WRAPS if len(seen) > 1 else 0
        return estimated(stated((last - seen[0][1]) % _CLOCK_WRAPS + step, _CLOCK))
    (first_at, first), (last_at, final) = seen[0], seen[-1]
    elapsed = (final - first) % _CLOCK_WRAPS
    return at_rate(excerpt.size, (last_at - first_at) * 8 * _CLOCK / elapsed) if elapsed else UNKNOWN


def _stamp(body: bytes) -> int | None:
    """The presentation time of the packet of a stream that begins here, in 90,000ths of a second."""
    if len(body) < 14 or not body.startswith(b"\0\0\1") or not body[7] & 0x80:
        return None
    stamp = body[9:14]
    return (stamp[0] >> 1 & 7) << 30 | stamp[1] << 22 | stamp[2] >> 1 << 15 | stamp[3] << 7 | stamp[4] >> 1


def read_program_stream(excerpt: Excerpt) -> Claim:
    """What an object that begins with a pack or a sequence holds: video, unless its header counts no picture."""
    at = 14 + (excerpt.head[13] & 7) if len(excerpt.head) > 13 and excerpt.head[4] >> 6 == 1 else 12
    system = excerpt.at(at, 18)
    if not system.startswith(b"\0\0\1\xbb") or len(system) < 12 or system[10] & 0x1F:
        return Claim(MediaClass.VIDEO, "mpeg-ps")
    codec = None
    for _ in range(_MAX_PACKETS):
        header = excerpt.at(at, 6)
        if len(header) < 6 or not header.startswith(b"\0\0\1"):
            break
        if 0xE0 <= header[3] <= 0xEF:
            return Claim(MediaClass.VIDEO, "mpeg-ps")
        if 0xC0 <= header[3] <= 0xDF:
            codec = "mp2"
        elif header[3] == 0xBA:
            at += 8 if header[4] >> 6 == 1 else 6
        at += 6 + (0 if header[3] == 0xBA else int.from_bytes(header[4:], "big"))
    last = excerpt.tail.rfind(b"\0\0\1\xba")
    begin, end = _pack_clock(excerpt.head), _pack_clock(excerpt.tail[last:]) if last >= 0 else 0
    tracks = Tracks((codec,) if codec else (), video=False, complete=codec is not None)
    return tracks.claim(_PS, estimated(stated(end - begin, _CLOCK)))


def _pack_clock(pack: bytes) -> int:
    """The system clock of a pack header, in 90,000ths of a second; its two makes place the bits differently."""
    bits = int.from_bytes(pack[4:10], "big")
    if len(pack) > 4 and pack[4] >> 6 == 1:
        return (bits >> 43 & 7) << 30 | (bits >> 27 & 0x7FFF) << 15 | bits >> 11 & 0x7FFF
    return (bits >> 41 & 7) << 30 | (bits >> 25 & 0x7FFF) << 15 | bits >> 9 & 0x7FFF


def read_flash_video(excerpt: Excerpt) -> Claim:
    """What an object that begins with `FLV` holds: by the flags of its header and the tags that were read."""
    flags = excerpt.head[4] if len(excerpt.head) > 8 else 1
    sound, video = bool(flags & 4), bool(flags & 1)
    at, duration = 13, UNKNOWN
    for _ in range(_MAX_PACKETS):
        tag = excerpt.at(at, 11)
        if len(tag) < 11:
            break
        video = video or tag[0] == 9
        sound = sound or tag[0] == 8
        if tag[0] == 18:
            body = excerpt.at(at + 11, 1024)
            whole = _script_number(body, b"filesize\0")
            duration = cut_short(stated(_script_number(body, b"duration\0"), 1), excerpt.size, int(whole))
        at += 15 + int.from_bytes(tag[1:4], "big")
    return Tracks((None,) if sound else (), video, complete=sound).claim(_FLV, duration)


def _script_number(body: bytes, key: bytes) -> float:
    """A number of a script tag, 0 where there is none that makes sense."""
    place = body.find(key)
    if place < 0 or len(body) < place + len(key) + 8:
        return 0.0
    (number,) = struct.unpack_from(">d", body, place + len(key))
    return float(number) if 0 < number < 1 << 53 else 0.0
