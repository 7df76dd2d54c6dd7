"""Nothing in a snapshot can break the evaluation: what cannot be read leaves open what it may govern, and says so."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import Edge, Grant, Ruling
from cloudscan.access.sentences import sentence
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Action
from cloudscan_aws import AwsProvider
from tests.access_records import estate_of
from tests.access_worlds import AwsWorld
from tests.oracle.drawn_statements import ANA, KEY, ORG, OWNER, READER, ROOT, Draws, wide
from tests.oracle.drawn_worlds import worlds
from tests.oracle.places import Place, at, documents

LAW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
RANDOMS = st.randoms(use_true_random=False)
STORE = "arn:aws:s3:::corpus"
FULL: Draws = {"Version": "2012-10-17", "Statement": [wide()]}
TO_ROOT: Draws = {"Version": "2012-10-17", "Statement": [wide(Principal={"AWS": ROOT})]}
PUBLIC: Draws = {"Version": "2012-10-17", "Statement": [wide(Principal="*")]}
NO_STATEMENTS: Draws = {"Version": "2012-10-17", "Statement": []}


def world(*, encryption: Draws | None = None) -> Draws:
    """A user who reads a bucket, a role it may assume, and a document in every place that can hold one."""
    assume: Draws = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    person = {"arn": ANA, "account": OWNER, "type": "user", "tags": {}, "boundary": FULL, "identity_policies": [FULL]}
    role = {"arn": READER, "account": OWNER, "type": "role", "tags": {}, "identity_policies": [FULL]}
    levels = {"scp_levels": [[FULL]], "rcp_levels": [[NO_STATEMENTS]]}
    bucket = {
        "name": "corpus",
        "account": OWNER,
        "region": "eu-central-1",
        "policy": NO_STATEMENTS,
        "acl": [],
        "bpa": {},
        "ownership": "BucketOwnerEnforced",
        "encryption": encryption or {"mode": "SSE-S3"},
        "objects": [{"key": "raw/a.wav", "owner": OWNER, "acl": [], "encryption": encryption}],
    }
    key = {"arn": KEY, "account": OWNER, "manager": "CUSTOMER", "state": "Enabled", "policy": TO_ROOT, "grants": []}
    return {
        "principals": [person, {**role, "trust_policy": {"Version": "2012-10-17", "Statement": [assume]}}],
        "groups": [],
        "buckets": [bucket],
        "account_bpa": {},
        "keys": [key],
        "access_points": [],
        "org": {"id": ORG, "management_account": "9" * 12, "accounts": {OWNER: levels}},
    }


def with_text(estate: Estate, kind: str, target: str, text: str) -> Estate:
    """Put a text in the place of every document of a kind on a target."""
    chosen = {name for name, one in estate.policies.items() if one.kind == kind and target in one.attached_to}
    assert chosen, f"no {kind} document on {target}"
    changed = {name: replace(one, document=text) for name, one in estate.policies.items() if name in chosen}
    return replace(estate, policies={**estate.policies, **changed})


def derived(estate: Estate) -> list[Grant | Edge]:
    return list(AwsProvider().grants(estate))


def reads(found: list[Grant | Edge], principal: str) -> set[Ruling]:
    """Return the rulings of what a principal may read by itself."""
    return {
        one.decision.ruling
        for one in found
        if isinstance(one, Grant) and (one.principal, one.action, one.by) == (principal, Action.READ, "")
    }


UNREADABLE = ["", "no json", "[1, 2]", '{"Statement": 7}', '{"Statement": [], "Statement": []}', "[" * 20_000]


@pytest.mark.parametrize("text", UNREADABLE)
@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("identity", ANA),
        ("boundary", ANA),
        ("resource", STORE),
        ("service-control", OWNER),
        ("resource-control", OWNER),
    ],
)
def test_an_unreadable_document_leaves_open_what_it_governs(kind: str, target: str, text: str) -> None:
    estate = estate_of(world(), "corpus", "raw/a.wav")
    assert reads(derived(estate), ANA) == {Ruling.YES}
    assert reads(derived(with_text(estate, kind, target, text)), ANA) == {Ruling.UNKNOWN}


def test_an_unreadable_key_policy_leaves_open_who_decrypts() -> None:
    estate = estate_of(world(encryption={"mode": "SSE-KMS", "key": KEY}), "corpus", "raw/a.wav")
    assert reads(derived(estate), ANA) == {Ruling.YES}
    assert reads(derived(with_text(estate, "key", KEY, "no json")), ANA) == {Ruling.UNKNOWN}


def test_an_unreadable_bucket_policy_may_open_to_everybody() -> None:
    estate = estate_of(world(), "corpus", "raw/a.wav")
    assert reads(derived(estate), ANYONE) <= {Ruling.NO}
    assert reads(derived(with_text(estate, "resource", STORE, "no json")), ANYONE) == {Ruling.UNKNOWN}


def test_an_unreadable_trust_policy_may_trust_whoever_may_ask() -> None:
    estate = estate_of(world(), "corpus", "raw/a.wav")

    def into_role(found: list[Grant | Edge]) -> set[Ruling]:
        edges = [one for one in found if isinstance(one, Edge) and one.kind == "assume-role"]
        return {one.decision.ruling for one in edges if ANA in one.sources and READER in one.targets}

    assert into_role(derived(estate)) == {Ruling.YES}
    assert into_role(derived(with_text(estate, "trust", READER, "no json"))) == {Ruling.UNKNOWN}


def test_the_reason_names_the_document() -> None:
    found = derived(with_text(estate_of(world(), "corpus", "raw/a.wav"), "resource", STORE, "no json"))
    (grant,) = [one for one in found if isinstance(one, Grant) and (one.principal, one.action) == (ANYONE, Action.READ)]
    assert grant.decision.unseen
    for reason in grant.decision.unseen:
        assert "corpus" in reason
    assert any("not JSON" in reason for reason in grant.decision.unseen)


WRONG: list[Any] = [None, 7, -1.5, True, "", "*", "\ud800", [], [[]], {}, {"*": "*"}, ["*", 7], {"AWS": {"AWS": "*"}}]
WRONG += ["x" * 10_000, "*" * 500, "${" * 200, "%7B", {"Bool": 7}, {"Bool": {"aws:SecureTransport": {}}}, 10**400]
NAMES = ["Statement", "Effect", "Action", "NotPrincipal", "Condition", "Resource", "Version", "aws:SourceIp", "Null"]


def corrupted(random: Random, document: Any) -> Any:
    """Put something wrong in one place of a document, at whatever depth."""
    changed = deepcopy(document)
    holder = changed
    while random.random() < 0.75:
        inner = [each for each in (holder.values() if isinstance(holder, dict) else holder) if each]
        inner = [each for each in inner if isinstance(each, dict | list)]
        if not inner:
            break
        holder = random.choice(inner)
    if isinstance(holder, dict):
        holder[random.choice([*holder, *NAMES])] = random.choice(WRONG)
    elif holder:
        holder[random.randrange(len(holder))] = random.choice(WRONG)
    return changed


@LAW
@given(RANDOMS)
def test_no_document_of_a_snapshot_can_break_the_derivation(random: Any) -> None:
    """Every grant and edge can be proved and said, whatever stands in a document."""
    estate = estate_of(world(), "corpus", "raw/a.wav")
    chosen = random.choice(sorted(estate.policies))
    intact = estate.policies[chosen]
    content = corrupted(random, json.loads(intact.document))
    text = json.dumps(content)[: random.choice([None, None, None, 40])]
    found = derived(replace(estate, policies={**estate.policies, chosen: replace(intact, document=text)}))
    for one in found:
        assert one.decision.ruling in Ruling
        proofs = [one.steps] if isinstance(one, Grant) else [one.prove(one.sources[0], one.targets[0])]
        said = [sentence(one.decision.condition), *(step.reason for steps in proofs for step in steps)]
        for text in said:
            text.encode()


def _at_place(whole: Draws, place: Place, content: Draws) -> Draws:
    changed = deepcopy(whole)
    at(changed, place[:-1])[place[-1]] = content
    return changed


@LAW
@given(RANDOMS)
def test_what_is_decided_beside_an_unreadable_document_does_not_hang_on_it(random: Any) -> None:
    """If the answer is yes or no although a policy is unreadable, no content of the policy could change it."""
    drawn_world, asked = next(iter(worlds(random, questions=1)))
    whole = {"world": drawn_world, "asked": asked}
    place = random.choice(documents(whole))

    def ruling(content: Draws) -> Ruling:
        changed = _at_place(whole, place, content)
        return AwsWorld(changed["world"]).answer(changed["asked"]).ruling

    of_resource = (
        {} if any(part in place for part in ("identity_policies", "scp_levels", "session")) else {"Principal": "*"}
    )
    decided = ruling({"Statement": 7})
    if decided is not Ruling.UNKNOWN:
        for content in (
            NO_STATEMENTS,
            {"Statement": wide("Allow", **of_resource)},
            {"Statement": wide("Deny", **of_resource)},
        ):
            assert ruling(content) is decided
