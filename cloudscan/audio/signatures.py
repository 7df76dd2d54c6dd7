"""What an object's own bytes say: the table of magics, and the readers behind them."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from cloudscan.audio.asf import ASF_MAGIC, read_asf
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.frames import read_amr, read_id3, read_mpeg_or_adts, read_silk
from cloudscan.audio.headers import VOC_MAGIC, read_aiff, read_au, read_caf, read_flac, read_voc
from cloudscan.audio.matroska import EBML_MAGIC, read_matroska
from cloudscan.audio.media import Claim
from cloudscan.audio.mp4 import read_mp4
from cloudscan.audio.ogg import OGG_MAGIC, read_ogg
from cloudscan.audio.riff import W64_RIFF, read_riff, read_w64
from cloudscan.audio.transcripts import read_text, read_transcript
from cloudscan.model import MediaClass

_READERS: Final[tuple[tuple[bytes, Callable[[Excerpt], Claim | None]], ...]] = (
    (b"RIFF", read_riff),
    (b"RIFX", read_riff),
    (b"RF64", read_riff),
    (b"BW64", read_riff),
    (W64_RIFF, read_w64),
    (b"FORM", read_aiff),
    (b"caff", read_caf),
    (b".snd", read_au),
    (VOC_MAGIC, read_voc),
    (b"fLaC", read_flac),
    (OGG_MAGIC, read_ogg),
    (EBML_MAGIC, read_matroska),
    (ASF_MAGIC, read_asf),
    (b"ID3", read_id3),
    (b"\xff", read_mpeg_or_adts),
    (b"#!AMR\n", read_amr),
    (b"#!AMR-WB\n", read_amr),
    (b"#!SILK_V3", read_silk),
    (b"\x02#!SILK_V3", read_silk),
)

# Formats of which the magic is all that this version reads.
_MAGICS: Final = MappingProxyType(
    {
        magic: Claim(media, name)
        for media, name, magics in (
            (MediaClass.SPEECH, "wavpack", (b"wvpk",)),
            (MediaClass.SPEECH, "tta", (b"TTA1",)),
            (MediaClass.SPEECH, "sph", (b"NIST_1A\n",)),
            (MediaClass.SPEECH, "dsf", (b"DSD \x1c\0\0\0",)),
            (MediaClass.SPEECH, "dss", (b"\x02dss", b"\x03ds2")),
            (MediaClass.VIDEO, "flv", (b"FLV\x01",)),
            (MediaClass.VIDEO, "mpeg-ps", (b"\0\0\x01\xba", b"\0\0\x01\xb3")),
            (MediaClass.VIDEO, "mxf", (b"\x06\x0e\x2b\x34\x02\x05\x01\x01",)),
            (MediaClass.OTHER, "midi", (b"MThd",)),
            (MediaClass.OTHER, "png", (b"\x89PNG\r\n",)),
            (MediaClass.OTHER, "jpeg", (b"\xff\xd8\xff",)),
            (MediaClass.OTHER, "gif", (b"GIF87a", b"GIF89a")),
            (MediaClass.OTHER, "tiff", (b"II*\0", b"MM\0*")),
            (MediaClass.OTHER, "jpeg-2000", (b"\0\0\0\x0cjP  ",)),
            (MediaClass.OTHER, "pdf", (b"%PDF-",)),
            # Archives may hold recordings: a later version looks inside.
            (MediaClass.OTHER, "gzip", (b"\x1f\x8b\x08",)),
            (MediaClass.OTHER, "zip", (b"PK\x03\x04", b"PK\x05\x06")),
            (MediaClass.OTHER, "bzip2", (b"BZh",)),
            (MediaClass.OTHER, "xz", (b"\xfd7zXZ\0",)),
            (MediaClass.OTHER, "zstd", (b"\x28\xb5\x2f\xfd",)),
            (MediaClass.OTHER, "7z", (b"7z\xbc\xaf\x27\x1c",)),
            (MediaClass.OTHER, "rar", (b"Rar!\x1a\x07",)),
            (MediaClass.OTHER, "parquet", (b"PAR1",)),
            (MediaClass.OTHER, "orc", (b"ORC",)),
            (MediaClass.OTHER, "avro", (b"Obj\x01",)),
            (MediaClass.OTHER, "arrow", (b"ARROW1\0\0",)),
            (MediaClass.OTHER, "sqlite", (b"SQLite format 3\0",)),
            (MediaClass.OTHER, "hdf5", (b"\x89HDF\r\n",)),
            (MediaClass.OTHER, "numpy", (b"\x93NUMPY",)),
            (MediaClass.OTHER, "elf", (b"\x7fELF",)),
            (MediaClass.OTHER, "java-class", (b"\xca\xfe\xba\xbe",)),
            (MediaClass.OTHER, "wasm", (b"\0asm",)),
        )
        for magic in magics
    }
)
_LONGEST_MAGIC: Final = max(map(len, _MAGICS))
_TAR_MAGIC: Final = b"ustar"
_TAR_MAGIC_AT: Final = 257

_TS_SYNC: Final = 0x47
_TS_PACKET: Final = 188


def read_signature(excerpt: Excerpt) -> Claim | None:
    """What the bytes say, None where they say nothing known to us."""
    head = excerpt.head
    for length in range(3, min(_LONGEST_MAGIC, len(head)) + 1):
        if claim := _MAGICS.get(head[:length]):
            return claim
    for magic, reader in _READERS:
        if head.startswith(magic) and (claim := reader(excerpt)):
            return claim
    if claim := read_mp4(excerpt):
        return claim
    if head[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC):
        return Claim(MediaClass.OTHER, "tar")
    if _is_transport_stream(head):
        # Told from video by its streams in a later version.
        return Claim(MediaClass.UNSETTLED, "mpeg-ts", sure=False)
    return read_transcript(excerpt) or read_text(excerpt)


def _is_transport_stream(head: bytes) -> bool:
    """Three packets in a row, as far as the head goes, and at least two."""
    marks = head[: 3 * _TS_PACKET : _TS_PACKET]
    return len(marks) >= 3 and set(marks) == {_TS_SYNC}
