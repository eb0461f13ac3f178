"""Decide whether an IP address belongs to the public internet. Pure: it never resolves a name.

`ipaddress.is_global` alone is not enough: its tables differ between Python releases, and it calls
multicast, cloud metadata and IPv6 forms of private IPv4 addresses global.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# IANA IPv4 Special-Purpose Address Registry (RFC 6890 and updates), plus multicast (RFC 5771).
_REFUSED_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent, reachable from every virtual machine there
        "169.254.0.0/16",  # link-local, with the metadata services at 169.254.169.254
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # IETF protocol assignments, with Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # deprecated 6to4 relays
        "192.168.0.0/16",  # private use
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

# IANA IPv6 Global Unicast Address Assignments: nothing outside 2000::/3 is assigned to anyone.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_REFUSED_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")


def embedded_ipv4(address: IPv6Address) -> Iterator[IPv4Address]:
    """Yield every IPv4 address that a transition mechanism would take the packet to.

    IPv4-mapped and IPv4-compatible (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056), and both ends
    of a Teredo tunnel (RFC 4380).
    """
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address in _COMPATIBLE or address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Return whether a connection to `address` stays off this machine and its private networks.

    A text that is not an IP address is not public.
    """
    if isinstance(address, str):
        try:
            address = ip_address(address)
        except ValueError:
            return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_IPV4)
    if not all(is_public(inner) for inner in embedded_ipv4(address)):
        return False
    if address in _NAT64 or address.ipv4_mapped is not None:
        return True
    return address in _GLOBAL_UNICAST and not any(address in network for network in _REFUSED_IPV6)
