"""What an object's own bytes say: the table of magics, and the readers behind them."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from cloudscan.audio.archives import (
    BZIP2_MAGIC,
    GZIP_MAGIC,
    XZ_MAGIC,
    read_bzip2,
    read_gzip,
    read_tar,
    read_xz,
    read_zip,
)
from cloudscan.audio.asf import ASF_MAGIC, read_asf
from cloudscan.audio.avi import read_avi
from cloudscan.audio.datasets import PARQUET_MAGIC, read_parquet, read_tfrecord
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.flac import FLAC_MAGIC, read_flac
from cloudscan.audio.frames import read_amr, read_silk
from cloudscan.audio.headers import VOC_MAGIC, read_aiff, read_au, read_caf, read_voc
from cloudscan.audio.lossless import (
    DSF_MAGIC,
    SPHERE_MAGIC,
    TTA_MAGIC,
    WAVPACK_MAGIC,
    read_dsf,
    read_sphere,
    read_tta,
    read_wavpack,
)
from cloudscan.audio.matroska import EBML_MAGIC, read_matroska
from cloudscan.audio.media import Claim
from cloudscan.audio.members import ZIP_MAGIC, is_tar
from cloudscan.audio.mp4 import read_mp4
from cloudscan.audio.mpeg_audio import read_id3, read_latm, read_stray, read_sync
from cloudscan.audio.ogg import OGG_MAGIC, read_ogg
from cloudscan.audio.riff import W64_RIFF, read_riff, read_w64
from cloudscan.audio.surround import AC3_MAGIC, DTS_MAGIC, DTS_SWAPPED_MAGIC, read_ac3, read_dts
from cloudscan.audio.transcripts import read_text, read_transcript
from cloudscan.audio.transport import read_flash_video, read_program_stream, read_transport_stream
from cloudscan.model import MediaClass

_READERS: Final[tuple[tuple[bytes, Callable[[Excerpt], Claim | None]], ...]] = (
    (b"RIFF", lambda excerpt: (read_avi if excerpt.head[8:12] == b"AVI " else read_riff)(excerpt)),
    (b"RIFX", read_riff),
    (b"RF64", read_riff),
    (b"BW64", read_riff),
    (W64_RIFF, read_w64),
    (b"FORM", read_aiff),
    (b"caff", read_caf),
    (b".snd", read_au),
    (VOC_MAGIC, read_voc),
    (FLAC_MAGIC, read_flac),
    (OGG_MAGIC, read_ogg),
    (EBML_MAGIC, read_matroska),
    (ASF_MAGIC, read_asf),
    (b"ID3", read_id3),
    (b"\xff", read_sync),
    (b"\x56", read_latm),
    (AC3_MAGIC, read_ac3),
    (DTS_MAGIC, read_dts),
    (DTS_SWAPPED_MAGIC, read_dts),
    (WAVPACK_MAGIC, read_wavpack),
    (TTA_MAGIC, read_tta),
    (SPHERE_MAGIC, read_sphere),
    (DSF_MAGIC, read_dsf),
    (b".RMF\0\0\0", lambda _: Claim(MediaClass.UNSETTLED, "realmedia", sure=False)),  # with or without pictures
    (b"FLV\x01", read_flash_video),
    (b"\0\0\x01\xba", read_program_stream),
    (PARQUET_MAGIC, read_parquet),
    (b"#!AMR\n", read_amr),
    (b"#!AMR-WB\n", read_amr),
    (b"#!SILK_V3", read_silk),
    (b"\x02#!SILK_V3", read_silk),
)

# Formats of which the magic is all that this version reads.
_MAGICS: Final = MappingProxyType(
    {
        magic: Claim(media, name, sure=media is not MediaClass.UNSETTLED)
        for media, name, magics in (
            (MediaClass.SPEECH, "dss", (b"\x02dss", b"\x03ds2")),
            (MediaClass.SPEECH, "amr", (b"#!AMR_MC1.0\n",)),  # several channels
            (MediaClass.SPEECH, "amr-wb", (b"#!AMR-WB_MC1.0\n",)),
            (MediaClass.SPEECH, "dts", (b"DTSHDHDR", b"\x1f\xff\xe8\0\x07", b"\xff\x1f\0\xe8\xf1")),
            (MediaClass.VIDEO, "mpeg-ps", (b"\0\0\x01\xb3",)),
            (MediaClass.SPEECH, "realaudio", (b".ra\xfd\0",)),
            (MediaClass.VIDEO, "mxf", (b"\x06\x0e\x2b\x34\x02\x05\x01\x01",)),
            (MediaClass.OTHER, "midi", (b"MThd",)),
            (MediaClass.OTHER, "png", (b"\x89PNG\r\n",)),
            (MediaClass.OTHER, "jpeg", (b"\xff\xd8\xff",)),
            (MediaClass.OTHER, "gif", (b"GIF87a", b"GIF89a")),
            (MediaClass.OTHER, "icon", (b"\0\0\1\0", b"\0\0\2\0")),
            (MediaClass.OTHER, "tiff", (b"II*\0", b"MM\0*")),
            (MediaClass.OTHER, "jpeg-2000", (b"\0\0\0\x0cjP  ",)),
            (MediaClass.OTHER, "pdf", (b"%PDF-",)),
            (MediaClass.OTHER, "zip", (b"PK\x05\x06",)),  # without members
            (MediaClass.UNSETTLED, "zstd", (b"\x28\xb5\x2f\xfd",)),
            (MediaClass.UNSETTLED, "lz4", (b"\x04\x22\x4d\x18",)),
            (MediaClass.UNSETTLED, "7z", (b"7z\xbc\xaf\x27\x1c",)),
            (MediaClass.UNSETTLED, "rar", (b"Rar!\x1a\x07",)),
            (MediaClass.UNSETTLED, "orc", (b"ORC",)),
            (MediaClass.UNSETTLED, "avro", (b"Obj\x01",)),
            (MediaClass.UNSETTLED, "arrow", (b"ARROW1\0\0",)),
            (MediaClass.UNSETTLED, "sqlite", (b"SQLite format 3\0",)),
            (MediaClass.UNSETTLED, "hdf5", (b"\x89HDF\r\n",)),
            (MediaClass.UNSETTLED, "numpy", (b"\x93NUMPY",)),
            (MediaClass.OTHER, "elf", (b"\x7fELF",)),
            (MediaClass.OTHER, "java-class", (b"\xca\xfe\xba\xbe",)),
            (MediaClass.OTHER, "wasm", (b"\0asm",)),
        )
        for magic in magics
    }
)
_LONGEST_MAGIC: Final = max(map(len, _MAGICS))
_ARCHIVES: Final = ((GZIP_MAGIC, read_gzip), (ZIP_MAGIC, read_zip), (BZIP2_MAGIC, read_bzip2), (XZ_MAGIC, read_xz))
_NESTED: Final = 2  # a tar in a gzip, and what it holds


def read_signature(excerpt: Excerpt) -> Claim | None:
    """What the bytes say, None where they say nothing known to us."""
    return _read(excerpt, _NESTED)


def _read(excerpt: Excerpt, depth: int) -> Claim | None:
    head = excerpt.head
    for length in range(3, min(_LONGEST_MAGIC, len(head)) + 1):
        if claim := _MAGICS.get(head[:length]):
            return claim
    for magic, reader in _READERS:
        if head.startswith(magic) and (claim := reader(excerpt)):
            return claim
    return (
        _archived(excerpt, depth)
        or read_mp4(excerpt)
        or read_transport_stream(excerpt)
        or read_tfrecord(excerpt)
        or read_transcript(excerpt)
        or read_text(excerpt)
        or read_stray(excerpt)
    )


def _archived(excerpt: Excerpt, depth: int) -> Claim | None:
    """An archive, by its members as deep as is looked."""

    def read(member: Excerpt) -> Claim | None:
        return _read(member, depth - 1) if depth else None

    if is_tar(excerpt.head):
        return read_tar(excerpt, read)
    unpack = next((reader for magic, reader in _ARCHIVES if excerpt.head.startswith(magic)), None)
    return unpack(excerpt, read) if unpack else None
