"""Where a request comes from: which site's page, which network, and over which scheme."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from signaling.settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What one household or office has: an address of IPv4, or the /56 that providers hand out (RFC 6177).
_NETWORK_BITS = {4: 32, 6: 56}


class Origins:
    """What the server believes about the origin of requests, from its settings.

    `X-Forwarded-For` and `-Proto` count only when a trusted proxy sent them; `X-Forwarded-Host` and `Forwarded`
    never do: a proxy passes `Host` on as it came.
    """

    def __init__(self, settings: Settings) -> None:
        self._scheme = urlsplit(settings.public_url).scheme
        self._proxies = settings.trusted_proxies
        self.allowed = frozenset(_allowed(settings))
        self._hosts = frozenset(_authority(origin) for origin in self.allowed)

    def host_is_ours(self, request: web.BaseRequest) -> bool:
        """Whether the request names this server; a page of another name that resolves here does not (DNS rebinding)."""
        hosts = request.headers.getall("Host", [])
        return len(hosts) == 1 and _authority(f"{self._scheme}://{hosts[0]}") in self._hosts

    def page_is_ours(self, request: web.BaseRequest) -> bool:
        """Whether a page of ours made the request: by Origin, else by Sec-Fetch-Site (Fetch Metadata, section 2.3)."""
        origin = request.headers.get("Origin")
        if origin is not None:
            return origin.lower() in self.allowed
        return request.headers.get("Sec-Fetch-Site") == "same-origin"

    def address(self, request: web.BaseRequest) -> Address | None:
        """The nearest address that is not a trusted proxy's; None where the transport has none."""
        hop = _address(_peer(request))
        said = [part for value in request.headers.getall("X-Forwarded-For", []) for part in value.split(",")]
        while said and hop is not None and self._trusts(hop):
            before = _address(said.pop().strip())
            if before is None:
                break
            hop = before
        return hop

    def network(self, request: web.BaseRequest) -> str:
        """The network of origin, for limits; it is never logged."""
        address = self.address(request)
        if address is None:
            return "unknown"
        return str(ipaddress.ip_network((address, _NETWORK_BITS[address.version]), strict=False))

    def scheme(self, request: web.BaseRequest) -> str:
        """`https` or `http`, as the person's browser sees it. A trusted proxy that says nothing does our TLS."""
        peer = _address(_peer(request))
        if peer is None or not self._trusts(peer):
            return request.scheme
        return request.headers.get("X-Forwarded-Proto", self._scheme).rpartition(",")[2].strip().lower()

    def _trusts(self, address: Address) -> bool:
        return any(address in proxy for proxy in self._proxies)


def _allowed(settings: Settings) -> Sequence[str]:
    url = urlsplit(settings.public_url)
    if not settings.demo:
        return (settings.public_url,)
    port = f":{url.port}" if url.port else ""
    return (settings.public_url, *(f"{url.scheme}://{host}{port}" for host in ("localhost", "127.0.0.1", "[::1]")))


def _authority(origin: str) -> tuple[str | None, int | None]:
    """Host and port of an origin; None for what is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None, None
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return None, None
    return parts.hostname, port if port is not None else {"http": 80, "https": 443}.get(parts.scheme)


def _peer(request: web.BaseRequest) -> str:
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _address(text: str) -> Address | None:
    """An address as proxies write it: bare, with a port, or in brackets; IPv4 also inside IPv6."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
