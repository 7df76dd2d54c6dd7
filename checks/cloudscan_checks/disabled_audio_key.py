"""Keys of recordings that are switched off or about to be deleted."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Finding, Severity
from cloudscan.provider import Facet
from cloudscan_checks._facts import not_seen, unread
from cloudscan_checks._keys import guards, unseen_key

_DEAD = {"disabled": "disabled", "pending-deletion": "about to be deleted"}


@check(
    severity=Severity.HIGH,
    needs=(Facet.OBJECTS, Facet.ENCRYPTION, Facet.HEADS, Facet.KEYS),
    subjects=(Facet.ENCRYPTION, Facet.HEADS),
    remediation={
        "aws": (
            "If the recordings must stay readable, stop the deletion: `aws kms cancel-key-deletion --region {region}"
            " --key-id {id}`, then `aws kms enable-key --region {region} --key-id {id}`. If they are meant to go,"
            " delete the recordings as well."
        ),
        "gcp": (
            "If the recordings must stay readable, for each version of the key that they lie under:"
            " `gcloud kms keys versions restore {id}/cryptoKeyVersions/VERSION`, then"
            " `gcloud kms keys versions enable {id}/cryptoKeyVersions/VERSION`; one that was destroyed does not come"
            " back. If they are meant to go, delete the recordings as well."
        ),
        "azure": (
            "If the recordings must stay readable: `az keyvault key set-attributes --id {id} --enabled true`; a deleted"
            " key comes back with `az keyvault key recover --vault-name VAULT --name KEY`."
        ),
    },
    controls=("SecurityHub:KMS.3", "NIST-800-53@r5:SC-12", "ISO-27001@2022:8.24", "CSA-CCM@4.0:CEK-14"),
    references=("https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",),
)
def disabled_audio_key(self: Check, world: World) -> Iterator[Finding]:
    """Key of recordings that is disabled or going away.

    While the key is off, nobody can read what it protects; once it is deleted, nobody ever can. That may be a
    duty kept (shredding by key) or a duty broken (records that must be kept): somebody has to know which.
    """
    for guard in guards(world.estate):
        key = guard.key
        if key is None:
            yield from unseen_key(self, world, guard)
        elif key.state in _DEAD:
            when = f" on {key.deletion_date.date().isoformat()}" if key.deletion_date else ""
            message = f"the key of {guard} is {_DEAD[key.state]}{when}: they cannot be read"
            yield self.fail(key, message, evidence={**guard.evidence, "state": key.state})
        elif key.state == "enabled":
            yield self.passed(key, f"the key of {guard} is enabled", evidence=guard.evidence)
        else:
            gaps = world.estate.gaps_on(key.id, Facet.KEYS)
            doubt = f"its state is {key.state}" if key.state else unread("its state", gaps)
            message = f"whether the key of {guard} works cannot be told: {doubt}"
            yield self.unknown(key, message, evidence=guard.evidence | not_seen(gaps))
