"""Keys of recordings with which anyone can decrypt."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Action, Answer, Finding, Severity
from cloudscan.provider import Facet
from cloudscan_checks._exposure import ACCESS, exposure
from cloudscan_checks._facts import not_seen, unread
from cloudscan_checks._keys import guards, unseen_key


@check(
    severity=Severity.CRITICAL,
    needs=(Facet.OBJECTS, Facet.HEADS, *ACCESS),
    subjects=(Facet.ENCRYPTION, Facet.HEADS),
    remediation={
        "aws": (
            "Name the principals that need the key in place of *: `aws kms get-key-policy --region {region}"
            " --key-id {id} --policy-name default`, edit, `aws kms put-key-policy --region {region} --key-id {id}"
            " --policy-name default --policy file://policy.json`."
        ),
        "gcp": (
            "Take the public members off the key: `gcloud kms keys remove-iam-policy-binding {id} --member=allUsers"
            " --role=ROLE`, and the same for allAuthenticatedUsers."
        ),
        "azure": (
            "A vault has no public members: look for a role that is given too widely with"
            " `az role assignment list --scope VAULT_ID --include-inherited`, and for guests in its groups."
        ),
    },
    controls=(
        "CIS-GCP@5.0:1.10",
        "SecurityHub:KMS.5",
        "NIST-800-53@r5:SC-12",
        "NIST-800-53@r5:AC-6",
        "ISO-27001@2022:8.24",
        "SOC2:CC6.1",
        "HIPAA:164.312(a)(2)(iv)",
        "CSA-CCM@4.0:CEK-08",
    ),
    references=("https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",),
)
def key_usable_by_anyone(self: Check, world: World) -> Iterator[Finding]:
    """Key of recordings that anyone can use.

    The key is the second lock. With one that anyone can use, a single mistake in the store's own rules, or one
    copy that went astray, opens the recordings.
    """
    for guard in guards(world.estate):
        key = guard.key
        if key is None:
            yield from unseen_key(self, world, guard)
            continue
        if key.manager == "provider":  # nobody but the cloud can change its policy
            continue
        seen = exposure(world, key.id, [Action.DECRYPT])
        gaps = world.estate.gaps_on(key.id, Facet.KEYS)
        if seen.open:
            message = f"{seen.who} can decrypt with the key of {guard}{seen.terms}"
            yield self.fail(key, message, path=seen.path, evidence=guard.evidence, confidence=seen.confidence)
        elif seen.doubtful or gaps or key.has_policy is Answer.UNKNOWN:
            doubt = seen.doubts if seen.doubtful else unread("the key's policy", gaps)
            message = f"whether anyone can decrypt with the key of {guard} cannot be told: {doubt}"
            yield self.unknown(key, message, evidence=guard.evidence | not_seen(gaps))
        else:
            message = f"no stranger can decrypt with the key of {guard}"
            yield self.passed(key, message, evidence={**guard.evidence, **seen.evidence})
