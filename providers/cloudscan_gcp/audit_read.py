"""Which reads of objects Google records, and whether a log sink passes them on. Pure: from policies and sinks as told.

Filters are in the Logging query language. Only what compares names of logs, the service, the method or the kind of
resource is read; of any other filter it is not known what it lets through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloudscan.model import Answer
from cloudscan.providing.parts import items, texts

Payload = Mapping[str, Any]
LOG = "cloudaudit.googleapis.com/data_access"
"""The log in which Google writes who read what ("Cloud Audit Logs overview")."""
_SERVICE = "storage.googleapis.com"
_SAME = {
    "resource.type": "gcs_bucket",
    "protopayload.servicename": _SERVICE,
    "protopayload.methodname": "storage.objects.get",
    "protopayload.@type": "type.googleapis.com/google.cloud.audit.AuditLog",
}
"""What is the same in every entry about a read of an object ("Cloud Storage audit logs")."""
_AND, _OR = re.compile(r"\s+AND\s+|\s*\n\s*"), re.compile(r"\s+OR\s+")
_TERM = re.compile(
    r"(?P<no>NOT\s+|-)?(?:(?:log_id|LOG_ID)\(\s*\"(?P<id>[^\"]*)\"\s*\)|(?P<field>[\w.@]+)\s*(?P<is>=|:|!=)\s*\"?(?P<value>[^\"\s()]*)\"?)"
)


def recorded(policies: Iterable[Payload | None]) -> tuple[Answer, tuple[str, ...]]:
    """Say whether reads of objects are recorded, and who is exempt, by the policies of all levels (None: not read).

    What one level turns on none below can turn off, and whoever is exempt anywhere is ("AuditConfig").
    """
    exempt: set[str] = set()
    answer = Answer.NO
    for policy in policies:
        if policy is None:
            answer = answer if answer is Answer.YES else Answer.UNKNOWN
            continue
        for config in items(policy, "auditConfigs"):
            for log in items(config, "auditLogConfigs"):
                if config.get("service") in ("allServices", _SERVICE) and log.get("logType") == "DATA_READ":
                    answer = Answer.YES
                    exempt.update(texts(log, "exemptedMembers"))
    return answer, tuple(sorted(exempt))


def carries(sink: Payload, *, own: bool) -> Answer:
    """Say whether a sink passes reads of a project's objects on. ``own``: is it the project's, or of a level above."""
    if sink.get("disabled") is True or not (own or sink.get("includeChildren") is True):
        return Answer.NO
    answer = matches(str(sink.get("filter") or ""))
    for exclusion in items(sink, "exclusions"):
        if exclusion.get("disabled") is not True:
            answer = least(answer, _not(matches(str(exclusion.get("filter") or ""))))
    return answer


def matches(text: str) -> Answer:
    """Say whether a filter lets every entry about a read of an object through, or none."""
    parts = [part for part in _AND.split(text.strip()) if part]
    if len(parts) > 1 and _OR.search(text):
        return Answer.UNKNOWN  # which of AND and OR binds first is not read here
    return least(Answer.YES, *(_any(_OR.split(part)) for part in parts))


def least(*answers: Answer) -> Answer:
    """Return what holds if all of these must: one NO decides, else one UNKNOWN."""
    return min(answers, key=_RANKS.index)


def _any(terms: Sequence[str]) -> Answer:
    return max((_term(term.strip()) for term in terms), key=_RANKS.index)


def _term(text: str) -> Answer:
    """Judge one comparison."""
    found = _TERM.fullmatch(text)
    if found is None:
        return Answer.UNKNOWN
    if found["id"] is not None:
        answer = Answer.of(found["id"] == LOG)
    else:
        answer = _compared(found["field"].lower(), found["is"], found["value"])
    return _not(answer) if found["no"] else answer


def _compared(field: str, operator: str, value: str) -> Answer:
    if field == "logname":
        told = value.replace("%2F", "/").replace("%2f", "/")
        # Whose log it is stands before its name, and is not looked at.
        whole = told.endswith(f"/logs/{LOG}") if operator != ":" else "logs/" in told or told.startswith("projects/")
        answer = Answer.UNKNOWN if whole else Answer.of(operator == ":" and told in LOG)
    elif field in _SAME:
        answer = Answer.of(value in _SAME[field] if operator == ":" else value == _SAME[field])
    else:
        return Answer.UNKNOWN
    return _not(answer) if operator == "!=" else answer


def _not(answer: Answer) -> Answer:
    return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(answer, Answer.UNKNOWN)


_RANKS = (Answer.NO, Answer.UNKNOWN, Answer.YES)
