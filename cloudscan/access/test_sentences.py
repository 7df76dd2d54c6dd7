from __future__ import annotations

import pytest

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Over, Test, Unseen, all_of, any_of, negate
from cloudscan.access.patterns import Pattern, Reference, glob
from cloudscan.access.sentences import sentence

VPCE = Test("aws:SourceVpce", Operator.EQUALS, (Pattern(("vpce-1",)), Pattern(("vpce-2",))))
OFFICE = Test("aws:SourceIp", Operator.IN_NETWORK, (Pattern(("203.0.113.0/24",)),))
CALLED = Test("aws:CalledVia", Operator.LIKE, (glob("athena*"),), Over.ANY)
SECRET = Test("vault-secret:k", Operator.EQUALS, (Pattern(("calls",)),), words="the secret k holds a key")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (VPCE, "aws:SourceVpce is vpce-1 or vpce-2"),
        (negate(OFFICE), "aws:SourceIp is outside 203.0.113.0/24"),
        (SECRET, "the secret k holds a key"),
        (negate(SECRET), "it is not so that the secret k holds a key"),
        (all_of((VPCE, OFFICE)), "aws:SourceVpce is vpce-1 or vpce-2 and aws:SourceIp is in 203.0.113.0/24"),
        (
            any_of((all_of((VPCE, OFFICE)), CALLED)),
            (
                "(aws:SourceVpce is vpce-1 or vpce-2 and aws:SourceIp is in 203.0.113.0/24) "
                "or a value of aws:CalledVia is like athena*"
            ),
        ),
        (negate(CALLED), "no value of aws:CalledVia is like athena*"),
        (Test("k", Operator.PRESENT, negated=True), "k is absent"),
        (Test("k", Operator.EQUALS, (Pattern(("",)),)), "k is the empty text"),
        (Test("k", Operator.EQUALS, (Pattern(("x/", Reference("team"))),)), "k is x/${team}"),
        (Test("k", Operator.EQUALS, tuple(Pattern((str(n),)) for n in range(9))), "k is 0, 1, 2, 3, 4, 5 or 3 more"),
        (ALWAYS, "nothing more is asked"),
        (NEVER, "never"),
        (Unseen("the ACL was not read"), "what was not seen allows it (the ACL was not read)"),
        (negate(Unseen("the ACL was not read")), "what was not seen does not forbid it (the ACL was not read)"),
    ],
)
def test_a_condition_reads_as_english(condition: Condition, expected: str) -> None:
    assert sentence(condition) == expected
