"""Sound told from video: what the tracks of a container, as far as they were seen, make of it."""

from dataclasses import dataclass

from cloudscan.audio.duration import UNKNOWN, Duration
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass


@dataclass(frozen=True, slots=True)
class Family:
    """The format names of a container: with pictures (or not yet settled), and with sound alone."""

    container: str
    sound: str


@dataclass(frozen=True, slots=True)
class Tracks:
    """The tracks that were seen. `complete` means that no further one can exist."""

    sound: tuple[str | None, ...]  # the codec of each, None where it is not known to us
    video: bool
    complete: bool

    def claim(self, family: Family, duration: Duration = UNKNOWN) -> Claim:
        """Video as soon as a picture track is seen; sound only when no picture track can follow."""
        if self.video:
            codec = self.sound[0] if self.sound else None
            sound = True if self.sound else False if self.complete else None
            return Claim(MediaClass.VIDEO, family.container, codec, duration, sound=sound)
        if not self.complete:
            return Claim(MediaClass.UNSETTLED, family.container, duration=duration, sure=False)
        if self.sound:
            return Claim(MediaClass.SPEECH, family.sound, self.sound[0], duration)
        return Claim(MediaClass.OTHER, family.container)
