from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.tools.addresses import embedded_ipv4, is_public

_PRIVATE_IPV4 = st.sampled_from(
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "168.63.129.16"]
).map(IPv4Address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
    ],
)
def test_an_address_inside_a_network_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "168.63.129.17",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:801::200e",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.1", "2130706433", "1.1.1.1:80"])
def test_a_text_that_is_not_an_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@given(_PRIVATE_IPV4)
def test_no_ipv6_form_of_a_private_ipv4_address_is_public(inner: IPv4Address) -> None:
    compatible, mapped, nat64 = (
        IPv6Address(prefix << 32 | int(inner)) for prefix in (0, 0xFFFF, 0x64_FF9B << 64)
    )
    sixtofour = IPv6Address(0x2002 << 112 | int(inner) << 80 | 1)
    for form in (compatible, mapped, nat64, sixtofour):
        assert inner in embedded_ipv4(form)
        assert not is_public(form)


@given(st.ip_addresses(v=4))
@settings(max_examples=100)
def test_what_python_calls_private_or_multicast_is_refused(address: IPv4Address) -> None:
    assert not (is_public(address) and (address.is_private or address.is_multicast))


_OCTETS_WITHOUT_SPECIAL_USE = sorted(
    set(range(1, 224)) - {10, 100, 127, 168, 169, 172, 192, 198, 203}
)


@given(st.sampled_from(_OCTETS_WITHOUT_SPECIAL_USE), st.integers(0, 2**24 - 1))
@settings(max_examples=100)
def test_an_ordinary_ipv4_address_is_never_refused(first_octet: int, rest: int) -> None:
    assert is_public(IPv4Address(first_octet << 24 | rest))
