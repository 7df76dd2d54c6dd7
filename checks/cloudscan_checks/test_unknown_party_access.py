"""What unknown_party_access must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.access import Condition, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Test, Unseen
from cloudscan.access.patterns import glob
from cloudscan.groups import everybody_of
from cloudscan.model import (
    ANYONE,
    Account,
    AclGrant,
    Action,
    Answer,
    Confidence,
    MediaClass,
    Principal,
    Severity,
    Store,
    Verdict,
    Why,
)
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, edge, findings, gap, grant, speech, store, transcript, world
from cloudscan_checks.unknown_party_access import unknown_party_access

AUDIO = speech("calls", "a.wav")
VENDOR = "222222222222"
TRUSTED: dict[str, object] = {"trusted": [{"account": VENDOR, "name": "Example Speech Analytics"}]}


def vendor(action: Action = Action.READ, condition: Condition = ALWAYS, account: str = VENDOR) -> Grant:
    principal = f"arn:aws:iam::{account}:role/reader"
    return grant(
        principal,
        action,
        "calls",
        condition=condition,
        account=account,
        outside=True,
        media=MediaClass.SPEECH,
        objects=1,
    )


@pytest.mark.parametrize("action", [Action.READ, Action.WRITE, Action.LIST, Action.DELETE, Action.ADMINISTER])
def test_a_party_that_nobody_named_is_found(calls: Store, action: Action) -> None:
    reached = vendor(action)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, reached))
    assert found.verdict is Verdict.FAIL
    assert found.locator == VENDOR
    assert found.path == reached.steps
    assert found.message == f"{VENDOR}, outside the scanned accounts and not trusted, can {action}"


def test_what_one_party_can_do_is_one_finding(calls: Store) -> None:
    grants = [vendor(Action.LIST), vendor(Action.READ), vendor(account="333333333333")]
    found = findings(unknown_party_access, world(calls, AUDIO, *grants))
    assert [(one.locator, one.evidence["actions"]) for one in found] == [
        (VENDOR, ["list", "read"]),
        ("333333333333", ["read"]),
    ]


def test_a_trusted_party_passes_and_is_named(calls: Store) -> None:
    (found,) = findings(unknown_party_access, world(calls, AUDIO, vendor(), policy=TRUSTED))
    assert found.verdict is Verdict.PASS
    assert "Example Speech Analytics" in found.message


def test_a_role_that_is_called_like_a_trusted_account_is_not_trusted(calls: Store) -> None:
    role = f"arn:aws:iam::666666666666:role/{VENDOR}"
    named = grant(role, Action.READ, "calls", account="666666666666", outside=True)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, named, policy=TRUSTED))
    assert found.verdict is Verdict.FAIL


def test_a_guest_of_our_own_directory_is_a_party_by_itself(calls: Store) -> None:
    ours = Account(ACCOUNT, "aws", organization="our-tenant")
    dora = Principal("entra:c4491b10", "aws", "our-tenant", "guest", "dora_labels.example#EXT#@acme.example")
    other = replace(dora, id="entra:c4491b11", name="else_labels.example#EXT#@acme.example")
    reads = [grant(who.id, Action.READ, "calls", account="our-tenant", outside=True) for who in (dora, other)]
    found = findings(unknown_party_access, world(ours, calls, AUDIO, dora, other, *reads))
    assert [one.locator for one in found] == [dora.id, other.id]
    assert found[0].message == (
        "guest dora_labels.example#EXT#@acme.example, whose home is not told, outside the scanned accounts and not"
        " trusted, can read"
    )
    trusted: dict[str, object] = {"trusted": [{"account": who.id} for who in (dora, other)]}
    (passed,) = findings(unknown_party_access, world(ours, calls, AUDIO, dora, other, *reads, policy=trusted))
    assert passed.verdict is Verdict.PASS


def test_a_condition_is_named_and_lowers_the_confidence(calls: Store) -> None:
    only = Test("sts:ExternalId", Operator.EQUALS, (glob("secret"),))
    (found,) = findings(unknown_party_access, world(calls, AUDIO, vendor(condition=only)))
    assert found.verdict is Verdict.FAIL
    assert found.confidence is Confidence.MEDIUM
    assert found.message.endswith("can read, if sts:ExternalId is secret")


def test_what_is_sure_is_told_apart_from_what_hangs_on_a_condition(calls: Store) -> None:
    only = Test("sts:ExternalId", Operator.EQUALS, (glob("x"),))
    grants = [vendor(Action.READ), vendor(Action.LIST, only), vendor(Action.WRITE, Unseen("a policy"))]
    (found,) = findings(unknown_party_access, world(calls, AUDIO, *grants))
    assert found.confidence is Confidence.HIGH
    assert found.message.endswith("can read; whether it can write is not known: a policy")
    (under,) = findings(unknown_party_access, world(calls, AUDIO, *grants[1:]))
    assert under.evidence["actions"] == ["list"]


def test_somebody_who_is_not_named_may_be_of_outside(calls: Store) -> None:
    unread = Unseen("the role assignments of SUB were not read and may give")
    somebody = grant("somebody who is not named", Action.READ, "calls", condition=unread)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, somebody))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message.endswith(
        "whether somebody who is not named does is not known: the role assignments of SUB were not read and may give"
    )
    ours = Principal("somebody who is not named", "aws", ACCOUNT, "user", "ana")
    (passed,) = findings(unknown_party_access, world(calls, AUDIO, somebody, ours))
    assert passed.verdict is Verdict.PASS


def test_what_our_own_become_by_a_step_is_nobody_from_outside(calls: Store) -> None:
    ours = Principal("ben", "aws", ACCOUNT, "user", "ben")
    becomes = edge("ben", "iam:PutUserPolicy", "ben with widened rights", changes=True, guise=True)
    widened = grant("ben with widened rights", Action.READ, "calls", condition=Unseen("which key was not read"))
    (passed,) = findings(unknown_party_access, world(calls, AUDIO, ours, becomes, widened))
    assert passed.verdict is Verdict.PASS


def test_an_identity_that_was_not_read_may_be_of_outside(calls: Store) -> None:
    reader = grant("entra:1", Action.READ, "calls", account="")
    refused = gap("directory", Facet.PRINCIPALS)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, reader, refused))
    assert found.verdict is Verdict.UNKNOWN
    assert "whose entra:1 is" in found.message
    for known in ([reader], [refused], [reader, refused, Principal("entra:1", "aws", ACCOUNT, "user", "ana")]):
        (passed,) = findings(unknown_party_access, world(calls, AUDIO, *known))
        assert passed.verdict is Verdict.PASS


def test_what_hangs_on_an_unseen_fact_is_unknown(calls: Store) -> None:
    hanging = vendor(condition=Unseen("the key's policy could not be read"))
    (found,) = findings(unknown_party_access, world(calls, AUDIO, hanging))
    assert found.verdict is Verdict.UNKNOWN
    assert "the key's policy could not be read" in found.message


def test_own_identities_anyone_and_refused_parties_are_silent(calls: Store) -> None:
    own = grant("arn:aws:iam::111111111111:role/app", Action.READ, "calls")
    anyone = grant(ANYONE, Action.READ, "calls")
    (found,) = findings(unknown_party_access, world(calls, AUDIO, own, anyone, vendor(condition=NEVER)))
    assert found.verdict is Verdict.PASS


def test_what_may_hide_a_party_is_unknown(calls: Store) -> None:
    for bucket, more in (
        (replace(calls, has_policy=Answer.UNKNOWN), []),
        (replace(calls, acl=None), []),
        (replace(calls, acl=(AclGrant("f" * 64, "READ"),)), []),
        (calls, [gap(calls.id, Facet.POLICY)]),
        (calls, [gap(calls.id, Facet.OBJECTS, Why.LIMIT)]),
    ):
        (found,) = findings(unknown_party_access, world(bucket, AUDIO, *more))
        assert found.verdict is Verdict.UNKNOWN


def test_owners_of_scanned_stores_and_the_clouds_own_groups_are_no_strangers_in_a_list(calls: Store) -> None:
    lines = ("owner-id", "other-owner", ANYONE, "http://acs.amazonaws.com/groups/s3/LogDelivery", f"owners:{ACCOUNT}")
    bucket = replace(calls, acl=tuple(AclGrant(line, "WRITE") for line in lines))
    others = (store("other", owner="other-owner"), Account(id=ACCOUNT, provider="aws"))
    (found,) = findings(unknown_party_access, world(bucket, *others, AUDIO))
    assert found.verdict is Verdict.PASS


def test_transcripts_count_and_other_stores_do_not(calls: Store) -> None:
    assert [
        one.verdict for one in findings(unknown_party_access, world(calls, transcript("calls", "t"), vendor()))
    ] == [Verdict.FAIL]
    assert findings(unknown_party_access, world(calls, vendor())) == []


def test_a_hostile_principal_stays_one_word(calls: Store) -> None:
    named = grant("$(touch x)\n\u202e", Action.READ, "calls", outside=True)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, named))
    assert "If '$(touch x)\n\u202e' may reach it" in found.remediation


def test_an_assignment_on_azure_is_taken_away_by_its_id_wherever_it_is(calls: Store) -> None:
    (found,) = findings(unknown_party_access, world(replace(calls, provider="azure"), AUDIO, vendor()))
    assert "`az role assignment delete --ids ID`" in found.remediation
    assert "--scope" not in found.remediation


def test_what_a_party_perhaps_can_besides_is_told(calls: Store) -> None:
    unread = Unseen("whether the key serves was not read")
    (found,) = findings(unknown_party_access, world(calls, AUDIO, vendor(Action.LIST), vendor(condition=unread)))
    assert found.verdict is Verdict.FAIL
    assert found.message == (
        f"{VENDOR}, outside the scanned accounts and not trusted, can list;"
        " whether it can read is not known: whether the key serves was not read"
    )
    assert found.evidence["actions"] == ["list"]
    assert found.evidence["perhaps"] == ["read"]
    (sure,) = findings(unknown_party_access, world(calls, AUDIO, vendor(), vendor(condition=unread)))
    assert sure.message.endswith("can read")


LIST_KEYS = "Microsoft.Storage/storageAccounts/listKeys/action"


def taking(by: str = LIST_KEYS, *, changes: bool = False, condition: Condition = ALWAYS, who: str = "guest") -> Grant:
    return replace(vendor(condition=condition), principal=who, by=by, changes=changes)


@pytest.mark.parametrize("changes", [False, True])
def test_a_party_that_takes_a_key_or_changes_the_store_is_found(calls: Store, changes: bool) -> None:
    takes = taking(changes=changes)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, takes))
    assert (found.verdict, found.severity, found.locator) == (Verdict.FAIL, Severity.HIGH, VENDOR)
    how = "by changing the cloud" if changes else "by steps"
    assert found.message == f"{VENDOR}, outside the scanned accounts and not trusted, can read {how} ({LIST_KEYS})"
    assert found.path == takes.steps
    assert (found.evidence["steps"], found.evidence["changes_the_cloud"]) == ([LIST_KEYS], changes)


def test_a_trusted_party_may_take_a_key(calls: Store) -> None:
    (found,) = findings(unknown_party_access, world(calls, AUDIO, taking(), policy=TRUSTED))
    assert found.verdict is Verdict.PASS
    assert "Example Speech Analytics" in found.message


def test_a_party_that_widens_its_own_rights_is_found(calls: Store) -> None:
    widens = edge("guest", "roleAssignments/write", "guest*", guise=True, changes=True, outside=True, account=VENDOR)
    read = grant("guest*", Action.READ, "calls", media=MediaClass.SPEECH, objects=1)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, widens, read))
    assert (found.verdict, found.locator) == (Verdict.FAIL, VENDOR)
    assert found.message.endswith("can read by changing the cloud (roleAssignments/write)")
    assert found.path == (*widens.prove("guest", "guest*"), *read.steps)


def test_a_step_into_our_own_identity_is_another_checks_matter(calls: Store) -> None:
    ours = Principal("ours", "aws", ACCOUNT, "role", "ours")
    becomes = edge("guest", "assume-role", "ours", outside=True, account=VENDOR)
    read = grant("ours", Action.READ, "calls", media=MediaClass.SPEECH, objects=1)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, ours, becomes, read))
    assert found.verdict is Verdict.PASS
    assert found.message == "no party outside the scanned accounts reaches it by rights of its own"


def test_what_a_step_adds_to_rights_is_told_beside_them(calls: Store) -> None:
    (found,) = findings(unknown_party_access, world(calls, AUDIO, vendor(Action.ADMINISTER), taking("s3:Put")))
    assert found.message.endswith("can administer, and read by steps (s3:Put)")
    (reads,) = findings(unknown_party_access, world(calls, AUDIO, vendor(), taking("s3:Put")))
    assert reads.message.endswith("can read")


def test_a_step_of_which_something_is_unseen_is_unknown_of_parties_and_of_nobody_in_particular(calls: Store) -> None:
    unread = Unseen("the assignments were not read")
    (found,) = findings(unknown_party_access, world(calls, AUDIO, taking(condition=unread)))
    assert (found.verdict, found.locator) == (Verdict.UNKNOWN, VENDOR)
    somebody = replace(taking(condition=unread, who="somebody who is not named"), outside=False, account="")
    (open_,) = findings(unknown_party_access, world(calls, AUDIO, somebody))
    assert (open_.verdict, open_.locator) == (Verdict.UNKNOWN, "")
    assert "the assignments were not read" in open_.message


def test_a_step_under_a_condition_is_found_with_it(calls: Store) -> None:
    only = Test("sts:ExternalId", Operator.EQUALS, (glob("x"),))
    (found,) = findings(unknown_party_access, world(calls, AUDIO, taking(condition=only)))
    assert (found.verdict, found.confidence) == (Verdict.FAIL, Confidence.MEDIUM)
    assert found.message.endswith(f"can read by steps ({LIST_KEYS}), if sts:ExternalId is x")


def test_what_anyone_reads_is_no_gain_of_a_party(calls: Store) -> None:
    anyone = grant(ANYONE, Action.READ, "calls", media=MediaClass.SPEECH, objects=1)
    (found,) = findings(unknown_party_access, world(calls, AUDIO, anyone, taking()))
    assert found.verdict is Verdict.PASS


def test_what_comes_through_a_door_that_is_itself_outside_is_told_of_the_door(calls: Store) -> None:
    door = replace(vendor(), principal="pool", account="")
    comes = edge("aws", "federate", "pool", outside=True, account="333333333333")
    (found,) = findings(unknown_party_access, world(calls, AUDIO, door, comes))
    assert found.locator == "pool"


def test_of_a_party_with_rights_of_another_account_and_a_guest_each_is_told(calls: Store) -> None:
    ours = Account(ACCOUNT, "aws", organization="our-tenant")
    guest = replace(taking(), account="our-tenant")
    found = findings(unknown_party_access, world(ours, calls, AUDIO, guest, taking(who="delegate")))
    assert [one.locator for one in found] == [VENDOR, "guest"]


def test_guests_are_among_everybody_of_a_directory(calls: Store) -> None:
    ours = Account(ACCOUNT, "aws", organization="our-tenant")
    every = grant(everybody_of("our-tenant"), Action.READ, "calls", account="our-tenant")
    (found,) = findings(unknown_party_access, world(ours, calls, AUDIO, every))
    assert found.verdict is Verdict.UNKNOWN
    assert "everybody of our-tenant reaches it, every guest among them" in found.message
