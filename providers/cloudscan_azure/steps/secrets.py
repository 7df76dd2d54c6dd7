"""Keys of storage accounts that vaults may keep: only the names of secrets are known, so that each is an honest "if".

From "Provide access to Key Vault keys, certificates, and secrets with Azure RBAC" and "Assign a Key Vault access
policy": either roles decide who reads the secrets of a vault, at the vault or at one secret, or its own policies, and
who may write those lets themselves in. Where it was not read which of the two it is, both may be, and somebody who is
not named may read. The network rules of vaults are not looked at.

Where it was not read which secrets a vault has, each that is read may be one that counts.

Of the secrets of all vaults, those count for an account whose name has that of the account in it, or a word for what
opens one and as a whole word the name of no other account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access import ALWAYS, NEVER, Decision, Effect, Reason
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Test, Unseen, any_of
from cloudscan.access.parts import Part, Way, needed
from cloudscan.access.patterns import Pattern
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.ids import PROVIDER, account_of
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.policy.evaluate import Matter
from cloudscan_azure.policy.operations import managing, on_data
from cloudscan_azure.steps import changes
from cloudscan_azure.steps.scene import Goal, Scene
from cloudscan_azure.steps.tenant import Vault

_VAULTS = "Microsoft.KeyVault/vaults"
READ = on_data(f"{_VAULTS}/secrets/getSecret/action")
ADMITS = (managing(f"{_VAULTS}/accessPolicies/write"), managing(f"{_VAULTS}/write"))
LISTS = "Secrets_List"
HOLDS = "vault-secret:"
"""How keys of conditions begin that say what a secret holds."""
_WORDS = re.compile(r"storage|blob|account-?key|access-?key|conn(ection)?-?str(ing)?|(^|-)sas(-|$)", re.IGNORECASE)
_PLAIN = re.compile(r"(storage|blob|account|access|key|conn|connection|str|string|sas)+s?")
_BETWEEN = re.compile(r"[^a-z0-9]+")


def holds(vault: str, secret: str, account: str) -> Condition:
    """Return the condition that a secret holds a key of an account."""
    words = f"the secret {secret} of {vault} holds a key of {account}"
    key, held = f"{HOLDS}{vault}/secrets/{secret}", (Pattern((account,)),)
    return Test(key, Operator.EQUALS_IGNORING_CASE, held, words=words)


@dataclass(frozen=True)
class Secrets:
    """The secrets of an estate that may hold keys of its storage accounts."""

    scene: Scene

    @cached_property
    def matters(self) -> Sequence[Matter]:
        """All that decides who reads them."""
        secrets = self.scene.tenant.secrets
        every = [(vault, place) for vault in self._vaults for place in self._apart(vault, secrets[vault])]
        every += [(vault, place) for vault in self._unlisted for place in self._places(vault)]
        goals = [goal for vault, place in every for option in self._options(vault, place) for goal in option]
        return list(dict.fromkeys((*self.scene.matters(goals), *changes.matters(self.scene, goals))))

    @cached_property
    def readers(self) -> Sequence[Caller]:
        """Those whom the vaults' own policies let read."""
        opened = filter(None, map(self.scene.tenant.vault, (*self._vaults, *self._unlisted)))
        return self.scene.facts.meant_by(each for one in opened for each in one.readers or ())

    @cached_property
    def _vaults(self) -> Sequence[str]:
        return [
            vault
            for vault, names in self.scene.tenant.secrets.items()
            if any(_is_likely(name) or any(each in name.lower() for each in self._accounts) for name in names)
        ]

    @cached_property
    def _accounts(self) -> frozenset[str]:
        stores = (store for store in self.scene.facts.estate.stores.values() if store.provider == PROVIDER)
        return frozenset(account_of(store.id).rpartition("/")[2] for store in stores)

    def _names(self, secret: str) -> bool:
        """Whether the name of a secret has that of an account among its words, which is no word for what opens one."""
        words = _BETWEEN.split(secret.lower())
        return any(each in self._accounts and not _PLAIN.fullmatch(each) for each in words)

    @cached_property
    def _unlisted(self) -> Sequence[str]:
        """The vaults of which it was not read which secrets they have, or not of all."""
        gaps = (gap for gap in self.scene.facts.estate.gaps if gap.provider == PROVIDER)
        return sorted({gap.resource for gap in gaps if gap.operation == LISTS})

    def _places(self, vault: str) -> Sequence[str]:
        """Return a vault and those of its secrets at which something is assigned."""
        below = self.scene.facts.documents.assigned_below(vault)
        return [vault, *(each for each in below if each.startswith(f"{vault}/secrets/"))]

    def _apart(self, vault: str, secrets: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Sort secrets by where roles are asked: at the secret where something hangs there, else at the vault."""
        found: dict[str, list[str]] = {vault: []}
        for one in secrets:
            itself = f"{vault}/secrets/{one.lower()}"
            found.setdefault(itself if self.scene.hangs(itself) else vault, []).append(one)
        return found

    def _options(self, vault: str, place: str) -> list[tuple[Goal, ...]]:
        """Return what is enough to read: where roles decide one, else to rewrite policies; either where unread."""
        held = self._opened(vault)
        by_roles = [READ] if held is None or held.readers is None else []
        by_policies = ADMITS if held is None or held.readers is not None else ()
        asked = (*((each, place) for each in by_roles), *((each, vault) for each in by_policies))
        return [((each, self.scene.place(where, each)),) for each, where in asked]

    def _opened(self, vault: str) -> Vault | None:
        """Return how a vault is opened; None where it was not read which of the two ways it is."""
        held = self.scene.tenant.vault(vault)
        return held if held is not None and held.told else None

    def ways(self, caller: Caller, account: str) -> Iterator[Way]:
        """Yield how somebody reads a secret that may hold a key of an account."""
        if not caller.signs:
            return
        name = account.rpartition("/")[2]
        for vault, secrets in self.scene.tenant.secrets.items():
            likely = [one for one in secrets if name in one.lower() or (_is_likely(one) and not self._names(one))]
            for place, alike in self._apart(vault, likely).items():
                if alike:
                    yield from self._holding(caller, vault, place, _one_of(vault, alike, account))
        for vault in self._unlisted:
            held = Part("", vault, Decision(Unseen(f"which secrets {vault} has was not read")))
            for place in self._places(vault):
                yield from self._holding(caller, vault, place, held)

    def _holding(self, caller: Caller, vault: str, place: str, held: Part) -> Iterator[Way]:
        """Yield how somebody reads secrets of a vault that are opened alike; ``held`` says what one of them holds."""
        if self._opened(vault) is None:
            unread = Part(READ.action, vault, Decision(Unseen(f"how {vault} is opened was not read")))
            ways: Iterable[Way] = [()] if caller is UNNAMED else self._reading(caller, vault, place)
            yield from ((*way, unread, held) for way in ways)
        elif caller is not UNNAMED:
            yield from ((*way, held) for way in self._reading(caller, vault, place))

    def _reading(self, caller: Caller, vault: str, place: str) -> Iterator[Way]:
        """Yield reading secrets of a vault, the sure way alone if any is."""
        opened = self.scene.tenant.vault(vault)
        if opened is not None and opened.readers is not None:
            meant = any_of(means(each, caller) for each in opened.readers)
            if meant is not NEVER and not caller.stopped:
                words = f"an access policy of {vault} lets {caller.name} read"
                reason = Reason(Effect.ALLOWS, words, opened.document, meant)
                yield (Part(READ.action, vault, Decision(meant, (reason,))),)
            if meant is ALWAYS:
                return
        for option in self._options(vault, place):
            for way, _ in changes.ways(self.scene, caller, option):
                told = way if option[0][0] is READ else (*way, Part(READ.action, vault, Decision(ALWAYS)))
                yield told
                if needed(told) is ALWAYS:
                    return


def _one_of(vault: str, secrets: Sequence[str], account: str) -> Part:
    """Return that one of some secrets of a vault holds a key of an account."""
    told = any_of(holds(vault, secret, account) for secret in secrets)
    there = Reason(Effect.ALLOWS, f"a secret of {vault} may hold a key of {account}", "", told)
    return Part("", vault, Decision(told, (there,)))


def _is_likely(name: str) -> bool:
    return _WORDS.search(name) is not None
