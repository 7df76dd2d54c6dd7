"""The answer of ``cloudscan reach`` as JSON, version 1. The schema is ``cloudscan/schemas/reach-1.json``.

Every field is there whatever was asked: what the question did not ask is null or an empty list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from cloudscan.access import Blast, Counts, Cut, Path, Reader, Reason, only_if
from cloudscan.access.held_back import HeldBack
from cloudscan.provider import Halfway, StoppedKey
from cloudscan.reach.answers import Answer, Between, Changes, Holding, Overview, Reached, Readers, ToCut
from cloudscan.reach.credentials import Secret
from cloudscan.reach.missing import Missing
from cloudscan.reach_reports.held import held
from cloudscan.reach_reports.scope import scope_of
from cloudscan.reach_reports.words import approved
from cloudscan.report import ReportOptions
from cloudscan.reports.json_v1 import Row, step_row, write_object
from cloudscan.undoing import undone

SCHEMA = "cloudscan/reach/1"


def render(answer: Answer, out: TextIO, _: ReportOptions) -> None:
    """Write one JSON object, lists with one record a line."""
    write_object((_EMPTY | _fields(answer)).items(), out)


_EMPTY: Row = {
    "schema": SCHEMA,
    "scope": None,
    "target": None,
    "objects": None,
    "principal": None,
    "without": [],
    "readers": [],
    "unknown": [],
    "counts": None,
    "chokepoints": [],
    "changes": None,
    "paths": [],
    "open": [],
    "cut_off": False,
    "blast": None,
    "cut": None,
    "missing": None,
    "halfway": [],
    "stopped_keys": [],
    "waiting": [],
    "stores": [],
    "principals": [],
    "held_back": [],
    "secret": None,
    "secrets": [],
}


def _fields(answer: Answer) -> Row:
    told: Row = {"scope": _scope(answer), "without": list(answer.asked.without)}
    match answer:
        case Overview():
            told |= {"stores": map(_holding, answer.stores), "principals": map(_reaching, answer.principals)}
            told["secrets"] = (_secret(secret) | _blast(blast) for secret, blast in answer.secrets)
        case Readers():
            told |= {"target": answer.target.id, "objects": held(answer).objects}
            told |= {"readers": _readers(answer, answer.readers), "unknown": _readers(answer, answer.unknown)}
            told["counts"] = _counts(answer.counts) | {"in_place": list(answer.in_place)}
            told["chokepoints"] = (
                {"principal": one.principal, "readers": len(one.readers)} for one in answer.chokepoints
            )
            told["changes"] = answer.changes and _changes(answer.changes)
            told |= {"halfway": map(_halfway, answer.halfway), "stopped_keys": map(_stopped, answer.stopped)}
            told["waiting"] = _readers(answer, answer.waiting)
        case Reached():
            told |= {"principal": answer.principal, "blast": _blast(answer.blast)}
            told |= {"paths": _endings(answer, answer.paths), "unknown": _endings(answer, answer.unknown)}
            told |= {"open": _endings(answer, answer.open), "secret": answer.secret and _secret(answer.secret)}
        case Between():
            told |= {"principal": answer.principal, "target": answer.target.id, "objects": held(answer).objects}
            told |= {"paths": _endings(answer, answer.paths), "cut_off": answer.paths.cut_off}
            told |= {"open": _endings(answer, answer.open), "secret": answer.secret and _secret(answer.secret)}
            told["missing"] = answer.missing and _missing(answer.missing)
            told["held_back"] = map(_held_back, answer.held_back)
        case ToCut():
            told |= {
                "target": answer.target.id,
                "cut": _cut(answer.cut, answer.says) | _hanging(answer) | {"kept": list(answer.keep)},
            }
            told |= {"objects": held(answer).objects, "unknown": _readers(answer, answer.perhaps)}
    return told


def _scope(answer: Answer) -> Row:
    scope = scope_of(answer)
    return {
        "collected": scope.collected,
        "tool_version": scope.tool,
        "snapshot_sha256": scope.digest,
        "accounts": list(scope.accounts),
        "stores": scope.stores,
        "limits": list(scope.limits),
    }


def _readers(answer: Readers | ToCut, readers: Iterable[Reader]) -> Iterator[Row]:
    """Yield readers with how much they read of the target, null where that was not worked out, and who is approved."""
    for reader in readers:
        blast = answer.reads.get(reader.principal) if isinstance(answer, Readers) else None
        besides = answer.besides.get(reader.principal) if isinstance(answer, Readers) else None
        also = [path for path in reader.paths if path is not reader.best]
        yield {
            "principal": reader.principal,
            "simplest": reader.way,
            "objects": blast and blast.objects,
            "objects_conditional": blast and blast.objects_conditional,
            "hours": blast and blast.seconds / 3600,
            "hours_unknown": blast and blast.seconds_unknown / 3600,
            "approved": approved(answer, answer.target.store, reader.principal),
            **_path(reader.best),
            "also": [_path(path) for path in (*also, *([besides] if besides else []))],
        }


def _path(path: Path) -> Row:
    return {
        "verdict": path.ruling,
        "way": path.way,
        "condition": path.condition,
        "unseen": path.unseen,
        "path": [step_row(step) for step in path.steps],
    }


def _endings(answer: Reached | Between, paths: Iterable[Path]) -> Iterator[Row]:
    """Yield ways of who asks, or of anyone, with what lies at their end, and whether who asks is approved there."""
    for path in paths:
        grant, store = path.grant, answer.asked.estate.stores.get(path.store)
        yield {
            "principal": path.principal,
            "store": path.store,
            "media": path.media,
            "objects": grant.objects,
            "hours": grant.seconds / 3600,
            "example": grant.example,
            "approved": store and approved(answer, store, answer.principal),
            **_path(path),
        }


def _missing(missing: Missing) -> Row:
    return {"example": missing.key, "reasons": [_reason(reason) for reason in missing.decision.proof]}


def _held_back(one: HeldBack) -> Row:
    return {"actions": list(one.actions), "on": one.resource, "reasons": [_reason(reason) for reason in one.reasons]}


def _halfway(halfway: Halfway) -> Row:
    reasons = [_reason(reason) for reason in halfway.reasons]
    return {"principals": list(halfway.principals), "example": halfway.example, "reasons": reasons}


def _reason(reason: Reason) -> Row:
    condition = only_if(reason.condition)
    told = {"effect": reason.effect, "reason": reason.sentence}
    return told | {"condition": condition, "statement": reason.statement}


def _stopped(stopped: StoppedKey) -> Row:
    date = stopped.key.deletion_date
    told = {"key": stopped.key.id, "state": stopped.key.state, "deletion_date": date and date.isoformat()}
    return told | {"objects": stopped.objects, "perhaps": stopped.perhaps, "barred": stopped.barred}


def _holding(holding: Holding) -> Row:
    told = {"store": holding.store.id, "objects": holding.objects, "hours": holding.seconds / 3600}
    return told | _counts(holding.readers)


def _counts(counts: Counts) -> Row:
    return {
        "readers": counts.readers,
        "direct": counts.direct,
        "by_steps": counts.by_steps,
        "by_changes": counts.by_changes,
        "conditional": counts.conditional,
        "unknown": counts.unknown,
        "at_least": counts.at_least,
    }


def _secret(secret: Secret) -> Row:
    return {"secret": secret.names[0], "principal": secret.principal, "says": secret.says, "ends": secret.ends}


def _reaching(blast: Blast) -> Row:
    return {"principal": blast.principal} | _blast(blast)


def _changes(changes: Changes) -> Row:
    return {
        "gone": [reader.principal for reader in changes.gone],
        "new": [reader.principal for reader in changes.new],
        "other": [
            {"principal": now.principal, "before": before.verdict, "after": now.verdict, "way": now.best.way}
            for before, now in changes.other
        ],
    }


def _blast(blast: Blast) -> Row:
    return {
        "stores": list(blast.stores),
        "objects": blast.objects,
        "hours": blast.seconds / 3600,
        "hours_direct": blast.seconds_direct / 3600,
        "hours_by_steps": blast.seconds_by_steps / 3600,
        "hours_by_changes": blast.seconds_by_changes / 3600,
        "hours_conditional": blast.seconds_conditional / 3600,
        "hours_unknown": blast.seconds_unknown / 3600,
    }


def _hanging(answer: ToCut) -> dict[str, Any]:
    """Say by which statements that cannot go those read who are left, and what would end that."""
    return {
        "hanging": [
            {
                "principal": name,
                "statements": list(dict.fromkeys(step.statement for step in steps)),
                "ends": None if any(step.statement in answer.upkeep for step in steps) else undone(steps) or None,
            }
            for name, steps in answer.hanging.items()
        ]
    }


def _cut(cut: Cut, says: Mapping[str, str]) -> dict[str, Any]:
    return {
        "removals": [
            {
                "statement": one.statement,
                "readers_gone": one.readers_gone,
                "kind": one.kind,
                "says": says.get(one.statement),
            }
            for one in cut.removals
        ],
        "readers_before": cut.readers_before,
        "readers_after": cut.readers_after,
        "left": list(cut.left),
        "fewest": cut.fewest,
    }
