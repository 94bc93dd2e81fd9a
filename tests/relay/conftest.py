"""A relay for the whole folder, and its control: the same one without the lines that refuse peers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from media.ice import turn_credential
from signaling.cli import group
from tests.e2e.certificate import certificate
from tests.e2e.postbox import free_port
from tests.relay.coturn import Coturn
from tests.relay.turn import TurnClient

# As `openssl rand -base64` makes them: with the signs that a configuration might stumble over.
SECRETS = ("b/Zk3+0yq8sVtW1nM4cXeR7uLpHaGdTj9oKf2iQwEzY=", "former/Zk3+0yq8sVtW1nM4cXeR7uLpHaGdTj9oKf2iQ==")
OWN = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Relay:
    """Where it listens."""

    plain: int
    tls: int

    def client(self, secret: str = SECRETS[0], *, over: str = "udp", lives: int = 600, name: str = "leg") -> TurnClient:
        """A client with a credential of this secret that lives for so many more seconds."""
        username = f"{int(time.time()) + lives}:{name}"
        return self.knock(username, turn_credential(secret, username), over=over)

    def knock(self, username: str, password: str, *, over: str = "udp") -> TurnClient:
        """A client with these words."""
        return TurnClient((OWN[0], self.tls if over == "tls" else self.plain), username, password, over)


Print = Callable[..., str]


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Print:
    """What `virtual-visits turn-config` prints for these settings."""
    folder = tmp_path_factory.mktemp("settings")
    file = folder / "visits.toml"
    file.write_text(
        f"""
[agency]
name = "Linden Home Care"
phone = "+33 1 99 00 55 55"
reply_to = "office@linden.example"
time_zone = "Europe/Paris"
[server]
public_url = "http://localhost:8080"
[storage]
database = "{folder}/visits.sqlite3"
[links]
key = "only-for-tests-0123456789abcdefghijklmnopqrstuvwxyz"
[mail]
host = "127.0.0.1"
from = "visits@linden.example"
"""
    )

    def run(*words: str, urls: str = "", secrets: str = ",".join(SECRETS), code: int = 0) -> str:
        environ = {"VIRTUAL_VISITS_ICE_TURN_URLS": urls, "VIRTUAL_VISITS_ICE_TURN_SECRETS": secrets}
        done = CliRunner().invoke(group, ["turn-config", "--config", str(file), *words], env=environ)
        assert done.exit_code == code, done.output
        return done.output

    return run


def _run(folder: Path, printed: Print, change: Callable[[str], str]) -> Iterator[Relay]:
    relay = Relay(free_port(), free_port())
    files = certificate(folder)
    text = printed(
        *(word for address in OWN for word in ("--relay-ip", address)),
        *("--certificate", str(files[0]), "--key", str(files[1])),
        urls=f"turn:127.0.0.1:{relay.plain}?transport=udp,turns:127.0.0.1:{relay.tls}?transport=tcp",
    )
    coturn = Coturn(folder, change(text))
    try:
        coturn.start()
        yield relay
    finally:
        coturn.stop()


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory, printed: Print) -> Iterator[Relay]:
    yield from _run(tmp_path_factory.mktemp("relay"), printed, lambda text: text)


@pytest.fixture(scope="session")
def open_relay(tmp_path_factory: pytest.TempPathFactory, printed: Print) -> Iterator[Relay]:
    def without(text: str) -> str:
        return re.sub(r"^(?:denied-peer-ip=.*|no-multicast-peers)\n", "", text, flags=re.MULTILINE)

    yield from _run(tmp_path_factory.mktemp("open-relay"), printed, without)
