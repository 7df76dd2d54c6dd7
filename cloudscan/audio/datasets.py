"""Tables and record files that hold recordings: Parquet with a column of sound, TFRecord.

Layouts: Apache Parquet "File Format", TensorFlow "TFRecord and tf.train.Example"; the feature `Audio` of Hugging
Face Datasets, which a Parquet file names in its metadata.
"""

import re
from typing import Final

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass

PARQUET_MAGIC: Final = b"PAR1"

# A whole recording inside a value, by as much of its first bytes as chance does not write.
_EMBEDDED: Final = (
    ("wav", re.compile(rb"RIFF.{4}WAVE(?:fmt |JUNK|LIST|bext)", re.DOTALL)),
    ("flac", re.compile(rb"fLaC[\x00\x80]\0\0\x22")),
    ("ogg-opus", re.compile(rb"OggS\0\x02.{20}.{1,2}OpusHead", re.DOTALL)),
    ("ogg-vorbis", re.compile(rb"OggS\0\x02.{20}.{1,2}\x01vorbis", re.DOTALL)),
    ("mp3", re.compile(rb"ID3[\x02-\x04]\0[\x00\x40\x80]\0[\x00-\x7f]{3}(?:T[A-Z0-9]{3}|APIC)")),
    ("amr", re.compile(rb"#!AMR(?:-WB)?\n")),
)
_AUDIO_FEATURE: Final = re.compile(rb'"_type"\s*:\s*"Audio"')

_POLYNOMIAL: Final = 0x82F63B78  # Castagnoli's
_MASK_ADDED: Final = 0xA282EAD8
_LONGEST_RECORD: Final = 1 << 40


def read_parquet(excerpt: Excerpt) -> Claim:
    """What an object that begins with Parquet's magic holds: sound where a value or the metadata shows it."""
    if found := _embedded(excerpt.head):
        return Claim(MediaClass.SPEECH, f"parquet/{found}")
    if excerpt.tail.endswith(PARQUET_MAGIC) and _AUDIO_FEATURE.search(excerpt.tail):
        return Claim(MediaClass.SPEECH, "parquet")
    return Claim(MediaClass.OTHER, "parquet")


def read_tfrecord(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with a record of TFRecord, its length checked by its checksum, holds."""
    length = int.from_bytes(excerpt.head[:8], "little")
    if len(excerpt.head) < 16 or not 0 < length < _LONGEST_RECORD:
        return None
    if _masked_checksum(excerpt.head[:8]) != int.from_bytes(excerpt.head[8:12], "little"):
        return None
    found = _embedded(excerpt.head)
    return Claim(MediaClass.SPEECH, f"tfrecord/{found}") if found else Claim(MediaClass.OTHER, "tfrecord")


def _embedded(data: bytes) -> str | None:
    return next((name for name, pattern in _EMBEDDED if pattern.search(data)), None)


def _masked_checksum(data: bytes) -> int:
    """CRC-32C, rotated and shifted as TFRecord has it."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    value ^= 0xFFFFFFFF
    return ((value >> 15 | value << 17) + _MASK_ADDED) & 0xFFFFFFFF
