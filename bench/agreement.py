"""Hold the evaluator of AWS access against a second one, written from the documentation alone, on drawn worlds.

python bench/agreement.py                       200,000 questions
python bench/agreement.py --questions 5000 --seed 3

Prints one JSON object: how many questions, how many answers differ, what the documentation leaves open, which rules
decided, what was answered when only a part of the request was known, how grants that were derived from the records of
some worlds compare, and, on a sample, how often the answer hung on each feature of the policy language.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]  # it is run by its path

from tests.oracle import Undocumented, answer  # noqa: E402
from tests.oracle.agreement import Tally, compare  # noqa: E402
from tests.oracle.derived import compare_grants  # noqa: E402
from tests.oracle.drawn_worlds import worlds  # noqa: E402
from tests.oracle.features import deciding  # noqa: E402

QUESTIONS_OF_A_WORLD = 5


def features(random: Random, *, questions: int) -> Counter[str]:
    """Count on how many of some questions the answer hung on each feature."""
    counts: Counter[str] = Counter()
    for _ in range(questions):
        for world, asked in worlds(random, questions=1):
            try:
                verdict = answer(world, asked)
            except Undocumented:
                continue
            counts.update(set(deciding(world, asked, verdict)))
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200_000)
    parser.add_argument("--sample", type=int, default=2_000, help="questions on which features are counted")
    parser.add_argument("--worlds", type=int, default=300, help="worlds whose grants are derived from records")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random, tally, began = Random(given.seed), Tally(), time.process_time()
    while tally.questions < given.questions:
        compare(random, tally, questions=QUESTIONS_OF_A_WORLD)
    used = time.process_time() - began
    answered = sum(tally.rules.values())
    derived = Tally()
    for _ in range(given.worlds):
        compare_grants(random, derived, questions=8)
    told = {
        "questions": tally.questions,
        "differences": len(tally.differences),
        "processor_seconds": round(used, 1),
        "answered": answered,
        "allowed_percent": round(100 * tally.allowed / answered, 1),
        "undocumented": dict(tally.undocumented.most_common()),
        "rules": dict(tally.rules.most_common()),
        "partly_known": dict(tally.conditional),
        "derived": {"worlds": given.worlds, "questions": derived.questions, "differences": len(derived.differences)},
        "features_sample": given.sample,
        "features": dict(features(random, questions=given.sample).most_common()),
    }
    print(json.dumps(told, indent=1))
    differences = [*tally.differences, *derived.differences]
    for difference in differences[:5]:
        print(json.dumps(difference._asdict()), file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
