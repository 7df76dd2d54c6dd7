"""Speech that the cloud may use to train its own models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, Severity
from cloudscan.provider import Facet
from cloudscan_checks._facts import counted, not_seen, unread, untold

_USED = frozenset({"transcription", "call-analytics", "conversation-log"})
"""The kinds of jobs whose content a cloud may keep to improve its services, unless told not to."""


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.JOBS, Facet.ACCOUNTS, Facet.TRAINING_OPT_OUT),
    remediation={
        "aws": (
            "Opt out for the whole organization, in its management account: turn such policies on, `aws organizations"
            " enable-policy-type --root-id ROOT --policy-type AISERVICES_OPT_OUT_POLICY`, write one, `aws organizations"
            " create-policy --type AISERVICES_OPT_OUT_POLICY --name no-training --description no-training"
            " --content file://optout.json`, and attach it, `aws organizations attach-policy --policy-id POLICY"
            " --target-id ROOT`."
        ),
        "gcp": (
            "Data logging of Speech-to-Text is off unless a project joins it, and no API shows it: look in the console"
            " of {account} under Speech-to-Text, Settings; `gcloud services list --project {account}` shows whether the"
            " API is on."
        ),
        "azure": (
            "Turn content logging off at each custom endpoint (loggingEnabled, in older versions of the API"
            " contentLoggingEnabled); see the resources with"
            " `az cognitiveservices account list --subscription {account}`."
        ),
    },
    controls=("NIST-800-53@r5:SA-9(6)", "ISO-27001@2022:5.23", "CSA-CCM@4.0:DSP-16"),
    references=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out.html",
        "https://cloud.google.com/speech-to-text/docs/data-logging",
    ),
)
def speech_used_for_training(self: Check, world: World) -> Iterator[Finding]:
    """Speech that the cloud may use for training.

    Some speech services keep what they are given, and may do so outside its region, to improve their models,
    unless the customer has opted out. Callers were not asked. Judged for accounts that give such services speech.
    """
    given = Counter(job.account for job in world.estate.jobs.values() if job.kind in _USED)
    for account in sorted(world.estate.accounts.values(), key=lambda one: one.id):
        jobs = given[account.id]
        gaps = world.estate.gaps_on(account.id, Facet.JOBS)
        evidence: dict[str, object] = {"jobs": jobs}
        if not jobs and not gaps:
            continue
        use = counted(jobs, "listed job gives it speech", "listed jobs give it speech")
        if account.training_opt_out is Answer.YES:
            yield self.passed(account, f"the account has opted out of training; {use}", evidence=evidence)
        elif account.training_opt_out is Answer.UNKNOWN:
            hidden = world.estate.gaps_on(account.id, Facet.TRAINING_OPT_OUT, Facet.ORGANIZATION)
            message = f"{untold('whether the account has opted out of training', hidden)}; {use}"
            yield self.unknown(account, message, evidence=evidence | not_seen(hidden))
        elif jobs:
            yield self.fail(account, f"the cloud may use speech for training: {use}", evidence=evidence)
        else:
            message = f"the account has not opted out of training, and {unread('its jobs', gaps)}"
            yield self.unknown(account, message, evidence=not_seen(gaps))
