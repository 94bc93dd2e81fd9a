"""Where coturn with our configuration relays to: to itself, and to no special range in any form of address.

The control is the same coturn without the lines that refuse peers: it must let all of them through.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network

import pytest

from media.special_ranges import SPECIAL_RANGES
from tests.relay.conftest import OWN, Relay
from tests.relay.turn import Refusal, TurnClient

FORBIDDEN = 403
# coturn itself refuses these, configured or not.
NOBODY = (ip_network("0.0.0.0/8"), ip_network("::/128"))
SEED = 20_260_302
# Written down here too, so that a range that is lost from the list is missed. From the registries and RFC 6890.
KNOWN = [
    *("10.1.2.3", "100.64.0.1", "127.0.0.53", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.175.48.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "0.1.2.3"),
    *("::2", "fe80::1", "fc00::1", "fd00::2", "fec0::1", "ff02::1", "ff0e::1", "64:ff9b::1", "64:ff9b:1::1", "100::1"),
    *("100:0:0:1::1", "2001::1", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:20::1"),
    *("2001:30::1", "2001:db8::1", "2002::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "::ffff:0:10.0.0.1"),
]
PUBLIC = ["1.1.1.1", "9.9.9.9", "172.32.0.1", "100.128.0.1", "2606:4700::1", "2a00:1450::1", "2620:4f:8001::1"]


def forms_of(address: IPv4Address) -> Iterator[str]:
    """An IPv4 address inside IPv6: mapped, compatible, translated, by NAT64, 6to4, and Teredo (its bits turned)."""
    number = int(address)
    yield str(IPv6Address((0xFFFF << 32) | number))
    yield str(IPv6Address(number))
    yield str(IPv6Address((0xFFFF << 48) | number))
    yield str(IPv6Address(int(IPv6Address("64:ff9b::")) | number))
    yield str(IPv6Address(int(IPv6Address("2002::")) | (number << 80) | 1))
    yield str(IPv6Address(int(IPv6Address("2001::")) | (number ^ 0xFFFFFFFF)))


def special() -> list[str]:
    """First, last and three others of each range, IPv4 in all its forms, and addresses known without the list."""
    found = list(KNOWN)
    chance = random.Random(SEED)
    for network in map(ip_network, SPECIAL_RANGES):
        first, last = network.network_address, network.broadcast_address
        some = [first, last, *(first + chance.randint(0, int(last) - int(first)) for _ in range(3))]
        found += map(str, some)
        if isinstance(network, IPv4Network):
            found += [form for one in some for form in forms_of(IPv4Address(int(one)))]
    found += forms_of(IPv4Address("127.0.0.1"))
    return [text for text in dict.fromkeys(found) if text not in OWN]


@pytest.fixture
def clients(relay: Relay) -> Iterator[dict[int, TurnClient]]:
    yield from allocated(relay)


@pytest.fixture
def open_clients(open_relay: Relay) -> Iterator[dict[int, TurnClient]]:
    yield from allocated(open_relay)


def allocated(relay: Relay) -> Iterator[dict[int, TurnClient]]:
    """For each family of addresses a client whose relayed address is of it."""
    with relay.client() as four, relay.client() as six:
        assert four.allocate()[0].version == 4
        assert six.allocate(ipv6=True)[0].version == 6
        yield {4: four, 6: six}


def answer(clients: dict[int, TurnClient], peer: str) -> int:
    """0 when a permission is given, otherwise the refusal's number."""
    try:
        clients[ip_address(peer).version].permit(peer)
    except Refusal as refusal:
        return refusal.code
    return 0


def channel(clients: dict[int, TurnClient], peer: str, number: int) -> int:
    """0 when a channel is given, otherwise the refusal's number."""
    try:
        clients[ip_address(peer).version].bind(peer, number)
    except Refusal as refusal:
        return refusal.code
    return 0


def test_there_is_much_to_refuse() -> None:
    assert len(special()) > 500


def test_no_permission_for_a_special_range(clients: dict[int, TurnClient]) -> None:
    assert {peer: code for peer in special() if (code := answer(clients, peer)) != FORBIDDEN} == {}


def test_no_channel_to_a_special_range(clients: dict[int, TurnClient]) -> None:
    codes = {peer: channel(clients, peer, 0x4000 + number) for number, peer in enumerate(special())}
    assert {peer: code for peer, code in codes.items() if code != FORBIDDEN} == {}


def test_the_relay_itself_and_public_addresses_are_allowed(clients: dict[int, TurnClient]) -> None:
    assert {peer: code for peer in (*OWN, *PUBLIC) if (code := answer(clients, peer))} == {}


def test_control_without_the_ranges_everything_goes_through(open_clients: dict[int, TurnClient]) -> None:
    peers = [peer for peer in special() if not any(ip_address(peer) in network for network in NOBODY)]
    assert len(peers) > 500
    assert {peer: code for peer in peers if (code := answer(open_clients, peer))} == {}


def arrived(client: TurnClient) -> list[bytes]:
    """What reaches a special address (127.0.0.2) and then the relay's own, of three datagrams to each."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inner,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own,
    ):
        inner.bind(("127.0.0.2", 0))
        own.bind(("127.0.0.1", 0))
        own.settimeout(5)
        inner.setblocking(False)
        for _ in range(3):
            client.send(inner.getsockname(), b"inner")
        client.send(own.getsockname(), b"own")
        found = [own.recv(100)]
        try:
            found.append(inner.recv(100))
        except BlockingIOError:
            return found
        return found


def test_nothing_is_sent_without_a_permission(clients: dict[int, TurnClient]) -> None:
    assert answer(clients, "127.0.0.2") == FORBIDDEN
    assert answer(clients, "127.0.0.1") == 0
    assert arrived(clients[4]) == [b"own"]


def test_control_with_a_permission_it_is_sent(open_clients: dict[int, TurnClient]) -> None:
    assert answer(open_clients, "127.0.0.2") == 0
    assert answer(open_clients, "127.0.0.1") == 0
    assert arrived(open_clients[4]) == [b"own", b"inner"]
