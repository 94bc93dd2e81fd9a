"""TURN credentials as a TURN server computes them."""

from __future__ import annotations

from datetime import UTC, datetime

from media.ice import Ice, turn_credential
from signaling.ports import IceServer, IceServers

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_credential_is_what_coturn_computes() -> None:
    # printf 1456904882:1234 | openssl dgst -sha1 -hmac mysecret -binary | base64
    assert turn_credential("mysecret", "1456904882:1234") == "j7Lm9Hxl6hsC1LPy7FxeX8oz0NM="


def test_servers_for_a_leg() -> None:
    ice: IceServers = Ice(["stun:a:3478"], ["turn:b:3478?transport=udp", "turns:b:5349"], ["new", "old"], 600)
    servers, ttl = ice.for_leg("leg-1", NOW)
    username = f"{int(NOW.timestamp()) + 600}:leg-1"
    assert ttl == 600
    assert list(servers) == [
        IceServer(("stun:a:3478",)),
        IceServer(("turn:b:3478?transport=udp", "turns:b:5349"), username, turn_credential("new", username)),
    ]


def test_without_servers_there_are_none() -> None:
    assert Ice([], [], [], 600).for_leg("leg-1", NOW) == ([], 600)
    assert Ice([], ["turn:b"], [], 600).for_leg("leg-1", NOW)[0] == []
