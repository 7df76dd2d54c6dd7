"""Laws of cuts over drawn estates: the statements are taken out of the documents, and the estate is derived anew."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import AccessGraph, Cut, Ruling
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Principal, Record
from cloudscan.objects import ObjectTable
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


def _holds(estate: Estate, keep: set[str], most_tries: int | None = None) -> Cut:
    """Hold a cut of an estate against derivations of the estate without its statements."""
    before = AccessGraph(PROVIDER.grants(estate)).readers(CORPUS)
    kept = {reader.principal: reader for reader in before if reader.principal in keep}
    fixed = {step.statement for reader in kept.values() for step in reader.best.steps}
    known = {reader.principal for reader in before if reader.verdict is not Ruling.UNKNOWN}
    cut, _ = _cut(estate, keep, most_tries)
    removable = PROVIDER.statements(estate)

    def reading(*gone: str) -> set[str]:
        after = _again(estate, frozenset(gone)).readers(CORPUS)
        return {reader.principal for reader in after if reader.verdict is not Ruling.UNKNOWN}

    gone = [removal.statement for removal in cut.removals]
    assert set(gone) <= set(removable) - fixed
    assert cut.readers_before == len(known - keep)
    assert reading(*gone) - keep == set(cut.left)
    assert reading(*gone) & keep == known & keep
    after = _again(estate, frozenset(gone)).readers(CORPUS)
    unsure = {each.principal for each in after if each.verdict is Ruling.UNKNOWN} - keep
    assert {reader.principal for reader in cut.unsure} == unsure
    still = len(known - keep)
    for place, removal in enumerate(cut.removals, start=1):
        if removal.readers_gone is not None:
            assert still - removal.readers_gone == len(reading(*gone[:place]) & known - keep)
            still -= removal.readers_gone
    if cut.fewest and len(gone) <= _TRIED:
        for size in range(len(gone)):
            for fewer in combinations(sorted(set(removable) - fixed), size):
                assert reading(*fewer) - keep - set(cut.left)
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


def _drawn(random: Random, users: int, shared: int) -> Estate:
    """Draw users who read by own and shared statements, by the bucket's and over roles, and often by several."""
    account = _Account(users, roles=3)
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
    _holds(_drawn(random, users, shared), {f"arn:aws:iam::{ACCOUNT}:user/u0"} if random.random() < 0.3 else set())


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
