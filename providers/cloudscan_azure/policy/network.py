"""From where a storage account answers, as a condition on the network of a request.

From "Azure Storage firewall and virtual network rules": the rules hold for every request for data, whether it is
signed with a key, a shared access signature or a token, or not at all. Private endpoints are not bound by them.
Trusted services may be let past them, as may single resources by their managed identities; both sign in as an identity
that is no person, and both pass where public network access is disabled, too: the exceptions "will remain in effect".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

import msgspec

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Condition, Over, Test, Unseen, any_of
from cloudscan.access.patterns import Pattern
from cloudscan_azure.policy.callers import Caller

NETWORK = "network"
"""Where a request comes from: its address, subnet, private endpoint or resource, or what lets it past the rules."""
TRUSTED = "trusted-azure-service"
PERIMETER = "network-security-perimeter"


@dataclass(frozen=True, slots=True)
class Rules:
    """The network rules of a storage account.

    ``unread`` names what may let in more and was left out or makes no sense; ``fault`` says why none of them is known,
    "" where they are.
    """

    account: str
    open_to_all: bool = False
    addresses: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    perimeter: bool = False
    trusted: bool = False
    unread: tuple[str, ...] = ()
    fault: str = ""

    def admits(self, caller: Caller | None) -> Condition:
        """Say from where somebody is answered; None is who shows a key or a signature."""
        if self.fault:
            return Unseen(self.fault)
        return ALWAYS if self.open_to_all else any_of(self._ways(caller))

    def _ways(self, caller: Caller | None) -> Iterator[Condition]:
        source = f"network rules of {self.account}"
        if self.addresses:
            yield Test(NETWORK, Operator.IN_NETWORK, _patterns(self.addresses), Over.ANY, source=source)
        named = (*self.subnets, *self.endpoints, *((PERIMETER,) if self.perimeter else ()))
        if caller is not None and caller.may_be_a_service:
            named = (*named, *self.resources, *((TRUSTED,) if self.trusted else ()))
        if named:
            yield Test(NETWORK, Operator.EQUALS_IGNORING_CASE, _patterns(named), Over.ANY, source=source)
        yield from (Unseen(f"the {what} of {self.account} {_UNCLEAR}") for what in self.unread)


def _patterns(texts: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(Pattern((text,)) for text in texts)


class _Rule(msgspec.Struct, rename="camel"):
    value: str = ""
    id: str = ""
    action: str | None = None
    resource_id: str = ""


class _Acls(msgspec.Struct, rename="camel"):
    bypass: str | None = None
    default_action: str | None = None
    ip_rules: list[_Rule] | None = None
    ipv6_rules: list[_Rule] | None = None
    virtual_network_rules: list[_Rule] | None = None
    resource_access_rules: list[_Rule] | None = None


class _Named(msgspec.Struct):
    id: str = ""


class _Status(msgspec.Struct):
    status: str | None = None


class _Connected(msgspec.Struct, rename="camel"):
    private_endpoint: _Named | None = None
    private_link_service_connection_state: _Status | None = None


class _Connection(msgspec.Struct):
    properties: _Connected = msgspec.field(default_factory=_Connected)


class _Written(msgspec.Struct, rename="camel"):
    public_network_access: str | None = None
    network_acls: _Acls | None = None
    private_endpoint_connections: list[_Connection] | None = None


_DECODER = msgspec.json.Decoder(_Written)
_UNCLEAR = "were not read, or make no sense"
_PARTS = ("address rules", "virtual network rules", "private endpoints")


def read_rules(account: str, document: str) -> Rules:
    """Read the properties of a storage account that are about networks. Total: what makes no sense is a fault.

    From "Storage Accounts - Get Properties": no publicNetworkAccess is Enabled, as accounts were before it existed, and
    bypass is AzureServices unless it is told. Rules for IPv6 and for single resources, which versions of the API before
    them leave out, are none then. What else is left out may let somebody in, and is not known.
    """
    try:
        written = _DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Rules(account, fault=f"the network rules of {account} are malformed")
    access, acls = (written.public_network_access or "Enabled").lower(), written.network_acls
    endpoints = tuple(_endpoints(written.private_endpoint_connections or ()))
    if access not in ("enabled", "disabled", "securedbyperimeter"):
        return Rules(account, fault=f"what public network access {access!r} of {account} means is not known")
    if access == "enabled" and acls is None:
        return Rules(account, fault=f"the network rules of {account} were not read")
    acls = acls or _Acls()
    public, default = access == "enabled", (acls.default_action or "").lower()
    if public and default not in ("allow", "deny"):
        return Rules(account, fault=f"what the network rules of {account} do by default was not read")
    told = (acls.ip_rules, acls.virtual_network_rules) if public else ([], [])
    rules = [rule for rule in (*(acls.ip_rules or ()), *(acls.ipv6_rules or ())) if public and _allows(rule)]
    parts = (*told, written.private_endpoint_connections)
    return Rules(
        account,
        open_to_all=default == "allow" and public,
        addresses=tuple(rule.value for rule in rules if _is_clear(rule)),
        subnets=tuple(rule.id.lower() for rule in acls.virtual_network_rules or () if public and _allows(rule)),
        endpoints=endpoints,
        resources=tuple(rule.resource_id.lower() for rule in acls.resource_access_rules or ()),
        perimeter=access == "securedbyperimeter",
        trusted="azureservices" in (acls.bypass or "AzureServices").lower() and access != "securedbyperimeter",
        unread=tuple(name for name, part in zip(_PARTS, parts, strict=True) if part is None)
        + (() if all(map(_is_clear, rules)) else (f"some of the {_PARTS[0]}",)),
    )


def _is_clear(rule: _Rule) -> bool:
    """Whether a rule is for an address or a block of them, as all are ("Storage Accounts - Get Properties")."""
    try:
        ip_network(rule.value, strict=False)
    except ValueError:
        return False
    return True


def _allows(rule: _Rule) -> bool:
    return (rule.action or "Allow").lower() == "allow"


def _endpoints(connections: list[_Connection] | tuple[()]) -> Iterator[str]:
    for one in connections:
        state, endpoint = one.properties.private_link_service_connection_state, one.properties.private_endpoint
        if endpoint is not None and state is not None and (state.status or "").lower() == "approved":
            yield endpoint.id.lower()
