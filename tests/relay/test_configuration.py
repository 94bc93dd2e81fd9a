"""What `virtual-visits turn-config` prints, and what it refuses to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.postbox import free_port
from tests.relay.conftest import SECRETS, Print
from tests.relay.coturn import Coturn

UDP = "turn:turn.linden.example:3478?transport=udp"
TLS = "turns:turn.linden.example:443?transport=tcp"


def test_it_holds_what_the_settings_say(printed: Print) -> None:
    lines = printed("--relay-ip", "198.51.100.7", "--relay-ip", "2001:db8::7", urls=f"{UDP},{TLS}").splitlines()
    assert [line for line in lines if line.startswith("static-auth-secret")] == [
        f"static-auth-secret={secret}" for secret in SECRETS
    ]
    for line in (
        *("use-auth-secret", "realm=localhost", "fingerprint", "stale-nonce=600", "no-cli", "no-tcp-relay"),
        *("listening-port=3478", "tls-listening-port=443", "cert=/etc/coturn/fullchain.pem", "no-multicast-peers"),
        *("listening-ip=198.51.100.7", "relay-ip=198.51.100.7", "allowed-peer-ip=198.51.100.7"),
        *("listening-ip=2001:db8::7", "relay-ip=2001:db8::7", "allowed-peer-ip=2001:db8::7"),
        *("user-quota=48", "total-quota=10000", "max-bps=625000", "denied-peer-ip=10.0.0.0-10.255.255.255"),
    ):
        assert lines.count(line) == 1, line
    # Where a range begins at the unspecified address, coturn would deny every address there is.
    assert not [line for line in lines if line.startswith(("denied-peer-ip=::-", "denied-peer-ip=0.0.0.0-"))]


@pytest.mark.parametrize(
    ("urls", "words", "wanted"),
    [
        ("turn:a.example", [], {"listening-port=3478", "no-tls", "no-dtls"}),
        ("turn:[2001:db8::7]:3479", [], {"listening-port=3479", "no-tls"}),
        ("turns:a.example", [], {"listening-port=3478", "tls-listening-port=5349"}),
        ("turn:a.example:443?transport=tcp,turns:a.example:443", [], {"listening-port=3478", "tls-listening-port=443"}),
        (f"{UDP},{TLS}", ["--tls-port", "5349"], {"listening-port=3478", "tls-listening-port=5349"}),
        (f"{UDP},{TLS}", ["--certificate", "/a.pem", "--key", "/b.pem"], {"cert=/a.pem", "pkey=/b.pem"}),
    ],
)
def test_where_it_listens(printed: Print, urls: str, words: list[str], wanted: set[str]) -> None:
    assert wanted <= set(printed(*words, urls=urls).splitlines())


@pytest.mark.parametrize(
    ("urls", "words", "secrets", "sentence"),
    [
        ("", [], SECRETS[0], "ice.turn_urls is not set"),
        ("turn:a.example:1000,turn:a.example:1001", [], SECRETS[0], "names more ports than one coturn listens at"),
        ("turns:a.example,turns:a.example:443", [], SECRETS[0], "names more ports than one coturn listens at"),
        (UDP, ["--relay-ip", "turn.linden.example"], SECRETS[0], "--relay-ip must be an IPv4 or IPv6 address"),
        (UDP, ["--relay-ip", "0.0.0.0"], SECRETS[0], "--relay-ip must be one address of the coturn server"),
        (UDP, ["--relay-ip", "ff02::1"], SECRETS[0], "--relay-ip must be one address of the coturn server"),
        (UDP, [], 'q8Jf0sKd93ls"kdjf03lskdjf', "has a secret that coturn can't read"),
        (UDP, [], "=8Jf0sKd93lskdjf03lskdjf", "has a secret that coturn can't read"),
        (UDP, [], "", "ice.turn_secrets"),
    ],
)
def test_what_does_not_fit_is_one_line(
    printed: Print, urls: str, words: list[str], secrets: str, sentence: str
) -> None:
    said = printed(*words, urls=urls, secrets=secrets, code=2)
    assert sentence in said
    assert said.count("\n") == 1
    assert not secrets or secrets not in said


def test_coturn_knows_every_line(printed: Print, tmp_path: Path) -> None:
    urls = f"turn:127.0.0.1:{free_port()},turns:127.0.0.1:{free_port()}"
    text = printed("--relay-ip", "127.0.0.1", urls=urls)
    assert unknown(text, tmp_path) == set()
    assert unknown(f"{text}no-such-thing\n", tmp_path) == {"no-such-thing"}


def unknown(configuration: str, folder: Path) -> set[str]:
    """The options that coturn does not know."""
    coturn = Coturn(folder, configuration)
    try:
        coturn.start()
        return {line.rpartition(" ")[2] for line in coturn.said.splitlines() if "Bad configuration" in line}
    finally:
        coturn.stop()
