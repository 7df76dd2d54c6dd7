"""One SQL, two engines, the same answers. What needs Spark is skipped, aloud, where pyspark or Java is not there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudscan.check import World
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.lineage.links import Evidence, Lineage
from cloudscan.model import MediaClass
from cloudscan.policy.file import parse_policy
from cloudscan.retention import Ask, groups
from cloudscan.retention.gone import ages_of_gone
from cloudscan.tables.engines import engine
from cloudscan.tables.objects import ObjectTable, seconds
from cloudscan.tables.slices import EVERYTHING
from cloudscan.tables.spark import translated
from cloudscan.testing import NOW, expire, expire_old, job, speech, store, transcript
from cloudscan_checks.audio_outliving_maximum_age import audio_outliving_maximum_age
from cloudscan_checks.audio_past_maximum_age import audio_past_maximum_age

HOSTILE = [
    "it's.wav",
    "a\\b.wav",
    "a\nb.wav",
    "\u00fc\u202e.wav",
    "-- x; DROP VIEW objects",
    "?:v0 $1 {x}",
    "\x00n.wav",
    'q"q.wav',
    "\U0001f600.wav",
    "a.b*c.wav",
    "a.bbc.wav",
]
ROWS = [
    *(
        speech("a", key, seconds=1.5 + place / 7, encryption_mode="none" if place % 2 else None, days=place)
        for place, key in enumerate(HOSTILE)
    ),
    transcript("b", "t/x.json"),
    speech("b", "t/y.wav", seconds=None, modified=None),
    speech("b", "t/z.wav", current=False, version="2"),
]


def test_values_of_a_statement_never_become_text_of_it() -> None:
    text = translated("SELECT '?', key FROM objects WHERE key = ? AND store IN (SELECT unnest(?::VARCHAR[]))", _named())
    assert "evil" not in text
    assert re.findall(r":\w+", text) == [":v0", ":v1_0", ":v1_1"]


def _named() -> dict[str, object]:
    return {"v0": "evil", "v1": ["evil", "evil"]}


@pytest.mark.parametrize(
    ("of_duckdb", "of_spark"),
    [
        ("SELECT x::HUGEINT FROM t", "SELECT CAST(x AS DECIMAL(38, 0)) FROM t"),
        ("SELECT a FROM t ORDER BY a DESC, b", "SELECT a FROM t ORDER BY a DESC, b NULLS LAST"),
        ("SELECT x FROM t ORDER BY ALL", "SELECT x FROM t ORDER BY ALL NULLS LAST"),
    ],
)
def test_statements_are_carried_over(of_duckdb: str, of_spark: str) -> None:
    assert translated(of_duckdb, {}) == of_spark


def test_a_statement_that_spark_has_no_words_for_is_an_error() -> None:
    from sqlglot.errors import UnsupportedError

    with pytest.raises(UnsupportedError):
        translated("SELECT arg_min(key, size, 3) FROM objects", {})


def test_an_engine_that_is_not_installed_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    monkeypatch.setitem(__import__("sys").modules, "pyspark.errors", None)
    with pytest.raises(UsageError, match=r"pip install 'cloudscan\[spark\]'"):
        engine("spark")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="pyspark is not installed: run make test-spark")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: Spark needs Java 17 or newer")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pyspark's own sockets
        yield engine("spark")
        from pyspark.sql import SparkSession

        SparkSession.builder.getOrCreate().stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT * FROM objects ORDER BY store, key, version", []),
        *(
            (
                "SELECT key, regexp_full_match(key, ?, 's') FROM objects WHERE key = ? ORDER BY ALL",
                [re.escape(key[:3]) + ".*", key],
            )
            for key in HOSTILE
        ),
        ("SELECT key FROM objects WHERE regexp_full_match(key, ?, 's') ORDER BY key", [re.escape("a.b*c.wav")]),
        (
            (
                "SELECT store, count(*) FILTER (encryption_mode = 'none'), count(*) FILTER (modified < ?) AS n"
                " FROM objects GROUP BY store ORDER BY store"
            ),
            [datetime(2026, 10, 20, tzinfo=UTC).replace(tzinfo=None)],
        ),
        (f"SELECT store, {seconds()}, {seconds('current')} FROM objects GROUP BY store ORDER BY store", []),  # noqa: S608 - ours
        ("SELECT store, sum(round(coalesce(seconds, 0) * 1000000000)::HUGEINT) FROM objects GROUP BY 1 ORDER BY 1", []),
        (
            (
                "WITH f AS (SELECT unnest(?::VARCHAR[]) AS store, unnest(?::VARCHAR[]) AS p, unnest(?::BIGINT[]) AS n)"
                " SELECT store, [starts_with(key, p) AND (size > n) IS NOT FALSE]::BOOLEAN[] AS hits, count(*)"
                " FROM objects JOIN f USING (store) WHERE media IN (SELECT unnest(?::VARCHAR[])) AND current = ?"
                " GROUP BY store, hits ORDER BY store, min(key)"
            ),
            [["arn:aws:s3:::a", "arn:aws:s3:::b"], ["a", "t/"], [None, 4], ["speech"], True],
        ),
        (
            (
                "SELECT key, coalesce(number, 0) FROM objects ASOF LEFT JOIN"
                " (SELECT unnest(?::VARCHAR[]) AS start, unnest(?::INTEGER[]) AS number) ON key >= start ORDER BY key"
            ),
            [["a", "a.b", "q", "t/"], [1, 2, 3, 4]],
        ),
        ("SELECT DISTINCT store, version, modified FROM objects ORDER BY ALL", []),
    ],
)
def test_both_engines_answer_alike(spark: Any, sql: str, values: Sequence[object]) -> None:
    one, other = ObjectTable(rows=ROWS), ObjectTable(rows=ROWS, engine=spark)
    told = list(one.query(sql, values))
    assert list(other.query(sql, values)) == told
    assert told


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("current", [True, False])
@pytest.mark.parametrize("today", [None, NOW.date()])
def test_both_engines_group_objects_by_their_fate_alike(spark: Any, current: bool, today: date | None) -> None:
    rules = (expire(9, prefixes=("it's", "t/"), larger_than=3), expire(5, tags=(("k", "v"),)), expire_old(3))
    stores = [store(name, versioning="enabled", lifecycle=rules) for name in ("a", "b")]
    rows = [*ROWS, speech("b", "t/z.wav", days=2, version="3"), speech("b", "t/z.wav", days=30, current=False)]
    told = []
    for table in (ObjectTable(rows=rows), ObjectTable(rows=rows, engine=spark)):
        estate = Estate.of(stores, (), table)
        told.append(groups(estate, stores, MediaClass.SPEECH, ask=Ask(current, today, (90,), prefixes=3)))
    assert told[0] == told[1]
    assert any(told[0].values())


@pytest.mark.filterwarnings("ignore")
def test_both_engines_judge_folders_alike(spark: Any) -> None:
    rules = [{"prefix": key[:4], "max_days": place} for place, key in enumerate(HOSTILE)]
    policy = parse_policy({"retention": [*rules, {"media": "transcript", "max_days": 400}]})
    stores = [store(name, lifecycle=(expire(5),)) for name in ("a", "b")]
    until = NOW + timedelta(days=400)
    lost = [speech("b", key, days=days, current=False, restorable_until=until) for key in HOSTILE for days in (0, 600)]
    rows, told, gone = [*ROWS, *lost], [], []
    for table in (ObjectTable(rows=rows), ObjectTable(rows=rows, engine=spark)):
        seen = World(Estate.of(stores, (), table), policy, NOW)
        told.append([*audio_past_maximum_age.run(seen), *audio_outliving_maximum_age.run(seen)])
        gone.append(ages_of_gone(seen.estate, EVERYTHING, MediaClass.SPEECH, 300, NOW))
    assert told[1] == told[0]
    assert len({found.locator for found in told[0]}) > len(HOSTILE) // 2
    assert any("deleted" in found.evidence for found in told[0])
    assert gone[1] == gone[0]
    assert {(one.late, one.outliving) for one in gone[0].values()} == {(len(HOSTILE), len(HOSTILE))}


CONTACT = "0123abcd-0123-0123-0123-0123456789ab"
SPOKEN = [
    *(speech("a", f"calls/{key}") for key in ("one.wav", "two.wav", "three.wav", f"{CONTACT}_20261001T10:00_UTC.wav")),
    speech("b", "old/interview-2026.wav"),
    *(speech("a", f"calls/{key[:-4].replace('/', '-')}.wav") for key in HOSTILE),
]
WRITTEN = [
    transcript("b", "jobs/one.json"),
    transcript("b", "said.json", told='{"sources": ["arn:aws:s3:::a/calls/two.wav"], "job": "of-three"}'),
    transcript("a", "calls/three.json", redacted=True),
    transcript("a", "calls/redacted-three.json", redacted=True),
    transcript("a", "calls/gone.wav.json"),
    transcript("b", f"analysis/{CONTACT}_analysis_20261001T10:00Z.json"),
    transcript("b", f"analysis/redacted/{CONTACT}_analysis_redacted_20261001T10:00Z.json", redacted=True),
    transcript("b", "elsewhere/interview-2026.vtt"),
    *(transcript("a", f"calls/{key[:-4].replace('/', '-')}.json", redacted=False) for key in HOSTILE),
]


@pytest.mark.filterwarnings("ignore")
def test_both_engines_link_transcripts_and_recordings_alike(spark: Any) -> None:
    jobs = [
        job("of-one", inputs=("arn:aws:s3:::a/calls/one.wav",), outputs=("arn:aws:s3:::b/jobs/one.json",)),
        job("of-three", inputs=("arn:aws:s3:::a/calls/three.wav",), outputs=()),
    ]
    told = []
    for table in (ObjectTable(rows=SPOKEN + WRITTEN), ObjectTable(rows=SPOKEN + WRITTEN, engine=spark)):
        found = Lineage(Estate.of([store("a"), store("b"), *jobs], (), table), NOW)
        told.append((list(found.links()), found.texts, found.sounds, found.unmasked, found.flows, found.pairs))
    assert told[1] == told[0]
    assert {link.evidence for link in told[0][0]} == set(Evidence) - {Evidence.NAMED_JOB, Evidence.JOB_NAME}
    assert told[0][5]


@pytest.mark.filterwarnings("ignore")
def test_both_engines_say_alike_what_is_older(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cloudscan.cli import cli
    from cloudscan.tables import engines

    kept = tmp_path / "kept"
    cli.main(["demo", "--keep", str(kept), "-q", "-f", f"json:{tmp_path / 'demo.json'}"], standalone_mode=False)
    monkeypatch.setattr(engines, "engine", lambda name, memory: spark if name == "spark" else engines.DuckDB())
    written = []
    for name in ("duckdb", "spark"):
        targets = [tmp_path / f"{name}.{form}" for form in ("json", "csv")]
        outputs = [word for target in targets for word in ("-f", f"{target.suffix[1:]}:{target}")]
        with pytest.raises(SystemExit) as exited:
            cli.main(["retention", str(kept), "--older-than", "30", "--engine", name, *outputs], standalone_mode=False)
        assert exited.value.code == 1
        written.append([target.read_text(encoding="utf-8") for target in targets])
    assert written[1] == written[0]
    assert len(written[0][1].splitlines()) > 10


@pytest.mark.filterwarnings("ignore")
def test_both_engines_give_the_same_report(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cloudscan.cli import cli
    from cloudscan.tables import engines

    kept = tmp_path / "kept"
    cli.main(["demo", "--keep", str(kept), "-q", "-f", f"json:{tmp_path / 'demo.json'}"], standalone_mode=False)
    opened: list[str] = []

    def open_engine(name: str, memory: int | None = None) -> Any:
        opened.append(name)
        return spark if name == "spark" else engines.DuckDB()

    monkeypatch.setattr(engines, "engine", open_engine)
    reports = []
    for name in ("duckdb", "spark"):
        target = tmp_path / f"{name}.json"
        words = [
            "analyze",
            str(kept),
            "--policy",
            str(kept / "cloudscan.yaml"),
            "--engine",
            name,
            "--show-passes",
            "-q",
        ]
        with pytest.raises(SystemExit):
            cli.main([*words, "--show-passes", "-f", f"json:{target}"], standalone_mode=False)
        reports.append(re.sub(r'"generated_at": "[^"]*"', "", target.read_text(encoding="utf-8")))
    assert opened == ["duckdb", "spark"]
    assert reports[1] == reports[0]
    assert len(json.loads(target.read_text(encoding="utf-8"))["findings"]) > 50
