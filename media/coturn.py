"""The configuration of a coturn server (4.6 or newer) that fits the agency's settings. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from media.special_ranges import SPECIAL_RANGES

Address = IPv4Address | IPv6Address

# The ports of RFC 7065, section 3.1.
PLAIN_PORT = 3478
TLS_PORT = 5349
# A page opens one allocation for each URL and network card, and a restart opens them anew before the old ones end.
USER_QUOTA = 48
# Each takes one of the 16,384 ports of the default range.
TOTAL_QUOTA = 10_000
# Bytes per second in each direction of one allocation: 5 Mbit/s, twice what a call sends at its best.
MAX_BYTES_PER_SECOND = 625_000
NONCE_SECONDS = 600

_URL = re.compile(r"(turns?):(?:\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?.*)?")
# coturn takes a line's value as it is, but for blanks, quotes, and further signs of equality at its beginning.
_CARRIED = re.compile(r"[A-Za-z0-9+/._~-][A-Za-z0-9+/=._~-]*", re.ASCII)


class Unfit(Exception):
    """Why no configuration can fit these settings, in one line."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where coturn listens. `tls` is None when no URL asks for TLS."""

    plain: int
    tls: int | None


def ports_of(turn_urls: Sequence[str]) -> Ports:
    """The ports that the URLs (RFC 7065) ask for. Raises Unfit: one coturn has one plain port and one with TLS."""
    asked: dict[str, set[int]] = {"turn": set(), "turns": set()}
    for url in turn_urls:
        match = _URL.fullmatch(url)
        if match is None:
            raise Unfit(f"ice.turn_urls has an address that can't be read: {url}")
        scheme, port = match[1], match[2]
        asked[scheme].add(int(port) if port else TLS_PORT if scheme == "turns" else PLAIN_PORT)
    # coturn's TLS port takes plain connections too.
    plain = asked["turn"] - asked["turns"]
    if len(plain) > 1 or len(asked["turns"]) > 1:
        raise Unfit("ice.turn_urls names more ports than one coturn listens at: one for turn: and one for turns:")
    tls = next(iter(asked["turns"]), None)
    return Ports(next(iter(plain), PLAIN_PORT), tls)


def configuration(
    realm: str,
    turn_urls: Sequence[str],
    secrets: Sequence[str],
    relay_addresses: Sequence[Address] = (),
    certificate: str = "",
    key: str = "",
    tls_port: int | None = None,
) -> str:
    """The text of turnserver.conf; it holds the secrets.

    `relay_addresses` are coturn's own: it listens and relays at these, and peers may be there, because two pages that
    both use the relay meet at its own address. `tls_port` goes instead of the URLs' own, where a router before coturn
    passes TLS on. Raises Unfit.
    """
    if not turn_urls:
        raise Unfit("ice.turn_urls is not set: there is no TURN server to configure")
    if not secrets:
        raise Unfit("ice.turn_secrets is not set: coturn would let nobody in")
    if not all(_CARRIED.fullmatch(secret) for secret in secrets):
        raise Unfit("ice.turn_secrets has a secret that coturn can't read: only letters, digits and + / = . _ ~ - fit")
    ports = ports_of(turn_urls)
    if ports.tls is not None and tls_port is not None:
        ports = Ports(ports.plain, tls_port)
    sections = (
        ("Who may use it: pages of this agency, by credentials that expire.", _authentication(realm, secrets)),
        ("Where it listens.", _listening(ports, relay_addresses, certificate, key)),
        ("How much each page and all together may use.", _quotas()),
        ("What a relay for calls needs not.", _REFUSED),
        ("Where nothing is relayed to.", _denied(relay_addresses)),
    )
    head = "# coturn for Virtual Visits, written by `virtual-visits turn-config`. It holds the secret: mode 0640.\n"
    return head + "".join(f"\n# {title}\n" + "".join(f"{line}\n" for line in lines) for title, lines in sections)


_REFUSED = (
    "no-cli",
    "no-tcp-relay",
    "no-rfc5780",
    "no-stun-backward-compatibility",
    "response-origin-only-with-rfc5780",
    "no-software-attribute",
    "no-dynamic-ip-list",
    "no-dynamic-realms",
)


def _authentication(realm: str, secrets: Sequence[str]) -> Iterator[str]:
    yield "use-auth-secret"
    for secret in secrets:
        yield f"static-auth-secret={secret}"
    yield f"realm={realm}"
    yield "fingerprint"
    yield f"stale-nonce={NONCE_SECONDS}"


def _listening(ports: Ports, addresses: Sequence[Address], certificate: str, key: str) -> Iterator[str]:
    for address in addresses:
        yield f"listening-ip={address}"
        yield f"relay-ip={address}"
    yield f"listening-port={ports.plain}"
    if ports.tls is None:
        yield from ("no-tls", "no-dtls")
        return
    yield f"tls-listening-port={ports.tls}"
    yield f"cert={certificate}"
    yield f"pkey={key}"
    yield from ("no-tlsv1", "no-tlsv1_1")


def _quotas() -> Iterator[str]:
    yield f"user-quota={USER_QUOTA}"
    yield f"total-quota={TOTAL_QUOTA}"
    yield f"max-bps={MAX_BYTES_PER_SECOND}"


def _denied(addresses: Sequence[Address]) -> Iterator[str]:
    yield "no-multicast-peers"
    for text in SPECIAL_RANGES:
        for first, last in _spans(ip_network(text)):
            yield f"denied-peer-ip={first}-{last}"
    # Allowed goes before denied.
    for address in addresses:
        yield f"allowed-peer-ip={address}"


def _spans(network: IPv4Network | IPv6Network) -> Iterator[tuple[Address, Address]]:
    """The network as coturn's ranges. The unspecified address is in none: as a peer coturn refuses it by itself.

    A range may not begin there, because coturn takes that for an open end, over every address there is. And it
    compares IPv6 addresses byte by byte: a range from ::1 misses ::1:0. So there is one range for each byte that is
    not 0.
    """
    first, last = network.network_address, network.broadcast_address
    if not first.is_unspecified:
        yield first, last
        return
    for bits in range(0, network.max_prefixlen - network.prefixlen, 8):
        yield first + (1 << bits), last
