"""Condition blocks as conditions: every operator of the policy language with its rules for absent keys.

From "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context keys". Clauses
are joined by AND, values by OR, and the values of a negated operator by NOR. With the key absent a positive
operator is false, a negated one true, ``...IfExists`` true, ForAllValues true and ForAnyValue false; the empty text
is to the last two as if the key were absent.
"""

from __future__ import annotations

from functools import lru_cache

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Over, Test, Unseen, all_of, any_of, negate
from cloudscan.access.patterns import Pattern
from cloudscan_aws.policy.context_keys import canonical, is_several, is_single, may_be_empty
from cloudscan_aws.policy.documents import Clause, Statement
from cloudscan_aws.policy.matching import pattern, valued

_OPERATORS: dict[str, tuple[Operator, bool]] = {
    "stringequals": (Operator.EQUALS, False),
    "stringnotequals": (Operator.EQUALS, True),
    "stringequalsignorecase": (Operator.EQUALS_IGNORING_CASE, False),
    "stringnotequalsignorecase": (Operator.EQUALS_IGNORING_CASE, True),
    "stringlike": (Operator.LIKE, False),
    "stringnotlike": (Operator.LIKE, True),
    "numericequals": (Operator.NUMBER_EQUALS, False),
    "numericnotequals": (Operator.NUMBER_EQUALS, True),
    "numericlessthan": (Operator.NUMBER_BELOW, False),
    "numericlessthanequals": (Operator.NUMBER_AT_MOST, False),
    "numericgreaterthan": (Operator.NUMBER_ABOVE, False),
    "numericgreaterthanequals": (Operator.NUMBER_AT_LEAST, False),
    "dateequals": (Operator.TIME_EQUALS, False),
    "datenotequals": (Operator.TIME_EQUALS, True),
    "datelessthan": (Operator.TIME_BEFORE, False),
    "datelessthanequals": (Operator.TIME_AT_LATEST, False),
    "dategreaterthan": (Operator.TIME_AFTER, False),
    "dategreaterthanequals": (Operator.TIME_AT_EARLIEST, False),
    "bool": (Operator.TRUTH, False),
    "binaryequals": (Operator.SAME_BYTES, False),
    "ipaddress": (Operator.IN_NETWORK, False),
    "notipaddress": (Operator.IN_NETWORK, True),
    "arnequals": (Operator.LIKE_BY_PART, False),
    "arnlike": (Operator.LIKE_BY_PART, False),
    "arnnotequals": (Operator.LIKE_BY_PART, True),
    "arnnotlike": (Operator.LIKE_BY_PART, True),
}
_WILD = frozenset({Operator.LIKE, Operator.LIKE_BY_PART})
_WITH_VARIABLES = _WILD | {Operator.EQUALS, Operator.EQUALS_IGNORING_CASE, Operator.TRUTH}


@lru_cache(maxsize=1 << 18)
def condition_of(statement: Statement) -> Condition:
    """Return the condition of a statement; an operator that is not of the language stays an unseen fact."""
    return all_of(_clause(clause, variables=statement.variables) for clause in statement.condition)


def _clause(clause: Clause, *, variables: bool) -> Condition:
    name = clause.operator.lower()
    qualifier, _, plain = name.rpartition(":")
    if_exists = plain.endswith("ifexists")
    plain = plain.removesuffix("ifexists")
    key = canonical(clause.key)
    if plain == "null" and not if_exists:
        return _null(key, clause.values)
    if plain not in _OPERATORS or qualifier not in ("", "foranyvalue", "forallvalues"):
        return Unseen(f"its condition operator {clause.operator} is not known")
    operator, negated = _OPERATORS[plain]
    with_variables = variables and operator in _WITH_VARIABLES
    values = tuple(pattern(text, wild=operator in _WILD, variables=with_variables) for text in clause.values)
    met = _qualified(Test(key, operator, values), qualifier, negated=negated)
    if negated:
        met = all_of((met, *(valued(value) for value in values)))
    return any_of((_absent(key), met)) if if_exists else met


def _qualified(test: Test, qualifier: str, *, negated: bool) -> Condition:
    """Apply ForAnyValue or ForAllValues, or read a key plainly."""
    key, operator, values = test.key, test.operator, test.values
    if is_single(key):
        met = negate(test) if negated else test
        if qualifier == "forallvalues":
            return any_of((_absent(key), *_empty(key), met))
        if qualifier == "foranyvalue":
            present = [Test(key, Operator.PRESENT)] if negated else []
            return all_of((*present, *map(negate, _empty(key)), met))
        return met
    if qualifier == "forallvalues":
        every = Test(key, operator, values, Over.ANY if negated else Over.EVERY)
        return negate(every) if negated else every
    if qualifier == "foranyvalue":
        some = Test(key, operator, values, Over.EVERY if negated else Over.ANY)
        return negate(some) if negated else some
    plain = Test(key, operator, values, Over.ANY if is_several(key) else Over.ONE)
    return negate(plain) if negated else plain


def _empty(key: str) -> list[Condition]:
    """Return the test that a key holds the empty text, if it is one that may."""
    return [Test(key, Operator.EQUALS, (Pattern(("",)),))] if may_be_empty(key) else []


def _null(key: str, values: tuple[str, ...]) -> Condition:
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        return Unseen(f"its Null condition on {key} is neither true nor false")
    either = [_absent(key)] if "true" in wanted else []
    return any_of([*either, *([Test(key, Operator.PRESENT)] if "false" in wanted else [])])


def _absent(key: str) -> Condition:
    return Test(key, Operator.PRESENT, negated=True)
