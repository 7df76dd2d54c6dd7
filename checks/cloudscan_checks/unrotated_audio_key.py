"""Customer keys of recordings whose material is never renewed."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, Severity
from cloudscan.provider import Facet
from cloudscan_checks._facts import not_seen, untold
from cloudscan_checks._keys import guards, unseen_key


@check(
    severity=Severity.LOW,
    needs=(Facet.OBJECTS, Facet.ENCRYPTION, Facet.HEADS, Facet.KEYS),
    subjects=(Facet.ENCRYPTION, Facet.HEADS),
    remediation={
        "aws": "Turn rotation on: `aws kms enable-key-rotation --region {region} --key-id {id}`.",
        "gcp": (
            "Set a rotation period: `gcloud kms keys update {id} --rotation-period=90d --next-rotation-time=TIME`."
        ),
        "azure": (
            "Set a rotation policy: `az keyvault key rotation-policy update --vault-name VAULT --name KEY"
            " --value policy.json`."
        ),
    },
    controls=(
        "CIS-AWS@7.0:4.6",
        "CIS-GCP@5.0:1.11",
        "CIS-Azure@6.0:8.3.9",
        "SecurityHub:KMS.4",
        "NIST-800-53@r5:SC-12",
        "NIST-800-53@r5:SC-12(2)",
        "ISO-27001@2022:8.24",
        "CSA-CCM@4.0:CEK-12",
    ),
    references=("https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",),
)
def unrotated_audio_key(self: Check, world: World) -> Iterator[Finding]:
    """Key of recordings that is not rotated.

    Rotation bounds how much speech one leaked key opens. It renews the key for new recordings only, and is
    judged for customer keys that the cloud can rotate; it renews its own keys by itself.
    """
    for guard in guards(world.estate):
        key = guard.key
        if key is None:
            yield from unseen_key(self, world, guard)
        elif key.manager == "provider" or key.rotation_possible is Answer.NO:
            continue
        elif key.rotates is Answer.YES:
            often = f" every {key.rotation_days:,} days" if key.rotation_days else ""
            yield self.passed(key, f"the key of {guard} is rotated{often}", evidence=guard.evidence)
        elif Answer.UNKNOWN in (key.rotates, key.rotation_possible) or key.manager is None:
            gaps = world.estate.gaps_on(key.id, Facet.KEYS)
            message = untold(f"whether the key of {guard} is rotated", gaps)
            yield self.unknown(key, message, evidence=guard.evidence | not_seen(gaps))
        else:
            yield self.fail(key, f"the key of {guard} is not rotated", evidence=guard.evidence)
