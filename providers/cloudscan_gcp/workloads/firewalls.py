"""Whether a network lets those outside sign in to a machine (SSH, port 22). Pure but for the one question a network.

From "VPC firewall rules" and "Firewall policy rule details": of the rules that are about a machine, that of the lowest
priority counts, one that denies before one that allows; where none is, nobody outside comes in. Firewall policies, of
folders and networks, may come before the rules of a network: what they say is not worked out, and leaves it open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from cloudscan.model import Answer, Gap
from cloudscan.provider import Facet
from cloudscan.providing.parts import items, texts
from cloudscan.providing.questions import named
from cloudscan_gcp.session import Asker

_PORT = 22
V4, V6 = "0.0.0.0/0", "::/0"
"""All addresses of the Internet, by their version."""
_TUNNEL = IPv4Network("35.235.240.0/20")
"""Whence Identity-Aware Proxy comes, which lets nobody in without a right ("Using IAP for TCP forwarding")."""
_HANDS_ON = "goto_next"
Rule = Mapping[str, Any]


class Firewalls:
    """The rules of the networks of a project's machines, each network asked once."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._read: dict[str, Mapping[str, Any] | Gap] = {}

    def fetch(self, network: str) -> Mapping[str, Any] | Gap:
        """Return what is in force in a network, by its address; the network may be another project's (Shared VPC)."""
        if network not in self._read:
            project, _, name = network.partition("/projects/")[2].partition("/global/networks/")
            reply = self._asker.ask(
                "compute.networks.getEffectiveFirewalls",
                named("compute/v1/projects/{}/global/networks/{}/getEffectiveFirewalls", project, name),
                facet=Facet.WORKLOADS,
                resource=f"projects/{project}/global/networks/{name}",
                permission="compute.networks.getEffectiveFirewalls",
            )
            self._read[network] = reply if isinstance(reply, Gap | dict) else {}
        return self._read[network]


def lets_in(effective: Mapping[str, Any], tags: Iterable[str], account: str, internet: str = V4) -> Answer:
    """Say whether anybody on the Internet may sign in to a machine with these network tags and this account.

    ``internet`` is V4 or V6, by the address that the machine has.
    """
    policies = (rule for policy in items(effective, "firewallPolicys") for rule in items(policy, "rules"))
    if any(_is_on(rule) and rule.get("action") != _HANDS_ON for rule in policies):
        return Answer.UNKNOWN
    meant = frozenset(tags)
    rules = [rule for rule in items(effective, "firewalls") if _is_on(rule) and _is_about(rule, meant, account)]
    some = False
    for rule in sorted(rules, key=lambda rule: (_priority(rule), not rule.get("denied"))):
        if not _on_port([*items(rule, "denied"), *items(rule, "allowed")]):
            continue
        everybody, somebody = _outside(rule, internet)
        if rule.get("denied"):
            if everybody:
                break
        elif everybody:
            return Answer.YES
        some = some or (somebody and not rule.get("denied"))
    return Answer.UNKNOWN if some else Answer.NO


def _is_on(rule: Rule) -> bool:
    return rule.get("disabled") is not True and rule.get("direction", "INGRESS") == "INGRESS"


def _is_about(rule: Rule, tags: frozenset[str], account: str) -> bool:
    by_tag, by_account = texts(rule, "targetTags"), texts(rule, "targetServiceAccounts")
    return not (by_tag or by_account) or not tags.isdisjoint(by_tag) or account in by_account


def _priority(rule: Rule) -> int:
    told = rule.get("priority")
    return told if isinstance(told, int) else 1000


def _on_port(entries: Iterable[Rule]) -> bool:
    """Say whether one of a rule's lines is about the port."""
    for entry in entries:
        if str(entry.get("IPProtocol")).casefold() in ("tcp", "6", "all"):
            ports = texts(entry, "ports")
            if not ports or any(_holds(each) for each in ports):
                return True
    return False


def _holds(ports: str) -> bool:
    first, _, last = ports.partition("-")
    return first.isdecimal() and int(first) <= _PORT <= int(last if last.isdecimal() else first)


def _outside(rule: Rule, internet: str) -> tuple[bool, bool]:
    """Say whether a rule is about everybody on the Internet, and whether it is about somebody there.

    One without any source is about all addresses of version 4.
    """
    inner = texts(rule, "sourceTags") or texts(rule, "sourceServiceAccounts")
    ranges = texts(rule, "sourceRanges") or (() if inner else (V4,))
    everybody = internet in ranges
    return everybody, everybody or any(_is_public(each, internet) for each in ranges)


def _is_public(text: str, internet: str) -> bool:
    try:
        network: IPv4Network | IPv6Network = ip_network(text, strict=False)
    except ValueError:
        return True
    if network.version != ip_network(internet).version or network.is_private:
        return False
    return isinstance(network, IPv6Network) or not network.subnet_of(_TUNNEL)
