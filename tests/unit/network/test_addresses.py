"""Which addresses may be connected to: every trap that was measured, and the hosts that settings allow."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from skills.network.addresses import allowed_hosts, refusal
from workflows.errors import UnderstudyError

REFUSED = (
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",  # cloud metadata
    "100.64.0.1",  # is_private is False
    "100.100.100.200",  # cloud metadata
    "168.63.129.16",  # is_global is True; a cloud's own host
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",  # is_global is True
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",  # is_loopback is False on most versions
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",  # IPv4-compatible: is_global is True
    "64:ff9b::7f00:1",  # NAT64: is_global is True
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",  # 6to4
    "2002:a00:1::",
    "2001:0:7f00:1::",  # Teredo
    "fe80::1",
    "fe80::1%lo",
    "fc00::1",
    "fd00:ec2::254",  # cloud metadata
    "fec0::1",  # site-local: is_global is True
    "ff02::1",
    "ff0e::1",  # multicast: is_global is True
    "2001:db8::1",
    "5f00::1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "",
)


@pytest.mark.parametrize("address", REFUSED)
def test_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8"],
)
def test_allowed(address: str) -> None:
    assert refusal(address) == ""


@pytest.mark.parametrize("odd", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1", "localhost"])
def test_odd_forms_resolve_to_what_is_refused(odd: str) -> None:
    found = {str(item[4][0]) for item in socket.getaddrinfo(odd, 80, type=socket.SOCK_STREAM)}
    assert found
    assert all(refusal(address) for address in found)


def test_no_private_network_has_a_hole() -> None:
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16"):
        block = ipaddress.ip_network(network)
        for address in (block[0], block[1], block[block.num_addresses // 2], block[-1]):
            assert refusal(str(address)), address
            assert refusal(f"::ffff:{address}"), address
            assert refusal(str(ipaddress.IPv6Address((0x64FF9B << 96) | int(address)))), address


@pytest.mark.parametrize(
    ("entry", "host", "port", "covered"),
    [
        ("intranet", "intranet", 80, True),
        ("Intranet.", "intranet", 8080, True),
        ("intranet:8080", "intranet", 8080, True),
        ("intranet:8080", "intranet", 80, False),
        ("intranet", "intranet.example.org", 80, False),
        ("127.0.0.1", "127.0.0.1", 1, True),
        ("127.0.0.1", "localhost", 1, False),
        ("127.0.0.1", "127.1", 1, False),
        ("[::1]", "::1", 80, True),
        ("[0:0:0::1]:80", "::1", 80, True),
        ("[::1]:80", "::1", 81, False),
    ],
)
def test_allowed_hosts(entry: str, host: str, port: int, covered: bool) -> None:
    assert allowed_hosts([entry]).covers(host, port) is covered


@pytest.mark.parametrize("entry", ["", "http://x", "a/b", "a b", "a:b", "a:99999", "*", "[::1", "[x]", "u@h", "::1"])
def test_what_is_no_host(entry: str) -> None:
    with pytest.raises(UnderstudyError):
        allowed_hosts([entry])
