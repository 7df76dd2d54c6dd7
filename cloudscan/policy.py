"""The user's policy file: what the organization has decided, against which checks judge.

Everything is optional; a check that needs a decision which is not made says so and judges nothing. Unknown
keys are errors that name the nearest known one, since a misspelt rule must not silently not apply.
"""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from cloudscan.errors import PolicyFileError
from cloudscan.model import MediaClass, Severity, Store
from cloudscan.policy_faults import fault


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of the policy file: only its own keys are allowed."""


Days = Annotated[int, msgspec.Meta(ge=0, le=365_000)]
"""Days of keeping: up to a thousand years, which dates can be counted back from."""


class Retention(_Section, frozen=True):
    """How long objects of a class may and must be kept, in days. The first rule that fits a store applies."""

    stores: str = "*"
    media: Literal["speech", "transcript", "video", "any"] = "any"
    labels: dict[str, str] = {}
    max_days: Days | None = None
    min_days: Days | None = None

    def __post_init__(self) -> None:
        if self.max_days is not None and self.min_days is not None and self.min_days > self.max_days:
            raise ValueError(".min_days is more than its max_days: nothing can satisfy both")
        if self.max_days is None and self.min_days is None:
            raise ValueError(" needs max_days, min_days or both")


class Keys(_Section, frozen=True):
    """Which encryption keys are approved, as globs of key ids or aliases."""

    require_customer_key: bool = False
    approved: list[str] = []


class TrustedParty(_Section, frozen=True):
    """An account outside the estate that may reach recordings, and why."""

    account: str
    name: str = ""


class ApprovedReaders(_Section, frozen=True):
    """Who may read the recordings and transcripts of some stores, as globs of ids. The first rule that fits applies."""

    principals: list[str]
    stores: str = "*"

    def include(self, principal: str) -> bool:
        """Say whether a principal is among them."""
        return any(fnmatchcase(principal, pattern) for pattern in self.principals)


class Access(_Section, frozen=True):
    """How many may read, who, and how much one principal may open.

    ``max_readers`` counts for one store. ``max_share`` is a share of all hours of speech, from 0 to 1.
    """

    max_readers: Annotated[int, msgspec.Meta(ge=0)] | None = None
    approved_readers: list[ApprovedReaders] = []
    max_share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


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

    def retention_of(self, store: Store, media: MediaClass) -> Retention | None:
        """Return the rule for objects of this class in this store; None if the file has none."""
        for rule in self.retention:
            labels = store.labels or {}
            if (
                rule.media in ("any", media.value)
                and _fits(store, rule.stores)
                and all(labels.get(name) == value for name, value in rule.labels.items())
            ):
                return rule
        return None

    def approved_readers_of(self, store: Store) -> ApprovedReaders | None:
        """Return the rule that says who may read this store; None if the file has none."""
        return next((rule for rule in self.access.approved_readers if _fits(store, rule.stores)), None)

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
    from cloudscan import policy_text

    return parse_policy(policy_text.read(path), str(path))


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


def _fits(store: Store, stores: str) -> bool:
    """Say whether a glob names a store, by its name or its full id."""
    return fnmatchcase(store.name, stores) or fnmatchcase(store.id, stores)
