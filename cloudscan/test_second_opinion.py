"""FFmpeg's opinion, in a child that may do little."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from cloudscan.identify import Window, identify
from cloudscan.second_opinion import UNREAD, Opinion, Sparse, ask, available

pytestmark = pytest.mark.skipif(not available(), reason="PyAV is not installed: the extra media")


def clip(name: str) -> bytes:
    return (files("cloudscan") / "demo" / "clips" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "media", "codec"),
    [
        ("hold.wav", "speech", "pcm_s16le"),
        ("agent-screen.mp4", "video", "aac"),
        ("silent-screen.mp4", "video", None),
    ],
)
def test_opinion_on_a_whole_file(name: str, media: str, codec: str | None) -> None:
    data = clip(name)
    opinion = ask(data, b"", len(data))
    assert (opinion.media, opinion.codec, opinion.error) == (media, codec, None)


def test_what_is_no_media_is_an_error_and_no_crash() -> None:
    assert ask(b"\x00\x01" * 500, b"", 1000).error is not None


def test_time_has_an_end() -> None:
    assert ask(clip("hold.wav"), b"", 100, wall_seconds=0.001) == Opinion(error="no answer in time")


def test_a_playlist_opens_nothing() -> None:
    here = str(files("cloudscan") / "demo" / "clips" / "hold.wav")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{here}\n#EXT-X-ENDLIST\n".encode()
    assert ask(playlist, b"", len(playlist)).error is not None
    listed = f"ffconcat version 1.0\nfile '{here}'\n".encode()
    assert ask(listed, b"", len(listed)).error is not None


def test_child_can_open_no_file_and_no_socket() -> None:
    code = (
        "import socket\nfrom cloudscan.second_opinion import _give_up_rights\n_give_up_rights()\n"
        "for tried in (lambda: open('/etc/hostname'), socket.socket):\n"
        "    try:\n        tried()\n        print('opened')\n    except OSError:\n        print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\nrefused\n"


def test_memory_is_bounded() -> None:
    code = "from cloudscan.second_opinion import _give_up_rights\n_give_up_rights()\nbytearray(2 << 30)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr


def test_object_of_which_only_both_ends_were_read_ends_at_a_long_gap() -> None:
    sparse = Sparse(b"head", b"tail", 1_000_000)
    assert sparse.read(10) == b"head"
    assert not sparse.missed
    assert sparse.read(10) == b""
    assert sparse.missed
    assert sparse.seek(-2, os.SEEK_END) == 999_998
    assert sparse.read(10) == b"il"
    assert sparse.tell() == 1_000_000


def test_short_gap_is_read_over_as_zeros() -> None:
    sparse = Sparse(b"head", b"part", 100, 10)
    assert sparse.read(20) == b"head"
    assert sparse.read(20) == bytes(6)
    assert sparse.read(20) == b"part"
    assert sparse.read(200) == bytes(86)
    assert sparse.read(20) == b""
    assert sparse.missed


def free(size: int) -> bytes:
    return struct.pack(">I", size) + b"free" + bytes(size - 8)


def late_tracks(gap: int, behind: int = 0) -> tuple[bytes, int]:
    """A recording whose tracks begin a gap behind its samples, and where they begin."""
    data = clip("invoice-moov-last.m4a")
    at = data.index(b"moov") - 4
    return data[:at] + free(gap) + data[at:] + (free(behind) if behind else b""), at + gap


@pytest.mark.parametrize("gap", [8_000, 20_000, 60_000, 300_000])
@pytest.mark.parametrize("behind", [0, 50_000])
def test_tracks_are_found_where_they_were_read(gap: int, behind: int) -> None:
    data, at = late_tracks(gap, behind)
    opinion = ask(data[:4096], data[at : at + 4096], len(data), tail_start=at)
    assert (opinion.media, opinion.codec, opinion.error) == ("speech", "aac", None)


@pytest.mark.parametrize("gap", [20_000, 300_000])
def test_what_lies_in_bytes_that_were_not_read_is_said_and_nothing_called_broken(gap: int) -> None:
    data, _ = late_tracks(gap)
    assert ask(data[:4096], b"", len(data)) == Opinion(error=UNREAD)
    broken = data[:4096]
    assert ask(broken, b"", len(broken)).error not in (None, UNREAD)


def test_huge_gap_takes_no_time() -> None:
    data, at = late_tracks(20_000)
    opinion = ask(data[:2000], data[at:], 1 << 40, tail_start=(1 << 40) - len(data[at:]))
    assert opinion == Opinion(error=UNREAD)


def test_file_of_which_only_a_part_is_read_gets_the_opinion_of_a_whole_one(tmp_path: Path) -> None:
    data, _ = late_tracks(20_000, 50_000)
    (tmp_path / "call.m4a").write_bytes(data)
    (one,) = identify([tmp_path / "call.m4a"], Window(second=True))
    assert one.second is not None
    assert (one.second.media, one.second.codec, one.second.error) == ("speech", "aac", None)
    (one,) = identify([tmp_path / "call.m4a"], Window(tail=0, second=True))
    assert one.second == Opinion(error=UNREAD)
