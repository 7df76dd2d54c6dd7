"""Lookups and sums over an estate."""

from dataclasses import replace

from cloudscan.estate import OTHER_PREFIXES, Estate
from cloudscan.model import Answer, Corpus, Key, MediaClass, PolicyDocument, Principal, Workload
from cloudscan.provider import Facet
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import NOW, gap, speech, store, transcript


def key(number: int, *aliases: str) -> Key:
    return Key(f"arn:aws:kms:eu-central-1:{number}:key/1", "aws", f"{number}", "eu-central-1", aliases=aliases)


def test_a_key_is_found_by_id_and_by_alias() -> None:
    estate = Estate.of([key(1, "arn:aws:kms:eu-central-1:1:alias/a", "alias/a"), key(2)])
    for name in (key(1).id, "arn:aws:kms:eu-central-1:1:alias/a", "alias/a"):
        found = estate.key(name)
        assert found is not None
        assert found.account == "1"
    assert estate.key(None) is None
    assert estate.key("alias/other") is None


def test_an_alias_that_two_accounts_have_finds_neither() -> None:
    estate = Estate.of([key(1, "alias/speech"), key(2, "alias/speech")])
    assert estate.key("alias/speech") is None


def test_policies_are_found_by_what_they_hang_on() -> None:
    document = PolicyDocument("p", "aws", "1", "identity", ("role/a", "role/b"), "{}")
    estate = Estate.of([document])
    assert list(estate.policies_on("role/b", "identity")) == [document]
    assert list(estate.policies_on("role/b", "trust")) == []


def workload(number: int, **facts: str) -> Workload:
    return Workload(f"i-{number}", "aws", "1", "eu-central-1", "instance", f"i-{number}", **facts)  # type: ignore[arg-type]


def test_a_workload_acts_as_the_principal_behind_its_profile_or_name() -> None:
    role = Principal("role/jobs/worker", "aws", "1", "role", "worker", instance_profiles=("profile/workers",))
    others = [replace(role, id="user/worker", kind="user"), replace(role, id="elsewhere", account="2")]
    told = [
        workload(1, known_as="profile/workers"),
        workload(2, known_as="worker"),
        workload(3, known_as="profile/unseen"),
        workload(4, principal=""),
        workload(5, principal="role/other"),
    ]
    found = Estate.of([*told, role, *others]).workloads
    assert [one.principal for one in found.values()] == [role.id, role.id, None, "", "role/other"]


def test_gaps_are_found_by_resource_and_question() -> None:
    denied = gap("arn:aws:s3:::calls", Facet.POLICY)
    estate = Estate.of([store("calls")], [denied, gap("arn:aws:s3:::other", Facet.ACL)])
    assert estate.gaps_on("arn:aws:s3:::calls") == (denied,)
    assert estate.gaps_on("arn:aws:s3:::calls", Facet.ACL) == ()


def corpora(*rows: object) -> dict[tuple[str, str], Corpus]:
    estate = Estate.of([store("calls")], (), ObjectTable(rows=rows))  # type: ignore[arg-type]
    return {(corpus.media, corpus.prefix): corpus for corpus in estate.corpora}


def test_corpora_add_up_by_class_and_folder() -> None:
    found = corpora(
        speech("calls", "2026/a.wav", days=5, seconds=60),
        speech("calls", "2026/b.mp3", days=9, seconds=None, format="mp3"),
        speech("calls", "top.wav", seconds=30),
        transcript("calls", "2026/a.json"),
        speech("calls", "2026/old.wav", current=False),
        speech("calls", "2026/gone.wav", delete_marker=True),
        speech("calls", "2026/picture.png", media=MediaClass.OTHER),
    )
    assert set(found) == {("speech", "2026/"), ("speech", ""), ("transcript", "2026/")}
    folder = found["speech", "2026/"]
    assert (folder.objects, folder.seconds, folder.unknown_length) == (2, 60.0, 1)
    assert folder.formats == ("mp3", "wav")
    assert folder.oldest is not None
    assert (NOW - folder.oldest).days == 9


def test_many_folders_are_put_together() -> None:
    found = corpora(*(speech("calls", f"{number:02}/a.wav") for number in range(30)))
    assert len(found) == 21
    assert found["speech", OTHER_PREFIXES].objects == 10


def test_nothing_found_is_no_corpus() -> None:
    assert corpora() == {}
    assert store("calls").tls_required is Answer.UNKNOWN


def test_rows_by_store_are_those_of_the_query_and_a_store_without_any_has_none() -> None:
    table = ObjectTable(rows=[speech("a", "1.wav"), transcript("b", "2.json"), speech("a", "3.wav")])
    sql = "SELECT store, key, media FROM objects ORDER BY ALL"
    found = table.by_store(sql)
    assert found == {
        store("a").id: [("1.wav", "speech"), ("3.wav", "speech")],
        store("b").id: [("2.json", "transcript")],
    }
    assert [(name, *row) for name, rows in found.items() for row in rows] == list(table.query(sql))
    assert table.by_store("SELECT store FROM objects WHERE media = 'video'") == {}
