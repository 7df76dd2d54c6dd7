"""One answer from name, content type, size and bytes."""

import io
import wave

import pytest

from cloudscan.audio import TYPICAL_BITS_PER_SECOND, USUAL_BITS_PER_SECOND, Recognition, recognise
from cloudscan.model import DurationMethod, Evidence, MediaClass

CLIPS = {
    "hold.wav": ("wav", "pcm"),
    "order-mulaw.wav": ("wav", "mulaw"),
    "invoice.mp3": ("mp3", "mp3"),
    "hold.flac": ("flac", "flac"),
    "invoice.opus": ("ogg-opus", "opus"),
    "invoice.ogg": ("ogg-vorbis", "vorbis"),
    "invoice.m4a": ("m4a", "aac"),
    "invoice-moov-last.m4a": ("m4a", "aac"),
    "invoice.webm": ("webm-audio", "opus"),
    "invoice.amr": ("amr", "amr-nb"),
    "hold.aiff": ("aiff", "pcm"),
    "order.au": ("au", "mulaw"),
    "invoice.aac": ("aac", "aac"),
}
FILMS = ("agent-screen.mp4", "silent-screen.mp4")
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(64)


def by_bytes(data: bytes, head: int, tail: int = 0) -> Recognition:
    return recognise(
        "object",
        content_type=None,
        size=len(data),
        head=data[:head],
        tail=data[-tail:] if tail else None,
    )


def test_every_clip_has_an_expectation(clips: dict[str, bytes]) -> None:
    assert set(clips) == set(CLIPS) | set(FILMS)


@pytest.mark.parametrize("name", CLIPS)
def test_clip_is_speech_by_its_first_4_kib(name: str, clips: dict[str, bytes]) -> None:
    answer = by_bytes(clips[name], 4096)
    assert (answer.media, answer.by) == (MediaClass.SPEECH, Evidence.SIGNATURE)
    assert (answer.format, answer.codec) == CLIPS[name]


def test_only_the_clip_with_its_tracks_at_the_end_needs_more_than_512_bytes(clips: dict[str, bytes]) -> None:
    missed = {name for name in CLIPS if by_bytes(clips[name], 512).media is not MediaClass.SPEECH}
    assert missed == {"invoice-moov-last.m4a"}
    data = clips["invoice-moov-last.m4a"]
    assert by_bytes(data, 512).media is MediaClass.UNSETTLED
    assert by_bytes(data, 512).format == "mp4"
    assert by_bytes(data, 512, tail=2048).media is MediaClass.SPEECH


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize("head", [512, 4096, 65536])
def test_film_is_video_whether_it_has_sound_or_not(name: str, head: int, clips: dict[str, bytes]) -> None:
    answer = by_bytes(clips[name], head)
    assert (answer.media, answer.format, answer.by) == (MediaClass.VIDEO, "mp4", Evidence.SIGNATURE)


@pytest.mark.parametrize("name", [*CLIPS, *FILMS])
def test_clip_lasts_as_long_as_it_decodes_to(
    name: str, clips: dict[str, bytes], decoded_seconds: dict[str, float]
) -> None:
    answer = by_bytes(clips[name], 65536)
    assert answer.seconds_by is DurationMethod.HEADER
    assert answer.seconds == pytest.approx(decoded_seconds[name], abs=0.15)


def test_wav_time_agrees_with_the_standard_library(clips: dict[str, bytes]) -> None:
    with wave.open(io.BytesIO(clips["hold.wav"])) as reader:
        expected = reader.getnframes() / reader.getframerate()
    assert by_bytes(clips["hold.wav"], 512).seconds == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize("name", ["invoice.aac", "invoice.amr"])
def test_frames_seen_in_part_give_an_estimate(
    name: str, clips: dict[str, bytes], decoded_seconds: dict[str, float]
) -> None:
    answer = by_bytes(clips[name], 1024)
    assert answer.seconds_by is DurationMethod.ESTIMATE
    assert answer.seconds == pytest.approx(decoded_seconds[name], rel=0.5)


def test_ogg_is_exact_with_its_tail_and_an_estimate_without(
    clips: dict[str, bytes], decoded_seconds: dict[str, float]
) -> None:
    data = clips["invoice.ogg"]
    assert by_bytes(data, 4096).seconds_by is DurationMethod.ESTIMATE
    answer = by_bytes(data, 512, tail=4096)
    assert answer.seconds_by is DurationMethod.HEADER
    assert answer.seconds == pytest.approx(decoded_seconds["invoice.ogg"], abs=0.05)


def test_head_that_contradicts_the_name_wins() -> None:
    answer = recognise("calls/1.wav", content_type="audio/wav", size=len(PNG), head=PNG)
    assert (answer.media, answer.format, answer.by) == (MediaClass.OTHER, "png", Evidence.SIGNATURE)
    assert (answer.seconds, answer.seconds_by) == (None, DurationMethod.UNKNOWN)


def test_sound_behind_a_harmless_name_is_found(clips: dict[str, bytes]) -> None:
    data = clips["invoice.mp3"]
    answer = recognise("holiday.png", content_type="image/png", size=len(data), head=data)
    assert (answer.media, answer.by) == (MediaClass.SPEECH, Evidence.SIGNATURE)


def test_error_page_saved_as_a_recording_is_no_recording() -> None:
    head = b"<html><body>404 Not Found</body></html>"
    answer = recognise("calls/1.wav", content_type=None, size=len(head), head=head)
    assert (answer.media, answer.format) == (MediaClass.OTHER, "text")


def test_head_that_says_nothing_leaves_of_the_name_a_suspicion() -> None:
    head = bytes(range(128, 256)) * 4
    answer = recognise("calls/1.wav", content_type=None, size=32_000, head=head)
    assert (answer.media, answer.format, answer.by) == (MediaClass.SPEECH, "wav", Evidence.SUSPICION)
    assert recognise("calls/1.wav", content_type=None, size=32_000, head=head[:20]).by is Evidence.NAME
    assert recognise("calls/1", content_type=None, size=512, head=head).media is MediaClass.UNSETTLED


@pytest.mark.parametrize(
    ("name", "content_type", "media", "by"),
    [
        ("a.wav", None, MediaClass.SPEECH, Evidence.NAME),
        ("a.wav", "binary/octet-stream", MediaClass.SPEECH, Evidence.NAME),
        ("a.wav", "", MediaClass.SPEECH, Evidence.NAME),
        ("a.wav", "text/plain", MediaClass.SPEECH, Evidence.NAME),
        ("a", "Audio/WAV; codecs=1", MediaClass.SPEECH, Evidence.CONTENT_TYPE),
        ("a.png", "audio/wav", MediaClass.SPEECH, Evidence.CONTENT_TYPE),
        ("a.mp4", "audio/mp4", MediaClass.SPEECH, Evidence.CONTENT_TYPE),
        ("a.mp4", None, MediaClass.VIDEO, Evidence.NAME),
        ("a", "video/webm", MediaClass.VIDEO, Evidence.CONTENT_TYPE),
        ("a", "text/plain", MediaClass.OTHER, Evidence.CONTENT_TYPE),
        ("a.json", "application/json", MediaClass.OTHER, Evidence.CONTENT_TYPE),
        ("a.vtt", "text/plain", MediaClass.TRANSCRIPT, Evidence.NAME),
        ("transcripts/a.json", "application/json", MediaClass.TRANSCRIPT, Evidence.NAME),
        ("a.png", None, MediaClass.OTHER, Evidence.NAME),
        ("a.mid", "audio/midi", MediaClass.OTHER, Evidence.CONTENT_TYPE),
        ("a.ts", "video/mp2t", MediaClass.UNSETTLED, Evidence.NONE),
        ("a", "application/octet-stream", MediaClass.UNSETTLED, Evidence.NONE),
        ("a.wav.gpg", None, MediaClass.UNSETTLED, Evidence.NONE),
        ("", None, MediaClass.UNSETTLED, Evidence.NONE),
    ],
)
def test_without_a_head_the_type_speaks_before_the_name(
    name: str, content_type: str | None, media: MediaClass, by: Evidence
) -> None:
    answer = recognise(name, content_type=content_type, size=1000, head=None)
    assert (answer.media, answer.by) == (media, by)


def test_container_out_of_sight_is_settled_by_the_name_but_keeps_its_format(clips: dict[str, bytes]) -> None:
    head = clips["invoice-moov-last.m4a"][:512]
    answer = recognise("1.m4a", content_type=None, size=500_000, head=head)
    assert (answer.media, answer.format, answer.by) == (MediaClass.SPEECH, "mp4", Evidence.NAME)
    assert recognise("1.png", content_type=None, size=500_000, head=head).media is MediaClass.UNSETTLED


def test_empty_object_holds_nothing() -> None:
    answer = recognise("calls/1.wav", content_type="audio/wav", size=0, head=b"")
    assert (answer.media, answer.format, answer.by) == (MediaClass.OTHER, "empty", Evidence.SIGNATURE)


def test_typescript_is_neither_sound_nor_video() -> None:
    head = b"import { call } from './call';\n\nexport const speech = 1;\n"
    answer = recognise("src/call.ts", content_type="video/mp2t", size=len(head), head=head)
    assert (answer.media, answer.by) == (MediaClass.OTHER, Evidence.SIGNATURE)


def test_guessed_time_is_told_from_an_estimated_one() -> None:
    guess = recognise("1.wav", content_type=None, size=160_000, head=None)
    assert (guess.seconds, guess.seconds_by) == (10.0, DurationMethod.TYPICAL_RATE)
    fixed = recognise("1.gsm", content_type=None, size=16_500, head=None)
    assert (fixed.seconds, fixed.seconds_by) == (10.0, DurationMethod.ESTIMATE)
    assert recognise("1.wav", content_type=None, size=None, head=None).seconds is None
    assert recognise("1.mp4", content_type=None, size=160_000, head=None).seconds is None


def test_object_that_grew_since_it_was_listed_is_still_recognised(clips: dict[str, bytes]) -> None:
    for listed in (0, 10):
        answer = recognise("1", content_type=None, size=listed, head=clips["hold.wav"][:512])
        assert (answer.media, answer.seconds) == (MediaClass.SPEECH, 0.742)


def test_usual_rate_lies_between_what_its_format_commonly_takes() -> None:
    assert set(USUAL_BITS_PER_SECOND) == set(TYPICAL_BITS_PER_SECOND)
    for name, (least, most) in USUAL_BITS_PER_SECOND.items():
        assert least <= TYPICAL_BITS_PER_SECOND[name] <= most, name
