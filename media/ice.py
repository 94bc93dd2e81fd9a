"""STUN and TURN servers for the pages, with credentials that expire by themselves. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from signaling.ports import IceServer


def turn_credential(secret: str, username: str) -> str:
    """The password that a TURN server computes from the shared secret and the username.

    "A REST API for access to TURN services" (draft-uberti-behave-turn-rest, section 2.2), as coturn has it with
    `use-auth-secret`.
    """
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


class Ice:
    """The agency's ICE servers; implements `IceServers`. Without any, pages use their own addresses only."""

    def __init__(
        self, stun_urls: Sequence[str], turn_urls: Sequence[str], turn_secrets: Sequence[str], ttl_seconds: int
    ) -> None:
        self._stun_urls = tuple(stun_urls)
        self._turn_urls = tuple(turn_urls)
        self._turn_secrets = tuple(turn_secrets)
        self._ttl_seconds = ttl_seconds

    def for_leg(self, leg: str, now: datetime) -> tuple[Sequence[IceServer], int]:
        """The servers, and for how many seconds their credentials live. The username names the leg, no person."""
        servers = [IceServer(self._stun_urls)] if self._stun_urls else []
        if self._turn_urls and self._turn_secrets:
            username = f"{int(now.timestamp()) + self._ttl_seconds}:{leg}"
            servers.append(IceServer(self._turn_urls, username, turn_credential(self._turn_secrets[0], username)))
        return servers, self._ttl_seconds
