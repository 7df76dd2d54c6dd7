"""Keys of recordings that open them to more principals than may read them."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.access import Grant, Ruling
from cloudscan.check import Check, World, check
from cloudscan.model import Action, Answer, Confidence, Finding, Gap, Key, Severity
from cloudscan.provider import Facet
from cloudscan.undoing import UNDO
from cloudscan_checks._exposure import ACCESS, WHO, exposure
from cloudscan_checks._facts import listed, missing, not_seen, unread
from cloudscan_checks._keys import Guard, guards, unseen_key
from cloudscan_checks._readers import called, examples, terms, unseen_identities


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.HEADS, Facet.PRINCIPALS, *ACCESS),
    subjects=(Facet.ENCRYPTION, Facet.HEADS),
    remediation={
        "aws": (
            "See who is named: `aws kms get-key-policy --region {region} --key-id {id} --policy-name default`. Name"
            " only those who may read the recordings, in place of the whole account:"
            " `aws kms put-key-policy --region {region} --key-id {id} --policy-name default --policy file://policy.json`"
            " or take kms:Decrypt on it out of their own policies. If other data lies under it, give the recordings a"
            " key of their own. Whoever uploads in parts needs kms:Decrypt as well: bind that to kms:ViaService."
        ),
        "gcp": (
            "Take those who may not read off the key: `gcloud kms keys remove-iam-policy-binding {id} --member=MEMBER"
            " --role=roles/cloudkms.cryptoKeyDecrypter`; the store needs only its own service agent on it."
        ),
        "azure": (
            "Take those who may not read off the vault, which needs only the storage account's own managed identity:"
            " who is on it, `az keyvault show --name VAULT`, and who has roles there, `az role assignment list --scope"
            f" SCOPE --include-inherited`. {UNDO}"
        ),
    },
    controls=(
        "SecurityHub:KMS.1",
        "SecurityHub:KMS.2",
        "NIST-800-53@r5:AC-6",
        "NIST-800-53@r5:SC-12",
        "ISO-27001@2022:8.24",
        "SOC2:CC6.1",
        "HIPAA:164.312(a)(2)(iv)",
        "CSA-CCM@4.0:CEK-08",
    ),
    references=("https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",),
)
def key_wider_than_data(self: Check, world: World) -> Iterator[Finding]:
    """Key that opens recordings to more than may read them.

    A key of one's own is a second lock only while fewer people hold it than hold the first. Whoever can decrypt
    with it, but may read nothing in any store that it protects, needs just one slip there, or a copy that went
    astray. Counted are principals that can call the key themselves; a right to decrypt only on the way through a
    service opens nothing to those whom the service refuses. A key that anyone can use has a worse fault, and is not
    judged here.
    """
    for guard in guards(world.estate):
        if guard.key is None:
            yield from unseen_key(self, world, guard)
        elif guard.key.manager == "provider":  # such a key is used on the way through the cloud's own services only
            continue
        elif not exposure(world, guard.key.id, [Action.DECRYPT]).open:
            yield _judged(self, world, guard, guard.key)


def _judged(check: Check, world: World, guard: Guard, key: Key) -> Finding:
    reads = [grant for store in guard.stores for grant in world.access.on(store.id, Action.READ)]
    may_read = {grant.principal for grant in reads}
    holders = [grant for grant in world.access.on(key.id, Action.DECRYPT) if grant.principal not in WHO]
    sure = [grant for grant in holders if grant.decision.ruling is not Ruling.UNKNOWN]
    wide = [grant for grant in sure if grant.principal not in may_read]
    if wide:
        who = sorted({grant.principal for grant in wide})
        certain = [grant for grant in wide if grant.decision.ruling is Ruling.YES]
        asked = "" if certain else f", if {' or if '.join(terms(wide))}"
        message = f"{called(world, who)} can decrypt with the key of {guard}, and read none of them{asked}"
        return check.fail(
            key,
            message,
            path=(certain or wide)[0].steps,
            evidence={**guard.evidence, **examples(who)},
            confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        )
    held = {grant.principal for grant in sure}
    doubts, gaps = _doubts(world, key, [*holders, *(grant for grant in reads if grant.principal in held)])
    if doubts:
        message = f"whether others than readers can decrypt with the key of {guard} cannot be told: {listed(doubts)}"
        return check.unknown(key, message, evidence={**guard.evidence, **not_seen(gaps)})
    message = f"nobody but readers can decrypt with the key of {guard}"
    return check.passed(key, message, evidence={**guard.evidence, **examples(grant.principal for grant in sure)})


def _doubts(world: World, key: Key, grants: list[Grant]) -> tuple[list[str], tuple[Gap, ...]]:
    words, gaps = unseen_identities(world, key.provider, key.account, Facet.PRINCIPALS)
    own = missing(world.estate, key, Facet.KEYS)
    doubts = [words] if words else []
    if own or key.has_policy is Answer.UNKNOWN:
        doubts.append(unread("the key's policy", own))
    return [*doubts, *dict.fromkeys(why for grant in grants for why in grant.decision.unseen)], (*gaps, *own)
