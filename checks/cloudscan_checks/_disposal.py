"""How rules that delete are proposed: as narrow as what a finding is about, and none that takes what is to be kept.

A lifecycle rule takes whatever begins as its filter says, and no cloud has a filter that leaves a folder out. So what
is proposed is worked out for the store and the rule of the policy file; the texts of the checks are for no store yet.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from cloudscan.check import Check, World
from cloudscan.estate import RECORDED
from cloudscan.model import Answer, Store
from cloudscan.policy.file import Retention
from cloudscan_checks._decisions import Decision, decisions
from cloudscan_checks._facts import NOUNS, counted, unlisted

REPLACES = "(it replaces every rule that is there: write the old ones into it, too)"
"""What every cloud's call for lifecycle rules does, so that nobody mends one recording by forgetting all others."""
NARROW = {
    "aws": 'with a filter as narrow as what the finding names, as in `{"Filter": {"Prefix": "FOLDER/"}}`',
    "gcp": (
        "as narrow as what the finding names, as in"
        ' `{"rule": [{"action": {"type": "Delete"}, "condition": {"age": DAYS, "matchesPrefix": ["FOLDER/"]}}]}`'
    ),
    "azure": 'with a filter as narrow as what the finding names, as in `{"prefixMatch": ["CONTAINER/FOLDER/"]}`',
}
"""What a rule has to take, where no rule of the policy file says it."""
TAKES_ALL = "A rule takes whatever its filter meets, recordings or not."
LOCKED = {
    "aws": (
        " No rule takes what Object Lock keeps before its retention ends, or `aws s3api put-object-legal-hold --bucket"
        " {name} --key KEY --legal-hold Status=OFF` lifts its hold."
    ),
    "gcp": (
        " No rule takes what a retention policy or a hold keeps: `gcloud storage objects update gs://{name}/KEY"
        " --no-temporary-hold --no-event-based-hold` lifts holds."
    ),
    "azure": (
        " No rule takes what an immutability policy or a legal hold keeps: `az storage container legal-hold clear"
        " --account-name {holder_name} --container-name {last} --tags TAGS` lifts that of a container."
    ),
}
"""What no rule takes; left out of a store that has neither lock nor hold."""
SOFT_DELETE = " What it deletes can be restored for as long as soft delete keeps it."
"""What a rule of Google Cloud leaves behind ("Soft delete"); left out where that is off."""
SET_RULES = {
    "aws": (
        "Add a rule for them:"
        " `aws s3api put-bucket-lifecycle-configuration --bucket {name} --lifecycle-configuration file://rules.json`"
        f" {REPLACES}, {NARROW['aws']}. {TAKES_ALL}{LOCKED['aws']}"
    ),
    "gcp": (
        f"Add a rule for them: `gcloud storage buckets update gs://{{name}} --lifecycle-file=rules.json` {REPLACES},"
        f" {NARROW['gcp']}; for old versions write daysSinceNoncurrentTime in place of age."
        f" {TAKES_ALL}{SOFT_DELETE}{LOCKED['gcp']}"
    ),
    "azure": (
        "Add a rule for them: `az storage account management-policy create --account-name {holder_name}"
        " --resource-group {group} --policy @rules.json`"
        f" {REPLACES}, {NARROW['azure']}. {TAKES_ALL}{LOCKED['azure']}"
    ),
}
_APART = {
    "aws": "tell them apart by tags (`Filter.Tag`)",
    "gcp": "tell them apart by how keys end (`matchesSuffix`)",
    "azure": "tell them apart by index tags (`blobIndexMatch`)",
}
_HELD = "SELECT store, count(*) FROM objects WHERE held IS DISTINCT FROM FALSE AND NOT delete_marker GROUP BY store"


def disposing(check: Check, world: World, store: Store) -> Check:
    """Return a check whose remedy says of a store what is known of its locks, holds and soft delete."""
    text, name = check.remediation.get(store.provider, ""), store.provider
    if name not in NARROW:
        return check
    if _free(world, store):
        text = text.replace(LOCKED[name], "")
    elif store.lock is not None and store.lock.keeps_current and store.lock.days:
        own = f" The store's lock keeps each object for {counted(store.lock.days, 'day', 'days')}, against every rule."
        text = text.replace(LOCKED[name], f"{own}{LOCKED[name]}")
    if store.soft_delete_days == 0:
        text = text.replace(SOFT_DELETE, "")
    return replace(check, remediation={**check.remediation, name: text})


def disposing_of(check: Check, world: World, decision: Decision, days: int) -> Check:
    """Return a check whose remedy proposes the rule that makes one of the policy file true, of so many days at most.

    None is proposed that would take what another rule keeps for longer.
    """
    made, name = disposing(check, world, decision.store), decision.store.provider
    if name not in NARROW:
        return made
    soft = decision.store.soft_delete_days or 0
    if days - soft < max(decision.rule.min_days or 0, min(days, 1)):
        text = (
            f"No rule is proposed: what is deleted can be got back for {counted(soft, 'day', 'days')} more, which come"
            " on top of the days of a rule. Shorten soft delete first."
        )
    elif kept := _kept_longer(world, decision, days):
        text = (
            f"No rule is proposed: one as wide as this would delete {'; '.join(kept)}, too, since no filter leaves a"
            f" part out. Look at what would go, and write rules for narrower folders, or {_APART[name]}, or move what"
            " is to be kept to a store of its own first."
        )
    else:
        text = made.remediation[name].replace(NARROW[name], _filter(decision, days))
    return replace(made, remediation={**made.remediation, name: text})


def _kept_longer(world: World, decision: Decision, days: int) -> list[str]:
    """Return what a lifecycle rule for a decision would delete before another rule of the policy file lets it go.

    Of a rule for another class in all of a store, only what lies there counts: of a folder, also what may come.
    """
    kept: dict[str, list[str]] = {}
    for media in RECORDED:
        for other in decisions(world, media, [decision.store], every=True):
            rules = [each for each in other.perhaps or (other.rule,) if each is not decision.rule]
            longer = [each for each in rules if each.max_days is None or each.max_days > days]
            there = bool(other.part.prefixes) or _lies(world, other)
            if longer and there and other.part.meets(decision.part.prefixes):
                perhaps = "perhaps " if other.perhaps else ""
                kept.setdefault(f"{other.where}, {perhaps}{_stay(longer[0], days)}", []).append(NOUNS[media][1])
    return [f"{' and '.join(nouns)}{where}" for where, nouns in kept.items()]


def _stay(rule: Retention, days: int) -> str:
    """Say how long a rule of the policy file lets objects stay, or makes them."""
    if rule.min_days is not None and rule.min_days > days:
        return f"to be kept for {counted(rule.min_days, 'day', 'days')}"
    if rule.max_days is None:
        return "for whose keeping there is no maximum"
    return f"which may stay for {counted(rule.max_days, 'day', 'days')}"


def _lies(world: World, decision: Decision) -> bool:
    """Say whether something that a decision is about lies in its store, or may."""
    held = world.estate.objects.counted_in(decision.part, decision.media)
    return decision.store.id in held or bool(unlisted(world.estate, decision.store))


def _filter(decision: Decision, days: int) -> str:
    """Write the part of a lifecycle rule that says what it takes, and where one line holds all of it, the rule."""
    store, prefixes = decision.store, decision.part.prefixes
    soft = store.soft_delete_days or 0
    after = f"after {counted(days - soft, 'day', 'days')}"
    if store.provider == "aws":
        old = "" if store.makes_no_versions else ", those as an old version included"
        filters = [f'`{{"Filter": {{"Prefix": {_text(each)}}}}}`' for each in prefixes or ("",)]
        return f"{after}{old}, with the filter {' and, in a rule of its own, '.join(filters)}"
    more = f", since soft delete adds {counted(soft, 'day', 'days')}" if soft else ""
    if store.provider == "azure":
        inside = [_text(f"{store.name.rpartition('/')[2]}/{each}") for each in prefixes or ("",)]
        return f'{after}, with the filter `{{"prefixMatch": [{", ".join(inside)}]}}`{more}'
    only = f', "matchesPrefix": [{", ".join(map(_text, prefixes))}]' if prefixes else ""
    return (
        f'as in `{{"rule": [{{"action": {{"type": "Delete"}}, "condition": {{"age": {days - soft}{only}}}}}]}}`{more}'
    )


def _text(value: str) -> str:
    """Write text for JSON that stands as code in a remedy: what would end the code, or be filled in, is written out."""
    return re.sub(r"[`{}]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value))


def _free(world: World, store: Store) -> bool:
    """Say whether it is known that neither a lock nor a hold keeps anything in a store."""
    if store.lock is None or store.lock.enabled is not Answer.NO:
        return False
    return not store.lock.holds or store.id not in world.estate.objects.by_store(_HELD)
