"""Who gets an allocation from coturn with our configuration, and who does not."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from media.coturn import USER_QUOTA
from media.ice import Ice, turn_credential
from tests.relay.conftest import SECRETS, Relay
from tests.relay.turn import TCP, Refusal, TurnClient


def refusal(client: TurnClient) -> int:
    """0 when the client gets an allocation, otherwise the refusal's number."""
    try:
        client.allocate()
    except Refusal as error:
        return error.code
    return 0


@pytest.mark.parametrize("over", ["udp", "tcp", "tls"])
def test_the_credentials_of_the_pages_get_an_allocation(relay: Relay, over: str) -> None:
    [server], _ = Ice([], ["turn:127.0.0.1"], SECRETS, 600).for_leg("leg-1", datetime.now(UTC))
    assert server.username is not None
    assert server.credential is not None
    with relay.knock(server.username, server.credential, over=over) as client:
        address, port = client.allocate()
    assert str(address) == "127.0.0.1"
    assert port >= 49_152


@pytest.mark.parametrize("secret", SECRETS)
def test_both_secrets_hold_during_a_rotation(relay: Relay, secret: str) -> None:
    with relay.client(secret) as client:
        client.allocate()


@pytest.mark.parametrize("over", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("ago", [1, 60, 86_400])
def test_expired_credentials_are_refused(relay: Relay, ago: int, over: str) -> None:
    with relay.client(lives=-ago, over=over) as client:
        assert refusal(client) == 401


def test_foreign_credentials_are_refused(relay: Relay) -> None:
    now = int(time.time())
    mine = f"{now + 600}:leg-1"
    known = turn_credential(SECRETS[0], mine)
    foreign = {
        "another secret": (mine, turn_credential("another-secret-0123456789", mine)),
        "no password": (mine, ""),
        "another leg's password": (f"{now + 600}:leg-2", known),
        "a longer life": (f"{now + 6000}:leg-1", known),
        "no time": ("leg-1", turn_credential(SECRETS[0], "leg-1")),
        "both secrets as one": (mine, turn_credential("".join(SECRETS), mine)),
    }
    codes = {}
    for why, (username, password) in foreign.items():
        with relay.knock(username, password) as client:
            codes[why] = refusal(client)
    assert codes == dict.fromkeys(foreign, 401)


def test_no_tcp_is_relayed(relay: Relay) -> None:
    with relay.client(over="tcp") as client, pytest.raises(Refusal) as refused:
        client.allocate(transport=TCP)
    assert refused.value.code in {403, 442}


def test_a_page_does_not_take_the_whole_relay(relay: Relay) -> None:
    with ExitStack() as open_clients:
        greedy = [open_clients.enter_context(relay.client(name="greedy")) for _ in range(USER_QUOTA + 1)]
        assert [refusal(client) for client in greedy] == [0] * USER_QUOTA + [486]
        assert refusal(open_clients.enter_context(relay.client(name="another"))) == 0
