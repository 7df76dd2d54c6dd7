"""Laws of cuts over drawn estates: the statements are taken out of the documents, and the estate is derived anew."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, islice
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import AccessGraph, Cut, Reader, Ruling, Way
from cloudscan.access.paths import RULINGS
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Principal, Record
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, speech, store
from cloudscan_aws import AwsProvider
from tests.access_records import estate_of
from tests.oracle.drawn_worlds import worlds

LAW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
RANDOMS = st.randoms(use_true_random=False)
PROVIDER = AwsProvider()
CORPUS = "arn:aws:s3:::corpus"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{CORPUS}/*"}
_TRIED = 2
"""Statements of a cut up to which every smaller set is tried."""
_MOST_SETS = 10
"""Smaller sets that are tried of one size, since each is a derivation."""
_SMALL = 6
"""Statements of an estate up to which every set is tried."""
_SORTS = list(Way)


def _again(estate: Estate, gone: frozenset[str]) -> AccessGraph:
    return AccessGraph(PROVIDER.grants(PROVIDER.without(estate, gone)))


def _cut(estate: Estate, keep: Collection[str] = (), most_tries: int | None = None) -> tuple[Cut, list[frozenset[str]]]:
    """Return the cut, and without which statements the estate was derived anew to find it."""
    asked: list[frozenset[str]] = []

    def again(gone: frozenset[str]) -> AccessGraph:
        asked.append(gone)
        return _again(estate, gone)

    graph = AccessGraph(PROVIDER.grants(estate))
    removable = PROVIDER.statements(estate)
    return graph.cut(CORPUS, keep, again=again, removable=removable, most_tries=most_tries), asked


def _stays(before: Reader, after: Reader | None) -> bool:
    """Say whether somebody reads as surely and as simply as before.

    Changes to the cloud, and what is not known, count where these are best.
    """
    most = before.best.way if before.best.changes else Way.STEPS
    told = before.known or before.paths
    kept = [path for path in told if _SORTS.index(path.way) <= _SORTS.index(most)]
    now = after.paths if after else ()
    return all(
        any(
            _SORTS.index(one.way) <= _SORTS.index(path.way) and RULINGS.index(one.ruling) <= RULINGS.index(path.ruling)
            for one in now
        )
        for path in kept
    )


def _holds(estate: Estate, keep: set[str], most_tries: int | None = None) -> Cut:
    """Hold a cut of an estate against derivations of the estate without its statements."""
    before = AccessGraph(PROVIDER.grants(estate)).readers(CORPUS)
    kept = [reader for reader in before if reader.principal in keep]
    known = {reader.principal for reader in before if reader.verdict is not Ruling.UNKNOWN}
    cut, _ = _cut(estate, keep, most_tries)
    removable = PROVIDER.statements(estate)

    def reading(*gone: str) -> tuple[set[str], bool]:
        after = {reader.principal: reader for reader in _again(estate, frozenset(gone)).readers(CORPUS)}
        stay = all(_stays(reader, after.get(reader.principal)) for reader in kept)
        return {name for name, reader in after.items() if reader.verdict is not Ruling.UNKNOWN} - keep, stay

    gone = [removal.statement for removal in cut.removals]
    assert set(gone) <= set(removable)
    assert cut.readers_before == len(known - keep)
    assert reading(*gone) == (set(cut.left), True)
    after = _again(estate, frozenset(gone)).readers(CORPUS)
    unsure = {each.principal for each in after if each.verdict is Ruling.UNKNOWN} - keep
    assert {reader.principal for reader in cut.unsure} == unsure
    still = len(known - keep)
    for place, removal in enumerate(cut.removals, start=1):
        if removal.readers_gone is not None:
            assert still - removal.readers_gone == len(reading(*gone[:place])[0] & known)
            still -= removal.readers_gone
    for needed in {one for because in cut.needed.values() for one in because}:
        others = sorted(set(removable) - {needed})
        assert needed not in gone
        assert len(others) >= _SMALL or any(
            reading(*some)[1] and not reading(*some, needed)[1]
            for size in range(len(others) + 1)
            for some in combinations(others, size)
        )
    for size in range(len(gone)) if cut.fewest and len(gone) <= _TRIED else ():
        for fewer in islice(combinations(sorted(removable), size), _MOST_SETS):
            left, stay = reading(*fewer)
            assert not stay or len(left) > len(cut.left)
    return cut


@LAW
@given(RANDOMS, st.booleans())
def test_without_the_statements_of_a_cut_nobody_reads_but_who_is_told_to(random: Any, keeping: bool) -> None:
    world, _ = next(iter(worlds(random, questions=1)))
    estate = estate_of(world, "corpus", "raw/a.wav")
    reading = [reader.principal for reader in AccessGraph(PROVIDER.grants(estate)).readers(CORPUS)]
    _holds(estate, {random.choice(reading)} if keeping and reading else set())


class _Account:
    """Users and roles of one account, their documents, and a bucket with one recording."""

    def __init__(self, users: int, roles: int = 0) -> None:
        self.users = [f"arn:aws:iam::{ACCOUNT}:user/u{number}" for number in range(users)]
        self.roles = [f"arn:aws:iam::{ACCOUNT}:role/r{number}" for number in range(roles)]
        self._held: dict[str, list[str]] = {one: [] for one in (*self.users, *self.roles)}
        self.boundary = ""
        self._documents: list[PolicyDocument] = []

    def document(self, name: str, kind: str, targets: Sequence[str], *statements: Mapping[str, Any]) -> None:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self._documents.append(PolicyDocument(name, "aws", ACCOUNT, kind, tuple(targets), text))
        for one in targets if kind == "identity" else ():
            self._held[one].append(name)

    def estate(self) -> Estate:
        records: list[Record] = [
            Account(ACCOUNT, "aws", organization=""),
            store("corpus", has_policy=Answer.YES, acl=(), ownership="BucketOwnerEnforced"),
            *self._documents,
        ]
        for one, held in self._held.items():
            kind, _, name = one.rpartition(":")[2].partition("/")
            trust = f"trust of {one}" if kind == "role" else None
            records.append(
                Principal(one, "aws", ACCOUNT, kind, name, policies=tuple(held), boundary=self.boundary, trust=trust)
            )
        return Estate.of(records, objects=ObjectTable(rows=[speech("corpus", "a.wav", encryption_mode="provider")]))


def _drawn(random: Random, users: int, shared: int, roles: int = 3) -> Estate:
    """Draw users who read by own and shared statements, by the bucket's and over roles, and often by several."""
    account = _Account(users, roles)
    named = random.sample(account.users, random.randrange(users))
    account.document("of corpus", "resource", [CORPUS], *({**READ, "Principal": {"AWS": named}} for _ in named[:1]))
    for number in range(shared):
        account.document(f"shared {number}", "identity", random.sample(account.users, users // 2), READ)
    for one in (*account.users, *account.roles):
        step = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": random.choice(account.roles)}
        account.document(f"own of {one}", "identity", [one], *random.sample([READ, step, READ], random.randrange(3)))
    for one in account.roles:
        trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        account.document(f"trust of {one}", "trust", [one], trust)
    return account.estate()


@LAW
@given(RANDOMS, st.integers(2, 7), st.integers(0, 3))
def test_a_cut_through_shared_and_own_statements_and_roles_holds(random: Any, users: int, shared: int) -> None:
    _holds(_drawn(random, users, shared), {f"arn:aws:iam::{ACCOUNT}:user/u0"} if random.random() < 0.5 else set())


@settings(LAW, max_examples=5)
@given(RANDOMS)
def test_no_choice_of_statements_keeps_the_kept_and_leaves_fewer(random: Any) -> None:
    """Every set of the statements of a small estate is tried."""
    estate = _drawn(random, 3, 1, roles=1)
    keep = set(random.sample(sorted(estate.principals), 2))
    removable = sorted(PROVIDER.statements(estate))
    if len(removable) > _SMALL:
        return
    cut = _holds(estate, keep)
    before = AccessGraph(PROVIDER.grants(estate)).readers(CORPUS)
    kept = [reader for reader in before if reader.principal in keep]
    for size in range(len(removable) + 1):
        for gone in combinations(removable, size):
            after = {reader.principal: reader for reader in _again(estate, frozenset(gone)).readers(CORPUS)}
            if all(_stays(reader, after.get(reader.principal)) for reader in kept):
                assert (len(cut.left), len(cut.removals)) <= (len(after.keys() - keep), size)


def test_what_the_kept_can_do_without_goes() -> None:
    """Who reads by two statements needs neither as long as the other stays."""
    account = _Account(3)
    account.document("of corpus", "resource", [CORPUS], {**READ, "Principal": {"AWS": account.users}})
    account.document("own", "identity", account.users[:1], READ)
    cut = _holds(account.estate(), set(account.users[:1]))
    assert [removal.statement for removal in cut.removals] == ["bucket policy of corpus, statement 1"]
    assert (cut.left, cut.needed) == ((), {})


def test_who_is_left_since_the_kept_need_a_statement_is_told_with_it() -> None:
    account = _Account(3)
    account.document("of corpus", "resource", [CORPUS], {**READ, "Principal": {"AWS": account.users}})
    cut = _holds(account.estate(), set(account.users[:1]))
    because = {"bucket policy of corpus, statement 1": account.users[0]}
    assert cut.removals == ()
    assert cut.needed == dict.fromkeys(account.users[1:], because)


def test_of_two_statements_of_which_the_kept_need_one_that_stays_which_leaves_fewer() -> None:
    """u0 reads by either; u1 and u2 by the one, u3 by the other."""
    account = _Account(4)
    account.document("of corpus", "resource", [CORPUS])
    account.document("many", "identity", account.users[:3], READ)
    account.document("one", "identity", [account.users[0], account.users[3]], READ)
    cut = _holds(account.estate(), set(account.users[:1]))
    assert [removal.statement for removal in cut.removals] == ["many, statement 1"]
    assert cut.needed == {account.users[3]: {"one, statement 1": account.users[0]}}


def test_where_everybody_reads_by_a_statement_of_their_own_it_is_soon_shown() -> None:
    """One derivation without all of them shows it; then the readers are counted after the first few."""
    account = _Account(400)
    account.document("of corpus", "resource", [CORPUS])
    for one in account.users:
        account.document(f"own of {one}", "identity", [one], READ)
    cut, asked = _cut(account.estate())
    assert (len(cut.removals), cut.readers_before, cut.left, cut.fewest) == (400, 400, (), True)
    assert [len(gone) for gone in asked] == [400, 1, 2, 3, 4]
    assert [removal.readers_gone for removal in cut.removals] == [1, 1, 1, 1, *[None] * 395, 396]


def test_what_limits_everybody_is_never_tried() -> None:
    """A statement of an organization or a boundary is in every proof, and no derivation is spent on it."""
    account = _Account(5)
    account.document("of corpus", "resource", [CORPUS], {**READ, "Principal": {"AWS": account.users}})
    account.document("all users", "identity", account.users, READ)
    account.document("limit", "boundary", account.users, {**READ, "Action": "*", "Resource": "*"})
    account.boundary = "limit"
    cut, asked = _cut(account.estate())
    assert {removal.statement for removal in cut.removals} == {
        "all users, statement 1",
        "bucket policy of corpus, statement 1",
    }
    assert cut.fewest
    assert not any("limit" in statement for gone in asked for statement in gone)


def test_what_too_many_tries_would_show_is_said_not_to_be_known() -> None:
    """After the last try for the fewest, enough is taken; that these are the fewest is no longer said."""
    random = Random(3)  # noqa: S311 - an example, not a secret
    estates = [_drawn(random, 5, 3) for _ in range(4)]
    hurried = [_holds(estate, set(), most_tries=1) for estate in estates]
    whole = [_holds(estate, set()) for estate in estates]
    assert any(not cut.fewest for cut in hurried)
    assert all(cut.fewest for cut in whole)
    for one, other in zip(hurried, whole, strict=True):
        assert len(one.removals) >= len(other.removals)
        assert len(one.removals) == len(other.removals) or not one.fewest
