"""The user's policy file: what the organization has decided, against which checks judge.

Everything is optional; a check that needs a decision which is not made says so and judges nothing. Unknown
keys are errors that name the nearest known one, since a misspelt rule must not silently not apply.
"""

from __future__ import annotations

import difflib
import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from cloudscan.errors import PolicyFileError
from cloudscan.model import MediaClass, Severity, Store


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping of the policy file: only its own keys are allowed."""


class Retention(_Section, frozen=True):
    """How long objects of a class may and must be kept, in days. The first rule that fits a store applies."""

    stores: str = "*"
    media: Literal["speech", "transcript", "video", "any"] = "any"
    labels: dict[str, str] = {}
    max_days: int | None = None
    min_days: int | None = None

    def __post_init__(self) -> None:
        for days in (self.max_days, self.min_days):
            if days is not None and days < 0:
                raise ValueError("days cannot be negative")
        if self.max_days is not None and self.min_days is not None and self.min_days > self.max_days:
            raise ValueError("min_days is more than max_days: nothing can satisfy both")
        if self.max_days is None and self.min_days is None:
            raise ValueError("a retention rule needs max_days, min_days or both")


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
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyFileError(f"cannot read the policy file {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyFileError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    return parse_policy({} if body is None else body, str(path))


def parse_policy(body: object, name: str = "policy") -> Policy:
    """Turn the parsed content of a policy file into a Policy; ``name`` is used in errors."""
    try:
        return msgspec.convert(body, Policy)
    except msgspec.ValidationError as error:
        raise PolicyFileError(f"{name}: {_explain(str(error))}") from error


def policy_schema() -> dict[str, Any]:
    """Return the JSON schema of the policy file."""
    return msgspec.json.schema(Policy)


def _fits(store: Store, stores: str) -> bool:
    """Say whether a glob names a store, by its name or its full id."""
    return fnmatchcase(store.name, stores) or fnmatchcase(store.id, stores)


def _explain(text: str) -> str:
    """Say an unknown key's nearest known neighbours."""
    match = re.match(r"Object contains unknown field `(?P<field>.*?)`(?: - at `(?P<path>[^`]*)`)?$", text, re.DOTALL)
    if match is None:
        return text
    place = (match["path"] or "$").removeprefix("$").lstrip(".") or "the top level"
    known = [field.name for field in msgspec.structs.fields(_section_at(place))]
    near = difflib.get_close_matches(match["field"], known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
    return f"unknown key {match['field']!r} at {place}; {hint}"


def _section_at(place: str) -> type[msgspec.Struct]:
    sections: dict[str, type[msgspec.Struct]] = {
        "retention": Retention,
        "keys": Keys,
        "trusted": TrustedParty,
        "access": Access,
        "access.approved_readers": ApprovedReaders,
        "suppressions": Suppression,
    }
    return sections.get(place.split("[", maxsplit=1)[0], Policy)
