"""The invented call centre's project on Google Cloud: what lies where, and what is wrong with it.

Every finding of the demo is explained by a line here, and what is right is here too, so that a check which cannot keep
quiet is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from cloudscan.demo import clip, recordings
from cloudscan_gcp.demo import compute, jobs, people
from cloudscan_gcp.demo.names import LOCATION, NUMBER, PROJECT, key_name, robot
from cloudscan_gcp.demo.transcripts import transcript
from cloudscan_gcp.standin.emulator import emulate
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.speech import SpeechServer
from cloudscan_gcp.standin.state import Asked, Payload, page

CLOSED, OPEN = "enforced", "inherited"
OWNERS = (
    ("roles/storage.legacyBucketOwner", [f"projectOwner:{PROJECT}", f"projectEditor:{PROJECT}"]),
    ("roles/storage.legacyBucketReader", [f"projectViewer:{PROJECT}"]),
)
"""Of what Google gives to a new bucket, what does not read objects ("Project convenience values")."""
LISTS = [
    {"entity": f"project-owners-{NUMBER}", "role": "OWNER", "projectTeam": {"projectNumber": NUMBER, "team": "owners"}}
]
Bindings = Sequence[tuple[str, Sequence[str]]]


@contextmanager
def standing() -> Iterator[Endpoint]:
    """Start the servers and build everything; it stands as long as the context is open."""
    with SpeechServer() as speech, Endpoint(grpc=speech.target) as endpoint, emulate(endpoint):
        make = Builder(endpoint, speech)
        build(make)
        make.close()
        yield endpoint


class Builder:
    """Makes the estate: objects through Google's own client, and what the emulator of objects loses beside them."""

    def __init__(self, endpoint: Endpoint, speech: SpeechServer) -> None:
        self.endpoint, self.speech = endpoint, speech
        self.now = datetime.now(UTC)
        self._client: Any = Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=endpoint.url),
        )
        self._buckets: list[dict[str, Any]] = []
        self._told: dict[tuple[str, str], dict[str, Any]] = {}
        endpoint.patch("storage.objects.list", self._rows)
        endpoint.patch("storage.objects.get", self._row)

    def ago(self, days: float) -> str:
        """A moment so many days before the demo began, as Google spells it."""
        return (self.now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def bucket(
        self,
        name: str,
        *,
        prevention: str = CLOSED,
        uniform: bool = True,
        key: str | None = None,
        bindings: Bindings = (),
        lists: Sequence[Mapping[str, Any]] = LISTS,
        rules: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]] = (),
        **more: Any,
    ) -> None:
        """Create a bucket with what is given, and Google's own key, no rules and no readers where nothing is."""
        self._client.create_bucket(name, location=LOCATION)
        told: dict[str, Any] = {
            "kind": "storage#bucket",
            "id": name,
            "name": name,
            "projectNumber": NUMBER,
            "metageneration": "3",
            "location": LOCATION.upper(),
            "locationType": "region",
            "storageClass": "STANDARD",
            "timeCreated": self.ago(900),
            "updated": self.ago(30),
            "iamConfiguration": {
                "uniformBucketLevelAccess": {"enabled": uniform},
                "publicAccessPrevention": prevention,
            },
            "softDeletePolicy": {"retentionDurationSeconds": str(7 * 86400), "effectiveTime": self.ago(600)},
        }
        if key is not None:
            told["encryption"] = {"defaultKmsKeyName": key}
        if not uniform:
            told["acl"] = [{"kind": "storage#bucketAccessControl", "bucket": name, **each} for each in lists]
        if rules:
            told["lifecycle"] = {"rule": [{"action": dict(act), "condition": dict(when)} for act, when in rules]}
        self._buckets.append(told | more)
        policy = self.policy([*OWNERS, *bindings]) | {
            "kind": "storage#policy",
            "resourceId": f"projects/_/buckets/{name}",
        }
        self.endpoint.answer(f"/storage/v1/b/{name}/iam", policy)
        self.endpoint.fresh(f"b/{name}/managedFolders")
        self.endpoint.undocumented(f"/{name}", lambda _: b"<ListMultipartUploadsResult/>")

    def folder(self, bucket: str, name: str, bindings: Bindings) -> None:
        """Make a folder of a bucket a managed one, with a policy of its own."""
        told = {"kind": "storage#managedFolder", "id": f"{bucket}/{name}", "bucket": bucket, "name": name}
        self.endpoint.pages(f"/storage/v1/b/{bucket}/managedFolders", [told | {"metageneration": "1"}])
        policy = self._stored(bindings, f"buckets/{bucket}/managedFolders/{name}")
        self.endpoint.answer(f"/storage/v1/b/{bucket}/managedFolders/{quote(name, safe='')}/iam", policy)

    def policy(self, bindings: Bindings) -> dict[str, Any]:
        """Return an allow policy without conditions."""
        return {"version": 1, "etag": "CAE=", "bindings": [{"role": r, "members": list(m)} for r, m in bindings]}

    def _stored(self, bindings: Bindings, resource: str) -> dict[str, Any]:
        """Return an allow policy as Cloud Storage tells of it."""
        return self.policy(bindings) | {"kind": "storage#policy", "resourceId": f"projects/_/{resource}"}

    def put(self, bucket: str, name: str, body: bytes, days: float, kind: str = "", **more: Any) -> None:
        """Store an object that is so many days old; ``more`` is what the emulator would lose."""
        blob = self._client.bucket(bucket).blob(name)
        blob.upload_from_string(body, content_type=kind or "application/octet-stream")
        key = next(each for each in self._buckets if each["name"] == bucket).get("encryption")
        told = {"timeCreated": self.ago(days), "updated": self.ago(days), "timeStorageClassUpdated": self.ago(days)}
        if key:
            told["kmsKeyName"] = f"{key['defaultKmsKeyName']}/cryptoKeyVersions/1"
        self._told[bucket, name] = told | more

    def close(self) -> None:
        """Have the buckets told as they were made."""

        def buckets(asked: Asked) -> Payload:
            full = asked.query.get("projection") == "full"
            return page(asked, "items", [each if full else _without(each, "acl") for each in self._buckets])

        self.endpoint.answer("/storage/v1/b", buckets, project=PROJECT)
        for each in self._buckets:
            self.endpoint.answer(f"/storage/v1/b/{each['name']}", each)
        self._client.close()

    def _rows(self, asked: Asked, payload: Mapping[str, Any]) -> Payload:
        return {**payload, "items": [self._row(asked, row) for row in payload.get("items", ())]}

    def _row(self, asked: Asked, row: Mapping[str, Any]) -> dict[str, Any]:
        told = {**row, **self._told.get((row["bucket"], row["name"]), {})}
        return told if asked.query.get("projection") == "full" and told["acl"] else _without(told, "acl")


def _without(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in told.items() if each != name}


def _delete(**condition: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"type": "Delete"}, condition


def build(make: Builder) -> None:
    """Build everything."""
    people.build(make)
    compute.build(make)
    _calls(make)
    _share(make)
    _voicemail(make)
    _transcripts(make)
    _vendor(make)
    _switchboard(make)
    _website(make)
    jobs.build(make)


def _calls(make: Builder) -> None:
    """The main store: closed, under an approved key, its reads logged. Its rules look right, and delete nothing.

    Calls move to NEARLINE after 30 days; the rule that deletes after 90 asks for STANDARD, in which none is left by
    then. Whoever may view the project may read them: Google gave that, and nobody took it away.
    """
    rules = [
        ({"type": "SetStorageClass", "storageClass": "NEARLINE"}, {"age": 30, "matchesStorageClass": ["STANDARD"]}),
        _delete(age=90, matchesStorageClass=["STANDARD"]),
    ]
    readers = [
        ("roles/storage.objectViewer", [robot("transcriber"), robot("quality-review")]),
        ("roles/storage.legacyObjectReader", [robot("call-export"), f"projectViewer:{PROJECT}"]),
    ]
    make.bucket("acme-eu-calls", key=key_name("speech-calls"), rules=rules, bindings=readers, labels={"data": "voice"})
    for number, days in enumerate((3, 11, 26, 41, 58, 77, 101, 190, 320)):
        tier = "NEARLINE" if days > 30 else "STANDARD"
        name, sound = f"calls/2026/{number:04}.wav", recordings.wav(90 + 15 * number)
        make.put("acme-eu-calls", name, sound, days, "audio/wav", storageClass=tier)
    make.put("acme-eu-calls", "calls/2026/0009.flac", clip("hold.flac"), 6, "audio/flac")


def _share(make: Builder) -> None:
    """Calls that were put where a customer could fetch them: everybody can."""
    everybody = [("roles/storage.objectViewer", ["allUsers"])]
    make.bucket("acme-eu-share", prevention=OPEN, bindings=everybody, rules=[_delete(age=60)])
    for number in range(4):
        make.put("acme-eu-share", f"complaints/{number}.amr", recordings.amr(150), 8 + 5 * number, "audio/amr")


def _voicemail(make: Builder) -> None:
    """As it should be: no check may say anything. Who left may still be named in its policy, and is nobody."""
    readers = [("roles/storage.objectViewer", [people.ANA, f"deleted:{people.user('eve')}?uid=100000000000000000099"])]
    make.bucket("acme-eu-voicemail", key=key_name("speech-voicemail"), rules=[_delete(age=60)], bindings=readers)
    for number in range(6):
        make.put("acme-eu-voicemail", f"box/{number}.opus", clip("invoice.opus"), 2 + 7 * number, "audio/ogg")


def _transcripts(make: Builder) -> None:
    """Transcripts of the calls. A role of the AWS account reads them too, as a workload identity, without any key."""
    readers = [
        ("roles/storage.objectViewer", [robot("quality-review"), people.AWS_ROLE]),
        ("roles/storage.objectCreator", [robot("transcriber")]),
    ]
    make.bucket("acme-eu-transcripts", key=key_name("speech-transcripts"), rules=[_delete(age=300)], bindings=readers)
    for number, days in enumerate((1, 11, 26)):
        name = f"out/{number:04}_transcript_6f1d.json"
        make.put("acme-eu-transcripts", name, transcript("I would like to change my order"), days, "application/json")


def _vendor(make: Builder) -> None:
    """Closed, but for one managed folder that a vendor's people were let into, who share it with a whole domain."""
    make.bucket("acme-eu-training", rules=[_delete(age=60)], bindings=[("roles/storage.objectAdmin", [people.ANA])])
    for number in range(3):
        make.put("acme-eu-training", f"labelled/{number}.wav", recordings.wav(300), 4 + number, "audio/wav")
        make.put("acme-eu-training", f"for-vendor/{number}.aac", recordings.aac(240), 4 + number, "audio/aac")
    make.folder("acme-eu-training", "for-vendor/", [("roles/storage.objectViewer", ["domain:labels.example"])])


def _switchboard(make: Builder) -> None:
    """From the days of access control lists, which still count here: one recording is open to any Google account."""
    make.bucket("acme-eu-switchboard", prevention=OPEN, uniform=False, rules=[_delete(age=30)])
    owner = {"kind": "storage#objectAccessControl", **LISTS[0]}
    anyone = {"kind": "storage#objectAccessControl", "entity": "allAuthenticatedUsers", "role": "READER"}
    for number in range(3):
        lists = [owner, anyone] if number == 1 else [owner]
        make.put("acme-eu-switchboard", f"in/{number}.wav", recordings.wav(50), 2 + number, "audio/wav", acl=lists)


def _website(make: Builder) -> None:
    """No speech at all: nothing may be said about it."""
    make.bucket("acme-eu-website", prevention=OPEN, bindings=[("roles/storage.objectViewer", ["allUsers"])])
    make.put("acme-eu-website", "index.html", b"<html></html>", 500, "text/html")
    make.put("acme-eu-website", "logo.png", b"\x89PNG\r\n\x1a\n" + bytes(64), 500, "image/png")
