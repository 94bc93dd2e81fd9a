"""The demo agency's settings: everything on this machine, nothing to fill in."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta
from pathlib import Path

from signaling.domain.values import BadValue, check_zone
from signaling.domain.visit import Language
from signaling.settings.table import Settings


def demo_settings(folder: Path, port: int) -> Settings:
    """The demo agency's settings; its files are in `folder`, its mail goes to a free port of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(
        agency_name="Willow Home Care",
        agency_phone="+33 1 99 00 12 34",
        agency_reply_to="office@willow.example",
        agency_language=Language.EN,
        agency_time_zone=machine_time_zone(),
        public_url=f"http://localhost:{port}",
        host="127.0.0.1",
        port=port,
        certificate=None,
        key=None,
        trusted_proxies=(),
        database=folder / "demo.sqlite3",
        link_key=_kept_secret(folder / "link.key"),
        opens_before=timedelta(hours=1),
        idle_sign_out=timedelta(hours=12),
        smtp_host="127.0.0.1",
        smtp_port=_free_port(),
        smtp_security="none",
        smtp_username=None,
        smtp_password=None,
        mail_from="visits@willow.example",
        stun_urls=(),
        turn_urls=(),
        turn_secrets=(),
        turn_ttl_seconds=6 * 3600,
        relay_only=False,
        demo=True,
    )


def machine_time_zone() -> str:
    """This machine's IANA time zone, as far as it tells; else Europe/Paris."""
    linked = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked):
        try:
            return check_zone(name)
        except BadValue:
            continue
    return "Europe/Paris"


def _kept_secret(file: Path) -> bytes:
    """A random secret that outlives a restart, readable by this user only."""
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(descriptor, "wb") as stream:
        secret = secrets.token_urlsafe(48).encode()
        stream.write(secret)
    return secret


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
