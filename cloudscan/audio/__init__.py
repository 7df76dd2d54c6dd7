"""What is recorded speech, what is a transcript, and how long it plays: by bytes, content type and name.

Knows no cloud and does no input or output: callers hand in what they have read.
"""

from cloudscan.audio.duration import FIXED_BITS_PER_SECOND, TYPICAL_BITS_PER_SECOND, DurationMethod
from cloudscan.audio.excerpt import HEAD_LIMIT, TAIL_LIMIT
from cloudscan.audio.media import Evidence, MediaClass, Recognition
from cloudscan.audio.names import settled_by_name
from cloudscan.audio.recognise import recognise

__all__ = [
    "FIXED_BITS_PER_SECOND",
    "HEAD_LIMIT",
    "TAIL_LIMIT",
    "TYPICAL_BITS_PER_SECOND",
    "DurationMethod",
    "Evidence",
    "MediaClass",
    "Recognition",
    "recognise",
    "settled_by_name",
]
