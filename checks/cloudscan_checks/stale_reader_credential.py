"""Lasting credentials of readers of speech that are older than the organization has decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cloudscan.access.paths import Path
from cloudscan.check import Check, World, check
from cloudscan.model import Account, Answer, Credential, Finding, Severity, Store
from cloudscan.provider import Facet
from cloudscan.undoing import stopping
from cloudscan_checks._facts import counted, listed, not_seen
from cloudscan_checks._jobs import account_of
from cloudscan_checks._readers import (
    READING,
    SPOKEN,
    SURE,
    called,
    nameless,
    scanned,
    unseen_identities,
    unseen_readers,
)


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.CREDENTIALS, *READING),
    asked_by=lambda policy: policy.access.max_credential_days is not None,
    remediation={
        "aws": (
            "Find the key by the last letters of its id, `aws iam list-access-keys --user-name {name}`, give whoever"
            f" needs it a role or a new key; of the old one: {stopping('access-key', '{name}', 'KEY')}."
        ),
        "gcp": (
            "Let whoever needs it impersonate the service account or come through a pool, or make a new key; of the old"
            f" one: {stopping('service-account-key', '{name}', 'KEY')}; of an HMAC key:"
            f" {stopping('hmac-key', '', 'KEY')}."
        ),
        "azure": (
            "Use a managed identity, or add a secret, `az ad app credential reset --id APP --append`: without --append"
            f" all others go at once. Of the old one: {stopping('client-secret', 'APP', 'KEY')} (of a certificate with"
            f" --cert). Of a key of a storage account: {stopping('account-key', 'ACCOUNT', '')}."
        ),
    },
    controls=(
        "CIS-Azure@6.0:9.3.1.2",
        "NIST-800-53@r5:AC-3",
        "ISO-27001@2022:5.18",
        "SOC2:CC6.1",
        "PCI-DSS@4.0.1:7.2.5",
        "ATT&CK:T1078",
    ),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
        "https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys",
        "https://cloud.google.com/storage/docs/authentication/hmackeys",
    ),
)
def stale_reader_credential(self: Check, world: World) -> Iterator[Finding]:
    """Old credential of somebody who reads speech.

    An access key, a service account's key or an HMAC key works for whoever holds it, from wherever, until somebody
    deletes it; the older it is, the more laptops, logs and backups it has been in. Judged only when the policy file
    says how old one may become (access.max_credential_days), of identities that read recordings or transcripts by
    their own rights or by steps that change nothing, and of keys that open a whole place to whoever holds them. One
    that is turned off or has expired opens nothing.
    """
    most = world.policy.access.max_credential_days
    if most is None:
        return
    readers = _known_readers(world)
    accounts = {store.account: store.provider for store in world.estate.stores_with(*SPOKEN)}
    # A directory's identities are those of all accounts below it, and judged once.
    homes = {one.organization for one in world.estate.accounts.values() if one.organization}
    looked_at = scanned(world.estate) | homes
    held = world.estate.principals
    accounts |= {held[name].account: held[name].provider for name in readers.all if name in held}
    for name, provider in sorted(accounts.items()):
        if name in looked_at:
            yield from _judged(self, world, provider, name, readers, most)


@dataclass(slots=True)
class _Readers:
    """Who reads speech without changing the cloud, with the shortest path of which it is known that it leads there,
    and who perhaps does.
    """

    sure: dict[str, Path] = field(default_factory=dict)
    perhaps: set[str] = field(default_factory=set)

    @property
    def all(self) -> set[str]:
        return self.sure.keys() | self.perhaps


def _known_readers(world: World) -> _Readers:
    found = _Readers()
    for media in SPOKEN:
        for store in world.estate.stores_with(media):
            for reader in world.access.readers(store.id, media):
                paths = [path for path in reader.paths if not path.changes]
                known = [path for path in paths if path.ruling in SURE]
                if known:
                    mine = [found.sure[reader.principal]] if reader.principal in found.sure else []
                    found.sure[reader.principal] = min([*mine, *known], key=lambda path: path.length)
                elif paths:
                    found.perhaps.add(reader.principal)
    return found


def _judged(check: Check, world: World, provider: str, name: str, readers: _Readers, most: int) -> Iterator[Finding]:
    """Judge the credentials of the identities of one account."""
    account = account_of(world.estate, provider, name)
    doubts: dict[str, None] = {}
    failed, others = 0, False
    for one in _working(world, provider, name):
        days = None if one.created is None else (world.now - one.created).days
        if days is not None and days <= most:
            continue
        opened = [store for store in world.estate.stores_with(*SPOKEN) if store.id.startswith(f"{one.principal}/")]
        if not opened and one.principal not in readers.sure:
            others = True
            if one.principal in readers.perhaps:
                doubts[f"{called(world, [one.principal])} perhaps reads speech"] = None
        elif days is None or one.enabled is not Answer.YES:
            what = "how old it is" if days is None else "whether it works"
            doubts[f"{what} is not known of {_kind(one)} of {called(world, [one.principal])}"] = None
        elif opened:
            failed += 1
            yield _opens(check, account, one, days, most, opened)
        else:
            failed += 1
            yield _old(check, world, one, days, most, readers.sure[one.principal])
    words, gaps = unseen_identities(world, provider, name, Facet.PRINCIPALS, Facet.CREDENTIALS)
    doubts |= dict.fromkeys(why for why in (words, nameless(world, provider)) if why)
    for store in (
        world.estate.stores_with(*SPOKEN) if others else ()
    ):  # their holders may be readers of whom is not known
        if store.provider == provider:
            unseen, more = unseen_readers(world, store)
            doubts |= dict.fromkeys(unseen)
            gaps += more
    evidence: Mapping[str, object] = {"max_credential_days": most, **not_seen(dict.fromkeys(gaps))}
    if doubts:
        rest = "further credentials" if failed else "credentials"
        message = (
            f"whether {rest} of those who read speech are older than {_days(most)} cannot be told: {listed(doubts)}"
        )
        yield check.unknown(account, message, evidence=evidence)
    elif not failed:
        yield check.passed(
            account, f"no credential of those who read speech is older than {_days(most)}", evidence=evidence
        )


def _working(world: World, provider: str, account: str) -> list[Credential]:
    """Return the credentials of an account that were not turned off and have not expired."""
    return [
        one
        for _, one in sorted(world.estate.credentials.items())
        if (one.provider, one.account) == (provider, account)
        and one.enabled is not Answer.NO
        and (one.expires is None or one.expires > world.now)
    ]


def _old(check: Check, world: World, one: Credential, days: int, most: int, path: Path) -> Finding:
    who = world.estate.principals.get(one.principal) or account_of(world.estate, one.provider, one.account)
    return check.fail(
        who,
        f"{called(world, [one.principal])} can read speech with {_kind(one)} that is {_days(days)} old, of which"
        f" {most:,} is the most",
        locator=one.id,
        path=path.steps,
        evidence={"credential": one.id, "kind": one.kind, "days": days, "max_credential_days": most},
    )


def _opens(check: Check, account: Account, one: Credential, days: int, most: int, opened: Sequence[Store]) -> Finding:
    """Judge a key that is nobody's and opens all that lies in a place to whoever holds it."""
    return check.fail(
        account,
        f"whoever holds {_kind(one)} that is {_days(days)} old, of which {most:,} is the most, can read speech in"
        f" {listed([store.name for store in opened], 3)}",
        locator=one.id,
        evidence={"credential": one.id, "kind": one.kind, "days": days, "max_credential_days": most},
    )


_KINDS = {"access-key": "an access key", "hmac-key": "an HMAC key", "account-key": "an account key"}


def _kind(one: Credential) -> str:
    return _KINDS.get(one.kind, f"a {one.kind.replace('-', ' ')}")


def _days(number: int) -> str:
    return counted(number, "day", "days")
