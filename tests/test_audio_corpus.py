"""The targets of recognition, on the corpus of `make corpus` where it was made."""

from __future__ import annotations

import pytest

from bench.recognition import CORPUS, corpus, ours, scored

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
