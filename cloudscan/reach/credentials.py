"""Secrets that can be asked about like principals: as whom whoever has one comes, and what it opens."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access import AccessGraph
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import Answer, Credential
from cloudscan.provider import Bearer, Bearing, Facet, Provider
from cloudscan.undoing import stopping

_WHOLE = re.compile(r"[A-Z0-9]{16,128}")
"""The whole id of an access key, of which a snapshot keeps the end ("AccessKeyMetadata", IAM API reference)."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that somebody may have. ``principal`` is as whom they come: its owner, or its bearer as grants say it.

    ``names`` are by what it can be asked about, the first one in lists. ``says`` is a clause of what is known of
    whoever has it. ``takes_steps``: does the cloud take it for all that its principal may do, or for what lies in
    stores alone. ``over``: does it open nothing, since it is disabled or has ended. ``ends`` is a clause of how it is
    stopped.
    """

    names: tuple[str, ...]
    principal: str
    says: str
    takes_steps: bool = True
    over: bool = False
    ends: str = ""


class Secrets:
    """The secrets of an estate."""

    def __init__(self, estate: Estate, providers: Sequence[Provider]) -> None:
        self._estate = estate
        self._bearing = [each for each in providers if isinstance(each, Bearing)]

    @cached_property
    def every(self) -> Sequence[Secret]:
        """All of them: those that open stores to whoever shows them, then those of principals."""
        return [*(one for one, _ in self._borne.values()), *self._owned]

    @cached_property
    def _borne(self) -> Mapping[str, tuple[Secret, Bearing]]:
        return {
            bearer.id: (_borne(bearer), provider)
            for provider in self._bearing
            for bearer in provider.bearers(self._estate)
        }

    @cached_property
    def _owned(self) -> Sequence[Secret]:
        held = (one for _, one in sorted(self._estate.credentials.items()))
        return [self._of(one) for one in held if one.principal and one.kind not in _BEARERS]

    def _of(self, one: Credential) -> Secret:
        own = re.split(r"[/#]", one.id)[-1]
        names = (f"{one.kind} {own}", own, one.id) if own != one.kind else (one.id,)
        alone, over = one.kind == "hmac-key", list(self._over(one))
        parts = ["signs requests for what lies in stores alone, so that no steps were asked about"] if alone else []
        says = "; it ".join((f"acts as {one.principal}", *parts, *over))
        return Secret(names, one.principal, says, not alone, bool(over), self._ends(one, own))

    def _ends(self, one: Credential, own: str) -> str:
        """Say how a secret is stopped: of an application by the id of that, of all else by the name of its owner."""
        kept = one.id.rpartition("#")[0]
        known = self._estate.principals.get(one.principal)
        holder = kept.partition(":")[2] if kept else known.name if known else one.principal.partition(":")[2]
        return stopping(one.kind, shlex.quote(holder), shlex.quote(own))

    def _over(self, one: Credential) -> Iterator[str]:
        """Say why a secret opens nothing, as it is or any more."""
        manifest = self._estate.manifest
        if one.enabled is Answer.NO:
            yield "is disabled: as it is it opens nothing of this"
        if one.expires and manifest and one.expires <= manifest.finished:
            yield f"ended on {one.expires:%Y-%m-%d}: it opens nothing of this any more"

    def find(self, word: str) -> Secret | None:
        """Return the one that has a name, None where none has. Raises :class:`UsageError` where several have it."""
        found = [one for one in self.every if word in one.names or (_WHOLE.fullmatch(word) and _ends(word, one))]
        if len(found) > 1:
            raise UsageError(f"{word} may be each of: {', '.join(one.names[0] for one in found)}; give the full name")
        return found[0] if found else None

    def of_bearer(self, principal: str) -> Secret | None:
        """Return the secret that somebody has who is nobody but whoever has it; None for principals."""
        return self._borne[principal][0] if principal in self._borne else None

    def __iter__(self) -> Iterator[Secret]:
        return iter(self.every)

    def opened(self, secret: Secret, graph: AccessGraph, stores: Collection[str] | None, estate: Estate) -> AccessGraph:
        """Return a graph as it is for whoever has a secret. ``estate`` and ``stores`` are those of the graph."""
        if secret.principal in self._borne:
            provider = self._borne[secret.principal][1]
            own = provider.shown(estate, secret.principal, stores)
            graph = AccessGraph(
                (*(one for one in graph.grants if one.principal != secret.principal), *graph.edges, *own)
            )
        return graph if secret.takes_steps else graph.direct()


_BEARERS = ("account-key",)
"""Kinds of credentials that are no principal's: whoever has one is a bearer."""
_SUPPOSED = "reads what follows; whether anybody has it cannot be seen"


def uncollected(estate: Estate) -> str:
    """Say of which clouds the secrets of identities were not asked for, and how they are; "" where all were."""
    scopes = estate.manifest.scope if estate.manifest else {}
    without = [
        cloud
        for cloud, scope in sorted(scopes.items())
        if isinstance(scope, Mapping) and Facet.CREDENTIALS not in scope.get("facets", (Facet.CREDENTIALS,))
    ]
    if not without:
        return ""
    where = f" of {' and '.join(without)}" if len(without) < len(scopes) else ""
    how = "a policy file with access.max_credential_days has them collected"
    return f"secrets of identities{where} were not collected: {how}"


def _borne(bearer: Bearer) -> Secret:
    says = "; ".join((_SUPPOSED, *bearer.says))
    return Secret((*bearer.names, bearer.id), bearer.id, says, ends=bearer.ends)


def _ends(word: str, secret: Secret) -> bool:
    return secret.names[0].startswith("access-key ") and word.endswith(secret.names[1])
