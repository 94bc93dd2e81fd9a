"""`turn-config`: the relay's configuration, made from the settings."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import click

from media.coturn import Address, Unfit, configuration
from signaling.commands.configured import config_option, settings_of
from signaling.commands.failing import Failure


@click.command("turn-config")
@config_option
@click.option(
    "--relay-ip",
    "relay_ips",
    multiple=True,
    metavar="ADDRESS",
    help="An address of the coturn server: it listens and relays there. Repeat it for IPv6.",
)
@click.option(
    "--certificate",
    default="/etc/coturn/fullchain.pem",
    show_default=True,
    metavar="FILE",
    help="The certificate with its chain, there; for turns: addresses.",
)
@click.option(
    "--key", default="/etc/coturn/privkey.pem", show_default=True, metavar="FILE", help="The certificate's private key."
)
@click.option(
    "--tls-port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="Where it listens for TLS, if a router before it passes on the port of the turns: addresses.",
)
def turn_config(
    config: Path | None, relay_ips: tuple[str, ...], certificate: str, key: str, tls_port: int | None
) -> None:
    """Print a coturn configuration that fits the settings.

    It goes to standard output and HOLDS THE SECRETS of ice.turn_secrets: keep it to coturn's own user, as
    /etc/turnserver.conf with mode 0640. deploy/turn.md tells how to run it.
    """
    settings = settings_of(config)
    addresses = [_address(text) for text in relay_ips]
    realm = urlsplit(settings.public_url).hostname or ""
    try:
        text = configuration(realm, settings.turn_urls, settings.turn_secrets, addresses, certificate, key, tls_port)
    except Unfit as error:
        raise Failure(f"{error}.") from None
    click.echo(text, nl=False)


def _address(text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        raise Failure(f"--relay-ip must be an IPv4 or IPv6 address, not {text!r}.") from None
    if address.is_unspecified or address.is_multicast:
        raise Failure(f"--relay-ip must be one address of the coturn server, not {text}.")
    return address
