from __future__ import annotations

from cloudscan.access import ALWAYS, NEVER, Decision, Effect, Reason, Ruling, both, decide, either
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Test, Unseen, all_of, any_of, negate

TLS = Test("aws:SecureTransport", Operator.PRESENT)
UNREAD = Unseen("the ACL was not read")


def test_a_ruling_follows_from_what_must_hold() -> None:
    assert decide(any_of((TLS, negate(TLS)))).ruling is Ruling.YES
    assert decide(all_of((TLS, negate(TLS)))).ruling is Ruling.NO
    assert decide(TLS).ruling is Ruling.IF
    assert decide(all_of((TLS, UNREAD))).ruling is Ruling.UNKNOWN


def test_an_unknown_says_what_was_not_seen() -> None:
    assert decide(any_of((TLS, UNREAD, all_of((UNREAD, TLS))))).unseen == ("the ACL was not read",)


def test_parts_of_a_requirement_must_all_hold_and_keep_their_proofs() -> None:
    first = Decision(TLS, (Reason(Effect.ALLOWS, "may get the object"),))
    second = Decision(NEVER, (Reason(Effect.LACKS, "may not decrypt it"),))
    joined = both((first, second))
    assert joined.ruling is Ruling.NO
    assert [reason.sentence for reason in joined.proof] == ["may get the object", "may not decrypt it"]


def test_of_several_ways_one_is_enough() -> None:
    assert either((Decision(TLS), Decision(ALWAYS))).ruling is Ruling.YES
    assert either((Decision(TLS), Decision(NEVER))).condition == TLS
    assert either(()).ruling is Ruling.NO
