"""Recordings under a key that the policy file does not approve."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan_checks._facts import amount, counted, holder, listed, missing, not_seen, unlisted, unread
from cloudscan_checks._keys import Use, approval, uses

_SAID = {
    "none": "no recorded encryption",
    "provider": "a key that the cloud alone holds",
    "provider-kms": "a key that the cloud manages",
    "customer": "a customer key",
    "customer-supplied": "a key that the caller sends",
}


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.ENCRYPTION, Facet.HEADS, Facet.KEYS),
    asked_by=lambda policy: bool(policy.keys.approved or policy.keys.require_customer_key),
    remediation={
        "aws": (
            "Name the approved key as default: `aws s3api put-bucket-encryption --bucket {name}"
            " --server-side-encryption-configuration file://encryption.json`; then copy older recordings onto"
            " themselves, since a new default changes none of them (S3 Batch Operations: copy)."
        ),
        "gcp": (
            "Let Cloud Storage use the approved key: `gcloud storage service-agent --project={account}"
            " --authorize-cmek=KEY`; name it as default: `gcloud storage buckets update gs://{name}"
            " --default-encryption-key=KEY`; then rewrite what is there, which takes live versions alone:"
            " `gcloud storage objects update gs://{name}/'**' --encryption-key=KEY`."
        ),
        "azure": (
            "Let the managed identity of the storage account use the approved key (role Key Vault Crypto Service"
            " Encryption User), then encrypt the account with it: `az storage account update --ids {holder}"
            " --encryption-key-source Microsoft.Keyvault --encryption-key-vault VAULT_URI --encryption-key-name KEY`."
        ),
    },
    controls=(
        "SecurityHub:S3.17",
        "NIST-800-53@r5:SC-28(1)",
        "NIST-800-53@r5:SC-12",
        "ISO-27001@2022:8.24",
        "SOC2:CC6.7",
        "HIPAA:164.312(a)(2)(iv)",
        "CSA-CCM@4.0:CEK-08",
    ),
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html",),
)
def audio_outside_approved_key(self: Check, world: World) -> Iterator[Finding]:
    """Recordings outside an approved key.

    Every cloud encrypts what it stores; the question is who can undo it. Only a key of your own can be withheld,
    watched and withdrawn. Judged only when the policy file names approved keys or asks for customer keys: once
    for the store's default, which new recordings get, and once for the recordings that are there, each of which
    keeps the key it was written with.
    """
    wish = world.policy.keys
    if not wish.approved and not wish.require_customer_key:
        return
    used = uses(world.estate)
    for store in world.estate.stores_with(MediaClass.SPEECH):
        yield _default(self, world, store)
        yield _existing(self, world, store, used.get(store.id, ()))


def _default(check: Check, world: World, store: Store) -> Finding:
    default = store.encryption
    names = holder(store)
    if default is None:
        gaps = missing(world.estate, store, Facet.ENCRYPTION)
        message = unread("the default encryption", gaps)
        return check.unknown(store, message, locator="default", evidence=not_seen(gaps), names=names)
    answer, why = approval(world, default.mode, default.key)
    evidence = {"mode": default.mode, "key": default.key}
    said = _SAID.get(default.mode, default.mode)
    if answer is Answer.UNKNOWN:
        gaps = missing(world.estate, store, Facet.KEYS)
        message = f"new recordings get {said}, {why}"
        return check.unknown(store, message, locator="default", evidence=evidence | not_seen(gaps), names=names)
    if answer is Answer.NO:
        return check.fail(store, f"new recordings get {said}, {why}", locator="default", evidence=evidence, names=names)
    return check.passed(store, "new recordings get an approved key", locator="default", evidence=evidence)


def _existing(check: Check, world: World, store: Store, used: tuple[Use, ...]) -> Finding:
    whole = amount(world.estate, store, MediaClass.SPEECH)
    judged = [(use, *approval(world, use.mode, use.key)) for use in used]
    read = sum(use.objects for use in used)
    wrong = [(use, why) for use, answer, why in judged if answer is Answer.NO]
    doubts = [(use, why) for use, answer, why in judged if answer is Answer.UNKNOWN]
    names = holder(store)
    evidence: dict[str, object] = {"heads_read": read, "objects": whole.objects}
    if wrong:
        number = sum(use.objects for use, _ in wrong)
        message = f"{counted(number, 'recording', 'recordings')} of {read:,} looked at: {_ways(wrong)}"
        evidence |= {"keys": [use.key or use.mode for use, _ in wrong], "example": wrong[0][0].example}
        return check.fail(store, message, locator="objects", evidence=evidence, names=names)
    gaps = missing(world.estate, store, Facet.HEADS)
    if doubts:
        number = sum(use.objects for use, _ in doubts)
        message = f"{counted(number, 'recording', 'recordings')} of {read:,} looked at: {_ways(doubts)}"
        return check.unknown(store, message, locator="objects", evidence=evidence | not_seen(gaps), names=names)
    rest = unlisted(world.estate, store)
    if read < whole.objects or rest:
        message = f"the keys of {read:,} of {whole} are known, all approved: read more heads with --heads"
        if not read:
            message = f"the keys of 0 of {whole} are known: read their heads with --heads"
        return check.unknown(store, message, locator="objects", evidence=evidence | not_seen(gaps, rest), names=names)
    return check.passed(store, f"approved keys protect {whole}", locator="objects", evidence=evidence)


def _ways(found: list[tuple[Use, str]]) -> str:
    return listed(dict.fromkeys(f"{_SAID.get(use.mode, use.mode)}, {why}" for use, why in found))
