from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from cloudscan.audio import recognise
from cloudscan.audio.listings import NOTHING, Classes, Neighbours
from cloudscan.model import Evidence, MediaClass

EXTENSIONS = [
    "wav",
    "WAV",
    "mp3",
    "m4a",
    "mp4",
    "json",
    "txt",
    "raw",
    "ulaw",
    "wav.gz",
    "gz",
    "zip",
    "docx",
    "00017",
    "",
    ".",
]
TYPES = [
    None,
    "audio/wav",
    "audio/basic",
    "video/mp4",
    "application/json",
    "text/plain",
    "application/octet-stream",
    "",
]


class Row(NamedTuple):
    key: str
    size: int = 4000
    delete_marker: bool = False


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["calls/", "transcripts/", "asr/", "redacted-", "", "."]),
            st.text(max_size=4),
            st.sampled_from(EXTENSIONS),
            st.sampled_from(TYPES),
            st.integers(0, 2**40),
        ),
        max_size=30,
    )
)
def test_remembered_classes_are_those_of_a_fresh_look(
    names: list[tuple[str, str, str, str | None, int]],
) -> None:
    classes = Classes()
    for folder, stem, extension, content_type, size in names:
        key = f"{folder}{stem}.{extension}" if extension else folder + stem
        seen = recognise(key, content_type=content_type, size=size, head=None)
        fresh = (seen.media, seen.format, seen.by, seen.seconds, seen.seconds_by, seen.redacted)
        assert classes.of(key, size, content_type) == fresh


def test_a_name_that_says_little_is_suspected_beside_a_recording_of_its_folder() -> None:
    rows = [Row("calls/a.wav"), Row("calls/17.raw"), Row("docs/17.raw"), Row("calls/gone", 0, delete_marker=True)]
    near = Neighbours(rows, Classes())
    assert near.see(rows[1])[2] == Evidence.SUSPICION
    assert near.see(rows[2])[0] == MediaClass.UNSETTLED
    assert near.see(rows[3]) == NOTHING
