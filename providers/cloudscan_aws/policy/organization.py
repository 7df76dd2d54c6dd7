"""The organization's guardrails: what its policies allow at most, and whom they do not bind.

From the "AWS Organizations User Guide": service control policies bind the users and roles of member accounts,
their root users too; resource control policies bind everybody's use of a member account's resources. Neither
binds the management account nor service-linked roles, and RCPs leave AWS managed keys alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudscan_aws.policy.documents import Policy

Levels = tuple[tuple[Policy, ...], ...]
"""Policies by level: the organization's root first, then each unit, the account last."""


@dataclass(frozen=True, slots=True, eq=False)
class Guardrails:
    """The policies above one account; None where they were not read. They compare by identity, to be remembered by.

    AWS's own RCP that allows everything is left out of ``resource``, since it is always there.
    """

    service: Levels | None = ()
    resource: Levels | None = ()


NOTHING = Guardrails()
"""What binds nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class Organization:
    """An organization: its id, its management account, and the guardrails over its member accounts.

    Organizations compare by identity, to be remembered by.
    """

    id: str = ""
    management_account: str = ""
    members: Mapping[str, Guardrails] = field(default_factory=dict)

    def has(self, account: str) -> bool:
        """Say whether an account belongs to it."""
        return bool(account) and (account in self.members or account == self.management_account)

    def over(self, account: str) -> Guardrails:
        """Return what binds an account: nothing for the management account and for strangers."""
        if account == self.management_account:
            return NOTHING
        return self.members.get(account, NOTHING)


NO_ORGANIZATION = Organization()
"""A standalone account. An organization that could not be read is None instead."""

RCP_SERVICES = frozenset(
    "s3 sts kms sqs secretsmanager cognito-identity cognito-idp logs dynamodb ecr aoss".split()  # noqa: SIM905
)
"""The services whose resources RCPs govern ("Resource control policies: list of supported services")."""
