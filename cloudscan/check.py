"""The check interface: one function that looks at a world and says of each resource fail, pass or unknown.

A check is neutral to the cloud: it sees only nouns. Its id is its function's name with hyphens, its title is
the first line of its docstring, and the docstring is its page in the catalogue::

    @check(severity=Severity.HIGH, needs=(Facet.OBJECTS, Facet.LIFECYCLE), remediation={...}, controls=(...))
    def audio_never_deleted(self: Check, world: World) -> Iterator[Finding]:
        '''Audio that no rule ever deletes.'''
        for store in world.estate.stores_with(MediaClass.SPEECH):
            if store.lifecycle is None:
                yield self.unknown(store, "the lifecycle rules could not be read")
            ...

A check yields one finding for everything that it judged, passes included: that is how "0 checked" is told
from "nothing wrong".
"""

from __future__ import annotations

import hashlib
import inspect
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cloudscan.access import AccessGraph, Condition, Edge, Grant
from cloudscan.access.conditions import Constant
from cloudscan.access.standing import Standing
from cloudscan.estate import Estate
from cloudscan.groups import standing
from cloudscan.lineage.links import Lineage
from cloudscan.model import (
    Account,
    Answer,
    Confidence,
    Federation,
    Finding,
    Job,
    Key,
    Principal,
    Severity,
    Step,
    Store,
    Verdict,
)
from cloudscan.policy.file import Policy
from cloudscan.provider import STORE_FACETS, Facet
from cloudscan.undoing import UNDO, undone

Resource = Store | Job | Key | Account | Federation | Principal
PROVIDERS = ("aws", "gcp", "azure")
_FINGERPRINT_SCHEMA = "cloudscan/fingerprint/1"


@dataclass(frozen=True)
class World:
    """What a check sees: the estate, the user's decisions, the date that ages are measured against.

    ``unread_groups`` are those of :class:`cloudscan.provider.Grouping`.
    """

    estate: Estate
    policy: Policy
    now: datetime
    derive_grants: Callable[[], Iterable[Grant | Edge]] = tuple
    ask_provider: Callable[[str, Condition], Answer] = lambda *_: Answer.UNKNOWN
    unread_groups: Collection[str] = frozenset()

    def open_to_strangers(self, target: str, condition: Condition) -> Answer:
        """Say whether somebody whom nobody knows can meet a condition of a way to this store or key.

        The provider of its cloud says so; where there is none, only what asks for nothing is known.
        """
        if isinstance(condition, Constant):
            return Answer.of(condition.value)
        held = self.estate.stores.get(target) or self.estate.keys.get(target)
        return self.ask_provider(held.provider, condition) if held else Answer.UNKNOWN

    @cached_property
    def access(self) -> AccessGraph:
        """Return who may do what, derived from the estate when the first check asks."""
        return AccessGraph(self.derive_grants())

    @cached_property
    def standing(self) -> Standing:
        """Return who counts in place of groups, and behind whom there may be more than one."""
        return standing(self.estate)

    @cached_property
    def lineage(self) -> Lineage:
        """Return which transcript comes from which recording, worked out when the first check asks."""
        return Lineage(self.estate, self.now)


@dataclass(frozen=True)
class Check:
    """A check and everything said about it. Make one with :func:`check`."""

    id: str
    title: str
    text: str
    severity: Severity
    confidence: Confidence
    needs: frozenset[Facet]
    remediation: Mapping[str, str]
    references: tuple[str, ...]
    controls: tuple[str, ...]
    aliases: tuple[str, ...]
    module: str
    function: Callable[[Check, World], Iterator[Finding]]
    subjects: frozenset[Facet]
    """The questions whose answers tell what there is to judge: where one was refused, there may be more."""
    asked_by: Callable[[Policy], bool]
    """Whether a policy file decides what is judged; without that there is no verdict, and nothing is unknown."""

    def run(self, world: World) -> list[Finding]:
        """Judge a world. Returns fails, unknowns and passes in a stable order."""
        return sorted(
            self.function(self, world),
            key=lambda found: (found.provider, found.account, found.resource, found.locator),
        )

    def fail(self, resource: Resource, message: str, **facts: object) -> Finding:
        """Say that the resource has the problem. See :meth:`finding` for ``facts``."""
        return self.finding(Verdict.FAIL, resource, message, **facts)  # type: ignore[arg-type]

    def passed(self, resource: Resource, message: str, **facts: object) -> Finding:
        """Say that the resource was looked at and does not have the problem."""
        return self.finding(Verdict.PASS, resource, message, **facts)  # type: ignore[arg-type]

    def unknown(self, resource: Resource, message: str, **facts: object) -> Finding:
        """Say that the question could not be answered, and why."""
        return self.finding(Verdict.UNKNOWN, resource, message, **facts)  # type: ignore[arg-type]

    def finding(
        self,
        verdict: Verdict,
        resource: Resource,
        message: str,
        *,
        locator: str = "",
        path: Iterable[Step] = (),
        evidence: Mapping[str, object] | None = None,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Finding:
        """Make a finding of this check.

        ``locator`` tells apart several findings on one resource. ``names`` fills further placeholders of the
        remediation text; ``{name}``, ``{id}``, ``{account}`` and ``{region}`` of the resource are always there.
        Where the text holds :data:`cloudscan.undoing.UNDO`, what ends the ``path`` stands in its place.
        """
        region = getattr(resource, "region", "")
        text, proof = self.remediation.get(resource.provider, ""), tuple(path)
        return Finding(
            check=self.id,
            verdict=verdict,
            severity=severity or self.severity,
            confidence=confidence or self.confidence,
            provider=resource.provider,
            account=resource.id if isinstance(resource, Account) else resource.account,
            region=region,
            resource=resource.id,
            resource_kind=type(resource).__name__.lower(),
            message=message,
            locator=locator,
            path=proof,
            evidence=dict(evidence or {}),
            remediation="" if verdict is Verdict.PASS else _remedy(text, resource, names or {}, proof),
            references=self.references,
            controls=self.controls,
            fingerprint=fingerprint(self.id, resource.id, locator),
        )


def check(
    *,
    severity: Severity,
    needs: Iterable[Facet],
    remediation: Mapping[str, str],
    controls: Iterable[str] = (),
    references: Iterable[str] = (),
    confidence: Confidence = Confidence.HIGH,
    aliases: Iterable[str] = (),
    subjects: Iterable[Facet] = (),
    asked_by: Callable[[Policy], bool] = lambda _: True,
) -> Callable[[Callable[[Check, World], Iterator[Finding]]], Check]:
    """Make a check of a generator function.

    ``needs`` are the questions whose answers it reads. ``remediation`` says for each cloud how to mend it,
    as text with placeholders (see :meth:`Check.finding`); a cloud that cannot have the problem says so.
    ``controls`` are ids of published frameworks as ``framework@version:id``. ``subjects`` are questions whose answers
    tell what there is to judge, besides those of accounts, stores, objects and jobs. ``asked_by`` says whether a
    policy file makes the decision that the check judges by.
    """
    needed = frozenset(needs)
    always = {Facet.ACCOUNTS, *({Facet.STORES} if needed & STORE_FACETS else ())}

    def wrap(function: Callable[[Check, World], Iterator[Finding]]) -> Check:
        text = inspect.cleandoc(function.__doc__ or "")
        return Check(
            id=function.__name__.replace("_", "-"),
            title=text.split("\n", 1)[0].rstrip("."),
            text=text,
            severity=severity,
            confidence=confidence,
            needs=needed,
            remediation=dict(remediation),
            references=tuple(references),
            controls=tuple(controls),
            aliases=tuple(aliases),
            module=function.__module__,
            function=function,
            subjects=frozenset({*always, *(needed & {Facet.OBJECTS, Facet.JOBS}), *subjects}),
            asked_by=asked_by,
        )

    return wrap


def fingerprint(check_id: str, resource: str, locator: str) -> str:
    """Return the stable id of a finding: SHA-256 over what it is about, each part marked off by its length."""
    parts = (_FINGERPRINT_SCHEMA, check_id, resource, locator)
    return hashlib.sha256("".join(f"{len(part)}:{part};" for part in parts).encode("utf-8", "replace")).hexdigest()


def _remedy(text: str, resource: Resource, names: Mapping[str, str], path: Sequence[Step]) -> str:
    """Fill a remediation text, and put what ends the way that was found in place of the sentence for all ways."""
    told = undone(path) if UNDO in text else ""
    return (told or UNDO).join(_fill(part, resource, names) for part in text.split(UNDO))


def _fill(text: str, resource: Resource, names: Mapping[str, str]) -> str:
    """Fill placeholders, each quoted for a shell, since the text holds commands and names are hostile."""
    name = getattr(resource, "name", resource.id)
    own = {
        "id": resource.id,
        "name": name,
        "last": name.rpartition("/")[2],  # of a name that is the place's and its own
        "account": resource.id if isinstance(resource, Account) else resource.account,
        "region": getattr(resource, "region", ""),
    }
    for name, value in (own | dict(names)).items():
        text = text.replace("{" + name + "}", shlex.quote(value))
    return text
