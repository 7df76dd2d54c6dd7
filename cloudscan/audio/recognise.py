"""Is this object recorded speech or a transcript? The one question, asked of all evidence in order."""

from collections.abc import Collection
from dataclasses import replace

from cloudscan.audio.content_types import by_content_type
from cloudscan.audio.duration import UNKNOWN, believable, from_format
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim, Recognition
from cloudscan.audio.names import by_name, settles_text
from cloudscan.audio.suspicion import weigh
from cloudscan.audio.told import tell
from cloudscan.audio.transcripts import producer_of, redaction, shows_more_at_its_end
from cloudscan.model import DurationMethod, Evidence, MediaClass

_NOTHING = Claim(MediaClass.UNSETTLED, None, sure=False)
_EMPTY = Claim(MediaClass.OTHER, "empty")
_TIME_LAST = ("ogg", "webm-audio", "matroska-audio", "mpeg-ts-audio", "mpeg-ps-audio", "m4a", "gzip/")
_TRACKS_LAST = {"mp4", "m4a", "mov", "mov-audio", "3gp", "3gp-audio"}


def recognise(
    name: str,
    *,
    content_type: str | None,
    size: int | None,
    head: bytes | None,
    tail: bytes | None = None,
    tail_start: int | None = None,
    neighbours: Collection[str] = (),
) -> Recognition:
    """What an object holds, as far as name, content type, size (bytes) and the bytes that were read tell.

    By signature where a head was read, else by content type, else by name; `by` says which. A head that
    contradicts the name wins: a `.wav` that is a PNG is "other". A head of which nothing is known contradicts
    nothing, but weakens: an encrypted `.wav` stays "speech", by suspicion.

    "speech" means recorded sound: music is not told from talk. Video is a class of its own, with or without
    sound. `tail` is the end of the object, of any length; it needs a `size` to be placed. With a `tail_start` it is a
    part of the object from there on, as :func:`further` asked for. `neighbours` are names from
    the same folder: among recordings, a name that says little is suspected to be one too.

    Pure and total: never raises on any bytes and strings, and looks at no more than 64 KiB of either end.
    """
    excerpt = Excerpt.of(head or b"", tail, size, tail_start)
    shown = _shown(excerpt)
    if shown is not None and shown.is_text and shown.codec is None and settles_text(name):
        shown = replace(shown, media=MediaClass.OTHER)
    claim, by = _settle(shown, by_content_type(content_type), by_name(name))
    claim, by = weigh(claim, by, name, excerpt, neighbours, silent=shown is None)
    duration = believable(claim.duration, excerpt.size)
    if claim.media is MediaClass.SPEECH and duration is UNKNOWN:
        duration = believable(from_format(claim.format, excerpt.size), excerpt.size)
    transcript = claim.media is MediaClass.TRANSCRIPT
    shape = claim.format if transcript and by is Evidence.SIGNATURE else None
    return Recognition(
        media=claim.media,
        format=claim.format,
        codec=claim.codec,
        by=by,
        seconds=duration.seconds,
        seconds_by=duration.method,
        redacted=redaction(name, excerpt) if transcript else None,
        producer=producer_of(shape),
        told=tell(shape, excerpt),
        sound=claim.sound,
    )


def further(*, size: int | None, head: bytes, most: int) -> tuple[int, int] | None:
    """Start and length of what else to read, `most` bytes of it, where the head leaves open what an object is.

    Of ISO media whose tracks come behind the samples, it is the box that holds them, wherever that begins, as it is of
    CAF whose packets are counted there, and of MP3 behind a picture its first frame; of recordings whose last bytes
    tell their time, of Parquet, whose metadata come last, of zip, whose directory does, and of JSON that begins as a
    transcript does, the end.
    """
    excerpt = Excerpt.of(head, None, size)
    if excerpt.size is None or excerpt.size <= len(excerpt.head):
        return None
    shown = _shown(excerpt)
    end = max(0, excerpt.size - most)
    start = None if shown is None or _is_timed(shown) else _elsewhere(shown, excerpt)
    if start is not None:
        return (start, min(most, excerpt.size - start)) if start < excerpt.size else None
    telling = shows_more_at_its_end(excerpt) or (shown is not None and _end_tells(shown))
    return (end, excerpt.size - end) if telling else None


def _is_timed(shown: Claim) -> bool:
    """Whether nothing else that its sizes tell of makes more of its time; ISO media may have been cut out of sight."""
    if shown.format in _TRACKS_LAST and shown.media is MediaClass.SPEECH:
        return shown.duration.method is DurationMethod.HEADER
    return shown.duration.seconds is not None


def _elsewhere(shown: Claim, excerpt: Excerpt) -> int | None:
    """Where a format whose sizes say so keeps what its head did not show."""
    if shown.format in _TRACKS_LAST:
        from cloudscan.audio.mp4 import next_box

        return next_box(excerpt)
    if shown.format == "caf":
        from cloudscan.audio.headers import after_caf_data

        return after_caf_data(excerpt)
    if shown.format == "mp3" and shown.codec is None:
        from cloudscan.audio.mpeg_audio import id3_end

        return id3_end(excerpt.head)
    return None


def _end_tells(shown: Claim) -> bool:
    """Whether the end may say more: how long it plays, or what a table holds."""
    if shown.format == "parquet":
        return shown.media is MediaClass.OTHER
    if (shown.format or "").startswith("zip"):  # where its directory is
        return not shown.sure
    timeless = shown.duration.method is not DurationMethod.HEADER
    return shown.media is MediaClass.SPEECH and timeless and (shown.format or "").startswith(_TIME_LAST)


def _shown(excerpt: Excerpt) -> Claim | None:
    """What the bytes show, None without any. The formats' readers are loaded when there are bytes to read."""
    if excerpt.size == 0:
        return _EMPTY
    if not excerpt.head:
        return None
    from cloudscan.audio.signatures import read_signature

    return read_signature(excerpt)


def _settle(shown: Claim | None, typed: Claim | None, named: Claim | None) -> tuple[Claim, Evidence]:
    """The claim to believe, and whose it is."""
    if shown is None:
        return _unseen(typed, named)
    if shown.sure:
        return shown, Evidence.SIGNATURE
    claim, by = _unseen(typed, named)
    if shown.media is MediaClass.OTHER or shown.is_text:
        # Text of no known shape: a name or type may know that it is a transcript, and none may call it sound.
        hinted = claim.media is MediaClass.UNSETTLED and claim.format == shown.format
        if hinted or claim.media is MediaClass.TRANSCRIPT:
            return claim, by
        return shown, Evidence.SIGNATURE if shown.media is MediaClass.OTHER else Evidence.NONE
    if shown.media is not MediaClass.UNSETTLED:  # the name of a member of an archive says so, and none of its bytes
        return shown, Evidence.SUSPICION
    # A container whose tracks are out of sight: others may say which of sound and video it is, no more.
    if claim.media not in (MediaClass.SPEECH, MediaClass.VIDEO):
        return shown, Evidence.NONE
    return Claim(claim.media, shown.format, shown.codec, shown.duration), by


def _unseen(typed: Claim | None, named: Claim | None) -> tuple[Claim, Evidence]:
    if typed and typed.sure:
        return typed, Evidence.CONTENT_TYPE
    if named and named.media is MediaClass.UNSETTLED:
        return named, Evidence.NONE
    if named and (typed is None or named.media is not MediaClass.OTHER):
        return named, Evidence.NAME
    if typed:
        return typed, Evidence.CONTENT_TYPE
    return _NOTHING, Evidence.NONE
