"""Path questions of the worked access cases: a world as records, its grants and edges as a graph, the best path in it.

The graph holds what must hold of each step, whatever the request. A case tells what is known of all requests: here
that is put into the conditions of each path, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.access import NEVER, AccessGraph, Condition, Context, Decision, Edge, Ruling, keys
from cloudscan.access.conditions import resolve
from cloudscan.access.paths import Path
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, MediaClass, Principal
from cloudscan_aws.askers import Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.grants import derive
from tests.access_records import estate_of
from tests.access_worlds import AwsWorld, Inexpressible, Json, claims_of, context_of, documents

_ORDER = (Ruling.YES, Ruling.IF, Ruling.UNKNOWN)


@dataclass(frozen=True)
class Found:
    """A path under what a case tells: the conditions that its steps leave open, and the steps' kinds."""

    open: tuple[Condition, ...]
    kinds: tuple[str, ...]

    @property
    def ruling(self) -> Ruling:
        """Yes if every step is; unknown if one hangs on something unseen; else if."""
        rulings = [Decision(condition).ruling for condition in self.open]
        return max(rulings, key=_ORDER.index, default=Ruling.YES)

    @property
    def keys(self) -> frozenset[str]:
        """The keys that the steps still ask about."""
        return frozenset[str]().union(*(keys(condition) for condition in self.open))


class AwsPaths:
    """One AWS world, asked for paths."""

    def __init__(self, world: Json) -> None:
        self._world = world

    def best(self, request: Json) -> Found | None:
        """Return the best path of a request's principal to its object; None if there is none."""
        if isinstance(request["principal"], Mapping) and "service" in request["principal"]:
            given = AwsWorld(self._world).answer(request)  # a service takes no steps of its own
            return None if given.ruling is Ruling.NO else Found((given.condition,), ())
        bucket, key = self._object(request["resource"])
        estate = estate_of(self._world, bucket, key)
        sessions = list(_sessions(estate, request))
        graph = AccessGraph(derive(estate, sessions=sessions))
        context = self._context(request, bucket, key)
        return best_of(
            known
            for start in [one.principal for one in sessions] or _starts(request["principal"])
            for path in graph.paths(start, f"arn:aws:s3:::{bucket}", MediaClass.SPEECH)
            if (known := under(path, context)) is not None
        )

    def _object(self, resource: str) -> tuple[str, str]:
        if ":accesspoint/" in resource:
            arn, _, key = resource.partition("/object/")
            name = next((one["bucket"] for one in self._world["access_points"] if one["arn"] == arn), None)
        else:
            name, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
        if name not in [bucket["name"] for bucket in self._world["buckets"]] or not key:
            raise Inexpressible(f"no object {resource}")
        return str(name), key

    def _context(self, request: Json, bucket: str, key: str) -> Context:
        """Return what is known of every request: what the case tells, and what follows from the object."""
        principal = request["principal"]
        told = context_of(request["context"])
        if isinstance(principal, Mapping) and "federated" in principal:
            told |= dict(claims_of(principal["federated"], principal.get("claims") or {}))
        held = next(one for one in self._world["buckets"] if one["name"] == bucket)
        obj: Json = next((one for one in held.get("objects") or () if one["key"] == key), {})
        how = obj.get("encryption") or held.get("encryption") or {}
        arn = f"arn:aws:s3:::{bucket}"
        told.setdefault("kms:EncryptionContext:aws:s3:arn", arn if how.get("bucket_key") else f"{arn}/{key}")
        return Context.of(told, closed=request["context_mode"] == "exact")


def _sessions(estate: Estate, request: Json) -> Iterator[Asker]:
    """Yield the session that a request comes from, if it has a policy of its own, which limits what it may do."""
    told = request.get("session") or {}
    if told.get("policy"):
        asked = request["principal"]
        start = next(_starts(asked))
        same = (one for one in estate.principals.values() if one.id == start or _is_role(one, start))
        if (record := next(same, None)) is None:
            raise Inexpressible(f"a session of {start}, who is not in the world")
        name = told.get("name") or (asked.rpartition("/")[2] if ":assumed-role/" in asked else None)
        policies = tuple(documents("session policy", told["policy"]))
        caller = replace(Facts(estate).caller(record), session=name, session_policies=policies)
        yield Asker(f"{record.id} in a session", caller, record.account)


def _is_role(record: Principal, start: str) -> bool:
    """Say whether a role is meant by an ARN that leaves its path out, as a session's does."""
    return record.kind == "role" and start == f"arn:aws:iam::{record.account}:role/{record.name}"


def _starts(principal: Any) -> Iterator[str]:
    """Yield as whom a principal may begin: itself, and anybody, since it is one."""
    if isinstance(principal, str):
        account, role = principal.split(":")[4], principal.split("/")[1:2]
        is_session = ":assumed-role/" in principal
        yield f"arn:aws:iam::{account}:role/{role[0]}" if is_session else principal
        yield ANYONE_SIGNED_IN
    elif "federated" in principal:
        yield principal["federated"]
    yield ANYONE


def best_of(found: Iterable[Found]) -> Found | None:
    """Return the best of some paths: the surest, then what asks about the fewest keys, then the shortest."""
    return min(found, key=lambda one: (_ORDER.index(one.ruling), len(one.keys), len(one.kinds)), default=None)


def _as_it_is(_: Condition, context: Context) -> Context:
    return context


def under(path: Path, context: Context, told: Callable[[Condition, Context], Context] = _as_it_is) -> Found | None:
    """Put what is known into the conditions of a path; None if a step is impossible then.

    ``told`` says what more is known of the keys of a condition.
    """
    asked_of = (link.decision.condition for link in path.links)
    left = [resolve(condition, told(condition, context)) for condition in asked_of]
    if NEVER in left:
        return None
    asked = tuple(condition for condition in left if Decision(condition).ruling is not Ruling.YES)
    kinds = (link.kind if isinstance(link, Edge) else link.by for link in path.links)
    return Found(asked, tuple(one for kind in kinds for one in kind.split("+") if one))
