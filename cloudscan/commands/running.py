"""What commands do with a snapshot: judge it, ask it, say on stderr what a user must know, and choose the exit code.

Heavy imports happen inside the functions, as in the commands that call them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloudscan.commands import options
from cloudscan.commands.writing import writing

if TYPE_CHECKING:
    from cloudscan.check import Check
    from cloudscan.estate import Estate
    from cloudscan.older import Older
    from cloudscan.policy.file import Policy
    from cloudscan.provider import Provider
    from cloudscan.reach.answers import Answer
    from cloudscan.reach.questions import Questions
    from cloudscan.report import PolicyFile, ScanResult

OK, FINDINGS, USAGE, INCOMPLETE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 130


def opened(root: Path, given: dict[str, Any]) -> Estate:
    """Open a snapshot, its object table on the engine of the options."""
    from cloudscan.estate import Estate
    from cloudscan.tables.engines import engine

    return Estate.open(root, engine(given["engine"], given["memory"]))


def judge(
    estate: Any, checks: Sequence[Check], policy: Policy, known: frozenset[str], given: dict[str, Any]
) -> ScanResult:
    """Judge an estate by the providers that it was collected from. ``known`` are fingerprints of a baseline."""
    from cloudscan.scan import analyze

    finished = estate.manifest.finished
    return analyze(
        estate,
        providers_of(estate),
        checks,
        policy,
        now=given["now"] or finished,
        generated_at=datetime.now(UTC),
        baseline=known,
        policy_file=_policy_file(given),
    )


def _policy_file(given: dict[str, Any]) -> PolicyFile | None:
    """Return the name and the hash of the policy file, None where there is none."""
    from cloudscan.report import PolicyFile

    path = options.policy_path(given)
    return PolicyFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) if path else None


def tell_crashes(result: ScanResult) -> None:
    """Say which checks failed by themselves, with the traceback where it was asked for."""
    from cloudscan.reports.escape import terminal

    verbose = click.get_current_context().ensure_object(dict).get("verbose")
    for crash in result.crashes:
        if verbose:
            click.echo("\n".join(map(terminal, crash.traceback.splitlines())), err=True)
        words = "" if verbose else "; run it with -v for the traceback"
        click.echo(f"cloudscan: {terminal(str(crash))}{words}", err=True)


@contextmanager
def kept(folder: Path, place: Path | None) -> Iterator[None]:
    """Keep what a demo collected before anything is made of it, and say so after that, whatever comes of it."""
    from cloudscan import demo

    if place is None:
        yield
        return
    with writing(place):
        commands = demo.keep(folder, place)
    try:
        yield
    finally:
        told = "\n".join(f"{what}: {command}" for what, command in commands)
        click.echo(f"kept in {place}; {told}", err=True)


def providers_of(estate: Any) -> list[Provider]:
    """Return the providers of the clouds that an estate holds anything of."""
    from cloudscan import plugins

    present = {held.provider for held in (*estate.stores.values(), *estate.accounts.values())}
    return [plugins.provider(name) for name in plugins.provider_names() if name in present]


def reach(snapshot: Path, given: dict[str, Any]) -> Answer:
    """Ask a snapshot one question of access, by the options of the command."""
    from cloudscan.commands.progress import NowAndThen
    from cloudscan.estate import Estate
    from cloudscan.model import MediaClass
    from cloudscan.policy.file import Policy, read_policy
    from cloudscan.reach.answers import Asked
    from cloudscan.reach.questions import Questions

    estate = Estate.open(snapshot)
    path = options.policy_path(given)
    asked = Asked(
        estate,
        read_policy(path) if path else Policy(),
        MediaClass(given["media"]) if given["media"] else None,
        given["direct"],
        given["without"],
    )
    answer = _answered(Questions(asked, providers_of(estate), NowAndThen().tell), given)
    _tell_names(answer, given)
    return answer


def _answered(questions: Questions, given: dict[str, Any]) -> Answer:
    if given["cut"]:
        return questions.cut(given["cut"], given["keep"])
    if given["to"] and given["from_"]:
        return questions.between(given["from_"], given["to"], max_steps=given["max_steps"], limit=given["paths"])
    if given["to"]:
        return questions.readers(given["to"])
    return questions.reached(given["from_"]) if given["from_"] else questions.overview()


def _tell_names(answer: Answer, given: dict[str, Any]) -> None:
    """Say what was taken to be meant where a part of a name was given, or the name of a session."""
    from cloudscan.reach.lookup import taken_for
    from cloudscan.reports.escape import terminal

    estate = answer.asked.estate
    who = "" if getattr(answer, "secret", None) else getattr(answer, "principal", "")
    meant = [taken_for(estate, given["from_"], who) if who else ""]
    word, target = given["to"] or given["cut"], getattr(answer, "target", None)
    if word and target and target.store.name not in word:
        meant.append(taken_for(estate, word, target.store.id))
    for sentence in filter(None, meant):
        click.echo(terminal(sentence), err=True)


def tell_decisions(given: dict[str, Any]) -> None:
    """Name the policy file that was found, since it decides who is called approved and trusted."""
    path = options.policy_path(given)
    if path and not given["policy_file"]:
        click.echo(f"judged by {path}", err=True)


def retention(snapshot: Path, given: dict[str, Any]) -> Older:
    """Ask a snapshot what is older, by the options of the command."""
    from cloudscan.estate import RECORDED
    from cloudscan.model import MediaClass
    from cloudscan.older import older_than

    estate = opened(snapshot, given)
    media = (MediaClass(given["media"]),) if given["media"] else RECORDED
    assert estate.manifest is not None  # noqa: S101 - it was opened from a snapshot
    return older_than(estate, given["days"], given["now"] or estate.manifest.finished, media)


def tell_unseen(answer: Older, given: dict[str, Any]) -> None:
    """Say that not everything was looked at where only lists of objects were written, which cannot tell of it."""
    from cloudscan.reports.escape import terminal
    from cloudscan.retention_reports import LISTS

    if {part.partition(":")[0] for part in given["formats"] or ["terminal"]} - LISTS:
        return
    if answer.far:
        click.echo(terminal(answer.far), err=True)
    if answer.unseen:
        click.echo("not everything was looked at, and a list cannot say what: -f terminal does", err=True)


def exit_code_of(answer: Older) -> int:
    """Return the exit code that an answer of ``retention`` comes to."""
    return {"yes": FINDINGS, "no": OK, "unknown": INCOMPLETE}[answer.exists.value]


def tell_policy(given: dict[str, Any]) -> None:
    """Name the policy file that was found, or say what nobody decided, since both change what is judged."""
    if given["quiet"] or given["policy_file"]:
        return
    path = options.policy_path(given)
    missing = "no policy file: nothing is decided of ages, keys and readers, and what needs it is not judged"
    click.echo(f"judged by {path}" if path else missing, err=True)


def exit_code(result: ScanResult, given: dict[str, Any]) -> int:
    """Return the exit code that a result comes to under the user's thresholds."""
    from cloudscan.model import Severity

    if result.crashes:
        return INTERNAL
    if given["exit_zero"]:
        return OK
    if given["fail_on"] != "none" and result.at_or_above(Severity(given["fail_on"])):
        return FINDINGS
    if result.astray or result.coverage is None or result.coverage < given["min_coverage"]:
        return INCOMPLETE
    return OK
