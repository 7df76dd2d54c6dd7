"""Shared access signatures: whoever holds one may do what it says, within what signed it.

From "Grant limited access to Azure Storage resources using shared access signatures (SAS)", "Create an account SAS",
"Create a service SAS", "Create a user delegation SAS" and "Define a stored access policy": an account or service SAS
is signed with an account key, so that it ends when shared key authorization is disallowed or that key is renewed. A
service SAS may go by a stored access policy of its container, and ends with it. A user delegation SAS is signed with
Entra credentials for seven days at most, and gives no more than what the one who made it may do now.

A field that both a token and its policy state makes the service refuse the token; here the narrower of them holds,
since nobody sees a token but who holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, summarize_address_range

import msgspec

from cloudscan.access import Context
from cloudscan.access.comparisons import Operator, moment
from cloudscan.access.conditions import NEVER, Condition, Test, Unseen, all_of, constant
from cloudscan.access.patterns import Pattern
from cloudscan.model import Answer
from cloudscan_azure.policy.abac import TIME
from cloudscan_azure.policy.operations import Operation

ADDRESS = "ip"
PROTOCOL = "protocol"
_WEEK = 7 * 24 * 60 * 60
ACCOUNT, SERVICE, DELEGATED = "account", "service", "user-delegation"


@dataclass(frozen=True, slots=True)
class Sas:
    """A shared access signature, as its holder sees it; the signature itself is never kept.

    ``container`` and ``path`` say for what a service or user delegation SAS is (an empty path: the whole container;
    ``folder``: all below the path). ``policy`` names a stored access policy. ``delegator`` is the principal that made
    a user delegation SAS. ``key_current`` says whether the account key that signed it is still one.
    """

    kind: str
    permissions: str = ""
    services: str = ""
    resource_types: str = ""
    container: str = ""
    path: str = ""
    folder: bool = False
    start: str = ""
    expiry: str = ""
    addresses: str = ""
    https_only: bool = False
    policy: str = ""
    delegator: str = ""
    key_current: Answer = Answer.YES

    @property
    def by_key(self) -> bool:
        """Whether an account key signed it."""
        return self.kind != DELEGATED

    def covers(self, operation: Operation, container: str, path: str) -> bool:
        """Whether it is for what an operation is about; ``container`` is a name and not an id."""
        if self.kind == ACCOUNT:
            return "b" in self.services and operation.level in self.resource_types and bool(operation.level)
        if self.container != container or operation.level not in ("c", "o"):
            return False
        if operation.level == "c":
            return not self.path or self.folder
        return not self.path or path == self.path or (self.folder and path.startswith(f"{self.path.rstrip('/')}/"))

    def holds(
        self, operation: Operation, policies: Mapping[str, StoredPolicy] | None, container: str, context: Context
    ) -> Condition:
        """Say whether it is good for an operation that it covers, beside what its key or delegator may."""
        return all_of(self._terms(operation, policies, container, context))

    def _terms(
        self, operation: Operation, policies: Mapping[str, StoredPolicy] | None, container: str, context: Context
    ) -> Iterator[Condition]:
        if not self.policy:
            yield from self._says(operation, StoredPolicy(""))
        elif self.kind != SERVICE:
            yield NEVER  # only a service SAS goes by a stored access policy
        elif policies is None:
            yield Unseen(f"the stored access policies of {container} were not read")
        elif self.policy not in policies:
            yield NEVER
        else:
            yield from self._says(operation, policies[self.policy])
        if self.kind == DELEGATED:
            yield constant(value=self._within_a_week(context))
        if self.addresses:
            blocks = tuple(Pattern((block,)) for block in _blocks(self.addresses))
            yield Test(ADDRESS, Operator.IN_NETWORK, blocks, source="the signature")
        if self.https_only:
            yield constant(value=context.values(PROTOCOL) != ("http",))

    def _says(self, operation: Operation, policy: StoredPolicy) -> Iterator[Condition]:
        """Yield what permissions and times ask. What neither the token nor its policy says makes it no good."""
        permissions = [each for each in (self.permissions, policy.permissions) if each]
        ends = [each for each in (self.expiry, policy.expiry) if each]
        yield constant(value=bool(permissions) and bool(ends))
        yield from (constant(value=bool(set(each) & set(operation.letters))) for each in permissions)
        starts = [each for each in (self.start, policy.start) if each]
        yield from (
            Test(TIME, Operator.TIME_AT_EARLIEST, (Pattern((each,)),), source="the signature") for each in starts
        )
        yield from (Test(TIME, Operator.TIME_BEFORE, (Pattern((each,)),), source="the signature") for each in ends)

    def _within_a_week(self, context: Context) -> bool:
        """Whether a key for user delegation can last as long: seven days from when it begins."""
        end, begins = moment(self.expiry), moment(self.start) if self.start else None
        now = moment((context.values(TIME) or ("",))[0])
        start = begins if begins is not None else now
        return end is None or start is None or end - start <= _WEEK


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A stored access policy of a container; what it leaves open is "" and has to stand in the token."""

    id: str
    permissions: str = ""
    start: str = ""
    expiry: str = ""


class _Access(msgspec.Struct):
    start: str | None = None
    expiry: str | None = None
    permission: str | None = None


class _Identifier(msgspec.Struct, rename="camel"):
    id: str
    access_policy: _Access | None = None


class _Written(msgspec.Struct, rename="camel"):
    signed_identifiers: list[_Identifier]


_DECODER = msgspec.json.Decoder(_Written)


def read_policies(document: str) -> Mapping[str, StoredPolicy] | None:
    """Read the stored access policies of a container, as "Get Container ACL" tells them; None for what is none."""
    try:
        written = _DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    told = ((one.id, one.access_policy or _Access()) for one in written.signed_identifiers)
    return {
        name: StoredPolicy(name, access.permission or "", access.start or "", access.expiry or "")
        for name, access in told
    }


def _blocks(text: str) -> Iterator[str]:
    """Yield the blocks of an address or a range of addresses; none for what is neither, which admits nobody."""
    first, _, last = text.partition("-")
    try:
        low, high = ip_address(first.strip()), ip_address((last or first).strip())
        yield from map(str, summarize_address_range(low, high))
    except (ValueError, TypeError):
        return
