"""Addresses that no tool may reach, in every spelling that a URL parser or a resolver takes."""

import random
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

_PRIVATE_IPV4 = (
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "192.168.255.255", "169.254.169.254", "169.254.0.1", "100.64.0.1",
    "100.127.255.255", "100.100.100.200", "0.0.0.0", "0.1.2.3", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1",
)  # fmt: skip
_PRIVATE_IPV6 = (
    "::", "::1", "0:0:0:0:0:0:0:1", "fe80::1", "fe80::a9fe:a9fe", "febf::1", "fec0::1", "fc00::1",
    "fd00:ec2::254", "fdff::1", "ff02::1", "ff0e::1", "100::1", "2001:db8::1", "3fff::1",
    "2001::1", "2001:10::1", "2001:2::1", "2001:20::1", "5f00::1", "64:ff9b:1::7f00:1",
    "fe80::5efe:7f00:1", "4000::1", "8000::1",
)  # fmt: skip
_FULLWIDTH = str.maketrans("0123456789.", "０１２３４５６７８９。")
_CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
_WORDS = ("localhost", "LOCALHOST", "localhost.", "ⓛocalhost", "0", "0x0", "00", "127.1.")


def private_hosts() -> list[str]:
    """Return the hosts as they stand in a URL, more than 500 of them."""
    hosts = [host for address in _PRIVATE_IPV4 for host in _spellings(IPv4Address(address))]
    for text in _PRIVATE_IPV6:
        address = IPv6Address(text)
        hosts += [f"[{text}]", f"[{address.exploded}]", f"[{text.upper()}]"]
        hosts += [f"[{text}%25eth0]", f"[{text}%251]"]
    return list(dict.fromkeys([*hosts, *_WORDS]))


def public_addresses(count: int) -> list[str]:
    """Return addresses of the open internet, IPv4 and IPv6, none of them special."""
    randomness = random.Random(7)
    first_bytes = [n for n in range(1, 224) if n not in _FIRST_BYTES_WITH_SPECIAL_BLOCKS]
    found: list[str] = []
    while len(found) < count:
        if randomness.random() < 0.7:
            rest = randomness.randbytes(3)
            found.append(str(IPv4Address(bytes([randomness.choice(first_bytes)]) + rest)))
        else:
            prefix = randomness.choice(["2400", "2600", "2606", "2a00", "2a02", "2800", "2c0f"])
            found.append(str(IPv6Address(bytes.fromhex(prefix) + randomness.randbytes(14))))
    return found


_FIRST_BYTES_WITH_SPECIAL_BLOCKS = {10, 100, 127, 168, 169, 172, 192, 198, 203}


def _spellings(address: IPv4Address) -> Iterator[str]:
    number, dotted = int(address), str(address)
    a, b, c, d = address.packed
    yield from (dotted, f"{dotted}.", str(number), f"{number:#x}", f"{number:#X}", f"0{number:o}")
    yield from (f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}")
    yield from (f"{a}.{b}.{c << 8 | d}", f"{a}.{number & 0xFF_FFFF}", f"{a:#x}.{b}.0{c:o}.{d}")
    yield from (dotted.translate(_FULLWIDTH), dotted.translate(_CIRCLED))
    high, low = number >> 16, number & 0xFFFF
    yield from (f"[::ffff:{dotted}]", f"[::ffff:{high:x}:{low:x}]", f"[::{dotted}]")
    yield from (
        f"[2002:{high:x}:{low:x}::]",
        f"[64:ff9b::{dotted}]",
        f"[64:ff9b::{high:x}:{low:x}]",
    )
    yield from (f"[2001:0:{high:x}:{low:x}::]", f"[2001::{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}]")
