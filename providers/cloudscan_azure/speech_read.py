"""Speech in neutral words. Pure: each reads one answer of Azure Resource Manager or of the Speech REST API.

Two shapes of the REST API are read, 2024-11-15 and v3.2 ("Speech to text REST API"): how long a transcription is kept
is ``timeToLiveHours`` in the one and ``timeToLive``, a duration, in the other. Addresses that an answer holds may carry
shared access signatures, so that all are cut before their query.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from cloudscan.model import Answer, Job, PolicyDocument
from cloudscan.providing.parts import items, part, texts, utc
from cloudscan_azure.accounts import StorageAccount
from cloudscan_azure.ids import PROVIDER, key_id, lowered, person
from cloudscan_azure.kept import document

Told = Mapping[str, Any]
KINDS = frozenset({"speechservices", "aiservices", "cognitiveservices"})
"""The kinds of accounts that turn speech into text."""
LOGGED_HOURS = 30 * 24
"""For how long what an endpoint logs is kept ("Log audio and transcriptions for speech recognition")."""
_NETWORK = (
    "publicNetworkAccess",
    "networkAcls",
    "privateEndpointConnections",
    "disableLocalAuth",
    "restrictOutboundNetworkAccess",
    "customSubDomainName",
)
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")
_HOURS = (7 * 24.0, 24.0, 1.0, 1 / 60, 1 / 3600)
_OVER = {"succeeded", "failed"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the storage accounts that are known answer: their ids by the beginnings of addresses."""

    known: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, accounts: Iterable[StorageAccount]) -> Places:
        """Take the blob endpoints of storage accounts."""
        return cls({f"{end.rstrip('/').lower()}/": one.id for one in accounts if (end := one.endpoint("blob"))})

    def location(self, url: str) -> str:
        """Return where an address points, as jobs have it: in a container that is known, else the address, cut."""
        plain = cut(url)
        begun = next((each for each in self.known if f"{plain}/".lower().startswith(each)), "")
        container, _, path = plain[len(begun) :].partition("/")
        if not begun or not container:
            return plain
        store = f"{self.known[begun]}/blobservices/default/containers/{container.lower()}"
        return f"{store}/{unquote(path)}" if path else store

    def holds(self, location: str) -> bool:
        """Whether a location lies in a storage account that is known."""
        return any(location.startswith(f"{each}/") for each in self.known.values())


def cut(url: str) -> str:
    """Return an address without what may be secret in it: its query, its fragment, and a name and password."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return url.partition("?")[0].partition("#")[0].rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path


@dataclass(frozen=True, slots=True)
class SpeechAccount:
    """A Cognitive Services account that can turn speech into text.

    ``storage`` are the ids of the storage accounts of the customer's own that it keeps everything in, None where ARM
    told nothing of that. ``endpoint`` is where it answers, "" where it has no domain of its own, which tokens of
    Microsoft Entra need ("Authenticate requests to Azure AI services").
    """

    id: str
    name: str
    region: str
    endpoint: str = ""
    key: str | None = None
    identity: str | None = None
    storage: tuple[str, ...] | None = None


def account(told: Told) -> SpeechAccount | None:
    """Read an account ("Accounts - List", Cognitive Services management REST API); None for one of another kind."""
    name = str(told.get("id") or "")
    if not name or str(told.get("kind") or "").lower() not in KINDS:
        return None
    properties = part(told, "properties")
    vault = part(properties, "encryption", "keyVaultProperties")
    identity = part(told, "identity")
    own = properties.get("userOwnedStorage")
    return SpeechAccount(
        id=lowered(name),
        name=str(told.get("name") or lowered(name).rpartition("/")[2]),
        region=str(told.get("location") or "").lower(),
        endpoint=str(properties.get("endpoint") or "") if properties.get("customSubDomainName") else "",
        key=key_id(f"{str(vault.get('keyVaultUri') or '').rstrip('/')}/keys/{vault.get('keyName') or ''}") or None,
        identity=_identity(identity),
        storage=None if not isinstance(own, list) else _storage(properties),
    )


def _storage(properties: Told) -> tuple[str, ...]:
    return tuple(lowered(str(each["resourceId"])) for each in items(properties, "userOwnedStorage") if _named(each))


def _named(told: Told) -> bool:
    return bool(told.get("resourceId"))


def _identity(told: Told) -> str | None:
    """Return whom an account acts as: its own identity, else the first of those it was given; None where untold."""
    held = part(told, "userAssignedIdentities")
    ids = [told.get("principalId"), *(part(held, name).get("principalId") for name in sorted(held))]
    return next((person(str(each)) for each in ids if each), None)


def network(told: Told, name: str, subscription: str) -> PolicyDocument:
    """Keep from where an account answers, and whether its keys open it."""
    properties = part(told, "properties")
    kept = {key: properties[key] for key in _NETWORK if key in properties}
    return document(subscription, "network", f"{name}#network", kept, name)


def settings(one: SpeechAccount, subscription: str) -> Job:
    """Say what holds for all that an account keeps: under which key, and in whose storage."""
    return Job(
        id=one.id,
        provider=PROVIDER,
        account=subscription,
        region=one.region,
        kind="service-settings",
        name=one.name,
        continuous=True,
        outputs=one.storage or (),
        output_owner=_owner(one),
        role=one.identity,
        key=one.key,
    )


def _owner(one: SpeechAccount) -> str | None:
    return None if one.storage is None else "customer" if one.storage else "service"


def transcription(told: Told, one: SpeechAccount, subscription: str, places: Places) -> Job | None:
    """Read a transcription; None for one that names nothing.

    What it was given is not told ("contentUrls ... will not be returned in a response"), unless an older version does.
    Without a destination of its own, results lie with the service, or in the storage of the customer's that the account
    was given. The service deletes what it keeps when the time to live is over, counted from the end.
    """
    own = _name(told)
    if not own:
        return None
    properties = part(told, "properties")
    given = properties.get("destinationContainerUrl") or told.get("destinationContainerUrl")
    target = str(given or "")
    inputs = [*texts(told, "contentUrls"), *[str(told[name]) for name in ("contentContainerUrl",) if told.get(name)]]
    done = _done(told)
    kept = hours(properties)
    return replace(
        _job(told, one, subscription, "transcriptions", "transcription"),
        completed=done,
        listed_until=_after(done, kept),
        inputs=tuple(dict.fromkeys(map(places.location, inputs))),
        outputs=(places.location(target),) if target else (),
        output_owner="customer" if target or one.storage else "service" if one.storage == () else None,
        redaction=Answer.NO,  # the API takes nothing out of a transcript but, if asked, swear-words
        keeps_unredacted=Answer.YES,
        retention_hours=kept,
    )


def _after(done: datetime | None, hours_kept: int | None) -> datetime | None:
    """Return when a time to live is over, None where that is not known, or beyond all time."""
    try:
        return done + timedelta(hours=hours_kept) if done and hours_kept else None
    except OverflowError:
        return None


def placed(job: Job, files: Iterable[Told], places: Places) -> Job:
    """Say where a transcription's results lie, by the list of its files.

    They are the customer's where the storage account is known, and the service's where it is not, and neither a
    destination nor storage of the customer's own was told.
    """
    urls = [str(part(each, "links").get("contentUrl") or "") for each in files if each.get("kind") == "Transcription"]
    outputs = tuple(dict.fromkeys(places.location(each) for each in urls if each))
    if not outputs:
        return job
    mine = all(map(places.holds, outputs))
    return replace(job, outputs=outputs, output_owner=job.output_owner or ("customer" if mine else "service"))


def training(told: Told, one: SpeechAccount, subscription: str, noun: str, places: Places) -> Job | None:
    """Read a data set or a custom model: recordings or words that an account was given to learn from, and keeps."""
    if not _name(told):
        return None
    source = str(told.get("contentUrl") or "")
    return replace(
        _job(told, one, subscription, noun, "model-training"),
        completed=_done(told),
        inputs=(places.location(source),) if source else (),
        outputs=one.storage or (),
        output_owner=_owner(one),
    )


def logs(told: Told) -> bool | None:
    """Say whether an endpoint logs what it is told; None where that was not told.

    In 2024-11-15 it is ``loggingEnabled``, in v3.2 ``contentLoggingEnabled``.
    """
    properties = part(told, "properties")
    found = (properties.get(name) for name in ("contentLoggingEnabled", "loggingEnabled"))
    return next((each for each in found if isinstance(each, bool)), None)


def logging(told: Told, one: SpeechAccount, subscription: str) -> Job | None:
    """Read an endpoint that logs the audio it is given, and what it made of it."""
    if not _name(told):
        return None
    return replace(
        _job(told, one, subscription, "endpoints", "conversation-log"),
        continuous=True,
        outputs=one.storage or (),
        output_owner=_owner(one),
        redaction=Answer.NO,
        keeps_unredacted=Answer.YES,
        retention_hours=None if one.storage or one.storage is None else LOGGED_HOURS,
    )


def _job(told: Told, one: SpeechAccount, subscription: str, noun: str, kind: str) -> Job:
    own = _name(told)
    return Job(
        id=f"{one.id}/{noun}/{own.lower()}",
        provider=PROVIDER,
        account=subscription,
        region=one.region,
        kind=kind,
        name=str(told.get("displayName") or own),
        status=str(told.get("status") or ""),
        created=utc(told.get("createdDateTime")),
        role=one.identity,
        key=one.key,
    )


def _name(told: Told) -> str:
    """Return the id of a thing: the last part of its address."""
    return cut(str(told.get("self") or "")).rstrip("/").rpartition("/")[2]


def name_of(told: Told) -> str:
    """Return the id by which the files of a transcription are asked for."""
    return _name(told)


def _done(told: Told) -> datetime | None:
    over = str(told.get("status") or "").lower() in _OVER
    return utc(told.get("lastActionDateTime")) if over else None


def hours(properties: Told) -> int | None:
    """Read for how many hours a transcription is kept after its end, rounded up; None for ever, or where untold."""
    told = properties.get("timeToLiveHours")
    if isinstance(told, int) and not isinstance(told, bool) and told > 0:
        return told
    text = properties.get("timeToLive")
    met = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if met is None:
        return None
    total = sum(int(number) * each for number, each in zip(met.groups(), _HOURS, strict=True) if number)
    return max(1, -int(-total // 1)) if total > 0 else None
