"""Which addresses may be connected to: those of the public internet, and what the settings allow by name. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from workflows.errors import UnderstudyError
from workflows.records import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is given out of IPv6 (IANA, IPv6 Global Unicast Address Assignments). What lies outside and is called global
by `ipaddress` leads elsewhere: NAT64 (64:ff9b::/96) and IPv4-compatible addresses hold an IPv4 address of anybody's."""

LEADS_ELSEWHERE = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))
"""Teredo and 6to4: an IPv4 address inside of an IPv6 address."""

CLOUD = frozenset({ipaddress.IPv4Address("168.63.129.16")})
"""Public by number, and yet a machine's own cloud host: Azure's WireServer."""

_ENTRY = re.compile(r"(?:\[([^\]]+)\]|([^\s:/@?#*\[\]]+))(?::([0-9]{1,5}))?")


def refusal(text: str) -> str:
    """Why nothing may be connected to this address, in words that complete "it is …"; empty where it may."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return "no address"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            # `::ffff:127.0.0.1` is not loopback for every version of `ipaddress`.
            return refusal(str(address.ipv4_mapped))
        if address.is_loopback:
            return "this machine itself"
        if address not in GLOBAL_UNICAST or any(address in network for network in LEADS_ELSEWHERE):
            return "not an address of the public internet"
    if address.is_loopback or address.is_unspecified:
        return "this machine itself"
    # `is_private` is not the opposite: 100.64.0.0/10 is neither private nor global.
    if address.is_multicast or not address.is_global or address in CLOUD:
        return "not an address of the public internet"
    return ""


@dataclass(frozen=True)
class AllowedHosts:
    """Hosts that may be connected to whatever their addresses are. A port of None is every port."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()

    def covers(self, host: str, port: int) -> bool:
        """Whether this host, as the URL has it, is allowed by name."""
        return not self.hosts.isdisjoint({(host, None), (host, port)})


def allowed_hosts(entries: Iterable[str]) -> AllowedHosts:
    """Read `host` and `host:port` (IPv6 as `[::1]` or `[::1]:8080`). Raises UnderstudyError for anything else."""
    return AllowedHosts(frozenset(_entry(entry) for entry in entries))


def _entry(text: str) -> tuple[str, int | None]:
    found = _ENTRY.fullmatch(text.strip().lower())
    try:
        if found is None or int(found[3] or 0) > 65535:
            raise ValueError
        host = ipaddress.IPv6Address(found[1]).compressed if found[1] else found[2].removesuffix(".")
    except ValueError:
        hint = "Write a name or an address, with or without a port: example.org, 10.0.0.8:8080, [::1]:80."
        raise UnderstudyError(f"'{text}' is not a host", hint) from None
    return host, int(found[3]) if found[3] else None
