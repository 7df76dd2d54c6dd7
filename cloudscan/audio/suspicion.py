"""What is only suspected: telephony without a header, and documents that are called transcripts.

A switch writes what it hears: GSM, G.711, G.722, G.726, G.729 or plain samples, and no byte of a format around them.
Such an object is suspected to be a recording, and never said to be one. Only GSM 06.10 leaves a mark: every frame of
33 bytes begins with the same four bits (ETSI EN 300 961, as stored by RFC 3551).

A document (`.docx`, `.pdf`, `.csv` and their like) has no shape to know a transcript by. Where its name or a folder
calls it one, it is suspected, whatever its bytes show of a document.
"""

from collections.abc import Collection, Iterator
from types import MappingProxyType
from typing import Final

from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.audio.names import RECORDING_EXTENSIONS, by_name, called_a_transcript, extension_of, names_a_document
from cloudscan.model import Evidence, MediaClass

# Format to the bytes of a frame, which the size of a whole recording is a multiple of.
HEADERLESS: Final = MappingProxyType(
    {"gsm": 33, "g722": 1, "g726": 1, "g729": 2, "mulaw": 1, "alaw": 1, "sln": 2, "vox": 1}
)
_UNNAMED: Final = frozenset({"raw", "pcm", "vox"})
"""Extensions of recordings and of much else: among recordings they are suspected."""

_ENOUGH: Final = 64
"""Bytes that would show any format that has a header."""

_GSM_FRAME: Final = 33
_GSM_MARK: Final = 0xD
_GSM_FRAMES: Final = 30  # chance writes the mark as often once in 10 to the 36
_MOST_NEIGHBOURS: Final = 1000

_NO_MORE: Final = (MediaClass.OTHER, MediaClass.UNSETTLED)
_ARCHIVES: Final = ("zip", "tar", "gzip", "bzip2", "xz")
_WRITTEN: Final = ("text", "json", "pdf", "mail")
_DOCUMENT_BYTES: Final = (None, *_WRITTEN, *_ARCHIVES)
"""What the bytes of documents are known as, and of those that are packed."""


def weigh(
    claim: Claim, by: Evidence, name: str, excerpt: Excerpt, neighbours: Collection[str], *, silent: bool
) -> tuple[Claim, Evidence]:
    """The same claim, or the suspicion that it comes to.

    A name or type that stands for a format without a header is weakened to a suspicion, and to nothing where size or
    bytes speak against it. So is one that stands for another format, where bytes were read and show nothing of it
    (`silent`): they may be encrypted, or no sound at all; and where a name stands for what may carry recordings,
    nothing is settled then. What nothing settles is suspected where its bytes bear the mark of GSM, or where its name
    is common among recordings and its neighbours are some. A document that is called a transcript is suspected to be
    one, unless its bytes show something else.
    """
    if suspected := suspect_document(claim, name):
        return suspected, Evidence.SUSPICION
    if claim.media is MediaClass.OTHER and claim.format in _ARCHIVES and called_a_transcript(name):
        return Claim(MediaClass.UNSETTLED, claim.format, sure=False), Evidence.NONE
    if by is Evidence.SIGNATURE:
        return claim, by
    marked = _bears_gsm(excerpt.head)
    frame = HEADERLESS.get(claim.format or "")
    if claim.media is MediaClass.SPEECH and frame:
        uneven = excerpt.size is not None and excerpt.size % frame
        unlike = claim.format == "gsm" and len(excerpt.head) >= 2 * _GSM_FRAME and not marked
        if uneven or unlike:
            return Claim(MediaClass.UNSETTLED, claim.format, sure=False), Evidence.NONE
        return claim, Evidence.SUSPICION
    if claim.media is MediaClass.OTHER and not claim.sure and silent and excerpt.head:
        return Claim(MediaClass.UNSETTLED, claim.format, sure=False), Evidence.NONE
    if claim.media is MediaClass.SPEECH and silent and len(excerpt.head) >= _ENOUGH:
        return claim, Evidence.SUSPICION
    if claim.media is not MediaClass.UNSETTLED or claim.format is not None:
        return claim, by
    if marked and len(excerpt.head) >= _GSM_FRAMES * _GSM_FRAME:
        return Claim(MediaClass.SPEECH, "gsm", "gsm"), Evidence.SUSPICION
    if told_by_neighbours(name) and _any_recording(neighbours):
        return Claim(MediaClass.SPEECH, "raw"), Evidence.SUSPICION
    return claim, by


def suspect_document(claim: Claim, name: str) -> Claim | None:
    """The suspicion that a document which is called a transcript is one, None where bytes or name do not say so.

    What a name without a known extension calls a transcript has to be text, or a document, by its bytes.
    """
    if claim.media not in _NO_MORE or claim.inmost not in _DOCUMENT_BYTES:
        return None
    document = names_a_document(name)
    if document is None and claim.inmost in _WRITTEN and by_name(name) is None and called_a_transcript(name):
        document = claim.inmost
    return Claim(MediaClass.TRANSCRIPT, document, sure=False) if document else None


def told_by_neighbours(name: str) -> bool:
    """Whether recordings beside it would make an object of this name suspected to be one too."""
    return extension_of(name) in _UNNAMED


def _sure_recordings() -> Iterator[str]:
    for extension in RECORDING_EXTENSIONS:
        claim = by_name(f"x.{extension}")
        if claim and claim.sure and claim.format not in HEADERLESS:
            yield extension


SURE_RECORDINGS: Final = frozenset(_sure_recordings())
"""Extensions under which hardly anything but a recording lies, with a header."""


def _bears_gsm(head: bytes) -> bool:
    """Whether every frame that was read begins with the mark, and not all of them are the same."""
    firsts = head[: len(head) // _GSM_FRAME * _GSM_FRAME : _GSM_FRAME]
    return len(firsts) > 1 and len(set(head)) > 2 and all(first >> 4 == _GSM_MARK for first in firsts)


def _any_recording(neighbours: Collection[str]) -> bool:
    claims = (by_name(name) for _, name in zip(range(_MOST_NEIGHBOURS), neighbours, strict=False))
    return any(claim is not None and claim.sure and claim.media is MediaClass.SPEECH for claim in claims)
