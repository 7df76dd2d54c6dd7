"""What an object's content type claims."""

from types import MappingProxyType
from typing import Final

from cloudscan.audio.media import Claim, claims
from cloudscan.model import MediaClass

_TYPE_LIMIT: Final = 256

# Format to subtypes.
_SPEECH: Final = MappingProxyType(
    {
        "wav": "wav x-wav wave vnd.wave x-pn-wav",
        "aiff": "aiff x-aiff",
        "caf": "x-caf",
        "au": "basic",
        "flac": "flac x-flac",
        "mp3": "mpeg mp3 mpeg3 x-mp3 x-mpeg x-mpeg-3 mpg x-mpg",
        "aac": "aac aacp x-aac vnd.dlna.adts",
        "m4a": "mp4 m4a x-m4a",
        "3gp-audio": "3gpp 3gpp2",
        "ogg": "ogg x-ogg vorbis",
        "ogg-opus": "opus",
        "ogg-speex": "speex x-speex",
        "webm-audio": "webm",
        "matroska-audio": "x-matroska",
        "wma": "x-ms-wma",
        "amr": "amr",
        "amr-wb": "amr-wb",
        "gsm": "gsm x-gsm",
        "g722": "g722",
        "g729": "g729",
        "mulaw": "pcmu x-mulaw",
        "alaw": "pcma x-alaw",
    }
)
_VIDEO: Final = MappingProxyType(
    {
        "mp4": "mp4 x-m4v",
        "webm": "webm",
        "3gp": "3gpp 3gpp2",
        "mov": "quicktime",
        "matroska": "x-matroska",
        "avi": "x-msvideo",
        "asf": "x-ms-wmv x-ms-asf",
        "ogg": "ogg",
        "flv": "x-flv",
        "mpeg-ps": "mpeg",
    }
)
_SCORES_AND_PLAYLISTS: Final = "midi x-midi mid sp-midi mobile-xmf mpegurl x-mpegurl x-scpls"
_OTHER_APPLICATIONS: Final = (
    "pdf zip gzip x-gzip x-tar x-bzip2 xml javascript parquet vnd.apache.parquet x-directory wasm"
)

_TYPES: Final = MappingProxyType(
    {f"audio/{subtype}": claim for subtype, claim in claims(MediaClass.SPEECH, _SPEECH).items()}
    | {f"video/{subtype}": claim for subtype, claim in claims(MediaClass.VIDEO, _VIDEO).items()}
    | {f"audio/{subtype}": Claim(MediaClass.OTHER, None) for subtype in _SCORES_AND_PLAYLISTS.split()}
    | {f"application/{subtype}": Claim(MediaClass.OTHER, None) for subtype in _OTHER_APPLICATIONS.split()}
    | {
        "text/vtt": Claim(MediaClass.TRANSCRIPT, "vtt"),
        "text/srt": Claim(MediaClass.TRANSCRIPT, "srt"),
        "application/x-subrip": Claim(MediaClass.TRANSCRIPT, "srt"),
        "application/ttml+xml": Claim(MediaClass.TRANSCRIPT, "ttml"),
        "application/json": Claim(MediaClass.OTHER, "json", sure=False),
        "application/x-ndjson": Claim(MediaClass.OTHER, "json", sure=False),
    }
)
_FAMILIES: Final = MappingProxyType(
    {
        "audio": Claim(MediaClass.SPEECH, None),
        "video": Claim(MediaClass.VIDEO, None),
        "image": Claim(MediaClass.OTHER, None),
        "font": Claim(MediaClass.OTHER, None),
        "model": Claim(MediaClass.OTHER, None),
        "text": Claim(MediaClass.OTHER, "text", sure=False),
    }
)
# Upload tools derive it from `.ts`, TypeScript included: it says no more than the name does.
_NO_EVIDENCE: Final = frozenset({"video/mp2t"})


def by_content_type(content_type: str | None) -> Claim | None:
    """What the content type claims; None for those that say nothing, as `application/octet-stream`."""
    bare = (content_type or "")[:_TYPE_LIMIT].partition(";")[0].strip().lower()
    family, slash, _ = bare.partition("/")
    if not slash or bare in _NO_EVIDENCE:
        return None
    return _TYPES.get(bare) or _FAMILIES.get(family)
