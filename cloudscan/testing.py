"""For authors of checks and providers: worlds in a few lines, and the contracts that every pack must keep.

A check's test never mocks. It builds a small estate from records, runs the check, and reads the findings::

    def test_store_without_rules_is_reported() -> None:
        found = findings(audio_never_deleted, world(store("calls", lifecycle=()), speech("calls", "a.wav")))
        assert failed(found) == ["arn:aws:s3:::calls"]
"""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cloudscan.access import ALWAYS, Condition, Decision, Edge, Grant, shown
from cloudscan.check import PROVIDERS, Check, World
from cloudscan.estate import Estate
from cloudscan.model import (
    Account,
    Action,
    Answer,
    Backup,
    DurationMethod,
    Evidence,
    Finding,
    Gap,
    Job,
    Key,
    LifecycleRule,
    MediaClass,
    MediaObject,
    Principal,
    Record,
    Step,
    Store,
    Verdict,
    Why,
)
from cloudscan.policy.file import Policy, parse_policy
from cloudscan.provider import Caller, Facet, HeadRow, ObjectRows, Provider, Scope, Unit
from cloudscan.tables.objects import ObjectTable

NOW = datetime(2026, 11, 1, tzinfo=UTC)
"""The date of every world that names none."""
ACCOUNT = "111111111111"
REGION = "eu-central-1"


def store(name: str, **facts: Any) -> Store:
    """Make an AWS bucket; facts that are not given are unknown."""
    given: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "provider": "aws"} | facts
    return Store(id=f"arn:aws:s3:::{name}", name=name, **given)


def speech(bucket: str, key: str, *, days: float = 10, seconds: float | None = 60.0, **facts: Any) -> MediaObject:
    """Make a recording of that age in days."""
    given: dict[str, Any] = {
        "media": MediaClass.SPEECH,
        "format": "wav",
        "settled_by": Evidence.NAME,
        "size": 960_000,
        "seconds": seconds,
        "seconds_by": DurationMethod.UNKNOWN if seconds is None else DurationMethod.ESTIMATE,
        "modified": NOW - timedelta(days=days),
        "tier": "STANDARD",
    } | facts
    return MediaObject(f"arn:aws:s3:::{bucket}", key, **given)


def transcript(bucket: str, key: str, *, days: float = 10, **facts: Any) -> MediaObject:
    """Make a transcript of that age in days."""
    given = {"media": MediaClass.TRANSCRIPT, "format": "transcribe-json", "size": 4_000} | facts
    return speech(bucket, key, days=days, seconds=None, **given)


def expire(days: int | None, name: str = "expire", **facts: Any) -> LifecycleRule:
    """Make a rule in force that deletes current versions of that age in days, or under other conditions."""
    given: dict[str, Any] = {"enabled": True, "action": "delete", "acts_on": "current", "days": days} | facts
    return LifecycleRule(name, **given)


def expire_old(days: int, name: str = "expire-old", **facts: Any) -> LifecycleRule:
    """Make a rule in force that deletes versions that many days after they stopped being current."""
    return expire(None, name, acts_on="noncurrent", noncurrent_days=days, **facts)


def key(name: str, **facts: Any) -> Key:
    """Make a KMS key; facts that are not given are unknown."""
    given: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "provider": "aws"} | facts
    return Key(id=f"arn:aws:kms:{given['region']}:{given['account']}:key/{name}", **given)


def backup(bucket: str, *, vault: str = "weekly", age: float = 3, **facts: Any) -> Backup:
    """Make a backup of a bucket, of that age in days; facts that are not given are unknown."""
    taken = NOW - timedelta(days=age)
    given: dict[str, Any] = {"provider": "aws", "account": ACCOUNT, "region": REGION, "first": taken, "last": taken}
    path = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{vault}"
    return Backup(f"arn:aws:s3:::{bucket}", vault=path, **(given | facts))


def job(name: str, **facts: Any) -> Job:
    """Make a transcription job; facts that are not given are unknown."""
    given: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "provider": "aws", "kind": "transcription"} | facts
    path = f"{given['region']}:{given['account']}:{given['kind']}-job/{name}"
    return Job(id=f"arn:aws:transcribe:{path}", name=name, **given)


def principal(name: str, kind: str = "role", **facts: Any) -> Principal:
    """Make a role, or another kind of identity, with no policies."""
    given: dict[str, Any] = {"account": ACCOUNT, "provider": "aws", "policies": ()} | facts
    return Principal(id=f"arn:aws:iam::{given['account']}:{kind}/{name}", kind=kind, name=name, **given)


def grant(principal: str, action: Action, target: str, *, condition: Condition = ALWAYS, **facts: Any) -> Grant:
    """Make a grant on a bucket, by its name, or on anything else, by its full id."""
    resource = target if target.startswith("arn:") else f"arn:aws:s3:::{target}"
    step = Step(principal, action, resource, f"a statement lets {principal} {action} {resource}")
    given: dict[str, Any] = {"prove": shown(step)} | facts
    return Grant(principal=principal, action=action, store=resource, decision=Decision(condition), **given)


def edge(source: str, kind: str, target: str, *, condition: Condition = ALWAYS, **facts: Any) -> Edge:
    """Make a step by which one principal becomes, or acts as, another."""

    def prove(one: str, other: str) -> tuple[Step, ...]:
        return (Step(one, kind, other, f"a statement lets {one} do {kind} to {other}"),)

    return Edge((source,), (target,), kind, Decision(condition), prove, **facts)


def edges(links: Iterable[Grant | Edge], *kinds: str) -> list[Edge]:
    """The edges of some kinds among what a provider derives, all if none are named."""
    return [one for one in links if isinstance(one, Edge) and (not kinds or one.kind in kinds)]


def openings(links: Iterable[Grant | Edge]) -> list[Grant]:
    """The reads that take a step first."""
    return [one for one in links if isinstance(one, Grant) and one.by]


def pairs(edges: Iterable[Edge]) -> Iterator[tuple[str, str]]:
    """Who becomes whom; to become oneself is no step."""
    for edge in edges:
        yield from ((source, target) for source in edge.sources for target in edge.targets if source != target)


def gap(resource: str, facet: Facet, why: Why = Why.DENIED, *, operation: str = "Get", **facts: Any) -> Gap:
    """Make a question that was not answered."""
    given = {"provider": "aws", "account": ACCOUNT, "region": REGION} | facts
    return Gap(facet=facet, resource=resource, why=why, operation=operation, **given)


def world(
    *things: Record | Gap | MediaObject | Grant | Edge,
    policy: Policy | dict[str, object] | None = None,
    now: datetime = NOW,
    strangers: Mapping[Condition, Answer] | None = None,
    unread_groups: Collection[str] = (),
) -> World:
    """Make a world of records, gaps, objects and grants, with a policy given as its file would be.

    ``strangers`` says of conditions whether somebody whom nobody knows can meet them; of others it is not known.
    ``unread_groups`` are those of which the grants and edges leave open who is in them.
    """
    objects = [thing for thing in things if isinstance(thing, MediaObject)]
    gaps = [thing for thing in things if isinstance(thing, Gap)]
    derived = [thing for thing in things if isinstance(thing, Grant | Edge)]
    records: list[Any] = [thing for thing in things if not isinstance(thing, MediaObject | Gap | Grant | Edge)]
    if not any(isinstance(record, Account) for record in records):
        records.append(Account(id=ACCOUNT, provider="aws"))
    decided = policy if isinstance(policy, Policy) else parse_policy(policy or {})
    estate, met = Estate.of(records, gaps, ObjectTable(rows=objects)), strangers or {}
    return World(estate, decided, now, lambda: derived, lambda _, asked: met.get(asked, Answer.UNKNOWN), unread_groups)


def findings(check: Check, seen: World) -> list[Finding]:
    """Run a check on a world."""
    return check.run(seen)


def failed(found: Iterable[Finding]) -> list[str]:
    """Return the resources that have the problem."""
    return [finding.resource for finding in found if finding.verdict is Verdict.FAIL]


def unknown(found: Iterable[Finding]) -> list[str]:
    """Return the resources of which the check cannot tell."""
    return [finding.resource for finding in found if finding.verdict is Verdict.UNKNOWN]


def passed(found: Iterable[Finding]) -> list[str]:
    """Return the resources that were looked at and are right."""
    return [finding.resource for finding in found if finding.verdict is Verdict.PASS]


def assert_check_contract(check: Check) -> None:
    """Assert what every check must keep: words for a reader, a fix for every cloud, a test beside it.

    A fix names its commands between backticks. Placeholders in them stand outside quotes, since each is filled
    with a name that is quoted already.
    """
    assert check.title, f"{check.id}: the docstring has no first line"  # noqa: S101
    assert len(check.title) <= 60, f"{check.id}: the title is longer than 60 characters"  # noqa: S101
    assert "\n\n" in check.text, f"{check.id}: the docstring does not say why it matters"  # noqa: S101
    assert not check.id.startswith(("no-", "ensure-", *PROVIDERS)), f"{check.id}: an id names the problem"  # noqa: S101
    assert check.needs, f"{check.id}: it needs no facts"  # noqa: S101
    missing = [name for name in PROVIDERS if not check.remediation.get(name, "").strip()]
    assert not missing, f"{check.id}: no remediation for {missing}"  # noqa: S101
    for name in PROVIDERS:
        _assert_commands_keep_names_apart(check, name)
    spec = importlib.util.find_spec(check.module)
    assert spec is not None  # noqa: S101
    assert spec.origin is not None  # noqa: S101
    module = Path(spec.origin)
    assert (module.parent / f"test_{module.name}").exists(), f"{check.id}: no test beside {module.name}"  # noqa: S101


def _assert_commands_keep_names_apart(check: Check, provider: str) -> None:
    name, commands = "it's; a\nname", re.findall(r"`([^`]+)`", check.remediation[provider])
    assert commands, f"{check.id}: the remediation for {provider} has no command"  # noqa: S101
    for command in commands:
        filled, places = re.subn(r"\{[a-z_]+\}", lambda _: shlex.quote(name), command)
        whole = sum(name in word for word in shlex.split(filled))
        assert whole == places, f"{check.id}: a placeholder inside quotes in {command}"  # noqa: S101


def assert_findings_contract(found: Sequence[Finding]) -> None:
    """Assert what all findings of a run must keep: each has its own fingerprint, a message, and a filled fix."""
    prints = [finding.fingerprint for finding in found]
    assert len(set(prints)) == len(prints), "two findings have one fingerprint: give them locators"  # noqa: S101
    for finding in found:
        assert finding.message.strip(), f"{finding.check}: no message for {finding.resource}"  # noqa: S101
        assert not finding.message.endswith("."), f"{finding.check}: a message has no full stop"  # noqa: S101
        if finding.verdict is not Verdict.PASS:
            left = re.findall(r"\{[a-z_]+\}", finding.remediation)
            assert not left, f"{finding.check}: {left} is not filled in the remediation"  # noqa: S101


def assert_gap_is_never_a_pass(check: Check, empty: World) -> None:
    """Assert that a check passes nothing of which no fact is known (``empty`` holds such stores)."""
    wrong = passed(check.run(empty))
    assert not wrong, f"{check.id} passes {wrong} although nothing of them is known"  # noqa: S101


def collect_all(provider: Provider, scope: Scope) -> tuple[list[Any], list[MediaObject], list[HeadRow]]:
    """Run a provider's plan in this thread. Returns its records and gaps, object rows, and head rows."""
    return run_units(provider.plan(scope).units)


def run_units(units: Sequence[Unit]) -> tuple[list[Any], list[MediaObject], list[HeadRow]]:
    """Run units in this thread. Returns records and gaps, object rows, and head rows."""
    records: list[Any] = []
    rows: list[MediaObject] = []
    heads: list[HeadRow] = []
    for unit in units:
        for item in unit.run():
            if isinstance(item, ObjectRows):
                rows.extend(item.rows)
            elif isinstance(item, HeadRow):
                heads.append(item)
            else:
                records.append(item)
    return records, rows, heads


def assert_provider_contract(provider: Provider, scope: Scope) -> None:
    """Assert what every provider must keep when it plans and collects this scope.

    Unit keys are unique and the same in a second plan; ids are unique; callers name who asked; nothing
    collected looks like a credential or a signed URL; the least role is not empty.
    """
    first, second = provider.plan(scope), provider.plan(scope)
    keys = [unit.key for unit in first.units]
    assert len(set(keys)) == len(keys), "unit keys are not unique"  # noqa: S101
    assert keys == [unit.key for unit in second.units], "unit keys change between plans"  # noqa: S101
    assert all(isinstance(caller, Caller) and caller.identity for caller in first.callers)  # noqa: S101
    records, rows, _ = run_units(first.units)
    named = [(type(record), record.id) for record in records if hasattr(record, "id")]
    assert len(set(named)) == len(named), "two records have one id"  # noqa: S101
    seen = " ".join(str(item) for item in (*records, *rows)).lower()
    for secret in ("x-amz-signature", "x-goog-signature", "sig=", "secretaccesskey", "sessiontoken"):
        assert secret not in seen, f"something collected holds {secret}"  # noqa: S101
    assert provider.role(scope.facets, sniff=False, heads=False).strip()  # noqa: S101
