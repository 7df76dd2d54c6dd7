"""What is audio, by as much of a file as a scan reads: our recogniser and its peers on the corpus of `make corpus`."""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bench.document import Section, prose, table
from bench.processes import ROOT
from cloudscan.audio import recognise
from cloudscan.second_opinion import Sparse

CORPUS = ROOT / "corpus"
_TITLE, _COMMAND = "What is audio", "python bench/run.py --only audio"
WINDOWS = (("512 B", 512, 0), ("4 KiB", 4096, 0), ("64 KiB", 65_536, 0), ("64+64 KiB", 65_536, 65_536))
_SHARE, _SECONDS = 0.03, 0.15
"""A duration is right when it is off by no more than this share, or by no more than so many seconds."""

_COLUMNS = (
    "library",
    "read",
    "recall",
    "in archives",
    "video called audio",
    "video found",
    "others called audio",
    "hostile called audio",
    "durations right",
    "files/s",
)
Answer = tuple[str | None, float | None]
"""A class (speech or video, anything else counts as neither) and seconds."""
Ask = Callable[[bytes, bytes, int], Answer]


@dataclass(slots=True)
class Score:
    """What one library made of the corpus at one window."""

    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    video_as_audio: int = 0
    as_video: int = 0
    timed: int = 0
    timed_right: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    cpu: float = 0.0

    def add(self, truth: Mapping[str, Any], answer: Answer) -> None:
        """Count one file."""
        kind, (media, seconds) = truth["kind"], answer
        self.of[kind] += 1
        if kind in ("headered", "headerless", "contained"):
            self.right[kind] += media == "speech"
            if media != "speech" and kind == "headered":
                self.missed[truth["format"]] += 1
        elif kind == "video":
            self.right[kind] += media == "video"
            self.video_as_audio += media == "speech"
        else:
            self.right[kind] += media != "speech"
            self.as_video += media == "video"
        if kind == "headered" and truth["seconds"] is not None:
            self.timed += 1
            off = math.inf if seconds is None else abs(seconds - truth["seconds"])
            self.timed_right += off <= max(_SECONDS, _SHARE * truth["seconds"])

    def cells(self, *, tells_time: bool) -> Sequence[str]:
        """The columns of the table."""
        wrong = {kind: self.of[kind] - self.right[kind] for kind in ("negative", "hostile")}
        return (
            f"{self.right['headered'] / max(1, self.of['headered']):.3f}",
            f"{self.right['contained']} of {self.of['contained']}",
            f"{self.video_as_audio} of {self.of['video']}",
            f"{self.right['video']} of {self.of['video']}",
            f"{wrong['negative']} of {self.of['negative']}",
            f"{wrong['hostile']} of {self.of['hostile']}",
            f"{self.timed_right / max(1, self.timed):.3f}" if tells_time else "–",
            f"{sum(self.of.values()) / max(self.cpu, 1e-9):,.0f}",
        )


def audio(*, quick: bool) -> Section:
    """Ask each library about every file at every window, without the file's name."""
    if not (CORPUS / "truth.jsonl").exists():
        print(f"NOT MEASURED: {_TITLE}: no corpus; make corpus", file=sys.stderr, flush=True)
        return Section(_TITLE, _COMMAND, (prose("Not measured: the corpus was not there (`make corpus`)."),))
    files = corpus()[:: 20 if quick else 1]
    truths = [truth for truth, _ in files]
    rows, own = [], Score()
    for name, ask, tells_time in _libraries():
        for window, head, tail in WINDOWS:
            score = scored(ask, files, head, tail)
            own = score if ask is ours else own
            rows.append((name, window, *score.cells(tells_time=tells_time)))
    suspected = sum(_suspected(truth["path"], data) for truth, data in files if truth["kind"] == "headerless")
    missed = ", ".join(sorted(own.missed)) or "no format"
    return Section(
        _TITLE,
        _COMMAND,
        (
            _about(truths),
            table(_COLUMNS, rows),
            prose(
                f"""Of {own.of["headerless"]} recordings without a header (GSM, G.711, G.722, G.726, plain samples)
                {suspected} are suspected by their names and 4 KiB, and none is said to be one. cloudscan called
                {own.as_video} of the others and hostile a video; peers that decode pictures call those videos of one
                frame, which is not counted here."""
            ),
            prose(f"Missed by cloudscan at 64+64 KiB: {missed}."),
        ),
    )


def corpus() -> Sequence[tuple[Mapping[str, Any], bytes]]:
    """Return every file of the corpus with its note. Raises ``FileNotFoundError`` where there is none."""
    truths = [json.loads(line) for line in (CORPUS / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(truth, (CORPUS / truth["path"]).read_bytes()) for truth in truths]


def _about(truths: Sequence[Mapping[str, Any]]) -> str:
    kinds = Counter(truth["kind"] for truth in truths)
    formats = len({truth["format"] for truth in truths if truth["kind"] == "headered"})
    return prose(
        f"""The corpus of `make corpus`: {kinds["headered"]} recordings with a header in {formats} formats,
        {kinds["contained"]} in archives, {kinds["video"]} videos, {kinds["negative"]} files that are neither,
        {kinds["hostile"]} of random bytes behind the first bytes of a recording. Each library is given the first bytes
        of a file, or these and the last, and no name. A duration is right within {_SHARE:.0%} or {_SECONDS} s of what
        ffmpeg decodes; of those made by hand, of what went in. Files per second are of processor time. The corpus was
        made on
        the machine that measures, and the recogniser was written with it at hand: recall is a mean over formats, and
        says nothing of how often a format lies in clouds. Targets: at least 0.95 at 64+64 KiB and 0.90 at 4 KiB, no
        video called audio, none of the others called audio or video, durations right for 0.95."""
    )


def scored(ask: Ask, files: Sequence[tuple[Mapping[str, Any], bytes]], head: int, tail: int) -> Score:
    """Ask about every file by so much of its head and tail."""
    score = Score()
    for truth, data in files:
        parts = data[:head], data[-tail:] if tail else b""
        before = time.process_time()
        answer = ask(*parts, len(data))
        score.cpu += time.process_time() - before
        score.add(truth, answer)
    return score


def _suspected(path: str, data: bytes) -> bool:
    seen = recognise(path, content_type=None, size=len(data), head=data[:4096])
    assert seen.by != "signature", path
    return seen.media == "speech" and seen.by == "suspicion"


def ours(head: bytes, tail: bytes, size: int) -> Answer:
    """What cloudscan says, without a name."""
    seen = recognise("object", content_type=None, size=size, head=head, tail=tail)
    return seen.media, seen.seconds


def _libraries() -> Sequence[tuple[str, Ask, bool]]:
    """Name, question, and whether it tells durations; peers that are absent are left out aloud."""
    found: list[tuple[str, Ask, bool]] = [("**cloudscan**", ours, True)]
    for package, make, tells_time in (
        ("av", _av, True),
        ("python-magic", _magic, False),
        ("filetype", _filetype, False),
    ):
        try:
            found.append((f"{package} {version(package)}", make(), tells_time))
        except (ImportError, PackageNotFoundError):
            print(f"LEFT OUT: {package} is not installed (dependency group bench)", file=sys.stderr, flush=True)
    return found


def _av() -> Ask:
    import av

    from cloudscan.second_opinion import opinion

    av.logging.set_level(av.logging.PANIC)

    def ask(head: bytes, tail: bytes, size: int) -> Answer:
        try:
            answer = opinion(Sparse(head, tail, size))
        except (av.FFmpegError, OSError, ValueError):
            return None, None
        return answer["media"], answer["seconds"]

    return ask


def _magic() -> Ask:
    import magic

    reader = magic.Magic(mime=True)
    return lambda head, _, __: (_class_of(reader.from_buffer(head)), None)


def _filetype() -> Ask:
    import filetype

    return lambda head, _, __: (_class_of(filetype.guess_mime(head) or ""), None)


def _class_of(content_type: str) -> str | None:
    if content_type == "audio/midi":  # a score
        return None
    return {"audio": "speech", "video": "video"}.get(content_type.partition("/")[0])
