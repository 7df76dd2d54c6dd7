"""A policy file that does not say what its author meant is an error, not a decision."""

import contextlib
import re
import tempfile
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.errors import PolicyFileError
from cloudscan.model import MediaClass
from cloudscan.policy.file import PRESETS, Policy, Retention, Suppression, parse_policy, read_policy
from cloudscan.tables.slices import Slice
from cloudscan.testing import store


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cloudscan.yaml"
    path.write_text(
        """
version: 1
retention:
  - {stores: "archive-*", media: speech, max_days: 365, min_days: 180}
  - {max_days: 90}
keys: {require_customer_key: true, approved: ["alias/speech*"]}
regions: ["eu-*"]
trusted: [{account: "222222222222", name: Example Speech}]
access:
  max_readers: 25
  max_share: 0.5
  approved_readers:
    - {stores: "arn:aws:s3:::archive-*", principals: ["*:role/auditor"]}
    - {principals: ["*:role/speech-*", "*:user/ana"]}
severity: {audio-never-deleted: low}
suppressions:
  - {check: audio-*, resource: "arn:aws:s3:::old", reason: moving out, owner: ana, expires: 2027-01-31}
"""
    )
    policy = read_policy(path)
    ((archive, *_),) = policy.retention_of(store("archive-eu"), MediaClass.SPEECH)
    ((calls, *_),) = policy.retention_of(store("calls"), MediaClass.TRANSCRIPT)
    assert (archive.max_days, archive.min_days) == (365, 180)
    assert calls.max_days == 90
    assert policy.approves_key("arn:aws:kms:eu-central-1:1:key/1", "alias/speech-eu")
    assert not policy.approves_key("alias/aws/s3")
    assert policy.allows_region("eu-central-1")
    assert not policy.allows_region("us-east-1")
    assert policy.trusted_name("222222222222") == "Example Speech"
    assert policy.trusted_name("333333333333") is None
    assert (policy.access.max_readers, policy.access.max_share) == (25, 0.5)
    assert policy.suppressions[0].expires == date(2027, 1, 31)


def test_a_preset_gives_the_days_that_are_not_given() -> None:
    rules = [
        {"stores": "desk-*", "media": "speech", "preset": "fca-sysc-10a"},
        {"stores": "voice-*", "preset": "bipa-15a", "max_days": 365},
    ]
    policy = parse_policy({"retention": rules})
    ((desk, *_),) = policy.retention_of(store("desk-1"), MediaClass.SPEECH)
    ((voice, *_),) = policy.retention_of(store("voice-1"), MediaClass.SPEECH)
    assert (desk.min_days, desk.max_days) == (1827, None)
    assert (voice.min_days, voice.max_days) == (None, 365)


def test_every_preset_can_be_named_and_gives_days() -> None:
    for name, preset in PRESETS.items():
        (rule,) = parse_policy({"retention": [{"preset": name}]}).retention
        assert (rule.min_days, rule.max_days) == (preset.min_days, preset.max_days) != (None, None)
        assert preset.says
    with pytest.raises(PolicyFileError, match="did you mean 'finra-3170'"):
        parse_policy({"retention": [{"preset": "finra-317"}]})


def test_a_preset_that_contradicts_the_days_given_is_refused() -> None:
    given = {"preset": "fca-sysc-10a", "max_days": 90}
    words = "retention[0].max_days is 90, less than the min_days of 1,827 that its preset fca-sysc-10a gives"
    with pytest.raises(PolicyFileError, match=re.escape(words)):
        parse_policy({"retention": [given]})
    words = "retention[0].min_days is 2,000, more than the max_days of 1,095 that its preset bipa-15a gives"
    with pytest.raises(PolicyFileError, match=re.escape(words)):
        parse_policy({"retention": [{"preset": "bipa-15a", "min_days": 2000}]})


def test_the_first_rule_that_fits_a_store_says_who_may_read_it() -> None:
    rules = [{"stores": "archive-*", "principals": ["*:role/auditor"]}, {"principals": ["*:role/speech-*"]}]
    policy = parse_policy({"access": {"approved_readers": rules}})
    archive, calls = policy.approved_readers_of(store("archive-eu")), policy.approved_readers_of(store("calls"))
    assert archive is not None
    assert archive.include("arn:aws:iam::111111111111:role/auditor")
    assert not archive.include("arn:aws:iam::111111111111:role/speech-export")
    assert calls is not None
    assert calls.include("arn:aws:iam::111111111111:role/speech-export")
    assert not calls.include("arn:aws:iam::111111111111:role/SPEECH-export")


def test_readers_may_be_approved_for_some_stores_only() -> None:
    rules = [{"stores": "arn:aws:s3:::archive-*", "principals": []}]
    policy = parse_policy({"access": {"approved_readers": rules}})
    archive = policy.approved_readers_of(store("archive-eu"))
    assert archive is not None
    assert not archive.include("arn:aws:iam::111111111111:role/auditor")
    assert policy.approved_readers_of(store("calls")) is None


def test_stores_may_be_a_list() -> None:
    rule = {"stores": ["calls", "arn:aws:s3:::ivr-*", "*/containers/c", "gs://g"], "max_days": 9}
    policy = parse_policy({"retention": [rule], "access": {"approved_readers": [{**NOBODY, "stores": rule["stores"]}]}})
    fits = [bool(policy.retention_of(store(name), MediaClass.SPEECH)) for name in ("calls", "ivr-1", "other")]
    assert fits == [True, True, False]
    assert policy.approved_readers_of(store("ivr-1")) is not None
    assert policy.approved_readers_of(store("other")) is None


NOBODY: dict[str, object] = {"principals": []}


def test_numbers_are_decimal(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("retention: [{max_days: 90}]\naccess: {max_share: 0.5, max_readers: 0}\n")
    policy = read_policy(path)
    assert (policy.retention[0].max_days, policy.access.max_share, policy.access.max_readers) == (90, 0.5, 0)


def test_no_file_decides_nothing() -> None:
    policy = parse_policy({})
    assert policy.approved_readers_of(store("calls")) is None
    assert (policy.access.max_readers, policy.access.max_share) == (None, None)
    assert policy.retention_of(store("calls"), MediaClass.SPEECH) == []
    assert policy.allows_region("anywhere")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"retenton": []}, "unknown key 'retenton' at the top level; did you mean 'retention'?"),
        ({"retention": [{"max_day": 3}]}, "unknown key 'max_day' at retention[0]; did you mean 'max_days'?"),
        ({"keys": {"zzz": 1}}, "unknown key 'zzz' at keys; known keys: require_customer_key, approved"),
        ({"retention": [{"stores": "x"}]}, "retention[0] needs max_days, min_days, both or a preset"),
        (
            {"retention": [{"max_days": 30, "min_days": 90}]},
            "retention[0].min_days is more than its max_days: nothing can satisfy both",
        ),
        (
            {"retention": [{"max_days": -1}]},
            "retention[0].max_days must be a whole number from 0 to 365,000, not the number -1",
        ),
        (
            {"retention": [{"min_days": 400_000}]},
            "retention[0].min_days must be a whole number from 0 to 365,000, not the number 400000",
        ),
        (
            {"retention": [{"max_days": "ninety"}]},
            "retention[0].max_days must be a whole number from 0 to 365,000, not the text 'ninety'",
        ),
        (
            {"retention": [{"max_days": "90"}]},
            "retention[0].max_days must be a whole number from 0 to 365,000, not the text '90'; take the quotes away",
        ),
        (
            {"retention": [{"max_days": True}]},
            "retention[0].max_days must be a whole number from 0 to 365,000, not true",
        ),
        (
            {"retention": [{"max_days": 1}, {"max_days": 1, "media": "Speech"}]},
            (
                "retention[1].media must be any, speech, transcript or video, not the text 'Speech';"
                " did you mean 'speech'?"
            ),
        ),
        (
            {"retention": [{"max_days": "0365"}]},
            (
                "retention[0].max_days must be a whole number from 0 to 365,000, not the text '0365';"
                " write it without the leading zero"
            ),
        ),
        (
            {"retention": [{"stores": 7, "max_days": 1}]},
            "retention[0].stores must be text or a list of it, not the number 7; put it in quotes",
        ),
        (
            {"retention": [{"stores": ["a", 7], "max_days": 1}]},
            "retention[0].stores[1] must be text, not the number 7; put it in quotes",
        ),
        (
            {"retention": [{"stores": [], "max_days": 1}]},
            "retention[0].stores is an empty list, which is about no store; leave it out for all",
        ),
        (
            {"retention": [{"stores": "", "max_days": 1}]},
            "retention[0].stores is empty text, which names no store; leave it out for all",
        ),
        (
            {"retention": [{"max_days": 1}, {"stores": ["a", "s3://calls/x"], "max_days": 1}]},
            "retention[1].stores takes globs of a store's name or full id, not 's3://calls/x'; write 'calls'",
        ),
        *[
            (
                {"retention": [{"stores": f"{name}/in/*", "max_days": 1}]},
                f"retention[0].stores names whole stores, and '{name}/in/*' a folder; write '{name}' and prefix: 'in/'",
            )
            for name in ("calls", "calls-*", "arn:aws:s3:::calls", "gs://calls")
        ],
        *[
            (
                {"retention": [{"stores": f"calls/{rest}", "max_days": 1}]},
                f"retention[0].stores names whole stores, and 'calls/{rest}' a folder; write 'calls'",
            )
            for rest in ("*/in", "20??/*")
        ],
        (
            {"access": {"approved_readers": [{"stores": "calls/in/*", "principals": []}]}},
            "access.approved_readers[0].stores names whole stores, and 'calls/in/*' a folder; write 'calls'",
        ),
        (
            {"retention": [{"prefix": [], "max_days": 1}]},
            "retention[0].prefix is an empty list, which is about no object; leave it out for all",
        ),
        *[
            (
                {"retention": [{"prefix": prefix, "max_days": 1}]},
                "retention[0].prefix is empty text, with which every key begins; leave it out for all",
            )
            for prefix in ("", ["a/", ""])
        ],
        (
            {"retention": [{"prefix": 2026, "max_days": 1}]},
            "retention[0].prefix must be text or a list of it, not the number 2026; put it in quotes",
        ),
        (
            {"retention": [{"prefix": None, "max_days": 1}]},
            "retention[0].prefix must be text or a list of it, but nothing is given; leave the key out",
        ),
        (
            {"retention": [{"prefixes": "a/", "max_days": 1}]},
            "unknown key 'prefixes' at retention[0]; did you mean 'prefix'?",
        ),
        (
            {"access": {"approved_readers": [{"stores": "", "principals": []}]}},
            "access.approved_readers[0].stores is empty text, which names no store; leave it out for all",
        ),
        ({"retention": {"max_days": 90}}, "retention must be a list, not a mapping; begin each entry with a dash"),
        ({"retention": None}, "retention must be a list, but nothing is given; leave the key out"),
        ({"retention": ["calls"]}, "retention[0] must be a mapping (key: value), not the text 'calls'"),
        (
            {"retention": [{"max_days": 1, "labels": {"desk": 7}}]},
            "retention[0].labels.desk must be text, not the number 7; put it in quotes",
        ),
        ({"regions": "eu-*"}, "regions must be a list, not the text 'eu-*'; write ['eu-*']"),
        (
            {"keys": {"require_customer_key": "yes"}},
            "keys.require_customer_key must be true or false, not the text 'yes'",
        ),
        (
            {"trusted": [{"account": 222222222222}]},
            "trusted[0].account must be text, not the number 222222222222; put it in quotes",
        ),
        ({"trusted": [{"account": "2", "name": False}]}, "trusted[0].name must be text, not false; put it in quotes"),
        ({"trusted": [{"name": "a"}]}, "trusted[0] needs the key account"),
        ({"access": {"max_reader": 3}}, "unknown key 'max_reader' at access; did you mean 'max_readers'?"),
        (
            {"access": {"approved_readers": [{"principal": []}]}},
            "unknown key 'principal' at access.approved_readers[0]; did you mean 'principals'?",
        ),
        ({"access": {"approved_readers": [{"stores": "x"}]}}, "access.approved_readers[0] needs the key principals"),
        ({"access": {"max_readers": -1}}, "access.max_readers must be a whole number of 0 or more, not the number -1"),
        ({"access": {"max_readers": True}}, "access.max_readers must be a whole number of 0 or more, not true"),
        ({"access": {"max_share": 50}}, "access.max_share must be a number from 0 to 1, not the number 50"),
        ({"access": {"max_share": "half"}}, "access.max_share must be a number from 0 to 1, not the text 'half'"),
        (
            {"severity": {"audio-never-deleted": "awful"}},
            "severity.audio-never-deleted must be critical, high, medium or low, not the text 'awful'",
        ),
        (
            {"severity": {"x": "HIGH"}},
            "severity.x must be critical, high, medium or low, not the text 'HIGH'; did you mean 'high'?",
        ),
        ({"severity": {7: "high"}}, "the key 7 at severity must be text; put it in quotes"),
        ({"suppressions": [{"check": "x", "owner": "ana"}]}, "suppressions[0] needs the keys reason and expires"),
        (
            {"suppressions": [{"check": "x", "owner": "ana", "reason": "r", "expires": "soon"}]},
            "suppressions[0].expires must be a date such as 2027-06-30, not the text 'soon'",
        ),
        (
            {"suppressions": [{"check": "x", "owner": "ana", "reason": "r", "expires": "2027-02-30"}]},
            "suppressions[0].expires must be a date such as 2027-06-30, not the text '2027-02-30'",
        ),
        ({"version": 2}, "version must be 1, not the number 2"),
        ({"version": True}, "version must be 1, not true"),
        ([], "the file must be a mapping (key: value) with keys such as retention and keys, not a list"),
        (
            "retention",
            "the file must be a mapping (key: value) with keys such as retention and keys, not the text 'retention'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(body: object, message: str) -> None:
    with pytest.raises(PolicyFileError) as caught:
        parse_policy(body, "p.yaml")
    assert str(caught.value) == f"p.yaml: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("# nothing yet\n---\n", "is empty"),
        (
            "retention:\n  - max_days: 90\n    max_days: 900\n",
            "line 3, column 5: the key 'max_days' is given twice, first in line 2",
        ),
        (
            "retention: []\nregions: []\nretention: [{max_days: 1}]",
            "line 3, column 1: the key 'retention' is given twice, first in line 1",
        ),
        ("retention:\n\t- max_days: 90\n", "line 2, column 1: a tab; YAML is indented with spaces"),
        ("\tversion: 1", "line 1, column 1: a tab; YAML is indented with spaces"),
        (
            "retention:\n - {stores: *archive*, max_days: 1}\n",
            "line 2, column 21: text that begins with * needs quotes",
        ),
        ("regions: [%eu]\n", "line 1, column 11: text that begins with % needs quotes"),
        ("regions: [eu-*\n", "line 2, column 1: a bracket that is not closed, or a comma that is missing, above"),
        ("trusted: [{account: '2, name: x}]\n", "line 2, column 1: a quote that is not closed, above"),
        ("keys: approved: [x]\n", "line 1, column 15: a colon where none can be; put text that holds one in quotes"),
        ("retention:\n  - max_days: 1\n - max_days: 2\n", "line 3, column 2: an indentation that fits no line above"),
        ("retention: []\nregions\n", "line 3, column 1: a key without its colon, above"),
        ("version: 1\n---\nversion: 1\n", "line 2, column 1: a second document; a policy file is one"),
        ("regions: !!python/object:os.system [x]\n", "line 1, column 10: a tag (!) that means nothing here"),
        ("? [a]\n: 1\n", "line 1, column 3: a key that is not text"),
        ("regions: [a\x00b]\n", "line 1: a character that YAML does not allow"),
        (
            "suppressions: [{check: x, owner: a, reason: r, expires: 2027-13-45}]",
            "must be a date such as 2027-06-30, not the text '2027-13-45'",
        ),
        *[
            (
                f"retention: [{{max_days: {text}}}]",
                f"max_days must be a whole number from 0 to 365,000, not the text '{text}'",
            )
            for text in ("0365", "0100", "1:30", "0x5A", "1_0", "0b11")
        ],
        ("retention: [{max_days: %s}]" % ("9" * 5000), "not valid YAML"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_a_mistake_of_writing_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(PolicyFileError) as caught:
        read_policy(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"version: 1 # caf\xe9", "version: 1".encode("utf-16")])
def test_what_is_not_utf8_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(content)
    with pytest.raises(PolicyFileError, match="is not UTF-8 text: save it as UTF-8"):
        read_policy(path)


def test_what_editors_put_first_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes("version: 1\r\nregions: [eu-*]\r\n".encode("utf-8-sig"))
    assert read_policy(path).regions == ["eu-*"]


def test_what_is_merged_gives_way_and_is_given_once(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("retention:\n  - &base {stores: a, max_days: 1}\n  - {<<: *base, max_days: 2}\n")
    assert [rule.max_days for rule in read_policy(path).retention] == [1, 2]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"nowhere\.yaml"):
        read_policy(tmp_path / "nowhere.yaml")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text() | st.integers(), x),
)
KEYS = st.sampled_from([*Policy.__struct_fields__, *Retention.__struct_fields__, *Suppression.__struct_fields__])
NEAR = st.recursive(ANY, lambda x: st.lists(x, max_size=2) | st.dictionaries(KEYS, x, max_size=3), max_leaves=8)


@given(st.dictionaries(KEYS, NEAR, max_size=3) | ANY)
def test_any_content_is_a_policy_or_an_error_in_words(body: object) -> None:
    words = ""
    try:
        parse_policy(body)
    except PolicyFileError as error:
        words = re.sub(r"'.*'", "", str(error), flags=re.DOTALL)
    assert not re.search(r"Expected|Invalid|Object|`", words)


@pytest.mark.parametrize("glob", ["acmevoice/voicemail", "acmevoice/*", "*/voicemail", "acme*/call?"])
def test_a_store_whose_name_has_a_slash_is_named_by_it(glob: str) -> None:
    policy = parse_policy({"retention": [{"stores": glob, "max_days": 1}]})
    assert policy.retention[0].stores == glob


@pytest.mark.parametrize("glob", ["calls/2026/*", "calls/", "acme-calls/in", "Calls/in"])
def test_what_can_only_be_a_folder_is_none(glob: str) -> None:
    with pytest.raises(PolicyFileError, match="a folder; write"):
        parse_policy({"retention": [{"stores": glob, "max_days": 1}]})


def test_the_first_rule_that_fits_a_key_decides_on_it() -> None:
    rules = [
        {"prefix": "calls/vip/", "min_days": 1825},
        {"prefix": ["calls/", "ivr/"], "media": "speech", "max_days": 90},
        {"prefix": "calls/vip/old/", "max_days": 1},
        {"stores": "other", "max_days": 2},
        {"max_days": 30},
        {"prefix": "late/", "max_days": 3},
    ]
    parts = parse_policy({"retention": rules}).retention_of(store("calls"), MediaClass.SPEECH)
    assert [(part.rule.min_days or part.rule.max_days, *part.slice) for part in parts] == [
        (1825, ("calls/vip/",), ()),
        (90, ("calls/", "ivr/"), ("calls/vip/",)),
        (30, (), ("calls/", "ivr/")),
    ]


def test_a_rule_whose_labels_were_not_read_is_not_passed_over() -> None:
    rules = [
        {"prefix": "calls/vip/", "labels": {"desk": "trading"}, "min_days": 1825},
        {"prefix": ["calls/", "ivr/"], "max_days": 90},
        {"prefix": "other/", "max_days": 3},
        {"labels": {"desk": "trading"}, "max_days": 40},
        {"max_days": 30},
    ]
    policy = parse_policy({"retention": rules})
    parts = policy.retention_of(store("calls", labels=None), MediaClass.SPEECH)
    told = [(tuple(policy.retention.index(each) for each in (part.rule, *part.perhaps)), *part.slice) for part in parts]
    assert told == [
        ((0, 0, 1, 3, 4), ("calls/vip/",), ()),
        ((1,), ("calls/", "ivr/"), ("calls/vip/",)),
        ((2,), ("other/",), ()),
        ((3, 3, 4), (), ("calls/", "ivr/", "other/")),
    ]
    read = policy.retention_of(store("calls", labels={}), MediaClass.SPEECH)
    assert [(part.rule.max_days, part.perhaps) for part in read] == [(90, ()), (3, ()), (30, ())]


PREFIXES = st.lists(st.text("ab/", min_size=1, max_size=3), min_size=1, max_size=3)


@given(PREFIXES | st.just([]), PREFIXES | st.just([]), PREFIXES | st.just([]))
def test_a_part_meets_prefixes_with_which_one_of_its_keys_begins(
    own: list[str], out: list[str], asked: list[str]
) -> None:
    part = Slice(tuple(own), tuple(out))
    keys = ("".join(letters) for letters in product("ab/x", repeat=4))  # no prefix has an x
    assert part.meets(asked) is any(part.holds(key) and (not asked or key.startswith(tuple(asked))) for key in keys)


@settings(deadline=None)
@given(st.lists(st.none() | PREFIXES, max_size=5), st.text("ab/", max_size=4))
def test_parts_share_no_key_and_are_in_the_order_of_the_rules(prefixes: list[list[str] | None], key: str) -> None:
    rules = [({} if each is None else {"prefix": each}) | {"max_days": days} for days, each in enumerate(prefixes)]
    first = next((days for days, each in enumerate(prefixes) if each is None or key.startswith(tuple(each))), None)
    parts = parse_policy({"retention": rules}).retention_of(store("calls"), MediaClass.SPEECH)
    holding = [part.rule.max_days for part in parts if part.slice.holds(key)]
    assert holding == ([] if first is None else [first])


@given(st.text() | st.text("[]{}:,-*&!|>'\"\n \tab1"))
def test_any_text_is_a_policy_or_an_error_in_words(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with contextlib.suppress(PolicyFileError):
            read_policy(path)
