"""A second evaluator of direct access on AWS, written from AWS's documentation alone.

It exists to disagree with the product. It shares no code with it, takes a world and a question as plain dicts in
the format of the worked access cases, knows only exact requests (every context key present or absent) and answers
yes or no with the rule that decided. It is slow and plain on purpose: no interning, no index, no residue.

Where the documentation does not say what happens, it raises ``Undocumented`` instead of guessing.
"""

from tests.oracle.answer import answer
from tests.oracle.verdict import Undocumented, Verdict

__all__ = ["Undocumented", "Verdict", "answer"]
