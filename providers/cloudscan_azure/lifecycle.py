"""Lifecycle rules of Azure Blob Storage in neutral words. Pure: from a management policy of a storage account.

Source: "Azure Blob Storage lifecycle management overview" and "Lifecycle management policy structure", and the REST
reference "Management Policies - Get". A policy belongs to an account; a prefix begins with the name of a
container, so a container gets those rules that can reach it, with the rest of their prefixes. Conditions of an action
all must hold, and "greater than" days is taken at the end of that day. Of several actions on one blob the cheapest
counts, a deletion before all.

What is not modelled is named in ``unread``: days since a base blob's creation (only the last change is recorded), and
anything that this version does not know. Days since the last change of tier only gate moves to the archive.

A snapshot is counted with the old versions: a rule for either may not take the other, so it is certain only when both
are taken alike. The days of a version count from when it was written, those of a snapshot from when it was taken, which
is when it became old; so both are certainly gone when both days have passed, and may be when the first has.

Rules do not act on system containers such as ``$web`` and ``$logs``, nor on page blobs; append blobs they only delete,
and only where ``blobTypes`` names them. So each rule asks for the type of a blob. One without ``blobTypes``, which the
document calls required, is taken to be for both types that rules know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import ceil, isfinite
from typing import Any

from cloudscan.model import LifecycleAction, LifecycleRule

_TIERS = {"tierToCool": "Cool", "tierToCold": "Cold", "tierToArchive": "Archive", "tierToHot": "Hot"}
_CONDITIONS = {
    "baseBlob": {
        "daysAfterModificationGreaterThan": "days",
        "daysAfterLastAccessTimeGreaterThan": "accessed_days",
    },
    "snapshot": {"daysAfterCreationGreaterThan": "days"},
    "version": {"daysAfterCreationGreaterThan": "days"},
}
_OLD_KINDS = ("snapshot", "version")
_GATES = {"daysAfterLastTierChangeGreaterThan"}
_MEMBERS = {"name", "enabled", "type", "definition"}
_BLOCK, _APPEND = "blockBlob", "appendBlob"
_BLOB_TYPES = (_BLOCK, _APPEND)
_ROOT = "$root"
"""The container of blobs whose address names none; it is the user's own."""


def read_rules(payload: Mapping[str, Any], container: str) -> tuple[LifecycleRule, ...]:
    """Read the rules of an account's management policy as they concern one container, in the order given.

    Takes the resource or its ``properties`` or ``policy``; an empty one is none. Total: an odd part, or one that is
    left out, is named in ``unread``, never raises.
    """
    rules = _rules(payload)
    if not payload or (container.startswith("$") and container != _ROOT):
        return ()
    if not isinstance(rules, list | tuple):
        return (LifecycleRule("", enabled=True, action=LifecycleAction.OTHER, unread=("rules",)),)
    return tuple(one for rule in rules for one in _Reading(rule, container).rules())


def _rules(payload: Mapping[str, Any]) -> Any:
    body: Any = payload
    for name in ("properties", "policy"):
        body = body.get(name, body) if isinstance(body, Mapping) else body
    return body.get("rules") if isinstance(body, Mapping) else body


def astray(payload: Mapping[str, Any], containers: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return rules that are on, by name and prefix, whose prefix begins with the name of no container of these.

    That is the folder alone, without the container's name before it, more often than a container to come.
    """
    found: list[tuple[str, str]] = []
    rules = _rules(payload)
    for rule in rules if payload and isinstance(rules, list | tuple) else ():
        told = rule if isinstance(rule, Mapping) and rule.get("enabled", True) is True else {}
        filters: Any = told.get("definition")
        for part in ("filters", "prefixMatch"):
            filters = filters.get(part) if isinstance(filters, Mapping) else None
        given = [each for each in filters if isinstance(each, str)] if isinstance(filters, list | tuple) else []
        missing = [prefix for prefix in given if not any(_may_reach(prefix, each) for each in containers)]
        found += [(str(told.get("name") or ""), prefix) for prefix in missing]
    return tuple(found)


def _may_reach(prefix: str, container: str) -> bool:
    name, slash, _ = prefix.partition("/")
    return name == container or (not slash and container.startswith(name))


_Deed = tuple[dict[str, Any], tuple[str, ...]]
"""What is done, and which parts of it are not understood."""


class _Reading:
    """The reading of one rule; it gathers what it could not read."""

    def __init__(self, raw: Any, container: str) -> None:
        self._unread: list[str] = []
        self._raw = self._mapping("rule", raw)
        self._container = container
        self._note("", self._raw, _MEMBERS)
        if self._raw.get("type", "Lifecycle") != "Lifecycle":
            self._unread.append("type")

    def rules(self) -> Iterator[LifecycleRule]:
        """Yield what the rule does in the container, one by one, once all of it is read."""
        definition = self._mapping("definition", self._raw.get("definition"))
        self._note("definition.", definition, {"filters", "actions"})
        prefixes, more = self._filters(definition.get("filters"))
        deeds = _alike(list(self._actions(self._mapping("actions", definition.get("actions")))))
        enabled = self._raw.get("enabled", True)
        if not isinstance(enabled, bool):
            self._unread.append("enabled")
        if self._unread:
            deeds.append(({"action": LifecycleAction.OTHER}, ()))
        if prefixes is None:
            return
        name = self._raw.get("name")
        common: dict[str, Any] = {
            "id": name if isinstance(name, str) else "",
            "enabled": enabled is not False,
            "prefixes": prefixes,
        }
        for deed, doubts in deeds:
            moves = deed["action"] == LifecycleAction.SET_TIER
            kinds = {"stored_as": (_BLOCK,)} if moves and _BLOCK in more["stored_as"] else {}
            idle = ("filters.blobTypes",) if moves and more["stored_as"] == (_APPEND,) else ()  # these have no tiers
            yield LifecycleRule(**common, **more | kinds, **deed, unread=(*self._unread, *doubts, *idle))

    def _filters(self, raw: Any) -> tuple[tuple[str, ...] | None, dict[str, Any]]:
        """Return the prefixes inside the container (None: it cannot reach it), the types of blobs and the tags."""
        filters = self._mapping("filters", raw) if raw is not None else {}
        self._note("filters.", filters, {"blobTypes", "prefixMatch", "blobIndexMatch"})
        kinds = filters.get("blobTypes")
        named = self._words("filters.blobTypes", kinds) if kinds is not None else _BLOB_TYPES
        if not named or not set(named) <= set(_BLOB_TYPES):
            self._unread.append("filters.blobTypes")
            named = ()
        told = {"tags": tuple(self._tags(filters.get("blobIndexMatch"))), "stored_as": tuple(named)}
        given = filters.get("prefixMatch")
        if not given:
            return (), told
        inside: list[str] = []
        words = self._words("filters.prefixMatch", given)
        if not words:
            return (), told
        for word in words:
            name, slash, rest = word.partition("/")
            if not rest and (name == self._container or (not slash and self._container.startswith(name))):
                return (), told
            if name == self._container:
                inside.append(rest)
        return (tuple(inside) or None), told

    def _tags(self, raw: Any) -> Iterator[tuple[str, str]]:
        for tag in raw if isinstance(raw, list | tuple) else ([] if raw is None else [raw]):
            told = tag if isinstance(tag, Mapping) else {}
            name, value = told.get("name"), told.get("value")
            if isinstance(name, str) and isinstance(value, str) and told.get("op", "==") == "==":
                yield name, value
            else:
                self._unread.append("filters.blobIndexMatch")

    def _actions(self, actions: Mapping[str, Any]) -> Iterator[tuple[str, _Deed]]:
        """Yield what is done to which kind of blob, and what is doubtful of it."""
        self._note("actions.", actions, set(_CONDITIONS))
        for kind, conditions in _CONDITIONS.items():
            told = self._mapping(f"actions.{kind}", actions[kind]) if actions.get(kind) is not None else {}
            self._note(f"actions.{kind}.", told, {"delete", "enableAutoTierToHotFromCool", *_TIERS})
            for verb in ("delete", *_TIERS):
                if told.get(verb) is not None:
                    yield kind, self._action(kind, verb, told[verb], conditions)

    def _action(self, kind: str, verb: str, raw: Any, conditions: Mapping[str, str]) -> _Deed:
        deed: dict[str, Any] = {"acts_on": "current" if kind == "baseBlob" else "noncurrent"}
        if verb == "delete":
            deed["action"] = LifecycleAction.DELETE
        else:
            deed |= {"action": LifecycleAction.SET_TIER, "tier": _TIERS[verb]}
        doubts = []
        for member, days in self._mapping(f"actions.{kind}.{verb}", raw).items():
            whole = isinstance(days, int | float) and not isinstance(days, bool) and isfinite(days)
            if member in conditions and whole:
                deed[conditions[member]] = ceil(days)
            elif days is not None and (member not in _GATES or verb == "delete"):
                doubts.append(f"actions.{kind}.{verb}.{member}")
        if not doubts and not set(deed) & set(conditions.values()):
            doubts.append(f"actions.{kind}.{verb}")
        return deed, tuple(doubts)

    def _mapping(self, name: str, value: Any) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self._unread.append(name)
        return {}

    def _note(self, place: str, told: Mapping[str, Any], known: set[str]) -> None:
        self._unread += sorted(f"{place}{member}" for member, held in told.items() if member not in known and held)

    def _words(self, name: str, value: Any) -> Sequence[str]:
        if isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
            return value
        self._unread.append(name)
        return ()


def _alike(found: Sequence[tuple[str, _Deed]]) -> list[_Deed]:
    """Return what is certain: a deed for snapshots or for versions only is doubtful, and one for both is one."""
    deeds: list[_Deed] = []
    old = [(kind, deed) for kind, deed in found if kind != "baseBlob"]
    for kind, (deed, doubts) in found:
        if kind == "baseBlob":
            deeds.append((deed, doubts))
        elif sum(other == (deed, doubts) for _, other in old) == len(_OLD_KINDS):
            if kind == _OLD_KINDS[0] and "days" in deed:
                deeds.append(({**deed, "noncurrent_days": deed["days"]}, doubts))
                deeds.append((deed, (*doubts, "which of them are snapshots")))
            elif kind == _OLD_KINDS[0]:
                deeds.append((deed, doubts))
        else:
            deeds.append((deed, (*doubts, f"actions.{kind} only")))
    return deeds
