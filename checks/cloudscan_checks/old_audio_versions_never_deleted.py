"""Old versions of recordings that no lifecycle rule ever deletes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Fate, Group, clears_all_versions, fate, groups
from cloudscan.retention.fates import as_old
from cloudscan.retention.rules import many_rules
from cloudscan_checks._disposal import SET_RULES, disposing
from cloudscan_checks._facts import amount, counted, holder, missing, not_seen, unlisted, unread, untold
from cloudscan_checks._rules import doubts, examples, together, unknown_rules


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.VERSIONING, Facet.LIFECYCLE, Facet.LOCK, Facet.REPLICATION),
    remediation=SET_RULES,
    controls=(
        "SecurityHub:S3.10",
        "NIST-800-53@r5:SI-12",
        "ISO-27001@2022:8.10",
        "SOC2:C1.2",
        "PCI-DSS@4.0.1:3.2.1",
        "CSA-CCM@4.0:DSP-16",
    ),
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-versioning.html",),
)
def old_audio_versions_never_deleted(self: Check, world: World) -> Iterator[Finding]:
    """Old versions of recordings that no rule ever deletes.

    In a store that keeps versions, deleting or expiring a recording only hides it: its bytes stay as an old
    version until a rule for noncurrent versions takes them. A rule that spares the newest old versions leaves
    those for good, and no rule takes what a hold keeps. A store that keeps none now may hold those from before.
    """
    stores = world.estate.stores_with(MediaClass.SPEECH)
    known = [store for store in stores if store.lifecycle is not None and store.versioning != "disabled"]
    today = world.now.date()
    current = groups(world.estate, known, MediaClass.SPEECH, ask=Ask(today=today))
    noncurrent = groups(world.estate, known, MediaClass.SPEECH, ask=Ask(current=False, today=today))
    for store in stores:
        if store.versioning == "disabled":
            yield self.passed(store, "the store keeps no old versions")
        elif store.versioning is None:
            gaps = missing(world.estate, store, Facet.VERSIONING)
            message = untold("whether it keeps old versions", gaps)
            yield self.unknown(store, message, evidence=not_seen(gaps), names=holder(store))
        elif (unseen := unknown_rules(world, store)) is not None:
            yield self.unknown(store, unseen[0], evidence=unseen[1], names=holder(store))
        elif clears_all_versions(store):
            yield self.passed(store, "every old version is deleted by a rule")
        else:
            made = () if store.makes_no_versions else current[store.id]
            yield _judged(disposing(self, world, store), world, store, made, noncurrent.get(store.id, ()))


def _judged(check: Check, world: World, store: Store, now: Sequence[Group], old: Sequence[Group]) -> Finding:
    def end(group: Group) -> Fate:
        life = as_old(group.life, world.now.date()) if group.life.current else group.life
        return fate(life, group.rules, store, world.now.date())

    never = [group for group in now if end(group).ends is Answer.NO]
    never_old = [group for group in old if end(group).ends is Answer.NO]
    perhaps = [group for group in (*now, *old) if end(group).ends is Answer.UNKNOWN]
    whole = amount(world.estate, store, MediaClass.SPEECH)
    evidence: dict[str, object] = {"versioning": store.versioning, "rules": many_rules(store)}
    if never or never_old:
        waiting, there = together(never), together(never_old)
        said = []
        if never:
            said.append(f"the old versions that {waiting.of(whole)} will leave behind")
        if never_old:
            said.append(f"{counted(there.objects, 'old version', 'old versions')}{there.length} that are there now")
        evidence |= {**waiting.evidence, "old_versions": there.objects}
        evidence["examples"] = examples([*never_old, *never])
        return check.fail(store, f"no rule deletes {' nor '.join(said)}", evidence=evidence, names=holder(store))
    if perhaps:
        message = f"a rule may delete old versions of {together(perhaps)}: {doubts(world, store, perhaps)}"
        return check.unknown(store, message, evidence=evidence, names=holder(store))
    rest = unlisted(world.estate, store)
    if store.makes_no_versions and not rest and not old:
        if world.estate.asked_versions(store.provider):
            return check.passed(store, "the store makes no old versions now, and none is left", evidence=evidence)
        doubt = "those from before, if there are any, were not listed: list them with --versions"
        return check.unknown(
            store, f"the store makes no old versions now, and {doubt}", evidence=evidence, names=holder(store)
        )
    if rest:
        message = f"rules delete old versions of {whole} seen, but {unread('the rest of its objects', rest)}"
        return check.unknown(store, message, evidence=evidence | not_seen(rest), names=holder(store))
    return check.passed(store, f"rules delete old versions of {whole}", evidence=evidence)
