"""Direct grants as they are derived from records: for whom, on what, with which proof; nothing tries all pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.access import AccessGraph, Grant, Ruling
from cloudscan.estate import Estate
from cloudscan.groups import everybody_of
from cloudscan.model import ANYONE, Action, Answer, Coverage, MediaClass
from cloudscan.provider import Facet
from cloudscan.snapshot import Manifest
from cloudscan_azure import AzureProvider
from cloudscan_azure.grants import derive
from cloudscan_azure.ids import person
from cloudscan_azure.policy.evaluate import Matter
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    ASR,
    BLOB,
    BO,
    GUS,
    PATH,
    PUBLIC,
    STAFF,
    STORE,
    SUB,
    SUBSCRIPTION,
    TEAM,
    TENANT,
    assigned,
    container,
    denied,
    estate,
    gap,
    key,
    listed,
    network,
    recording,
    someone,
    stored,
)

EVERYBODY = everybody_of(TENANT)


def grants(held: Estate, *actions: Action, stores: Collection[str] | None = None) -> list[Grant]:
    found = [one for one in derive(held, stores) if isinstance(one, Grant) and not one.by]
    return [one for one in found if not actions or one.action in actions]


def told(held: Estate, *actions: Action) -> set[tuple[str, str]]:
    return {(one.principal, one.decision.ruling.value) for one in grants(held, *actions)}


def test_every_action_of_everybody_who_is_named() -> None:
    held = estate(assigned(ACCOUNT, "contributor", ANA), assigned(ACCOUNT, "owner", BO))
    assert {(one.principal, one.action) for one in grants(held)} == {
        *((ANA, action) for action in (Action.READ, Action.WRITE, Action.DELETE, Action.LIST)),
        (BO, Action.ADMINISTER),
    }
    (read,) = [one for one in grants(held, Action.READ) if one.principal == ANA]
    assert (read.store, read.media, read.objects, read.bytes, read.seconds) == (STORE, MediaClass.SPEECH, 1, 10, 60.0)
    (step,) = read.steps
    assert (step.source, step.target) == (ANA, f"{STORE}/blobs/raw/a.wav")
    assert step.statement == f"{ACCOUNT}#hierarchy contributor {ANA}"


def test_anyone_reads_and_lists_by_the_containers_level() -> None:
    allowed = {"allowBlobPublicAccess": Answer.YES}
    held = estate(container(acl=PUBLIC, controls=allowed))
    assert {(one.principal, one.action) for one in grants(held)} == {(ANYONE, Action.READ), (ANYONE, Action.LIST)}
    assert grants(estate(container(acl=PUBLIC))) == []
    closed = network(acls={"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]})
    assert told(estate(container(acl=PUBLIC, controls=allowed), closed)) == {(ANYONE, "if")}


def test_a_website_may_show_what_lies_in_its_container_to_anyone() -> None:
    web = replace(container(), name="calls/$web")
    (found,) = grants(estate(web))
    assert (found.principal, found.action, found.decision.ruling) == (ANYONE, Action.READ, Ruling.UNKNOWN)
    assert found.decision.unseen == (f"whether the static website of {ACCOUNT} is on was not read",)
    allowed = replace(web, acl=PUBLIC, controls={**web.controls, "allowBlobPublicAccess": Answer.YES})
    assert {(one.action, one.decision.ruling) for one in grants(estate(allowed))} == {
        (Action.READ, Ruling.YES),
        (Action.LIST, Ruling.YES),
    }


def test_what_a_condition_on_paths_takes_in_is_counted_apart() -> None:
    held = estate(
        assigned(ACCOUNT, "reader", ANA, when=f"{PATH} StringLike 'raw/*'"),
        assigned(ACCOUNT, "reader", BO, when=f"NOT {PATH} StringLike '*.txt'"),
        assigned(ACCOUNT, "reader", BO, when=f"Exists @Resource[{BLOB}/tags:Open<$key_case_sensitive$>]"),
        objects=[recording(name) for name in ("raw/a.wav", "raw/b.txt", "out/a.wav")],
    )
    counts = {(one.principal, one.decision.ruling.value): one.objects for one in grants(held, Action.READ)}
    assert counts == {(ANA, "yes"): 2, (BO, "yes"): 2, (BO, "if"): 1}


def test_paths_that_differ_in_case_only_are_not_told_apart() -> None:
    held = estate(
        assigned(ACCOUNT, "reader", ANA, when=f"{PATH} StringLikeIgnoreCase 'RAW/*'"),
        objects=[recording(name) for name in ("raw/a.wav", "Raw/b.wav", "clips/a.wav")],
    )
    assert [(one.decision.ruling, one.objects) for one in grants(held, Action.READ)] == [(Ruling.UNKNOWN, 2)]


def test_folders_with_lists_are_counted_apart() -> None:
    held = estate(
        container(controls={"isHnsEnabled": Answer.YES}),
        listed("", "user:ana:r-x", "mask::rwx"),
        listed("raw", "user:ana:--x", "mask::rwx"),
        listed("raw/a.wav", "user:ana:r--", "mask::rwx"),
        listed("raw/b.wav", "user:ana:---", "mask::rwx"),
        listed("out", "user:ana:---", "mask::rwx"),
        objects=[recording(name) for name in ("raw/a.wav", "raw/b.wav", "out/a.wav")],
    )
    assert [(one.principal, one.objects) for one in grants(held, Action.READ)] == [(ANA, 1)]
    assert told(held, Action.LIST) == {(ANA, "yes")}


def test_whom_nothing_names_is_told_once_where_something_was_not_read() -> None:
    people = [someone(person(f"u{number}")) for number in range(20)]
    unread = [gap(SUBSCRIPTION, "Microsoft.Authorization/roleAssignments/read")]
    held = estate(*people, assigned(ACCOUNT, "reader", ANA), gaps=unread)
    assert told(held, Action.READ) == {(ANA, "yes"), ("somebody who is not named", "unknown")}


def test_members_of_a_group_and_those_of_one_that_was_not_read() -> None:
    held = estate(assigned(ACCOUNT, "reader", STAFF))
    assert told(held, Action.READ) == {(ANA, "yes"), (TEAM, "yes"), (STAFF, "yes")}
    unread = estate(assigned(ACCOUNT, "reader", TEAM), someone(TEAM, members=None), someone(ANA))
    assert told(unread, Action.READ) == {(TEAM, "yes"), *((who, "unknown") for who in (ANA, BO, GUS, ASR, STAFF))}


def test_who_is_outside() -> None:
    application = someone(ASR, account="tenant-2")
    held = estate(application, *(assigned(ACCOUNT, "reader", who) for who in (ANA, GUS, ASR)))
    assert {one.principal: one.outside for one in grants(held, Action.READ)} == {ANA: False, GUS: True, ASR: True}


def test_who_may_hold_a_signature_by_a_stored_policy_is_not_known() -> None:
    end = {"expiry": "2030-01-01T00:00:00Z"}
    held = estate(stored(calls={"permission": "rl", **end}, write={"permission": "w", **end}, open={"permission": "r"}))
    (one,) = grants(held)
    assert (one.decision.ruling, one.action, one.objects) == (Ruling.UNKNOWN, Action.READ, 1)
    assert "stored access policy calls" in one.principal
    assert one.decision.unseen[0].endswith("policy calls cannot be seen: whoever does may use it")
    assert grants(estate(container(controls={"allowSharedKeyAccess": Answer.NO}), *held.policies.values())) == []


def test_stored_policies_that_were_not_read_may_give_to_whoever_holds_a_signature() -> None:
    unread = gap(STORE, "Container_GetAccessPolicy", facet=Facet.CREDENTIALS)
    (one,) = grants(estate(gaps=[unread]))
    assert (one.decision.ruling, one.action) == (Ruling.UNKNOWN, Action.READ)
    assert "stored access policy that was not read" in one.principal
    assert grants(estate(container(controls={"allowSharedKeyAccess": Answer.NO}), gaps=[unread])) == []


def test_a_disabled_key_leaves_no_reader_and_a_provided_one_stays_a_condition() -> None:
    under = [
        recording("a.wav", encryption_mode="customer", key_id=key().id),
        recording("b.wav", encryption_mode="customer-supplied"),
        recording("c.wav"),
    ]
    held = estate(key(state="disabled"), assigned(ACCOUNT, "reader", ANA), objects=under)
    counts = Counter({one.decision.ruling.value: one.objects for one in grants(held, Action.READ)})
    assert counts == {"yes": 1, "if": 1}


def test_stores_in_question_and_stores_without_speech() -> None:
    reader = assigned(ACCOUNT, "reader", ANA)
    assert grants(estate(reader), stores=["elsewhere"]) == []
    assert grants(estate(reader, objects=[recording("a.txt", media=MediaClass.OTHER)])) == []


def test_many_who_are_alike_are_asked_once(monkeypatch: object) -> None:
    asked: Counter[str] = Counter()
    before = Matter.decide

    def counting(self: Matter, *args: object, **more: object) -> object:
        asked[self.operation.name] += 1
        return before(self, *args, **more)  # type: ignore[arg-type]

    people = [someone(person(f"u{number}"), TEAM) for number in range(200)]
    held = estate(*people, assigned(ACCOUNT, "reader", TEAM), denied(SUBSCRIPTION, BO))
    monkeypatch.setattr(Matter, "decide", counting)  # type: ignore[attr-defined]
    assert len(grants(held, Action.READ)) == 202
    assert asked["Get Blob"] <= 4


def test_the_graph_takes_them() -> None:
    graph = AccessGraph(derive(estate(assigned(ACCOUNT, "reader", TEAM))))
    assert {reader.principal for reader in graph.readers(STORE, MediaClass.SPEECH)} == {ANA, TEAM}


def test_what_all_others_have_by_lists_is_told_of_each_where_it_is_known_and_once_where_it_is_not() -> None:
    deep = container(controls={"isHnsEnabled": Answer.YES})
    way = [listed(path, "user:ana:--x", "other::--x") for path in ("", "raw")]
    unread = estate(deep, *way)
    assert told(unread, Action.READ) == {(ANA, "unknown"), ("somebody who is not named", "unknown")}
    known = estate(deep, *way, listed("raw/a.wav", "user:ana:---", "other::r--"))
    assert told(known, Action.READ) == {(who, "yes") for who in (BO, GUS, ASR, TEAM, STAFF, EVERYBODY)}


def test_those_who_have_the_same_roles_are_told_apart_by_all_else_that_names_them() -> None:
    shared = [assigned(ACCOUNT, "reader", who) for who in (ANA, BO, ASR)]
    assert told(estate(*shared, denied(ACCOUNT, BO)), Action.READ) == {(ANA, "yes"), (ASR, "yes")}
    assert told(estate(*shared, denied(ACCOUNT, but=[BO])), Action.READ) == {(BO, "yes")}
    closed = network(acls={"defaultAction": "Deny", "bypass": "AzureServices"})
    assert told(estate(*shared, closed), Action.READ) == {(ASR, "if")}
    abroad = estate(*shared, someone(BO, account="tenant-2"))
    assert told(abroad, Action.READ) == {(ANA, "yes"), (ASR, "yes")}
    off = estate(*shared, someone(ANA, enabled=Answer.NO))
    assert told(off, Action.READ) == {(BO, "yes"), (ASR, "yes")}
    team = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Audio_Team] StringEquals 'calls'"
    own = [assigned(ACCOUNT, "reader", who, when=team) for who in (ANA, BO)]
    assert told(estate(*own, someone(BO, labels={"Audio_Team": "calls"})), Action.READ) == {(BO, "yes")}
    deep = container(controls={"isHnsEnabled": Answer.YES})
    way = [listed(path, "user:ana:r-x", "other::r-x") for path in ("", "raw", "raw/a.wav")]
    assert {*told(estate(deep, *way, someone(BO)), Action.LIST)} == {
        (who, "yes") for who in (ANA, BO, GUS, ASR, TEAM, STAFF, EVERYBODY)
    }
    masked = [listed(path, "user:ana:r-x", "other::r-x", "mask::rwx") for path in ("", "raw")]
    kept = listed("raw/a.wav", "user:ana:---", "other::r--")
    assert ANA not in {who for who, _ in told(estate(deep, *masked, kept), Action.READ)}


NOW = datetime(2026, 11, 10, tzinfo=UTC)


def until(moment: str, test: str = "DateTimeLessThan") -> dict[str, Any]:
    return {"when": f"@Environment[UtcNow] {test} '{moment}'"}


@pytest.mark.parametrize(
    ("times", "ruling"),
    [
        (until("2026-10-31T00:00:00Z"), None),
        (until("2026-12-31T00:00:00Z"), Ruling.IF),
        (until("2026-10-31T00:00:00Z", "DateTimeGreaterThan"), Ruling.YES),
        (until("2026-12-31T00:00:00Z", "DateTimeGreaterThan"), Ruling.IF),
        ({"endDateTime": "2026-10-31T00:00:00Z"}, None),
        ({"startDateTime": "2026-10-01T00:00:00Z", "endDateTime": "2026-12-31T00:00:00Z"}, Ruling.IF),
    ],
)
def test_what_was_given_until_before_the_snapshot_is_over(times: dict[str, Any], ruling: Ruling | None) -> None:
    held = estate(assigned(ACCOUNT, "reader", ANA, **times))
    provider = AzureProvider()

    def reads() -> list[Ruling]:
        found = [one for one in provider.grants(held) if isinstance(one, Grant) and one.principal == ANA]
        return [one.decision.ruling for one in found if one.action is Action.READ]

    assert reads() == [Ruling.IF]  # nobody knows when that was
    held.coverage = [Coverage("azure", account, facet, 1, 1) for account in (SUB, TENANT) for facet in Facet]
    held.manifest = Manifest({"azure": {}}, (), NOW, NOW, "cloudscan", {}, "")
    assert reads() == ([ruling] if ruling else [])
    assert provider.explain(held, ANA, STORE, "raw/a.wav").ruling is (ruling or Ruling.NO)
