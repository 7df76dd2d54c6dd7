from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Account,
    Federation,
    MediaClass,
    MediaObject,
    Principal,
    Record,
    Why,
    Workload,
)
from cloudscan.policy.file import parse_policy
from cloudscan.provider import Facet
from cloudscan.reach.lookup import abroad, calls, principal, refuse_unclear, statements, taken_for, target
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, NOW, gap, speech, store, world

CALLS = "arn:aws:s3:::calls"


def _principal(kind: str, name: str) -> Principal:
    return Principal(f"arn:aws:iam::{ACCOUNT}:{kind}/{name}", "aws", ACCOUNT, kind, name)


def _estate(*objects: MediaObject, stores: tuple[str, ...] = ("calls", "calls-old"), **_: Any) -> Estate:
    people = [_principal("role", "agent"), _principal("user", "agent-smith"), _principal("user", "ana")]
    records: list[Record] = [*(store(name) for name in stores), *people, _principal("role", "ana")]
    return Estate.of(records, objects=ObjectTable(rows=list(objects)))


@pytest.mark.parametrize("word", ["calls", CALLS, "s3://calls", "s3://calls/"])
def test_a_store_is_found_by_name_id_and_url(word: str) -> None:
    found = target(_estate(), word)
    assert (found.id, found.found) == (CALLS, None)


@pytest.mark.parametrize("key", ["a.wav", "2026/11/a b.wav", "/a.wav", "a/", "x\ny\u202e.wav", "s3://calls/a.wav"])
@pytest.mark.parametrize("start", ["calls", CALLS, "s3://calls"])
def test_an_object_is_found_by_its_key_whatever_is_in_it(start: str, key: str) -> None:
    found = target(_estate(speech("calls", key), speech("calls-old", key)), f"{start}/{key}")
    assert found.id == f"{CALLS}/{key}"
    assert found.media is MediaClass.SPEECH
    assert found.found is not None
    assert found.found.modified is not None
    assert (NOW - found.found.modified).days == 10


def test_the_current_version_of_an_object_is_meant() -> None:
    old = speech("calls", "a.wav", version="1", current=False, size=1)
    found = target(_estate(old, speech("calls", "a.wav", version="2", size=2)), "calls/a.wav")
    assert found.found is not None
    assert found.found.version == "2"
    with pytest.raises(UsageError, match="only old versions"):
        target(_estate(old), "calls/a.wav")


def test_the_estate_of_an_object_holds_nothing_else() -> None:
    estate = _estate(speech("calls", "a.wav"), speech("calls", "b.wav"), speech("calls-old", "a.wav"))
    narrowed = target(estate, "calls/b.wav").narrowed(estate)
    assert list(narrowed.objects.query("SELECT store, key FROM objects")) == [(CALLS, "b.wav")]
    assert [corpus.store for corpus in narrowed.corpora] == [CALLS]
    assert target(estate, "calls").narrowed(estate) is estate


def test_beside_an_object_of_unread_encryption_stays_how_others_of_its_store_are_encrypted() -> None:
    known = [speech("calls", key, encryption_mode="customer", key_id="k1") for key in ("a.wav", "c.wav")]
    estate = _estate(speech("calls", "b.wav"), *known, speech("calls-old", "a.wav", encryption_mode="none"))
    sql = "SELECT key, encryption_mode, key_id, media FROM objects ORDER BY key"
    narrowed = target(estate, "calls/b.wav").narrowed(estate)
    assert list(narrowed.objects.query(sql)) == [("a.wav", "customer", "k1", "other"), ("b.wav", None, None, "speech")]
    assert [corpus.objects for corpus in narrowed.corpora] == [1]
    alone = target(estate, "calls/a.wav").narrowed(estate)
    assert list(alone.objects.query(sql)) == [("a.wav", "customer", "k1", "speech")]


def test_an_object_of_no_known_class_can_be_asked_about() -> None:
    estate = _estate(speech("calls", "blob", media=MediaClass.UNSETTLED))
    found = target(estate, "calls/blob")
    assert found.media is MediaClass.UNSETTLED
    assert [corpus.objects for corpus in found.narrowed(estate).corpora_of(CALLS, MediaClass.SPEECH)] == [1]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("cals", f"no store is called cals; nearest: {CALLS}"),
        ("CALLS", "nearest"),
        ("zzz", "no store is called zzz; the snapshot has 2 stores"),
        ("", "no store is called"),
        ("calls/b.wav", "no object of calls is called b.wav; nearest: a.wav"),
        ("calls/zzz", "all of its objects were listed"),
    ],
)
def test_what_is_not_there_is_an_error_that_names_what_is_nearest(word: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        target(_estate(speech("calls", "a.wav")), word)
    assert said in str(error.value)


def test_a_name_that_several_stores_have_is_an_error_that_names_them() -> None:
    other = store("calls", provider="gcp")
    records: list[Record] = [store("calls"), type(other)(**{**_fields(other), "id": "gs://calls"})]
    estate = Estate.of(records)
    with pytest.raises(UsageError, match="calls may be each of: arn:aws:s3:::calls, gs://calls"):
        target(estate, "calls")
    assert target(estate, CALLS).store.provider == "aws"


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}


@pytest.mark.parametrize(
    ("word", "found"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/agent", f"arn:aws:iam::{ACCOUNT}:role/agent"),
        ("agent", f"arn:aws:iam::{ACCOUNT}:role/agent"),
        ("agent-smith", f"arn:aws:iam::{ACCOUNT}:user/agent-smith"),
        ("smith", f"arn:aws:iam::{ACCOUNT}:user/agent-smith"),
        ("user/ana", f"arn:aws:iam::{ACCOUNT}:user/ana"),
        ("anyone", ANYONE),
        ("vendor", "arn:aws:iam::999999999999:role/vendor"),
    ],
)
def test_a_principal_is_found_by_id_name_or_a_part_of_its_own(word: str, found: str) -> None:
    assert principal(_estate(), word, ["arn:aws:iam::999999999999:role/vendor"]) == found


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("ana", "ana may be each of: "),
        ("user/", "may be each of"),
        ("agnet", f"nearest: arn:aws:iam::{ACCOUNT}:role/agent"),
        ("zzzzzz", "no principal is called zzzzzz"),
        ("", "no principal is called"),
    ],
)
def test_a_principal_that_is_not_there_or_not_alone_is_an_error(word: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        principal(_estate(), word, [])
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("role/agnt", "role/agent"),
        ("agnet-smith", "user/agent-smith"),
        ("anyonne", ANYONE),
        ("arn:aws:iam::1:role/agent", "role/agent"),
    ],
)
def test_a_principal_that_is_not_there_is_answered_with_what_is_spelt_alike(word: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"no principal is called {word}; nearest: .*{near}"):
        principal(_estate(), word, ())


def test_where_nothing_is_spelt_alike_it_is_said_where_all_are_listed() -> None:
    with pytest.raises(UsageError, match="the snapshot has 6: reach without --from and --to lists them"):
        principal(_estate(), "zzzzzzzzzzzz", ())
    with pytest.raises(UsageError, match="the snapshot has 2 stores: reach without"):
        target(_estate(), "zzzzzzzzzzzz")


BUCKETS = "bucket policy of calls, statement 2 (Forgotten)"
OWN = f"arn:aws:iam::{ACCOUNT}:user/ana#inline/own, statement 1"
ELEVENTH = f"arn:aws:iam::{ACCOUNT}:user/ana#inline/own, statement 11"
OF_KEY = f"key policy of arn:aws:kms:eu-central-1:{ACCOUNT}:key/k, statement 1 (A (b), c)"
THEIRS = "arn:aws:iam::222222222222:user/ana#inline/own, statement 11"
STATEMENTS = {BUCKETS, OWN, ELEVENTH, OF_KEY, THEIRS}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *((each, each) for each in sorted(STATEMENTS)),
        (f"{BUCKETS} ", BUCKETS),
        ("bucket policy of calls, statement 2", BUCKETS),
        ("user/ana#inline/own, statement 1", OWN),
        ("key policy of key/k, statement 1", OF_KEY),
        ("key policy of key/k, statement 1 (A (b), c)", OF_KEY),
    ],
)
def test_a_statement_is_found_by_the_names_that_answers_give_it(word: str, meant: str) -> None:
    assert statements([word], STATEMENTS) == [meant]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nonsense", "no statement is called nonsense"),
        ("", "no statement is called ''"),
        ("bucket policy of calls", f"nearest: {BUCKETS}"),
        ("bucket policy of calls, statement 2 (Forgoten)", f"nearest: {BUCKETS}"),
        ("bucket policy of calls, statement 3", f"nearest: {BUCKETS}"),
        ("user/ana#inline/own", OWN),
        ("user/ana#inline/own, statement 11", f"may be each of: {ELEVENTH}; {THEIRS}"),
        ("2", "no statement is called 2"),
    ],
)
def test_a_statement_that_is_not_there_is_no_statement(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        statements([BUCKETS, word], STATEMENTS)


def test_a_part_of_a_name_is_enough_for_a_store_if_no_other_has_it() -> None:
    assert target(_estate(), "lls-o").id == "arn:aws:s3:::calls-old"
    with pytest.raises(UsageError, match="lls may be each of: arn:aws:s3:::calls, arn:aws:s3:::calls-old"):
        target(_estate(), "lls")


def test_of_an_url_the_store_is_said_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no store is called nosuch;"):
        target(_estate(), "s3://nosuch/x.wav")


def test_whether_an_object_may_be_there_that_was_not_listed_is_known() -> None:
    with pytest.raises(UsageError, match="; all of its objects were listed"):
        target(_estate(), "calls/zzz")
    estate = _estate()
    cut = Estate.of([*estate.stores.values()], [gap(CALLS, Facet.OBJECTS, Why.LIMIT)])
    with pytest.raises(UsageError, match="; its objects were not listed, or not all"):
        target(cut, "calls/zzz")


def test_a_session_is_its_role() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/agent"
    assert principal(_estate(), f"arn:aws:sts::{ACCOUNT}:assumed-role/agent/build-17", ()) == role
    with pytest.raises(UsageError, match="no principal is called"):
        principal(_estate(), f"arn:aws:sts::{ACCOUNT}:assumed-role/nosuch/build-17", ())


@pytest.mark.parametrize("word", ["4" * 12, f"arn:aws:iam::{'4' * 12}:root", f"arn:aws:iam::{'4' * 12}:role/x"])
def test_somebody_of_an_account_that_nothing_names_is_that_account(word: str) -> None:
    records: list[Record] = [Account(ACCOUNT, "aws")]
    assert principal(Estate.of(records), word, ()) == f"arn:aws:iam::{'4' * 12}:root"
    with pytest.raises(UsageError, match="no principal is called"):
        principal(Estate.of(records), word.replace("4" * 12, ACCOUNT), ())


def test_an_account_outside_is_itself_and_not_what_only_has_it_in_its_name() -> None:
    """A set of an identity pool of another cloud names the roles that it means by their account."""
    root, other = f"arn:aws:iam::{'4' * 12}:root", f"principalSet://pool/attribute.aws_role/arn:aws:sts::{'4' * 12}:x"
    held = Estate.of([Account(ACCOUNT, "aws")])
    assert principal(held, "4" * 12, (root, other)) == root
    assert principal(held, "4" * 12, (other,)) == other


def test_a_door_is_found_by_its_name() -> None:
    pool = Federation("arn:aws:cognito-identity:r:1:identitypool/r:2", "aws", ACCOUNT, "r", "cognito", "the_app")
    assert principal(Estate.of([pool]), "the_app", ()) == pool.id


CALL_EXPORT = "serviceAccount:call-export@acme-voice.iam.gserviceaccount.com"


def _clouds(*names: str) -> Estate:
    address = CALL_EXPORT.partition(":")[2]
    account = Principal(CALL_EXPORT, "gcp", "acme-voice", "service-account", address)
    return Estate.of([account, *(_principal("role", name) for name in names)])


def test_a_short_name_that_two_clouds_have_is_never_one_of_them_without_a_word() -> None:
    both = f"call-export may be each of: arn:aws:iam::{ACCOUNT}:role/call-export, {CALL_EXPORT}; give the full id"
    with pytest.raises(UsageError, match=re.escape(both)):
        principal(_clouds("call-export"), "call-export", ())
    assert principal(_clouds(), "call-export", ()) == CALL_EXPORT
    with pytest.raises(UsageError, match="ana may be each of"):
        principal(_clouds("ana"), "ana", ["user:ana@acme.example"])


def test_a_part_of_a_name_means_whole_words_of_an_id_first() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/summariser"
    session = f"principalSet://iam.googleapis.com/p/attribute.aws_role/arn:aws:sts::{ACCOUNT}:assumed-role/summariser"
    assert principal(_clouds("summariser"), "role/summariser", [session]) == role
    assert principal(_clouds("summariser"), "assumed-role/summariser", [session]) == session


@pytest.mark.parametrize(("word", "who"), [("allUsers", ANYONE), ("allAuthenticatedUsers", ANYONE_SIGNED_IN)])
def test_everybody_is_found_by_the_clouds_own_word(word: str, who: str) -> None:
    assert principal(_clouds(), word, ()) == who


def test_of_a_person_whom_nothing_names_it_is_said_as_whom_they_come() -> None:
    with pytest.raises(UsageError, match=r"whom nothing names reads as anyone, anyone-signed-in and domain:acme\.ex"):
        principal(_clouds(), "user:eve@acme.example", ["domain:acme.example"])
    with pytest.raises(UsageError, match=r"whom nothing names reads as anyone and anyone-signed-in$"):
        principal(_clouds(), "user:stranger@gmail.com", ["domain:acme.example"])


def test_it_is_said_what_a_part_of_a_name_was_taken_for() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/ci-deploy"
    assert taken_for(_estate(), "role/ci", role) == f"role/ci is taken for {role}"
    assert [taken_for(_estate(), word, role) for word in ("ci-deploy", "role/ci-deploy", role)] == ["", "", ""]


def test_of_what_has_an_id_that_tells_nothing_the_name_is_said() -> None:
    guest = "dora_w_ext.example#EXT#@acme.onmicrosoft.com"
    assert taken_for(_entra(), "Dora Wex", DORA) == f"Dora Wex is taken for {guest}"
    assert [taken_for(_entra(), word, DORA) for word in (guest, DORA)] == ["", ""]
    assert taken_for(_entra(), "vm2", TWIN) == f"vm2 is taken for vendorapp ({TWIN})"


def _approving(*words: str) -> Any:
    return parse_policy({"access": {"approved_readers": [{"principals": list(words)}]}})


def test_a_policy_file_names_readers_by_what_one_alone_is_called() -> None:
    refuse_unclear(_estate(), _approving("agent", "agent-smith", "nobody", "*:role/ana"))
    with pytest.raises(UsageError, match=r"approved_readers: ana may be each of: .*role/ana, .*user/ana; give"):
        refuse_unclear(_estate(), _approving("ana"))
    with pytest.raises(UsageError):
        refuse_unclear(_estate(), _approving("ana", "*:user/ana"))
    refuse_unclear(_estate(), _approving("ana", "*:user/ana", "*:role/ana"))  # both are meant, by their ids


def test_somebody_without_a_record_is_called_by_the_address() -> None:
    assert calls(_estate(), "user:ana@acme.example") == ("user:ana@acme.example", "ana@acme.example")
    assert calls(_estate(), ANYONE) == (ANYONE,)


DORA, ANN, TWIN = (f"entra:4f9dd65c-4e3d-4ab3-8261-b8e56211af3{each}" for each in range(3))
PLACE = "/subscriptions/5ab5c819-0000-4000-8000-000000000001/resourcegroups/voice/providers/x/containers/calls"


def _entra() -> Estate:
    people = [
        Principal(
            DORA,
            "azure",
            "t",
            "guest",
            "dora_w_ext.example#EXT#@acme.onmicrosoft.com",
            aliases=("Dora Wex", "dora@wex.example"),
        ),
        *(Principal(one, "azure", "t", "service-account", "vendorapp") for one in (ANN, TWIN)),
    ]
    runs = Workload(f"{PLACE}/vm1#1", "azure", "t", "r", "instance", "vm1", principal=ANN)
    held = store("calls")
    return Estate.of([*people, runs, type(held)(**{**_fields(held), "id": PLACE, "name": "acmevoice/calls"})])


@pytest.mark.parametrize(
    ("word", "who"),
    [
        ("dora_w@ext.example", DORA),
        ("dora_w", DORA),
        ("Dora Wex", DORA),
        ("dora@wex.example", DORA),
        ("guest/dora_w_ext.example#EXT#@acme.onmicrosoft.com", DORA),
        ("dora_w_ext.example#EXT#@acme.onmicrosoft.com", DORA),
        ("vm1", ANN),
        (f"{PLACE}/vm1", ANN),
    ],
)
def test_a_guest_is_found_by_its_own_address_and_whom_something_runs_as_by_its_name(word: str, who: str) -> None:
    assert principal(_entra(), word, ()) == who


def test_a_display_name_that_several_have_is_none_of_them_without_a_word() -> None:
    """Whoever has an account chooses a display name, and may choose that of somebody else."""
    other = Principal(
        TWIN, "azure", "t", "guest", "eve_ext.example#EXT#@acme.onmicrosoft.com", aliases=("ana@x.example",)
    )
    held = Estate.of([Principal(ANN, "azure", "t", "user", "ana@x.example"), other])
    with pytest.raises(
        UsageError, match=r"may be each of: eve_ext\.example#EXT#@acme\.onmicrosoft\.com, user/ana@x\.ex"
    ):
        principal(held, "ana@x.example", ())


def test_what_has_an_identity_of_its_own_and_others_is_each_of_them() -> None:
    """A machine may run as its own identity, which has its name, and as identities that were attached to it."""
    own = Principal(ANN, "azure", "t", "service-account", "web1", path=f"{PLACE}/web1")
    attached = Principal(TWIN, "azure", "t", "service-account", "uploads", path=f"{PLACE}/uploads")
    runs = [
        Workload(f"{PLACE}/web1#{one}", "azure", "t", "r", "function", "web1", principal=one) for one in (ANN, TWIN)
    ]
    with pytest.raises(UsageError, match="web1 may be each of: service-account/web1, uploads; give the full id"):
        principal(Estate.of([own, attached, *runs]), "web1", ())
    assert principal(Estate.of([own, attached, runs[0]]), "web1", ()) == ANN


def test_an_application_and_who_acts_as_it_are_told_apart_by_what_they_are() -> None:
    held = Estate.of(
        [
            Principal("app:1", "azure", "t", "application", "review"),
            Principal(ANN, "azure", "t", "service-account", "review"),
        ]
    )
    said = "nearest: application/review, service-account/review"
    with pytest.raises(UsageError, match=f"no principal is called rewiev; {said}$"):
        principal(held, "rewiev", ())
    assert principal(held, "service-account/review", ()) == ANN


def test_what_somebody_is_and_its_name_is_an_id_of_another_cloud_first() -> None:
    held = Estate.of([_principal("user", "ben"), Principal(ANN, "azure", "t", "user", "ben@acme.example")])
    assert principal(held, "user/ben", ()) == f"arn:aws:iam::{ACCOUNT}:user/ben"
    assert principal(held, "user/ben@acme.example", ()) == ANN


def test_a_name_that_several_have_is_never_told_as_one_of_them() -> None:
    held = Estate.of([Principal(ANN, "azure", "t", "user", "ben@acme.example")])
    said = "ben@acme.example may be each of: user/ben@acme.example, user:ben@acme.example; give the full id"
    with pytest.raises(UsageError, match=re.escape(said)):
        principal(held, "ben@acme.example", ["user:ben@acme.example"])


def test_an_application_is_who_acts_as_it() -> None:
    app = Principal("app:1", "azure", "t", "application", "review", unique_id="1")
    acts = Principal(ANN, "azure", "t", "service-account", "review", unique_id="1")
    assert [principal(Estate.of([app, acts]), word, ()) for word in ("review", "app:1", ANN)] == [ANN] * 3
    other = Principal(ANN, "azure", "t", "service-account", "review", unique_id="2")
    assert principal(Estate.of([app, other]), "app:1", ()) == "app:1"


def test_hints_tell_names_where_ids_tell_nothing() -> None:
    with pytest.raises(UsageError, match=r"nearest: dora_w_ext\.example#EXT#@acme\.onmicrosoft\.com;"):
        principal(_entra(), "dora_x@ext.example", ())
    with pytest.raises(UsageError, match=re.escape(f"vendorapp may be each of: vendorapp ({ANN}), vendorapp ({TWIN})")):
        principal(_entra(), "vendorapp", ())
    with pytest.raises(UsageError, match=r"no store is called acmevoice/cals; nearest: acmevoice/calls$"):
        target(_entra(), "acmevoice/cals")


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("https://acme.blob.core.windows.net/calls", None),
        ("https://acme.blob.core.windows.net/calls?sv=2022-11-02&sr=c&si=weekly&sig=a%2Fb", None),
        ("https://acme.blob.core.windows.net/calls/a/b%20c.wav?sv=2022-11-02&sr=b&sp=r&sig=x", "a/b c.wav"),
        ("https://acme.dfs.core.usgovcloudapi.net/calls/a/b%20c.wav", "a/b c.wav"),
    ],
)
def test_the_address_of_a_blob_is_understood_with_its_signature(word: str, key: str | None) -> None:
    name = "/subscriptions/s/providers/microsoft.storage/storageaccounts/acme/blobservices/default/containers/calls"
    held = replace(store("x"), id=name, provider="azure", name="acme/calls", kind="container")
    blob = MediaObject(name, "a/b c.wav", media=MediaClass.SPEECH)
    found = target(Estate.of([held], objects=ObjectTable(rows=[blob])), word)
    assert (found.store.id, found.found and found.found.key) == (name, key)
    with pytest.raises(UsageError):
        target(Estate.of([held], objects=ObjectTable(rows=[blob])), word.replace("acme", "other"))


def _identity(own: str, name: str, **facts: Any) -> Principal:
    return Principal(f"entra:{own}", "azure", "t", "service-account", name, **facts)


def test_an_identity_is_found_by_the_id_that_logs_of_signing_in_have() -> None:
    estate = Estate.of([_identity("1", "transcriber", unique_id="dcdf4e4a"), _identity("2", "other", unique_id="9")])
    assert principal(estate, "dcdf4e4a", ()) == "entra:1"


def test_of_what_runs_as_two_identities_each_is_named() -> None:
    machine = "/subscriptions/s/providers/microsoft.compute/virtualmachines/vm1"
    own, given = _identity("42", "vm1", path=machine), _identity("7", "reader-id")
    runs = [
        Workload(f"{machine}{mark}", "azure", "s", "", "instance", "vm1", principal=one.id)
        for mark, one in (("", own), ("#7", given))
    ]
    with pytest.raises(UsageError, match=r"vm1 may be each of: reader-id, service-account/vm1; give the full id"):
        principal(Estate.of([own, given, *runs]), "vm1", ())
    with pytest.raises(UsageError, match=r"entra:42 \(as which vm1 runs\), reader-id"):
        principal(Estate.of([given, *runs]), "vm1", ())
    beside = _identity("43", "vm1")
    with pytest.raises(UsageError, match=r"vm1 \(entra:42\)"):
        principal(Estate.of([own, given, beside, *runs]), "vm1", ())


def test_of_several_clouds_it_is_said_whose_each_is() -> None:
    with pytest.raises(UsageError, match=r"ci may be each of: arn:\S+:role/ci, service-account/ci of azure; "):
        principal(Estate.of([_identity("1", "ci"), _principal("role", "ci")]), "ci", ())
    theirs = Principal("serviceAccount:ci@p.iam.gserviceaccount.com", "gcp", "p", "service-account", "ci")
    with pytest.raises(UsageError) as told:
        principal(Estate.of([_identity("1", "ci"), theirs]), "ci", ())
    assert "ci (entra:1) of azure" in str(told.value)
    assert theirs.id in str(told.value)


def test_a_name_that_another_directory_chose_approves_nobody() -> None:
    ours = Account("sub", "azure", organization="our-tenant")
    robot = Principal("entra:1", "azure", "our-tenant", "service-account", "robot")
    other = Principal("entra:2", "azure", "another-tenant", "service-account", "robot")
    guest = Principal("entra:3", "azure", "our-tenant", "guest", "dora#EXT#@acme.example")
    estate = world(ours, robot, other, guest).estate
    assert [calls(estate, who.id) for who in (robot, other, guest)] == [
        ("entra:1", "robot"),
        ("entra:2",),
        ("entra:3", "dora#EXT#@acme.example"),
    ]
    assert abroad(estate, "robot") == ["entra:2"]
    refuse_unclear(estate, _approving("robot"))  # one alone is called so


def test_where_our_own_directory_is_not_known_nobody_is_of_another() -> None:
    robot = Principal("entra:1", "azure", "a-tenant", "service-account", "robot")
    assert calls(world(Account("sub", "azure"), robot).estate, "entra:1") == ("entra:1", "robot")
