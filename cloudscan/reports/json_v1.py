"""The JSON report, version 1: a frozen format that other programs rely on.

Every field is written out here by hand, so internal types may change freely and the format does not. Adding a
field is allowed; renaming, removing or giving another meaning is version 2, in a module of its own. The
schema is ``cloudscan/schemas/report-1.json``. Lists hold one record a line: a report can be read with ``diff``
and ``grep``, and is written with one record in memory.

Times are ISO 8601 in UTC with ``Z``, lengths are hours, sizes bytes, shares percent. ``null`` means unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TextIO

from cloudscan import __version__
from cloudscan.access import Counts
from cloudscan.coverage.estimates import LEAST_BITS_PER_SECOND, Sample
from cloudscan.groups import standing
from cloudscan.lineage.links import Flow
from cloudscan.model import Corpus, Finding, Gap, Job, MediaClass, Step, Store, Verdict
from cloudscan.report import CheckCount, ReportOptions, ScanResult
from cloudscan.reports import escape
from cloudscan.reports.digest import Holding, doubts, holdings, percent

SCHEMA = "cloudscan/report/1"
Row = dict[str, Any]


class JsonReport:
    """The JSON report, version 1."""

    name = "json"

    def render(self, result: ScanResult, out: TextIO, options: ReportOptions) -> None:
        """Write one JSON object, lists with one record a line."""
        write_object(_fields(result, show_passes=options.show_passes), out)


def _fields(result: ScanResult, *, show_passes: bool) -> Iterator[tuple[str, object]]:
    estate = result.estate
    held, counted = holdings(result), standing(estate)
    yield "schema", SCHEMA
    yield "generated_at", result.generated_at
    yield "now", result.now
    yield "tool", {"name": "cloudscan", "version": __version__}
    yield "scope", _scope(result)
    yield "policy_file", result.policy_file and result.policy_file._asdict()
    yield "summary", _summary(result)
    yield "coverage", _coverage(result)
    yield "checks", (_check(line) for line in sorted(result.counts, key=lambda line: line.check.id))
    yield (
        "stores",
        (
            _store(estate.stores[name], held.get(name, Holding()), result.access.counts(counted, name))
            for name in sorted(estate.stores)
        ),
    )
    yield "corpora", (_corpus(corpus) for corpus in result.corpora)
    yield "lineage", (_lineage(result, name) for name in _traced(result))
    yield "flows", (_flow(flow) for flow in result.lineage.flows)
    yield "sampling", result.sample and _sampling(result.sample)
    yield "jobs", (_job(estate.jobs[name]) for name in sorted(estate.jobs))
    yield "findings", (_finding(found) for found in result.findings if show_passes or found.verdict is not Verdict.PASS)
    yield "gaps", (_gap(gap) for gap in sorted(estate.gaps, key=lambda gap: tuple(map(str, astuple(gap)))))
    yield "notes", list(result.notes)


def _scope(result: ScanResult) -> Row:
    manifest = result.estate.manifest
    accounts = result.estate.accounts
    return {
        "accounts": [
            {"id": account.id, "provider": account.provider, "name": account.name}
            for account in sorted(accounts.values(), key=lambda account: (account.provider, account.id))
        ],
        "collected": manifest
        and {
            "started": manifest.started,
            "finished": manifest.finished,
            "tool_version": manifest.tool,
            "callers": [
                {part: caller.get(part, "") for part in ("provider", "account", "identity")}
                for caller in manifest.callers
            ],
            "snapshot_sha256": manifest.digest,
        },
        "asked": {provider: _asked(asked) for provider, asked in sorted(manifest.scope.items())} if manifest else {},
    }


def _asked(scope: Mapping[str, Any]) -> Row:
    return {
        "facets": scope.get("facets", ()),
        "stores": scope.get("stores", ()),
        "max_objects": scope.get("max_objects"),
        "versions": scope.get("versions", False),
        "sniff": scope.get("sniff", 0),
        "heads": scope.get("heads", 0),
        "options": scope.get("options", {}),
    }


def _summary(result: ScanResult) -> Row:
    summary, doubt = result.summary, doubts(result)
    return {
        "hours_of_speech": summary.hours_of_speech,
        "hours_readable_by_anyone": summary.hours_readable_by_anyone,
        "hours_maybe_readable_by_anyone": summary.hours_maybe_readable_by_anyone,
        "stores": summary.stores,
        "stores_with_audio": summary.stores_with_audio,
        "stores_with_transcripts": summary.stores_with_transcripts,
        "principals_with_read": summary.principals_with_read,
        "principals_with_read_by_steps": summary.principals_with_read_by_steps,
        "principals_at_least": summary.principals_at_least,
        "recordings": summary.recordings,
        "recordings_of_unknown_length": summary.recordings_of_unknown_length,
        "unsettled_objects": summary.unsettled_objects,
        "objects_not_looked_at": summary.objects_not_looked_at,
        "objects": summary.objects,
        "objects_by_name_alone": summary.objects_by_name_alone,
        "lower_bound_because": {"hours": doubt.hours, "stores": doubt.stores, "access": doubt.readers},
        "findings": result.by_verdict(),
        "suppressed": sum(found.suppressed is not None for found in result.findings),
    }


def _coverage(result: ScanResult) -> Row:
    lines = sorted(result.estate.coverage, key=lambda line: (line.provider, line.account, line.facet))
    return {
        "percent": None if result.coverage is None else percent(result.coverage, 100),
        "asked": sum(line.asked for line in lines),
        "answered": sum(line.answered for line in lines),
        "limited": sum(line.limited for line in lines),
        "facets": [
            {
                "provider": line.provider,
                "account": line.account,
                "facet": line.facet,
                "asked": line.asked,
                "answered": line.answered,
                "limited": line.limited,
                "percent": percent(line.answered, line.asked),
            }
            for line in lines
        ],
    }


def _check(line: CheckCount) -> Row:
    return {
        "check": line.check.id,
        "title": line.check.title,
        "severity": line.check.severity,
        "checked": line.checked,
        "failed": line.failed,
        "unknown": line.unknown,
        "passed": line.passed,
        "suppressed": line.suppressed,
        "crashed": line.crashed,
    }


def _store(store: Store, held: Holding, readers: Counts) -> Row:
    encryption = store.encryption
    return {
        "id": store.id,
        "provider": store.provider,
        "account": store.account,
        "region": store.region,
        "name": store.name,
        "kind": store.kind,
        "created": store.created,
        "hours_of_speech": held.hours,
        "recordings": held.recordings,
        "recordings_of_unknown_length": held.unknown_length,
        "transcripts": held.transcripts,
        "readers": {
            "direct": readers.direct,
            "by_steps": readers.by_steps,
            "by_changes": readers.by_changes,
            "conditional": readers.conditional,
            "unknown": readers.unknown,
            "at_least": readers.at_least,
        },
        "encryption": encryption and {"mode": encryption.mode, "key": encryption.key},
        "versioning": store.versioning,
        "tls_required": store.tls_required,
        "lifecycle_rules": None if store.lifecycle is None else len(store.lifecycle),
    }


def _corpus(corpus: Corpus) -> Row:
    # A transcript has no length of its own, and of an unsettled object nothing is known: null, not 0.
    timed = corpus.media in (MediaClass.SPEECH, MediaClass.VIDEO)
    return {
        "store": corpus.store,
        "media": corpus.media,
        "prefix": corpus.prefix,
        "objects": corpus.objects,
        "bytes": corpus.bytes,
        "hours": corpus.seconds / 3600 if timed else None,
        "hours_exact": corpus.seconds_exact / 3600 if timed else None,
        "hours_estimated": (corpus.seconds - corpus.seconds_exact) / 3600 if timed else None,
        "hours_by_typical_rate": corpus.seconds_guessed / 3600 if timed else None,
        "hours_by_usual_rates": [corpus.guessed_least / 3600, corpus.guessed_most / 3600] if timed else None,
        "objects_of_unknown_length": corpus.unknown_length if timed else None,
        "oldest": corpus.oldest,
        "newest": corpus.newest,
        "formats": corpus.formats,
        "settled_by_signature": corpus.by_signature,
        "only_suspected": corpus.suspected,
        "looked_at": corpus.looked,
    }


def _traced(result: ScanResult) -> Sequence[str]:
    return sorted({*result.lineage.texts, *result.lineage.sounds})


def _lineage(result: ScanResult, store: str) -> Row:
    texts, sounds = result.lineage.texts.get(store), result.lineage.sounds.get(store)
    return {
        "store": store,
        "transcripts": texts.transcripts if texts else 0,
        "recording_there": texts.traced if texts else 0,
        "by_job": texts.by_job if texts else 0,
        "by_metadata": texts.by_metadata if texts else 0,
        "by_name": texts.by_name if texts else 0,
        "recording_gone": texts.orphans if texts else 0,
        "recording_not_known": texts.untraced if texts else 0,
        "recordings": sounds.recordings if sounds else 0,
        "transcribed": sounds.transcribed if sounds else 0,
        "sent_without_a_transcript_in_sight": sounds.sent if sounds else 0,
        "never_transcribed": sounds.untranscribed if sounds else 0,
        "transcribed_not_known": sounds.untold if sounds else 0,
    }


def _flow(flow: Flow) -> Row:
    return {
        "recordings_in": flow.source,
        "transcripts_in": flow.target,
        "transcripts": flow.transcripts,
        "by_more_than_names": flow.sure,
    }


def _sampling(sample: Sample) -> Row:
    hours = sample.hours
    return {
        "left_open": sample.left_open,
        "looked_at": sample.looked,
        "told_of": sample.told_of,
        "told_of_in_groups": sample.groups,
        "not_told_of": sample.untold,
        "confidence": sample.confidence,
        "method": sample.method,
        "least_bits_per_second": LEAST_BITS_PER_SECOND,
        "estimates": [
            {"media": one.media, "seen": one.seen, "at_least": one.least, "at_most": one.most}
            for one in sample.estimates
        ],
        "hours": hours and {"seen": hours.seen, "at_least": hours.least, "at_most": hours.most},
    }


def _job(job: Job) -> Row:
    return {
        "id": job.id,
        "provider": job.provider,
        "account": job.account,
        "region": job.region,
        "kind": job.kind,
        "name": job.name,
        "status": job.status,
        "created": job.created,
        "completed": job.completed,
        "listed_until": job.listed_until,
        "continuous": job.continuous,
        "inputs": job.inputs,
        "outputs": job.outputs,
        "output_owner": job.output_owner,
        "output_account": job.output_store_account,
        "role": job.role,
        "key": job.key,
        "redaction": job.redaction,
        "keeps_unredacted": job.keeps_unredacted,
        "retention_hours": job.retention_hours,
    }


def _finding(found: Finding) -> Row:
    return {
        "check": found.check,
        "verdict": found.verdict,
        "severity": found.severity,
        "confidence": found.confidence,
        "provider": found.provider,
        "account": found.account,
        "region": found.region,
        "resource": found.resource,
        "resource_kind": found.resource_kind,
        "locator": found.locator,
        "message": found.message,
        "path": [step_row(step) for step in found.path],
        "evidence": found.evidence,
        "remediation": found.remediation,
        "references": found.references,
        "controls": found.controls,
        "fingerprint": found.fingerprint,
        "suppressed": found.suppressed,
    }


def step_row(step: Step) -> Row:
    """Turn a link of a path into its fields."""
    return {
        "source": step.source,
        "action": step.action,
        "target": step.target,
        "reason": step.reason,
        "condition": step.condition,
        "statement": step.statement,
    }


def _gap(gap: Gap) -> Row:
    return {
        "provider": gap.provider,
        "account": gap.account,
        "region": gap.region,
        "facet": gap.facet,
        "resource": gap.resource,
        "why": gap.why,
        "operation": gap.operation,
        "detail": gap.detail,
        "permission": gap.permission,
    }


def write_object(fields: Iterable[tuple[str, object]], out: TextIO) -> None:
    """Write one object, what an iterator yields with one record a line."""
    before = "{\n"
    for name, value in fields:
        out.write(f'{before} "{name}": ')
        if isinstance(value, Iterator):
            _write_rows(value, out)
        else:
            out.write(_dump(value))
        before = ",\n"
    out.write("\n}\n")


def _write_rows(rows: Iterator[Row], out: TextIO) -> None:
    before = "[\n  "
    for row in rows:
        out.write(before + _dump(row))
        before = ",\n  "
    out.write("[]" if before.startswith("[") else "\n ]")


def _dump(value: object) -> str:
    return json.dumps(plain(value), ensure_ascii=True, allow_nan=False)


def plain(value: object) -> Any:
    """Turn a value into what JSON knows, the same way everywhere.

    Numbers are rounded to six places, so that the last bits of a sum change nothing. Raises ``TypeError`` for
    a type that the format does not know: a check that puts one into its evidence is at fault.
    """
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int():
            return value
        case str():
            return escape.json_text(value)
        case float():
            return round(value, 6)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Mapping():
            return {escape.json_text(str(name)): plain(part) for name, part in value.items()}
        case AbstractSet():
            return sorted((plain(part) for part in value), key=json.dumps)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [plain(part) for part in value]
    raise TypeError(f"a report cannot hold a {type(value).__name__}")
