"""The nouns: what a provider collects, in the field's own terms, the same for every cloud.

Records are frozen and slotted; their kind is their class (``RECORD_KINDS``). What a cloud did not tell is
never "off": a fact that is yes or no is an :class:`Answer`, and for any other fact ``None`` means *unknown*,
while an empty tuple or an explicit word ("none", "disabled") means that the cloud said so.

Times are aware datetimes in UTC; sizes are bytes; durations are seconds unless the name says otherwise.
A store's id is the cloud's full id: ``arn:aws:s3:::NAME``, ``gs://NAME``, an Azure container's resource id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import NamedTuple, NoReturn

ANYONE = "anyone"
"""The principal that needs no credentials at all."""
ANYONE_SIGNED_IN = "anyone-signed-in"
"""Whoever has any account at the cloud: not a barrier, since accounts are free."""
UNNAMED = "somebody who is not named"
"""Nobody in particular, and perhaps anybody: of whom nothing is known but that what was not read may admit them."""


NEVER_RETAINED = datetime(1970, 1, 1, tzinfo=UTC)
"""When the retention of an object ended of which the cloud said that it never had one."""
NEVER_DATED = datetime(9999, 12, 31, tzinfo=UTC)
"""The time that its owner set on an object of which the cloud said that nobody set one: no days after it ever end."""


class Answer(Enum):
    """Yes, no, or not known. It refuses to be used as a truth value, so nobody can read unknown as no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        raise TypeError("an Answer is three-valued: compare it with `is Answer.YES`, NO or UNKNOWN")

    @classmethod
    def of(cls, fact: bool | None) -> Answer:  # noqa: FBT001 - the one place where a plain fact comes in
        """Turn a fact as an API gives it (true, false, absent) into an Answer."""
        if fact is None:
            return cls.UNKNOWN
        return cls.YES if fact else cls.NO


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How sure a verdict is, given that the facts are right."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(StrEnum):
    """What a check says of one resource. An unanswered question is ``unknown``, never ``pass``."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - a verdict, not a password


class Action(StrEnum):
    """What a grant lets a principal do with recordings, in words that fit every cloud."""

    READ = "read"
    LIST = "list"
    WRITE = "write"
    DELETE = "delete"
    ADMINISTER = "administer"
    DECRYPT = "decrypt"


class MediaClass(StrEnum):
    """What an object is. ``speech`` is recorded sound: music cannot be told from voices by its container."""

    SPEECH = "speech"
    TRANSCRIPT = "transcript"
    VIDEO = "video"
    OTHER = "other"
    UNSETTLED = "unsettled"
    """Neither name, nor type, nor the bytes that were read (if any) settle it."""


class Evidence(StrEnum):
    """What settled the class of an object."""

    SIGNATURE = "signature"
    CONTENT_TYPE = "content-type"
    NAME = "name"
    SUSPICION = "suspicion"
    """A name, type or pattern that stands for sound without a header: nothing in the bytes can confirm it."""
    NONE = "none"


class DurationMethod(StrEnum):
    """How the length of a recording is known, best first."""

    HEADER = "header"
    ESTIMATE = "estimate"
    TYPICAL_RATE = "typical-rate"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why something could not be seen."""

    DENIED = "denied"
    THROTTLED = "throttled"
    DISABLED = "disabled"
    UNSUPPORTED = "unsupported"
    EXPIRED = "expired"
    VANISHED = "vanished"
    MALFORMED = "malformed"
    ERROR = "error"
    LIMIT = "limit"
    """The user's own limit (``--max-objects`` and its kin): not a failure, and still not seen."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be seen: what, why, and which permission would show it.

    ``facet`` is the question (a :class:`cloudscan.provider.Facet` value), ``resource`` what it was asked of.
    ``detail`` is the cloud's error code or our own words, never its free text, which may hold secrets. ``since``: only
    what came after this moment was not seen; None where nothing such is known.
    """

    provider: str
    account: str
    region: str
    facet: str
    resource: str
    why: Why
    operation: str
    detail: str = ""
    permission: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many questions of one facet were asked of an account and how many were answered."""

    provider: str
    account: str
    facet: str
    asked: int
    answered: int
    limited: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account, a GCP project or an Azure subscription, and its place in the organization.

    ``parents`` runs from the organization's root down to the direct parent. ``controls`` holds
    account-wide switches by the cloud's own names (for AWS the four public-access flags).
    ``training_opt_out``: has the account opted out of its speech being used to train the cloud's models.
    ``unique_id`` is the cloud's own id of it where that is another one (a project's number). ``tags`` are those that
    policies can go by, by their full names, inherited ones included.
    """

    id: str
    provider: str
    name: str = ""
    organization: str | None = None
    management: Answer = Answer.UNKNOWN
    parents: tuple[str, ...] | None = None
    controls: Mapping[str, Answer] = field(default_factory=dict)
    training_opt_out: Answer = Answer.UNKNOWN
    regions: tuple[str, ...] = ()
    unique_id: str = ""
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Encryption:
    """Encryption at rest of a store's new objects, or of one object.

    ``mode`` is ``none`` (the cloud records no encryption), ``provider`` (a key that the cloud alone holds
    and manages), ``provider-kms`` (a key of the cloud's key service that the cloud manages for the account),
    ``customer`` (a key that the customer manages) or ``customer-supplied`` (the caller sends the key bytes).
    """

    mode: str
    key: str | None = None
    algorithm: str = ""
    bucket_key: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class AclGrant:
    """One line of an access control list. ``grantee`` is an id, ANYONE or ANYONE_SIGNED_IN."""

    grantee: str
    permission: str


class LifecycleAction(StrEnum):
    """What a lifecycle rule does to what it acts on."""

    DELETE = "delete"
    """In a store that keeps versions, this makes a current version an old one, and deletes an old one for good."""
    SET_TIER = "set-tier"
    ABORT_UPLOAD = "abort-upload"
    CLEAR_MARKER = "clear-marker"
    """Takes away a delete marker under which no version is left."""
    OTHER = "other"
    """Something that this version does not model: it may do anything."""


@dataclass(frozen=True, slots=True)
class LifecycleRule:
    """One action of a lifecycle configuration, neutral to the cloud: what it acts on, when, and what it does.

    It acts only if every filter that is set matches and every condition that is set holds. Of ``prefixes``,
    ``suffixes``, ``tiers`` and ``stored_as`` one must match (none given: any does), of ``tags`` all must.
    ``acts_on`` is ``current``, ``noncurrent`` or ``any``.

    Conditions in days count from a moment of the object: ``days`` from its creation, ``noncurrent_days`` from
    when it stopped being the current version, ``custom_days`` from the time that its owner set on it,
    ``accessed_days`` from when it was last read; ``upload_days`` from the beginning of an upload that was not
    finished. ``from_date`` is the day on which the rule begins to act. ``created_before``, ``noncurrent_before``
    and ``custom_before`` are bounds of those moments. ``newer_noncurrent`` is how many newer old versions there
    must be, ``newer_versions`` how many newer versions, the current one counted.

    ``tier`` is where SET_TIER moves to. One rule of a cloud that does several things is several of these, with
    one ``id``. ``unread`` names parts of that rule that this version does not model: then nothing is certain of
    what it acts on, and it is never taken as proof that something is, or is not, deleted.
    """

    id: str
    enabled: bool
    action: str
    acts_on: str = "any"
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    stored_as: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    larger_than: int | None = None
    smaller_than: int | None = None
    days: int | None = None
    noncurrent_days: int | None = None
    custom_days: int | None = None
    accessed_days: int | None = None
    upload_days: int | None = None
    from_date: datetime | None = None
    created_before: datetime | None = None
    noncurrent_before: datetime | None = None
    custom_before: datetime | None = None
    newer_noncurrent: int = 0
    newer_versions: int = 0
    tier: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RetentionLock:
    """Write-once protection of a store: until when may nobody delete.

    ``days`` is how long a new object is kept at least, where that is set for all. ``keeps_current``: does it, and
    a hold on an object, also keep the current version from becoming an old one; where it does not, each lock is that
    of an object. ``holds``: may objects be held where none of this is enabled, too.
    """

    enabled: Answer
    mode: str = ""
    days: int | None = None
    keeps_current: bool = False
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Replication:
    """A rule that copies new objects elsewhere."""

    target: str
    target_account: str | None
    prefix: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Store:
    """A bucket or container, or a stream that keeps media (``kind`` says which).

    ``controls`` are the store's own public-access and protocol switches by the cloud's names. ``acl`` is ()
    too where lists count for nothing, neither the store's nor those of its objects.
    ``has_policy`` says whether a resource policy exists; its text is a :class:`PolicyDocument`.
    ``tls_required``: would a plaintext request be refused to everybody. ``versioning`` is ``enabled``, ``disabled``
    where it never was on, so that there are no old versions, ``suspended`` as Amazon S3 means it, or ``off`` where
    none is made now, and whether some from before are there is not told. For ``soft_delete_days`` what is deleted now
    can be got back; ``keeps_deleted`` says whether anything deleted may be there, which is unknown where that was
    switched off: a change holds for later deletions alone. ``retention_hours`` is for stores that age data by
    themselves. ``astray_rules`` are rules beside ``lifecycle``, by name and prefix, that reach no store: their prefix
    begins with the name of none that was listed.
    ``tags`` are those that policies can go by, as an :class:`Account` has them.
    """

    id: str
    provider: str
    account: str
    region: str
    name: str
    kind: str = "bucket"
    created: datetime | None = None
    owner: str | None = None
    encryption: Encryption | None = None
    controls: Mapping[str, Answer] = field(default_factory=dict)
    has_policy: Answer = Answer.UNKNOWN
    acl: tuple[AclGrant, ...] | None = None
    ownership: str | None = None
    tls_required: Answer = Answer.UNKNOWN
    versioning: str | None = None
    mfa_delete: Answer = Answer.UNKNOWN
    lifecycle: tuple[LifecycleRule, ...] | None = None
    lock: RetentionLock | None = None
    soft_delete_days: int | None = None
    keeps_deleted: Answer = Answer.UNKNOWN
    replication: tuple[Replication, ...] | None = None
    inventories: tuple[str, ...] | None = None
    labels: Mapping[str, str] | None = None
    retention_hours: int | None = None
    tags: Mapping[str, str] | None = None
    astray_rules: tuple[tuple[str, str], ...] = ()

    @property
    def makes_no_versions(self) -> bool:
        """Whether it is known that what is deleted or overwritten now leaves no old version: others may be there."""
        return self.versioning in ("disabled", "off")


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """A further door to a store, with its own policy and switches."""

    id: str
    provider: str
    account: str
    region: str
    name: str
    store: str
    network: str = ""
    controls: Mapping[str, Answer] = field(default_factory=dict)
    has_policy: Answer = Answer.UNKNOWN


class MediaObject(NamedTuple):
    """One row of the object table: an object or one version of it, as the listing gave it.

    A tuple, since there can be many millions. ``encryption_mode`` and ``key_id`` (see :class:`Encryption`)
    are None unless this object's own head was read, and ``acl`` unless its own access control list was: that is
    JSON text of [grantee, permission] pairs, as in :class:`AclGrant`, in order. ``looked`` is how many of its bytes
    were read to tell what it is, None for none. ``producer`` is the recogniser whose shape a transcript has, and
    ``told`` what its metadata says of its recording, as JSON text: see :mod:`cloudscan.audio.told`. Never its words.
    ``sound`` is whether a video has a track of sound, in which somebody may speak, None where its head did not say.

    What lifecycle rules go by, where it was read, else None: ``noncurrent_since`` is when a version stopped being
    the current one (where the listing does not say, it follows from the next newer one), ``tags`` JSON text of an
    object of names and values, ``held`` whether a hold without an end keeps it, ``retain_until`` when its own
    retention ends (NEVER_RETAINED where it is known to have none), ``custom_time`` what its owner set
    (NEVER_DATED where it is known that nobody did), ``last_access`` when it was last read.

    ``restorable_until`` is set only for what was deleted: until then it can be got back, and nobody reads it before.
    ``awaits_copy``: is it to be replicated, and is that not done or did it fail. None where that was not read; no, too,
    in a cloud whose rules do not wait for it. ``stored_as`` is how the cloud stores it, by its own word, where rules go
    by that: in Azure the blob's type (``BlockBlob``, ``AppendBlob``, ``PageBlob``), in letters of any case. None where
    that was not read, or makes no difference.
    """

    store: str
    key: str
    version: str | None = None
    current: bool = True
    delete_marker: bool = False
    size: int = 0
    modified: datetime | None = None
    tier: str = ""
    etag: str | None = None
    owner: str | None = None
    content_type: str | None = None
    media: str = MediaClass.UNSETTLED
    format: str | None = None
    settled_by: str = Evidence.NONE
    seconds: float | None = None
    seconds_by: str = DurationMethod.UNKNOWN
    redacted: bool | None = None
    encryption_mode: str | None = None
    key_id: str | None = None
    acl: str | None = None
    looked: int | None = None
    producer: str | None = None
    told: str | None = None
    sound: bool | None = None
    noncurrent_since: datetime | None = None
    tags: str | None = None
    held: bool | None = None
    retain_until: datetime | None = None
    custom_time: datetime | None = None
    last_access: datetime | None = None
    restorable_until: datetime | None = None
    awaits_copy: bool | None = None
    stored_as: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts that was begun, and neither finished nor given up: its parts are kept, and nobody sees them
    in a listing of objects. ``id`` is the cloud's own.

    Nobody can read the parts before it is finished, so ``media``, the class of what it is to become, is what the
    ``key`` tells.
    """

    id: str
    provider: str
    account: str
    store: str
    key: str
    begun: datetime | None = None
    media: str = MediaClass.UNSETTLED


@dataclass(frozen=True, slots=True)
class Backup:
    """Copies of one store that a backup service keeps in one vault, each for the same time, where no list of objects
    shows them. Nobody sees what is in one before it is restored.

    ``store`` is the id of what they are of, which may be gone. Where stores lie below it, nobody knows of which of
    these they are. ``account`` and ``region`` are those of the ``vault``, which may be others. ``first`` and ``last``
    are when the first and the last of the ``copies`` was taken. ``days`` after it was taken a copy is deleted; of a
    ``continuous`` one, which goes on taking what is written, that is for how long it keeps what the store has lost.
    ``ends`` is when the last copy is deleted, None where that is not known, or none is: ``lasting`` tells which.
    ``locked``: does the vault refuse to have one deleted earlier. ``deleted`` are those that can be got back until they
    end: nobody tells how many there are, and ``copies`` is 0.
    """

    store: str
    provider: str
    account: str
    region: str
    vault: str
    continuous: bool = False
    copies: int = 1
    first: datetime | None = None
    last: datetime | None = None
    days: int | None = None
    ends: datetime | None = None
    lasting: Answer = Answer.UNKNOWN
    locked: Answer = Answer.UNKNOWN
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Corpus:
    """The current objects of one class in one store under one prefix. Derived from the object table.

    ``suspected`` of them are of this class by a suspicion alone: sound without a header, by its name or the like.
    Of ``looked`` some bytes were read; the class of the others is what name and type say. Of ``seconds``,
    ``seconds_exact`` stand in headers, and ``seconds_guessed`` follow from nothing but size and format: they are the
    middle of what the format commonly takes, which may as well make ``guessed_least`` or ``guessed_most`` of them.
    """

    store: str
    media: MediaClass
    prefix: str
    objects: int
    bytes: int
    seconds: float
    seconds_exact: float
    unknown_length: int
    oldest: datetime | None
    newest: datetime | None
    formats: tuple[str, ...]
    by_signature: int
    suspected: int = 0
    looked: int = 0
    seconds_guessed: float = 0.0
    guessed_least: float = 0.0
    guessed_most: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something that reads or writes speech: a transcription job, a call-recording rule, a media pipeline.

    ``kind`` is transcription, call-analytics, medical-transcription, medical-scribe, model-training,
    vocabulary, call-recording, conversation-log, media-capture, voice-analytics or speech-synthesis; transfer (what
    copies objects to another place); recognizer (how speech is to be recognised) or service-settings (what holds for
    all that a service keeps in a region).
    ``inputs`` and ``outputs`` are locations as ``STORE_ID/KEY``, or STORE_ID alone when only the
    store is known; query strings, which can hold signatures, are cut off. ``output_owner`` is ``customer``
    or ``service``, None when unknown. ``listed_until`` is when the cloud stops listing the job, so that
    an empty list is not read as "never happened". ``continuous`` jobs are settings that stay in force.
    ``keeps_unredacted``: does the job also keep an unredacted transcript. ``mirrors``: does a transfer delete at its
    target what its source has lost, whenever it runs.
    """

    id: str
    provider: str
    account: str
    region: str
    kind: str
    name: str
    status: str = ""
    created: datetime | None = None
    completed: datetime | None = None
    listed_until: datetime | None = None
    continuous: bool = False
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    output_owner: str | None = None
    output_store_account: str | None = None
    role: str | None = None
    key: str | None = None
    redaction: Answer = Answer.UNKNOWN
    keeps_unredacted: Answer = Answer.UNKNOWN
    retention_hours: int | None = None
    mirrors: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Principal:
    """An identity that can be granted something.

    ``policies`` are ids of :class:`PolicyDocument`; ``trust`` is the id of the document that says who may
    become this principal. ``boundary`` is a policy that limits it, "" when there is none, None if unknown.
    ``unique_id`` is the cloud's own id that no later principal of the same name gets, where policies can name it.
    ``password``: has it one to sign in with at the cloud's console. ``enabled``: can it be used at all.
    ``members``, of a group, are who is in it directly, where the cloud tells it of the group and not of each member.
    ``aliases`` are what else people call it by (a display name, a mail address): others may choose the same.
    """

    id: str
    provider: str
    account: str
    kind: str
    name: str
    path: str = ""
    created: datetime | None = None
    policies: tuple[str, ...] | None = None
    groups: tuple[str, ...] = ()
    boundary: str | None = None
    trust: str | None = None
    labels: Mapping[str, str] | None = None
    service_linked: bool = False
    instance_profiles: tuple[str, ...] = ()
    unique_id: str | None = None
    password: Answer = Answer.UNKNOWN
    enabled: Answer = Answer.UNKNOWN
    members: tuple[str, ...] | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret with which somebody acts as a principal for as long as it is kept. The secret itself is never collected.

    ``kind`` is access-key, service-account-key, hmac-key, client-secret, client-certificate or account-key; or
    stored-secret, one that a vault keeps and of which nothing but its name is known (``principal`` is "" then).
    ``expires`` is None where it does not, or where the cloud does not say: ``lasting`` tells which.
    """

    id: str
    provider: str
    account: str
    principal: str
    kind: str
    created: datetime | None = None
    expires: datetime | None = None
    lasting: Answer = Answer.UNKNOWN
    enabled: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Workload:
    """Compute that runs with an identity: whoever steers it acts with that identity.

    ``kind`` is function, instance, container-service, container-task, build-project, notebook, dev-endpoint,
    job, stack (a deployment that changes resources for its owner) or service. ``principal`` is the id of the
    role or service account that it runs as: "" when it runs without one, None if unknown. Where the cloud does
    not tell that id, ``known_as`` is what it tells instead (one of ``Principal.instance_profiles``, or a name), and
    the estate finds the principal by it. ``managed``: would a command sent through the cloud's own remote-command
    service reach it. ``keys_in_settings``: do keys that are written into its settings let somebody sign in to it.
    ``scopes`` are all that its tokens are good for, by the cloud's names, None where nothing narrows them.
    ``addressed``: has it an address on the Internet. ``reachable``: does its network let those outside sign in there.
    What has several identities is one of these for each, by its id and what follows a ``#``.
    """

    id: str
    provider: str
    account: str
    region: str
    kind: str
    name: str
    principal: str | None = None
    known_as: str = ""
    managed: Answer = Answer.UNKNOWN
    labels: Mapping[str, str] | None = None
    keys_in_settings: Answer = Answer.UNKNOWN
    scopes: tuple[str, ...] | None = None
    addressed: Answer = Answer.UNKNOWN
    reachable: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy as the cloud returned it, and what it hangs on.

    ``kind`` is resource, access-point, key, identity, boundary, trust, service-control or resource-control; where
    rights are bound to nodes of a hierarchy, ``hierarchy`` (who has which role there), ``eligible`` (who may take
    one on), ``deny``, ``lock`` (what nobody may change there), and ``role`` (a definition of one, which hangs on
    nothing); ``acl`` is a list that hangs on a folder or file, ``network`` from where a store is reached, and
    ``app-rules`` say what users of an app read of a store. Who manages identities is told by ``directory``,
    ``directory-eligible`` and ``owners``.
    ``document`` is the text as returned: it may be malformed, and then governs nothing that we can prove.
    """

    id: str
    provider: str
    account: str
    kind: str
    attached_to: tuple[str, ...]
    document: str


@dataclass(frozen=True, slots=True)
class Federation:
    """A door for identities from elsewhere: OIDC, SAML, or an app's identity pool.

    ``guests`` says whether an app user who never signed in gets credentials. ``roles`` are (who, role id)
    pairs, who being ``guest``, ``signed-in`` or a mapped group. ``issuer`` is whose tokens it takes, and
    ``trusted_account`` the account of another cloud whose identities it takes. ``condition`` is what it asks of a
    token in the cloud's own language, "" for nothing, and ``mapping`` what it makes of one: attribute to expression.
    ``keeps`` says whether who came through it before stays in, though it takes nobody any more.
    """

    id: str
    provider: str
    account: str
    region: str
    kind: str
    name: str
    guests: Answer = Answer.UNKNOWN
    classic_flow: Answer = Answer.UNKNOWN
    roles: tuple[tuple[str, str], ...] | None = None
    audiences: tuple[str, ...] = ()
    issuer: str = ""
    trusted_account: str = ""
    condition: str | None = None
    mapping: Mapping[str, str] | None = None
    enabled: Answer = Answer.UNKNOWN
    keeps: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A grant of a key that stands beside its policy."""

    grantee: str
    operations: tuple[str, ...]
    constraints: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """An encryption key. ``manager`` is customer or provider; ``state`` is enabled, disabled, pending-deletion
    or the cloud's own word; ``rotates`` whether its material is renewed on a schedule, where that can be."""

    id: str
    provider: str
    account: str
    region: str
    manager: str | None = None
    state: str | None = None
    rotates: Answer = Answer.UNKNOWN
    rotation_days: int | None = None
    rotation_possible: Answer = Answer.UNKNOWN
    deletion_date: datetime | None = None
    has_policy: Answer = Answer.UNKNOWN
    grants: tuple[KeyGrant, ...] | None = None
    aliases: tuple[str, ...] | None = None

    @property
    def is_off(self) -> bool:
        """Whether it is known to serve no request as it is."""
        return self.state is not None and self.state.casefold() != "enabled"


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where reads of one store are recorded. ``reads`` is NO when this source records none of them, and
    ``scope`` says which part of the store it covers ("" for all of it).

    ``exempt`` are those whose reads it leaves out. ``retention_days`` is for how long the records are kept, where that
    is a setting of the place that holds them, and ``locked`` whether nobody can shorten it.
    """

    store: str
    provider: str
    account: str
    kind: str
    target: str
    reads: Answer
    scope: str = ""
    exempt: tuple[str, ...] = ()
    retention_days: int | None = None
    locked: Answer = Answer.UNKNOWN


Record = (
    Account
    | Store
    | AccessPoint
    | Job
    | Principal
    | Credential
    | Workload
    | PolicyDocument
    | Federation
    | Key
    | LogSource
    | Upload
    | Backup
    | Coverage
)

RECORD_KINDS: Mapping[str, type] = {
    "accounts": Account,
    "stores": Store,
    "access-points": AccessPoint,
    "jobs": Job,
    "principals": Principal,
    "credentials": Credential,
    "workloads": Workload,
    "policies": PolicyDocument,
    "federations": Federation,
    "keys": Key,
    "log-sources": LogSource,
    "uploads": Upload,
    "backups": Backup,
    "coverage": Coverage,
}
"""The file name of each kind of record in a snapshot, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the path that proves a finding about access: who may do what, why, by which statement."""

    source: str
    action: str
    target: str
    reason: str
    condition: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says of one resource, with its proof.

    ``locator`` tells apart several findings of one check on one resource (a prefix, a principal). Together
    with check and resource it makes the fingerprint, so it holds nothing volatile.
    """

    check: str
    verdict: Verdict
    severity: Severity
    confidence: Confidence
    provider: str
    account: str
    region: str
    resource: str
    resource_kind: str
    message: str
    locator: str = ""
    path: tuple[Step, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)
    remediation: str = ""
    references: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    fingerprint: str = ""
    suppressed: str | None = None
