"""Readers, keys and regions that the policy file approves of in vain are told of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.model import Account, Encryption, Principal
from cloudscan.policy.approvals import in_vain, readers_astray
from cloudscan.testing import NOW, key, speech, store, world

CALLS = store("calls")
ANA = Principal("user:ana@acme.example", "gcp", "", "user", "ana@acme.example")


def decided(policy: dict[str, Any], *things: Any, known: tuple[str, ...] = ()) -> list[str]:
    seen = world(CALLS, speech("calls", "a.wav"), ANA, *things, policy=policy, now=NOW)
    return list(in_vain(seen.estate, seen.policy, known))


def approving(*principals: str, **stores: Any) -> dict[str, Any]:
    return {"principals": list(principals) or ["*"], **stores}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([approving()], []),
        (
            [approving(stores="cals")],
            ["access.approved_readers[0] of the policy file (stores cals) fits no store; did you mean 'calls'?"],
        ),
        (
            [approving(), approving(stores="calls")],
            [
                (
                    "access.approved_readers[1] of the policy file (stores calls) decides nothing: rules before it fit"
                    " all that it fits"
                )
            ],
        ),
        ([approving("ana@acme.example", "user:ana@*", "user:kim@acme.example")], []),
        (
            [approving("ana@acme.exmple")],
            [
                (
                    "access.approved_readers[0] of the policy file approves of 'ana@acme.exmple', and nobody who was"
                    " seen is called so; did you mean 'ana@acme.example'?"
                )
            ],
        ),
        (
            [approving("nobody*", stores="calls")],
            [
                (
                    "access.approved_readers[0] of the policy file (stores calls) approves of 'nobody*', and nobody who"
                    " was seen is called so"
                )
            ],
        ),
    ],
)
def test_a_rule_of_readers_that_decides_nothing_or_approves_of_nobody_is_told_of(
    rules: list[dict[str, Any]], words: list[str]
) -> None:
    found = decided({"access": {"approved_readers": rules}}, known=("user:kim@acme.example",))
    assert found == words


def test_a_rule_of_readers_that_fits_no_store_while_another_has_none_is_astray() -> None:
    for rules, missed in (
        ([approving(stores="cals")], True),
        ([approving(stores="cals"), approving()], False),
        ([approving(stores="calls")], False),
        ([approving(stores="cals"), approving(stores="calls")], False),
    ):
        seen = world(CALLS, speech("calls", "a.wav"), policy={"access": {"approved_readers": rules}}, now=NOW)
        assert readers_astray(seen.estate, seen.policy) is missed
    nothing = world(CALLS, policy={"access": {"approved_readers": [approving(stores="cals")]}}, now=NOW)
    assert not readers_astray(nothing.estate, nothing.policy)


def test_an_approved_key_that_nothing_is_called_is_told_of() -> None:
    held = replace(key("speech"), aliases=("alias/speech",))
    under = store("kept", encryption=Encryption("customer", "https://kv.vault.example/keys/calls"))
    written = speech("calls", "b.wav", encryption_mode="customer", key_id="of-an-object")
    good = ["alias/sp*", held.id, "https://kv.*", "of-an-object"]
    assert decided({"keys": {"approved": good}}, held, under, written) == []
    assert decided({"keys": {"approved": ["alias/speach"]}}, held) == [
        (
            "keys.approved of the policy file names 'alias/speach', and no key that was seen is called so; did you mean"
            " 'alias/speech'?"
        )
    ]


def test_a_region_in_which_no_store_lies_is_told_of() -> None:
    assert decided({"regions": [CALLS.region, "eu-*"]}) == []
    assert decided({"regions": ["eu-central-l"]}) == [
        (
            "regions of the policy file names 'eu-central-l', and no store that was seen lies there; did you mean"
            " 'eu-central-1'?"
        )
    ]


def test_a_name_that_another_directory_chose_is_asked_for_as_an_id() -> None:
    ours = Account("sub", "azure", organization="our-tenant")
    other = Principal("entra:2", "azure", "another-tenant", "service-account", "robot")
    (words,) = decided({"access": {"approved_readers": [approving("robot")]}}, ours, other)
    assert words.endswith(
        "is called so; in another directory, which chooses its names, somebody is: give the id, entra:2"
    )
