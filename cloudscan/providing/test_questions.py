from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cloudscan.providing.questions import Shared


def test_a_question_is_put_once_and_everybody_gets_its_answer() -> None:
    shared, asked, ready = Shared(), list[int](), threading.Event()

    def ask() -> int:
        ready.wait()
        asked.append(1)
        return 42

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(shared.answer, "policy", ask) for _ in range(4)]
        ready.set()
        assert sorted(each.result() for each in waiting) == [(42, False)] * 3 + [(42, True)]
    assert asked == [1]
    assert shared.answer("another", lambda: 7) == (7, True)


def test_what_asking_raises_everybody_is_told() -> None:
    shared = Shared()

    def ask() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            shared.answer("policy", ask)
