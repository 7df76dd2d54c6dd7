"""Keys of storage accounts that vaults may keep: only the names of secrets are known, so that each is an honest "if".

From "Provide access to Key Vault keys, certificates, and secrets with Azure RBAC" and "Assign a Key Vault access
policy": either roles decide who reads the secrets of a vault, or its own policies, and who may write those lets
themselves in. The network rules of vaults are not looked at.

Of the secrets of all vaults, those count for an account whose name has that of the account in it, or a word for what
opens one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access import ALWAYS, NEVER, Decision, Effect, Reason
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Test, any_of
from cloudscan.access.parts import Part, Way, needed
from cloudscan.access.patterns import Pattern
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.ids import account_of
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.policy.evaluate import Matter
from cloudscan_azure.policy.operations import managing, on_data
from cloudscan_azure.steps import changes
from cloudscan_azure.steps.scene import Goal, Scene

_VAULTS = "Microsoft.KeyVault/vaults"
READ = on_data(f"{_VAULTS}/secrets/getSecret/action")
ADMITS = (managing(f"{_VAULTS}/accessPolicies/write"), managing(f"{_VAULTS}/write"))
HOLDS = "vault-secret:"
"""How keys of conditions begin that say what a secret holds."""
_WORDS = re.compile(r"storage|blob|account-?key|access-?key|conn(ection)?-?str(ing)?|(^|-)sas(-|$)", re.IGNORECASE)


def holds(vault: str, secret: str, account: str) -> Condition:
    """Return the condition that a secret holds a key of an account."""
    return Test(f"{HOLDS}{vault}/secrets/{secret}", Operator.EQUALS_IGNORING_CASE, (Pattern((account,)),))


@dataclass(frozen=True)
class Secrets:
    """The secrets of an estate that may hold keys of its storage accounts."""

    scene: Scene

    @cached_property
    def matters(self) -> Sequence[Matter]:
        """All that decides who reads them."""
        goals = [goal for vault in self._vaults for option in self._options(vault) for goal in option]
        return list(dict.fromkeys((*self.scene.matters(goals), *changes.matters(self.scene, goals))))

    @cached_property
    def readers(self) -> Sequence[Caller]:
        """Those whom the vaults' own policies let read."""
        opened = filter(None, map(self.scene.tenant.vault, self._vaults))
        return self.scene.facts.meant_by(each for one in opened for each in one.readers or ())

    @cached_property
    def _vaults(self) -> Sequence[str]:
        accounts = {account_of(store.id).rpartition("/")[2] for store in self.scene.facts.estate.stores.values()}
        return [
            vault
            for vault, names in self.scene.tenant.secrets.items()
            if any(_is_likely(name) or any(each in name.lower() for each in accounts) for name in names)
        ]

    def _options(self, vault: str) -> list[tuple[Goal, ...]]:
        held = self.scene.tenant.vault(vault)
        if held is None or held.readers is None:
            return [((READ, self.scene.place(vault, READ)),)]
        return [((each, self.scene.place(vault, each)),) for each in ADMITS]

    def ways(self, caller: Caller, account: str) -> Iterator[Way]:
        """Yield how somebody reads a secret that may hold a key of an account."""
        if caller is UNNAMED or not caller.signs:
            return
        name = account.rpartition("/")[2]
        for vault, secrets in self.scene.tenant.secrets.items():
            likely = [one for one in secrets if _is_likely(one) or name in one.lower()]
            if not likely:
                continue
            told = any_of(holds(vault, secret, account) for secret in likely)
            there = Reason(Effect.ALLOWS, f"a secret of {vault} may hold a key of {account}", "", told)
            held = Part("", vault, Decision(told, (there,)))
            yield from ((*way, held) for way in self._reading(caller, vault))

    def _reading(self, caller: Caller, vault: str) -> Iterator[Way]:
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
        for option in self._options(vault):
            for way, _ in changes.ways(self.scene, caller, option):
                told = way if option[0][0] is READ else (*way, Part(READ.action, vault, Decision(ALWAYS)))
                yield told
                if needed(told) is ALWAYS:
                    return


def _is_likely(name: str) -> bool:
    return _WORDS.search(name) is not None
