"""What an object's name claims."""

import re
import unicodedata
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from cloudscan.audio.media import Claim, claims
from cloudscan.model import MediaClass

# Longer than any cloud allows a key to be; bounds the work on made-up ones.
_NAME_LIMIT: Final = 4096

# Format to extensions, in all tables.
_SPEECH: Final = MappingProxyType(
    {
        "wav": "wav wave bwf rf64",
        "w64": "w64",
        "aiff": "aif aiff aifc",
        "caf": "caf",
        "au": "au snd",
        "voc": "voc",
        "flac": "flac",
        "mp3": "mp3 mpga",
        "mp2": "mp2 mpa",
        "aac": "aac adts",
        "m4a": "m4a m4b m4r",
        "3gp-audio": "3ga",
        "ogg": "ogg oga",
        "ogg-opus": "opus",
        "ogg-speex": "spx",
        "webm-audio": "weba",
        "matroska-audio": "mka",
        "wma": "wma",
        "amr": "amr",
        "amr-wb": "awb",
        "silk": "silk slk",
        "ac3": "ac3 eac3",
        "wavpack": "wv",
        "tta": "tta",
        "ape": "ape",
        "dsf": "dsf",
        "sph": "sph",
        "dss": "dss ds2",
        "qcp": "qcp",
        "realaudio": "ra",
        # Headerless telephony: nothing in the bytes tells.
        "gsm": "gsm",
        "g722": "g722",
        "g729": "g729 g729a",
        "g726": "g726",
        "mulaw": "ulaw mulaw ul",
        "alaw": "alaw al",
        "sln": "sln sln8",
    }
)
_VIDEO: Final = MappingProxyType(
    {
        "mp4": "m4v f4v",
        "asf": "wmv",
        "avi": "avi",
        "flv": "flv",
        "mpeg-ps": "mpg mpeg vob m2v mpv",
        "mpeg-ts": "m2ts",
        "ogg": "ogv ogm",
        "mxf": "mxf",
        "realmedia": "rm rmvb",
        "dv": "dv",
    }
)
# Now and then these hold sound alone under the name of a video: only their tracks tell.
_UNSURE_VIDEO: Final = MappingProxyType(
    {"mp4": "mp4", "webm": "webm", "3gp": "3gp 3g2", "mov": "mov qt", "matroska": "mkv", "asf": "asf"}
)
_TRANSCRIPT: Final = MappingProxyType({"vtt": "vtt", "srt": "srt", "sbv": "sbv", "ttml": "ttml"})

# `.ts` and `.mts` are MPEG transport streams or TypeScript; `.raw` and `.pcm` are sound, camera pictures or
# anything; `.vox` is Dialogic telephony or voxels; `.dts` is sound or a device tree.
_AMBIGUOUS: Final = "ts mts raw pcm vox dts bin dat data tmp part"

# No sound by any use known to us. Encrypted wrappings (`.gpg`, `.enc`) are left out: they tell nothing.
_OTHER: Final = MappingProxyType(
    {
        "pictures": "png jpg jpeg jpe gif bmp tif tiff webp svg ico heic heif avif psd ai eps jp2 dng xcf",
        "documents": "pdf doc docx docm dot dotx xls xlsx xlsm xlsb ppt pptx odt ods odp rtf epub mobi ps",
        "markup": "tex md rst adoc ics vcf html htm xhtml rels vml mf",
        "code": "css scss less js mjs cjs jsx tsx map wasm vue py pyc pyi ipynb rb php pl lua r jl go rs c h",
        "more code": "cc cpp cxx hpp cs java class kt scala swift sh bash zsh bat ps1 sql diff patch tf hcl",
        "settings": "yaml yml toml ini cfg conf properties env lock sum template manifest index",
        "data": "geojson csv xml xsd xsl proto pb tfstate",
        "maps and solids": "shp kml kmz las laz stl obj fbx glb gltf dwg dxf",
        "models": "onnx pt pth ckpt safetensors tflite gguf joblib",
        "packages": "jar war ear whl egg deb rpm apk ipa",
        "programs": "exe dll so dylib o a lib msi",
        "keys and checksums": "pem crt cer key p12 pfx jks sig sha1 sha256 sha512 md5 crc",
        "fonts": "ttf otf woff woff2 eot",
        "scores and playlists": "mid midi kar rmi m3u m3u8 pls cue xspf mpd",
    }
)

# Mostly no sound, but members, values or parts of them may be.
_CARRIERS: Final = MappingProxyType(
    {
        "archives that are opened": "gz tgz bz2 tbz tbz2 xz txz zip tar",
        "archives that are not": "zst 7z rar lz4 br z cab",
        "mail": "eml msg",
        "tables": "tsv parquet tfrecord orc avro arrow feather hdf5 h5 nc npy npz mat pkl pickle rds",
        "databases": "db sqlite sqlite3 mdb dbf",
        "images of disks": "iso img dmg vhd vhdx vmdk qcow2 ova",
    }
)
_LOG: Final = "log"
_WRAPPINGS: Final = " ".join(_CARRIERS.values())

_EXTENSIONS: Final = MappingProxyType(
    {word: Claim(MediaClass.OTHER, None) for words in (*_OTHER.values(), _LOG) for word in words.split()}
    | {word: Claim(MediaClass.OTHER, None, sure=False) for word in _WRAPPINGS.split()}
    | {word: Claim(MediaClass.UNSETTLED, None, sure=False) for word in _AMBIGUOUS.split()}
    | claims(MediaClass.VIDEO, _UNSURE_VIDEO, sure=False)
    | claims(MediaClass.VIDEO, _VIDEO)
    | claims(MediaClass.SPEECH, _SPEECH)
    | claims(MediaClass.TRANSCRIPT, _TRANSCRIPT)
)
_TEXT: Final = MappingProxyType({"json": "json", "jsonl": "json", "ndjson": "json", "txt": "text", "text": "text"})

UNSURE_EXTENSIONS: Final = frozenset(
    (*_AMBIGUOUS.split(), *_WRAPPINGS.split(), *claims(MediaClass.VIDEO, _UNSURE_VIDEO), *_TEXT)
)
"""Extensions under which now and then lies something else than the name claims: worth a look at the bytes."""

RECORDING_EXTENSIONS: Final = tuple(
    sorted({*claims(MediaClass.SPEECH, _SPEECH), *claims(MediaClass.VIDEO, _UNSURE_VIDEO)})
)
"""Extensions of recordings, and of what may hold sound alone."""

COMPRESSED: Final = frozenset({"gz", "bz2", "xz", "zst", "lz4", "br"})
_SOUGHT: Final = frozenset({MediaClass.SPEECH, MediaClass.VIDEO, MediaClass.TRANSCRIPT})

_EXTENSION: Final = re.compile(r"[a-z0-9]{1,10}")
# A whole word of the path, in the languages of Western Europe and in Polish; not `transcriptome` or `transcriptomics`,
# which are biology.
_WORDS: Final = (
    r"(?:transcript(?:s|ions?|ies?)?|transs?kript(?:e|er|ion|ionen|ioner)?|transkrypcj[aei]|trascrizion[ei]"
    r"|transcripci[o\u00f3]n?(?:es|ns)?|transcri[c\u00e7](?:[a\u00e3]o|[o\u00f5]es))"
)
_STRONG_HINT: Final = re.compile(rf"(?<![a-z]){_WORDS}(?![a-z])", re.IGNORECASE)
# Of documents no other evidence will come, so that `CallTranscript` counts, too.
_CAPITAL_HINT: Final = re.compile(r"(?<=[a-z])Trans[ck]ript(?:s|ion|ions|e|ionen)?(?![a-z])")
_WEAK_HINT: Final = re.compile(
    r"trans[ck]ri(?!ptom)|transskri|transkryp|trascri|(?<![a-z])(?:asr|stt|captions?|whisper|speech-?to-?text)(?![a-z])",
    re.IGNORECASE,
)
_HINT_STEMS: Final = ("transcri", "transkri", "transskri", "transkryp", "trascri")
"""One of these is in all that the first of the hints finds."""
# What a university writes down of its students.
_GRADES: Final = re.compile(
    r"(?<![a-z])(?:(?:academic|official|unofficial|student|students|university|college|school|grade|grades|degree)"
    r"[-_ ./]*transcripts?|transcripts?[-_ ]*of[-_ ]*(?:records?|grades?|stud(?:y|ies)))(?![a-z])",
    re.IGNORECASE,
)
_PROGRAM_TEXT: Final = re.compile(
    r"(?:readme|licen[cs]es?|copying|copyright|notice|changelog|release[-_ ]?notes|contributing|contributors|authors"
    r"|credits|requirements|constraints|robots|humans|security|codeowners|top_level|entry_points|cmakelists"
    r"|third[-_ ]?party[-_ ]?(?:licen[cs]es|notices))(?![a-z])",
    re.IGNORECASE,
)
"""Beginnings of the names of text that lies beside programs."""
_DOCUMENT_EXTENSIONS: Final = (
    "pdf doc docx docm dot dotx xls xlsx xlsm xlsb ppt pptx odt ods odp rtf epub md rst adoc tex eml msg"
    " html htm xhtml mht mhtml csv tsv xml"
)
_DOCUMENTS: Final = frozenset(_DOCUMENT_EXTENSIONS.split())
"""Extensions of what people and programs write text into, transcripts too."""


def extension_of(name: str) -> str:
    """The extension in small letters, "" where there is none that could be one."""
    stem, dot, extension = name[-_NAME_LIMIT:].rpartition("/")[2].rpartition(".")
    return extension.lower() if stem and dot and _EXTENSION.fullmatch(extension.lower()) else ""


def by_name(name: str) -> Claim | None:
    """What the name claims; None where it has no extension, or one that we do not know.

    A compressed file is told by the name it had before, which its bytes have to confirm.
    """
    name = name[-_NAME_LIMIT:]
    extension = extension_of(name)
    if not extension:
        return None
    if extension in COMPRESSED:
        before = extension_of(name[: -len(extension) - 1])
        inside = _text(name, _TEXT[before]) if before in _TEXT else _EXTENSIONS.get(before)
        if inside and inside.media is MediaClass.TRANSCRIPT and before in _TEXT:
            return replace(inside, sure=False)
        sought = inside is not None and inside.media in _SOUGHT
        return Claim(MediaClass.UNSETTLED, extension, sure=False) if sought else _EXTENSIONS[extension]
    if text_format := _TEXT.get(extension):
        return _text(name, text_format)
    if extension == _LOG and called_a_transcript(name):  # of a call, or of what transcribes it
        return Claim(MediaClass.UNSETTLED, None, sure=False)
    return _EXTENSIONS.get(extension)


def names_a_document(name: str) -> str | None:
    """The extension of a document that is called a transcript by its name or a folder; None for all other names.

    Nothing but these words speaks for it, so that it is no more than a suspicion. The transcripts of a university,
    which are grades, are left out where the name says so.
    """
    extension = extension_of(name)
    if extension in COMPRESSED:
        extension = extension_of(name[: -len(extension) - 1])
    return extension if extension in _DOCUMENTS and called_a_transcript(name) else None


def called_a_transcript(name: str) -> bool:
    """Whether a word of the path says so, and none says that it is one of grades."""
    name = name[-_NAME_LIMIT:]
    if not hints_at_transcript(name):
        return False
    said = unicodedata.normalize("NFC", name)  # some systems write an accent as a letter of its own
    return bool(_STRONG_HINT.search(said) or _CAPITAL_HINT.search(said)) and not _GRADES.search(said)


def settles_text(name: str) -> bool:
    """Whether a name says what text is of which the bytes leave that open: code, markup, or what programs come with."""
    extension = extension_of(name)
    claim = by_name(name[: -len(extension) - 1] if extension in COMPRESSED else name)
    known = claim is not None and claim.sure and claim.media is MediaClass.OTHER and claim.format is None
    return known or _PROGRAM_TEXT.match(name[-_NAME_LIMIT:].rpartition("/")[2]) is not None


def hints_at_transcript(name: str) -> bool:
    """Whether a word in the path may make more of an object than its extension does: quick, and true too often."""
    small = name.casefold()
    return any(stem in small for stem in _HINT_STEMS)


def settled_by_name(name: str) -> bool:
    """Whether reading the head would hardly change the class that the name gives.

    False for names without a known extension, containers that may hold sound alone, ambiguous extensions,
    and `.json`, the shape of most transcripts. It speaks of the class only: a head still makes the playing
    time of a recording exact.
    """
    claim = by_name(name)
    return claim is not None and claim.sure


def _text(name: str, text_format: str) -> Claim:
    """A text file: a transcript where the path says so, doubtful where it hints at one.

    A head of JSON may have a shape to know a transcript by; plain text has none, so that its name is all
    there is.
    """
    plain = text_format == "text"
    if _STRONG_HINT.search(unicodedata.normalize("NFC", name)):
        return Claim(MediaClass.TRANSCRIPT, text_format, sure=plain)
    if _WEAK_HINT.search(name):
        return Claim(MediaClass.UNSETTLED, text_format, sure=False)
    return Claim(MediaClass.OTHER, text_format, sure=plain)
