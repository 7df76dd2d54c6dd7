"""FFmpeg's opinion, in a child that may do little."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files

import pytest

from cloudscan.second_opinion import Opinion, Sparse, ask, available

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


def test_object_of_which_only_both_ends_were_read_ends_at_the_gap() -> None:
    sparse = Sparse(b"head", b"tail", 100)
    assert sparse.read(10) == b"head"
    assert sparse.read(10) == b""
    assert sparse.seek(-2, os.SEEK_END) == 98
    assert sparse.read(10) == b"il"
    assert sparse.tell() == 100
