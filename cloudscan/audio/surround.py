"""Sound of films and broadcasts on its own: AC-3, Enhanced AC-3 and DTS.

Layouts: ATSC A/52 "Digital Audio Compression (AC-3, E-AC-3)", ETSI TS 102 114 "DTS Coherent Acoustics".
"""

from typing import Final

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.frames import Frame, in_a_row, run_time
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass

AC3_MAGIC: Final = b"\x0b\x77"
DTS_MAGIC: Final = b"\x7f\xfe\x80\x01"
DTS_SWAPPED_MAGIC: Final = b"\xfe\x7f\x01\x80"

_AC3_RATES: Final = (48_000, 44_100, 32_000)
_AC3_KILOBITS: Final = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
_EAC3_BLOCKS: Final = (1, 2, 3, 6)
_DEPENDENT: Final = 1  # a substream that adds channels, and no time, to the one before
_DTS_RATES: Final = (
    0, 8_000, 16_000, 32_000, 0, 0, 11_025, 22_050, 44_100, 0, 0, 12_000, 24_000, 48_000, 0, 0,
)  # fmt: skip


def read_ac3(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with the sync word of AC-3 holds; None unless two frames follow each other."""
    frame = in_a_row(excerpt, 0, _ac3_frame)
    if frame is None:
        return None
    name = "ac3" if frame.make == (0, frame.rate) else "eac3"
    return Claim(MediaClass.SPEECH, name, name, run_time(excerpt, 0, _ac3_frame))


def read_dts(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with the sync word of DTS holds, in either order of bytes."""
    parse = _dts_frame if excerpt.head.startswith(DTS_MAGIC) else _dts_swapped
    if in_a_row(excerpt, 0, parse) is None:
        return None
    return Claim(MediaClass.SPEECH, "dts", "dts", run_time(excerpt, 0, parse))


def _ac3_frame(head: bytes) -> Frame | None:
    if len(head) < 6 or not head.startswith(AC3_MAGIC):
        return None
    stream = head[5] >> 3
    if stream > 10:
        return _eac3_frame(head) if stream <= 16 else None
    rate, code = head[4] >> 6, head[4] & 0x3F
    if rate == 3 or code // 2 >= len(_AC3_KILOBITS):
        return None
    bits = _AC3_KILOBITS[code // 2] * 1000
    words = bits * 96 // _AC3_RATES[rate] + (code & 1 if rate == 1 else 0)
    halved = max(0, stream - 8)
    return Frame(words * 2, 1536, _AC3_RATES[rate] >> halved, (0, _AC3_RATES[rate] >> halved))


def _eac3_frame(head: bytes) -> Frame | None:
    kind, length = head[2] >> 6, ((head[2] & 7) << 8 | head[3]) * 2 + 2
    rate, blocks = head[4] >> 6, head[4] >> 4 & 3
    if kind == 3 or length < 8 or (rate == 3 and blocks == 3):
        return None
    if rate == 3:
        per_second, samples = _AC3_RATES[blocks] // 2, 1536
    else:
        per_second, samples = _AC3_RATES[rate], 256 * _EAC3_BLOCKS[blocks]
    return Frame(length, 0 if kind == _DEPENDENT else samples, per_second, (1, per_second))


def _dts_frame(head: bytes) -> Frame | None:
    """A core frame: behind the sync word the fields begin with type, deficit, checksum, blocks, bytes, mode, rate."""
    if len(head) < 10 or not head.startswith(DTS_MAGIC):
        return None
    fields = int.from_bytes(head[4:10], "big")
    blocks, length, mode, rate = (
        (fields >> 34 & 0x7F) + 1,
        (fields >> 20 & 0x3FFF) + 1,
        fields >> 14 & 0x3F,
        fields >> 10,
    )
    per_second = _DTS_RATES[rate & 0xF]
    if not per_second or blocks < 6 or length < 96:
        return None
    return Frame(length, blocks * 32, per_second, (mode, per_second))


def _dts_swapped(head: bytes) -> Frame | None:
    even = len(head) & ~1
    swapped = bytearray(even)
    swapped[::2], swapped[1::2] = head[1:even:2], head[:even:2]
    return _dts_frame(bytes(swapped))
