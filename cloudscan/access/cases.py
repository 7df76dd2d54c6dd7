"""Which combinations of tests on one context key can be true at once.

For every key the values fall into finitely many cases that no test of a given set tells apart. Knowing them
all is what makes "vpce-1 and vpce-2" a contradiction and "true, false or absent" no condition at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from itertools import combinations, pairwise

from cloudscan.access.comparisons import Domain, Network, Operator, holds, moment, network, number, parts_of
from cloudscan.access.conditions import Over, Test
from cloudscan.access.patterns import MANY, ONE, Pattern, Piece, matches

Case = tuple[bool, ...]
_Token = str | tuple[str, bool]
"""The letters that one character may be, or a wildcard and whether it may be a colon."""
_FRESH = "\ufffc"
_MAX_STEPS = 400_000
_MAX_ELEMENTS = 5


@lru_cache(maxsize=8192)
def cases(tests: tuple[Test, ...]) -> tuple[Case, ...] | None:
    """List the truths that tests of one key can have together, the absent key first.

    None when they cannot be known: the tests compare with other keys, or with values of unlike kinds.
    """
    compared = [test for test in tests if test.operator is not Operator.PRESENT]
    domains = {test.operator.domain for test in compared}
    if len(domains) > 1 or any(test.references for test in tests):
        return None
    values = [()] if not domains else _values(compared, domains.pop())
    if values is None:
        return None
    elements = list(dict.fromkeys(values))
    if all(test.over is Over.ONE for test in compared):
        sets: list[tuple[Case, ...]] = [(), *((element,) for element in elements)]
    elif len(elements) <= _MAX_ELEMENTS:
        sets = [chosen for size in range(len(elements) + 1) for chosen in combinations(elements, size)]
    else:
        return None
    return tuple(dict.fromkeys(_truths(tests, compared, chosen) for chosen in sets))


def _truths(tests: Sequence[Test], compared: list[Test], chosen: tuple[Case, ...]) -> Case:
    truths = []
    for test in tests:
        if test.operator is Operator.PRESENT:
            truths.append(bool(chosen))
            continue
        place = compared.index(test)
        each = [element[place] for element in chosen]
        truths.append(all(each) if test.over is Over.EVERY else any(each))
    return tuple(truths)


def _values(tests: list[Test], domain: Domain | None) -> list[Case] | None:
    if domain is Domain.TEXT:
        return _texts(tests)
    return [tuple(holds(test.operator, value, test.values) for test in tests) for value in _samples(tests, domain)]


def _samples(tests: list[Test], domain: Domain | None) -> list[str]:
    wanted = {str(pattern) for test in tests for pattern in test.values}
    if domain is Domain.TRUTH:
        return ["true", "false"]
    if domain is Domain.ADDRESS:
        blocks = [block for text in wanted if (block := network(text)) is not None]
        return [*_addresses(blocks, 4), *_addresses(blocks, 6)]
    read = moment if domain is Domain.TIME else number
    limits = sorted({value for text in wanted if (value := read(text)) is not None})
    if not limits:
        return ["0.5"]
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    return [_written(value) for value in (limits[0] - 1, *limits, *between, limits[-1] + 1)]


def _written(value: Decimal) -> str:
    """Write a number so that no reader takes it for a year."""
    text = f"{value:f}"
    return text if "." in text else f"{text}.0"


def _addresses(blocks: Iterable[Network], version: int) -> list[str]:
    edges = {0}
    for block in blocks:
        if block.version == version:
            edges |= {int(block.network_address), int(block.broadcast_address) + 1}
    kind: type[IPv4Address | IPv6Address] = IPv4Address if version == 4 else IPv6Address
    bits = 32 if version == 4 else 128
    return [str(kind(edge)) for edge in sorted(edges) if edge < 1 << bits]


def _texts(tests: list[Test]) -> list[Case] | None:
    """Try every text that is named; and walk all patterns at once over all texts, where each state is a case.

    A text that fits patterns is supposed to exist beside those that are named, which at worst leaves a case
    too many: then a condition stays that could have been shorter.
    """
    if (alone := _alone(tests)) is not None:
        return alone
    texts = [_plain(test, pattern) for test in tests for pattern in test.values]
    named = dict.fromkeys(text for text in texts if text is not None)
    machines = [
        [_tokens(test.operator, pattern) for pattern in test.values if _plain(test, pattern) is None] for test in tests
    ]
    flat = [tokens for group in machines for tokens in group]
    states = _states(flat)
    if states is None:
        return None
    found = [tuple(holds(test.operator, text, test.values) for test in tests) for text in named]
    return [*found, *(_accepted(machines, flat, state) for state in states)]


def _alone(tests: list[Test]) -> list[Case] | None:
    """Answer for one pattern by itself without a walk: some text fits it, and some does not unless it takes in all."""
    if len(tests) != 1 or len(tests[0].values) != 1 or tests[0].operator is not Operator.LIKE:
        return None
    (pattern,) = tests[0].values
    if set(pattern.pieces) == {MANY}:
        return [(True,)]
    first = _plain(tests[0], pattern) is not None or matches(pattern, "")
    return [(first,), (not first,)]


def _plain(test: Test, pattern: Pattern) -> str | None:
    """Return the only text that a pattern fits, None if it fits several."""
    if test.operator is Operator.EQUALS_IGNORING_CASE or not all(isinstance(piece, str) for piece in pattern.pieces):
        return None
    return str(pattern)


_State = tuple[frozenset[int], ...]


def _states(flat: list[tuple[_Token, ...]]) -> list[_State] | None:
    letters = {token for tokens in flat for token in tokens if isinstance(token, str)}
    alphabet = sorted({*(letter for group in letters for letter in group), ":", _FRESH})
    most = _MAX_STEPS // (len(alphabet) * max(len(flat), 1))
    start = tuple(_closed(tokens, {0}) for tokens in flat)
    seen, todo = {start: None}, [start]
    while todo:
        state = todo.pop()
        for letter in alphabet:
            following = tuple(_step(tokens, at, letter) for tokens, at in zip(flat, state, strict=True))
            if following not in seen:
                seen[following] = None
                todo.append(following)
        if len(seen) > most:
            return None
    return list(seen)


def _tokens(operator: Operator, pattern: Pattern) -> tuple[_Token, ...]:
    if operator is not Operator.LIKE_BY_PART or pattern.pieces == (MANY,):
        return _read(pattern.pieces, fold=operator is Operator.EQUALS_IGNORING_CASE, colons=True)
    tokens: list[_Token] = []
    for place, part in enumerate(parts_of(pattern)):
        tokens += [":"] if place else []
        tokens += _read(part.pieces, fold=False, colons=place == 5)
    return tuple(tokens)


def _read(pieces: tuple[Piece, ...], *, fold: bool, colons: bool) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    for piece in pieces:
        if piece is MANY:
            tokens.append(("*", colons))
        elif piece is ONE:
            tokens.append(("?", colons))
        elif isinstance(piece, str):
            tokens += [letter.lower() + letter.upper() if fold else letter for letter in piece]
    return tuple(tokens)


def _closed(tokens: tuple[_Token, ...], places: set[int]) -> frozenset[int]:
    closed = set(places)
    for place, token in enumerate(tokens):
        if place in closed and isinstance(token, tuple) and token[0] == "*":
            closed.add(place + 1)
    return frozenset(closed)


def _step(tokens: tuple[_Token, ...], places: frozenset[int], letter: str) -> frozenset[int]:
    following = set()
    for place in places:
        if place == len(tokens):
            continue
        token = tokens[place]
        if isinstance(token, str):
            if letter in token:
                following.add(place + 1)
        elif token[1] or letter != ":":
            following.add(place if token[0] == "*" else place + 1)
    return _closed(tokens, following)


def _accepted(machines: list[list[tuple[_Token, ...]]], flat: list[tuple[_Token, ...]], state: _State) -> Case:
    done = {tokens for tokens, places in zip(flat, state, strict=True) if len(tokens) in places}
    return tuple(any(tokens in done for tokens in group) for group in machines)
