"""How long a recording plays, and how we know."""

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cloudscan.model import DurationMethod


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds, and how they were found; None exactly when the method is UNKNOWN."""

    seconds: float | None
    method: DurationMethod


UNKNOWN: Final = Duration(None, DurationMethod.UNKNOWN)

# Codecs whose rate is part of their standard: the size alone gives the time.
FIXED_BITS_PER_SECOND: Final = MappingProxyType(
    {
        "alaw": 64_000,  # ITU-T G.711: 8,000 samples of 8 bits
        "mulaw": 64_000,  # ITU-T G.711
        "g722": 64_000,  # ITU-T G.722 in its usual mode 1
        "g726": 32_000,  # ITU-T G.726 in its usual mode
        "g729": 8_000,  # ITU-T G.729
        "gsm": 13_200,  # ETSI GSM 06.10 full rate as stored: 33 bytes every 20 ms
        "sln": 128_000,  # Asterisk signed linear: 8,000 samples of 16 bits
    }
)

# ROUGH GUESSES, for objects of which only name, type and size are known. A true recording is easily half
# or twice as long. Each rate is what call recorders and voice notes commonly use.
TYPICAL_BITS_PER_SECOND: Final = MappingProxyType(
    {
        "wav": 128_000,  # telephone line, 8 kHz 16 bit mono; G.711 in WAV is half, 16 kHz is twice
        "aiff": 706_000,  # studio and desktop recorders: 44.1 kHz 16 bit mono
        "au": 64_000,  # mu-law, the format's own default
        "flac": 70_000,  # about half of 8 kHz 16 bit mono
        "mp3": 64_000,  # recorders write 32 to 128 kbit/s
        "aac": 64_000,  # phones record voice notes near 64 kbit/s mono
        "m4a": 64_000,
        "mp4": 64_000,  # reached only when something says that there is no picture
        "ogg": 64_000,
        "ogg-vorbis": 64_000,
        "ogg-opus": 32_000,  # voice settings: 16 to 48 kbit/s
        "webm-audio": 48_000,  # browsers record Opus at 32 to 128 kbit/s
        "webm": 48_000,  # as mp4
        "wma": 32_000,  # dictation and older call recorders
        "amr": 12_800,  # 12.2 kbit/s mode as stored: 32 bytes every 20 ms
        "amr-wb": 13_200,  # 12.65 kbit/s mode as stored: 33 bytes every 20 ms
    }
)

# What these formats take of speech at the least and at the most, as recorders are commonly set: what lies outside is
# rare, so that a guess is best told as a range.
USUAL_BITS_PER_SECOND: Final = MappingProxyType(
    {
        "wav": (64_000, 256_000),  # G.711 to 16 kHz 16 bit, or 8 kHz in stereo; GSM takes a fifth of the least
        "aiff": (128_000, 1_411_000),
        "au": (64_000, 128_000),
        "flac": (40_000, 350_000),
        "mp3": (16_000, 128_000),
        "aac": (24_000, 128_000),
        "m4a": (24_000, 128_000),
        "mp4": (24_000, 128_000),
        "ogg": (24_000, 128_000),
        "ogg-vorbis": (24_000, 128_000),
        "ogg-opus": (12_000, 64_000),
        "webm-audio": (16_000, 128_000),
        "webm": (16_000, 128_000),
        "wma": (8_000, 64_000),
        "amr": (5_200, 12_800),  # the modes of 4.75 and of 12.2 kbit/s as stored: 13 and 32 bytes every 20 ms
        "amr-wb": (7_200, 24_400),  # 6.6 and 23.85 kbit/s as stored: 18 and 61 bytes every 20 ms
    }
)

# No single recording is believed to play longer: a year, in seconds.
_LONGEST: Final = 366 * 86_400
# Below this rate a stated duration is a broken or hostile header: digital silence in FLAC, the leanest
# thing met in practice, takes about 150 bit/s.
_LEAST_BITS_PER_SECOND: Final = 64


def stated(units: float, per_second: float) -> Duration:
    """The time of `units` at `per_second`; unknown when either is not a positive number."""
    if not (units > 0 and per_second > 0):
        return UNKNOWN
    return _rounded(units / per_second, DurationMethod.HEADER)


def at_rate(size: int | None, bits_per_second: float, method: DurationMethod = DurationMethod.ESTIMATE) -> Duration:
    """The time that `size` bytes last; unknown without a size or a rate."""
    if size is None or size <= 0 or not bits_per_second > 0:
        return UNKNOWN
    return _rounded(size * 8 / bits_per_second, method)


def estimated(duration: Duration) -> Duration:
    """The same time, known less well."""
    return duration if duration.seconds is None else Duration(duration.seconds, DurationMethod.ESTIMATE)


def cut_short(duration: Duration, size: int | None, end: int, begin: int = 0) -> Duration:
    """The same, or its share where the object is cut: its sound lies from `begin` to `end`, and it has `size` bytes.

    The share is an estimate, and unknown where none of the sound is there.
    """
    if duration.seconds is None or size is None or size >= end or begin >= end:
        return duration
    if size <= begin:
        return UNKNOWN
    return _rounded(duration.seconds * (size - begin) / (end - begin), DurationMethod.ESTIMATE)


def beyond(duration: Duration, size: int | None, end: int) -> Duration:
    """The same, or an estimate where much of the object lies beyond the end that its header states.

    A recording that was joined behind another is played by nobody's header: the rate of what is accounted for is
    taken for all of it.
    """
    if duration.seconds is None or size is None or size - end <= max(_STRAY, end // 10):
        return duration
    return _rounded(duration.seconds * size / end, DurationMethod.ESTIMATE)


_STRAY: Final = 4096
"""Bytes behind the end that say nothing, such as tags that a program put there."""


def from_format(media_format: str | None, size: int | None) -> Duration:
    """The time of an object of which only format and size are known: its codec's rate, or a rough guess."""
    if media_format is None:
        return UNKNOWN
    if media_format in FIXED_BITS_PER_SECOND:
        return at_rate(size, FIXED_BITS_PER_SECOND[media_format])
    if media_format in TYPICAL_BITS_PER_SECOND:
        return at_rate(size, TYPICAL_BITS_PER_SECOND[media_format], DurationMethod.TYPICAL_RATE)
    return UNKNOWN


def believable(duration: Duration, size: int | None) -> Duration:
    """The same duration, or unknown where so few bytes cannot play so long: a lie must not spoil sums."""
    if duration.seconds is None:
        return duration
    limit = _LONGEST if size is None else min(_LONGEST, size * 8 / _LEAST_BITS_PER_SECOND)
    return duration if duration.seconds <= limit else UNKNOWN


def _rounded(seconds: float, method: DurationMethod) -> Duration:
    return Duration(round(seconds, 3), method) if math.isfinite(seconds) else UNKNOWN
