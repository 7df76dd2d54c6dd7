"""The targets of recognition, on the corpus of `make corpus` where it was made."""

from __future__ import annotations

import pytest

from bench.recognition import CORPUS, corpus, ours, scored
from cloudscan.audio import recognise

pytestmark = pytest.mark.skipif(
    not (CORPUS / "truth.jsonl").exists(), reason="the corpus of recordings was not made: make corpus"
)
KIB = 1024


@pytest.mark.parametrize(
    ("head", "tail", "recall", "timed"), [(4 * KIB, 0, 0.90, 0.0), (64 * KIB, 64 * KIB, 0.95, 0.95)]
)
def test_targets_are_met(head: int, tail: int, recall: float, timed: float) -> None:
    score = scored(ours, corpus(), head, tail)
    assert score.right["headered"] >= recall * score.of["headered"] > 0
    assert score.timed_right >= timed * score.timed
    assert (score.video_as_audio, score.as_video) == (0, 0)
    assert score.right["negative"] == score.of["negative"]
    assert score.right["hostile"] == score.of["hostile"]


@pytest.mark.parametrize("share", [0.4, 0.6])
def test_no_cut_recording_is_said_to_play_as_long_as_its_header_states(share: float) -> None:
    """By the ends of 64 KiB. A page of Ogg or a packet of a stream may play on behind where its share ends.

    A block of WavPack may be longer than both ends, and then nothing shows that others should follow.
    """
    wrong = []
    for truth, data in corpus():
        if truth["kind"] != "headered" or (truth["seconds"] or 0) < 5 or truth["format"] == "wavpack":
            continue
        cut = data[: int(len(data) * share)]
        seen = recognise("object", content_type=None, size=len(cut), head=cut[: 64 * KIB], tail=cut[-64 * KIB :])
        if seen.seconds_by == "header" and (seen.seconds or 0) > (share + 0.2) * truth["seconds"]:
            wrong.append((truth["path"], seen.seconds, truth["seconds"]))
    assert not wrong
