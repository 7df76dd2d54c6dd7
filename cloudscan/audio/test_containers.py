"""Sound told from video by tracks, whole and cut."""

import struct

import pytest

from cloudscan.audio import Recognition, further, recognise
from cloudscan.model import DurationMethod, Evidence, MediaClass


def answer(head: bytes, size: int | None = None, tail: bytes | None = None, name: str = "x") -> Recognition:
    return recognise(name, content_type=None, size=len(head) if size is None else size, head=head, tail=tail)


# --- ISO base media ---------------------------------------------------------------------------------------


def box(kind: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I", 8 + len(body)) + kind + body


def ftyp(brand: bytes = b"isom") -> bytes:
    return box(b"ftyp", brand, bytes(4))


def trak(handler: bytes, coding: bytes, padding: int = 0) -> bytes:
    stsd = box(b"stsd", bytes(4), struct.pack(">I", 1), box(coding, bytes(28)))
    stbl = box(b"stbl", stsd, box(b"stts", bytes(padding)))
    hdlr = box(b"hdlr", bytes(8), handler, bytes(13))
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"mdhd", bytes(24)), hdlr, box(b"minf", stbl)))


def moov(*traks: bytes, seconds: int = 3, next_track: int | None = None) -> bytes:
    following = len(traks) + 1 if next_track is None else next_track
    mvhd = box(b"mvhd", bytes(12), struct.pack(">II", 1000, seconds * 1000), bytes(76), struct.pack(">I", following))
    return box(b"moov", mvhd, *traks)


SOUND = trak(b"soun", b"alac")
PICTURE = trak(b"vide", b"avc1")
COVER = trak(b"vide", b"jpeg")
CAPTIONS = trak(b"text", b"tx3g")


@pytest.mark.parametrize(
    ("brand", "traks", "media", "media_format"),
    [
        (b"isom", (SOUND,), MediaClass.SPEECH, "m4a"),
        (b"3gp4", (SOUND,), MediaClass.SPEECH, "3gp-audio"),
        (b"qt  ", (SOUND,), MediaClass.SPEECH, "mov-audio"),
        (b"M4A ", (SOUND, COVER), MediaClass.SPEECH, "m4a"),
        (b"M4A ", (SOUND, PICTURE), MediaClass.VIDEO, "mp4"),
        (b"isom", (SOUND, CAPTIONS), MediaClass.SPEECH, "m4a"),
        (b"isom", (PICTURE, SOUND), MediaClass.VIDEO, "mp4"),
        (b"isom", (SOUND, PICTURE), MediaClass.VIDEO, "mp4"),
        (b"3gp4", (PICTURE,), MediaClass.VIDEO, "3gp"),
        (b"isom", (CAPTIONS,), MediaClass.OTHER, "mp4"),
    ],
)
def test_mp4_is_told_by_its_tracks(
    brand: bytes, traks: tuple[bytes, ...], media: MediaClass, media_format: str
) -> None:
    recognition = answer(ftyp(brand) + moov(*traks) + box(b"mdat", bytes(100)))
    assert (recognition.media, recognition.format, recognition.by) == (media, media_format, Evidence.SIGNATURE)


def test_mp4_states_its_time() -> None:
    recognition = answer(ftyp() + moov(SOUND) + box(b"mdat", bytes(100)))
    assert (recognition.codec, recognition.seconds) == ("alac", 3.0)
    assert recognition.seconds_by is DurationMethod.HEADER


def test_mp4_with_its_tracks_at_the_end_is_told_by_the_tail() -> None:
    data = ftyp() + box(b"mdat", bytes(200_000)) + moov(SOUND)
    assert answer(data[:4096], len(data)).media is MediaClass.UNSETTLED
    assert answer(data[:4096], len(data), data[-1024:]).media is MediaClass.SPEECH
    film = ftyp() + box(b"mdat", bytes(200_000)) + moov(SOUND, PICTURE)
    assert answer(film[:4096], len(film), film[-4096:]).media is MediaClass.VIDEO


def test_box_of_tracks_is_read_where_it_begins_however_long_it_is() -> None:
    long = moov(trak(b"soun", b"alac", padding=300_000))
    start = ftyp() + box(b"mdat", bytes(200_000))
    data = start + long + box(b"free", bytes(90))
    place = further(size=len(data), head=data[:4096], most=4096)
    assert place == (len(start), 4096)
    part = data[len(start) : len(start) + 4096]
    seen = recognise("x", content_type=None, size=len(data), head=data[:4096], tail=part, tail_start=len(start))
    assert (seen.media, seen.codec, seen.seconds) == (MediaClass.SPEECH, "alac", 3.0)
    # Of a recording by its brand the time is still open; where the tracks come first nothing is.
    assert further(size=90_000, head=(ftyp(b"M4A ") + box(b"mdat", bytes(80_000)))[:500], most=9) is not None
    front = ftyp() + moov(SOUND) + box(b"mdat", bytes(9000))
    assert further(size=len(front), head=front[:4096], most=4096) is None
    assert further(size=len(start), head=start[:4096], most=4096) is None
    assert further(size=None, head=data[:4096], most=4096) is None


def test_m4a_brand_is_speech_though_its_tracks_are_out_of_sight() -> None:
    data = ftyp(b"M4A ") + box(b"mdat", bytes(200_000)) + moov(SOUND)
    assert answer(data[:512], len(data)).media is MediaClass.SPEECH


def test_cut_mp4_is_speech_only_when_its_header_rules_out_further_tracks() -> None:
    long_sound = trak(b"soun", b"alac", padding=8000)
    alone = ftyp() + moov(long_sound)
    with_picture = ftyp() + moov(long_sound, PICTURE)
    assert answer(alone[:4096], len(alone)).media is MediaClass.SPEECH
    assert answer(with_picture[:4096], len(with_picture)).media is MediaClass.UNSETTLED
    unnumbered = ftyp() + moov(long_sound, box(b"udta"), next_track=0xFFFFFFFF)
    assert answer(unnumbered[:4096], len(unnumbered)).media is MediaClass.UNSETTLED


@pytest.mark.parametrize("cut", range(8, 600, 7))
def test_film_with_its_sound_first_is_never_speech_however_it_is_cut(cut: int) -> None:
    data = ftyp() + moov(SOUND, PICTURE) + box(b"mdat", bytes(100))
    assert answer(data[:cut], len(data)).media in (MediaClass.UNSETTLED, MediaClass.VIDEO)


def test_old_quicktime_without_a_brand_is_told_by_its_tracks() -> None:
    assert answer(moov(SOUND) + box(b"mdat", bytes(9))).format == "mov-audio"
    assert answer(b"\0\0\0\x10wide" + bytes(100)).media is MediaClass.UNSETTLED


def full_box(kind: bytes, flags: int, *words: int) -> bytes:
    return box(kind, struct.pack(">I", flags), struct.pack(f">{len(words)}I", *words))


@pytest.mark.parametrize(
    ("header", "run"),
    [
        (full_box(b"tfhd", 0x20008, 1, 1024, 0), full_box(b"trun", 0x205, 4, 0, 0, 9, 9, 9, 9)),
        (full_box(b"tfhd", 0x20000, 1, 0), full_box(b"trun", 0x1, 4, 0)),
        (full_box(b"tfhd", 0x20000, 1, 0), full_box(b"trun", 0x301, 4, 0, 1000, 9, 1000, 9, 1000, 9, 1096, 9)),
    ],
)
def test_fragmented_mp4_is_timed_by_its_last_fragment(header: bytes, run: bytes) -> None:
    track = trak(b"soun", b"alac").replace(box(b"mdhd", bytes(24)), full_box(b"mdhd", 0, 0, 0, 8000, 0, 0))
    extended = box(b"mvex", full_box(b"trex", 0, 1, 1, 1024, 0, 0))
    start = ftyp() + moov(track, extended, seconds=0, next_track=2)
    first, fragment = (
        box(b"moof", box(b"traf", header, full_box(b"tfdt", 0, begin), run)) + box(b"mdat", bytes(500))
        for begin in (0, 16_000)
    )
    data = start + first + box(b"mdat", bytes(70_000)) + fragment
    recognition = answer(data[:4096], len(data), data[-1000:])
    assert (recognition.media, recognition.seconds) == (MediaClass.SPEECH, (16_000 + 4096) / 8000)
    assert recognition.seconds_by is DurationMethod.HEADER
    cut = answer(data[:4096], len(data) - 100, data[-1000:-100])
    assert (cut.seconds, cut.seconds_by) == (16_000 / 8000, DurationMethod.HEADER)


def test_still_pictures_in_the_same_container_are_other() -> None:
    assert answer(ftyp(b"heic") + box(b"meta", bytes(100))).media is MediaClass.OTHER


# --- Matroska ---------------------------------------------------------------------------------------------


def element(number: int, *bodies: bytes, endless: bool = False) -> bytes:
    body = b"".join(bodies)
    size = b"\x01" + b"\xff" * 7 if endless else struct.pack(">Q", 1 << 56 | len(body))
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + size + body


def entry(kind: int, codec: bytes, private: int = 0) -> bytes:
    return element(0xAE, element(0x83, bytes([kind])), element(0x86, codec), element(0x63A2, bytes(private)))


def mkv(kind: bytes, *entries: bytes) -> bytes:
    info = element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40"), element(0x4489, struct.pack(">d", 4000.0)))
    head = element(0x1A45DFA3, element(0x4282, kind))
    cluster = element(0x1F43B675, element(0xE7, b"\0"))
    return head + element(0x18538067, info, element(0x1654AE6B, *entries), cluster, endless=True)


OPUS, VP8 = entry(2, b"A_OPUS"), entry(1, b"V_VP8")


@pytest.mark.parametrize(
    ("kind", "entries", "media", "media_format"),
    [
        (b"webm", (OPUS,), MediaClass.SPEECH, "webm-audio"),
        (b"matroska", (OPUS,), MediaClass.SPEECH, "matroska-audio"),
        (b"webm", (VP8, OPUS), MediaClass.VIDEO, "webm"),
        (b"matroska", (OPUS, VP8), MediaClass.VIDEO, "matroska"),
        (b"webm", (entry(17, b"S_TEXT/UTF8"),), MediaClass.OTHER, "webm"),
        (b"other", (OPUS,), MediaClass.OTHER, "ebml"),
    ],
)
def test_matroska_is_told_by_its_tracks(
    kind: bytes, entries: tuple[bytes, ...], media: MediaClass, media_format: str
) -> None:
    recognition = answer(mkv(kind, *entries), size=100_000)
    assert (recognition.media, recognition.format) == (media, media_format)


def test_matroska_states_its_time() -> None:
    recognition = answer(mkv(b"webm", OPUS), size=100_000)
    assert (recognition.codec, recognition.seconds) == ("opus", 4.0)
    assert recognition.seconds_by is DurationMethod.HEADER


def test_live_recording_is_timed_by_its_last_block() -> None:
    def cluster(begin: int, after: int) -> bytes:
        block = element(0xA3, b"\x81" + struct.pack(">hB", after, 0x80) + bytes(50))
        return element(0x1F43B675, element(0xE7, struct.pack(">H", begin)), block, block, endless=True)

    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    live = head + element(0x18538067, element(0x1654AE6B, OPUS), cluster(0, 60), cluster(5000, 940), endless=True)
    assert further(size=len(live), head=live[:200], most=150) == (len(live) - 150, 150)
    recognition = answer(live[:200], len(live), live[-150:])
    assert (recognition.media, recognition.seconds) == (MediaClass.SPEECH, 5.94)
    assert recognition.seconds_by is DurationMethod.HEADER


def test_cut_matroska_is_speech_only_when_no_track_can_follow() -> None:
    vorbis = entry(2, b"A_VORBIS", private=5000)
    assert answer(mkv(b"webm", vorbis)[:4096], size=100_000).media is MediaClass.SPEECH
    assert answer(mkv(b"webm", vorbis, VP8)[:4096], size=100_000).media is MediaClass.UNSETTLED


# --- Ogg --------------------------------------------------------------------------------------------------


def page(packet: bytes, stream: int, flags: int = 0, position: int = 0, number: int = 0) -> bytes:
    header = b"OggS\0" + bytes([flags]) + struct.pack("<QII", position, stream, number)
    lengths = [255] * (len(packet) // 255) + [len(packet) % 255]
    body = bytes([len(lengths), *lengths]) + packet
    return header + struct.pack("<I", checksum(header + bytes(4) + body)) + body


def checksum(data: bytes) -> int:
    """The remainder by 0x04C11DB7, bit for bit."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value


OPUS_HEAD = b"OpusHead\x01\x01" + struct.pack("<H", 312) + struct.pack("<I", 8000) + bytes(3)
OPUS_SECOND = b"\x4b\x32" + bytes(898)  # 50 frames of 20 ms
THEORA_HEAD = b"\x80theora\x03\x02\x01" + bytes(30)


def test_ogg_is_told_by_its_first_pages() -> None:
    sound = page(OPUS_HEAD, 1, flags=2)
    picture = page(THEORA_HEAD, 2, flags=2)
    comments = page(b"OpusTags" + bytes(20), 1)
    assert answer(sound + comments, 9999).format == "ogg-opus"
    assert answer(sound + picture + comments, 9999).media is MediaClass.VIDEO
    assert answer(picture + sound + comments, 9999).media is MediaClass.VIDEO
    assert answer(sound, 9999).media is MediaClass.UNSETTLED
    assert answer(page(b"unheard of", 1, flags=2) + comments, 9999).media is MediaClass.UNSETTLED


def test_opus_time_is_that_of_its_own_last_page_less_what_is_skipped() -> None:
    head = page(OPUS_HEAD, 1, flags=2) + page(b"unheard of", 7, flags=2) + page(b"OpusTags" + bytes(20), 1)
    tail = page(bytes(100), 1, position=48_312) + page(b"x", 7, position=9_999_999)
    recognition = answer(head, 60_000, tail)
    assert (recognition.seconds, recognition.seconds_by) == (1.0, DurationMethod.HEADER)


def test_opus_without_a_tail_is_estimated_from_the_pages_seen() -> None:
    first = page(OPUS_HEAD, 1, flags=2) + page(b"OpusTags" + bytes(20), 1)
    sound = page(OPUS_SECOND, 1, position=312 + 48_000)
    recognition = answer(first + sound, len(first) + len(sound) * 10)
    assert (recognition.seconds, recognition.seconds_by) == (10.0, DurationMethod.ESTIMATE)


# --- ASF --------------------------------------------------------------------------------------------------

SOUND_STREAM = bytes.fromhex("409E69F84D5BCF11A8FD00805F5C442B")
VIDEO_STREAM = bytes.fromhex("C0EF19BC4D5BCF11A8FD00805F5C442B")


def asf_object(identifier: str, body: bytes) -> bytes:
    return bytes.fromhex(identifier) + struct.pack("<Q", 24 + len(body)) + body


def asf(*streams: bytes, rate: int = 4000) -> bytes:
    properties = bytes(40) + struct.pack("<QQQI", 53_000_000, 0, 3000, 2) + bytes(12)
    objects = asf_object("A1DCAB8C47A9CF118EE400C00C205365", properties)
    for stream in streams:
        body = stream + bytes(38) + struct.pack("<HHII", 0x161, 1, 8000, rate)
        objects += asf_object("9107DCB7B7A9CF118EE600C00C205365", body)
    magic = bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C")
    return magic + struct.pack("<QIH", 30 + len(objects), 1 + len(streams), 0) + objects


def test_asf_is_told_by_its_streams() -> None:
    sound = answer(asf(SOUND_STREAM), 50_000)
    assert (sound.media, sound.format, sound.codec) == (MediaClass.SPEECH, "wma", "wma2")
    assert (sound.seconds, sound.seconds_by) == (2.3, DurationMethod.HEADER)
    assert answer(asf(SOUND_STREAM, VIDEO_STREAM), 50_000).media is MediaClass.VIDEO


def test_cut_asf_is_unsettled() -> None:
    data = asf(SOUND_STREAM, VIDEO_STREAM)
    assert answer(data[:-100], 50_000).media is MediaClass.UNSETTLED


# --- the rest ---------------------------------------------------------------------------------------------


def test_transport_stream_is_left_unsettled_and_says_what_it_is() -> None:
    recognition = answer((b"\x47" + bytes(187)) * 4, name="segment.ts")
    assert (recognition.media, recognition.format) == (MediaClass.UNSETTLED, "mpeg-ts")


@pytest.mark.parametrize("head", [b"\0\0\x01\xba", b"FLV\x01\x05\0\0\0\x09"])
def test_containers_of_video_are_video(head: bytes) -> None:
    assert answer(head + bytes(100)).media is MediaClass.VIDEO
