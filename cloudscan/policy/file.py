"""The user's policy file: what the organization has decided, against which checks judge.

Everything is optional; a check that needs a decision which is not made says so and judges nothing. Unknown
keys are errors that name the nearest known one, since a misspelt rule must not silently not apply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from cloudscan.errors import PolicyFileError
from cloudscan.model import MediaClass, Severity, Store
from cloudscan.policy.faults import fault
from cloudscan.tables.slices import Slice, shortest


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of the policy file: only its own keys are allowed."""


Days = Annotated[int, msgspec.Meta(ge=0, le=365_000)]
"""Days of keeping: up to a thousand years, which dates can be counted back from."""


class Preset(NamedTuple):
    """A number of days that a law or a rule book names: a starting point for a decision, never a verdict.

    ``says`` is what it is about, short; whether it binds an organization, and which of its recordings, is not known
    here. A year of a minimum is 366 days at most, so that leap years do not cut it short, one of a maximum 365.
    """

    says: str
    min_days: int | None = None
    max_days: int | None = None


PRESETS: Mapping[str, Preset] = {
    "bipa-15a": Preset(
        "740 ILCS 14/15(a), Illinois: voiceprints are destroyed within 3 years of the last interaction", max_days=1095
    ),
    "cftc-1.35": Preset("17 CFR 1.35, United States: calls that lead to a trade are kept for 1 year", min_days=366),
    "fca-sysc-10a": Preset("FCA SYSC 10A.1.15, United Kingdom: recorded calls are kept for 5 years", min_days=1827),
    "fca-sysc-10a-on-request": Preset("FCA SYSC 10A.1.15: 7 years where the FCA asks for it", min_days=2557),
    "finra-3170": Preset("FINRA Rule 3170, United States: taping firms keep recordings for 3 years", min_days=1096),
}
"""The presets by name. A law that names no number of days, such as the GDPR, has none."""


class Retention(_Section, frozen=True):
    """How long objects of a class may and must be kept, in days. The first rule that fits an object applies.

    ``stores`` are globs, one or several. A rule with a ``prefix``, one or several, is only about the objects whose keys
    begin with it. A ``preset`` gives the days that are not given here.
    """

    stores: str | list[str] = "*"
    prefix: str | list[str] | None = None
    media: Literal["speech", "transcript", "video", "any"] = "any"
    labels: dict[str, str] = {}
    max_days: Days | None = None
    min_days: Days | None = None
    preset: Literal["bipa-15a", "cftc-1.35", "fca-sysc-10a", "fca-sysc-10a-on-request", "finra-3170"] | None = None

    def __post_init__(self) -> None:
        _refuse_no_stores(self.stores, folders=True)
        _refuse_no_keys(self.prefix)
        preset = PRESETS[self.preset] if self.preset is not None else Preset("")
        given = self.max_days, self.min_days
        if self.max_days is None:
            msgspec.structs.force_setattr(self, "max_days", preset.max_days)
        if self.min_days is None:
            msgspec.structs.force_setattr(self, "min_days", preset.min_days)
        if self.max_days is not None and self.min_days is not None and self.min_days > self.max_days:
            raise ValueError(self._contradiction(*given))
        if self.max_days is None and self.min_days is None:
            raise ValueError(" needs max_days, min_days, both or a preset")

    def _contradiction(self, most: int | None, least: int | None) -> str:
        """Say which of the days contradict each other, those that were given or those of the preset."""
        theirs = f"that its preset {self.preset} gives: nothing can satisfy both"
        if least is None:
            return f".max_days is {most:,}, less than the min_days of {self.min_days:,} {theirs}"
        if most is None:
            return f".min_days is {least:,}, more than the max_days of {self.max_days:,} {theirs}"
        return ".min_days is more than its max_days: nothing can satisfy both"

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the keys begin with that it is about; nothing for all keys."""
        return () if self.prefix is None else tuple(globs(self.prefix))

    def named(self, store: Store) -> bool:
        """Say whether its glob names a store."""
        return _fits(store, self.stores)

    def fits(self, store: Store) -> bool:
        """Say whether it is about a store, by its name and the labels that were read."""
        labels = store.labels or {}
        return self.named(store) and all(labels.get(name) == value for name, value in self.labels.items())

    def may_fit(self, store: Store) -> bool:
        """Say whether only labels that were not read tell whether it is about a store."""
        return bool(self.labels) and store.labels is None and self.named(store)


class Part(NamedTuple):
    """The part of a store on whose objects a rule of retention decides: what rules before it left.

    Where labels that were not read tell whether it does, ``perhaps`` has it and the rules that may decide in its stead.
    """

    rule: Retention
    slice: Slice
    perhaps: tuple[Retention, ...] = ()


class Keys(_Section, frozen=True):
    """Which encryption keys are approved, as globs of key ids or aliases."""

    require_customer_key: bool = False
    approved: list[str] = []


class TrustedParty(_Section, frozen=True):
    """An account outside the estate that may reach recordings, and why."""

    account: str
    name: str = ""


class ApprovedReaders(_Section, frozen=True):
    """Who may read the recordings and transcripts of some stores, as globs of ids or as whole names. The first rule
    that fits applies.
    """

    principals: list[str]
    stores: str | list[str] = "*"

    def __post_init__(self) -> None:
        _refuse_no_stores(self.stores)

    def fits(self, store: Store) -> bool:
        """Say whether it is about a store."""
        return _fits(store, self.stores)

    def include(self, principal: str, *names: str) -> bool:
        """Say whether a principal is among them. A name is no glob, since who makes an identity chooses its name."""
        return any(fnmatchcase(principal, pattern) or pattern in names for pattern in self.principals)


class Access(_Section, frozen=True):
    """How many may read, who, and how much one principal may open.

    ``max_readers`` counts for one store. ``max_share`` is a share of all hours of speech, from 0 to 1, and
    ``max_credential_days`` how old a lasting credential of a reader may become.
    """

    max_readers: Annotated[int, msgspec.Meta(ge=0)] | None = None
    approved_readers: list[ApprovedReaders] = []
    max_share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    max_credential_days: Days | None = None


class Suppression(_Section, frozen=True):
    """A finding that somebody has accepted until a date. Globs match the check id and the resource."""

    check: str
    reason: str
    owner: str
    expires: date
    resource: str = "*"


class Policy(_Section, frozen=True):
    """The whole file."""

    version: Literal[1] = 1
    retention: list[Retention] = []
    keys: Keys = Keys()
    regions: list[str] = []
    trusted: list[TrustedParty] = []
    access: Access = Access()
    severity: dict[str, Severity] = {}
    suppressions: list[Suppression] = []

    def retention_of(self, store: Store, media: MediaClass) -> Sequence[Part]:
        """Return the rules for objects of this class in this store, each with its part of the store, in their order.

        Parts have no key in common. A key that is in none has no rule. A rule that may fit takes its part as one that
        does: what comes after it is not known to decide there.
        """
        parts, before = list[Part](), tuple[str, ...]()
        meant = [each for each in self.retention if each.media in ("any", media.value)]
        meant = [each for each in meant if each.fits(store) or each.may_fit(store)]
        for place, rule in enumerate(meant):
            left = tuple(each for each in shortest(rule.prefixes) if not each.startswith(before))
            if rule.prefixes and not left:
                continue
            within = tuple(each for each in before if not left or each.startswith(left))
            instead = [each for each in meant[place + 1 :] if Slice(each.prefixes).meets(left)]
            parts.append(Part(rule, Slice(left, within), (rule, *instead) if rule.may_fit(store) else ()))
            if not left:
                break
            before = shortest((*before, *left))
        return parts

    def approved_readers_of(self, store: Store) -> ApprovedReaders | None:
        """Return the rule that says who may read this store; None if the file has none."""
        return next((rule for rule in self.access.approved_readers if rule.fits(store)), None)

    def approves_key(self, *names: str) -> bool:
        """Say whether one of these names of a key (id, aliases) is approved."""
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.keys.approved)

    def trusted_name(self, account: str) -> str | None:
        """Return the name under which an account is trusted, its number if it has none; None if it is not."""
        for party in self.trusted:
            if party.account == account:
                return party.name or account
        return None

    def allows_region(self, region: str) -> bool:
        """Say whether recordings may lie in this region; all may when the file names none."""
        return not self.regions or any(fnmatchcase(region, pattern) for pattern in self.regions)


def read_policy(path: Path) -> Policy:
    """Read a policy file. Raises :class:`PolicyFileError` that names the place and, for a misspelt key, the fix."""
    from cloudscan.policy import text

    return parse_policy(text.read(path), str(path))


def parse_policy(body: object, name: str = "policy") -> Policy:
    """Turn the parsed content of a policy file into a Policy; ``name`` is used in errors."""
    wrong = fault(body, Policy)
    if wrong:
        raise PolicyFileError(f"{name}: {wrong}")
    try:
        return msgspec.convert(body, Policy)
    except msgspec.ValidationError as error:
        # What a section says of its keys together; msgspec names the place behind it.
        words, _, place = str(error).partition(" - at `$.")
        raise PolicyFileError(f"{name}: {place.rstrip('`')}{words}") from error


def policy_schema() -> dict[str, Any]:
    """Return the JSON schema of the policy file."""
    return msgspec.json.schema(Policy)


def globs(stores: str | list[str]) -> list[str]:
    """Return the globs of ``stores``, of which there may be one alone; so it is with prefixes."""
    return [stores] if isinstance(stores, str) else stores


def _fits(store: Store, stores: str | list[str]) -> bool:
    """Say whether a glob names a store, by its name or its full id."""
    return any(fnmatchcase(name, one) for one in globs(stores) for name in (store.name, store.id))


_CONTAINER = re.compile(r"(?:[a-z0-9*?]|\[[^]/]+\])+/[^/]+")
"""What may name a container by its storage account, which has lower-case letters and digits alone."""
_FOLDER = re.compile(r"(?P<store>[^/:]*[A-Za-z0-9][^/:]*|arn:[^:/]*:s3:::[^/]*|gs://[^/]*)/")


def _refuse_no_stores(stores: str | list[str], *, folders: bool = False) -> None:
    """Raise ValueError where globs can name no store at all: a rule that is silently about nothing.

    ``folders``: can the rule name a folder by its prefix.
    """
    if not globs(stores):
        raise ValueError(".stores is an empty list, which is about no store; leave it out for all")
    for one in globs(stores):
        if not one.strip():
            raise ValueError(".stores is empty text, which names no store; leave it out for all")
        if one.startswith("s3://"):
            name = one.removeprefix("s3://").partition("/")[0]
            raise ValueError(f".stores takes globs of a store's name or full id, not {one!r}; write {name!r}")
        if not _CONTAINER.fullmatch(one) and (found := _FOLDER.match(one)):
            folder = one[found.end() :].rstrip("*")
            beside = f" and prefix: {folder!r}" if folders and re.fullmatch(r"[^*?[]+", folder) else ""
            raise ValueError(f".stores names whole stores, and {one!r} a folder; write {found['store']!r}{beside}")


def _refuse_no_keys(prefix: str | list[str] | None) -> None:
    """Raise ValueError where a prefix says nothing."""
    if prefix is not None and not globs(prefix):
        raise ValueError(".prefix is an empty list, which is about no object; leave it out for all")
    if prefix is not None and "" in globs(prefix):
        raise ValueError(".prefix is empty text, with which every key begins; leave it out for all")
