"""Whatever the bytes and strings: an answer, soon, and the same again."""

import bz2
import gzip
import lzma
import random
import time
from collections.abc import Callable
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.audio import HEAD_LIMIT, Recognition, further, recognise
from cloudscan.audio.signatures import _ARCHIVES, _MAGICS, _READERS
from cloudscan.model import DurationMethod, MediaClass

MAGICS = [
    *(magic for magic, _ in _READERS),
    *_MAGICS,
    *(magic for magic, _ in _ARCHIVES),
    b"BZh91AY&SY",
    b"\0\0\0\x18ftypisom",
    bytes(257) + b"ustar",
    b"RIFF\0\0\0\0AVI LIST",
    b'{"results":',
    b"WEBVTT",
    b"1\n00:00",
]
CLIPS = sorted(
    entry.read_bytes() for entry in (files("cloudscan") / "demo" / "clips").iterdir() if entry.name != "CLIPS.md"
)


def check_promises(answer: Recognition) -> None:
    """What every answer keeps to, right or wrong."""
    assert (answer.seconds is None) == (answer.seconds_by is DurationMethod.UNKNOWN)
    assert answer.seconds is None or 0 <= answer.seconds < float("inf")
    assert answer.redacted is None or answer.media is MediaClass.TRANSCRIPT


@st.composite
def mutated_clips(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(CLIPS)))
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, min(len(data), 1024) - 1))
        data[at] = draw(st.integers(0, 255))
    start = draw(st.sampled_from([0, 0, 0, 1, 4, 44]))
    return bytes(data[start : start + draw(st.integers(0, 5000))])


@st.composite
def packed(draw: st.DrawFn) -> bytes:
    """A clip that was packed, then cut and changed in a few places."""
    packs: list[Callable[[bytes], bytes]] = [gzip.compress, bz2.compress, lzma.compress]
    data = bytearray(draw(st.sampled_from(packs))(draw(mutated_clips())))
    for _ in range(draw(st.integers(0, 3))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(1, len(data)))])


HEADS = st.one_of(
    st.binary(max_size=600),
    st.tuples(st.sampled_from(MAGICS), st.binary(max_size=600)).map(b"".join),
    mutated_clips(),
    packed(),
)


@given(
    name=st.text(max_size=60),
    content_type=st.none() | st.text(max_size=40) | st.sampled_from(["audio/wav", "video/mp4", "text/plain"]),
    size=st.none() | st.integers(0, 1 << 63) | st.integers(0, 5000),
    head=st.none() | HEADS,
    tail=st.none() | HEADS,
    start=st.none() | st.integers(0, 6000),
)
@settings(max_examples=1500, deadline=None)
def test_any_input_gets_the_same_answer_twice(
    name: str, content_type: str | None, size: int | None, head: bytes | None, tail: bytes | None, start: int | None
) -> None:
    first = recognise(name, content_type=content_type, size=size, head=head, tail=tail, tail_start=start)
    check_promises(first)
    assert recognise(name, content_type=content_type, size=size, head=head, tail=tail, tail_start=start) == first
    place = further(size=size, head=head or b"", most=512)
    assert place is None or (size is not None and 0 <= place[0] < size and 0 < place[1] <= 512)


def test_random_bytes_are_nothing() -> None:
    chance = random.Random(4)  # noqa: S311 - no secret, the same bytes each time
    heads = (chance.randbytes(chance.randrange(16, 4096)) for _ in range(1000))
    answers = {recognise("object", content_type=None, size=len(head), head=head).media for head in heads}
    assert answers == {MediaClass.UNSETTLED}


@pytest.mark.parametrize(
    "unit",
    [
        b'"',
        b'\\"',
        b'"\\',
        b'"a": ',
        b"{",
        b" ",
        b"OggS\0" + bytes(22),
        b"\0\0\0\x08free",
        b"\0\0\0\x08moov",
        b"\xff\xe3\x18\xc4" + bytes(68),
        b"\xec\x80",
        b"ID3\x04\0\0\0\0\0\0",
        b"1",
        b"G" + bytes(187),
        b"\x56\xe0\0",
        b"\x0b\x77\0\0\0\x40" + bytes(122),
        b"LIST\0\0\0\0    ",
        b"PK\3\4" + bytes(26),
        bytes(124) + b"0" * 12 + bytes(121) + b"ustar" + bytes(250),
        b"moof" + b"tfhdtfdttrun\0\0\1\xff" + b"\xff" * 8,
    ],
)
@pytest.mark.parametrize("magic", [b"", b"{", b"OggS\0\2", b"\0\0\0\x18ftypisom" + bytes(12), b"\x1aE\xdf\xa3\x80"])
def test_hostile_repetition_is_answered_in_time(unit: bytes, magic: bytes) -> None:
    data = magic + unit * (HEAD_LIMIT * 16 // len(unit))
    started = time.process_time()
    check_promises(recognise("object", content_type=None, size=1 << 40, head=data, tail=data))
    assert time.process_time() - started < 1.0  # a second is a hundred times what it takes


def test_long_strings_are_answered_in_time() -> None:
    started = time.process_time()
    recognise("a/" * 5_000_000 + "." * 1000, content_type="x/" * 5_000_000, size=None, head=None)
    assert time.process_time() - started < 1.0
