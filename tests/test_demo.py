"""The demo's report says what is wrong with its estate, all of it, and nothing else."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cloudscan_azure.standin.azurite import missing
from tests.test_azure_demo import PEOPLE
from tests.test_azure_demo import WRONG as AZURE_ALONE
from tests.test_cli import cloudscan, plain_environment

WRONG = {
    "acme-calls-raw": {
        "audio-past-maximum-age",
        "audio-never-deleted",
        "audio-outliving-maximum-age",
        "old-audio-versions-never-deleted",
        "raw-audio-beside-redacted-transcript",
        "too-many-readers",
    },
    "acme-share": {
        "world-readable-audio",
        "world-readable-transcript",
        "audio-outside-approved-key",
        "plaintext-transport-allowed",
        "unlogged-audio-reads",
    },
    "acme-app-uploads": {"guest-readable-audio", "audio-outside-approved-key", "unlogged-audio-reads"},
    "acme-archive": {"audio-deleted-too-early"},
    "acme-voicemail": {"backup-outliving-audio"},
    "acme-ivr-drop": {
        "world-writable-audio-store",
        "audio-outside-approved-key",
        "audio-past-maximum-age",  # an upload that was never finished
        "unlogged-audio-reads",
    },
    "acme-transcripts": {
        "audio-outliving-maximum-age",
        "redacted-transcript-beside-raw",
        "transcript-read-by-more-than-audio",
        "transcript-without-audio",
        "unknown-party-access",
        "unlogged-audio-reads",
        "unredacted-transcript",
        "too-many-readers",
    },
    "role/transcriber": {"speech-service-role-used-by-others"},
    "role/ci-deploy": {"reader-by-escalation"},
    "role/vendor-support": {"outside-party-reach", "reader-outside-approved"},
    "root": {"single-role-opens-most"},
    "user/ana": {"single-role-opens-most"},
    "user/cara": {"reader-outside-approved"},
    "user/dan": {"reader-outside-approved"},
    "the account": {
        "transcript-outside-estate",
        "transcript-in-service-bucket",
        "speech-used-for-training",
        "unredacted-transcript",
    },
    "the keys": {"disabled-audio-key", "key-usable-by-anyone", "key-wider-than-data", "unrotated-audio-key"},
}
"""What is wrong by the words of the estate. acme-website is not among it, nor are ben and the signed-in users of the
app."""
UNCLEAR = {
    "acme-share": {
        "unredacted-transcript",
        "raw-audio-beside-redacted-transcript",
        "redacted-transcript-beside-raw",
    },
    "the account": {"backup-outliving-audio"},  # a bucket that is gone, of which there still is a backup
}
GOOGLE_WRONG = {
    "acme-eu-calls": {
        "audio-never-deleted",
        "audio-outliving-maximum-age",
        "audio-past-maximum-age",
        "reader-outside-approved",
        "unlogged-audio-reads",  # by the export, here and in what anyone may read
    },
    "acme-eu-share": {"audio-outside-approved-key", "unlogged-audio-reads", "world-readable-audio"},
    "acme-eu-switchboard": {"audio-outside-approved-key", "unlogged-audio-reads", "world-readable-audio"},
    "acme-eu-training": {"audio-outside-approved-key", "unknown-party-access"},
    "acme-eu-transcripts": {"transcript-read-by-more-than-audio", "unredacted-transcript"},
    "support@acme.example": {"reader-outside-approved"},
    "call-export": {"reader-outside-approved", "stale-reader-credential"},
    "ci-deploy": {"reader-by-escalation", "reader-outside-approved"},
    "quality-review": {"reader-by-escalation"},  # by ben, who may become every service account
    "the machines": {"reader-by-escalation", "reader-outside-approved"},
    "the account": {
        "reader-by-escalation",  # ana owns the project
        "transcript-in-service-bucket",
        "transcript-outside-estate",
        "unredacted-transcript",
    },
    "the keys": {"unrotated-audio-key"},
}
"""What is wrong on Google Cloud, by the words of that estate; there is no acme-eu-voicemail and no acme-eu-website."""
GOOGLE_UNCLEAR = {
    "acme-eu-calls": {"raw-audio-beside-redacted-transcript"},  # no API tells whether a transcript is redacted
    "acme-eu-training": {"too-many-readers"},  # nobody knows how many are of the labellers' domain
    "acme-eu-transcripts": {"redacted-transcript-beside-raw", "transcript-without-audio"},  # two jobs are too long ago
    "the account": {"speech-used-for-training"},  # no API tells
}
AZURE = not missing()
"""Whether Azurite is here, without which the demo has two clouds."""
CLOUDS = ("aws", "azure", "gcp") if AZURE else ("aws", "gcp")
AZURE_WRONG = AZURE_ALONE | {
    "ana": {"reader-by-escalation"},
    "quality-review": {"reader-by-escalation", "stale-reader-credential"},
    "acmevoice/transcripts": {"too-many-readers", "unredacted-transcript"},
}
"""Beside the other clouds nobody of this one opens most of all speech, and who comes from Google Cloud is known."""
AZURE_UNCLEAR = {
    "acmevoice/transcripts": {
        "redacted-transcript-beside-raw",  # no API tells whether a transcript is redacted
        "transcript-without-audio",
    },
    "acmevoiceshare/complaints": UNCLEAR["acme-share"],
    "the account": {"speech-used-for-training"},  # no API tells
}
STEPS = {
    ("speech-service-role-used-by-others", "user/cara", "assume-role"),
    ("speech-service-role-used-by-others", "user/dan", "pass-role:transcribe"),
    ("reader-by-escalation", "role/ci-deploy", "lambda:UpdateFunctionCode"),
    ("outside-party-reach", "root", "assume-role"),
    ("reader-by-escalation", "ci-deploy", "act-as:functions"),
    ("reader-by-escalation", "the machines", "storage.buckets.setIamPolicy"),
    ("reader-by-escalation", "ana@acme.example", "iam.serviceAccountKeys.create"),
    ("reader-by-escalation", "ben@acme.example", "impersonate"),
}
"""Who comes to speech by which first step, in the checks that tell of steps."""
AZURE_OLD = ("acmevoice/calls", "acmevoicetraining/labelled")
AZURE_STEPS = {
    ("outside-party-reach", "partner", "federate"),
    ("reader-by-escalation", "quality-review", "federate"),
    ("reader-by-escalation", "ci-deploy", "Microsoft.Web/sites/publish/action"),
    ("reader-by-escalation", "ben", "Microsoft.Storage/storageAccounts/listKeys/action"),
    ("reader-by-escalation", "ana", "Microsoft.Authorization/roleAssignments/write"),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("demo")
    done = cloudscan("demo", "-q", "--keep", root / "snapshot", "-f", "json", cwd=root)
    assert done.returncode == 0, done.stderr
    assert cloudscan("verify", root / "snapshot").returncode == 0
    whole: dict[str, Any] = json.loads(done.stdout)
    return whole | {"snapshot": str(root / "snapshot"), "told": done.stderr}


def _equal_but_for_the_time(one: dict[str, Any], other: dict[str, Any]) -> bool:
    ours = ("snapshot", "told", "generated_at", "policy_file")  # the demo has decided by itself
    left, right = ({name: held for name, held in each.items() if name not in ours} for each in (one, other))
    return left == right


def _by_place(report: dict[str, Any], verdict: str, provider: str = "aws") -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    kinds = {"account": "the account", "key": "the keys", "federation": "the pools", "job": "the account"}
    for finding in report["findings"]:
        if (finding["verdict"], finding["provider"]) == (verdict, provider):
            place = kinds.get(finding["resource_kind"]) or _short(finding["resource"])
            found[place].add(finding["check"])
    return dict(found)


def _short(resource: str) -> str:
    if resource.startswith("/"):
        words = resource.split("/")
        return f"{words[8]}/{words[-1]}" if words[-2] == "containers" else words[-1]
    if resource.startswith("entra:"):
        return PEOPLE[resource]
    name = resource.removeprefix("gs://").rpartition(":")[2].removesuffix("@acme-voice.iam.gserviceaccount.com")
    return "the machines" if name.endswith("-compute@developer.gserviceaccount.com") else name


def test_every_fault_of_the_estate_is_found_and_nothing_else(report: dict[str, Any]) -> None:
    assert _by_place(report, "fail") == WRONG
    assert _by_place(report, "fail", "gcp") == GOOGLE_WRONG
    assert _by_place(report, "fail", "azure") == (AZURE_WRONG if AZURE else {})


def test_what_is_not_known_is_said(report: dict[str, Any]) -> None:
    assert _by_place(report, "unknown") == UNCLEAR
    assert _by_place(report, "unknown", "gcp") == GOOGLE_UNCLEAR
    assert _by_place(report, "unknown", "azure") == (AZURE_UNCLEAR if AZURE else {})


def test_nothing_was_left_unanswered_but_what_no_api_tells(report: dict[str, Any]) -> None:
    assert [(gap["operation"], gap["why"]) for gap in report["gaps"]] == [("speech.dataLogging", "unsupported")]
    assert report["coverage"]["asked"] - report["coverage"]["answered"] == 1


def test_a_role_of_one_cloud_reads_transcripts_in_the_other(report: dict[str, Any]) -> None:
    done = cloudscan("reach", report["snapshot"], "--to", "gs://acme-eu-transcripts", "-f", "json")
    assert done.returncode == 0, done.stderr
    readers = {reader["principal"]: reader for reader in json.loads(done.stdout)["readers"]}
    role = readers["arn:aws:iam::123456789012:role/summariser"]
    assert (role["verdict"], [step["action"] for step in role["path"]]) == ("yes", ["federate", "read"])


@pytest.mark.skipif(not AZURE, reason="without Azurite the demo has two clouds")
def test_whoever_becomes_a_service_account_of_google_cloud_hears_calls_in_azure(report: dict[str, Any]) -> None:
    done = cloudscan("reach", report["snapshot"], "--to", "acmevoice/calls", "-f", "json")
    assert done.returncode == 0, done.stderr
    readers = {reader["principal"]: reader for reader in json.loads(done.stdout)["readers"]}
    google = "serviceAccount:quality-review@acme-voice.iam.gserviceaccount.com"
    ways = {google: ["federate", "read"], "user:ben@acme.example": ["impersonate", "federate", "read"]}
    taken = {name: dict.fromkeys(step["action"] for step in readers[name]["path"]) for name in ways}
    assert {name: [step for step in steps if "." not in step] for name, steps in taken.items()} == ways
    assert {readers[name]["verdict"] for name in ways} == {"yes"}


def test_only_the_shared_folder_is_readable_by_anyone(report: dict[str, Any]) -> None:
    (finding,) = (
        one
        for one in report["findings"]
        if (one["check"], one["verdict"], one["provider"]) == ("world-readable-audio", "fail", "aws")
    )
    assert finding["evidence"]["objects"] == 6
    assert "ShareWithCustomer" in finding["path"][0]["statement"]


def test_who_comes_to_read_by_steps_is_named_with_the_way(report: dict[str, Any]) -> None:
    told = [one for one in report["findings"] if one["check"] in {step[0] for step in STEPS} and one["path"]]
    ways = [(one["check"], one["path"][0]) for one in told]
    assert {(check, _short(step["source"]), step["action"]) for check, step in ways} == (
        STEPS | AZURE_STEPS if AZURE else STEPS
    )
    (door,) = (one for one in report["findings"] if (one["check"], one["provider"]) == ("outside-party-reach", "aws"))
    assert "Example Speech Analytics" in door["message"]
    assert door["path"][0]["source"] == "arn:aws:iam::222222222222:root"


def test_recordings_without_a_name_are_found_by_their_bytes(report: dict[str, Any]) -> None:
    (corpus,) = (
        one for one in report["corpora"] if one["store"].endswith("acme-app-uploads") and one["media"] == "speech"
    )
    assert corpus["objects"] == 5


def test_one_command_says_what_is_older_and_why(report: dict[str, Any]) -> None:
    done = cloudscan("retention", report["snapshot"], "--older-than", "90d", "-f", "json")
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    found = {_short(one["store"]): one for one in answer["older"]}
    assert found.keys() == {"acme-calls-raw", "acme-eu-calls", *(AZURE_OLD if AZURE else ())}
    old, google = found["acme-calls-raw"], found["acme-eu-calls"]
    assert (google["store"], google["prefix"], google["objects"]) == ("gs://acme-eu-calls", "calls/", 3)
    assert google["reasons"] == ["rule 2 takes only what lies in STANDARD", "rule 1 only moves to another tier"]
    assert (old["store"], old["prefix"], old["objects"]) == ("arn:aws:s3:::acme-calls-raw", "calls/", 8)
    assert (old["ends"], old["reasons"]) == ("no", ["rule expire-7 takes only keys that begin with tmp/"])
    (begun,) = answer["older_uploads"]
    assert (begun["store"], begun["examples"]) == ("arn:aws:s3:::acme-ivr-drop", ["in/broken-off.ulaw.wav"])
    assert (begun["ends"], begun["reasons"]) == (
        "no",
        ["the store has no rule that clears uploads that were not finished"],
    )
    done = cloudscan("retention", report["snapshot"], "--older-than", "5000")
    assert done.returncode == 3, done.stderr
    assert "nothing older than 5,000 days was seen, but not everything was looked at" in done.stdout
    left = [line for line in done.stdout.splitlines() if line.startswith("- ")]
    jobs = [line for line in left if line.startswith("- what earlier transcription jobs left there")]
    assert len(jobs) == len(CLOUDS)  # one of each: what jobs that are listed no more sent to others
    assert [line for line in left if "in arn:aws:backup:" in line] == [line for line in left if line not in jobs]
    assert len(left) == len(jobs) + 2


def test_nothing_spoken_secret_or_signed_is_kept(report: dict[str, Any]) -> None:
    kept = b"".join(path.read_bytes() for path in sorted(Path(report["snapshot"]).rglob("*")) if path.is_file())
    for word in (
        b"money back",
        b"hello there",
        b"forget me",
        b"change my order",
        b"PRIVATE KEY",
        b"ya29",
        b"Signature",
        b"SecretAccessKey",
        b"AKIA",
        b"#!AMR",
    ):
        assert word not in kept


def test_the_command_that_it_prints_gives_the_same_report(report: dict[str, Any], tmp_path: Path) -> None:
    (command,) = re.findall(r"cloudscan analyze .*", report["told"])
    words = shlex.split(command)[1:]
    done = cloudscan(*words, "-f", "json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert _equal_but_for_the_time(json.loads(done.stdout), report)


def test_a_directory_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = cloudscan("demo", "-q", "--keep", tmp_path)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_served_estate_can_be_scanned_as_it_says(tmp_path: Path, stop: signal.Signals) -> None:
    words = [str(Path(sys.executable).with_name("cloudscan")), "demo", "-q", "--serve", "-f", "json:first.json"]
    if signal.getsignal(stop) is signal.SIG_IGN:
        pytest.skip(f"{stop.name} is ignored here, as by what a shell runs in the background, and so by the command")
    with subprocess.Popen(words, cwd=tmp_path, env=plain_environment(), stderr=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stderr is not None
            told = "".join(takewhile(lambda line: line != "It stays up until Ctrl-C.\n", demo.stderr))
            exports, commands = re.findall(r"export (.*)", told), re.findall(r"cloudscan scan .*", told)
            given = [dict(word.split("=", 1) for word in shlex.split(export)) for export in exports]
            done = [
                cloudscan(*shlex.split(command)[1:], "-q", "-f", "json", cwd=tmp_path, more=more)
                for command, more in zip(commands, given, strict=True)
            ]
        finally:
            demo.send_signal(stop)
        assert demo.wait(timeout=60) == 0
    assert [(each.returncode, each.stderr) for each in done] == [(1, "")] * len(CLOUDS)
    first = json.loads((tmp_path / "first.json").read_text())
    again = dict(zip(CLOUDS, (json.loads(each.stdout) for each in done), strict=True))
    for provider, report in again.items():
        assert _fingerprints(report, provider) - _fingerprints(first, provider) == _strangers(report)
        assert _fingerprints(report, provider) >= _fingerprints(first, provider) - _crossing(first)
    assert len(_strangers(again["gcp"])) == 2
    assert len(_crossing(first)) == (1 if AZURE else 0)
    hours = sum(report["summary"]["hours_of_speech"] for report in again.values())
    assert hours == pytest.approx(first["summary"]["hours_of_speech"])
    for command in commands:
        place = urlsplit(next(word for word in shlex.split(command) if word.startswith("http")))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((str(place.hostname), place.port or 0)).close()


def _strangers(report: dict[str, Any]) -> set[str]:
    """Return what is found about identities of another cloud by who scans one alone: he has not scanned theirs.

    Roles of AWS in Google Cloud, and in Azure whoever comes with a token of Google as what reviews quality.
    """
    roles = (one for one in report["findings"] if one["check"] in ("unknown-party-access", "too-many-readers"))
    doors = (one for one in report["findings"] if one["check"] == "outside-party-reach")
    return {
        *(one["fingerprint"] for one in roles if ":assumed-role/" in one["message"]),
        *(one["fingerprint"] for one in doors if PEOPLE.get(one["resource"]) == "quality-review"),
    }


def _crossing(report: dict[str, Any]) -> set[str]:
    """Return what is found of Azure about identities of Google Cloud, which takes both."""
    found = (one for one in report["findings"] if one["provider"] == "azure" and one["path"])
    return {one["fingerprint"] for one in found if one["path"][0]["source"].startswith("serviceAccount:")}


def _fingerprints(report: dict[str, Any], provider: str) -> set[str]:
    """Findings of one cloud, but for shares of all speech, of which there is less where one cloud is scanned."""
    found = [one for one in report["findings"] if one["provider"] == provider]
    return {one["fingerprint"] for one in found if one["check"] != "single-role-opens-most"}


def test_nothing_of_the_users_own_settings_reaches_it(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    (tmp_path / "config").write_text("[default]\nregion = us-west-2\nca_bundle = /none\n")
    settings = {
        "AWS_PROFILE": "none",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": nowhere,
        "AWS_ENDPOINT_URL_S3": nowhere,
        "AWS_USE_FIPS_ENDPOINT": "true",
        "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "none.json"),
        "GOOGLE_CLOUD_PROJECT": "a-real-one",
        "STORAGE_EMULATOR_HOST": nowhere,
        "AZURE_AUTHORITY_HOST": nowhere,
        "AZURE_CLIENT_ID": "mine",
        "AZURE_CLIENT_CERTIFICATE_PATH": str(tmp_path / "none.pem"),
        "REQUESTS_CA_BUNDLE": str(tmp_path / "none.pem"),
        "HTTP_PROXY": nowhere,
        "http_proxy": nowhere,
        "HTTPS_PROXY": nowhere,
    }
    done = cloudscan("demo", "-q", "-f", "json", cwd=tmp_path, more=settings)
    assert done.returncode == 0, done.stderr
    assert [gap["operation"] for gap in json.loads(done.stdout)["gaps"]] == ["speech.dataLogging"]


def test_a_kept_demo_says_how_to_ask_it(report: dict[str, Any], tmp_path: Path) -> None:
    said = report["told"].rpartition("to ask who reaches what: ")[2].splitlines()[0]
    name, *arguments = shlex.split(said)
    assert name == "cloudscan"
    done = cloudscan(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "acme-calls-raw" in done.stdout


def test_what_the_readme_asks_is_answered_by_the_demo(report: dict[str, Any], tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    asked = re.findall(r"^cloudscan (reach snapshot --.*?)(?: *#.*)?$", text, re.MULTILINE)
    assert len(asked) == 3
    for each in asked:
        arguments = [report["snapshot"] if word == "snapshot" else word for word in shlex.split(each)]
        done = cloudscan(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "taken for" not in done.stderr
