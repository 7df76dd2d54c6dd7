"""The nouns of recognition: the class of an object, which evidence says so, and what else it shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from cloudscan.audio.duration import UNKNOWN, Duration
from cloudscan.model import DurationMethod, Evidence, MediaClass


@dataclass(frozen=True, slots=True)
class Claim:
    """What one piece of evidence (bytes, content type or name) says of an object.

    `sure` is False where other evidence often overturns the claim: a container whose tracks are out of
    sight, a `.json` that may be a transcript, a `text/plain` that an upload tool put there by default. `sound`
    speaks of videos: whether one has a track of sound, in which somebody may speak; None where tracks were not seen.
    """

    media: MediaClass
    format: str | None
    codec: str | None = None
    duration: Duration = UNKNOWN
    sure: bool = True
    sound: bool | None = None

    @property
    def inmost(self) -> str | None:
        """The format of what matters most, without the archives that it lies in: "wav" of "gzip/tar/wav"."""
        return self.format and self.format.rpartition("/")[2]

    @property
    def is_text(self) -> bool:
        """Whether it is text of no known shape, which may be packed. Its codec is base64 where it may be sound."""
        return self.media in (MediaClass.OTHER, MediaClass.UNSETTLED) and self.inmost in ("text", "json")


def claims(media: MediaClass, words_by_format: Mapping[str, str], *, sure: bool = True) -> dict[str, Claim]:
    """A claim for each of the words (extensions, subtypes) that stand, space-separated, behind a format."""
    return {word: Claim(media, name, sure=sure) for name, words in words_by_format.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answer for one object.

    `format` and `codec` are the container and the coding of the sound, None where unknown. `seconds` is
    the playing time; `seconds_by` says how far to trust it. `redacted` speaks of transcripts only and is
    None wherever nothing tells. `producer` is the recogniser whose shape a transcript has, and `told` what its
    metadata tells of its recording, as JSON text. `sound` is whether a video has a track of sound, in
    which somebody may speak: None where nothing tells, and for everything else.
    """

    media: MediaClass
    format: str | None
    codec: str | None
    by: Evidence
    seconds: float | None
    seconds_by: DurationMethod
    redacted: bool | None
    producer: str | None = None
    told: str | None = None
    sound: bool | None = None
