"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cloudscan.check import Check, World, check
from cloudscan.coverage.elsewhere import told_backup
from cloudscan.model import Account, Answer, Backup, Confidence, Finding, Gap, MediaClass, Severity, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Group, fate, groups
from cloudscan_checks._facts import counted, holder, listed, not_seen, unread, untold
from cloudscan_checks._rules import ages_at_end, unknown_rules

_BACKUPS = {
    "aws": (
        "Let the backup plan keep backups no longer than you may: DeleteAfterDays of its rules, by `aws backup"
        " update-backup-plan --backup-plan-id PLAN --backup-plan file://plan.json`. Shorten those that are there, which"
        " a locked vault refuses: `aws backup update-recovery-point-lifecycle --backup-vault-name {vault}"
        " --recovery-point-arn RECOVERY_POINT --lifecycle DeleteAfterDays=DAYS`; of a continuous one the plan alone"
        " sets for how long it keeps what the bucket has lost."
    ),
    "gcp": (
        "No backup service of Google Cloud keeps copies of buckets; see what is copied by transfer jobs,"
        " and by replication between buckets: `gcloud transfer jobs list --project={account}`, and the same with"
        " `--job-type=replication`."
    ),
    "azure": (
        "Back up by a policy that keeps backups no longer than you may. Azure Backup refuses to change one that is"
        " there: make another, by `az dataprotection backup-policy create --resource-group GROUP --vault-name {vault}"
        " --name POLICY --policy @policy.json`, and let the account go by it: `az dataprotection backup-instance"
        " update-policy --resource-group GROUP --vault-name {vault} --backup-instance-name INSTANCE --policy-id ID`."
        " See by `az dataprotection recovery-point list --resource-group GROUP --vault-name {vault}"
        " --backup-instance-name INSTANCE` whether those that are there go sooner, too."
    ),
}


@check(
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    needs=(Facet.OBJECTS, Facet.LIFECYCLE, Facet.BACKUPS, Facet.REPLICATION, Facet.VERSIONING, Facet.LOCK),
    subjects=(Facet.BACKUPS,),
    remediation=_BACKUPS,
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:8.10", "SOC2:C1.2", "PCI-DSS@4.0.1:3.2.1", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/aws-backup/latest/devguide/s3-backups.html",),
)
def backup_outliving_audio(self: Check, world: World) -> Iterator[Finding]:
    """Backups that outlive the recordings they are of.

    What lifecycle rules delete in a store stays in the backups that were taken before, until their own time is over.
    Nobody sees into a backup: a recording that was written before one was taken is held to be in it, and whether it
    has some that are gone from the store since is not known. Nor is it where a backup may be of another store beside.
    Backups of a store that was not looked at, or that is gone, may hold recordings, too. Who may restore a backup, and
    so read what it holds, is not judged.
    """
    stores = world.estate.stores_with(MediaClass.SPEECH)
    known = [store for store in stores if store.lifecycle is not None]
    found = groups(world.estate, known, MediaClass.SPEECH, ask=Ask(today=world.now.date())) if known else {}
    hidden = {provider: _hidden(world, provider) for provider in {store.provider for store in stores}}
    for store in stores:
        vaults = _by_vault([*world.estate.backups.get(store.id, ()), *world.estate.backups_above(store)])
        endings = [_ending(world, store, group) for group in found.get(store.id, ())] if vaults else []
        for vault, backups in sorted(vaults.items()):
            yield _judged(self, world, store, vault, backups, endings)
        if (rest := _others(self, world, store, hidden[store.provider], found=bool(vaults))) is not None:
            yield rest
    for name, backups in sorted(world.estate.backups.items()):
        if name not in world.estate.stores:
            yield _of_the_unseen(self, world, name, backups)


def _by_vault(backups: Sequence[Backup]) -> Mapping[str, Sequence[Backup]]:
    vaults: dict[str, list[Backup]] = defaultdict(list)
    for backup in backups:
        vaults[backup.vault].append(backup)
    return vaults


def _hidden(world: World, provider: str) -> tuple[Sequence[Gap], str]:
    """Return what hides backups of a cloud's stores, and in words where nobody looked.

    A vault of any account and region may hold one.
    """
    hiding = (Facet.BACKUPS, Facet.ACCOUNTS)
    gaps = [gap for gap in world.estate.gaps if gap.facet in hiding and gap.provider == provider]
    regions = world.estate.only_regions(provider)
    return gaps, f" outside {listed(regions)}" if regions else ""


def _others(
    check: Check, world: World, store: Store, hidden: tuple[Sequence[Gap], str], *, found: bool
) -> Finding | None:
    """Say whether there may be backups that nobody saw."""
    gaps, where = hidden
    if gaps or where or not world.estate.asked(store.provider, store.account, Facet.BACKUPS):
        message = untold(f"whether {'further ' if found else ''}backups{where} keep its recordings", gaps[:1])
        return check.unknown(store, message, evidence=not_seen(gaps), names=_names(store, "VAULT"))
    return None if found else check.passed(store, "no backup service that was asked keeps a copy of it")


@dataclass(frozen=True, slots=True)
class _Ending:
    """What becomes of recordings that share their fate: whether new ones are deleted, and at which age in days at the
    latest; since when the oldest is there, and on which day the first of them goes, None where that is not certain.
    """

    ends: Answer
    days: int
    oldest: datetime | None
    first_goes: date | None


def _ending(world: World, store: Store, group: Group) -> _Ending:
    ends, _, days = ages_at_end(store, [group])
    first = fate(group.first, group.rules, store, world.now.date())
    return _Ending(ends, days, group.oldest, first.day if first.ends is Answer.YES else None)


def _judged(
    check: Check, world: World, store: Store, vault: str, backups: Sequence[Backup], endings: Sequence[_Ending]
) -> Finding:
    own = [one for one in backups if one.store == store.id]
    told = "; ".join([*map(told_backup, own), *(f"perhaps {told_backup(one)}" for one in backups if one not in own)])
    evidence: dict[str, object] = {"vault": vault, "copies": sum(backup.copies for backup in backups)}

    def say(verdict: Verdict, message: str, **more: object) -> Finding:
        names = _names(store, vault)
        return check.finding(verdict, store, message, locator=vault, evidence=evidence | more, names=names)

    if (unseen := unknown_rules(world, store)) is not None:
        return say(Verdict.UNKNOWN, f"{unseen[0]}; {told}", **unseen[1])
    gone = [one.days for one in endings if one.ends is Answer.YES]
    if not gone:
        if any(one.ends is Answer.UNKNOWN for one in endings):
            return say(Verdict.UNKNOWN, f"when its own recordings are deleted hangs on what was not read; {told}")
        return say(Verdict.PASS, "backups outlive nothing: no rule deletes its own recordings")
    some = "" if len(gone) == len(endings) else "some "
    whole = f"{some}recordings are deleted within {counted(max(gone), 'day', 'days')}"
    there = any(_keeps(backup, ending) for ending in endings for backup in own)
    if there or any(_keeps_longer(one, min(gone)) for one in own):
        seen = ", some of those that are there now, too" if there else ""
        return say(Verdict.FAIL, f"{whole}, and {told}{seen}", source_days=max(gone))
    message = f"{whole}; {told}, and whether it holds some that are gone by then nobody sees"
    return say(Verdict.UNKNOWN, message, source_days=max(gone))


def _keeps_longer(backup: Backup, days: int) -> bool:
    """Say whether a backup keeps every recording that is in it longer than a store that deletes them at that age."""
    if backup.continuous:
        return backup.days is not None
    if backup.ends is None or backup.last is None:
        return backup.lasting is Answer.YES
    return (backup.ends - backup.last).days > days


def _keeps(backup: Backup, ending: _Ending) -> bool:
    """Say whether some recordings were there when a copy was taken that is kept after they are deleted."""
    if backup.last is None or ending.oldest is None or ending.oldest > backup.last:
        return False
    if backup.ends is None:
        return not backup.continuous and backup.lasting is Answer.YES and ending.ends is Answer.YES
    return ending.first_goes is not None and ending.first_goes < backup.ends.date()


def _of_the_unseen(check: Check, world: World, name: str, backups: Sequence[Backup]) -> Finding:
    """Say of backups whose store nobody looked at that what they hold is not known; it may be gone."""
    one = backups[0]
    account = world.estate.accounts.get(one.account) or Account(one.account, one.provider)
    told = "; ".join(map(told_backup, backups))
    message = f"{unread(f'what backups hold of {name}, which was not looked at or is gone')}: {told}"
    return check.unknown(account, message, locator=name, names={"vault": _last(one.vault)})


def _names(store: Store, vault: str) -> dict[str, str]:
    return {**holder(store), "vault": _last(vault)}


def _last(vault: str) -> str:
    """Return a vault's own name: what follows the last colon or slash of its id."""
    return vault.rpartition(":")[2].rpartition("/")[2]
