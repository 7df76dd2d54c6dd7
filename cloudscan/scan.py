"""From an estate to a result: run the checks, apply the user's decisions, add up. No network and no files."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

from cloudscan.access import Condition, Edge, Grant, Ruling
from cloudscan.audio import UNSURE_EXTENSIONS
from cloudscan.check import Check, World
from cloudscan.collection.sampling import NAMED, NOT_LOOKED_AT
from cloudscan.coverage.estimates import estimate
from cloudscan.coverage.hidden import hidden
from cloudscan.coverage.sight import seen
from cloudscan.coverage.unseen import Unseen, far_from, left_out
from cloudscan.errors import CloudscanError
from cloudscan.estate import RECORDED, Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, Answer, Confidence, Finding, MediaClass, Verdict
from cloudscan.policy.approvals import in_vain, readers_astray
from cloudscan.policy.file import Policy, Suppression
from cloudscan.policy.undecided import astray, undecided
from cloudscan.provider import Facet, Grouping, Provider
from cloudscan.reach.lookup import refuse_unclear
from cloudscan.report import CheckCount, Crash, PolicyFile, ScanResult, Summary
from cloudscan.tables.objects import BY_NAME_ALONE


def needed_facets(checks: Iterable[Check], policy: Policy, *, versions: bool = False) -> frozenset[Facet]:
    """Return the questions that these checks need answered under this policy.

    With ``versions``, all that stores keep is wanted: uploads that were not finished, and what can be got back, too.
    """
    facets = {facet for check in checks for facet in check.needs}
    facets |= {Facet.ACCOUNTS, Facet.STORES, Facet.OBJECTS}
    if any(rule.labels for rule in policy.retention):
        facets.add(Facet.LABELS)
    if policy.access.max_credential_days is None:  # without it their ages are judged by nothing
        facets.discard(Facet.CREDENTIALS)
    if versions:
        facets |= {Facet.UPLOADS, Facet.DELETED}
    return frozenset(facets)


def analyze(
    estate: Estate,
    providers: Sequence[Provider],
    checks: Sequence[Check],
    policy: Policy,
    *,
    now: datetime,
    generated_at: datetime,
    baseline: frozenset[str] = frozenset(),
    policy_file: PolicyFile | None = None,
) -> ScanResult:
    """Judge an estate. The same estate, policy and date give the same result.

    ``baseline`` holds fingerprints of findings that are already known. Of a check that fails by itself no verdict is
    guessed: what it asks is unknown of every account, and the rest of the result stands.
    Raises :class:`UsageError` where the policy file names a reader by what several are called.
    """

    def grants() -> Iterable[Grant | Edge]:
        for provider in providers:
            yield from provider.grants(estate)

    def strangers(name: str, condition: Condition) -> Answer:
        asked = next((provider for provider in providers if provider.name == name), None)
        return asked.open_to_strangers(condition, now) if asked else Answer.UNKNOWN

    refuse_unclear(estate, policy)
    unread = {name for each in providers if isinstance(each, Grouping) for name in each.unread_groups(estate)}
    world = World(estate, policy, now, grants, strangers, unread)
    crashes: list[Crash] = []
    found = [finding for check in checks for finding in _run(check, world, crashes)]
    names = {check.id: (check.id, *check.aliases) for check in checks}
    found = [_doubted(_graded(finding, policy, names[finding.check]), estate) for finding in found]
    found, notes = _suppress(found, policy.suppressions, names, baseline, now)
    found.sort(key=_order)
    return ScanResult(
        estate=estate,
        findings=found,
        counts=[_count(check, found, crashes) for check in checks],
        summary=summarize(world),
        access=world.access,
        lineage=world.lineage,
        sample=estimate(estate),
        coverage=coverage(estate),
        now=now,
        generated_at=generated_at,
        notes=[
            *_told(crashes),
            *map(_chosen, left_out(estate)),
            *filter(None, [far_from(estate, now)]),
            *undecided(estate, policy),
            *in_vain(estate, policy, world.access.principals),
            *notes,
        ],
        crashes=crashes,
        astray=astray(estate, policy) or readers_astray(estate, policy),
        policy_file=policy_file,
    )


def _chosen(one: Unseen) -> str:
    return f"left out by choice: {one.what} ({one.where})"


def coverage(estate: Estate) -> float | None:
    """Return the share of asked questions that were answered, in percent; None when none was asked.

    What the user's own limits left out counts as answered: it was not asked for. It is never more than the share of
    the lists of stores, and of their objects, that came: behind one that did not, nobody knows how many questions
    there are, or whether there is any speech.
    """
    asked = sum(line.asked for line in estate.coverage)
    answered = sum(min(line.asked, line.answered) for line in estate.coverage)
    if not asked:
        return None
    providers = estate.manifest.scope if estate.manifest else ()
    listed = seen(estate.coverage, estate.stores.values(), providers)
    return 100.0 * min(answered / asked, 1.0 if listed is None else listed)


def summarize(world: World) -> Summary:
    """Add up what was found and who can read it."""
    estate = world.estate
    speech = [corpus for corpus in estate.corpora if corpus.media is MediaClass.SPEECH]
    anyone = (ANYONE, ANYONE_SIGNED_IN)
    public = [
        grant
        for grant in world.access.grants
        if grant.action is Action.READ
        and grant.media is MediaClass.SPEECH
        and not grant.by
        and grant.principal in anyone
    ]
    readers = world.access.counts(world.standing, media=MediaClass.SPEECH, without=anyone)
    objects, named = _objects(estate)
    return Summary(
        hours_of_speech=sum(corpus.seconds for corpus in speech) / 3600,
        hours_readable_by_anyone=_hours(public, lambda grant: grant.decision.ruling is Ruling.YES),
        hours_maybe_readable_by_anyone=_hours(public, lambda grant: grant.decision.ruling is not Ruling.YES),
        stores=len(estate.stores),
        stores_with_audio=len(estate.stores_with(MediaClass.SPEECH)),
        stores_with_transcripts=len(estate.stores_with(MediaClass.TRANSCRIPT)),
        principals_with_read=readers.direct,
        principals_with_read_by_steps=readers.by_steps + readers.by_changes,
        principals_at_least=readers.at_least,
        principals_known=bool(estate.principals),
        recordings=sum(corpus.objects for corpus in speech),
        recordings_of_unknown_length=sum(corpus.unknown_length for corpus in speech),
        unsettled_objects=sum(corpus.objects for corpus in estate.corpora if corpus.media is MediaClass.UNSETTLED),
        objects_not_looked_at=_not_looked_at(estate),
        objects=objects,
        objects_by_name_alone=named,
    )


def _objects(estate: Estate) -> tuple[int, int]:
    """Count the objects, and those that are no speech by name or type alone."""
    sql = f"""
        SELECT count(*), count(*) FILTER ({BY_NAME_ALONE}) FROM objects WHERE current AND NOT delete_marker ORDER BY 1
    """  # noqa: S608 - our own names
    ((objects, named),) = estate.objects.query(sql)
    return objects, named


def _not_looked_at(estate: Estate) -> int:
    sql = f"SELECT count(*) FROM ({NAMED}) AS named WHERE {NOT_LOOKED_AT} ORDER BY 1"  # noqa: S608 - our own names
    ((objects,),) = estate.objects.query(sql, [sorted(UNSURE_EXTENSIONS)])
    return int(objects)


def _hours(grants: Iterable[Grant], wanted: Callable[[Grant], bool]) -> float:
    """Add hours, counting what both kinds of anyone may read once: the larger of the two for each store."""
    by_store: dict[str, Counter[str]] = {}
    for grant in grants:
        if wanted(grant):
            by_store.setdefault(grant.store, Counter())[grant.principal] += grant.seconds  # type: ignore[assignment]
    return sum(max(hours.values()) for hours in by_store.values()) / 3600


def _run(check: Check, world: World, crashes: list[Crash]) -> list[Finding]:
    try:
        found = check.run(world)
        return [*found, *hidden(check, world, found)]
    except CloudscanError:  # what the user can mend is no fault of the check
        raise
    except Exception as error:  # noqa: BLE001 - whatever a check of a third party raises, the others stand
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {place.name}, line {place.lineno}"
        crash = Crash(check, what, "".join(traceback.format_exception(error)))
    crashes.append(crash)
    accounts = sorted(world.estate.accounts.values(), key=lambda account: (account.provider, account.id))
    return [check.unknown(account, f"the check failed by itself ({what}): report the fault") for account in accounts]


def _told(crashes: Iterable[Crash]) -> Iterator[str]:
    for crash in crashes:
        yield f"{crash}: nothing is known of what it asks; report the fault, or leave it out with --checks"


def _graded(finding: Finding, policy: Policy, names: Iterable[str]) -> Finding:
    """Grade a finding as the user does, under any of the names of its check."""
    severity = next((policy.severity[name] for name in names if name in policy.severity), None)
    return replace(finding, severity=severity) if severity is not None else finding


def _doubted(finding: Finding, estate: Estate) -> Finding:
    """Say on a finding about a store how many of its recordings and transcripts are only suspected to be some.

    Where the store holds nothing surer that anybody said, the finding itself is of low confidence.
    """
    held = estate.corpora_of(finding.resource, *RECORDED)
    suspected = sum(corpus.suspected for corpus in held)
    if not suspected:
        return finding
    texts = sum(corpus.suspected for corpus in held if corpus.media is MediaClass.TRANSCRIPT)
    told = {"recordings_only_suspected": suspected - texts, "transcripts_only_suspected": texts}
    finding = replace(finding, evidence={**finding.evidence, **{name: many for name, many in told.items() if many}})
    if suspected < sum(corpus.objects for corpus in held):
        return finding
    what = "recordings or transcripts" if texts else "recordings"
    doubt = f"; that these are {what} is only suspected, since nothing in such bytes says so"
    return replace(finding, message=finding.message + doubt, confidence=Confidence.LOW)


def _suppress(
    found: Sequence[Finding],
    rules: Sequence[Suppression],
    names: Mapping[str, Sequence[str]],
    baseline: frozenset[str],
    now: datetime,
) -> tuple[list[Finding], list[str]]:
    """Mark what somebody has accepted. A rule that has expired or matches nothing is told of."""
    used: Counter[int] = Counter()
    marked = []
    for finding in found:
        reason = None
        for number, rule in enumerate(rules):
            if _named(names[finding.check], rule.check) and fnmatchcase(finding.resource, rule.resource):
                used[number] += 1
                if rule.expires >= now.date() and finding.verdict is not Verdict.PASS:
                    reason = f"{rule.reason} ({rule.owner}, until {rule.expires.isoformat()})"
        if reason is None and finding.fingerprint in baseline and finding.verdict is Verdict.FAIL:
            reason = "in the baseline"
        marked.append(replace(finding, suppressed=reason))
    notes = []
    for number, rule in enumerate(rules):
        if rule.expires < now.date():
            notes.append(f"the suppression of {rule.check} on {rule.resource} expired on {rule.expires.isoformat()}")
        elif not any(_named(each, rule.check) for each in names.values()):
            notes.append(f"the suppression of {rule.check} on {rule.resource} matched nothing: no such check was run")
        elif not used[number]:
            notes.append(f"the suppression of {rule.check} on {rule.resource} matched nothing")
    return marked, notes


def _named(names: Iterable[str], pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in names)


def _count(check: Check, found: Sequence[Finding], crashes: Iterable[Crash]) -> CheckCount:
    mine = [finding for finding in found if finding.check == check.id]
    verdicts = Counter(finding.verdict for finding in mine)
    return CheckCount(
        check=check,
        failed=verdicts[Verdict.FAIL],
        unknown=verdicts[Verdict.UNKNOWN],
        passed=verdicts[Verdict.PASS],
        suppressed=sum(finding.suppressed is not None for finding in mine),
        crashed=any(crash.check is check for crash in crashes),
    )


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    verdicts: Mapping[Verdict, int] = {verdict: rank for rank, verdict in enumerate(Verdict)}
    return verdicts[finding.verdict], finding.severity.rank, finding.resource, finding.check, finding.locator
