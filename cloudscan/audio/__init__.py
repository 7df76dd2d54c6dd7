"""What is recorded speech, what is a transcript, and how long it plays: by bytes, content type and name.

Knows no cloud and does no input or output: callers hand in what they have read.
"""

from cloudscan.audio.duration import FIXED_BITS_PER_SECOND, TYPICAL_BITS_PER_SECOND, USUAL_BITS_PER_SECOND
from cloudscan.audio.excerpt import HEAD_LIMIT, TAIL_LIMIT
from cloudscan.audio.media import Recognition
from cloudscan.audio.names import COMPRESSED, UNSURE_EXTENSIONS, settled_by_name
from cloudscan.audio.recognise import further, recognise
from cloudscan.audio.suspicion import HEADERLESS, SURE_RECORDINGS, told_by_neighbours
from cloudscan.model import DurationMethod, Evidence, MediaClass  # noqa: F401 - until the last reader has moved

__all__ = [
    "COMPRESSED",
    "FIXED_BITS_PER_SECOND",
    "HEADERLESS",
    "HEAD_LIMIT",
    "SURE_RECORDINGS",
    "TAIL_LIMIT",
    "TYPICAL_BITS_PER_SECOND",
    "UNSURE_EXTENSIONS",
    "USUAL_BITS_PER_SECOND",
    "Recognition",
    "further",
    "recognise",
    "settled_by_name",
    "told_by_neighbours",
]
