from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from cloudscan.audio import Recognition
from cloudscan.audio.conftest import clips  # noqa: F401 - a fixture
from cloudscan.cli import cli
from cloudscan.identify import Identified, Tally, Window, identify, line
from cloudscan.model import DurationMethod, Evidence, MediaClass
from cloudscan.schemas import schema
from cloudscan.second_opinion import Opinion


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["identify", *map(str, words)])


def rows(result: Result) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in result.stdout.splitlines()]
    for row in found:
        Draft202012Validator(schema("identify-1")).validate(row)
    return found


@pytest.fixture
def folder(tmp_path: Path, clips: dict[str, bytes]) -> Path:  # noqa: F811 - the fixture of that name
    for name in ("hold.wav", "agent-screen.mp4", "silent-screen.mp4", "invoice-moov-last.m4a"):
        (tmp_path / name).write_bytes(clips[name])
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.raw").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "deep" / "b.wav").write_bytes(clips["hold.wav"])
    return tmp_path


def test_each_file_is_a_line_of_json(folder: Path) -> None:
    result = run(folder, "-f", "json")
    found = {Path(row["path"]).name: row for row in rows(result)}
    assert result.exit_code == 0
    assert {name: row["class"] for name, row in found.items()} == {
        "a.raw": "speech",
        "agent-screen.mp4": "video",
        "b.wav": "speech",
        "hold.wav": "speech",
        "invoice-moov-last.m4a": "speech",
        "silent-screen.mp4": "video",
    }
    wav = found["hold.wav"]
    assert (wav["format"], wav["codec"], wav["method"], wav["confidence"]) == ("wav", "pcm", "header", "high")
    assert (found["a.raw"]["evidence"], found["a.raw"]["confidence"]) == ("suspicion", "low")
    assert (found["agent-screen.mp4"]["sound"], found["silent-screen.mp4"]["sound"]) == (True, False)


def test_tail_is_read_where_the_head_asks_for_it_or_the_user_does(folder: Path) -> None:
    long = folder / "long.mp4"
    data = (folder / "invoice-moov-last.m4a").read_bytes()
    long.write_bytes(data)
    assert rows(run(long, "-f", "json"))[0]["class"] == "speech"
    assert rows(run(long, "--head", "64", "--tail", "0", "-f", "json"))[0]["evidence"] == "name"
    assert rows(run(long, "--head", "64", "--tail", "3000", "-f", "json"))[0]["evidence"] == "signature"


def test_terminal_shows_hostile_names_as_they_are(folder: Path) -> None:
    (folder / "\x1b[31mred\u202e.wav").write_bytes((folder / "hold.wav").read_bytes())
    result = run(folder)
    assert "\x1b" not in result.stdout
    assert "\\x1b[31mred\\u202e.wav" in result.stdout
    assert "with sound" in result.stdout
    assert "7 files: 5 speech, 2 video; speech plays" in result.stderr
    assert "1 of it only suspected" in result.stderr


def test_what_cannot_be_read_is_said_and_counted(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "gone").symlink_to(folder / "nowhere")
    result = run(folder, "-f", "json")
    faults = {Path(row["path"]).name: row["error"] for row in rows(result) if "error" in row}
    assert faults == {"gone": "no such file or directory", "pipe": "not a regular file"}
    assert result.exit_code == 3
    assert "not read" in result.stderr
    assert "2 unreadable" in result.stderr


def test_name_that_is_no_text_is_still_json(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff.wav")).write_bytes(b"RIFF")
    assert any("udcff" in row["path"] for row in rows(run(folder, "-f", "json")))


def test_no_such_file_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path / "none").exit_code == 2
    assert run().exit_code == 2


def test_sums_tell_exact_from_estimated_and_unknown(folder: Path) -> None:
    tally = Tally()
    for one in identify([folder], Window()):
        tally.add(one)
    assert (tally.files, tally.unreadable, tally.unknown, tally.suspected) == (6, 0, 1, 1)
    assert set(tally.seconds) >= {"header", "unknown"}
    tally.add(Identified("x", fault="permission denied"))
    assert tally.unreadable == 1


def test_guess_by_a_usual_rate_is_told_from_an_estimate() -> None:
    tally = Tally()
    for method in DurationMethod:
        seconds = None if method is DurationMethod.UNKNOWN else 3600.0
        seen = Recognition(MediaClass.SPEECH, "mp3", "mp3", Evidence.SIGNATURE, seconds, method, None)
        tally.add(Identified("x", 1, seen))
    assert "plays 1.00 h exact, 1.00 h estimated, 1.00 h guessed by a usual rate, 1 of unknown length" in str(tally)


def test_hours_that_are_none_have_no_sign() -> None:
    tally = Tally()
    for method in (*[DurationMethod.HEADER] * 3, DurationMethod.TYPICAL_RATE):
        seen = Recognition(MediaClass.SPEECH, "wav", "pcm", Evidence.SIGNATURE, 0.1, method, None)
        tally.add(Identified("x", 1, seen))
    assert "0.00 h exact, 0.00 h estimated" in str(tally)


def test_what_a_scan_says_by_the_name_alone_stands_beside(folder: Path) -> None:
    for name in ("photo.png", "call.bin", "plain.wav"):
        (folder / name).write_bytes((folder / "hold.wav").read_bytes())
    found = {Path(row["path"]).name: row for row in rows(run(folder, "-f", "json"))}
    told = {name: (row["class"], row["by_name"]["class"], row["opened_by_sniff"]) for name, row in found.items()}
    assert told["photo.png"] == ("speech", "other", False)
    assert told["call.bin"] == ("speech", "unsettled", True)
    assert told["plain.wav"] == ("speech", "speech", True)
    assert told["a.raw"] == ("speech", "speech", True)
    assert told["silent-screen.mp4"] == ("video", "video", True)
    assert (found["plain.wav"]["by_name"]["method"], found["plain.wav"]["method"]) == ("typical-rate", "header")
    shown = {Path(line.split(" (")[0]).name: line for line in run(folder).stdout.splitlines()}
    assert shown["photo.png"].endswith("(by its name alone: other; not opened by --sniff)")
    assert "by its name" not in shown["plain.wav"]


def test_terminal_says_that_ffmpeg_agrees() -> None:
    seen = Recognition(MediaClass.SPEECH, "mp3", "mp3", Evidence.SIGNATURE, 1.0, DurationMethod.HEADER, None)
    for media, words in (("speech", "(FFmpeg: the same)"), ("video", "(FFmpeg: video)"), (None, "(FFmpeg: no stream)")):
        second = Opinion(media, None, None, None, "no stream" if media is None else None)
        assert line(Identified("x", 1, seen, second=second)).endswith(words)
