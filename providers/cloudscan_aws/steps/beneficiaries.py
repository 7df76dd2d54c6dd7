"""For whom somebody opens what it may rewrite: for itself, or round its own denies for what else it controls.

Accounts are free, so that whoever writes a policy may name an account of its own, or a service of AWS that hands
objects on for a resource of that account. Denies that bind the writer do not follow there; resource control policies
do bind everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.callers import STRANGER, STRANGERS_ACCOUNT, service
from cloudscan_aws.policy.documents import Policy

_CLOUDFRONT = "cloudfront.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """One for whom something is opened, who then reads: as what a policy names it, and as what a list or grant does.

    ``who`` is what a proof calls it, "" for the writer itself.
    """

    asker: Asker
    principal: Mapping[str, str] | str
    grantee: str
    who: str = ""

    def policy(self, name: str, actions: str, *resources: str) -> Policy:
        """Return the policy that is written for it."""
        statement = {"Effect": "Allow", "Principal": self.principal, "Action": actions, "Resource": list(resources)}
        return Policy.of(name, {"Version": "2012-10-17", "Statement": [statement]})


def itself(writer: Asker) -> Beneficiary:
    """Return the writer as the one for whom it opens things.

    A policy can name a session of the writer's, which its boundary does not limit: here it is named as anybody.
    """
    return Beneficiary(writer, "*", writer.caller.name)


def beneficiaries(writer: Asker) -> Iterator[Beneficiary]:
    """Yield for whom somebody can open things by itself, itself first."""
    yield itself(writer)
    yield from elsewhere(writer)


def elsewhere(writer: Asker) -> Iterator[Beneficiary]:
    """Yield for whom somebody can open things that come from an account of its own."""
    stranger = Asker(f"an account of {writer.principal}", STRANGER, told=writer.told)
    root = f"arn:aws:iam::{STRANGERS_ACCOUNT}:root"
    yield Beneficiary(stranger, {"AWS": root}, STRANGERS_ACCOUNT, "an identity of an account of its own")
    claims = {"aws:SourceAccount": (STRANGERS_ACCOUNT,), "aws:SourceOrgID": (), "aws:SourceOrgPaths": ()}
    of_service = Asker(_CLOUDFRONT, replace(service(_CLOUDFRONT), claims=claims), told=writer.told)
    yield Beneficiary(of_service, {"Service": _CLOUDFRONT}, _CLOUDFRONT, "a distribution in an account of its own")


def in_hand(reader: Asker, account: str) -> Beneficiary:
    """Return an identity of the estate for which another in the same hand opens something of an account."""
    named = "*" if reader.account == account else {"AWS": reader.caller.name}
    return Beneficiary(reader, named, reader.caller.name, reader.principal)
